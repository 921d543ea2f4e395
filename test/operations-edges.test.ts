/** The World's operations when the world is not well: GitHub silent, supervisors that cannot start, journals that cannot be read, checkouts nobody trusts. */
import assert from 'node:assert/strict';
import {appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {dirname, join} from 'node:path';
import {test} from 'node:test';
import {realClock} from '../source/edges/clock.ts';
import {Failure} from '../source/errors.ts';
import {contractLine} from '../source/operations/checkout/script-kind.ts';
import {full, openCheckout} from './helpers/checkout.ts';
import {patienceMs, until} from './helpers/patience.ts';

const [a, b] = [full('a'), full('b')];
const never = () => new Promise<never>(() => {});

test('reading waits for nobody: GitHub is silent, and so is the environment', async t => {
	const place = await openCheckout(t, {options: {gitHub: never, fetch: never}});
	const reading = await place.operations.read();
	assert.deepEqual([reading.operator, reading.operations, reading.problem], [null, [], null]);
	assert.equal(reading.locks['staging']?.state, 'unknown');
	assert.deepEqual(reading.outbox, {waiting: 0, oldestAt: null, because: null});
});

test('a plan waits for a silent GitHub within its limits: the rollback is possible, the deployment is not', async t => {
	// All pauses pass at once, so that only what waits for something else than time would hang.
	const hurried = {
		now: () => Date.now(),
		after: async (_: number, signal?: AbortSignal) => {
			await new Promise(resolve => {
				setImmediate(resolve);
			});
			signal?.throwIfAborted();
		},
	};
	const place = await openCheckout(t, {options: {gitHub: never, clock: hurried}});
	place.live('staging', a);
	const deployment = await place.operations.plan({kind: 'deploy', environment: 'staging', sha: b}, []);
	assert.deepEqual([deployment.blocked?.exitCode, deployment.lock.state], [5, 'unknown']);
	const back = await place.operations.plan({kind: 'rollback', environment: 'staging', release: b, insist: true}, []);
	assert.equal(back.blocked, null);
	assert.match(back.warnings.join('\n'), /other operators could not be asked/);
});

test('a supervisor that cannot start is a refusal with its own words, and nothing begins later', async t => {
	const place = await openCheckout(t, {
		options: {
			supervisor: {
				command: ['/bin/sh', '-c', 'echo "2026-11-24T00:00:00Z Error: no SQLite here" >&2; exit 1'],
				env: {PATH: process.env['PATH']},
			},
		},
	});
	place.live('staging', a);
	const plan = await place.operations.plan({kind: 'deploy', environment: 'staging', sha: b}, []);
	const refused = await place.operations.start(plan, {phrase: null});
	assert.ok(!refused.ok);
	assert.deepEqual(
		[refused.exitCode, refused.because],
		[1, 'the supervisor ended without a word: 2026-11-24T00:00:00Z Error: no SQLite here'],
	);
	assert.ok(
		existsSync(join(place.paths.operations, plan.id, 'stop.json')),
		'should it only have been slow, it must not begin',
	);
	const again = await place.operations.start(plan, {phrase: null});
	assert.equal(!again.ok && again.exitCode, 3, 'a plan is good for one start');
});

test('a plan that was blocked, or changed after it was shown, is not started', async t => {
	const place = await openCheckout(t);
	place.live('staging', a);
	const plan = await place.operations.plan({kind: 'deploy', environment: 'staging', sha: b}, []);
	const blocked = await place.operations.start(
		{...plan, blocked: {because: 'frozen', next: 'wait', exitCode: 3}},
		{phrase: null},
	);
	assert.deepEqual(blocked, {ok: false, because: 'frozen', next: 'wait', exitCode: 3});
	const changed = await place.operations.start({...plan, command: ['/bin/false']}, {phrase: null});
	assert.equal(!changed.ok && changed.exitCode, 3, JSON.stringify(changed));
	assert.equal(place.liveOn('staging'), a);
});

test('what was written between reading and waiting wakes at once; what is written while waiting does, too', async t => {
	const place = await openCheckout(t, {options: {gitHub: null}});
	mkdirSync(dirname(place.paths.journal), {recursive: true});
	writeFileSync(place.paths.journal, '');
	await place.operations.read();
	appendFileSync(place.paths.journal, '\n');
	const late = AbortSignal.timeout(patienceMs);
	await place.operations.changed(60_000, late);
	await place.operations.read();
	const waiting = place.operations.changed(60_000, late);
	appendFileSync(place.paths.journal, '\n');
	await waiting;
	await place.operations.read();
	await place.operations.changed(1, late);
	const abort = new AbortController();
	const aborted = place.operations.changed(60_000, abort.signal);
	abort.abort(new Error('enough'));
	await assert.rejects(aborted, /abort/i);
});

const listing = `#!/bin/sh\n${contractLine}\necho x >> listed\nprintf 'deployctl/1 2026-11-24T00:00:00Z +0.1 %s\\n' 'note release id=20261124000002-bbbbbbb sha=${b} live=yes complete=yes healthy=yes bad=no candidate=no migration=none deployed=-' 'note release id=20261124000001-aaaaaaa sha=${a} live=no complete=yes healthy=yes bad=no candidate=yes default=yes migration=none deployed=-' 'end list exit=0'\n`;

test('looking at a checkout runs nothing in it; once somebody has planned, its lists are kept fresh', async t => {
	const place = await openCheckout(t);
	place.live('staging', b);
	place.script('rollback.sh', listing);
	const {operations} = place;
	const listed = () => existsSync(join(place.directory, 'listed'));
	await operations.refresh(['staging', 'production']);
	assert.deepEqual([listed(), (await operations.read()).readiness['staging']?.ready], [false, 'unknown']);
	const plan = await operations.plan({kind: 'rollback', environment: 'staging', release: null}, []);
	assert.deepEqual([plan.to, listed()], [{release: '20261124000001-aaaaaaa', sha: a}, true]);
	const {readiness} = await place.reopen({readOnly: true, gitHub: null}).read();
	assert.equal(readiness['staging']?.ready === true && readiness['staging'].to.sha, a, 'remembered on the disk');
	const trusting = await openCheckout(t, {options: {trustsScripts: true}});
	trusting.script('rollback.sh', listing);
	await trusting.operations.refresh(['staging']);
	assert.equal((await trusting.operations.read()).readiness['staging']?.ready, true);
});

test('a journal that cannot be read is a problem that blocks, not a crash', async t => {
	const place = await openCheckout(t, {options: {gitHub: null}});
	mkdirSync(place.paths.journal, {recursive: true});
	const {problem, operations} = await place.operations.read();
	assert.match(problem ?? '', /journal\.jsonl cannot be read/);
	assert.deepEqual(operations, []);
	const plan = await place.operations.plan({kind: 'deploy', environment: 'staging', sha: b}, []);
	assert.match(plan.blocked?.because ?? '', /no journal, no action/);
	for (const refused of [
		await place.operations.lock('staging', 'x'),
		await place.operations.start({...plan, blocked: null}, {phrase: null}),
	])
		assert.equal(refused.ok, false);
});

test('what does not exist is refused with what does; what is over is over', async t => {
	const place = await openCheckout(t, {options: {gitHub: null}});
	const {operations} = place;
	const exits = async (...answers: ReadonlyArray<Promise<{ok: boolean; exitCode?: number}>>) =>
		(await Promise.all(answers)).map(answer => (answer.ok ? 0 : answer.exitCode));
	assert.deepEqual(
		await exits(
			operations.stop('20261124T000000Z-deploy-staging-0000', false),
			operations.stop('../../etc', false),
			operations.lock('prod', 'x'),
			operations.unlock('prod', null),
			operations.unpin('prod', 'x'),
		),
		[2, 2, 2, 2, 2],
	);
	const log = operations.log('20261124T000000Z-deploy-staging-0000');
	assert.equal((await log.grow()).lines, 0);
	await log.close();
	assert.deepEqual((await operations.observe('prod')).instances, []);
});

test('a human lock without GitHub holds this machine and says so; it is still ours when GitHub knows our name again', async t => {
	const place = await openCheckout(t);
	const offline = place.reopen({
		gitHub: async () => {
			throw new Failure('There is no token for github.com', {exitCode: 4});
		},
	});
	const taken = await offline.lock('staging', 'audit');
	assert.ok(taken.ok);
	assert.match(taken.note ?? '', /on this machine only: GitHub could not be told \(There is no token/);
	const {locks} = await place.operations.read();
	assert.deepEqual(locks['staging']?.state === 'held' && [locks['staging'].where, locks['staging'].lock.operator], [
		'machine',
		'kim',
	]);
	assert.equal((await place.operations.lock('staging', 'mine')).ok, false);
	assert.deepEqual(await place.operations.unlock('staging', null), {ok: true});
	assert.equal((await place.operations.read()).locks['staging']?.state, 'free');
});

test('pins of other machines count here, and clearing them reaches everybody, if later', async t => {
	const place = await openCheckout(t);
	place.live('staging', a);
	const edge = await place.options.gitHub!();
	const pin = {environment: 'staging', release: b, sha: b, by: 'lee', at: Date.now() - 1000, because: 'it leaks'};
	assert.deepEqual(await edge.pins.put(pin), {ok: true});
	const plan = await place.operations.plan({kind: 'deploy', environment: 'staging', sha: b}, []);
	assert.match(plan.blocked?.because ?? '', /pinned out of staging: it leaks \(lee\)/);
	assert.deepEqual((await place.operations.read()).pins, [pin]);
	// GitHub is away: cleared here, and remembered for it, also by the next start.
	let isAway = false;
	const flaky = place.reopen({
		gitHub: async () => {
			if (isAway) throw new Failure('GitHub is away', {exitCode: 5});
			return edge;
		},
	});
	await flaky.refresh([]);
	isAway = true;
	const cleared = await flaky.unpin('staging', 'it was the cache');
	assert.ok(cleared.ok);
	assert.match(cleared.note ?? '', /GitHub will be told later/);
	// An hour later everything that waits is due.
	const next = place.reopen({clock: {...realClock, now: () => Date.now() + 3_600_000}});
	const {pins, outbox} = await flaky.read();
	assert.deepEqual([pins, outbox.waiting], [[], 1]);
	await until('GitHub has been told', async () => {
		await next.refresh([]);
		return (await next.read()).outbox.waiting === 0;
	});
	const left = await edge.pins.read();
	assert.deepEqual(left.ok && left.pins, []);
	assert.deepEqual(await next.unpin('staging', 'again'), {ok: true, note: 'nothing was pinned'});
});

test('a rollback while a deployment runs: it is stopped, nothing of it stays, and the release before is back', async t => {
	const place = await openCheckout(t, {options: {gitHub: null}});
	place.live('staging', a);
	const first = await place.operations.plan({kind: 'deploy', environment: 'staging', sha: a}, []);
	assert.equal((await place.operations.start(first, {phrase: null})).ok, true);
	assert.equal((await place.ended(first.id)).outcome, 'succeeded');
	place.script('deploy.sh', '#!/bin/sh\nprintf %s "$2" > "live-$1"; touch half; sleep 600 & wait\n');
	const second = await place.operations.plan({kind: 'deploy', environment: 'staging', sha: b}, []);
	assert.equal((await place.operations.start(second, {phrase: null})).ok, true);
	await until('it is half way', () => existsSync(join(place.directory, 'half')));
	const back = await place.operations.plan({kind: 'rollback', environment: 'staging', release: null}, []);
	assert.deepEqual([back.stopping, back.to?.sha, back.blocked], [second.id, a, null]);
	assert.equal((await place.operations.start(back, {phrase: null})).ok, true);
	assert.equal((await place.ended(back.id)).outcome, 'succeeded');
	assert.equal((await place.ended(second.id)).outcome, 'interrupted');
	assert.equal(place.liveOn('staging'), a);
	assert.equal(
		readFileSync(place.paths.journal, 'utf8').split('"type":"spawned"').length,
		4,
		'three scripts were started',
	);
});

test('a service that answers once and falls again is not done until it answers twice in a row', async t => {
	const answers = [200, 503, 200, 200, 200];
	let asked = 0;
	const server = createServer((_, response) => {
		response.writeHead(existsSync(join(place.directory, 'shipped')) ? (answers[asked++] ?? 500) : 200).end();
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => {
		server.close();
		server.closeAllConnections();
	});
	const health = [`http://127.0.0.1:${(server.address() as AddressInfo).port}/health`];
	const place = await openCheckout(t, {
		settings: settings => ({...settings, environments: settings.environments.map(each => ({...each, health}))}),
		options: {gitHub: null},
	});
	place.live('staging', a);
	place.script('deploy.sh', '#!/bin/sh\nprintf %s "$2" > "live-$1"; touch shipped\n');
	const plan = await place.operations.plan({kind: 'deploy', environment: 'staging', sha: b}, []);
	await place.operations.start(plan, {phrase: null});
	assert.deepEqual([(await place.ended(plan.id)).outcome, asked], ['succeeded', 4]);
});

test("files that carry secrets or decisions are their owner's alone", async t => {
	const place = await openCheckout(t, {options: {gitHub: null}});
	place.live('staging', a);
	const plan = await place.operations.plan({kind: 'deploy', environment: 'staging', sha: b}, []);
	await place.operations.start(plan, {phrase: null});
	await place.ended(plan.id);
	for (const path of [
		place.paths.journal,
		join(place.paths.operations, plan.id, 'request.json'),
		join(place.paths.operations, plan.id, 'supervisor.log'),
	])
		assert.equal(statSync(path).mode & 0o777, 0o600, path);
	assert.equal(statSync(place.paths.directory).mode & 0o777, 0o700);
});
