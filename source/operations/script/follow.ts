/** Reads what a contract script prints while it grows, for its protocol lines alone. Memory stays bounded, however much else there is. */
import {open} from 'node:fs/promises';
import type {FileHandle} from 'node:fs/promises';
import {longestProtocolLine, parseProtocolLine} from '../../core/operations/protocol.ts';
import type {ParsedLine} from '../../core/operations/protocol.ts';

const chunkBytes = 256 * 1024;
/** A tick reads at most this; the end of the script has to be noticed, and stop requests answered. */
const mostBytesAtOnce = 32 * 1024 * 1024;
const newline = 10;
const mark = Buffer.from('\ndeployctl/');

export type Follower = {
	/** Takes in what has been written since; true when that was all. */
	advance(): Promise<boolean>;
	close(): Promise<void>;
};

/** Finds the lines that begin with the protocol's name; the rest is not even decoded. Masked before its words are cut: half a secret is not recognised. */
export const createLineFinder = (
	onLine: (line: ParsedLine) => void,
	mask: (text: string) => string = text => text,
): ((bytes: Buffer) => void) => {
	// As if a line had ended before the first one.
	let rest: Buffer = Buffer.from('\n');
	return bytes => {
		const text = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
		for (let start = text.indexOf(mark); start !== -1;) {
			const end = text.indexOf(newline, start + 1);
			if (end === -1) break;
			if (end - start <= longestProtocolLine) {
				const parsed = parseProtocolLine(mask(text.toString('utf8', start + 1, end)));
				if (parsed.kind !== 'foreign') onLine(parsed);
			}
			start = text.indexOf(mark, end);
		}
		const last = text.lastIndexOf(newline);
		// Of a line that is already too long for the protocol nothing needs to be kept: only after the next line break it gets interesting.
		rest =
			last === -1 || text.length - last > longestProtocolLine
				? Buffer.alloc(0)
				: Buffer.from(text.subarray(last));
	};
};

/** The file need not be there yet. */
export const createFollower = (
	path: string,
	onLine: (line: ParsedLine) => void,
	mask?: (text: string) => string,
): Follower => {
	let file: FileHandle | null = null;
	let offset = 0;
	const find = createLineFinder(onLine, mask);
	const buffer = Buffer.allocUnsafe(chunkBytes);
	return {
		async advance() {
			file ??= await open(path, 'r').catch(() => null);
			if (file === null) return true;
			for (let taken = 0; taken < mostBytesAtOnce;) {
				const {bytesRead} = await file.read(buffer, 0, chunkBytes, offset);
				if (bytesRead === 0) return true;
				offset += bytesRead;
				taken += bytesRead;
				find(buffer.subarray(0, bytesRead));
			}
			return false;
		},
		async close() {
			await file?.close();
			file = null;
		},
	};
};
