/** What generated histories have found, one by one; and the question of the workflow that deploys. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {LockState} from '../source/core/locks/lock.ts';
import type {Condition} from '../source/core/pipeline/pipeline.ts';
import type {Judged} from '../source/operations/judge/judge.ts';
import type {Refusal} from '../source/world.ts';
import type {Look} from './helpers/gate-model-arbitraries.ts';
import {gateModel} from './helpers/gate-model.ts';
import type {Happening, Way} from './helpers/gate-model-happenings.ts';

const at = (what: Look['what'], afterSeconds = 0): Look => ({
	what,
	afterSeconds,
	hotfix: false,
	paceMs: 0,
	fault: null,
});
const push = (plan = {}, names: number | null = null): Happening => ({does: 'push', commits: 1, plan, names});
const unmet = (judged: Judged | Refusal): readonly string[] => {
	assert.ok(judged.ok, judged.ok ? '' : judged.because);
	return judged.candidate.gate.conditions
		.filter(({met}: Condition) => met !== true)
		.map(({id, because}) => `${id}: ${because.replaceAll(/\b[0-9a-f]{7}\b/g, 'X').replaceAll(/\d{8,}/g, 'N')}`);
};
const untilAllIsOver = 1200;

test('a headline with the SHA of another commit in it gives that one no tests, and takes none away', async () => {
	const model = gateModel();
	model.step({afterSeconds: 0, happening: push({outcomes: {lint: 'failure'}})});
	model.step({afterSeconds: untilAllIsOver, happening: push({}, 0)});
	assert.deepEqual(unmet((await model.look(at(0, untilAllIsOver))).judged), [], 'the revert');
	assert.match(unmet((await model.look(at(1))).judged)[0]!, /^fast-green: Fast tests failed/, 'what was reverted');
});

test('whoever points at the fast tests of a commit does not take them away from it', async () => {
	const model = gateModel();
	model.step({
		afterSeconds: 0,
		happening: {
			does: 'forged deployment',
			filedOn: 1,
			says: 1,
			target: {tier: 'fast', commit: 0},
			state: 'failure',
		},
	});
	model.step({
		afterSeconds: 0,
		happening: {
			does: 'forged status',
			on: 1,
			tier: 'fast',
			target: {tier: 'fast', commit: 0},
			state: 'success',
			by: 'workflow',
		},
	});
	assert.deepEqual(unmet((await model.look(at(0))).judged), []);
});

test('a newer run that skipped all of its jobs makes a green one void', async () => {
	const model = gateModel();
	model.step({
		afterSeconds: 0,
		happening: {does: 'dispatch', run: {tier: 'smoke', commit: 0}, plan: {outcomes: {smoke: 'skipped'}}},
	});
	assert.deepEqual(unmet((await model.look(at(0, 60))).judged), ['smoke-green: Smoke skipped (run N)']);
});

test("a commit whose runs GitHub's lists do not reach any more is judged by the runs that it points to", async () => {
	const model = gateModel();
	model.step({afterSeconds: 0, happening: push()});
	// The deployment and E2E of the first one sit here, on what was the head when they began; every later one has its own.
	model.step({afterSeconds: 60, happening: push({outcomes: {lint: 'failure'}})});
	for (let each = 0; each < 14; each++)
		model.step({afterSeconds: each === 0 ? untilAllIsOver : 240, happening: push()});
	assert.deepEqual(unmet((await model.look(at(15))).judged), []);
});

for (const isSilent of [false, true]) {
	test(`many deployments later, ${isSilent ? 'nobody knows any more what came to staging during E2E' : "staging's own word still counts"}`, async () => {
		const model = gateModel({isSilent});
		const pushes = (count: number, everySeconds: number) => {
			for (let each = 0; each < count; each++) model.step({afterSeconds: everySeconds, happening: push()});
		};
		// The second one comes to staging while E2E looks at the first.
		pushes(2, 240);
		pushes(7, 240);
		assert.match(
			unmet((await model.look(at(8, 900))).judged)[0]!,
			isSilent ? /too many came to staging/ : /staging reported X when E2E ended/,
		);
		// Nothing came between for this one, and that was long ago, too.
		assert.deepEqual(
			unmet((await model.look(at(9))).judged),
			isSilent ? ['staged: Deployment: too many came to staging since for all of them to be read'] : [],
		);
	});
}

test('deployments that an error took out of the answer are not none: nothing is judged without them, but a hotfix', async () => {
	const model = gateModel({isSilent: true});
	for (const afterSeconds of [0, 240]) model.step({afterSeconds, happening: push()});
	const torn = {...at(1, untilAllIsOver), fault: {kind: 'partial', path: ['repository', 'onStaging']}} as const;
	const {judged} = await model.look(torn);
	assert.ok(!judged.ok);
	assert.match(
		judged.because,
		/^the evidence could not be read: GitHub left out the deployments \(GitHub gave up while answering/,
	);
	assert.equal(judged.exitCode, 5);
	assert.match(
		unmet((await model.look(at(1))).judged)[0]!,
		/^staged: Deployment: staging ran X while E2E ran$/,
		'what was left out',
	);
	model.step({afterSeconds: 0, happening: {does: 'branch', from: 'main', commits: 1, plan: {}}});
	assert.deepEqual(unmet((await model.look({...torn, what: 'branch', hotfix: true, afterSeconds: 300})).judged), []);
});

test('a commit whose files production has already, by a squash, goes there no second time', async () => {
	const model = gateModel({way: 'squash'});
	model.step({afterSeconds: 0, happening: {does: 'promote', commit: 'promotable'}});
	assert.deepEqual(unmet((await model.look(at(1))).judged), ['fast-forward: main already has the content of X']);
	model.step({afterSeconds: 0, happening: push()});
	assert.deepEqual(unmet((await model.look(at(0, untilAllIsOver))).judged), [], 'the next one goes on top');
});

for (const offSeconds of [0, 600, -600]) {
	test(`a clock of the operator that is ${offSeconds / 60} min off neither ages evidence nor ends a freeze`, async () => {
		// E2E ended some minutes after 8:50, and counts for an hour and a quarter.
		const model = gateModel({
			offSeconds,
			freeze: [{from: '2026-11-23T09:30', until: '2026-11-23T10:00', timezone: 'UTC', reason: 'audit'}],
		});
		const minutes = async (count: number) =>
			unmet((await model.look(at(0, count * 60))).judged).map(text => text.split(':')[0]!);
		assert.deepEqual(
			[await minutes(28), await minutes(4), await minutes(26), await minutes(4), await minutes(10)],
			[[], ['not-frozen'], ['not-frozen'], [], ['e2e-green']],
		);
	});
}

const lockFor = (sha: string | null, over: {kind?: 'human'; isStale?: boolean} = {}): LockState => ({
	state: 'held',
	where: 'github',
	silentSeconds: null,
	isStale: over.isStale ?? false,
	lock: {
		id: 'n1',
		environment: 'production',
		kind: over.kind ?? 'operation',
		operation: 'op1',
		operator: 'ann',
		host: 'laptop',
		reason: 'promotes',
		createdAt: 0,
		leaseUntil: null,
		phase: null,
		promotion: sha === null ? null : {sha, hotfix: null, breakGlass: null, passed: []},
	},
});

for (const way of ['fast-forward', 'merge', 'squash'] satisfies Way[]) {
	test(`landed (${way}): open for the commit with its evidence, and for the lock of its own promotion alone`, async () => {
		const model = gateModel({way});
		const {state} = model.simulation;
		const sha = model.simulation.sha('third');
		model.step({afterSeconds: 0, happening: {does: 'promote', commit: 'promotable'}});
		const landed = state.refs.get('refs/heads/main')!;
		const ask = (lock?: LockState) => model.ask({sha: landed, hotfix: null, isLanded: true}, lock);
		assert.deepEqual(unmet(await ask(lockFor(sha))), []);
		for (const lock of [
			lockFor(sha, {kind: 'human'}),
			lockFor(sha, {isStale: true}),
			lockFor(model.simulation.sha('second')),
			lockFor(null),
		])
			assert.ok(unmet(await ask(lock)).some(text => text.startsWith('unlocked: ')));
		// Only the lock tells what a squash was made of.
		assert.equal(unmet(await ask()).length === 0, way !== 'squash');
		model.step({
			afterSeconds: 0,
			happening: {does: 'rerun', run: {tier: 'e2e', commit: way === 'fast-forward' ? 0 : 1}, which: 'all'},
		});
		assert.ok(
			unmet(await ask(lockFor(sha))).some(text => text.startsWith('e2e-green: ')),
			'evidence that was true before',
		);
		model.step({afterSeconds: untilAllIsOver, happening: {does: 'hotfix'}});
		assert.deepEqual(
			unmet(await ask(lockFor(sha))).filter(text => text.startsWith('fast-forward: ')),
			['fast-forward: main is at X, not at X'],
		);
	});
}
