/** What a timeline is made from: the record of all programs, and the journal; told in one time. */
import type {JournalRecord} from '../operations/journal.ts';
import type {RecordEntry} from './record.ts';

/** Somebody watched all the time between these. GitHub's time, milliseconds. */
export type Coverage = {from: number; until: number};

export type History = {
	entries: ReadonlyArray<Exclude<RecordEntry, {kind: 'head' | 'key' | 'seen' | 'end'}>>;
	coverage: readonly Coverage[];
	/** The same moment by both clocks, by rising wall time. */
	anchors: ReadonlyArray<{wall: number; at: number}>;
	/** null: the real thing. */
	demo: {speed: number} | null;
	/** Of a demo: what is older belongs to an earlier one. */
	beganAtWall: number | null;
	/** Lines that could not be read. */
	damaged: number;
};

export type TimelineSource = {
	history: History;
	journal: readonly JournalRecord[];
	/** Why the journal is not there, where it could not be read. */ journalProblem: string | null;
};

/** Beyond this a difference between the clocks says nothing any more. */
const anchorHoldsMs = 3_600_000;

/** Tells wall time, which the journal has, as GitHub's. */
export const clockOf =
	({anchors, demo}: Pick<History, 'anchors' | 'demo'>): ((wall: number) => number) =>
	wall => {
		if (anchors.length === 0) return wall;
		let [low, high] = [0, anchors.length - 1];
		while (low < high) {
			const middle = Math.ceil((low + high) / 2);
			if (anchors[middle]!.wall <= wall) low = middle;
			else high = middle - 1;
		}
		const next = anchors[low + 1];
		const nearest =
			next !== undefined && Math.abs(next.wall - wall) < Math.abs(anchors[low]!.wall - wall)
				? next
				: anchors[low]!;
		if (demo !== null) return Math.round(nearest.at + (wall - nearest.wall) * demo.speed);
		return Math.abs(nearest.wall - wall) > anchorHoldsMs ? wall : wall + nearest.at - nearest.wall;
	};

/** Joined where they meet or overlap, in order. */
export const joinedCoverage = (coverage: readonly Coverage[]): readonly Coverage[] => {
	const joined: Coverage[] = [];
	for (const each of coverage.toSorted((one, other) => one.from - other.from)) {
		const last = joined.at(-1);
		if (last !== undefined && each.from - last.until <= meetMs) last.until = Math.max(last.until, each.until);
		else joined.push({...each});
	}
	return joined;
};
/** A program that is started again within this time leaves no hole worth naming. */
const meetMs = 60_000;
