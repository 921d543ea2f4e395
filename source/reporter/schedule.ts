/**
When one shard posts what. Pure: the clock comes in, decisions go out. GitHub's limits that it keeps to, for all shards of a run and all
runs of a repository together: 1,000 requests an hour for the tokens of workflows, 80 things made a minute and 500 an hour, 1,000 statuses
of one context on one commit.
*/
import {
	describeFailure,
	describeProgress,
	descriptionLimit,
	type PublishedFailure,
	type ShardProgress,
} from '../core/tests/progress.ts';

export type State = 'pending' | 'success' | 'failure' | 'error';
type Failed = {progress: ShardProgress; failure: PublishedFailure};
type Rate = {remaining: number; resetAt: number};
export type Word = {
	kind: 'progress' | 'failure' | 'quiet' | 'last';
	state: State;
	description: string;
	failed: Failed | null;
};

export type Schedule = {
	shards: number;
	/** Words of this attempt at most; an attempt more posts into the same context. */
	wordsAtMost: number;
	startedAt: number;
	/** After the tests, failures are still told for so long; then only counted. */
	flushMs: number;
	progress: ShardProgress;
	/** Description of the last word that was said. */
	told: string | null;
	/** Failures that were not said yet, oldest first. */
	queue: readonly Failed[];
	failuresTaken: number;
	/** Times of the words of the last hour, oldest first. */
	times: readonly number[];
	words: number;
	/** Nothing before this time: GitHub or the network says so. */
	notBefore: number;
	/** Attempts in a row that came to nothing. */
	vain: number;
	rate: Rate | null;
	/** It has said that it says nothing more until the end. */
	isQuiet: boolean;
	/** GitHub does not take any word: nothing is tried any more. */
	isShut: boolean;
	ended: {state: Exclude<State, 'pending'>; at: number} | null;
	isDone: boolean;
};

export const rules = {
	progressEveryMs: 5000,
	/** Between any two words. */
	apartMs: 1000,
	failuresAtMost: 30,
	/** Of the 500 things that may be made in an hour, for all shards of a run: no answer tells how many are left, and two runs an hour are to fit. */
	wordsAnHour: 220,
	/** Of the 80 things that may be made in a minute. */
	wordsAMinute: 60,
	/** Requests of the hourly thousand that progress leaves to others. */
	reserve: 150,
	hourMs: 3_600_000,
} as const;

const unknownRemainingMs = 600_000;
/** Of a thousand: the first three attempts have plenty, some more have a few each. */
const wordsOfAttempt = (attempt: number) => (attempt <= 3 ? 300 : 10);

export const createSchedule = ({
	shards,
	attempt,
	now,
	flushMs = 8000,
}: {
	shards: number;
	attempt: number;
	now: number;
	flushMs?: number;
}): Schedule => ({
	shards,
	flushMs,
	wordsAtMost: wordsOfAttempt(attempt),
	startedAt: now,
	progress: {done: 0, total: 0, failed: 0, flaky: 0, skipped: 0, current: null},
	told: null,
	queue: [],
	failuresTaken: 0,
	times: [],
	words: 0,
	notBefore: 0,
	vain: 0,
	rate: null,
	isQuiet: false,
	isShut: false,
	ended: null,
	isDone: false,
});

export const progressed = (schedule: Schedule, progress: ShardProgress): Schedule => ({...schedule, progress});

/** Beyond what can be told, failures are only counted. */
export const failed = (schedule: Schedule, progress: ShardProgress, failure: PublishedFailure): Schedule => ({
	...schedule,
	progress,
	...(schedule.failuresTaken < rules.failuresAtMost && {
		queue: [...schedule.queue, {progress, failure}],
		failuresTaken: schedule.failuresTaken + 1,
	}),
});

export const ended = (
	schedule: Schedule,
	progress: ShardProgress,
	state: Exclude<State, 'pending'>,
	now: number,
): Schedule => ({...schedule, progress: {...progress, current: null}, ended: {state, at: now}});

const remainingMs = ({progress: {done, total}, startedAt}: Schedule, now: number) =>
	done > 0 && total > done ? ((now - startedAt) / done) * (total - done) : unknownRemainingMs;

/** How long progress waits after the last word: as long as what is left of every allowance asks for. */
export const progressInterval = (schedule: Schedule, now: number): number => {
	const {shards, rate, times} = schedule;
	const left = remainingMs(schedule, now);
	const minute = (shards / rules.wordsAMinute) * 60_000;
	const share = Math.floor(rules.wordsAnHour / shards) - times.filter(at => at > now - rules.hourMs).length;
	const hour = share > 0 ? Math.min(left, rules.hourMs) / share : rules.hourMs;
	const requests = rate !== null && rate.resetAt > now ? (rate.remaining - rules.reserve) / shards : Infinity;
	const allowance =
		requests > 0 ? Math.min(left, (rate?.resetAt ?? now) - now) / requests : (rate?.resetAt ?? now) - now;
	return Math.max(rules.progressEveryMs, minute, hour, Number.isFinite(allowance) ? allowance : 0);
};

const quietText = 'no more until the end: GitHub limits statuses';
const quietWord = (progress: ShardProgress): string => {
	const front = describeProgress({...progress, current: null});
	return `${front} · ${quietText}`.slice(0, descriptionLimit);
};

export type Decision = {do: 'post'; word: Word} | {do: 'wait'; until: number} | {do: 'nothing'};

const at = (time: number, now: number, word: Word): Decision =>
	time <= now ? {do: 'post', word} : {do: 'wait', until: time};

/** What is next, if nothing else happens. */
export const decide = (schedule: Schedule, now: number): Decision => {
	const {progress, queue, ended, isQuiet, notBefore, words, wordsAtMost, told} = schedule;
	if (schedule.isDone || schedule.isShut) return {do: 'nothing'};
	const last = schedule.times.at(-1) ?? -Infinity;
	const soon = Math.max(notBefore, last + rules.apartMs);
	const [failed = null] = queue;
	const flushUntil = ended === null ? Infinity : ended.at + schedule.flushMs;
	// Two are kept back: for the word that says why there are no more, and for the verdict.
	const isFull = words >= wordsAtMost - 2;
	if (failed !== null && !isFull && !isQuiet && Math.max(now, soon) < flushUntil) {
		return at(soon, now, {
			kind: 'failure',
			state: 'pending',
			description: describeFailure(failed.progress, failed.failure),
			failed,
		});
	}
	if (ended !== null)
		return at(soon, now, {kind: 'last', state: ended.state, description: describeProgress(progress), failed: null});
	if (isQuiet) return {do: 'nothing'};
	if (isFull) return at(soon, now, {kind: 'quiet', state: 'pending', description: quietWord(progress), failed: null});
	const description = describeProgress(progress);
	if (description === told) return {do: 'nothing'};
	// The first word at once, also when it says only that there are no counts yet.
	const time = schedule.words === 0 ? notBefore : Math.max(soon, last + progressInterval(schedule, now));
	return at(time, now, {kind: 'progress', state: 'pending', description, failed: null});
};

/** A word goes out: what others decide from now on takes it as said. */
export const posting = (schedule: Schedule, word: Word, now: number): Schedule => ({
	...schedule,
	told: word.description,
	words: schedule.words + 1,
	times: [...schedule.times.filter(time => time > now - rules.hourMs), now],
	queue: word.failed === null ? schedule.queue : schedule.queue.filter(one => one !== word.failed),
	isQuiet: schedule.isQuiet || word.kind === 'quiet',
	isDone: word.kind === 'last',
});

/** What came of it. `later`: not now, again after so long (null: as the rules for trouble say). `never`: it will not be taken. */
export type Outcome =
	| {kind: 'said' | 'never'; rate: Rate | null}
	| {kind: 'later'; afterMs: number | null; rate: Rate | null};

const longestPauseMs = 60_000;

export const answered = (schedule: Schedule, word: Word, outcome: Outcome, now: number): Schedule => {
	const rate = outcome.rate ?? schedule.rate;
	if (outcome.kind !== 'later') return {...schedule, rate, vain: 0, isShut: outcome.kind === 'never'};
	const pauseMs = outcome.afterMs ?? Math.min(longestPauseMs, 1000 * 2 ** schedule.vain);
	return {
		...schedule,
		rate,
		vain: schedule.vain + 1,
		notBefore: now + pauseMs,
		told: null,
		isQuiet: word.kind === 'quiet' ? false : schedule.isQuiet,
		isDone: false,
		// Progress is overtaken by what is true then; a failure is news all the same.
		queue: word.failed === null ? schedule.queue : [word.failed, ...schedule.queue],
	};
};
