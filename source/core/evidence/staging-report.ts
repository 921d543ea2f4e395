/**
What staging said of itself while E2E looked at it: the E2E workflow asks its version address before the first test and after the last, and
posts both on the tested commit. Only a workflow's own token counts.
*/
import type {StatusFact} from '../github/facts.ts';
import {isByWorkflow} from './subjects.ts';

export const stagingReportContext = 'deployctl/staging-report';

/** `null`: it did not say, or not yet. `url`: the run and its attempt. */
export type StagingReport = {before: string | null; after: string | null; url: string | null; at: number};

const shaAfter = (word: string, text: string): string | null =>
	new RegExp(String.raw`(?:^|\s)${word} ([0-9a-f]{40})(?:\s|$)`).exec(text)?.[1] ?? null;

/** The newest one; null: there is none. */
export const reportOf = (statuses: readonly StatusFact[]): StagingReport | null => {
	const newest = statuses
		.filter(status => status.context === stagingReportContext && isByWorkflow(status))
		.sort((a, b) => b.createdAt - a.createdAt)[0];
	if (newest === undefined) return null;
	const text = (newest.description ?? '').toLowerCase();
	return {
		before: shaAfter('before', text),
		after: newest.state === 'SUCCESS' ? shaAfter('after', text) : null,
		url: newest.targetUrl,
		at: newest.createdAt,
	};
};
