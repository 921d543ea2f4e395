/** The sandbox's application and what surrounds it, each part alone: behaviour, drain, lifetime, following the workflows. */
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {Agent, get} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {type Behaviour, behaviourFrom, good, illness} from '../source/sandbox/behaviours.ts';
import {beat, endHeartbeat, lastBeatAt, onSilence} from '../source/sandbox/heartbeat.ts';
import {missingTools} from '../source/sandbox/requirements.ts';
import {startService} from '../source/sandbox/service.ts';
import {followWorkflows} from '../source/sandbox/workflows.ts';
import {virtualClock} from './helpers/virtual-clock.ts';

const red: Behaviour = {kind: 'turns-red', afterSeconds: 10, because: 'full'};

test('a release is as healthy as its behaviour says', () => {
	assert.equal(illness(good, 1e9), null);
	assert.equal(illness({kind: 'slow-start', seconds: 3}, 0), null);
	assert.equal(illness({kind: 'fails-at-once', because: 'no queue'}, 0), 'no queue');
	assert.equal(illness(red, 9999), null);
	assert.equal(illness(red, 10_000), 'full');
	assert.deepEqual(behaviourFrom(JSON.parse(JSON.stringify(red))), red);
	for (const strange of [null, 'x', {}, {kind: 'turns-red'}, {kind: 'slow-start', seconds: '3'}])
		assert.deepEqual(behaviourFrom(strange), good);
});

const release = {
	release: '20261124000000-abcdef1',
	sha: 'abcdef1',
	message: '<script>',
	environment: 'staging',
	port: 0,
};

test('the service tells its version and its health, and no message becomes markup', async t => {
	const service = await startService({...release, behaviour: {kind: 'fails-at-once', because: 'no queue'}});
	t.after(() => service.drain());
	const url = `http://127.0.0.1:${service.port}`;
	const [version, health, page, nothing] = await Promise.all(
		['/version', '/health?x=1', '/', '/nothing'].map(path => fetch(url + path)),
	);
	assert.deepEqual(await version!.json(), {sha: 'abcdef1', release: release.release, environment: 'staging'});
	assert.deepEqual([version!.status, health!.status, page!.status, nothing!.status], [200, 503, 500, 404]);
	assert.match(await health!.text(), /no queue/);
	assert.doesNotMatch(await page!.text(), /<script>/);
	for (const one of [version, health, page, nothing]) assert.equal(one!.headers.get('x-release'), release.release);
});

test('what turns red does so after its deployment, not in the middle of it', async t => {
	let isDeployed = false;
	const service = await startService({
		...release,
		behaviour: {...red, afterSeconds: 0},
		isDeployed: () => isDeployed,
	});
	t.after(() => service.drain());
	const health = async () => (await fetch(`http://127.0.0.1:${service.port}/health`)).status;
	assert.deepEqual([await health(), await health()], [200, 200]);
	isDeployed = true;
	assert.equal(await health(), 503);
});

test('a bash that takes its time is not a bash that is missing', async t => {
	const folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
	t.after(() => rmSync(folder, {recursive: true}));
	assert.deepEqual(await missingTools({PATH: folder}), {
		because: 'their scripts need bash',
		next: 'install it, and start again',
	});
	writeFileSync(join(folder, 'bash'), '#!/bin/sh\nexec /bin/sleep 600\n', {mode: 0o755});
	assert.deepEqual(await missingTools({PATH: folder}, 100), {
		because: 'bash is here, but did not answer within 0.1 s',
		next: 'start again when this machine is less busy',
	});
	assert.equal(await missingTools({PATH: process.env['PATH']}), null);
});

test('a drain ends also with idle and with never used connections, and says so to who asks before', async () => {
	const service = await startService({...release, behaviour: good});
	const agent = new Agent({keepAlive: true});
	const asked = await new Promise<string | undefined>((resolve, reject) => {
		get({host: '127.0.0.1', port: service.port, path: '/health', agent}, response =>
			response.resume().on('end', () => resolve(response.headers.connection)),
		).on('error', reject);
	});
	assert.equal(asked, 'keep-alive');
	const {connect} = await import('node:net');
	const silent = connect(service.port, '127.0.0.1');
	await new Promise(resolve => silent.once('connect', resolve));
	await service.drain();
	agent.destroy();
	silent.destroy();
	await assert.rejects(fetch(`http://127.0.0.1:${service.port}/health`));
});

test('who watches the heartbeat ends when it is ended, or silent for long, and not before', async t => {
	const folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
	t.after(() => rmSync(folder, {recursive: true}));
	const file = join(folder, 'heartbeat');
	assert.equal(lastBeatAt(file), null);
	beat(file);
	assert.equal(statSync(file).size, 0);
	// The watch keeps no process alive: something else must.
	const alive = setInterval(() => {}, 1000);
	t.after(() => clearInterval(alive));
	let ends = 0;
	const beating = setInterval(() => beat(file), 5);
	t.after(() => clearInterval(beating));
	const silent = new Promise<void>(resolve =>
		onSilence({file, silenceMs: 300, everyMs: 5}, () => {
			ends += 1;
			resolve();
		}),
	);
	for (let looks = 0; looks < 3; looks += 1)
		await new Promise<void>(resolve => onSilence({file: join(folder, 'nobody'), everyMs: 20}, resolve));
	assert.equal(ends, 0);
	clearInterval(beating);
	await silent;
	const ended = new Promise<void>(resolve => onSilence({file, silenceMs: 60_000, everyMs: 5}, resolve));
	endHeartbeat(file);
	await ended;
	assert.equal(ends, 1);
});

test('what the workflows deployed is deployed: once, in order, the newest of those that wait, and again when it was busy', async () => {
	const clock = virtualClock(0);
	const abort = new AbortController();
	const done = [{run: 1, environment: 'staging', sha: 'a'}];
	const calls: string[] = [];
	let answer: (code: number) => void = () => {};
	const following = followWorkflows(
		{
			deployed: async () => done,
			known: [...done],
			wall: clock,
			deploy: ({environment, sha}) =>
				new Promise(resolve => {
					calls.push(`${environment} ${sha}`);
					answer = resolve;
				}),
		},
		abort.signal,
	);
	await clock.advanceWithout(2000);
	assert.deepEqual(calls, []);
	done.push({run: 2, environment: 'staging', sha: 'b'});
	await clock.advanceWithout(500);
	done.push({run: 3, environment: 'staging', sha: 'c'}, {run: 4, environment: 'staging', sha: 'd'});
	await clock.advanceWithout(500);
	assert.deepEqual(calls, ['staging b']);
	answer(0);
	await clock.advanceWithout(0);
	assert.deepEqual(calls, ['staging b', 'staging d']);
	answer(11);
	await clock.advanceWithout(900);
	assert.equal(calls.length, 2);
	await clock.advanceWithout(200);
	assert.deepEqual(calls, ['staging b', 'staging d', 'staging d']);
	answer(0);
	await clock.advanceWithout(3000);
	assert.equal(calls.length, 3);
	abort.abort();
	await following;
});
