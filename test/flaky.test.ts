/** A flake or a regression: only from what was read, and unknown otherwise. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {
	flakyText,
	type JobsSeen,
	markOfJob,
	markOfTest,
	noHistory,
	type TestHistory,
	testKey,
	withJobs,
	withResult,
} from '../source/core/tests/flaky.ts';
import {readShardResult} from '../source/core/tests/read-results.ts';
import {minutes, sha, start} from './helpers/facts.ts';
import {e2e, pastRuns, pays, previews, result, runId, tested} from './helpers/shards.ts';

const now = {workflow: e2e, runId};
const from = (...results: ReadonlyArray<ReturnType<typeof result>>): TestHistory =>
	results.reduce(withResult, noHistory);
const whole = (id: number, more: Partial<ReturnType<typeof result>> = {}) =>
	[1, 2, 3, 4].map(index => result(index, {runId: id, sha: sha(id), ...more}));

test('without history nothing is known; after whole runs without a failure it is new', () => {
	assert.deepEqual(markOfTest(noHistory, now, pays), {kind: 'unknown'});
	assert.deepEqual(markOfTest(from(...whole(1), ...whole(2)), now, pays), {kind: 'new', of: 2});
	assert.equal(flakyText(markOfTest(from(...whole(1)), now, pays)), 'new: never failed in 1 run');
});

test("the run itself is no history, nor is another workflow's", () => {
	assert.deepEqual(markOfTest(from(...whole(runId, {tests: [tested('flaky', pays)]})), now, pays), {kind: 'unknown'});
	assert.deepEqual(
		markOfTest(from(...whole(1, {workflow: 'smoke-tests.yml', tests: [tested('flaky', pays)]})), now, pays),
		{kind: 'unknown'},
	);
});

test('retried inside of a run, or green in the next attempt at the same commit: flaky', () => {
	assert.deepEqual(markOfTest(pastRuns(20, [2, 5, 11]), now, previews), {kind: 'flaky', times: 3, of: 20});
	const failed = result(2, {runId: 1, verdict: 'failed', tests: [tested('failed', pays)]});
	const again = result(2, {runId: 1, attempt: 2, tests: [tested('passed', pays)]});
	assert.deepEqual(markOfTest(from(failed), now, pays), {kind: 'failed-before', times: 1, of: 1});
	assert.deepEqual(markOfTest(from(failed, again), now, pays), {kind: 'flaky', times: 1, of: 1});
	assert.deepEqual(
		markOfTest(from(again, failed), now, pays),
		{kind: 'flaky', times: 1, of: 1},
		'in whatever order they were read',
	);
	const without = result(2, {runId: 1, attempt: 2});
	assert.equal(
		markOfTest(from(failed, without), now, pays).kind,
		'failed-before',
		'it did not run again: nobody knows',
	);
});

test('a run of which a shard is missing, or something was left out, vouches for nothing', () => {
	assert.deepEqual(markOfTest(from(...whole(1).slice(0, 3)), now, pays), {kind: 'unknown'});
	assert.deepEqual(markOfTest(from(...whole(1, {omitted: 1})), now, pays), {kind: 'unknown'});
	assert.deepEqual(markOfTest(from(...whole(1, {verdict: 'interrupted'})), now, pays), {kind: 'unknown'});
	assert.equal(
		markOfTest(from(result(1, {runId: 1, tests: [tested('flaky', pays)]})), now, pays).kind,
		'flaky',
		'what it names it names',
	);
});

test('a test is known by file and title: lines move', () => {
	assert.equal(
		testKey({location: 'e2e/pay.spec.ts:12', title: 'pays'}),
		testKey({location: 'e2e/pay.spec.ts:340:7', title: 'pays'}),
	);
	assert.notEqual(
		testKey({location: 'e2e/pay.spec.ts:12', title: 'pays'}),
		testKey({location: 'e2e/pay.spec.ts:12', title: 'pays twice'}),
	);
});

const seen = (
	attempt: number,
	failed: readonly string[],
	passed: readonly string[],
	more: Partial<JobsSeen> = {},
): JobsSeen => ({workflow: e2e, sha: sha(1), runId: 1, at: start, attempt, failed, passed, ...more});

test('without results the jobs tell: red, then green in the next attempt', () => {
	const once = withJobs(noHistory, seen(1, ['e2e (2, 4)'], ['e2e (1, 4)']));
	assert.deepEqual(markOfJob(once, now, 'e2e (2, 4)'), {kind: 'failed-before', times: 1, of: 1});
	const twice = withJobs(once, seen(2, [], ['e2e (1, 4)', 'e2e (2, 4)']));
	assert.deepEqual(markOfJob(twice, now, 'e2e (2, 4)'), {kind: 'flaky', times: 1, of: 1});
	assert.deepEqual(markOfJob(twice, now, 'e2e (1, 4)'), {kind: 'new', of: 1});
	assert.deepEqual(markOfJob(twice, now, 'e2e (9, 9)'), {kind: 'unknown'});
	// Of two jobs with one name one was red each time.
	const both = [1, 2].reduce((history, attempt) => withJobs(history, seen(attempt, ['e2e'], ['e2e'])), noHistory);
	assert.equal(markOfJob(both, now, 'e2e').kind, 'failed-before');
	assert.equal(markOfJob(withJobs(both, seen(3, [], ['e2e'])), now, 'e2e').kind, 'flaky');
});

test('the same file again changes nothing, and only so many runs are kept and looked at', () => {
	const once = from(...whole(1));
	assert.equal(withResult(once, whole(1)[0]!), once);
	const many = pastRuns(100, [90]);
	assert.equal(many.runs.length, 60);
	assert.deepEqual(markOfTest(many, now, previews), {kind: 'new', of: 20});
});

test('times never exceed runs, in whatever order results come', () => {
	const any = fc
		.record({
			index: fc.integer({min: 1, max: 4}),
			id: fc.integer({min: 1, max: 6}),
			attempt: fc.integer({min: 1, max: 3}),
			outcome: fc.constantFrom('passed', 'failed', 'flaky', 'skipped' as const),
		})
		.map(({index, id, attempt, outcome}) =>
			result(index, {
				runId: id,
				attempt,
				startedAt: start + minutes(id),
				tests: [tested(outcome as 'passed', pays)],
			}),
		);
	fc.assert(
		fc.property(fc.array(any, {maxLength: 30}), results => {
			const mark = markOfTest(from(...results), now, pays);
			if (mark.kind === 'flaky' || mark.kind === 'failed-before')
				assert.ok(mark.times >= 1 && mark.times <= mark.of && mark.of <= 6);
			// A file that comes again is not read again.
			const first = new Map(
				results
					.toReversed()
					.map(one => [`${one.runId} ${one.attempt} ${one.shard.index}`, one.tests[0]!.outcome]),
			);
			const hasFailed = [...first.values()].some(outcome => outcome === 'failed' || outcome === 'flaky');
			assert.equal(mark.kind === 'flaky' || mark.kind === 'failed-before', hasFailed);
		}),
	);
});

test('a results file is checked, bounded and made safe', () => {
	const file = JSON.parse(
		JSON.stringify(
			result(2, {
				tests: [
					tested('failed', {
						...pays,
						title: 'pays \u001B[31mred\u001B[0m\nnow',
						message: 'token ghp_0123456789abcdef0123456789abcdef0123 leaked',
					}),
				],
			}),
		),
	) as Record<string, unknown>;
	const read = readShardResult(file)!;
	assert.equal(read.tests[0]!.title, 'pays red now');
	assert.doesNotMatch(read.tests[0]!.error!.message, /ghp_/);
	for (const broken of [
		null,
		[],
		'x',
		{},
		{...file, schemaVersion: 2},
		{...file, sha: 'main'},
		{...file, runId: '7'},
		{...file, attempt: 0},
		{...file, shard: {index: 5, total: 4}},
		{...file, shard: null},
		{...file, verdict: 'green'},
		{...file, tests: {}},
		{...file, startedAt: 'now'},
	]) {
		assert.equal(readShardResult(broken), null, JSON.stringify(broken)?.slice(0, 80));
	}
	const partly = readShardResult({...file, tests: [{location: 1}, ...(file['tests'] as unknown[])], omitted: 2})!;
	assert.deepEqual([partly.tests.length, partly.omitted], [1, 3], 'what cannot be understood counts as left out');
});

test('a history that was not read is told as that, and not as one that has nothing', () => {
	const [now, failing] = [
		{workflow: 'e2e-staging.yml', runId: 1},
		{location: 'a.spec.ts:1', title: 'a'},
	];
	assert.equal(flakyText(markOfTest(null, now, failing)), 'unknown: history not read');
	assert.equal(flakyText(markOfJob(null, now, 'e2e (1, 4)')), 'unknown: history not read');
	assert.equal(flakyText(markOfTest(noHistory, now, failing)), 'unknown: no history');
	assert.equal(flakyText(markOfJob(noHistory, now, 'e2e (1, 4)')), 'unknown: no history');
});
