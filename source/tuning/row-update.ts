/** What changes one row of the screen into another: from the first cell that differs, where that cell is certain. */
import {endOfSgr, isSimpleCode} from './simple-text.ts';

const goTo = (row: number, column: number) => `\u001B[${row};${column}H`;
/** Before the text, not after it: behind a text that fills the row, the cursor still stands on its last cell. */
const eraseRest = '\u001B[K';

const startsSimply = (text: string, start: number) => {
	let index = start;
	for (let end = endOfSgr(text, index); end !== -1; end = endOfSgr(text, index)) {
		index = end;
	}
	return index === text.length || isSimpleCode(text.charCodeAt(index));
};

/** Colours that the row has switched on so far: a reset forgets those before it. */
const withSgr = (styles: string, sgr: string) => sgr === '\u001B[0m' || sgr === '\u001B[m' ? '' : styles + sgr;

/**
 * Rows are counted from 1. The equal beginning stays on the screen only while it consists of characters that are one cell
 * wide in every terminal: terminals disagree about emoji, and a column that is guessed wrong would leave remains.
 */
export const rowUpdate = (row: number, previous: string, next: string) => {
	const whole = goTo(row, 1) + eraseRest + next;
	let common = 0;
	while (common < next.length && common < previous.length && next.charCodeAt(common) === previous.charCodeAt(common)) {
		common++;
	}
	let here = {index: 0, column: 1, styles: ''};
	let before = here;
	while (here.index < common) {
		const end = endOfSgr(next, here.index);
		if (end !== -1 && end <= common) {
			here = {index: end, column: here.column, styles: withSgr(here.styles, next.slice(here.index, end))};
		} else if (isSimpleCode(next.charCodeAt(here.index))) {
			before = here;
			here = {index: here.index + 1, column: here.column + 1, styles: here.styles};
		} else {
			break;
		}
	}
	// An accent or a joiner that comes or goes belongs to the cell before it.
	const {index, column, styles} = startsSimply(previous, here.index) && startsSimply(next, here.index) ? here : before;
	const rest = goTo(row, column) + eraseRest + styles + next.slice(index);
	return rest.length < whole.length ? rest : whole;
};
