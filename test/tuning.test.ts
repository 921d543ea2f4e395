/** The replacements of .ci/tuning-plugin.ts must write exactly what the originals write. */
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, describe, test} from 'node:test';
import {pathToFileURL} from 'node:url';
import originalStringWidth from 'string-width';
import {bundle} from '../.ci/bundle.ts';
import {isSimple, isSimpleCode, simpleWidth} from '../source/tuning/ink/simple-text.ts';
import type * as RandomFrames from './helpers/random-frames.tsx';

const sessions = 130;
const framesEach = 12;

/**
 * Ink throws on a border without room for its corners; the bundle mends that, here both must get past it to be compared.
 * And Yoga sometimes answers with a width of millions for a random layout.
 */
const boundedRepeat = () => {
	const original = String.prototype.repeat;
	const replace = (repeat: typeof original) => {
		// oxlint-disable-next-line no-extend-native -- Put back below.
		Object.defineProperty(String.prototype, 'repeat', {value: repeat, configurable: true, writable: true});
	};
	replace(function (this: string, count: number) {
		return original.call(this, Math.min(Math.max(0, count), 300));
	});
	return () => {
		replace(original);
	};
};

describe('tuned rendering', () => {
	let folder = '';
	const load = async (name: string, tuned: boolean) => {
		const outdir = pathToFileURL(`${join(folder, name)}/`);
		const built = await bundle({outdir, entries: {frames: 'test/helpers/random-frames.tsx'}, tuned});
		assert.equal(
			built.tuned,
			tuned,
			'The versions that the tuning was written against are not those that are installed',
		);
		return (await import(new URL('frames.js', outdir).href)) as typeof RandomFrames;
	};

	before(() => {
		process.env['FORCE_COLOR'] = '3';
		folder = mkdtempSync(join(tmpdir(), 'deployctl-tuning-'));
	});
	after(() => {
		rmSync(folder, {recursive: true, force: true});
	});

	test(`writes the same bytes as Ink over ${sessions * framesEach} random frames`, async t => {
		const original = await load('original', false);
		const tuned = await load('tuned', true);
		t.after(boundedRepeat());
		let bytes = 0;
		for (let seed = 1; seed <= sessions; seed++) {
			const expected = await original.session(seed, framesEach);
			const actual = await tuned.session(seed, framesEach);
			assert.deepEqual(actual, expected, `seed ${seed}`);
			bytes += expected.join('').length;
		}
		assert.ok(bytes > 1_000_000, `only ${bytes} bytes were compared`);
	});
});

describe('simple characters', () => {
	const segmenter = new Intl.Segmenter();
	const excluded =
		/[\p{Control}\p{Format}\p{Mark}\p{Default_Ignorable_Code_Point}\p{Regional_Indicator}\p{Surrogate}\p{Unassigned}]/u;
	const simple = Array.from({length: 0x3000}, (_, code) => code).filter(code => isSimpleCode(code));

	test('are one cell, visible and assigned', () => {
		for (const code of simple) {
			const character = String.fromCodePoint(code);
			assert.equal(originalStringWidth(character), 1, `U+${code.toString(16)}`);
			assert.doesNotMatch(character, excluded, `U+${code.toString(16)}`);
			assert.equal(character.normalize(), character.normalize(), `U+${code.toString(16)}`);
		}
		assert.ok(simple.length > 2000);
	});

	test('stay apart from every simple neighbour', () => {
		const all = simple.map(code => String.fromCodePoint(code));
		for (const [index, character] of all.entries()) {
			// Each character in front of and behind a sample that moves through all others.
			const text = [
				character,
				all[(index * 7) % all.length],
				character,
				all[(index * 131) % all.length],
				'a',
				character,
			].join('');
			assert.equal([...segmenter.segment(text)].length, 6, text);
		}
		assert.equal([...segmenter.segment(all.join(''))].length, all.length);
	});

	test('SGR sequences take no width, anything else is left to the original', () => {
		assert.equal(simpleWidth('\u001B[1;31mab\u001B[0m│'), 3);
		assert.equal(simpleWidth('\u001B[2Jab'), -1);
		assert.equal(simpleWidth('日本'), -1);
		assert.ok(isSimple('│ ✓ deployed → production …'));
	});
});
