/** Questions to the state about single tests: which fail, since when, and whether that is new. */
import {type FlakyMark, markOfJob, markOfTest, noHistory} from '../core/flaky.ts';
import type {Annotation, Candidate, Job, Tier, TierName} from '../core/pipeline.ts';
import {jobSeconds, shardOfJob, type Shard} from '../core/shards.ts';
import type {TestResult} from '../core/test-results.ts';
import type {LiveFailure, ShardOutcome} from '../core/tests.ts';
import {median} from '../core/correlate.ts';
import {safeUrl, selectedCandidate, tierInView} from './select.ts';
import type {State} from './state.ts';
import type {RunTests} from './tests-state.ts';

/** What is wrong: a test, or what a job says of itself where nobody tells of its tests. */
export type Failing = {
	/** The same for the same test while the run goes on. */
	key: string;
	kind: 'test' | 'flaky' | 'job';
	/** From 1; null: not by shard. */
	shard: number | null;
	jobId: number | null;
	location: string; title: string; message: string;
	mark: FlakyMark;
	/** When that became known, milliseconds since the epoch; null: by its results. */
	at: number | null;
};

export const testsOf = ({tests}: Pick<State, 'tests'>, {runId, attempt}: Pick<Tier, 'runId' | 'attempt'>): RunTests | null =>
	tests.known.find(known => known.runId === runId && known.attempt === attempt) ?? null;

export const resultsOf = (known: RunTests | null, shard: number): ShardOutcome | null => known?.results.find(result => result.shard.index === shard) ?? null;

const keyOf = (shard: number, {location, title}: {location: string; title: string}): string => `${shard} ${location} ${title}`;

type Source = {history: NonNullable<State['tests']['history']>; now: {workflow: string; runId: number}; jobIds: ReadonlyMap<number, number>};

const fromLive = (failure: LiveFailure, {history, now, jobIds}: Source): Failing => ({
	key: keyOf(failure.shard, failure), kind: 'test', shard: failure.shard, jobId: jobIds.get(failure.shard) ?? null,
	location: failure.location, title: failure.title, message: failure.message, mark: markOfTest(history, now, failure), at: failure.at,
});

const fromResult = (test: TestResult, shard: number, kind: 'test' | 'flaky', {history, now, jobIds}: Source): Failing => ({
	key: keyOf(shard, test), kind, shard, jobId: jobIds.get(shard) ?? null,
	location: test.location, title: test.title, message: test.error?.message ?? '', mark: markOfTest(history, now, test), at: null,
});

/** Where the runner says no more than that a step failed, the job's name says more. */
const isTelling = ({path, level}: Annotation): boolean => level === 'failure' && path !== '' && path !== '.github';

const fromJob = (job: Job, shard: number | null, {history, now}: Source): readonly Failing[] => {
	const notes = (job.annotations ?? []).filter(isTelling);
	const mark = markOfJob(history, now, job.name);
	const whole = {kind: 'job' as const, shard, jobId: job.id, mark, at: job.finishedAt};
	if (notes.length === 0) return [{...whole, key: `job ${job.id}`, location: '', title: job.name, message: ''}];
	return notes.map((note, index) => ({...whole, key: `job ${job.id} ${index}`, location: `${note.path}${note.line === null ? '' : `:${note.line}`}`, title: note.title ?? job.name, message: note.message}));
};

/** Only what is known of this very attempt; failing tests first, then flaky ones, each by shard and in the order in which they became known. */
export const failingOf = (state: Pick<State, 'tests'>, tier: Tier): readonly Failing[] => {
	const {runId} = tier;
	if (runId === null) return [];
	const known = testsOf(state, tier);
	const jobs = tier.jobs.map(job => ({job, shard: shardOfJob(job.name)?.index ?? null}));
	const jobIds = new Map([...jobs.flatMap(({job, shard}) => (shard === null ? [] : [[shard, job.id] as const])), ...tier.shards.flatMap(({index, jobId}) => (jobId === null ? [] : [[index, jobId] as const]))]);
	const source: Source = {history: state.tests.history ?? noHistory, now: {workflow: tier.workflow, runId}, jobIds};
	const results = (known?.results ?? []).toSorted((a, b) => a.shard.index - b.shard.index);
	const told = new Set(results.map(({shard}) => shard.index));
	const live = (known?.live ?? []).filter(({shard}) => !told.has(shard)).map(failure => fromLive(failure, source));
	const failed = [...results.flatMap(result => result.failed.map(test => fromResult(test, result.shard.index, 'test', source))), ...live].sort((a, b) => a.shard! - b.shard!);
	const named = new Set(failed.map(({shard}) => shard));
	const silent = jobs.filter(({job, shard}) => job.status === 'failed' && !(shard !== null && (named.has(shard) || told.has(shard)))).flatMap(({job, shard}) => fromJob(job, shard, source));
	return [...failed, ...silent, ...results.flatMap(result => result.flaky.map(test => fromResult(test, result.shard.index, 'flaky', source)))];
};

/** Failed tests that a shard tells of and whose names are not known. */
export const unnamedOf = (shard: Shard, failing: readonly Failing[]): number =>
	Math.max(0, (shard.progress?.failed ?? 0) - failing.filter(({kind, shard: index}) => kind === 'test' && index === shard.index).length);

export const failuresInView = (state: State): readonly Failing[] => { const tier = tierInView(state); return tier ? failingOf(state, tier) : []; };

/** The one that the cursor is at. */
export const chosenFailure = (state: State): Failing | null => {
	const failures = failuresInView(state);
	return failures.find(({key}) => key === state.tests.chosen) ?? failures[0] ?? null;
};

/** Which tier `t` shows: the one in view where that has tests of its own to tell of, else E2E. */
export const tierWithTests = (state: State): TierName => { const tier = tierInView(state); return tier && (tier.shards.length > 0 || tier.name === 'smoke') ? tier.name : 'e2e'; };

/** The line in the repository at that commit; null: it names no place in it. */
export const sourceUrl = (repositoryUrl: string | null, {sha}: Pick<Candidate, 'sha'>, location: string): string | null => {
	const [, path = '', line] = /^(.*?)(?::(\d+))?(?::\d+)?$/.exec(location) ?? [];
	const parts = path.split('/');
	if (repositoryUrl === null || path === '' || !/\.\w+$/.test(path) || path.startsWith('/') || parts.some(part => part === '..' || part === '' || part === '.')) return null;
	return safeUrl(`${repositoryUrl}/blob/${sha}/${parts.map(part => encodeURIComponent(part)).join('/')}${line === undefined ? '' : `#L${line}`}`);
};

/** What `o` opens: the test's line, else the page of its job. */
export const failureAddress = (state: State): {url: string; what: string} | null => {
	const [failure, candidate, tier] = [chosenFailure(state), selectedCandidate(state), tierInView(state)];
	const job = tier?.jobs.find(({id}) => id === failure?.jobId);
	const found = [
		{url: failure && candidate ? sourceUrl(state.snapshot?.url ?? null, candidate, failure.location) : null, what: failure?.location ?? ''},
		{url: safeUrl(job?.url), what: `job ${job?.name}`},
		{url: safeUrl(tier?.url), what: `run ${tier?.runId ?? ''}`.trim()},
	].find(({url}) => url !== null);
	return found ? {url: found.url!, what: found.what} : null;
};

/** As it is pasted into a chat or an issue. */
export const failureText = ({location, title, message}: Failing): string => [location, title, message].filter(text => text !== '').join('\n');

/** Seconds that a job usually takes; null with fewer than two green runs. */
export const usualOfJobs = ({facts}: State, tier: Tier): (name: string) => number | null => {
	const seconds = jobSeconds(facts?.runs ?? [], tier.workflow, tier.runId);
	return name => median((seconds.get(name) ?? []).slice(0, 10));
};
