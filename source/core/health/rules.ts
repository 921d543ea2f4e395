/** The rules of the verdict, each over samples that are in order of time. Nothing here knows what is done about it. */
import type {Count, HealthRules, Sample} from './sample.ts';
import {interval} from './statistics.ts';

const isKnown = (sample: Sample): boolean => sample.result !== 'blind';

export const isFailed = (sample: Sample): boolean => sample.result === 'failed';

/** A probe that was given up took at least as long as it was waited for. */
export const isSlowerThan =
	(ms: number) =>
	({latencyMs}: Sample): boolean =>
		latencyMs !== null && latencyMs >= ms;

/** An instance that is down. */
export type Down = {
	readonly instance: string;
	/** Its last failures in a row, oldest first: what the rule rests on. */
	readonly failures: readonly Sample[];
};

/**
 * The hard rule: the same instance has failed so often in a row, for so long. Blind samples neither count nor
 * interrupt, but what is known must hang together.
 * @param samples of one instance
 * @returns null when it is not down, or when nothing is known of now
 */
export function downOf(samples: readonly Sample[], now: number, rules: HealthRules): Down | null {
	const failures: Sample[] = [];
	let later = now;
	for (const sample of samples.toReversed()) {
		if (!isKnown(sample)) continue;
		if (sample.result === 'ok' || later - sample.at >= rules.hard.forgetMs) break;
		failures.unshift(sample);
		later = sample.at;
	}
	const [first, last] = [failures[0], failures.at(-1)];
	if (first === undefined || last === undefined || failures.length < rules.hard.failures) return null;
	if (last.at - first.at < rules.hard.spanMs) return null;
	return {instance: first.instance, failures};
}

/** A share that is too large, with all that a person needs to compute it again. */
export type TooMany = {
	readonly what: 'failed' | 'slow';
	readonly window: Count;
	readonly short: Count;
	/** Of the window's share, at the confidence of the rules. */
	readonly lowerBound: number;
	/** When it began to be so, without a break. */
	readonly since: number;
};

/** Known samples after `from` and not after `to`, and how many of them are so. */
export function countIn(
	samples: readonly Sample[],
	from: number,
	to: number,
	isSo: (sample: Sample) => boolean,
): Count {
	let [n, count] = [0, 0];
	for (const sample of samples) {
		if (sample.at <= from || sample.at > to || !isKnown(sample)) continue;
		n++;
		if (isSo(sample)) count++;
	}
	return {n, count};
}

/**
 * The rule of shares: enough samples, enough of them bad, surely more than the limit, for long enough, and still now.
 * @param samples of all instances that are to count
 */
export function tooMany(
	what: 'failed' | 'slow',
	samples: readonly Sample[],
	now: number,
	rules: HealthRules,
): TooMany | null {
	const {share} = rules;
	const isSo = what === 'failed' ? isFailed : isSlowerThan(rules.slowMs);
	const bound = what === 'failed' ? share.failedBound : share.slowBound;
	const at = (time: number) => {
		const window = countIn(samples, time - share.windowMs, time, isSo);
		if (window.n < share.samples || window.count < share.events || window.count / window.n <= share.above)
			return null;
		const [lower] = interval(window, share.z);
		return lower > bound ? {window, lowerBound: lower} : null;
	};
	const found = at(now);
	const short = countIn(samples, now - share.shortMs, now, isSo);
	if (found === null || short.count < share.shortEvents || short.count <= short.n * share.above) return null;
	let since = now;
	while (now - since < share.lastingMs) {
		const earlier = since - rules.intervalMs;
		if (at(earlier) === null) return null;
		since = earlier;
	}
	return {what, short, since, ...found};
}

/** How often an instance went up and down, two samples in a row each way. */
export function changesOf(samples: readonly Sample[], from: number): number {
	let changes = 0;
	let state: Sample['result'] | null = null;
	let before: Sample['result'] | null = null;
	for (const sample of samples) {
		if (sample.at <= from || !isKnown(sample)) continue;
		if (sample.result === before && sample.result !== state) {
			if (state !== null) changes++;
			state = sample.result;
		}
		before = sample.result;
	}
	return changes;
}

/** Whether an instance is well again after its last failure: enough good answers in a row, for long enough. */
export function hasRecovered(samples: readonly Sample[], rules: HealthRules): boolean {
	const known = samples.filter(isKnown);
	const lastBad = known.findLastIndex(sample => sample.result === 'failed');
	if (lastBad < 0) return true;
	const good = known.slice(lastBad + 1);
	return good.length >= rules.recovery.good && good.at(-1)!.at - good[0]!.at >= rules.recovery.spanMs;
}

/** Whether so much is known of an instance's last half minute that anything may be said of it. */
export function isKnownEnough(samples: readonly Sample[], began: number, now: number, rules: HealthRules): boolean {
	const from = Math.max(began, now - rules.unknown.windowMs);
	const expected = (now - from) / rules.intervalMs;
	const known = samples.filter(sample => sample.at >= from && sample.at <= now && isKnown(sample)).length;
	return known > 0 && known >= expected * rules.unknown.below;
}
