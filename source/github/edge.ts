/** Everything that is written to GitHub, over one connection. */
import {sanitise} from '../core/sanitise.ts';
import {type Connection, type ConnectionOptions, createConnection} from './connection.ts';
import {type RemoteLocks, remoteLocks} from './locks.ts';
import {type RemotePins, remotePins} from './pins.ts';
import {type OperationRecords, operationRecords} from './records.ts';
import type {Endpoint} from './transport.ts';
import {Trouble} from './trouble.ts';

export type GitHubEdge = {
	locks: RemoteLocks;
	pins: RemotePins;
	records: OperationRecords;
	/** Login of whom the token belongs to; null: could not be asked, or it is no person's. */
	operatorName(signal?: AbortSignal): Promise<string | null>;
};

async function login({endpoint, transport}: Connection, signal: AbortSignal | undefined): Promise<string | null> {
	try {
		const {status, text} = await transport.send({method: 'GET', url: `${endpoint.apiUrl}/user`}, signal);
		const said: unknown = status === 200 ? JSON.parse(text) : null;
		return typeof said === 'object' && said !== null && 'login' in said && typeof said.login === 'string' && said.login !== '' ? sanitise(said.login, 100) : null;
	} catch (error) {
		if (error instanceof Trouble || error instanceof SyntaxError) {
			return null;
		}

		throw error;
	}
}

/** Nothing is sent before the first question. `access` is what was found by the settings: a token and where it may go. */
export function gitHubEdge({access, ...options}: Omit<ConnectionOptions, 'endpoint'> & {access: Endpoint}): GitHubEdge {
	const {host, apiUrl, graphqlUrl, token} = access;
	const connection = createConnection({...options, endpoint: {host, apiUrl, graphqlUrl, token}});
	return {
		locks: remoteLocks(connection), pins: remotePins(connection), records: operationRecords(connection),
		operatorName: async signal => login(connection, signal),
	};
}
