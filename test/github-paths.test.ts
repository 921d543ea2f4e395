/** GraphQL and REST must tell the same story about the same repository. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Reading} from '../source/core/github/facts.ts';
import {scenario, type ScenarioEvent} from '../source/simulator/model/scenario.ts';
import {scenarios as all} from '../source/simulator/scenarios/scenarios.ts';
import {about, bench, isMoving, read, tokens} from './helpers/reader.ts';

/** Node ids are a means, not a fact; steps beyond the hot jobs' are a gift of REST. */
function story({facts}: Reading, hot: ReadonlySet<number> = new Set()) {
	return {
		...facts,
		// REST's statuses of deployments have no "waiting"; who waits for whom is told by the run.
		deployments: facts.deployments?.map(deployment => ({
			...deployment,
			state: deployment.state.replace('WAITING', 'PENDING'),
		})),
		commits: facts.commits?.map(commit => ({...commit, nodeId: null})),
		runs: facts.runs.map(run => ({
			...run,
			suiteId: null,
			jobs: run.jobs?.map(job => ({...job, nodeId: null, steps: hot.has(job.id) ? job.steps : null})) ?? null,
		})),
	};
}

const merges: ScenarioEvent[] = [
	{at: '-3h', push: 'develop', by: 'mira-okafor', commits: [['one', 'One']]},
	{
		at: '-2h',
		push: 'feature/x',
		by: 'priya-raman',
		commits: [
			['x1', 'Feature, first part'],
			['x2', 'Feature, second part'],
		],
	},
	{
		at: '-1h',
		push: 'develop',
		by: 'renovate[bot]',
		commits: [['two', 'Two\n\nWith a body.']],
		plan: {outcomes: {typecheck: 'failure'}},
	},
	{
		at: '-20m',
		push: 'develop',
		by: 'tomas-herrera',
		commits: [['three', 'Three']],
		plan: {
			outcomes: {'e2e (2, 4)': ['failure', 'success']},
			rerun: [{workflow: 'e2e-staging.yml', afterSeconds: 60, by: 'jonas-lindqvist'}],
		},
	},
	{at: '-1m', push: 'develop', by: 'lena-fischer', commits: [['four', 'Four']]},
];
const scenarios = [
	...all
		.filter(({faults}) => faults.length === 0)
		.map(data => ({name: data.name, data, minutes: data.name === 'release' ? [0, 3, 8, 25, 40] : [0, 5, 18]})),
	{
		name: 'red, re-run and feature branches',
		data: scenario({name: 'paths', description: '', events: merges}),
		minutes: [0, 2, 6, 30],
	},
];

let waits = 0;
let jobsRead = 0;
for (const {name, data, minutes} of scenarios) {
	test(`both paths agree: ${name}`, async t => {
		const {clock, github, reader} = await bench(t, data);
		const overRest = reader(tokens.noSuites);
		let passed = 0;
		for (const minute of minutes) {
			clock.advance((minute - passed) * 60_000);
			passed = minute;
			const [graphql, rest] = [await read(github), await read(overRest)];
			assert.equal(graphql.path, 'graphql');
			assert.equal(rest.path, 'rest');
			assert.deepEqual([graphql.partial, rest.partial], [[], []]);
			waits += graphql.facts.runs.flatMap(({waits: some}) => some).length;
			assert.deepEqual(story(rest), story(graphql), `overview after ${minute} min`);

			const commits = graphql.facts.commits?.slice(0, 3).map(({sha}) => sha) ?? [];
			const moving = graphql.facts.runs.filter(run => isMoving(run) || commits.includes(run.headSha));
			const jobs = (await read(github, about(moving, commits))).facts.runs.filter(
				({jobs: some}) => some !== null,
			);
			const question = about(jobs, commits);
			const hot = new Set(question.kind === 'active' ? question.hotJobs.map(({id}) => id) : []);
			const [narrow, narrowRest] = [await read(github, question), await read(overRest, question)];
			jobsRead += jobs.length;
			assert.deepEqual(
				withoutAnnotations(story(narrowRest, hot)),
				withoutAnnotations(story(narrow, hot)),
				`active after ${minute} min`,
			);
		}
	});
}

/** A token that may not read check suites may not read annotations either. */
const withoutAnnotations = (facts: ReturnType<typeof story>) => ({
	...facts,
	runs: facts.runs.map(run => ({
		...run,
		jobs: run.jobs?.map(job => ({...job, annotations: null, attempt: null})) ?? null,
	})),
});

test('the comparison had something to compare', () => {
	assert.ok(waits > 0);
	assert.ok(jobsRead > 50);
});
