/** What is true about a commit, by the simulator's own record: which part of the evidence is missing, and what of it GitHub can have told. */
import {isAncestor} from '../../source/simulator/model/git.ts';
import {liveBetween} from '../../source/simulator/model/live.ts';
import {
	actionsBot,
	type Attempt,
	type Job,
	jobsOfAttempt,
	latestAttempt,
	type Run,
	type State,
} from '../../source/simulator/model/model.ts';
import {newestRun, notForward, promotable} from '../../source/simulator/model/promotable.ts';

export const branches = {staging: 'develop', production: 'main'};
/** `age`: E2E ended too long ago. `head`: of a hotfix, that it is the head of its branch. */
export type Part = 'on-staging' | 'fast' | 'deploy' | 'e2e' | 'staging-seen' | 'smoke' | 'forward' | 'age' | 'head';
export type Recorded = {
	missing: readonly Part[];
	/** Nothing is missing, as far as E2E's two questions can tell: between them somebody may have brought something else to staging and taken it back, past GitHub. */
	isTold: boolean;
	/** Nothing is missing, and it stands where everybody can read it: GitHub's deployments say so too, and so does the newest report. */
	isOnRecord: boolean;
	/** So near to the limit of age that either answer will do: a clock that is a little wrong is taken as right, and GitHub tells whole seconds. */
	isBorderline: boolean;
};
export type Told = {
	/** By the clock in GitHub's answers. */
	now: number;
	evidenceMaxAgeMs: number;
	/** Changes of staging that GitHub never heard of, as `at sha`. */
	byHand: ReadonlySet<string>;
	/** E2E asks staging what it runs. */
	isAsked: boolean;
};

const jobsOf = (run: Run): readonly Job[] => jobsOfAttempt(run, latestAttempt(run).number);
const isWhole = (run: Run): boolean =>
	run.workflow.definition.jobs.every(
		({name}) => jobsOf(run).find(job => job.name === name)?.conclusion === 'success',
	);
/** A run is a success to GitHub although its jobs were skipped. */
const isGreen = (run: Run | undefined): boolean =>
	run?.status === 'completed' && run.conclusion === 'success' && isWhole(run);
const boundsOf = (run: Run) => ({
	from: Math.min(...jobsOf(run).map(job => job.startedAt!)),
	until: Math.max(...jobsOf(run).map(job => job.completedAt!)),
});

/** Attempts in which a job ran that counts: "re-run failed jobs" carries the others over, and what they saw. */
const attemptsOf = (run: Run): readonly Attempt[] => {
	const numbers = new Set(jobsOf(run).map(({attempt}) => attempt));
	return run.attempts.filter(({number}) => numbers.has(number));
};

/** What staging was, from the start of the first job that counts to the end of the last, and what made it so. */
const seenBy = (state: State, run: Run) => {
	const watched = attemptsOf(run).flatMap(attempt => attempt.watched ?? []);
	const [from, until] = [watched[0]!.from, watched.at(-1)!.until ?? state.liveLog.length];
	return {
		all: liveBetween(state, 'staging', from, until),
		changes: state.liveLog.slice(from, until).filter(({environment}) => environment === 'staging'),
	};
};

/** In the name of its last job: what anybody posted plays no part. */
const isReported = (sha: string, run: Run): boolean =>
	jobsOf(run).some(({shown}) => shown?.endsWith(` before ${sha} after ${sha}`));

const clockSlackMs = 6000;
/** Those that are read together, when staging itself is not asked. */
const newestDeployments = 6;

/** By GitHub's record staging was at the commit when E2E began, and no other deployment overlaps with it. */
const isDeployed = (state: State, sha: string, run: Run, isAsked: boolean): boolean => {
	const {from, until} = boundsOf(run);
	const all = [...state.deployments.values()]
		.filter(({environment}) => environment === 'staging')
		.map(({createdAt, payload, sha: filedOn, statuses, creator}) => {
			const at = (word: string) => statuses.find(status => status.state === word)?.createdAt ?? null;
			return {
				createdAt,
				isRecord: creator === actionsBot,
				of: (payload as {sha?: string} | null)?.sha ?? filedOn,
				succeededAt: at('success'),
				failedAt: at('failure'),
			};
		});
	// What a person filed about the commit says nothing for it.
	const before = all.findLast(
		({createdAt, succeededAt, of, isRecord}) =>
			createdAt <= from && succeededAt !== null && (of !== sha || isRecord),
	);
	return (
		before !== undefined &&
		before.of === sha &&
		before.succeededAt! <= from &&
		(isAsked || all.length - all.indexOf(before) <= newestDeployments) &&
		!all.some(
			other =>
				other.of !== sha &&
				other.createdAt > before.createdAt &&
				other.createdAt < until &&
				(other.failedAt === null || other.failedAt > from),
		)
	);
};

/** Production can go there, and gets something new: of two commits with the same files, one is as good as the other. */
const isForward = (state: State, sha: string): boolean => {
	const main = state.refs.get(`refs/heads/${branches.production}`)!;
	return (
		notForward(state, sha, main) === null &&
		(isAncestor(state, main, sha) || state.commits.get(sha)!.tree !== state.commits.get(main)!.tree)
	);
};

const missingIf = (wanted: Readonly<Partial<Record<Part, boolean>>>): readonly Part[] =>
	Object.entries(wanted).flatMap(([part, isThere]) => (isThere ? [] : [part as Part]));

export function recordOf(state: State, sha: string, {now, evidenceMaxAgeMs, byHand, isAsked}: Told): Recorded {
	const e2e = newestRun(state, sha, 'e2e');
	const verified = e2e && isGreen(e2e) ? e2e : null;
	const seen = verified && seenBy(state, verified);
	const ageMs = verified === null ? 0 : now - boundsOf(verified).until;
	const missing = missingIf({
		'on-staging': isAncestor(state, sha, state.refs.get(`refs/heads/${branches.staging}`)!),
		fast: isGreen(newestRun(state, sha, 'fast')),
		deploy: isGreen(newestRun(state, sha, 'deploy')),
		e2e: verified !== null,
		'staging-seen': seen === null || seen.all.every(one => one === sha),
		smoke: isGreen(newestRun(state, sha, 'smoke')),
		forward: isForward(state, sha),
		age: ageMs <= evidenceMaxAgeMs + clockSlackMs,
	});
	const isSaid =
		verified !== null &&
		seen !== null &&
		isReported(sha, verified) &&
		seen.changes.every(change => change.sha === sha || byHand.has(`${change.at} ${change.sha}`));
	return {
		missing,
		isTold: missing.every(part => part === 'staging-seen' && isSaid),
		// The simulator asks besides that the branch itself has been at the commit; to the gate one that was merged in lies on the branch, too.
		isOnRecord:
			missing.length === 0 &&
			promotable(state, {branches}, sha).proven &&
			isDeployed(state, sha, verified!, isAsked) &&
			(!isAsked || isReported(sha, verified!)),
		isBorderline: Math.abs(ageMs - evidenceMaxAgeMs) <= clockSlackMs,
	};
}

/** A hotfix goes past staging, as the head of its branch. */
export function hotfixRecordOf(state: State, sha: string, branch: string): Recorded {
	const missing = missingIf({
		fast: isGreen(newestRun(state, sha, 'fast')),
		forward: isForward(state, sha),
		head: state.refs.get(`refs/heads/${branch}`) === sha,
	});
	return {missing, isTold: missing.length === 0, isOnRecord: missing.length === 0, isBorderline: false};
}
