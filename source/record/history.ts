/** Everything that all programs have recorded about one repository, without the pictures: what a timeline is made of. */
import type {RecordEntry, RecordHead} from '../core/history/record.ts';
import type {Coverage, History} from '../core/history/timeline-source.ts';
import {type RecordFile, recordFiles} from './files.ts';
import {entriesOf} from './read.ts';

/** A hole that is longer than this means that nobody watched: the slowest poller asks every thirty seconds. */
const holeMs = 5 * 60_000;
/** One pair of clock readings a minute is enough to tell wall time as GitHub's. */
const anchorEveryMs = 60_000;

type Told = Exclude<RecordEntry, {kind: 'head' | 'key' | 'seen' | 'end'}>;
type FileHistory = {
	head: RecordHead | null;
	entries: Told[];
	coverage: Coverage[];
	anchors: Array<{wall: number; at: number}>;
};

const historyOf = async ({path}: RecordFile, count: {damaged: number}): Promise<FileHistory> => {
	const file: FileHistory = {head: null, entries: [], coverage: [], anchors: []};
	for await (const entry of entriesOf(path, count, true)) {
		if (entry.kind === 'head') file.head ??= entry.head;
		else if (entry.kind !== 'mark' && entry.kind !== 'key' && entry.kind !== 'seen' && entry.kind !== 'end')
			file.entries.push(entry);
		const current = file.coverage.at(-1);
		if (current === undefined || Math.abs(entry.at - current.until) > holeMs)
			file.coverage.push({from: entry.at, until: entry.at});
		else [current.from, current.until] = [Math.min(current.from, entry.at), Math.max(current.until, entry.at)];
		if (file.anchors.length === 0 || entry.wall - file.anchors.at(-1)!.wall >= anchorEveryMs)
			file.anchors.push({wall: entry.wall, at: entry.at});
	}
	return file;
};

/** Throws what the disk says, but for a folder that is not there. `since`: files that ended before are passed over. */
export const readHistory = async (directory: string, since = 0): Promise<History> => {
	const count = {damaged: 0};
	const files: FileHistory[] = [];
	// One after the other: a packed file is unpacked as it is read, and never whole in memory.
	for (const file of await recordFiles(directory))
		if (file.changedAt >= since) files.push(await historyOf(file, count));
	const newest = files.findLast(({head}) => head !== null)?.head ?? null;
	// A demo lives the same hours again and again: the last time counts.
	const told = newest?.demo ? files.filter(({head}) => head?.session === newest.session) : files;
	return {
		entries: told.flatMap(({entries}) => entries),
		coverage: told.flatMap(({coverage}) => coverage),
		anchors: told.flatMap(({anchors}) => anchors).sort((one, other) => one.wall - other.wall),
		demo: newest?.demo ?? null,
		beganAtWall: newest?.demo ? (told[0]?.anchors[0]?.wall ?? null) : null,
		damaged: count.damaged,
	};
};
