/** What to read about single tests next, if anything. Pure; beside the polling, one question at a time. */
import type {JobsSeen} from '../../core/tests/flaky.ts';
import {type Candidate, type Tier, tierNames} from '../../core/pipeline/pipeline.ts';
import {shardOfJob} from '../../core/evidence/shards.ts';
import type {ShardName} from '../../core/tests/progress.ts';
import type {TestsQuestion} from '../../core/tests/tests.ts';
import {isFinal, isMoving} from '../../core/pipeline/words.ts';
import {selectedCandidate} from '../questions/select.ts';
import type {State} from '../model/state.ts';
import {resultsOf, testsOf} from './test-select.ts';

/** An artifact can be listed a little after its job has ended. Where no shard publishes, one look tells whether there are any at all. */
const triesAtMost = {published: 4, silent: 1};
const runsKept = 20;

export type Wanted = {
	question: TestsQuestion;
	/** Failed tests that each shard tells of now. */ failed: Readonly<Record<number, number>>;
	isHistory: boolean;
};

const failedNow = (tier: Tier): Readonly<Record<number, number>> =>
	Object.fromEntries(tier.shards.map(({index, progress}) => [index, progress?.failed ?? 0]));

/** Shards that have ended, as far as it is worth to look for their results. */
const endedOf = (tier: Tier): readonly ShardName[] => {
	if (tier.shards.length > 0)
		return tier.shards
			.filter(({status}) => status === 'passed' || status === 'failed')
			.map(({index, total}) => ({index, total}));
	if (tier.name !== 'e2e' || !isFinal(tier.status)) return [];
	const names = tier.jobs
		.filter(({status}) => status === 'passed' || status === 'failed')
		.flatMap(({name}) => shardOfJob(name) ?? []);
	return [...new Map(names.map(name => [name.index, name])).values()];
};

const ofTier = (state: State, {sha}: Candidate, tier: Tier): Wanted | null => {
	if (tier.runId === null || tier.attempt === null) return null;
	const known = testsOf(state, tier);
	const failed = failedNow(tier);
	const live = tier.shards.some(
		({index}) => failed[index]! > (known?.failedThen[index] ?? 0) && !resultsOf(known, index),
	);
	// A shard that "re-run failed jobs" has left alone says nothing in this attempt, and writes nothing.
	const most = (index: number) =>
		tier.shards.some(shard => shard.index === index && shard.progress !== null)
			? triesAtMost.published
			: triesAtMost.silent;
	const ended = endedOf(tier).filter(
		({index}) => !resultsOf(known, index) && (known?.tries[index] ?? 0) < most(index),
	);
	if (!live && ended.length === 0) return null;
	return {
		question: {sha, workflow: tier.workflow, runId: tier.runId, attempt: tier.attempt, live, ended, jobs: []},
		failed,
		isHistory: known?.isHistory ?? isFinal(tier.status),
	};
};

const tiersOf = ({tiers}: Candidate): readonly Tier[] => tierNames.flatMap(name => tiers[name] ?? []);

/** Attempts of E2E that are over and that the history of jobs does not know yet. */
const jobsToNote = (state: State): readonly JobsSeen[] =>
	(state.snapshot?.candidates ?? []).flatMap(({sha, tiers: {e2e}}) => {
		const {status, runId, attempt, jobs, workflow} = e2e;
		const isOver =
			(status === 'passed' || status === 'failed') &&
			e2e.runIsOver &&
			jobs.length > 0 &&
			jobs.length === e2e.jobsTotal;
		if (
			!isOver ||
			runId === null ||
			attempt === null ||
			e2e.provenance === 'inferred' ||
			state.tests.noted.includes(`${runId}/${attempt}`)
		)
			return [];
		const named = (wanted: string) => jobs.filter(job => job.status === wanted).map(({name}) => name);
		return [
			{
				workflow,
				sha,
				runId,
				at: e2e.startedAt ?? e2e.createdAt ?? 0,
				attempt,
				failed: named('failed'),
				passed: named('passed'),
			},
		];
	});

/** First the commit in view, then what runs; with the tests in view also earlier runs, so that flakes are known as such. */
export const wantedTests = (state: State): Wanted | null => {
	if (state.origin !== 'github' || state.poll.failures > 0) return null;
	const candidates = state.snapshot?.candidates ?? [];
	const inView = selectedCandidate(state);
	const first = inView ? [inView] : [];
	const moving = candidates.filter(
		candidate => candidate !== inView && tiersOf(candidate).some(({status}) => isMoving(status)),
	);
	const earlier =
		state.view.place.name === 'tests'
			? candidates.filter(({tiers: {e2e}}) => e2e.shards.length > 0 && isFinal(e2e.status))
			: [];
	const found =
		[...first, ...moving, ...earlier]
			.slice(0, runsKept)
			.flatMap(candidate => tiersOf(candidate).flatMap(tier => ofTier(state, candidate, tier) ?? []))[0] ?? null;
	const jobs = jobsToNote(state);
	if (found) return {...found, question: {...found.question, jobs}};
	const [job] = jobs;
	return job
		? {
				question: {
					sha: job.sha,
					workflow: job.workflow,
					runId: job.runId,
					attempt: job.attempt,
					live: false,
					ended: [],
					jobs,
				},
				failed: {},
				isHistory: true,
			}
		: null;
};
