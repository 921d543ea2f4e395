/** What is asked before the next poll is due, because somebody looks at it. */
import type {Next} from '../model/messages.ts';
import {jobInView, readsOlder} from '../questions/select.ts';
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

/** Beyond the last commit of the list: older ones are read, once, and with every overview from then on. */
export const withOlder = ([state, effects]: Next): Next => {
	if (state.facts?.hasOlder !== true || readsOlder(state) || state.replay !== null) return [state, effects];
	const wanted = {...state, view: {...state.view, wantsOlder: true}, poll: {...state.poll, lastOverviewAtWall: null}};
	// While GitHub fails, or a question is under way, they come with the next one.
	if (state.poll.failures > 0) return [wanted, effects];
	const [next, more] = updatePoll(wanted, {type: 'refresh'});
	return [next, [...effects, ...more]];
};
