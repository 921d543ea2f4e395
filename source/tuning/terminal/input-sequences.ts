/**
 * One complete escape sequence as the key that a plain terminal would have sent; nothing for what is no press of a key.
 * Modes that a program before us has left on (kitty's protocol, xterm's modifyOtherKeys, win32 input mode) write every key as a
 * sequence: they are read, so that Ctrl-C and Escape work there, too.
 */

const tab = '\t';
const backTab = '\u001B[Z';
const escape = '\u001B';
const moves = {
	up: '\u001B[A',
	down: '\u001B[B',
	right: '\u001B[C',
	left: '\u001B[D',
	end: '\u001B[F',
	home: '\u001B[H',
	pageUp: '\u001B[5~',
	pageDown: '\u001B[6~',
	delete: '\u001B[3~',
} as const;

const ofLetter: Readonly<Record<string, string>> = {
	A: moves.up,
	B: moves.down,
	C: moves.right,
	D: moves.left,
	F: moves.end,
	H: moves.home,
	a: moves.up,
	b: moves.down,
	c: moves.right,
	d: moves.left,
	Z: backTab,
};
const ofNumber: Readonly<Record<string, string>> = {
	1: moves.home,
	3: moves.delete,
	4: moves.end,
	5: moves.pageUp,
	6: moves.pageDown,
	7: moves.home,
	8: moves.end,
};
/** Codes of kitty's protocol for keys without a character. */
const ofKittyCode: Readonly<Record<number, string>> = {
	27: escape,
	13: '\r',
	57414: '\r',
	9: tab,
	127: '\u007F',
	57417: moves.left,
	57418: moves.right,
	57419: moves.up,
	57420: moves.down,
	57421: moves.pageUp,
	57422: moves.pageDown,
	57423: moves.home,
	57424: moves.end,
	57426: moves.delete,
};
/** Virtual key codes of Windows for keys without a character. */
const ofVirtualKey: Readonly<Record<number, string>> = {
	33: moves.pageUp,
	34: moves.pageDown,
	35: moves.end,
	36: moves.home,
	37: moves.left,
	38: moves.up,
	39: moves.right,
	40: moves.down,
	46: moves.delete,
};

const bits = {
	shift: 1,
	control: 4,
	/** Alt, super, hyper, meta: none of our keys has one. */ others: 2 | 8 | 16 | 32,
} as const;
/** As xterm and kitty write them: one more than the bits. */
const modifiersOf = (text: string | undefined): number => Math.max(0, Number(text || '1') - 1);
const isRelease = (text: string | undefined): boolean => text === '3';

/** A character that can be shown; others are no text. */
const printable = (code: number): string => {
	if (
		!Number.isInteger(code) ||
		code < 32 ||
		code > 0x10_ffff ||
		(code >= 127 && code < 160) ||
		(code >= 0xd800 && code <= 0xf8ff)
	)
		return '';
	return String.fromCodePoint(code);
};

/** A character with modifiers as a byte. `latin`: what the same key has on a Latin keyboard, for Ctrl with another script. */
const withModifiers = (code: number, latin: number, modifiers: number, shifted: number): string => {
	if ((modifiers & bits.others) !== 0) return '';
	if ((modifiers & bits.control) !== 0) {
		const letter = String.fromCodePoint(latin).toLowerCase();
		return /^[a-z]$/.test(letter) ? String.fromCharCode(letter.charCodeAt(0) - 96) : '';
	}
	if ((modifiers & bits.shift) === 0) return printable(code);
	return shifted > 0 ? printable(shifted) : printable(code).toUpperCase();
};

/** `CSI code:shifted:latin ; modifiers:event ; text u`. */
const ofKitty = (body: string): string => {
	const [codes = '', state = '', text = ''] = body.split(';');
	const [code = 0, shifted = 0, latin = 0] = codes.split(':').map(Number);
	const [modifierText, event] = state.split(':');
	const modifiers = modifiersOf(modifierText);
	if (isRelease(event) || (modifiers & bits.others) !== 0) return '';
	if (code === 9 && (modifiers & bits.shift) !== 0) return backTab;
	const named = ofKittyCode[code];
	if (named !== undefined) return named;
	const typed =
		(modifiers & bits.control) === 0 && text !== ''
			? text
					.split(':')
					.map(part => printable(Number(part)))
					.join('')
			: '';
	return typed === ''
		? printable(code) === ''
			? ''
			: withModifiers(code, latin || code, modifiers, shifted)
		: typed;
};

/** xterm's modifyOtherKeys: `CSI 27 ; modifiers ; code ~`. */
const ofOtherKey = (modifierText: string | undefined, code: number): string => {
	const modifiers = modifiersOf(modifierText);
	if ((modifiers & bits.others) !== 0) return '';
	if (code === 9) return (modifiers & bits.shift) === 0 ? tab : backTab;
	return ofKittyCode[code] ?? (printable(code) === '' ? '' : withModifiers(code, code, modifiers, code));
};

/** `CSI virtual key ; scan code ; character ; is down ; control keys ; repeats _`. */
const ofWindows = (body: string): string => {
	const [key = 0, , code = 0, isDown = 0, control = 0] = body.split(';').map(Number);
	if (isDown !== 1) return '';
	const isAlternate = (control & 3) !== 0 && (control & 12) === 0;
	if (isAlternate) return '';
	if (code === 0) return ofVirtualKey[key] ?? '';
	if (key === 9 && (control & 16) !== 0) return backTab;
	if (key === 8) return '\u007F';
	return code < 32 ? String.fromCharCode(code) : printable(code);
};

/** `CSI number ; modifiers:event ~` and the same with a letter, where the number is 1 or absent. */
const ofFunctionKey = (body: string, final: string): string => {
	const match = /^(\d*)(?:;(\d*)(?::(\d+))?)?$/.exec(body);
	if (match === null || isRelease(match[3])) return '';
	const number = match[1]!;
	if ('~^$@'.includes(final)) return ofNumber[number] ?? '';
	return number === '' || number === '1' ? (ofLetter[final] ?? '') : '';
};

/** `sequence`: complete, with its Escape. */
export const keyOfSequence = (sequence: string): string => {
	const [introducer, final] = [sequence[1], sequence.at(-1)!];
	if (introducer === 'O') return final === 'M' ? '\r' : (ofLetter[final] ?? '');
	if (introducer !== '[') return '';
	const body = sequence.slice(2, -1);
	if (/[^\d;:]/.test(body)) return '';
	if (final === 'u') return ofKitty(body);
	if (final === '_') return ofWindows(body);
	const other = /^27;(\d+);(\d+)$/.exec(body);
	return final === '~' && other !== null ? ofOtherKey(other[1], Number(other[2])) : ofFunctionKey(body, final);
};
