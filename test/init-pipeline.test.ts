/** From nothing to a gate that is satisfied: the workflows that `init` writes, done as they stand by the tests' runner, from a push to the last status. */
import assert from 'node:assert/strict';
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {inspect} from '../source/init/inspect.ts';
import {defaultAnswers, propose} from '../source/init/propose.ts';
import {people, scenario} from '../source/simulator/scenario.ts';
import {startSimulator} from '../source/simulator/server.ts';
import {definitionsOf} from './helpers/runner/definitions.ts';
import {sampleRepository} from './helpers/runner/repository.ts';
import {startRunner} from './helpers/runner/runner.ts';
import {noMapping, writeFiles} from './helpers/sample-repositories.ts';

const bot = {login: 'github-actions[bot]', name: 'github-actions[bot]', email: '41898282+github-actions[bot]@users.noreply.github.com', id: 41_898_282, bot: true};

/** An environment that says which commit it runs, and how it is; `deploy.sh` of the sample writes the commit into its file. */
const environment = async (t: TestContext, folder: string) => {
	const file = join(folder, 'live');
	const server = createServer((request, response) => {
		const sha = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
		response.statusCode = sha === '' ? 503 : 200;
		response.end(request.url === '/version' ? JSON.stringify({sha}) : 'hello');
	});
	await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve); });
	t.after(() => { server.close(); server.closeAllConnections(); });
	return {file, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`};
};

const files = (e2e: string) => ({
	'package.json': JSON.stringify({name: 'sample', version: '1.0.0', scripts: {lint: 'node --check index.js', test: 'node index.js', e2e, smoke: 'node -e 0'}}),
	'package-lock.json': JSON.stringify({name: 'sample', version: '1.0.0', lockfileVersion: 3, packages: {'': {name: 'sample', version: '1.0.0'}}}),
	'index.js': 'console.log(1);\n',
	'scripts/deploy.sh': '#!/usr/bin/env bash\nset -eu\n[[ $1 == staging ]]\nprintf \'%s\\n\' "$2" > "$LIVE"\n',
});

const begin = async (t: TestContext, e2e: string) => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-pipeline-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	const live = await environment(t, folder);
	const work = join(folder, 'repository');
	mkdirSync(work);
	writeFiles(work, files(e2e));
	chmodSync(join(work, 'scripts/deploy.sh'), 0o755);
	const inspection = await inspect(work);
	const proposal = propose(inspection, {...defaultAnswers(inspection), urls: {staging: live.url, 'staging.health': `${live.url}/health`, 'staging.version': `${live.url}/version`}}, noMapping);
	writeFiles(work, Object.fromEntries(proposal.files.map(({path, content}) => [path, content])));
	// Of the order of names too: the runner knows a workflow by its file.
	const workflows = Object.fromEntries(proposal.files.filter(({path}) => path.startsWith('.github/workflows/')).map(({path, content}) => [path.slice('.github/workflows/'.length), content]));
	const assumed = {'e2e-staging.yml': {announce: {outputs: {shards: '[1]', total: '1', sha: ''}}}};
	const simulator = await startSimulator({
		scenario: scenario({name: 'sample', description: 'Generated workflows done for real', startsAt: new Date().toISOString(), silentApps: [], people: [...people, bot], viewer: bot.login, workflows: definitionsOf(workflows, {'test-suite.yml': 'fast', 'deploy-staging.yml': 'deploy', 'e2e-staging.yml': 'e2e', 'smoke-tests.yml': 'smoke'}, assumed), events: []}),
		clock: {now: () => Date.now()},
	});
	const repository = sampleRepository(work, simulator.simulation);
	const runner = startRunner({simulator, repository, files: workflows, assumed, folder: join(folder, 'runner'), token: 'sim_classic', env: {LIVE: live.file, npm_config_cache: join(folder, 'npm'), npm_config_update_notifier: 'false', npm_config_audit: 'false', npm_config_fund: 'false'}});
	t.after(async () => {
		await runner.stop();
		await simulator.close();
	});
	const {state} = simulator.simulation;
	const over = (file: string) => { const runs = [...state.runs.values()].filter(run => run.workflow.definition.file === file); return runs.length > 0 && runs.every(({status}) => status === 'completed'); };
	const statuses = (sha: string) => Object.fromEntries((state.statuses.get(sha) ?? []).map(({context, state: word}) => [context, word]));
	return {repository, runner, state, over, statuses, live, conclusions: () => Object.fromEntries([...state.runs.values()].map(run => [run.workflow.definition.file, run.conclusion]))};
};

test('a push goes through fast tests, staging, E2E and smoke tests by the files that were written, and leaves its words on its commit', async t => {
	const {repository, runner, state, over, statuses, live, conclusions} = await begin(t, 'curl -fsS "$BASE_URL"');
	const sha = repository.publish('develop', 'Begin', 'mira-okafor');
	await runner.until(() => over('e2e-staging.yml') && over('smoke-tests.yml') && over('deploy-staging.yml'), 'the pipeline ends', 100_000);
	assert.deepEqual(conclusions(), {'test-suite.yml': 'success', 'deploy-staging.yml': 'success', 'e2e-staging.yml': 'success', 'smoke-tests.yml': 'success'}, `${runner.ends.join('\n')}\n${JSON.stringify(runner.logs, null, 1)}`);
	assert.equal(readFileSync(live.file, 'utf8'), `${sha}\n`);
	assert.deepEqual(statuses(sha), {'deployctl/deploy-staging': 'success', 'deployctl/e2e-staging': 'success', 'deployctl/smoke-tests': 'success', 'deployctl/staging-report': 'success'});
	assert.ok(state.statuses.get(sha)!.some(({description}) => description === `before ${sha} after ${sha}`));
	const runs = [...state.runs.values()];
	assert.deepEqual(runs.filter(({workflow}) => workflow.definition.tier !== 'fast').map(({title}) => title).toSorted((a, b) => (a < b ? -1 : 1)), [`Deploy ${sha} to staging`, `E2E ${sha}`, `Smoke tests of ${sha}`]);
	assert.ok(runs.flatMap(run => run.attempts[0]!.jobs).some(job => job.shown === `Report ${sha}` || job.name === `Report ${sha}`));
	const deployment = [...state.deployments.values()][0]!;
	assert.deepEqual([deployment.sha, deployment.environment, deployment.statuses.at(-1)!.state], [sha, 'staging', 'success']);
});

test('red E2E undoes nothing and starts nothing, and its commit says so', async t => {
	const {repository, runner, over, statuses, live, conclusions} = await begin(t, 'exit 1');
	const sha = repository.publish('develop', 'Break', 'mira-okafor');
	await runner.until(() => over('e2e-staging.yml') && over('smoke-tests.yml'), 'the pipeline ends', 100_000);
	assert.deepEqual(conclusions(), {'test-suite.yml': 'success', 'deploy-staging.yml': 'success', 'e2e-staging.yml': 'failure', 'smoke-tests.yml': 'success'});
	assert.equal(statuses(sha)['deployctl/e2e-staging'], 'failure');
	assert.equal(readFileSync(live.file, 'utf8'), `${sha}\n`);
});

test('red fast tests reach nothing', async t => {
	const {repository, runner, over, statuses, live, conclusions} = await begin(t, 'exit 0');
	writeFiles(join(live.file, '../repository'), {'index.js': 'process.exit(1);\n'});
	const sha = repository.publish('develop', 'Break', 'mira-okafor');
	await runner.until(() => over('deploy-staging.yml'), 'the pipeline ends', 100_000);
	assert.deepEqual(conclusions(), {'test-suite.yml': 'failure', 'deploy-staging.yml': 'skipped'});
	assert.deepEqual([statuses(sha), existsSync(live.file)], [{}, false]);
});
