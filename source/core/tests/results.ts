/**
The full result of one shard, as the reporter writes it into a file and the workflow uploads it as an artifact. Artifacts of a shard that
has ended can be read while the others still run.
*/

export type TestOutcome = 'passed' | 'failed' | 'flaky' | 'skipped';

export type TestResult = {
	/** File and line relative to the repository, `tests/pay.spec.ts:12`. */
	location: string;
	/** With its describe blocks, joined by ` › `; with several projects, the project's name in front in brackets. */
	title: string;
	outcome: TestOutcome;
	durationMs: number;
	/** How often it was tried. */
	tries: number;
	/** Of the last try that failed; masked and without escape sequences. */
	error: {message: string; location: string | null} | null;
};

export type ShardResult = {
	schemaVersion: 1;
	sha: string;
	workflow: string;
	runId: number;
	attempt: number;
	shard: {index: number; total: number};
	/** Milliseconds since the epoch, by the runner's clock. */
	startedAt: number;
	finishedAt: number;
	/** What the runner itself said of the whole: `interrupted` is neither passed nor failed. */
	verdict: 'passed' | 'failed' | 'interrupted';
	tests: readonly TestResult[];
	/** Tests that were left out because there are too many for one file; 0: none. */
	omitted: number;
};

/** The file within the artifact. */
export const resultFile = 'deployctl-results.json';

/** `e2e-staging.yml`, 2 of 4, attempt 1 → `deployctl-e2e-staging-2-of-4-attempt-1`. An attempt more is an artifact more: its names are taken for ever. */
export const artifactName = (workflow: string, shard: {index: number; total: number}, attempt: number): string =>
	`deployctl-${workflow.replace(/\.ya?ml$/, '')}-${shard.index}-of-${shard.total}-attempt-${attempt}`;
