/** HTTP byte by byte: a client that sends what it likes, an upstream that tells what it really got, a real nginx, the proxy of the templates. */
import {spawn, type ChildProcess} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {connect, createServer, type AddressInfo, type Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {fileURLToPath} from 'node:url';
import {freePorts} from '../../source/sandbox/ports.ts';
import {nginx} from './fronted.ts';
import {until} from './patience.ts';

/** The file of the proxy. */
export const trafficProxy: string = fileURLToPath(
	new URL('../../source/templates/scripts/deployctl/traffic-proxy.mjs', import.meta.url),
);

/** `body` null: the framing is none that two readers understand alike. */
export type RawRequest = {line: string; fields: ReadonlyArray<readonly [string, string]>; body: string | null};

const fieldsOf = (head: string) =>
	head
		.split('\r\n')
		.slice(1)
		.map(line => {
			const colon = line.indexOf(':');
			return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
		});

/** Text and what follows; null: not all of it is there. */
const unchunked = (text: string): {body: string; rest: string} | null => {
	let body = '';
	for (let at = 0; ;) {
		const end = text.indexOf('\r\n', at);
		if (end < 0) return null;
		const size = Number.parseInt(text.slice(at, end), 16);
		const next = end + 2 + size + 2;
		if (text.length < next) return null;
		if (size === 0) return {body, rest: text.slice(next)};
		body += text.slice(end + 2, end + 2 + size);
		at = next;
	}
};

/** The first request in it, as a reader takes it who believes the framing and nothing else. */
const firstOf = (text: string): {request: RawRequest; rest: string} | null => {
	const end = text.indexOf('\r\n\r\n');
	if (end < 0) return null;
	const head = text.slice(0, end);
	const after = text.slice(end + 4);
	const fields = fieldsOf(head);
	const [line = ''] = head.split('\r\n');
	const lengths = fields.filter(([name]) => name === 'content-length');
	const codings = fields.filter(([name]) => name === 'transfer-encoding');
	const request = {line, fields};
	if (lengths.length + codings.length > 1) return {request: {...request, body: null}, rest: after};
	if (codings.length === 1) {
		const read = unchunked(after);
		return read === null ? null : {request: {...request, body: read.body}, rest: read.rest};
	}
	const length = Number(lengths[0]?.[1] ?? 0);
	return after.length < length
		? null
		: {request: {...request, body: after.slice(0, length)}, rest: after.slice(length)};
};

/**
Takes every connection, also says nothing about what it cannot read. What stands behind a request is the next request, as for an
upstream that keeps its connections, whatever the head says.
@param answer what is sent back for one; null: nothing
*/
export const openRawUpstream = async (
	t: TestContext,
	answer: (request: RawRequest) => string | null = ({line}) =>
		`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${line.startsWith('HEAD') ? '' : 'ok'}`,
) => {
	const requests: RawRequest[] = [];
	const sockets = new Set<Socket>();
	const leftOver = new Map<Socket, string>();
	let mostAtOnce = 0;
	const server = createServer(socket => {
		sockets.add(socket);
		mostAtOnce = Math.max(mostAtOnce, sockets.size);
		let text = '';
		socket.on('close', () => sockets.delete(socket)).on('error', () => {});
		socket.setEncoding('latin1').on('data', (part: string) => {
			text += part;
			for (let first = firstOf(text); first !== null; first = firstOf(text)) {
				text = first.rest;
				requests.push(first.request);
				const said = answer(first.request);
				if (said !== null) socket.write(said, 'latin1');
			}
			leftOver.set(socket, text);
		});
	});
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	t.after(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	return {
		port: (server.address() as AddressInfo).port,
		requests,
		sockets,
		/** Bytes that are no whole request. */
		leftOver: () => [...leftOver.values()].join(''),
		mostAtOnce: () => mostAtOnce,
	};
};

/** @param env of the proxy, besides the tests' own */
export const openRawProxy = async (
	t: TestContext,
	upstreamPort: number,
	env: Readonly<Record<string, string>> = {},
	node: readonly string[] = [],
) => {
	const folder = mkdtempSync(join(tmpdir(), 'raw-traffic-'));
	const file = join(folder, 'traffic');
	const [port = 0] = await freePorts(1);
	const child: ChildProcess = spawn(process.execPath, [...node, trafficProxy, file, String(port)], {
		stdio: ['ignore', 'pipe', 'pipe'],
		env: {...process.env, ...env},
	});
	let said = '';
	for (const output of [child.stdout, child.stderr])
		output?.setEncoding('utf8').on('data', (part: string) => {
			said += part;
		});
	t.after(() => {
		child.kill('SIGKILL');
		rmSync(folder, {recursive: true, force: true});
	});
	await until(
		() => `the proxy listens: ${said}`,
		() => said.includes('listening'),
	);
	const routes = `blue 100 127.0.0.1:${upstreamPort}\n`;
	writeFileSync(`${file}.new`, routes);
	renameSync(`${file}.new`, file);
	await until('the proxy follows', () => existsSync(`${file}.ack`) && readFileSync(`${file}.ack`, 'utf8') === routes);
	return {port, said: () => said, isRunning: () => child.exitCode === null && child.signalCode === null};
};

/** Before `upstreamPort`; a client's `Connection` goes through it, as it does through many fronts. */
export const openNginx = async (t: TestContext, upstreamPort: number, buffering: 'on' | 'off') => {
	const folder = mkdtempSync(join(tmpdir(), 'raw-nginx-'));
	const [port = 0] = await freePorts(1);
	const file = join(folder, 'nginx.conf');
	const own = (name: string) => `${name}_temp_path ${folder}/${name};`;
	writeFileSync(
		file,
		`
		${process.getuid?.() === 0 ? 'user root;' : ''} worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log; daemon off;
		events { worker_connections 256; }
		http {
			access_log off; ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(own).join(' ')}
			upstream behind { server 127.0.0.1:${upstreamPort} max_fails=0; keepalive 8; }
			server { listen 127.0.0.1:${port}; location / {
				proxy_pass http://behind; proxy_http_version 1.1; proxy_request_buffering ${buffering};
				proxy_set_header Host $http_host; proxy_set_header Connection $http_connection; proxy_set_header X-User front;
			} }
		}
	`,
	);
	const child = spawn(nginx!, ['-p', folder, '-c', file, '-e', join(folder, 'error.log')], {stdio: 'ignore'});
	t.after(async () => {
		const gone = new Promise(resolve => {
			child.once('exit', resolve);
		});
		if (child.exitCode === null && child.kill('SIGTERM')) await gone;
		rmSync(folder, {recursive: true, force: true, maxRetries: 10, retryDelay: 50});
	});
	await until(
		'nginx listens',
		() =>
			new Promise(resolve => {
				const socket = connect(port, '127.0.0.1')
					.once('connect', () => {
						socket.destroy();
						resolve(true);
					})
					.once('error', () => resolve(false));
			}),
	);
	return {port};
};

/** A connection whose bytes the test writes itself. */
export const openClient = async (t: TestContext, port: number) => {
	const socket = connect(port, '127.0.0.1');
	let got = '';
	let isClosed = false;
	socket
		.on('error', () => {})
		.on('close', () => {
			isClosed = true;
		});
	socket.setEncoding('latin1').on('data', (part: string) => {
		got += part;
	});
	t.after(() => socket.destroy());
	await new Promise(resolve => {
		socket.once('connect', resolve).once('error', resolve);
	});
	return {
		send: (text: string) => {
			if (!isClosed) socket.write(text, 'latin1');
		},
		got: () => got,
		isClosed: () => isClosed,
		close: () => {
			socket.destroy();
		},
		/** The status of the first answer that is no 1xx, as soon as there is one; 0: the connection was closed without. */
		async status() {
			const answered = () => /(?:^|\r\n\r\n)HTTP\/1\.[01] ([2-5]\d\d)/.exec(got)?.[1];
			await until('there is an answer', () => answered() !== undefined || isClosed);
			return Number(answered() ?? 0);
		},
	};
};
