/** Asks the environment before and after: once, or until it has come to rest. */
import type {Observation} from '../../core/releases/observation.ts';
import type {Supervision} from './supervision.ts';

const onceMs = 10_000;
const againMs = 300;

/** What did not answer in time is unknown, never an error. */
export const observeOnce = async (
	{plan, environment, around}: Supervision,
	signal = AbortSignal.timeout(onceMs),
): Promise<Observation> => {
	const nothing = {environment: plan.environment, readAt: around.clock.now(), instances: []};
	if (environment.version.length + environment.health.length === 0) return nothing;
	try {
		return await around.observe(environment, signal);
	} catch (error) {
		around.say(`the environment could not be asked: ${(error as Error).message}`);
		return nothing;
	}
};

export type Patience = {
	/** So many answers in a row have to be as wanted: one may be luck. */
	inARow: number;
	atMostMs: number;
};

/** Asks until it is as wanted, or the time is over: a service that was restarted needs a moment. The last answer counts. */
export const observeUntil = async (
	supervision: Supervision,
	isSettled: (observation: Observation) => boolean,
	{inARow, atMostMs}: Patience,
): Promise<Observation> => {
	const {clock} = supervision.around;
	const until = clock.now() + atMostMs;
	for (let count = 0; ;) {
		const observation = await observeOnce(supervision);
		count = isSettled(observation) ? count + 1 : 0;
		if (observation.instances.length === 0 || count >= inARow || clock.now() >= until) return observation;
		await clock.after(againMs);
	}
};
