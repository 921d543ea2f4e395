/** What one commit has and another lacks. */
import {isRevert} from '../../core/plan/revert.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import type {Rest} from '../http/rest.ts';
import type {Tally} from '../http/tally.ts';
import {Trouble} from '../failures/trouble.ts';
import {firstLine, inPath} from '../failures/values.ts';
import type {Compared, ComparedCommit} from './compared.ts';

type Commit = {
	sha: string;
	author?: {login?: string} | null;
	commit: {message: string; author?: {name?: string} | null};
};
type Page = {
	status: string;
	ahead_by: number;
	behind_by: number;
	total_commits: number;
	commits: Commit[];
	files?: Array<{filename: string; previous_filename?: string}>;
};
type Read = Omit<Compared, 'ok' | 'commits' | 'isWhole'> & {
	/** Oldest first, as GitHub lists them. */ commits: ComparedCommit[];
	total: number;
};

const perPage = 100;
const pagesAtMost = 5;
/** GitHub stops here without saying so. */
const filesTold = 300;
const words = ['ahead', 'behind', 'diverged', 'identical'] as const;

function parse({
	status,
	ahead_by: aheadBy,
	behind_by: behindBy,
	total_commits: total,
	commits,
	files = [],
}: Page): Read {
	const word = words.find(one => one === status);
	if (word === undefined || !Number.isSafeInteger(aheadBy) || !Number.isSafeInteger(behindBy)) {
		throw new TypeError('no comparison');
	}

	return {
		status: word,
		aheadBy,
		behindBy,
		total,
		commits: commits.map(({sha, author, commit: {message, author: writer}}) => ({
			sha,
			message: sanitise(firstLine(message), 200),
			isRevert: isRevert(message),
			author: sanitise(author?.login ?? writer?.name ?? '', 100),
		})),
		files:
			files.length >= filesTold
				? null
				: [
						...new Set(
							files
								.flatMap(({filename, previous_filename: former}) =>
									former === undefined ? [filename] : [filename, former],
								)
								.map(name => sanitise(name, 1000)),
						),
					],
	};
}

/**
Files come with the first page only. Of more commits than five pages hold, the newest are read.
@returns null: GitHub does not know one of them, or they have no common ancestor
@throws {Trouble}
*/
export async function comparison(rest: Rest, base: string, head: string, tally: Tally): Promise<Compared | null> {
	const page = async (number: number) =>
		(await rest.find(`/compare/${inPath(base)}...${inPath(head)}?per_page=${perPage}&page=${number}`, parse, tally))
			.value;
	try {
		const first = await page(1);
		if (first === null) {
			return null;
		}

		const last = Math.ceil(first.total / perPage);
		const isWhole = last <= pagesAtMost;
		const others: Read[] = [];
		for (let number = isWhole ? 2 : last - pagesAtMost + 2; number <= last; number += 1) {
			const next = await page(number);
			if (next === null) {
				return null;
			}

			others.push(next);
		}

		const commits = [...(isWhole ? first.commits : []), ...others.flatMap(read => read.commits)].toReversed();
		const {status, aheadBy, behindBy, files} = first;
		// A branch that moved between two pages makes them overlap, or leaves a gap.
		const isGapless = new Set(commits.map(({sha}) => sha)).size === (isWhole ? first.total : commits.length);
		return {ok: true, status, aheadBy, behindBy, commits, files, isWhole: isWhole && isGapless};
	} catch (error) {
		if (error instanceof Trouble && error.evidence.kind === 'http' && error.evidence.status === 422) {
			return null;
		}

		throw error;
	}
}

/**
Whether some commit in the history of another has that tree. Of a long history the newest are read.
@returns null: not among those; undefined: GitHub does not know the commit
@throws {Trouble}
*/
export async function isTreeIn(
	rest: Rest,
	tree: string,
	historyOf: string,
	tally: Tally,
): Promise<boolean | null | undefined> {
	for (let page = 1; page <= pagesAtMost; page += 1) {
		const {value: trees} = await rest.find(
			`/commits?sha=${encodeURIComponent(historyOf)}&per_page=${perPage}&page=${page}`,
			(all: Array<{commit: {tree: {sha: string}}}>) => all.map(({commit}) => commit.tree.sha),
			tally,
		);
		if (trees === null) {
			return undefined;
		}

		if (tree !== '' && trees.includes(tree)) {
			return true;
		}

		if (trees.length < perPage) {
			return false;
		}
	}

	return null;
}
