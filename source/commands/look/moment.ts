/** What is known about the environments now, for commands that print once: locks and pins from GitHub and this machine, health asked of the hosts. */
import type {Moment} from '../../core/gate/moment.ts';
import {type Situation, situationOf} from '../../core/operations/situation.ts';
import {versionsIn} from '../../core/releases/observation.ts';
import {productionNow} from '../../operations/readings/moment-now.ts';
import type {World} from '../../world.ts';

export type Now = {moment: Moment; situation: Situation};

/** null: this World has no operations, so nothing is known. Production is asked several times, the others once; no request to GitHub is added for that. */
export const readNow = async (
	{operations, wall}: Pick<World, 'operations' | 'wall'>,
	environments: readonly string[],
): Promise<Now | null> => {
	if (operations === null) return null;
	const [{production, last}, others] = await Promise.all([
		productionNow(() => operations.observe('production'), wall),
		Promise.all(environments.filter(name => name !== 'production').map(name => operations.observe(name))),
		operations.refresh([]),
	]);
	const {locks, pins, readiness, operations: all, problem} = await operations.read();
	const now = wall.now();
	const observations = environments.flatMap(
		name => [last, ...others].find(({environment}) => environment === name) ?? [],
	);
	return {
		moment: {now, lock: locks['production'] ?? null, pins, reported: versionsIn(last), production},
		situation: situationOf({now, observations, locks, pins, readiness, operations: all, problem}),
	};
};
