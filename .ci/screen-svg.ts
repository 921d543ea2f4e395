/** A screen as a picture: lines of styled text, as the program draws them, become an SVG that needs no fonts of its own. */
import {type Line, lineWidth, type Span, widthOf} from '../source/ui/lines/text.ts';
import type {Colour, Look} from '../source/ui/lines/theme.ts';

/** Colours of a common dark terminal, each readable on its ground (contrast of at least 4.5 to 1). */
const ground = '#0d1117';
const ink = '#e6edf3';
const inks: Readonly<Record<Colour, string>> = {
	green: '#3fb950',
	red: '#ff7b72',
	cyan: '#39c5cf',
	blue: '#79c0ff',
	yellow: '#e3b341',
	magenta: '#d2a8ff',
	gray: '#8b949e',
};

/** Units of the SVG; only their proportions matter. */
const cell = {width: 8.4, height: 18};
const margin = 14;
const baseline = 13;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const rounded = (value: number): number => Math.round(value * 10) / 10;

const inkOf = ({tone}: Span, colours: Look['colours']): string => {
	const colour = tone && colours ? colours[tone] : null;
	return colour === null ? ink : inks[colour];
};

/** Each span has its place and its length in cells, so that no font can move what stands behind it. */
const spanSvg = (span: Span, column: number, y: number, colours: Look['colours']): string => {
	const xOf = (cells: number): number => rounded(margin + cells * cell.width);
	const colour = inkOf(span, colours);
	const shade = span.inverse
		? `<rect x="${xOf(column)}" y="${rounded(y - baseline)}" width="${rounded(widthOf(span.text) * cell.width)}" height="${cell.height}" fill="${colour}"/>`
		: '';
	const text = span.text.trim();
	if (text === '') return shade;
	// Space at the ends is a matter of place: viewers differ in what they make of it.
	const start = column + widthOf(span.text) - widthOf(span.text.trimStart());
	const bold = span.bold ? ' font-weight="bold"' : '';
	return `${shade}<text x="${xOf(start)}" y="${y}" textLength="${rounded(widthOf(text) * cell.width)}" fill="${span.inverse ? ground : colour}"${bold}>${escaped(text)}</text>`;
};

const lineSvg = (line: Line, row: number, colours: Look['colours']): string[] => {
	const y = rounded(margin + row * cell.height + baseline);
	let column = 0;
	return line.flatMap(span => {
		const text = spanSvg(span, column, y, colours);
		column += widthOf(span.text);
		return text === '' ? [] : [text];
	});
};

/** `title` is read out where the picture is not seen. Ends with a line break. */
export const screenSvg = (lines: readonly Line[], {colours}: Pick<Look, 'colours'>, title: string): string => {
	const width = rounded(Math.max(...lines.map(line => lineWidth(line))) * cell.width + 2 * margin);
	const height = rounded(lines.length * cell.height + 2 * margin);
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" xml:space="preserve"`,
		'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="14">',
		`<title>${escaped(title)}</title>`,
		`<rect width="100%" height="100%" rx="8" fill="${ground}"/>`,
		...lines.flatMap((line, row) => lineSvg(line, row, colours)),
		'</svg>',
		'',
	].join('\n');
};
