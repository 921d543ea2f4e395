/**
Text from outside, made safe for a terminal: no escape sequences, no control characters, no bidirectional
overrides, no invisible or stacked characters, one line, bounded length.
*/

// Escape sequences first, whole: dropping only ESC would leave "[31m" behind as litter.
// OSC, DCS, SOS, PM and APC end with BEL or ST; CSI with a final byte; the rest are two characters.
const escapes = /(?:\u001B[\]PX^_]|[\u009D\u0090\u0098\u009E\u009F])[^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C|$)|(?:\u001B\[|\u009B)[0-?]*[ -/]*(?:[@-~]|$)|\u001B[ -/]*[0-~]?/g;
const whitespace = /[\t\n\v\f\r\u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]+/g;
// Controls; zero-width and bidirectional marks; variation selectors and tags, whose widths terminals disagree on; lone surrogates.
const invisible = /[\u0000-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180E\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB]|\uDB40[\uDC00-\uDFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
const stacked = /(\p{M}{2})\p{M}+/gu;
const plain = /^[ -~]*$/;

const tidy = (text: string) => text.replaceAll(escapes, '').replaceAll(whitespace, ' ').replaceAll(invisible, '').replaceAll(stacked, '$1');

/** One safe line of at most `limit` UTF-16 units; an ellipsis says that something was cut. */
export const sanitise = (text: string, limit = 300): string => {
	if (text.length <= limit && plain.test(text)) return text.trim();
	// Cut before the expensive expressions: a commit message may be megabytes.
	const safe = tidy(text.slice(0, limit * 4)).trim();
	return safe.length <= limit ? safe : `${safe.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
};

/** With exactly one full stop at its end, whoever wrote it. */
export const sentence = (text: string): string => `${text.replace(/[.\s]+$/, '')}.`;
