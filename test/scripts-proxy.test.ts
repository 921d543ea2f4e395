/** The templates' proxy: what it holds, what it sends again and what it never does. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {Agent, createServer, request, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo, Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {fileURLToPath} from 'node:url';
import {freePorts} from '../source/sandbox/ports.ts';
import {until} from './helpers/patience.ts';

const program = fileURLToPath(new URL('../source/templates/scripts/deployctl/traffic-proxy.mjs', import.meta.url));

type Answer = {status: number; body: string; headers: IncomingMessage['headers']};
const ask = (
	port: number,
	{
		method = 'GET',
		body,
		headers = {},
		agent,
	}: {method?: string; body?: string; headers?: Record<string, string>; agent?: Agent} = {},
) =>
	new Promise<Answer>((resolve, reject) => {
		request({host: '127.0.0.1', port, method, path: '/there?a=b', headers, ...(agent && {agent})}, response => {
			let text = '';
			response.setEncoding('utf8').on('data', (part: string) => {
				text += part;
			});
			response
				.on('end', () => resolve({status: response.statusCode ?? 0, body: text, headers: response.headers}))
				.on('error', reject);
		})
			.on('error', reject)
			.end(body);
	});

/** An upstream: what it was asked, and over which connections. */
const openUpstream = async (t: TestContext, answer: (incoming: IncomingMessage, response: ServerResponse) => void) => {
	const asked: Array<{method: string; body: string; headers: IncomingMessage['headers']; socket: Socket}> = [];
	const server = createServer((incoming, response) => {
		let body = '';
		incoming.setEncoding('utf8').on('data', (part: string) => {
			body += part;
		});
		incoming.on('end', () => {
			asked.push({method: incoming.method ?? '', body, headers: incoming.headers, socket: incoming.socket});
			answer(incoming, response);
		});
	});
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	t.after(() => {
		server.closeAllConnections();
		server.close();
	});
	return {port: (server.address() as AddressInfo).port, asked, server};
};

const openProxy = async (t: TestContext) => {
	const folder = mkdtempSync(join(tmpdir(), 'traffic-'));
	const file = join(folder, 'traffic');
	const [port = 0] = await freePorts(1);
	const child = spawn(process.execPath, [program, file, String(port)], {stdio: ['ignore', 'pipe', 'inherit']});
	t.after(() => {
		child.kill('SIGKILL');
		rmSync(folder, {recursive: true, force: true});
	});
	await new Promise(resolve => {
		child.stdout.once('data', resolve);
	});
	return {
		port,
		child,
		file,
		/** Resolves when the proxy follows it. */
		async follow(text: string) {
			writeFileSync(`${file}.new`, text);
			renameSync(`${file}.new`, file);
			await until(
				'the proxy follows',
				() => existsSync(`${file}.ack`) && readFileSync(`${file}.ack`, 'utf8') === text,
			);
		},
	};
};

test('requests are passed on whole, in both directions, without what concerns one connection', async t => {
	const proxy = await openProxy(t);
	const upstream = await openUpstream(t, (incoming, response) => {
		response
			.writeHead(201, {'x-of': 'upstream', connection: 'close', 'set-cookie': ['a=1', 'b=2']})
			.end(`${incoming.url}`);
	});
	await proxy.follow(`# 1\nblue 100 127.0.0.1:${upstream.port}\ngreen 0 127.0.0.1:1\nnonsense\n`);
	const agent = new Agent({keepAlive: true});
	t.after(() => agent.destroy());
	const answer = await ask(proxy.port, {
		method: 'POST',
		body: 'a body',
		agent,
		headers: {'x-mine': 'yes', 'x-forwarded-for': '10.0.0.1', te: 'trailers'},
	});
	assert.deepEqual(
		[answer.status, answer.body, answer.headers['x-of'], answer.headers['set-cookie'], answer.headers.connection],
		[201, '/there?a=b', 'upstream', ['a=1', 'b=2'], 'keep-alive'],
	);
	const [{method, body, headers}] = upstream.asked as [(typeof upstream.asked)[number]];
	assert.deepEqual(
		[method, body, headers['x-mine'], headers['x-forwarded-for'], headers['te'], headers.host],
		['POST', 'a body', 'yes', '10.0.0.1, 127.0.0.1', undefined, `127.0.0.1:${proxy.port}`],
	);
});

test('while nobody is there a request waits; then it is answered', async t => {
	const proxy = await openProxy(t);
	const upstream = await openUpstream(t, (_, response) => {
		response.end('here now');
	});
	const waiting = [ask(proxy.port), ask(proxy.port, {method: 'POST', body: 'x'})];
	// Somebody is named who does not answer: still nothing was sent.
	await proxy.follow('blue 100 127.0.0.1:1\n');
	await proxy.follow(`blue 100 127.0.0.1:${upstream.port}\n`);
	assert.deepEqual(
		(await Promise.all(waiting)).map(({body}) => body),
		['here now', 'here now'],
	);
	assert.equal(upstream.asked.length, 2);
});

test('a request that was sent and never answered is sent again only when it changes nothing', async t => {
	const proxy = await openProxy(t);
	const broken = await openUpstream(t, (_, response) => {
		response.destroy();
	});
	const upstream = await openUpstream(t, (_, response) => {
		response.end('well');
	});
	await proxy.follow(`blue 100 127.0.0.1:${broken.port}\n`);
	const got = ask(proxy.port);
	const posted = await ask(proxy.port, {method: 'POST', body: 'once'});
	assert.equal(posted.status, 502);
	assert.equal(broken.asked.filter(({method}) => method === 'POST').length, 1);
	await proxy.follow(`green 100 127.0.0.1:${upstream.port}\n`);
	assert.equal((await got).body, 'well');
});

test('what changes something never goes over a connection that was kept', async t => {
	const proxy = await openProxy(t);
	const upstream = await openUpstream(t, (_, response) => {
		response.end();
	});
	await proxy.follow(`blue 100 127.0.0.1:${upstream.port}\n`);
	for (const method of ['GET', 'GET', 'POST', 'DELETE', 'POST', 'GET'])
		await ask(proxy.port, {method, ...(method === 'POST' && {body: 'x'})});
	const sockets = upstream.asked.map(({socket}) => socket);
	assert.equal(sockets[0], sockets[1], 'GETs share a connection');
	for (const index of [2, 3, 4]) assert.equal(sockets.filter(socket => socket === sockets[index]).length, 1);
});

test('an answer that breaks off in the middle breaks off for the client too', async t => {
	const proxy = await openProxy(t);
	const upstream = await openUpstream(t, (_, response) => {
		response.writeHead(200, {'content-length': '1000'});
		response.write('half');
		setTimeout(() => response.destroy(), 20);
	});
	await proxy.follow(`blue 100 127.0.0.1:${upstream.port}\n`);
	await assert.rejects(ask(proxy.port));
});

test('traffic is dealt out by weight', async t => {
	const proxy = await openProxy(t);
	const [one, three] = [
		await openUpstream(t, (_, response) => {
			response.end();
		}),
		await openUpstream(t, (_, response) => {
			response.end();
		}),
	];
	await proxy.follow(`blue 25 127.0.0.1:${one.port}\ngreen 75 127.0.0.1:${three.port}\n`);
	const agent = new Agent({keepAlive: true, maxSockets: 4});
	t.after(() => agent.destroy());
	await Promise.all(Array.from({length: 400}, () => ask(proxy.port, {agent})));
	assert.equal(one.asked.length + three.asked.length, 400);
	// 100 are expected; less than 50 or more than 150 happens once in ten million times.
	assert.ok(one.asked.length > 50 && one.asked.length < 150, String(one.asked.length));
});

test('told to end, it finishes what is on its way', async t => {
	const proxy = await openProxy(t);
	const upstream = await openUpstream(t, (_, response) => {
		setTimeout(() => response.end('finished'), 100);
	});
	await proxy.follow(`blue 100 127.0.0.1:${upstream.port}\n`);
	const agent = new Agent({keepAlive: true});
	t.after(() => agent.destroy());
	const answer = ask(proxy.port, {agent});
	await until('it is on its way', () => upstream.asked.length === 1);
	const ended = new Promise(resolve => {
		proxy.child.once('exit', resolve);
	});
	proxy.child.kill('SIGTERM');
	assert.equal((await answer).body, 'finished');
	agent.destroy();
	assert.equal(await ended, 0);
});
