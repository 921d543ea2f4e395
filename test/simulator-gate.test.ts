/** The gate of the production workflow, the truth behind it, and what becomes live. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
	bringLive,
	cancelRunWithId,
	dispatchRun,
	moveRef,
	postStatus,
	pushAs,
	rerunRun,
} from '../source/simulator/simulation/acts.ts';
import {actionsBot, latestAttempt, type Plan, type Run} from '../source/simulator/model/model.ts';
import type {Scenario, ScenarioEvent} from '../source/simulator/model/scenario.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {createSimulation, type Simulation} from '../source/simulator/simulation/simulation.ts';
import {promotable} from '../source/simulator/model/truth.ts';
import {simulated} from './helpers/simulated.ts';

const minute = 60_000;
const said = (simulation: Simulation, alias: string) =>
	promotable(simulation.state, simulation.scenario, simulation.sha(alias));
const newest = (simulation: Simulation, alias: string, tier: string): Run =>
	[...simulation.state.runs.values()].findLast(
		run => run.about === simulation.sha(alias) && run.workflow.definition.tier === tier,
	)!;
const later = (simulation: Simulation, milliseconds: number) =>
	simulation.advanceTo(simulation.state.now + milliseconds);

/** One commit whose tiers go as planned, an hour ago; perhaps with something else in between. */
function planned(plan: Plan, more: readonly ScenarioEvent[] = []): Simulation {
	const events: ScenarioEvent[] = [
		{at: '-3h', push: 'develop', by: 'lena-fischer', commits: [['before', 'Before']]},
		{at: '-1h', push: 'develop', by: 'lena-fischer', commits: [['it', 'It']], plan},
		...more,
	];
	return createSimulation({...scenarioNamed('quiet'), events});
}

test('green is what has everything; what main has already is not', () => {
	const simulation = createSimulation(scenarioNamed('quiet'));
	assert.deepEqual(said(simulation, 'comments'), {proven: true, because: 'all evidence is there'});
	assert.match(said(simulation, 'cache-fix').because, /^production has \w{7} already$/);
	assert.match(said(simulation, 'i18n').because, /already$/);
	assert.match(said(simulation, 'renovate').because, /^the fast run \d+ is failure$/);
	assert.match(
		said(simulation, 'toolbar').because,
		/^the deploy run \d+ is cancelled$/,
		'a newer one took its place',
	);
	const hotfix = createSimulation(scenarioNamed('hotfix'));
	assert.match(said(hotfix, 'fonts').because, /^production has commits that \w{7} lacks$/);
	assert.match(said(hotfix, 'hotfix').because, /was never the head of develop$/);
});

const wrongs: ReadonlyArray<[string, RegExp, Plan, (readonly ScenarioEvent[])?]> = [
	['a red shard', /^the e2e run \d+ is failure$/, {outcomes: {'e2e (2, 4)': 'failure'}}],
	['a skipped shard', /^e2e \(2, 4\) of the e2e run \d+ is skipped$/, {outcomes: {'e2e (2, 4)': 'skipped'}}],
	['a cancelled shard', /^the e2e run \d+ is cancelled$/, {outcomes: {'e2e (2, 4)': 'cancelled'}}],
	['red smoke tests', /^the smoke run \d+ is failure$/, {outcomes: {smoke: 'failure'}}],
	['a red deployment', /^the deploy run \d+ is failure$/, {outcomes: {deploy: 'failure'}}],
	[
		'another commit on staging meanwhile',
		/^staging was on \w{7} while the e2e run \d+ looked at it$/,
		{},
		[
			{at: '-50m', live: 'staging', commit: 'before'},
			{at: '-49m50s', live: 'staging', commit: 'it'},
		],
	],
];
for (const [name, because, plan, more] of wrongs) {
	test(`not proven: ${name}`, () => {
		const simulation = planned(plan, more);
		assert.match(said(simulation, 'it').because, because);
		assert.equal(said(simulation, 'it').proven, false);
	});
}

test('the newest run counts, in its latest attempt; statuses count for nothing', () => {
	const simulation = planned({});
	assert.equal(said(simulation, 'it').proven, true);
	const e2e = newest(simulation, 'it', 'e2e').id;
	assert.equal(
		simulation.act(engine => rerunRun(engine, e2e, 'lena-fischer')),
		true,
	);
	simulation.act(engine =>
		postStatus(engine.state, {
			sha: simulation.sha('it'),
			context: 'deployctl/e2e-staging',
			state: 'success',
			description: '120/120 tests',
			targetUrl: null,
			creator: actionsBot,
		}),
	);
	assert.match(said(simulation, 'it').because, /^the e2e run \d+ is queued$/);
	later(simulation, minute);
	simulation.act(engine => cancelRunWithId(engine, e2e));
	assert.match(said(simulation, 'it').because, /is cancelled$/);
	const again = simulation.act(engine =>
		dispatchRun(engine, 'e2e-staging.yml', {sha: simulation.sha('it'), by: 'lena-fischer'}),
	);
	later(simulation, 15 * minute);
	assert.deepEqual([said(simulation, 'it').proven, newest(simulation, 'it', 'e2e').id], [true, again]);
	simulation.act(engine => bringLive(engine.state, 'staging', simulation.sha('before')));
	assert.equal(said(simulation, 'it').proven, true, 'it is over');
});

/** Promotes as the API does, lets it end, and says how the production run went. */
function promoted(simulation: Simulation, alias: string) {
	const from = simulation.state.live.get('production');
	simulation.act(engine => moveRef(engine, 'refs/heads/main', simulation.sha(alias), actionsBot));
	const {id} = newest(simulation, alias, 'production');
	later(simulation, 5 * minute);
	const run = simulation.state.runs.get(id)!;
	const jobs = Object.fromEntries(latestAttempt(run).jobs.map(job => [job.name, job.conclusion]));
	return {
		run,
		jobs,
		conclusion: run.conclusion,
		isLive: simulation.state.live.get('production') === simulation.sha(alias),
		isUnchanged: simulation.state.live.get('production') === from,
	};
}

test('the gate opens for what is proven, and shuts for what is not: then nothing is deployed', () => {
	const good = promoted(createSimulation(scenarioNamed('quiet')), 'comments');
	assert.deepEqual(
		[good.conclusion, good.jobs, good.isLive],
		['success', {gate: 'success', deploy: 'success'}, true],
	);
	const simulation = createSimulation(scenarioNamed('quiet'));
	const bad = promoted(simulation, 'toolbar');
	assert.deepEqual(
		[bad.conclusion, bad.jobs, bad.isUnchanged],
		['failure', {gate: 'failure', deploy: 'skipped'}, true],
	);
	const gate = latestAttempt(bad.run).jobs[0]!;
	assert.deepEqual(gate.steps.map(({name, conclusion}) => [name, conclusion]).at(-1), ['deployctl gate', 'failure']);
	assert.match(gate.annotations[0]!.message, /^the deploy run \d+ is cancelled$/);
	assert.deepEqual(
		(simulation.state.statuses.get(simulation.sha('toolbar')) ?? []).filter(
			({context}) => context === 'deployctl/deploy-production',
		),
		[],
		'the deployment was never announced',
	);
});

test('the gate is decided at its end; a plan decides before everything', () => {
	const simulation = createSimulation(scenarioNamed('quiet'));
	simulation.act(engine => moveRef(engine, 'refs/heads/main', simulation.sha('comments'), actionsBot));
	later(simulation, 10_000);
	const e2e = newest(simulation, 'comments', 'e2e').id;
	simulation.act(engine => rerunRun(engine, e2e, 'lena-fischer'));
	later(simulation, minute);
	assert.equal(newest(simulation, 'comments', 'production').conclusion, 'failure');
	const forced = createSimulation(scenarioNamed('quiet'));
	forced.state.plans.set(forced.sha('toolbar'), {outcomes: {gate: 'success'}});
	assert.equal(promoted(forced, 'toolbar').isLive, true);
	const refused = createSimulation(scenarioNamed('quiet'));
	refused.state.plans.set(refused.sha('comments'), {outcomes: {gate: 'failure'}});
	assert.deepEqual(promoted(refused, 'comments').jobs, {gate: 'failure', deploy: 'skipped'});
});

test('a deployment that fails leaves production where it is', () => {
	const simulation = createSimulation(scenarioNamed('quiet'));
	simulation.state.plans.set(simulation.sha('comments'), {
		outcomes: {deploy: {conclusion: 'failure', step: 'Health check'}},
	});
	const {jobs, isUnchanged} = promoted(simulation, 'comments');
	assert.deepEqual([jobs, isUnchanged], [{gate: 'success', deploy: 'failure'}, true]);
});

test('a hotfix passes with green fast tests alone, as the head of its branch', () => {
	const simulation = createSimulation(scenarioNamed('urgent'));
	assert.equal(newest(simulation, 'login-loop', 'fast').status, 'in_progress');
	later(simulation, 70_000);
	assert.equal(newest(simulation, 'login-loop', 'fast').conclusion, 'success');
	assert.equal(promoted(simulation, 'login-loop').isLive, true);
	const red = createSimulation({
		...scenarioNamed('urgent'),
		events: scenarioNamed('urgent').events.map(event =>
			'push' in event && event.push === 'hotfix/login'
				? {...event, plan: {outcomes: {lint: 'failure'} as const}}
				: event,
		),
	});
	later(red, 5 * minute);
	assert.equal(promoted(red, 'login-loop').conclusion, 'failure');
	const moved = createSimulation(scenarioNamed('urgent'));
	later(moved, 5 * minute);
	moved.act(engine => pushAs(engine, 'hotfix/login', [{message: 'And another'}], 'jonas-lindqvist'));
	assert.equal(promoted(moved, 'login-loop').conclusion, 'failure');
});

for (const method of ['merge', 'squash', 'rebase'] as const) {
	test(`merged by a pull request (${method}): the tests of what was merged speak for the merge`, () => {
		const simulator = simulated('quiet');
		const {simulation} = simulator;
		const promote = (alias: string): string => {
			simulator.rest('POST', '/git/refs', {ref: `refs/heads/promote-${alias}`, sha: simulation.sha(alias)});
			const {number} = simulator.rest('POST', '/pulls', {
				title: 'Promote',
				head: `promote-${alias}`,
				base: 'main',
			}).json;
			const {sha} = simulator.rest('PUT', `/pulls/${number}/merge`, {
				sha: simulation.sha(alias),
				merge_method: method,
			}).json;
			simulator.move(5 * minute);
			return sha;
		};
		const merged = promote('ligatures');
		assert.equal(simulation.state.live.get('production'), merged);
		assert.match(said(simulation, 'ligatures').because, /already$/);
		assert.equal(said(simulation, 'comments').proven, true, 'the branch has only a merge of what lies below');
		const second = promote('comments');
		assert.equal(simulation.state.live.get('production'), second);
		assert.equal(
			simulation.state.commits.get(second)!.tree,
			simulation.state.commits.get(simulation.sha('comments'))!.tree,
		);
		const again = simulator.rest('POST', '/actions/workflows/deploy-production.yml/dispatches', {
			ref: 'main',
			inputs: {sha: simulation.sha('comments')},
			return_run_details: true,
		}).json.workflow_run_id as number;
		simulator.move(5 * minute);
		assert.equal(simulation.state.runs.get(again)!.conclusion, 'success', 'what is there may be deployed again');
	});
}

test('old promotions of every scenario are green, and every change of an environment is in the log', () => {
	for (const scenario of [
		'release',
		'quiet',
		'hotfix',
		'approval',
		'queue',
		'urgent',
		'protected',
		'production-approval',
	].map(scenarioNamed) satisfies Scenario[]) {
		const {state} = createSimulation(scenario);
		const runs = state.workflows.find(({definition}) => definition.tier === 'production')!.runs;
		assert.ok(runs.length > 0 && runs.every(run => run.conclusion === 'success'), scenario.name);
		for (const [environment, sha] of state.live) {
			assert.equal(state.liveLog.findLast(change => change.environment === environment)!.sha, sha);
		}
	}
});
