/**
The way onto branches that take nothing but pull requests. Everything is sent once; after a lost answer the pull request itself says what
became of it.
*/
import type {MergeMethod} from '../../core/settings/settings.ts';
import type {Refused} from '../branches/branches.ts';
import {asking, type Connection, needing, type Unwritten} from '../http/connection.ts';
import {fateOf, lookFor, mutate, reasonOf} from '../http/mutation.ts';
import {openPull} from './pull-open.ts';
import {type Pull, readPull} from './pull-read.ts';
import type {Tally} from '../http/tally.ts';
import {Trouble} from '../failures/trouble.ts';

export type Merged = {how: 'landed'; /** The commit that it became. */ sha: string} | NotMerged;
export type Enqueued = {how: 'queued'} | NotMerged;
/** `unknown`: the answer got lost, and the pull request did not show it within 20 s. */
export type NotMerged = {how: 'refused'; because: string} | {how: 'unknown'; because: string};

export type Pulls = {
	/** Makes the branch at `sha` and the pull request into `base`, or finds them as they are. */
	openPull(
		wanted: {branch: string; base: string; sha: string; title: string; body: string},
		signal?: AbortSignal,
	): Promise<{ok: true; pull: Pull} | Refused | Unwritten>;
	/** `pull` null: there is none of that number. */
	pull(number: number, signal?: AbortSignal): Promise<{ok: true; pull: Pull | null} | Unwritten>;
	/** Unwritten: it is certain that GitHub did not look at it; so with `enqueuePull`. */
	mergePull(
		wanted: {id: string; number: number; expectedHead: string; method: MergeMethod},
		signal?: AbortSignal,
	): Promise<Merged | Unwritten>;
	enqueuePull(
		wanted: {id: string; number: number; expectedHead: string},
		signal?: AbortSignal,
	): Promise<Enqueued | Unwritten>;
	/** What is closed already is done; what is merged is refused. */
	closePull(id: string, number: number, signal?: AbortSignal): Promise<{ok: true} | Refused | Unwritten>;
};

const methods = {merge: 'MERGE', squash: 'SQUASH', rebase: 'REBASE'} as const;
const looksAfterMs = {
	/** GitHub has said what it has to say; replicas catch up. */
	refused: [0, 500, 1500],
	unknown: [0, 1000, 2000, 3000, 4000, 5000, 5000],
} as const;

type Target = {id: string; number: number; expectedHead: string};
/** `isOpen`: something was sent, and nobody knows yet what came of it. */
type Flight = {isOpen: boolean};

export function remotePulls(original: Connection): Pulls {
	const connection = needing(
		original,
		'write access to Pull requests and Contents of the repository (classic tokens: the scope "repo")',
	);
	const {graphql, circumstances} = connection;

	/** Sends, and when that is not plainly answered looks at the pull request. `seen`: what it says has happened, or null. */
	async function settled<Result extends {how: string}>(
		{number, expectedHead}: Target,
		send: () => Promise<Result | null>,
		seen: (pull: Pull) => Result | null,
		flight: Flight,
		tally: Tally,
	): Promise<Result | NotMerged> {
		let trouble: Trouble | null = null;
		try {
			flight.isOpen = true;
			const result = await send();
			if (result !== null) {
				return result;
			}
		} catch (error) {
			if (!(error instanceof Trouble)) {
				throw error;
			}

			if (fateOf(error, circumstances()) === 'unheard') {
				flight.isOpen = false;
				throw error;
			}

			trouble = error;
		}

		const isRefused = trouble !== null && fateOf(trouble, circumstances()) === 'refused';
		const because = trouble === null ? 'GitHub did not say what became of it.' : reasonOf(trouble, circumstances());
		const found = await lookFor<Result | NotMerged>(
			connection,
			async () => {
				const pull = await readPull(connection, number, tally);
				if (pull === null) {
					return null;
				}

				const ended =
					pull.state === 'closed'
						? 'it was closed'
						: pull.headSha === expectedHead
							? null
							: `its branch is at ${pull.headSha.slice(0, 7)} by now`;
				return ended === null
					? seen(pull)
					: {how: 'refused', because: `${because} Pull request #${number}: ${ended}.`};
			},
			tally,
			looksAfterMs[isRefused ? 'refused' : 'unknown'],
		);
		return found ?? {how: isRefused ? 'refused' : 'unknown', because};
	}

	const merged = ({state, mergeSha}: Pull): {how: 'landed'; sha: string} | null =>
		state === 'merged' && mergeSha !== null ? {how: 'landed', sha: mergeSha} : null;
	const queued = ({state, queue}: Pull): {how: 'queued'} | null =>
		queue !== null || state === 'merged' ? {how: 'queued'} : null;

	async function closePull(id: string, number: number, tally: Tally): Promise<{ok: true} | Refused> {
		try {
			await mutate(graphql, 'closePullRequest', {id}, tally);
			return {ok: true};
		} catch (error) {
			const fate = error instanceof Trouble ? fateOf(error, circumstances()) : null;
			if (!(error instanceof Trouble) || fate === 'unheard') {
				throw error;
			}

			const ended = await lookFor(
				connection,
				async () => {
					const pull = await readPull(connection, number, tally);
					return pull?.state === 'open' ? null : pull;
				},
				tally,
			);
			if (ended?.state === 'closed') {
				return {ok: true};
			}

			if (ended === null && fate === 'unknown') {
				throw error;
			}

			return {
				ok: false,
				kind: 'refused',
				because: ended === null ? reasonOf(error, circumstances()) : `Pull request #${number} was merged.`,
				next: `Look at pull request #${number}.`,
			};
		}
	}

	/** A signal whose time is up leaves open what was sent. */
	async function flying<Result extends {how: string}>(
		signal: AbortSignal | undefined,
		act: (flight: Flight, tally: Tally) => Promise<Result | NotMerged>,
	): Promise<Result | NotMerged | Unwritten> {
		const flight: Flight = {isOpen: false};
		const result = await asking(connection, signal, async tally => act(flight, tally));
		return 'ok' in result && flight.isOpen ? {how: 'unknown', because: result.because} : result;
	}

	return {
		openPull: async (wanted, signal) =>
			asking(connection, signal, async tally => openPull(connection, wanted, tally)),
		pull: async (number, signal) =>
			asking(connection, signal, async tally => ({
				ok: true as const,
				pull: await readPull(connection, number, tally),
			})),
		mergePull: async ({method, ...target}, signal) =>
			flying<Merged>(signal, async (flight, tally) =>
				settled(
					target,
					async () => {
						const {pullRequest} = await mutate(
							graphql,
							'mergePullRequest',
							{id: target.id, expectedHead: target.expectedHead, mergeMethod: methods[method]},
							tally,
						);
						const sha = pullRequest?.mergeCommit?.oid;
						return sha === undefined ? null : {how: 'landed' as const, sha};
					},
					merged,
					flight,
					tally,
				),
			),
		enqueuePull: async (target, signal) =>
			flying<Enqueued>(signal, async (flight, tally) =>
				settled(
					target,
					async () => {
						await mutate(
							graphql,
							'enqueuePullRequest',
							{id: target.id, expectedHead: target.expectedHead},
							tally,
						);
						return {how: 'queued' as const};
					},
					queued,
					flight,
					tally,
				),
			),
		closePull: async (id, number, signal) =>
			asking(connection, signal, async tally => closePull(id, number, tally)),
	};
}
