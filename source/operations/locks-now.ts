/** Who holds an environment: this machine's lock and the one on GitHub, as one state. */
import type {LockRecord, LockState} from '../core/lock.ts';
import {leaseGraceMs, type RemoteLock, type RemoteLocks} from '../github/locks.ts';
import type {Clock} from '../world.ts';
import {leaseMs} from './held-locks.ts';
import {isBusy, readMachineLock} from './machine-lock.ts';
import type {StatePaths} from './paths.ts';

/** What GitHub said last. `null` before the first answer. */
export type RemoteKnowledge = {readAt: number; answer: {ok: true; locks: Readonly<Record<string, RemoteLock>>} | {ok: false; because: string}} | null;

const fromGitHub = (lock: RemoteLock | undefined, now: number): LockState => {
	if (lock === undefined) return {state: 'free'};
	if (lock.lock === null) return {state: 'ambiguous', because: lock.because ?? 'it cannot be read'};
	const {leaseUntil} = lock.lock;
	const isStale = leaseUntil !== null && now > leaseUntil + leaseGraceMs;
	return {state: 'held', lock: lock.lock, where: 'github', isStale, silentSeconds: isStale ? (now - (leaseUntil - leaseMs)) / 1000 : null};
};

const fromMachine = (paths: StatePaths, environment: string, now: number): LockState => {
	const state = readMachineLock(paths, environment);
	if (state.state !== 'held') return state;
	const {leaseUntil} = state.record;
	const isStale = !isBusy(state);
	return {state: 'held', lock: state.record, where: 'machine', isStale, silentSeconds: isStale && leaseUntil !== null ? Math.max(0, now - (leaseUntil - leaseMs)) / 1000 : null};
};

/** What blocks wins: held here, held there, unreadable, not known, free. */
const together = (here: LockState, there: LockState): LockState => {
	if (here.state === 'held') return there.state === 'held' && there.lock.id === here.lock.id ? {...here, where: 'both'} : there.state === 'held' && here.isStale ? there : here;
	if (there.state === 'held') return there;
	return [here, there].find(({state}) => state === 'ambiguous') ?? [here, there].find(({state}) => state === 'unknown') ?? here;
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

const askMs = 8000;

/** Asks GitHub, and remembers what it said; a question that is newer than `freshMs` is not asked again. */
export const createRemoteKnowledge = (locks: (() => Promise<RemoteLocks>) | null, clock: Clock) => {
	let known: RemoteKnowledge = null;
	let underWay: Promise<void> | null = null;
	const ask = async (signal: AbortSignal): Promise<void> => {
		try {
			const answer = await (await locks!()).read(signal);
			known = {readAt: clock.now(), answer: answer.ok ? answer : {ok: false, because: answer.because}};
		} catch (error) {
			known = {readAt: clock.now(), answer: {ok: false, because: (error as Error).message}};
		}
	};
	return {
		known: () => known,
		hasRemote: locks !== null,
		/** Never rejects. Whether there is an answer as of now; false: there was none in time, and what is known is older. */
		async refresh({freshMs = 0, atMostMs = askMs}: {freshMs?: number; atMostMs?: number} = {}): Promise<boolean> {
			if (locks === null || (known !== null && clock.now() - known.readAt < freshMs)) return true;
			underWay ??= ask(AbortSignal.timeout(askMs)).finally(() => { underWay = null; });
			const over = new AbortController();
			try {
				return await Promise.race([underWay.then(() => true), clock.after(atMostMs, over.signal).then(() => false, () => false)]);
			} finally {
				over.abort();
			}
		},
	};
};
