/**
What happened to an environment, for everybody to see: a deployment on GitHub with its status. Before anything is created it is looked
for by the operation's id, so that an answer that got lost never makes two of it.
*/
import type {Operation} from '../../core/operations/operation.ts';
import {safeText} from '../../core/text/safe-text.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import {attempt, type Connection, type Unwritten} from '../http/connection.ts';
import {adviceFor, classify, mask} from '../failures/failures.ts';
import type {Tally} from '../http/tally.ts';
import {Trouble} from '../failures/trouble.ts';
import {payload, time} from '../failures/values.ts';

export type OperationRecord = {
	operation: Operation;
	/** Hash of the journal's newest record about it. */ journalHead: string | null;
	/** Address of the environment itself. */ environmentUrl: string | null;
};
/** `id` null: without a commit there is nothing to record. */
export type Recorded = {ok: true; id: number | null};
/** GitHub looked at it and will not have it, however often it is sent. */
export type Unrecordable = {ok: false; kind: 'refused'; because: string; next: string};
export type OperationRecords = {
	publish(record: OperationRecord, signal?: AbortSignal): Promise<Recorded | Unrecordable | Unwritten>;
};

type Known = {id: number; operation: string | null; createdAt: number};
type State = 'success' | 'failure' | 'error' | 'in_progress' | 'inactive';

/** GitHub's limit. */
const longestDescription = 140;
/** A replica may lag behind a write whose answer got lost. */
const looksAfterMs = [0, 500, 2000];

export const stateOf = ({outcome}: Pick<Operation, 'outcome'>): State => {
	switch (outcome) {
		case 'running':
			return 'in_progress';
		case 'succeeded':
			return 'success';
		// It did not become what it should: the environment stayed, or is again, what it was.
		case 'failed':
		case 'rolled-back':
			return 'failure';
		case 'interrupted':
			return 'error';
	}
};

const shaOf = ({sha, to}: Operation): string | null => sha ?? to?.sha ?? null;
const nameOf = (ref: Operation['to']): string | null => (ref === null ? null : sanitise(ref.release, 100));

const bodyOf = ({operation, journalHead}: OperationRecord, sha: string) => ({
	ref: sha,
	task: 'deploy',
	environment: operation.environment,
	production_environment: operation.environment === 'production',
	// The defaults would merge the default branch first, and refuse while any status is not green.
	auto_merge: false,
	required_contexts: [],
	description: sanitise(`${operation.kind} by ${operation.operator}`, longestDescription),
	payload: {
		deployctl: 1,
		operation: operation.id,
		kind: operation.kind,
		sha,
		from: operation.from && {release: nameOf(operation.from), sha: operation.from.sha},
		to: operation.to && {release: nameOf(operation.to), sha: operation.to.sha},
		operator: sanitise(operation.operator, 100),
		host: sanitise(operation.host, 100),
		started_at: new Date(operation.startedAt).toISOString(),
		finished_at: operation.finishedAt === null ? null : new Date(operation.finishedAt).toISOString(),
		outcome: operation.outcome,
		journal: journalHead,
	},
});

const isUnclear = (error: unknown): error is Trouble =>
	error instanceof Trouble &&
	!(error.evidence.kind === 'http' && error.evidence.status >= 400 && error.evidence.status < 500);

export function operationRecords(connection: Connection): OperationRecords {
	const {rest, clock, circumstances, endpoint, transport} = connection;

	const listed = async (environment: string, tally: Tally): Promise<Known[]> =>
		(
			await rest.get(
				`/deployments?environment=${encodeURIComponent(environment)}&per_page=100`,
				(deployments: Array<{id: number; payload: unknown; created_at: string}>) =>
					deployments.map(({id, payload: said, created_at: createdAt}) => {
						const marks = payload(said);
						return {
							id,
							operation:
								marks?.['deployctl'] === 1 && typeof marks['operation'] === 'string'
									? marks['operation']
									: null,
							createdAt: time(createdAt) ?? 0,
						};
					}),
				tally,
			)
		).value;
	const statuses = async (id: number, tally: Tally): Promise<Array<{state: string; description: string}>> =>
		(
			await rest.get(
				`/deployments/${id}/statuses?per_page=100`,
				(all: Array<{state: string; description: string | null}>) =>
					all.map(({state, description}) => ({state, description: description ?? ''})),
				tally,
			)
		).value;

	/** Writes once. When it is not clear whether that happened, `isThere` decides; null from it means that it did not. */
	async function written<Result>(
		write: () => Promise<Result>,
		isThere: () => Promise<Result | null>,
		tally: Tally,
	): Promise<Result> {
		try {
			return await write();
		} catch (error) {
			if (!isUnclear(error)) {
				throw error;
			}

			for (const pauseMs of looksAfterMs) {
				await clock.after(pauseMs, tally.signal);
				const result = await isThere().catch((trouble: unknown) => {
					if (trouble instanceof Trouble) {
						return null;
					}

					throw trouble;
				});
				if (result !== null) {
					return result;
				}
			}

			throw error;
		}
	}

	/** The first one, should two have come to be. */
	const ours = (all: readonly Known[], {operation}: OperationRecord): number | null =>
		all.findLast(one => one.operation === operation.id)?.id ?? null;

	async function created(record: OperationRecord, sha: string, all: readonly Known[], tally: Tally): Promise<number> {
		return (
			ours(all, record) ??
			written(
				async () =>
					rest.post(
						'/deployments',
						bodyOf(record, sha),
						({id}: {id: unknown}) => {
							if (typeof id !== 'number') {
								throw new TypeError('no deployment');
							}

							return id;
						},
						tally,
					),
				async () => ours(await listed(record.operation.environment, tally), record),
				tally,
			)
		);
	}

	async function post(
		id: number,
		state: State,
		{operation, environmentUrl}: OperationRecord,
		isNewest: boolean,
		tally: Tally,
	): Promise<void> {
		const description = safeText(mask(operation.because, endpoint.token), longestDescription);
		const isThere = async () =>
			(await statuses(id, tally)).some(
				status => status.state === state && (state === 'inactive' || status.description === description),
			) || null;
		if ((await isThere()) === null) {
			const body = {
				state,
				description: state === 'inactive' ? 'something newer was live when this was recorded' : description,
				auto_inactive: isNewest,
				...(environmentUrl !== null && {environment_url: environmentUrl}),
			};
			await written(
				async () => rest.post(`/deployments/${id}/statuses`, body, () => true, tally),
				isThere,
				tally,
			);
		}
	}

	/** Recorded late, it is the newest deployment on GitHub although something else has become live since then. */
	async function isOvertaken({operation}: OperationRecord, all: readonly Known[], tally: Tally): Promise<boolean> {
		const endedAt = (operation.finishedAt ?? clock.now()) + (transport.skewMs() ?? 0);
		const newer = all.filter(one => one.operation !== operation.id && one.createdAt > endedAt).slice(0, 5);
		const states = await Promise.all(newer.map(async ({id}) => statuses(id, tally)));
		return states.flat().some(({state}) => state === 'success');
	}

	async function publish(record: OperationRecord, tally: Tally): Promise<Recorded> {
		const sha = shaOf(record.operation);
		if (sha === null) {
			return {ok: true, id: null};
		}

		const all = await listed(record.operation.environment, tally);
		const state = stateOf(record.operation);
		const isLate = state === 'success' && (await isOvertaken(record, all, tally));
		const id = await created(record, sha, all, tally);
		await post(id, state, record, !isLate, tally);
		if (isLate) {
			await post(id, 'inactive', record, false, tally);
		}

		return {ok: true, id};
	}

	return {
		async publish(record, signal) {
			return attempt(
				connection,
				async () => {
					try {
						return await publish(record, connection.tally(signal));
					} catch (error) {
						const at = circumstances();
						// A limit or a missing permission also comes as 422: that is no word about the record.
						if (
							!(error instanceof Trouble) ||
							error.evidence.kind !== 'http' ||
							classify(error.evidence, at).kind !== 'refused'
						) {
							throw error;
						}

						const {because} = classify(error.evidence, at);
						return {
							ok: false as const,
							kind: 'refused' as const,
							because: `GitHub does not take the record: ${because}`,
							next: adviceFor(error.evidence, at, 'Check that the commit is on GitHub.'),
						};
					}
				},
				signal,
			);
		},
	};
}
