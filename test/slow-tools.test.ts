/** A program that does not answer in time is neither missing nor does it say no. */
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {delimiter, join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {executeWithin} from '../source/doctor/readings/execute.ts';
import {exitCodes, Failure} from '../source/errors.ts';
import {runWithin} from '../source/settings/checkout/run.ts';
import {findAccess} from '../source/settings/access/token.ts';
import {findings, healthy} from './helpers/doctor.ts';

/** Programs of these names that say nothing for long; everything else is the machine's. */
const sleeping = (t: TestContext, ...names: readonly string[]): Record<string, string> => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-slow-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	for (const name of names) writeFileSync(join(folder, name), '#!/bin/sh\nexec sleep 600\n', {mode: 0o755});
	return {PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`};
};
const failureOf = async (act: Promise<unknown>): Promise<Failure> =>
	act.then(
		() => assert.fail('it ended well'),
		(error: unknown) => {
			assert.ok(error instanceof Failure);
			return error;
		},
	);

test('a gh that hangs is not told as "no token", a git not as "no repository"', async t => {
	const env = sleeping(t, 'gh', 'git');
	const run = runWithin(50);
	const failure = await failureOf(findAccess({host: 'github.com', isExplicit: false, env, directory: tmpdir(), run}));
	assert.deepEqual([failure.message, failure.exitCode], ['gh did not answer within 0.05 s', exitCodes.unreachable]);
	assert.equal(
		(await failureOf(run('git', ['remote'], {directory: tmpdir(), env}))).message,
		'git did not answer within 0.05 s',
	);
	assert.equal(await run('no-such-program', [], {directory: tmpdir(), env}), null);
});

test('the doctor says of a program that is slow or fails that it is here', async t => {
	const env = sleeping(t, 'rsync');
	assert.deepEqual(await executeWithin(50)('rsync', ['--version'], {directory: tmpdir(), env}), {
		code: -1,
		stdout: '',
		stderr: '',
		isLate: true,
	});
	assert.equal(await executeWithin(50)('no-such-program', [], {directory: tmpdir(), env}), null);
	const base = await healthy();
	const machine = {
		...base.machine,
		tools: {git: null, rsync: null, curl: null},
		unsure: {rsync: 'did not answer within 30 s', curl: 'ended with 127 when asked for its version'},
	};
	const told = findings({...base, machine}, 'machine')
		.filter(({id}) => id === 'machine.tool')
		.map(({severity, what}) => `${severity} ${what}`);
	assert.deepEqual(told, [
		'error git is not here',
		'unknown rsync is here, but did not answer within 30 s',
		'unknown curl is here, but ended with 127 when asked for its version',
	]);
});

test('a host of one word without a token leads to --repo', async () => {
	const failure = await failureOf(
		findAccess({host: 'work', isExplicit: false, env: {}, directory: tmpdir(), run: async () => null}),
	);
	assert.match(failure.because ?? '', /calls its host "work", which looks like an alias that ssh does not know here/);
	assert.match(failure.next ?? '', /--repo OWNER\/NAME \(on github\.com\) or --repo HOST\/OWNER\/NAME/);
	const named = await failureOf(
		findAccess({host: 'work', isExplicit: true, env: {}, directory: tmpdir(), run: async () => null}),
	);
	assert.match(named.next ?? '', /gh auth login --hostname work/);
});
