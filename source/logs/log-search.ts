/** Searches a log without holding it: windows of its bytes, one read ahead while the other is searched; the program stays responsive. */
import {setImmediate as turn} from 'node:timers/promises';
import type {Masker} from '../core/text/mask.ts';
import {showGitHubLine, stampAtMost, stampLength, textOf} from './github-line.ts';
import {bytesApart} from './log-index.ts';
import {readAtMost, showLine} from './log-line.ts';
import {readAt, type LogSource} from './log-source.ts';

const windowBytes = 131_072;
/** Backwards, so much is searched forwards at a time. */
const stepBackBytes = 524_288;
/** Without a pause at most; a screen draws every 16 ms. */
const stretchMs = 5;
const looksApart = 64;

/** Bytes as characters, whole lines: but for a line longer than a window, which comes in overlapping pieces. */
type Window = {text: string; offset: number; startsMidLine: boolean; endsMidLine: boolean; isLast: boolean};

/** `restOfLine`: the pattern goes on to the line's end. `likeColour`: its beginning can also lie within a colour's sequence. */
type Needle = {
	pattern: RegExp;
	restOfLine: RegExp;
	likeColour: boolean;
	likeTime: boolean;
	isIn(text: string): boolean;
	bytes: number;
};

/** What is looked for. In the logs of jobs, case matters when it is said to; in those of operations it never does. */
export type Wanted = {text: string; isCaseSensitive?: boolean; signal: AbortSignal | undefined};

const binary = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
const quoted = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
const colours = '(?:\\u001B\\[[\\d;]*[mK])*';

const needleOf = ({text, isCaseSensitive = false}: Wanted): Needle => {
	const formsOf = (character: string) =>
		isCaseSensitive ? [character] : [character, character.toLowerCase(), character.toUpperCase()];
	const characters = Array.from(text, character =>
		`(?:${[...new Set(formsOf(character))].map(form => quoted(binary(form))).join('|')})`.replace(
			/^\(\?:([a-z])\|([A-Z])\)$/i,
			'[$1$2]',
		),
	);
	const pattern = characters.join(colours);
	const lowered = text.toLowerCase();
	return {
		pattern: new RegExp(pattern, 'g'),
		restOfLine: new RegExp(`${pattern}[^\\n]*`, 'g'),
		likeColour: /^[[\d;mK]/i.test(text),
		likeTime: /^[\d\sTZ:.-]/i.test(text),
		isIn: line => (isCaseSensitive ? line.includes(text) : line.toLowerCase().includes(lowered)),
		bytes: Buffer.byteLength(text) * 2,
	};
};

async function* windowsOf({file}: LogSource, from: number, to: number, overlap: number): AsyncGenerator<Window> {
	let [buffer, other] = [Buffer.allocUnsafe(windowBytes), Buffer.allocUnsafe(windowBytes)];
	const read = (offset: number) => readAt(file, buffer.subarray(0, Math.min(windowBytes, to - offset)), offset);
	let reading: Promise<Buffer> | null = from < to ? read(from) : null;
	let startsMidLine = false;
	try {
		for (let offset = from; reading !== null;) {
			const text: string = (await reading).toString('latin1');
			reading = null;
			if (text === '') return;
			const isEnd = offset + text.length >= to;
			const whole = isEnd ? text.length : text.lastIndexOf('\n') + 1;
			const endsMidLine = whole === 0;
			const next: number = endsMidLine ? offset + text.length - overlap : offset + whole;
			[buffer, other] = [other, buffer];
			if (!isEnd) reading = read(next);
			yield {text: endsMidLine ? text : text.slice(0, whole), offset, startsMidLine, endsMidLine, isLast: isEnd};
			offset = next;
			startsMidLine = endsMidLine;
		}
	} finally {
		await reading?.catch(() => {});
	}
}

// Anything that moves the cursor or takes characters away again: there, what is written is not what is shown.
const tricky =
	/[\0-\u0008\u000B\u000C\u000E-\u001A\u001C-\u001F\u007F]|\r(?!\n)|\u001B(?!\[[\d;]*[mK])|\u00C2[\u0080-\u009F]/;
const withinColour = /\u001B(?:\[[\d;]*)?$/;

/** Beyond so many odd lines in a window every line is looked at: what is remembered stays small. */
const oddAtMost = 64;

/** Where in the window lines begin of which not all that is written is shown, colours aside. null: many. */
const oddLines = (text: string, mask: (text: string) => string): readonly number[] | null => {
	const masked = mask(text);
	if (masked === text && !tricky.test(text)) return [];
	const safe = masked.split('\n');
	const odd: number[] = [];
	let start = 0;
	for (const [index, line] of text.split('\n').entries()) {
		if (line !== safe[index] || tricky.test(line)) odd.push(start);
		start += line.length + 1;
	}
	return odd.length > oddAtMost ? null : odd;
};

const createJudge = ({isSealed, oddInWindows, marks}: LogSource, masker: Masker, {isIn}: Needle) => {
	const isGitHubs = marks !== null;
	const decode = (bytes: string) => Buffer.from(bytes, 'latin1').toString('utf8');
	return {
		/** GitHub's times stand before each line, and are no part of it. */
		isGitHubs,
		/** Remembered: it costs more than the search. */
		oddIn({text, offset, isLast}: Window) {
			const known = oddInWindows.get(offset);
			if (known !== undefined && known.length === text.length) return known.odd;
			const odd = oddLines(text, isSealed ? unmasked => unmasked : masker.text);
			if (!isLast) oddInWindows.set(offset, {length: text.length, odd});
			return odd;
		},
		isShown(line: string) {
			if (line.length > readAtMost) return isIn(decode(masker.text(line)));
			const raw = {head: decode(line), tail: null, bytes: line.length};
			return isIn(isGitHubs ? textOf(showGitHubLine(raw, masker, null).spans) : showLine(raw, masker, null).text);
		},
	};
};
type Judge = ReturnType<typeof createJudge>;

/** Where in the window the lines begin that hold the text, as it would be shown. */
const linesHit = async (window: Window, {pattern, likeColour, likeTime}: Needle, judge: Judge): Promise<number[]> => {
	const {text} = window;
	const starts: number[] = [];
	let odd: readonly number[] | null | undefined;
	let since = performance.now();
	for (let at = 0, looks = 1; at < text.length; looks++) {
		pattern.lastIndex = at;
		const hit = pattern.exec(text)?.index;
		if (hit === undefined) break;
		odd = odd === undefined ? judge.oddIn(window) : odd;
		const start = hit === 0 ? 0 : text.lastIndexOf('\n', hit - 1) + 1;
		const isOdd = odd?.includes(start) ?? true;
		const own =
			judge.isGitHubs && likeTime && !(start === 0 && window.startsMidLine)
				? start + stampLength(text.slice(start, start + stampAtMost))
				: start;
		if (hit < own) {
			at = own;
		} else if (!isOdd && likeColour && withinColour.test(text.slice(Math.max(0, hit - 32), hit))) {
			at = hit + 1;
		} else {
			const found = text.indexOf('\n', hit);
			const end = found === -1 ? text.length : found;
			if (!isOdd || judge.isShown(text.slice(start, end))) starts.push(start);
			at = end + 1;
		}
		if (looks % looksApart === 0 && performance.now() - since > stretchMs) {
			await turn();
			since = performance.now();
		}
	}
	return starts;
};

/** How many lines; null: it takes a closer look. */
const quickCount = (window: Window, {restOfLine, likeColour, likeTime}: Needle, judge: Judge): number | null => {
	if ((judge.isGitHubs && likeTime) || window.startsMidLine || window.endsMidLine) return null;
	let count = 0;
	for (restOfLine.lastIndex = 0; restOfLine.test(window.text); count++) {
		if (count === 0 && ((likeColour && window.text.includes('\u001B')) || judge.oddIn(window)?.length !== 0))
			return null;
	}
	return count;
};

const newlines = (bytes: Buffer) => {
	let count = 0;
	for (const byte of bytes) if (byte === 10) count++;
	return count;
};

/** Number of the line that an offset lies in. */
const lineAt = async ({file, index}: LogSource, offset: number): Promise<number> => {
	const place = index.place(index.placeOfOffset(offset));
	return (
		place.line +
		newlines(await readAt(file, Buffer.alloc(Math.min(offset - place.offset, bytesApart)), place.offset))
	);
};

/** Where a line begins. */
const offsetOf = async ({file, index}: LogSource, line: number, bytes: number): Promise<number> => {
	if (line >= index.lines()) return bytes;
	const place = index.place(index.placeOfLine(line));
	const part = await readAt(file, Buffer.alloc(Math.min(bytes - place.offset, bytesApart)), place.offset);
	let at = 0;
	for (let left = line - place.line; left > 0; left--) at = part.indexOf(10, at) + 1;
	return place.offset + at;
};

/** `line`: which of the hits it is, is told, too. */
export type Counting = {line: number; told(count: number, ordinal: number | null): void};
const tellEveryMs = 100;

export const countLines = async (
	source: LogSource,
	masker: Masker,
	wanted: Wanted,
	counting?: Counting,
): Promise<number> => {
	const {text, signal} = wanted;
	if (text === '') return 0;
	const needle = needleOf(wanted);
	const judge = createJudge(source, masker, needle);
	const target = counting ? await offsetOf(source, counting.line, source.index.bytes()) : Infinity;
	let count = 0;
	let isCounted = false;
	let ordinal: number | null = null;
	let toldAt = performance.now();
	for await (const window of windowsOf(source, 0, source.index.bytes(), needle.bytes + 1024)) {
		signal?.throwIfAborted();
		const holdsTarget = ordinal === null && target < window.offset + window.text.length;
		if (counting && performance.now() - toldAt > tellEveryMs) {
			counting.told(count, ordinal);
			toldAt = performance.now();
		}
		const quick = holdsTarget ? null : quickCount(window, needle, judge);
		if (quick !== null) {
			count += quick;
			isCounted = false;
			continue;
		}
		const starts = await linesHit(window, needle, judge);
		const goesOn: boolean = window.startsMidLine && isCounted;
		const again = goesOn && starts[0] === 0 ? 1 : 0;
		if (holdsTarget) ordinal = count + starts.filter(start => window.offset + start <= target).length - again;
		count += starts.length - again;
		isCounted = window.endsMidLine && (goesOn || starts.length > 0);
	}
	counting?.told(count, ordinal);
	return count;
};

type Search = Wanted & {from: number; direction: 1 | -1};

/** The line itself counts. */
export const findLine = async (source: LogSource, masker: Masker, wanted: Search): Promise<number | null> => {
	const {text, from, direction, signal} = wanted;
	const bytes = source.index.bytes();
	if (text === '' || (from < 0 && direction === -1)) return null;
	const needle = needleOf(wanted);
	const judge = createJudge(source, masker, needle);
	const within = async (start: number, end: number) => {
		let latest: number | null = null;
		for await (const window of windowsOf(source, start, end, needle.bytes + 1024)) {
			signal?.throwIfAborted();
			const starts = await linesHit(window, needle, judge);
			const hit = direction === 1 ? starts[0] : starts.at(-1);
			if (hit === undefined) continue;
			latest = window.offset + hit;
			if (direction === 1) break;
		}
		return latest === null ? null : lineAt(source, latest);
	};
	if (direction === 1) return within(await offsetOf(source, Math.max(0, from), bytes), bytes);
	for (let end = await offsetOf(source, from + 1, bytes); end > 0;) {
		const start = source.index.place(source.index.placeOfOffset(Math.max(0, end - stepBackBytes))).offset;
		const found = await within(start, end);
		if (found !== null) return found;
		end = start;
	}
	return null;
};
