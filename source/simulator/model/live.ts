/** Where each environment truly is, and was: the record that no API tells. */
import type {State} from './model.ts';

/** Every way in which a commit gets to an environment ends here, also those that GitHub never hears of. */
export function bringLive(state: State, environment: string, sha: string): void {
	state.live.set(environment, sha);
	state.liveLog.push({environment, sha, at: state.now});
}

/** What an environment had after so many changes of the log; null: nothing yet. */
export const liveAfter = (state: State, environment: string, changes: number): string | null =>
	state.liveLog.slice(0, changes).findLast(change => change.environment === environment)?.sha ?? null;

/** Everything that an environment had from one place in the log to another, both included. */
export const liveBetween = (
	state: State,
	environment: string,
	from: number,
	until: number,
): ReadonlyArray<string | null> => [
	liveAfter(state, environment, from),
	...state.liveLog
		.slice(from, until)
		.filter(change => change.environment === environment)
		.map(({sha}) => sha),
];
