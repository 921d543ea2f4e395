/** What is known about production now, for commands that print once: locks and pins from GitHub and this machine, and health asked several times. */
import {healthyNeeded, type Moment} from '../core/gate-moment.ts';
import {overall} from '../core/observation.ts';
import type {World} from '../world.ts';

const pauseMs = 300;

/** null: this World has no operations, so nothing is known about the moment. */
export const readMoment = async ({operations, wall}: Pick<World, 'operations' | 'wall'>): Promise<Moment | null> => {
	if (operations === null) return null;
	const observe = async (): Promise<Moment['production']> => {
		for (let healthyInARow = 0; ;) {
			const observation = await operations.observe('production');
			const seen = overall(observation);
			healthyInARow = seen.health === true ? healthyInARow + 1 : 0;
			// One answer that is not healthy decides; so does having nothing to ask.
			if (healthyInARow === 0 || healthyInARow >= healthyNeeded) return {overall: seen, instances: observation.instances.length, readAt: observation.readAt, healthyInARow};
			await wall.after(pauseMs);
		}
	};
	const [production] = await Promise.all([observe(), operations.refresh([])]);
	const {locks, pins} = await operations.read();
	return {now: wall.now(), lock: locks['production'] ?? null, pins, production};
};
