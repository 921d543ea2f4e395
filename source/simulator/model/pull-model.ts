/** Pull requests, the merge queue and the rules of branches, as data. Status words are GraphQL's, upper case: REST has few of them. */
import type {Person} from './person.ts';

export type MergeMethod = 'merge' | 'squash' | 'rebase';

/** A ruleset for one branch. Nobody may pass it by. */
export type BranchRule = {
	branch: string;
	/** `approveAfterSeconds`: others approve by themselves, so long after the pull request was opened or its head was pushed. */
	pullRequest?: {approvals: number; approveAfterSeconds?: number};
	/** `seconds`: from entering the queue to being merged, when nothing is in front. Default method: `merge`. */
	mergeQueue?: {seconds: number; method?: MergeMethod};
	/** Names of statuses or jobs that must be green on the commit. */
	statusChecks?: readonly string[];
};

export type QueueEntry = {
	id: number;
	state: 'QUEUED' | 'AWAITING_CHECKS' | 'MERGEABLE' | 'UNMERGEABLE';
	enqueuedAt: number;
	headSha: string;
	baseSha: string;
	by: Person;
};

export type PullRequest = {
	id: number;
	number: number;
	title: string;
	body: string;
	/** Branches, without `refs/heads/`. */
	head: string;
	base: string;
	/** Where the head is; when the pull request is closed: where it was then. */
	headSha: string;
	/** Where the base was when it was opened, or when it was merged. */
	baseSha: string;
	author: Person;
	state: 'OPEN' | 'MERGED' | 'CLOSED';
	isDraft: boolean;
	/** Who has approved the present head, by login. */
	approvals: string[];
	createdAt: number;
	updatedAt: number;
	/** GitHub works out whether it can be merged after each change, and says nothing until then. */
	knownAt: number;
	closedAt: number | null;
	mergedAt: number | null;
	mergedBy: Person | null;
	/** The commit that it became on its base. */
	mergeSha: string | null;
	entry: QueueEntry | null;
};
