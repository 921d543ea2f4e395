import type {Next} from './messages.ts';
import {jobInView} from './select.ts';
import {updatePoll} from './update-poll.ts';

/** Steps of a job that was never open are not read yet: ask now instead of at the next poll. */
export const hastened = ([state, effects]: Next): Next => {
	const job = jobInView(state);
	if (
		!job ||
		(job.steps !== null && job.annotations !== null) ||
		state.poll.phase === 'asking' ||
		state.poll.failures > 0
	)
		return [state, effects];
	const [next, more] = updatePoll(state, {
		type: 'poll-came-due',
		generation: state.poll.generation,
		now: state.now,
		wallNow: state.wallNow,
	});
	return [next, [...effects, ...more]];
};
