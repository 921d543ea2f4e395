/** The picture as text: plain for golden screens, with colours for the terminal. */
import {type Line, plainText, type Span} from './text.ts';
import type {Colour, Look} from './theme.ts';

export const screenText = (lines: readonly Line[]): string => lines.map(line => plainText(line).trimEnd()).join('\n');

const codes: Readonly<Record<Colour, number>> = {red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36, gray: 90};

const ansiSpan = ({text, tone, bold, inverse}: Span, colours: Look['colours']): string => {
	const colour = tone && colours ? colours[tone] : null;
	const sgr = [...(bold ? [1] : []), ...(tone === 'quiet' && !colours ? [2] : []), ...(inverse ? [7] : []), ...(colour ? [codes[colour]] : [])];
	return sgr.length === 0 ? text : `\u001B[${sgr.join(';')}m${text}\u001B[0m`;
};

/** A line with its colours; without colours quiet text is dim. */
export const ansiLine = (line: Line, colours: Look['colours']): string => line.map(span => ansiSpan(span, colours)).join('');

export const ansiText = (lines: readonly Line[], {colours}: Look): string => lines.map(line => ansiLine(line, colours)).join('\n');
