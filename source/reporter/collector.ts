/** What a shard's tests came to, as they end: the counts for its words, and its whole result within bounds. Pure. */
import {maskText} from '../core/text/mask.ts';
import {withoutEscapes} from '../core/text/sanitise.ts';
import type {PublishedFailure, ShardProgress} from '../core/tests/progress.ts';
import type {ShardResult, TestOutcome, TestResult} from '../core/tests/results.ts';
import type {Identity} from './environment.ts';

/** As a runner of tests tells it: nothing in it is safe yet. */
export type RawTest = {
	/** The same for every try of a test. */
	id: string;
	location: string;
	title: string;
	outcome: TestOutcome;
	durationMs: number;
	tries: number;
	error: {message: string; location: string | null} | null;
};

const bounds = {place: 300, title: 500, message: 4000, bytes: 5_000_000} as const;

const cut = (text: string, length: number) =>
	text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
const control = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;

/** Without escape sequences and secrets, cut. Lines stay lines. */
export const safely =
	(secrets: readonly string[]) =>
	(text: string, length: number): string => {
		// Cut before the expensive expressions, far behind what is kept: a secret across the end is masked before it is cut.
		const lines = text
			.slice(0, length * 4)
			.split('\n')
			.map(line => withoutEscapes(line).replaceAll(control, ''));
		return cut(maskText(lines.join('\n'), secrets).trim(), length);
	};

export type Collector = {
	/** What is known before the first test ends; 0: nothing. */
	expect(total: number): void;
	/** What runs now; null: nothing. */
	now(title: string | null): void;
	/** A test has ended for good, or its result is another than before. @returns what to publish when it failed */
	ended(test: RawTest): PublishedFailure | null;
	/** Something failed outside of any test. */
	outside(location: string, message: string): PublishedFailure;
	progress(): ShardProgress;
	hasFailed(): boolean;
	result(verdict: ShardResult['verdict'], at: number): ShardResult;
};

const order: Readonly<Record<TestOutcome, number>> = {failed: 0, flaky: 1, skipped: 2, passed: 3};

/** As many as fit; failed ones first, and in the order in which they ran. */
const fitting = (tests: readonly TestResult[], bytes: number): TestResult[] => {
	const sizes = tests.map(test => Buffer.byteLength(JSON.stringify(test)) + 1);
	const kept = new Set<number>();
	let left = bytes;
	for (const index of tests
		.map((_, at) => at)
		.toSorted((a, b) => order[tests[a]!.outcome] - order[tests[b]!.outcome] || a - b)) {
		left -= sizes[index]!;
		if (left < 0) break;
		kept.add(index);
	}
	return tests.filter((_, index) => kept.has(index));
};

export const createCollector = ({
	identity,
	secrets,
	startedAt,
	bytes = bounds.bytes,
}: {
	identity: Identity;
	secrets: readonly string[];
	startedAt: number;
	bytes?: number;
}): Collector => {
	const safe = safely(secrets);
	const tests = new Map<string, TestResult>();
	const counted: Record<TestOutcome, number> = {passed: 0, failed: 0, flaky: 0, skipped: 0};
	let expected = 0;
	let current: string | null = null;
	let errors = 0;

	const put = (id: string, test: TestResult) => {
		const before = tests.get(id);
		if (before) counted[before.outcome] -= 1;
		counted[test.outcome] += 1;
		tests.set(id, test);
	};
	return {
		expect(total) {
			expected = total;
		},
		now(title) {
			current = title === null ? null : safe(title, bounds.title);
		},
		ended({id, error, ...test}) {
			const made: TestResult = {
				location: safe(test.location, bounds.place),
				title: safe(test.title, bounds.title),
				outcome: test.outcome,
				durationMs: Math.max(0, Math.round(test.durationMs)) || 0,
				tries: test.tries,
				error: error && {
					message: safe(error.message, bounds.message),
					location: error.location === null ? null : safe(error.location, bounds.place),
				},
			};
			const isNews = made.outcome === 'failed' && tests.get(id)?.outcome !== 'failed';
			put(id, made);
			return isNews
				? {location: made.location, title: made.title, message: made.error?.message ?? 'failed'}
				: null;
		},
		outside(location, message) {
			errors += 1;
			const failure = {
				location: safe(location, bounds.place),
				title: 'outside of the tests',
				message: safe(message, bounds.message),
			};
			put(`outside ${errors}`, {
				...failure,
				outcome: 'failed',
				durationMs: 0,
				tries: 1,
				error: {message: failure.message, location: failure.location},
			});
			return failure;
		},
		progress: () => ({
			done: tests.size,
			total: Math.max(tests.size, expected + errors),
			failed: counted.failed,
			flaky: counted.flaky,
			skipped: counted.skipped,
			current,
		}),
		hasFailed: () => counted.failed > 0,
		result(verdict, at) {
			const all = [...tests.values()];
			const frame: ShardResult = {
				schemaVersion: 1,
				sha: identity.sha,
				workflow: identity.workflow,
				runId: identity.runId,
				attempt: identity.attempt,
				shard: identity.shard,
				startedAt,
				finishedAt: at,
				verdict,
				tests: [],
				omitted: 0,
			};
			const kept = fitting(all, bytes - Buffer.byteLength(JSON.stringify(frame)) - 100);
			return {...frame, tests: kept, omitted: all.length - kept.length};
		},
	};
};
