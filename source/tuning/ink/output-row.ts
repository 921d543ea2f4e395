/** One row of the frame from the pieces on it. Follows Ink's output.js, cell by cell. */
import {styledCharsToString} from './ansi-tokenize.ts';
import {isSimpleCode} from './simple-text.ts';
import {blankCell, styledCharacters, type StyledCharacter} from './styled.ts';
import stringWidth from './string-width.ts';

export type Piece = {x: number; line: string};

const blank: StyledCharacter = {type: 'char', value: ' ', fullWidth: false, styles: []};

/** At least 1: what is left of the invisible ones takes a cell, too. */
const cellsOf = (value: string) =>
	value.length === 1 && isSimpleCode(value.charCodeAt(0)) ? 1 : Math.max(1, stringWidth(value));

const place = (cells: StyledCharacter[], {x, line}: Piece) => {
	const characters = styledCharacters(line);
	if (characters.length === 0) {
		return;
	}
	let column = x;
	// Writing onto the second half of a wide character: its first half may not stay.
	const before = cells[column - 1];
	if (cells[column]?.value === '' && column > 0 && stringWidth(before?.value ?? '') > 1 && before !== undefined) {
		cells[column - 1] = blankCell(before);
	}
	for (const character of characters) {
		cells[column] = character;
		const width = cellsOf(character.value);
		for (let offset = 1; offset < width; offset++) {
			// Where the first half is left of the screen, the second is a blank that can be seen.
			cells[column + offset] = {
				type: 'char',
				value: column < 0 ? ' ' : '',
				fullWidth: false,
				styles: character.styles,
			};
		}
		column += width;
	}
	const after = cells[column];
	if (after?.value === '') {
		cells[column] = blankCell(after);
	}
};

/** `width` in cells. A piece may reach beyond it. */
export const composeRow = (width: number, pieces: readonly Piece[]) => {
	const cells: StyledCharacter[] = [];
	for (let column = 0; column < width; column++) {
		cells.push(blank);
	}
	for (const piece of pieces) {
		place(cells, piece);
	}
	// A piece that starts beyond the width leaves holes before it.
	return styledCharsToString(cells.filter(cell => cell !== undefined)).trimEnd();
};
