/** What is known of single tests beyond the counts that a commit's statuses show: failures as they are published, and results of shards that have ended. */
import type {JobsSeen, TestHistory} from './flaky.ts';
import type {PublishedFailure, ShardName} from './progress.ts';
import type {ShardResult, TestResult} from './results.ts';

/** About one attempt of one run. */
export type TestsQuestion = {
	sha: string;
	workflow: string;
	runId: number;
	attempt: number;
	/** Whether the failures that shards publish while they run are to be read: the failed count of one has grown. */
	live: boolean;
	/** Shards that have ended and whose results are to be read. */
	ended: readonly ShardName[];
	/** Attempts that have ended, for the history of jobs. */
	jobs: readonly JobsSeen[];
};

/** `shard`: from 1. Safe to be shown. */
export type LiveFailure = PublishedFailure & {shard: number; /** Milliseconds since the epoch. */ at: number};

/** One shard's file, without the tests that passed. */
export type ShardOutcome = {
	shard: ShardName;
	attempt: number;
	verdict: ShardResult['verdict'];
	passed: number;
	skipped: number;
	/** At most `outcomesKept` of each. */
	failed: readonly TestResult[];
	flaky: readonly TestResult[];
	failedCount: number;
	flakyCount: number;
	omitted: number;
};

export type TestsReading = {
	/** null: not read this time. Oldest first. */
	live: readonly LiveFailure[] | null;
	/** GitHub keeps more statuses than were read: there may be more failures. */
	isLiveCut: boolean;
	/** Results that were read now; of a re-run also those of earlier attempts. */
	results: readonly ShardOutcome[];
	/** Shards without a file of this attempt. */
	missing: readonly ShardName[];
	/** null: none could be read. */
	history: TestHistory | null;
	/** What went wrong, one sentence each; the rest holds all the same. */
	problems: readonly string[];
	/** GitHub wants us to wait until then, by this machine's clock; null: it does not. */
	retryAt: number | null;
};

export type Tests = {
	/** Never throws for what GitHub, the network or the disk do. Rejects only when aborted. */
	read(question: TestsQuestion, signal?: AbortSignal): Promise<TestsReading>;
};

const outcomesKept = 200;

export const outcomeOf = ({shard, attempt, verdict, tests, omitted}: ShardResult): ShardOutcome => {
	const of = (outcome: TestResult['outcome']) => tests.filter(test => test.outcome === outcome);
	const [failed, flaky] = [of('failed'), of('flaky')];
	return {
		shard,
		attempt,
		verdict,
		omitted,
		passed: of('passed').length,
		skipped: of('skipped').length,
		failed: failed.slice(0, outcomesKept),
		flaky: flaky.slice(0, outcomesKept),
		failedCount: failed.length,
		flakyCount: flaky.length,
	};
};

/** Keeps the history of one repository. A damaged file is none, and that is said. Nothing here throws. */
export type HistoryStore = {
	load(): Promise<{history: TestHistory; problem: string | null}>;
	/** Reads what is there, changes it and writes it back; resolves with what is there now. */
	change(change: (history: TestHistory) => TestHistory): Promise<{history: TestHistory; problem: string | null}>;
};
