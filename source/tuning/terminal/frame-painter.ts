/**
 * Ink finds its way by relative moves: up by as many lines as the last frame had, erase, write, line feed. That goes wrong
 * for good as soon as the cursor is not where Ink left it: tmux wraps the lines anew when the window becomes narrower,
 * also on the alternate screen; a row that the terminal shows wider than we measured wraps into the next one; another
 * program may have printed something. So Ink hands over whole frames (`incrementalRendering: false`), and the painter
 * writes those rows that changed, each to its own place. What it knows of a frame is its text alone.
 */
import {rowUpdate} from './row-update.ts';

/** No row may run into the next one, whatever the terminal thinks of its width. Given back by the guard. */
const withoutWrapping = '\u001B[?7l';
export const wrapping = '\u001B[?7h';

const plainAtHome = '\u001B[0m\u001B[H';
const eraseRow = '\u001B[K';
const eraseBelow = '\u001B[J';
const eraseScreen = '\u001B[2J';

/** How Ink takes back the frame before: `eraseLines` of ansi-escapes, or home and erase. */
// eslint-disable-next-line no-control-regex -- That is what they are made of.
const takingBack = /^(?:\u001B\[(?:2K|1A|G|1;1H|J))+/;

/** A sequence other than a colour or a hyperlink: not (only) a frame. */
// eslint-disable-next-line no-control-regex -- That is what they are made of.
const foreign = /\u001B(?!\[[\d;:]*m|\]8;|\\)/;

export const createPainter = (height: () => number) => {
	/** Empty before the first frame. */
	let wanted: readonly string[] = [];
	/** Null: nobody knows what the terminal shows. */
	let shown: readonly string[] | null = null;
	let mustClear = false;

	/** Cutting is for the moment in which the terminal has lost rows and the frame does not know yet. */
	const rowsOf = (text: string) =>
		(text.endsWith('\n') ? text.slice(0, -1) : text).split('\n').slice(0, height() || undefined);

	const everything = () => {
		// In a cleared screen nothing is left to erase. Otherwise (the first frame, over the skeleton) no cell goes dark in between.
		const [erase, end] = mustClear ? ['', ''] : [eraseRow, `\u001B[${wanted.length + 1};1H${eraseBelow}`];
		const rows = wanted.map((row, index) => (index === 0 ? erase : `\u001B[${index + 1};1H${erase}`) + row);
		return (
			withoutWrapping +
			plainAtHome +
			(mustClear ? eraseScreen : '') +
			rows.join('') +
			(wanted.length < height() ? end : '')
		);
	};
	const changes = (before: readonly string[]) => {
		let text = '';
		for (let index = 0; index < Math.max(before.length, wanted.length); index++) {
			const [from, to] = [before[index] ?? '', wanted[index] ?? ''];
			if (from !== to) {
				text += rowUpdate(index + 1, from, to);
			}
		}
		return text;
	};
	const paint = () => {
		const text = shown === null ? everything() : changes(shown);
		shown = wanted;
		mustClear = false;
		return text;
	};

	return {
		/** What to write for what Ink writes. */
		translate(chunk: string) {
			const text = chunk.replace(takingBack, '');
			if (text === '') {
				// Nothing has to be taken back: the next frame knows what is there.
				return text;
			}
			if (foreign.test(text)) {
				return chunk;
			}
			wanted = rowsOf(text);
			return paint();
		},
		/** The terminal may show anything now: the next frame clears it and is written in full. */
		forget() {
			shown = null;
			mustClear = true;
		},
		isUpToDate: () => shown !== null,
		/** The last frame once more, in full. Nothing when there was none: a skeleton stays. */
		again() {
			if (wanted.length === 0) {
				return '';
			}
			shown = null;
			mustClear = true;
			return paint();
		},
	};
};
