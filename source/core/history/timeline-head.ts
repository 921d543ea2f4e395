/** The head of a timeline: when it began, was seen, was mitigated, was over; only from what is recorded. What is not is null, and named. */
import type {TimelineItem} from './timeline-item.ts';

type Moment = {at: number; text: string; who: string | null};

export type TimelineHead = {
	firstSign: Moment | null;
	/** When a screen of ours showed the first sign. */
	detected: Moment | null;
	/** The first action after it; a rollback also without any sign before it. */
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

const momentOf = (item: TimelineItem | undefined): Moment | null =>
	item === undefined ? null : {at: item.at, text: item.text, who: item.who};
const seconds = (from: Moment | null, to: Moment | null): number | null =>
	from === null || to === null ? null : Math.max(0, (to.at - from.at) / 1000);

const operating = 'operating on ';

/** Names that were bad, each with its last bad item and the good one after it, if any. */
const turnsOf = (
	items: readonly TimelineItem[],
): ReadonlyArray<{name: string; bad: TimelineItem; good: TimelineItem | null}> => {
	const turns = new Map<string, {name: string; bad: TimelineItem; good: TimelineItem | null}>();
	for (const item of items) {
		if (item.turn === null) continue;
		const {to, name} = item.turn;
		const known = turns.get(name);
		if (to === 'bad') turns.set(name, {name, bad: item, good: null});
		else if (known !== undefined && known.good === null) turns.set(name, {...known, good: item});
		// An operation that came right was looked after: every instance reports its release and is healthy, whatever was deployed there before.
		const mended =
			to === 'good' && name.startsWith(operating)
				? turns.get(`the deployment to ${name.slice(operating.length)}`)
				: undefined;
		if (mended !== undefined && mended.good === null) turns.set(mended.name, {...mended, good: item});
	}
	return [...turns.values()];
};

/** What a supervisor does for an operation that somebody began is no action of theirs. */
const isByHand = ({kind, who, subject, operation}: TimelineItem): boolean =>
	kind === 'done' && who !== null && !((subject === 'mark' || subject === 'pin') && operation !== null);

const peopleOf = (items: readonly TimelineItem[]): TimelineHead['people'] => {
	const people = new Map<string, string[]>();
	for (const item of items) if (isByHand(item)) people.set(item.who!, [...(people.get(item.who!) ?? []), item.text]);
	return [...people].map(([who, deeds]) => ({who, deeds}));
};

/**
Somebody rolled back before anything bad was recorded: because of what was not seen here. What turns bad afterwards, such as the restart
that the rollback itself makes, is not the first sign. null: something bad was recorded before.
*/
const blindRollback = (items: readonly TimelineItem[], firstBad: TimelineItem | undefined): TimelineItem | null => {
	const back = items.find(
		({kind, subject, status}) => kind === 'done' && subject === 'rollback' && status === 'running',
	);
	return back !== undefined && (firstBad === undefined || back.at <= firstBad.at) ? back : null;
};

type Begin = {from: number; sign: TimelineItem | null; action: TimelineItem | undefined};

/** When it began for us, by the first sign or by the first thing that somebody did about it; null: nothing bad is recorded. */
const beginOf = (items: readonly TimelineItem[]): Begin | null => {
	const sign = items.find(({turn}) => turn?.to === 'bad');
	const back = blindRollback(items, sign);
	if (back !== null) return {from: back.at, sign: null, action: back};
	if (sign === undefined) return null;
	const isAnother = ({operation}: TimelineItem): boolean => sign.operation === null || operation !== sign.operation;
	return {
		from: sign.at,
		sign,
		action: items.find(item => isByHand(item) && item.at >= sign.at && item !== sign && isAnother(item)),
	};
};

/** An operation's failure is seen by whoever began it, yet that they looked is not recorded. */
const detectedBy = (sign: TimelineItem | null): Moment | null =>
	sign === null || sign.seenAt === null
		? null
		: {at: Math.max(sign.at, sign.seenAt), text: 'shown on a screen of deployctl', who: null};

export const headOf = (items: readonly TimelineItem[]): TimelineHead => {
	const begin = beginOf(items);
	const people = peopleOf(items);
	if (begin === null)
		return {
			firstSign: null,
			detected: null,
			firstAction: null,
			mitigated: null,
			recovered: null,
			timeToDetect: null,
			timeToMitigate: null,
			timeToRecover: null,
			people,
			unknowns: ['No sign of trouble is recorded in this window.'],
		};
	const {from, sign, action} = begin;
	const [firstSign, detected, firstAction] = [momentOf(sign ?? undefined), detectedBy(sign), momentOf(action)];
	const mitigated = momentOf(
		items.find(
			item => item.at >= from && item.kind === 'done' && item.operation !== null && item.turn?.to === 'good',
		),
	);
	const turns = turnsOf(items);
	const open = turns.filter(({good}) => good === null);
	const last = turns
		.map(({good}) => good)
		.filter(good => good !== null)
		.toSorted((one, other) => other.at - one.at)[0];
	const recovered = open.length === 0 ? momentOf(last) : null;
	const unknowns = [
		...(sign === null
			? [
					'What the first sign was is not recorded: somebody rolled back because of something that was not seen here.',
				]
			: []),
		...(sign !== null && detected === null ? ['When somebody first saw it is not recorded.'] : []),
		...(firstAction === null && mitigated === null
			? ['That somebody did something about it is not recorded.']
			: []),
		...open.map(
			({name, bad}) => `Nothing recorded up to the end says that ${name} came right again after: ${bad.text}`,
		),
	];
	return {
		firstSign,
		detected,
		firstAction,
		mitigated,
		recovered,
		timeToDetect: seconds(firstSign, detected),
		timeToMitigate: seconds(firstSign, mitigated),
		timeToRecover: seconds(firstSign, recovered),
		people,
		unknowns,
	};
};
