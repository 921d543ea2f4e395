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

What it passes on says where it ends, whatever the method: by the length or in the chunks that the client sent. What could be read in two ways is
refused. Head lines must come within HEADERS_SECONDS (30), and more than MAX_CONNECTIONS (2000) clients are turned away; both are variables of
the environment. Not for the open internet: it speaks HTTP/1.1 in clear text, and knows no WebSockets (a request for one is an ordinary request).
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

const numberFrom = (name, otherwise) => {
	const text = process.env[name] ?? '';
	if (text === '') return otherwise;
	if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
	console.error(`${name} is a whole number above 0, not ${JSON.stringify(text)}`);
	process.exit(2);
};
const headersMs = numberFrom('HEADERS_SECONDS', 30) * 1000;
const mostConnections = numberFrom('MAX_CONNECTIONS', 2000);

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
const betweenHops = new Set(['connection', 'http2-settings', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/**
Name and value in turn, as Node has them, without what concerns one connection only. Which fields those are is known here: a client that
names others in its `Connection` (Host, Content-Length, Authorization, what a front has added) would take them away from who is behind.
*/
const endToEnd = ({rawHeaders}) => rawHeaders.filter((_, index) => !betweenHops.has(rawHeaders[index - (index % 2)].toLowerCase()));

/** All values of a field, in order; `headers` has only the first of some. */
const valuesOf = ({rawHeaders}, name) => rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1].toLowerCase() === name);

const isChunked = ({headers}) => headers['transfer-encoding'] !== undefined;
const hasBody = incoming => isChunked(incoming) || Number(incoming.headers['content-length'] ?? 0) > 0;

/** Why a request could mean one thing here and another behind; null: it has one meaning. */
const whyRefused = incoming => {
	const {httpVersion} = incoming;
	const codings = valuesOf(incoming, 'transfer-encoding');
	if (codings.length > 1 || (codings.length === 1 && codings[0].trim().toLowerCase() !== 'chunked')) return [501, 'The only transfer coding that is known here is "chunked".'];
	if (codings.length === 1 && httpVersion !== '1.1') return [400, 'There are no chunks in HTTP/1.0.'];
	if (codings.length === 1 && valuesOf(incoming, 'content-length').length > 0) return [400, 'A request has a length or chunks, not both.'];
	return valuesOf(incoming, 'host').length > 1 ? [400, 'A request has one Host.'] : null;
};

// Node sends no framing with these unless it is told one, and chunks with all others.
const oftenWithoutBody = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']);

/** How the body ends. A length is among the fields that are passed on; chunks are made anew. */
const framing = incoming => {
	if (isChunked(incoming)) return ['Transfer-Encoding', 'chunked'];
	return incoming.headers['content-length'] !== undefined || oftenWithoutBody.has(incoming.method) ? [] : ['Content-Length', '0'];
};

const forwarded = (incoming, route) => {
	const {headers, socket} = incoming;
	const via = headers['x-forwarded-for'];
	const rest = endToEnd(incoming);
	const kept = rest.filter((_, index) => !/^x-forwarded-(?:for|host|proto)$/i.test(rest[index - (index % 2)]));
	// HTTP/1.0 may come without; what is sent from here is HTTP/1.1.
	const named = headers.host === undefined ? ['Host', `${route.hostname}:${route.port}`] : [];
	return [...kept, ...named, ...framing(incoming), 'X-Forwarded-For', via === undefined ? socket.remoteAddress ?? 'unknown' : `${via}, ${socket.remoteAddress}`, 'X-Forwarded-Host', headers['x-forwarded-host'] ?? headers.host ?? '', 'X-Forwarded-Proto', headers['x-forwarded-proto'] ?? 'http'];
};

const changesNothing = ({method}) => method === 'GET' || method === 'HEAD' || method === 'OPTIONS';

const refuse = (response, status, text) => {
	if (response.headersSent) return response.destroy();
	// One that could not be written stays.
	response.statusMessage = '';
	response.writeHead(status, {'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store'}).end(`${text}\n`);
};

const answer = (incoming, response, upstream) => {
	const {statusCode, statusMessage} = upstream;
	try {
		if (!/^(?:chunked)?$/i.test((upstream.headers['transfer-encoding'] ?? '').trim())) throw new Error('only chunks are read here');
		response.writeHead(statusCode, statusMessage, endToEnd(upstream));
	} catch {
		// Node reads more than it writes: a control character in a reason or in a value.
		upstream.destroy();
		return refuse(response, 502, 'What was answered behind this proxy cannot be passed on.');
	}
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
	let outgoing;
	try {
		outgoing = request({
			hostname: route.hostname, port: route.port, method: incoming.method, path: incoming.url, headers: forwarded(incoming, route), setHost: false,
			agent: isFree ? kept : false, insecureHTTPParser: false,
		});
	} catch {
		// Node reads more than it writes.
		return refuse(response, 400, 'This request has characters that cannot be passed on.');
	}
	// A head is bounded by its bytes. Of a bounded number of fields the last ones would be missing, unseen.
	outgoing.maxHeadersCount = 0;
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
		// Ended: refused, and on its way to the client.
		if (response.destroyed || response.writableEnded) return;
		if (isAnswered) return response.destroy();
		if (isSent && !isFree) return refuse(response, 502, 'The connection broke while the request was on its way.');
		again('Nobody answers behind this proxy.');
	});
	response.on('close', () => outgoing.destroy());
};

// A client may send many requests at once over one connection.
let underWay = 0;

const server = createServer({
	keepAliveTimeout: 75_000, insecureHTTPParser: false,
	// A body takes as long as it takes; that would switch off the end for heads, too, were it not said.
	requestTimeout: 0, headersTimeout: headersMs, connectionsCheckingInterval: Math.min(5000, headersMs),
}, (incoming, response) => {
	incoming.on('error', () => response.destroy());
	const refused = underWay < mostConnections ? whyRefused(incoming) : [503, 'This proxy has too much to do.'];
	if (refused !== null) {
		// Whatever follows on this connection may be a part of what was refused.
		response.setHeader('connection', 'close');
		return refuse(response, ...refused);
	}
	underWay++;
	response.once('close', () => { underWay--; });
	pass(incoming, response, Date.now() + holdMs);
});
server.maxHeadersCount = 0;
server.maxConnections = mostConnections;
// Those that wait for nothing make room for the next.
server.on('drop', () => server.closeIdleConnections());

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
	// While it listens it is one connection that could not be accepted, as there are too many open files.
	if (!server.listening) process.exit(1);
});
process.on('SIGTERM', () => {
	server.close(() => process.exit(0));
	setTimeout(() => process.exit(0), 10_000).unref();
});
