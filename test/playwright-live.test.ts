/** Real Playwright in four processes, against the sandbox's application, reporting over HTTP to the simulated GitHub. */
import assert from 'node:assert/strict';
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {parseShardWord} from '../source/core/tests/progress.ts';
import type {ShardResult} from '../source/core/tests/results.ts';
import {rules} from '../source/reporter/schedule.ts';
import {createProject, createStaging, runShard} from './helpers/playwright.ts';

const contextOf = (index: number) => `deployctl/e2e-staging/${index}-of-4`;
const resultsIn = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as ShardResult;

test('four shards: live words, a failure before its shard has ended, verdicts, results; within the limits', async t => {
	const project = createProject(t);
	const staging = await createStaging(t);
	const {runner, simulator} = staging;
	assert.deepEqual(
		runner.queued().map(({name}) => name),
		staging.names,
	);
	const ended = await Promise.all([1, 2, 3, 4].map(async index => runShard(project, staging, index)));
	assert.deepEqual(
		ended.map(({uploaded}) => uploaded),
		[201, 201, 201, 201],
	);

	const statuses = await staging.statuses();
	assert.ok(
		statuses.every(
			({creator, target_url}) =>
				creator.login === 'github-actions[bot]' &&
				target_url === `https://github.com/acme/auto-author/actions/runs/${staging.run}/attempts/1`,
		),
	);
	const all = ended.flatMap(({results}) => results.tests);
	const by = (outcome: string) => all.filter(one => one.outcome === outcome).map(({title}) => title);
	assert.equal(all.length, 16);
	assert.deepEqual(
		[by('failed'), by('flaky'), by('skipped')],
		[['pages › pay with a saved card'], ['health › is seldom good at once'], ['health › is told in French']],
	);

	for (const {index, result, results} of ended) {
		const words = statuses
			.filter(({context}) => context === contextOf(index))
			.map(status => ({state: status.state, ...parseShardWord(status.description)!}));
		const failed = results.tests.filter(({outcome}) => outcome === 'failed').length;
		assert.equal(result.exitCode, failed > 0 ? 1 : 0, result.all);
		assert.deepEqual(
			[words[0]!.state, words[0]!.progress.done, words[0]!.progress.total],
			['pending', 0, results.tests.length],
			'the first word at once',
		);
		assert.deepEqual(
			[words.at(-1)!.state, words.at(-1)!.progress.done, words.at(-1)!.progress.failed],
			[failed > 0 ? 'failure' : 'success', results.tests.length, failed],
		);
		assert.deepEqual(words.filter(({failure}) => failure).length, failed);
		assert.deepEqual(
			[
				results.sha,
				results.workflow,
				results.runId,
				results.attempt,
				results.shard,
				results.verdict,
				results.omitted,
			],
			[staging.sha, 'e2e-staging.yml', staging.run, 1, {index, total: 4}, failed > 0 ? 'failed' : 'passed', 0],
		);
	}

	const failure = statuses.map(status => parseShardWord(status.description)!.failure).find(one => one !== null)!;
	assert.deepEqual([failure.location, failure.title], ['e2e/pages.spec.ts:4', 'pages › pay with a saved card']);
	assert.match(failure.message, /^with \*\*\* expect\(received\)/);
	const told = all.find(({outcome}) => outcome === 'failed')!;
	assert.match(
		told.error!.message,
		/^with \*\*\*\n\nexpect\(received\)\.toBe\(expected\)[^]*Expected: 200\nReceived: 404/,
	);
	assert.deepEqual([told.error!.location, told.tries], ['e2e/pages.spec.ts:6', 2]);
	assert.match(all.find(({outcome}) => outcome === 'flaky')!.error!.message, /Received: 404/);
	// No secret and no escape sequence anywhere, and no token in the log.
	const everything = JSON.stringify([statuses, ended.map(({results, result}) => [results, result.all])]);
	assert.ok(
		!JSON.stringify([statuses, ended.map(({results}) => results)]).includes('correct-horse') &&
			!everything.includes('sim_workflow') &&
			!everything.includes('\\u001b[31msaved'),
	);

	const posts = staging.requests.filter(({method, path}) => method === 'POST' && path.includes('/statuses/'));
	assert.equal(posts.length, statuses.length, 'nothing was refused or repeated');
	// Besides the first word, the last and the failure, one every five seconds.
	const progress = ended.reduce(
		(sum, {results: {startedAt, finishedAt}}) => sum + Math.floor((finishedAt - startedAt) / rules.progressEveryMs),
		0,
	);
	assert.ok(posts.length <= 4 * 3 + progress, `${posts.length} requests, ${progress} of progress at most`);
	// The failure was told while its shard went on.
	const posted = posts.find(({body}) => (JSON.parse(body) as {description: string}).description.startsWith('✗'))!;
	const shard = Number(/(\d)-of-4/.exec(posted.body)![1]);
	assert.ok(posted.at < ended[shard - 1]!.endedAt);
	assert.equal(simulator.budgetOf('sim_workflow').look('core', staging.clock.now())!.used, posts.length);
	const run = (await (
		await fetch(`${simulator.restUrl}/repos/acme/auto-author/actions/runs/${staging.run}`, {
			headers: {authorization: 'bearer sim_classic'},
		})
	).json()) as {status: string; conclusion: string};
	assert.deepEqual([run.status, run.conclusion], ['completed', 'failure']);
	const artifacts = (await (
		await fetch(`${simulator.restUrl}/repos/acme/auto-author/actions/runs/${staging.run}/artifacts`, {
			headers: {authorization: 'bearer sim_classic'},
		})
	).json()) as {total_count: number};
	assert.equal(artifacts.total_count, 4);
});

test('in an ESM project, with trouble on the way: the tests end as they would without us, and at their own pace', async t => {
	const project = createProject(t, 'module');
	const {env, simulator, statuses} = await createStaging(t);
	simulator.faults.next({kind: 'bad-gateway-html'}, {match: {path: '/statuses/'}});
	const results = join(project.folder, 'results.json');
	const run = await project.run(['--shard=1/2', 'version'], {...env, DEPLOYCTL_RESULTS: results});
	assert.equal(run.exitCode, 0, run.all);
	assert.equal((await statuses()).at(-1)?.state, 'success');
	assert.match(run.all, /deployctl: a word about this shard was not posted \(GitHub answered 502\)/);

	// Nobody answers at all: a line in the log, and no more.
	const deaf = await project.run(['--shard=1/2', 'version'], {
		...env,
		GITHUB_API_URL: 'http://127.0.0.1:65533',
		DEPLOYCTL_RESULTS: results,
		DEPLOYCTL_SHARD: '7/9',
	});
	assert.equal(deaf.exitCode, 0, deaf.all);
	assert.match(
		deaf.all,
		/GitHub cannot be reached \(ECONNREFUSED\)[^]*last word about this shard could not be posted/,
	);
	assert.deepEqual(resultsIn(results).shard, {index: 7, total: 9});
});

test('without a workflow around it: silent, but for the file that was asked for', async t => {
	const project = createProject(t);
	const {env, requests} = await createStaging(t);
	writeFileSync(
		join(project.folder, 'own.config.ts'),
		"import config from './playwright.config';\nexport default {...config, reporter: [['deployctl/playwright-reporter', {results: 'own.json'}]]};\n",
	);
	const {SHA, E2E_URL} = env;
	const run = await project.run(['--config', 'own.config.ts', 'version'], {SHA, E2E_URL});
	assert.deepEqual([run.exitCode, run.all?.includes('deployctl')], [0, false], run.all);
	assert.deepEqual([requests.length, resultsIn(join(project.folder, 'own.json')).tests.length], [0, 4]);
});

const chromium = '/usr/bin/chromium';
test('in a browser', {skip: existsSync(chromium) ? false : `${chromium} is not installed`}, async t => {
	const project = createProject(t);
	const {env, statuses} = await createStaging(t);
	const results = join(project.folder, 'results.json');
	const run = await project.run(['--retries=0'], {
		...env,
		E2E_FOLDER: 'browser',
		DEPLOYCTL_RESULTS: results,
		DEPLOYCTL_SHARD: '1/1',
	});
	assert.equal(run.exitCode, 1, run.all);
	const {tests, verdict} = resultsIn(results);
	assert.deepEqual([verdict, tests.map(({outcome}) => outcome)], ['failed', ['passed', 'failed']], run.all);
	const failure = (await statuses())
		.map(({description}) => parseShardWord(description)!.failure)
		.find(one => one !== null)!;
	assert.deepEqual(
		[failure.location, failure.title],
		['browser/page.spec.ts:9', 'a button that is not there is missed'],
	);
	assert.match(failure.message, /^expect\(locator\)\.toBeVisible/);
});
