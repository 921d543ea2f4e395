/**
The journal on disk: append-only JSON lines, each synced before the act that it announces, each bound to the one before it by a hash.
A removed end shows by the head, a small file beside it. No journal, no action: what cannot be written throws.
*/
import {createHash} from 'node:crypto';
import {closeSync, existsSync, fstatSync, fsyncSync, openSync, readSync, writeSync} from 'node:fs';
import {dirname} from 'node:path';
import type {JournalEvent, JournalRecord} from '../../core/operations/journal.ts';
import {exitCodes, Failure} from '../../errors.ts';
import {makeDirectory, readWhole, syncDirectory} from '../files/durable-file.ts';
import {canonical, genesis, hashOf, parseLine} from './journal-line.ts';
import {withMutex} from '../files/mutex.ts';
import type {StatePaths} from '../files/paths.ts';

/** The journal could not be written, so nothing may be done. */
export class JournalFailure extends Failure {}

const failure = (paths: StatePaths, error: unknown) =>
	new JournalFailure('No journal, no action', {
		because: `${paths.journal} cannot be written: ${(error as Error).message}`,
		next: 'make room on the disk, or look at the permissions of that folder',
		exitCode: exitCodes.failed,
		cause: error,
	});

type Head = {seq: number; hash: string};
/** The last record, where the next line goes, and what a crash left there. */
type Tail = Head & {torn: Buffer | null; needsNewline: boolean};

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

const readHead = (path: string): Head => {
	const [seq, hash] = readWhole(path)?.split(/\s/) ?? [];
	return seq !== undefined && /^\d+$/.test(seq) && /^[0-9a-f]{64}$/.test(hash ?? '')
		? {seq: Number(seq), hash: hash!}
		: {seq: 0, hash: genesis};
};

/** In place, at one size: works on a full disk. Not synced: it may be behind after a power cut, never ahead. */
const writeHead = (path: string, {seq, hash}: Head): void => {
	const file = openSync(path, existsSync(path) ? 'r+' : 'w', 0o600);
	try {
		writeSync(file, `${String(seq).padStart(16, '0')} ${hash}\n`, 0);
	} finally {
		closeSync(file);
	}
};

const readAt = (file: number, from: number, length: number): Buffer => {
	const bytes = Buffer.alloc(length);
	let have = 0;
	while (have < length) {
		const count = readSync(file, bytes, have, length - have, from + have);
		if (count === 0) break;
		have += count;
	}
	return bytes.subarray(0, have);
};

/** Goes back from the end until a line that is a record is found. */
const readTail = (file: number, size: number): Tail => {
	for (let window = Math.min(size, 16 * 1024); ; window = Math.min(size, window * 8)) {
		const bytes = readAt(file, size - window, window);
		// The first line of the window may be cut; at the file's begin it is whole.
		const begin = window === size ? 0 : bytes.indexOf(10) + 1;
		for (let end = bytes.length; end > begin;) {
			const isTerminated = bytes[end - 1] === 10;
			const start = bytes.lastIndexOf(10, end - 2) + 1;
			const record =
				start < begin ? null : parseLine(bytes.toString('utf8', start, isTerminated ? end - 1 : end));
			if (record !== null) {
				const rest = bytes.subarray(end);
				return {
					seq: record.seq,
					hash: record.hash,
					torn: rest.length === 0 ? null : rest,
					needsNewline: bytes.at(-1) !== 10,
				};
			}
			if (start <= begin) break;
			end = start;
		}
		if (window === size)
			return {
				seq: 0,
				hash: genesis,
				torn: size === 0 ? null : bytes,
				needsNewline: size > 0 && bytes.at(-1) !== 10,
			};
	}
};

const writeAll = (file: number, text: string): void => {
	const bytes = Buffer.from(text);
	for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
};

/** The lines for these events, after what is there. A head that is ahead of the file is continued: the gap must go on showing. */
const linesFor = (
	events: readonly JournalEvent[],
	tail: Tail,
	head: Head,
	at: number,
): {text: string; records: JournalRecord[]} => {
	let {seq, hash: previous} = head.seq >= tail.seq && head.seq > 0 ? head : tail;
	const torn: JournalEvent[] =
		tail.torn === null
			? []
			: [
					{
						type: 'torn-line',
						bytes: tail.torn.length - (tail.needsNewline ? 0 : 1),
						sha256: sha256(tail.torn.subarray(0, tail.needsNewline ? undefined : -1)),
					},
				];
	const records = [...torn, ...events].map(event => {
		const rest = {...event, v: 1 as const, seq: ++seq, at, previous};
		previous = hashOf(previous, rest);
		return {...rest, hash: previous};
	});
	return {text: (tail.needsNewline ? '\n' : '') + records.map(record => `${canonical(record)}\n`).join(''), records};
};

const create = (paths: StatePaths): void => {
	makeDirectory(dirname(paths.journal));
	// Both files from the beginning: afterwards a missing head is a finding, not a coincidence.
	closeSync(openSync(paths.journalHead, 'a', 0o600));
	closeSync(openSync(paths.journal, 'a', 0o600));
	writeHead(paths.journalHead, {seq: 0, hash: genesis});
	syncDirectory(paths.directory);
};

/** The known end of the file, so that our own next line costs no reading. */
type Known = {size: number; inode: number; tail: Tail};

const appendNow = (
	paths: StatePaths,
	events: readonly JournalEvent[],
	at: number,
	isDurable: boolean,
	known: Known | null,
): {records: JournalRecord[]; known: Known} => {
	if (!existsSync(paths.journalHead) && !existsSync(paths.journal)) create(paths);
	const file = openSync(paths.journal, 'a+', 0o600);
	try {
		const {size, ino} = fstatSync(file);
		const tail = known !== null && known.size === size && known.inode === ino ? known.tail : readTail(file, size);
		const {text, records} = linesFor(events, tail, readHead(paths.journalHead), at);
		writeAll(file, text);
		if (isDurable) fsyncSync(file);
		const last = records.at(-1)!;
		writeHead(paths.journalHead, last);
		return {
			records: records.slice(-events.length),
			known: {
				size: fstatSync(file).size,
				inode: ino,
				tail: {seq: last.seq, hash: last.hash, torn: null, needsNewline: false},
			},
		};
	} finally {
		closeSync(file);
	}
};

export type Journal = {
	/**
	Writes the events together, in this order. Throws a `JournalFailure` when they are not safely written: then the act that they
	announce must not happen. `isDurable: false` leaves the disk its time: only for what may be lost in a power cut, such as progress.
	*/
	append(events: readonly JournalEvent[], options?: {isDurable?: boolean}): Promise<readonly JournalRecord[]>;
};

/** `now` is the wall's time, milliseconds. Any number of processes may append to one journal. */
export const createJournal = (paths: StatePaths, now: () => number): Journal => {
	let known: Known | null = null;
	return {
		async append(events, {isDurable = true} = {}) {
			if (events.length === 0) return [];
			try {
				makeDirectory(paths.directory);
				return await withMutex(paths.journalMutex, () => {
					const written = appendNow(paths, events, now(), isDurable, known);
					known = written.known;
					return written.records;
				});
			} catch (error) {
				known = null;
				throw failure(paths, error);
			}
		},
	};
};
