/** The HTTP service that is deployed in the sandbox: a page, its health, its version, and an end that loses no request. */
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import {type Behaviour, illness} from './behaviours.ts';

export type ServiceOptions = {
	/** Id of the release, as the scripts name it; also in each answer's `X-Release`. */
	release: string;
	sha: string;
	message: string;
	environment: string;
	behaviour: Behaviour;
	/** Whether its deployment is over, in which it was found healthy; from the beginning when nobody says. */
	isDeployed?: () => boolean;
	port: number;
};

export type Service = {
	port: number;
	/** Stops accepting, lets running requests end, and resolves when all connections are closed. */
	drain(): Promise<void>;
};

/** Longer than any request here takes, shorter than scripts wait before they kill. */
const drainAtMostMs = 5000;
/** A connection that never carried a request is not idle for Node, and would hold the drain up for ever. */
const quietBeforeCloseMs = 200;

const escapes: Readonly<Record<string, string>> = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'};
const html = (text: string) => text.replaceAll(/[&<>"]/g, sign => escapes[sign]!);

const page = ({environment, message, sha, release}: ServiceOptions, ill: string | null) => `<!doctype html>
<meta charset="utf-8">
<title>${html(environment)}: ${html(message)}</title>
<body style="font: 1.1em/1.5 system-ui; max-width: 40em; margin: 4em auto; padding: 0 1em">
<h1>${ill === null ? 'Auto author' : '500: something went wrong'}</h1>
<p>${html(environment)} runs <b>${html(message)}</b></p>
<p><code>${html(sha)}</code><br>release <code>${html(release)}</code></p>
${ill === null ? '' : `<p style="color: #b00">${html(ill)}</p>\n`}`;

const json = (response: ServerResponse, status: number, body: unknown) => {
	response
		.writeHead(status, {'content-type': 'application/json', 'cache-control': 'no-store'})
		.end(`${JSON.stringify(body)}\n`);
};

const answer = (
	options: ServiceOptions,
	{url = '/'}: IncomingMessage,
	response: ServerResponse,
	{liveMs, isDraining}: {liveMs: number | null; isDraining: boolean},
) => {
	const {release, sha, environment, behaviour} = options;
	const ill = illness(behaviour, liveMs);
	response.setHeader('x-release', release);
	if (isDraining) response.setHeader('connection', 'close');
	const path = url.split('?', 1)[0];
	if (path === '/version') return json(response, 200, {sha, release, environment});
	if (path === '/health') {
		const because = isDraining ? 'it is being stopped' : ill;
		return json(response, because === null ? 200 : 503, {
			status: because === null ? 'ok' : 'failing',
			release,
			...(because !== null && {because}),
		});
	}
	response
		.writeHead(path === '/' ? (ill === null ? 200 : 500) : 404, {'content-type': 'text/html; charset=utf-8'})
		.end(path === '/' ? page(options, ill) : 'not found\n');
};

const drainOf = (server: Server, activity: () => {active: number; lastAt: number}) =>
	new Promise<void>(resolve => {
		const began = Date.now();
		const timer = setInterval(() => {
			server.closeIdleConnections();
			const {active, lastAt} = activity();
			const isQuiet = active === 0 && Date.now() - Math.max(lastAt, began) >= quietBeforeCloseMs;
			if (isQuiet || Date.now() - began >= drainAtMostMs) server.closeAllConnections();
		}, 20);
		server.close(() => {
			clearInterval(timer);
			resolve();
		});
		server.closeIdleConnections();
	});

/** Resolves when it listens on loopback; rejects when the port is taken. */
export const startService = async (options: ServiceOptions): Promise<Service> => {
	const {isDeployed = () => true} = options;
	let deployedAt: number | null = null;
	let active = 0;
	let lastAt = Date.now();
	let isDraining = false;
	const server = createServer((request, response) => {
		active += 1;
		response.once('close', () => {
			active -= 1;
			lastAt = Date.now();
		});
		request.resume();
		if (deployedAt === null && isDeployed()) deployedAt = Date.now();
		answer(options, request, response, {liveMs: deployedAt === null ? null : Date.now() - deployedAt, isDraining});
	});
	// Longer than any proxy keeps its idle connections: the proxy closes first, and never sends into a closed one.
	server.keepAliveTimeout = 75_000;
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(options.port, '127.0.0.1', resolve);
	});
	return {
		port: (server.address() as {port: number}).port,
		drain() {
			isDraining = true;
			return drainOf(server, () => ({active, lastAt}));
		},
	};
};
