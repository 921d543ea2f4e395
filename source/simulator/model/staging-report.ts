/**
What staging said of itself while a run looked at it: the workflow asks staging before its first test and after its last one, and posts both.
It tells of two moments only; what was there in between, only the record of `live.ts` knows.
*/
import {liveAfter} from './live.ts';
import type {Attempt, Run, State} from './model.ts';
import {actionsBot, runUrl} from './model.ts';
import {postStatus} from './statuses.ts';

export const stagingReportContext = 'deployctl/staging-report';

const word = (sha: string | null) => sha ?? 'unknown';

const before = (state: State, attempt: Attempt) =>
	`before ${word(liveAfter(state, 'staging', attempt.watched?.from ?? state.liveLog.length))}`;

/** Both answers, as they stand in a job's name. */
export const stagingWords = (state: State, attempt: Attempt): string =>
	`${before(state, attempt)} after ${word(attempt.stagingAfter ?? null)}`;

export function reportStaging(state: State, run: Run, attempt: Attempt, moment: 'before' | 'after'): void {
	postStatus(state, {
		sha: run.about,
		context: stagingReportContext,
		state: moment === 'before' ? 'pending' : 'success',
		creator: actionsBot,
		targetUrl: `${runUrl(state, run)}/attempts/${attempt.number}`,
		description: moment === 'before' ? before(state, attempt) : stagingWords(state, attempt),
	});
}
