import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import type {SuiteBitsFragment} from '../source/github/queries/documents.generated.ts';
import {
	firstParents,
	matched,
	mergeRuns,
	nodesOf,
	parseDeployments,
	parseJob,
	parseSuite,
} from '../source/github/read/parse-graphql.ts';
import * as rest from '../source/github/read/parse-rest.ts';
import {clean, httpTime, idOrNull, payload, time, word} from '../source/github/failures/values.ts';

const suite: SuiteBitsFragment = {
	id: 'CS_1',
	status: 'IN_PROGRESS',
	conclusion: null,
	createdAt: '2026-03-02T10:00:00Z',
	updatedAt: '2026-03-02T10:00:00Z',
	branch: {name: 'develop'},
	commit: {oid: 'a'.repeat(40)},
	workflowRun: {
		databaseId: 14_541_957_942,
		event: 'push',
		runNumber: 7,
		url: 'https://github.com/o/n/actions/runs/14541957942',
		createdAt: '2026-03-02T10:00:00Z',
		updatedAt: '2026-03-02T10:01:00Z',
		file: {path: '.github/workflows/test-suite.yml'},
		workflow: {name: 'Test suite', resourcePath: '/o/n/actions/workflows/test-suite.yml'},
	},
};

test('times are milliseconds or null, never NaN', () => {
	assert.equal(time('2026-03-02T10:00:00Z'), Date.UTC(2026, 2, 2, 10));
	for (const value of [null, undefined, '', 'soon', 7, '0001-01-01T00:00:00Z', {}]) {
		assert.equal(time(value), null);
	}

	assert.equal(httpTime('30'), null);
	assert.equal(httpTime('Mon, 02 Mar 2026 10:00:00 GMT'), Date.UTC(2026, 2, 2, 10));
	fc.assert(
		fc.property(fc.anything(), value => {
			assert.ok(!Number.isNaN(time(value)));
		}),
	);
});

test('ids are larger than 2^31', () => {
	assert.equal(idOrNull(14_541_957_942), 14_541_957_942);
	assert.equal(parseSuite(suite)?.id, 14_541_957_942);
	for (const value of [0, -1, 1.5, '7', null, Number.NaN]) {
		assert.equal(idOrNull(value), null);
	}
});

test('a payload is an object however it comes', () => {
	const object = {deployctl: 1, run_id: 14_541_957_942};
	for (const value of [object, JSON.stringify(object), JSON.stringify(JSON.stringify(object))]) {
		assert.deepEqual(payload(value), object);
	}

	for (const value of [null, undefined, '', 'text', '"text"', '[1]', [1], '7', '{"cut']) {
		assert.equal(payload(value), null);
	}
});

test('unknown words are kept, missing ones are UNKNOWN', () => {
	assert.equal(word('in_progress'), 'IN_PROGRESS');
	assert.equal(word('marinating'), 'MARINATING');
	assert.equal(word(null), 'UNKNOWN');
	assert.equal(parseSuite({...suite, status: 'MARINATING' as 'QUEUED'})?.status, 'MARINATING');
});

test('suites of other apps have no run, and a run may lack almost everything', () => {
	assert.equal(parseSuite({...suite, workflowRun: null}), null);
	assert.equal(parseSuite({...suite, workflowRun: {...suite.workflowRun!, databaseId: null}}), null);
	const bare = parseSuite({
		...suite,
		branch: null,
		workflowRun: {...suite.workflowRun!, file: null, updatedAt: 'never'},
	});
	assert.deepEqual(
		[bare?.branch, bare?.workflowPath, bare?.updatedAt],
		[null, '.github/workflows/test-suite.yml', bare?.createdAt],
	);
	// GitHub's own workflows have no file.
	assert.equal(
		parseSuite({
			...suite,
			workflowRun: {
				...suite.workflowRun!,
				file: null,
				workflow: {name: 'CodeQL', resourcePath: '/o/n/actions/workflows/1234'},
			},
		})?.workflowPath,
		null,
	);
});

test('null nodes are left out', () => {
	assert.deepEqual(nodesOf({nodes: [null, 1, null]}), [1]);
	assert.deepEqual(nodesOf(null), []);
	assert.deepEqual(matched([null, {}, {id: 'a'}]), [{id: 'a'}]);
	assert.deepEqual(parseDeployments([null, undefined, {nodes: [null]}]), []);
});

test('a queued job has not started, whatever REST says', () => {
	const job = rest.parseJob({
		id: 28_938_929_058,
		name: 'unit',
		status: 'queued',
		started_at: '2026-03-02T10:00:00Z',
		completed_at: null,
	});
	assert.equal(job?.startedAt, null);
	assert.deepEqual(job.steps, []);
	assert.equal(
		parseJob({
			id: 'CR_1',
			databaseId: 1,
			name: 'unit',
			status: 'COMPLETED',
			conclusion: 'SUCCESS',
			startedAt: null,
			completedAt: '2026-03-02T10:00:00Z',
			detailsUrl: null,
			permalink: 'https://github.com/x',
		})?.url,
		'https://github.com/x',
	);
});

test('a job tells its attempt, and steps that are not there are not none', () => {
	const job = {id: 28_938_929_058, name: 'unit', status: 'completed', conclusion: 'success', run_attempt: 2} as const;
	assert.deepEqual([rest.parseJob(job)?.attempt, rest.parseJob(job)?.steps], [2, null]);
	assert.deepEqual(
		[
			rest.parseJob({...job, run_attempt: null, conclusion: 'skipped'})?.attempt,
			rest.parseJob({...job, conclusion: 'skipped'})?.steps,
		],
		[null, []],
	);
});

test('what was merged into the branch is not in its first-parent history', () => {
	const commit = (sha: string, parent: string | null) => ({sha, parent});
	const history = [
		commit('merge', 'before'),
		commit('feature2', 'feature1'),
		commit('feature1', 'before'),
		commit('before', 'root'),
		commit('root', null),
	];
	assert.deepEqual(
		firstParents(history, 12).map(({sha}) => sha),
		['merge', 'before', 'root'],
	);
	assert.deepEqual(
		firstParents(history, 2).map(({sha}) => sha),
		['merge', 'before'],
	);
	assert.deepEqual(firstParents([], 12), []);
});

test('a run that is seen twice keeps its jobs, or is the newest', () => {
	const run = parseSuite(suite)!;
	const withJobs = {...run, jobs: []};
	assert.equal(mergeRuns([run, withJobs])[0]?.jobs, withJobs.jobs);
	assert.equal(mergeRuns([withJobs, {...run, updatedAt: run.updatedAt + 1}])[0]?.jobs, withJobs.jobs);
	assert.equal(mergeRuns([run, {...run, updatedAt: run.updatedAt + 1}])[0]?.updatedAt, run.updatedAt + 1);
});

test('REST: paths with a ref, the newest status of each context, permissions', () => {
	assert.equal(
		rest.parseRun({id: 1, path: '.github/workflows/a.yml@refs/heads/main'})?.workflowPath,
		'.github/workflows/a.yml',
	);
	assert.equal(rest.parseRun({id: 0}), null);
	const statuses = rest.parseStatuses([
		{context: 'b', state: 'success'},
		{context: 'a', state: 'failure'},
		{context: 'b', state: 'pending'},
		null,
	]);
	assert.deepEqual(
		statuses.map(({context, state}) => `${context} ${state}`),
		['a FAILURE', 'b SUCCESS'],
	);
	assert.equal(rest.permissionOf({admin: false, maintain: false, push: true, triage: true, pull: true}), 'WRITE');
	assert.equal(rest.permissionOf(undefined), null);
});

test('one line, no control characters, not long', () => {
	assert.equal(clean(' a\u001B[31m\n\tb\u202E. '), 'a [31m b');
	assert.equal(clean('x'.repeat(300)).length, 200);
	assert.equal(clean(7), '');
});
