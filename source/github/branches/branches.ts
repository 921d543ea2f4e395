/** What promotions read of branches and commits, over REST and never from memory alone: an ETag is sent along, and GitHub says whether it still holds. */
import {sanitise} from '../../core/text/sanitise.ts';
import {comparison, isTreeIn} from './compare.ts';
import {asking, type Connection, type Unwritten} from '../http/connection.ts';
import {adviceFor} from '../failures/failures.ts';
import {fateOf, lookFor, reasonOf} from '../http/mutation.ts';
import {mapLimited, type Rest} from '../http/rest.ts';
import {createRefs, readCommit, zeros} from './refs.ts';
import type {Tally} from '../http/tally.ts';
import {Trouble} from '../failures/trouble.ts';
import {firstLine, inPath, time} from '../failures/values.ts';
import type {Compared} from './compared.ts';

/** GitHub looked at it and will not have it, however often it is sent. */
export type Refused = {ok: false; kind: 'refused'; because: string; next: string};
export type NoSuchCommit = {ok: false; kind: 'no-such-commit'; because: string; next: string};

export type CommitRead = {
	sha: string;
	/** Object id of its tree: equal trees are equal files. */ tree: string;
	parents: readonly string[];
	/** First line, safe to show. */ message: string;
};
export type BranchRules = {
	/** null: none is asked for. */
	pullRequest: {approvals: number} | null;
	mergeQueue: boolean;
	/** Types of all rules in GitHub's words, each once. */
	names: readonly string[];
};
/** `branch` is GitHub's own word for it, as it is. */
export type HotfixHead = {
	branch: string;
	sha: string;
	/** First line, safe to show. */ message: string;
	author: string;
	/** When it was committed, milliseconds since the epoch. */ at: number;
};

export type Branches = {
	/** `base` and `head`: 40 hexadecimal digits or names of branches. */
	compare(base: string, head: string, signal?: AbortSignal): Promise<Compared | NoSuchCommit | Unwritten>;
	/** `sha` null: there is no such branch. */
	head(branch: string, signal?: AbortSignal): Promise<{ok: true; sha: string | null} | Unwritten>;
	commit(sha: string, signal?: AbortSignal): Promise<{ok: true; commit: CommitRead | null} | Unwritten>;
	/** Of rulesets, which everybody may read; branch protection of the older kind shows only when it refuses. `rules` null: this server cannot say. */
	rules(branch: string, signal?: AbortSignal): Promise<{ok: true; rules: BranchRules | null} | Unwritten>;
	/** Whether two commits have the same files. */
	treeEquals(
		one: string,
		other: string,
		signal?: AbortSignal,
	): Promise<{ok: true; isEqual: boolean} | NoSuchCommit | Unwritten>;
	/** Whether a commit has the same files as one in the history of another, itself included. `isThere` null: not among the newest 500 there, and there are more. */
	hasTreeOf(
		sha: string,
		historyOf: string,
		signal?: AbortSignal,
	): Promise<{ok: true; isThere: boolean | null} | NoSuchCommit | Unwritten>;
	/** Branches whose names begin so, newest commit first, at most 20. */
	hotfixes(prefix: string, signal?: AbortSignal): Promise<{ok: true; branches: readonly HotfixHead[]} | Unwritten>;
	/** Removes the branch if it still is at that commit. One that is gone already is done. */
	deleteBranch(branch: string, at: string, signal?: AbortSignal): Promise<{ok: true} | Refused | Unwritten>;
};

const isSha = (text: string): boolean => /^[0-9a-f]{40}$/.test(text);

/** null: there is no such branch. @throws {Trouble} */
export async function headOf(rest: Rest, branch: string, tally: Tally): Promise<string | null> {
	const {value} = await rest.find(
		`/git/ref/heads/${inPath(branch)}`,
		({object}: {object: {sha: unknown}}) => {
			if (typeof object.sha !== 'string' || !isSha(object.sha)) {
				throw new TypeError('no object id');
			}

			return object.sha;
		},
		tally,
	);
	return value;
}

/** Full names of the refs that begin so, with their objects. @throws {Trouble} */
export async function refsBeginning(rest: Rest, beginning: string, tally: Tally): Promise<ReadonlyMap<string, string>> {
	const {value} = await rest.get(
		`/git/matching-refs/${inPath(beginning)}`,
		(all: Array<{ref: string; object: {sha: string}}>) => new Map(all.map(({ref, object}) => [ref, object.sha])),
		tally,
	);
	return new Map([...value].filter(([name]) => name.startsWith(`refs/${beginning}`)));
}

async function commitOf(rest: Rest, sha: string, tally: Tally): Promise<CommitRead | null> {
	const commit = isSha(sha) ? await readCommit(rest, sha, tally) : null;
	return (
		commit && {
			sha,
			tree: commit.tree,
			parents: commit.parents,
			message: sanitise(firstLine(commit.message ?? ''), 200),
		}
	);
}

type Rule = {type: string; parameters?: {required_approving_review_count?: number}};
const rulesOf = (rules: readonly Rule[]): BranchRules => {
	const asked = rules.filter(({type}) => type === 'pull_request');
	return {
		pullRequest:
			asked.length === 0
				? null
				: {
						approvals: Math.max(
							...asked.map(({parameters}) => parameters?.required_approving_review_count ?? 0),
						),
					},
		mergeQueue: rules.some(({type}) => type === 'merge_queue'),
		names: [...new Set(rules.map(({type}) => sanitise(type, 60)))],
	};
};

/** `null`: this server has no such question. @throws {Trouble} */
export const readRules = async (rest: Rest, branch: string, tally: Tally): Promise<BranchRules | null> =>
	(await rest.find(`/rules/branches/${inPath(branch)}?per_page=100`, rulesOf, tally)).value;

type ListedCommit = {
	author?: {login?: string} | null;
	commit: {message: string; author?: {name?: string} | null; committer?: {date?: string} | null};
};
/** Read: more than are shown, since only the commits say which are the newest. */
const hotfixesRead = 40;
const hotfixesShown = 20;

async function hotfixesOf(rest: Rest, prefix: string, tally: Tally): Promise<HotfixHead[]> {
	const heads = [...(await refsBeginning(rest, `heads/${prefix}`, tally))].slice(0, hotfixesRead);
	const found = await mapLimited(heads, 6, async ([name, sha]) => {
		const {value} = await rest.find(
			`/commits?sha=${sha}&per_page=1`,
			([first]: ListedCommit[]) =>
				first === undefined
					? null
					: {
							message: sanitise(firstLine(first.commit.message), 200),
							author: sanitise(first.author?.login ?? first.commit.author?.name ?? '', 100),
							at: time(first.commit.committer?.date) ?? 0,
						},
			tally,
		);
		return value === null ? [] : [{branch: name.slice('refs/heads/'.length), sha, ...value}];
	});
	return found
		.flat()
		.sort((a, b) => b.at - a.at || (a.branch < b.branch ? -1 : 1))
		.slice(0, hotfixesShown);
}

const shown = (name: string): string => sanitise(isSha(name) ? name.slice(0, 7) : name, 100);

export const noSuchCommit = (names: readonly string[]): NoSuchCommit => ({
	ok: false,
	kind: 'no-such-commit',
	because: `GitHub does not know ${names.map(shown).join(' or ')} here.`,
	next: 'Check that it has been pushed to this repository.',
});

/** GitHub's 404 does not say which of the two it is. @throws {Trouble} */
async function incomparable(rest: Rest, names: readonly [string, string], tally: Tally): Promise<NoSuchCommit> {
	const found = await mapLimited([...names], 2, async name =>
		isSha(name) ? commitOf(rest, name, tally) : headOf(rest, name, tally),
	);
	const missing = names.filter((_, index) => found[index] === null);
	return missing.length > 0
		? noSuchCommit(missing)
		: {
				...noSuchCommit(names),
				because: `${names.map(shown).join(' and ')} have no commit in common.`,
				next: 'Take a commit of this pipeline.',
			};
}

export function remoteBranches(connection: Connection): Branches {
	const {rest, circumstances} = connection;
	const refs = createRefs(connection);

	async function deleteBranch(branch: string, at: string, tally: Tally): Promise<{ok: true} | Refused> {
		const write = await refs.writer(tally);
		try {
			await write([{name: `refs/heads/${branch}`, before: at, after: zeros}]);
			return {ok: true};
		} catch (error) {
			if (!(error instanceof Trouble) || fateOf(error, circumstances()) === 'unheard') {
				throw error;
			}

			const seen = await lookFor(
				connection,
				async () => {
					const head = await headOf(rest, branch, tally);
					return head === at ? null : {head};
				},
				tally,
			);
			if (seen?.head === null) {
				return {ok: true};
			}

			if (seen === null && fateOf(error, circumstances()) === 'unknown') {
				throw error;
			}

			return {
				ok: false,
				kind: 'refused',
				because:
					seen === null
						? reasonOf(error, circumstances())
						: `${branch} is at ${seen.head.slice(0, 7)} by now.`,
				next: adviceFor(error.evidence, circumstances(), 'Look at the branch and delete it by hand.'),
			};
		}
	}

	return {
		compare: async (base, head, signal) =>
			asking(
				connection,
				signal,
				async tally => (await comparison(rest, base, head, tally)) ?? incomparable(rest, [base, head], tally),
			),
		head: async (branch, signal) =>
			asking(connection, signal, async tally => ({ok: true as const, sha: await headOf(rest, branch, tally)})),
		commit: async (sha, signal) =>
			asking(connection, signal, async tally => ({ok: true as const, commit: await commitOf(rest, sha, tally)})),
		rules: async (branch, signal) =>
			asking(connection, signal, async tally => ({
				ok: true as const,
				rules: await readRules(rest, branch, tally),
			})),
		treeEquals: async (one, other, signal) =>
			asking(connection, signal, async tally => {
				const [first, second] = await Promise.all([commitOf(rest, one, tally), commitOf(rest, other, tally)]);
				return first === null || second === null
					? noSuchCommit([first === null ? one : other])
					: {ok: true as const, isEqual: first.tree !== '' && first.tree === second.tree};
			}),
		hasTreeOf: async (sha, historyOf, signal) =>
			asking(connection, signal, async tally => {
				const commit = await commitOf(rest, sha, tally);
				const isThere = commit === null ? undefined : await isTreeIn(rest, commit.tree, historyOf, tally);
				return isThere === undefined
					? noSuchCommit([commit === null ? sha : historyOf])
					: {ok: true as const, isThere};
			}),
		hotfixes: async (prefix, signal) =>
			asking(connection, signal, async tally => ({
				ok: true as const,
				branches: await hotfixesOf(rest, prefix, tally),
			})),
		deleteBranch: async (branch, at, signal) =>
			asking(connection, signal, async tally => deleteBranch(branch, at, tally)),
	};
}
