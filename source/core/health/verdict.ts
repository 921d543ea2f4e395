/**
 * One verdict for everything that watches health: pure, over samples. It says what is so, by which rule and with which
 * numbers, and whether that may lead to a rollback; it does not do anything.
 */
import {
	changesOf,
	countIn,
	type Down,
	downOf,
	hasRecovered,
	isFailed,
	isKnownEnough,
	isSlowerThan,
	type TooMany,
	tooMany,
} from './rules.ts';
import {type Control, type Count, type HealthRules, type Sample, seenThroughControl} from './sample.ts';
import {interval} from './statistics.ts';

export type HealthState = 'warming' | 'healthy' | 'degraded' | 'flapping' | 'unhealthy' | 'unknown';

/** What was so before the switch, from the same probes. */
export type Baseline = {
	readonly failed: Count;
	readonly slow: Count;
	/** Instances that were seen to be well: not down, and the last that is known of them is a good answer. */
	readonly well: readonly string[];
};

/** What is watched. */
export type Watched = {
	readonly instances: readonly string[];
	/** When the watch began: before that no samples are missed. */
	readonly began: number;
	/** When the release got its traffic; null: there was no switch, so there is no warm-up, and nothing to roll back. */
	readonly switched: number | null;
	/** Null: nothing is known of before. */
	readonly baseline: Baseline | null;
};

/** Why a verdict does not lead to a rollback, though it is bad. */
export type Unarmed =
	| 'no-switch' // nothing was changed that could be taken back
	| 'baseline-unknown'
	| 'as-before' // not surely worse than before the switch
	| 'partial'; // one of several instances: a broken host is no bad release

export type HealthVerdict = {
	readonly state: HealthState;
	/** For a person, with the rule's numbers. */
	readonly because: string;
	/** What made it unhealthy, or degraded as one of several. */
	readonly down: readonly Down[];
	readonly tooMany: TooMany | null;
	/** No instance takes a connection, although the control answers: a rollback could not get there either. */
	readonly unreachable: boolean;
	/** Whether it may lead to a rollback; else why not. Null where there is nothing to act on. */
	readonly arms: true | Unarmed | null;
	/** The end of the warm-up; null: none, or not yet. */
	readonly warmUntil: number | null;
};

const byInstance = (samples: readonly Sample[], instances: readonly string[]): ReadonlyMap<string, readonly Sample[]> =>
	new Map(instances.map(instance => [instance, samples.filter(sample => sample.instance === instance)]));

/** What the probes say of the time before the switch. */
export function baselineOf(
	samples: readonly Sample[],
	controls: readonly Control[],
	instances: readonly string[],
	switched: number,
	rules: HealthRules,
): Baseline {
	const before = seenThroughControl(samples, controls, rules).filter(sample => sample.at < switched);
	const count = (isSo: (sample: Sample) => boolean) => countIn(before, Number.NEGATIVE_INFINITY, switched, isSo);
	return {
		failed: count(isFailed),
		slow: count(isSlowerThan(rules.slowMs)),
		well: [...byInstance(before, instances)]
			.filter(
				([, of]) =>
					downOf(of, switched, rules) === null &&
					of.findLast(sample => sample.result !== 'blind')?.result === 'ok',
			)
			.map(([instance]) => instance),
	};
}

/** Whether the last that is known of an instance is that it takes connections. */
const connects = (samples: readonly Sample[]): boolean =>
	samples.findLast(sample => sample.result !== 'blind')?.unreachable === false;

/** When the warm-up ends: after its time, or as soon as every instance has answered well. */
function warmUntilOf(
	instances: ReadonlyMap<string, readonly Sample[]>,
	switched: number | null,
	rules: HealthRules,
): number | null {
	if (switched === null) return null;
	let until = Number.NEGATIVE_INFINITY;
	for (const samples of instances.values()) {
		let good = 0;
		let since = Number.POSITIVE_INFINITY;
		for (const sample of samples) {
			if (sample.at < switched || sample.result === 'blind') continue;
			good = sample.result === 'ok' ? good + 1 : 0;
			if (good < rules.warmUp.good) continue;
			since = sample.at;
			break;
		}
		until = Math.max(until, since);
	}
	return Math.min(until, switched + rules.warmUp.ms);
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

const downWords = ({instance, failures}: Down): string =>
	`${instance} failed ${failures.length} times in a row over ${seconds(failures.at(-1)!.at - failures[0]!.at)}: ${failures.at(-1)!.because}`;

const tooManyWords = ({what, window, lowerBound}: TooMany, rules: HealthRules): string =>
	`${window.count} of ${window.n} ${what === 'failed' ? 'failed' : `took more than ${seconds(rules.slowMs)}`} in ${seconds(rules.share.windowMs)} (${percent(window.count / window.n)}, surely above ${percent(lowerBound)}; limit ${percent(rules.share.above)})`;

/** Whether what was before forbids to blame the release. */
function blame(watched: Watched, found: TooMany | null, rules: HealthRules): true | Unarmed {
	if (watched.switched === null) return 'no-switch';
	const {baseline} = watched;
	if (baseline === null || baseline.failed.n < rules.baseline.samples) return 'baseline-unknown';
	if (found === null) return true;
	const before = baseline[found.what];
	const [, surelyBelow] = interval(before, rules.baseline.z);
	const wasBad = before.count > before.n * rules.baseline.above;
	return !wasBad && found.lowerBound > surelyBelow ? true : 'as-before';
}

/**
 * @param samples in order of time, as far as they are known now
 * @param controls in order of time
 * @param now monotonic milliseconds of the same clock
 */
export function judgeHealth(
	samples: readonly Sample[],
	controls: readonly Control[],
	watched: Watched,
	now: number,
	rules: HealthRules,
): HealthVerdict {
	const seen = seenThroughControl(samples, controls, rules).filter(
		sample =>
			sample.at <= now &&
			sample.at >= (watched.switched ?? watched.began) &&
			watched.instances.includes(sample.instance),
	);
	const all = byInstance(seen, watched.instances);
	const warmUntil = warmUntilOf(all, watched.switched, rules);
	const verdict = (state: HealthState, because: string, more: Partial<HealthVerdict> = {}): HealthVerdict => ({
		state,
		because,
		down: [],
		tooMany: null,
		unreachable: false,
		arms: null,
		warmUntil,
		...more,
	});
	if (watched.instances.length === 0) return verdict('unknown', 'no instance is watched');
	if (warmUntil !== null && now < warmUntil)
		return verdict('warming', `the release has begun ${seconds(now - watched.switched!)} ago`);

	const counted = seen.filter(sample => warmUntil === null || sample.at >= warmUntil);
	const counting = byInstance(counted, watched.instances);
	const down = [...counting.values()].flatMap(of => downOf(of, now, rules) ?? []);
	if (down.length > 0 && ![...counting.values()].some(connects))
		return verdict(
			'unknown',
			`unreachable: no instance takes a connection from here, since ${seconds(now - down[0]!.failures[0]!.at)}, although others answer`,
			{down, unreachable: true},
		);

	const isPartial = watched.instances.length >= rules.partial.instances && down.length < rules.partial.down;
	const newlyDown = down.filter(({instance}) => watched.baseline?.well.includes(instance) === true);
	if (down.length > 0 && !isPartial) {
		const blamed = blame(watched, null, rules);
		return verdict('unhealthy', down.map(downWords).join('; '), {
			down,
			arms:
				blamed === true && newlyDown.length < Math.min(down.length, rules.partial.down) ? 'as-before' : blamed,
		});
	}
	// One that is down is a broken host: it must not become a share of all by the back door.
	const others = counted.filter(sample => !down.some(({instance}) => instance === sample.instance));
	const found = tooMany('failed', others, now, rules) ?? tooMany('slow', others, now, rules);
	if (found !== null)
		return verdict('unhealthy', tooManyWords(found, rules), {
			down,
			tooMany: found,
			arms: blame(watched, found, rules),
		});

	const unknown = [...all].filter(([, of]) => !isKnownEnough(of, watched.switched ?? watched.began, now, rules));
	if (unknown.length > 0)
		return verdict('unknown', `too little is known of ${unknown.map(([instance]) => instance).join(', ')}`, {down});
	if (down.length > 0)
		return verdict('degraded', `${down.length} of ${watched.instances.length}: ${down.map(downWords).join('; ')}`, {
			down,
			arms: 'partial',
		});

	const flapping = [...counting].filter(
		([, of]) => changesOf(of, now - rules.flapping.windowMs) >= rules.flapping.changes,
	);
	if (flapping.length > 0)
		return verdict('flapping', `${flapping.map(([instance]) => instance).join(', ')} is up and down`);
	return verdict(...mild(counting, counted, now, rules));
}

/** What is told and nothing more. */
function mild(
	instances: ReadonlyMap<string, readonly Sample[]>,
	samples: readonly Sample[],
	now: number,
	rules: HealthRules,
): [HealthState, string] {
	const {warn} = rules;
	const unsettled = [...instances].filter(([, of]) => !hasRecovered(of, rules));
	if (unsettled.length > 0) {
		const last = unsettled[0]![1].findLast(isFailed)!;
		return [
			'degraded',
			`${unsettled.map(([instance]) => instance).join(', ')} failed ${seconds(now - last.at)} ago: ${last.because}`,
		];
	}
	const failed = countIn(samples, now - warn.windowMs, now, isFailed);
	if (failed.n >= warn.samples && failed.count / failed.n > warn.failedAbove)
		return ['degraded', `${failed.count} of ${failed.n} failed in ${seconds(warn.windowMs)}`];
	const slow = countIn(samples, now - rules.share.windowMs, now, isSlowerThan(warn.slowMs));
	if (slow.n >= rules.share.samples && slow.count / slow.n > warn.slowAbove)
		return ['degraded', `${slow.count} of ${slow.n} took more than ${seconds(warn.slowMs)}`];
	return ['healthy', `${failed.n - failed.count} of ${failed.n} answers were good`];
}
