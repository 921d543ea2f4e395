/** What is known of a tier's jobs where none is listed: not read yet, none, or could not be read. Three words, the same everywhere. */
import {age} from '../../core/text/duration.ts';
import {lacksJobs} from '../../core/github/listed-jobs.ts';
import type {Condition, Tier} from '../../core/pipeline/pipeline.ts';
import type {State} from '../model/state.ts';

export type JobsNote = {kind: 'not-started' | 'reading' | 'none' | 'failed'; text: string};

/** `could not be read (GitHub answered 502, next try in 4s)` */
const failedText = ({poll: {failure, nextAtWall, phase}, wallNow}: State): string => {
	const next = phase === 'asking' ? 'trying again now' : `next try in ${age(Math.max(0, nextAtWall - wallNow))}`;
	return `could not be read (${(failure?.because ?? 'GitHub does not answer').replace(/\.$/, '')}, ${next})`;
};

/** Why a condition is not met; of one that is still to be read also why it could not be. */
export const reasonNow = (state: State, {because, isUnread}: Condition): string =>
	isUnread === true && state.poll.failures > 0 ? because.replace(/not read yet$/, failedText(state)) : because;

/** null: they are listed. */
export const jobsNote = (state: State, tier: Tier): JobsNote | null => {
	if (tier.jobs.length > 0) return null;
	if (tier.status === 'none') return {kind: 'not-started', text: 'this tier has not started'};
	const run = state.facts?.runs.find(({id}) => id === tier.runId);
	if (tier.runId !== null && run?.jobsAsOf != null && !lacksJobs(run))
		return {kind: 'none', text: 'GitHub lists no jobs of this run'};
	if (tier.runId === null) return {kind: 'none', text: 'a commit status alone has no jobs'};
	if (state.poll.failures > 0) return {kind: 'failed', text: `the jobs ${failedText(state)}`};
	return {kind: 'reading', text: 'reading the jobs'};
};
