/** Opening a pull request for one commit: its branch first, then itself. What is there already is taken as it is. */
import {headOf, type Refused} from '../branches/branches.ts';
import type {Connection} from '../http/connection.ts';
import {adviceFor} from '../failures/failures.ts';
import {fateOf, lookFor, mutate, reasonOf} from '../http/mutation.ts';
import {findPull, type Pull, pullFrom} from './pull-read.ts';
import {createRefs, zeros} from '../branches/refs.ts';
import type {Tally} from '../http/tally.ts';
import {Trouble} from '../failures/trouble.ts';

type Wanted = {branch: string; base: string; sha: string; title: string; body: string};

const refused = (because: string, next: string): Refused => ({ok: false, kind: 'refused', because, next});
const elsewhere = (branch: string, head: string): Refused =>
	refused(
		`the branch ${branch} is there already, at ${head.slice(0, 7)}`,
		`Delete ${branch}, or close its pull request, and try again.`,
	);

/** null: the branch is at that commit. @throws {Trouble} */
async function withBranch(connection: Connection, {branch, sha}: Wanted, tally: Tally): Promise<Refused | null> {
	const {rest, circumstances} = connection;
	const head = await headOf(rest, branch, tally);
	if (head !== null) {
		return head === sha ? null : elsewhere(branch, head);
	}

	const write = await createRefs(connection).writer(tally);
	try {
		await write([{name: `refs/heads/${branch}`, before: zeros, after: sha}]);
		return null;
	} catch (error) {
		const fate = error instanceof Trouble ? fateOf(error, circumstances()) : null;
		if (!(error instanceof Trouble) || fate === 'unheard') {
			throw error;
		}

		const seen = await lookFor(connection, async () => headOf(rest, branch, tally), tally);
		if (seen === null && fate === 'unknown') {
			throw error;
		}

		return seen === sha
			? null
			: seen === null
				? refused(
						`GitHub does not make the branch ${branch}: ${reasonOf(error, circumstances())}`,
						adviceFor(error.evidence, circumstances(), 'Check that the commit is on GitHub.'),
					)
				: elsewhere(branch, seen);
	}
}

const titleAtMost = 250;

async function created(
	connection: Connection,
	{branch, base, title, body}: Wanted,
	tally: Tally,
): Promise<Pull | Refused> {
	const {rest, graphql, circumstances} = connection;
	const {value: repositoryId} = await rest.get('', ({node_id: id}: {node_id: string}) => id, tally);
	const find = async () => findPull(connection, branch, base, tally);
	try {
		const {pullRequest} = await mutate(
			graphql,
			'createPullRequest',
			{repositoryId, base, head: branch, title: title.slice(0, titleAtMost).toWellFormed(), body},
			tally,
		);
		if (pullRequest !== null) {
			return pullFrom(pullRequest);
		}

		throw new Trouble({kind: 'incomprehensible', error: new Error('no pull request')});
	} catch (error) {
		const fate = error instanceof Trouble ? fateOf(error, circumstances()) : null;
		if (!(error instanceof Trouble) || fate === 'unheard') {
			throw error;
		}

		// Refused, because somebody has opened it just now; or made, and the answer got lost.
		const found = await lookFor(connection, find, tally);
		if (found === null && fate === 'unknown') {
			throw error;
		}

		return (
			found ??
			refused(
				reasonOf(error, circumstances()),
				adviceFor(error.evidence, circumstances(), `Look at what ${branch} has and ${base} lacks.`),
			)
		);
	}
}

/** @throws {Trouble} also when it may have happened: asking again finds what is there */
export async function openPull(
	connection: Connection,
	wanted: Wanted,
	tally: Tally,
): Promise<{ok: true; pull: Pull} | Refused> {
	const trouble = await withBranch(connection, wanted, tally);
	if (trouble !== null) {
		return trouble;
	}

	const pull =
		(await findPull(connection, wanted.branch, wanted.base, tally)) ?? (await created(connection, wanted, tally));
	return 'ok' in pull ? pull : {ok: true, pull};
}
