/** `deployctl logs` for jobs: the built program against a simulator, into a pipe. */
import assert from 'node:assert/strict';
import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {run, simulated} from './helpers/program.ts';

test('one job by name, all of a tier, errors only, colours when asked for; and what is wrong is said', async t => {
	const {env, home, simulator} = await simulated('quiet', t);
	const call = async (...args: string[]) => run(['logs', ...args], {env, cwd: home});
	const lint = await call('--job', 'lint');
	assert.equal(lint.exitCode, 0, lint.stderr);
	assert.match(lint.stdout, /^Current runner version: '2\.330\.0'\nRunner Image Provisioner\n/);
	assert.doesNotMatch(lint.stdout, /[\u0000-\u0009\u000B-\u001F\u007F-\u009F]|##\[/);
	const tier = await call('--tier', 'deploy', '--timestamps', '--color', 'always');
	assert.match(tier.stdout, /==> deploy \(passed, 1m\d\ds\) <==/);
	assert.match(tier.stdout, /\u001B\[90m2026-11-2\dT\d\d:\d\d:\d\d\.000Z \u001B\[0m/);
	const nothing = await call('--tier', 'e2e', '--failed');
	assert.deepEqual([nothing.exitCode, nothing.stdout, nothing.stderr], [0, '', 'No job of E2E has failed.']);
	const red = [...simulator.simulation.state.jobs.values()].find(
		job => job.conclusion === 'failure' && job.name.startsWith('e2e'),
	)!;
	const errors = await call('--job', String(red.id), '--errors');
	assert.match(errors.stdout, /^\d+: .*Error: .*$/m);
	assert.match(errors.stdout, /\d+: Error: Process completed with exit code 1\.$/);
	assert.ok(
		readdirSync(join(home, 'cache', 'deployctl', 'logs'), {recursive: true}).some(name =>
			String(name).endsWith('.log'),
		),
		'kept for the next time',
	);
	for (const [args, code, text] of [
		[['--job', 'lnit'], 2, /no job "lnit".*Did you mean "lint"\?/s],
		[[], 2, /Whose log\?/],
		[['1f9c', '--failed'], 2, /two things/],
		[['--job', '9999999999'], 1, /no log under this number/],
	] as const) {
		const {exitCode, stderr} = await call(...args);
		assert.equal(exitCode, code, stderr);
		assert.match(stderr, text);
	}
});

test('--follow waits for the end of a job, prints what it wrote, and ends as the job did', async t => {
	const {env, home} = await simulated('red-e2e', t, 60);
	const {exitCode, stdout, stderr} = await run(['logs', '--job', 'e2e (2, 4)', '--follow', '--errors'], {
		env,
		cwd: home,
	});
	assert.equal(exitCode, 1, stderr);
	assert.match(stdout, /Error: e2e\/preview\.spec\.ts:22/);
});
