/** The picture as text: plain for golden screens, with colours for the terminal. */
import type {LogColour, TextStyle} from '../../core/runs/job-log.ts';
import {isPlainAddress} from '../../core/github/pages.ts';
import {type Line, plainText, type Span} from './text.ts';
import type {Colour, Look} from './theme.ts';

export const screenText = (lines: readonly Line[]): string => lines.map(line => plainText(line).trimEnd()).join('\n');

const codes: Readonly<Record<Colour, number>> = {
	red: 31,
	green: 32,
	yellow: 33,
	blue: 34,
	magenta: 35,
	cyan: 36,
	gray: 90,
};

const logCodes: Readonly<Record<LogColour, number>> = {
	black: 30,
	red: 31,
	green: 32,
	yellow: 33,
	blue: 34,
	magenta: 35,
	cyan: 36,
	white: 37,
	gray: 90,
};

/** What cannot be read on this ground is shown in a colour that can: black on black, white and yellow on white. */
const readable = (colour: LogColour, isLight: boolean): LogColour | null => {
	if (!isLight) return colour === 'black' ? 'gray' : colour;
	return colour === 'white' ? null : colour === 'yellow' ? 'magenta' : colour === 'cyan' ? 'blue' : colour;
};

const ownCodes = (style: TextStyle, colours: Look['colours']): readonly number[] => {
	const {colour, ground, bold, dim, italic, underline, inverse, strike} = style;
	const shown =
		colours === null || colour === undefined
			? null
			: ground === undefined
				? readable(colour, colours.wait === 'magenta')
				: colour;
	return [
		...(bold ? [1] : []),
		...(dim ? [2] : []),
		...(italic ? [3] : []),
		...(underline ? [4] : []),
		...(inverse ? [7] : []),
		...(strike ? [9] : []),
		...(shown === null ? [] : [logCodes[shown]]),
		...(colours === null || ground === undefined ? [] : [ground === 'gray' ? 100 : logCodes[ground] + 10]),
	];
};

/** OSC 8. Opened and closed around the text alone, so that none runs into the next row, or into what was cut off. */
const withLink = (text: string, link: string | undefined): string =>
	link === undefined || !isPlainAddress(link) ? text : `\u001B]8;;${link}\u0007${text}\u001B]8;;\u0007`;

const ansiSpan = ({text, tone, bold, inverse, style}: Span, colours: Look['colours']): string => {
	const colour = tone && colours ? colours[tone] : null;
	const sgr = [
		...(bold ? [1] : []),
		...(tone === 'quiet' && !colours ? [2] : []),
		...(inverse ? [7] : []),
		...(colour ? [codes[colour]] : []),
		...(style ? ownCodes(style, colours) : []),
	];
	return sgr.length === 0 ? text : `\u001B[${sgr.join(';')}m${text}\u001B[0m`;
};

/** A line with its colours; without colours quiet text is dim. */
export const ansiLine = (line: Line, colours: Look['colours']): string =>
	line.map(span => withLink(ansiSpan(span, colours), span.link)).join('');

export const ansiText = (lines: readonly Line[], {colours}: Look): string =>
	lines.map(line => ansiLine(line, colours)).join('\n');
