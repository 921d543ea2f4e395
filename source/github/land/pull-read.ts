/** Pull requests as GitHub tells them. */
import type {PullBitsFragment} from '../queries/documents.generated.ts';
import type {Connection} from '../http/connection.ts';
import type {Tally} from '../http/tally.ts';
import {Trouble} from '../failures/trouble.ts';

export type Pull = {
	/** GraphQL node id. */
	id: string;
	number: number;
	url: string;
	state: 'open' | 'merged' | 'closed';
	headSha: string;
	/** null: GitHub is still working it out. */
	isMergeable: boolean | null;
	/** Why it cannot be merged now, in words that continue a sentence; null: nothing known is in the way. */
	blockedBecause: string | null;
	/** The commit that it became on its base; null: not merged. */
	mergeSha: string | null;
	/** null: not in the merge queue. `state` is GitHub's word, lower case: `queued`, `awaiting_checks`, `mergeable`, `unmergeable`, `locked`. */
	queue: {position: number | null; state: string} | null;
};

function blockedBecause({
	isDraft,
	mergeable,
	mergeStateStatus,
	reviewDecision,
	baseRefName,
}: PullBitsFragment): string | null {
	if (isDraft) {
		return 'it is a draft';
	}

	if (mergeable === 'CONFLICTING' || mergeStateStatus === 'DIRTY') {
		return `it conflicts with ${baseRefName}`;
	}

	if (reviewDecision === 'CHANGES_REQUESTED') {
		return 'a reviewer asks for changes';
	}

	if (reviewDecision === 'REVIEW_REQUIRED') {
		return 'an approving review is missing';
	}

	switch (mergeStateStatus) {
		case 'BEHIND':
			return `it is behind ${baseRefName}`;
		case 'BLOCKED':
			return `checks or reviews that ${baseRefName} requires are missing`;
		default:
			return null;
	}
}

export function pullFrom(bits: PullBitsFragment): Pull {
	const {id, number, url, state, headRefOid, mergeable, mergeCommit, mergeQueueEntry} = bits;
	return {
		id,
		number,
		url,
		headSha: headRefOid,
		state: state === 'MERGED' ? 'merged' : state === 'CLOSED' ? 'closed' : 'open',
		isMergeable: mergeable === 'MERGEABLE' ? true : mergeable === 'CONFLICTING' ? false : null,
		blockedBecause: state === 'OPEN' ? blockedBecause(bits) : null,
		// Of an open one GitHub may know a trial merge.
		mergeSha: state === 'MERGED' ? (mergeCommit?.oid ?? null) : null,
		queue:
			mergeQueueEntry === null
				? null
				: {position: mergeQueueEntry.position, state: mergeQueueEntry.state.toLowerCase()},
	};
}

const named = ({repository}: Connection): {owner: string; name: string} => {
	const [owner = '', name = ''] = repository.split('/');
	return {owner, name};
};

/** null: there is none of that number. @throws {Trouble} */
export async function readPull(connection: Connection, number: number, tally: Tally): Promise<Pull | null> {
	const {data, errors, headers} = await connection.graphql.query('pull', {...named(connection), number}, tally);
	const bits = data.repository?.pullRequest ?? null;
	const isMissing = data.repository !== null && errors.every(({type}) => type === 'NOT_FOUND');
	if (bits === null && !isMissing) {
		throw new Trouble({kind: 'errors', headers, errors});
	}

	return bits === null ? null : pullFrom(bits);
}

/** The open one from one branch of this repository into another; null: there is none. @throws {Trouble} */
export async function findPull(connection: Connection, head: string, base: string, tally: Tally): Promise<Pull | null> {
	const {data, errors, headers} = await connection.graphql.query(
		'openPulls',
		{...named(connection), head, base},
		tally,
	);
	const nodes = data.repository?.pullRequests.nodes ?? null;
	if (nodes === null) {
		throw new Trouble({kind: 'errors', headers, errors});
	}

	// Branches of forks may have the same name.
	const bits = nodes.find(one => one !== null && !one.isCrossRepository);
	return bits ? pullFrom(bits) : null;
}
