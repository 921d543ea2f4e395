/**
What GitHub marked in a log (groups, errors) and what looks like an error, found while it is taken in: line numbers, kept small.
Bytes are searched for few short words, which costs a fraction of what a look at each line would.
*/
import {stampAtMost} from './github-line.ts';
import {type Growing, growing} from './growing.ts';

/** Groups as GitHub shows them: not nested. `end`: the line after its last one; `isClosed`: that last one is the mark of its end. */
export type LogMarks = {
	/** Takes in the bytes that follow those before; answers at which offsets (from the log's beginning) something stands, rising. */
	scan(chunk: Uint8Array): readonly Hit[];
	/** What a hit means, told as soon as its line is known. */
	mark(hit: Hit, line: number): void;
	group(index: number, lines: number): {start: number; end: number; isClosed: boolean};
	/** Index of the group that holds the line; -1: none. */
	groupOf(line: number, lines: number): number;
	/** Lines that GitHub marked as an error, and lines that only look wrong; in order, each once. */
	next(from: number, direction: 1 | -1): number | null;
	looksWrong(line: number): boolean;
	/** The first so many of a kind. */
	first(kind: 'error' | 'wrong', count: number): readonly number[];
};

export type Hit = {offset: number; kind: 'group' | 'end' | 'error' | 'wrong'};

/** More than these nobody steps through. */
const marksAtMost = 200_000;
const newline = 10;

const words: ReadonlyArray<{bytes: Buffer; kind: Hit['kind']; isAtStart: boolean}> = [
	...(['group', 'endgroup', 'error'] as const).flatMap(name =>
		[`##[${name}]`, `::${name}`].map(text => ({
			bytes: Buffer.from(text),
			kind: name === 'endgroup' ? ('end' as const) : name,
			isAtStart: true,
		})),
	),
	...['Error:', 'FAIL', '\u2718', '\u2717', '\u2716', 'fatal:', 'npm ERR!', 'Traceback (', 'panicked at'].map(
		text => ({bytes: Buffer.from(text), kind: 'wrong' as const, isAtStart: false}),
	),
];
const longestWord = Math.max(...words.map(({bytes}) => bytes.length));
/** So much of the chunk before is looked at again: a word, and what stands before it in its line, may lie across the border. */
const keptBytes = stampAtMost + longestWord;

const stampBefore = /^(?:\u00EF\u00BB\u00BF)?(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z )?$/;
const isLetter = (byte: number | undefined) =>
	byte !== undefined && ((byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122));

export const createLogMarks = (): LogMarks => {
	const starts = growing();
	/** The line after its last one; negative where that is the mark of its end. */
	const ends = growing();
	const lists = {error: growing(), wrong: growing()};
	let kept = Buffer.alloc(0);
	let offset = 0;

	/** Whether only a time stands before it in its line. */
	const beginsLine = (text: Buffer, at: number, isWhole: boolean) => {
		if (at === 0) return isWhole;
		const before = text[at - 1];
		if (before === newline) return true;
		// A time ends with a blank, a byte order mark with its last byte. Looked at before more is read: a hostile line is full of marks.
		if (before !== 0x20 && before !== 0xbf) return false;
		const near = text.subarray(Math.max(0, at - stampAtMost), at);
		const from = near.lastIndexOf(newline);
		return (from !== -1 || (isWhole && at <= stampAtMost)) && stampBefore.test(near.toString('latin1', from + 1));
	};

	const scanText = (text: Buffer, newFrom: number, base: number): Hit[] => {
		const hits: Hit[] = [];
		for (const {bytes, kind, isAtStart} of words) {
			for (let at = text.indexOf(bytes); at !== -1; at = text.indexOf(bytes, at + bytes.length)) {
				if (at + bytes.length <= newFrom) continue;
				const isMeant = isAtStart
					? beginsLine(text, at, base === 0)
					: !(bytes[0] === 70 && isLetter(text[at - 1]));
				if (isMeant) hits.push({offset: base + at, kind});
				// Once a line is enough, and a line may hold a million of them.
				if (!isAtStart) {
					const end = text.indexOf(newline, at);
					if (end === -1) break;
					at = end - bytes.length;
				}
			}
		}
		return hits.sort((a, b) => a.offset - b.offset);
	};

	const has = (list: Growing, line: number) =>
		list.at(list.firstAfter(line) - 1) === line && list.firstAfter(line) > 0;
	const neighbour = (list: Growing, from: number, direction: 1 | -1): number | null => {
		const index = direction === 1 ? list.firstAfter(from - 1) : list.firstAfter(from) - 1;
		return index >= 0 && index < list.length() ? list.at(index) : null;
	};

	return {
		scan(chunk) {
			const text =
				kept.length === 0
					? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
					: Buffer.concat([kept, chunk]);
			const base = offset - kept.length;
			const hits = scanText(text, kept.length, base);
			offset += chunk.length;
			// A copy: the chunk's memory is used again.
			kept = Buffer.from(text.subarray(Math.max(0, text.length - keptBytes)));
			return hits;
		},
		mark({kind}, line) {
			const open = starts.length() > ends.length();
			if (kind === 'error' || kind === 'wrong') {
				const list = lists[kind];
				if ((list.length() < marksAtMost && list.at(list.length() - 1) !== line) || list.length() === 0)
					list.push(line);
				return;
			}
			if (open) ends.push(kind === 'end' ? -(line + 1) : line);
			if (kind === 'group' && starts.length() < marksAtMost) starts.push(line);
		},
		group: (index, lines) => ({
			start: starts.at(index),
			end: index < ends.length() ? Math.abs(ends.at(index)) : lines,
			isClosed: index < ends.length() && ends.at(index) < 0,
		}),
		groupOf(line, lines) {
			const index = starts.firstAfter(line) - 1;
			return index >= 0 && line < (index < ends.length() ? Math.abs(ends.at(index)) : lines) ? index : -1;
		},
		next(from, direction) {
			const found = [neighbour(lists.error, from, direction), neighbour(lists.wrong, from, direction)].filter(
				line => line !== null,
			);
			return found.length === 0 ? null : direction === 1 ? Math.min(...found) : Math.max(...found);
		},
		looksWrong: line => has(lists.wrong, line),
		first: (kind, count) =>
			Array.from({length: Math.min(count, lists[kind].length())}, (_, index) => lists[kind].at(index)),
	};
};
