/** E2E of four shards as GitHub and the reporter tell of it, and the program that has read that. */
import {correlate} from '../../source/core/snapshot/correlate.ts';
import type {StatusFact} from '../../source/core/github/facts.ts';
import {type TestHistory, withResult} from '../../source/core/tests/flaky.ts';
import {defaultPreferences, type Preferences} from '../../source/core/settings/preferences.ts';
import {defaultSettings} from '../../source/core/settings/settings.ts';
import {
	describeFailure,
	describeProgress,
	type PublishedFailure,
	shardContext,
	type ShardProgress,
} from '../../source/core/tests/progress.ts';
import type {ShardResult, TestResult} from '../../source/core/tests/results.ts';
import type {TestsReading} from '../../source/core/tests/tests.ts';
import {initialState, type State} from '../../source/state/model/state.ts';
import {update} from '../../source/state/update.ts';
import {picture} from '../../source/ui/picture.ts';
import {screenText} from '../../source/ui/lines/screen-text.ts';
import {lookOf} from '../../source/ui/lines/theme.ts';
import {commit, facts, job, minutes, run, runUrl, sha, start, status} from './facts.ts';

export const e2e = 'e2e-staging.yml';
export const runId = 7;
export const about = sha('a');
export const seconds = (count: number): number => count * 1000;

export const progress = (done: number, more: Partial<ShardProgress> = {}): ShardProgress => ({
	done,
	total: 30,
	failed: 0,
	flaky: 0,
	skipped: 0,
	current: null,
	...more,
});

export const pays: PublishedFailure = {
	location: 'e2e/pay.spec.ts:12',
	title: 'checkout › pays by saved card',
	message: 'expect(received).toBe(expected): expected 200, got 500',
};
export const previews: PublishedFailure = {
	location: 'e2e/preview.spec.ts:22',
	title: 'preview › shows the newest text',
	message: 'the preview is one edit behind',
};

export const published = (
	index: number,
	of: ShardProgress,
	more: Partial<StatusFact> & {attempt?: number; total?: number; failure?: PublishedFailure} = {},
): StatusFact => {
	const {attempt = 1, total = 4, failure, ...rest} = more;
	return status('', {
		context: shardContext(e2e, {index, total}),
		state: 'PENDING',
		targetUrl: runUrl(runId, attempt),
		description: failure ? describeFailure(of, failure) : describeProgress(of),
		createdAt: start + minutes(8),
		...rest,
	});
};

export const shardJob = (index: number, more: Parameters<typeof job>[1] = {}) =>
	job(runId * 100 + index, {
		name: `e2e (${index}, 4)`,
		startedAt: start + minutes(6),
		url: `https://github.com/acme/auto-author/actions/runs/${runId}/job/${runId * 100 + index}`,
		...more,
	});
export const running = {status: 'IN_PROGRESS', conclusion: null, finishedAt: null} as const;
export const red = {status: 'COMPLETED', conclusion: 'FAILURE'} as const;

/** Green runs of before, whose shards took about three minutes. */
export const earlier = [1, 2, 3].map(number =>
	run(10 + number, 'e2e', {
		headSha: sha('e'),
		createdAt: start - minutes(60 * number),
		updatedAt: start - minutes(60 * number - 5),
		jobs: [1, 2, 3, 4].map(index =>
			job(1000 * number + index, {
				name: `e2e (${index}, 4)`,
				startedAt: start - minutes(60 * number),
				finishedAt: start - minutes(60 * number) + seconds(170 + 5 * index + number),
			}),
		),
	}),
);

export const theRun = (more: Parameters<typeof run>[2] = {}) =>
	run(runId, 'e2e', {
		headSha: about,
		title: `E2E of ${about}`,
		status: 'IN_PROGRESS',
		conclusion: null,
		createdAt: start + minutes(6),
		startedAt: start + minutes(6),
		updatedAt: start + minutes(8),
		...more,
	});

export const passedBefore = [
	run(3, 'fast', {
		headSha: about,
		jobs: [job(31, {name: 'unit', finishedAt: start + seconds(150)}), job(32, {name: 'lint'})],
	}),
	run(5, 'deploy', {
		headSha: about,
		title: `Deploy ${about}`,
		createdAt: start + minutes(4),
		jobs: [job(51, {name: 'deploy', startedAt: start + minutes(4), finishedAt: start + minutes(5)})],
	}),
];

export const result = (
	index: number,
	more: Partial<ShardResult> & {tests?: readonly TestResult[]} = {},
): ShardResult => ({
	schemaVersion: 1,
	sha: about,
	workflow: e2e,
	runId,
	attempt: 1,
	shard: {index, total: 4},
	startedAt: start + minutes(6),
	finishedAt: start + minutes(9),
	verdict: 'passed',
	tests: [],
	omitted: 0,
	...more,
});

export const tested = (outcome: TestResult['outcome'], {location, title, message}: PublishedFailure): TestResult => ({
	location,
	title,
	outcome,
	durationMs: 900,
	tries: outcome === 'flaky' ? 2 : 1,
	error: outcome === 'passed' ? null : {message, location},
});

/** Runs of before in which the preview's test was flaky three times. */
export const pastRuns = (count: number, flakyIn: readonly number[]): TestHistory =>
	Array.from({length: count}, (_, number) => number)
		.flatMap(number =>
			[1, 2, 3, 4].map(index =>
				result(index, {
					runId: 1000 + number,
					sha: sha(number),
					startedAt: start - minutes(60 * (number + 1)),
					tests: index === 2 && flakyIn.includes(number) ? [tested('flaky', previews)] : [],
				}),
			),
		)
		.reduce<TestHistory>(withResult, {runs: []});

export const reading = (more: Partial<TestsReading> = {}): TestsReading => ({
	live: null,
	isLiveCut: false,
	results: [],
	missing: [],
	history: null,
	problems: [],
	retryAt: null,
	...more,
});

export type Known = {
	statuses: readonly StatusFact[];
	run: ReturnType<typeof run> | null;
	preferences?: Partial<Preferences>;
	nowMinutes?: number;
	place?: State['view']['place'];
};

/** The program after it has read that from GitHub, and before it has read any single test. */
export const stateWith = ({
	statuses,
	run: current,
	preferences,
	nowMinutes = 8.2,
	place = {name: 'tests', tier: 'e2e', from: 'board'},
}: Known): State => {
	const now = start + minutes(nowMinutes);
	const known = facts({
		commits: [
			commit(about, {statuses, headline: 'Pay with saved cards (#405)'}),
			commit(sha('e'), {committedAt: start - minutes(90)}),
		],
		runs: [...(current ? [current] : []), ...passedBefore, ...earlier],
	});
	const state = initialState({
		repository: known.repository,
		settings: defaultSettings,
		preferences: {...defaultPreferences, ...preferences},
		demo: null,
		readOnly: false,
		columns: 120,
		rows: 40,
		now,
		wallNow: now,
	});
	const snapshot = correlate(known, defaultSettings, now, null);
	return {
		...state,
		facts: known,
		snapshot,
		origin: 'github',
		poll: {...state.poll, answeredAtWall: now, nextAtWall: now + 1000},
		view: {...state.view, tier: 'e2e', place, detailSha: about},
	};
};

/** Asks what there is to ask, and gets that answer. */
export const answered = (state: State, answer: TestsReading): State => {
	const [asking, effects] = update(
		{...state, tests: {...state.tests, nextAtWall: 0}},
		{type: 'ticked', now: state.now, wallNow: state.wallNow},
	);
	const asked = effects.find(effect => effect.type === 'read-tests');
	if (!asked) throw new Error('Nothing was asked');
	return update(asking, {
		type: 'tests-read',
		generation: asked.generation,
		reading: answer,
		now: state.now,
		wallNow: state.wallNow,
	})[0];
};

export const screenAt = (state: State, columns: number, rows: number): string => {
	const sized = {...state, columns, rows};
	return screenText(picture(sized, lookOf(sized.preferences, 'dark', 0)));
};
