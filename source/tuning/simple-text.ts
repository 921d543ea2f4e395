/**
 * Simple characters: one UTF-16 unit, one cell, one grapheme whatever simple neighbour it has, visible, no control. Most
 * of what a terminal UI prints: ASCII, Latin, Greek, Cyrillic, punctuation, arrows, box drawing, symbols, braille.
 * test/tuning.test.ts holds each of them to what string-width, Intl.Segmenter and Unicode say.
 */
const size = 0x2900;

const ranges: ReadonlyArray<readonly [number, number]> = [
	[0x20, 0x7E], [0xA0, 0xAC], [0xAE, 0x2FF], [0x370, 0x377], [0x37A, 0x37F], [0x384, 0x38A], [0x38E, 0x3A1], [0x3A3, 0x482],
	[0x48A, 0x52F], [0x1E00, 0x1EFF], [0x2010, 0x2027], [0x202F, 0x205E], [0x20A0, 0x20BF], [0x2100, 0x218B], [0x2190, 0x2319],
	[0x231C, 0x2328], [0x232B, 0x23E8], [0x23ED, 0x23EF], [0x23F1, 0x23F2], [0x23F4, 0x2426], [0x2460, 0x25FC], [0x25FF, 0x2613],
	[0x2616, 0x262F], [0x2638, 0x2647], [0x2654, 0x267E], [0x2680, 0x2689], [0x2690, 0x2692], [0x2694, 0x26A0], [0x26A2, 0x26A9],
	[0x26AC, 0x26BC], [0x2701, 0x2704], [0x2706, 0x2709], [0x270C, 0x2727], [0x2729, 0x274B], [0x274F, 0x2752], [0x2758, 0x2794],
	[0x2798, 0x27AF], [0x27B1, 0x27BE], [0x27C0, 0x28FF],
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

const escape = 0x1B;
const bracket = 0x5B;
const semicolon = 0x3B;
const letterM = 0x6D;

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

/** Columns of a text that consists of simple characters and SGR sequences only; −1 for any other text. */
export const simpleWidth = (text: string) => {
	let width = 0;
	for (let index = 0; index < text.length; index++) {
		const code = text.charCodeAt(index);
		if (code < size && isSimpleUnit[code] === 1) {
			width++;
		} else {
			const end = endOfSgr(text, index);
			if (end === -1) {
				return -1;
			}
			index = end - 1;
		}
	}
	return width;
};
