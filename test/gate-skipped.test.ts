/** The built program against a GitHub where runs are a success although their work was skipped: what a release engineer and a required step would see. */
import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import type {JobDefinition, Plan, WorkflowDefinition} from '../source/simulator/model/model.ts';
import {scenario} from '../source/simulator/model/scenario.ts';
import {e2eStaging, smokeTests, standardWorkflows, testSuite} from '../source/simulator/model/workflows.ts';
import {run, simulated} from './helpers/program.ts';

const quick = (name: string, more: Partial<JobDefinition> = {}): JobDefinition => ({
	name,
	steps: [{name: 'Run it', seconds: 20}],
	...more,
});
/** Jobs behind a path filter, and one that sums up; a guard before the smoke tests; a word to the team when E2E fails. */
const changed: Readonly<Record<string, WorkflowDefinition>> = {
	[testSuite.file]: {
		...testSuite,
		jobs: [
			quick('changes'),
			...['lint', 'unit', 'build'].map(name => quick(name, {needs: ['changes']})),
			quick('all-green', {needs: ['lint', 'unit', 'build'], always: true}),
		],
	},
	[smokeTests.file]: {...smokeTests, jobs: [quick('guard'), quick('smoke', {needs: ['guard']})]},
	[e2eStaging.file]: {...e2eStaging, jobs: [...e2eStaging.jobs, quick('notify on failure', {needs: ['report']})]},
};

const stage = async (t: TestContext, files: readonly string[], plan: Plan) => {
	const workflows = standardWorkflows.map(workflow =>
		files.includes(workflow.file) ? changed[workflow.file]! : workflow,
	);
	const by = 'lena-fischer';
	const {home, env, simulator} = await simulated(
		scenario({
			name: 'skipped',
			description: 'Runs that are a success without work',
			workflows,
			events: [
				{
					at: '-60m',
					push: 'develop',
					by,
					commits: [
						['first', 'First'],
						['second', 'Second'],
					],
				},
				{at: '-35m', promote: 'second', by},
				{at: '-25m', push: 'develop', by, commits: [['third', 'Third']], plan},
			],
		}),
		t,
	);
	const production = createServer((_, response) => response.writeHead(200).end('ok')).listen(0, '127.0.0.1');
	await new Promise<void>(resolve => {
		production.once('listening', resolve);
	});
	t.after(() => production.close());
	const cwd = join(home, 'checkout');
	mkdirSync(join(cwd, '.git'), {recursive: true});
	const configure = (tiers: string) =>
		writeFileSync(
			join(cwd, 'deployctl.yml'),
			`environments: {production: {health: ["http://127.0.0.1:${(production.address() as AddressInfo).port}/health"]}}\n${tiers}`,
		);
	configure('');
	return {
		configure,
		sha: simulator.simulation.sha('third'),
		deployctl: (...args: readonly string[]) => run(args, {env, cwd}),
	};
};

test('skipped jobs open no gate: neither the gate nor the plan of a promotion takes a success without work', async t => {
	const {sha, deployctl} = await stage(t, [testSuite.file, smokeTests.file], {
		outcomes: {lint: 'skipped', unit: 'skipped', build: 'skipped', 'all-green': 'skipped', smoke: 'skipped'},
	});
	const gate = await deployctl('gate', '--sha', sha);
	assert.equal(gate.exitCode, 3, gate.stdout + gate.stderr);
	assert.match(
		gate.stdout,
		/NOT met +fast-green +Fast tests: lint skipped, unit skipped, build skipped, all-green skipped/,
	);
	assert.match(gate.stdout, /NOT met +smoke-green +Smoke: smoke skipped/);
	assert.match(gate.stdout, /tiers\.fast\.maySkip/);
	const plan = await deployctl('promote', '--dry-run', '--sha', sha);
	assert.equal(plan.exitCode, 3, plan.stdout + plan.stderr);
	assert.match(plan.stdout + plan.stderr, /Fast tests: lint skipped/);
	const {stdout} = await deployctl('status', '--json', '--sha', sha);
	const {tiers} = (
		JSON.parse(stdout) as {candidates: Array<{tiers: Record<string, {status: string; rawStatus?: string}>}>}
	).candidates[0]!;
	assert.deepEqual(
		[tiers['fast']?.status, tiers['fast']?.rawStatus, tiers['smoke']?.status, tiers['deploy']?.status],
		['skipped', 'success', 'skipped', 'passed'],
	);
	assert.equal((await deployctl('watch', '--until', 'fast', '--sha', sha, '--timeout', '50s')).exitCode, 1);
});

test('a word to the team that is skipped on every green run says which key loosens it, and the gate opens with it', async t => {
	const {sha, deployctl, configure} = await stage(t, [e2eStaging.file], {outcomes: {'notify on failure': 'skipped'}});
	const shut = await deployctl('gate', '--sha', sha);
	assert.equal(shut.exitCode, 3, shut.stdout + shut.stderr);
	assert.match(shut.stdout, /NOT met +e2e-green +E2E: notify on failure skipped[^]*tiers\.e2e\.maySkip/);
	configure('tiers: {e2e: {maySkip: "notify*"}}\n');
	const open = await deployctl('gate', '--sha', sha);
	assert.equal(open.exitCode, 0, open.stdout + open.stderr);
});
