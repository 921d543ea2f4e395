/** E2E test by test on the screen, over the simulator in virtual time: how soon, at what cost, and by which keys. */
import assert from 'node:assert/strict';
import {test, type TestContext} from 'node:test';
import {runWatch} from '../source/commands/look/watch.ts';
import {parseShardContext, parseShardWord} from '../source/core/tests/progress.ts';
import {defaultPreferences} from '../source/core/settings/preferences.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {startSimulator} from '../source/simulator/server.ts';
import {linearLines} from '../source/ui/linear/linear.ts';
import {type AppOptions, openApp, simulatedWorld} from './helpers/app.ts';
import {type VirtualClock, virtualClock} from './helpers/virtual-clock.ts';

const openAt = async (t: TestContext, options: AppOptions, seconds = 5) => {
	const app = await openApp(options, t);
	await app.settled();
	await app.advance(seconds * 1000);
	return app;
};
type App = Awaited<ReturnType<typeof openAt>>;

/** What every shard has told, by the simulator's own record. */
const told = (app: App) =>
	[...app.simulator.simulation.state.statuses.values()].flat().flatMap(({context, description, createdAt, sha}) => {
		const word = parseShardContext('e2e-staging.yml', context) ? parseShardWord(description) : null;
		return word ? [{...word, at: createdAt, sha}] : [];
	});

test('a failing test is on the screen, by its name, within three seconds of its status', async t => {
	const app = await openAt(t, {scenario: 'red-e2e', startMinutes: 0, preferences: {motion: 'reduced'}}, 1);
	const begin = app.clock.now();
	await app.press('t');
	const late: number[] = [];
	const seen = new Set<string>();
	for (let second = 0; second < 270; second++) {
		await app.advance(1000);
		const {sha} = app.state().snapshot!.candidates[0]!;
		const known = app
			.state()
			.tests.known.flatMap(run => [...run.live, ...run.results.flatMap(({failed}) => failed)]);
		for (const {failure, at} of told(app).filter(
			word => word.failure !== null && word.sha === sha && word.at > begin,
		)) {
			const key = failure!.title;
			if (seen.has(key) || !known.some(({title}) => title === key)) continue;
			seen.add(key);
			late.push((app.clock.now() - at) / 1000);
		}
	}
	assert.ok(seen.size >= 4, `${seen.size} failures were seen`);
	assert.ok(Math.max(...late) <= 3, `seconds until known: ${late.join(', ')}`);
	assert.match(app.screen(), /e2e\/preview\.spec\.ts:22 › preview › shows the newest text/);
	t.diagnostic(`seconds from the status to the screen, seen once a second: ${late.join(', ')}`);
});

test('it costs the poller nothing: as many questions and points as without', async t => {
	const measured = async (isRead: boolean) => {
		const app = await openAt(t, {scenario: 'red-e2e', startMinutes: 2, preferences: {motion: 'reduced'}}, 1);
		if (isRead) await app.press('t');
		const before = app.questions.length;
		await app.advance(90_000);
		const {limit, remaining} = app.state().snapshot!.rateLimit!;
		return {questions: app.questions.length - before, points: limit - remaining};
	};
	const [without, read] = [await measured(false), await measured(true)];
	assert.ok(
		Math.abs(read.questions - without.questions) <= 2 && Math.abs(read.points - without.points) <= 2,
		JSON.stringify({without, read}),
	);
});

test('t shows the tests, keys move among what fails, enter wants the log, y copies, o opens the line', async t => {
	const app = await openAt(t, {scenario: 'red-e2e', startMinutes: 20});
	await app.press('t');
	await app.advance(3000);
	assert.match(app.screen(), /E2E tests ✖ failed {2}120\/120, 5 failed/);
	assert.match(app.screen(), /▸ ✖ e2e\/preview\.spec\.ts:22/);
	await app.press('j');
	assert.match(app.screen(), /▸ ✖ e2e\/import\.spec\.ts:48/);
	await app.press('G');
	assert.match(app.screen(), /▸ ✖ e2e\/search\.spec\.ts:48/);
	await app.press('n');
	assert.match(app.screen(), /▸ ✖ e2e\/preview\.spec\.ts:22/, 'n goes round');
	await app.press('N', 'y', 'o');
	const sha = app.state().snapshot!.candidates[0]!.sha;
	assert.deepEqual(app.asked.slice(-2), [
		{
			type: 'copy',
			text: 'e2e/search.spec.ts:48\nsearch › leads to the place\nexpect(received).toBe(expected) // Object.is equality Expected: 200 Received: 503',
		},
		{type: 'open', url: `https://github.com/acme/auto-author/blob/${sha}/e2e/search.spec.ts#L48`},
	]);
	assert.doesNotMatch(app.screen().split('\n').at(-1)!, /\n/);
	await app.press('enter');
	assert.equal(app.state().view.place.name, 'job-log');
	assert.match(app.screen(), /e2e \(3, 4\)/);
	await app.press('esc');
	assert.equal(app.state().view.place.name, 'tests', 'back among the tests');
	await app.press('esc');
	assert.equal(app.state().view.place.name, 'board');
	await app.press('3', 'enter', 't', 'esc');
	assert.deepEqual(app.state().view.place, {name: 'tier', tier: 'e2e'}, 'back to where it was opened from');
});

test('while E2E runs or is red, the board offers its tests first; v opens a log with a failure and without one', async t => {
	const app = await openAt(t, {scenario: 'red-e2e', startMinutes: 20, columns: 80, rows: 24});
	const footer = () => app.screen().split('\n').at(-1)!;
	assert.match(footer(), /↵ open {2}v log {2}t tests/);
	await app.press('t', 'v');
	assert.equal(app.state().view.place.name, 'job-log');
	assert.match(app.screen(), /e2e \(2, 4\)/, "the failure's job");
	await app.press('esc', 'esc', 'j', 't');
	await app.advance(3000);
	assert.match(app.screen(), /E2E tests ✔ passed/);
	assert.match(footer(), /esc back {2}v log/);
	await app.press('v');
	assert.match(app.screen(), /e2e \(1, 4\)/);
	await app.press('esc');
	assert.equal(app.state().view.place.name, 'tests');
});

test('the place follows its commit, and keys that have nothing to act on say why', async t => {
	const app = await openAt(t, {scenario: 'release', startMinutes: 0, preferences: {motion: 'reduced'}});
	await app.press('t');
	assert.match(app.screen(), /E2E tests · not started/);
	for (const key of ['y', 'enter', 'n']) {
		await app.press(key);
		assert.match(app.screen(), /no failure is known here/, key);
	}
	assert.match(app.screen(), /starts after Deployment|not started/);
	await app.advance(5.5 * 60_000);
	assert.match(app.screen(), /E2E tests . running {2}\d+\/\d+/, 'what begins is seen where one is');
	await app.press('O');
	assert.match(app.screen(), /there are no operations here/);
});

test('a re-run: what failed is remembered, and green in the next attempt it is flaky', async t => {
	const app = await openAt(t, {scenario: 'flaky', startMinutes: 3, preferences: {motion: 'reduced'}});
	await app.press('t');
	let before = '';
	for (let minute = 0; minute < 14; minute++) {
		await app.advance(60_000);
		if (/failed in attempt 1$|failed in attempt 1 /m.test(app.screen())) before = app.screen();
	}
	assert.match(before, /1 failed in an earlier attempt/);
	assert.match(app.screen(), /✔ passed .* attempt 2/);
	assert.match(
		app.screen(),
		/↷ e2e\/checkout\.spec\.ts:84 › checkout › pays with a saved card +failed in attempt 1, passed since/,
	);
	assert.match(app.screen(), /not run again/);
});

test('GitHub that refuses statuses and artifacts stops neither the polling nor the screen', async t => {
	const app = await openAt(t, {scenario: 'red-e2e', startMinutes: 0, preferences: {motion: 'reduced'}}, 1);
	app.simulator.faults.during(
		0,
		Infinity,
		{kind: 'something-went-wrong', status: 502},
		{api: 'rest', path: '/statuses'},
	);
	app.simulator.faults.during(0, Infinity, {kind: 'timeout'}, {api: 'rest', path: '/artifacts'});
	await app.press('t');
	await app.advanceWithout(240_000);
	await app.settled();
	assert.equal(app.state().poll.failures, 0);
	assert.match(app.screen(), /More failed whose names are not known yet/);
	assert.match(app.screen(), /GitHub answered 502/);
});

test('for ears, failing tests are sentences', async t => {
	const app = await openAt(t, {scenario: 'red-e2e', startMinutes: 20});
	await app.advance(3000);
	const board = linearLines(app.state());
	assert.ok(
		board.some(line =>
			line.startsWith(
				'E2E: 5 failing tests known. Failed in shard 2: preview › shows the newest text, e2e/preview.spec.ts:22',
			),
		),
		board.join('\n'),
	);
	await app.press('t');
	const lines = linearLines(app.state());
	assert.ok(lines.includes('Shard 2 of 4: failed, 100% of 30 tests done, 4 failed.'), lines.join('\n'));
	assert.equal(
		lines.filter(line => line.startsWith('Failed in shard') || line.startsWith('Chosen: Failed in shard')).length,
		5,
	);
});

test('watch --plain tells each failing test once, when it is known', async () => {
	const scenario = scenarioNamed('red-e2e');
	let clock!: VirtualClock;
	const simulator = await startSimulator({scenario, clock: {now: () => clock.now()}});
	const {world, settled, repository} = simulatedWorld(
		simulator,
		scenario,
		{},
		settledBy => (clock = virtualClock(Date.parse(scenario.startsAt), settledBy)),
	);
	const lines: string[] = [];
	const stop = new AbortController();
	try {
		const times = {now: clock.now(), wallNow: clock.now()};
		const watching = runWatch(
			world,
			{
				repository,
				settings: defaultSettings,
				preferences: defaultPreferences,
				demo: null,
				readOnly: true,
				columns: 80,
				rows: 24,
				...times,
			},
			{until: 'e2e', sha: null, timeoutSeconds: null},
			{
				write: text => {
					lines.push(...text.split('\n'));
				},
				error: () => {},
			},
			stop.signal,
		);
		for (let minute = 0; minute < 12; minute++) await clock.advance(60_000);
		await settled();
		assert.equal(await watching, 1);
	} finally {
		stop.abort();
		await simulator.close();
	}
	const failing = lines.filter(line => / shard \d: .* failed at e2e\//.test(line));
	assert.equal(new Set(failing).size, failing.length);
	assert.equal(failing.length, 5, lines.join('\n'));
	assert.match(
		failing[0]!,
		/E2E shard 2: preview › shows the newest text failed at e2e\/preview\.spec\.ts:22: expect\(received\).*\(.*\)$/,
	);
});
