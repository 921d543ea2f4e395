/** What to ask GitHub next: the cheap overview from time to time, and in between a narrow question for what moves. */
import {runIsMoving} from '../snapshot/correlate.ts';
import type {Facts, Question, RunFact} from '../github/facts.ts';
import {lacksJobs} from '../github/listed-jobs.ts';
import {overviewEveryMs} from './pace.ts';
import {type Candidate, type Job, type Snapshot, tierNames} from '../pipeline/pipeline.ts';
import {letsNextBegin} from '../evidence/tier.ts';
import {isMoving} from '../pipeline/words.ts';

/** Commits of the staging branch that an overview has. More than the most would cost more than one point. */
export const commitsRead = {usual: 12, most: 25} as const;

const suitesAtMost = 40;
const hotJobsAtMost = 16;
const commitsAtMost = 3;

export type Focus = {
	/** The candidate that the operator looks at. */
	sha: string | null;
	/** The job whose steps are open, if any. */
	jobId: number | null;
	/** Somebody waits for the answer to "what can go to production?": the jobs that decide it are asked for before all others. */
	isWaitedFor?: boolean;
	/** Commits beyond the usual number are looked at, too. */
	hasOlder?: boolean;
};

const runIdsOf = (candidate: Candidate) => tierNames.flatMap(name => candidate.tiers[name]?.runId ?? []);
const jobsOf = (candidate: Candidate): readonly Job[] => tierNames.flatMap(name => candidate.tiers[name]?.jobs ?? []);
const isActive = (candidate: Candidate) => tierNames.some(name => isMoving(candidate.tiers[name]?.status ?? 'none'));

/** Its jobs were never read or are not all listed, or it has changed since. */
const needsJobs = (run: RunFact) =>
	run.jobsAsOf === null || lacksJobs(run) || run.jobsAsOf < run.updatedAt || runIsMoving(run);

/** The candidates that decide what can go to production: the head, what staging runs, and the newest whose E2E GitHub calls a success. */
const deciding = ({candidates}: Snapshot): readonly Candidate[] => {
	const green = candidates.find(({tiers: {fast, deploy, e2e}}) =>
		[fast, deploy, e2e].every(tier => letsNextBegin(tier)),
	);
	return candidates.filter(
		(candidate, index) => index === 0 || candidate === green || candidate.liveOn.includes('staging'),
	);
};

/** Whether jobs of a deciding candidate were never read: then the next question is worth asking at once. */
export const isUndecided = (facts: Facts | null, snapshot: Snapshot | null): boolean => {
	if (!facts || !snapshot) return false;
	const wanted = new Set(deciding(snapshot).flatMap(runIdsOf));
	return facts.runs.some(run => wanted.has(run.id) && run.jobsAsOf === null);
};

/** So few are asked for together: a question for all would take no longer. */
const fewSuites = 12;

/** The jobs that decide alone, while they are unread and many others are as well. */
const firstOf = (unread: readonly RunFact[], snapshot: Snapshot, {isWaitedFor}: Focus): readonly RunFact[] => {
	const wanted = new Set(deciding(snapshot).flatMap(runIdsOf));
	const first = unread.filter(run => wanted.has(run.id) && run.jobsAsOf === null);
	return isWaitedFor === true && first.length > 0 && unread.length > fewSuites ? first : unread;
};

const ordered = (snapshot: Snapshot, focus: Focus): readonly Candidate[] => {
	const weight = (candidate: Candidate) => (candidate.sha === focus.sha ? 0 : isActive(candidate) ? 1 : 2);
	return [...snapshot.candidates].sort((a, b) => weight(a) - weight(b));
};

const hotJobs = (candidates: readonly Candidate[], focus: Focus) => {
	const jobs = candidates.flatMap(jobsOf);
	const opened = jobs.find(job => job.id === focus.jobId);
	const isHot = (job: Job) => job.status === 'running' || (job.status === 'failed' && job.annotations === null);
	return [
		...(opened &&
		(opened.steps === null ||
			opened.annotations === null ||
			!['passed', 'failed', 'cancelled', 'skipped'].includes(opened.status))
			? [opened]
			: []),
		...jobs.filter(job => isHot(job) && job.id !== focus.jobId),
	]
		.slice(0, hotJobsAtMost)
		.map(({id, nodeId}) => ({id, nodeId}));
};

/**
The next question. `lastOverviewAt` is when the last overview was answered; an unknown head makes a new one due,
because only the overview brings commits that were not there before.
*/
export const nextQuestion = (
	facts: Facts | null,
	snapshot: Snapshot | null,
	focus: Focus,
	now: number,
	lastOverviewAt: number | null,
): Question => {
	const overview: Question = {kind: 'overview', ...(focus.hasOlder === true && {commits: commitsRead.most})};
	if (!facts || !snapshot || lastOverviewAt === null) return overview;
	const head = facts.refs.staging.sha;
	const isNewHead = head !== null && facts.commits.length > 0 && !facts.commits.some(commit => commit.sha === head);
	if (isNewHead || now - lastOverviewAt >= overviewEveryMs) return overview;
	const candidates = ordered(snapshot, focus);
	const runs = new Map(facts.runs.map(run => [run.id, run]));
	const unread = candidates
		.flatMap(runIdsOf)
		.flatMap(id => runs.get(id) ?? [])
		.filter(needsJobs);
	const suites = firstOf(unread, snapshot, focus)
		.slice(0, suitesAtMost)
		.map(run => ({suiteId: run.suiteId, runId: run.id}));
	const hot = hotJobs(candidates, focus);
	const commits = candidates
		.filter(candidate => isActive(candidate) || candidate.sha === focus.sha)
		.map(candidate => candidate.sha)
		.slice(0, commitsAtMost);
	return suites.length === 0 && hot.length === 0 && !candidates.some(isActive)
		? overview
		: {kind: 'active', suites, hotJobs: hot, commits};
};

/** Whether jobs or steps are still to be read: then the next question comes soon, even while nothing runs. */
export const isBehind = (facts: Facts | null, snapshot: Snapshot | null): boolean => {
	if (!facts || !snapshot) return false;
	const shown = new Set(snapshot.candidates.flatMap(runIdsOf));
	return facts.runs.some(run => shown.has(run.id) && (run.jobsAsOf === null || run.jobsAsOf < run.updatedAt));
};
