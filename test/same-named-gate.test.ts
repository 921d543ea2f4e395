/** A tier of a matrix whose jobs have one name: the built program's gate, and both paths, against the simulator. */
import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {correlate} from '../source/core/snapshot/correlate.ts';
import {e2eGreen} from '../source/core/gate/tiers.ts';
import type {Facts} from '../source/core/github/facts.ts';
import {mergeReading} from '../source/core/github/merge.ts';
import {defaultSettings, type Settings} from '../source/core/settings/settings.ts';
import type {RerunLag} from '../source/simulator/limits/faults.ts';
import type {Outcome, WorkflowDefinition} from '../source/simulator/model/model.ts';
import {type Scenario, scenario} from '../source/simulator/model/scenario.ts';
import {e2eInBrowsers, workflowsInBrowsers} from '../source/simulator/scenarios/same-named.ts';
import {run, simulated} from './helpers/program.ts';
import {about, bench, read, tokens} from './helpers/reader.ts';

const settings: Settings = {
	...defaultSettings,
	tiers: {...defaultSettings.tiers, e2e: {...defaultSettings.tiers.e2e, jobs: 'e2e*'}},
};

/** The scenario with a production that is well, and a checkout whose E2E are the jobs `e2e*`. */
const stage = async (t: TestContext) => {
	const {home, env, simulator} = await simulated('same-named', t);
	const production = createServer((_, response) => response.writeHead(200).end('ok')).listen(0, '127.0.0.1');
	await new Promise<void>(resolve => {
		production.once('listening', resolve);
	});
	t.after(() => production.close());
	const checkout = join(home, 'checkout');
	mkdirSync(join(checkout, '.git'), {recursive: true});
	const {port} = production.address() as AddressInfo;
	writeFileSync(
		join(checkout, 'deployctl.yml'),
		`tiers: {e2e: {workflow: e2e-staging.yml, jobs: "e2e*"}}\nenvironments: {production: {health: ["http://127.0.0.1:${port}/health"]}}\n`,
	);
	return {env, checkout, simulator, call: async (...args: readonly string[]) => run(args, {env, cwd: checkout})};
};

const gate = async (
	t: TestContext,
	change: (simulator: Awaited<ReturnType<typeof simulated>>['simulator']) => void,
	token?: string,
) => {
	const {env, checkout, simulator} = await stage(t);
	change(simulator);
	const {stdout, exitCode} = await run(['gate', '--json'], {
		env: {...env, ...(token !== undefined && {GH_TOKEN: token})},
		cwd: checkout,
	});
	const report = JSON.parse(stdout) as {
		open: boolean;
		conditions: Array<{id: string; met: boolean | 'unknown'; because: string}>;
	};
	return {exitCode, open: report.open, ...report.conditions.find(({id}) => id === 'e2e-green')!};
};

const pausedRest = {kind: 'bad-gateway-html'} as const;
test('the gate stays blocked for a second attempt with a red job among three of one name, whatever path it is read on', async t => {
	const nothing = () => {};
	for (const token of [tokens.classic, tokens.fineGrained]) {
		const {exitCode, open, met, because} = await gate(t, nothing, token);
		assert.deepEqual([exitCode, open, met], [3, false, false], because);
		assert.match(because, /^E2E failed \(run \d+, attempt 2\)$/);
	}
	const unread = await gate(t, ({faults}) =>
		faults.next(pausedRest, {times: 99, match: {api: 'rest', path: '/actions/runs'}}),
	);
	assert.deepEqual([unread.exitCode, unread.met], [3, false], unread.because);
});

const legs = ['e2e chromium', 'e2e firefox', 'e2e webkit'] as const;
type Told = {
	outcomes?: Readonly<Record<string, Outcome | readonly Outcome[]>>;
	all?: boolean;
	workflow?: WorkflowDefinition;
};
const told = ({outcomes = {}, all = false, workflow = e2eInBrowsers}: Told): Scenario =>
	scenario({
		name: 'told',
		description: '',
		workflows: workflowsInBrowsers.map(one => (one === e2eInBrowsers ? workflow : one)),
		events: [
			{
				at: '-40m',
				push: 'develop',
				by: 'mira-okafor',
				commits: [['one', 'One']],
				plan: {outcomes, rerun: [{workflow: 'e2e-staging.yml', afterSeconds: 60, by: 'mira-okafor', all}]},
			},
		],
	});

type Faulty = Awaited<ReturnType<typeof bench>>['simulator'];
/** E2E of the newest commit, as a command reads it. */
const e2eOf = async (
	t: TestContext,
	data: Scenario,
	{token = tokens.classic, spoil = () => {}}: {token?: string; spoil?: (simulator: Faulty) => void} = {},
) => {
	const {github, clock, simulator} = await bench(t, data, {token, settings});
	spoil(simulator);
	let facts: Facts = mergeReading(null, await read(github), 'acme/auto-author');
	facts = mergeReading(facts, await read(github, about(facts.runs)), 'acme/auto-author');
	const candidate = correlate(facts, settings, clock.now(), null).candidates[0]!;
	const verdict = e2eGreen(candidate, {at: clock.now(), settings} as Parameters<typeof e2eGreen>[1]);
	const {status, attempt, jobs, jobsTotal} = candidate.tiers.e2e;
	return {
		status,
		attempt,
		met: verdict.met,
		names: jobs.map(({name, status: one}) => `${name} ${one}`),
		jobsTotal,
		verdict,
	};
};

const paths = [tokens.classic, tokens.fineGrained];
const again = {[legs[0]]: ['failure', 'success']} as const;

test('jobs of one name are all there: green when all are, also those that a re-run of the failed ones has left alone', async t => {
	for (const token of paths) {
		for (const all of [true, false]) {
			const {status, met, names, jobsTotal, verdict} = await e2eOf(t, told({outcomes: again, all}), {token});
			assert.deepEqual(
				[status, met, names, jobsTotal],
				['passed', true, ['e2e passed', 'e2e passed', 'e2e passed'], 3],
				verdict.because,
			);
		}
	}
});

test('a red one that may go on being red shuts the gate, although its run passed', async t => {
	const [first, ...others] = e2eInBrowsers.jobs;
	const workflow = {...e2eInBrowsers, jobs: [{...first!, continueOnError: true}, ...others]};
	for (const token of paths) {
		const {status, met, names} = await e2eOf(
			t,
			told({workflow, outcomes: {[legs[0]]: 'failure', [legs[1]]: ['failure', 'success']}}),
			{token},
		);
		assert.deepEqual([status, met], ['failed', false]);
		assert.deepEqual(names.toSorted(), ['e2e failed', 'e2e passed', 'e2e passed']);
	}
});

const withTypes: WorkflowDefinition = {
	...e2eInBrowsers,
	jobs: [...e2eInBrowsers.jobs, {name: 'types', steps: [{name: 'Check types', seconds: 20}]}],
};
const lags: readonly RerunLag[] = ['number', 'run', 'empty', 'earlier', 'repeated'];
for (const shows of lags) {
	test(`a re-run that is told late (${shows}) is not called passed`, async t => {
		for (const token of paths) {
			// E2E's first attempt was green, and its second is not; of a re-run of what failed, only that is listed.
			const late = {
				workflow: withTypes,
				all: true,
				outcomes: {types: ['failure', 'success'], [legs[0]]: ['success', 'failure']},
			} as const;
			const lag = (simulator: Faulty) => simulator.faults.next({kind: 'rerun-lag', shows}, {times: 99});
			const {status, attempt, met, verdict} = await e2eOf(
				t,
				told(shows === 'repeated' ? {outcomes: again} : late),
				{token, spoil: lag},
			);
			assert.notEqual(met, true, verdict.because);
			assert.ok(shows !== 'run' || attempt !== 1, 'an attempt that is over is not the one in hand');
			assert.ok(status !== 'passed' && verdict.proofs?.[0]?.runId !== undefined, status);
		}
	});
}

test('what a re-run has left alone keeps its steps unread where GitHub leaves them out', async t => {
	const {github, simulator} = await bench(t, told({outcomes: again}), {token: tokens.fineGrained, settings});
	simulator.faults.next({kind: 'rerun-lag', shows: 'no-steps'}, {times: 99});
	const {facts} = await read(github, about((await read(github)).facts.runs));
	const jobs = facts.runs.find(one => one.workflowPath?.endsWith('e2e-staging.yml'))!.jobs!;
	assert.deepEqual(
		jobs
			.map(({attempt, steps}) => [attempt, steps === null])
			.toSorted(([one], [other]) => Number(one) - Number(other)),
		[
			[1, true],
			[1, true],
			[2, false],
		],
	);
});

test('a name that several jobs have is refused with their numbers, and a number is taken', async t => {
	const {call, simulator} = await stage(t);
	const jobs = [...simulator.simulation.state.runs.values()]
		.filter(one => one.workflow.definition.file === 'e2e-staging.yml')
		.at(-1)!
		.attempts.at(-1)!.jobs;
	const numbers = jobs
		.map(({id, conclusion}) => `${id} (${conclusion === 'success' ? 'passed' : 'failed'})`)
		.join(', ');
	for (const args of [
		['rerun', '--job', 'e2e', '--dry-run'],
		['logs', '--job', 'e2e'],
	]) {
		const {exitCode, stderr} = await call(...args);
		assert.equal(exitCode, 2, stderr);
		assert.ok(stderr.includes('3 jobs "e2e"') && stderr.includes(numbers), stderr);
	}
	const red = jobs.find(({conclusion}) => conclusion === 'failure')!;
	const rerun = await call('rerun', '--job', String(red.id), '--dry-run');
	assert.equal(rerun.exitCode, 0, rerun.stderr);
	assert.ok(rerun.stdout.startsWith(`Re-run the job e2e (job ${red.id}) of E2E`), rerun.stdout);
	const log = await call('logs', '--job', String(red.id), '--errors');
	assert.match(log.stdout, /Process completed with exit code 1/);
	const all = await call('logs', '--tier', 'e2e');
	assert.deepEqual(
		jobs.filter(({id}) => all.stdout.includes(`==> e2e (job ${id})`)).length,
		3,
		all.stdout.slice(0, 200),
	);
});
