/**
Where a commit lies, as far as the overview does not tell: further down the first-parent history of a branch, and with which files in
`.github`. What is asked for that never changes, and is asked once: also by the next start, where there is a store.
*/
import {ancestryAtMost} from '../../core/github/ancestry.ts';
import type {Facts, Lineage} from '../../core/github/facts.ts';
import type {AncestryStore} from '../../world.ts';
import {remember} from '../http/bounded.ts';
import {parseCommits} from './parse-rest.ts';
import {mapLimited, type Rest} from '../http/rest.ts';
import type {Tally} from '../http/tally.ts';

type Tree = {truncated?: boolean; tree?: ReadonlyArray<{path?: string; type?: string; sha?: string}>};

/** Of a hundred commits each, merged ones included. */
const pagesAtMost = 4;

/** `oid` null: it has no such folder. null altogether: the answer does not say. */
const automationIn = ({truncated, tree}: Tree): {oid: string | null} | null => {
	const oid = tree?.find(({path, type}) => path === '.github' && type === 'tree')?.sha ?? null;
	return oid === null && (tree === undefined || truncated === true) ? null : {oid};
};

export function createLineage(rest: Rest, store: AncestryStore | null) {
	const parentOf = new Map<string, string | null>();
	const automationOf = new Map<string, string | null>();
	let loading: Promise<void> | null = null;
	let hasMore = false;

	async function load() {
		const kept = (await store?.load()) ?? null;
		for (const [sha, parent] of kept?.parents ?? []) parentOf.set(sha, parent);
		for (const [sha, oid] of kept?.automation ?? []) automationOf.set(sha, oid);
	}

	function learn(map: Map<string, string | null>, sha: string, value: string | null) {
		hasMore ||= map.get(sha) !== value;
		return remember(map, sha, value, ancestryAtMost);
	}

	async function keep() {
		if (store !== null && hasMore) {
			hasMore = false;
			await store.save({parents: [...parentOf], automation: [...automationOf]});
		}
	}

	/** Downwards by first parents until that commit, without gaps; shorter where GitHub does not answer or it is too far. */
	async function history(from: string, to: string | null, tally: Tally): Promise<string[]> {
		const chain = [from];
		for (let pages = 0; chain.at(-1) !== to;) {
			const tail = chain.at(-1)!;
			const parent = parentOf.get(tail);
			if (parent === null || (parent === undefined && pages === pagesAtMost)) break;
			if (parent !== undefined) {
				chain.push(parent);
				continue;
			}

			pages += 1;
			const read = await tally.without(
				'history of the branch',
				rest.find(`/commits?sha=${tail}&per_page=100`, parseCommits, tally),
			);
			for (const commit of read?.value ?? []) learn(parentOf, commit.sha, commit.parent);
			if (!parentOf.has(tail)) break;
		}

		return chain;
	}

	/** null: it has no such folder; undefined: not read, or GitHub does not know the commit. */
	async function automation(sha: string, tally: Tally): Promise<string | null | undefined> {
		if (automationOf.has(sha)) return automationOf.get(sha);
		const read = await tally.without('files of .github', rest.find(`/git/trees/${sha}`, automationIn, tally));
		return read?.value ? learn(automationOf, sha, read.value.oid) : undefined;
	}

	return {
		async read(
			{from, to, automationOf: shas}: Lineage,
			tally: Tally,
		): Promise<Pick<Facts, 'trunk' | 'automation'>> {
			await (loading ??= load());
			const [chain, trees] = await Promise.all([
				from === null ? [] : history(from, to, tally),
				mapLimited(shas, 3, async sha => [sha, await automation(sha, tally)] as const),
			]);
			await keep();
			return {
				trunk: chain,
				automation: Object.fromEntries(
					trees.filter((entry): entry is [string, string | null] => entry[1] !== undefined),
				),
			};
		},
	};
}
