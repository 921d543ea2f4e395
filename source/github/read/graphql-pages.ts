/** What did not fit the polled documents, asked for in the same breath so that an answer is complete. */
import type {RunFact, Wait} from '../../core/github/facts.ts';
import {limits} from '../queries/documents.ts';
import type * as generated from '../queries/documents.generated.ts';
import type {Graphql} from '../http/graphql.ts';
import {matched, nodesOf, parseWaits} from './parse-graphql.ts';
import {mapLimited} from '../http/rest.ts';
import type {Tally} from '../http/tally.ts';

type Jobs = {
	totalCount: number;
	pageInfo: {hasNextPage: boolean; endCursor: string | null};
	nodes: ReadonlyArray<generated.JobBitsFragment | null> | null;
} | null;
type Suites = {pageInfo: {hasNextPage: boolean}} | null;

const chunks = <Item>(items: readonly Item[], size: number): Item[][] =>
	Array.from({length: Math.ceil(items.length / size)}, (_, index) => items.slice(index * size, (index + 1) * size));

/** All jobs of a suite, from the second page on; without those of a page that fails. `total`: with those that could not be read. */
export async function moreJobs(
	graphql: Graphql,
	suite: string,
	first: Jobs,
	tally: Tally,
): Promise<{jobs: generated.JobBitsFragment[]; total: number}> {
	const jobs = nodesOf(first);
	let listed = first?.nodes?.length ?? 0;
	// Only where pages are missing: nobody says whether GitHub counts those of earlier attempts, too.
	const partly = () => ({jobs, total: Math.max(first?.totalCount ?? 0, listed + 1)});
	let page = first?.pageInfo;
	for (let pages = 1; page?.hasNextPage && page.endCursor !== null && pages < limits.pages; pages++) {
		const reply = await tally.without(
			'more jobs',
			graphql.query('suiteJobs', {suite, after: page.endCursor}, tally),
		);
		const node = reply?.data.node;
		if (!node || !('checkRuns' in node)) {
			return partly();
		}

		jobs.push(...nodesOf(node.checkRuns));
		listed += node.checkRuns?.nodes?.length ?? 0;
		page = node.checkRuns?.pageInfo;
	}

	return first === null || page?.hasNextPage ? partly() : {jobs, total: listed};
}

async function suitesOfChunk(
	graphql: Graphql,
	commits: readonly string[],
	tally: Tally,
): Promise<generated.SuiteBitsFragment[]> {
	const found: generated.SuiteBitsFragment[] = [];
	let open = [{commits, after: null as string | null}];
	for (let pages = 0; open.length > 0 && pages < limits.pages; pages++) {
		const replies = await mapLimited(open, 3, async variables =>
			tally.without('more check suites', graphql.query('commitSuites', variables, tally)),
		);
		const commitsFound = replies.flatMap(reply => matched(reply?.data.nodes));
		found.push(...commitsFound.flatMap(commit => nodesOf(commit.checkSuites)));
		// Cursors differ by commit, so that from the second page on each goes alone.
		open = commitsFound.flatMap(({id, checkSuites}) =>
			checkSuites?.pageInfo.hasNextPage ? [{commits: [id], after: checkSuites.pageInfo.endCursor}] : [],
		);
	}

	return found;
}

/** All suites of those commits that have more than fitted. Four commits go into one question: one point. */
export async function moreSuites(
	graphql: Graphql,
	commits: ReadonlyArray<{id: string; checkSuites: Suites}>,
	tally: Tally,
): Promise<generated.SuiteBitsFragment[]> {
	const overfull = commits.filter(({checkSuites}) => checkSuites?.pageInfo.hasNextPage).map(({id}) => id);
	const found = await mapLimited(chunks(overfull, 4), 3, async chunk => suitesOfChunk(graphql, chunk, tally));
	return found.flat();
}

export const isWaiting = (run: RunFact): boolean =>
	run.suiteId !== null &&
	(run.status === 'WAITING' ||
		(run.status !== 'COMPLETED' && (run.jobs ?? []).some(({status}) => status === 'WAITING')));

/** Runs with what they wait for: read already for the suites in `known`, asked for now for the others. */
export async function withWaits(
	graphql: Graphql,
	runs: readonly RunFact[],
	known: ReadonlyMap<string, Wait[]>,
	tally: Tally,
): Promise<RunFact[]> {
	const waits = new Map(known);
	const unread = runs
		.filter(run => isWaiting(run) && !waits.has(run.suiteId ?? ''))
		.flatMap(({suiteId}) => suiteId ?? [])
		.slice(0, 2 * limits.waiting);
	for (const chunk of chunks(unread, limits.waiting)) {
		const reply = await tally.without('pending approvals', graphql.query('suiteWaits', {waiting: chunk}, tally));
		for (const suite of matched(reply?.data.nodes)) {
			waits.set(suite.id, parseWaits(suite));
		}
	}

	return runs.map(run => ({...run, waits: waits.get(run.suiteId ?? '') ?? []}));
}
