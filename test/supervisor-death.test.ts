/** kill -9 of the supervisor, or of it and the script, before and after every record of the journal: one outcome, a free lock, a whole chain, the truth. */
import assert from 'node:assert/strict';
import {existsSync, rmSync} from 'node:fs';
import {after, test} from 'node:test';
import {verifyJournal} from '../source/operations/journal/journal-verify.ts';
import {readMachineLock} from '../source/operations/locks/machine-lock.ts';
import {operationPaths} from '../source/operations/files/paths.ts';
import {processesOf, signalProcess} from '../source/operations/script/process-tree.ts';
import {reconcile} from '../source/operations/locks/reconcile.ts';
import {createStage, shaA, shaB, testSupervisorEntry, until} from './helpers/supervised.ts';

const stages: Array<ReturnType<typeof createStage>> = [];
after(() => Promise.all(stages.map(({close}) => close())));

const reading = (version: string) =>
	JSON.stringify([{instance: 'web-1', version, health: true, because: '', latencyMs: 1}]);
/** Leaves traces of what it really did: `began`, the switch in `live.json`, `done`. */
const script = `#!/bin/sh
# Contract: deployctl/1
say() { printf 'deployctl/1 2026-11-24T00:00:00Z +0.100 %s\\n' "$*"; }
echo x >>began
say begin upload; sleep 0.1; say ok upload
say begin switch; echo '${reading(shaB)}' >live.new; mv live.new live.json; sleep 0.1; say ok switch
echo x >>done
say end deploy exit=0 result=deployed live=${shaB}
`;

const types = [
	'requested',
	'locked',
	'observed-before',
	'starting',
	'spawned',
	'step-began',
	'script-ended',
	'observed-after',
	'finished',
	'unlocked',
];
const deaths = types
	.flatMap(type => [`before:${type}`, `after:${type}`])
	.flatMap(moment => [
		{moment, killsScript: false},
		...(/starting|spawned|step|ended/.test(moment) ? [{moment, killsScript: true}] : []),
	]);

const settle = async (it: ReturnType<typeof createStage>) =>
	reconcile(it.paths, {command: it.command(testSupervisorEntry), env: process.env});

/** What the files say happened, and what may be told of it. */
const assertTruth = async (it: ReturnType<typeof createStage>, id: string, moment: string) => {
	const [began, isSwitched, isDone] = [
		it.text('began'),
		it.text('live.json') === `${reading(shaB)}\n`,
		it.text('done') !== null,
	];
	const operation = await it.operation(id);
	assert.ok(began === null || began === 'x\n', 'the script ran once at most');
	if (operation === undefined) {
		assert.equal(moment, 'before:requested');
		assert.equal(began, null);
		return;
	}
	// Killed between the shell's start and the script's first line, nobody can tell; without the shell's word it certainly never ran.
	const isUncertain = began === null && existsSync(operationPaths(it.paths, id).pid);
	assert.equal(
		operation.outcome,
		isDone ? 'succeeded' : began === null && !isUncertain ? 'failed' : 'interrupted',
		operation.because,
	);
	if (operation.outcome === 'failed') assert.equal(isSwitched, false);
	assert.equal((await it.types(id)).filter(type => type === 'finished').length, 1, 'one outcome');
};

const dieAndSettle = async ({moment, killsScript}: (typeof deaths)[number]) => {
	const it = createStage();
	stages.push(it);
	it.live(shaA);
	it.script(script);
	const plan = it.plan({scriptKind: 'contract'});
	const files = it.ask(plan, {isObservable: true});
	const {signal, code, said} = await it.supervise(files.directory, {env: {TEST_DIE: moment}}).ended;
	assert.equal(signal, 'SIGKILL', `it died where it was told to, not with ${code}: ${said}`);
	if (killsScript) {
		await until('nothing of the script runs', () => {
			const left = processesOf(plan.id);
			for (const identity of left) signalProcess(identity, 'SIGKILL');
			return left.length === 0;
		});
	}
	// Several at once, as when screen and commands look at the same time; and once more, which changes nothing.
	await Promise.all([settle(it), settle(it)]);
	await until('it is settled', async () => {
		const known = await it.types(plan.id);
		return known.length === 0 || (known.includes('finished') && known.includes('unlocked'));
	});
	const count = (await it.records()).length;
	await settle(it);
	assert.equal((await it.records()).length, count, 'settling again changes nothing');
	await assertTruth(it, plan.id, moment);
	assert.deepEqual(await verifyJournal(it.paths).then(({ok}) => ok), true);
	// Of an operation that is in no journal the lock is freed by whoever comes next.
	const next = it.plan();
	it.script('#!/bin/sh\ntrue\n');
	if (moment === 'before:requested') assert.equal((await it.run(next)).operation?.outcome, 'succeeded');
	assert.deepEqual(readMachineLock(it.paths, 'staging'), {state: 'free'});
	rmSync(files.directory, {recursive: true});
};

// A few at a time: each case is mostly waiting for processes to start.
test('deaths', {concurrency: 4}, async context => {
	await Promise.all(
		deaths.map(death =>
			context.test(`${death.moment}${death.killsScript ? ', and the script' : ''}`, () => dieAndSettle(death)),
		),
	);
});
