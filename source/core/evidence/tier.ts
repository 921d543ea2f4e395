/** One tier of one commit, from the run that is about it. */
import {awaitsApproval, awaitsWords} from './approval.ts';
import type {JobFact, RunFact, StatusFact} from '../github/facts.ts';
import {isOfAttempt} from '../github/listed-jobs.ts';
import {type Job, policies, type Status, type Tier, type TierName} from '../pipeline/pipeline.ts';
import {rerunsAtMost} from '../runs/runs.ts';
import {sanitise} from '../text/sanitise.ts';
import {stagingWordsOf} from '../pipeline/staging-words.ts';
import type {TierSettings} from '../settings/settings.ts';
import type {Subject} from './subjects.ts';
import {combined, commitStatusWord, isFinal, isMoving, runWord, type Word} from '../pipeline/words.ts';
import {matchesGlob, workOf, type WorkRule} from './work.ts';

export {matchesGlob} from './work.ts';

const toJob = (fact: JobFact): Job => ({
	id: fact.id,
	nodeId: fact.nodeId,
	name: sanitise(fact.name, 120),
	...runWord(fact.status, fact.conclusion),
	startedAt: fact.startedAt,
	finishedAt: fact.finishedAt,
	url: fact.url,
	steps:
		fact.steps?.map(step => ({
			number: step.number,
			name: sanitise(step.name, 120),
			status: runWord(step.status, step.conclusion).status,
			startedAt: step.startedAt,
			finishedAt: step.finishedAt,
		})) ?? null,
	annotations:
		fact.annotations?.map(note => ({
			...note,
			path: sanitise(note.path),
			title: note.title === null ? null : sanitise(note.title),
			message: sanitise(note.message, 1000),
		})) ?? null,
});

const jobsOf = (run: RunFact, settings: TierSettings): readonly Job[] =>
	(run.jobs ?? [])
		.filter(job => settings.jobs === null || matchesGlob(settings.jobs, job.name))
		.map(job => toJob(job));

/** `41/120 tests, 1 failed` → 41 of 120, 1 failed; null when it says nothing of the kind. */
export const parseProgress = (description: string | null): Tier['progress'] => {
	const found = /(\d{1,7})\s*(?:\/|of)\s*(\d{1,7})/.exec(description ?? '');
	if (!found || Number(found[2]) === 0 || Number(found[1]) > Number(found[2])) return null;
	const failed = /(\d{1,7})\s*(?:failed|failures?|red)/i.exec(description!);
	return {done: Number(found[1]), total: Number(found[2]), failed: failed ? Number(failed[1]) : null};
};

/** What the configuration says about the jobs of a tier. */
export const ruleOf = (
	name: TierName,
	{jobs, maySkip, notWork}: Pick<TierSettings, 'jobs' | 'maySkip' | 'notWork'>,
): WorkRule => ({key: `tiers.${name}`, jobs, maySkip, notWork});

const unreadJobs = (run: RunFact) => Math.max(0, (run.jobsTotal ?? 0) - (run.jobs?.length ?? 0));

/** Its jobs as they were when the run had ended: not read, fewer than there are, or older than the run are not. */
const areRead = (run: RunFact): boolean =>
	run.jobs !== null &&
	run.jobsTotal !== null &&
	unreadJobs(run) === 0 &&
	(run.status !== 'COMPLETED' || (run.jobsAsOf !== null && run.jobsAsOf >= run.updatedAt));

/** GitHub takes a re-run too many, and files an attempt that failed without a job. */
const isTooOften = (run: RunFact): boolean =>
	run.conclusion === 'FAILURE' && run.jobs?.length === 0 && (run.attempt ?? 0) > rerunsAtMost + 1;

const byJobs = (run: RunFact, jobs: readonly Job[]): Word => {
	// Held back, or ended before it had a job: the run's own word is about all of its tiers.
	const isEmpty = run.status === 'COMPLETED' && run.jobs?.length === 0 && unreadJobs(run) === 0 && !isSuccess(run);
	if (awaitsApproval(run) || run.conclusion === 'STARTUP_FAILURE' || isTooOften(run) || isEmpty)
		return runWord(run.status, run.conclusion);
	if (run.jobs === null) return {status: 'unknown'};
	// Jobs of a later tier do not exist before the earlier one lets them start.
	const status = combined(jobs.map(job => job.status)) ?? (run.status === 'COMPLETED' ? 'skipped' : 'none');
	// It ended before it had any job: its workflow file is not valid, or somebody cancelled it.
	if (run.status === 'COMPLETED' && run.jobs.length === 0 && unreadJobs(run) === 0 && !isSuccess(run))
		return runWord(run.status, run.conclusion);
	// Any of the jobs that were not read could be ours, and red.
	return unreadJobs(run) > 0 && !isMoving(status) && status !== 'failed' ? {status: 'unknown'} : {status};
};

const isSuccess = (run: RunFact) => runWord(run.status, run.conclusion).status === 'passed';
/** GitHub's word, where ours is another one. */
const contradicted = {rawStatus: 'success'} as const;
const unreadWords = 'GitHub says success; its jobs are not read yet';

type Told = Word & {/** Why it is not what GitHub says; null: it is. */ because: string | null};

/** Nothing has passed by GitHub's word for the run alone: its jobs have to have done the work. */
const toldOf = (name: TierName, run: RunFact, jobs: readonly Job[], settings: TierSettings): Told => {
	const word = settings.jobs === null ? runWord(run.status, run.conclusion) : byJobs(run, jobs);
	if (word.status === 'unknown' && isSuccess(run) && !areRead(run))
		return {...word, ...contradicted, because: unreadWords};
	if (word.status !== 'passed') return {...word, because: null};
	if (!areRead(run)) return {status: 'unknown', ...contradicted, because: unreadWords};
	const work = workOf(jobs, ruleOf(name, settings));
	return work.did ? {...word, because: null} : {status: work.status, ...contradicted, because: work.because};
};

/** GitHub says success, and what its jobs say has not been read yet: no news, and no verdict. */
export const isUnread = (tier: Pick<Tier, 'status' | 'rawStatus'> | undefined): boolean =>
	tier?.status === 'unknown' && tier.rawStatus === contradicted.rawStatus;

/** GitHub lets the next tier begin: it goes by the run's word alone, also where we do not. */
export const letsNextBegin = ({status, rawStatus}: Pick<Tier, 'status' | 'rawStatus'>): boolean =>
	status === 'passed' || rawStatus === contradicted.rawStatus;

/** What a tier of the run took, seconds; null: it has not passed, as far as is known. Runs of which only the run itself was read count by its word. */
export const greenSeconds = (name: TierName, run: RunFact, settings: TierSettings): number | null => {
	const jobs = jobsOf(run, settings);
	if (
		run.jobs === null
			? settings.jobs !== null || !isSuccess(run)
			: toldOf(name, run, jobs, settings).status !== 'passed'
	)
		return null;
	const {startedAt, finishedAt} = timesOf(run, jobs, 'passed', settings);
	return startedAt !== null && finishedAt !== null && finishedAt > startedAt ? (finishedAt - startedAt) / 1000 : null;
};

const earliest = (times: ReadonlyArray<number | null>) =>
	times.reduce<number | null>(
		(least, time) => (time !== null && (least === null || time < least) ? time : least),
		null,
	);
const latest = (times: ReadonlyArray<number | null>) =>
	times.reduce<number | null>((most, time) => (time !== null && (most === null || time > most) ? time : most), null);

/** Jobs that a re-run has repeated: those that it keeps say when the attempt before ran. All of them, where nothing tells them apart. */
const ownJobs = (run: RunFact, jobs: readonly Job[]): readonly Job[] => {
	if ((run.attempt ?? 1) <= 1) return jobs;
	const kept = new Set((run.jobs ?? []).filter(job => !isOfAttempt(job, run)).map(({id}) => id));
	const own = jobs.filter(({id}) => !kept.has(id));
	return own.length === 0 ? jobs : own;
};

const timesOf = (run: RunFact, all: readonly Job[], status: Status, settings: TierSettings) => {
	const jobs = ownJobs(run, all);
	const firstJob = earliest(jobs.map(job => job.startedAt));
	// The run's own start counts its time in the queue; budgets are for the work.
	const started =
		firstJob ??
		(settings.jobs === null && (status === 'running' || isFinal(status)) ? (run.startedAt ?? run.createdAt) : null);
	// A finished run's `updatedAt` may move later (a comment, a deleted log): its jobs know better, once all their ends are read.
	const jobsEnd = jobs.every(job => isFinal(job.status)) ? latest(jobs.map(job => job.finishedAt)) : null;
	return {
		createdAt: run.createdAt,
		startedAt: started,
		finishedAt: isFinal(status) ? (jobsEnd ?? (settings.jobs === null ? run.updatedAt : null)) : null,
	};
};

const becauseOf = (run: RunFact, {status}: Word, jobs: readonly Job[]): string | null => {
	if (run.waits.length > 0 && !isFinal(status)) {
		const [wait] = run.waits;
		return wait!.waitMinutes > 0
			? `waits ${wait!.waitMinutes} min for environment ${sanitise(wait!.environment, 60)}`
			: `waits for approval of ${sanitise(wait!.environment, 60)}`;
	}
	if (awaitsApproval(run)) return awaitsWords;
	if (run.status === 'PENDING') return 'waits for another run of its concurrency group';
	if (status === 'queued') return 'waits for a runner';
	if (run.conclusion === 'STARTUP_FAILURE') return 'its workflow file is not valid';
	if (isTooOften(run))
		return `nothing ran: GitHub re-runs a run ${rerunsAtMost} times at most. Start the workflow again`;
	if (run.conclusion === 'FAILURE' && run.jobs?.length === 0)
		return 'GitHub lists no job of it: the page of the run says why';
	const failed = jobs.filter(job => job.status === 'failed');
	return failed.length > 0 ? `${failed.map(job => job.name).join(', ')} failed` : null;
};

const emptyTier = (name: TierName, settings: TierSettings): Tier => ({
	name,
	status: 'none',
	policy: policies[name],
	provenance: null,
	isOwnWord: false,
	doubt: null,
	runId: null,
	attempt: null,
	event: null,
	workflow: settings.workflow,
	url: null,
	runIsOver: false,
	createdAt: null,
	startedAt: null,
	finishedAt: null,
	budgetSeconds: settings.budgetSeconds,
	alertAfterSeconds: settings.alertAfterSeconds,
	jobs: [],
	jobsTotal: 0,
	progress: null,
	shards: [],
	waits: [],
	because: null,
});

const wordOf = ({trust}: Subject): Pick<Tier, 'isOwnWord' | 'doubt'> => ({
	isOwnWord: trust?.trusted === true,
	doubt:
		trust === null || trust.trusted === true
			? null
			: {because: trust.because, next: trust.next, isCertain: trust.trusted === false},
});

/** A green run that is no evidence is not shown without saying so. */
const unprovenWords = (subject: Subject): string | null => {
	const {doubt} = wordOf(subject);
	return doubt ? `no evidence: ${sanitise(doubt.because, 200)}` : null;
};

const fromStatus = (tier: Tier, subject: Subject, status: StatusFact): Tier => {
	const word = commitStatusWord(status.state);
	return {
		...tier,
		...word,
		provenance: subject.provenance,
		...wordOf(subject),
		runId: subject.runId,
		attempt: subject.attempt,
		url: subject.runId === null ? null : status.targetUrl,
		startedAt: isFinal(word.status) ? null : status.createdAt,
		finishedAt: isFinal(word.status) ? status.createdAt : null,
		progress: parseProgress(status.description),
		because: status.description === null ? null : sanitise(status.description, 140),
	};
};

const fromRun = (tier: Tier, subject: Subject, run: RunFact, settings: TierSettings): Tier => {
	const jobs = jobsOf(run, settings);
	const {because, ...word} = toldOf(tier.name, run, jobs, settings);
	return {
		...tier,
		...word,
		provenance: subject.provenance,
		...wordOf(subject),
		runId: run.id,
		attempt: subject.attempt,
		event: run.event,
		url: run.url,
		runIsOver: run.status === 'COMPLETED' && !awaitsApproval(run),
		...timesOf(run, jobs, word.status, settings),
		jobs,
		jobsTotal: jobs.length + unreadJobs(run),
		stagingWords: stagingWordsOf(run.jobs),
		progress: isFinal(word.status) ? null : parseProgress(subject.status?.description ?? null),
		waits: run.waits,
		because: because ?? becauseOf(run, word, jobs) ?? (word.status === 'passed' ? unprovenWords(subject) : null),
	};
};

/** The tier as the run says; without one, as the commit status says; without either, not started. */
export const buildTier = (name: TierName, subject: Subject | undefined, settings: TierSettings): Tier => {
	const tier = emptyTier(name, settings);
	if (!subject) return tier;
	if (subject.run) return fromRun(tier, subject, subject.run, settings);
	return subject.status ? fromStatus(tier, subject, subject.status) : tier;
};
