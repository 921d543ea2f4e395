/** The steps that are ours, run for real against the simulator: what they post arrives there, and deployctl believes it. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, rmSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {correlate} from '../source/core/snapshot/correlate.ts';
import {mergeReading} from '../source/core/github/merge.ts';
import {defaultSettings, type Settings} from '../source/core/settings/settings.ts';
import {inspect} from '../source/init/inspect/inspect.ts';
import {defaultAnswers, propose} from '../source/init/propose/propose.ts';
import {parseSettings} from '../source/settings/parse/parse.ts';
import {people, scenario} from '../source/simulator/model/scenario.ts';
import {standardWorkflows} from '../source/simulator/model/workflows.ts';
import {about, bench, read} from './helpers/reader.ts';
import {layOut, noMapping, samples, writeFiles} from './helpers/sample-repositories.ts';
import {readWorkflow, type Step, type Workflow} from './helpers/workflow-linters.ts';
import {until} from './helpers/patience.ts';
import {workbench} from './helpers/workflow-steps.ts';

const minute = 60_000;
const bot = {
	login: 'github-actions[bot]',
	name: 'github-actions[bot]',
	email: '41898282+github-actions[bot]@users.noreply.github.com',
	id: 41_898_282,
	bot: true,
};

/** A repository whose runs are GitHub's, and whose words are posted by nobody but the steps under test. */
const bare = scenario({
	name: 'steps',
	description: 'Workflows that publish nothing by themselves.',
	people: [...people, bot],
	viewer: bot.login,
	workflows: standardWorkflows
		.filter(({tier}) => tier !== null)
		.map(({contract: _, dispatches: __, ...workflow}) => ({
			...workflow,
			on: workflow.tier === 'deploy' ? {dispatch: true} : workflow.on,
		})),
	events: [
		{at: '-2h', push: 'develop', by: 'mira-okafor', commits: [['before', 'The one before']]},
		{at: '-90m', promote: 'before', by: 'mira-okafor'},
		{at: '-1h', push: 'develop', by: 'mira-okafor', commits: [['wanted', 'The one that is wanted']]},
		{at: '-50m', push: 'feature/x', by: 'mira-okafor', commits: [['feature', 'Not reviewed yet']]},
		{at: '-40m', push: 'hotfix/login', by: 'mira-okafor', commits: [['hotfix', 'Log in again']]},
		{at: '-9m', push: 'develop', by: 'mira-okafor', commits: [['later', 'A later one']]},
	],
});

const generate = async (
	t: TestContext,
	name: keyof typeof samples,
	urls: Readonly<Record<string, string>> = {},
): Promise<{workflow(file: string): Workflow; settings: Settings}> => {
	const inspection = await inspect(layOut(t, samples[name]));
	const answers = defaultAnswers(inspection);
	const {files} = propose(inspection, {...answers, urls: {...answers.urls, ...urls}}, noMapping);
	const text = (path: string) => files.find(file => file.path === path)?.content ?? assert.fail(path);
	const parsed = await parseSettings(text('deployctl.yml'), 'deployctl.yml');
	assert.ok(parsed.ok);
	return {workflow: file => readWorkflow(text(`.github/workflows/${file}`)), settings: parsed.settings};
};

const version = 'https://staging.shop.example/version';
const open = async (t: TestContext) => {
	const {workflow, settings} = await generate(t, 'node pnpm + Playwright', {
		'staging.version': version,
		'staging.health': 'https://staging.shop.example/health',
	});
	const github = await bench(t, bare, {settings});
	const {simulation, restUrl} = github.simulator;
	const sha = (alias: string) => simulation.sha(alias);
	const repository = 'acme/auto-author';
	const repoUrl = `${restUrl}/repos/${repository}`;
	// oxlint-disable-next-line typescript/no-explicit-any
	const ask = async (path: string): Promise<any> =>
		(await fetch(`${repoUrl}${path}`, {headers: {authorization: 'bearer sim_classic'}})).json();
	const newestRun = async (file: string): Promise<number> =>
		(await ask(`/actions/workflows/${file}/runs`)).workflow_runs[0].id as number;
	/** A run's own steps: by its number, and with what the workflow says for all of them. */
	const runner = (run: number, about: string, attempt = 1) =>
		workbench(t, {
			simulator: restUrl,
			repository,
			around: {
				SHA: about,
				BRANCH: 'develop',
				VERSION_URL: version,
				RUN: `https://github.com/${repository}/actions/runs/${run}/attempts/${attempt}`,
				GITHUB_RUN_ID: String(run),
				GITHUB_RUN_ATTEMPT: String(attempt),
			},
		});
	const dispatch = async (file: string, about: string) => {
		const response = await fetch(`${repoUrl}/actions/workflows/${file}/dispatches`, {
			method: 'POST',
			headers: {authorization: 'bearer sim_classic'},
			body: JSON.stringify({ref: 'develop', inputs: {sha: about}}),
		});
		assert.ok(response.ok);
		return newestRun(file);
	};
	return {workflow, settings, github, sha, ask, newestRun, runner, dispatch};
};
const stepIn = (steps: readonly Step[], name: string): Step =>
	steps.find(step => step.name === name) ?? assert.fail(`no step ${name}`);
const answering = (sha: string) => `[[ \${*: -1} == */version ]] && echo '{"commit": "${sha}"}' || true`;

test('from the deployment to the verdict of E2E: everything that is posted arrives, and the gate believes it', async t => {
	const {workflow, settings, github, sha, ask, newestRun, runner, dispatch} = await open(t);
	const wanted = sha('wanted');
	const {steps} = workflow('deploy-staging.yml').jobs['deploy']!;
	const deployRun = await dispatch('deploy-staging.yml', wanted);
	const deploy = runner(deployRun, wanted);
	deploy.program('curl', answering(wanted));
	const ours = await deploy.run(stepIn(steps, 'Is it a commit of ours?'));
	assert.equal(ours.exitCode, 0, ours.stderr);
	const announced = await deploy.run(stepIn(steps, 'Announce the deployment'));
	assert.equal(announced.exitCode, 0, announced.stderr);
	const deployment = announced.outputs['deployment']!;
	assert.deepEqual((await ask(`/deployments/${deployment}/statuses`))[0].state, 'in_progress');
	assert.equal((await deploy.run(stepIn(steps, 'Is staging well?'))).exitCode, 0);
	const reported = await deploy.run(stepIn(steps, 'Report the deployment'), {
		DEPLOYMENT: deployment,
		STATE: 'success',
	});
	assert.equal(reported.exitCode, 0, reported.stderr);
	const started = await deploy.run(stepIn(steps, 'Start E2E and smoke tests'));
	assert.equal(started.exitCode, 0, started.stderr);
	github.clock.advance(2 * minute);

	const [e2eRun, smokeRun] = [await newestRun('e2e-staging.yml'), await newestRun('smoke-tests.yml')];
	const e2e = workflow('e2e-staging.yml');
	const shard = runner(e2eRun, '');
	shard.program('curl', answering(wanted));
	const commit = await shard.run(stepIn(e2e.jobs['announce']!.steps, 'Which commit, and how many shards'), {
		WANTED: wanted,
		SHARDS: '',
	});
	assert.deepEqual(commit.outputs, {sha: wanted, total: '4', shards: '[1,2,3,4]'});
	for (const name of ['Is it a commit of ours?', 'Announce E2E'])
		assert.equal((await shard.run(stepIn(e2e.jobs['announce']!.steps, name), {SHA: wanted})).exitCode, 0, name);
	const before = await shard.run(stepIn(e2e.jobs['announce']!.steps, 'What staging runs before the tests'), {
		SHA: wanted,
	});
	assert.deepEqual(before.outputs, {before: wanted});
	const smoke = runner(smokeRun, wanted);
	const smokeSteps = workflow('smoke-tests.yml').jobs['smoke']!.steps;
	assert.equal((await smoke.run(stepIn(smokeSteps, 'Announce the smoke tests'))).exitCode, 0);

	const settled = async () => {
		const overview = mergeReading(null, await read(github.github), 'acme/auto-author');
		const known = mergeReading(
			overview,
			await read(github.github, about(overview.runs, [wanted])),
			'acme/auto-author',
		);
		return correlate(known, settings, github.clock.now(), null).candidates.find(
			candidate => candidate.sha === wanted,
		)!;
	};
	const running = await settled();
	assert.deepEqual(
		[running.tiers.e2e.status, running.tiers.e2e.provenance, running.tiers.e2e.runId],
		['running', 'status', e2eRun],
	);

	github.clock.advance(15 * minute);
	const after = await shard.run(stepIn(e2e.jobs['after']!.steps, 'What staging runs after the tests'), {
		SHA: wanted,
		BEFORE: wanted,
	});
	assert.deepEqual([after.exitCode, after.outputs], [0, {after: wanted}], after.stderr);
	// As GitHub makes the name, of what the jobs before it put out.
	const named = (e2e.jobs['report'] as {name?: string})
		.name!.replace(/\$\{\{ needs\.announce\.outputs\.(?:sha|before \|\| 'unknown') \}\}/g, wanted)
		.replace(/\$\{\{ needs\.after\.outputs\.after \|\| 'unknown' \}\}/, after.outputs['after']!);
	assert.equal(named, `Report ${wanted} before ${wanted} after ${wanted}`);
	github.simulator.simulation.act(({state}) => {
		for (const job of state.jobs.values()) if (job.runId === e2eRun && job.name === 'report') job.shown = named;
	});
	assert.equal(
		(
			await shard.run(stepIn(e2e.jobs['report']!.steps, 'The verdict of all shards'), {
				SHA: wanted,
				STATE: 'success',
			})
		).exitCode,
		0,
	);
	assert.equal((await smoke.run(stepIn(smokeSteps, 'The verdict'), {STATE: 'success'})).exitCode, 0);
	github.clock.advance(minute);

	const {tiers, gate} = await settled();
	assert.deepEqual(
		[tiers.deploy, tiers.e2e, tiers.smoke!].map(tier => [tier.status, tier.provenance, tier.isOwnWord, tier.runId]),
		[
			['passed', 'status', true, deployRun],
			['passed', 'status', true, e2eRun],
			['passed', 'status', true, smokeRun],
		],
	);
	for (const id of ['fast-green', 'staged', 'e2e-green', 'smoke-green'])
		assert.equal(
			gate.conditions.find(condition => condition.id === id)!.met,
			true,
			JSON.stringify(gate.conditions.find(condition => condition.id === id)),
		);
	assert.match(gate.conditions.find(({id}) => id === 'staged')!.because, /reported it before and after E2E/);
});

test('what lies on no branch of ours goes nowhere, a hotfix does', async t => {
	const {workflow, sha, runner} = await open(t);
	const step = stepIn(workflow('deploy-staging.yml').jobs['deploy']!.steps, 'Is it a commit of ours?');
	for (const [about, code] of [
		[sha('feature'), 1],
		['f'.repeat(40), 1],
		['develop', 1],
		[`${sha('wanted')}; id`, 1],
		['', 1],
		[sha('hotfix'), 0],
		[sha('before'), 0],
		[sha('later'), 0],
	] as const) {
		const {exitCode, stdout} = await runner(1, about).run(step);
		assert.equal(exitCode, code, `${about}: ${stdout}`);
		assert.equal(/^::error title=Which commit\?::/m.test(stdout), code === 1);
	}
});

test('the nightly run tests what staging runs by the newest deployment that ended well, and refuses to guess', async t => {
	const {workflow, sha, runner, dispatch} = await open(t);
	const announce = stepIn(workflow('e2e-staging.yml').jobs['announce']!.steps, 'Which commit, and how many shards');
	const none = await runner(1, '').run(announce, {WANTED: '', SHARDS: ''});
	assert.deepEqual([none.exitCode, none.outputs], [1, {}]);
	const {steps} = workflow('deploy-staging.yml').jobs['deploy']!;
	for (const [alias, state] of [
		['wanted', 'success'],
		['later', 'failure'],
	] as const) {
		const run = runner(await dispatch('deploy-staging.yml', sha(alias)), sha(alias));
		const {outputs} = await run.run(stepIn(steps, 'Announce the deployment'));
		assert.equal(
			(await run.run(stepIn(steps, 'Report the deployment'), {DEPLOYMENT: outputs['deployment']!, STATE: state}))
				.exitCode,
			0,
		);
	}
	const found = await runner(1, '').run(announce, {WANTED: '', SHARDS: ''});
	assert.deepEqual(found.outputs, {sha: sha('wanted'), total: '4', shards: '[1,2,3,4]'}, found.stderr);
	assert.deepEqual((await runner(1, '').run(announce, {WANTED: sha('later'), SHARDS: '2'})).outputs, {
		sha: sha('later'),
		total: '2',
		shards: '[1,2]',
	});
	assert.equal((await runner(1, '').run(announce, {WANTED: '3f2a9c1', SHARDS: '2'})).exitCode, 1);
	for (const wrong of ['0', 'x', '$(id)', '1000'])
		assert.equal((await runner(1, '').run(announce, {WANTED: sha('later'), SHARDS: wrong})).outputs['total'], '4');
});

test('staging that is ill, or runs another commit, fails its check; one that cannot be asked is said', async t => {
	const {workflow, sha, runner} = await open(t);
	const step = stepIn(workflow('deploy-staging.yml').jobs['deploy']!.steps, 'Is staging well?');
	const check = async (curl: string, values: Record<string, string> = {}) => {
		const place = runner(1, sha('wanted'));
		place.program('curl', curl);
		place.program('sleep', 'echo "waited $1"');
		return place.run(
			{...step, env: {}},
			{HEALTH: 'https://staging.shop.example/health', VERSION: version, ...values},
		);
	};
	assert.equal((await check(answering(sha('wanted')))).exitCode, 0);
	const other = await check(answering(sha('later')));
	assert.deepEqual([other.exitCode, other.stdout.match(/^waited/gm)?.length], [1, 6]);
	assert.equal((await check('exit 22')).exitCode, 1);
	const unknown = await check('exit 22', {HEALTH: '', VERSION: ''});
	assert.deepEqual([unknown.exitCode, unknown.stdout.startsWith('::warning title=Health::')], [0, true]);
	assert.equal(stepIn(workflow('deploy-production.yml').jobs['deploy']!.steps, 'Is production well?').run, step.run);
});

test('staging and production go back only when they were switched and are ill', async t => {
	const {workflow} = await open(t);
	for (const [file, environment] of [
		['deploy-staging.yml', 'staging'],
		['deploy-production.yml', 'production'],
	] as const) {
		const back = stepIn(workflow(file).jobs['deploy']!.steps, 'Roll back');
		assert.deepEqual(
			[back.if, back.run],
			[
				"failure() && steps.health.outcome == 'failure'",
				`scripts/rollback.sh --env ${environment} --run "gh-$GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT-back"`,
			],
		);
	}
});

test('a key reaches ssh by a file that nobody else can read, and no argument', async t => {
	const {workflow, runner} = await open(t);
	const step = stepIn(workflow('deploy-staging.yml').jobs['deploy']!.steps, 'Key for the hosts');
	const place = runner(1, '');
	const without = await place.run(step, {DEPLOY_KEY: '', KNOWN_HOSTS: ''});
	assert.deepEqual(
		[without.exitCode, without.environment, existsSync(join(place.folder, 'temp/deploy-key'))],
		[0, {}, false],
	);
	const {environment, stdout, stderr} = await place.run(step, {
		DEPLOY_KEY: 'PRIVATE\nKEY',
		KNOWN_HOSTS: 'web1 ssh-ed25519 AAAA',
	});
	assert.deepEqual([stdout, stderr, environment], ['', '', {SSH_CONFIG: join(place.folder, 'temp/ssh.conf')}]);
	assert.deepEqual(
		[
			statSync(join(place.folder, 'temp/deploy-key')).mode & 0o777,
			readFileSync(join(place.folder, 'temp/deploy-key'), 'utf8'),
		],
		[0o600, 'PRIVATE\nKEY\n'],
	);
	assert.match(
		readFileSync(environment['SSH_CONFIG']!, 'utf8'),
		/^IdentityFile .*\/deploy-key\nIdentitiesOnly yes\nUserKnownHostsFile .*\/known-hosts\n$/,
	);
});

test('staging that does not answer is unknown, and a status that cannot be posted fails the step', async t => {
	const {workflow, sha, runner} = await open(t);
	const {announce} = workflow('e2e-staging.yml').jobs;
	const place = runner(1, sha('wanted'));
	place.program('curl', 'exit 22');
	assert.deepEqual(
		(await place.run(stepIn(announce!.steps, 'What staging runs before the tests'), {SHA: sha('wanted')})).outputs,
		{before: 'unknown'},
	);
	assert.equal(
		(await place.run(stepIn(announce!.steps, 'Announce E2E'), {SHA: 'e'.repeat(40)})).exitCode,
		1,
		'no such commit',
	);
});

const git = (folder: string, ...args: string[]): string =>
	execFileSync(
		'git',
		['-c', 'user.name=ada', '-c', 'user.email=ada@acme.example', '-c', 'commit.gpgsign=false', ...args],
		{
			cwd: folder,
			encoding: 'utf8',
			env: {...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null'},
		},
	).trim();

test('only what is concerned runs, compared with the newest commit that passed', async t => {
	const {workflow} = await generate(t, 'workspaces');
	const step = stepIn(workflow('test-suite.yml').jobs['changes']!.steps, 'Which parts are concerned');
	const place = workbench(t, {simulator: 'http://127.0.0.1:1', repository: 'acme/mono'});
	const work = join(place.folder, 'work');
	git(work, 'init', '--quiet', '--initial-branch=develop');
	const commit = (files: Record<string, string>): string => {
		writeFiles(work, files);
		git(work, 'add', '-A');
		git(work, 'commit', '--quiet', '-m', 'x');
		return git(work, 'rev-parse', 'HEAD');
	};
	const first = commit({'apps/web/a.js': '1', 'apps/api/a.js': '1', 'packages/ui/a.js': '1', 'package.json': '{}'});
	const green = (...shas: string[]) => place.program('gh', `printf '%s\\n' ${shas.join(' ')}`);
	const look = async (base = '') =>
		(
			await place.run(step, {
				GH_TOKEN: 'x',
				BASE: base,
				GITHUB_SHA: git(work, 'rev-parse', 'HEAD'),
				GITHUB_REF_NAME: 'develop',
			})
		).outputs;
	green();
	assert.deepEqual(await look(), {app: 'true', api: 'true', web: 'true', ui: 'true'}, 'nothing has passed yet');
	const broken = commit({'apps/web/a.js': 'broken'});
	green(first);
	assert.deepEqual(await look(), {app: 'true', api: 'false', web: 'true', ui: 'false'});
	commit({'apps/api/a.js': '2'});
	assert.deepEqual(
		await look(),
		{app: 'true', api: 'true', web: 'true', ui: 'false'},
		'the push before was red: what it broke is tested again',
	);
	assert.deepEqual(
		await look(broken),
		{app: 'true', api: 'true', web: 'false', ui: 'false'},
		'a pull request is compared with its base',
	);
	const third = commit({'packages/ui/a.js': '2'});
	green(broken, 'f'.repeat(40));
	assert.deepEqual(
		await look(git(work, 'rev-parse', 'HEAD~1')),
		{app: 'true', api: 'false', web: 'true', ui: 'true'},
		'web is made from ui',
	);
	commit({'docs/a.md': '1', 'README.md': '1'});
	assert.deepEqual(await look(third), {app: 'true', api: 'false', web: 'false', ui: 'false'});
	const fourth = git(work, 'rev-parse', 'HEAD');
	green(fourth);
	assert.deepEqual(
		await look(),
		{app: 'true', api: 'true', web: 'true', ui: 'true'},
		'its own green run is no reason to leave everything out',
	);
	assert.deepEqual(
		await look('HEAD'),
		{app: 'true', api: 'true', web: 'true', ui: 'true'},
		'nothing that is tested has changed: nothing is left out',
	);
	commit({'package.json': '{"a": 1}'});
	assert.deepEqual(
		await look(fourth),
		{app: 'true', api: 'true', web: 'true', ui: 'true'},
		'what lies in no part concerns all',
	);
	place.program('gh', 'exit 1');
	assert.deepEqual(
		await look(),
		{app: 'true', api: 'true', web: 'true', ui: 'true'},
		'what cannot be read leaves nothing out',
	);
});

test('the verdict of the fast tests: left out is no failure where nothing changed; nothing that ran is one', async t => {
	const {workflow} = await generate(t, 'workspaces');
	const step = stepIn(workflow('test-suite.yml').jobs['passed']!.steps, 'The verdict of all');
	const place = workbench(t, {simulator: '', repository: ''});
	for (const [results, code] of [
		['changes success true, web-unit success true', 0],
		['changes success true, web-unit skipped false, api-unit success true', 0],
		['changes success true, web-unit success true, api-unit failure true', 1],
		['changes success true, web-unit cancelled true, api-unit success true', 1],
		['changes failure true, web-unit skipped', 1],
		['changes success true, web-unit skipped true, api-unit success true', 1],
		['changes success true, web-unit skipped false', 1],
		['changes success true, web-unit skipped , api-unit success true', 1],
		['lint success true, unit success true', 0],
		['', 1],
	] as const)
		assert.equal((await place.run(step, {RESULTS: results.replaceAll(', ', '\n')})).exitCode, code, results);
});

test('shards of a runner that cannot shard have every file once; one without a file is no failure', async t => {
	for (const [name, command, files, given] of [
		[
			'python pip + pytest',
			'pytest',
			['tests/e2e/test_login.py', 'tests/e2e/test_pay.py'],
			(calls: string[]) => calls.filter(word => word.endsWith('.py')),
		],
		[
			'cypress',
			'bunx',
			['cypress/e2e/a.cy.ts', 'cypress/e2e/b.cy.ts'],
			(calls: string[]) => calls[calls.indexOf('--spec') + 1]!.split(','),
		],
	] as const) {
		const {workflow} = await generate(t, name);
		const step = stepIn(workflow('e2e-staging.yml').jobs['e2e']!.steps, 'E2E');
		const place = workbench(t, {simulator: '', repository: ''});
		writeFiles(join(place.folder, 'work'), samples[name].files);
		place.program(command, 'printf \'%s\\n\' "$@" >> "$HOME/called"');
		const seen: string[] = [];
		for (const shard of [1, 2, 3, 4]) {
			writeFiles(place.folder, {called: ''});
			assert.equal((await place.run(step, {DEPLOYCTL_SHARD: `${shard}/4`})).exitCode, 0);
			const called = readFileSync(join(place.folder, 'called'), 'utf8').split('\n').filter(Boolean);
			if (called.length > 0) seen.push(...given(called));
		}
		assert.deepEqual(seen.toSorted(), files);
		rmSync(join(place.folder, 'work'), {recursive: true});
		mkdirSync(join(place.folder, 'work'));
		const none = await place.run(step, {DEPLOYCTL_SHARD: '2/4'});
		assert.equal(none.exitCode, 1, 'no test in any shard');
		assert.match(none.stdout, /There are no tests/);
	}
});

test('E2E in which no test ran is red, whatever its shards say; where results are missing nobody knows', async t => {
	const {workflow} = await generate(t, 'python pip + pytest');
	const {steps} = workflow('e2e-staging.yml').jobs['report']!;
	const step = stepIn(steps, 'Did any test run?');
	assert.ok(steps.indexOf(step) < steps.findIndex(({name}) => name === 'The verdict of all shards'));
	assert.match(stepIn(steps, 'The verdict of all shards').env!['STATE']!, /job\.status == 'success'/);
	const place = workbench(t, {simulator: '', repository: ''});
	const ran = async (shards: ReadonlyArray<readonly string[]>, total = shards.length) => {
		rmSync(join(place.folder, 'work/results'), {recursive: true, force: true});
		writeFiles(
			join(place.folder, 'work'),
			Object.fromEntries(
				shards.map((outcomes, at) => [
					`results/${at}/deployctl-results.json`,
					JSON.stringify({
						attempt: 1,
						shard: {index: at + 1, total},
						omitted: 0,
						tests: outcomes.map(outcome => ({outcome})),
					}),
				]),
			),
		);
		return (await place.run(step, {TOTAL: String(total)})).exitCode;
	};
	assert.deepEqual(
		[
			await ran([[], []]),
			await ran([['skipped'], []]),
			await ran([['skipped'], ['passed']]),
			await ran([['skipped']], 2),
			await ran([], 2),
		],
		[1, 1, 0, 0, 0],
	);
});

test('what a runner without a reporter of ours leaves is published as it is, and nothing is where it left nothing', async t => {
	const {workflow} = await generate(t, 'cypress');
	const step = stepIn(workflow('e2e-staging.yml').jobs['e2e']!.steps, 'Publish the results');
	assert.deepEqual([step.if, step['continue-on-error']], ['always()', true]);
	const place = workbench(t, {simulator: '', repository: ''});
	for (const name of ['npx', 'npm']) place.program(name, 'echo fetched');
	const values = {GITHUB_TOKEN: 'x', SHA: 'a', DEPLOYCTL_SHARD: '1/4', DEPLOYCTL_RESULTS: 'r'};
	assert.equal((await place.run(step, values)).stdout, '');
	writeFiles(join(place.folder, 'temp/junit'), {'a.xml': '<testsuites/>'});
	assert.match(
		(await place.run(step, values)).stdout,
		/^::notice title=Live progress::Add deployctl to the development dependencies/,
		'nothing is fetched by its name',
	);
	writeFiles(join(place.folder, 'work'), {
		'node_modules/deployctl/bin/deployctl.js': 'console.log(process.argv.slice(2).join("\\n"));',
	});
	assert.deepEqual((await place.run(step, values)).stdout.split('\n'), [
		'report',
		'--junit',
		join(place.folder, 'temp/junit'),
	]);
});

test('Playwright gets its part, and the reporter where it is installed', async t => {
	const {workflow} = await generate(t, 'node pnpm + Playwright');
	const step = stepIn(workflow('e2e-staging.yml').jobs['e2e']!.steps, 'E2E');
	const place = workbench(t, {simulator: '', repository: ''});
	place.program('pnpm', 'printf \'%s\\n\' "$@" > "$HOME/called"');
	const run = async (TRACE: string) => {
		const {exitCode, stdout} = await place.run(step, {
			DEPLOYCTL_PROGRESS: 'p',
			SHA: 'a',
			DEPLOYCTL_SHARD: '2/4',
			DEPLOYCTL_RESULTS: 'r',
			TRACE,
		});
		assert.equal(exitCode, 0);
		return {stdout, called: readFileSync(join(place.folder, 'called'), 'utf8').trim().split('\n')};
	};
	const without = await run('');
	assert.deepEqual(without.called, ['exec', 'playwright', 'test', '--shard=2/4', '--reporter=list,blob']);
	assert.match(without.stdout, /^::notice title=Live progress::/m);
	writeFiles(join(place.folder, 'work/node_modules/deployctl'), {
		'package.json': JSON.stringify({name: 'deployctl', exports: {'./playwright-reporter': './reporter.cjs'}}),
		'reporter.cjs': '',
	});
	const within = await run('true');
	assert.deepEqual(within.called, [
		'exec',
		'playwright',
		'test',
		'--shard=2/4',
		'--reporter=deployctl/playwright-reporter,list,blob',
		'--trace',
		'on',
	]);
	assert.doesNotMatch(within.stdout, /notice/);
});

test('progress is posted beside the tests, by what the lock file has brought, and its last word is waited for', async t => {
	const {workflow} = await generate(t, 'node pnpm + Playwright');
	const {steps} = workflow('e2e-staging.yml').jobs['e2e']!;
	const [before, after] = [stepIn(steps, 'Publish the progress'), stepIn(steps, 'Publish the last word')];
	assert.ok(
		steps.indexOf(before) < steps.indexOf(stepIn(steps, 'E2E')) &&
			steps.indexOf(stepIn(steps, 'E2E')) < steps.indexOf(after),
	);
	assert.deepEqual([before['continue-on-error'], after['continue-on-error'], after.if], [true, true, 'always()']);
	const place = workbench(t, {simulator: '', repository: ''});
	for (const name of ['npx', 'npm']) place.program(name, 'echo fetched');
	const values = {
		DEPLOYCTL_PROGRESS: join(place.folder, 'temp/progress'),
		GITHUB_TOKEN: 'x',
		SHA: 'a',
		DEPLOYCTL_SHARD: '1/4',
		DEPLOYCTL_RESULTS: 'r',
		GITHUB_WORKSPACE: join(place.folder, 'work'),
	};
	for (const step of [before, after])
		assert.deepEqual(
			await place.run(step, values).then(({exitCode, stdout}) => [exitCode, stdout]),
			[0, ''],
			'nothing is there, nothing is fetched',
		);
	writeFiles(join(place.folder, 'work'), {
		'node_modules/deployctl/bin/deployctl.js':
			'process.on("SIGTERM", () => { console.log("ended", ...process.argv.slice(2)); process.exit(); }); setInterval(() => {}, 1000); require("node:fs").writeFileSync(process.argv[4] + ".ready", "");',
	});
	assert.equal((await place.run(before, values)).stdout, '');
	await until('it follows', () => existsSync(join(place.folder, 'temp/progress.ready')));
	assert.match((await place.run(after, values)).stdout, /^ended report --follow \S+\/progress$/);
});

test('one summary of all shards: the newest attempt of each counts, and titles cannot become markup', async t => {
	const {workflow} = await generate(t, 'node pnpm + Playwright');
	const step = stepIn(workflow('e2e-staging.yml').jobs['report']!.steps, 'One summary of all shards');
	const place = workbench(t, {simulator: '', repository: ''});
	const result = (index: number, attempt: number, outcome: string) =>
		JSON.stringify({
			attempt,
			shard: {index, total: 2},
			tests: [{location: 'a.spec.ts:1', title: '<img src=x>', outcome, error: {message: '<b>no</b>'}}],
		});
	writeFiles(join(place.folder, 'work/results'), {
		'one/deployctl-results.json': result(1, 1, 'failed'),
		'two/deployctl-results.json': result(2, 1, 'failed'),
		'two-again/deployctl-results.json': result(2, 2, 'flaky'),
		'broken/deployctl-results.json': '{',
	});
	const {exitCode, summary, stderr} = await place.run(step);
	assert.equal(exitCode, 0, stderr);
	assert.match(
		summary,
		/<tr><td>1 of 2<\/td><td>0<\/td><td>1<\/td><td>0<\/td><td>0<\/td><\/tr>\n<tr><td>2 of 2<\/td><td>0<\/td><td>0<\/td><td>1<\/td>/,
	);
	assert.equal(summary.match(/&#60;img src=x&#62;/g)?.length, 1);
	assert.doesNotMatch(summary, /<img|<b>/);
});

test('the settings that are written are those by which the steps are judged', async t => {
	const {settings} = await generate(t, 'node npm');
	assert.deepEqual(
		[settings.tiers, settings.promotion.workflow],
		[defaultSettings.tiers, defaultSettings.promotion.workflow],
	);
	assert.deepEqual(
		settings.environments.map(({name, url, version: says}) => [name, url, says]),
		[
			['staging', 'https://dev.auto-author.app', ['https://dev.auto-author.app/version']],
			['production', 'https://auto-author.app', ['https://auto-author.app/version']],
		],
	);
});
