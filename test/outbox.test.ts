/** The outbox: what was queued is delivered, whoever dies when. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	truncateSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, test, type TestContext} from 'node:test';
import {fileURLToPath} from 'node:url';
import type {Delivery} from '../source/core/operations/delivery.ts';
import {createJournal} from '../source/operations/journal/journal.ts';
import {createJournalReader} from '../source/operations/journal/journal-reader.ts';
import {verifyJournal} from '../source/operations/journal/journal-verify.ts';
import {tryMutex} from '../source/operations/files/mutex.ts';
import {
	type Deliver,
	flushOutbox,
	type OutboxItem,
	patienceMs,
	queueItem,
	queueItems,
	readOutbox,
} from '../source/operations/outbox/outbox.ts';
import {statePaths} from '../source/operations/files/paths.ts';
import {mortalDisk} from './helpers/mortal-disk.ts';
import {patient} from './helpers/patience.ts';

const root = mkdtempSync(join(tmpdir(), 'outbox-'));
after(() => rmSync(root, {recursive: true, force: true}));
let count = 0;
const item = (id: string, over: Partial<OutboxItem> = {}): OutboxItem => ({
	id,
	kind: 'announcement',
	operation: 'op',
	what: `item ${id}`,
	row: null,
	body: {id},
	...over,
});

const fresh = () => {
	const state = join(root, String(count++));
	const paths = statePaths(state, 'github.com', 'acme/shop');
	let now = Date.parse('2026-11-24T02:00:00Z');
	const journal = createJournal(paths, () => now);
	const taken: string[] = [];
	const take: Deliver = async ({id}) => {
		taken.push(id);
		return {ok: true};
	};
	const fail =
		(because: string, over: Partial<Extract<Delivery, {ok: false}>> = {}): Deliver =>
		async () => ({ok: false, because, retryAt: null, isFinal: false, ...over});
	return {
		state,
		paths,
		journal,
		taken,
		take,
		fail,
		outbox: paths.outbox,
		now: () => now,
		advance(milliseconds: number) {
			now += milliseconds;
		},
		queue: (...items: OutboxItem[]) => items.forEach(one => queueItem(paths.outbox, one, now)),
		flush: async (deliver: Deliver = take, signal = new AbortController().signal) =>
			flushOutbox(paths.outbox, deliver, {now: () => now, signal, journal}),
		events: async () => (await createJournalReader(paths.journal).read()).records,
		files: () => readdirSync(paths.outbox).sort(),
	};
};

test('queued once, readable by the owner alone, delivered in order, told in the journal', async () => {
	const bench = fresh();
	await queueItems(bench.outbox, [item('a'), item('b')], bench);
	await queueItems(bench.outbox, [item('a'), item('c')], bench);
	assert.equal(statSync(join(bench.outbox, 'a.json')).mode & 0o777, 0o600);
	assert.equal(statSync(bench.outbox).mode & 0o777, 0o700);
	assert.deepEqual(
		(({waiting, oldestAt, because}) => [waiting.map(({id}) => id), oldestAt, because])(readOutbox(bench.outbox)),
		[['a', 'b', 'c'], bench.now(), null],
	);
	assert.deepEqual(await bench.flush(), {
		delivered: 3,
		givenUp: 0,
		waiting: 0,
		nextAt: null,
		isBusy: false,
		because: null,
	});
	assert.deepEqual(bench.taken, ['a', 'b', 'c']);
	assert.deepEqual(
		(await bench.events()).map(event => `${event.type} ${(event as {item: string}).item}`),
		['queued a', 'queued b', 'queued c', 'published a', 'published b', 'published c'],
	);
	assert.deepEqual([readOutbox(bench.outbox), bench.files()], [{waiting: [], oldestAt: null, because: null}, []]);
	assert.throws(() => queueItem(bench.outbox, item('../x'), 0), /name of a file/);
});

test('without an outbox there is nothing to do, and nothing is made', async () => {
	const bench = fresh();
	assert.equal((await bench.flush()).waiting, 0);
	assert.throws(() => readdirSync(bench.state));
});

test('tried again later and later, as late as was asked for, and given up after a day', async () => {
	const bench = fresh();
	bench.queue(item('a'));
	const pauses: number[] = [];
	for (;;) {
		const before = bench.now();
		const {nextAt, because, givenUp} = await bench.flush(bench.fail('503'));
		if (nextAt === null) {
			assert.equal(givenUp, 1);
			break;
		}
		assert.equal(because, '503');
		if (pauses.length < 3) assert.equal((await bench.flush()).delivered, 0, 'not before its time');
		pauses.push((nextAt - before) / 1000);
		bench.advance(nextAt - before);
	}
	assert.deepEqual(pauses.slice(0, 10), [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
	const total = pauses.reduce((sum, pause) => sum + pause, 0) * 1000;
	assert.ok(total > patienceMs && total < patienceMs + 16 * 60_000);
	const [event] = await bench.events();
	assert.ok(event?.type === 'given-up' && event.item === 'a' && /within 24 h: 503/.test(event.because));
	bench.queue(item('b'));
	assert.equal((await bench.flush(bench.fail('429', {retryAt: bench.now() + 77_000}))).nextAt, bench.now() + 77_000);
	bench.queue(item('c'));
	assert.deepEqual(
		(({givenUp, waiting}) => [givenUp, waiting])(await bench.flush(bench.fail('never', {isFinal: true}))),
		[1, 1],
	);
});

test('after two days asleep an item is tried once before it is given up; a clock that went back holds nothing up', async () => {
	const bench = fresh();
	bench.queue(item('a'));
	bench.advance(2 * patienceMs);
	assert.equal((await bench.flush()).delivered, 1);
	bench.queue(item('b'));
	await bench.flush(bench.fail('503'));
	bench.advance(-3 * patienceMs);
	assert.equal((await bench.flush()).delivered, 1);
});

test('one that is stuck holds up its own row only', async () => {
	const bench = fresh();
	bench.queue(
		item('a1', {row: 'pin production', kind: 'pin'}),
		item('a2', {row: 'pin production', kind: 'pin'}),
		item('b1', {row: 'pin staging', kind: 'pin'}),
		item('c1'),
		item('c2'),
	);
	const result = await bench.flush(async (one, signal) =>
		one.id === 'a1' || one.id === 'c1'
			? {ok: false, because: 'no', retryAt: null, isFinal: false}
			: bench.take(one, signal),
	);
	assert.deepEqual([bench.taken.sort(), result.delivered, result.waiting], [['b1', 'c2'], 2, 3]);
	await bench.flush();
	assert.equal(bench.taken.includes('a2'), false, 'a2 is due, a1 before it is not');
	bench.advance(5000);
	await bench.flush();
	assert.deepEqual(bench.taken.slice(2).sort(), ['a1', 'a2', 'c1']);
	assert.ok(bench.taken.indexOf('a1') < bench.taken.indexOf('a2'));
});

test('a delivery that throws is one that failed; an abort leaves things as they are', async () => {
	const bench = fresh();
	bench.queue(item('a'));
	assert.equal(
		(
			await bench.flush(async () => {
				throw new Error('a bug');
			})
		).because,
		'a bug',
	);
	bench.advance(5000);
	const controller = new AbortController();
	const stopped = await bench.flush(async (_, signal) => {
		controller.abort();
		signal.throwIfAborted();
		return {ok: true};
	}, controller.signal);
	assert.deepEqual([stopped.waiting, stopped.delivered], [1, 0]);
	bench.advance(10_000);
	assert.equal((await bench.flush()).delivered, 1);
});

test('what cannot be read is set aside and said; what dead writers left is cleared away in time', async () => {
	const bench = fresh();
	bench.queue(item('a'), item('b'), item('c'));
	truncateSync(join(bench.outbox, 'b.json'), 20);
	writeFileSync(join(bench.outbox, 'other.json'), readFileSync(join(bench.outbox, 'a.json')));
	writeFileSync(join(bench.outbox, 'd.json.123.0'), '{');
	utimesSync(join(bench.outbox, 'd.json.123.0'), new Date(bench.now()), new Date(bench.now()));
	assert.match(readOutbox(bench.outbox).because!, /2 files in .* cannot be read/);
	assert.match((await bench.flush()).because!, /2 files in .* cannot be read/);
	assert.deepEqual(
		[bench.taken, bench.files()],
		[
			['a', 'c'],
			['b.json.unreadable', 'd.json.123.0', 'other.json.unreadable'],
		],
	);
	bench.advance(patienceMs + 1000);
	await bench.flush();
	assert.deepEqual(bench.files(), ['b.json.unreadable', 'other.json.unreadable']);
});

test('a full disk: nothing is tried that could not be remembered, and nothing is lost', async () => {
	const bench = fresh();
	bench.queue(item('a'));
	const full = {
		append: async () => {
			throw new Error('no space left on device');
		},
	};
	const flush = async () =>
		flushOutbox(bench.outbox, bench.take, {now: bench.now, signal: new AbortController().signal, journal: full});
	assert.equal((await flush()).because, 'no space left on device');
	await flush();
	assert.deepEqual(bench.taken, ['a'], 'delivered is delivered');
	await bench.flush();
	assert.deepEqual(
		[bench.taken, (await bench.events()).map(({type}) => type), bench.files()],
		[['a'], ['published'], []],
	);
});

test('several at once, also while more is queued: each item once', async () => {
	const bench = fresh();
	bench.queue(...Array.from({length: 6}, (_, index) => item(`a${index}`)));
	const slow: Deliver = async (one, signal) => {
		await new Promise(resolve => {
			setImmediate(resolve);
		});
		if (one.id === 'a0') bench.queue(item('late'));
		return bench.take(one, signal);
	};
	await Promise.all([bench.flush(slow), bench.flush(slow), bench.flush(slow)]);
	assert.deepEqual(bench.taken.toSorted(), ['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'late']);
});

test('while another process is at it, nothing is done twice: that is said', async () => {
	const bench = fresh();
	bench.queue(item('a'));
	const other = tryMutex(`${bench.outbox}.mutex`)!;
	const busy = await flushOutbox(bench.outbox, bench.take, {
		now: bench.now,
		signal: new AbortController().signal,
		journal: bench.journal,
		waitMs: 0,
	});
	assert.deepEqual([busy.isBusy, busy.waiting, bench.taken], [true, 1, []]);
	other.release();
	assert.equal((await bench.flush()).delivered, 1);
});

const three = [
	item('op.pin', {kind: 'pin', row: 'pin production'}),
	item('op.record', {kind: 'deployment-record'}),
	item('op.finished', {body: 'x'.repeat(600)}),
];

test('death at every single step of queueing and delivering: everything arrives, the journal tells it, only what was in flight comes twice', async () => {
	const disk = mortalDisk(() => {
		throw new Error('dead');
	});
	let died = true;
	for (let step = 1; died; step += 1) {
		const round = fresh();
		// What dies does not send either.
		const deliver: Deliver = async (one, signal) => {
			queueItem(round.state, item('alive'), 0);
			return round.take(one, signal);
		};
		disk.dieAt(step);
		await queueItems(round.outbox, three, round)
			.then(async () => round.flush(deliver))
			.catch(() => {});
		died = disk.revive();
		// Whoever goes on for the dead one queues again what the journal does not call published.
		const published = new Set(
			(await round.events()).flatMap(event => (event.type === 'published' ? [event.item] : [])),
		);
		await queueItems(
			round.outbox,
			three.filter(({id}) => !published.has(id)),
			round,
		);
		round.advance(60_000);
		await round.flush();
		assert.deepEqual([...new Set(round.taken)].sort(), three.map(({id}) => id).sort(), `step ${step}`);
		assert.deepEqual(readOutbox(round.outbox).waiting, [], `step ${step}`);
		const events = await round.events();
		assert.deepEqual(
			[...new Set(events.flatMap(event => (event.type === 'published' ? [event.item] : [])))].sort(),
			three.map(({id}) => id).sort(),
		);
		const verdict = await verifyJournal(round.paths);
		assert.ok(verdict.ok, `step ${step}: ${JSON.stringify(verdict)}`);
		assert.ok(round.taken.length <= (died ? 6 : 3));
	}
});

const receiver = async (t: TestContext) => {
	const keys: string[] = [];
	const server = createServer((request, response) => {
		keys.push(String(request.headers['idempotency-key']));
		response.end();
	});
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	t.after(() => {
		server.closeAllConnections();
		server.close();
	});
	return {url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, keys};
};
const program = fileURLToPath(new URL('helpers/flushing.ts', import.meta.url));
const flushElsewhere = async (...parameters: string[]) =>
	new Promise<{signal: string | null; output: string}>(resolve => {
		execFile(
			process.execPath,
			['--import', fileURLToPath(new URL('helpers/register.js', import.meta.url)), program, ...parameters],
			{timeout: patient(60_000)},
			(error, output) => resolve({signal: error?.signal ?? null, output}),
		);
	});

test('kill -9 in the middle: the place is free at once, and the next process goes on', async t => {
	const {url, keys} = await receiver(t);
	const bench = fresh();
	// By the wall's time, as the other processes go by it: what waits for longer than a day is given up.
	for (const one of three) queueItem(bench.outbox, one, Date.now());
	for (const step of [3, 9, 14])
		assert.equal((await flushElsewhere(bench.state, url, String(step))).signal, 'SIGKILL', `step ${step}`);
	await flushOutbox(bench.outbox, bench.take, {
		now: () => Date.now() + 60_000,
		signal: new AbortController().signal,
		journal: bench.journal,
	});
	assert.deepEqual([...new Set([...keys, ...bench.taken])].sort(), three.map(({id}) => id).sort());
	assert.deepEqual(readOutbox(bench.outbox).waiting, []);
});

test('three processes at once: each item once', async t => {
	const {url, keys} = await receiver(t);
	const bench = fresh();
	const ids = Array.from({length: 12}, (_, index) => `item-${String(index).padStart(2, '0')}`);
	bench.queue(...ids.map(id => item(id)));
	const all = await Promise.all([1, 2, 3].map(async () => flushElsewhere(bench.state, url)));
	assert.deepEqual(keys.sort(), ids);
	assert.equal(
		all.map(({output}) => (JSON.parse(output) as {delivered: number}).delivered).reduce((sum, one) => sum + one, 0),
		12,
	);
});
