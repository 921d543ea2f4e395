/**
The pace of polling: when to ask GitHub next. Fast while something runs, slower while it waits, slow while nothing
happens; never faster than what remains of the hourly budget allows, and backing off from failures by their kind.
*/
import type {ReadFailure, RateLimit} from '../github/facts.ts';
import type {Snapshot} from '../pipeline/pipeline.ts';
import {isMoving} from '../pipeline/words.ts';

export type Activity = 'running' | 'waiting' | 'idle';

/** Milliseconds between polls, before the budget has its say. */
export const baseIntervalMs: Readonly<Record<Activity, number>> = {running: 1000, waiting: 3000, idle: 10_000};
/** Something has just happened and more may follow: a tier that passed starts the next one. */
const wakefulForMs = 90_000;
const wakefulIntervalMs = 2000;
/** After this long without any change an idle pipeline is asked less often. */
const drowsyAfterMs = 10 * 60_000;
const drowsyIntervalMs = 30_000;
/** How old the overview may get while the narrow question is asked in between. */
export const overviewEveryMs = 10_000;
/** Points that are left to `gh`, the editor and our own mutations: the budget is the user's, not ours. */
export const reservePoints = 500;
const jitterShare = 0.1;
const longestBackOffMs = 30_000;
const longestSecondaryMs = 15 * 60_000;
/** Failures that only a person mends (token, permission, name) are asked again slowly, in case somebody does. */
const mendedByHandMs = 60_000;
const secondaryWaitMs = 60_000;

/** What happens in the pipeline as a whole, judged by the tiers of the visible candidates. */
export const activityOf = (snapshot: Snapshot | null): Activity => {
	const statuses =
		snapshot?.candidates.flatMap(({tiers}) =>
			[tiers.fast, tiers.deploy, tiers.e2e, tiers.smoke].flatMap(tier => (tier ? [tier.status] : [])),
		) ?? [];
	if (statuses.includes('running')) return 'running';
	return statuses.some(status => isMoving(status)) ? 'waiting' : 'idle';
};

/** When something last happened there, as far as GitHub's own times tell; milliseconds since the epoch, 0 for never. */
export const lastActivityAt = (snapshot: Snapshot): number =>
	Math.max(
		0,
		...snapshot.candidates.flatMap(({committedAt, tiers}) => [
			committedAt,
			...[tiers.fast, tiers.deploy, tiers.e2e, tiers.smoke].flatMap(
				tier => tier?.finishedAt ?? tier?.createdAt ?? [],
			),
		]),
	);

export type PaceInput = {
	activity: Activity;
	now: number;
	/** Time since the pipeline last changed, milliseconds. */
	quietForMs: number;
	/** Time since somebody looks, milliseconds. */
	watchedForMs: number;
	rateLimit: RateLimit | null;
	/** Points that one poll costs on average. */
	costPerPoll: number;
	/** Points a second that others with the same token use up. */
	foreignPerSecond: number;
	/** 95th percentile of recent answers' latency, milliseconds. */
	latencyP95Ms: number;
	/** Failures in a row; 0 after a success. */
	failures: number;
	failure: ReadFailure | null;
	/** Uniform in [0, 1). */
	random: number;
};

/** `because` says in the header why it is slower than the median; null for the ordinary pace. */
export type Pace = {afterMs: number; because: string | null};

const backOff = ({failure, failures, now, random}: PaceInput & {failure: ReadFailure}): Pace => {
	const doubled = (firstMs: number, mostMs: number) => Math.min(firstMs * 2 ** Math.min(failures - 1, 20), mostMs);
	// Never earlier than GitHub asked for: jitter only adds.
	const later = (ms: number) => ms * (1 + jitterShare * random);
	const until = failure.retryAt === null ? 0 : Math.max(0, failure.retryAt - now);
	switch (failure.kind) {
		case 'rate-limited':
			return {
				afterMs: later(Math.max(until, failure.retryAt === null ? secondaryWaitMs : 1000)),
				because: "GitHub's hourly budget is used up",
			};
		case 'secondary-limit':
			return {
				afterMs: later(
					Math.max(until, failure.retryAt === null ? doubled(secondaryWaitMs, longestSecondaryMs) : 1000),
				),
				because: 'GitHub asks to slow down',
			};
		case 'unauthorised':
		case 'forbidden':
		case 'not-found':
		case 'refused':
			return {afterMs: later(mendedByHandMs), because: failure.because};
		default:
			return {afterMs: later(Math.max(until, doubled(2000, longestBackOffMs))), because: failure.because};
	}
};

const budgetInterval = ({rateLimit, now, costPerPoll, foreignPerSecond}: PaceInput): number => {
	if (!rateLimit) return 0;
	const untilResetMs = Math.max(0, rateLimit.resetAt - now);
	if (untilResetMs === 0) return 0;
	const spendable =
		rateLimit.remaining - Math.min(reservePoints, rateLimit.limit / 10) - foreignPerSecond * (untilResetMs / 1000);
	// Nothing left to spend: wait for the reset, which is the next time that asking can work.
	return spendable < costPerPoll ? untilResetMs + 1000 : (costPerPoll * untilResetMs) / spendable;
};

const idleInterval = ({quietForMs, watchedForMs}: PaceInput) => {
	if (quietForMs < wakefulForMs) return wakefulIntervalMs;
	return Math.min(quietForMs, watchedForMs) > drowsyAfterMs ? drowsyIntervalMs : baseIntervalMs.idle;
};

/** How long to wait before the next poll. Always a finite, positive time: there is always exactly one next poll. */
export const nextPoll = (input: PaceInput): Pace => {
	if (input.failure && input.failures > 0) return backOff({...input, failure: input.failure});
	const base = input.activity === 'idle' ? idleInterval(input) : baseIntervalMs[input.activity];
	const budget = budgetInterval(input);
	const interval = Math.max(base, budget, 1.5 * input.latencyP95Ms);
	const jittered = interval * (1 + jitterShare * (2 * input.random - 1));
	return {
		afterMs: Math.max(jittered, base * (1 - jitterShare)),
		because: budget > base * 1.5 ? 'spread over what is left of the hourly budget' : null,
	};
};

/** 95th percentile; 0 without values. */
export const percentile95 = (values: readonly number[]): number => {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))] ?? 0;
};
