/**
Statuses of a commit over REST: GitHub lists every one that was ever posted, newest first, and what counts is the newest of each context.
Shards of E2E post hundreds, so that a verdict of a quarter of an hour ago is pages away. Each page is read once: later only what is new.
*/
import type {components} from '@octokit/openapi-types';
import type {StatusFact} from '../../core/github/facts.ts';
import {remember} from '../http/bounded.ts';
import {parseStatuses} from './parse-rest.ts';
import type {Rest} from '../http/rest.ts';
import type {Tally} from '../http/tally.ts';

type Listed = ReadonlyArray<Partial<components['schemas']['status']> | null>;

const perPage = 100;
const pagesAtMost = 20;
const keptAtMost = 500;

const pathOf = (sha: string, page: number) =>
	`/commits/${sha}/statuses?per_page=${perPage}${page === 1 ? '' : `&page=${page}`}`;

/** What stands first counts. */
const added = (newer: readonly StatusFact[], older: readonly StatusFact[]): StatusFact[] => {
	const has = new Set(newer.map(({context}) => context));
	return [...newer, ...older.filter(({context}) => !has.has(context))];
};

const parsePage = (body: Listed) => ({
	statuses: parseStatuses(body),
	count: body.length,
	ids: body.flatMap(status => (typeof status?.id === 'number' ? [status.id] : [])),
});

export function createRestStatuses(rest: Rest) {
	const known = new Map<string, {newestId: number; statuses: StatusFact[]}>();

	/** null: there is no such commit. */
	return async (sha: string, tally: Tally): Promise<StatusFact[] | null> => {
		const before = known.get(sha);
		let statuses: StatusFact[] = [];
		let newestId = before?.newestId ?? 0;
		let isJoined = false;
		for (let page = 1; page <= pagesAtMost; page += 1) {
			const {value} = await rest.find(pathOf(sha, page), parsePage, tally);
			if (value === null) return null;
			statuses = added(statuses, value.statuses);
			newestId = Math.max(newestId, ...value.ids);
			isJoined = value.count < perPage || (before !== undefined && value.ids.some(id => id <= before.newestId));
			if (isJoined) break;
		}
		// More is new than is read: what was known before may have been overtaken in between, and unknown is better than an old green.
		const all = added(statuses, isJoined ? (before?.statuses ?? []) : []).sort((a, b) =>
			a.context < b.context ? -1 : 1,
		);
		return remember(known, sha, {newestId, statuses: all}, keptAtMost).statuses;
	};
}

/** The newest that is wanted, wherever in the list it is; undefined: none. */
export async function findStatus<Status>(
	rest: Rest,
	sha: string,
	isWanted: (status: Status) => boolean,
	tally: Tally,
): Promise<Status | undefined> {
	for (let page = 1; page <= pagesAtMost; page += 1) {
		// Not the path of above: a path always comes with the same parser.
		const {value} = await rest.find(
			`/commits/${sha}/statuses?page=${page}&per_page=${perPage}`,
			(all: Status[]) => all,
			tally,
		);
		const found = value?.find(isWanted);
		if (found || (value?.length ?? 0) < perPage) return found;
	}
	return undefined;
}

/** The newest of one context. */
export const newestStatus = async <Status extends {context: string}>(
	rest: Rest,
	sha: string,
	context: string,
	tally: Tally,
): Promise<Status | undefined> => findStatus<Status>(rest, sha, status => status.context === context, tally);
