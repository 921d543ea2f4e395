/** The part of update that is about single tests: reading them, and moving among what fails. */
import {withEvents} from '../questions/events.ts';
import type {Change} from '../../core/snapshot/changes.ts';
import {flakyText} from '../../core/tests/flaky.ts';
import {type Tier, tierNames, tierTitles} from '../../core/pipeline/pipeline.ts';
import type {TestsReading} from '../../core/tests/tests.ts';
import type {Message, Next} from '../model/messages.ts';
import type {State} from '../model/state.ts';
import {chosenFailure, type Failing, failingOf, failureAddress, failuresInView, failureText} from './test-select.ts';
import {wantedTests} from './tests-question.ts';
import type {RunTests, TestsPart} from '../model/tests-state.ts';
import {toast} from '../view/toast.ts';
import {listRows} from '../view/window.ts';

const runsKept = 20;
const notedKept = 200;
/** Milliseconds: between two readings, after one without the artifact that was looked for, and after failures, doubling. */
const pauses = {after: 1000, missing: 10_000, failed: 5000, failedAtMost: 300_000};

/** Asks when there is something to ask for. Called after every message, so it looks at the cheap reasons not to first. */
export const readTestsNow = (state: State): Next => {
	const {tests} = state;
	if (tests.phase === 'asking' || state.wallNow < tests.nextAtWall || state.snapshot === null) return [state, []];
	const wanted = wantedTests(state);
	if (wanted === null) return [state, []];
	const generation = tests.generation + 1;
	return [
		{...state, tests: {...tests, generation, phase: 'asking', asked: wanted}},
		[{type: 'read-tests', generation, question: wanted.question}],
	];
};

const emptyRun = ({
	question: {sha, workflow, runId, attempt},
	isHistory,
}: NonNullable<TestsPart['asked']>): RunTests => ({
	sha,
	workflow,
	runId,
	attempt,
	isHistory,
	failedThen: {},
	live: [],
	isLiveCut: false,
	results: [],
	tries: {},
});

const withReading = (before: RunTests, {failed}: NonNullable<TestsPart['asked']>, reading: TestsReading): RunTests => {
	const results = reading.results.filter(({attempt}) => attempt === before.attempt);
	const read = new Set(results.map(({shard}) => shard.index));
	return {
		...before,
		failedThen: reading.live === null ? before.failedThen : {...before.failedThen, ...failed},
		live: reading.live ?? before.live,
		isLiveCut: reading.live === null ? before.isLiveCut : reading.isLiveCut,
		results: [...before.results.filter(({shard}) => !read.has(shard.index)), ...results],
		tries: {
			...before.tries,
			...Object.fromEntries(reading.missing.map(({index}) => [index, (before.tries[index] ?? 0) + 1])),
		},
	};
};

/** Results of earlier attempts, which came along: what failed there and is green now is flaky. */
const earlierRuns = (known: readonly RunTests[], run: RunTests, reading: TestsReading): readonly RunTests[] => {
	const attempts = [...new Set(reading.results.map(({attempt}) => attempt))].filter(attempt => attempt < run.attempt);
	return attempts.map(attempt => {
		const before = known.find(one => one.runId === run.runId && one.attempt === attempt) ?? {
			...run,
			attempt,
			isHistory: true,
			failedThen: {},
			live: [],
			isLiveCut: false,
			results: [],
			tries: {},
		};
		const results = reading.results.filter(result => result.attempt === attempt);
		return {
			...before,
			results: [
				...before.results.filter(({shard}) => !results.some(result => result.shard.index === shard.index)),
				...results,
			],
		};
	});
};

const tierOfRun = ({snapshot}: State, {sha, runId}: RunTests): Tier | null => {
	const tiers = snapshot?.candidates.find(candidate => candidate.sha === sha)?.tiers;
	return tierNames.map(name => tiers?.[name]).find(tier => tier?.runId === runId) ?? null;
};

const news = (failing: Failing, tier: Tier, sha: string, seenAt: number): Change => ({
	at: failing.at ?? seenAt,
	sha,
	kind: 'test',
	subject: tier.name,
	status: 'failed',
	text: `${tierTitles[tier.name]} ${failing.shard === null ? '' : `shard ${failing.shard}`}: ${failing.title} failed at ${failing.location}${failing.message === '' ? '' : `: ${failing.message}`} (${flakyText(failing.mark)})`,
});

/** Failing tests that were not known before; of a run that was over when we first looked nothing is news. */
const newsOf = (before: State, after: State, run: RunTests): readonly Change[] => {
	const tier = tierOfRun(after, run);
	if (run.isHistory || tier === null || tier.attempt !== run.attempt) return [];
	const known = new Set(failingOf(before, tier).map(({key}) => key));
	return failingOf(after, tier)
		.filter(({kind, key}) => kind === 'test' && !known.has(key))
		.map(failing => news(failing, tier, run.sha, after.now));
};

/** Nothing of what was asked for came: GitHub or the network were in the way. */
const isInVain = ({question}: NonNullable<TestsPart['asked']>, reading: TestsReading): boolean =>
	(question.live && reading.live === null) ||
	(question.ended.length > 0 && reading.results.length === 0 && reading.missing.length === 0);

const read = (state: State, {generation, reading, wallNow}: Extract<Message, {type: 'tests-read'}>): Next => {
	const {tests} = state;
	const {asked} = tests;
	if (generation !== tests.generation || asked === null) return [state, []];
	const failures = isInVain(asked, reading) ? tests.failures + 1 : 0;
	const pause =
		failures > 0
			? Math.min(pauses.failedAtMost, pauses.failed * 2 ** (failures - 1))
			: reading.missing.length > 0
				? pauses.missing
				: pauses.after;
	const {question} = asked;
	const before =
		tests.known.find(({runId, attempt}) => runId === question.runId && attempt === question.attempt) ??
		emptyRun(asked);
	const run = withReading(before, asked, reading);
	const changed = [...earlierRuns(tests.known, run, reading), run];
	const isAbout = question.live || question.ended.length > 0;
	const next: State = {
		...state,
		tests: {
			...tests,
			phase: 'idle',
			asked: null,
			failures,
			nextAtWall: Math.max(wallNow + pause, reading.retryAt ?? 0),
			problem: reading.problems[0] ?? null,
			history: reading.history ?? tests.history,
			noted: [...tests.noted, ...question.jobs.map(({runId, attempt}) => `${runId}/${attempt}`)].slice(
				-notedKept,
			),
			known: isAbout
				? [
						...tests.known.filter(
							one => !changed.some(({runId, attempt}) => one.runId === runId && one.attempt === attempt),
						),
						...changed,
					].slice(-runsKept)
				: tests.known,
		},
	};
	const changes = isAbout ? newsOf(state, next, run) : [];
	return [withEvents(next, changes), []];
};

const choose = (state: State, wanted: number): Next => {
	const failures = failuresInView(state);
	const at = Math.max(0, Math.min(failures.length - 1, wanted));
	return [{...state, tests: {...state.tests, chosen: failures[at]?.key ?? null}}, []];
};

const positionOf = (state: State): number => {
	const chosen = chosenFailure(state)?.key;
	return Math.max(
		0,
		failuresInView(state).findIndex(({key}) => key === chosen),
	);
};

/** Keys that move a cursor move it over the failures. */
export const moveFailure = (state: State, message: Extract<Message, {type: 'move' | 'jump' | 'page'}>): Next => {
	const last = failuresInView(state).length - 1;
	switch (message.type) {
		case 'move':
			return choose(state, positionOf(state) + message.by);
		case 'jump':
			return choose(state, message.to === 'first' ? 0 : last);
		case 'page':
			return choose(
				state,
				positionOf(state) + message.direction * Math.max(1, Math.floor((listRows(state) * message.share) / 2)),
			);
	}
};

export const updateTests = (
	state: State,
	message: Extract<Message, {type: 'tests-read' | 'step-failure' | 'open-failure' | 'copy-failure'}>,
): Next => {
	switch (message.type) {
		case 'tests-read':
			return read({...state, wallNow: message.wallNow}, message);
		case 'step-failure': {
			const count = failuresInView(state).length;
			return count === 0 ? [state, []] : choose(state, (positionOf(state) + message.by + count) % count);
		}
		case 'open-failure': {
			const found = failureAddress(state);
			return found ? [toast(state, `Opening ${found.what}`), [{type: 'open', url: found.url}]] : [state, []];
		}
		case 'copy-failure': {
			const failure = chosenFailure(state);
			return failure ? [state, [{type: 'copy', text: failureText(failure)}]] : [state, []];
		}
	}
};
