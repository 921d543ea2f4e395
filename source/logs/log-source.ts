/** A log's file: opened once, taken in as it grows, noticed when it is another one. */
import {open, stat, type FileHandle} from 'node:fs/promises';
import {bytesApart, createLogIndex, type LogIndex} from './log-index.ts';
import {readAtMost, type RawLine} from './log-line.ts';
import type {LogMarks} from './log-marks.ts';

/** One file, as far as it has been taken in. It stays open until nobody reads it any more, also when it has been removed. */
export type LogSource = {
	file: FileHandle;
	path: string;
	isSealed: boolean;
	index: LogIndex;
	marks: LogMarks | null;
	inode: number;
	ending: Buffer;
	modifiedAt: number;
	readers: number;
	isRetired: boolean;
	oddInWindows: Map<number, {length: number; odd: readonly number[] | null}>;
};

const chunkBytes = 262_144;
// Compared before reading on: a file that was written anew would otherwise go on in the middle of a line.
const endingBytes = 64;

/** Fills as much of the buffer as there is. */
export const readAt = async (file: FileHandle, buffer: Buffer, offset: number): Promise<Buffer> => {
	let filled = 0;
	while (filled < buffer.length) {
		const {bytesRead} = await file.read(buffer, filled, buffer.length - filled, offset + filled);
		if (bytesRead === 0) break;
		filled += bytesRead;
	}
	return buffer.subarray(0, filled);
};

/** null: there is no such file, or it cannot be read. */
export const openSource = async (
	path: string,
	isSealed: boolean,
	marks: LogMarks | null = null,
): Promise<LogSource | null> => {
	const file = await open(path).catch(() => null);
	if (file === null) return null;
	return {
		file,
		path,
		isSealed,
		index: createLogIndex(),
		marks,
		inode: (await file.stat()).ino,
		ending: Buffer.alloc(0),
		modifiedAt: 0,
		readers: 0,
		isRetired: false,
		oddInWindows: new Map(),
	};
};

/** Closes what was replaced, when its last reader is done. */
export const closeUnused = async (source: LogSource) => {
	if (source.isRetired && source.readers === 0) await source.file.close().catch(() => {});
};

/** Takes in what is new, or so long that others get their turn. False: it is no longer the file that it was (shortened, written anew, replaced). */
export const takeIn = async (source: LogSource, milliseconds = Infinity): Promise<boolean> => {
	const {file, index, marks} = source;
	const until = performance.now() + milliseconds;
	const {size, mtimeMs} = await file.stat();
	const named = await stat(source.path).catch(() => null);
	if (size < index.bytes() || (named !== null && named.ino !== source.inode)) return false;
	if (size === index.bytes() && mtimeMs === source.modifiedAt) return true;
	const before = await readAt(file, Buffer.alloc(source.ending.length), index.bytes() - source.ending.length);
	if (!before.equals(source.ending)) return false;
	const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, size - index.bytes() + 1));
	for (;;) {
		const chunk = await readAt(file, buffer, index.bytes());
		if (marks === null) {
			index.add(chunk);
		} else {
			const hits = marks.scan(chunk);
			index.add(
				chunk,
				hits.map(({offset}) => offset),
				(line, which) => marks.mark(hits[which]!, line),
			);
		}
		if (chunk.length < buffer.length) {
			source.modifiedAt = mtimeMs;
			break;
		}
		if (performance.now() > until) break;
	}
	source.ending = await readAt(
		file,
		Buffer.alloc(Math.min(endingBytes, index.bytes())),
		Math.max(0, index.bytes() - endingBytes),
	);
	return true;
};

/** The lines from one remembered place to the next, as they are in the file; of a long one its beginning and its end. */
export async function* rawLines({file, index}: LogSource, number: number, bytes: number): AsyncGenerator<RawLine> {
	const {offset} = index.place(number);
	const end = number + 1 < index.places() ? index.place(number + 1).offset : bytes;
	const part = await readAt(file, Buffer.allocUnsafe(Math.min(end - offset, bytesApart + readAtMost)), offset);
	for (let start = 0; start < part.length;) {
		const found = part.indexOf(10, start);
		const isLast = found === -1;
		const length = isLast ? end - offset - start - (number + 1 < index.places() ? 1 : 0) : found - start;
		const head = part.toString('utf8', start, start + Math.min(length, readAtMost));
		const tail =
			length > readAtMost
				? await readAt(file, Buffer.alloc(readAtMost), offset + start + length - readAtMost)
				: null;
		yield {head, tail: tail?.toString('utf8') ?? null, bytes: length};
		start = isLast ? part.length : found + 1;
	}
}
