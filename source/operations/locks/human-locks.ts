/** Locks that people take and give back: "frozen for the audit". On this machine and, where it can be reached, on GitHub. */
import {randomUUID} from 'node:crypto';
import {holderOf, type LockRecord} from '../../core/locks/lock.ts';
import {exitCodes, Failure, failureSentence} from '../../errors.ts';
import type {RemoteLocks} from '../../github/branches/locks.ts';
import type {Clock, Done, Refusal} from '../../world.ts';
import type {Journal} from '../journal/journal.ts';
import {isBusy, readMachineLock, releaseMachineLock, takeMachineLock} from './machine-lock.ts';
import type {StatePaths} from '../files/paths.ts';

export type LockKeeper = {
	paths: StatePaths;
	journal: Journal;
	clock: Clock;
	host: string;
	/** Name on this machine: of locks that were taken while GitHub could not say another. */
	user: string;
	operator(): Promise<string>;
	/** null: this world has no GitHub. */
	remote: (() => Promise<RemoteLocks>) | null;
	/** Others are told of a broken lock. */
	onBreak(broken: {
		lock: string;
		environment: string;
		holder: string;
		by: string;
		reason: string;
		at: number;
	}): Promise<void>;
};

const remoteMs = 10_000;
const refusal = (because: string, next: string, exitCode: number): Refusal => ({ok: false, because, next, exitCode});

/** What is thrown by disks and journals, as a value. */
const orRefusal = async (act: () => Promise<Done | Refusal>): Promise<Done | Refusal> => {
	try {
		return await act();
	} catch (error) {
		if (error instanceof Failure)
			return refusal(failureSentence(error), error.next ?? 'Try again.', error.exitCode);
		return refusal((error as Error).message, 'Look at the disk and at its permissions.', exitCodes.failed);
	}
};

type Remote<Answer> = Answer | {ok: false; kind: 'unreachable'; because: string; next?: string};

/** With what mends it, as long as asking again does not. */
const reasonOf = ({kind, because, next}: {kind: string; because: string; next?: string}): string =>
	kind === 'not-permitted' && next !== undefined ? `${because} ${next}` : because;
const askRemote = async <Answer extends {ok: boolean}>(
	{remote}: LockKeeper,
	act: (locks: RemoteLocks, signal: AbortSignal) => Promise<Answer>,
): Promise<Remote<Answer> | null> => {
	if (remote === null) return null;
	try {
		return await act(await remote(), AbortSignal.timeout(remoteMs));
	} catch (error) {
		return {
			ok: false,
			kind: 'unreachable',
			because:
				error instanceof Failure && error.because !== undefined
					? `${error.message}: ${error.because}`
					: (error as Error).message,
		};
	}
};

const heldBy = (lock: LockRecord): Refusal => {
	const {operator, host, reason, id, environment, kind, operation} = lock;
	return refusal(
		`${environment} is locked by ${holderOf(lock)} on ${host}: ${reason}`,
		kind === 'human' || operation === null
			? `Ask ${operator}; deployctl unlock ${environment} --break ${id} -m REASON removes it.`
			: `Wait until it has ended; deployctl attach ${operation} shows it.`,
		exitCodes.locked,
	);
};

export const takeHumanLock = (keeper: LockKeeper, environment: string, reason: string): Promise<Done | Refusal> =>
	orRefusal(async () => {
		const {paths, journal, clock, host} = keeper;
		const operator = await keeper.operator();
		const record: LockRecord = {
			id: randomUUID(),
			environment,
			kind: 'human',
			operation: null,
			operator,
			host,
			reason,
			createdAt: clock.now(),
			leaseUntil: null,
			phase: null,
		};
		// The intent first: what cannot be written down is not done.
		await journal.append([{type: 'human-lock-taken', environment, lock: record.id, by: operator, reason}]);
		const giveUp = async (refused: Refusal): Promise<Refusal> => {
			await journal.append([{type: 'human-lock-released', environment, lock: record.id, by: operator}]);
			return refused;
		};
		const here = await takeMachineLock(paths, {record, directory: null});
		if (!here.ok)
			return giveUp(
				here.kind === 'ambiguous'
					? refusal(here.because, 'Look at that file.', exitCodes.locked)
					: heldBy(here.record),
			);
		const there = await askRemote(keeper, (locks, signal) => locks.take(record, signal));
		if (there === null || there.ok) return {ok: true};
		if (there.kind === 'held') {
			await releaseMachineLock(paths, environment, record.id);
			return giveUp(
				'lock' in there && there.lock !== null
					? heldBy(there.lock)
					: refusal(there.because, 'Look at the lock on GitHub.', exitCodes.locked),
			);
		}
		return {ok: true, note: `on this machine only: GitHub could not be told (${reasonOf(there)})`};
	});

type Found = {
	here: LockRecord | null;
	there: {oid: string; lock: LockRecord | null} | null;
	/** Why GitHub could not be asked. */ blind: string | null;
};

const find = async (keeper: LockKeeper, environment: string): Promise<Found> => {
	const here = readMachineLock(keeper.paths, environment);
	const there = await askRemote(keeper, (locks, signal) => locks.read(signal));
	const lock = there?.ok === true && 'locks' in there ? there.locks[environment] : undefined;
	return {
		here: here.state === 'held' ? here.record : null,
		there: lock === undefined ? null : {oid: lock.oid, lock: lock.lock},
		blind: there === null || there.ok ? null : reasonOf(there),
	};
};

/** Both, as far as they are this lock. The one on GitHub only under the object that was seen. */
const remove = async (
	keeper: LockKeeper,
	environment: string,
	id: string,
	{here, there, blind}: Found,
): Promise<Done | Refusal> => {
	if (there !== null && (there.lock?.id === id || there.oid === id)) {
		const released = await askRemote(keeper, (locks, signal) => locks.release(environment, there.oid, signal));
		if (released !== null && !released.ok && released.kind !== 'lost') {
			const isForbidden = released.kind === 'not-permitted' && 'next' in released;
			return refusal(
				`the lock on GitHub could not be removed: ${released.because}`,
				isForbidden ? released.next : 'Try again when GitHub answers.',
				isForbidden ? exitCodes.notPermitted : exitCodes.unreachable,
			);
		}
	}
	if (here?.id === id) await releaseMachineLock(keeper.paths, environment, id);
	return blind === null ? {ok: true} : {ok: true, note: `on this machine only: GitHub could not be asked (${blind})`};
};

const breakLock = async (
	keeper: LockKeeper,
	environment: string,
	{id, reason}: {id: string; reason: string},
	found: Found,
): Promise<Done | Refusal> => {
	const named = [found.here, found.there?.lock ?? null].find(
		lock => lock !== null && (lock.id === id || (id.length >= 6 && lock.id.startsWith(id))),
	);
	const unreadable =
		found.there !== null && found.there.lock === null && found.there.oid.startsWith(id) && id.length >= 6
			? found.there.oid
			: null;
	if (named == null && unreadable === null)
		return refusal(
			`${environment} has no lock ${id}`,
			found.blind === null
				? 'deployctl status and the screen show which it has.'
				: `GitHub could not be asked (${found.blind}).`,
			exitCodes.usage,
		);
	if (named?.kind === 'operation') {
		const local = readMachineLock(keeper.paths, environment);
		const isAlive =
			(local.state === 'held' && local.record.id === named.id && isBusy(local)) ||
			(named.leaseUntil !== null && keeper.clock.now() < named.leaseUntil && named.host !== keeper.host);
		// At most one operation at a time: nobody breaks the lock of one that lives.
		if (isAlive)
			return refusal(
				`the operation ${named.operation ?? ''} of ${named.operator} is alive`,
				`Stop it first: deployctl stop ${named.operation ?? environment}.`,
				exitCodes.locked,
			);
	}
	const lock = named?.id ?? unreadable!;
	const broken = {lock, environment, holder: named?.operator ?? 'unknown', by: await keeper.operator(), reason};
	await keeper.journal.append([{type: 'lock-broken', ...broken}]);
	const removed = await remove(keeper, environment, lock, found);
	if (removed.ok) await keeper.onBreak({...broken, at: keeper.clock.now()});
	return removed;
};

export const giveBackHumanLock = (
	keeper: LockKeeper,
	environment: string,
	breaking: {id: string; reason: string} | null,
): Promise<Done | Refusal> =>
	orRefusal(async () => {
		const found = await find(keeper, environment);
		if (breaking !== null) return breakLock(keeper, environment, breaking, found);
		const lock = found.here ?? found.there?.lock ?? null;
		if (lock === null)
			return found.there === null
				? {
						ok: true,
						note:
							found.blind === null
								? 'it was not locked'
								: `it was not locked here; GitHub could not be asked (${found.blind})`,
					}
				: refusal(
						`the lock of ${environment} on GitHub cannot be read`,
						`deployctl unlock ${environment} --break ${found.there.oid.slice(0, 12)} -m REASON removes it.`,
						exitCodes.locked,
					);
		const operator = await keeper.operator();
		const isOurs =
			lock.kind === 'human' &&
			(lock.operator === operator || (lock.operator === keeper.user && lock.host === keeper.host));
		if (!isOurs) return heldBy(lock);
		await keeper.journal.append([{type: 'human-lock-released', environment, lock: lock.id, by: operator}]);
		return remove(keeper, environment, lock.id, found);
	});
