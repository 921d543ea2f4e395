/**
Writes the record. Each program has a file of its own: several screens at once need no lock, and none can tear another's line; readers
merge. Lines are gathered for a second and written in one piece, so that no key waits for a disk.
*/
import {constants} from 'node:fs';
import {open, type FileHandle} from 'node:fs/promises';
import {join} from 'node:path';
import type {Recorder, RecorderNews, RecordHead, RecordInput, Seen} from '../core/history/record.ts';
import {patchBetween} from '../core/history/record-patch.ts';
import type {Clock} from '../world.ts';
import {makeRecordDirectory, pack, recordFileName, type RecordLimits, recordLimits, tidy} from './files.ts';
import {pastChanges} from './past.ts';
import {makeSafe} from './safe.ts';

export type RecorderOptions = {
	directory: string;
	head: Omit<RecordHead, 'session'>;
	/** Values that must not reach the disk. */
	secrets: readonly string[];
	wall: Clock;
	/** Uniform in [0, 1). */
	random(): number;
	limits?: RecordLimits;
	/** Resolves when writing may begin: not before the first frame. */
	ready?: Promise<void>;
};

const batchMs = 1000;
/** Everything anew at the latest after so many bytes of differences: a seek reads no more than that. */
const keyEveryBytes = 256 * 1024;
/** A file that is as large as this is closed and packed. */
const rotateAtBytes = 8 * 1024 * 1024;
/** After the disk refused. */
const tryAgainAfterMs = 60_000;
/** Held in memory for a disk that hangs; what comes beyond is lost, and the next file begins whole. */
const queueAtMost = 2000;

type Open = {path: string; n: number; bytes: number; sinceKey: number; seen: Seen | null};

/** Only ever at the end; a file that is gone is not made anew. */
const onward = constants.O_WRONLY | constants.O_APPEND;
const fresh = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL;

/** Whole, or it throws: what the disk took of it then ends within a line, which readers skip. */
const append = async (path: string, text: string, flags: number): Promise<void> => {
	let file: FileHandle | undefined;
	try {
		file = await open(path, flags, 0o600);
		const bytes = Buffer.from(text);
		for (let written = 0; written < bytes.length;) written += (await file.write(bytes, written)).bytesWritten;
	} finally {
		await file?.close();
	}
};

const reasonOf = (error: unknown): string => {
	const {code, message} = error as NodeJS.ErrnoException;
	return code === 'ENOSPC'
		? 'the disk is full'
		: code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
			? 'the state folder cannot be written'
			: code === 'EDQUOT'
				? 'the quota of the disk is used up'
				: message;
};

export const createRecorder = ({
	directory,
	head,
	secrets,
	wall,
	random,
	limits = recordLimits,
	ready = Promise.resolve(),
}: RecorderOptions): Recorder => {
	const safe = makeSafe(secrets);
	const session = `${process.pid}-${Math.floor(random() * 0x1_00_00_00)
		.toString(16)
		.padStart(6, '0')}`;
	const beganAt = wall.now();
	let queue: RecordInput[] = [];
	let current: Open | null = null;
	let flushing: Promise<void> | null = null;
	let problem: string | null = null;
	let triedAt = 0;
	let isTidied = false;
	let isClosed = false;
	let untold: RecorderNews | null = null;
	let last: {at: number; wall: number} | null = null;
	let hurry = () => {};

	/** Lines of one entry; a file that begins gets its head, and a whole picture before the first difference. */
	const linesOf = (file: Open, input: RecordInput | {kind: 'end'; at: number; wall: number}): string => {
		const line = (body: object) => {
			const text = `${JSON.stringify({v: 1, n: file.n++, at: input.at, wall: input.wall, ...body})}\n`;
			file.bytes += Buffer.byteLength(text);
			return text;
		};
		const first =
			file.n === 0
				? line({kind: 'head', head: safe({...head, settings: {...head.settings, notifications: {}}, session})})
				: '';
		if (input.kind === 'end') return first + line({kind: 'end'});
		if (input.kind !== 'seen') return first + line(safe(input));
		const seen = safe(input.seen);
		if (file.seen === null || file.sinceKey > keyEveryBytes) {
			[file.seen, file.sinceKey] = [seen, 0];
			return first + line({kind: 'key', seen});
		}
		const patch = patchBetween(file.seen, seen);
		file.seen = seen;
		if (patch === null) return first;
		const text = line({kind: 'seen', patch});
		file.sinceKey += text.length;
		return first + text;
	};

	const begin = async (at: number): Promise<Open> => {
		await makeRecordDirectory(directory);
		return {path: join(directory, recordFileName(at, session)), n: 0, bytes: 0, sinceKey: 0, seen: null};
	};

	const writeAll = async (
		entries: ReadonlyArray<RecordInput | {kind: 'end'; at: number; wall: number}>,
	): Promise<void> => {
		let file: Open = current ?? (await begin(wall.now()));
		const isNew = file.n === 0;
		const text = entries.map(entry => linesOf(file, entry)).join('');
		if (text === '') return;
		try {
			await append(file.path, text, isNew ? fresh : onward);
		} catch (error) {
			// Somebody has packed or removed it while this program slept: the rest goes into a new one, which begins whole.
			if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || isNew) throw error;
			file = await begin(wall.now());
			await append(file.path, entries.map(entry => linesOf(file, entry)).join(''), fresh);
		}
		current = file;
		if (file.bytes < rotateAtBytes) return;
		current = null;
		await pack(file.path);
		await tidy(directory, wall.now(), null, limits);
	};

	const tell = (because: string | null): void => {
		if (because === problem) return;
		problem = because;
		untold = {because};
	};

	const flush = async (): Promise<void> => {
		await ready;
		const entries = queue;
		queue = [];
		last = entries.at(-1) ?? last;
		if (entries.length === 0 || (problem !== null && wall.now() - triedAt < tryAgainAfterMs)) return;
		triedAt = wall.now();
		try {
			await writeAll(entries);
			if (!isTidied) {
				isTidied = true;
				// Old files in the way are no reason to lose new lines.
				await tidy(directory, wall.now(), current?.path ?? null, limits).catch(() => {});
			}
			tell(null);
		} catch (error) {
			// What is on the disk now may end within a line: another file begins, whole, when there is room again.
			current = null;
			tell(reasonOf(error));
		}
	};

	/** One batch a second, until nothing waits any more. */
	const flushSoon = async (): Promise<void> => {
		const early = Promise.withResolvers<void>();
		const stop = new AbortController();
		hurry = () => {
			stop.abort();
			early.resolve();
		};
		await Promise.race([isClosed ? null : wall.after(batchMs, stop.signal).catch(() => {}), early.promise]);
		hurry = () => {};
		await flush();
	};

	const start = (): Promise<void> => {
		flushing ??= flushSoon().finally(() => {
			flushing = null;
			if (queue.length > 0 && !isClosed) void start();
		});
		return flushing;
	};

	const end = async (): Promise<void> => {
		if (current === null || last === null || problem !== null) return;
		const now = wall.now();
		const at = Math.round(last.at + (now - last.wall) * (head.demo?.speed ?? 1));
		// The end is a courtesy: without it the file ends with its last line.
		await writeAll([{kind: 'end', at, wall: now}]).catch(() => {});
	};

	return {
		async write(entries) {
			if (isClosed) return null;
			queue.push(...entries);
			if (queue.length > queueAtMost) {
				queue = [];
				current = null;
			}
			await start();
			const told = untold;
			untold = null;
			return told;
		},
		past: atMost => pastChanges(directory, beganAt, atMost, head.demo !== null),
		async close() {
			if (isClosed) return;
			isClosed = true;
			hurry();
			await flushing;
			await flush();
			await end();
		},
	};
};
