/** Boxes, rules and columns, as lines. */
import {blank, fit, fitLine, type Line, lineWidth, type Span, span, widthOf} from './text.ts';
import type {Look, Tone} from './theme.ts';

export type Size = {width: number; height: number};

type PaneOptions = Size & {look: Look; title: Line; right?: Line; tone?: Tone; lines: readonly Line[]};

/** A titled horizontal line over the whole width: `── Environments ───── right ──`. */
export const rule = (
	title: Line,
	right: Line,
	width: number,
	look: Look,
	ends: readonly [string, string] = ['', ''],
	tone: Tone = 'quiet',
): Line => {
	const {horizontal} = look.glyphs;
	const [start, end] = ends;
	const lead: Span[] = [span(start + horizontal, tone), span(' ')];
	// The title says what it is; what stands on the right gives way to it.
	const bothFit = lineWidth(title) + lineWidth(right) + lineWidth(lead) + widthOf(end) + 6 <= width;
	// Blanks at its end, which keep it above a column, are part of the rule.
	const trailing = /(?<! ) *$/.exec(right.at(-1)?.text ?? '')![0].length;
	const shownRight = right.map((part, index) =>
		index === right.length - 1 ? {...part, text: part.text.trimEnd()} : part,
	);
	const tail: Span[] =
		lineWidth(right) > 0 && bothFit
			? [span(' '), ...shownRight, span(' '), span(horizontal.repeat(trailing + 1) + end, tone)]
			: [span(horizontal + end, tone)];
	const room = width - lineWidth(lead) - lineWidth(tail) - 1;
	if (room < 4)
		return [span(start + horizontal.repeat(Math.max(0, width - widthOf(start) - widthOf(end))) + end, tone)];
	const shown = lineWidth(title) > room ? fitLine(title, room, look.glyphs.ellipsis) : title;
	return [...lead, ...shown, span(' '), span(horizontal.repeat(Math.max(0, room - lineWidth(shown))), tone), ...tail];
};

/** A box with its title in the border; exactly `width` by `height`. */
export const pane = ({
	width,
	height,
	look,
	title,
	right = blank,
	tone = 'quiet',
	lines,
}: PaneOptions): readonly Line[] => {
	const {vertical, horizontal, topLeft, topRight, bottomLeft, bottomRight, ellipsis} = look.glyphs;
	const side = span(vertical, tone);
	const inside = Array.from({length: Math.max(0, height - 2)}, (_, row): Line => [
		side,
		span(' '),
		...fitLine(lines[row] ?? blank, width - 4, ellipsis),
		span(' '),
		side,
	]);
	return [
		rule(title, right, width, look, [topLeft, topRight], tone),
		...inside,
		[span(bottomLeft + horizontal.repeat(Math.max(0, width - 2)) + bottomRight, tone)],
	].slice(0, Math.max(0, height));
};

/** Columns side by side, each as wide as said; shorter ones are filled with blanks. */
export const beside = (columns: ReadonlyArray<{lines: readonly Line[]; width: number}>, gap = 1): readonly Line[] => {
	const height = Math.max(0, ...columns.map(({lines}) => lines.length));
	return Array.from({length: height}, (_, row) =>
		columns.flatMap(({lines, width}, index) => [
			...(index === 0 ? [] : [span(' '.repeat(gap))]),
			...fitLine(lines[row] ?? blank, width),
		]),
	);
};

/** Exactly so many lines. */
export const toHeight = (lines: readonly Line[], height: number): readonly Line[] =>
	Array.from({length: Math.max(0, height)}, (_, row) => lines[row] ?? blank);

/** `━━━━━━────` with the share done; `mark` is where "usual" is, as a share of the whole. */
export const bar = (share: number, width: number, look: Look, tone: Tone, mark: number | null = null): Line => {
	const cells = Math.max(0, width);
	const filled = Math.max(0, Math.min(cells, Math.round(share * cells)));
	const at = mark === null || mark <= 0 || mark >= 1 ? -1 : Math.min(cells - 1, Math.round(mark * cells));
	const part = (from: number, to: number, glyph: string, colour: Tone): Span[] =>
		to > from ? [span(glyph.repeat(to - from), colour)] : [];
	const both = (from: number, to: number): Span[] => [
		...part(from, Math.min(to, Math.max(from, filled)), look.glyphs.filled, tone),
		...part(Math.max(from, Math.min(to, filled)), to, look.glyphs.empty, 'quiet'),
	];
	return at === -1
		? both(0, cells)
		: [...both(0, at), span(look.glyphs.mark, at < filled ? tone : 'quiet'), ...both(at + 1, cells)];
};

/** Two blanks and the text in the middle of the width. */
export const centred = (text: string, width: number): Line => [
	span(fit(' '.repeat(Math.max(0, Math.floor((width - widthOf(text)) / 2))) + text, width)),
];
