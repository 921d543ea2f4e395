/** What both APIs read out of the state in the same way. */
import type {RerunLag} from '../limits/faults.ts';
import type {Attempt, CommitStatus, Job, Run, State, Step, Suite} from './model.ts';
import {actionsApp, jobsOfAttempt, latestAttempt} from './model.ts';

const onTime: ReadonlySet<RerunLag> = new Set();

/** Jobs of the newest attempt, as far as they are told by now. */
export function latestJobs(run: Run, lags: ReadonlySet<RerunLag>): Job[] {
	const {number, jobs} = latestAttempt(run);
	if (number === 1) {
		return jobsOfAttempt(run, number);
	}
	if (lags.has('empty')) {
		return [];
	}
	if (lags.has('repeated')) {
		return [...jobs];
	}
	const listed = jobsOfAttempt(run, lags.has('earlier') ? number - 1 : number);
	return lags.has('no-steps') ? listed.map(job => (job.attempt === number ? job : {...job, steps: []})) : listed;
}

/** The attempt that a run is said to be in. */
export const toldAttempt = (run: Run, lags: ReadonlySet<RerunLag>): Attempt => {
	const [newest, before] = [latestAttempt(run), run.attempts.at(-2)];
	if (before === undefined) {
		return newest;
	}
	return lags.has('run') ? before : lags.has('number') ? {...newest, number: before.number} : newest;
};

/** Jobs of a suite: `LATEST` is the newest of each, `ALL` has those of earlier attempts too. */
export function jobsOfSuite(suite: Suite, type: 'ALL' | 'LATEST', lags = onTime): Job[] {
	if (!suite.run) {
		return [];
	}
	return type === 'ALL' ? suite.run.attempts.flatMap(attempt => attempt.jobs) : latestJobs(suite.run, lags);
}

/** What has happened of a step by now. */
export function stepState(
	step: Step,
	now: number,
): {
	status: 'queued' | 'in_progress' | 'completed';
	conclusion: string | null;
	startedAt: number | null;
	completedAt: number | null;
} {
	if (now >= step.endsAt) {
		return {status: 'completed', conclusion: step.conclusion, startedAt: step.startsAt, completedAt: step.endsAt};
	}
	return now >= step.startsAt
		? {status: 'in_progress', conclusion: null, startedAt: step.startsAt, completedAt: null}
		: {status: 'queued', conclusion: null, startedAt: null, completedAt: null};
}

export const pendingEnvironments = (run: Run): string[] => [
	...new Set(
		latestAttempt(run)
			.jobs.filter(job => job.status === 'waiting')
			.map(job => job.definition.environment!),
	),
];

/** The commit's rollup as GitHub counts it: runs of other events than push and pull request are left out, even on the same commit. */
export const rollupJobs = (state: State, sha: string): Job[] =>
	(state.suitesBySha.get(sha) ?? [])
		.filter(suite => suite.app === actionsApp && ['push', 'pull_request'].includes(suite.run?.event ?? ''))
		.flatMap(suite => jobsOfSuite(suite, 'LATEST'));

/** The newest status of each context. */
export const latestStatuses = (state: State, sha: string): CommitStatus[] => [
	...new Map((state.statuses.get(sha) ?? []).map(status => [status.context, status])).values(),
];

export function combinedState(states: readonly string[]): 'success' | 'failure' | 'pending' {
	return states.some(state => state === 'failure' || state === 'error')
		? 'failure'
		: states.length === 0 || states.includes('pending')
			? 'pending'
			: 'success';
}
