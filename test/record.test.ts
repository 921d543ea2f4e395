/** The record on the disk: what comes back is what was seen, whatever happens to program, file and disk. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';
import fc from 'fast-check';
import type {RecordInput, Seen} from '../source/core/history/record.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {recordFiles, tidy} from '../source/record/files.ts';
import {readHistory} from '../source/record/history.ts';
import {createRecorder} from '../source/record/recorder.ts';
import {openRecording} from '../source/record/recording.ts';
import type {Clock} from '../source/world.ts';
import {update} from '../source/state/update.ts';
import {folder, recordedApp, shown} from './helpers/recorded.ts';
import {runs} from './helpers/fuzz.ts';

const start = Date.parse('2026-11-23T09:00:00Z');
const head = {
	program: 'test',
	repository: 'acme/app',
	host: 'github.com',
	settings: defaultSettings,
	readOnly: false,
	demo: null,
};
const poll = {
	answeredAtWall: start,
	nextAtWall: start,
	phase: 'waiting',
	because: null,
	failures: 0,
	failure: null,
	path: 'graphql',
	partial: [],
	clockSkewMs: null,
} as const;
const seenAt = (at: number): Seen => ({
	facts: null,
	readAt: at,
	rate: null,
	poll: {...poll, answeredAtWall: at},
	operations: null,
	observed: {},
});
const seenEntry = (at: number): RecordInput => ({at, wall: at, kind: 'seen', seen: seenAt(at)});
const changeEntry = (at: number, text: string): RecordInput => ({
	at,
	wall: at,
	kind: 'change',
	change: {at, sha: 'a'.repeat(40), kind: 'tier', subject: 'e2e', status: 'failed', text},
});

/** Its time is moved by hand; pauses end at once. */
const steppingClock = () => {
	let now = start;
	return {
		clock: {now: () => now, after: async () => {}} satisfies Clock,
		move(milliseconds: number) {
			now += milliseconds;
		},
	};
};
const onlyFile = (directory: string): string =>
	join(directory, readdirSync(directory).filter(name => name.includes('.jsonl'))[0]!);
const closely = (seen: Seen | null) => JSON.parse(JSON.stringify(seen)) as unknown;

test('the fold of what was written is what was seen, at every moment of a release', async t => {
	const app = await recordedApp(t, {scenario: 'release'});
	await app.advance(60_000);
	const id = app.operations.begins({
		id: '20261123T090100Z-deploy-staging-1f9c',
		kind: 'deploy',
		environment: 'staging',
	});
	await app.advance(60_000);
	app.operations.site('staging').health = false;
	app.operations.ends(id, 'failed', 'The health check failed');
	await app.advance(4 * 60_000);
	await app.close();
	const recording = await openRecording(onlyFile(app.directory));
	assert.equal(recording.damaged, 0);
	const moments = app.seen.filter(({at}, index) => app.seen[index + 1]?.at !== at);
	assert.ok(moments.length > 100, `${moments.length} moments`);
	for (const {at, seen} of moments.filter((_, index) => index % 7 === 0))
		assert.deepEqual(closely(recording.frame(at).seen), closely(seen), new Date(at).toISOString());
	// And backwards, from one whole picture to the one before.
	for (const {at, seen} of moments.filter((_, index) => index % 40 === 0).toReversed())
		assert.deepEqual(closely(recording.frame(at).seen), closely(seen));
	assert.equal(statSync(onlyFile(app.directory)).mode & 0o777, 0o600);
	assert.equal(statSync(app.directory).mode & 0o777, 0o700);
});

test('cut at any byte it loses at most its last entries, and a damaged line only itself', async t => {
	const directory = folder(t);
	const {clock, move} = steppingClock();
	const recorder = createRecorder({directory, head, secrets: [], wall: clock, random: () => 0});
	for (let second = 0; second < 30; second++) {
		move(1000);
		await recorder.write([seenEntry(clock.now()), changeEntry(clock.now(), `change ${second}`)]);
	}
	await recorder.close();
	const whole = readFileSync(onlyFile(directory));
	const lines = whole.toString().split('\n');
	const copy = join(folder(t), 'cut.jsonl');
	const firstKey = whole.indexOf('"kind":"key"');
	await fc.assert(
		fc.asyncProperty(fc.integer({min: whole.indexOf(10, firstKey) + 1, max: whole.length}), async length => {
			writeFileSync(copy, whole.subarray(0, length));
			const recording = await openRecording(copy);
			const kept = whole
				.subarray(0, length)
				.toString()
				.split('\n')
				.slice(0, -1)
				.filter(line => line.includes('"kind":"change"')).length;
			// A line that is whole but for its line end counts, too.
			assert.ok(recording.changes.length === kept || recording.changes.length === kept + 1);
			assert.ok(recording.damaged <= 1);
			assert.equal(recording.frame(recording.until).isDamaged, false);
		}),
		runs(60),
	);
	// In the middle: what depends on it is not guessed, and the next whole picture mends it.
	writeFileSync(copy, lines.map((line, index) => (index === 9 ? line.slice(0, 40) : line)).join('\n'));
	const recording = await openRecording(copy);
	assert.equal(recording.damaged, 1);
	assert.equal(recording.frame(recording.until).isDamaged, true);
	assert.equal(recording.frame(recording.from + 2000).isDamaged, false);
});

test('two programs write at once: each its own file, the history has all, a duplicate is told once', async t => {
	const directory = folder(t);
	const {clock, move} = steppingClock();
	const [one, other] = [1, 2].map(number =>
		createRecorder({directory, head, secrets: [], wall: clock, random: () => number / 10}),
	) as [ReturnType<typeof createRecorder>, ReturnType<typeof createRecorder>];
	for (let second = 0; second < 50; second++) {
		move(1000);
		await Promise.all([
			one.write([seenEntry(clock.now()), changeEntry(clock.now(), `both ${second}`)]),
			other.write([seenEntry(clock.now()), changeEntry(clock.now(), `other ${second}`)]),
		]);
	}
	await Promise.all([one.close(), other.close()]);
	assert.equal((await recordFiles(directory)).length, 2);
	const history = await readHistory(directory);
	assert.equal(history.damaged, 0);
	assert.equal(history.entries.filter(({kind}) => kind === 'change').length, 100);
});

test('killed while it writes, a program leaves what it had written', async t => {
	const directory = folder(t);
	const child = spawn(
		process.execPath,
		[
			'--import',
			fileURLToPath(new URL('helpers/register.js', import.meta.url)),
			fileURLToPath(new URL('helpers/busy-recorder.ts', import.meta.url)),
			directory,
		],
		{stdio: ['ignore', 'pipe', 'inherit']},
	);
	// It says how many batches are on the disk.
	let told = 0;
	for await (const chunk of child.stdout) {
		told = Math.max(told, ...String(chunk).trim().split('\n').map(Number));
		if (told >= 20) break;
	}
	child.kill('SIGKILL');
	if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
	const history = await readHistory(directory);
	assert.ok(history.entries.length >= told, `${history.entries.length} of ${told}`);
	assert.ok(history.damaged <= 1);
	const recording = await openRecording(onlyFile(directory));
	assert.equal(recording.frame(recording.until).isDamaged, false);
});

test('a disk that refuses is news once, costs nothing else, and recording goes on when it can', async t => {
	if (process.getuid?.() === 0) {
		// Root may write everywhere: a file in the folder's place refuses, too.
		const directory = join(folder(t), 'record');
		writeFileSync(directory, '');
		const {clock, move} = steppingClock();
		const recorder = createRecorder({directory, head, secrets: [], wall: clock, random: () => 0});
		const first = await recorder.write([seenEntry(clock.now())]);
		assert.ok(first?.because, 'it is said why');
		assert.equal(await recorder.write([seenEntry(clock.now())]), null, 'and not again');
		rmSync(directory);
		move(30_000);
		assert.equal(await recorder.write([seenEntry(clock.now())]), null, 'not tried at once');
		move(60_000);
		assert.deepEqual(await recorder.write([seenEntry(clock.now()), changeEntry(clock.now(), 'again')]), {
			because: null,
		});
		await recorder.close();
		const recording = await openRecording(onlyFile(directory));
		assert.deepEqual([recording.changes.length, recording.frame(recording.until).isDamaged], [1, false]);
		return;
	}
	const directory = folder(t);
	chmodSync(directory, 0o500);
	const recorder = createRecorder({directory, head, secrets: [], wall: steppingClock().clock, random: () => 0});
	assert.match((await recorder.write([seenEntry(start)]))?.because ?? '', /cannot be written/);
	chmodSync(directory, 0o700);
});

test('a file that is gone is followed by a whole new one', async t => {
	const directory = folder(t);
	const {clock, move} = steppingClock();
	const recorder = createRecorder({directory, head, secrets: [], wall: clock, random: () => 0});
	await recorder.write([seenEntry(clock.now())]);
	rmSync(onlyFile(directory));
	move(5000);
	assert.equal(await recorder.write([seenEntry(clock.now()), changeEntry(clock.now(), 'after')]), null);
	await recorder.close();
	const recording = await openRecording(onlyFile(directory));
	assert.deepEqual(
		recording.changes.map(({text}) => text),
		['after'],
	);
	assert.notEqual(recording.frame(recording.until).seen, null);
});

test('nothing that must not be there reaches the disk', async t => {
	const directory = folder(t);
	const recorder = createRecorder({
		directory,
		head: {...head, settings: {...defaultSettings, notifications: {url: 'https://hooks.example/secret-path'}}},
		secrets: ['hunter2-hunter2'],
		wall: steppingClock().clock,
		random: () => 0,
	});
	await recorder.write([
		changeEntry(
			start,
			'new commit: password is hunter2-hunter2\u001B[31m red\u202E \u0007ghp_abcdefghijklmnopqrstuvwxyz0123456789',
		),
		seenEntry(start),
	]);
	await recorder.close();
	const text = readFileSync(onlyFile(directory), 'utf8');
	assert.doesNotMatch(text, /hunter2|ghp_abcdef|\\u001[bB]|\u202E|\\u0007|hooks\.example/);
	assert.match(text, /new commit/);
	assert.ok(text.includes('a'.repeat(40)), 'a commit is no secret');
});

test('the old goes first, the rest is packed, and a packed file reads like the other', async t => {
	const directory = folder(t);
	const {clock, move} = steppingClock();
	for (let day = 0; day < 5; day++) {
		const recorder = createRecorder({directory, head, secrets: [], wall: clock, random: () => day / 10});
		await recorder.write([seenEntry(clock.now()), changeEntry(clock.now(), `day ${day}`)]);
		await recorder.close();
		const file = readdirSync(directory).find(name =>
			name.includes(
				`-${Math.floor((day / 10) * 0x1_00_00_00)
					.toString(16)
					.padStart(6, '0')}`,
			),
		)!;
		utimesSync(join(directory, file), clock.now() / 1000, clock.now() / 1000);
		move(86_400_000);
	}
	await tidy(directory, clock.now(), null, {
		keepMs: 3.5 * 86_400_000,
		keepBytes: 1024 * 1024,
		packAfterMs: 3_600_000,
	});
	const names = readdirSync(directory);
	assert.equal(names.length, 3);
	assert.ok(
		names.every(name => name.endsWith('.jsonl.gz')),
		names.join(),
	);
	assert.deepEqual(
		(await readHistory(directory)).entries.map(entry => (entry.kind === 'change' ? entry.change.text : entry.kind)),
		['day 2', 'day 3', 'day 4'],
	);
	const sizes = (await recordFiles(directory)).map(({bytes}) => bytes);
	await tidy(directory, clock.now(), null, {keepMs: Infinity, keepBytes: sizes.at(-1)! + 1, packAfterMs: Infinity});
	assert.deepEqual((await recordFiles(directory)).length, 1, 'no more than the bytes allow, the newest stay');
	// Cut off while it was packed or copied: what comes before the cut is read.
	const [file] = await recordFiles(directory);
	truncateSync(file!.path, file!.bytes - 10);
	const history = await readHistory(directory);
	assert.ok(history.damaged > 0);
	writeFileSync(file!.path, gzipSync('not ours at all'));
	assert.equal((await readHistory(directory)).entries.length, 0);
});

test('that recording stopped is a notice on the screen, and what was recorded before stands in the list of events', async t => {
	const app = await recordedApp(t, {scenario: 'deploy-fails'});
	await app.advance(10_000);
	app.store.dispatch({type: 'recording-changed', because: 'the disk is full'});
	assert.match(shown(app.store.get()), /Recording stopped because the disk is full\./);
	app.store.dispatch({type: 'recording-changed', because: null});
	assert.doesNotMatch(shown(app.store.get()), /Recording stopped/);
	await app.advance(4 * 60_000);
	await app.close();
	const told = app.store.get().events;
	// A program that begins where the other has ended.
	const later = createRecorder({directory: app.directory, head, secrets: [], wall: app.clock, random: () => 0});
	const past = await later.past(100);
	assert.deepEqual(
		past.map(({text}) => text),
		told.map(({text}) => text),
	);
	const state = {...app.store.get(), events: [], beganAt: app.clock.now()};
	const [next, effects] = update(state, {type: 'past-read', changes: past});
	assert.deepEqual([next.events.length, effects.length], [past.length, 0]);
});

test('what is done by hand is recorded with what came of it', async t => {
	const app = await recordedApp(t, {scenario: 'quiet'});
	await app.advance(5000);
	for (const key of ['L', 'j', 'enter']) app.store.dispatch({type: 'key-pressed', key});
	for (const key of 'freeze') {
		await app.advance(200);
		app.store.dispatch({type: 'key-pressed', key});
	}
	await app.advance(2000);
	app.store.dispatch({type: 'key-pressed', key: 'enter'});
	await app.advance(2000);
	await app.close();
	const {entries} = await readHistory(app.directory);
	const asked = entries.find(entry => entry.kind === 'asked');
	assert.ok(
		asked?.kind === 'asked' && /locked: freeze/.test(asked.text),
		JSON.stringify(entries.map(({kind}) => kind)),
	);
	assert.ok(entries.some(entry => entry.kind === 'answered' && entry.serial === asked.serial && entry.ok));
	assert.ok(entries.some(entry => entry.kind === 'lock' && entry.reason === 'freeze'));
});
