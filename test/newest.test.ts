/** Whether a later run of the same workflow may have been missed. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {mergeReading} from '../source/core/github/merge.ts';
import {coverageOf, isNewestKnown} from '../source/core/evidence/newest.ts';
import type {Facts, Reading} from '../source/core/github/facts.ts';
import {bench, read} from './helpers/reader.ts';
import {allRead, commit, facts, minutes, repository, run, sha, start} from './helpers/facts.ts';

const files = ['test-suite.yml', 'e2e-staging.yml'];
const [mine, other] = [sha('a'), sha('c')];
const at = (minute: number) => ({createdAt: start + minutes(minute)});

test('the newest runs of the repository cover what began after the oldest of them; all of them cover everything', () => {
	const [fast, named, foreign, deploy] = [
		run(1, 'fast', {headSha: mine, ...at(1)}),
		run(2, 'e2e', {title: `E2E ${mine}`, ...at(2)}),
		run(3, 'e2e', {title: `E2E ${other}`, ...at(3)}),
		run(4, 'deploy', {title: mine, ...at(4)}),
	];
	const list = [deploy, foreign, named, fast];
	const some = coverageOf({runs: list, isWhole: false}, files, [mine], []);
	assert.deepEqual(some.runs, [named, fast], 'of these workflows, about these commits');
	assert.deepEqual(
		some.runsSince,
		Object.fromEntries(files.map(file => [file, start + minutes(1) + 1])),
		"those of the oldest one's second may be cut off",
	);
	assert.deepEqual(some.unnamedSince, some.runsSince);
	assert.deepEqual(
		coverageOf({runs: list, isWhole: true}, files, [mine], []).runsSince,
		Object.fromEntries(files.map(file => [file, 0])),
	);
	assert.deepEqual(
		coverageOf({runs: list, isWhole: true}, files, [mine], [fast, named]).runs,
		[],
		'what was read anyway is not told twice',
	);
	const none = coverageOf({runs: [], isWhole: false}, files, [mine], []);
	assert.equal(isNewestKnown(fast, {...none, runs: []}), false, 'an empty list that is not whole covers nothing');
});

test('a run that says in its jobs alone what it is about waits for the jobs of those after it', () => {
	const counted = run(1, 'e2e', {title: 'E2E', ...at(1)});
	const later = run(2, 'e2e', {title: 'E2E', ...at(2), jobs: null, jobsTotal: null, jobsAsOf: null});
	const list = {runs: [later, counted], isWhole: true};
	const unlisted = coverageOf(list, files, [mine], [counted]);
	assert.deepEqual(unlisted.unnamedSince['e2e-staging.yml'], later.createdAt + 1);
	assert.equal(isNewestKnown(counted, {...unlisted, runs: [counted]}), false);
	const listed = coverageOf(list, files, [mine], [counted, later]);
	assert.equal(
		isNewestKnown(counted, {...listed, runs: [counted, later]}),
		false,
		'it is known, and its jobs are not',
	);
	assert.equal(isNewestKnown(counted, {...listed, runs: [counted, {...later, jobs: []}]}), true);
	assert.equal(
		isNewestKnown(counted, {...listed, runs: [counted, {...later, ...at(0)}]}),
		true,
		'an earlier one does not matter',
	);
	assert.equal(
		isNewestKnown(counted, {
			...listed,
			runs: [counted, {...later, workflowPath: '.github/workflows/smoke-tests.yml'}],
		}),
		true,
	);
	const named = {...counted, title: `E2E ${mine}`};
	assert.equal(
		isNewestKnown(named, {...listed, runs: [named, later]}),
		true,
		'one that names its commit is made void by one that names it, too',
	);
});

test('what was never asked is not known', () => {
	const one = run(1, 'e2e', at(1));
	for (const since of [{}, {runsSince: {}}, {runsSince: {'test-suite.yml': 0}}] as ReadonlyArray<
		Pick<Facts, 'runsSince'>
	>)
		assert.equal(isNewestKnown(one, {runs: [one], ...since}), false);
	assert.equal(isNewestKnown({...one, workflowPath: null}, {runs: [one], ...allRead}), false);
});

test('an overview replaces what is covered, a narrow answer adds to it', () => {
	const reading = (kind: Reading['kind'], more: Partial<Reading['facts']>): Reading => ({
		kind,
		readAt: start,
		clockSkewMs: 0,
		latencyMs: 1,
		cost: 1,
		rateLimit: null,
		path: 'graphql',
		partial: [],
		facts: {runs: [], ...more},
	});
	const known = facts({
		commits: [commit(mine)],
		runsSince: {'e2e-staging.yml': 5},
		unnamedSince: {'e2e-staging.yml': 5},
	});
	const narrow = mergeReading(known, reading('active', {runsSince: {'test-suite.yml': 7}}), repository);
	assert.deepEqual(
		[narrow.runsSince, narrow.unnamedSince],
		[{'e2e-staging.yml': 5, 'test-suite.yml': 7}, {'e2e-staging.yml': 5}],
	);
	const whole = mergeReading(
		known,
		reading('overview', {runsSince: {'test-suite.yml': 9}, unnamedSince: {}}),
		repository,
	);
	assert.deepEqual([whole.runsSince, whole.unnamedSince], [{'test-suite.yml': 9}, {}]);
	const failed = mergeReading(known, reading('overview', {runsSince: {}, unnamedSince: {}}), repository);
	assert.deepEqual(failed.runsSince, {}, 'the list could not be read for a while');
	assert.deepEqual(
		mergeReading(known, reading('overview', {}), repository).runsSince,
		known.runsSince,
		'the list was left out of one answer',
	);
});

test('where the list of runs cannot be read, what it told is kept for two minutes, and no longer', async t => {
	const {simulator, clock, github} = await bench(t, 'quiet');
	const coverage = async () => (await read(github)).facts.runsSince;
	assert.deepEqual(
		Object.values((await coverage()) ?? {}),
		[0, 0, 0, 0],
		'all runs of the repository fit into the list',
	);
	simulator.faults.during(0, Number.MAX_SAFE_INTEGER, {kind: 'bad-gateway-html'}, {path: '/actions/runs'});
	for (const [afterSeconds, isKept] of [
		[10, true],
		[50, true],
		[55, true],
		[10, false],
		[60, false],
	] as const) {
		clock.advance(afterSeconds * 1000);
		assert.deepEqual(await coverage(), isKept ? undefined : {}, `after ${afterSeconds} s more`);
	}
	simulator.faults.clear();
	clock.advance(61_000);
	assert.equal(Object.keys((await coverage()) ?? {}).length, 4);
});
