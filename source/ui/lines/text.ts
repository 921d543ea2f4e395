/** Lines of styled text, measured in terminal cells. The screen is an array of these; Ink only puts them there. */
import stringWidth from 'string-width';
import type {TextStyle} from '../../core/runs/job-log.ts';
import type {Tone} from './theme.ts';

/** `style`: the text's own, of a log; it takes the place of a tone. `link`: the address that it leads to, on terminals that know links. */
export type Span = {text: string; tone?: Tone; bold?: boolean; inverse?: boolean; style?: TextStyle; link?: string};
export type Line = readonly Span[];

/** One UTF-16 unit, one cell: Latin, Greek, Cyrillic, dashes and quotes, arrows, box drawing, braille, and our own symbols. Held to string-width by a test. */
export const narrow =
	/^[ -~\u00A1-\u00AC\u00AE-\u02FF\u0391-\u03A1\u03A3-\u0481\u048A-\u052F\u2010-\u2027\u2030-\u203A\u2190-\u2193\u2295-\u22B7\u2500-\u259F\u25B2\u25B8\u25CB\u25CF\u25F7\u2714\u2716\u21B5\u21B7\u21E7\u2800-\u28FF]*$/;

/** Cells that a text takes. */
export const widthOf = (text: string): number => (narrow.test(text) ? text.length : stringWidth(text));
export const lineWidth = (line: Line): number => line.reduce((sum, {text}) => sum + widthOf(text), 0);

export const span = (text: string, tone?: Tone, more?: {bold?: boolean; inverse?: boolean}): Span => ({
	text,
	...(tone && {tone}),
	...more,
});
export const blank: Line = [];

let segmenter: Intl.Segmenter | undefined;

/** At most so many cells, with an ellipsis where something was cut; never half a wide character. */
export const cut = (text: string, width: number, ellipsis = '…'): string => {
	if (width <= 0) return '';
	if (widthOf(text) <= width) return text;
	if (narrow.test(text)) return text.slice(0, width - 1) + ellipsis;
	segmenter ??= new Intl.Segmenter();
	let result = '';
	let used = 0;
	for (const {segment} of segmenter.segment(text)) {
		const cells = widthOf(segment);
		if (used + cells > width - 1) break;
		result += segment;
		used += cells;
	}
	return result + ellipsis;
};

/** Exactly so many cells. */
export const fit = (text: string, width: number, ellipsis = '…'): string => {
	const short = cut(text, width, ellipsis);
	return short + ' '.repeat(Math.max(0, width - widthOf(short)));
};

export const fitRight = (text: string, width: number): string => {
	const short = cut(text, width);
	return ' '.repeat(Math.max(0, width - widthOf(short))) + short;
};

/** The line at exactly so many cells: cut from the right, padded on the right. */
export const fitLine = (line: Line, width: number, ellipsis = '…'): Line => {
	const result: Span[] = [];
	let left = width;
	for (const part of line) {
		if (left <= 0) break;
		const cells = widthOf(part.text);
		if (cells <= left) {
			if (part.text !== '') result.push(part);
			left -= cells;
			continue;
		}
		const text = cut(part.text, left, ellipsis);
		result.push({...part, text});
		left -= widthOf(text);
		// A wide character may not have fitted: what remains is blank, not the next part.
		break;
	}
	return left > 0 ? [...result, {text: ' '.repeat(left)}] : result;
};

/** One line with something at its left and its right end; the left gives way. */
export const spread = (left: Line, right: Line, width: number, ellipsis = '…'): Line => {
	const room = width - lineWidth(right);
	if (room < 1 || room === width) return fitLine(left, width, ellipsis);
	return lineWidth(left) < room
		? [...fitLine(left, room, ellipsis), ...right]
		: [...fitLine(left, room - 1, ellipsis), span(' '), ...right];
};

/** What several parts say, with a separator between those that say something. */
export const joined = (parts: readonly Line[], separator: Span): Line =>
	parts.filter(part => lineWidth(part) > 0).flatMap((part, index) => (index === 0 ? part : [separator, ...part]));

export const plainText = (line: Line): string => line.map(({text}) => text).join('');

/** A way out that leads nowhere when a part of it is missing. */
const isAddress = /^\(?https?:\/\/\S/;
export const hasAddress = (text: string): boolean => /https?:\/\/\S/.test(text);

/** Breaks at spaces into lines of at most so many cells; a longer word is cut, and a longer address goes on in the next line. */
export const wrap = (text: string, width: number): readonly string[] => {
	const lines: string[] = [];
	let current = '';
	for (const word of text.split(' ')) {
		const longer = current === '' ? word : `${current} ${word}`;
		if (widthOf(longer) <= width) {
			current = longer;
			continue;
		}
		if (current !== '') lines.push(current);
		const pieces =
			isAddress.test(word) && width > 0
				? (word.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [])
				: [cut(word, width)];
		lines.push(...pieces.slice(0, -1));
		current = pieces.at(-1) ?? '';
	}
	return current === '' ? lines : [...lines, current];
};

/** As `wrap`, in at most so many lines, of which the last one is cut; a text with an address stays whole. */
export const wrapAtMost = (text: string, width: number, atMost: number, ellipsis: string): readonly string[] => {
	const lines = wrap(text, width);
	return lines.length <= atMost || hasAddress(text)
		? lines
		: [...lines.slice(0, atMost - 1), cut(lines.slice(atMost - 1).join(' '), width, ellipsis)];
};
