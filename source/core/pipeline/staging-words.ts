/**
How the E2E run itself says what staging ran: in the name of a job, `Report SHA before SHA after SHA`. GitHub makes it of what an earlier job
of the same run put out, so that nothing but the run's own workflow can write it. A commit status with the same words anybody's workflow can post.
*/
import type {JobFact} from '../github/facts.ts';

const said = String.raw`([0-9a-f]{40}|unknown)`;
const pattern = new RegExp(String.raw`^(.*?\s)?before ${said} after ${said}$`, 'i');

/** `null`: staging did not say. */
export type StagingWords = {before: string | null; after: string | null};

const known = (word: string): string | null => (word.toLowerCase() === 'unknown' ? null : word.toLowerCase());

/** To the end of the name; null: it is not of that kind. */
const wordsIn = (name: string): StagingWords | null => {
	const [, , before, after] = pattern.exec(name) ?? [];
	return before === undefined || after === undefined ? null : {before: known(before), after: known(after)};
};

/** What a job is called beside them. */
export const withoutStagingWords = (name: string): string =>
	pattern.exec(name)?.[1]?.trim() ?? (pattern.test(name) ? '' : name);

/** Of a run's jobs: what those that passed say. null: none of them does; `contradictory`: they say more than one thing. */
export const stagingWordsOf = (jobs: readonly JobFact[] | null): StagingWords | 'contradictory' | null => {
	const found = (jobs ?? [])
		.filter(({conclusion}) => conclusion === 'SUCCESS')
		.flatMap(({name}) => wordsIn(name) ?? []);
	const [first] = found;
	if (first === undefined) return null;
	return found.every(({before, after}) => before === first.before && after === first.after) ? first : 'contradictory';
};
