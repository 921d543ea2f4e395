/** Differences as data: whatever lies between two values, the patch brings one to the other. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {patchBetween, patched} from '../source/core/history/record-patch.ts';

/** Through the file: as JSON. */
const through = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

const item = fc.record({
	id: fc.integer({min: 0, max: 12}),
	status: fc.constantFrom('QUEUED', 'DONE'),
	steps: fc.option(fc.array(fc.record({number: fc.integer({min: 1, max: 4}), name: fc.string()}), {maxLength: 4})),
});
const value = fc.record({
	runs: fc.uniqueArray(item, {selector: ({id}) => id, maxLength: 12}),
	// Names that are not unique, and items without names: replaced as a whole.
	twins: fc.array(item, {maxLength: 4}),
	plain: fc.jsonValue({maxDepth: 3}),
	table: fc.dictionary(fc.string(), fc.jsonValue({maxDepth: 2})),
});

test('a patch brings the one to the other, in order, also through a file', () => {
	fc.assert(
		fc.property(value, value, (one, other) => {
			const [before, after] = [through(one), through(other)];
			const patch = patchBetween(before, after);
			assert.deepEqual(patch === null ? before : patched(before, through(patch)), after);
			assert.equal(patchBetween(after, through(after)), null, 'the same is no difference');
		}),
	);
});

test('a chain of patches is folded to its end, and earlier values stay as they were', () => {
	fc.assert(
		fc.property(fc.array(value, {minLength: 2, maxLength: 8}), values => {
			const chain = values.map(each => through(each));
			let folded: unknown = chain[0];
			for (const [index, after] of chain.slice(1).entries()) {
				const before = through(folded);
				const patch = patchBetween(chain[index], after);
				const next = patch === null ? folded : patched(folded, patch);
				assert.deepEqual(folded, before, 'nothing is changed in place');
				folded = next;
			}
			assert.deepEqual(folded, chain.at(-1));
		}),
	);
});

test('one step of one job of one run costs only that', () => {
	const runs = Array.from({length: 300}, (_, id) => ({
		id,
		title: `run ${id}`,
		jobs: [
			{
				id: id * 10,
				steps: [
					{number: 1, name: 'a', status: 'QUEUED'},
					{number: 2, name: 'b', status: 'QUEUED'},
				],
			},
		],
	}));
	const after = runs.map(run =>
		run.id === 7
			? {
					...run,
					jobs: [{...run.jobs[0]!, steps: [run.jobs[0]!.steps[0]!, {number: 2, name: 'b', status: 'DONE'}]}],
				}
			: run,
	);
	const patch = patchBetween({runs}, {runs: after});
	assert.ok(JSON.stringify(patch).length < 140, JSON.stringify(patch));
});

test('a patch that does not fit is refused, and a key called __proto__ is a key', () => {
	assert.throws(() => patched([], {o: {a: {s: 1}}}), TypeError);
	assert.throws(() => patched({list: [{id: 1}]}, {o: {list: {r: ['1', '2']}}}), TypeError);
	const made = patched({}, JSON.parse('{"o":{"__proto__":{"s":{"polluted":true}}}}') as never) as Record<
		string,
		unknown
	>;
	assert.equal(Object.getPrototypeOf(made), Object.prototype);
	assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});
