/**
Refs as places for small records: listing, writing commits, and the only safe way to move a ref, which is compare-and-swap.
GraphQL does not show refs outside of refs/heads and refs/tags, so they are read over REST. Each new record's commit has the one before as
its parent: even a server that did not look at `beforeOid` would refuse it then, because it is no fast-forward.
*/
import type {LockAuthor} from '../../core/locks/lock.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import {remember} from '../http/bounded.ts';
import type {Graphql} from '../http/graphql.ts';
import {mutate} from '../http/mutation.ts';
import type {Rest} from '../http/rest.ts';
import type {Tally} from '../http/tally.ts';
import {Trouble} from '../failures/trouble.ts';

export const zeros = '0'.repeat(40);
/** Git's own name of the tree without files; not every server is known to know it. */
export const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const oidPattern = /^[0-9a-f]{40}$/;

export type Refs = {
	/** What lies below `refs/FOLDER/`: full name to object id. */
	list(folder: string, tally: Tally): Promise<ReadonlyMap<string, string>>;
	/** Message of a commit; null: that object is none. Commits never change, so each is read once. */
	message(oid: string, tally: Tally): Promise<string | null>;
	/** The same with whom GitHub names as its author. */
	authored(oid: string, tally: Tally): Promise<Authored | null>;
	/** A commit that no ref shows yet. May be repeated: an unused one is nothing. */
	commit(message: string, parent: string | null, tally: Tally): Promise<string>;
	/**
	Moves the ref if it is still at `before`; zeros stand for "not there". Sent once.
	@throws {Trouble} also when it may have happened
	*/
	swap(name: string, before: string, after: string, tally: Tally): Promise<void>;
	/**
	Reads what such a write needs. Its answer is what sends one: all changes or none, once, so that trouble before it is told from trouble after it.
	@throws {Trouble} in the first part: nothing was sent; in the second: it may have happened
	*/
	writer(tally: Tally): Promise<(changes: readonly RefChange[]) => Promise<void>>;
};

/** Zeros for `before`: it is not there; for `after`: it goes. Nothing of ours relies on an entry that stays where it is. */
export type RefChange = {name: string; before: string; after: string};

type ListedRef = {ref: string; object: {sha: string}};

export type Authored = {message: string; author: LockAuthor | null};

export type GitCommit = {message: string | null; tree: string; parents: readonly string[]};

/** null: no commit, or this server has not heard of it yet. @throws {Trouble} */
export const readCommit = async (rest: Rest, oid: string, tally: Tally): Promise<GitCommit | null> =>
	(
		await rest.find(
			`/git/commits/${oid}`,
			({
				message,
				tree,
				parents,
			}: {
				message?: unknown;
				tree?: {sha?: string};
				parents?: Array<{sha: string}>;
			}): GitCommit => ({
				message: typeof message === 'string' ? message : null,
				tree: tree?.sha ?? '',
				parents: (parents ?? []).map(({sha}) => sha),
			}),
			tally,
		)
	).value;

/** The connection broke off or the server failed: worth one more try where that does no harm. A time-out is not: it has cost enough. */
const isFleeting = (error: unknown): boolean =>
	error instanceof Trouble &&
	(error.evidence.kind === 'network' || (error.evidence.kind === 'http' && error.evidence.status >= 500));

type WholeCommit = {
	commit?: {message?: unknown; verification?: {verified?: unknown} | null};
	author?: {login?: unknown} | null;
};

/** null: GitHub shows no such commit here. An object that is no commit is refused with 422. @throws {Trouble} */
const readAuthored = async (rest: Rest, oid: string, tally: Tally): Promise<Authored | null> => {
	try {
		const {value} = await rest.find(
			`/commits/${oid}?per_page=1`,
			({commit, author}: WholeCommit): Authored | null =>
				typeof commit?.message === 'string'
					? {
							message: commit.message,
							author: {
								login: typeof author?.login === 'string' ? sanitise(author.login, 100) : null,
								isVerified: commit.verification?.verified === true,
							},
						}
					: null,
			tally,
		);
		return value;
	} catch (error) {
		if (error instanceof Trouble && error.evidence.kind === 'http' && error.evidence.status === 422) {
			return null;
		}

		throw error;
	}
};

const oidOf = ({sha}: {sha: unknown}): string => {
	if (typeof sha !== 'string' || !oidPattern.test(sha)) {
		throw new TypeError('no object id');
	}

	return sha;
};

export function createRefs({rest, graphql}: {rest: Rest; graphql: Graphql}): Refs {
	const messages = new Map<string, string | null>();
	const authors = new Map<string, Authored>();
	let tree = emptyTree;

	const post = async (message: string, parent: string | null, tally: Tally) =>
		rest.post('/git/commits', {message, tree, parents: parent === null ? [] : [parent]}, oidOf, tally);

	/** The empty tree keeps workflows out of a push to a branch. A server that does not know it gets the tree of the default branch. */
	async function postWithKnownTree(message: string, parent: string | null, tally: Tally): Promise<string> {
		try {
			return await post(message, parent, tally);
		} catch (error) {
			const isRefused =
				error instanceof Trouble &&
				error.evidence.kind === 'http' &&
				[404, 422].includes(error.evidence.status);
			if (!isRefused || tree !== emptyTree) {
				throw error;
			}

			const head = await rest.find(
				'/commits/HEAD',
				({commit}: {commit: {tree: {sha: string}}}) => oidOf(commit.tree),
				tally,
			);
			if (head.value === null) {
				throw error;
			}

			tree = head.value;
			return post(message, parent, tally);
		}
	}

	async function writer(tally: Tally) {
		const {value: repositoryId} = await rest.get('', ({node_id: id}: {node_id: string}) => id, tally);
		return async (changes: readonly RefChange[]) => {
			await mutate(
				graphql,
				'updateRefs',
				{
					repositoryId,
					refUpdates: changes.map(({name, before, after}) => ({
						name,
						beforeOid: before,
						afterOid: after,
						force: false,
					})),
				},
				tally,
			);
		};
	}

	return {
		async list(folder, tally) {
			const {value} = await rest.get(
				`/git/matching-refs/${folder}/`,
				(refs: ListedRef[]) => new Map(refs.map(({ref, object}) => [ref, oidOf(object)])),
				tally,
			);
			return value;
		},
		async message(oid, tally) {
			const known = messages.get(oid);
			if (known !== undefined) {
				return known;
			}

			const message = (await readCommit(rest, oid, tally))?.message ?? null;
			// null may be a server that has not heard of it yet: asked again.
			return message === null ? null : remember(messages, oid, message, 200);
		},
		async authored(oid, tally) {
			const known = authors.get(oid);
			if (known !== undefined) {
				return known;
			}

			const found = await readAuthored(rest, oid, tally);
			if (found !== null) {
				remember(messages, oid, found.message, 200);
				return remember(authors, oid, found, 200);
			}

			// A server that does not show it by that way: the message alone, then.
			const message = await this.message(oid, tally);
			return message === null ? null : {message, author: null};
		},
		async commit(message, parent, tally) {
			try {
				return await postWithKnownTree(message, parent, tally);
			} catch (error) {
				if (!isFleeting(error)) {
					throw error;
				}

				return postWithKnownTree(message, parent, tally);
			}
		},
		async swap(name, before, after, tally) {
			const write = await writer(tally);
			await write([{name, before, after}]);
		},
		writer,
	};
}
