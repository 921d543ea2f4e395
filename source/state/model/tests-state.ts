/** What the screen knows of single tests. Wall time everywhere, milliseconds. */
import type {TestHistory} from '../../core/tests/flaky.ts';
import type {LiveFailure, ShardOutcome, TestsQuestion} from '../../core/tests/tests.ts';

/** About one attempt of one run. */
export type RunTests = {
	sha: string;
	workflow: string;
	runId: number;
	attempt: number;
	/** It was over before this program looked: nothing of it is news. */
	isHistory: boolean;
	/** Failed tests that each shard had told of when its failures were last read. */
	failedThen: Readonly<Record<number, number>>;
	live: readonly LiveFailure[];
	isLiveCut: boolean;
	results: readonly ShardOutcome[];
	/** How often each shard's results were looked for in vain. */
	tries: Readonly<Record<number, number>>;
};

export type TestsPart = {
	/** At most one question is under way, and it carries this generation. */
	generation: number;
	phase: 'idle' | 'asking';
	asked: {question: TestsQuestion; failed: Readonly<Record<number, number>>; isHistory: boolean} | null;
	/** Not before then. */
	nextAtWall: number;
	/** Readings in a row that brought nothing. */
	failures: number;
	problem: string | null;
	/** Newest last, at most twenty. */
	known: readonly RunTests[];
	/** null: not read yet. */
	history: TestHistory | null;
	/** Attempts whose jobs are in the history, as `run/attempt`; at most 200. */
	noted: readonly string[];
	/** The failure that the operator is at, by its key; null: the first. */
	chosen: string | null;
};

export const initialTests: TestsPart = {
	generation: 0,
	phase: 'idle',
	asked: null,
	nextAtWall: 0,
	failures: 0,
	problem: null,
	known: [],
	history: null,
	noted: [],
	chosen: null,
};
