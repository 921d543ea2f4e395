/**
What staging ran while E2E looked at it, from the deployments on record. E2E proves something about a commit only when
staging ran that commit, and nothing else, from its start to its end.
*/
import type {Status} from './pipeline.ts';

/** A deployment to staging. `sha` null: of an unknown commit. `updatedAt` is when it went live, while it still is. */
export type StagingDeployment = {
	sha: string | null;
	status: Status;
	createdAt: number;
	updatedAt: number;
	/** Filed by the run that deployed it, while it did. Anybody who may write can file another: it may speak against a commit, never for it. */
	isRecord: boolean;
};

export type StagingVerdict =
	| 'this-commit'
	| {otherSha: string | null}
	| 'unknown-deployment'
	| 'not-recorded'
	| 'not-read'
	| 'only-claimed';

/** E2E starts a moment after the deployment said that it was done. Milliseconds. */
const toleranceMs = 60_000;

/** So many of the newest are read together. An older one is read with its commit: what lies between those and that one is not known. */
const readTogether = 6;

/** INACTIVE reads as `none`: it was live once, and something else came after it. */
const wasLive = ({status}: StagingDeployment) => status === 'passed' || status === 'none';

type Span = {
	from: number;
	until: number;
	/** When the deployment of the commit was created, and when it went live. */ createdAt: number;
	liveAt: number;
};

/** Whether another deployment came to staging: one that failed or still runs may have been live for a moment, and nobody recorded it. */
const came = ({status, createdAt, updatedAt}: StagingDeployment, span: Span): 'not' | 'then' | 'perhaps' => {
	if (createdAt >= span.until) return 'not';
	switch (status) {
		case 'passed':
			return updatedAt <= span.liveAt ? 'not' : updatedAt < span.until ? 'then' : 'perhaps';
		// When it was live is not known any more.
		case 'none':
			return createdAt > span.from ? 'then' : 'not';
		case 'failed':
		case 'cancelled':
			return createdAt > span.createdAt && updatedAt > span.from ? 'perhaps' : 'not';
		default:
			return createdAt > span.createdAt ? 'perhaps' : 'not';
	}
};

const during = (
	sha: string,
	deployments: readonly StagingDeployment[],
	from: number,
	until: number,
	deployedAt: number | null,
): StagingVerdict => {
	const newestFirst = [...deployments].sort((a, b) => b.createdAt - a.createdAt);
	const live = newestFirst.find(
		deployment =>
			wasLive(deployment) && deployment.createdAt <= from && (deployment.sha !== sha || deployment.isRecord),
	);
	const since = live?.status === 'passed' ? live.updatedAt : deployedAt;
	const span = {from, until, createdAt: live?.createdAt ?? from, liveAt: Math.min(since ?? from, from)};
	const others = newestFirst.filter(deployment => deployment.sha !== sha);
	const other = others.find(deployment => came(deployment, span) === 'then');
	if (other) return {otherSha: other.sha};
	if (others.some(deployment => came(deployment, span) === 'perhaps')) return 'unknown-deployment';
	if (!live) return 'not-recorded';
	if (live.sha !== sha) return live.sha === null ? 'not-recorded' : {otherSha: live.sha};
	if (since === null || since > from + toleranceMs) return 'not-recorded';
	return newestFirst.indexOf(live) < readTogether ? 'this-commit' : 'not-read';
};

/**
`from` and `until` bound the E2E run (milliseconds since the epoch); `deployedAt` is when this commit's deployment run
ended, which is all that is known of the time once another release has come after it.
*/
export const stagingDuring = (
	sha: string,
	deployments: readonly StagingDeployment[],
	from: number,
	until: number,
	deployedAt: number | null,
): StagingVerdict => {
	const verdict = during(sha, deployments, from, until, deployedAt);
	if (verdict === 'this-commit' || deployments.every(({isRecord}) => isRecord)) return verdict;
	const claimed = during(
		sha,
		deployments.map(deployment => ({...deployment, isRecord: true})),
		from,
		until,
		deployedAt,
	);
	return claimed === 'this-commit' && verdict === 'not-recorded' ? 'only-claimed' : verdict;
};
