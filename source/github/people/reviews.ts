/** Environments that runs wait for, and the answer of a reviewer. */
import type {Refused} from '../branches/branches.ts';
import {asking, type Connection, needing, type Unwritten} from '../http/connection.ts';
import {needsRest} from '../failures/failures.ts';
import {fateOf, lookFor, mutate, reasonOf} from '../http/mutation.ts';
import {type PendingReview, type Waiting, waiting} from '../read/pending.ts';
import type {Rest} from '../http/rest.ts';
import type {Tally} from '../http/tally.ts';
import {Trouble} from '../failures/trouble.ts';

export type ReviewAnswer = {runId: number; environment: string; decision: 'approve' | 'reject'; comment: string};
export type Reviews = {
	/** Environments that the run waits for; empty also when there is no such run. */
	pending(runId: number, signal?: AbortSignal): Promise<{ok: true; pending: readonly PendingReview[]} | Unwritten>;
	/** Unreachable: it may have happened; `pending` says whether it still waits. */
	answer(wanted: ReviewAnswer, signal?: AbortSignal): Promise<{ok: true} | Refused | Unwritten>;
};

type Approval = {state?: string; environments?: Array<{name?: string}>; user?: {login?: string} | null};

const words = {approve: 'approved', reject: 'rejected'} as const;

/** GraphQL as such is closed to the token, or to this server: certain that nothing was done. */
const isClosed = ({evidence}: Trouble): boolean =>
	evidence.kind === 'no-api' ||
	(evidence.kind === 'errors' && needsRest(evidence.errors)) ||
	(evidence.kind === 'http' && evidence.status === 403 && /not accessible/i.test(evidence.body));

async function send(
	{rest, graphql}: Connection,
	{runId, decision, comment}: ReviewAnswer,
	{environmentId, restId}: Waiting,
	tally: Tally,
): Promise<void> {
	// Another address than where runs are read: each has its own reading.
	const {value: run} = await rest.get(
		`/actions/runs/${runId}?exclude_pull_requests=true`,
		({node_id: id}: {node_id: string}) => id,
		tally,
	);
	try {
		await mutate(
			graphql,
			decision === 'approve' ? 'approveDeployments' : 'rejectDeployments',
			{run, environments: [environmentId], comment},
			tally,
		);
	} catch (error) {
		if (!(error instanceof Trouble) || !isClosed(error) || restId === null) {
			throw error;
		}

		await rest.post(
			`/actions/runs/${runId}/pending_deployments`,
			{environment_ids: [restId], state: words[decision], comment},
			() => true,
			tally,
		);
	}
}

type Answered = {state: string; by: string};

/** Who has answered for the environment so far, as GitHub remembers it: of all attempts, and in an order of its own. @throws {Trouble} */
async function answers(rest: Rest, {runId, environment}: ReviewAnswer, tally: Tally): Promise<Answered[]> {
	const {value} = await rest.find(`/actions/runs/${runId}/approvals`, (all: Approval[]) => all, tally);
	return (value ?? [])
		.filter(({environments}) => environments?.some(({name}) => name === environment))
		.map(({state, user}) => ({state: state ?? '', by: user?.login ?? 'somebody'}));
}

/** The one answer that has come since; null: none, or more than one, so that nobody can say which counted. */
function newAnswer(before: readonly Answered[], after: readonly Answered[]): Answered | null {
	const isSame = (a: Answered, b: Answered) => a.state === b.state && a.by === b.by;
	const added = [...after];
	for (const one of before) {
		const at = added.findIndex(other => isSame(one, other));
		if (at >= 0) added.splice(at, 1);
	}

	return added.length === 1 ? added[0]! : null;
}

export function remoteReviews(original: Connection): Reviews {
	const connection = needing(
		original,
		'write access to Actions and Deployments of the repository (classic tokens: the scope "repo")',
	);
	const {rest, circumstances} = connection;
	const refused = (because: string, next: string): Refused => ({ok: false, kind: 'refused', because, next});

	/** After a refusal or a lost answer: what the run waits for says more. `before`: who had answered before; null: not known. */
	async function settle(
		wanted: ReviewAnswer,
		before: readonly Answered[] | null,
		trouble: Trouble,
		tally: Tally,
	): Promise<{ok: true} | Refused> {
		const {environment, runId, decision} = wanted;
		const isOver = await lookFor(
			connection,
			async () =>
				(await waiting(rest, runId, tally)).some(one => one.environment === environment) ? null : true,
			tally,
		);
		const isRefused = fateOf(trouble, circumstances()) !== 'unknown';
		if (isOver === null) {
			if (isRefused) {
				return refused(reasonOf(trouble, circumstances()), `Look at run ${runId}.`);
			}

			throw trouble;
		}

		const said =
			before &&
			(await lookFor(connection, async () => newAnswer(before, await answers(rest, wanted, tally)), tally, [0]));
		if (said === null && !isRefused) {
			throw trouble;
		}

		return said?.state === words[decision]
			? {ok: true}
			: refused(
					said === null
						? `run ${runId} does not wait for ${environment} any more`
						: `${environment} was ${said.state} by ${said.by}`,
					`Look at run ${runId}.`,
				);
	}

	async function answer(wanted: ReviewAnswer, tally: Tally): Promise<{ok: true} | Refused> {
		const {runId, environment} = wanted;
		const found = (await waiting(rest, runId, tally)).find(one => one.environment === environment);
		if (found === undefined) {
			return refused(
				`run ${runId} does not wait for ${environment}`,
				'Look again: somebody may have answered, or it was cancelled.',
			);
		}

		if (!found.canApprove) {
			return refused(
				`you are not a reviewer of ${environment}, or may not review what you started yourself`,
				'Ask one of its reviewers.',
			);
		}

		const before = await lookFor(connection, async () => answers(rest, wanted, tally), tally, [0]);
		try {
			await send(connection, wanted, found, tally);
			return {ok: true};
		} catch (error) {
			if (
				!(error instanceof Trouble) ||
				(fateOf(error, circumstances()) === 'unheard' && !/reviewer/i.test(reasonOf(error, circumstances())))
			) {
				throw error;
			}

			return settle(wanted, before, error, tally);
		}
	}

	return {
		pending: async (runId, signal) =>
			asking(connection, signal, async tally => ({
				ok: true as const,
				pending: (await waiting(rest, runId, tally)).map(({environment, environmentId, canApprove}) => ({
					environment,
					environmentId,
					canApprove,
				})),
			})),
		answer: async (wanted, signal) => asking(connection, signal, async tally => answer(wanted, tally)),
	};
}
