/** From one positioned text to the pieces that it leaves on rows: split, clipped, transformed. Follows Ink's output.js. */
import {styledCharsToString} from './ansi-tokenize.ts';
import {blankCell, styledCharacters, type StyledCharacter} from './styled.ts';
import stringWidth from './string-width.ts';
import {memo} from './memo.ts';
import type {Piece} from './output-row.ts';

/** Half-open in columns and rows; undefined: no bound on that side. */
export type Clip = {x1: number | undefined; x2: number | undefined; y1: number | undefined; y2: number | undefined};

export type Transformer = (line: string, index: number) => string;

type Write = {x: number; y: number; text: string; transformers: readonly Transformer[]};

const isEmpty = (clip: Clip) =>
	(clip.x1 !== undefined && clip.x2 !== undefined && clip.x1 >= clip.x2) ||
	(clip.y1 !== undefined && clip.y2 !== undefined && clip.y1 >= clip.y2);

/** Lines that each carry their own styles, so that any of them can stand alone. */
const splitLines = memo((text: string): readonly string[] => {
	const lines: StyledCharacter[][] = [[]];
	for (const character of styledCharacters(text)) {
		if (character.value === '\n') {
			lines.push([]);
		} else {
			lines.at(-1)?.push(character);
		}
	}
	return lines.map(line => styledCharsToString(line));
}, 2048);

const widest = (text: string) => {
	let widestSoFar = 0;
	for (const line of text.split('\n')) {
		widestSoFar = Math.max(widestSoFar, stringWidth(line));
	}
	return widestSoFar;
};

/** A wide character of which only a half is inside becomes a blank with its styles. */
const slice = (line: string, from: number, to: number) => {
	if (from >= to) {
		return '';
	}
	const result: StyledCharacter[] = [];
	let column = 0;
	for (const character of styledCharacters(line)) {
		const width = stringWidth(character.value);
		const start = column;
		column += width;
		if (column <= from) {
			continue;
		}
		if (start >= to) {
			break;
		}
		result.push(width > 1 && (start < from || column > to) ? blankCell(character) : character);
	}
	return styledCharsToString(result);
};

const slices = memo((key: string) => {
	const [from, to] = key.split(' ', 2);
	return slice(key.slice(`${from} ${to} `.length), Number(from), Number(to));
}, 2048);

export const pieces = (operation: Write, clip: Clip | undefined, rows: readonly Piece[][]) => {
	const {text, transformers} = operation;
	let {x, y} = operation;
	let lines = splitLines(text);
	if (clip !== undefined) {
		if (isEmpty(clip)) {
			return;
		}
		const {x1, x2, y1, y2} = clip;
		const isBoundInX = x1 !== undefined && x2 !== undefined;
		const isBoundInY = y1 !== undefined && y2 !== undefined;
		if (isBoundInX && (x + widest(text) < x1 || x > x2)) {
			return;
		}
		if (isBoundInY && (y + lines.length < y1 || y > y2)) {
			return;
		}
		if (isBoundInX) {
			const left = x;
			lines = lines.map(line => {
				const from = left < x1 ? x1 - left : 0;
				const width = stringWidth(line);
				const to = left + width > x2 ? x2 - left : width;
				return slices(`${from} ${to} ${line}`);
			});
			x = Math.max(x, x1);
		}
		if (isBoundInY) {
			const from = y < y1 ? y1 - y : 0;
			const to = y + lines.length > y2 ? y2 - y : lines.length;
			lines = lines.slice(from, to);
			y = Math.max(y, y1);
		}
	}
	for (let index = 0; index < lines.length; index++) {
		const row = rows[y + index];
		// Above or below what is drawn.
		if (row === undefined) {
			continue;
		}
		let line = lines[index] ?? '';
		for (const transform of transformers) {
			line = transform(line, index + y - operation.y);
		}
		if (line !== '') {
			row.push({x, line});
		}
	}
};
