/** What dialogs have in common: a line that is typed, a refusal. */
import {sentence} from '../../../core/text/sanitise.ts';
import type {Refused} from '../../../state/model/dialog.ts';
import {type Line, type Span, span, wrap} from '../../lines/text.ts';
import type {Look} from '../../lines/theme.ts';

/** What is right so far, what is wrong of it, and the cursor. */
export const typedLine = (typed: string, wanted: string, look: Look): Line => {
	let right = 0;
	while (right < typed.length && typed[right] === wanted[right]) right++;
	const wrong = typed.slice(right);
	const isWhole = typed === wanted;
	return [
		span('> ', 'accent', {bold: true}),
		span(typed.slice(0, right), isWhole ? 'good' : undefined, {bold: true}),
		span(wrong, 'bad', {bold: true}),
		span(' ', undefined, {inverse: true}),
		...(wrong !== ''
			? [span(`  ${look.markOf('failed').text} does not match`, 'bad')]
			: isWhole
				? [span(`  ${look.markOf('passed').text} press Enter`, 'good')]
				: []),
	];
};

export const textLine = (text: string, isActive: boolean): Line => [
	span('> ', isActive ? 'accent' : 'quiet', {bold: true}),
	span(text),
	...(isActive ? [span(' ', undefined, {inverse: true})] : []),
];

/** What was not done, why, and what next. */
export const refusalLines = (refusal: Refused | null, width: number, look: Look): readonly Line[] =>
	refusal === null
		? []
		: [
				...wrap(`Refused: ${sentence(refusal.because)} (exit ${refusal.exitCode})`, width - 2).map(
					(text, index): Line => [
						span(index === 0 ? `${look.markOf('failed').text} ` : '  ', 'bad', {bold: true}),
						span(text, 'bad'),
					],
				),
				...wrap(sentence(refusal.next), width - 2).map((text, index): Line => [
					span(index === 0 ? `${look.glyphs.arrow} ` : '  ', 'accent'),
					span(text, 'accent'),
				]),
			];

export const cursor = (isChosen: boolean, look: Look): Span =>
	span(isChosen ? `${look.glyphs.cursor} ` : '  ', 'accent', {bold: true});
export const pressLine = (key: string, what: string): Line => [
	span('Press '),
	span(key, 'accent', {bold: true}),
	span(` to ${what}.`),
];
export const busyOr = (phase: 'ready' | 'starting', lines: readonly Line[], look: Look): readonly Line[] =>
	phase === 'starting' ? [[span(`${look.turningMarkOf('running').text} Doing it…`, 'busy')]] : lines;
