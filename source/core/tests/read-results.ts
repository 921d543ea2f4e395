/** The results file of a shard, from whoever wrote it: checked, bounded, and safe to be shown. Pure. */
import {safeText} from '../text/safe-text.ts';
import type {ShardResult, TestOutcome, TestResult} from './results.ts';

const testsAtMost = 20_000;
const outcomes: readonly TestOutcome[] = ['passed', 'failed', 'flaky', 'skipped'];
const verdicts: ReadonlyArray<ShardResult['verdict']> = ['passed', 'failed', 'interrupted'];

type Loose = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Loose =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number =>
	typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isId = (value: unknown): value is number => isCount(value) && value > 0;

/** One line, without escape sequences and secrets. */
export const shown = (text: string, limit: number): string => safeText(text, limit);

const errorOf = (value: unknown): TestResult['error'] => {
	if (!isObject(value) || typeof value['message'] !== 'string') return null;
	return {
		message: shown(value['message'], 1000),
		location: typeof value['location'] === 'string' ? shown(value['location'], 200) : null,
	};
};

const testOf = (value: unknown): TestResult | null => {
	if (!isObject(value)) return null;
	const {location, title, outcome, durationMs, tries, error} = value;
	if (typeof location !== 'string' || typeof title !== 'string' || !outcomes.some(one => one === outcome))
		return null;
	return {
		location: shown(location, 200),
		title: shown(title, 300),
		outcome: outcome as TestOutcome,
		durationMs: typeof durationMs === 'number' && Number.isFinite(durationMs) ? Math.max(0, durationMs) : 0,
		tries: isCount(tries) ? tries : 1,
		error: errorOf(error),
	};
};

/** How many tests of a file that can be read say something that we cannot: what became of them is not known. */
export const unreadableTests = (value: unknown): number => {
	const listed: readonly unknown[] = isObject(value) && Array.isArray(value['tests']) ? value['tests'] : [];
	return listed.filter(test => testOf(test) === null).length;
};

/** null: it is not such a file, or of a version that we do not know. A test that cannot be understood counts as omitted. */
export const readShardResult = (value: unknown): ShardResult | null => {
	if (!isObject(value) || value['schemaVersion'] !== 1 || !isObject(value['shard']) || !Array.isArray(value['tests']))
		return null;
	const {
		sha,
		workflow,
		runId,
		attempt,
		startedAt,
		finishedAt,
		verdict,
		omitted,
		shard: {index, total},
	} = value as Loose & {shard: Loose};
	if (
		typeof sha !== 'string' ||
		!/^[0-9a-f]{40}$/i.test(sha) ||
		typeof workflow !== 'string' ||
		!isId(runId) ||
		!isId(attempt)
	)
		return null;
	if (
		!isId(index) ||
		!isId(total) ||
		index > total ||
		!isCount(startedAt) ||
		!isCount(finishedAt) ||
		!verdicts.some(one => one === verdict)
	)
		return null;
	const listed: readonly unknown[] = value['tests'].slice(0, testsAtMost);
	const tests = listed.flatMap(test => testOf(test) ?? []);
	const lost = value['tests'].length - tests.length;
	return {
		schemaVersion: 1,
		sha: sha.toLowerCase(),
		workflow: shown(workflow, 100),
		runId,
		attempt,
		shard: {index, total},
		startedAt,
		finishedAt,
		verdict: verdict as ShardResult['verdict'],
		tests,
		omitted: (isCount(omitted) ? omitted : 0) + lost,
	};
};
