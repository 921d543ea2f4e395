/** Secrets that are written in another way than they are known, and what is between their characters. */
import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import fc from 'fast-check';
import {maskerOf, maskText} from '../source/core/text/mask.ts';
import {safeText} from '../source/core/text/safe-text.ts';
import {sanitise} from '../source/core/text/sanitise.ts';
import {runs} from './helpers/fuzz.ts';

const secret = 'pä$s/w"ör d&<1>\'x`y\\z;{q}';
const bytes = Buffer.from(secret);
const binary = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
const units = (text: string) => Array.from({length: text.length}, (_, index) => text.charCodeAt(index));
const base64 = (text: string) => Buffer.from(text).toString('base64');
const hex = (between: string) => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join(between);
const url = encodeURIComponent;
const percent = (text: string) =>
	Array.from(Buffer.from(text), byte => `%${byte.toString(16).padStart(2, '0')}`).join('');

/** How programs write a value. */
const spellings: Readonly<Record<string, (text: string) => string>> = {
	'\\uXXXX for all': text =>
		units(text)
			.map(unit => `\\u${unit.toString(16).padStart(4, '0')}`)
			.join(''),
	'\\uXXXX in capitals': text =>
		units(text)
			.map(unit => `\\u${unit.toString(16).toUpperCase().padStart(4, '0')}`)
			.join(''),
	'\\u{X}': text => Array.from(text, character => `\\u{${character.codePointAt(0)!.toString(16)}}`).join(''),
	'JSON in ASCII': text =>
		JSON.stringify(text)
			.slice(1, -1)
			.replaceAll(
				/[<>&'\u0080-\uFFFF]/g,
				character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
			),
	'\\xNN': text => Array.from(Buffer.from(text), byte => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
	'\\NNN': text => Array.from(Buffer.from(text), byte => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
	'HTML, decimal': text => Array.from(text, character => `&#${character.codePointAt(0)};`).join(''),
	'HTML, hex': text => Array.from(text, character => `&#x${character.codePointAt(0)!.toString(16)};`).join(''),
	'HTML, as Python has it': text =>
		text
			.replaceAll('&', '&amp;')
			.replaceAll('<', '&lt;')
			.replaceAll('>', '&gt;')
			.replaceAll('"', '&quot;')
			.replaceAll("'", '&#x27;'),
	'HTML, as Go has it': text =>
		text
			.replaceAll('&', '&amp;')
			.replaceAll('<', '&lt;')
			.replaceAll('>', '&gt;')
			.replaceAll('"', '&#34;')
			.replaceAll("'", '&#39;'),
	'HTML, as XML has it': text =>
		text
			.replaceAll('&', '&amp;')
			.replaceAll('<', '&lt;')
			.replaceAll('>', '&gt;')
			.replaceAll('"', '&quot;')
			.replaceAll("'", '&apos;'),
	'HTML, names': text =>
		text
			.replaceAll('&', '&amp;')
			.replaceAll('$', '&dollar;')
			.replaceAll('/', '&sol;')
			.replaceAll('`', '&grave;')
			.replaceAll('{', '&lcub;'),
	'HTML twice': text => text.replaceAll('&', '&amp;amp;').replaceAll('<', '&amp;lt;').replaceAll('>', '&amp;gt;'),
	'URL twice': text => url(url(text)),
	'URL three times': text => url(url(url(text))),
	'URL, all of it, twice': text => percent(percent(text)),
	'URL in JSON': text => JSON.stringify(url(text)).slice(1, -1),
	'JSON twice': text => JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1),
	'JSON three times': text => JSON.stringify(JSON.stringify(JSON.stringify(text))).slice(2, -2),
	'printf %q': text => text.replaceAll(/[^\w/ä ö]/g, character => `\\${character}`).replaceAll(' ', '\\ '),
	"in a shell's double quotes": text => text.replaceAll(/[$"\\`]/g, character => `\\${character}`),
	"in a shell's single quotes": text => text.replaceAll("'", "'\"'\"'"),
	'only the dollar': text => text.replaceAll('$', '\\$'),
};

const dumps: Readonly<Record<string, string>> = {
	hex: hex(''),
	'hex in capitals': hex('').toUpperCase(),
	'hex with blanks': hex(' '),
	'hex with colons': hex(':').toUpperCase(),
	'hex of C': `0x${hex(', 0x')}`,
	'hex in words': hex('')
		.match(/.{1,4}/g)!
		.join(' '),
	'a list of bytes': Array.from(bytes).join(','),
	'a buffer in JSON': JSON.stringify(bytes),
	'base64 twice': base64(base64(secret)),
	'base64 twice with a name': base64(`Basic ${base64(`user:${secret}`)}`),
	'base64url twice': Buffer.from(base64(secret)).toString('base64url'),
	'base64 in a URL': url(base64(secret)),
	'base64 in a URL twice': url(url(base64(secret))),
	'base64 of UTF-16': Buffer.from(secret, 'utf16le').toString('base64'),
	'base64 of a command in UTF-16': Buffer.from(`$p = '${secret}'`, 'utf16le').toString('base64'),
};

test('a secret is found in every spelling', () => {
	const all = [
		...Object.entries(dumps),
		...Object.entries(spellings).map(([name, spell]) => [name, spell(secret)] as const),
	];
	for (const [name, text] of all) {
		for (const line of [`before ${text} after`, binary(`before ${text} after`)]) {
			const masked = maskText(line, [secret]);
			assert.match(masked, /^before (?:\{"type":"Buffer","data":\[)?.{0,20}\*\*\*.{0,6}(?:\]\})? after$/, name);
			assert.equal(maskText(masked, [secret]), masked, name);
		}
		assert.equal(maskText(`a\n${text}\nb`, [secret]).split('\n').length, 3, name);
	}
});

const values = fc
	.string({unit: fc.constantFrom(...'abAB01+/=-_.%"\' \\&<$`{é中'), minLength: 16, maxLength: 30})
	.filter(text => text.trim() === text && new Set(text).size > 2);
const layer = fc.constantFrom(...Object.entries(spellings).filter(([name]) => !/three|only|single/.test(name)));

test('property: spellings of spellings', () => {
	fc.assert(
		fc.property(values, layer, layer, (secret, [inner, first], [outer, second]) => {
			assert.ok(maskText(`[ ${second(first(secret))} ]`, [secret]).includes('***'), `${inner} in ${outer}`);
		}),
		runs(1000),
	);
});

test('property: two spellings within one value', () => {
	// Where one half ends with what may begin an escape, the two have another meaning together.
	const simple = fc.string({unit: fc.constantFrom(...'abAB01+/=-_.'), minLength: 8, maxLength: 24});
	fc.assert(
		fc.property(simple, layer, layer, fc.nat(24), (secret, [one, first], [other, second], cut) => {
			const mixed = `${first(secret.slice(0, cut))}${second(secret.slice(cut))}`;
			assert.match(maskText(`[ ${mixed} ]`, [secret]), /^\[ \*\*\* \]$/, `${one} and ${other}`);
		}),
		runs(500),
	);
});

const unseen: Readonly<Record<string, string>> = {
	'zero width space': '\u200B',
	'zero width joiner': '\u200D',
	'word joiner': '\u2060',
	'byte order mark': '\uFEFF',
	'soft hyphen': '\u00AD',
	NUL: '\0',
	backspace: '\b',
	DEL: '\u007F',
	'Mongolian vowel separator': '\u180E',
	'Hangul filler': '\u3164',
	'a selector': '\uFE0F',
	'a tag': '\u{E0041}',
	'right to left': '\u202E',
	C1: '\u0088',
	'grapheme joiner': '\u034F',
	'private use': '\uE000',
	several: '\u200B\u00AD\0',
	'blank braille': '\u2800',
};

test('what nobody sees between the characters of a secret does not save it', () => {
	const value = 'open-sesame';
	for (const [name, between] of Object.entries(unseen)) {
		const written = Array.from(value).join(between);
		for (const text of [written, `x ${written} y`, `\u001B[31m${written}\u001B[0m`]) {
			for (const masked of [maskText(text, [value]), maskText(binary(text), [value])]) {
				assert.ok(
					!sanitise(masked).includes(value) && masked.includes('***'),
					`${name}: ${JSON.stringify(masked)}`,
				);
			}
		}
		assert.equal(safeText(`x ${written} y`, 300, [value]), 'x *** y', name);
		assert.equal(safeText(`x g${between}hp_aB3dE6gH9jK2mN5pQ8sT y`), 'x *** y', name);
	}
	const utf16 = Buffer.from(`password is ${value}!`, 'utf16le').toString('latin1');
	assert.ok(!sanitise(maskText(utf16, [value])).includes(value));
	assert.equal(safeText(`\\u006f\u200Bpen%2dse&#x73;a\u00ADme`, 300, [value]), '***');
});

test('what shows no secret keeps what nobody sees', () => {
	for (const text of ['👩‍💻 ok \u200Bnever', 'Zoë\u00AD\0x', '100%25 &amp; \\n \\u0041', 'C:\\Users\\ada\\%41']) {
		assert.equal(maskText(text, ['open-sesame']), text);
		assert.equal(maskText(binary(text), ['open-sesame']), binary(text));
	}
});

test('property: whatever stands between and wherever the cut is, no secret comes through what is shown', () => {
	const value = 'open-sesame';
	const between = fc.array(
		fc.constantFrom('', '', '', ...Object.values(unseen), '\u001B[1m', '\u001B]0;t\u0007', '\u009D0;x\u009C'),
		{minLength: value.length, maxLength: value.length},
	);
	fc.assert(
		fc.property(between, fc.nat(90), fc.integer({min: 12, max: 40}), (gaps, before, limit) => {
			const written = Array.from(value, (character, index) => `${character}${gaps[index]}`).join('');
			const shown = safeText(`${'y'.repeat(before)} ${written} ${'z'.repeat(200)}`, limit, [value]);
			assert.ok(shown.length <= limit);
			for (let size = 6; size <= value.length; size++)
				assert.ok(!shown.includes(value.slice(0, size)), JSON.stringify([written, shown]));
		}),
		runs(1000),
	);
});

test('a key of many lines is masked before the lines become one', () => {
	const body = Buffer.from('not a key, but long enough to look like one').toString('base64');
	const mark = (word: string) => `-----${word} PRIVATE KEY-----`;
	const key = [mark('BEGIN'), body, mark('END')].join('\n');
	assert.ok(!safeText(key).includes(body.slice(0, 20)));
});

test('masking and tidying are put together in one place', () => {
	const root = fileURLToPath(new URL('../source', import.meta.url));
	const files = readdirSync(root, {recursive: true, encoding: 'utf8'}).filter(
		file =>
			/\.tsx?$/.test(file) &&
			!['core/text/safe-text.ts', 'logs/log-line.ts', 'logs/github-line.ts'].includes(file),
	);
	const own = files.filter(file =>
		/sanitise(?:Line)?\((?:\w+\.)?mask(?:Text|er)?\b|mask(?:Text|er)?(?:\.text)?\(sanitise/.test(
			readFileSync(join(root, file), 'utf8'),
		),
	);
	assert.deepEqual(own, []);
});

test('floods of escapes and of what nobody sees cost what their length says', () => {
	const masker = maskerOf(['open-sesame', secret]);
	// Work, not time: how long the same bytes take where there is nothing to undo.
	const took = (text: string) => {
		const before = process.cpuUsage();
		masker.text(text);
		const {user, system} = process.cpuUsage(before);
		return (user + system) / 1000;
	};
	for (const part of [
		'%25',
		'%2525',
		'\\\\',
		'\\u005c',
		'&amp;',
		'&#38;#38;',
		'&#',
		'&aaaaaaaa',
		'\u200B',
		'\u00E2\u0080\u008B',
		'\0',
		'\u00AD',
		'a\\',
		'%4',
		'\\u{',
		'\u00E2',
	]) {
		const small = Math.max(20, took(part.repeat(100_000 / part.length)));
		const large = took(part.repeat(1_600_000 / part.length));
		// Sixteen times as much; its square would be 256 times.
		assert.ok(large < small * 100, `${JSON.stringify(part)}: ${small.toFixed(1)} ms and ${large.toFixed(1)} ms`);
	}
});
