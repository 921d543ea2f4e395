import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {sanitise} from '../source/core/text/sanitise.ts';
import stringWidth from 'string-width';
import {cut, fit, fitLine, lineWidth, narrow, span, widthOf} from '../source/ui/lines/text.ts';
import {runs} from './helpers/fuzz.ts';

test('escape sequences are taken out whole', () => {
	assert.equal(sanitise('a\u001B[31mred\u001B[0m b'), 'ared b');
	assert.equal(sanitise('x\u001B]0;title\u0007y'), 'xy');
	assert.equal(sanitise('x\u001B]52;c;aGk=\u001B\\y'), 'xy');
	assert.equal(sanitise('x\u009B2Jy\u0085z'), 'xy z');
	assert.equal(sanitise('x\u001BPq#0;2;0;0;0\u001B\\y'), 'xy');
	assert.equal(sanitise('cut off \u001B[12'), 'cut off');
});

test('bidirectional overrides, zero-width characters and stacked marks are taken out', () => {
	assert.equal(sanitise('safe\u202Etxt.exe\u2066'), 'safetxt.exe');
	assert.equal(sanitise('a\u200Bb\u200Dc\uFEFF'), 'abc');
	assert.equal(sanitise('👍🏽 1️⃣ \u{1D173}x\u{1BCA0}y\u{13430}z\u2800'), '👍 1 xyz');
	assert.equal(sanitise(`z${'\u0301'.repeat(50)}o`), 'z\u0301\u0301o');
});

test('one line, bounded', () => {
	assert.equal(sanitise('first\nsecond\r\n\tthird'), 'first second third');
	assert.equal(sanitise('x'.repeat(1000), 10), 'xxxxxxxxx…');
});

test('property: whatever comes in, nothing that steers a terminal comes out', () => {
	const nasty = fc.string({
		unit: fc.oneof(
			fc.constantFrom(
				'\u001B',
				'[',
				']',
				'\u0007',
				'm',
				'\u009B',
				'\n',
				'\u202E',
				'\u200D',
				'\u0301',
				'😀',
				'中',
			),
			fc.string({unit: 'binary', minLength: 1, maxLength: 1}),
		),
		maxLength: 80,
	});
	fc.assert(
		fc.property(nasty, text => {
			const safe = sanitise(text);
			assert.doesNotMatch(safe, /[\u0000-\u001F\u007F-\u009F\u200B-\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/);
			assert.ok(safe.isWellFormed());
			assert.ok(safe.length <= 300);
			assert.equal(sanitise(safe), safe, 'is already safe');
		}),
		runs(3000),
	);
});

test('what is taken for one cell a character is that for string-width, too', () => {
	for (let code = 32; code < 0x1_00_00; code++) {
		const character = String.fromCharCode(code);
		if (narrow.test(character)) assert.equal(stringWidth(character), 1, `U+${code.toString(16)}`);
	}
});

test('property: what is fitted to a width has exactly that width', () => {
	const text = fc.string({unit: 'grapheme', maxLength: 40}).map(raw => sanitise(raw));
	fc.assert(
		fc.property(text, text, fc.integer({min: 0, max: 50}), (first, second, width) => {
			assert.ok(widthOf(cut(first, width)) <= width);
			assert.equal(widthOf(fit(first, width)), width);
			assert.equal(lineWidth(fitLine([span(first), span(second)], width)), width);
		}),
		runs(2000),
	);
});
