/**
What GitHub said, before we conclude anything from it: both the GraphQL and the REST path parse into these.
Status words stay as GitHub spelled them, upper-cased (`IN_PROGRESS`, `TIMED_OUT`); `words.ts` translates.
Times are milliseconds since the epoch. null means: not read, or GitHub has none.
*/

export type StepFact = {
	number: number;
	name: string;
	status: string;
	conclusion: string | null;
	startedAt: number | null;
	finishedAt: number | null;
};

export type JobFact = {
	id: number;
	nodeId: string | null;
	name: string;
	/** Of the run, in which it ran: from REST; null: not told. */
	attempt: number | null;
	status: string;
	conclusion: string | null;
	startedAt: number | null;
	finishedAt: number | null;
	url: string | null;
	/** null: not read. */
	steps: readonly StepFact[] | null;
	annotations: readonly Annotation[] | null;
};

export type RunFact = {
	id: number;
	/** GraphQL node id of the run's check suite: the handle to read its jobs by. */
	suiteId: string | null;
	/** Like `.github/workflows/e2e-staging.yml`; null when GitHub does not tell. */
	workflowPath: string | null;
	workflowName: string;
	event: string;
	/** The commit that the run sits on, which is not always the commit that it is about. */
	headSha: string;
	branch: string | null;
	number: number | null;
	/** From REST; null until read. */
	attempt: number | null;
	/** `display_title`, from REST; null until read. */
	title: string | null;
	actor: string | null;
	/** Who raised the event that started it, whoever has run it again since; from REST. Missing: not read. */
	startedBy?: string | null;
	/** Its code comes from another repository than this one; from REST. null or missing: GitHub did not say. */
	isFromFork?: boolean | null;
	status: string;
	conclusion: string | null;
	createdAt: number;
	/** Start of the newest attempt. */
	startedAt: number | null;
	updatedAt: number;
	url: string;
	/** Jobs of the newest attempt; null: not read. */
	jobs: readonly JobFact[] | null;
	/** More than `jobs` when some are not listed, or when nobody can tell. */
	jobsTotal: number | null;
	/** `updatedAt` of the run at the time the jobs were read: older than the run's means that they must be read again. */
	jobsAsOf: number | null;
	waits: readonly Wait[];
	/** Of a run that waits for somebody's approval; from REST. Missing: not read. */
	origin?: Origin;
};

export type StatusFact = {
	context: string;
	state: string;
	targetUrl: string | null;
	description: string | null;
	createdAt: number;
	creator: string | null;
};

/** A part of an answer that GitHub did not give. `next`: what somebody has to do; null where it passes by itself. */
export type Unread = {what: string; kind: ReadFailureKind; because: string; next: string | null};

export type CommitFact = {
	sha: string;
	nodeId: string | null;
	headline: string;
	author: string;
	committedAt: number;
	url: string;
	statuses: readonly StatusFact[];
	/** Why they could not be read this time: then `statuses` are those of before, if any, and no evidence. Missing: they were read. */
	statusesUnread?: Unread;
};

export type DeploymentFact = {
	id: number;
	/** The commit that GitHub filed it against: wrong for automatic deployments under `workflow_run`. */
	commitSha: string;
	environment: string;
	state: string;
	/** The payload as an object; null when there is none or it is not JSON. */
	payload: Readonly<Record<string, unknown>> | null;
	logUrl: string | null;
	environmentUrl: string | null;
	description: string | null;
	creator: string | null;
	/** Who posted its newest status. Missing: not read. */
	reporter?: string | null;
	createdAt: number;
	updatedAt: number;
};

export type RefFacts = {
	staging: {name: string; sha: string | null};
	production: {name: string; sha: string | null};
	/** Commits that staging has and production lacks, and the reverse. */
	aheadBy: number | null;
	behindBy: number | null;
};

/** What GitHub's settings of the environment ask for before a deployment to it goes on. */
export type EnvironmentRules = {
	/** People and teams, one of whom has to approve. */
	reviewers: readonly string[];
	waitMinutes: number;
};

export type Facts = {
	repository: string;
	url: string | null;
	defaultBranch: string | null;
	viewerPermission: string | null;
	refs: RefFacts;
	/** First-parent history of the staging branch, newest first. */
	commits: readonly CommitFact[];
	/** Whether the staging branch has commits older than these. Missing: not told. */
	hasOlder?: boolean;
	/** Newest first by `createdAt`, then id. */
	runs: readonly RunFact[];
	/** Newest first. */
	deployments: readonly DeploymentFact[];
	/** Workflow files of the settings that the repository is known not to have. */
	absentWorkflows: readonly string[];
	/** Of the production environment; null: not read. */
	productionRules: EnvironmentRules | null;
	/** When the staging branch first seemed to have gone back to an older commit; null: it has not. See `mergeReading`. */
	rewoundAt: number | null;
	/** Commits that the staging branch itself has been at: its first-parent history from its head, newest first, without gaps. Missing: not read. */
	trunk?: readonly string[];
	/** The same of the default branch, where that is another one: runs of `workflow_run` and `schedule` sit there. */
	defaultTrunk?: readonly string[];
	/** Object id of `.github` by commit, of those that were asked about; null: it has none. Never changes. */
	automation?: Readonly<Record<string, string | null>>;
	/** By workflow file: from this `createdAt` on every run of it that says that it is about one of `commits` was read. Missing: not known. */
	runsSince?: Since;
	/** The same of those that say nothing in their titles, and may say it in their jobs. */
	unnamedSince?: Since;
};

/** One answer: the facts in it, and what it cost to get them. */
export type Reading = {
	kind: 'overview' | 'active';
	/** By our clock, when the answer was complete. */
	readAt: number;
	/** GitHub's clock (`Date` header) minus ours, milliseconds; null when the header was missing. */
	clockSkewMs: number | null;
	latencyMs: number;
	/** Points (GraphQL) that this reading took; 0 where GitHub does not count. */
	cost: number;
	rateLimit: RateLimit | null;
	/** `rest` when the token or the server does not allow the GraphQL path. */
	path: 'graphql' | 'rest';
	/** Messages of errors that came with partial data. */
	partial: readonly string[];
	/** What the answer lacks, each part once. Missing: nothing. */
	unread?: readonly Unread[];
	/** An `overview` replaces commits, refs and deployments; an `active` adds to them. */
	facts: Partial<Facts> & {runs: readonly RunFact[]};
};

/** What to ask for next. The overview is whole and cheap; the active question is narrow, for what moves. */
export type Question =
	| {
			kind: 'overview';
			/** Of the staging branch, at most `commitsRead.most`. Missing: `commitsRead.usual`. */
			commits?: number;
	  }
	| {
			kind: 'active';
			/** Suites whose jobs are to be read, with the run that each belongs to (GraphQL reads by suite, REST by run). At most 40. */
			suites: ReadonlyArray<{suiteId: string | null; runId: number}>;
			/** Jobs whose steps and annotations are to be read. At most 16. */
			hotJobs: ReadonlyArray<{nodeId: string | null; id: number}>;
			/** Commits whose statuses, deployments and suites are to be read. At most 3. */
			commits: readonly string[];
			/** Runs to be read wholly, by their ids, wherever they are in GitHub's lists. At most 8. */
			runs?: readonly number[];
			/** What the overview does not tell of where a commit lies. */
			lineage?: Lineage;
			/** Nothing else is asked then: all runs of these workflows since. */
			since?: Since;
	  };

/** `from`: the last commit of the history that is known; null: no more of it is wanted. `automationOf`: commits whose `.github` is compared. */
export type Lineage = {from: string | null; to: string; automationOf: readonly string[]};

export type ReadFailureKind =
	| 'unreachable'
	| 'timeout'
	| 'server-error'
	| 'malformed'
	| 'unauthorised'
	| 'forbidden'
	| 'not-found'
	| 'rate-limited'
	| 'secondary-limit'
	/** GitHub has looked at it and will not: asking again changes nothing. */
	| 'refused';

/** Why a reading failed, as a value. `retryAt` is when GitHub said that we may ask again. `next`: what somebody has to do; absent where it passes. */
export type ReadFailure = {
	kind: ReadFailureKind;
	because: string;
	next?: string;
	status: number | null;
	retryAt: number | null;
	readAt: number;
	latencyMs: number;
};

export type Answer = {ok: true; reading: Reading} | {ok: false; failure: ReadFailure};

/** Whose code it is. null: GitHub does not say. */
export type Origin = {
	/** By the commit; anybody can write any name there. */ author: string | null;
	/** `owner/name`. */ repository: string | null;
};

/** Workflow files, and from when on (milliseconds, by `createdAt`) all of their runs are wanted. */
export type Since = Readonly<Record<string, number>>;

export type Annotation = {
	level: 'failure' | 'warning' | 'notice';
	path: string;
	line: number | null;
	title: string | null;
	message: string;
};

export type RateLimit = {limit: number; remaining: number; resetAt: number};

/** Why something waits, and for whom: an environment approval, a timer or a concurrency group. */
export type Wait = {environment: string; canApprove: boolean; waitMinutes: number; waitingSince: number | null};
