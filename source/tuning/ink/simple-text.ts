/**
 * Simple characters: one UTF-16 unit, one cell, one grapheme whatever simple neighbour it has, visible, no control. Most
 * of what a terminal UI prints: ASCII, Latin, Greek, Cyrillic, punctuation, arrows, box drawing, symbols, braille.
 * test/tuning.test.ts holds each of them to what string-width, Intl.Segmenter and Unicode say.
 */
const size = 0x2900;

const ranges: ReadonlyArray<readonly [number, number]> = [
	[0x20, 0x7e],
	[0xa0, 0xac],
	[0xae, 0x2ff],
	[0x370, 0x377],
	[0x37a, 0x37f],
	[0x384, 0x38a],
	[0x38e, 0x3a1],
	[0x3a3, 0x482],
	[0x48a, 0x52f],
	[0x1e00, 0x1eff],
	[0x2010, 0x2027],
	[0x202f, 0x205e],
	[0x20a0, 0x20bf],
	[0x2100, 0x218b],
	[0x2190, 0x2319],
	[0x231c, 0x2328],
	[0x232b, 0x23e8],
	[0x23ed, 0x23ef],
	[0x23f1, 0x23f2],
	[0x23f4, 0x2426],
	[0x2460, 0x25fc],
	[0x25ff, 0x2613],
	[0x2616, 0x262f],
	[0x2638, 0x2647],
	[0x2654, 0x267e],
	[0x2680, 0x2689],
	[0x2690, 0x2692],
	[0x2694, 0x26a0],
	[0x26a2, 0x26a9],
	[0x26ac, 0x26bc],
	[0x2701, 0x2704],
	[0x2706, 0x2709],
	[0x270c, 0x2727],
	[0x2729, 0x274b],
	[0x274f, 0x2752],
	[0x2758, 0x2794],
	[0x2798, 0x27af],
	[0x27b1, 0x27be],
	[0x27c0, 0x28ff],
];

const isSimpleUnit = new Uint8Array(size);
for (const [from, to] of ranges) {
	isSimpleUnit.fill(1, from, to + 1);
}

export const isSimpleCode = (code: number) => code < size && isSimpleUnit[code] === 1;

/** True for the empty string. */
export const isSimple = (text: string) => {
	for (let index = 0; index < text.length; index++) {
		const code = text.charCodeAt(index);
		if (code >= size || isSimpleUnit[code] === 0) {
			return false;
		}
	}
	return true;
};

const escape = 0x1b;
const bracket = 0x5b;
const semicolon = 0x3b;
const letterM = 0x6d;

/** Index after the SGR sequence (ESC [ digits and semicolons m) that starts at `start`, or −1. */
export const endOfSgr = (text: string, start: number) => {
	if (text.charCodeAt(start) !== escape || text.charCodeAt(start + 1) !== bracket) {
		return -1;
	}
	for (let index = start + 2; index < text.length; index++) {
		const code = text.charCodeAt(index);
		if (code === letterM) {
			return index + 1;
		}
		if (code !== semicolon && (code < 0x30 || code > 0x39)) {
			return -1;
		}
	}
	return -1;
};

const bell = 0x07;
const linkStart = '\u001B]8;;';
export const linkEnd = `${linkStart}\u0007`;

/** Index after the link (OSC 8 without parameters: ESC ] 8 ; ; printable ASCII BEL), or its end, that starts at `start`; or −1. */
export const endOfLink = (text: string, start: number) => {
	if (text.charCodeAt(start) !== escape || !text.startsWith(linkStart, start)) {
		return -1;
	}
	for (let index = start + linkStart.length; index < text.length; index++) {
		const code = text.charCodeAt(index);
		if (code === bell) {
			return index + 1;
		}
		if (code < 0x21 || code > 0x7e) {
			return -1;
		}
	}
	return -1;
};

/** Of either. */
export const endOfSequence = (text: string, start: number) => {
	const end = endOfSgr(text, start);
	return end === -1 ? endOfLink(text, start) : end;
};

/** Columns of a text that consists of simple characters, SGR sequences and links only; −1 for any other text. */
export const simpleWidth = (text: string) => {
	let width = 0;
	for (let index = 0; index < text.length; index++) {
		const code = text.charCodeAt(index);
		if (code < size && isSimpleUnit[code] === 1) {
			width++;
		} else {
			const end = endOfSequence(text, index);
			if (end === -1) {
				return -1;
			}
			index = end - 1;
		}
	}
	return width;
};
