/** Everything that is written to GitHub, over one connection. */
import {type ConnectionOptions, createConnection} from './http/connection.ts';
import {type RemoteLocks, remoteLocks} from './branches/locks.ts';
import {login} from './people/login.ts';
import {type RemotePins, remotePins} from './branches/pins.ts';
import {type Promotions, remotePromotions} from './promotions.ts';
import {type OperationRecords, operationRecords} from './people/records.ts';
import {remoteReviews, type Reviews} from './people/reviews.ts';
import {remoteSignOffs, type SignOffs} from './people/sign-offs.ts';
import {type RunActions, runActions} from './runs/run-actions.ts';
import type {Endpoint} from './http/transport.ts';

export type GitHubEdge = {
	locks: RemoteLocks;
	pins: RemotePins;
	records: OperationRecords;
	promotions: Promotions;
	signOffs: SignOffs;
	reviews: Reviews;
	runs: RunActions;
	/** Login of whom the token belongs to; null: could not be asked, or it is no person's. */
	operatorName(signal?: AbortSignal): Promise<string | null>;
};

/** Nothing is sent before the first question. `access` is what was found by the settings: a token and where it may go. */
export function gitHubEdge({access, ...options}: Omit<ConnectionOptions, 'endpoint'> & {access: Endpoint}): GitHubEdge {
	const {host, apiUrl, graphqlUrl, token} = access;
	const connection = createConnection({...options, endpoint: {host, apiUrl, graphqlUrl, token}});
	return {
		locks: remoteLocks(connection),
		pins: remotePins(connection),
		records: operationRecords(connection),
		promotions: remotePromotions(connection),
		signOffs: remoteSignOffs(connection),
		reviews: remoteReviews(connection),
		runs: runActions(connection),
		operatorName: async signal => login(connection, signal),
	};
}
