/**
From nothing to a green pipeline, as somebody new would go: the built program's `init` in a sample repository, its configuration filled in,
a push; then the generated workflows alone, done for real: unit tests, the scripts that deploy a real service, Playwright in four shards.
And what happens when something is red. The repositories know nothing of each other, so they go through at once.
*/
import assert from 'node:assert/strict';
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer as createWebServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, test, type TestContext} from 'node:test';
import {execa} from 'execa';
import {inspect} from '../source/init/inspect/inspect.ts';
import {defaultAnswers, propose} from '../source/init/propose/propose.ts';
import type {WorkflowDefinition} from '../source/simulator/model/model.ts';
import {freePorts} from '../source/sandbox/ports.ts';
import {people, scenario} from '../source/simulator/model/scenario.ts';
import {startSimulator} from '../source/simulator/server.ts';
import {run, temporaryHome} from './helpers/program.ts';
import {definitionsOf} from './helpers/runner/definitions.ts';
import {sampleRepository} from './helpers/runner/repository.ts';
import {startRunner} from './helpers/runner/runner.ts';
import {provideTools} from './helpers/runner/tools.ts';
import {noMapping, writeFiles} from './helpers/sample-repositories.ts';
import {classicMistakes, deployConf, monorepo, type Sample, shop, writeSample} from './helpers/samples.ts';

type Report = {
	candidates: ReadonlyArray<{
		sha: string;
		tiers: Record<string, {status: string; provenance: string | null}>;
		gate: {conditions: ReadonlyArray<{id: string; met: boolean | 'unknown'; because: string}>};
	}>;
};

const tiers: Readonly<Record<string, WorkflowDefinition['tier']>> = {
	'test-suite.yml': 'fast',
	'deploy-staging.yml': 'deploy',
	'e2e-staging.yml': 'e2e',
	'smoke-tests.yml': 'smoke',
	'deploy-production.yml': 'production',
};
const assumed = {
	'e2e-staging.yml': {announce: {outputs: {total: '4', shards: '[1,2,3,4]', sha: ''}}},
	'smoke-tests.yml': {announce: {outputs: {sha: ''}}},
};

/** Whatever was started from that folder. */
const killBelow = async (folder: string) => {
	for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
		try {
			if (readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`RELEASE_DIR=${folder}`))
				process.kill(Number(pid), 'SIGKILL');
		} catch {
			// It has just ended, or is not ours.
		}
	}
};

/** The addresses, where people would write them: into the file that init has made. */
const withAddresses = (text: string, port: number): string =>
	text.replaceAll(
		/^ {4}# url:.*\n {4}# health:.*\n {4}# version:.*\n/gm,
		`    url: http://127.0.0.1:${port}\n    health: [http://127.0.0.1:${port}/health]\n    version: http://127.0.0.1:${port}/version\n`,
	);

const newcomer = async (t: TestContext, sample: Sample, start: string) => {
	const {home, env} = temporaryHome(t);
	const work = join(home, 'work');
	const [port = 0] = await freePorts(1);
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
		for (const environment of ['staging', 'production'])
			writeFileSync(
				join(work, 'scripts', `deploy.${environment}.conf`),
				deployConf({root: join(home, 'srv', environment), port, start}),
			);
	};
	return {home, env, work, port, init, fillIn};
};

type Newcomer = Awaited<ReturnType<typeof newcomer>>;

/** A push to the staging branch, and everything that follows from it; then what deployctl says of the commit. */
const push = async (t: TestContext, {home, env, work, port}: Newcomer) => {
	const folder = join(work, '.github', 'workflows');
	const files = Object.fromEntries(readdirSync(folder).map(file => [file, readFileSync(join(folder, file), 'utf8')]));
	const simulator = await startSimulator({
		scenario: scenario({
			name: 'newcomer',
			description: 'A repository that init has made ready',
			startsAt: new Date().toISOString(),
			repository: {owner: 'acme', name: 'shop', isPrivate: true, defaultBranch: 'develop', description: ''},
			silentApps: [],
			workflows: definitionsOf(files, tiers, assumed),
			events: [],
		}),
		clock: {now: () => Date.now()},
	});
	const repository = sampleRepository(work, simulator.simulation);
	provideTools(join(home, 'runner', 'bin'));
	const runner = startRunner({
		simulator,
		repository,
		files,
		assumed,
		folder: join(home, 'runner'),
		token: 'sim_workflow',
		vars: {STAGING_URL: `http://127.0.0.1:${port}`},
	});
	t.after(async () => {
		await runner.stop();
		await simulator.close();
	});
	const sha = repository.publish('develop', 'Make the repository ready', 'mira-okafor');
	const ended = (file: string) =>
		[...simulator.simulation.state.runs.values()].some(
			each => each.workflow.definition.file === file && each.status === 'completed',
		);
	await runner.until(() => ended('e2e-staging.yml') && ended('smoke-tests.yml'), 'E2E and smoke tests end');
	const look = async () => {
		const {stdout, stderr} = await run(['status', '--json', '--sha', sha], {
			env: {
				...env,
				GH_REPO: 'acme/shop',
				GH_TOKEN: 'sim_classic',
				GITHUB_API_URL: simulator.restUrl,
				GITHUB_GRAPHQL_URL: simulator.graphqlUrl,
			},
			cwd: work,
		});
		const report = JSON.parse(stdout || '{}') as Report;
		assert.ok(report.candidates?.length > 0, stderr);
		return report;
	};
	let report = await look();
	// One look waits for REST for some seconds only: what a busy machine did not answer in time is looked at again.
	for (
		let again = 0;
		again < 3 && report.candidates[0]!.gate.conditions.some(({because}) => because.includes('GitHub did not name'));
		again++
	)
		report = await look();
	return {sha, runner, repository, simulator, files, candidate: report.candidates[0]!};
};

const isGreen = ({candidate, runner}: Awaited<ReturnType<typeof push>>) => {
	const all = `${runner.ends.join('\n')}\n${Object.entries(runner.logs)
		.filter(([name]) => runner.ends.includes(`${name}: failure`))
		.map(([name, text]) => `--- ${name}\n${text}`)
		.join('\n')}`;
	assert.deepEqual(
		Object.fromEntries(Object.entries(candidate.tiers).map(([name, {status}]) => [name, status])),
		{fast: 'passed', deploy: 'passed', e2e: 'passed', smoke: 'passed'},
		all,
	);
	const decided = Object.fromEntries(
		candidate.gate.conditions.map(({id, met, because}) => [id, met === true ? true : because]),
	);
	for (const id of ['fast-green', 'staged', 'e2e-green', 'smoke-green', 'fast-forward'])
		assert.equal(decided[id], true, `${id}: ${String(decided[id])}\n${all}`);
};

/** Brings it to the production branch. What the gate says is its own affair here: that it was asked, by the file that init wrote, is what counts. */
const asksGate = async ({runner, repository}: Awaited<ReturnType<typeof push>>) => {
	repository.publish('main', 'Release', 'mira-okafor');
	const job = 'deploy-production.yml/Production gate';
	await runner.until(() => runner.ends.some(end => end.startsWith(`${job}: `)), 'the production gate answers');
	assert.match(runner.logs[job] ?? '', /Production gate for [0-9a-f]{7} is (?:open|shut)/);
};

const bot = {
	login: 'github-actions[bot]',
	name: 'github-actions[bot]',
	email: '41898282+github-actions[bot]@users.noreply.github.com',
	id: 41_898_282,
	bot: true,
};

/** A small repository whose deployment is one line, for what is quickly red: an environment that says which commit it runs, and how it is; `deploy.sh` of the sample writes the commit into its file. */
const environment = async (t: TestContext, folder: string) => {
	const file = join(folder, 'live');
	const server = createWebServer((request, response) => {
		const sha = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
		response.statusCode = sha === '' ? 503 : 200;
		response.end(request.url === '/version' ? JSON.stringify({sha}) : 'hello');
	});
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	t.after(() => {
		server.close();
		server.closeAllConnections();
	});
	return {file, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`};
};

const smallRepository = (e2e: string) => ({
	'package.json': JSON.stringify({
		name: 'sample',
		version: '1.0.0',
		scripts: {lint: 'node --check index.js', test: 'node index.js', e2e, smoke: 'node -e 0'},
	}),
	'package-lock.json': JSON.stringify({
		name: 'sample',
		version: '1.0.0',
		lockfileVersion: 3,
		packages: {'': {name: 'sample', version: '1.0.0'}},
	}),
	'index.js': 'console.log(1);\n',
	'scripts/deploy.sh': '#!/usr/bin/env bash\nset -eu\n[[ $1 == staging ]]\nprintf \'%s\\n\' "$2" > "$LIVE"\n',
});

const begin = async (t: TestContext, e2e: string) => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-pipeline-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	const live = await environment(t, folder);
	const work = join(folder, 'repository');
	mkdirSync(work);
	writeFiles(work, smallRepository(e2e));
	chmodSync(join(work, 'scripts/deploy.sh'), 0o755);
	const inspection = await inspect(work);
	const proposal = propose(
		inspection,
		{
			...defaultAnswers(inspection),
			urls: {staging: live.url, 'staging.health': `${live.url}/health`, 'staging.version': `${live.url}/version`},
		},
		noMapping,
	);
	writeFiles(work, Object.fromEntries(proposal.files.map(({path, content}) => [path, content])));
	// Of the order of names too: the runner knows a workflow by its file.
	const workflows = Object.fromEntries(
		proposal.files
			.filter(({path}) => path.startsWith('.github/workflows/'))
			.map(({path, content}) => [path.slice('.github/workflows/'.length), content]),
	);
	const assumed = {'e2e-staging.yml': {announce: {outputs: {shards: '[1]', total: '1', sha: ''}}}};
	const simulator = await startSimulator({
		scenario: scenario({
			name: 'sample',
			description: 'Generated workflows done for real',
			startsAt: new Date().toISOString(),
			silentApps: [],
			people: [...people, bot],
			viewer: bot.login,
			workflows: definitionsOf(
				workflows,
				{
					'test-suite.yml': 'fast',
					'deploy-staging.yml': 'deploy',
					'e2e-staging.yml': 'e2e',
					'smoke-tests.yml': 'smoke',
				},
				assumed,
			),
			events: [],
		}),
		clock: {now: () => Date.now()},
	});
	const repository = sampleRepository(work, simulator.simulation);
	const runner = startRunner({
		simulator,
		repository,
		files: workflows,
		assumed,
		folder: join(folder, 'runner'),
		token: 'sim_classic',
		env: {
			LIVE: live.file,
			npm_config_cache: join(folder, 'npm'),
			npm_config_update_notifier: 'false',
			npm_config_audit: 'false',
			npm_config_fund: 'false',
		},
	});
	t.after(async () => {
		await runner.stop();
		await simulator.close();
	});
	const {state} = simulator.simulation;
	const over = (file: string) => {
		const runs = [...state.runs.values()].filter(run => run.workflow.definition.file === file);
		return runs.length > 0 && runs.every(({status}) => status === 'completed');
	};
	const statuses = (sha: string) =>
		Object.fromEntries((state.statuses.get(sha) ?? []).map(({context, state: word}) => [context, word]));
	return {
		repository,
		runner,
		state,
		over,
		statuses,
		live,
		conclusions: () =>
			Object.fromEntries([...state.runs.values()].map(run => [run.workflow.definition.file, run.conclusion])),
	};
};

describe('from nothing to a verdict', {concurrency: 3}, () => {
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
		const contexts = [...(pushed.simulator.simulation.state.statuses.get(pushed.sha) ?? [])];
		const shards = contexts.filter(({context}) => /^deployctl\/e2e-staging\/\d-of-4$/.test(context));
		assert.deepEqual(
			[...new Set(shards.map(({context}) => context))].toSorted(),
			[1, 2, 3, 4].map(index => `deployctl/e2e-staging/${index}-of-4`),
		);
		assert.ok(shards.every(({creator}) => creator.login === 'github-actions[bot]'));
	});

	test('a front end, a back end and tests of both', async t => {
		const person = await newcomer(t, monorepo, 'node api/server.mjs');
		await person.init();
		person.fillIn();
		await person.init();
		const pushed = await push(t, person);
		isGreen(pushed);
		await asksGate(pushed);
	});

	test('the classic mistakes: init maps nothing that it cannot trust, doctor names them, and replacing them makes it green', async t => {
		const person = await newcomer(t, classicMistakes, 'node server.mjs');
		const found = await run(['doctor', '--offline', '--json'], {env: person.env, cwd: person.work});
		assert.equal(found.exitCode, 1, found.stderr);
		const {findings} = JSON.parse(found.stdout) as {
			findings: ReadonlyArray<{
				id: string;
				severity: string;
				where: string | null;
				why: string | null;
				how: string | null;
			}>;
		};
		const told = findings.filter(({severity}) => severity === 'error' || severity === 'warning');
		// Nothing names its workflows: they are judged as what they are all the same.
		for (const [id, where] of [
			['not-named', 'ci.yml'],
			['blocking-run', 'deploy.yml'],
			['lost-commit', 'after.yml'],
			['pull-request-target', 'ci.yml'],
			['secret-in-script', 'deploy.yml'],
		] as const)
			assert.ok(
				told.some(finding => finding.id === `workflows.${id}` && finding.where === where),
				`${id} ${where} among\n${told.map(finding => `${finding.id} ${finding.where}`).join('\n')}`,
			);
		for (const {id, why, how} of told) assert.ok(why !== null && how !== null, `${id} says why, and how to fix it`);
		await person.init('--existing', 'replace');
		for (const file of ['ci.yml', 'deploy.yml', 'after.yml'])
			rmSync(join(person.work, '.github', 'workflows', file));
		person.fillIn();
		await person.init('--existing', 'replace');
		isGreen(await push(t, person));
	});

	test('a push goes through fast tests, staging, E2E and smoke tests by the files that were written, and leaves its words on its commit', async t => {
		const {repository, runner, state, over, statuses, live, conclusions} = await begin(t, 'curl -fsS "$BASE_URL"');
		const sha = repository.publish('develop', 'Begin', 'mira-okafor');
		await runner.until(
			() => over('e2e-staging.yml') && over('smoke-tests.yml') && over('deploy-staging.yml'),
			'the pipeline ends',
		);
		assert.deepEqual(
			conclusions(),
			{
				'test-suite.yml': 'success',
				'deploy-staging.yml': 'success',
				'e2e-staging.yml': 'success',
				'smoke-tests.yml': 'success',
			},
			`${runner.ends.join('\n')}\n${JSON.stringify(runner.logs, null, 1)}`,
		);
		assert.equal(readFileSync(live.file, 'utf8'), `${sha}\n`);
		assert.deepEqual(statuses(sha), {
			'deployctl/deploy-staging': 'success',
			'deployctl/e2e-staging': 'success',
			'deployctl/smoke-tests': 'success',
			'deployctl/staging-report': 'success',
		});
		assert.ok(state.statuses.get(sha)!.some(({description}) => description === `before ${sha} after ${sha}`));
		const runs = [...state.runs.values()];
		assert.deepEqual(
			runs
				.filter(({workflow}) => workflow.definition.tier !== 'fast')
				.map(({title}) => title)
				.toSorted((a, b) => (a < b ? -1 : 1)),
			[`Deploy ${sha} to staging`, `E2E ${sha}`, `Smoke tests of ${sha}`],
		);
		assert.ok(
			runs
				.flatMap(run => run.attempts[0]!.jobs)
				.some(job => [job.shown, job.name].some(name => name?.startsWith(`Report ${sha}`))),
		);
		const deployment = [...state.deployments.values()][0]!;
		assert.deepEqual(
			[deployment.sha, deployment.environment, deployment.statuses.at(-1)!.state],
			[sha, 'staging', 'success'],
		);
	});

	test('red E2E undoes nothing and starts nothing, and its commit says so', async t => {
		const {repository, runner, over, statuses, live, conclusions} = await begin(t, 'exit 1');
		const sha = repository.publish('develop', 'Break', 'mira-okafor');
		await runner.until(() => over('e2e-staging.yml') && over('smoke-tests.yml'), 'the pipeline ends');
		assert.deepEqual(conclusions(), {
			'test-suite.yml': 'success',
			'deploy-staging.yml': 'success',
			'e2e-staging.yml': 'failure',
			'smoke-tests.yml': 'success',
		});
		assert.equal(statuses(sha)['deployctl/e2e-staging'], 'failure');
		assert.equal(readFileSync(live.file, 'utf8'), `${sha}\n`);
	});

	test('red fast tests reach nothing', async t => {
		const {repository, runner, over, statuses, live, conclusions} = await begin(t, 'exit 0');
		writeFiles(join(live.file, '../repository'), {'index.js': 'process.exit(1);\n'});
		const sha = repository.publish('develop', 'Break', 'mira-okafor');
		await runner.until(() => over('deploy-staging.yml'), 'the pipeline ends');
		assert.deepEqual(conclusions(), {'test-suite.yml': 'failure', 'deploy-staging.yml': 'skipped'});
		assert.deepEqual([statuses(sha), existsSync(live.file)], [{}, false]);
	});
});
