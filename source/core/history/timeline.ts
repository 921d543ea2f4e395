/** An incident in order: out of what was recorded and what was done, with what is not known named. Pure. */
import {headOf, type TimelineHead} from './timeline-head.ts';
import {journalItems} from './timeline-journal.ts';
import {recordItems} from './timeline-record.ts';
import {clockOf, joinedCoverage, type TimelineSource} from './timeline-source.ts';
import {plural} from '../text/plural.ts';
import type {TimelineItem} from './timeline-item.ts';

export type Timeline = {
	from: number;
	until: number;
	why: string;
	items: readonly TimelineItem[];
	head: TimelineHead;
	unknowns: readonly string[];
};

export type TimelineFilter = {sha: string | null; environment: string | null};
/** null: the last incident. */
export type TimelineWindow = {from: number | null; until: number | null; why: string | null};

const duplicateMs = 120_000;

/** What two programs saw is told once, by whoever saw it first. Items are in order. */
const once = (items: readonly TimelineItem[]): readonly TimelineItem[] => {
	const last = new Map<string, TimelineItem>();
	const kept: TimelineItem[] = [];
	for (const item of items) {
		const key = [item.kind, item.subject, item.sha, item.status, item.operation, item.text].join('\n');
		const same = item.seenAt === null ? undefined : last.get(key);
		if (same !== undefined && item.at - same.at <= duplicateMs) {
			same.seenAt = Math.min(same.seenAt ?? Infinity, item.seenAt!);
			continue;
		}
		const mine = {...item};
		last.set(key, mine);
		kept.push(mine);
	}
	return kept;
};

const inOrder = (items: readonly TimelineItem[]): readonly TimelineItem[] =>
	items
		.map((item, index) => ({item, index}))
		.sort((a, b) => a.item.at - b.item.at || a.index - b.index)
		.map(({item}) => item);

/** Everything that is known, in order and once. */
export const timelineItems = (source: TimelineSource): readonly TimelineItem[] => {
	const clock = clockOf(source.history);
	const journal =
		source.history.beganAtWall === null
			? source.journal
			: source.journal.filter(({at}) => at >= source.history.beganAtWall!);
	return once(inOrder([...journalItems(journal, clock), ...recordItems(source.history.entries, journal)]));
};

const quietMs = 30 * 60_000;
const causeMs = 2 * 3_600_000;
const marginMs = 60_000;
const dayMs = 86_400_000;

/** Something went wrong, or somebody went back because of what we did not see. */
export const isTrouble = ({turn, subject, status}: TimelineItem): boolean =>
	turn?.to === 'bad' || (subject === 'rollback' && status === 'running');

/** The last incident: the last bad signs with less than half an hour between them, from what caused the first up to what mended the last. */
export const lastIncident = (
	items: readonly TimelineItem[],
	now: number,
): {from: number; until: number; why: string} => {
	const bad = items.filter(isTrouble);
	const last = bad.at(-1);
	if (last === undefined) return {from: now - dayMs, until: now, why: 'the last 24 hours: no incident is known'};
	let first = last;
	for (const item of bad.toReversed()) {
		if (first.at - item.at > quietMs) break;
		first = item;
	}
	const cause = items.find(
		item =>
			item.at <= first.at &&
			first.at - item.at <= causeMs &&
			((first.sha !== null && item.sha === first.sha) ||
				(first.operation !== null && item.operation === first.operation)),
	);
	const end =
		items.findLast(
			item =>
				item.at >= last.at &&
				item.at - last.at <= quietMs &&
				(item.turn?.to === 'good' || item.operation !== null),
		) ?? last;
	return {
		from: (cause ?? first).at - marginMs,
		until: Math.min(now, end.at + marginMs),
		why: 'the last incident; --since tells of another',
	};
};

const isWanted =
	({sha, environment}: TimelineFilter) =>
	(item: TimelineItem): boolean =>
		item.kind === 'gap' ||
		item.kind === 'github' ||
		((sha === null || (item.sha?.startsWith(sha) ?? false)) &&
			(environment === null || item.environment === environment));

const gapsIn = ({history}: TimelineSource, from: number, until: number): readonly TimelineItem[] => {
	const watched = joinedCoverage(history.coverage).filter(each => each.until >= from && each.from <= until);
	const edges = [from, ...watched.flatMap(each => [each.from, each.until]), until];
	const holes = edges.flatMap((edge, index) =>
		index % 2 === 0 && edges[index + 1]! - edge > marginMs ? [{from: edge, until: edges[index + 1]!}] : [],
	);
	return holes.map(hole => ({
		at: hole.from,
		kind: 'gap',
		subject: 'record',
		status: 'unknown',
		text: 'Nothing was recorded: nobody watched.',
		until: hole.until,
		who: null,
		environment: null,
		sha: null,
		operation: null,
		seenAt: null,
		turn: null,
	}));
};

const unknownsOf = (source: TimelineSource, items: readonly TimelineItem[], head: TimelineHead): readonly string[] => {
	const {damaged} = source.history;
	const began = items
		.filter(({turn, operation, kind}) => kind === 'done' && operation !== null && turn === null)
		.map(({operation}) => operation!);
	const ended = new Set(
		items.flatMap(({operation, turn}) => (operation !== null && turn !== null ? [operation] : [])),
	);
	const open = [...new Set(began)].filter(id => !ended.has(id));
	return [
		...(source.journalProblem === null ? [] : [`What was done is not known: ${source.journalProblem}`]),
		...head.unknowns,
		...open.map(id => `How ${id} ended is not in this window of the journal.`),
		...(damaged === 0
			? []
			: [`${plural(damaged, 'line of the record is', 'lines of the record are')} damaged and left out.`]),
	];
};

export const timelineOf = (
	source: TimelineSource,
	window: TimelineWindow,
	filter: TimelineFilter,
	now: number,
): Timeline => {
	const all = timelineItems(source).filter(isWanted(filter));
	const chosen =
		window.from === null
			? lastIncident(all, window.until ?? now)
			: {from: window.from, until: window.until ?? now, why: window.why ?? ''};
	const {from, why} = chosen;
	const until = window.until ?? chosen.until;
	const items = inOrder([
		...all.filter(({at}) => at >= from && at <= until),
		...gapsIn(source, from, Math.min(until, now)),
	]);
	const head = headOf(items);
	return {from, until, why, items, head, unknowns: unknownsOf(source, items, head)};
};
