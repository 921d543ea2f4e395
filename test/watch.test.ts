/** `watch` in virtual time: what it prints, and with which code it ends. */
import assert from 'node:assert/strict';
import {test, type TestContext} from 'node:test';
import {runWatch, type WatchOptions} from '../source/commands/look/watch.ts';
import {defaultPreferences} from '../source/core/settings/preferences.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {Failure} from '../source/errors.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {startSimulator} from '../source/simulator/server.ts';
import {simulatedWorld} from './helpers/app.ts';
import {type VirtualClock, virtualClock} from './helpers/virtual-clock.ts';

type Ended = {code: number | null; failure: unknown; out: string; err: string; minutes: number};

/** Watches until the end, or for so many minutes. */
const watch = async (
	t: TestContext,
	name: string,
	options: Partial<WatchOptions>,
	{startMinutes = 0, minutes = 60, prepare = (_: Awaited<ReturnType<typeof startSimulator>>, __: number) => {}} = {},
): Promise<Ended> => {
	const scenario = scenarioNamed(name);
	let clock!: VirtualClock;
	const simulator = await startSimulator({scenario, clock: {now: () => clock.now()}});
	const {world, repository} = simulatedWorld(
		simulator,
		scenario,
		{},
		settled => (clock = virtualClock(Date.parse(scenario.startsAt), settled)),
	);
	t.after(() => simulator.close());
	await clock.advance(startMinutes * 60_000);
	prepare(simulator, clock.now());
	const ended: Ended = {code: null, failure: null, out: '', err: '', minutes: 0};
	const stop = new AbortController();
	t.after(() => stop.abort());
	const beginning = {
		repository,
		settings: {...defaultSettings, branches: scenario.branches},
		preferences: defaultPreferences,
		demo: null,
		readOnly: true,
		columns: 80,
		rows: 24,
		now: clock.now(),
		wallNow: clock.now(),
	};
	const finished = runWatch(
		world,
		beginning,
		{until: null, sha: null, timeoutSeconds: null, ...options},
		{
			write: text => {
				ended.out += text;
			},
			error: text => {
				ended.err += text;
			},
		},
		stop.signal,
	).then(
		code => {
			ended.code = code;
		},
		(failure: unknown) => {
			ended.failure = failure;
		},
	);
	while (ended.code === null && ended.failure === null && ended.minutes < minutes) {
		await clock.advance(60_000);
		ended.minutes++;
	}
	stop.abort();
	await finished;
	return ended;
};

test('until e2e: 0 when it passed, with every step of the way in order', async t => {
	const {code, out, err} = await watch(t, 'release', {until: 'e2e'});
	assert.equal(code, 0);
	assert.match(out, /fast {8}passed[\s\S]*deploy {6}passed[\s\S]*e2e {9}running[\s\S]*e2e {9}passed/);
	assert.equal(err, '');
});

test('until e2e: 1 when it failed, and when it cannot come any more', async t => {
	assert.equal((await watch(t, 'red-e2e', {until: 'e2e'})).code, 1);
	assert.equal((await watch(t, 'fast-fails', {until: 'e2e'})).code, 1);
	assert.equal((await watch(t, 'deploy-fails', {until: 'e2e'})).code, 1);
});

test('a run that only the time connects with the commit is no proof: 7', async t => {
	assert.equal((await watch(t, 'chained', {until: 'e2e'})).code, 7);
});

test('faults are told on the side and survived', async t => {
	const {code, err} = await watch(
		t,
		'release',
		{until: 'deploy'},
		{
			prepare: (simulator, now) => {
				simulator.faults.during(now + 60_000, now + 120_000, {kind: 'bad-gateway-html'});
			},
		},
	);
	assert.equal(code, 0);
	assert.equal(err.match(/Trying again/g)?.length, 1);
	assert.equal(err.match(/answers again/g)?.length, 1);
});

test('an unknown commit is waited for after a push, but not for ever; an ambiguous one not at all', async t => {
	const unknown = await watch(t, 'quiet', {sha: 'fffffff', until: 'e2e'});
	assert.ok(unknown.failure instanceof Failure && unknown.failure.exitCode === 2);
	assert.ok(unknown.minutes >= 2 && unknown.minutes <= 4, `${unknown.minutes} minutes`);
});

test('a bad token ends it at once with 4', async t => {
	const {failure} = await watch(
		t,
		'quiet',
		{until: 'e2e'},
		{prepare: (simulator, now) => simulator.faults.during(now, now + 3_600_000, {kind: 'unauthorised'})},
	);
	assert.ok(failure instanceof Failure && failure.exitCode === 4);
});

test('a time-out ends it with 1, an interruption with 130', async t => {
	assert.equal((await watch(t, 'approval', {until: 'e2e', timeoutSeconds: 300})).code, 1);
	assert.equal((await watch(t, 'approval', {until: 'e2e'}, {minutes: 3})).code, 130);
});

test("the demo's play ends also where somebody would have to do something", async t => {
	for (const scenario of ['approval', 'empty', 'quiet']) {
		const {code, minutes} = await watch(t, scenario, {untilReleased: true});
		assert.equal(code, 0, scenario);
		assert.ok(minutes < 30, `${scenario}: ${minutes} minutes`);
	}
});
