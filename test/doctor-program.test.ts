/** `deployctl doctor` as people start it: the built program in a checkout, against a simulator. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdirSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {run, simulated} from './helpers/program.ts';

const place = async (t: TestContext, scenario = 'classic-mistakes') => {
	const {simulator, home, env} = await simulated(scenario, t);
	const cwd = join(home, 'checkout');
	mkdirSync(join(cwd, 'scripts'), {recursive: true});
	for (const name of ['deploy.sh', 'rollback.sh'])
		writeFileSync(join(cwd, 'scripts', name), '#!/usr/bin/env bash\n# Contract: deployctl/1\n', {
			mode: name === 'deploy.sh' ? 0o644 : 0o755,
		});
	execFileSync('git', ['init', '-q', '-b', 'develop'], {cwd, env});
	execFileSync('git', ['remote', 'add', 'origin', 'https://github.com/acme/auto-author.git'], {cwd, env});
	execFileSync('git', ['add', '-A'], {cwd, env});
	return {simulator, cwd, env};
};
type Report = {
	exitCode: number;
	findings: Array<{id: string; severity: string; where: string | null}>;
	fixes: Array<{id: string; done: boolean; stillFound: boolean | null}>;
	refused?: {exitCode: number};
};
const has = (report: Report, id: string, severity: string) =>
	report.findings.some(finding => finding.id === id && finding.severity === severity);

test('doctor finds, --fix mends on GitHub and on the disk, and the next look finds less', async t => {
	const {cwd, env, simulator} = await place(t);
	const first = await run(['doctor', '--json'], {cwd, env});
	const found = JSON.parse(first.stdout) as Report;
	assert.deepEqual([first.exitCode, found.exitCode], [1, 1]);
	for (const id of [
		'workflows.lost-commit',
		'workflows.blocking-needs',
		'workflows.disabled',
		'scripts.executable',
		'secrets.secret',
	])
		assert.ok(has(found, id, 'error'), id);

	const unasked = await run(['doctor', '--fix'], {cwd, env});
	assert.deepEqual(
		[unasked.exitCode, statSync(join(cwd, 'scripts/deploy.sh')).mode & 0o111],
		[3, 0],
		'nothing without a word',
	);
	const readOnly = await run(['doctor', '--fix', '--yes', '--read-only'], {cwd, env});
	assert.equal(readOnly.exitCode, 3);
	assert.match(readOnly.stderr, /read-only/);
	assert.equal(
		simulator.simulation.state.workflows.find(({definition}) => definition.file === 'smoke-tests.yml')?.state,
		'disabled_inactivity',
	);

	const mended = JSON.parse((await run(['doctor', '--fix', '--yes', '--json'], {cwd, env})).stdout) as Report;
	assert.deepEqual(
		mended.fixes.map(({id, done, stillFound}) => [id, done, stillFound]),
		[
			['workflows.disabled', true, false],
			['environments.missing', true, false],
			['scripts.executable', true, false],
		],
	);
	assert.ok(
		!has(mended, 'workflows.disabled', 'error') &&
			!has(mended, 'scripts.executable', 'error') &&
			has(mended, 'workflows.lost-commit', 'error'),
	);
	assert.equal(statSync(join(cwd, 'scripts/deploy.sh')).mode & 0o111, 0o111);
	assert.match(
		execFileSync('git', ['ls-files', '--stage', 'scripts/deploy.sh'], {cwd, env, encoding: 'utf8'}),
		/^100755 /,
	);
	assert.equal(
		simulator.simulation.state.workflows.find(({definition}) => definition.file === 'smoke-tests.yml')?.state,
		'active',
	);

	const text = await run(['doctor', '--fix', '--yes', '--only', 'scripts,workflows'], {cwd, env});
	assert.match(text.stdout, /^acme\/auto-author on github\.com: \d+ errors/);
	assert.doesNotMatch(text.stdout, /\nfixes\n|\nsecrets/, 'nothing is left to mend, and nothing else was asked');
});

test('doctor without a token, without network, and with a wrong word', async t => {
	const {cwd, env, simulator} = await place(t, 'quiet');
	const withoutToken = Object.fromEntries(Object.entries(env).filter(([name]) => name !== 'GH_TOKEN'));
	const noToken = await run(['doctor', '--json'], {cwd, env: {...withoutToken, PATH: '/usr/bin:/bin'}});
	assert.equal(noToken.exitCode, 4);
	assert.ok(has(JSON.parse(noToken.stdout) as Report, 'token.present', 'error'));
	const offline = await run(['doctor', '--offline', '--only', 'scripts,token'], {cwd, env: withoutToken});
	assert.equal(offline.exitCode, 1, offline.stdout);
	assert.match(offline.stdout, /without asking it/);
	assert.equal(simulator.counters.requests, 0);
	const refused = await run(['doctor'], {
		cwd,
		env: {...env, GITHUB_API_URL: 'http://127.0.0.1:1', GITHUB_GRAPHQL_URL: 'http://127.0.0.1:1/graphql'},
	});
	assert.equal(refused.exitCode, 5);
	assert.match(refused.stdout, /ERROR +GitHub cannot be read/);
	const wrong = await run(['doctor', '--only', 'workflow'], {cwd, env});
	assert.equal(wrong.exitCode, 2);
	assert.match(wrong.stderr, /no area "workflow"\. There is token, repository/);
});

test('doctor reads on where nothing else starts: a wrong deployctl.yml is a finding', async t => {
	const {cwd, env} = await place(t, 'quiet');
	writeFileSync(join(cwd, 'deployctl.yml'), 'branchs: {staging: develop}\n');
	const {stdout, exitCode} = await run(['doctor', '--json', '--only', 'repository'], {cwd, env});
	const report = JSON.parse(stdout) as Report;
	assert.deepEqual(
		[exitCode, has(report, 'repository.settings', 'error'), has(report, 'repository.branch', 'ok')],
		[1, true, true],
	);
});

test('another repository is not judged by the files of this folder', async t => {
	const {cwd, env} = await place(t, 'quiet');
	execFileSync('git', ['remote', 'set-url', 'origin', 'https://github.com/acme/other.git'], {cwd, env});
	const report = JSON.parse(
		(await run(['doctor', '--json', '--only', 'scripts,repository', '--repo', 'acme/auto-author'], {cwd, env}))
			.stdout,
	) as Report;
	assert.ok(has(report, 'scripts.read', 'unknown') && has(report, 'repository.remote', 'note'));
});
