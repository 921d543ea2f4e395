/**
What staging ran while E2E looked at it, from the deployments on record. E2E proves something about a commit only when
staging ran that commit, and nothing else, from its start to its end.
*/
import type {Status} from './pipeline.ts';

/** A deployment to staging. `sha` null: of an unknown commit. `updatedAt` is when it went live, while it still is. */
export type StagingDeployment = {sha: string | null; status: Status; createdAt: number; updatedAt: number};

export type StagingVerdict = 'this-commit' | {otherSha: string | null} | 'unknown-deployment' | 'not-recorded';

/** E2E starts a moment after the deployment said that it was done. Milliseconds. */
const toleranceMs = 60_000;

/** INACTIVE reads as `none`: it was live once, and something else came after it. */
const wasLive = ({status}: StagingDeployment) => status === 'passed' || status === 'none';

/** Whether another deployment came to staging: one that failed or still runs may have been live for a moment, and nobody recorded it. */
const cameBetween = ({status, createdAt, updatedAt}: StagingDeployment, {from, until, since}: {from: number; until: number; since: number}): 'no' | 'yes' | 'perhaps' => {
	if (createdAt >= until) return 'no';
	switch (status) {
		case 'passed': return updatedAt <= from ? 'no' : updatedAt < until ? 'yes' : 'perhaps';
		// When it was live is not known any more.
		case 'none': return createdAt > from ? 'yes' : 'no';
		case 'failed': case 'cancelled': return createdAt > since && updatedAt > from ? 'perhaps' : 'no';
		default: return createdAt > since ? 'perhaps' : 'no';
	}
};

/**
`from` and `until` bound the E2E run (milliseconds since the epoch); `deployedAt` is when this commit's deployment run
ended, which is all that is known of the time once another release has come after it.
*/
export const stagingDuring = (sha: string, deployments: readonly StagingDeployment[], from: number, until: number, deployedAt: number | null): StagingVerdict => {
	const newestFirst = [...deployments].sort((a, b) => b.createdAt - a.createdAt);
	const live = newestFirst.find(deployment => wasLive(deployment) && deployment.createdAt <= from);
	const between = newestFirst.filter(deployment => deployment.sha !== sha).map(deployment => ({deployment, came: cameBetween(deployment, {from, until, since: live?.createdAt ?? from})}));
	const other = between.find(({came}) => came === 'yes');
	if (other) return {otherSha: other.deployment.sha};
	if (between.some(({came}) => came === 'perhaps')) return 'unknown-deployment';
	if (!live) return 'not-recorded';
	if (live.sha !== sha) return live.sha === null ? 'not-recorded' : {otherSha: live.sha};
	const since = live.status === 'passed' ? live.updatedAt : deployedAt;
	return since !== null && since <= from + toleranceMs ? 'this-commit' : 'not-recorded';
};
