/** Logs of jobs on their way to the disk: what GitHub says in place of one, connections that break, and where the token goes. */
import assert from 'node:assert/strict';
import {mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {absenceOf, isAllThere, type LogComing, type LogFetched, type LoggedJob} from '../source/core/runs/job-log.ts';
import type {Status} from '../source/core/pipeline/pipeline.ts';
import {createLogFetch, type JobLogOptions} from '../source/github/artifacts/job-logs.ts';
import {keptLog, logCache, makeRoom} from '../source/github/artifacts/log-cache.ts';
import {createJobLogs} from '../source/logs/job-logs.ts';
import type {Scenario} from '../source/simulator/model/scenario.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {startSimulator} from '../source/simulator/server.ts';
import {testJobLogs} from './helpers/job-logs.ts';
import {fakeClock} from './helpers/fake-clock.ts';
import {until} from './helpers/patience.ts';

const now = Date.parse('2026-11-23T09:00:00Z');
const job = (over: Partial<LoggedJob> = {}): LoggedJob => ({
	id: 41,
	attempt: 2,
	name: 'e2e (1, 4)',
	status: 'failed',
	startedAt: now - 400_000,
	finishedAt: now - 300_000,
	steps: null,
	...over,
});
const api = 'https://api.github.test';
const store = 'https://store.example/log?sig=abc';

/** `replies`: one for each request, the last one again and again. Waits on the clock end at once. */
const fetcher = (
	t: TestContext,
	replies: ReadonlyArray<(url: string, init: RequestInit) => Response | Promise<Response>>,
	over: Partial<JobLogOptions> = {},
) => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-fetch-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	const sent: Array<{url: string; headers: Headers}> = [];
	const waits: number[] = [];
	const cache = logCache(folder, 'github.com', 'o/n');
	const fetch = createLogFetch({
		endpoint: {
			host: 'github.com',
			apiUrl: api,
			graphqlUrl: `${api}/graphql`,
			token: 'ghp_secretsecretsecretsecret',
		},
		repository: 'o/n',
		cache,
		// Pauses are over at once; the one that guards against silence never comes.
		clock: {
			now: () => now,
			after: (milliseconds, signal) =>
				new Promise((resolve, reject) => {
					if (milliseconds === 30_000)
						signal?.addEventListener('abort', () => reject(signal.reason), {once: true});
					else {
						waits.push(milliseconds);
						resolve();
					}
				}),
		},
		fetch: async (url, init = {}) => {
			sent.push({url: String(url), headers: new Headers(init.headers)});
			return replies[Math.min(sent.length, replies.length) - 1]!(String(url), init);
		},
		...over,
	});
	const coming: LogComing[] = [];
	const get = async (over: Partial<LoggedJob> = {}, signal = new AbortController().signal): Promise<LogFetched> =>
		fetch(job(over), signal, log => coming.push(log));
	return {get, sent, waits, coming, cache, folder};
};

const moved =
	(to = store, status = 302) =>
	() =>
		new Response(null, {status, headers: {location: to}});
const text =
	(body: string, headers: Record<string, string> = {}, status = 200) =>
	() =>
		new Response(body, {
			status,
			headers: {'content-type': 'text/plain', 'content-length': String(Buffer.byteLength(body)), ...headers},
		});
const says =
	(status: number, body: unknown, headers: Record<string, string> = {}) =>
	() =>
		new Response(typeof body === 'string' ? body : JSON.stringify(body), {status, headers});
const whyOf = (found: LogFetched) => (found.kind === 'absent' ? found.why : found.kind);
/** Promises more than it gives. */
const cutOff = (body: string, length: number) => () =>
	new Response(
		new ReadableStream(
			{
				start(controller) {
					controller.enqueue(Buffer.from(body));
				},
				pull(controller) {
					controller.error(
						new TypeError('terminated', {
							cause: Object.assign(new Error('other side closed'), {code: 'UND_ERR_SOCKET'}),
						}),
					);
				},
			},
			{highWaterMark: 0},
		),
		{status: 200, headers: {'content-length': String(length)}},
	);

test('the token goes to the API and nowhere else; the log comes whole to the disk, and a second time from there', async t => {
	const {get, sent, coming, cache} = fetcher(t, [moved(), text('one\ntwo\n')]);
	const found = await get();
	assert.ok(found.kind === 'there');
	assert.equal(readFileSync(found.path, 'utf8'), 'one\ntwo\n');
	assert.equal(statSync(found.path).mode & 0o777, 0o600);
	assert.deepEqual(
		sent.map(({url}) => url),
		[`${api}/repos/o/n/actions/jobs/41/logs`, store],
	);
	assert.deepEqual(
		sent.map(({headers}) => headers.get('authorization')),
		['bearer ghp_secretsecretsecretsecret', null],
	);
	assert.deepEqual(coming.at(-1), {path: coming[0]!.path, bytes: 8, total: 8});
	assert.deepEqual(readdirSync(cache.folder), ['41-2.log'], 'another attempt has another file, nothing else is left');
	assert.deepEqual(await get(), found);
	assert.equal(sent.length, 2);
});

test('a renamed repository is followed with the token on the same host only; other hosts over HTTPS only', async t => {
	const renamed = fetcher(t, [moved(`${api}/repositories/7/actions/jobs/41/logs`, 301), moved(), text('x\n')]);
	assert.equal((await renamed.get()).kind, 'there');
	assert.deepEqual(
		renamed.sent.map(({headers}) => headers.has('authorization')),
		[true, true, false],
	);
	for (const [to, status] of [
		['https://evil.example/logs', 301],
		['http://store.example/log', 302],
		['file:///etc/passwd', 302],
		['http://api.github.test/x', 307],
	] as const) {
		const {get, sent} = fetcher(t, [moved(to, status)]);
		const found = await get();
		assert.equal(whyOf(found), 'unreachable', to);
		assert.ok(
			sent.every(({url}) => url.startsWith(`${api}/`)),
			to,
		);
	}
	const round = fetcher(t, [moved(), moved('https://store.example/again')]);
	assert.equal(whyOf(await round.get()), 'unreachable', 'round and round');
});

test('cut off: gone on with where it broke off; begun anew where the store cannot; given up after some tries', async t => {
	const resumed = fetcher(t, [moved(), cutOff('one\ntw', 8), moved(), says(206, 'o\n', {'content-length': '2'})]);
	const found = await resumed.get();
	assert.ok(found.kind === 'there');
	assert.equal(readFileSync(found.path, 'utf8'), 'one\ntwo\n');
	assert.deepEqual(
		resumed.sent.map(({headers}) => headers.get('range')),
		[null, null, 'bytes=6-', 'bytes=6-'],
	);
	const anew = fetcher(t, [moved(), cutOff('old', 8), moved(), text('one\ntwo\n')]);
	const whole = await anew.get();
	assert.ok(whole.kind === 'there');
	assert.equal(readFileSync(whole.path, 'utf8'), 'one\ntwo\n');
	const never = fetcher(t, [moved(), cutOff('one', 8)], {});
	const failed = await never.get();
	assert.ok(failed.kind === 'absent');
	assert.match(failed.because, /broke off|too old/);
	assert.deepEqual(readdirSync(never.cache.folder), [], 'no half log stays');
	const short = fetcher(t, [
		moved(),
		text('one', {'content-length': '8'}),
		moved(),
		says(206, '\ntwo\n', {'content-length': '5'}),
	]);
	assert.equal((await short.get()).kind, 'there', 'fewer bytes than promised, without an error');
});

test('what GitHub says in place of a log is one sentence each', async t => {
	const notFound = {message: 'Not Found'};
	const blob = '\uFEFF<?xml version="1.0"?><Error><Code>BlobNotFound</Code></Error>';
	const cases: ReadonlyArray<readonly [string, ReadonlyArray<() => Response>, Partial<LoggedJob>]> = [
		['soon', [says(404, notFound)], {finishedAt: now - 5000}],
		['soon', [moved(), says(404, blob)], {finishedAt: now - 5000}],
		['soon', [moved(), text('')], {finishedAt: now - 5000}],
		['gone', [says(404, notFound)], {}],
		['gone', [moved(), says(404, blob)], {}],
		['gone', [says(404, notFound)], {status: 'unknown', finishedAt: null}],
		['expired', [says(410, {message: 'Server Error'})], {}],
		['expired', [says(404, notFound)], {finishedAt: now - 100 * 86_400_000}],
		[
			'not-permitted',
			[
				says(
					403,
					{message: 'Resource not accessible by personal access token'},
					{'x-accepted-github-permissions': 'actions=read'},
				),
			],
			{},
		],
		['not-permitted', [says(401, {message: 'Bad credentials'})], {}],
		['unreachable', [says(502, '<html>')], {}],
		[
			'unreachable',
			[
				says(
					403,
					{message: 'API rate limit exceeded'},
					{'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 + 600)},
				),
			],
			{},
		],
		['unreachable', [says(200, '<html>Sign in</html>', {'content-type': 'text/html'})], {}],
		[
			'unreachable',
			[
				() => {
					throw new TypeError('fetch failed', {cause: Object.assign(new Error('x'), {code: 'ENOTFOUND'})});
				},
			],
			{},
		],
		['cancelled', [says(404, notFound)], {status: 'cancelled'}],
	];
	for (const [why, replies, over] of cases) {
		const found = await fetcher(t, replies).get(over);
		assert.equal(whyOf(found), why, JSON.stringify(found));
		assert.ok(found.kind === 'absent' && /^\S.*\.$/.test(found.because), JSON.stringify(found));
		assert.doesNotMatch(JSON.stringify(found), /ghp_/);
	}
	const limited = await fetcher(t, [
		says(
			403,
			{message: 'API rate limit exceeded'},
			{'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 + 600)},
		),
	]).get();
	assert.ok(limited.kind === 'absent' && limited.retryAt === now + 600_000, 'GitHub said when');
	const empty = await fetcher(t, [moved(), text('')]).get();
	assert.deepEqual(
		[empty.kind, empty.kind === 'there' && empty.bytes],
		['there', 0],
		'long after its end an empty log is one',
	);
});

test("what the job's own state says needs no request", async t => {
	const {get, sent} = fetcher(t, [text('x')]);
	const why = async (status: Status, over: Partial<LoggedJob> = {}) => whyOf(await get({status, ...over}));
	assert.deepEqual(
		await Promise.all([
			why('running'),
			why('queued'),
			why('waiting'),
			why('skipped'),
			why('cancelled', {startedAt: null}),
			why('cancelled', {steps: [], startedAt: now, finishedAt: now}),
		]),
		['running', 'queued', 'waiting', 'skipped', 'cancelled', 'cancelled'],
	);
	assert.equal(sent.length, 0);
	assert.equal(absenceOf(job({status: 'cancelled'})), null, 'one that ran before it was cancelled has a log');
});

test('an address that was too old is asked for once more', async t => {
	const {get, sent} = fetcher(t, [
		moved(),
		says(403, '<Error><Code>AuthenticationFailed</Code></Error>'),
		moved(),
		text('x\n'),
	]);
	assert.equal((await get()).kind, 'there');
	assert.equal(sent.length, 4);
});

/** Until the first bytes are on the disk, and more is waited for. */
const begun = async (coming: readonly LogComing[]) => {
	await until('the first bytes are there', () => coming.length >= 2);
	for (let turn = 0; turn < 20; turn++)
		await new Promise(resolve => {
			setImmediate(resolve);
		});
};

test('silence ends a try, an abort ends it all, and nothing is left', async t => {
	const clock = fakeClock();
	const silent = fetcher(
		t,
		[
			moved(),
			() =>
				new Response(
					new ReadableStream({
						start(controller) {
							controller.enqueue(Buffer.from('one\n'));
						},
					}),
				),
		],
		{clock: {now: () => now, after: clock.after}, silentMs: 30_000, tries: 1},
	);
	const waiting = silent.get();
	await begun(silent.coming);
	clock.advance(30_000);
	const found = await waiting;
	assert.ok(found.kind === 'absent' && found.why === 'unreachable');
	assert.match(found.because, /did not answer within 30 s/);
	const stop = new AbortController();
	const aborted = fetcher(t, [
		moved(),
		() =>
			new Response(
				new ReadableStream({
					start(controller) {
						controller.enqueue(Buffer.from('one\n'));
					},
				}),
			),
	]);
	const going = aborted.get({}, stop.signal);
	await begun(aborted.coming);
	stop.abort(new Error('enough'));
	await assert.rejects(going, /enough/);
	assert.deepEqual(readdirSync(aborted.cache.folder), []);
});

test('a full disk is a sentence', async t => {
	const {get, cache} = fetcher(t, [
		moved(),
		() => {
			throw Object.assign(new Error('no space left on device'), {code: 'ENOSPC'});
		},
	]);
	const found = await get();
	assert.ok(found.kind === 'absent' && found.why === 'disk');
	assert.match(found.because, /no room on the disk/);
	assert.deepEqual(readdirSync(cache.folder), []);
	const unwritable = fetcher(t, [moved()]);
	writeFileSync(join(unwritable.folder, 'logs'), 'in the way');
	assert.equal(whyOf(await unwritable.get()), 'disk');
});

test('a log that is larger than all logs may be is not brought, announced or not, and leaves nothing', async t => {
	for (const headers of [{}, {'content-length': '1'}]) {
		const endless = () =>
			new Response(
				new ReadableStream({
					pull(controller) {
						controller.enqueue(Buffer.alloc(10_000, 'x'));
					},
				}),
				{status: 200, headers},
			);
		const folder = mkdtempSync(join(tmpdir(), 'deployctl-small-'));
		t.after(() => rmSync(folder, {recursive: true, force: true}));
		const {get} = fetcher(t, [moved(), Object.keys(headers).length === 0 ? endless : text('x'.repeat(60_000))], {
			cache: logCache(folder, 'github.com', 'o/n', 50_000),
		});
		const found = await get();
		assert.ok(found.kind === 'absent' && /larger than 0\.1 MB/.test(found.because));
		assert.deepEqual(
			readdirSync(folder, {recursive: true}).filter(name => /\.(?:part|log)$/.test(String(name))),
			[],
		);
	}
});

test('what was looked at longest ago makes room, across repositories; never the newest; what others left behind goes', async t => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-room-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	const [mine, other] = [logCache(folder, 'github.com', 'o/n', 25), logCache(folder, 'ghe.example', '../../o/n', 25)];
	assert.ok(other.folder.startsWith(join(folder, 'logs')), 'no name leaves the folder');
	const put = async (path: string, at: number, bytes = 10) => {
		const {mkdir} = await import('node:fs/promises');
		await mkdir(join(path, '..'), {recursive: true});
		writeFileSync(path, 'x'.repeat(bytes));
		utimesSync(path, at, at);
	};
	await put(join(mine.folder, '1-1.log'), 1000);
	await put(join(other.folder, '2-1.log'), 2000);
	await put(join(mine.folder, '3-1.log'), 3000);
	await put(join(mine.folder, '9-1.log.1.part'), 1000);
	await put(join(mine.folder, '4-1.log'), 1000 + 2 * 86_400);
	assert.equal(await keptLog(join(mine.folder, '1-1.log')), 10, 'it was looked at just now');
	await makeRoom(mine, join(mine.folder, '4-1.log'));
	assert.deepEqual([readdirSync(mine.folder).sort(), readdirSync(other.folder)], [['1-1.log', '4-1.log'], []]);
	await put(join(mine.folder, '5-1.log'), 500, 100);
	await makeRoom(mine, join(mine.folder, '5-1.log'));
	assert.deepEqual(
		readdirSync(mine.folder),
		['5-1.log'],
		'larger than all that is allowed, and kept: it is being read',
	);
});

test('against the simulator: not there in the first seconds, then by itself; a job of a run that still goes on', async t => {
	let at = Date.parse(scenarioNamed('red-e2e').startsAt);
	const simulator = await startSimulator({scenario: 'red-e2e', clock: {now: () => at}});
	t.after(async () => simulator.close());
	const jobs = () => [...simulator.simulation.state.jobs.values()];
	const running = jobs().find(one => one.status === 'in_progress' && one.name.startsWith('e2e'))!;
	while (jobs().find(({id}) => id === running.id)!.status !== 'completed') {
		at += 1000;
		simulator.simulation.advanceTo(at);
	}
	const done = jobs().find(({id}) => id === running.id)!;
	assert.notEqual(simulator.simulation.state.runs.get(done.runId)!.status, 'completed', 'its run still goes on');
	const waits: number[] = [];
	const clock = {
		now: () => at,
		after: async (milliseconds: number, signal?: AbortSignal) => {
			if (milliseconds === 30_000)
				return new Promise<void>((_, reject) => {
					signal?.addEventListener('abort', () => reject(signal.reason), {once: true});
				});
			waits.push(milliseconds);
			at += milliseconds;
		},
	};
	const logs = testJobLogs({simulator, repository: 'acme/auto-author', token: 'sim_classic', clock});
	t.after(logs.close);
	const log = logs.world.open(job({id: done.id, finishedAt: done.completedAt}));
	const window = {
		from: 0,
		error: 0 as const,
		by: 0,
		before: 0,
		after: 5,
		folds: {all: true, except: []},
		isRevealed: false,
	};
	let reading = await log.read(window);
	await until('the log is there', async () => isAllThere((reading = await log.read(window)).standing));
	assert.ok(waits.length > 0, 'it was asked for again');
	assert.match(reading.rows[0]!.spans[0]!.text, /^Current runner version/);
	await log.close();
});

test('large logs of the simulator: streamed, cut, resumed by range; expired', async t => {
	const large: Scenario = {
		...scenarioNamed('quiet'),
		events: scenarioNamed('quiet').events.map(event =>
			'push' in event
				? {...event, plan: {...event.plan, logs: {lint: {bytes: 3_000_000}, typecheck: 'expired' as const}}}
				: event,
		),
	};
	const at = Date.parse(large.startsAt);
	const simulator = await startSimulator({scenario: large, clock: {now: () => at}});
	t.after(async () => simulator.close());
	const of = (name: string) => [...simulator.simulation.state.jobs.values()].findLast(one => one.name === name)!;
	const clock = {
		now: () => at,
		after: async (milliseconds: number, signal?: AbortSignal) =>
			milliseconds === 30_000
				? new Promise<void>((_, reject) => {
						signal?.addEventListener('abort', () => reject(signal.reason), {once: true});
					})
				: undefined,
	};
	const logs = testJobLogs({simulator, repository: 'acme/auto-author', token: 'sim_classic', clock});
	t.after(logs.close);
	simulator.faults.next({kind: 'truncated', bytes: 1_000_001}, {match: {path: '_logs'}});
	const found = await logs.fetch(job({id: of('lint').id}), new AbortController().signal, () => {});
	assert.ok(found.kind === 'there' && found.bytes === 3_000_000, JSON.stringify(found));
	const lines = readFileSync(found.path, 'utf8').split('\n');
	assert.ok(
		lines.every((line, index) => index === lines.length - 1 || /^2026-\S+Z .*ms$/.test(line)),
		'no line was torn',
	);
	assert.equal(
		whyOf(await logs.fetch(job({id: of('typecheck').id}), new AbortController().signal, () => {})),
		'expired',
	);
});

test('given up after minutes, and asked for again when somebody wants it', async () => {
	const waits: number[] = [];
	let asked = 0;
	let at = 0;
	const logs = createJobLogs({
		secrets: [],
		clock: {
			now: () => at,
			after: async milliseconds => {
				waits.push(milliseconds);
				at += milliseconds;
			},
		},
		fetch: async () => {
			asked++;
			return {kind: 'absent', why: 'soon', because: 'Not yet.', next: null, retryAt: at};
		},
	});
	const log = logs.open(job());
	const window = {
		from: 0,
		error: 0 as const,
		by: 0,
		before: 0,
		after: 5,
		folds: {all: true, except: []},
		isRevealed: false,
	};
	for (let turn = 0; turn < 50; turn++)
		await new Promise(resolve => {
			setImmediate(resolve);
		});
	const {standing} = await log.read(window);
	assert.ok(standing.kind === 'absent' && standing.why === 'gone' && standing.retryAt === null);
	assert.deepEqual([asked, waits[0], waits.at(-1)], [10, 1000, 60_000]);
	log.retry();
	for (let turn = 0; turn < 50; turn++)
		await new Promise(resolve => {
			setImmediate(resolve);
		});
	assert.equal(asked, 20);
	await log.close();
});

test('a log that gets its last name while it is being opened is no log that somebody removed', async t => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-renamed-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	const path = join(folder, '41-2.log');
	writeFileSync(path, 'one\ntwo\n');
	let arrive!: () => void;
	const arrived = new Promise<void>(resolve => {
		arrive = resolve;
	});
	// It has come, and been renamed; that is told only while the name it had on its way is being opened.
	const log = createJobLogs({
		secrets: [],
		clock: fakeClock(now),
		fetch: async (_, __, coming) => {
			coming({path: join(folder, 'gone.part'), bytes: 8, total: 8});
			await arrived;
			return {kind: 'there', path, bytes: 8};
		},
	}).open(job());
	t.after(() => log.close());
	const wanted = {
		from: 0,
		error: 0,
		by: 0,
		before: 10,
		after: 10,
		folds: {all: false, except: []},
		isRevealed: false,
	} as const;
	const first = log.read(wanted);
	arrive();
	assert.notEqual((await first).standing.kind, 'absent');
	const {standing, rows} = await log.read(wanted);
	assert.deepEqual([standing.kind, rows.length], ['there', 2]);
});

test('an address that leads in a circle, or away over http, is not tried again at once', async t => {
	const {get, sent, waits} = fetcher(t, [moved()]);
	assert.equal(whyOf(await get()), 'unreachable');
	assert.deepEqual([sent.length, waits], [6, []]);
});
