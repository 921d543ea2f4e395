import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {RunFact} from '../source/core/github/facts.ts';
import {defaults, scenario} from '../source/simulator/model/scenario.ts';
import type {WorkflowDefinition} from '../source/simulator/model/model.ts';
import {deployStaging, e2eStaging, testSuite} from '../source/simulator/model/workflows.ts';
import {about, bench, isMoving, read} from './helpers/reader.ts';

const shortStep = [{name: 'Work', seconds: 90}];
const check = (index: number): WorkflowDefinition => ({
	file: `check-${index}.yml`,
	name: `Check ${index}`,
	tier: null,
	on: {push: ['develop']},
	jobs: [{name: `check ${index}`, steps: shortStep}],
});
const push = (at: string, alias: string) => ({
	at,
	push: 'develop',
	by: 'mira-okafor',
	commits: [[alias, alias] as const],
});

const crowd = scenario({
	name: 'crowd',
	description: 'A run of 250 jobs, and 37 suites on each of two commits, 130 on a third',
	workflows: [
		{
			...testSuite,
			jobs: Array.from({length: 250}, (_, index) => ({name: `unit (${index + 1}, 250)`, steps: shortStep})),
		},
		deployStaging,
		e2eStaging,
		...Array.from({length: 34}, (_, index) => check(index)),
	],
	events: [push('-30m', 'one'), push('-60s', 'two')],
});

const jobsOf = (runs: readonly RunFact[], file: string) =>
	runs.find(({workflowPath, jobs}) => workflowPath === `.github/workflows/${file}` && jobs !== null);

test('an overview is one point and, after the first, two requests of which REST is free when nothing ran', async t => {
	const {github, counted, clock} = await bench(t);
	const first = await counted(async () => read(github));
	assert.deepEqual([first.points, first.core, first.requests], [1, 5, 6]);
	assert.equal(first.result.cost, 1);
	assert.deepEqual(first.result.rateLimit, {limit: 5000, remaining: 4999, resetAt: clock.now() + 3_600_000});
	const second = await counted(async () => read(github));
	assert.deepEqual([second.points, second.core, second.notModified, second.requests], [1, 0, 1, 2]);
	assert.equal(second.result.facts.commits?.length, 12);
	assert.ok(
		second.result.facts.runs.every(
			({attempt, title, actor}) => attempt !== null && title !== null && actor !== null,
		),
	);
	assert.deepEqual(
		second.result.facts.runs.map(({createdAt}) => createdAt),
		second.result.facts.runs.map(({createdAt}) => createdAt).sort((a, b) => b - a),
	);
});

test('an active question is one request and one point while runs only go on', async t => {
	const {github, counted, clock} = await bench(t);
	const {runs, commits} = (await read(github)).facts;
	const question = about(
		runs.filter(run => isMoving(run)),
		[commits?.[0]?.sha ?? ''],
	);
	await read(github, question);
	clock.advance(1000);
	const {points, requests, result} = await counted(async () => read(github, question));
	assert.deepEqual([points, requests], [1, 1]);
	const run = jobsOf(result.facts.runs, 'test-suite.yml');
	assert.equal(run?.jobs?.length, 5);
	assert.equal(run.jobsTotal, 5);
	assert.equal(run.jobsAsOf, run.updatedAt);
	assert.deepEqual(result.facts.refs?.staging.sha, commits?.[0]?.sha);
});

test('steps and annotations of hot jobs, the run of which comes along unasked', async t => {
	const {github, clock} = await bench(t);
	const {runs} = (await read(github)).facts;
	const moving = runs.filter(run => isMoving(run));
	const known = (await read(github, about(moving))).facts.runs.filter(({jobs}) => jobs !== null);
	clock.advance(1000);
	const question = about(known);
	assert.ok(question.kind === 'active' && question.hotJobs.length > 0);
	const {facts} = await read(github, {...question, suites: []});
	const hot = facts.runs
		.flatMap(({jobs}) => jobs ?? [])
		.filter(({id}) => question.hotJobs.some(job => job.id === id));
	assert.equal(hot.length, question.hotJobs.length);
	assert.ok(hot.every(({steps}) => steps !== null && steps.length > 0));
	// Not all there before the job has ended.
	assert.ok(hot.every(({annotations}) => annotations === null));
});

test('a job with more steps than GraphQL tells at once has all of them', async t => {
	const steps = Array.from({length: 90}, (_, index) => ({name: `step ${index}`, seconds: 5}));
	const {github, counted, simulator} = await bench(
		t,
		scenario({
			name: 'long',
			description: '',
			workflows: [{...testSuite, jobs: [{name: 'lint', steps}]}, deployStaging, e2eStaging],
			events: [push('-60s', 'one')],
		}),
	);
	const {runs} = (await read(github)).facts;
	const known = (await read(github, about(runs))).facts.runs.filter(({jobs}) => jobs !== null);
	const {result, byKind} = await counted(async () => read(github, about(known)));
	const [job] = jobsOf(result.facts.runs, 'test-suite.yml')!.jobs!;
	assert.equal(job?.steps?.length, 92);
	assert.equal(Object.keys(byKind).filter(kind => kind.includes('/actions/jobs/')).length, 1);
	simulator.faults.next({kind: 'bad-gateway-html'}, {times: 9, match: {path: '/actions/jobs/'}});
	const cut = await read(github, about(known));
	assert.match(cut.partial.join(), /more steps of job \d+: GitHub answered 502/);
});

test('annotations of a failed job', async t => {
	const {github} = await bench(
		t,
		scenario({
			name: 'red',
			description: '',
			events: [
				{
					...push('-10m', 'red'),
					plan: {
						outcomes: {
							lint: {
								conclusion: 'failure',
								annotation: {path: 'a.ts', line: 7, title: 'no', message: 'Do not'},
							},
						},
					},
				},
			],
		}),
	);
	const {runs} = (await read(github)).facts;
	const known = (await read(github, about(runs))).facts.runs.filter(({jobs}) => jobs !== null);
	const {facts} = await read(github, about(known));
	const failed = facts.runs.flatMap(({jobs}) => jobs ?? []).find(({conclusion}) => conclusion === 'FAILURE');
	assert.deepEqual(failed?.annotations?.[0], {
		level: 'failure',
		path: 'a.ts',
		line: 7,
		title: 'no',
		message: 'Do not',
	});
});

test('more than one page of jobs and of suites is read in the same answer', async t => {
	const {github, counted} = await bench(t, crowd);
	const overview = await counted(async () => read(github));
	const perCommit = new Map<string, number>();
	for (const {headSha} of overview.result.facts.runs) {
		perCommit.set(headSha, (perCommit.get(headSha) ?? 0) + 1);
	}

	assert.deepEqual([...perCommit.values()].filter(count => count >= 35).length, 2);
	assert.equal(overview.byKind['CommitSuites'], 1);
	// Learnt: the next page is large enough.
	const again = await counted(async () => read(github));
	assert.equal(again.byKind['CommitSuites'], undefined);
	assert.deepEqual(again.result.facts.runs, overview.result.facts.runs);

	const fast = overview.result.facts.runs.filter(
		({workflowPath, status}) => workflowPath === '.github/workflows/test-suite.yml' && status !== 'COMPLETED',
	);
	const active = await counted(async () => read(github, about(fast)));
	assert.equal(active.byKind['SuiteJobs'], 2);
	assert.equal(active.points, 3);
	const run = jobsOf(active.result.facts.runs, 'test-suite.yml');
	assert.equal(run?.jobs?.length, 250);
	assert.equal(run.jobsTotal, 250);
});

test('a page that fails leaves an answer that says what is missing', async t => {
	const {github, simulator} = await bench(t, crowd);
	const {runs} = (await read(github)).facts;
	simulator.faults.next({kind: 'bad-gateway-html'}, {times: 9, match: {operation: 'SuiteJobs'}});
	const reading = await read(
		github,
		about(
			runs.filter(
				({workflowPath, status}) =>
					workflowPath === '.github/workflows/test-suite.yml' && status !== 'COMPLETED',
			),
		),
	);
	const run = jobsOf(reading.facts.runs, 'test-suite.yml');
	assert.equal(run?.jobs?.length, 100);
	assert.equal(run.jobsTotal, 250);
	assert.match(reading.partial.join(), /more jobs: GitHub answered 502/);
});

test('a re-run is another attempt with its own jobs', async t => {
	const {github, clock} = await bench(
		t,
		scenario({
			name: 'flaky',
			description: '',
			events: [
				{
					...push('-2m', 'flaky'),
					plan: {
						outcomes: {'unit (1, 2)': ['failure', 'success']},
						rerun: [{workflow: 'test-suite.yml', afterSeconds: 30, by: 'jonas-lindqvist'}],
					},
				},
			],
		}),
	);
	const ask = async () => {
		const {runs} = (await read(github)).facts;
		const fast = runs.filter(({workflowPath}) => workflowPath === '.github/workflows/test-suite.yml');
		return jobsOf((await read(github, about(fast))).facts.runs, 'test-suite.yml');
	};
	let run = await ask();
	const before = run;
	for (let minutes = 0; minutes < 12 && run?.attempt === 1; minutes += 0.25) {
		clock.advance(15_000);
		run = await ask();
	}

	assert.equal(before?.attempt, 1);
	assert.equal(run?.attempt, 2);
	assert.equal(run.id, before.id);
	assert.equal(run.actor, 'jonas-lindqvist');
	assert.ok((run.startedAt ?? 0) > (before.startedAt ?? Infinity));
	assert.equal(new Set(run.jobs?.map(({name}) => name)).size, run.jobs?.length);
	assert.ok(Math.max(...(run.jobs?.map(({id}) => id) ?? [])) > Math.max(...(before.jobs?.map(({id}) => id) ?? [])));
});

test('the active question notices a re-run by itself', async t => {
	const {github, clock, simulator, counted} = await bench(t);
	const {runs} = (await read(github)).facts;
	const done = runs
		.filter(
			({status, workflowPath}) => status === 'COMPLETED' && workflowPath === '.github/workflows/e2e-staging.yml',
		)
		.slice(0, 1);
	clock.advance(5000);
	const {owner, name} = simulator.simulation.scenario.repository;
	await fetch(`${simulator.restUrl}/repos/${owner}/${name}/actions/runs/${done[0]?.id}/rerun`, {
		method: 'POST',
		headers: {authorization: 'bearer sim_classic'},
	});
	clock.advance(3000);
	const {result, byKind} = await counted(async () => read(github, about(done)));
	const run = jobsOf(result.facts.runs, 'e2e-staging.yml');
	assert.equal(run?.attempt, 2);
	assert.equal(byKind[`GET /repos/${owner}/${name}/actions/runs/${run.id}`], 1);
});

test('whom a run waits for, at once and then for no extra point', async t => {
	const approvals = scenario({
		name: 'approvals',
		description: '',
		environments: [{name: 'staging', reviewers: ['mira-okafor'], waitMinutes: 0}, {name: 'production'}],
		workflows: [
			testSuite,
			{...deployStaging, jobs: deployStaging.jobs.map(job => ({...job, environment: 'staging'}))},
		],
		events: [push('-10m', 'one')],
	});
	const {github, counted, reader} = await bench(t, approvals);
	const first = await counted(async () => read(github));
	const waiting = first.result.facts.runs.find(({status}) => status === 'WAITING');
	assert.deepEqual(waiting?.waits, [{environment: 'staging', canApprove: true, waitMinutes: 0, waitingSince: null}]);
	assert.equal(first.byKind['SuiteWaits'], 1);
	const second = await counted(async () => read(github));
	assert.equal(second.points, 1);
	assert.deepEqual(second.result.facts.runs, first.result.facts.runs);
	const active = await counted(async () => read(github, about([waiting])));
	assert.equal(active.points, 1);
	assert.deepEqual(active.result.facts.runs.find(({id}) => id === waiting.id)?.waits, waiting.waits);
	const rest = await read(reader('sim_fine-grained-no-suites'));
	assert.equal(rest.path, 'rest');
	assert.deepEqual(rest.facts.runs.find(({id}) => id === waiting.id)?.waits, waiting.waits);
});

test('a workflow that comes later is noticed within ten minutes', async t => {
	const settings = (await import('../source/core/settings/settings.ts')).defaultSettings;
	const {github, counted, clock} = await bench(
		t,
		{...defaults, name: 'x', description: '', workflows: [testSuite], events: [push('-10m', 'one')]},
		{settings},
	);
	await read(github);
	assert.equal((await counted(async () => read(github))).requests, 2);
	clock.advance(600_000);
	assert.equal((await counted(async () => read(github))).requests, 5);
});

test('a missing production branch and an empty repository are facts', async t => {
	const settings = (await import('../source/core/settings/settings.ts')).defaultSettings;
	const {github, reader} = await bench(t, 'release', {
		settings: {...settings, branches: {staging: 'develop', production: 'gone'}},
	});
	for (const one of [github, reader('sim_fine-grained-no-suites')]) {
		const {facts} = await read(one);
		assert.deepEqual(facts.refs?.production, {name: 'gone', sha: null});
		assert.deepEqual([facts.refs.aheadBy, facts.refs.behindBy], [null, null]);
	}

	const nowhere = await bench(t, 'release', {
		settings: {...settings, branches: {staging: 'none', production: 'main'}},
	});
	for (const one of [nowhere.github, nowhere.reader('sim_fine-grained-no-suites')]) {
		const {facts} = await read(one);
		assert.deepEqual(facts.commits, []);
		assert.equal(facts.refs?.staging.sha, null);
	}
});
