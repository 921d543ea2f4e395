/** Observation of environments over real sockets: what is the environment's word, and what is our own blindness. */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {createServer, type RequestListener} from 'node:http';
import {type AddressInfo, createServer as createTcpServer, type Server} from 'node:net';
import {type TestContext, test} from 'node:test';
import {overall} from '../source/core/releases/observation.ts';
import {realClock} from '../source/edges/clock.ts';
import {observe, versionIn} from '../source/operations/readings/observe.ts';
import {patient} from './helpers/patience.ts';

const sha = '3f2a9c1e'.repeat(5);

const listening = async (t: TestContext, server: Server): Promise<string> => {
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.close());
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const serving = async (t: TestContext, answer: RequestListener): Promise<string> => {
	const server = createServer(answer);
	t.after(() => server.closeAllConnections());
	return listening(t, server);
};

const look = async (
	version: readonly string[],
	health: readonly string[],
	more: {fetch?: typeof fetch; timeoutMs?: number; signal?: AbortSignal} = {},
) => observe({name: 'staging', version, health}, {clock: realClock, ...more}, more.signal);

test('version and health of each instance, paired by their place', async t => {
	const one = await serving(t, (request, response) => response.end(request.url === '/version' ? `${sha}\n` : 'fine'));
	const two = await serving(t, (request, response) =>
		response
			.writeHead(request.url === '/version' ? 200 : 503)
			.end(request.url === '/version' ? JSON.stringify({release: '20261124000000-3f2a9c1'}) : 'no'),
	);
	const {instances, environment} = await look(
		[`${one}/version`, `${two}/version`],
		[`${one}/health`, `${two}/health`],
	);
	assert.equal(environment, 'staging');
	assert.deepEqual(
		instances.map(({instance, version, health, because}) => [instance, version, health, because]),
		[
			[new URL(one).host, sha, true, 'HTTP 200'],
			[new URL(two).host, '20261124000000-3f2a9c1', false, 'HTTP 503'],
		],
	);
	assert.ok(instances.every(({latencyMs}) => latencyMs !== null && latencyMs >= 0));
});

test('lists of different length are paired by host and port; what is not configured is unknown', async t => {
	const [one, two] = [
		await serving(t, (_, response) => response.end(sha)),
		await serving(t, (_, response) => response.end('ok')),
	];
	const {instances} = await look([`${one}/version`], [`${two}/health`, `${one}/health`]);
	assert.deepEqual(
		instances.map(({instance, version, health}) => [instance, version, health]),
		[
			[new URL(one).host, sha, true],
			[new URL(two).host, null, true],
		],
	);
	assert.deepEqual(
		(await look([`${one}/version`], [])).instances.map(({version, health}) => [version, health]),
		[[sha, 'unknown']],
	);
	assert.deepEqual((await look([], [])).instances, []);
});

test('two instances behind one host have names of their own', async t => {
	const url = await serving(t, (_, response) => response.end(sha));
	const {instances} = await look([`${url}/a`, `${url}/b`], []);
	assert.equal(new Set(instances.map(({instance}) => instance)).size, 2);
});

test('who refuses, closes, answers nonsense or stays silent behind an open port is unhealthy', async t => {
	const gone = createTcpServer();
	const refusing = await listening(t, gone);
	await new Promise(resolve => gone.close(resolve));
	const closing = await listening(
		t,
		createTcpServer(socket => socket.destroy()),
	);
	const babbling = await listening(
		t,
		createTcpServer(socket => socket.end('SSH-2.0-OpenSSH\r\n')),
	);
	const held: Array<{destroy(): void}> = [];
	const silent = await listening(
		t,
		createTcpServer(socket => held.push(socket)),
	);
	t.after(() => held.forEach(socket => socket.destroy()));
	const {instances} = await look([], [refusing, closing, babbling, silent], {timeoutMs: patient(500)});
	assert.deepEqual(
		instances.map(({health}) => health),
		[false, false, false, false],
	);
	assert.match(instances[0]!.because, /refused/);
	assert.match(instances[3]!.because, /no answer within [\d.]+ s/);
});

test('our own blindness is unknown: no name, no network, and time-outs where nothing takes connections', async () => {
	const failing =
		(...codes: readonly string[]): typeof fetch =>
		async () => {
			throw new TypeError('fetch failed', {
				cause:
					codes.length === 1
						? Object.assign(new Error('x'), {code: codes[0]})
						: Object.assign(new AggregateError(codes.map(code => Object.assign(new Error('x'), {code}))), {
								code: codes[0],
							}),
			});
		};
	const healthWith = async (failure: typeof fetch) =>
		(await look([], ['http://x.invalid/health'], {fetch: failure})).instances[0]!.health;
	for (const code of [
		'ENOTFOUND',
		'EAI_AGAIN',
		'ENETUNREACH',
		'EHOSTUNREACH',
		'ETIMEDOUT',
		'CERT_HAS_EXPIRED',
		'SOMETHING_NEW',
	])
		assert.equal(await healthWith(failing(code)), 'unknown', code);
	// IPv6 has no route, IPv4 is refused: somebody said no.
	assert.equal(await healthWith(failing('ENETUNREACH', 'ECONNREFUSED')), false);
	// Nobody is at a port that was free a moment ago: like a cable that was cut, with a time-out instead of a refusal.
	const never: typeof fetch = (_, options) =>
		new Promise((_resolve, reject) =>
			options!.signal!.addEventListener('abort', () => reject(options!.signal!.reason as Error)),
		);
	const {
		instances: [blind],
	} = await look([], ['http://127.0.0.1:1/health'], {fetch: never, timeoutMs: 20});
	assert.equal(blind!.health, 'unknown');
	assert.match(blind!.because, /nothing came from there/);
	assert.equal(overall({instances: [blind!]}).health, 'unknown');
});

test('a redirect is an answer, not a way: nobody else is asked', async t => {
	let asked = 0;
	const login = await serving(t, (_, response) => {
		asked++;
		response.end('welcome');
	});
	const url = await serving(t, (_, response) => response.writeHead(302, {location: `${login}/login`}).end());
	const {
		instances: [instance],
	} = await look([`${url}/version`], [`${url}/health`]);
	assert.deepEqual([instance!.health, instance!.version, asked], [false, null, 0]);
	assert.match(instance!.because, /HTTP 302 to http:.*\/login/);
});

test('a connection that was kept and is closed meanwhile is no word about health: each question has one of its own', async t => {
	const used = new WeakSet<object>();
	const url = await serving(t, (request, response) => {
		if (used.has(request.socket)) {
			request.socket.destroy();
			return;
		}
		used.add(request.socket);
		response.end(sha);
	});
	for (let round = 0; round < 3; round++) {
		const {
			instances: [instance],
		} = await look([`${url}/version`], [`${url}/health`]);
		assert.deepEqual([instance!.version, instance!.health], [sha, true], `round ${round}`);
	}
});

test('an endless answer costs no memory and no time beyond the limit', async t => {
	let sent = 0;
	const url = await serving(t, (_, response) => {
		const more = () => {
			while (!response.destroyed && response.write('x'.repeat(16_384))) sent += 16_384;
			if (!response.destroyed) response.once('drain', more);
		};
		more();
	});
	const {
		instances: [instance],
	} = await look([url], []);
	assert.equal(instance!.version, null);
	assert.ok(sent < 16 * 1024 * 1024, `${sent} bytes were taken`);
});

test('what an environment says of itself is made safe', async t => {
	const url = await serving(t, (_, response) => response.end('\u001B[31m3f2a9c1\u001B[0m\u202E'));
	assert.equal((await look([url], [])).instances[0]!.version, '3f2a9c1');
});

test('the version in an answer: text, or JSON by its usual names; what is neither is no version', () => {
	for (const [body, version] of [
		[sha, sha],
		[` ${sha}\r\n`, sha],
		['"v1.2.3"', 'v1.2.3'],
		['1234567', '1234567'],
		[JSON.stringify({sha, version: '1.0'}), sha],
		[JSON.stringify({name: 'app', commit: 'abc1234'}), 'abc1234'],
		[JSON.stringify({version: 7}), null],
		['', null],
		['  ', null],
		['<!doctype html><title>Login</title>', null],
		['it works', null],
		['[1,2]', null],
		['{"sha":', null],
		['null', null],
		['a'.repeat(201), null],
	] as const)
		assert.equal(versionIn(body), version, JSON.stringify(body).slice(0, 60));
});

test('an abort ends the looking', async t => {
	const held: Array<{destroy(): void}> = [];
	const silent = await listening(
		t,
		createTcpServer(socket => {
			held.push(socket);
			abort.abort(new Error('enough'));
		}),
	);
	const abort = new AbortController();
	t.after(() => held.forEach(socket => socket.destroy()));
	await assert.rejects(look([], [silent], {signal: abort.signal}), /enough/);
});
