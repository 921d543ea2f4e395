#!/usr/bin/env node
/*
A small reverse proxy before the two colours of an application, for machines that have no other front. No dependencies.

	node traffic-proxy.mjs TRAFFIC-FILE PORT [HOST]

TRAFFIC-FILE says who gets the requests; the deployment scripts replace it (TRAFFIC=proxy). One line each, `#` begins a comment:

	blue 100 127.0.0.1:9101
	green 0 127.0.0.1:9102

Requests are dealt out by weight. As soon as a new text is followed it is copied to TRAFFIC-FILE.ack. No connection to a client is ever closed
for a switch, which is what a reload of most proxies does; so a switch fails no request, if three things hold:

- A request with a body, or of a method that changes something, goes over a fresh connection: one that was kept may be closing.
- Sent again is only what was never sent, or what has no body and changes nothing (GET, HEAD, OPTIONS).
- While nobody answers, requests are held for some seconds instead of failing.

Not for the open internet: it speaks HTTP/1.1 in clear text, and knows no WebSockets.
*/
import {readFileSync, renameSync, statSync, watch, writeFileSync} from 'node:fs';
import {Agent, createServer, request} from 'node:http';
import {basename, dirname} from 'node:path';

const holdMs = 5000;
const pauseMs = 50;
const lookAgainMs = 250;

const [file, port, host = '127.0.0.1'] = process.argv.slice(2);
if (file === undefined || !/^\d{1,5}$/.test(port ?? '')) {
	console.error('node traffic-proxy.mjs TRAFFIC-FILE PORT [HOST]');
	process.exit(2);
}

// Who gets how much.

let routes = [];
let followed = '';

const parse = text => text.split('\n').flatMap(line => {
	const [, name, weight, hostname, upstreamPort] = /^(\w[\w-]*)\s+(\d{1,6})\s+([\w.-]+):(\d{1,5})\s*$/.exec(line) ?? [];
	return name !== undefined && Number(weight) > 0 ? [{weight: Number(weight), hostname, port: Number(upstreamPort)}] : [];
});

/** The file is replaced by a rename, so that it is always read whole. Unreadable for a moment: what was said last holds. */
const follow = () => {
	try {
		const {ino, mtimeNs, size} = statSync(file, {bigint: true});
		const version = `${ino} ${mtimeNs} ${size}`;
		if (version === followed) return;
		const text = readFileSync(file, 'utf8');
		routes = parse(text);
		writeFileSync(`${file}.ack.new`, text);
		renameSync(`${file}.ack.new`, `${file}.ack`);
		followed = version;
	} catch {
		// Not there yet, or no room for the answer: the next look will tell.
	}
};

const pick = () => {
	let at = Math.random() * routes.reduce((sum, {weight}) => sum + weight, 0);
	return routes.find(({weight}) => (at -= weight) < 0) ?? null;
};

// One request.

const kept = new Agent({keepAlive: true, maxFreeSockets: 64});
const betweenHops = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/** Name and value in turn, as Node has them, without what concerns one connection only. */
const endToEnd = ({rawHeaders, headers}) => {
	const named = (headers.connection ?? '').toLowerCase().split(/\s*,\s*/);
	return rawHeaders.filter((_, index) => {
		const name = rawHeaders[index - (index % 2)].toLowerCase();
		return !betweenHops.has(name) && !named.includes(name);
	});
};

const forwarded = incoming => {
	const {headers, socket} = incoming;
	const via = headers['x-forwarded-for'];
	const rest = endToEnd(incoming);
	const kept = rest.filter((_, index) => !/^x-forwarded-(?:for|host|proto)$/i.test(rest[index - (index % 2)]));
	return [...kept, 'X-Forwarded-For', via === undefined ? socket.remoteAddress ?? 'unknown' : `${via}, ${socket.remoteAddress}`, 'X-Forwarded-Host', headers['x-forwarded-host'] ?? headers.host ?? '', 'X-Forwarded-Proto', headers['x-forwarded-proto'] ?? 'http'];
};

const hasBody = ({headers}) => headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
const changesNothing = ({method}) => method === 'GET' || method === 'HEAD' || method === 'OPTIONS';

const refuse = (response, status, text) => {
	if (response.headersSent) response.destroy();
	else response.writeHead(status, {'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store'}).end(`${text}\n`);
};

const answer = (incoming, response, upstream) => {
	const {statusCode, statusMessage} = upstream;
	response.writeHead(statusCode, statusMessage, endToEnd(upstream));
	upstream.pipe(response);
	// Cut off in the middle: the client must see that too.
	upstream.on('error', () => response.destroy());
	upstream.on('aborted', () => response.destroy());
};

const pass = (incoming, response, until) => {
	const again = text => {
		if (response.destroyed) return;
		if (Date.now() >= until) refuse(response, 502, text);
		else setTimeout(pass, pauseMs, incoming, response, until);
	};
	const route = pick();
	if (route === null) return again('There is nobody behind this proxy now.');

	const isFree = changesNothing(incoming) && !hasBody(incoming);
	const outgoing = request({hostname: route.hostname, port: route.port, method: incoming.method, path: incoming.url, headers: forwarded(incoming), setHost: false, agent: isFree ? kept : false});
	// Until there is a connection nothing has been sent, neither head nor body.
	let isSent = false;
	const send = () => {
		isSent = true;
		if (hasBody(incoming)) incoming.pipe(outgoing);
		else outgoing.end();
	};
	outgoing.on('socket', socket => (socket.connecting ? socket.once('connect', send) : send()));
	let isAnswered = false;
	outgoing.on('response', upstream => {
		isAnswered = true;
		answer(incoming, response, upstream);
	});
	outgoing.on('error', () => {
		if (response.destroyed) return;
		if (isAnswered) return response.destroy();
		if (isSent && !isFree) return refuse(response, 502, 'The connection broke while the request was on its way.');
		again('Nobody answers behind this proxy.');
	});
	response.on('close', () => outgoing.destroy());
};

const server = createServer({keepAliveTimeout: 75_000, requestTimeout: 0}, (incoming, response) => {
	incoming.on('error', () => response.destroy());
	pass(incoming, response, Date.now() + holdMs);
});

// From here on it works.

follow();
setInterval(follow, lookAgainMs).unref();
try {
	watch(dirname(file), (_, name) => {
		if (name === null || name === basename(file)) follow();
	}).on('error', () => {});
} catch {
	// Looking again and again is enough.
}
server.listen(Number(port), host, () => console.log(`listening on http://${host}:${port}, follows ${file}`));
server.on('error', error => {
	console.error(error.message);
	process.exit(1);
});
process.on('SIGTERM', () => {
	server.close(() => process.exit(0));
	setTimeout(() => process.exit(0), 10_000).unref();
});
