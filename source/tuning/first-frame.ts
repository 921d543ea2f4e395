/**
 * Ink's first frame assumes an empty screen: it writes its lines without erasing anything. Over a skeleton that would
 * leave remains to the right of shorter lines and below. So the first chunk with a line in it is rewritten: home, each line
 * erased before it is written (after it would eat the last cell of a line that fills the row: the cursor still stands on
 * that cell), the rest of the screen erased at the end. The terminal gets this in one write, inside Ink's synchronised update.
 */
const home = '\u001B[H';
const eraseLine = '\u001B[K';
const eraseBelow = '\u001B[J';

/** Sequences that carry no frame. */
// eslint-disable-next-line no-control-regex -- That is what they are made of.
const controlOnly = /^(?:\u001B\[[\d;?]*[A-Za-z])*$/;

export const paintedOver = () => (chunk: string): {text: string; isDone: boolean} => {
	if (controlOnly.test(chunk)) {
		return {text: chunk, isDone: false};
	}
	return {text: home + eraseLine + chunk.replaceAll('\n', `\n${eraseLine}`) + (chunk.endsWith('\n') ? eraseBelow : ''), isDone: true};
};
