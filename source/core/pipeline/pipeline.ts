/**
The nouns of the pipeline, in the field's words. Times are milliseconds since the epoch, durations seconds.
Unknown is a value: what was not read is null, and `unknown` is a status, never a guess.
*/
import type {StagingWords} from './staging-words.ts';
import type {Annotation, RateLimit, Wait} from '../github/facts.ts';
import type {ShardProgress} from '../tests/progress.ts';

/** A tier's, a job's or a step's state. Only `passed` is green. */
export type Status =
	| 'none'
	| 'queued'
	| 'waiting'
	| 'running'
	| 'passed'
	| 'failed'
	| 'cancelled'
	| 'skipped'
	| 'unknown';

/** How we know that a run is about a commit. `inferred` is by time only: it is shown with a mark and opens no gate. */
export type Provenance = 'commit' | 'status' | 'deployment' | 'name' | 'inferred';

export const tierNames = ['fast', 'deploy', 'e2e', 'smoke'] as const;
export type TierName = (typeof tierNames)[number];

/** What a tier's result does: stop the next tier, follow by itself, inform, or inform where the project has it. */
export type Policy = 'blocking' | 'automatic' | 'informational' | 'optional';

export const policies: Readonly<Record<TierName, Policy>> = {
	fast: 'blocking',
	deploy: 'automatic',
	e2e: 'informational',
	smoke: 'optional',
};
export const tierTitles: Readonly<Record<TierName, string>> = {
	fast: 'Fast tests',
	deploy: 'Deployment',
	e2e: 'E2E',
	smoke: 'Smoke',
};

export type Step = {number: number; name: string; status: Status; startedAt: number | null; finishedAt: number | null};

export type Job = {
	/** GitHub's numeric id; larger than 2^31 in practice. */
	id: number;
	/** GraphQL node id of the check run; null when read over REST only. */
	nodeId: string | null;
	name: string;
	status: Status;
	/** GitHub's own word, when it is one that we do not know. */
	rawStatus?: string;
	startedAt: number | null;
	finishedAt: number | null;
	url: string | null;
	/** null: not read (steps are read for running and opened jobs only). */
	steps: readonly Step[] | null;
	annotations: readonly Annotation[] | null;
};

export type Tier = {
	name: TierName;
	status: Status;
	/** GitHub's own word, where ours is another one or loses something: `success` of a run whose jobs did not do the tier's work. */
	rawStatus?: string;
	policy: Policy;
	/** null while nothing is known about the tier for this commit. */
	provenance: Provenance | null;
	/** The run is evidence about the commit: nothing but the pipeline's own branches can have produced it. See `trust.ts`. */
	isOwnWord: boolean;
	/** Why its run is no evidence, and what to do; null: it is, or there is no run. */
	doubt?: {
		because: string;
		next: string;
		/** false: what would say so has not been read. */ isCertain: boolean;
	} | null;
	runId: number | null;
	attempt: number | null;
	event: string | null;
	workflow: string;
	url: string | null;
	/** Its whole run has ended, also the jobs that belong to other tiers. */
	runIsOver: boolean;
	/** When GitHub created the run; the difference to `startedAt` is time in the queue. */
	createdAt: number | null;
	startedAt: number | null;
	finishedAt: number | null;
	budgetSeconds: number;
	alertAfterSeconds: number;
	/** Newest known attempt's jobs; empty while unread or not created. */
	jobs: readonly Job[];
	/** What GitHub says it has; more than `jobs.length` while pages are missing. */
	jobsTotal: number;
	/** What its run itself says that staging ran before and after; null or missing: it does not say. */
	stagingWords?: StagingWords | 'contradictory' | null;
	/** Not all later runs of its workflow have been read. */
	mayBeOutrun?: boolean;
	/** Progress that the workflow itself published in its commit status, like "41/120, 1 failed". */
	progress: {done: number; total: number; failed: number | null} | null;
	/** What its shards publish about themselves, in order; empty: nothing was published by this run and attempt. */
	shards: readonly Shard[];
	waits: readonly Wait[];
	/** One sentence: why it is where it is (waiting for approval, superseded, blocked by the tier before). */
	because: string | null;
};

export type Tiers = Readonly<{fast: Tier; deploy: Tier; e2e: Tier; smoke?: Tier}>;

export type Candidate = {
	sha: string;
	/** First line of the commit message; sanitised, like all text in a snapshot. */
	message: string;
	author: string;
	committedAt: number;
	url: string;
	tiers: Tiers;
	gate: Gate;
	/** The gate, and where the commit stands to what production runs, in one word. See `answer.ts`. */
	answer: Answer;
	/** Environments that run this very commit now, as far as GitHub's deployments say. */
	liveOn: readonly string[];
};

export const conditionIds = [
	'fast-green',
	'staged',
	'e2e-green',
	'smoke-green',
	'fast-forward',
	'unlocked',
	'not-frozen',
	'not-pinned',
	'production-healthy',
	'sign-offs',
	'approvals',
] as const;
export type AskedConditionId = (typeof conditionIds)[number];
/** `promoter`: who promotes, as GitHub says it; asked for by the gate in the workflow alone. */
export type ConditionId = AskedConditionId | 'promoter';

/** What a condition rests on, for whoever wants to look it up. Times are milliseconds since the epoch, by GitHub's clock where GitHub says them. */
export type Proof = {
	runId?: number;
	attempt?: number | null;
	/** Who said it: of a sign-off, a lock, a pin. */
	by?: string;
	sha?: string;
	url?: string | null;
	at?: number | null;
	/** A few words: what staging reported, how far the branches are apart. */
	text?: string;
};

export type Condition = {
	id: ConditionId;
	met: boolean | 'unknown';
	because: string;
	next?: string;
	proofs?: readonly Proof[];
	/** It is unknown because it has not been read yet, and is going to be. */
	isUnread?: boolean;
};
/**
Whether a commit can go to production: `waiting` for a tier under way, `checking` while something is not read yet, `unknown` where nobody can
tell. `merged`: newer than what production runs, and on its branch already; `older`: production has had it.
*/
export type Answer =
	| 'in-production'
	| 'mixed'
	| 'pinned'
	| 'older'
	| 'merged'
	| 'ready'
	| 'blocked'
	| 'waiting'
	| 'checking'
	| 'unknown';
export type Gate = {open: boolean; conditions: readonly Condition[]};

export type Environment = {
	name: string;
	/** The commit that the newest successful deployment put there; null: unknown. */
	sha: string | null;
	/** The other commit that a successful deployment put there last before that; null: unknown. */
	beforeSha: string | null;
	/** The commit of the newest deployment, which may be on its way or have failed. */
	newestSha: string | null;
	/** State of the newest deployment, successful or not. */
	status: Status;
	deployedAt: number | null;
	url: string | null;
	logUrl: string | null;
	creator: string | null;
};

export type Branches = {
	staging: {name: string; sha: string | null; aheadBy: number | null; behindBy: number | null};
	production: {name: string; sha: string | null};
};

/** Everything that the screen and `status --json` show, made from facts by `correlate`. */
export type Snapshot = {
	repository: string;
	url: string | null;
	fetchedAt: number;
	rateLimit: RateLimit | null;
	branches: Branches;
	environments: readonly Environment[];
	/** What production runs: by its own report, else by GitHub's record. `behindBy`: candidates that are newer; null: it reports none of them. */
	production: {sha: string | null; isReported: boolean; isMixed: boolean; behindBy: number | null};
	/** Newest first. */
	candidates: readonly Candidate[];
	/** Median seconds of recent green runs, per tier; null with fewer than two. */
	medians: Readonly<Record<TierName, number | null>>;
};

export type Shard = {
	/** From 1. */
	index: number;
	total: number;
	/** null: GitHub shows no job of this shard. */
	jobId: number | null;
	jobName: string | null;
	status: Status;
	/** null: it has published nothing that can be read. The test in it is safe to be shown. */
	progress: ShardProgress | null;
	/** When it published that, milliseconds since the epoch. */
	publishedAt: number | null;
	startedAt: number | null;
	finishedAt: number | null;
	/** Seconds that the job of the same name took in earlier green runs; null with fewer than two. */
	medianSeconds: number | null;
};
