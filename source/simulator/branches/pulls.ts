/** Pull requests over time: opened, merged in three ways, or by the queue; and why not. */
import {addCommit, compare, mergedTree} from '../model/git.ts';
import type {Commit, Engine, State} from '../model/model.ts';
import {headline, nextId, personOf} from '../model/model.ts';
import {closePull, expectApprovals} from './pull-heads.ts';
import type {MergeMethod, PullRequest} from '../model/pull-model.ts';
import {moveRef} from './pushes.ts';
import {missingChecks, ruleOf, violation} from './rules.ts';
import type {Person} from '../model/person.ts';

export type NewPull = {title: string; body?: string; head: string; base: string; isDraft?: boolean};

export const pullNumbered = (state: State, number: number): PullRequest | null =>
	state.pulls.find(pull => pull.number === number) ?? null;

/** Why it may not be opened; null: it may. */
export function refusePull(state: State, {head, base}: Pick<NewPull, 'head' | 'base'>): string | null {
	const [headSha, baseSha] = [state.refs.get(`refs/heads/${head}`), state.refs.get(`refs/heads/${base}`)];
	if (headSha === undefined || baseSha === undefined) {
		return `${headSha === undefined ? 'Head' : 'Base'} sha can't be blank`;
	}
	if (state.pulls.some(pull => pull.state === 'OPEN' && pull.head === head && pull.base === base)) {
		return `A pull request already exists for ${state.repository.owner}:${head}.`;
	}
	return compare(state, baseSha, headSha).aheadBy === 0 ? `No commits between ${base} and ${head}` : null;
}

export function openPull(engine: Engine, wanted: NewPull, author: Person): PullRequest {
	const {state} = engine;
	const pull: PullRequest = {
		id: nextId(state, 'pull'),
		number: 1 + state.pulls.length,
		title: wanted.title,
		body: wanted.body ?? '',
		head: wanted.head,
		base: wanted.base,
		headSha:
			state.refs.get(`refs/heads/${wanted.head}`) ??
			state.refs.get(`refs/heads/${state.repository.defaultBranch}`)!,
		baseSha: state.refs.get(`refs/heads/${wanted.base}`)!,
		author,
		state: 'OPEN',
		isDraft: wanted.isDraft ?? false,
		approvals: [],
		createdAt: state.now,
		updatedAt: state.now,
		knownAt: state.now + 2000,
		closedAt: null,
		mergedAt: null,
		mergedBy: null,
		mergeSha: null,
		entry: null,
	};
	state.pulls.push(pull);
	expectApprovals(engine, pull);
	return pull;
}

/** What the base's rules still ask for; the queue is another matter. */
export function missingFor(state: State, pull: PullRequest): string[] {
	const rule = ruleOf(state, pull.base);
	const approvals = rule?.pullRequest?.approvals ?? 0;
	return [
		...(pull.approvals.length < approvals
			? [
					`At least ${approvals} approving review${approvals === 1 ? ' is' : 's are'} required by reviewers with write access.`,
				]
			: []),
		...missingChecks(state, rule, pull.headSha),
	];
}

export type PullRefusal = {because: string; kind: 'moved' | 'not-mergeable' | 'invalid'};

const isOpen = (pull: PullRequest): PullRefusal | null =>
	pull.state === 'OPEN'
		? pull.isDraft
			? {kind: 'not-mergeable', because: 'Pull Request is still a draft'}
			: null
		: {kind: 'not-mergeable', because: 'Pull Request is not mergeable'};
const isThere = (pull: PullRequest, expectedHead: string | null): PullRefusal | null =>
	expectedHead !== null && expectedHead !== pull.headSha
		? {kind: 'moved', because: 'Head branch was modified. Review and try the merge again.'}
		: null;

function isAllowed(state: State, pull: PullRequest, isQueued: boolean): PullRefusal | null {
	const words = [
		...(!isQueued && ruleOf(state, pull.base)?.mergeQueue ? ['Changes must be made through the merge queue.'] : []),
		...missingFor(state, pull),
	];
	return words.length > 0 ? {kind: 'not-mergeable', because: violation(words)} : null;
}

/** Why it may not be merged now; null: it may. */
export const refuseMerge = (state: State, pull: PullRequest, expectedHead: string | null): PullRefusal | null =>
	isOpen(pull) ?? isThere(pull, expectedHead) ?? isAllowed(state, pull, false);

export function refuseEnqueue(state: State, pull: PullRequest, expectedHead: string | null): PullRefusal | null {
	if (!ruleOf(state, pull.base)?.mergeQueue) {
		return {kind: 'invalid', because: `The base branch ${pull.base} does not have a merge queue`};
	}
	return (
		isOpen(pull) ??
		isThere(pull, expectedHead) ??
		(pull.entry
			? {kind: 'invalid', because: 'The pull request is already in the queue'}
			: isAllowed(state, pull, true))
	);
}

/** Commits of the head on top of the base, each a new one with the files that it had, as far as the base has changed nothing. */
function replay(state: State, pull: PullRequest, baseSha: string): string {
	const isPlain = mergedTree(state, baseSha, pull.headSha) === state.commits.get(pull.headSha)!.tree;
	return compare(state, baseSha, pull.headSha)
		.commits.filter(({parents}) => parents.length === 1)
		.reduce(
			(tip, {message, author, tree, files}) =>
				addCommit(state, {message, author, parents: [tip], at: state.now, files, ...(isPlain ? {tree} : {})})
					.sha,
			baseSha,
		);
}

export type MergeWords = {headline?: string | null; body?: string | null};

function commitOf(
	state: State,
	pull: PullRequest,
	baseSha: string,
	how: {method: MergeMethod; by: Person} & MergeWords,
): string {
	const {method, by} = how;
	if (method === 'rebase') {
		return replay(state, pull, baseSha);
	}
	const isMerge = method === 'merge';
	const title =
		how.headline ??
		(isMerge
			? `Merge pull request #${pull.number} from ${state.repository.owner}/${pull.head}`
			: `${pull.title} (#${pull.number})`);
	const body =
		how.body ??
		(isMerge
			? pull.title
			: compare(state, baseSha, pull.headSha)
					.commits.map((commit: Commit) => `* ${headline(commit.message)}`)
					.join('\n'));
	return addCommit(state, {
		message: body === '' ? title : `${title}\n\n${body}`,
		author: by,
		parents: isMerge ? [baseSha, pull.headSha] : [baseSha],
		tree: mergedTree(state, baseSha, pull.headSha),
		at: state.now,
	}).sha;
}

/** Merges what has been found to be mergeable, and pushes it. @returns the new head of the base */
export function mergePull(
	engine: Engine,
	pull: PullRequest,
	how: {method: MergeMethod; by: Person} & MergeWords,
): string {
	const {state} = engine;
	const baseSha = state.refs.get(`refs/heads/${pull.base}`)!;
	const sha = commitOf(state, pull, baseSha, how);
	Object.assign(pull, {
		state: 'MERGED',
		mergedAt: state.now,
		closedAt: state.now,
		updatedAt: state.now,
		mergedBy: how.by,
		baseSha,
		mergeSha: sha,
		entry: null,
	} satisfies Partial<PullRequest>);
	moveRef(engine, `refs/heads/${pull.base}`, sha, how.by);
	return sha;
}

/** By number and login, for API calls and tests: both hold in a repetition of the past. */
export const closePullNumbered = (engine: Engine, number: number): void =>
	closePull(engine.state, pullNumbered(engine.state, number)!);
export const mergePullNumbered = (
	engine: Engine,
	number: number,
	login: string,
	how: {method: MergeMethod} & MergeWords,
): string => mergePull(engine, pullNumbered(engine.state, number)!, {...how, by: personOf(engine.state, login)});
