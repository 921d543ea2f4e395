/** Jobs that are done outside of the simulator: GitHub shows them as the runner says, and what follows from them follows. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {runnerOf} from '../source/simulator/simulation/runner.ts';
import {scenario} from '../source/simulator/model/scenario.ts';
import {simulated} from './helpers/simulated.ts';

const external = scenario({
	name: 'external',
	description: 'Jobs from outside',
	workflows: [
		{
			file: 'test-suite.yml',
			name: 'Test suite',
			tier: 'fast',
			on: {push: ['develop']},
			jobs: [
				{name: 'unit', external: true, steps: []},
				{name: 'build', external: true, needs: ['unit'], steps: []},
			],
		},
		{
			file: 'deploy-staging.yml',
			name: 'Deploy',
			tier: 'deploy',
			on: {workflowRun: {file: 'test-suite.yml', onlySuccess: false}},
			jobs: [{name: 'deploy', external: true, steps: []}],
		},
	],
	events: [{at: '-1m', push: 'develop', commits: [['one', 'First']], by: 'mira-okafor'}],
});

const start = () => {
	const api = simulated(external);
	const runner = runnerOf(api.simulation);
	const only = () => {
		const [job, ...rest] = runner.queued();
		assert.ok(job && rest.length === 0);
		return job;
	};
	return {api, runner, only, jobOf: (id: number) => api.rest('GET', `/actions/jobs/${id}`).json};
};

test('a job waits for its runner, goes step by step, and has the log that the runner gives', () => {
	const {api, runner, only, jobOf} = start();
	const {id, runId} = only();
	api.move(3_600_000);
	assert.equal(jobOf(id).status, 'queued');
	assert.equal(runner.take(id, ['Checkout', 'Run tests']), true);
	runner.startStep(id, 0);
	api.move(2000);
	runner.endStep(id, 0, 'success');
	runner.startStep(id, 1);
	api.move(1000);
	assert.deepEqual(
		jobOf(id).steps.map((step: {name: string; status: string; conclusion: string | null}) => [
			step.name,
			step.status,
			step.conclusion,
		]),
		[
			['Checkout', 'completed', 'success'],
			['Run tests', 'in_progress', null],
		],
	);
	assert.equal(api.rest('GET', `/actions/jobs/${id}/logs`).status, 404);
	runner.endStep(id, 1, 'failure');
	runner.end(id, 'failure', 'hello\n');
	assert.equal(jobOf(id).conclusion, 'failure');
	api.move(60_000);
	assert.deepEqual(
		[api.rest('GET', `/actions/runs/${runId}`).json.conclusion, runner.queued().map(job => job.name)],
		['failure', ['deploy']],
	);
	assert.equal(runner.isOver(id), true);
});

test('the next job is there when the one that it needs has passed; a cancelled one is taken by nobody', () => {
	const {api, runner, only} = start();
	const first = only();
	runner.take(first.id, []);
	runner.end(first.id, 'success', '');
	api.move(10_000);
	const second = only();
	assert.equal(second.name, 'build');
	assert.equal(api.rest('POST', `/actions/runs/${second.runId}/force-cancel`).status, 202);
	api.move(60_000);
	assert.equal(runner.take(second.id, []), false);
	assert.equal(api.rest('GET', `/actions/runs/${second.runId}`).json.conclusion, 'cancelled');
});

test('a job whose condition says no is skipped, and its run with it', () => {
	const {api, runner, only} = start();
	const first = only();
	runner.skip(first.id);
	api.move(10_000);
	const {json} = api.rest('GET', `/actions/runs/${first.runId}`);
	assert.deepEqual([json.status, json.conclusion], ['completed', 'skipped']);
	runner.title(first.runId, 'Deploy 1234 to staging');
	assert.equal(api.rest('GET', `/actions/runs/${first.runId}`).json.display_title, 'Deploy 1234 to staging');
});
