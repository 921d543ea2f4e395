/** Questions to the state about single tests: which fail, since when, and whether that is new. */
import {type FlakyMark, markOfJob, markOfTest, testKey} from '../../core/tests/flaky.ts';
import type {Candidate, Job, Tier, TierName, Shard} from '../../core/pipeline/pipeline.ts';
import {jobSeconds, shardOfJob} from '../../core/evidence/shards.ts';
import {isByWorkflow} from '../../core/evidence/subjects.ts';
import {parseShardContext} from '../../core/tests/progress.ts';
import type {TestResult} from '../../core/tests/results.ts';
import type {LiveFailure, ShardOutcome} from '../../core/tests/tests.ts';
import {median} from '../../core/snapshot/correlate.ts';
import {safeUrl, selectedCandidate, tierInView} from '../questions/select.ts';
import type {State} from '../model/state.ts';
import type {RunTests} from '../model/tests-state.ts';
import type {Annotation} from '../../core/github/facts.ts';

/** What is wrong: a test, or what a job says of itself where nobody tells of its tests. */
export type Failing = {
	/** The same for the same test while the run goes on. */
	key: string;
	/** `before`: failed in an earlier attempt, and nothing is known of it in this one. */
	kind: 'test' | 'flaky' | 'job' | 'before';
	/** The earlier attempt in which it failed; null: this one. */
	attempt: number | null;
	/** From 1; null: not by shard. */
	shard: number | null;
	jobId: number | null;
	location: string;
	title: string;
	message: string;
	mark: FlakyMark;
	/** When that became known, milliseconds since the epoch; null: by its results. */
	at: number | null;
};

export const testsOf = (
	{tests}: Pick<State, 'tests'>,
	{runId, attempt}: Pick<Tier, 'runId' | 'attempt'>,
): RunTests | null => tests.known.find(known => known.runId === runId && known.attempt === attempt) ?? null;

export const resultsOf = (known: RunTests | null, shard: number): ShardOutcome | null =>
	known?.results.find(result => result.shard.index === shard) ?? null;

const keyOf = (shard: number, {location, title}: {location: string; title: string}): string =>
	`${shard} ${location} ${title}`;

type Source = {
	history: State['tests']['history'];
	now: {workflow: string; runId: number};
	jobIds: ReadonlyMap<number, number>;
};

const fromLive = (failure: LiveFailure, {history, now, jobIds}: Source): Failing => ({
	key: keyOf(failure.shard, failure),
	kind: 'test',
	shard: failure.shard,
	jobId: jobIds.get(failure.shard) ?? null,
	location: failure.location,
	title: failure.title,
	message: failure.message,
	mark: markOfTest(history, now, failure),
	at: failure.at,
	attempt: null,
});

const fromResult = (
	test: TestResult,
	shard: number,
	kind: 'test' | 'flaky',
	{history, now, jobIds}: Source,
): Failing => ({
	key: keyOf(shard, test),
	kind,
	shard,
	jobId: jobIds.get(shard) ?? null,
	location: test.location,
	title: test.title,
	message: test.error?.message ?? '',
	mark: markOfTest(history, now, test),
	at: null,
	attempt: null,
});

/** Where the runner says no more than that a step failed, the job's name says more. */
const isTelling = ({path, level}: Annotation): boolean => level === 'failure' && path !== '' && path !== '.github';

const fromJob = (job: Job, shard: number | null, {history, now}: Source): readonly Failing[] => {
	const notes = (job.annotations ?? []).filter(isTelling);
	const mark = markOfJob(history, now, job.name);
	const whole = {kind: 'job' as const, shard, jobId: job.id, mark, at: job.finishedAt, attempt: null};
	if (notes.length === 0) return [{...whole, key: `job ${job.id}`, location: '', title: job.name, message: ''}];
	return notes.map((note, index) => ({
		...whole,
		key: `job ${job.id} ${index}`,
		location: `${note.path}${note.line === null ? '' : `:${note.line}`}`,
		title: note.title ?? job.name,
		message: note.message,
	}));
};

/** Failing tests of one attempt as far as they are known; of a shard that has ended its results are the whole truth. */
const failedIn = ({results, live}: RunTests, source: Source): readonly Failing[] => {
	const told = new Set(results.map(({shard}) => shard.index));
	return [
		...results
			.toSorted((a, b) => a.shard.index - b.shard.index)
			.flatMap(result => result.failed.map(test => fromResult(test, result.shard.index, 'test', source))),
		...live.filter(({shard}) => !told.has(shard)).map(failure => fromLive(failure, source)),
	].sort((a, b) => a.shard! - b.shard!);
};

/** What failed in an earlier attempt of this run: green since, so flaky at this commit; or not heard of since. */
const failedBefore = (
	{tests: {known, history}}: Pick<State, 'tests'>,
	tier: Tier,
	failed: readonly Failing[],
	source: Source,
): readonly Failing[] => {
	const again = new Set(failed.map(testKey));
	const attempts = history?.runs.find(({runId}) => runId === tier.runId)?.attempts ?? [];
	const earlier = known
		.filter(({runId, attempt}) => runId === tier.runId && attempt < (tier.attempt ?? 0))
		.sort((a, b) => b.attempt - a.attempt);
	const found = new Map(
		earlier
			.toReversed()
			.flatMap(run =>
				failedIn(run, source).map(failing => [testKey(failing), {...failing, attempt: run.attempt}] as const),
			),
	);
	return [...found]
		.filter(([key]) => !again.has(key))
		.map(([key, failing]): Failing => {
			const isGreen = attempts.some(({attempt, passed}) => attempt > failing.attempt && passed.includes(key));
			return {...failing, key: `${failing.attempt} ${failing.key}`, kind: isGreen ? 'flaky' : 'before'};
		});
};

/** Failing tests of this very attempt first, by shard and in the order in which they became known; then what an earlier attempt failed in, then flaky ones. */
const workOut = (state: Pick<State, 'tests'>, tier: Tier): readonly Failing[] => {
	const {runId} = tier;
	if (runId === null) return [];
	const known = testsOf(state, tier);
	const jobs = tier.jobs.map(job => ({job, shard: shardOfJob(job.name)?.index ?? null}));
	const jobIds = new Map([
		...jobs.flatMap(({job, shard}) => (shard === null ? [] : [[shard, job.id] as const])),
		...tier.shards.flatMap(({index, jobId}) => (jobId === null ? [] : [[index, jobId] as const])),
	]);
	const source: Source = {history: state.tests.history, now: {workflow: tier.workflow, runId}, jobIds};
	const failed = known ? failedIn(known, source) : [];
	const named = new Set([...failed.map(({shard}) => shard), ...(known?.results ?? []).map(({shard}) => shard.index)]);
	const silent = jobs
		.filter(({job, shard}) => job.status === 'failed' && !(shard !== null && named.has(shard)))
		.flatMap(({job, shard}) => fromJob(job, shard, source));
	const flaky = (known?.results ?? []).flatMap(result =>
		result.flaky.map(test => fromResult(test, result.shard.index, 'flaky', source)),
	);
	return [...failed, ...silent, ...failedBefore(state, tier, failed, source), ...flaky];
};

const worked = new WeakMap<Tier, {known: unknown; history: unknown; failing: readonly Failing[]}>();

/** As `workOut`, which every frame and many keys want to know; it changes with the tier, with what is known of tests, and with the history. */
export const failingOf = (state: Pick<State, 'tests'>, tier: Tier): readonly Failing[] => {
	const {known, history} = state.tests;
	const before = worked.get(tier);
	if (before?.known === known && before.history === history) return before.failing;
	const failing = workOut(state, tier);
	worked.set(tier, {known, history, failing});
	return failing;
};

/** Failed tests that a shard tells of and whose names are not known. */
export const unnamedOf = (shard: Shard, failing: readonly Failing[]): number =>
	Math.max(
		0,
		(shard.progress?.failed ?? 0) -
			failing.filter(({kind, shard: index}) => kind === 'test' && index === shard.index).length,
	);

export const failuresInView = (state: State): readonly Failing[] => {
	const tier = tierInView(state);
	return tier ? failingOf(state, tier) : [];
};

/** The one that the cursor is at. */
export const chosenFailure = (state: State): Failing | null => {
	const failures = failuresInView(state);
	return failures.find(({key}) => key === state.tests.chosen) ?? failures[0] ?? null;
};

/** Which tier `t` shows: the one in view where that has tests of its own to tell of, else E2E. */
export const tierWithTests = (state: State): TierName => {
	const tier = tierInView(state);
	return tier && (tier.shards.length > 0 || tier.name === 'smoke') ? tier.name : 'e2e';
};

/** The line in the repository at that commit; null: it names no place in it. */
export const sourceUrl = (
	repositoryUrl: string | null,
	{sha}: Pick<Candidate, 'sha'>,
	location: string,
): string | null => {
	const [, path = '', line] = /^(.*?)(?::(\d+))?(?::\d+)?$/.exec(location) ?? [];
	const parts = path.split('/');
	if (
		repositoryUrl === null ||
		path === '' ||
		!/\.\w+$/.test(path) ||
		path.startsWith('/') ||
		parts.some(part => part === '..' || part === '' || part === '.')
	)
		return null;
	return safeUrl(
		`${repositoryUrl}/blob/${sha}/${parts.map(part => encodeURIComponent(part)).join('/')}${line === undefined ? '' : `#L${line}`}`,
	);
};

/** What `o` opens: the test's line, else the page of its job. */
export const failureAddress = (state: State): {url: string; what: string} | null => {
	const [failure, candidate, tier] = [chosenFailure(state), selectedCandidate(state), tierInView(state)];
	const job = tier?.jobs.find(({id}) => id === failure?.jobId);
	const found = [
		{
			url: failure && candidate ? sourceUrl(state.snapshot?.url ?? null, candidate, failure.location) : null,
			what: failure?.location ?? '',
		},
		{url: safeUrl(job?.url), what: `job ${job?.name}`},
		{url: safeUrl(tier?.url), what: `run ${tier?.runId ?? ''}`.trim()},
	].find(({url}) => url !== null);
	return found ? {url: found.url!, what: found.what} : null;
};

/** As it is pasted into a chat or an issue. */
export const failureText = ({location, title, message}: Failing): string =>
	[location, title, message].filter(text => text !== '').join('\n');

/** Whether shards of this workflow publish at all, here or for another commit: then silence is only a matter of time. */
export const isPublishing = ({facts}: State, {workflow}: Tier): boolean =>
	(facts?.commits ?? []).some(({statuses}) =>
		statuses.some(status => isByWorkflow(status) && parseShardContext(workflow, status.context) !== null),
	);

/** Seconds that a job usually takes; null with fewer than two green runs. */
export const usualOfJobs = ({facts}: State, tier: Tier): ((name: string) => number | null) => {
	const seconds = jobSeconds(facts?.runs ?? [], tier.workflow, tier.runId);
	return name => median((seconds.get(name) ?? []).slice(0, 10));
};
