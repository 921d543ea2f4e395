/** A recording on the very same screen: what it shows is what was shown; what it cannot play it refuses, and nothing can be done in it. */
import assert from 'node:assert/strict';
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {gunzipSync, gzipSync} from 'node:zlib';
import fc from 'fast-check';
import {replayPart, replayWorld} from '../source/commands/history/replay.ts';
import {defaultPreferences} from '../source/core/settings/preferences.ts';
import {Failure} from '../source/errors.ts';
import {exportRecording} from '../source/record/export.ts';
import {playerOf} from '../source/record/player.ts';
import {openRecording} from '../source/record/recording.ts';
import {createEffects} from '../source/state/effects.ts';
import {keyTable} from '../source/state/keys/keys.ts';
import {initialState, type State} from '../source/state/model/state.ts';
import {createStore} from '../source/state/store.ts';
import {linearLines} from '../source/ui/linear/linear.ts';
import {folder, recordedApp, shown} from './helpers/recorded.ts';
import {virtualClock} from './helpers/virtual-clock.ts';
import {runs} from './helpers/fuzz.ts';

/** What only the one or the other has: a replay says that it is one, and toasts go by themselves. */
const picturesOf = (state: State): string =>
	shown({
		...state,
		replay: null,
		readOnly: false,
		toast: null,
		record: {isOn: false, problem: null, showsPast: false},
	});

/** An incident: a deployment that fails, and a rollback; eight minutes of it. */
const incident = async (t: TestContext, scenario = 'deploy-fails') => {
	const app = await recordedApp(t, {scenario});
	await app.advance(4 * 60_000);
	app.operations.site('staging').health = false;
	await app.advance(20_000);
	const id = app.operations.begins({
		id: '20261123T090500Z-rollback-staging-1f9c',
		kind: 'rollback',
		environment: 'staging',
	});
	await app.advance(30_000);
	app.operations.site('staging').health = true;
	app.operations.ends(id, 'succeeded', 'Staging is back');
	await app.advance(3 * 60_000);
	await app.close();
	return {...app, file: join(app.directory, readdirSync(app.directory)[0]!)};
};

/** The program with a recording in GitHub's place. */
const play = async (t: TestContext, path: string, speed = 10) => {
	const real = virtualClock(
		0,
		() =>
			new Promise(resolve => {
				setImmediate(resolve);
			}),
	);
	const player = playerOf(await openRecording(path), real);
	const {repository, settings, demo} = player.head;
	const asked: unknown[] = [];
	const quiet = {quit: (code: number) => asked.push(code), suspend: () => {}, repaint: () => {}};
	const world = replayWorld(player, {platform: 'linux', env: {}, stdout: process.stdout}, quiet);
	const bugs: unknown[] = [];
	const effects = createEffects(world);
	const store = createStore(
		initialState({
			repository,
			settings,
			preferences: defaultPreferences,
			demo,
			readOnly: true,
			replay: replayPart(player, speed),
			columns: 120,
			rows: 40,
			now: world.clock.now(),
			wallNow: world.wall.now(),
		}),
		effects.perform(error => bugs.push(error)),
		() => ({now: world.clock.now(), wallNow: world.wall.now()}),
	);
	t.after(() => effects.stop());
	store.dispatch({type: 'started', cached: null});
	const advance = async (milliseconds: number) => {
		await real.advance(milliseconds);
		if (bugs.length > 0) throw bugs[0];
	};
	await advance(0);
	return {
		store,
		player,
		advance,
		asked,
		async press(...keys: readonly string[]) {
			for (const key of keys) {
				store.dispatch({type: 'key-pressed', key});
				await advance(0);
			}
		},
		state: () => store.get(),
	};
};

test('the same picture as then, at every recorded moment, forwards and back', async t => {
	for (const scenario of ['deploy-fails', 'red-e2e']) {
		const {seen, file} = await incident(t, scenario);
		const {store, player} = await play(t, file);
		const moments = seen
			.filter(({at}, index) => seen[index + 1]?.at !== at)
			.filter((_, index, all) => index % Math.ceil(all.length / 25) === 0);
		assert.ok(moments.length > 15);
		for (const {at, state} of [...moments, ...moments.toReversed()]) {
			store.dispatch({
				type: 'replayed',
				generation: store.get().replay!.generation,
				frame: await player.frame(at),
				now: at,
				wallNow: at,
			});
			assert.equal(picturesOf(store.get()), picturesOf(state), `${scenario} ${new Date(at).toISOString()}`);
		}
	}
});

test('it plays at its speed, pauses, steps, seeks, and ends once', async t => {
	const {file} = await incident(t);
	const {advance, press, state, player} = await play(t, file, 10);
	await advance(6000);
	assert.ok(
		Math.abs(state().now - player.from - 60_000) < 11_000,
		`${(state().now - player.from) / 1000} s after six seconds`,
	);
	assert.match(shown(state()), /REPLAY 2026-11-23 \d\d:\d\d:\d\d ×10/);
	await press(' ');
	const paused = state().now;
	await advance(5000);
	assert.equal(state().now, paused);
	assert.match(shown(state()), /paused/);
	assert.match(linearLines(state())[0]!, /^Replay of 2026-11-23 \d\d:\d\d, paused\.$/);
	await press('.');
	const event = state().now;
	assert.ok(event > paused);
	await press('.', ',');
	assert.equal(state().now, event);
	await press('}');
	assert.equal(state().now, event + 60_000);
	await press('{', '{', '{', '{', '{');
	assert.equal(state().now, player.from, 'no further than its beginning');
	await press('>', ' ');
	assert.equal(state().replay!.speed, 30);
	await advance(60_000);
	assert.deepEqual([state().now, state().replay!.isEnded], [player.until, true]);
	assert.match(shown(state()), /end of the recording/);
	await press(' ');
	assert.equal(state().replay!.isPaused, false);
	await advance(100);
	assert.ok(state().now < player.from + 10_000, 'once more from the beginning');
});

test('whatever key is pressed nothing is asked for and nothing done; those that would say why not', async t => {
	const {file} = await incident(t);
	const {press, state, advance} = await play(t, file);
	await advance(3000);
	for (const key of ['D', 'B', 'P', 'L', 'U', 'S', 'H', 'R']) {
		await press(key);
		assert.equal(state().dialog, null, key);
		assert.match(state().toast?.text ?? '', /this is a replay|nothing runs/, key);
	}
	const keys = [...new Set(keyTable.flatMap(binding => binding.keys))].filter(
		key => key !== 'q' && !key.startsWith('ctrl-'),
	);
	await fc.assert(
		fc.asyncProperty(fc.array(fc.constantFrom(...keys), {maxLength: 25}), async pressed => {
			await press(...pressed);
			await advance(150);
			assert.equal(state().dialog, null);
			assert.equal(state().poll.generation, 0, 'GitHub was not asked');
			assert.notEqual(shown(state()), '');
		}),
		runs(40),
	);
});

test('its keys are none outside of a replay', async t => {
	const app = await recordedApp(t);
	await app.advance(5000);
	const before = app.store.get();
	for (const key of [' ', '.', ',', '<', '>', '{', '}']) app.store.dispatch({type: 'key-pressed', key});
	assert.deepEqual([app.store.get().toast, app.store.get().view], [null, before.view]);
});

const refuses = async (path: string, why: RegExp) => {
	await assert.rejects(openRecording(path), (error: unknown) => {
		assert.ok(error instanceof Failure, String(error));
		assert.equal(error.exitCode, 2);
		assert.match([error.message, error.because ?? ''].join(': '), why);
		assert.ok(error.next, 'and says what next');
		return true;
	});
};

test('what is no recording is refused with its reason', async t => {
	const directory = folder(t);
	const path = join(directory, 'file');
	await refuses(path, /no such file/);
	await refuses(directory, /it is a folder/);
	for (const [content, why] of [
		['', /empty/],
		['hello\n', /not a recording/],
		['\u0000\u0001\u0002', /not a recording/],
		['{"v":1,"n":0}\n', /not a recording/],
		['[]', /not a recording/],
		['{"v":2,"n":0,"at":1,"wall":1,"kind":"head"}\n', /newer deployctl \(format 2\)/],
		[gzipSync('hello'), /not a recording/],
		[Buffer.from([0x1f, 0x8b, 1, 2, 3]), /not a recording|cannot be played/],
	] as const) {
		writeFileSync(path, content);
		await refuses(path, why);
	}
	const {file} = await incident(t);
	const [head, ...rest] = readFileSync(file, 'utf8').split('\n');
	writeFileSync(path, `${head}\n`);
	await refuses(path, /no whole picture/);
	// A little file that unpacks to more than anybody records in a day.
	writeFileSync(path, gzipSync(`${head}\n${rest[0]}\n${' '.repeat(200 * 1024 * 1024)}`));
	await refuses(path, /too large/);
});

test('a recording that means harm draws no escapes and falls over nothing', async t => {
	const {file} = await incident(t);
	const lines = readFileSync(file, 'utf8').trim().split('\n');
	const path = join(folder(t), 'hostile.jsonl');
	const evil = '\\u001b]52;c;ZXZpbA==\\u0007\\u001b[2J\\u202e';
	writeFileSync(
		path,
		lines
			.map(line => line.replaceAll('passed', `${evil}passed`).replace(/"headline":"/g, `"headline":"${evil}`))
			.join('\n'),
	);
	const {advance, state, press} = await play(t, path, 60);
	await advance(3000);
	await press('e');
	assert.doesNotMatch(shown(state()), /[\u001B\u0007\u202E]/);
	// Values of other kinds than ours, anywhere.
	const random = fc.constantFrom('null', '[]', '{}', '"x"', '-1', '1e308', 'true', '{"__proto__":null}');
	await fc.assert(
		fc.asyncProperty(
			fc.integer({min: 1, max: Math.min(lines.length - 1, 12)}),
			fc.nat(),
			random,
			async (number, where, value) => {
				const spots = [...lines[number]!.matchAll(/:(?:"[^"]*"|-?\d+|null|true|false|\[\]|\{\})/g)];
				const spot = spots[where % Math.max(1, spots.length)];
				const line =
					spot === undefined
						? lines[number]!
						: `${lines[number]!.slice(0, spot.index)}:${value}${lines[number]!.slice(spot.index + spot[0].length)}`;
				writeFileSync(path, lines.map((each, index) => (index === number ? line : each)).join('\n'));
				try {
					const recording = await openRecording(path);
					for (const at of [recording.from, recording.from + 90_000, recording.until]) recording.frame(at);
				} catch (error) {
					assert.ok(error instanceof Failure, String(error));
				}
			},
		),
		runs(60),
	);
});

test('an export is complete in itself: the same pictures within its window, and nothing of before', async t => {
	const {seen, directory} = await incident(t);
	const path = join(folder(t), 'incident.jsonl.gz');
	const [from, until] = [seen[Math.floor(seen.length / 3)]!.at, seen[Math.floor(seen.length * 0.9)]!.at];
	await exportRecording(directory, {from, until}, path, ['Bundle the fonts']);
	const recording = await openRecording(path);
	assert.deepEqual([recording.from, recording.damaged], [from, 0]);
	assert.doesNotMatch(gunzipSync(readFileSync(path)).toString(), /Bundle the fonts/);
	for (const {at, seen: then} of seen.filter(
		(each, index) => each.at >= from && each.at <= until && seen[index + 1]?.at !== each.at && index % 9 === 0,
	)) {
		assert.deepEqual(recording.frame(at).seen?.poll, JSON.parse(JSON.stringify(then.poll)));
		assert.deepEqual(
			recording.frame(at).seen?.facts?.runs,
			JSON.parse(JSON.stringify(then.facts?.runs).replaceAll('Bundle the fonts', '***')),
		);
	}
	await assert.rejects(
		exportRecording(directory, {from, until}, path, []),
		/cannot be written/,
		"nobody's file is written over",
	);
	await assert.rejects(exportRecording(directory, {from: 0, until: 1}, `${path}2`, []), /Nothing was recorded/);
});
