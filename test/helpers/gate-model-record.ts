/** What is true about a commit, by the simulator's own record: which part of the evidence is there, and what of it GitHub can have been told. */
import {isAncestor} from '../../source/simulator/git.ts';
import {liveBetween} from '../../source/simulator/live.ts';
import {actionsBot, type Attempt, jobsOfAttempt, latestAttempt, type Run, runUrl, type State} from '../../source/simulator/model.ts';
import {newestRun, notForward, promotable} from '../../source/simulator/promotable.ts';
import {stagingReportContext} from '../../source/simulator/staging-report.ts';

const branches = {staging: 'develop', production: 'main'};
export const parts = ['on-staging', 'fast', 'deploy', 'e2e', 'staging-seen', 'smoke', 'forward', 'age'] as const;
export type Part = (typeof parts)[number];
export type Recorded = {
	/** The simulator's word, and nothing that it leaves out. */
	isTrue: boolean;
	/** The same, as far as the two questions of E2E can tell: somebody may have brought something else to staging in between, and taken it back, past GitHub. */
	isTold: boolean;
	/** Also GitHub's record of deployments and the report on the commit say so, as far as anybody can read them. */
	isOnRecord: boolean;
	missing: readonly Part[];
};
export type Told = {
	/** By the clock in GitHub's answers. */
	now: number;
	evidenceMaxAgeMs: number;
	/** Changes of staging that GitHub never heard of, as `at sha`. */
	byHand: ReadonlySet<string>;
};

const isGreen = (run: Run | undefined) => run?.status === 'completed' && run.conclusion === 'success';

/** Those attempts that a job which counts was run in: "re-run failed jobs" carries the others over. */
const attemptsOf = (run: Run): readonly Attempt[] => {
	const numbers = new Set(jobsOfAttempt(run, latestAttempt(run).number).map(({attempt}) => attempt));
	return run.attempts.filter(({number}) => numbers.has(number));
};

/** What staging was, from the start of the first job that counts to the end of the last. */
const seenBy = (state: State, run: Run) => {
	const watched = attemptsOf(run).flatMap(attempt => attempt.watched ?? []);
	const from = watched[0]!.from;
	const until = watched.at(-1)!.until ?? state.liveLog.length;
	return {all: liveBetween(state, 'staging', from, until), changes: state.liveLog.slice(from, until).filter(({environment}) => environment === 'staging')};
};

const reportOn = (state: State, sha: string) => state.statuses.get(sha)?.findLast(({context, creator}) => context === stagingReportContext && creator === actionsBot);
const isReported = (state: State, sha: string, run: Run) => {
	const newest = state.statuses.get(sha)?.findLast(({context}) => context === stagingReportContext);
	return newest !== undefined && newest === reportOn(state, sha) && newest.targetUrl === `${runUrl(state, run)}/attempts/${latestAttempt(run).number}`;
};

/** Nothing else than the commit, by GitHub's own record of deployments, from before E2E to its end. */
const isDeployed = (state: State, sha: string, run: Run): boolean => {
	const jobs = jobsOfAttempt(run, latestAttempt(run).number);
	const [from, until] = [Math.min(...jobs.map(job => job.startedAt!)), Math.max(...jobs.map(job => job.completedAt!))];
	const all = [...state.deployments.values()].filter(({environment}) => environment === 'staging')
		.map(({createdAt, payload, sha: filedOn, statuses}) => ({
			createdAt, of: (payload as {sha?: string} | null)?.sha ?? filedOn,
			succeededAt: statuses.find(({state: word}) => word === 'success')?.createdAt ?? null, failedAt: statuses.find(({state: word}) => word === 'failure')?.createdAt ?? null,
		}));
	const before = all.findLast(({createdAt, succeededAt}) => createdAt <= from && succeededAt !== null);
	return before !== undefined && before.of === sha && before.succeededAt! <= from
		&& !all.some(other => other.of !== sha && other.createdAt > before.createdAt && other.createdAt < until && (other.failedAt === null || other.failedAt > from));
};

export function recordOf(state: State, sha: string, {now, evidenceMaxAgeMs, byHand}: Told): Recorded {
	const [main, develop] = [state.refs.get('refs/heads/main')!, state.refs.get('refs/heads/develop')!];
	const e2e = newestRun(state, sha, 'e2e');
	const isVerified = isGreen(e2e) && e2e!.workflow.definition.jobs.every(({name}) => jobsOfAttempt(e2e!, latestAttempt(e2e!).number).find(job => job.name === name)?.conclusion === 'success');
	const seen = isVerified ? seenBy(state, e2e!) : null;
	const isSeen = seen?.all.every(one => one === sha) === true;
	const said = isVerified ? reportOn(state, sha)?.description : undefined;
	const isToldSo = isSeen || (seen !== null && said === `before ${sha} after ${sha}` && seen.changes.every(change => change.sha === sha || byHand.has(`${change.at} ${change.sha}`)));
	const endedAt = isVerified ? Math.max(...jobsOfAttempt(e2e!, latestAttempt(e2e!).number).map(job => job.completedAt!)) : now;
	const isOld = now - endedAt > evidenceMaxAgeMs;
	const missing: Part[] = [
		...(isAncestor(state, sha, develop) ? [] : ['on-staging'] as const),
		...(isGreen(newestRun(state, sha, 'fast')) ? [] : ['fast'] as const),
		...(isGreen(newestRun(state, sha, 'deploy')) ? [] : ['deploy'] as const),
		...(isVerified ? [] : ['e2e'] as const),
		...(isVerified && !isSeen ? ['staging-seen'] as const : []),
		...(isGreen(newestRun(state, sha, 'smoke')) ? [] : ['smoke'] as const),
		...(notForward(state, sha, main) === null ? [] : ['forward'] as const),
		...(isOld ? ['age'] as const : []),
	];
	// `promotable` asks besides that the branch itself has been at the commit: to the gate one that was merged in lies on the branch, too.
	const isProven = promotable(state, {branches}, sha).proven && missing.length === 0;
	return {
		isTrue: missing.length === 0, isTold: missing.every(part => part === 'staging-seen') && isToldSo,
		isOnRecord: isProven && isDeployed(state, sha, e2e!) && isReported(state, sha, e2e!), missing,
	};
}
