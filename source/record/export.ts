/** A recording of one stretch of time, complete in itself: what several programs recorded, in one file. */
import {open, rename, rm} from 'node:fs/promises';
import {createWriteStream} from 'node:fs';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {createGzip} from 'node:zlib';
import type {RecordEntry, RecordHead, Seen} from '../core/history/record.ts';
import {patchBetween, patched} from '../core/history/record-patch.ts';
import {exitCodes, Failure, usageFailure} from '../errors.ts';
import {type RecordFile, recordFiles} from './files.ts';
import {entriesOf} from './read.ts';
import {makeSafe} from './safe.ts';

type Entry = Exclude<RecordEntry, {kind: 'head' | 'end'}>;
type Stretch = {file: RecordFile; head: RecordHead; from: number; until: number};

type Window = {from: number; until: number};

const dayMs = 86_400_000;
/** Up to here it costs nothing to look into all files. */
const readWholeBytes = 16 * 1024 * 1024;

/** A difference of more than this becomes a whole picture: a seek reads no more than that. */
const keyEveryBytes = 256 * 1024;

const stretchOf = async (file: RecordFile): Promise<Stretch | null> => {
	let [head, from, until]: [RecordHead | null, number, number] = [null, Infinity, -Infinity];
	for await (const entry of entriesOf(file.path, {damaged: 0}, true)) {
		if (entry.kind === 'head') head ??= entry.head;
		[from, until] = [Math.min(from, entry.at), Math.max(until, entry.at)];
	}
	return head === null ? null : {file, head, from, until};
};

/** One file after the other: none is whole in memory. */
const stretchesIn = async (directory: string, near: Window | null = null): Promise<readonly Stretch[]> => {
	const found: Stretch[] = [];
	const files = await recordFiles(directory);
	const isMuch = files.reduce((sum, {bytes}) => sum + bytes, 0) > readWholeBytes;
	for (const file of files) {
		// A day for clocks that differ.
		if (near !== null && isMuch && (file.changedAt < near.from - dayMs || file.beganAt > near.until + dayMs))
			continue;
		const stretch = await stretchOf(file);
		if (stretch !== null) found.push(stretch);
	}
	return found;
};

/** Who watched when: one after the other, and of those that watched at the same time the one that went on longest. Of a demo the newest alone. */
const relay = (
	all: readonly Stretch[],
	from: number,
	until: number,
): ReadonlyArray<{stretch: Stretch; after: number}> => {
	const demo = all.at(-1)?.head.demo ? all.at(-1)!.head.session : null;
	const left = all.filter(
		stretch => stretch.until >= from && stretch.from <= until && (demo === null || stretch.head.session === demo),
	);
	const chosen: Array<{stretch: Stretch; after: number}> = [];
	for (let at = from; at <= until;) {
		const here = left
			.filter(stretch => stretch.from <= at && stretch.until > at)
			.toSorted((one, other) => other.until - one.until)[0];
		const next =
			here ?? left.filter(stretch => stretch.from > at).toSorted((one, other) => one.from - other.from)[0];
		if (next === undefined) break;
		chosen.push({stretch: next, after: at});
		at = next.until;
	}
	return chosen;
};

/** Entries with the picture folded up to them; before a whole picture, and after a lost line, there is none. */
async function* folded(path: string): AsyncGenerator<{entry: Entry; seen: Seen | null}> {
	let [seen, n]: [Seen | null, number] = [null, -1];
	for await (const entry of entriesOf(path, {damaged: 0}, false)) {
		if (entry.kind === 'mark') continue;
		const isNext = entry.n === n + 1;
		n = entry.n;
		if (entry.kind === 'key') ({seen} = entry);
		else if (!isNext) seen = null;
		else if (entry.kind === 'seen' && seen !== null) {
			try {
				seen = patched(seen, entry.patch) as Seen;
			} catch {
				seen = null;
			}
		}
		if (entry.kind !== 'head' && entry.kind !== 'end') yield {entry, seen};
	}
}

async function* linesOf(
	chosen: ReadonlyArray<{stretch: Stretch; after: number}>,
	{from, until}: Window,
	safe: <Value>(value: Value) => Value,
	made: {pictures: number},
): AsyncGenerator<string> {
	let n = 0;
	let last: Seen | null = null;
	let sinceKey = 0;
	const line = (at: number, wall: number, body: object) => `${JSON.stringify({v: 1, n: n++, at, wall, ...body})}\n`;
	const picture = (at: number, wall: number, seen: Seen): string => {
		const patch = last === null || sinceKey > keyEveryBytes ? null : patchBetween(last, seen);
		const isKey = last === null || sinceKey > keyEveryBytes;
		last = seen;
		if (isKey) {
			made.pictures++;
			sinceKey = 0;
			return line(at, wall, {kind: 'key', seen});
		}
		if (patch === null) return '';
		const text = line(at, wall, {kind: 'seen', patch});
		sinceKey += text.length;
		return text;
	};
	yield line(from, 0, {kind: 'head', head: safe(chosen.at(-1)!.stretch.head)});
	for (const {stretch, after} of chosen) {
		const begins = Math.max(from, after);
		let before: {seen: Seen; wall: number} | null = null;
		for await (const {entry, seen} of folded(stretch.file.path)) {
			const {at, wall} = entry;
			if (at > until) continue;
			if (at < begins) {
				if (seen !== null)
					before = {seen, wall: wall + Math.round((begins - at) / (stretch.head.demo?.speed ?? 1))};
				continue;
			}
			if (before !== null) yield picture(begins, before.wall, safe(before.seen));
			before = null;
			if (entry.kind === 'key' || entry.kind === 'seen') {
				if (seen !== null) yield picture(at, wall, safe(seen));
			} else {
				yield line(at, wall, safe({...entry, v: undefined, n: undefined, at: undefined, wall: undefined}));
			}
		}
	}
}

/** Throws a `Failure` when the file is there already, cannot be written, or nothing was recorded then. Resolves with how much it became. */
export const exportRecording = async (
	directory: string,
	window: Window,
	path: string,
	secrets: readonly string[],
): Promise<{bytes: number}> => {
	const all = await stretchesIn(directory, window);
	const chosen = relay(all, window.from, window.until);
	const nothing = usageFailure(
		'Nothing was recorded in this time: there is nothing to export.',
		'deployctl replay lists what is recorded',
	);
	if (chosen.length === 0) throw nothing;
	const made = {pictures: 0};
	const temporary = `${path}.${process.pid}.tmp`;
	try {
		// Taken before anything is read, so that nobody's file is written over.
		await (await open(path, 'wx', 0o600)).close();
	} catch (error) {
		const {code, message} = error as NodeJS.ErrnoException;
		throw new Failure(`${path} cannot be written`, {
			because: code === 'EEXIST' ? 'it is there already' : message,
			next: 'name another file',
			exitCode: exitCodes.usage,
		});
	}
	try {
		await pipeline(
			Readable.from(linesOf(chosen, window, makeSafe(secrets), made)),
			createGzip({level: 9}),
			createWriteStream(temporary, {mode: 0o600, flags: 'wx'}),
		);
		if (made.pictures === 0) throw nothing;
		await rename(temporary, path);
		const file = await open(path, 'r');
		const {size} = await file.stat();
		await file.close();
		return {bytes: size};
	} catch (error) {
		await Promise.all([rm(temporary, {force: true}), rm(path, {force: true})]);
		if (error instanceof Failure) throw error;
		throw new Failure(`${path} could not be written`, {
			because: (error as Error).message,
			exitCode: exitCodes.failed,
		});
	}
};

/** Everything that is recorded, oldest first. */
export const recordedStretches = async (
	directory: string,
): Promise<
	ReadonlyArray<{path: string; name: string; bytes: number; from: number; until: number; isDemo: boolean}>
> => {
	const found = await stretchesIn(directory);
	return found.map(({file: {path, name, bytes}, head, from, until}) => ({
		path,
		name,
		bytes,
		from,
		until,
		isDemo: head.demo !== null,
	}));
};
