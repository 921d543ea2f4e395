/** Adds a reading to what is known. Later knowledge wins, but what a narrow or stale answer lacks is kept. */
import type {CommitFact, DeploymentFact, Facts, JobFact, Reading, RunFact} from './facts.ts';

/** More than a staging branch's visible history ever needs; bounds memory over days of polling. */
const runsKept = 400;
const deploymentsKept = 60;

const newestFirst = (a: {createdAt: number; id: number}, b: {createdAt: number; id: number}) =>
	b.createdAt - a.createdAt || b.id - a.id;

/** A job that is repeated may keep its id: nothing of its try before is true of it. */
const hasBegunAgain = (old: JobFact, job: JobFact, isNewer: boolean): boolean => {
	if (old.status !== 'COMPLETED') return false;
	// What was written before jobs had attempts has none.
	if (old.attempt != null && job.attempt != null && old.attempt !== job.attempt) return job.attempt > old.attempt;
	if (job.status !== 'COMPLETED') return isNewer;
	return job.finishedAt !== old.finishedAt || job.conclusion !== old.conclusion;
};

/** `isNewer`: the run has changed since the known ones were read; otherwise a replica may lag. */
const mergeJobs = (
	known: readonly JobFact[] | null,
	read: readonly JobFact[] | null,
	isNewer: boolean,
): readonly JobFact[] | null => {
	if (read === null || known === null) return read ?? known;
	const before = new Map(known.map(job => [job.id, job]));
	return read.map(job => {
		const old = before.get(job.id);
		if (!old || hasBegunAgain(old, job, isNewer)) return job;
		if (old.status === 'COMPLETED' && job.status !== 'COMPLETED') return old;
		return job.steps === null || job.annotations === null
			? {...job, steps: job.steps ?? old.steps, annotations: job.annotations ?? old.annotations}
			: job;
	});
};

const isCompleted = (run: RunFact) => run.status === 'COMPLETED';

/** Where it came from, which only REST tells and which never changes. */
const of = (read: RunFact, known: RunFact): Pick<RunFact, 'startedBy' | 'isFromFork'> => ({
	startedBy: read.startedBy ?? known.startedBy ?? null,
	isFromFork: read.isFromFork ?? known.isFromFork ?? null,
});

const mergeRun = (known: RunFact | undefined, read: RunFact): RunFact => {
	if (!known) return read;
	// Replicas lag: an answer may be older than the one before it. A run's `updatedAt` never goes back.
	const later = read.attempt !== null && known.attempt !== null ? read.attempt - known.attempt : 0;
	if (later < 0) return known;
	// Its jobs may tell a new attempt before the run itself does, whose `updatedAt` is then that of its end.
	if (
		later === 0 &&
		(read.updatedAt < known.updatedAt ||
			(read.updatedAt === known.updatedAt && isCompleted(known) && !isCompleted(read)))
	)
		return known;
	const restarted = (isCompleted(known) && !isCompleted(read)) || later > 0;
	// None of the attempt's jobs was listed, and some of them have been seen: a list that lags takes none of them away.
	const isBare =
		!restarted &&
		read.jobs?.length === 0 &&
		(read.jobsTotal ?? 0) > 0 &&
		read.attempt !== null &&
		read.attempt === known.attempt &&
		(known.jobs?.length ?? 0) > 0;
	const jobs = isBare ? null : read.jobs;
	return {
		...read,
		updatedAt: Math.max(read.updatedAt, known.updatedAt),
		suiteId: read.suiteId ?? known.suiteId,
		workflowPath: read.workflowPath ?? known.workflowPath,
		branch: read.branch ?? known.branch,
		number: read.number ?? known.number,
		title: read.title ?? known.title,
		actor: read.actor ?? known.actor,
		...of(read, known),
		// A restarted run is another attempt with other jobs: knowing nothing is better than knowing the old ones.
		attempt: read.attempt ?? (restarted ? null : known.attempt),
		startedAt: read.startedAt ?? (restarted ? null : known.startedAt),
		jobs: restarted ? jobs : mergeJobs(known.jobs, jobs, read.updatedAt > known.updatedAt),
		jobsTotal: (isBare ? null : read.jobsTotal) ?? (restarted ? null : known.jobsTotal),
		jobsAsOf: jobs === null ? (restarted ? null : known.jobsAsOf) : read.jobsAsOf,
	};
};

const mergeRuns = (known: readonly RunFact[], read: readonly RunFact[]): readonly RunFact[] => {
	const byId = new Map(known.map(run => [run.id, run]));
	for (const run of read) byId.set(run.id, mergeRun(byId.get(run.id), run));
	return [...byId.values()].sort(newestFirst).slice(0, runsKept);
};

/** What could not be read this time stays as it was, and marked. */
const withKnownStatuses = (commit: CommitFact, known: CommitFact | undefined): CommitFact =>
	commit.statusesUnread === undefined || known === undefined ? commit : {...commit, statuses: known.statuses};

const mergeCommits = (known: readonly CommitFact[], read: readonly CommitFact[]): readonly CommitFact[] => {
	const bySha = new Map(read.map(commit => [commit.sha, commit]));
	return known.map(commit => withKnownStatuses(bySha.get(commit.sha) ?? commit, commit));
};

const mergeDeployments = (
	known: readonly DeploymentFact[],
	read: readonly DeploymentFact[],
): readonly DeploymentFact[] => {
	const byId = new Map(known.map(deployment => [deployment.id, deployment]));
	for (const deployment of read)
		if (deployment.updatedAt >= (byId.get(deployment.id)?.updatedAt ?? 0)) byId.set(deployment.id, deployment);
	return [...byId.values()].sort(newestFirst).slice(0, deploymentsKept);
};

const nothing = (repository: string): Facts => ({
	repository,
	url: null,
	defaultBranch: null,
	viewerPermission: null,
	refs: {staging: {name: 'develop', sha: null}, production: {name: 'main', sha: null}, aheadBy: null, behindBy: null},
	commits: [],
	runs: [],
	deployments: [],
	absentWorkflows: [],
	productionRules: null,
	rewoundAt: null,
});

/** A replica that lags tells an older head; so does a branch that was reset, but that stays so. Milliseconds. */
const rewindAfterMs = 30_000;

/** The head that was read is one that we know as older than the one before. */
const goesBack = (known: Facts, {facts}: Reading): boolean => {
	const head = facts.refs?.staging.sha;
	return (
		head != null &&
		head !== known.refs.staging.sha &&
		known.commits[0]?.sha === known.refs.staging.sha &&
		known.commits.some(commit => commit.sha === head)
	);
};

const historyKept = 1000;

/** A branch's history only grows at its head: what was read before lies below what is read now, or goes on where that ends. One that was pushed over is another one. */
const mergeHistory = (known: readonly string[] = [], read: readonly string[] | undefined): readonly string[] => {
	if (read !== undefined && read.length > 0 && read[0] === known.at(-1))
		return [...known, ...read.slice(1)].slice(0, historyKept);
	const joint = read === undefined || read.length === 0 ? -1 : known.indexOf(read.at(-1)!);
	return read === undefined || read.length === 0
		? known
		: [...read, ...(joint === -1 ? [] : known.slice(joint + 1))].slice(0, historyKept);
};

/** An overview is about all of its commits: what it does not reach was once known of other ones. */
const sinceOf = (
	{runsSince, unnamedSince}: Facts,
	{kind, facts}: Reading,
	isBelieved: boolean,
): Pick<Facts, 'runsSince' | 'unnamedSince'> => {
	const isNew = kind === 'overview' && facts.runsSince !== undefined && isBelieved;
	return {
		runsSince: isNew ? facts.runsSince : {...runsSince, ...(kind === 'active' && facts.runsSince)},
		unnamedSince: isNew
			? (facts.unnamedSince ?? {})
			: {...unnamedSince, ...(kind === 'active' && facts.unnamedSince)},
	};
};

/** What is known after this reading. An overview replaces commits; everything else is merged by id. */
export const mergeReading = (before: Facts | null, reading: Reading, repository: string): Facts => {
	const known = before ?? nothing(repository);
	const {facts, kind} = reading;
	const isRewound = goesBack(known, reading);
	const rewoundAt = isRewound ? (known.rewoundAt ?? reading.readAt) : null;
	// For a while the newer history is believed; then somebody really has moved the branch back.
	const isBelieved = rewoundAt === null || reading.readAt - rewoundAt > rewindAfterMs;
	const refs = isBelieved ? (facts.refs ?? known.refs) : known.refs;
	const isReplaced = facts.commits !== undefined && kind === 'overview' && isBelieved;
	const hasOlder = isReplaced ? facts.hasOlder : known.hasOlder;
	return {
		repository: facts.repository ?? known.repository,
		url: facts.url ?? known.url,
		defaultBranch: facts.defaultBranch ?? known.defaultBranch,
		viewerPermission: facts.viewerPermission ?? known.viewerPermission,
		// A narrow answer may leave out the comparison; with the same heads the known one still holds.
		refs:
			refs.aheadBy === null &&
			refs.staging.sha === known.refs.staging.sha &&
			refs.production.sha === known.refs.production.sha
				? {...refs, aheadBy: known.refs.aheadBy, behindBy: known.refs.behindBy}
				: refs,
		commits: facts.commits
			? isReplaced
				? facts.commits.map(commit =>
						withKnownStatuses(
							commit,
							known.commits.find(({sha}) => sha === commit.sha),
						),
					)
				: mergeCommits(known.commits, facts.commits)
			: known.commits,
		...(hasOlder !== undefined && {hasOlder}),
		runs: mergeRuns(known.runs, facts.runs),
		deployments: facts.deployments ? mergeDeployments(known.deployments, facts.deployments) : known.deployments,
		absentWorkflows: facts.absentWorkflows ?? known.absentWorkflows,
		// What an older version left on the disk does not have it.
		productionRules: facts.productionRules ?? known.productionRules ?? null,
		rewoundAt: isBelieved ? null : rewoundAt,
		trunk: isBelieved ? mergeHistory(known.trunk, facts.trunk) : (known.trunk ?? []),
		defaultTrunk: mergeHistory(known.defaultTrunk, facts.defaultTrunk),
		automation: {...known.automation, ...facts.automation},
		...sinceOf(known, reading, isBelieved),
	};
};
