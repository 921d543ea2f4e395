/** The git side: commits with real object ids, refs, ancestry, compare-and-swap. */
import {sha1, zeros} from './identity.ts';
import type {Commit, CommitFile, State} from './model.ts';
import type {Person} from './person.ts';

export type Comparison = {
	status: 'ahead' | 'behind' | 'diverged' | 'identical';
	aheadBy: number;
	behindBy: number;
	mergeBase: string | null;
	commits: Commit[];
};

export function addCommit(
	state: State,
	commit: {
		message: string;
		author: Person;
		parents: readonly string[];
		tree?: string;
		at: number;
		files?: readonly CommitFile[];
		automation?: string;
	},
): Commit {
	const tree = commit.tree ?? sha1(`tree ${commit.message} ${commit.parents.join(' ')}`);
	const seconds = Math.floor(commit.at / 1000);
	const by = `${commit.author.name} <${commit.author.email}> ${seconds} +0000`;
	const body = [
		`tree ${tree}`,
		...commit.parents.map(parent => `parent ${parent}`),
		`author ${by}`,
		`committer ${by}`,
		'',
		commit.message,
	].join('\n');
	const sha = sha1(`commit ${Buffer.byteLength(body)}\0${body}`);
	const made: Commit = {
		sha,
		tree,
		parents: commit.parents,
		message: commit.message,
		author: commit.author,
		committedAt: seconds * 1000,
		...(commit.files && {files: commit.files}),
		...(commit.automation !== undefined && {automation: commit.automation}),
	};
	state.commits.set(sha, made);
	return made;
}

/** Object id of `.github` at a commit: the same until somebody changes it. */
export function automationAt(state: State, sha: string): string {
	let commit = state.commits.get(sha);
	while (commit && commit.automation === undefined && commit.parents.length > 0) {
		commit = state.commits.get(commit.parents[0]!);
	}
	return commit?.automation ?? sha1('tree .github');
}

/** What is reachable from a commit never changes, so it is worked out once. */
const histories = new WeakMap<State, Map<string, Commit[]>>();

/** All commits reachable, newest first as `git log` shows them. */
export function history(state: State, from: string): readonly Commit[] {
	const known = histories.get(state) ?? new Map<string, Commit[]>();
	histories.set(state, known);
	const answer = known.get(from) ?? walk(state, from);
	known.set(from, answer);
	return answer;
}

function walk(state: State, from: string): Commit[] {
	const seen = new Map<string, Commit>();
	const open = [from];
	while (open.length > 0) {
		const sha = open.pop()!;
		const commit = state.commits.get(sha);
		if (commit && !seen.has(sha)) {
			seen.set(sha, commit);
			open.push(...commit.parents);
		}
	}
	const order = new Map([...state.commits.keys()].map((sha, index) => [sha, index]));
	return [...seen.values()].toSorted(
		(a, b) => b.committedAt - a.committedAt || order.get(b.sha)! - order.get(a.sha)!,
	);
}

export function compare(state: State, base: string, head: string): Comparison {
	const behind = new Set(history(state, base).map(commit => commit.sha));
	const headHistory = history(state, head);
	const ahead = new Set(headHistory.map(commit => commit.sha));
	const commits = headHistory.filter(commit => !behind.has(commit.sha)).toReversed();
	const behindBy = [...behind].filter(sha => !ahead.has(sha)).length;
	const status = commits.length > 0 ? (behindBy > 0 ? 'diverged' : 'ahead') : behindBy > 0 ? 'behind' : 'identical';
	return {
		status,
		aheadBy: commits.length,
		behindBy,
		mergeBase: headHistory.find(commit => behind.has(commit.sha))?.sha ?? null,
		commits,
	};
}

export const isAncestor = (state: State, ancestor: string, of: string): boolean =>
	ancestor === of || history(state, of).some(commit => commit.sha === ancestor);

/**
The commit of the head, from where the two parted, that has exactly the files of the base: what the base did since then, the head has too,
as after a squashed merge. null: the base has something of its own, were it only a revert.
*/
export function sameFiles(state: State, base: string, head: string): Commit | null {
	const {mergeBase, commits} = compare(state, base, head);
	const parted = state.commits.get(mergeBase ?? '');
	return [...(parted ? [parted] : []), ...commits].find(({tree}) => tree === state.commits.get(base)?.tree) ?? null;
}

/** The tree after a merge: that of the side which has all of the other. undefined: a new one, from both. */
export const mergedTree = (state: State, base: string, head: string): string | undefined =>
	state.commits.get(sameFiles(state, base, head) ? head : sameFiles(state, head, base) ? base : '')?.tree;

/** A branch, tag, full ref name, `HEAD`, or a (shortened) object id. */
export function resolve(state: State, expression: string): string | null {
	const name = expression === 'HEAD' ? state.repository.defaultBranch : expression;
	for (const candidate of [name, `refs/heads/${name}`, `refs/tags/${name}`, `refs/${name}`]) {
		const sha = state.refs.get(candidate);
		if (sha) {
			return sha;
		}
	}
	if (state.commits.has(name)) {
		return name;
	}
	return /^[0-9a-f]{7,39}$/.test(name) ? ([...state.commits.keys()].find(sha => sha.startsWith(name)) ?? null) : null;
}

/** What GraphQL's `ref()` resolves: refs/heads and refs/tags only. A lock in a custom namespace is invisible to it. */
export function visibleRef(state: State, qualifiedName: string): string | null {
	const names = qualifiedName.startsWith('refs/')
		? [qualifiedName]
		: [`refs/heads/${qualifiedName}`, `refs/tags/${qualifiedName}`, `refs/${qualifiedName}`];
	return names.find(name => isBranchOrTag(name) && state.refs.has(name)) ?? null;
}

export const isRefName = (name: string): boolean =>
	/^refs\/[^/]+\/.+/.test(name) && !/\.\.|[\s~^:?*[\\]|@\{|\/\/|\/$|\.lock$|\.$/.test(name);

export type RefChange = {name: string; before: string | null; after: string; force: boolean};
export type Refusal = {because: string; type: 'UNPROCESSABLE' | 'STALE_DATA' | 'NOT_FOUND'};

const isBranchOrTag = (name: string): boolean => /^refs\/(heads|tags)\//.test(name);

/** Servers may refuse what is neither a branch nor a tag. The words are not known from any real one. */
export const refuseNamespace = (
	{customRefs = true}: {customRefs?: boolean},
	changes: readonly RefChange[],
): Refusal | null => {
	const foreign = customRefs ? undefined : changes.find(({name}) => !isBranchOrTag(name));
	return foreign ? {type: 'UNPROCESSABLE', because: `${foreign.name} is not a valid ref name`} : null;
};

/** Why a set of changes may not be made, or null. Nothing is touched: the caller applies all of them or none. */
export function refuse(state: State, changes: readonly RefChange[]): Refusal | null {
	for (const {name, before, after, force} of changes) {
		const current = state.refs.get(name) ?? zeros;
		if (!isRefName(name)) {
			return {type: 'UNPROCESSABLE', because: `${name} is not a valid ref name`};
		}
		if (before !== null && before !== current) {
			return {
				type: 'STALE_DATA',
				because:
					before === zeros
						? `Reference already exists: ${name}`
						: `${name} is at ${current} but expected ${before}`,
			};
		}
		if (after !== zeros && !state.commits.has(after)) {
			return {type: 'UNPROCESSABLE', because: `Object does not exist: ${after}`};
		}
		if (!force && after !== zeros && current !== zeros && !isAncestor(state, current, after)) {
			return {type: 'UNPROCESSABLE', because: `Update is not a fast forward: ${name}`};
		}
		if (after === zeros && current === zeros && before === null) {
			return {type: 'UNPROCESSABLE', because: `Reference does not exist: ${name}`};
		}
		if (after === zeros && name === `refs/heads/${state.repository.defaultBranch}`) {
			return {type: 'UNPROCESSABLE', because: 'Cannot delete the default branch'};
		}
	}
	const names = new Set(changes.map(change => change.name));
	return names.size === changes.length
		? null
		: {type: 'UNPROCESSABLE', because: 'A ref may be updated only once in one request'};
}
