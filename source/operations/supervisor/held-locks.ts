/** Both locks of an operation, this machine's and the one on GitHub: taken in this order, renewed together, given back together. */
import {randomUUID} from 'node:crypto';
import type {LockRecord} from '../../core/locks/lock.ts';
import {readMachineLock, releaseMachineLock, renewMachineLock, takeMachineLock} from '../locks/machine-lock.ts';
import type {Taken} from '../locks/machine-lock.ts';
import type {Supervision} from './supervision.ts';
import type {RemoteAnswer} from './surroundings.ts';

export const leaseMs = 90_000;
export const renewEveryMs = 20_000;
/** For one question to GitHub. A rollback does not need the answer, and whoever comes next does not wait long for the release. */
const patienceMs = {deploy: 15_000, promote: 15_000, rollback: 4000, renewal: 15_000, release: 5000} as const;

export type HeldLocks = {
	readonly record: LockRecord;
	takeMachine(): Promise<Taken>;
	/** null: this world has no GitHub. */
	takeRemote(): Promise<RemoteAnswer | null>;
	/** Never throws: a lease that was not renewed runs out, and the operation goes on. */
	renew(phase: string): Promise<void>;
	/** Why the one on GitHub may still be there; null: both are free. Throws when this machine's cannot be removed. */
	release(): Promise<string | null>;
};

const newRecord = ({id, plan, request, around}: Supervision): LockRecord => ({
	id: randomUUID(),
	environment: plan.environment,
	kind: 'operation',
	operation: id,
	operator: request.operator,
	host: request.host,
	reason:
		plan.kind === 'promote'
			? `promotion of ${plan.sha?.slice(0, 7) ?? 'a commit'}`
			: plan.kind === 'rollback'
				? `rollback to ${plan.to?.release ?? 'the release before'}`
				: `${plan.kind} of ${plan.sha ?? plan.to?.release ?? 'a release'}`,
	createdAt: around.clock.now(),
	leaseUntil: around.clock.now() + leaseMs,
	phase: null,
	...(plan.promotion !== null &&
		plan.sha !== null && {
			promotion: {
				sha: plan.sha,
				hotfix: plan.promotion.hotfix,
				breakGlass: plan.promotion.breakGlass?.reason ?? null,
				passed: plan.promotion.breakGlass?.conditions ?? [],
			},
		}),
});

/** Looks the lock up on GitHub, when we do not know where it stands. */
const releaseRemote = async (
	{around}: Supervision,
	record: LockRecord,
	known: string | null,
): Promise<string | null> => {
	if (around.remoteLocks === null) return null;
	const signal = AbortSignal.timeout(patienceMs.release);
	const found =
		known === null
			? await around.remoteLocks.find(record.environment, record.id, signal)
			: {ok: true as const, oid: known};
	if (!found.ok) return found.because;
	if (found.oid === null) return null;
	const released = await around.remoteLocks.release(record.environment, found.oid, signal);
	// Lost: somebody broke it, and it is not ours to give back.
	return released.ok || released.kind === 'lost' ? null : released.because;
};

/**
`adopted`: the id of a lock that a dead supervisor of this operation took. `asksRemote`: that one may stand on GitHub too.
*/
export const holdLocks = (supervision: Supervision, adopted: string | null = null, asksRemote = false): HeldLocks => {
	const {paths, around, plan, files} = supervision;
	const known = readMachineLock(paths, plan.environment);
	let record =
		known.state === 'held' && known.record.operation === supervision.id
			? known.record
			: {...newRecord(supervision), ...(adopted !== null && {id: adopted})};
	let oid: string | null = null;
	let mayBeRemote = asksRemote;

	const renewRemote = async (signal: AbortSignal) => {
		if (around.remoteLocks === null || !mayBeRemote) return;
		if (oid === null) {
			const found = await around.remoteLocks.find(record.environment, record.id, signal);
			if (!found.ok || found.oid === null) return;
			oid = found.oid;
		}
		const renewed = await around.remoteLocks.renew(record, oid, signal);
		if (renewed.ok) oid = renewed.oid;
		else {
			around.say(`the lock on GitHub was not renewed: ${renewed.because}`);
			// What we believed to stand there does not: ask before the next time.
			if (renewed.kind === 'lost') oid = null;
		}
	};

	// One after the other: a renewal that is still under way must not meet the release.
	let turn: Promise<unknown> = Promise.resolve();
	const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
		const next = turn.then(act);
		turn = next.catch(() => {});
		return next;
	};

	return {
		get record() {
			return record;
		},
		takeMachine: () => takeMachineLock(paths, {record, directory: files.directory}),
		async takeRemote() {
			if (around.remoteLocks === null) return null;
			// From here on it may stand there, also when the answer gets lost.
			mayBeRemote = true;
			const answer = await around.remoteLocks.take(record, AbortSignal.timeout(patienceMs[plan.kind]));
			if (answer.ok) oid = answer.oid;
			return answer;
		},
		renew: phase =>
			inTurn(async () => {
				record = {...record, phase, leaseUntil: around.clock.now() + leaseMs};
				try {
					if (!(await renewMachineLock(paths, {record, directory: files.directory})))
						around.say('the lock of this machine is not ours any more');
					await renewRemote(AbortSignal.timeout(patienceMs.renewal));
				} catch (error) {
					around.say(`the locks were not renewed: ${(error as Error).message}`);
				}
			}),
		release: () =>
			inTurn(async () => {
				// GitHub's first: while it stands, nobody else on this machine gets in between.
				const left = mayBeRemote
					? await releaseRemote(supervision, record, oid).catch((error: unknown) => (error as Error).message)
					: null;
				await releaseMachineLock(paths, record.environment, record.id);
				return left;
			}),
	};
};
