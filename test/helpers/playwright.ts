/** A project with Playwright and our package in its node_modules, as after `npm install`; and its tests, run as processes of their own. */
import {cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import {artifactName, type ShardResult} from '../../source/core/tests/results.ts';
import {scenario} from '../../source/simulator/model/scenario.ts';
import {startSimulator} from '../../source/simulator/server.ts';
import {dispatchRun} from '../../source/simulator/simulation/acts.ts';
import {runnerOf} from '../../source/simulator/simulation/runner.ts';
import {good} from '../../source/sandbox/behaviours.ts';
import {startService} from '../../source/sandbox/service.ts';
import {patienceMs} from './patience.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export type Project = {
	folder: string;
	/** @param env is all that it gets */ run(
		args: readonly string[],
		env: Readonly<Record<string, string>>,
	): ReturnType<typeof runPlaywright>;
};

const runPlaywright = (folder: string, args: readonly string[], env: Readonly<Record<string, string>>) =>
	execa(process.execPath, [join(root, 'node_modules/@playwright/test/cli.js'), 'test', ...args], {
		cwd: folder,
		reject: false,
		all: true,
		timeout: 2 * patienceMs,
		extendEnv: false,
		env: {PATH: process.env['PATH'] ?? '', HOME: folder, ...env},
	});

/** @param type how Node.js reads its files */
export const createProject = (t: Pick<TestContext, 'after'>, type: 'module' | 'commonjs' = 'commonjs'): Project => {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'deployctl-playwright-')));
	t.after(() => rmSync(folder, {recursive: true, force: true, maxRetries: 5}));
	cpSync(join(root, 'test/fixtures/playwright'), folder, {recursive: true});
	writeFileSync(join(folder, 'package.json'), JSON.stringify({name: 'shop', private: true, type}));
	mkdirSync(join(folder, 'node_modules'));
	symlinkSync(root, join(folder, 'node_modules/deployctl'));
	for (const name of ['@playwright', 'playwright', 'playwright-core'])
		symlinkSync(realpathSync(join(root, 'node_modules', name)), join(folder, 'node_modules', name));
	return {folder, run: (args, env) => runPlaywright(folder, args, env)};
};

const names = [1, 2, 3, 4].map(index => `e2e (${index}, 4)`);
const external = scenario({
	name: 'external',
	description: 'E2E that a runner outside of GitHub does',
	workflows: [
		{
			file: 'e2e-staging.yml',
			name: 'E2E staging',
			tier: 'e2e',
			title: 'E2E {sha}',
			on: {dispatch: true},
			jobs: names.map(name => ({name, external: true, steps: []})),
		},
	],
	events: [{at: '-10m', push: 'develop', by: 'mira-okafor', commits: [['one', 'First']]}],
});

/** An application of a release of its own, without the scripts that deploy it. */
const serve = async (t: Pick<TestContext, 'after'>, sha: string): Promise<string> => {
	const service = await startService({
		release: '20261124000000-abcdef1',
		sha,
		message: 'First',
		environment: 'staging',
		behaviour: good,
		port: 0,
	});
	t.after(() => service.drain());
	return `http://127.0.0.1:${service.port}`;
};

export type StagingOptions = {
	/** What the program's own clock must agree with; else that of the scenario. */
	startsAt?: number;
	/** Brings the commit to staging; the address that then answers for it. */
	deploy?: (sha: string) => Promise<string>;
};

/** GitHub with a run of E2E whose four jobs wait for a runner, and staging with the application that it tests. */
export const createStaging = async (
	t: Pick<TestContext, 'after'>,
	{startsAt = Date.parse(external.startsAt), deploy = sha => serve(t, sha)}: StagingOptions = {},
) => {
	const began = Date.now();
	let ahead = 0;
	const clock = {now: () => startsAt + (Date.now() - began) + ahead};
	const requests: Array<{at: number; method: string; path: string; body: string; operation: string | null}> = [];
	const simulator = await startSimulator({
		scenario: {...external, startsAt: new Date(startsAt).toISOString()},
		clock,
		onRequest: ({method, path, body, operation}) => requests.push({at: Date.now(), method, path, body, operation}),
	});
	t.after(() => simulator.close());
	const {simulation} = simulator;
	const sha = simulation.sha('one');
	const run = simulation.act(engine => dispatchRun(engine, 'e2e-staging.yml', {sha}));
	ahead += 60_000;
	simulation.advanceTo(clock.now());
	const url = await deploy(sha);
	const env = {
		GITHUB_ACTIONS: 'true',
		GITHUB_TOKEN: 'sim_workflow',
		GITHUB_API_URL: simulator.restUrl,
		GITHUB_SERVER_URL: 'https://github.com',
		GITHUB_REPOSITORY: 'acme/auto-author',
		GITHUB_RUN_ID: String(run),
		GITHUB_RUN_ATTEMPT: '1',
		GITHUB_WORKFLOW_REF: 'acme/auto-author/.github/workflows/e2e-staging.yml@refs/heads/develop',
		GITHUB_SHA: 'f'.repeat(40),
		SHA: sha,
		E2E_URL: url,
		E2E_PASSWORD: 'correct-horse-battery',
	};
	const statuses = async (): Promise<
		Array<{
			id: number;
			state: string;
			context: string;
			description: string;
			target_url: string;
			created_at: string;
			creator: {login: string};
		}>
	> => {
		const answer = await fetch(`${simulator.restUrl}/repos/acme/auto-author/commits/${sha}/statuses?per_page=100`, {
			headers: {authorization: 'bearer sim_classic'},
		});
		return ((await answer.json()) as Awaited<ReturnType<typeof statuses>>).toReversed();
	};
	return {simulator, runner: runnerOf(simulation), sha, run, env, names, requests, statuses, clock};
};

/** As a job of the workflow does it: the tests, the results as an artifact, the log; then the job ends as they did. */
export const runShard = async (
	project: Project,
	{runner, simulator, env, run}: Awaited<ReturnType<typeof createStaging>>,
	index: number,
	more: Readonly<Record<string, string>> = {},
	args: readonly string[] = [],
) => {
	const {id} = runner.queued().find(({name}) => name === names[index - 1])!;
	const path = join(project.folder, `results-${index}.json`);
	runner.take(id, ['Run Playwright tests', 'Upload results']);
	runner.startStep(id, 0);
	const result = await project.run([`--shard=${index}/4`, ...args], {
		...env,
		DEPLOYCTL_RESULTS: path,
		E2E_OUTPUT: join(project.folder, `output-${index}`),
		...more,
	});
	const endedAt = Date.now();
	runner.endStep(id, 0, result.exitCode === 0 ? 'success' : 'failure');
	const upload = await fetch(
		`${simulator.storageUrl}/_artifacts/${run}/${artifactName('e2e-staging.yml', {index, total: 4}, 1)}`,
		{method: 'POST', body: readFileSync(path)},
	);
	runner.end(id, result.exitCode === 0 ? 'success' : 'failure', result.all ?? '');
	return {
		index,
		result,
		uploaded: upload.status,
		endedAt,
		results: JSON.parse(readFileSync(path, 'utf8')) as ShardResult,
	};
};
