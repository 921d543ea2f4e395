/** One line of a GitHub log, taken apart: its time, what GitHub marked it as, and its text with colours but without anything that steers. */
import type {LogLineKind, StyledText, TextStyle} from '../core/runs/job-log.ts';
import type {Masker} from '../core/text/mask.ts';
import {maskKeyLine, type KeyBlock} from '../core/text/mask-shapes.ts';
import {sanitiseLine, withoutEscapes} from '../core/text/sanitise.ts';
import {cutMark, lastState, type RawLine, shownAtMost} from './log-line.ts';
import {runsOf, type StyleRun} from './sgr.ts';

export type ShownLine = {at: number | null; kind: LogLineKind; spans: readonly StyledText[]; block: KeyBlock};

/** The runner writes seven digits of a second; the first line of a log begins with a byte order mark, here as a character or as bytes. */
const stamp = /^(?:\uFEFF|\u00EF\u00BB\u00BF)?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)(?: |$)/;
/** The longest of them, with the mark's three bytes. */
export const stampAtMost = 40;

const kinds: Readonly<Record<string, LogLineKind>> = {
	group: 'group',
	endgroup: 'end',
	error: 'error',
	warning: 'warning',
	notice: 'notice',
	command: 'command',
	debug: 'debug',
	section: 'command',
};
// `##[error]text`, as the runner files it; `::error file=a,line=1::text`, as a step writes it.
const marker =
	/^(?:##\[(group|endgroup|error|warning|notice|command|debug|section)\]|::(group|endgroup|error|warning|notice|debug)(?: [^:]*)?::)/;

/** Where a line's own text begins, in characters; works on bytes as characters, too. */
export const stampLength = (line: string): number =>
	stamp.exec(line)?.[0].length ?? /^(?:\uFEFF|\u00EF\u00BB\u00BF)/.exec(line)?.[0].length ?? 0;

export const takeApart = (raw: string): {at: number | null; kind: LogLineKind; text: string} => {
	const time = stamp.exec(raw);
	const rest = raw.slice(time?.[0].length ?? 0).replace(/^\uFEFF/, '');
	const found = marker.exec(rest);
	const at = time === null ? Number.NaN : Date.parse(time[1]!);
	return {
		at: Number.isNaN(at) ? null : at,
		kind: found === null ? 'plain' : kinds[(found[1] ?? found[2])!]!,
		text: rest.slice(found?.[0].length ?? 0),
	};
};

const tooManyMarks = /\p{M}{3}/u;
const tabWidth = 8;

/** The runs, each made safe by itself, with columns kept across them. */
const safeRuns = (runs: readonly StyleRun[]): StyledText[] => {
	let column = 0;
	return runs.flatMap(({text, style}): StyledText[] => {
		// Tabs count from the line's beginning.
		const expanded = text.replaceAll(/\t|[^\t]+/g, part => {
			const shown = part === '\t' ? ' '.repeat(tabWidth - (column % tabWidth)) : part;
			column += shown.length;
			return shown;
		});
		// A blank at a run's end is no trailing one.
		const safe = sanitiseLine(expanded) + /(?<! ) *$/.exec(expanded)![0];
		return safe === '' ? [] : [style === null ? {text: safe} : {text: safe, style}];
	});
};

const trimmed = (spans: readonly StyledText[]): StyledText[] => {
	const result = [...spans];
	for (let last = result.at(-1); last !== undefined; last = result.at(-1)) {
		const text = last.style?.ground || last.style?.inverse ? last.text : last.text.trimEnd();
		if (text !== '') {
			result[result.length - 1] = {...last, text};
			break;
		}
		result.pop();
	}
	return result;
};

/** At most so many characters. */
const upTo = (spans: readonly StyledText[], length: number): StyledText[] => {
	let left = length;
	return spans.flatMap((span): StyledText[] => {
		const text = span.text.slice(0, Math.max(0, left)).replace(/[\uD800-\uDBFF]$/, '');
		left -= span.text.length;
		return text === '' ? [] : [{...span, text}];
	});
};

const lengthOf = (spans: readonly StyledText[]) => spans.reduce((sum, {text}) => sum + text.length, 0);
export const textOf = (spans: readonly StyledText[]): string => spans.map(({text}) => text).join('');

/** Colours are kept where the text is the same without them; where a secret had to be masked, the line loses them. */
const styled = (text: string, masker: Masker, block: KeyBlock): {spans: StyledText[]; block: KeyBlock} => {
	const bare = withoutEscapes(text);
	const key = maskKeyLine(bare, block);
	const masked = masker.text(key.line);
	const plain = (shown: string): StyledText[] => {
		const safe = sanitiseLine(shown);
		// What was between the characters of a secret is gone now.
		const again = masker.text(safe);
		return again === '' ? [] : [{text: again}];
	};
	if (masked !== bare || !text.includes('\u001B')) return {spans: plain(masked), block: key.block};
	const spans = trimmed(safeRuns(runsOf(text)));
	const whole = textOf(spans);
	return {spans: tooManyMarks.test(whole) || masker.text(whole) !== whole ? plain(masked) : spans, block: key.block};
};

/** The line as it is shown; of a long one its beginning, and of a progress line its last state. */
export const showGitHubLine = ({head, tail, bytes}: RawLine, masker: Masker, block: KeyBlock): ShownLine => {
	const {at, kind, text} = takeApart(head);
	if (tail === null || /\r./.test(tail)) {
		const own = lastState(tail ?? text);
		// A state that was written over the first one may carry its own mark.
		const {spans, block: next} = styled(own, masker, block);
		const length = lengthOf(spans);
		if (length <= shownAtMost) return {at, kind, spans, block: next};
		const shown = upTo(spans, shownAtMost);
		return {
			at,
			kind,
			spans: [...shown, {text: cutMark(Buffer.byteLength(textOf(spans)) - Buffer.byteLength(textOf(shown)))}],
			block: next,
		};
	}
	const {spans, block: next} = styled(text, masker, block);
	// Masked with all that was read, then cut: a secret at the border is known whole.
	const shown = upTo(spans, Math.min(shownAtMost, Math.max(0, lengthOf(spans) - masker.longest)));
	return {at, kind, spans: [...shown, {text: cutMark(bytes - Buffer.byteLength(textOf(shown)))}], block: next};
};

export const sameStyle = (a: TextStyle | undefined, b: TextStyle | undefined): boolean =>
	JSON.stringify(a) === JSON.stringify(b);
