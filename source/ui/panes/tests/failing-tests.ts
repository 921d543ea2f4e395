/** What fails, one below the other: where, what it says, and whether that is new. */
import {flakyText, type FlakyMark} from '../../../core/tests/flaky.ts';
import type {Failing} from '../../../state/tests/test-select.ts';
import {windowAround} from '../../../state/view/window.ts';
import {cut, fitLine, type Line, span, spread, wrap} from '../../lines/text.ts';
import type {Look, Tone} from '../../lines/theme.ts';

const markTones: Readonly<Record<FlakyMark['kind'], Tone>> = {
	flaky: 'wait',
	'failed-before': 'quiet',
	new: 'bad',
	unknown: 'quiet',
};

/** Wider, the eye would lose the way from a name to its mark. */
export const listAtMost = 150;
/** From here on the mark stands beside the name; narrower, it would take the name's room. */
const besideFrom = 100;
/** Of the chosen one's message; of the others one. */
const messageRows = 4;

const verdictText = ({kind, mark, attempt}: Failing): string => {
	if (kind === 'before') return `failed in attempt ${attempt}`;
	if (attempt !== null)
		return `failed in attempt ${attempt}, passed since${mark.kind === 'flaky' ? `; ${flakyText(mark)}` : ''}`;
	if (kind !== 'flaky') return flakyText(mark);
	switch (mark.kind) {
		case 'flaky':
			return `flaky now, and in ${mark.times} of ${mark.of} runs before`;
		case 'failed-before':
			return `flaky now, failed in ${mark.times} of ${mark.of} runs before`;
		case 'new':
			return `flaky now, never in ${mark.of} runs before`;
		case 'unknown':
			return 'flaky now';
	}
};

const nameLine = ({kind, location, title}: Failing, isChosen: boolean, look: Look): Line => {
	const {cursor} = look.glyphs;
	const mark = look.markOf(kind === 'flaky' ? 'skipped' : kind === 'before' ? 'queued' : 'failed');
	return [
		span(isChosen ? `${cursor} ` : '  ', 'accent', {bold: true}),
		span(`${mark.text} `, kind === 'flaky' ? 'wait' : mark.tone),
		...(location === '' ? [] : [span(location, 'accent'), span(cursor === '>' ? ' > ' : ' › ', 'quiet')]),
		span(title, undefined, {bold: isChosen}),
	];
};

const failureLines = (
	failing: Failing,
	isChosen: boolean,
	rowsAtMost: number,
	width: number,
	look: Look,
): readonly Line[] => {
	const {ellipsis, separator} = look.glyphs;
	const verdict = span(
		verdictText(failing),
		failing.kind === 'flaky' || failing.kind === 'before' ? 'wait' : markTones[failing.mark.kind],
	);
	const isBeside = width >= besideFrom;
	const room = width - 4;
	const {message} = failing;
	const indented = (...line: Line): Line => [span('    '), ...line];
	const name = nameLine(failing, isChosen, look);
	const first = isBeside ? spread(name, [verdict], width, ellipsis) : fitLine(name, width, ellipsis);
	if (isChosen)
		return [
			first,
			...(isBeside ? [] : [indented(verdict)]),
			...wrap(message, room)
				.slice(0, rowsAtMost)
				.filter(row => row !== '')
				.map(row => indented(span(row))),
		];
	if (isBeside) return [first, ...(message === '' ? [] : [indented(span(cut(message, room, ellipsis), 'quiet'))])];
	return [
		first,
		fitLine(
			indented(verdict, ...(message === '' ? [] : [span(` ${separator} ${message}`, 'quiet')])),
			width,
			ellipsis,
		),
	];
};

type List = {lines: readonly Line[]; /** How many are not shown, above and below. */ before: number; after: number};

/** Whole entries around the chosen one, as many as fit. */
export const failureList = (
	failures: readonly Failing[],
	chosen: Failing | null,
	width: number,
	height: number,
	look: Look,
): List => {
	const at = Math.max(
		0,
		failures.findIndex(({key}) => key === chosen?.key),
	);
	const blocks = failures.map((failing, index) =>
		failureLines(failing, index === at, Math.max(1, Math.min(messageRows, height - 3)), width, look),
	);
	if (blocks.flat().length <= height) return {lines: blocks.flat(), before: 0, after: 0};
	const each = Math.max(1, ...blocks.map((block, index) => (index === at ? 1 : block.length)));
	const extra = Math.max(0, blocks[at]!.length - each);
	const {start, end} = windowAround(failures.length, at, Math.max(1, Math.floor((height - extra) / each)));
	return {lines: blocks.slice(start, end).flat().slice(0, height), before: start, after: failures.length - end};
};

/** `↑ 2 more  ↓ 3 more`. */
export const hiddenSpans = (before: number, after: number, {glyphs}: Look): Line => [
	span(
		[
			...(before > 0 ? [`${glyphs.up} ${before} more`] : []),
			...(after > 0 ? [`${glyphs.down} ${after} more`] : []),
		].join('  '),
		'quiet',
	),
];
