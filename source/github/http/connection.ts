/** The way to one repository for what writes: transport, REST and GraphQL, and failures in words. */
import {passes, tryAgain} from '../../core/polling/read-kinds.ts';
import type {Clock} from '../../world.ts';
import {classify} from '../failures/failures.ts';
import {createGraphql, type Graphql} from './graphql.ts';
import {createRest, type Rest} from './rest.ts';
import {createTally, type Tally} from './tally.ts';
import {createTransport, type Endpoint, type Transport} from './transport.ts';
import {Trouble} from '../failures/trouble.ts';
import type {Circumstances} from '../failures/circumstances.ts';

export type ConnectionOptions = {
	endpoint: Endpoint;
	/** OWNER/NAME */
	repository: string;
	/** The wall's. */
	clock: Clock;
	/** Default: Node's. */
	fetch?: typeof globalThis.fetch;
	/** Of one request. Shorter than for reading: somebody waits for a rollback. */
	timeoutMs?: number;
};
export type Connection = {
	/** OWNER/NAME, as the settings say it. */
	repository: string;
	endpoint: Endpoint;
	transport: Transport;
	rest: Rest;
	graphql: Graphql;
	clock: Clock;
	circumstances(): Circumstances;
	tally(signal?: AbortSignal): Tally;
};

/**
`unreachable`: network, limits, GitHub's own trouble. `retryAt` is when GitHub said that we may ask again, wall time, milliseconds.
`mayHold`: the answer got lost, and the lock may stand, or come to stand, under this object: give it to `release` when done.
*/
export type Unwritten = {
	ok: false;
	kind: 'unreachable' | 'not-permitted';
	because: string;
	next: string;
	retryAt: number | null;
	mayHold: string | null;
};

export function createConnection({
	endpoint,
	repository,
	clock,
	fetch,
	timeoutMs = 6000,
}: ConnectionOptions): Connection {
	const transport = createTransport({endpoint, clock, timeoutMs, fetch});
	const circumstances = (): Circumstances => ({
		now: clock.now(),
		skewMs: transport.skewMs(),
		host: endpoint.host,
		repository,
		token: endpoint.token,
		needs: 'write access to Contents and Deployments of the repository (classic tokens: the scope "repo")',
	});
	return {
		repository,
		endpoint,
		transport,
		rest: createRest({endpoint, transport, repository, circumstances}),
		graphql: createGraphql({endpoint, transport}),
		clock,
		circumstances,
		tally: signal => createTally(signal, clock, circumstances),
	};
}

/** The same way, for something that the token needs other permissions for. `needs`: as in "Use a token with …". */
export const needing = (connection: Connection, needs: string): Connection => {
	const circumstances = (): Circumstances => ({...connection.circumstances(), needs});
	return {...connection, circumstances, tally: signal => createTally(signal, connection.clock, circumstances)};
};

/** Runs one question with a tally of its own. @throws as `attempt` */
export const asking = async <Result>(
	connection: Connection,
	signal: AbortSignal | undefined,
	act: (tally: Tally) => Promise<Result>,
): Promise<Result | Unwritten> => attempt(connection, async () => act(connection.tally(signal)), signal);

export function unwritten({evidence}: Trouble, at: Circumstances): Unwritten {
	const {kind, because, next, retryAt} = classify(evidence, at);
	const isNetwork = kind === 'unreachable';
	return {
		ok: false,
		kind: passes(kind) ? 'unreachable' : 'not-permitted',
		because,
		retryAt,
		mayHold: null,
		next: (!passes(kind) || isNetwork ? next : undefined) ?? tryAgain(retryAt, at.now),
	};
}

/** A signal's time-out is GitHub's slowness, in other words. */
const isTimeUp = (signal: AbortSignal | undefined): boolean =>
	signal?.aborted === true && signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError';

/** @throws what is no trouble with GitHub: the reason of an abort by hand, a bug */
export async function attempt<Result>(
	connection: Connection,
	act: () => Promise<Result>,
	signal?: AbortSignal,
): Promise<Result | Unwritten> {
	try {
		return await act();
	} catch (error) {
		if (isTimeUp(signal)) {
			return {
				ok: false,
				kind: 'unreachable',
				because: `${connection.endpoint.host} did not answer in time.`,
				next: 'Try again in a moment.',
				retryAt: null,
				mayHold: null,
			};
		}

		signal?.throwIfAborted();
		if (!(error instanceof Trouble)) {
			throw error;
		}

		return unwritten(error, connection.circumstances());
	}
}
