/** What comes in and goes out, without sockets, and who may listen. */
import type {Simulation} from '../simulation/simulation.ts';

export type Incoming = {
	method: string;
	url: string;
	headers: Readonly<Record<string, string | undefined>>;
	body: string;
};
/** `bytes`: instead of the body. `hang`: never answer. `reset`: tear the connection down. `cut`: end the connection after so many bytes of the body. */
export type Outgoing = {
	status: number;
	headers: Record<string, string>;
	body: string;
	bytes?: Uint8Array;
	hang?: boolean;
	reset?: boolean;
	cut?: number;
	flood?: Flood;
};
/** A body too large to be held: `bytes` of it, `block` over and over, from byte `from` on. */
export type Flood = {block: Buffer; from: number; bytes: number};

/** What a hook is told of a request. `operation`: of GraphQL, by its name; null where it has none. */
export type RequestSeen = {method: string; path: string; operation: string | null; body: string};
export type Hook = (request: RequestSeen, simulation: Simulation) => void;
export type Hooks = {
	/** When a request has come in and nothing of it has been done, whatever becomes of it. */
	onRequest?: Hook;
	/** When it has been carried out or refused, before its answer is on its way (or gets lost). Not for requests that a fault kept from being looked at. */
	afterRequest?: Hook;
};
