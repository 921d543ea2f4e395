/** What changes one row of the screen into another: from the first cell that differs, where that cell is certain. */
import {endOfLink, endOfSequence, isSimpleCode, linkEnd} from '../ink/simple-text.ts';

const goTo = (row: number, column: number) => `\u001B[${row};${column}H`;
/** Before the text, not after it: behind a text that fills the row, the cursor still stands on its last cell. */
const eraseRest = '\u001B[K';

const startsSimply = (text: string, start: number) => {
	let index = start;
	for (let end = endOfSequence(text, index); end !== -1; end = endOfSequence(text, index)) {
		index = end;
	}
	return index === text.length || isSimpleCode(text.charCodeAt(index));
};

/** Colours that the row has switched on so far: a reset forgets those before it. */
const withSgr = (styles: string, sgr: string) => (sgr === '\u001B[0m' || sgr === '\u001B[m' ? '' : styles + sgr);

/**
 * Rows are counted from 1. The equal beginning stays on the screen only while it consists of characters that are one cell
 * wide in every terminal: terminals disagree about emoji, and a column that is guessed wrong would leave remains.
 */
export const rowUpdate = (row: number, previous: string, next: string) => {
	const whole = goTo(row, 1) + eraseRest + next;
	let common = 0;
	while (
		common < next.length &&
		common < previous.length &&
		next.charCodeAt(common) === previous.charCodeAt(common)
	) {
		common++;
	}
	// Where the rest begins, and where it would begin one character earlier.
	let [index, column, styles, link] = [0, 1, '', ''];
	let [indexBefore, stylesBefore, linkBefore] = [0, '', ''];
	while (index < common) {
		if (isSimpleCode(next.charCodeAt(index))) {
			[indexBefore, stylesBefore, linkBefore] = [index, styles, link];
			index++;
			column++;
			continue;
		}
		const end = endOfSequence(next, index);
		if (end === -1 || end > common) {
			break;
		}
		if (endOfLink(next, index) === -1) {
			styles = withSgr(styles, next.slice(index, end));
		} else {
			const sequence = next.slice(index, end);
			link = sequence === linkEnd ? '' : sequence;
		}
		index = end;
	}
	// An accent or a joiner that comes or goes belongs to the cell before it.
	if (!startsSimply(previous, index) || !startsSimply(next, index)) {
		[index, column, styles, link] = [indexBefore, Math.max(1, column - 1), stylesBefore, linkBefore];
	}
	const rest = goTo(row, column) + eraseRest + link + styles + next.slice(index);
	return rest.length < whole.length ? rest : whole;
};
