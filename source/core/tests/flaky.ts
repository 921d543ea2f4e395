/**
A flake or a regression? From what is known of earlier runs: a test that failed and passed at the same commit is flaky there. Pure.
Only what was read counts: a run of which a shard is missing vouches for no test that it does not name.
*/
import type {ShardResult, TestResult} from './results.ts';
import {plural} from '../text/plural.ts';

export type HistoryAttempt = {
	attempt: number;
	shards: number;
	/** Shards whose results were read. */
	read: readonly number[];
	/** Something was left out, or the runner was interrupted: it vouches for nothing. */
	isPartial: boolean;
	/** Keys of tests. */
	failed: readonly string[];
	flaky: readonly string[];
	/** Of repeated attempts only: what failed before and passes now is flaky. */
	passed: readonly string[];
};

/** Jobs by name: all that is known of a run whose tests nobody has read. */
export type HistoryJobs = {attempt: number; failed: readonly string[]; passed: readonly string[]};

export type HistoryRun = {
	workflow: string;
	sha: string;
	runId: number;
	/** Milliseconds since the epoch. */ at: number;
	attempts: readonly HistoryAttempt[];
	jobs: readonly HistoryJobs[];
};

/** Newest first. */
export type TestHistory = {runs: readonly HistoryRun[]};

export const noHistory: TestHistory = {runs: []};

/** How a test, or a job, did before. `of`: runs that say something about it. */
export type FlakyMark =
	| {kind: 'flaky'; times: number; of: number}
	| {kind: 'failed-before'; times: number; of: number}
	| {kind: 'new'; of: number}
	| {kind: 'unknown'; /** The history itself was not read. */ isUnread?: true};

/** Runs that are looked back at, and kept: more would be another pipeline. */
export const runsConsidered = 20;
const runsKept = 60;
const keysKept = 2000;

/** Lines move with every edit: a test is known by its file and its title. */
export const testKey = ({location, title}: {location: string; title: string}): string =>
	`${location.replace(/:\d+(?::\d+)?$/, '')} › ${title}`.slice(0, 240);

const keysOf = (tests: readonly TestResult[], outcome: TestResult['outcome']): readonly string[] =>
	[...new Set(tests.filter(test => test.outcome === outcome).map(testKey))].slice(0, keysKept);
const union = <Value>(a: readonly Value[], b: readonly Value[]): readonly Value[] => [...new Set([...a, ...b])];

const attemptOf = (result: ShardResult, before: HistoryAttempt | undefined): HistoryAttempt => ({
	attempt: result.attempt,
	shards: Math.max(result.shard.total, before?.shards ?? 0),
	read: union(before?.read ?? [], [result.shard.index]),
	isPartial:
		(before?.isPartial ?? false) ||
		result.omitted > 0 ||
		result.verdict === 'interrupted' ||
		result.tests.length > keysKept,
	failed: union(before?.failed ?? [], keysOf(result.tests, 'failed')).slice(0, keysKept),
	flaky: union(before?.flaky ?? [], keysOf(result.tests, 'flaky')).slice(0, keysKept),
	passed: result.attempt > 1 ? union(before?.passed ?? [], keysOf(result.tests, 'passed')).slice(0, keysKept) : [],
});

const changed = (
	history: TestHistory,
	about: Pick<HistoryRun, 'workflow' | 'sha' | 'runId' | 'at'>,
	change: (run: HistoryRun) => HistoryRun,
): TestHistory => {
	const before = history.runs.find(run => run.runId === about.runId) ?? {...about, attempts: [], jobs: []};
	const after = change(before);
	if (after === before) return history;
	return {
		runs: [after, ...history.runs.filter(run => run.runId !== about.runId)]
			.sort((a, b) => b.at - a.at || b.runId - a.runId)
			.slice(0, runsKept),
	};
};

/** The same file again changes nothing. */
export const withResult = (history: TestHistory, result: ShardResult): TestHistory =>
	changed(history, {workflow: result.workflow, sha: result.sha, runId: result.runId, at: result.startedAt}, run => {
		const before = run.attempts.find(({attempt}) => attempt === result.attempt);
		if (before?.read.includes(result.shard.index)) return run;
		return {
			...run,
			attempts: [
				...run.attempts.filter(({attempt}) => attempt !== result.attempt),
				attemptOf(result, before),
			].sort((a, b) => a.attempt - b.attempt),
		};
	});

export type JobsSeen = Pick<HistoryRun, 'workflow' | 'sha' | 'runId' | 'at'> & HistoryJobs;

/** An attempt that has ended, by its jobs. */
export const withJobs = (history: TestHistory, {attempt, failed, passed, ...about}: JobsSeen): TestHistory =>
	changed(history, about, run => ({
		...run,
		jobs: [
			...run.jobs.filter(jobs => jobs.attempt !== attempt),
			{attempt, failed: failed.slice(0, keysKept), passed: passed.slice(0, keysKept)},
		].sort((a, b) => a.attempt - b.attempt),
	}));

type Said = 'flaky' | 'failed' | 'fine' | null;

type RunIndex = {
	flaky: ReadonlySet<string>;
	/** First attempt in which it failed, and last in which it passed. */ failed: ReadonlyMap<string, number>;
	passed: ReadonlyMap<string, number>;
	isWhole: boolean;
};

/** Hundreds of tests may fail at once, and each is looked for in every run. */
const indexes = new WeakMap<HistoryRun, RunIndex>();
const indexOf = (run: HistoryRun): RunIndex => {
	const known = indexes.get(run);
	if (known) return known;
	const {attempts} = run;
	const index: RunIndex = {
		flaky: new Set(attempts.flatMap(({flaky}) => flaky)),
		// Attempts are in order: of a key that comes twice the last entry stays.
		failed: new Map(
			attempts.toReversed().flatMap(({attempt, failed}) => failed.map(key => [key, attempt] as const)),
		),
		passed: new Map(attempts.flatMap(({attempt, passed}) => passed.map(key => [key, attempt] as const))),
		isWhole: attempts.some(
			({attempt, read, shards, isPartial}) => attempt === 1 && !isPartial && read.length >= shards,
		),
	};
	indexes.set(run, index);
	return index;
};

/** What one run says about a test; null: nothing. */
const saidOfTest = (run: HistoryRun, key: string): Said => {
	const {flaky, failed, passed, isWhole} = indexOf(run);
	if (flaky.has(key)) return 'flaky';
	const failedIn = failed.get(key);
	if (failedIn === undefined) return isWhole ? 'fine' : null;
	return (passed.get(key) ?? 0) > failedIn ? 'flaky' : 'failed';
};

const saidOfJob = ({jobs}: HistoryRun, name: string): Said => {
	const failing = jobs.filter(({failed}) => failed.includes(name)).map(({attempt}) => attempt);
	// Of several jobs with the name all have to pass.
	if (failing.length > 0)
		return jobs.some(
			({attempt, passed}) =>
				attempt > Math.min(...failing) && passed.includes(name) && !failing.includes(attempt),
		)
			? 'flaky'
			: 'failed';
	return jobs.some(({passed}) => passed.includes(name)) ? 'fine' : null;
};

const markFrom = (said: readonly Said[]): FlakyMark => {
	const known = said.filter(one => one !== null).slice(0, runsConsidered);
	const count = (what: Said) => known.filter(one => one === what).length;
	if (known.length === 0) return {kind: 'unknown'};
	if (count('flaky') > 0) return {kind: 'flaky', times: count('flaky'), of: known.length};
	return count('failed') > 0
		? {kind: 'failed-before', times: count('failed'), of: known.length}
		: {kind: 'new', of: known.length};
};

type Now = {workflow: string; runId: number};

const othersOf = (history: TestHistory, {workflow, runId}: Now): readonly HistoryRun[] =>
	history.runs.filter(run => run.workflow === workflow && run.runId !== runId);

/** Of a test that fails now, in this run. `history` null: not read. */
export const markOfTest = (
	history: TestHistory | null,
	now: Now,
	test: {location: string; title: string},
): FlakyMark => {
	if (history === null) return {kind: 'unknown', isUnread: true};
	const key = testKey(test);
	return markFrom(othersOf(history, now).map(run => saidOfTest(run, key)));
};

/** Of a job that is red now, where nothing is known of its tests. */
export const markOfJob = (history: TestHistory | null, now: Now, name: string): FlakyMark =>
	history === null
		? {kind: 'unknown', isUnread: true}
		: markFrom(othersOf(history, now).map(run => saidOfJob(run, name)));

const runsText = (count: number) => plural(count, 'run');

export const flakyText = (mark: FlakyMark): string => {
	switch (mark.kind) {
		case 'flaky':
			return `flaky before: ${mark.times} of ${runsText(mark.of)}`;
		case 'failed-before':
			return `failed before: ${mark.times} of ${runsText(mark.of)}`;
		case 'new':
			return `new: never failed in ${runsText(mark.of)}`;
		case 'unknown':
			return mark.isUnread ? 'unknown: history not read' : 'unknown: no history';
	}
};
