/** What a watch sees: one sample for each answer, or lack of one, of one instance; and the numbers that judge them. */

/** Times are monotonic milliseconds of one watch: a wall clock may jump, and a jump must not look like a failure. */
export type Sample = {
	/** When the probe began. */
	readonly at: number;
	readonly instance: string;
	/**
	 * `ok`: a good answer. `failed`: a bad one, or none although the control answers. `blind`: nothing can be said of
	 * this moment; it neither counts nor interrupts a series.
	 */
	readonly result: 'ok' | 'failed' | 'blind';
	/** Failed because no connection came about at all: perhaps nothing of it can be reached from here. */
	readonly unreachable: boolean;
	/** Until the answer was complete. Of a probe that was given up, how long that took; null: not known. */
	readonly latencyMs: number | null;
	/** What was seen, for a person: `HTTP 503`, `no answer within 5 s`. */
	readonly because: string;
};

/** One look at the addresses that tell the operator's own network from the environment. */
export type Control = {
	readonly at: number;
	/** Any HTTP answer of any control counts, 403 and 503 included. */
	readonly answered: boolean;
};

/** How many of n, as every rule counts them. */
export type Count = {readonly n: number; readonly count: number};

/** Every number of the verdict. Durations in milliseconds, shares from 0 to 1. */
export type HealthRules = {
	/** From the beginning of one probe of an instance to the next. */
	readonly intervalMs: number;
	/** One instance is down: so many failures in a row, so long from the first to the last. */
	readonly hard: {
		readonly failures: number;
		readonly spanMs: number;
		/** A series is forgotten after so long without a known sample. */
		readonly forgetMs: number;
	};
	/** Too many failures, or too many slow answers, over all instances. */
	readonly share: {
		readonly windowMs: number;
		readonly samples: number;
		readonly events: number;
		readonly above: number;
		/** One-sided quantile of the normal distribution for the lower bound; 1.645 is 95 %. */
		readonly z: number;
		readonly failedBound: number;
		readonly slowBound: number;
		/** So long without a break before it counts. */
		readonly lastingMs: number;
		/** And still so now: the same share of the last moments, by more than one. */
		readonly shortMs: number;
		readonly shortEvents: number;
	};
	readonly slowMs: number;
	/** What is told and never acted on. */
	readonly warn: {
		readonly windowMs: number;
		readonly samples: number;
		readonly failedAbove: number;
		readonly slowMs: number;
		readonly slowAbove: number;
	};
	/** After the switch nothing counts for `ms`, or until every instance has given so many good answers in a row. */
	readonly warmUp: {readonly ms: number; readonly good: number};
	/** From degraded back to healthy: so many good answers in a row, so long from the first to the last. */
	readonly recovery: {readonly good: number; readonly spanMs: number};
	/** One instance that is up and down so often, two samples each way. */
	readonly flapping: {readonly changes: number; readonly windowMs: number};
	/** Blind stays blind for so long after the control answers again. */
	readonly control: {readonly afterMs: number};
	/**
	 * What was bad before the switch is not caused by it: more than this share, or not surely less than now. Below so
	 * many samples nothing is known of before.
	 */
	readonly baseline: {readonly samples: number; readonly above: number; readonly z: number};
	/** Less than this share of the expected samples: nothing is known. */
	readonly unknown: {readonly below: number; readonly windowMs: number};
	/** Of at least so many instances, fewer than `down` of them down is degraded, not unhealthy. */
	readonly partial: {readonly instances: number; readonly down: number};
};

/** The defaults; docs/health.md says why each is what it is. */
export const healthDefaults: HealthRules = {
	intervalMs: 2000,
	hard: {failures: 3, spanMs: 10_000, forgetMs: 20_000},
	share: {
		windowMs: 60_000,
		samples: 25,
		events: 5,
		above: 0.05,
		z: 1.645,
		failedBound: 0.02,
		slowBound: 0.05,
		lastingMs: 30_000,
		shortMs: 15_000,
		shortEvents: 2,
	},
	slowMs: 5000,
	warn: {windowMs: 300_000, samples: 100, failedAbove: 0.01, slowMs: 2000, slowAbove: 0.05},
	warmUp: {ms: 15_000, good: 2},
	recovery: {good: 5, spanMs: 10_000},
	flapping: {changes: 3, windowMs: 60_000},
	control: {afterMs: 5000},
	baseline: {samples: 10, above: 0.015, z: 2.33},
	unknown: {below: 0.5, windowMs: 30_000},
	partial: {instances: 3, down: 2},
};

/**
 * Failures while no control answers, or just after it answers again, say something about this machine's network and
 * nothing about the environment: they become blind. Good answers stay: they did come through.
 * @param samples in any order
 * @param controls in order of time; none at all: nothing is taken away
 */
export function seenThroughControl(
	samples: readonly Sample[],
	controls: readonly Control[],
	rules: HealthRules,
): readonly Sample[] {
	const blind: {from: number; to: number}[] = [];
	for (const [index, control] of controls.entries()) {
		if (control.answered) continue;
		// Dead from the last look that was answered to the next one, and a little longer.
		const before = controls[index - 1];
		const after = controls[index + 1];
		blind.push({
			from: before === undefined ? Number.NEGATIVE_INFINITY : before.at,
			to:
				after === undefined
					? Number.POSITIVE_INFINITY
					: after.at + (after.answered ? rules.control.afterMs : 0),
		});
	}
	if (blind.length === 0) return samples;
	return samples.map(sample =>
		sample.result === 'failed' && blind.some(({from, to}) => sample.at > from && sample.at <= to)
			? {...sample, result: 'blind' as const, because: `${sample.because}; no control answered either`}
			: sample,
	);
}
