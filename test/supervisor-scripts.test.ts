/** Scripts that do not behave: they hang, ignore TERM, fork, flood, are killed. Nothing is left running, and nothing is told that was not seen. */
import assert from 'node:assert/strict';
import {existsSync, readFileSync, statSync} from 'node:fs';
import {after, test} from 'node:test';
import {verifyJournal} from '../source/operations/journal/journal-verify.ts';
import {
	allProcesses,
	descendantsOf,
	isAlive,
	processesOf,
	processEntry,
	signalProcess,
} from '../source/operations/script/process-tree.ts';
import {writeStop} from '../source/operations/request/request.ts';
import {readLeader} from '../source/operations/script/runner.ts';
import {patient} from './helpers/patience.ts';
import {createStage, shaA, shaB, until} from './helpers/supervised.ts';

const stages: Array<ReturnType<typeof createStage>> = [];
const stage = () => {
	const made = createStage();
	stages.push(made);
	return made;
};
after(() => Promise.all(stages.map(({close}) => close())));

/** Starts the operation and waits until its script has made the file `ready`. */
const running = async (
	it: ReturnType<typeof createStage>,
	script: string,
	over: Parameters<typeof it.plan>[0] = {},
	options: Parameters<typeof it.ask>[1] = {},
) => {
	it.script(`#!/bin/sh\n${over.scriptKind === 'contract' ? '# Contract: deployctl/1\n' : ''}${script}`);
	const plan = it.plan(over);
	const files = it.ask(plan, options);
	const supervisor = it.supervise(files.directory);
	await until('the script is ready', () => it.text('ready') !== null);
	return {
		plan,
		files,
		...supervisor,
		outcome: async () => {
			await supervisor.ended;
			return it.operation(plan.id);
		},
	};
};
const pidIn = (it: ReturnType<typeof createStage>, name: string) => Number(it.text(name));
const stop = {by: 'lee', thenRollBack: false};

test('killed is only the script: its shell tells', async () => {
	const it = stage();
	const {outcome} = await running(it, 'echo $$ >ready; sleep 600');
	await until('it is written', () => pidIn(it, 'ready') > 0);
	process.kill(pidIn(it, 'ready'), 'SIGKILL');
	const operation = await outcome();
	assert.deepEqual([operation?.outcome, operation?.scriptExitCode], ['interrupted', 137]);
});

test('killed is only its shell: the script is waited for, and nobody claims to know how it ended', async () => {
	const it = stage();
	const {plan, files, outcome} = await running(
		it,
		`echo $$ >pid; touch ready; while [ ! -e go ]; do sleep 0.05; done; echo '[{"instance":"web-1","version":"${shaB}","health":true,"because":"","latencyMs":1}]' >live.json; echo last`,
		{},
		{isObservable: true},
	);
	signalProcess(readLeader(files)!, 'SIGKILL');
	await until('its shell is gone', () => !isAlive(readLeader(files)!));
	assert.equal((await it.operation(plan.id))?.outcome, 'running');
	it.script('', '../go');
	const operation = await outcome();
	assert.equal(operation?.outcome, 'interrupted');
	assert.match(operation?.because ?? '', /SIGKILL, but every instance of staging reports bbbbbbb and is healthy/);
	assert.match(readFileSync(files.log, 'utf8'), /last/);
});

test('a script that ignores TERM and hangs is killed with everything below it; a time-out never says that nothing happened', async () => {
	const it = stage();
	it.live(shaA);
	const {plan, outcome} = await running(
		it,
		'trap "" TERM; setsid sh -c "trap \'\' TERM; echo \\$\\$ >child; exec sleep 610" >/dev/null 2>&1 & touch ready; while :; do sleep 1; done',
		{timeoutSeconds: patient(2), graceSeconds: 0.4},
		{isObservable: true},
	);
	const operation = await outcome();
	assert.equal(operation?.outcome, 'interrupted');
	assert.match(operation?.because ?? '', /^Timed out; the script had to be killed; web-1 reports aaaaaaa, healthy/);
	assert.match(operation?.next ?? '', /^verify the state of staging/);
	assert.equal(processEntry(pidIn(it, 'child')), null);
	assert.deepEqual(processesOf(plan.id), []);
	assert.deepEqual(
		(await it.records()).flatMap(record => (record.type === 'signalled' ? [record.signal] : [])),
		['SIGTERM', 'SIGKILL'],
	);
});

test('a daemon that was properly started survives the stop; a child that still writes to the log does not', async () => {
	const it = stage();
	const {files, outcome} = await running(
		it,
		"(setsid sh -c 'echo $$ >daemon; exec sleep 300' </dev/null >/dev/null 2>&1 &) ; (setsid sh -c 'echo $$ >writer; exec sleep 310' &) ; while [ ! -s daemon ] || [ ! -s writer ]; do sleep 0.02; done; trap \"exit 3\" TERM; touch ready; while :; do sleep 0.05; done",
	);
	writeStop(files, stop);
	const operation = await outcome();
	assert.equal(operation?.scriptExitCode, 3);
	assert.notEqual(processEntry(pidIn(it, 'daemon')), null);
	assert.equal(processEntry(pidIn(it, 'writer')), null);
});

test('a child in another session goes with a script that was killed', async () => {
	const it = stage();
	const {files, outcome} = await running(
		it,
		"setsid sh -c 'echo $$ >child; exec sleep 320' </dev/null >/dev/null 2>&1 & while [ ! -s child ]; do sleep 0.02; done; touch ready; wait",
	);
	writeStop(files, stop);
	await outcome();
	assert.equal(processEntry(pidIn(it, 'child')), null);
});

test('SIGHUP, SIGINT and SIGTERM to the supervisor change nothing: the script completes, and how is told', async () => {
	const it = stage();
	const {child, outcome} = await running(it, 'touch ready; while [ ! -e go ]; do sleep 0.02; done; touch done');
	for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) child.kill(signal);
	it.script('', '../go');
	assert.equal((await outcome())?.outcome, 'succeeded');
	assert.notEqual(it.text('done'), null);
});

test("a plan's grace is given: a script that cleans up on TERM ends with its own word", async () => {
	const it = stage();
	const {files, outcome} = await running(
		it,
		'trap "sleep 0.3; printf \'deployctl/1 2026-11-24T00:00:00Z +0.1 end deploy exit=12 result=cancelled live=-\\n\'; exit 12" TERM; touch ready; while :; do sleep 0.05; done',
		{scriptKind: 'contract'},
	);
	writeStop(files, stop);
	const operation = await outcome();
	assert.deepEqual([operation?.outcome, operation?.exitCode], ['failed', 130]);
	assert.deepEqual(operation?.stop?.by, 'lee');
});

test('a flood: the log is whole, the steps are there, memory is bounded', async () => {
	const it = stage();
	const line = "printf 'deployctl/1 2026-11-24T00:00:00Z +0.1 %s\\n'";
	const {files, child, outcome} = await running(
		it,
		`${line} 'begin flood'; touch ready; yes "$(printf 'x%.0s' $(seq 199))" | head -c 20000000; ${line} 'probe flood n=1'; ${line} 'ok flood'; echo; ${line} 'end deploy exit=0 result=deployed live=x'`,
		{scriptKind: 'contract'},
	);
	const peak = () =>
		Number(
			/VmHWM:\s+(\d+)/.exec(
				existsSync(`/proc/${child.pid}/status`) ? readFileSync(`/proc/${child.pid}/status`, 'utf8') : '',
			)?.[1] ?? 0,
		) / 1024;
	let highest = 0;
	await until('it is over', async () => {
		highest = Math.max(highest, peak());
		return child.exitCode !== null;
	});
	const operation = await outcome();
	assert.ok(operation);
	assert.equal(operation.outcome, 'succeeded', operation.because);
	assert.deepEqual(
		operation.steps.map(({name, status}) => [name, status]),
		[['flood', 'passed']],
	);
	assert.ok(statSync(files.log).size > 20_000_000);
	assert.ok(highest > 20 && highest < 200, `${highest} MB`);
});

test('escape sequences and secrets do not get into the journal', async () => {
	const it = stage();
	const say = "printf 'deployctl/1 2026-11-24T00:00:00Z +0.1 %b\\n'";
	it.script(
		`#!/bin/sh\n# Contract: deployctl/1\n${say} 'begin ev\\033[31mil'; ${say} "fail ev\\033[31mil -- \\033]0;title\\007 $MY_TOKEN"; ${say} 'end deploy exit=10 result=failed-before-switch cause=$MY_TOKEN'; ${say} "end deploy exit=10 cause=$MY_TOKEN"; exit 10\n`,
	);
	const {operation} = await it.run(it.plan({scriptKind: 'contract'}), {env: {MY_TOKEN: 'hunter2hunter2'}});
	assert.deepEqual([operation?.outcome, operation?.exitCode], ['failed', 1]);
	const text = readFileSync(it.paths.journal, 'utf8');
	assert.ok(!/hunter2|\\u001b|\\u0007/.test(text), 'neither secrets nor control characters');
	assert.match(text, /evil/);
	assert.equal((await verifyJournal(it.paths)).ok, true);
});

test('what is no program, or is not there, was never started', async () => {
	const it = stage();
	const gone = await it.run(it.plan({directory: `${it.checkout}/absent`}));
	assert.deepEqual([gone.operation?.outcome, gone.operation?.exitCode], ['failed', 1]);
	assert.match(gone.operation?.because ?? '', /was not started/);
});

test('who descends from whom', async () => {
	const own = allProcesses().find(({pid}) => pid === process.pid);
	assert.ok(own);
	assert.equal(isAlive({pid: own.pid, startedAt: 'another time'}), false);
	assert.deepEqual(descendantsOf({pid: own.pid, startedAt: 'another time'}), []);
});
