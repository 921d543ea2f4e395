/** Shards from statuses and jobs: what counts, what is never believed, and what is estimated. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {correlate} from '../source/core/snapshot/correlate.ts';
import type {JobFact, StatusFact} from '../source/core/github/facts.ts';
import type {Tier, Shard} from '../source/core/pipeline/pipeline.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {secondsLeft, shardOfJob, shardTotals, tierSecondsLeft} from '../source/core/evidence/shards.ts';
import {findSubjects, pointedRuns} from '../source/core/evidence/subjects.ts';
import {describeProgress} from '../source/core/tests/progress.ts';
import {commit, facts, minutes, type run, runUrl, sha, start, status} from './helpers/facts.ts';
import {about, earlier, progress, published, red, runId, running, shardJob, theRun} from './helpers/shards.ts';

const tierOf = (statuses: readonly StatusFact[], current: ReturnType<typeof run> | null): Tier =>
	correlate(
		facts({commits: [commit(about, {statuses})], runs: [...(current ? [current] : []), ...earlier]}),
		defaultSettings,
		start + minutes(9),
		null,
	).candidates[0]!.tiers.e2e;
const jobsOf = (more: Partial<JobFact> = running) => [1, 2, 3, 4].map(index => shardJob(index, more));
const going = (jobs = jobsOf(), more: Parameters<typeof run>[2] = {}) =>
	theRun({jobs, jobsTotal: jobs.length, ...more});

test('each shard has its job, what it has published and what is usual; the tier has their sum', () => {
	const tier = tierOf(
		[
			published(1, progress(10)),
			published(3, progress(20, {failed: 2, flaky: 1, current: 'e2e/pay.spec.ts:12 › pays'})),
		],
		going(),
	);
	assert.deepEqual(
		tier.shards.map(({index, total, jobName, status: word}) => [index, total, jobName, word]),
		[1, 2, 3, 4].map(index => [index, 4, `e2e (${index}, 4)`, 'running']),
	);
	assert.deepEqual(
		tier.shards[2]!.progress,
		progress(20, {failed: 2, flaky: 1, current: 'e2e/pay.spec.ts:12 › pays'}),
	);
	assert.equal(tier.shards[1]!.progress, null);
	assert.equal(tier.shards[0]!.medianSeconds, 177);
	assert.deepEqual(tier.progress, {done: 30, total: 60, failed: 2});
	assert.deepEqual(shardTotals(tier.shards), {
		done: 30,
		total: 60,
		failed: 2,
		flaky: 1,
		skipped: 0,
		published: 2,
		shards: 4,
	});
});

test('without statuses of its own a tier has no shards, whatever its jobs are called', () => {
	assert.deepEqual(tierOf([], going()).shards, []);
	assert.deepEqual(
		tierOf(
			[
				status('e2e-staging', {
					state: 'PENDING',
					targetUrl: runUrl(runId),
					description: '41/120 tests, 1 failed',
				}),
			],
			going(),
		).progress,
		{done: 41, total: 120, failed: 1},
		"the tier's own word still counts",
	);
});

test("statuses of another run, another attempt, another workflow, another repository or another writer are not this tier's", () => {
	for (const foreign of [
		published(1, progress(9), {targetUrl: runUrl(8)}),
		published(1, progress(9), {attempt: 2}),
		published(1, progress(9), {creator: 'mallory'}),
		published(1, progress(9), {creator: null}),
		published(1, progress(9), {context: 'deployctl/smoke-tests/1-of-4'}),
		published(1, progress(9), {context: 'deployctl/e2e-staging/5-of-4'}),
		published(1, progress(9), {targetUrl: null}),
		published(1, progress(9), {targetUrl: `https://github.com/acme/other/actions/runs/${runId}/attempts/1`}),
		published(1, progress(9), {targetUrl: `https://github.com/acme/auto-author/actions/runs/${runId}`}),
	])
		assert.deepEqual(tierOf([foreign], going()).shards, [], JSON.stringify(foreign));
	assert.equal(
		tierOf([published(1, progress(9))], going(jobsOf(), {attempt: null})).shards.length,
		0,
		'without a known attempt nobody can say whose it is',
	);
});

test('job names in which a shard stands', () => {
	for (const [name, index, total] of [
		['e2e (2, 4)', 2, 4],
		['e2e / run (chromium, 3, 4)', 3, 4],
		['shard 1 of 3', 1, 3],
		['e2e 2/8', 2, 8],
		['e2e-2-of-4', 2, 4],
	] as const)
		assert.deepEqual(shardOfJob(name), {index, total}, name);
	for (const name of ['e2e', 'e2e (5, 4)', 'e2e (0, 4)', 'build (20)', 'e2e (${{ matrix.shard }}, 4)', 'v1.2.3'])
		assert.equal(shardOfJob(name), null, name);
});

test('a job that is red stays red, and one without a word of it is what GitHub says', () => {
	const tier = tierOf(
		[published(2, progress(30), {state: 'SUCCESS'})],
		going([
			shardJob(1, running),
			shardJob(2, red),
			shardJob(3, {status: 'QUEUED', conclusion: null, startedAt: null, finishedAt: null}),
			shardJob(4),
		]),
	);
	assert.deepEqual(
		tier.shards.map(({status: word}) => word),
		['running', 'failed', 'queued', 'passed'],
	);
});

test("without jobs only the shard's own word is left, and none that the rest contradicts", () => {
	const own = (state: string, of = progress(30), more: Parameters<typeof run>[2] = {}) =>
		tierOf([published(1, of, {state})], theRun({jobs: null, jobsTotal: null, ...more})).shards[0]!.status;
	assert.equal(own('PENDING'), 'running');
	assert.equal(own('SUCCESS'), 'passed');
	assert.equal(own('FAILURE'), 'failed');
	assert.equal(own('SUCCESS', progress(30, {failed: 1})), 'unknown', 'it says that a test failed');
	assert.equal(
		own('PENDING', progress(12), {status: 'COMPLETED', conclusion: 'FAILURE'}),
		'unknown',
		'its run is over: the reporter died',
	);
	assert.equal(own('SUCCESS', progress(30), {status: 'COMPLETED', conclusion: 'FAILURE'}), 'unknown');
});

test('counts that contradict each other say nothing', () => {
	const tier = tierOf(
		[published(1, progress(3, {failed: 4})), published(2, progress(3), {description: '31/30'})],
		going(),
	);
	assert.deepEqual(
		tier.shards.map(shard => shard.progress),
		[null, null, null, null],
	);
	assert.equal(tier.progress, null);
});

test('of several totals the one that the jobs have counts', () => {
	const tier = tierOf(
		[published(1, progress(3), {total: 2}), published(2, progress(3), {total: 2}), published(1, progress(5))],
		going(),
	);
	assert.deepEqual(
		tier.shards.map(shard => shard.progress?.done ?? null),
		[5, null, null, null],
	);
});

test('the test that runs now is safe to be shown', () => {
	const tier = tierOf(
		[
			published(1, progress(1), {
				description:
					'1/30 · now e2e/\u001B[31mevil\u202E.spec.ts:1 › token ghp_0123456789abcdef0123456789abcdef0123',
			}),
		],
		going(),
	);
	assert.doesNotMatch(tier.shards[0]!.progress!.current!, /[\u001B\u202E]|ghp_/);
});

const estimated = (more: Partial<Shard>): Shard => ({
	index: 1,
	total: 4,
	jobId: 1,
	jobName: 'e2e (1, 4)',
	status: 'running',
	progress: null,
	publishedAt: null,
	startedAt: start,
	finishedAt: null,
	medianSeconds: null,
	...more,
});

test('an estimate from what is usual, from its own rate, and from neither', () => {
	const now = start + 100_000;
	assert.equal(secondsLeft(estimated({}), now), null, 'unknown stays unknown');
	assert.equal(secondsLeft(estimated({medianSeconds: 180}), now), 80);
	assert.equal(secondsLeft(estimated({medianSeconds: 60}), now), 0);
	assert.equal(secondsLeft(estimated({progress: progress(15), publishedAt: now}), now), 100);
	assert.equal(
		secondsLeft(estimated({progress: progress(15), publishedAt: now - 10_000}), now),
		80,
		'it has gone on since it published that',
	);
	assert.equal(
		secondsLeft(estimated({progress: progress(15), publishedAt: now, medianSeconds: 140}), now),
		70,
		'half by its rate, half by what is usual',
	);
	assert.equal(secondsLeft(estimated({progress: progress(30), publishedAt: now}), now), 0);
	assert.equal(
		secondsLeft(estimated({progress: progress(1), publishedAt: start + 1000}), now),
		null,
		'one test is no rate',
	);
	assert.equal(secondsLeft(estimated({status: 'failed', medianSeconds: 180}), now), null);
	assert.equal(tierSecondsLeft([estimated({medianSeconds: 180}), estimated({medianSeconds: 150})], now), 80);
	assert.equal(tierSecondsLeft([estimated({medianSeconds: 180}), estimated({})], now), null);
	assert.equal(
		tierSecondsLeft([estimated({medianSeconds: 180}), estimated({status: 'queued', startedAt: null})], now),
		null,
	);
	assert.equal(tierSecondsLeft([], now), null);
});

const words = fc.constantFrom('PENDING', 'SUCCESS', 'FAILURE', 'ERROR', 'EXPECTED', 'BAFFLED');
const descriptions = fc.oneof(
	fc.string({maxLength: 40}),
	fc
		.tuple(fc.nat(40), fc.nat(40), fc.nat(40), fc.nat(40))
		.map(([done, total, failed, flaky]) =>
			describeProgress({done, total, failed, flaky, skipped: 0, current: null}),
		),
);
const anyStatus = fc
	.record({
		index: fc.integer({min: 1, max: 5}),
		total: fc.constantFrom(2, 4, 5),
		attempt: fc.constantFrom(1, 2, 3),
		state: words,
		description: descriptions,
		creator: fc.constantFrom('github-actions', 'github-actions[bot]', 'mallory'),
		at: fc.nat(1000),
	})
	.map(({index, total, attempt, state, description, creator, at}) =>
		published(index, progress(0), {total, attempt, state, description, creator, createdAt: start + at}),
	);
const anyJob = fc
	.record({
		index: fc.integer({min: 1, max: 4}),
		conclusion: fc.constantFrom('SUCCESS', 'FAILURE', 'CANCELLED', 'TIMED_OUT', null),
	})
	.map(({index, conclusion}) => shardJob(index, conclusion === null ? running : {status: 'COMPLETED', conclusion}));

test("whatever is published: never more done than there are, never another attempt's word, and never green where GitHub says red", () => {
	fc.assert(
		fc.property(
			fc.array(anyStatus, {maxLength: 12}),
			fc.uniqueArray(anyJob, {selector: ({id}) => id, maxLength: 4}),
			fc.constantFrom(1, 2, 3, null),
			fc.boolean(),
			(statuses, jobs, attempt, isOver) => {
				const without = tierOf(
					[],
					going(jobs, {attempt, ...(isOver && {status: 'COMPLETED', conclusion: 'FAILURE'})}),
				);
				const tier = tierOf(
					statuses,
					going(jobs, {attempt, ...(isOver && {status: 'COMPLETED', conclusion: 'FAILURE'})}),
				);
				assert.deepEqual(
					[tier.status, tier.runId, tier.attempt, tier.provenance],
					[without.status, without.runId, without.attempt, without.provenance],
					'the tier itself is what GitHub says',
				);
				const totals = shardTotals(tier.shards);
				assert.ok(
					totals === null ||
						(totals.done <= totals.total && totals.failed + totals.flaky + totals.skipped <= totals.done),
				);
				assert.ok(tier.progress === null || tier.progress.done <= tier.progress.total);
				if (attempt === null) assert.equal(tier.shards.length, 0);
				for (const shard of tier.shards) {
					const job = jobs.find(({id}) => id === shard.jobId);
					if (job && job.conclusion !== 'SUCCESS') assert.notEqual(shard.status, 'passed');
					if (!job && isOver) assert.notEqual(shard.status, 'passed', 'its run is red');
					if (shard.progress !== null) {
						const mine = statuses.filter(
							one =>
								one.targetUrl === runUrl(runId, attempt!) &&
								one.creator !== 'mallory' &&
								one.context.endsWith(`/${shard.index}-of-${shard.total}`),
						);
						assert.ok(
							mine.some(({createdAt}) => createdAt === shard.publishedAt),
							"somebody else's word",
						);
					}
				}
			},
		),
	);
});

test("a shard's context is never the tier's own pointer: not for correlation, not for the gate, not for what is read", () => {
	const green = {status: 'COMPLETED', conclusion: 'SUCCESS'} as const;
	const shards = [1, 2, 3, 4].map(index => published(index, progress(30), {state: 'SUCCESS'}));
	// The run names nobody and sits on another commit: only a pointer could bring it here.
	const silent = theRun({...green, headSha: sha('d'), title: null, jobs: jobsOf({}), jobsTotal: 4});
	const known = facts({commits: [commit(about, {statuses: shards})], runs: [silent]});
	assert.equal(findSubjects(known, defaultSettings).get(about)?.e2e, undefined);
	const snapshot = correlate(known, defaultSettings, start + minutes(9), null);
	assert.equal(snapshot.candidates[0]!.tiers.e2e.status, 'none');
	assert.equal(snapshot.candidates[0]!.gate.conditions.find(({id}) => id === 'e2e-green')?.met, false);
	assert.deepEqual(pointedRuns({...known, runs: []}, defaultSettings, about), []);
});

test('green words of shards open no gate that the run does not open', () => {
	const shards = [1, 2, 3, 4].map(index => published(index, progress(30), {state: 'SUCCESS'}));
	const met = (statuses: readonly StatusFact[], current: ReturnType<typeof run>) =>
		correlate(
			facts({commits: [commit(about, {statuses})], runs: [current]}),
			defaultSettings,
			start + minutes(9),
			null,
		).candidates[0]!.gate.conditions.find(({id}) => id === 'e2e-green')!;
	const failed = theRun({status: 'COMPLETED', conclusion: 'FAILURE', jobs: jobsOf(red), jobsTotal: 4});
	assert.equal(met(shards, failed).met, false);
	assert.deepEqual(met(shards, failed), met([], failed), 'the gate does not even see them');
	const unread = theRun({status: 'COMPLETED', conclusion: 'SUCCESS', jobs: null, jobsTotal: null});
	assert.deepEqual(met(shards, unread), met([], unread));
});
