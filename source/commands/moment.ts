/** What is known about production now, for commands that print once: locks and pins from GitHub and this machine, and health asked several times. */
import type {Moment} from '../core/gate-moment.ts';
import {versionsIn} from '../core/observation.ts';
import {productionNow} from '../operations/moment-now.ts';
import type {World} from '../world.ts';

/** null: this World has no operations, so nothing is known about the moment. */
export const readMoment = async ({operations, wall}: Pick<World, 'operations' | 'wall'>): Promise<Moment | null> => {
	if (operations === null) return null;
	const [{production, last}] = await Promise.all([productionNow(() => operations.observe('production'), wall), operations.refresh([])]);
	const {locks, pins} = await operations.read();
	return {now: wall.now(), lock: locks['production'] ?? null, pins, reported: versionsIn(last), production};
};
