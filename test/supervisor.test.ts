/** The supervisor as a process: a script of each kind runs under it, and its end is told as it was. */
import assert from 'node:assert/strict';
import {existsSync, readFileSync} from 'node:fs';
import {after, test} from 'node:test';
import {readMachineLock} from '../source/operations/locks/machine-lock.ts';
import {verifyJournal} from '../source/operations/journal/journal-verify.ts';
import {createStage, refB, shaB, until} from './helpers/supervised.ts';

const stages: Array<ReturnType<typeof createStage>> = [];
const stage = () => {
	const made = createStage();
	stages.push(made);
	return made;
};
after(() => Promise.all(stages.map(({close}) => close())));

const contract = (lines: string) =>
	`#!/bin/sh\n# Contract: deployctl/1\nsay() { printf 'deployctl/1 2026-11-24T00:00:00Z +0.100 %s\\n' "$*"; }\n${lines}\n`;

test('a plain script: journal, log, environment variables, verdict by its word', async () => {
	const it = stage();
	it.script(
		'#!/bin/sh\necho "$@ $DEPLOYCTL_ENV $DEPLOYCTL_SHA $DEPLOYCTL_FROM_SHA $DEPLOYCTL_RELEASE $DEPLOYCTL_OPERATION"; echo wrong >&2; cat\n',
	);
	const plan = it.plan();
	const {operation, files, code} = await it.run(plan);
	assert.equal(code, 0);
	assert.equal(operation?.outcome, 'succeeded');
	assert.match(operation.because, /unverified/);
	assert.equal(
		String(readFileSync(files.log)),
		`staging ${shaB} staging ${shaB} ${'a'.repeat(40)} ${shaB} ${plan.id}\nwrong\n`,
	);
	assert.deepEqual(await it.types(plan.id), [
		'requested',
		'locked',
		'observed',
		'starting',
		'spawned',
		'script-ended',
		'finished',
		'unlocked',
	]);
	assert.deepEqual(readMachineLock(it.paths, 'staging'), {state: 'free'});
	assert.equal((await verifyJournal(it.paths)).ok, true);
});

test('a contract script: its steps, its end, confirmed by the environment', async () => {
	const it = stage();
	it.live('a'.repeat(40));
	it.script(
		contract(
			`say begin upload; say probe upload try=1/2; say ok upload took=1; say begin verify host=web-1; echo '[{"instance":"web-1","version":"${shaB}","health":true,"because":"","latencyMs":1}]' > live.json; say ok verify host=web-1 -- healthy; say end deploy exit=0 result=deployed live=${shaB}`,
		),
	);
	const {operation} = await it.run(it.plan({scriptKind: 'contract'}), {isObservable: true});
	assert.ok(operation);
	assert.equal(operation.outcome, 'succeeded', operation.because);
	assert.deepEqual(
		operation.steps.map(({name, host, status, note}) => [name, host, status, note]),
		[
			['upload', null, 'passed', 'try=1/2'],
			['verify', 'web-1', 'passed', 'healthy'],
		],
	);
	assert.deepEqual(operation.to, refB);
	assert.equal(operation.after?.[0]?.version, shaB);
});

test('a stop request is heeded at once', async () => {
	const it = stage();
	it.script('#!/bin/sh\nsleep 600\n');
	const plan = it.plan();
	const files = it.ask(plan);
	const {ended} = it.supervise(files.directory);
	await until('the script runs', () => existsSync(files.pid));
	const {writeStop} = await import('../source/operations/request/request.ts');
	writeStop(files, {by: 'lee', thenRollBack: false});
	await ended;
	const operation = await it.operation(plan.id);
	assert.equal(operation?.outcome, 'interrupted');
	assert.match(operation.because, /^Stopped by lee; the script was ended by signal 15/);
});
