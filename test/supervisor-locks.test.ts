/** Who may begin: locks of this machine and of all operators, marks and pins, what was confirmed, what is live, room on the disk. */
import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, test} from 'node:test';
import {announcementOf} from '../source/core/operations/announcement.ts';
import type {JournalEvent} from '../source/core/operations/journal.ts';
import type {LockRecord} from '../source/core/locks/lock.ts';
import {createJournal} from '../source/operations/journal/journal.ts';
import {verifyJournal} from '../source/operations/journal/journal-verify.ts';
import {
	isBusy,
	readMachineLock,
	releaseMachineLock,
	renewMachineLock,
	takeMachineLock,
} from '../source/operations/locks/machine-lock.ts';
import {lockPath} from '../source/operations/files/paths.ts';
import {reconcile} from '../source/operations/locks/reconcile.ts';
import {readRefusal} from '../source/operations/request/request.ts';
import {createStage, refA, refB, shaA, shaB, testSupervisorEntry, until} from './helpers/supervised.ts';

const stages: Array<ReturnType<typeof createStage>> = [];
const stage = () => {
	const made = createStage();
	made.script('#!/bin/sh\ntouch ran\n');
	stages.push(made);
	return made;
};
after(() => Promise.all(stages.map(({close}) => close())));

const human: LockRecord = {
	id: 'nonce',
	environment: 'staging',
	kind: 'human',
	operation: null,
	operator: 'lee',
	host: 'desk',
	reason: 'frozen for the audit',
	createdAt: 1,
	leaseUntil: null,
	phase: null,
};

test("the lock of this machine: only its token renews or releases it; a human's never goes stale", async () => {
	const it = stage();
	const lock = {record: human, directory: null};
	assert.deepEqual(await takeMachineLock(it.paths, lock), {ok: true});
	assert.deepEqual(await takeMachineLock(it.paths, lock), {ok: true}, "one's own again");
	const other = await takeMachineLock(it.paths, {record: {...human, id: 'other'}, directory: null});
	assert.equal(!other.ok && other.kind, 'held');
	assert.equal(isBusy(lock), true);
	assert.equal(await renewMachineLock(it.paths, {record: {...human, id: 'other'}, directory: null}), false);
	assert.equal(await releaseMachineLock(it.paths, 'staging', 'other'), false);
	assert.equal(await renewMachineLock(it.paths, {record: {...human, phase: 'x'}, directory: null}), true);
	assert.equal(await releaseMachineLock(it.paths, 'staging', 'nonce'), true);
	assert.deepEqual(readMachineLock(it.paths, 'staging'), {state: 'free'});
	writeFileSync(lockPath(it.paths, 'staging'), 'not a lock');
	assert.equal(readMachineLock(it.paths, 'staging').state, 'ambiguous');
	const unreadable = await takeMachineLock(it.paths, lock);
	assert.equal(!unreadable.ok && unreadable.kind, 'ambiguous');
});

const refusals: ReadonlyArray<
	[
		what: string,
		prepare: (it: ReturnType<typeof createStage>) => Promise<Parameters<ReturnType<typeof createStage>['run']>>,
		exitCode: number,
		because: RegExp,
	]
> = [
	[
		"a human's lock",
		async it => {
			await takeMachineLock(it.paths, {record: human, directory: null});
			return [it.plan()];
		},
		6,
		/locked by lee: frozen for the audit/,
	],
	[
		'an unreadable lock',
		async it => {
			await takeMachineLock(it.paths, {record: human, directory: null});
			writeFileSync(lockPath(it.paths, 'staging'), '{"id": 1}');
			return [it.plan()];
		},
		6,
		/ambiguous/,
	],
	['read-only', async it => [it.plan(), {settings: {...it.settings(false), readOnly: true}}], 3, /readOnly/],
	[
		'another phrase',
		async it => [it.plan({phrase: 'production bbbbbbb'}), {confirmation: {phrase: 'production aaaaaaa'}}],
		3,
		/phrase/,
	],
	['no phrase', async it => [it.plan({phrase: 'production bbbbbbb'})], 3, /phrase/],
	['a plan that was not shown', async it => [it.plan({hash: 'another'})], 3, /not the one that was shown/],
	['a script of another kind', async it => [it.plan({scriptKind: 'contract'})], 3, /another kind/],
	[
		'production without evidence',
		async it => [it.plan({environment: 'production'}), {env: {TEST_UNPROVEN: '1'}}],
		3,
		/E2E turned red/,
	],
	[
		'a blocked plan',
		async it => [it.plan({blocked: {because: 'no evidence', next: 'x', exitCode: 3}})],
		3,
		/no evidence/,
	],
	[
		'a pinned release',
		async it => {
			await createJournal(it.paths, () => 1).append([
				{
					type: 'pinned',
					operation: null,
					environment: 'staging',
					release: shaB,
					sha: shaB,
					by: 'lee',
					because: 'it was rolled back',
				},
			]);
			return [it.plan()];
		},
		3,
		/pinned out of staging: it was rolled back \(lee\)/,
	],
	[
		'a target that is marked bad',
		async it => {
			await createJournal(it.paths, () => 1).append([
				{
					type: 'marked-bad',
					operation: null,
					environment: 'staging',
					release: shaA,
					sha: shaA,
					by: 'lee',
					because: 'errors',
				},
			]);
			return [it.plan({kind: 'rollback', from: refB, to: refA})];
		},
		3,
		/marked bad: errors/,
	],
	[
		'another version than in the plan',
		async it => {
			it.live('c'.repeat(40));
			return [
				it.plan({
					observation: {
						environment: 'staging',
						readAt: 1,
						instances: [{instance: 'web-1', version: shaA, health: true, because: '', latencyMs: 1}],
					},
				}),
				{isObservable: true},
			];
		},
		3,
		/runs c+ now, and ran a+ when the plan was made/,
	],
];
for (const [what, prepare, exitCode, because] of refusals) {
	test(`refused, and nothing runs: ${what}`, async () => {
		const it = stage();
		const {operation, files} = await it.run(...(await prepare(it)));
		assert.equal(it.text('ran'), null);
		const refusal = readRefusal(files);
		assert.deepEqual(refusal?.exitCode, exitCode);
		assert.match(refusal?.because ?? '', because);
		if (operation !== undefined) assert.deepEqual([operation.outcome, operation.exitCode], ['failed', exitCode]);
		assert.notEqual(readMachineLock(it.paths, 'staging').state === 'held' && what !== "a human's lock", true);
	});
}

const withRemote = () => {
	const it = stage();
	const remote = join(it.root, 'remote');
	mkdirSync(remote);
	return {it, remote, env: {TEST_REMOTE: remote}, lock: join(remote, 'staging.lock')};
};
const lockedBy = async (it: ReturnType<typeof createStage>) =>
	(await it.records()).flatMap((record: JournalEvent) => (record.type === 'locked' ? [record.remote] : []));

test('the lock of all operators is taken, and given back', async () => {
	const {it, env, lock} = withRemote();
	const {operation} = await it.run(it.plan(), {env});
	assert.equal(operation?.outcome, 'succeeded');
	assert.deepEqual(await lockedBy(it), ['taken']);
	assert.equal(existsSync(lock), false);
});

test('held by somebody on another machine: refused with 6, theirs stays', async () => {
	const {it, env, lock} = withRemote();
	writeFileSync(lock, JSON.stringify({...human, operator: 'mia'}));
	const {operation, files} = await it.run(it.plan(), {env});
	assert.deepEqual([operation?.outcome, operation?.exitCode, it.text('ran')], ['failed', 6, null]);
	assert.match(readRefusal(files)?.because ?? '', /held by mia/);
	assert.equal(existsSync(lock), true);
	assert.deepEqual(readMachineLock(it.paths, 'staging'), {state: 'free'});
});

test('a rollback goes past the very lock that was shown, which stays: recorded; past no other one', async () => {
	const {it, env, lock} = withRemote();
	it.live(shaB);
	it.script(`#!/bin/sh\nsed -i 's/${shaB}/${shaA}/' live.json\n`);
	const forged = {...human, id: 'forged', operator: 'cto', kind: 'operation' as const, reason: 'promoting'};
	writeFileSync(lock, JSON.stringify(forged));
	const back = {kind: 'rollback' as const, from: refB, to: refA};
	const past = {lock: 'forged', holder: 'cto (GitHub: mallory)'};
	const blocked = await it.run(it.plan(back), {env, isObservable: true});
	assert.deepEqual([blocked.operation?.outcome, blocked.operation?.exitCode], ['failed', 6]);
	const other = await it.run(it.plan({...back, passedLock: {...past, lock: 'another'}}), {env, isObservable: true});
	assert.deepEqual(
		[other.operation?.outcome, other.operation?.exitCode],
		['failed', 6],
		'it is another lock than was shown',
	);
	const deploy = await it.run(it.plan({passedLock: past}), {env});
	assert.deepEqual([deploy.operation?.outcome, deploy.operation?.exitCode], ['failed', 6], 'nothing but a rollback');
	const done = await it.run(it.plan({...back, passedLock: past}), {env, isObservable: true});
	assert.deepEqual([done.operation?.outcome, done.operation?.passedLock], ['succeeded', past]);
	assert.deepEqual((await lockedBy(it)).slice(-1), ['passed']);
	assert.equal(existsSync(lock), true, 'it is passed, never lifted');
	assert.deepEqual(readMachineLock(it.paths, 'staging'), {state: 'free'});
	assert.match(
		announcementOf(done.operation!, null)?.text ?? '',
		/It goes past the lock of cto \(GitHub: mallory\), which stays/,
	);
});

test('GitHub out of reach: a deployment is refused with 5, a rollback goes on and marks what it left', async () => {
	const {it, remote, env} = withRemote();
	writeFileSync(join(remote, 'unreachable'), '');
	const deploy = await it.run(it.plan(), {env});
	assert.deepEqual([deploy.operation?.exitCode, it.text('ran')], [5, null]);
	it.live(shaB);
	it.script(`#!/bin/sh\nsed -i 's/${shaB}/${shaA}/' live.json\n`);
	const rollback = await it.run(it.plan({kind: 'rollback', from: refB, to: refA}), {env, isObservable: true});
	assert.deepEqual([rollback.operation?.outcome, rollback.operation?.isLockedRemotely], ['succeeded', false]);
	const marks = (await it.records()).flatMap(record =>
		record.type === 'marked-bad' || record.type === 'pinned' ? [[record.type, record.release, record.by]] : [],
	);
	assert.deepEqual(marks, [
		['marked-bad', shaB, 'kim'],
		['pinned', shaB, 'kim'],
	]);
});

test('a supervisor that dies leaves its lock on GitHub to whoever settles it, also when that takes two attempts', async () => {
	const {it, remote, env, lock} = withRemote();
	const plan = it.plan();
	const files = it.ask(plan);
	await it.supervise(files.directory, {env: {...env, TEST_DIE: 'before:locked'}}).ended;
	assert.equal(existsSync(lock), true, 'taken, and not even written down');
	writeFileSync(join(remote, 'unreachable'), '');
	const supervisor = {command: it.command(testSupervisorEntry), env: {...process.env, ...env}};
	await reconcile(it.paths, supervisor);
	await until('it is unlocked here', async () => (await it.types(plan.id)).includes('unlocked'));
	assert.equal(existsSync(lock), true);
	assert.deepEqual([(await it.operation(plan.id))?.outcome, it.text('ran')], ['failed', null]);
	rmSync(join(remote, 'unreachable'));
	await it.supervise(files.directory, {env, flags: ['--resume']}).ended;
	assert.equal(existsSync(lock), false);
	assert.equal((await it.types(plan.id)).filter(type => type === 'finished').length, 1);
});

test('what an operation of this machine still owes to GitHub is given back by the next one', async () => {
	const {it, remote, env, lock} = withRemote();
	it.script(`#!/bin/sh\n: >'${join(remote, 'unreachable')}'\n`);
	const first = await it.run(it.plan(), {env});
	assert.deepEqual([first.operation?.outcome, existsSync(lock)], ['succeeded', true]);
	rmSync(join(remote, 'unreachable'));
	it.script('#!/bin/sh\ntrue\n');
	assert.equal((await it.run(it.plan(), {env})).operation?.outcome, 'succeeded');
	assert.equal(existsSync(lock), false);
});

test('one that is over and still gives its locks back is waited for', async () => {
	const it = stage();
	const plan = it.plan();
	const first = it.supervise(it.ask(plan).directory, {env: {TEST_SLOW: '500'}});
	await until('it is over', async () => (await it.types(plan.id)).includes('finished'));
	assert.equal((await it.run(it.plan())).operation?.outcome, 'succeeded');
	await first.ended;
});

test('stop and roll back: one action, never both at once', async () => {
	const it = stage();
	it.live(shaB);
	it.script('#!/bin/sh\ntrap "" TERM\ntouch ready\nwhile :; do sleep 0.05; [ -e back ] && touch overlap; done\n');
	const deploy = it.plan({graceSeconds: 0.3});
	const first = it.ask(deploy, {isObservable: true});
	const supervisor = it.supervise(first.directory);
	await until('the script is ready', () => it.text('ready') !== null);
	it.script(`#!/bin/sh\ntouch back; sleep 0.2; sed -i 's/${shaB}/${shaA}/' live.json\n`, 'rollback.sh');
	const plan = it.plan({
		kind: 'rollback',
		from: refB,
		to: refA,
		stopping: deploy.id,
		command: ['scripts/rollback.sh'],
		graceSeconds: 0.3,
	});
	const {operation} = await it.run(plan, {isObservable: true});
	await supervisor.ended;
	assert.deepEqual(operation?.outcome, 'succeeded', String(operation?.because));
	assert.equal(it.text('overlap'), null);
	const stopped = await it.operation(deploy.id);
	assert.deepEqual([stopped?.outcome, stopped?.stop?.by, stopped?.stop?.thenRollBack], ['interrupted', 'kim', true]);
	const types = (await it.records()).flatMap(record =>
		'operation' in record && record.operation !== null
			? [`${record.type} ${record.operation === plan.id ? 'rollback' : 'deploy'}`]
			: [],
	);
	assert.ok(types.indexOf('unlocked deploy') < types.indexOf('locked rollback'), types.join(', '));
});

test("stop and roll back, though the deployment's supervisor is dead", async () => {
	const it = stage();
	it.script('#!/bin/sh\ntouch ready\nsleep 600\n');
	const deploy = it.plan();
	const first = it.ask(deploy);
	const supervisor = it.supervise(first.directory);
	await until('the script is ready', () => it.text('ready') !== null);
	supervisor.child.kill('SIGKILL');
	await supervisor.ended;
	it.script('#!/bin/sh\ntrue\n', 'rollback.sh');
	const {operation} = await it.run(
		it.plan({kind: 'rollback', from: refB, to: refA, stopping: deploy.id, command: ['scripts/rollback.sh']}),
	);
	assert.deepEqual(operation?.outcome, 'succeeded', String(operation?.because));
	assert.equal((await it.operation(deploy.id))?.outcome, 'interrupted');
});

test('the next one settles a dead operation before it begins; one whose script lives keeps the environment', async () => {
	const it = stage();
	it.script('#!/bin/sh\ntouch ready; while [ ! -e go ]; do sleep 0.02; done\n');
	const plan = it.plan();
	const supervisor = it.supervise(it.ask(plan).directory);
	await until('the script is ready', () => it.text('ready') !== null);
	supervisor.child.kill('SIGKILL');
	await supervisor.ended;
	const busy = await it.run(it.plan());
	assert.equal(busy.operation, undefined);
	assert.match(readRefusal(busy.files)?.because ?? '', /in use by kim/);
	it.script('', '../go');
	await until('its script is over', () => existsSync(join(it.paths.operations, plan.id, 'exit')));
	const next = await it.run(it.plan());
	assert.equal(next.operation?.outcome, 'succeeded');
	assert.equal((await it.operation(plan.id))?.outcome, 'succeeded');
});

const needsRoot = {
	skip:
		process.getuid?.() !== 0 || spawnSync('mount', ['--version']).status !== 0
			? 'needs root, to mount a small disk'
			: false,
};

/** A stage whose state lies on a disk of 256 KiB, which `fill` fills to the last byte. */
const onSmallDisk = async (
	act: (it: ReturnType<typeof createStage>, fill: () => void, empty: () => void) => Promise<void>,
) => {
	const disk = mkdtempSync(join(tmpdir(), 'small-disk-'));
	execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]);
	const it = createStage(join(disk, 'state'));
	try {
		const ballast = join(disk, 'ballast');
		await act(
			it,
			() =>
				assert.throws(
					() => {
						for (;;) appendFileSync(ballast, Buffer.alloc(4096));
					},
					{code: 'ENOSPC'},
				),
			() => rmSync(ballast),
		);
	} finally {
		await it.close();
		execFileSync('umount', [disk]);
		rmSync(disk, {recursive: true});
	}
};

test('disk full: no journal, no action; with room again it works', needsRoot, () =>
	onSmallDisk(async (it, fill, empty) => {
		it.script('#!/bin/sh\ntouch ran\n');
		const files = it.ask(it.plan());
		fill();
		const {said, code} = await it.supervise(files.directory).ended;
		assert.deepEqual([code, it.text('ran')], [1, null], said);
		assert.match(said, /No journal, no action/);
		empty();
		const {operation} = await it.run(it.plan());
		assert.equal(operation?.outcome, 'succeeded');
	}),
);

test('disk full while the script runs: it goes on, and its end is told when there is room again', needsRoot, () =>
	onSmallDisk(async (it, fill, empty) => {
		it.script('#!/bin/sh\ntouch ready; while [ ! -e go ]; do sleep 0.02; done; touch done\n');
		const plan = it.plan();
		const {ended} = it.supervise(it.ask(plan).directory);
		await until(
			'the script is ready',
			async () => it.text('ready') !== null && (await it.types(plan.id)).includes('spawned'),
		);
		fill();
		it.script('', '../go');
		await until('the script is done', () => it.text('done') !== null);
		empty();
		await ended;
		assert.equal((await it.operation(plan.id))?.outcome, 'succeeded');
		assert.deepEqual(readMachineLock(it.paths, 'staging'), {state: 'free'});
		assert.equal((await verifyJournal(it.paths)).ok, true);
	}),
);
