/** Everything that a promotion reads and writes on GitHub. Nothing here throws for what GitHub or the network did; what changes something is sent once. */
import {promoterWords, type PromoterWords} from './people/sign-offs.ts';
import {type Branches, remoteBranches} from './branches/branches.ts';
import type {Connection} from './http/connection.ts';
import {type Landings, landings} from './land/land.ts';
import {type ProductionRuns, productionRuns} from './runs/promotion-runs.ts';
import {type Pulls, remotePulls} from './land/pulls.ts';

export type Promotions = Branches & Landings & Pulls & ProductionRuns & PromoterWords;

export const remotePromotions = (connection: Connection): Promotions => ({
	...remoteBranches(connection),
	...landings(connection),
	...remotePulls(connection),
	...productionRuns(connection),
	...promoterWords(connection),
});
