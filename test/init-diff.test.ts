/** The difference that init shows: applied to the old text it gives the new one, it is as short as it can be, and large texts do not hang it. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {diffOf, type DiffLine} from '../source/init/files/diff.ts';

const text = (lines: readonly string[]) => lines.map(line => `${line}\n`).join('');
const shown = (lines: readonly DiffLine[]) => lines.map(({sign, text}) => (sign === '@' ? text : `${sign}${text}`));

/** As `patch` would: by the numbers of its hunks. */
const patched = (before: string, diff: readonly DiffLine[]): string => {
	const old = before === '' ? [] : before.replace(/\n$/, '').split('\n');
	const result: string[] = [];
	let at = 0;
	for (const {sign, text} of diff) {
		if (sign === '@') {
			const [, start, count] = /^@@ -(\d+)(?:,(\d+))?/.exec(text)!;
			const from = Number(start) - (count === '0' ? 0 : 1);
			result.push(...old.slice(at, from));
			at = from;
			continue;
		}
		if (sign !== '+') assert.equal(old[at++], text);
		if (sign !== '-') result.push(text);
	}
	return [...result, ...old.slice(at)].map(line => `${line}\n`).join('');
};

test('hunks with three lines around, and ranges as git counts them', () => {
	const before = text([...'abcdefghijk']);
	assert.deepEqual(shown(diffOf(before, before.replace('c', 'X').replace('k\n', 'k\nl\n'))), [
		'@@ -1,6 +1,6 @@',
		' a',
		' b',
		'-c',
		'+X',
		' d',
		' e',
		' f',
		'@@ -9,3 +9,4 @@',
		' i',
		' j',
		' k',
		'+l',
	]);
	assert.deepEqual(shown(diffOf('', 'x\ny\n')), ['@@ -0,0 +1,2 @@', '+x', '+y']);
	assert.deepEqual(shown(diffOf('q\n', '')), ['@@ -1 +0,0 @@', '-q']);
	assert.deepEqual(diffOf('same\n', 'same\n'), []);
	assert.deepEqual(shown(diffOf('x', 'x\n')), ['@@ the end of the last line @@']);
});

test('patching with it gives the new text', () => {
	const lines = fc.array(fc.constantFrom('a', 'b', 'c', '', '  d'), {maxLength: 30});
	fc.assert(
		fc.property(lines, lines, (before, after) => {
			const diff = diffOf(text(before), text(after));
			assert.equal(patched(text(before), diff), text(after));
			assert.ok(diff.filter(({sign}) => sign === '+' || sign === '-').length <= before.length + after.length);
		}),
	);
});

test('texts with nothing in common, of many lines, are replaced as a whole', () => {
	const [before, after] = [0, 1].map(which => text(Array.from({length: 5000}, (_, index) => `${which} ${index}`)));
	const diff = diffOf(before!, after!);
	assert.equal(diff.length, 10_001);
	assert.equal(patched(before!, diff), after);
});
