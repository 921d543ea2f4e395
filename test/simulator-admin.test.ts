/** What administrators may ask of the simulator and others may not, and the files of branches. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {parse} from 'yaml';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {standardWorkflows} from '../source/simulator/model/workflows.ts';
import {simulated} from './helpers/simulated.ts';

const textOf = (answer: {json: {content: string}}) => Buffer.from(answer.json.content, 'base64').toString();

test('a branch has the files of the scenario, and a branch of its own what it says of it', () => {
	const simulator = simulated({
		...scenarioNamed('quiet'),
		files: {'README.md': 'read me\n', '.github/workflows/extra.yml': 'on: push\n'},
		branchFiles: {main: {'.github/workflows/extra.yml': null, 'README.md': 'äöü\n'}},
	});
	assert.equal(textOf(simulator.rest('GET', '/contents/README.md')), 'read me\n');
	assert.equal(textOf(simulator.rest('GET', '/contents/README.md?ref=main')), 'äöü\n');
	assert.equal(simulator.rest('GET', '/contents/.github/workflows/extra.yml?ref=main').status, 404);
	assert.equal(simulator.rest('GET', '/contents/README.md?ref=nowhere').status, 404);
	const names = simulator
		.rest('GET', '/contents/.github/workflows')
		.json.map((entry: {name: string; type: string}) => `${entry.type} ${entry.name}`);
	assert.ok(names.includes('file extra.yml') && names.includes('file e2e-staging.yml'), names.join());
	assert.deepEqual(
		simulator
			.rest('GET', '/contents/.github')
			.json.map((entry: {name: string; type: string}) => `${entry.type} ${entry.name}`),
		['dir workflows'],
	);
});

test('workflows that are data have a YAML that says the same', () => {
	const simulator = simulated('quiet');
	for (const {file, name, jobs} of standardWorkflows) {
		const workflow = parse(textOf(simulator.rest('GET', `/contents/.github/workflows/${file}`))) as {
			name: string;
			jobs: Record<string, {steps: unknown[]}>;
		};
		assert.equal(workflow.name, name);
		assert.deepEqual(Object.keys(workflow.jobs), [...new Set(jobs.map(job => job.name.replace(/ \(.*$/, '')))]);
	}
});

test('a disabled workflow is started by nothing until it is enabled', () => {
	const simulator = simulated({
		...scenarioNamed('quiet'),
		administration: {workflowStates: {'e2e-staging.yml': 'disabled_inactivity'}},
	});
	assert.equal(simulator.rest('GET', '/actions/workflows/e2e-staging.yml').json.state, 'disabled_inactivity');
	assert.equal(simulator.rest('GET', '/actions/workflows/e2e-staging.yml/runs').json.total_count, 0);
	const dispatch = () =>
		simulator.rest('POST', '/actions/workflows/e2e-staging.yml/dispatches', {
			ref: 'develop',
			inputs: {sha: simulator.simulation.sha('comments')},
		}).status;
	assert.equal(dispatch(), 422);
	assert.equal(simulator.as('sim_read-only').rest('PUT', '/actions/workflows/e2e-staging.yml/enable').status, 403);
	assert.equal(simulator.rest('PUT', '/actions/workflows/e2e-staging.yml/enable').status, 204);
	assert.deepEqual(
		[simulator.rest('GET', '/actions/workflows/e2e-staging.yml').json.state, dispatch()],
		['active', 204],
	);
	assert.equal(simulator.rest('PUT', '/actions/workflows/e2e-staging.yml/disable').status, 204);
	assert.equal(simulator.rest('PUT', '/actions/workflows/nothing.yml/enable').status, 404);
});

test('names of secrets are for tokens that may see them; values are for nobody', () => {
	const simulator = simulated('quiet');
	assert.deepEqual(
		simulator.rest('GET', '/actions/secrets').json.secrets.map((secret: object) => Object.keys(secret)),
		[['name', 'created_at', 'updated_at']],
	);
	for (const token of ['sim_fine-grained', 'sim_read-only']) {
		const refused = simulator.as(token).rest('GET', '/actions/secrets');
		assert.deepEqual([refused.status, refused.headers['x-accepted-github-permissions']], [403, 'secrets=read']);
	}
	assert.equal(simulator.as('sim_read-only').rest('GET', '/actions/permissions').status, 404, 'no administrator');
	assert.equal(simulator.rest('GET', '/environments/nowhere/secrets').status, 404);
});

test('an environment is made, and deployed to from the branches that it names', () => {
	const simulator = simulated({...scenarioNamed('quiet'), environments: [{name: 'staging'}]});
	assert.equal(
		simulator.rest('PUT', '/environments/production', {
			deployment_branch_policy: {protected_branches: true, custom_branch_policies: true},
		}).status,
		422,
	);
	assert.equal(
		simulator.rest('PUT', '/environments/production', {
			deployment_branch_policy: {protected_branches: false, custom_branch_policies: true},
		}).status,
		200,
	);
	assert.equal(
		simulator.rest('POST', '/environments/production/deployment-branch-policies', {name: 'main'}).status,
		200,
	);
	assert.deepEqual(
		simulator
			.rest('GET', '/environments/production/deployment-branch-policies')
			.json.branch_policies.map(({name}: {name: string}) => name),
		['main'],
	);
	assert.deepEqual(simulator.rest('GET', '/environments/production').json.deployment_branch_policy, {
		protected_branches: false,
		custom_branch_policies: true,
	});
	assert.equal(simulator.as('sim_fine-grained').rest('PUT', '/environments/production', {}).status, 403);
});
