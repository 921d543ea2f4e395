/**
Which of the jobs that GitHub lists for a run belong to its newest attempt, and whether they are all. Pure; every reader of jobs asks here.
Names tell nothing: a matrix may give all of its jobs one name. So nothing that is listed is ever left out for its name, and a list
that cannot be all, or is of the attempt before, is told as one of which jobs are missing.
*/
import type {JobFact, RunFact} from './facts.ts';

/** `total`: how many GitHub says there are; more than `jobs` while pages are missing. */
export type JobList = {jobs: readonly JobFact[]; total: number};

const isSuccess = ({conclusion}: JobFact) => conclusion === 'SUCCESS';
/** Of two words about one job that of the later attempt, then the worse. */
const weight = (job: JobFact): readonly number[] => [
	-(job.attempt ?? 0),
	Number(job.status === 'COMPLETED'),
	Number(isSuccess(job)),
	job.finishedAt ?? 0,
];
const before = (a: readonly number[], b: readonly number[]): number =>
	a.map((part, index) => part - b[index]!).find(difference => difference !== 0) ?? 0;

/** Each job once, by id: pages overlap when a job is added between two of them. */
const once = (jobs: readonly JobFact[]): readonly JobFact[] => {
	const byId = new Map<number, JobFact>();
	for (const job of jobs) {
		const known = byId.get(job.id);
		if (known === undefined || before(weight(job), weight(known)) < 0) byId.set(job.id, job);
	}
	return [...byId.values()].sort((a, b) => a.id - b.id);
};

/** By its own number, or by when it ended. Without either nobody can tell, and then it is not. */
export const isOfAttempt = ({attempt, status, finishedAt}: JobFact, run: RunFact): boolean => {
	if (attempt !== null && run.attempt !== null) return attempt >= run.attempt;
	return status !== 'COMPLETED' || (run.startedAt !== null && finishedAt !== null && finishedAt >= run.startedAt);
};

const newestOf = (jobs: readonly JobFact[]): number =>
	jobs.reduce((most, {attempt}) => Math.max(most, attempt ?? 0), 0);

/** GitHub's list of runs lags behind its list of jobs: the run goes on, although it says how its attempt before ended. */
const caughtUp = (run: RunFact, jobs: readonly JobFact[]): RunFact => {
	const newest = newestOf(jobs);
	if (run.attempt === null || newest <= run.attempt) return run;
	return {
		...run,
		attempt: newest,
		startedAt: null,
		...(run.status === 'COMPLETED' && {status: 'IN_PROGRESS', conclusion: null}),
	};
};

/** A re-run repeats one job at least, which is of the new attempt. */
const isOfEarlier = (run: RunFact, jobs: readonly JobFact[]): boolean =>
	(run.attempt ?? 1) > 1 && jobs.length > 0 && !jobs.some(job => isOfAttempt(job, run));

const unsuccessful = new Set(['FAILURE', 'TIMED_OUT']);
/** What a run's own end says that its jobs do not show: one of them is not listed. */
const isUnexplained = ({status, conclusion}: RunFact, jobs: readonly JobFact[]): boolean => {
	if (status !== 'COMPLETED' || conclusion === null) return false;
	if (jobs.length === 0) return conclusion === 'SUCCESS' || unsuccessful.has(conclusion);
	return (
		unsuccessful.has(conclusion) &&
		jobs.every(job => isSuccess(job) || job.conclusion === 'SKIPPED' || job.conclusion === 'NEUTRAL')
	);
};

/**
Of an attempt that nobody knows: two of one name may be two jobs, or one and what was before it; and what has ended may be about to be
repeated. Where the attempt is known, whatever is listed counts, also what is red: it may have been repeated, but nobody says so.
*/
const isUncertain = ({attempt, status}: RunFact, jobs: readonly JobFact[]): boolean =>
	attempt === null &&
	(new Set(jobs.map(({name}) => name)).size < jobs.length ||
		(status !== 'COMPLETED' && jobs.some(job => job.status === 'COMPLETED')));

/**
The run with the jobs of its newest attempt. `jobsTotal` is more than `jobs.length` when one of them is not listed, or may not be.
Independent of the order of the list and of its pages. `first`: how many jobs its first attempt had; null: not known, or this is the first.
*/
export const withJobList = (read: RunFact, {jobs: listed, total}: JobList, first: number | null = null): RunFact => {
	const jobs = once(listed);
	const run = {...caughtUp(read, jobs), jobsAsOf: read.updatedAt};
	// What was not repeated is not listed for a while; as long as the run goes on, jobs that wait for others are not there yet.
	const count = Math.max(total, jobs.length, run.status === 'COMPLETED' ? (first ?? 0) : 0);
	if (isOfEarlier(run, jobs)) return {...run, jobs: [], jobsTotal: count};
	return {
		...run,
		jobs,
		jobsTotal: isUnexplained(run, jobs) || isUncertain(run, jobs) ? Math.max(count, jobs.length + 1) : count,
	};
};

/** Jobs were not read, or not all of them. */
export const lacksJobs = ({jobs, jobsTotal}: Pick<RunFact, 'jobs' | 'jobsTotal'>): boolean =>
	jobs === null || jobs.length < (jobsTotal ?? 0);
