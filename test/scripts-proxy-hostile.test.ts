/** The templates' proxy between clients that do not keep to the rules and an upstream that believes what it is sent. */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {test, type TestContext} from 'node:test';
import {nginx} from './helpers/fronted.ts';
import {until} from './helpers/patience.ts';
import {
	openClient,
	openNginx,
	openRawProxy,
	openRawUpstream,
	trafficProxy,
	type RawRequest,
} from './helpers/raw-http.ts';

const hidden = 'GET /admin HTTP/1.1\r\nHost: internal\r\n\r\n';
const chunked = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
const field = (request: RawRequest, name: string) =>
	request.fields
		.filter(([each]) => each === name)
		.map(([, value]) => value)
		.join(' | ');

const methods = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'PROPFIND', 'QUERY'];
const framings = [
	['Content-Length', `${hidden.length}`, hidden],
	['Transfer-Encoding', 'chunked', chunked(hidden)],
] as const;
const named = [
	'',
	'content-length',
	'transfer-encoding',
	'close, content-length, transfer-encoding',
	'host, authorization, cookie, x-user, x-forwarded-for',
];

type Line = {port: number; seen: readonly RawRequest[]};
/** One request with a body that is itself a request, and what arrived of it. */
const tryOut = async (
	t: TestContext,
	{port, seen}: Line,
	method: string,
	[name, value, body]: (typeof framings)[number],
	connection: string,
) => {
	const before = seen.length;
	const client = await openClient(t, port);
	client.send(
		[
			`${method} /there HTTP/1.1`,
			'Host: shop.example',
			'Authorization: Basic abc',
			'Cookie: session=1',
			'X-User: front',
			`${name}: ${value}`,
			...(connection === '' ? [] : [`Connection: ${connection}`]),
			'',
			body,
		].join('\r\n'),
	);
	const status = await client.status();
	client.close();
	const said = `${method}, ${name}, Connection: ${connection}`;
	const arrived = seen.slice(before);
	assert.deepEqual(
		[status, arrived.map(({line, body}) => [line, body])],
		[200, [[`${method} /there HTTP/1.1`, hidden]]],
		said,
	);
	const [request] = arrived as [RawRequest];
	assert.deepEqual(
		['host', 'authorization', 'cookie', 'x-user', 'connection'].map(each => field(request, each)).slice(0, 4),
		['shop.example', 'Basic abc', 'session=1', 'front'],
		said,
	);
};

test('a body stays within its framing, whatever the method and whatever a client calls its own', async t => {
	const upstream = await openRawUpstream(t);
	const proxy = await openRawProxy(t, upstream.port);
	for (const method of methods)
		for (const framing of framings)
			for (const connection of named) {
				await tryOut(t, {port: proxy.port, seen: upstream.requests}, method, framing, connection);
			}
	// What came behind an answer would have been seen by now, or is still there.
	assert.equal(upstream.requests.length, methods.length * framings.length * named.length);
	assert.equal(upstream.leftOver(), '');
});

for (const buffering of ['on', 'off'] as const) {
	test(
		`nginx in front, its buffering ${buffering}: one request for one`,
		{skip: nginx === null && 'nginx is not installed'},
		async t => {
			const upstream = await openRawUpstream(t);
			const proxy = await openRawProxy(t, upstream.port);
			const front = await openNginx(t, proxy.port, buffering);
			for (const method of methods)
				for (const framing of framings)
					for (const connection of named.slice(-2)) {
						await tryOut(t, {port: front.port, seen: upstream.requests}, method, framing, connection);
					}
			assert.equal(upstream.leftOver(), '');
		},
	);

	test(
		`nginx behind, its buffering ${buffering}: one request for one`,
		{skip: nginx === null && 'nginx is not installed'},
		async t => {
			const upstream = await openRawUpstream(t);
			const behind = await openNginx(t, upstream.port, buffering);
			const proxy = await openRawProxy(t, behind.port);
			for (const method of methods)
				for (const framing of framings)
					for (const connection of named) {
						await tryOut(t, {port: proxy.port, seen: upstream.requests}, method, framing, connection);
					}
			assert.equal(upstream.leftOver(), '');
		},
	);
}

test('a request without a body says so, or has a method that has none', async t => {
	const upstream = await openRawUpstream(t);
	const proxy = await openRawProxy(t, upstream.port);
	for (const method of methods) {
		const client = await openClient(t, proxy.port);
		client.send(`${method} /there HTTP/1.1\r\nHost: shop.example\r\n\r\n`);
		assert.equal(await client.status(), 200);
		client.close();
	}
	assert.deepEqual(
		upstream.requests.map(request => [
			request.line.split(' ')[0],
			field(request, 'content-length'),
			field(request, 'transfer-encoding'),
			request.body,
		]),
		[
			...['GET', 'HEAD', 'DELETE', 'OPTIONS'].map(method => [method, '', '', '']),
			...['POST', 'PUT', 'PATCH', 'PROPFIND', 'QUERY'].map(method => [method, '0', '', '']),
		],
	);
});

const head = 'POST /there HTTP/1.1\r\nHost: shop.example\r\n';
const ambiguous: Readonly<Record<string, string>> = {
	'length and chunks': `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(hidden)}`,
	'chunks and length': `${head}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n${chunked(hidden)}`,
	'two lengths': `${head}Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
	'a list of lengths': `${head}Content-Length: 0, ${hidden.length}\r\n\r\n${hidden}`,
	'a length with a sign': `${head}Content-Length: +${hidden.length}\r\n\r\n${hidden}`,
	'a length with a letter': `${head}Content-Length: 0x2a\r\n\r\n${hidden}`,
	'a blank before the colon': `${head}Content-Length : ${hidden.length}\r\n\r\n${hidden}`,
	'chunks with a blank before the colon': `${head}Transfer-Encoding : chunked\r\n\r\n${chunked(hidden)}`,
	'a folded coding': `${head}Transfer-Encoding:\r\n chunked\r\n\r\n${chunked(hidden)}`,
	'another coding around the chunks': `${head}Transfer-Encoding: gzip, chunked\r\n\r\n${chunked(hidden)}`,
	'chunks twice': `${head}Transfer-Encoding: chunked, chunked\r\n\r\n${chunked(hidden)}`,
	'two lines of chunks': `${head}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(hidden)}`,
	'identity and chunks': `${head}Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(hidden)}`,
	'a coding that nobody knows': `${head}Transfer-Encoding: xchunked\r\n\r\n${chunked(hidden)}`,
	'a coding in quotes': `${head}Transfer-Encoding: "chunked"\r\n\r\n${chunked(hidden)}`,
	'a coding behind a vertical tab': `${head}Transfer-Encoding: \u000Bchunked\r\n\r\n${chunked(hidden)}`,
	'a coding before a NUL': `${head}Transfer-Encoding: chunked\0\r\n\r\n${chunked(hidden)}`,
	'chunks in HTTP/1.0': `POST /there HTTP/1.0\r\nHost: shop.example\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(hidden)}`,
	'lines that end with LF alone': `POST /there HTTP/1.1\nHost: shop.example\nContent-Length: 5\n\nhello`,
	'two hosts': `GET /there HTTP/1.1\r\nHost: shop.example\r\nHost: internal\r\n\r\n`,
	'a chunk without its line end': `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX0\r\n\r\n${hidden}`,
	'a size of a chunk with a sign': `${head}Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n${hidden}`,
	'a chunk too large to count': `${head}Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n${hidden}`,
	'a control character in the address': `GET /there\u0001 HTTP/1.1\r\nHost: shop.example\r\n\r\n`,
	'a delete character in the address': `GET /there\u007F HTTP/1.1\r\nHost: shop.example\r\n\r\n`,
	'a delete character in a value': `GET /there HTTP/1.1\r\nHost: shop.example\r\nX-A: \u007F\r\n\r\n`,
};

test('what can be read in two ways is refused, and reaches nobody', async t => {
	const upstream = await openRawUpstream(t);
	const proxy = await openRawProxy(t, upstream.port);
	for (const [what, bytes] of Object.entries(ambiguous)) {
		const client = await openClient(t, proxy.port);
		client.send(bytes);
		const status = await client.status();
		assert.ok(status === 0 || (status >= 400 && status <= 502), `${what}: ${status}`);
		// Nothing that follows on this connection is taken for a request.
		await until(`${what}: the connection ends`, () => client.isClosed());
		assert.equal(client.got().split('HTTP/1.1 200').length, 1, what);
	}
	assert.ok(proxy.isRunning(), proxy.said());
	// A chunk that breaks off has begun to be sent; it is never ended, so it is no request.
	assert.deepEqual(
		upstream.requests.map(({line}) => line),
		[],
	);
	assert.ok(!upstream.leftOver().includes('/admin'), upstream.leftOver());
	const control = await openClient(t, proxy.port);
	control.send('GET /there HTTP/1.1\r\nHost: shop.example\r\n\r\n');
	assert.equal(await control.status(), 200);
});

test('many fields hide none: the length behind two thousand others counts', async t => {
	const upstream = await openRawUpstream(t);
	const proxy = await openRawProxy(t, upstream.port);
	const client = await openClient(t, proxy.port);
	client.send(
		`DELETE /there HTTP/1.1\r\nHost: shop.example\r\n${'a:\r\n'.repeat(2100)}Content-Length: ${hidden.length}\r\n\r\n${hidden}`,
	);
	assert.equal(await client.status(), 200);
	assert.deepEqual(
		upstream.requests.map(({body}) => body),
		[hidden],
	);
});

test('HTTP/1.0 without a host gets one, as HTTP/1.1 needs it', async t => {
	const upstream = await openRawUpstream(t);
	const proxy = await openRawProxy(t, upstream.port);
	const client = await openClient(t, proxy.port);
	client.send('GET /there HTTP/1.0\r\nConnection: host\r\n\r\n');
	assert.equal(await client.status(), 200);
	assert.deepEqual(
		upstream.requests.map(request => [request.line, field(request, 'host')]),
		[['GET /there HTTP/1.1', `127.0.0.1:${upstream.port}`]],
	);
});

test('an answer that cannot be passed on is an error of its own, not the end of the proxy', async t => {
	const answers: Record<string, string> = {
		'/reason': 'HTTP/1.1 200 O\u0001K\r\nContent-Length: 2\r\n\r\nok',
		'/value': 'HTTP/1.1 200 OK\r\nX-A: \u007F\r\nContent-Length: 2\r\n\r\nok',
		'/coding': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
		'/well': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
	};
	const upstream = await openRawUpstream(t, ({line}) => answers[line.split(' ')[1]!]!);
	const proxy = await openRawProxy(t, upstream.port);
	for (const [path, status] of [
		['/reason', 502],
		['/value', 502],
		['/coding', 502],
		['/well', 200],
	] as const) {
		const client = await openClient(t, proxy.port);
		client.send(`POST ${path} HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 1\r\n\r\nx`);
		assert.equal(await client.status(), status, path);
	}
	assert.ok(proxy.isRunning(), proxy.said());
});

test('heads that never end are ended; a body may take its time', async t => {
	const upstream = await openRawUpstream(t);
	const proxy = await openRawProxy(t, upstream.port, {HEADERS_SECONDS: '1'});
	const slow = await Promise.all(Array.from({length: 20}, () => openClient(t, proxy.port)));
	const silent = slow.pop()!;
	const body = slow.pop()!;
	body.send('POST /there HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 100\r\n\r\n');
	for (const client of slow) client.send('GET /there HTTP/1.1\r\nX-Slow: ');
	await until('slow heads have ended', () => {
		// Each look sends one byte more, so that no connection is idle; the body goes on beside them.
		for (const client of slow) client.send('a');
		return silent.isClosed() && slow.every(client => client.isClosed());
	});
	assert.equal(body.isClosed(), false);
	body.send('x'.repeat(100));
	assert.equal(await body.status(), 200);
});

/** What the server of the proxy is set to, as it tells when it listens. */
const tell = `data:text/javascript,${encodeURIComponent(`
	import http from 'node:http';
	import {syncBuiltinESMExports} from 'node:module';
	const create = http.createServer;
	http.createServer = (...given) => {
		const server = create(...given);
		server.once('listening', () => console.log('set ' + JSON.stringify([server.headersTimeout, server.requestTimeout, server.maxConnections])));
		return server;
	};
	syncBuiltinESMExports();
`)}`;

test('by default a head has half a minute, and there are 2000 connections', async t => {
	const proxy = await openRawProxy(t, 1, {}, ['--import', tell]);
	await until('it tells', () => proxy.said().includes('set '));
	assert.match(proxy.said(), /set \[30000,0,2000\]/);
});

test('connections are bounded; those that wait for nothing make room', async t => {
	const upstream = await openRawUpstream(t, ({line}) =>
		line.startsWith('GET /slow') ? null : 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
	);
	const proxy = await openRawProxy(t, upstream.port, {MAX_CONNECTIONS: '5'});
	const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: shop.example\r\n\r\n`;
	const busy = await Promise.all(Array.from({length: 5}, () => openClient(t, proxy.port)));
	for (const client of busy) client.send(request('/slow'));
	await until('all are under way', () => upstream.requests.length === 5);
	const turnedAway = await openClient(t, proxy.port);
	turnedAway.send(request('/there'));
	assert.equal(await turnedAway.status(), 0);
	// Nobody who waits for an answer was sent away for it.
	for (const socket of upstream.sockets) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
	for (const client of busy) assert.equal(await client.status(), 200);
	await until('the next is answered', async () => {
		const next = await openClient(t, proxy.port);
		next.send(request('/there'));
		return (await next.status()) === 200;
	});
	assert.ok(proxy.isRunning(), proxy.said());
});

test('many requests at once over one connection are bounded, too', async t => {
	const upstream = await openRawUpstream(t, () => null);
	const proxy = await openRawProxy(t, upstream.port, {MAX_CONNECTIONS: '5'});
	const client = await openClient(t, proxy.port);
	client.send('GET /there HTTP/1.1\r\nHost: shop.example\r\n\r\n'.repeat(200));
	await until('some are under way', () => upstream.requests.length === 5);
	const other = await openClient(t, proxy.port);
	other.send('GET /there HTTP/1.1\r\nHost: shop.example\r\n\r\n');
	assert.equal(await other.status(), 503);
	assert.equal(upstream.mostAtOnce(), 5);
	client.close();
	await until('they have ended behind it, too', () => upstream.sockets.size === 0);
});

test('an event stream flows as it comes, and a request to upgrade is answered as an ordinary one', async t => {
	const upstream = await openRawUpstream(t, ({line}) =>
		line.startsWith('GET /events')
			? 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n'
			: 'HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n',
	);
	const proxy = await openRawProxy(t, upstream.port, {HEADERS_SECONDS: '1'});
	const client = await openClient(t, proxy.port);
	client.send('GET /events HTTP/1.1\r\nHost: shop.example\r\nAccept: text/event-stream\r\n\r\n');
	await until('the first event is here', () => client.got().includes('data: 1'));
	for (const socket of upstream.sockets) socket.write('data: 2\n\n');
	await until('the second event is here', () => client.got().includes('data: 2'));
	const upgrading = await openClient(t, proxy.port);
	upgrading.send(
		`GET /socket HTTP/1.1\r\nHost: shop.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n`,
	);
	assert.equal(await upgrading.status(), 426);
	assert.deepEqual(
		upstream.requests.map(request => [request.line, field(request, 'upgrade')]),
		[
			['GET /events HTTP/1.1', ''],
			['GET /socket HTTP/1.1', ''],
		],
	);
});

test('a variable that is no number is said at once', () => {
	for (const [name, value] of [
		['HEADERS_SECONDS', '0'],
		['MAX_CONNECTIONS', 'many'],
	] as const) {
		const {status, stderr} = spawnSync(process.execPath, [trafficProxy, '/nowhere/traffic', '1'], {
			encoding: 'utf8',
			env: {...process.env, [name]: value},
		});
		assert.deepEqual([status, stderr.includes(name)], [2, true]);
	}
});
