import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Reading} from '../source/core/github/facts.ts';
import {mergeReading} from '../source/core/github/merge.ts';
import {commit, deployment, facts, job, minutes, repository, run, sha, start} from './helpers/facts.ts';

const reading = (kind: Reading['kind'], more: Reading['facts']): Reading => ({
	kind,
	readAt: start,
	clockSkewMs: 0,
	latencyMs: 1,
	cost: 1,
	rateLimit: null,
	path: 'graphql',
	partial: [],
	facts: more,
});
const running = run(1, 'e2e', {status: 'IN_PROGRESS', conclusion: null});

test('a stale answer of a lagging replica changes nothing', () => {
	const known = facts({runs: [run(1, 'e2e', {updatedAt: start + minutes(5)})]});
	const after = mergeReading(
		known,
		reading('active', {runs: [{...running, updatedAt: start + minutes(4)}]}),
		repository,
	);
	assert.equal(after.runs[0]!.conclusion, 'SUCCESS');
});

test('what a narrow answer leaves out is kept', () => {
	const known = facts({runs: [{...running, title: 'E2E', attempt: 1}]});
	const [after] = mergeReading(
		known,
		reading('active', {runs: [{...running, title: null, attempt: null, jobs: null, jobsAsOf: null}]}),
		repository,
	).runs;
	assert.deepEqual([after!.title, after!.attempt, after!.jobs?.length], ['E2E', 1, 1]);
});

test('statuses that could not be read are those of before, and marked as no evidence', () => {
	const statuses = [
		{
			context: 'deployctl/e2e',
			state: 'SUCCESS',
			targetUrl: null,
			description: null,
			createdAt: start,
			creator: 'github-actions',
		},
	];
	const known = facts({commits: [commit(sha(1), {statuses})]});
	const lost = commit(sha(1), {
		statuses: [],
		statusesUnread: {what: 'commit statuses', kind: 'timeout', because: 'No answer.', next: null},
	});
	for (const kind of ['overview', 'active'] as const) {
		const [after] = mergeReading(known, reading(kind, {runs: [], commits: [lost]}), repository).commits;
		assert.deepEqual([after!.statuses, after!.statusesUnread?.kind], [statuses, 'timeout'], kind);
	}
});

test('a run that was started again loses the jobs and the number of the attempt before', () => {
	const known = facts({runs: [run(1, 'e2e', {attempt: 1})]});
	const [after] = mergeReading(
		known,
		reading('active', {
			runs: [
				{...running, updatedAt: start + minutes(9), attempt: null, jobs: null, jobsTotal: null, jobsAsOf: null},
			],
		}),
		repository,
	).runs;
	assert.deepEqual([after!.attempt, after!.jobs, after!.jobsAsOf], [null, null, null]);
});

test('steps that were read stay while later answers leave them out', () => {
	const step = {
		number: 1,
		name: 'checkout',
		status: 'COMPLETED',
		conclusion: 'SUCCESS',
		startedAt: start,
		finishedAt: start,
	};
	const known = facts({runs: [{...running, jobs: [job(10, {steps: [step]})]}]});
	const [after] = mergeReading(
		known,
		reading('active', {runs: [{...running, jobs: [job(10, {status: 'COMPLETED'})]}]}),
		repository,
	).runs;
	assert.equal(after!.jobs![0]!.steps?.length, 1);
});

test('an overview replaces the list of commits, an active reading only what it names', () => {
	const known = facts({commits: [commit(sha('b')), commit(sha('a'))]});
	const active = mergeReading(
		known,
		reading('active', {commits: [commit(sha('a'), {headline: 'new'}), commit(sha('c'))], runs: []}),
		repository,
	);
	assert.deepEqual(
		active.commits.map(({headline}) => headline),
		[`Commit ${sha('b').slice(0, 7)}`, 'new'],
	);
	assert.deepEqual(
		mergeReading(known, reading('overview', {commits: [commit(sha('c'))], runs: []}), repository).commits.map(
			each => each.sha,
		),
		[sha('c')],
	);
});

test('the comparison of the branches is forgotten when a head has moved', () => {
	const known = facts({commits: [commit(sha('a'))]});
	const moved = {
		staging: {name: 'develop', sha: sha('b')},
		production: known.refs.production,
		aheadBy: null,
		behindBy: null,
	};
	assert.equal(mergeReading(known, reading('active', {refs: moved, runs: []}), repository).refs.aheadBy, null);
	assert.equal(
		mergeReading(
			known,
			reading('active', {refs: {...known.refs, aheadBy: null, behindBy: null}, runs: []}),
			repository,
		).refs.aheadBy,
		1,
	);
});

test('equally old answers do not undo an end, of a run, a job or a deployment', () => {
	const known = facts({runs: [run(1, 'e2e')], deployments: [deployment(1, {updatedAt: start + minutes(5)})]});
	const after = mergeReading(
		known,
		reading('active', {
			runs: [running],
			deployments: [deployment(1, {state: 'IN_PROGRESS', updatedAt: start + minutes(4)})],
		}),
		repository,
	);
	assert.equal(after.runs[0]!.status, 'COMPLETED');
	assert.equal(after.deployments[0]!.state, 'ACTIVE');
	const finished = facts({runs: [{...running, jobs: [job(10)]}]});
	const [again] = mergeReading(
		finished,
		reading('active', {runs: [{...running, jobs: [job(10, {status: 'IN_PROGRESS', conclusion: null})]}]}),
		repository,
	).runs;
	assert.equal(again!.jobs![0]!.status, 'COMPLETED');
});

test('a job that is repeated may keep its id: nothing of its end before is true of it', () => {
	const step = {
		number: 1,
		name: 'checkout',
		status: 'COMPLETED',
		conclusion: 'SUCCESS',
		startedAt: start,
		finishedAt: start,
	};
	const known = facts({
		runs: [{...running, updatedAt: start + minutes(3), jobs: [job(10, {attempt: 1, steps: [step]})]}],
	});
	const after = (more: Parameters<typeof job>[1], updatedAt: number) =>
		mergeReading(known, reading('active', {runs: [{...running, updatedAt, jobs: [job(10, more)]}]}), repository)
			.runs[0]!.jobs![0]!;
	const waits = {status: 'QUEUED', conclusion: null, finishedAt: null};
	assert.equal(after({...waits, attempt: 2}, start + minutes(3)).status, 'QUEUED', 'of a later attempt');
	assert.equal(after(waits, start + minutes(4)).status, 'QUEUED', 'the run has changed since');
	assert.equal(after(waits, start + minutes(3)).status, 'COMPLETED', 'a replica that lags');
	assert.equal(
		after({conclusion: 'FAILURE', finishedAt: start + minutes(9)}, start + minutes(9)).steps,
		null,
		'it has ended again',
	);
	assert.equal(after({}, start + minutes(9)).steps?.length, 1);
});

test('a list that lags takes no job away that this attempt is known to have', () => {
	const known = facts({runs: [{...running, attempt: 2}]});
	const bare = {
		...running,
		attempt: 2,
		updatedAt: start + minutes(9),
		jobs: [],
		jobsTotal: 4,
		jobsAsOf: start + minutes(9),
	};
	const [after] = mergeReading(known, reading('active', {runs: [bare]}), repository).runs;
	assert.deepEqual([after!.jobs!.length, after!.jobsTotal, after!.jobsAsOf], [1, 1, known.runs[0]!.jobsAsOf]);
	const [unlisted] = mergeReading(known, reading('active', {runs: [{...bare, attempt: 3}]}), repository).runs;
	assert.deepEqual([unlisted!.jobs, unlisted!.jobsTotal], [[], 4]);
});

test('an older head is a lagging replica for half a minute, then somebody has moved the branch back', () => {
	const known = facts({commits: [commit(sha('b')), commit(sha('a'))]});
	const back = (at: number) => ({
		...reading('overview', {
			commits: [commit(sha('a'))],
			runs: [],
			refs: {...known.refs, staging: {name: 'develop', sha: sha('a')}},
		}),
		readAt: start + at,
	});
	const once = mergeReading(known, back(0), repository);
	assert.equal(once.commits[0]!.sha, sha('b'));
	const later = mergeReading(once, back(31_000), repository);
	assert.equal(later.commits[0]!.sha, sha('a'));
	assert.equal(later.rewoundAt, null);
});

test('memory is bounded: old runs go first', () => {
	let known = facts();
	for (let round = 0; round < 20; round++) {
		known = mergeReading(
			known,
			reading('active', {
				runs: Array.from({length: 50}, (_, index) =>
					run(round * 50 + index + 1, 'fast', {createdAt: start + minutes(round * 50 + index)}),
				),
			}),
			repository,
		);
	}
	assert.equal(known.runs.length, 400);
	assert.equal(known.runs[0]!.id, 1000);
});
