/** `deployctl report` as a step of a workflow runs it: in a pipe, after the tests, and behind all shards. */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {appendFileSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {parseShardWord} from '../source/core/tests/progress.ts';
import type {ShardResult} from '../source/core/tests/results.ts';
import {until} from './helpers/patience.ts';
import {createStaging} from './helpers/playwright.ts';
import {launcher, run, temporaryHome} from './helpers/program.ts';
import {execa} from 'execa';

test('TAP in a pipe: passed on as it is, told live, and never better than the tests were', async t => {
	const {env, statuses} = await createStaging(t);
	const {home, env: own} = temporaryHome(t);
	const results = join(home, 'results.json');
	const all = {...own, ...env, DEPLOYCTL_SHARD: '1/1', DEPLOYCTL_RESULTS: results};
	const child = execa(process.execPath, [launcher, 'report', '--tap'], {
		env: all,
		extendEnv: false,
		cwd: home,
		reject: false,
		stripFinalNewline: false,
	});
	child.stdin.write('TAP version 14\n1..2\nnot ok 1 - pays\n');
	const told = async () =>
		(await statuses()).map(({description}) => parseShardWord(description)!).find(({failure}) => failure);
	await until('the failure is told', async () => (await told()) !== undefined);
	const failure = await told();
	assert.deepEqual(
		[failure?.failure?.title, failure?.progress.done, failure?.progress.total],
		['pays', 1, 2],
		'while the stream goes on',
	);
	child.stdin.end('ok 2 - ships\n# done \u001B[32mgreen\u001B[0m\n');
	const {stdout, exitCode, stderr} = await child;
	assert.deepEqual(
		[stdout, exitCode],
		['TAP version 14\n1..2\nnot ok 1 - pays\nok 2 - ships\n# done \u001B[32mgreen\u001B[0m\n', 1],
		stderr,
	);
	assert.match(stderr, /the tests did not pass: 1 failed/);
	assert.deepEqual(
		[(await statuses()).at(-1)!.state, (JSON.parse(readFileSync(results, 'utf8')) as ShardResult).verdict],
		['failure', 'failed'],
	);
	const green = await run(['report', '--tap'], {env: own, cwd: home, input: '1..1\nok 1\n'});
	assert.deepEqual([green.exitCode, green.stderr], [0, ''], "on a developer's machine it is a pipe and nothing else");
	assert.equal((await run(['report', '--tap'], {env: own, cwd: home, input: 'command not found\n'})).exitCode, 1);
});

test('a reader that has gone does not turn red tests green: they are read to their end', async t => {
	const {home, env} = temporaryHome(t);
	const child = execa(process.execPath, [launcher, 'report', '--tap'], {
		env,
		extendEnv: false,
		cwd: home,
		reject: false,
		buffer: {stdout: false},
	});
	child.stdin.write('TAP version 13\n1..3\nok 1\n');
	await once(child.stdout, 'data');
	child.stdout.destroy();
	child.stdin.write(`${'# talk\n'.repeat(200_000)}ok 2\n`);
	child.stdin.end('not ok 3 - pays\n');
	const {exitCode, stderr} = await child;
	assert.equal(exitCode, 1, stderr);
	assert.match(stderr, /1 failed/);
});

test('JUnit: a file or a folder; broken ones are no success', async t => {
	const {env, statuses} = await createStaging(t);
	const {home, env: own} = temporaryHome(t);
	mkdirSync(join(home, 'reports/deep'), {recursive: true});
	writeFileSync(
		join(home, 'reports/a.xml'),
		'<testsuite name="a"><testcase name="pays" classname="Shop"/></testsuite>',
	);
	writeFileSync(
		join(home, 'reports/deep/b.xml'),
		'<testsuite name="b"><testcase name="ships" classname="Shop" file="test/ship.js" line="4"><failure message="late">at</failure></testcase></testsuite>',
	);
	const red = await run(['report', '--junit', 'reports'], {env: {...own, ...env}, cwd: home});
	assert.deepEqual([red.exitCode, red.stdout], [1, '2 tests, 1 failed, 0 flaky, 0 skipped'], red.stderr);
	const words = (await statuses()).map(({state, description}) => ({state, ...parseShardWord(description)!}));
	assert.deepEqual(
		[words.at(-1)!.state, words.at(-1)!.progress.failed, words.find(({failure}) => failure)!.failure!.location],
		['failure', 1, 'test/ship.js:4'],
	);
	assert.equal((await run(['report', '--junit', 'reports/a.xml'], {env: own, cwd: home})).exitCode, 0);
	writeFileSync(
		join(home, 'reports/deep/B.XML'),
		'<testsuite><testcase name="loads"><failure/></testcase></testsuite>',
	);
	assert.match((await run(['report', '--junit', 'reports'], {env: own, cwd: home})).stdout, /^3 tests, 2 failed/);
	writeFileSync(join(home, 'cut.xml'), '<testsuite><testcase name="pays"/>');
	const cut = await run(['report', '--junit', 'cut.xml'], {env: own, cwd: home});
	assert.deepEqual([cut.exitCode, cut.stdout], [1, '1 tests, 0 failed, 0 flaky, 0 skipped']);
	assert.match(cut.stderr, /not a whole JUnit report/);
	const none = await run(['report', '--junit', 'nothing.xml'], {env: own, cwd: home});
	assert.equal(none.exitCode, 1);
	assert.match(none.stderr, /nothing\.xml cannot be read/);
});

test("all shards: one page in the job's summary, and a code that needs every one of them", async t => {
	const {home, env} = temporaryHome(t);
	const ran = [{location: 'a.ts:1', title: 'a', outcome: 'passed' as const, durationMs: 1, tries: 1, error: null}];
	const result = (index: number): ShardResult => ({
		schemaVersion: 1,
		sha: 'a'.repeat(40),
		workflow: 'e2e-staging.yml',
		runId: 7,
		attempt: 1,
		shard: {index, total: 2},
		startedAt: 0,
		finishedAt: 1000,
		verdict: 'passed',
		tests: index === 1 ? ran : [],
		omitted: 0,
	});
	const put = (index: number) => {
		mkdirSync(join(home, `all/deployctl-e2e-staging-${index}-of-2-attempt-1`), {recursive: true});
		writeFileSync(
			join(home, `all/deployctl-e2e-staging-${index}-of-2-attempt-1/deployctl-results.json`),
			JSON.stringify(result(index)),
		);
	};
	put(1);
	const summary = join(home, 'summary.md');
	const missing = await run(['report', '--merge', 'all'], {env: {...env, GITHUB_STEP_SUMMARY: summary}, cwd: home});
	assert.deepEqual([missing.exitCode, missing.stdout], [1, '']);
	assert.match(missing.stderr, /Shard 2 of 2 is missing/);
	assert.match(readFileSync(summary, 'utf8'), /^## E2E did not pass/);
	put(2);
	const whole = await run(['report', '--merge', 'all', '--shards', '2'], {env, cwd: home});
	assert.equal(whole.exitCode, 0, whole.stderr);
	assert.match(whole.stdout, /^## E2E passed/);
	for (const args of [[], ['--tap', '--junit', 'x'], ['--merge'], ['--tap', '--shards', '2']])
		assert.equal((await run(['report', ...args], {env, cwd: home})).exitCode, 2, args.join(' '));
});

test('what did not run is told, and ends with 1', async t => {
	const {home, env} = temporaryHome(t);
	const tap = async (input: string, more: Record<string, string> = {}, args: readonly string[] = []) => {
		const {exitCode, stderr} = await run(['report', '--tap', ...args], {env: {...env, ...more}, cwd: home, input});
		return [exitCode, stderr];
	};
	assert.deepEqual(await tap('TAP version 13\n1..0\n'), [1, 'deployctl: the tests did not pass: no test was run.']);
	assert.deepEqual(await tap('1..0 # SKIP no browser\n'), [
		1,
		'deployctl: the tests did not pass: no test was run (no browser).',
	]);
	assert.deepEqual(await tap('1..1\nok 1 # SKIP\n'), [
		1,
		'deployctl: the tests did not pass: the only test was skipped.',
	]);
	assert.deepEqual(await tap('1..0\n', {DEPLOYCTL_SHARD: '4/4'}), [
		0,
		'deployctl: no test was run in shard 4 of 4: whether any test was run is for --merge to say, of all shards.',
	]);
	const todo = '1..2\nok 1\nnot ok 2 cart # TODO list\n';
	const [code, words] = await tap(todo);
	assert.equal(code, 1);
	assert.match(String(words), /1 failed\. 1 failure looks like TODO.*--allow-todo/);
	assert.deepEqual(await tap(todo, {}, ['--allow-todo']), [
		0,
		'deployctl: 1 failed test is marked TODO and counted as skipped (--allow-todo).',
	]);
	assert.equal((await run(['report', '--junit', 'x', '--allow-todo'], {env, cwd: home})).exitCode, 2);
});

test('JUnit that announces more than it holds, fails outside of its tests, or is empty', async t => {
	const {home, env} = temporaryHome(t);
	const junit = async (xml: string, more: Record<string, string> = {}) => {
		writeFileSync(join(home, 'a.xml'), xml);
		const {exitCode, stdout, stderr} = await run(['report', '--junit', 'a.xml'], {
			env: {...env, ...more},
			cwd: home,
		});
		return [exitCode, stdout, stderr];
	};
	assert.deepEqual(
		await junit('<testsuite name="a" tests="0" errors="1"><system-err>ImportError</system-err></testsuite>'),
		[
			1,
			'1 tests, 1 failed, 0 flaky, 0 skipped',
			'deployctl: a.xml, a: The suite says that 1 failed, and names 0: something failed outside of its tests.',
		],
	);
	assert.deepEqual(await junit('<testsuites tests="0"/>'), [
		1,
		'0 tests, 0 failed, 0 flaky, 0 skipped',
		'deployctl: the tests did not pass: no test was run.',
	]);
	assert.deepEqual((await junit('<testsuite tests="1"><testcase name="a"><skipped/></testcase></testsuite>'))[0], 1);
	assert.match(
		String((await junit('<testsuite tests="1" skipped="1"><testcase name="a"/></testsuite>'))[2]),
		/the suites say that all tests were skipped/,
	);
	assert.equal((await junit('<testsuites tests="0"/>', {DEPLOYCTL_SHARD: '2/4'}))[0], 0);
});

test("merge in a workflow takes results of this run only, unless another run's end started it", async t => {
	const {home, env} = temporaryHome(t);
	const result: ShardResult = {
		schemaVersion: 1,
		sha: 'a'.repeat(40),
		workflow: 'e2e.yml',
		runId: 7,
		attempt: 1,
		shard: {index: 1, total: 1},
		startedAt: 0,
		finishedAt: 1,
		verdict: 'passed',
		omitted: 0,
		tests: [{location: 'a.ts:1', title: 'a', outcome: 'passed', durationMs: 1, tries: 1, error: null}],
	};
	writeFileSync(join(home, 'deployctl-results.json'), JSON.stringify(result));
	const merge = async (more: Record<string, string>) =>
		(await run(['report', '--merge', '.'], {env: {...env, ...more}, cwd: home})).exitCode;
	assert.deepEqual(
		[
			await merge({GITHUB_RUN_ID: '7'}),
			await merge({GITHUB_RUN_ID: '8'}),
			await merge({GITHUB_RUN_ID: '8', GITHUB_EVENT_NAME: 'workflow_run'}),
			await merge({SHA: 'b'.repeat(40)}),
		],
		[0, 1, 0, 1],
	);
});

test('beside the tests: what they write is posted by another process, which has the token', async t => {
	const {
		env: {GITHUB_TOKEN, ...env},
		statuses,
	} = await createStaging(t);
	const {home, env: own} = temporaryHome(t);
	const path = join(home, 'progress');
	const all = {...own, ...env, DEPLOYCTL_SHARD: '1/1'};
	const follower = execa(process.execPath, [launcher, 'report', '--follow', path], {
		env: {...all, GITHUB_TOKEN},
		extendEnv: false,
		cwd: home,
		reject: false,
	});
	const tests = execa(process.execPath, [launcher, 'report', '--tap'], {
		env: {...all, DEPLOYCTL_PROGRESS: path},
		extendEnv: false,
		cwd: home,
		reject: false,
	});
	tests.stdin.write('1..2\nnot ok 1 - pays\n');
	const said = async () =>
		(await statuses()).map(({state, description}) => ({state, ...parseShardWord(description)!}));
	await until('the failure is told while the tests run', async () =>
		(await said()).some(({failure}) => failure?.title === 'pays'),
	);
	// Whatever tests write there themselves is foreign text: it is no word of ours, or it is masked and cut.
	appendFileSync(
		path,
		`not json\n${'x'.repeat(30_000)}\n{"kind":"progress"}\n${JSON.stringify({kind: 'progress', progress: {done: 1e9, total: -1, current: {}}, failure: null})}\n`,
	);
	appendFileSync(
		path,
		`${JSON.stringify({kind: 'progress', progress: {done: 1, total: 2, failed: 1, flaky: 0, skipped: 0, current: null}, failure: {location: 'a.ts:1', title: `\u001B[2J${GITHUB_TOKEN}`, message: 'planted'}})}\n`,
	);
	await until('the planted one is told, too', async () =>
		(await said()).some(({failure}) => failure?.message === 'planted'),
	);
	tests.stdin.end('ok 2 - ships\n');
	const ended = await tests;
	assert.deepEqual([ended.exitCode, /nothing is said/.test(ended.stderr)], [1, false], ended.stderr);
	await until('the verdict', async () => (await statuses()).at(-1)!.state === 'failure');
	follower.kill('SIGTERM');
	assert.deepEqual([(await follower).exitCode, (await follower).stderr], [0, '']);
	const words = await statuses();
	assert.equal(words.at(-1)!.description, '2/2, 1 failed');
	assert.ok(!JSON.stringify(words).includes(GITHUB_TOKEN) && !JSON.stringify(words).includes('\\u001b'));
	// Without a workflow, and without a file to follow.
	assert.match(
		(await run(['report', '--follow', path], {env: own, cwd: home})).stderr,
		/nothing is said about this shard while it runs: this is no workflow/,
	);
	assert.equal((await run(['report', '--follow'], {env: own, cwd: home})).exitCode, 2);
});

test('tests that were killed: the other process says that they were interrupted', async t => {
	const {env, statuses} = await createStaging(t);
	const {home, env: own} = temporaryHome(t);
	const path = join(home, 'progress');
	writeFileSync(
		path,
		`${JSON.stringify({kind: 'begins'})}\n${JSON.stringify({kind: 'progress', progress: {done: 3, total: 9, failed: 0, flaky: 0, skipped: 0, current: 'a.ts:1 › pays'}, failure: null})}\n`,
	);
	const follower = execa(process.execPath, [launcher, 'report', '--follow', path], {
		env: {...own, ...env, DEPLOYCTL_SHARD: '1/1'},
		extendEnv: false,
		cwd: home,
		reject: false,
	});
	await until('it has begun', async () => (await statuses()).length > 0);
	follower.kill('SIGTERM');
	assert.equal((await follower).exitCode, 0);
	assert.deepEqual((await statuses()).at(-1)!.state, 'error');
	assert.equal((await statuses()).at(-1)!.description, '3/9');
});
