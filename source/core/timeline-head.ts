/** The head of a timeline: when it began, was seen, was mitigated, was over; only from what is recorded. What is not is null, and named. */
import type {TimelineItem} from './timeline.ts';

type Moment = {at: number; text: string; who: string | null};

export type TimelineHead = {
	firstSign: Moment | null;
	/** When a screen of ours showed the first sign. */
	detected: Moment | null;
	/** The first deed after it. */
	firstAction: Moment | null;
	/** The first operation that came right afterwards. */
	mitigated: Moment | null;
	/** Everything that was bad is known to be good again. */
	recovered: Moment | null;
	/** Seconds from the first sign; null: not known. */
	timeToDetect: number | null;
	timeToMitigate: number | null;
	timeToRecover: number | null;
	people: ReadonlyArray<{who: string; deeds: readonly string[]}>;
	unknowns: readonly string[];
};

const momentOf = (item: TimelineItem | undefined): Moment | null => (item === undefined ? null : {at: item.at, text: item.text, who: item.who});
const seconds = (from: Moment | null, to: Moment | null): number | null => (from === null || to === null ? null : Math.max(0, (to.at - from.at) / 1000));

const operating = 'operating on ';

/** Names that were bad, each with its last bad item and the good one after it, if any. */
const turnsOf = (items: readonly TimelineItem[]): ReadonlyArray<{name: string; bad: TimelineItem; good: TimelineItem | null}> => {
	const turns = new Map<string, {name: string; bad: TimelineItem; good: TimelineItem | null}>();
	for (const item of items) {
		if (item.turn === null) continue;
		const {to, name} = item.turn;
		const known = turns.get(name);
		if (to === 'bad') turns.set(name, {name, bad: item, good: null});
		else if (known !== undefined && known.good === null) turns.set(name, {...known, good: item});
		// An operation that came right was looked after: every instance reports its release and is healthy, whatever was deployed there before.
		const mended = to === 'good' && name.startsWith(operating) ? turns.get(`the deployment to ${name.slice(operating.length)}`) : undefined;
		if (mended !== undefined && mended.good === null) turns.set(mended.name, {...mended, good: item});
	}
	return [...turns.values()];
};

const peopleOf = (items: readonly TimelineItem[]): TimelineHead['people'] => {
	const people = new Map<string, string[]>();
	// A rollback marks and pins by itself.
	for (const {who, text, kind, subject, operation} of items) if (who !== null && kind === 'done' && !((subject === 'mark' || subject === 'pin') && operation !== null)) people.set(who, [...(people.get(who) ?? []), text]);
	return [...people].map(([who, deeds]) => ({who, deeds}));
};

export const headOf = (items: readonly TimelineItem[]): TimelineHead => {
	const first = items.find(({turn}) => turn?.to === 'bad');
	const people = peopleOf(items);
	if (first === undefined) return {firstSign: null, detected: null, firstAction: null, mitigated: null, recovered: null, timeToDetect: null, timeToMitigate: null, timeToRecover: null, people, unknowns: ['No sign of trouble is recorded in this window.']};
	const firstSign = momentOf(first)!;
	// An operation's failure is seen by whoever began it, yet that they looked is not recorded.
	const detected = first.seenAt === null ? null : {at: Math.max(first.at, first.seenAt), text: 'shown on a screen of deployctl', who: null};
	const firstAction = momentOf(items.find(item => item.kind === 'done' && item.who !== null && item.at >= first.at && item !== first && item.operation !== first.operation));
	const mitigated = momentOf(items.find(item => item.at >= first.at && item.kind === 'done' && item.operation !== null && item.turn?.to === 'good'));
	const turns = turnsOf(items);
	const open = turns.filter(({good}) => good === null);
	const last = turns.map(({good}) => good).filter(good => good !== null).toSorted((one, other) => other.at - one.at)[0];
	const recovered = open.length === 0 ? momentOf(last) : null;
	const unknowns = [
		...(detected === null ? ['When somebody first saw it is not recorded.'] : []),
		...(firstAction === null && mitigated === null ? ['That somebody did something about it is not recorded.'] : []),
		...open.map(({name, bad}) => `Nothing recorded up to the end says that ${name} came right again after: ${bad.text}`),
	];
	return {firstSign, detected, firstAction, mitigated, recovered, timeToDetect: seconds(firstSign, detected), timeToMitigate: seconds(firstSign, mitigated), timeToRecover: seconds(firstSign, recovered), people, unknowns};
};
