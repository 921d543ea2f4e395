/** The simulator on a loopback port. Nothing but sockets here. */
import {type Server, type ServerResponse, createServer} from 'node:http';
import type {AddressInfo, Socket} from 'node:net';
import type {Clock} from '../world.ts';
import {type Counters, createApi, pathsOf} from './answer.ts';
import type {Flood, Hooks, Incoming, Outgoing} from './calls/exchange.ts';
import type {Budget} from './limits/budget.ts';
import type {Faults} from './limits/faults.ts';
import {originCalled} from './front.ts';
import type {Scenario} from './model/scenario.ts';
import {scenarioNamed} from './scenarios/scenarios.ts';
import type {Simulation} from './simulation/simulation.ts';

export type Simulator = {
	/** `http://127.0.0.1:PORT`, without a path. */
	url: string;
	graphqlUrl: string;
	/** Base of the REST routes, without a slash at its end. */
	restUrl: string;
	/** Origin of logs and artifacts. */
	storageUrl: string;
	simulation: Simulation;
	faults: Faults;
	counters: Counters;
	budgetOf(token: string): Budget;
	/** Ends at once, hanging requests included. */
	close(): Promise<void>;
};

/** Hooks see each request before it is carried out and after, so that tests can change something in between. */
export type SimulatorOptions = Hooks & {
	/** A scenario or the name of one. */
	scenario: string | Scenario;
	clock: Pick<Clock, 'now'>;
	/** When somebody starts to look, if that is earlier than the scenario says; milliseconds since the epoch. */
	from?: number;
	/** 0 or nothing: any free port. */
	port?: number;
};

/** As fast as it is taken, and no faster: nothing of it is held. */
function flood(response: ServerResponse, {status, headers, cut}: Outgoing, {block, from, bytes}: Flood): void {
	response.writeHead(status, {...headers, 'content-length': String(bytes)});
	const until = cut ?? bytes;
	let sent = 0;
	const go = () => {
		for (let isTaken = true; isTaken && sent < until;) {
			const at = (from + sent) % block.length;
			const part = block.subarray(at, Math.min(block.length, at + until - sent));
			sent += part.length;
			isTaken = response.write(part);
		}
		if (sent < until) {
			response.once('drain', go);
		} else if (cut === undefined) {
			response.end();
		} else {
			response.socket?.destroySoon();
		}
	};
	go();
}

function write(response: ServerResponse, outgoing: Outgoing): void {
	if (outgoing.hang) {
		return;
	}
	if (outgoing.reset) {
		response.socket?.resetAndDestroy();
		return;
	}
	if (outgoing.flood) {
		flood(response, outgoing, outgoing.flood);
		return;
	}
	const body = outgoing.bytes ? Buffer.from(outgoing.bytes) : Buffer.from(outgoing.body);
	const headers = {
		...(outgoing.status === 304 || outgoing.status === 204 ? {} : {'content-length': String(body.length)}),
		...outgoing.headers,
	};
	response.writeHead(outgoing.status, headers);
	if (outgoing.cut === undefined) {
		response.end(outgoing.status === 304 || outgoing.status === 204 ? undefined : body);
		return;
	}
	// The rest of the promised length never comes.
	response.write(body.subarray(0, outgoing.cut), () => response.socket?.destroy());
}

type Answering = (request: Incoming) => Outgoing;

function serve(answer: Answering): Server {
	return createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const headers = Object.fromEntries(
				Object.entries(request.headers).map(([name, value]) => [
					name,
					Array.isArray(value) ? value.join(', ') : value,
				]),
			);
			try {
				write(
					response,
					answer({
						method: request.method ?? 'GET',
						url: request.url ?? '/',
						headers,
						body: Buffer.concat(chunks).toString(),
					}),
				);
			} catch (error) {
				// A mistake of the simulator must not look like one of GitHub's.
				write(response, {
					status: 500,
					headers: {'content-type': 'application/json'},
					body: JSON.stringify({message: `The simulator failed: ${(error as Error).stack}`}),
				});
			}
		});
	});
}

/** @returns the port on which it listens */
async function listen(server: Server, port: number, sockets: Set<Socket>): Promise<number> {
	// Longer than clients keep what they do not use: they close first, and never send into a closing connection.
	server.keepAliveTimeout = 75_000;
	server.on('connection', socket => {
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
	});
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, '127.0.0.1', resolve);
	});
	return (server.address() as AddressInfo).port;
}

export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
	const scenario = typeof options.scenario === 'string' ? scenarioNamed(options.scenario) : options.scenario;
	const api = createApi(scenario, options.clock, options.from, options);
	const sockets = new Set<Socket>();
	let [url, storagePort] = ['', 0];
	// A name that differs from the API's, not only another port: some clients go by names when they decide about the token.
	const storageFor = (origin: string) =>
		`http://${new URL(origin).hostname === 'localhost' ? '127.0.0.1' : 'localhost'}:${storagePort}`;
	const main = serve(request => {
		const origin = originCalled(request.headers, url);
		return api.answer(request, origin, storageFor(origin));
	});
	const storage = serve(request => {
		const own = originCalled(request.headers, storageFor(url));
		return api.answer({...request, url: new URL(request.url, own).href}, url, own);
	});
	const [port, second] = await Promise.all([listen(main, options.port ?? 0, sockets), listen(storage, 0, sockets)]);
	url = `http://127.0.0.1:${port}`;
	storagePort = second;
	const paths = pathsOf(scenario);
	return {
		url,
		graphqlUrl: `${url}${paths.graphql}`,
		restUrl: `${url}${paths.rest}`,
		storageUrl: storageFor(url),
		simulation: api.simulation,
		faults: api.faults,
		counters: api.counters,
		budgetOf: api.budgetOf,
		async close() {
			const closed = Promise.all(
				[main, storage].map(async server => new Promise<void>(resolve => server.close(() => resolve()))),
			);
			for (const socket of sockets) {
				socket.destroy();
			}
			await closed;
		},
	};
}
