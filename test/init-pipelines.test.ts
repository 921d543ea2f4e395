/**
From nothing to a green pipeline, as somebody new would go: the built program's `init` in a sample repository, its configuration filled in,
a push; then the generated workflows alone, done for real: unit tests, the scripts that deploy a real service, Playwright in four shards.
*/
import assert from 'node:assert/strict';
import {readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {execa} from 'execa';
import type {WorkflowDefinition} from '../source/simulator/model.ts';
import {scenario} from '../source/simulator/scenario.ts';
import {startSimulator} from '../source/simulator/server.ts';
import {run, temporaryHome} from './helpers/program.ts';
import {definitionsOf} from './helpers/runner/definitions.ts';
import {sampleRepository} from './helpers/runner/repository.ts';
import {startRunner} from './helpers/runner/runner.ts';
import {provideTools} from './helpers/runner/tools.ts';
import {classicMistakes, deployConf, monorepo, type Sample, shop, writeSample} from './helpers/samples.ts';

type Report = {candidates: ReadonlyArray<{sha: string; tiers: Record<string, {status: string; provenance: string | null}>; gate: {conditions: ReadonlyArray<{id: string; met: boolean | 'unknown'; because: string}>}}>};

const tiers: Readonly<Record<string, WorkflowDefinition['tier']>> = {'test-suite.yml': 'fast', 'deploy-staging.yml': 'deploy', 'e2e-staging.yml': 'e2e', 'smoke-tests.yml': 'smoke', 'deploy-production.yml': 'production'};
const assumed = {'e2e-staging.yml': {announce: {outputs: {total: '4', shards: '[1,2,3,4]', sha: ''}}}, 'smoke-tests.yml': {announce: {outputs: {sha: ''}}}};

const freePort = () => new Promise<number>(resolve => {
	const server = createServer();
	server.listen(0, '127.0.0.1', () => {
		const {port} = server.address() as {port: number};
		server.close(() => resolve(port));
	});
});

/** Whatever was started from that folder. */
const killBelow = async (folder: string) => {
	for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
		try {
			if (readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`RELEASE_DIR=${folder}`)) process.kill(Number(pid), 'SIGKILL');
		} catch {
			// It has just ended, or is not ours.
		}
	}
};

/** The addresses, where people would write them: into the file that init has made. */
const withAddresses = (text: string, port: number): string => text.replaceAll(/^ {4}# url:.*\n {4}# health:.*\n {4}# version:.*\n/gm, `    url: http://127.0.0.1:${port}\n    health: [http://127.0.0.1:${port}/health]\n    version: http://127.0.0.1:${port}/version\n`);

const newcomer = async (t: TestContext, sample: Sample, start: string) => {
	const {home, env} = temporaryHome(t);
	const work = join(home, 'work');
	const port = await freePort();
	t.after(() => killBelow(join(home, 'srv')));
	writeSample(work, sample);
	await execa('git', ['init', '--quiet', '--initial-branch=develop'], {cwd: work});
	await execa('git', ['remote', 'add', 'origin', 'https://github.com/acme/shop.git'], {cwd: work});
	const init = async (...args: readonly string[]) => {
		const ended = await run(['init', '--yes', ...args], {env, cwd: work});
		assert.equal(ended.exitCode, 0, `${ended.stdout}\n${ended.stderr}`);
		return ended.stdout;
	};
	const fillIn = () => {
		const config = join(work, 'deployctl.yml');
		writeFileSync(config, withAddresses(readFileSync(config, 'utf8'), port));
		for (const environment of ['staging', 'production']) writeFileSync(join(work, 'scripts', `deploy.${environment}.conf`), deployConf({root: join(home, 'srv', environment), port, start}));
	};
	return {home, env, work, port, init, fillIn};
};

type Newcomer = Awaited<ReturnType<typeof newcomer>>;

/** A push to the staging branch, and everything that follows from it; then what deployctl says of the commit. */
const push = async (t: TestContext, {home, env, work, port}: Newcomer) => {
	const folder = join(work, '.github', 'workflows');
	const files = Object.fromEntries(readdirSync(folder).map(file => [file, readFileSync(join(folder, file), 'utf8')]));
	const simulator = await startSimulator({
		scenario: scenario({name: 'newcomer', description: 'A repository that init has made ready', startsAt: new Date().toISOString(), repository: {owner: 'acme', name: 'shop', isPrivate: true, defaultBranch: 'develop', description: ''}, silentApps: [], workflows: definitionsOf(files, tiers, assumed), events: []}),
		clock: {now: () => Date.now()},
	});
	const repository = sampleRepository(work, simulator.simulation);
	provideTools(join(home, 'runner', 'bin'));
	const runner = startRunner({simulator, repository, files, assumed, folder: join(home, 'runner'), token: 'sim_workflow', vars: {STAGING_URL: `http://127.0.0.1:${port}`}});
	t.after(async () => {
		await runner.stop();
		await simulator.close();
	});
	const sha = repository.publish('develop', 'Make the repository ready', 'mira-okafor');
	const ended = (file: string) => [...simulator.simulation.state.runs.values()].some(each => each.workflow.definition.file === file && each.status === 'completed');
	await runner.until(() => ended('e2e-staging.yml') && ended('smoke-tests.yml'), 'E2E and smoke tests end', 150_000);
	const {stdout, stderr} = await run(['status', '--json', '--sha', sha], {env: {...env, GH_REPO: 'acme/shop', GH_TOKEN: 'sim_classic', GITHUB_API_URL: simulator.restUrl, GITHUB_GRAPHQL_URL: simulator.graphqlUrl}, cwd: work});
	const report = JSON.parse(stdout || '{}') as Report;
	assert.ok(report.candidates?.length > 0, stderr);
	return {sha, runner, simulator, files, candidate: report.candidates[0]!};
};

const isGreen = ({candidate, runner}: Awaited<ReturnType<typeof push>>) => {
	const all = `${runner.ends.join('\n')}\n${Object.entries(runner.logs).filter(([name]) => runner.ends.includes(`${name}: failure`)).map(([name, text]) => `--- ${name}\n${text}`).join('\n')}`;
	assert.deepEqual(Object.fromEntries(Object.entries(candidate.tiers).map(([name, {status}]) => [name, status])), {fast: 'passed', deploy: 'passed', e2e: 'passed', smoke: 'passed'}, all);
	const decided = Object.fromEntries(candidate.gate.conditions.map(({id, met, because}) => [id, met === true ? true : because]));
	for (const id of ['fast-green', 'staged', 'e2e-green', 'smoke-green', 'fast-forward']) assert.equal(decided[id], true, `${id}: ${String(decided[id])}\n${all}`);
};

test('a package with Playwright: init, its addresses, a push, and the gate believes everything', async t => {
	const person = await newcomer(t, shop, 'node server.mjs');
	assert.match(await person.init(), /deployctl doctor/);
	person.fillIn();
	await person.init();
	const again = await person.init();
	assert.match(again, /yours +deployctl\.yml/);
	assert.match(again, /[Nn]othing to do/);
	const pushed = await push(t, person);
	isGreen(pushed);
	const contexts = [...pushed.simulator.simulation.state.statuses.get(pushed.sha) ?? []];
	const shards = contexts.filter(({context}) => /^deployctl\/e2e-staging\/\d-of-4$/.test(context));
	assert.deepEqual([...new Set(shards.map(({context}) => context))].toSorted(), [1, 2, 3, 4].map(index => `deployctl/e2e-staging/${index}-of-4`));
	assert.ok(shards.every(({creator}) => creator.login === 'github-actions[bot]'));
});

test('a front end, a back end and tests of both', async t => {
	const person = await newcomer(t, monorepo, 'node api/server.mjs');
	await person.init();
	person.fillIn();
	await person.init();
	isGreen(await push(t, person));
});

test('the classic mistakes: init maps nothing that it cannot trust, doctor names them, and replacing them makes it green', async t => {
	const person = await newcomer(t, classicMistakes, 'node server.mjs');
	const found = await run(['doctor', '--offline', '--json'], {env: person.env, cwd: person.work});
	const text = found.stdout;
	for (const mistake of ['pull_request_target', 'E2E', 'secrets', 'workflow_run']) assert.ok(text.includes(mistake), `${mistake} in\n${text}\n${found.stderr}`);
	assert.equal(found.exitCode, 1, found.stderr);
	await person.init('--existing', 'replace');
	for (const file of ['ci.yml', 'deploy.yml', 'after.yml']) rmSync(join(person.work, '.github', 'workflows', file));
	person.fillIn();
	await person.init('--existing', 'replace');
	isGreen(await push(t, person));
});
