/** What of one line of a log reaches a screen: the last of a progress line's states, no escape sequence, no secret, of bounded length. */
import type {Masker} from '../core/text/mask.ts';
import {maskKeyLine, type KeyBlock} from '../core/text/mask-shapes.ts';
import {sanitiseLine, withoutEscapes} from '../core/text/sanitise.ts';

/** Characters of a line that are shown; what is more is said, not shown. */
export const shownAtMost = 10_000;
/** Bytes that are read of a line's beginning, and of its end: enough to show, with room for escape sequences. */
export const readAtMost = 32_768;

/** A line as it is in the file. `tail`: its last bytes where it is longer than `readAtMost`, else null. */
export type RawLine = {head: string; tail: string | null; bytes: number};

// "Back to the first column": a carriage return, or the sequence for it.
const overwritten = /^[\s\S]*(?:\r|\u001B\[[01]?G)/;
export const lastState = (text: string) => {
	let end = text.length;
	while (text[end - 1] === '\r') end--;
	return text.slice(0, end).replace(overwritten, '');
};

const cut = (text: string) => text.slice(0, shownAtMost).replace(/[\uD800-\uDBFF]$/, '');
/** What is said of what is not shown. */
export const cutMark = (bytesCut: number) => `… (${bytesCut.toLocaleString('en-US')} more bytes)`;
const withMark = (text: string, bytesCut: number) => `${text}${cutMark(bytesCut)}`;

const safe = (text: string, masker: Masker, block: KeyBlock) => {
	const key = maskKeyLine(withoutEscapes(text), block);
	const masked = masker.text(key.line);
	const shown = sanitiseLine(masked);
	// What was between the characters of a secret is gone now.
	return {text: shown === masked ? shown : masker.text(shown), block: key.block};
};

/** The line as it is shown, and where the next one stands to a private key. */
export const showLine = (
	{head, tail, bytes}: RawLine,
	masker: Masker,
	block: KeyBlock,
): {text: string; block: KeyBlock} => {
	if (tail === null || /\r./.test(tail)) {
		const whole = safe(lastState(tail ?? head), masker, block);
		if (whole.text.length <= shownAtMost) return whole;
		const shown = cut(whole.text);
		return {text: withMark(shown, Buffer.byteLength(whole.text) - Buffer.byteLength(shown)), block: whole.block};
	}
	// Masked with all that was read, then cut: a secret at the border is known whole.
	const begun = safe(head, masker, block);
	const shown = cut(begun.text.slice(0, Math.max(0, begun.text.length - masker.longest)));
	return {text: withMark(shown, bytes - Buffer.byteLength(shown)), block: begun.block};
};
