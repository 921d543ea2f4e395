/**
Text from outside, made safe for a terminal: no escape sequences, no control characters, no bidirectional
overrides, no invisible or stacked characters, one line, bounded length.
*/

// Escape sequences first, whole: dropping only ESC would leave "[31m" behind as litter.
// OSC, DCS, SOS, PM and APC end with BEL or ST; CSI with a final byte; the rest are two characters.
/** Global: for `replaceAll` and `matchAll`, which keep no place in it. */
export const escapes =
	/(?:\u001B[\]PX^_]|[\u009D\u0090\u0098\u009E\u009F])[^\u0007\u001B\u009C\u009D\u0090\u0098\u009E\u009F]*(?:\u0007|\u001B\\|\u009C|$)|(?:\u001B\[|\u009B)[0-?]*[ -/]*(?:[@-~]|$)|\u001B[ -/]*[0-~]?/g;
const whitespace = /[\t\n\v\f\r\u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]+/g;
// Controls, formats (zero-width, bidirectional), lone surrogates, private and unassigned characters; what is ignorable by
// default; and what terminals disagree on the width of: variation selectors, skin tones, enclosing keycaps, blank braille.
const invisible = /[\p{C}\p{Default_Ignorable_Code_Point}\uFE00-\uFE0F\u20E3\u2800\u{1F3FB}-\u{1F3FF}]/gu;
const stacked = /(\p{M}{2})\p{M}+/gu;
const plain = /^[ -~]*$/;

const tidy = (text: string) =>
	text.replaceAll(escapes, '').replaceAll(whitespace, ' ').replaceAll(invisible, '').replaceAll(stacked, '$1');

/** One safe line of at most `limit` UTF-16 units; an ellipsis says that something was cut. */
export const sanitise = (text: string, limit = 300): string => {
	if (text.length <= limit && plain.test(text)) return text.trim();
	// Cut before the expensive expressions: a commit message may be megabytes.
	const safe = tidy(text.slice(0, limit * 4)).trim();
	return safe.length <= limit ? safe : `${safe.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
};

const spaces = /[\n\v\f\r\u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]/g;
const tabWidth = 8;
const withoutTabs = (text: string) =>
	text.split('\t').reduce((line, cell) => line + ' '.repeat(tabWidth - (line.length % tabWidth)) + cell);

/** Takes escape sequences out of one line; nothing else is changed. */
export const withoutEscapes = (line: string): string => (plain.test(line) ? line : line.replaceAll(escapes, ''));

/** One safe line of a log: as `sanitise`, but indentation and columns stay, and its length is the caller's to bound. */
export const sanitiseLine = (line: string): string => {
	if (plain.test(line)) return line.trimEnd();
	const safe = withoutTabs(line.replaceAll(escapes, '')).replaceAll(spaces, ' ');
	return safe.replaceAll(invisible, '').replaceAll(stacked, '$1').trimEnd();
};

// The same as `invisible`, but for line ends, tabs and what can be a part of a character when each stands for one byte of UTF-8.
const unseen =
	/[[\p{C}\p{Default_Ignorable_Code_Point}\uFE00-\uFE0F\u20E3\u2800\u{1F3FB}-\u{1F3FF}]--[\t-\r\u0080-\u009F\u00AD]]+/gv;
const unseenAlone = /(?<![\u0080-\u00BF\u00C2-\u00F4])[\u0080-\u009F\u00AD]+/g;
/** The frequent ones as the bytes of UTF-8, one character each: C1, soft hyphen, joiners, fillers, bidirectional marks, selectors, tags, skin tones. */
const unseenBytes = new RegExp(
	[
		'\u00C2[\u0080-\u009F\u00AD]',
		'\u00CD\u008F',
		'\u00D8\u009C',
		'\u00E1(?:\u0085[\u009F\u00A0]|\u009E[\u00B4\u00B5]|\u00A0[\u008B-\u008F])',
		'\u00E2(?:\u0080[\u008B-\u008F\u00AA-\u00AE]|\u0081[\u00A0-\u00AF]|\u0083\u00A3|\u00A0\u0080)',
		'\u00E3\u0085\u00A4',
		'\u00EE[\u0080-\u00BF]{2}',
		'\u00EF(?:[\u0080-\u00A3][\u0080-\u00BF]|\u00B8[\u0080-\u008F]|\u00BB\u00BF|\u00BE\u00A0|\u00BF[\u00B0-\u00BB])',
		'\u00F0(?:\u009B\u00B2[\u00A0-\u00A3]|\u009D\u0085[\u00B3-\u00BA]|\u009F\u008F[\u00BB-\u00BF])',
		'[\u00F3\u00F4][\u0080-\u00BF]{3}',
	]
		.map(sequence => `(?:${sequence})`)
		.join('|'),
	'g',
);
const seen = /^[\t-\r -~]*$/;

/** Without characters that take no room on a screen; also where `text` has bytes of UTF-8, one character each. */
export const withoutInvisible = (text: string): string =>
	seen.test(text) ? text : text.replaceAll(unseenBytes, '').replaceAll(unseen, '').replaceAll(unseenAlone, '');

const withoutEnd = (text: string): string => {
	let end = text.length;
	// From the end: an expression would start over at each full stop.
	while (end > 0 && /[.;,\s]/.test(text[end - 1]!)) end--;
	return text.slice(0, end);
};

/** A sentence begins with a capital. */
export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** With exactly one full stop at its end, whoever wrote it. */
export const sentence = (text: string): string => `${withoutEnd(text)}.`;

/** Parts of one sentence with semicolons between them, however each of them ended; what is empty is left out. */
export const clauses = (...parts: readonly string[]): string =>
	parts
		.map(part => withoutEnd(part))
		.filter(part => part !== '')
		.join('; ');
