/** The words that shards publish: whatever goes in, at most 140 characters come out, and the counts come back. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {
	describeFailure,
	describeProgress,
	descriptionLimit,
	parseShardContext,
	parseShardWord,
	shardContext,
	type ShardProgress,
} from '../source/core/tests/progress.ts';
import {runs} from './helpers/fuzz.ts';

const hostile = fc.oneof(
	fc.string({unit: 'binary', maxLength: 400}),
	fc.string({unit: 'grapheme', maxLength: 400}),
	fc
		.array(
			fc.constantFrom(
				' · ',
				' › ',
				'✗ ',
				'now ',
				'3/4',
				', 2 failed',
				'\u001B[2J',
				'\u202E',
				'😀',
				'\uD800',
				'\n',
				'tests/pay.spec.ts:12',
				'a'.repeat(200),
			),
			{maxLength: 30},
		)
		.map(parts => parts.join('')),
);
const count = fc.oneof(fc.nat({max: 9}), fc.nat({max: 9_999_999}));
const progress: fc.Arbitrary<ShardProgress> = fc
	.tuple(count, count, count, count, count, fc.option(hostile))
	.map(([a, b, failed, flaky, skipped, current]) => ({
		done: Math.min(a, b),
		total: Math.max(a, b),
		failed,
		flaky,
		skipped,
		current,
	}));
const failure = fc.record({location: hostile, title: hostile, message: hostile});
const countsOf = ({done, total, failed, flaky, skipped}: ShardProgress) => ({done, total, failed, flaky, skipped});

test('progress: bounded, on one line, and its counts come back', () => {
	fc.assert(
		fc.property(progress, given => {
			const text = describeProgress(given);
			assert.ok(text.length <= descriptionLimit, `${text.length}`);
			assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u{10000}-\u{10FFFF}\uD800-\uDFFF]/u);
			const word = parseShardWord(text);
			assert.deepEqual(word && countsOf(word.progress), countsOf(given));
			assert.equal(word!.failure, null, 'a title does not make a failure of it');
		}),
		runs(3000),
	);
});

test('failures: bounded, and told as failures with the same counts', () => {
	fc.assert(
		fc.property(progress, failure, (given, what) => {
			const text = describeFailure(given, what);
			assert.ok(text.length <= descriptionLimit, `${text.length}: ${text}`);
			const word = parseShardWord(text);
			assert.deepEqual(word && countsOf(word.progress), countsOf(given));
			assert.notEqual(word!.failure, null);
		}),
		runs(3000),
	);
});

test('what fits comes back whole; of what does not the message is cut before the place', () => {
	const given = {
		done: 41,
		total: 120,
		failed: 1,
		flaky: 2,
		skipped: 0,
		current: 'tests/pay.spec.ts:12 › pays by card',
	};
	assert.equal(describeProgress(given), '41/120, 1 failed, 2 flaky · now tests/pay.spec.ts:12 › pays by card');
	assert.deepEqual(parseShardWord(describeProgress(given)), {progress: given, failure: null});
	const told = {location: 'tests/pay.spec.ts:12', title: 'checkout › pays by card', message: 'expected 200, got 500'};
	assert.deepEqual(parseShardWord(describeFailure(given, told))!.failure, told);
	const long = parseShardWord(
		describeFailure(given, {...told, title: 'very '.repeat(60), message: 'Locator '.repeat(40)}),
	)!.failure!;
	assert.equal(long.location, told.location);
	assert.ok(long.title.length > 20 && long.message.startsWith('Locator'));
});

test("nobody else's words are ours", () => {
	for (const text of [
		null,
		'',
		'starting',
		'41/120 tests, 1 failed',
		'5/3',
		'1/2, 3 lost',
		'✗',
		'✗ no',
		'12345678/12345678',
		'1/2, 1 failed and more',
	])
		assert.equal(parseShardWord(text), null, String(text));
});

test('contexts name workflow and shard, and lead back', () => {
	assert.equal(shardContext('e2e-staging.yml', {index: 2, total: 4}), 'deployctl/e2e-staging/2-of-4');
	assert.deepEqual(parseShardContext('e2e-staging.yml', 'deployctl/e2e-staging/2-of-4'), {index: 2, total: 4});
	for (const context of [
		'deployctl/e2e-staging',
		'deployctl/e2e-staging/0-of-4',
		'deployctl/e2e-staging/5-of-4',
		'deployctl/smoke-tests/1-of-1',
		'deployctl/e2e-staging/1-of-4/x',
		'e2e-staging/1-of-4',
	])
		assert.equal(parseShardContext('e2e-staging.yml', context), null, context);
});
