/** Who holds an environment: this machine's lock and the one on GitHub, as one state. */
import type {LockRecord, LockState} from '../../core/locks/lock.ts';
import {leaseGraceMs, type RemoteLock} from '../../github/branches/locks.ts';
import {leaseMs} from './held-locks.ts';
import type {Knowledge} from '../readings/knowledge.ts';
import {isBusy, readMachineLock} from '../locks/machine-lock.ts';
import type {StatePaths} from '../files/paths.ts';

/** What GitHub said last about all locks. */
export type RemoteKnowledge = Knowledge<{ok: true; locks: Readonly<Record<string, RemoteLock>>}>;

const fromGitHub = (lock: RemoteLock | undefined, now: number): LockState => {
	if (lock === undefined) return {state: 'free'};
	if (lock.lock === null)
		return {
			state: 'ambiguous',
			because: lock.because ?? 'it cannot be read',
			where: 'github',
			author: lock.author ?? null,
		};
	const {leaseUntil} = lock.lock;
	const isStale = leaseUntil !== null && now > leaseUntil + leaseGraceMs;
	return {
		state: 'held',
		lock: lock.lock,
		where: 'github',
		isStale,
		silentSeconds: isStale ? (now - (leaseUntil - leaseMs)) / 1000 : null,
	};
};

const fromMachine = (paths: StatePaths, environment: string, now: number): LockState => {
	const state = readMachineLock(paths, environment);
	if (state.state !== 'held') return state.state === 'ambiguous' ? {...state, where: 'machine'} : state;
	const {leaseUntil} = state.record;
	const isStale = !isBusy(state);
	return {
		state: 'held',
		lock: state.record,
		where: 'machine',
		isStale,
		silentSeconds: isStale && leaseUntil !== null ? Math.max(0, now - (leaseUntil - leaseMs)) / 1000 : null,
	};
};

/** What blocks wins: held here, held there, unreadable, not known, free. */
const together = (here: LockState, there: LockState): LockState => {
	if (here.state === 'held')
		return there.state === 'held' && there.lock.id === here.lock.id
			? {...here, where: 'both'}
			: there.state === 'held' && here.isStale
				? there
				: here;
	if (there.state === 'held') return there;
	return (
		[here, there].find(({state}) => state === 'ambiguous') ??
		[here, there].find(({state}) => state === 'unknown') ??
		here
	);
};

export type LockQuestion = {
	paths: StatePaths;
	/** null: GitHub was not asked yet. */
	known: RemoteKnowledge;
	/** false: there is no GitHub in this world, and this machine's lock is all. */
	hasRemote: boolean;
	/** Whether our own journal says that the operation of this lock is over: then it is gone, or will be in an instant. */
	isGivenBack(lock: LockRecord): boolean;
	now: number;
};

export const lockNow = (environment: string, {paths, known, hasRemote, isGivenBack, now}: LockQuestion): LockState => {
	const machine = fromMachine(paths, environment, now);
	const here: LockState = machine.state === 'held' && isGivenBack(machine.lock) ? {state: 'free'} : machine;
	if (!hasRemote) return here;
	if (known === null) return together(here, {state: 'unknown', because: 'GitHub has not been asked yet'});
	if (!known.answer.ok) return together(here, {state: 'unknown', because: known.answer.because});
	const lock = known.answer.locks[environment];
	return together(here, fromGitHub(lock?.lock != null && isGivenBack(lock.lock) ? undefined : lock, now));
};
