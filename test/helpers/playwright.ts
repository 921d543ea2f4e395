/** A project with Playwright and our package in its node_modules, as after `npm install`; and its tests, run as processes of their own. */
import {cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import {scenario} from '../../source/simulator/scenario.ts';
import {startSimulator} from '../../source/simulator/server.ts';
import {dispatchRun} from '../../source/simulator/acts.ts';
import {runnerOf} from '../../source/simulator/runner.ts';
import {good} from '../../source/sandbox/behaviours.ts';
import {startService} from '../../source/sandbox/service.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export type Project = {folder: string; /** @param env is all that it gets */ run(args: readonly string[], env: Readonly<Record<string, string>>): ReturnType<typeof runPlaywright>};

const runPlaywright = (folder: string, args: readonly string[], env: Readonly<Record<string, string>>) =>
	execa(process.execPath, [join(root, 'node_modules/@playwright/test/cli.js'), 'test', ...args], {cwd: folder, reject: false, all: true, timeout: 90_000, extendEnv: false, env: {PATH: process.env['PATH'] ?? '', HOME: folder, ...env}});

/** @param type how Node.js reads its files */
export const createProject = (t: Pick<TestContext, 'after'>, type: 'module' | 'commonjs' = 'commonjs'): Project => {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'deployctl-playwright-')));
	t.after(() => rmSync(folder, {recursive: true, force: true, maxRetries: 5}));
	cpSync(join(root, 'test/fixtures/playwright'), folder, {recursive: true});
	writeFileSync(join(folder, 'package.json'), JSON.stringify({name: 'shop', private: true, type}));
	mkdirSync(join(folder, 'node_modules'));
	symlinkSync(root, join(folder, 'node_modules/deployctl'));
	for (const name of ['@playwright', 'playwright', 'playwright-core']) symlinkSync(realpathSync(join(root, 'node_modules', name)), join(folder, 'node_modules', name));
	return {folder, run: (args, env) => runPlaywright(folder, args, env)};
};

const names = [1, 2, 3, 4].map(index => `e2e (${index}, 4)`);
const external = scenario({
	name: 'external', description: 'E2E that a runner outside of GitHub does',
	workflows: [{file: 'e2e-staging.yml', name: 'E2E staging', tier: 'e2e', title: 'E2E {sha}', on: {dispatch: true}, jobs: names.map(name => ({name, external: true, steps: []}))}],
	events: [{at: '-10m', push: 'develop', by: 'mira-okafor', commits: [['one', 'First']]}],
});

/** GitHub with a run of E2E whose four jobs wait for a runner, and staging with the application that it tests. */
export const createStaging = async (t: Pick<TestContext, 'after'>) => {
	const began = Date.now();
	let ahead = 0;
	const clock = {now: () => Date.parse(external.startsAt) + (Date.now() - began) + ahead};
	const requests: Array<{at: number; method: string; path: string; body: string}> = [];
	const simulator = await startSimulator({scenario: external, clock, onRequest: ({method, path, body}) => requests.push({at: Date.now(), method, path, body})});
	t.after(() => simulator.close());
	const {simulation} = simulator;
	const sha = simulation.sha('one');
	const run = simulation.act(engine => dispatchRun(engine, 'e2e-staging.yml', {sha}));
	ahead += 60_000;
	simulation.advanceTo(clock.now());
	const service = await startService({release: '20261124000000-abcdef1', sha, message: 'First', environment: 'staging', behaviour: good, port: 0});
	t.after(() => service.drain());
	const env = {
		GITHUB_ACTIONS: 'true', GITHUB_TOKEN: 'sim_workflow', GITHUB_API_URL: simulator.restUrl, GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'acme/auto-author', GITHUB_RUN_ID: String(run), GITHUB_RUN_ATTEMPT: '1',
		GITHUB_WORKFLOW_REF: 'acme/auto-author/.github/workflows/e2e-staging.yml@refs/heads/develop', GITHUB_SHA: 'f'.repeat(40), SHA: sha, E2E_URL: `http://127.0.0.1:${service.port}`, E2E_PASSWORD: 'correct-horse-battery',
	};
	const statuses = async (): Promise<Array<{id: number; state: string; context: string; description: string; target_url: string; created_at: string; creator: {login: string}}>> => {
		const answer = await fetch(`${simulator.restUrl}/repos/acme/auto-author/commits/${sha}/statuses?per_page=100`, {headers: {authorization: 'bearer sim_classic'}});
		return (await answer.json() as Awaited<ReturnType<typeof statuses>>).toReversed();
	};
	return {simulator, runner: runnerOf(simulation), sha, run, env, names, requests, statuses, clock};
};
