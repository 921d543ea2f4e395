/** What is known about production now: asked several times, because one healthy answer is none. */
import {healthyNeeded, type Moment} from '../../core/gate/moment.ts';
import type {LockState} from '../../core/locks/lock.ts';
import {type Observation, overall, versionsIn} from '../../core/releases/observation.ts';
import type {Clock} from '../../world.ts';

const pauseMs = 200;

/** One answer that is not healthy decides; so does having nothing to ask. `last` is the observation that it rests on. */
export const productionNow = async (
	observe: () => Promise<Observation>,
	clock: Clock,
): Promise<{production: NonNullable<Moment['production']>; last: Observation}> => {
	for (let healthyInARow = 0; ;) {
		const last = await observe();
		const seen = overall(last);
		healthyInARow = seen.health === true ? healthyInARow + 1 : 0;
		if (healthyInARow === 0 || healthyInARow >= healthyNeeded)
			return {
				production: {overall: seen, instances: last.instances.length, readAt: last.readAt, healthyInARow},
				last,
			};
		await clock.after(pauseMs);
	}
};

export type MomentSources = {
	observe(): Promise<Observation>;
	lock(): Promise<LockState>;
	pins(): Promise<Moment['pins']>;
	clock: Clock;
};

/** `holder`: the operation that asks. */
export const momentNow = async (
	{observe, lock, pins, clock}: MomentSources,
	holder: string | null = null,
): Promise<{moment: Moment; observation: Observation}> => {
	const [{production, last}, held, pinned] = await Promise.all([productionNow(observe, clock), lock(), pins()]);
	return {
		moment: {
			now: clock.now(),
			lock: held,
			pins: pinned,
			reported: versionsIn(last),
			production,
			...(holder !== null && {holder}),
		},
		observation: last,
	};
};
