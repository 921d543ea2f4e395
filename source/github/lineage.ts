/**
Where a commit lies, as far as the overview does not tell: further down the first-parent history of a branch, and with which files in
`.github`. Neither ever changes, so each is asked once.
*/
import type {Facts, Lineage} from '../core/facts.ts';
import {remember} from './bounded.ts';
import {parseCommits} from './parse-rest.ts';
import {mapLimited, type Rest} from './rest.ts';
import type {Tally} from './tally.ts';

type Tree = {tree?: ReadonlyArray<{path?: string; type?: string; sha?: string}>};

const keptAtMost = 5000;
/** Of a hundred commits each, merged ones included. */
const pagesAtMost = 4;
const automationIn = ({tree}: Tree): string | null =>
	tree?.find(({path, type}) => path === '.github' && type === 'tree')?.sha ?? null;

export function createLineage(rest: Rest) {
	const parentOf = new Map<string, string | null>();
	const automationOf = new Map<string, string | null>();

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
			for (const commit of read?.value ?? []) remember(parentOf, commit.sha, commit.parent, keptAtMost);
			if (!parentOf.has(tail)) break;
		}

		return chain;
	}

	/** null: it has no such folder; undefined: not read. */
	async function automation(sha: string, tally: Tally): Promise<string | null | undefined> {
		if (automationOf.has(sha)) return automationOf.get(sha);
		const read = await tally.without('files of .github', rest.find(`/git/trees/${sha}`, automationIn, tally));
		return read === null ? undefined : remember(automationOf, sha, read.value, keptAtMost);
	}

	return {
		history,
		async read(
			{from, to, automationOf: shas}: Lineage,
			tally: Tally,
		): Promise<Pick<Facts, 'trunk' | 'automation'>> {
			const [chain, trees] = await Promise.all([
				from === null ? [] : history(from, to, tally),
				mapLimited(shas, 3, async sha => [sha, await automation(sha, tally)] as const),
			]);
			return {
				trunk: chain,
				automation: Object.fromEntries(
					trees.filter((entry): entry is [string, string | null] => entry[1] !== undefined),
				),
			};
		},
	};
}
