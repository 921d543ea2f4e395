/**
Who may change an environment, on this machine: one file an environment. It outlives the supervisor that wrote it, for a script that
still runs keeps its environment busy although nobody watches it any more. Only who knows the lock's id releases it.
*/
import {rmSync} from 'node:fs';
import type {LockRecord} from '../../core/locks/lock.ts';
import {makeDirectory, readWhole, syncDirectory, writeWhole} from '../files/durable-file.ts';
import {takeMutex, tryMutex, withMutex} from '../files/mutex.ts';
import {lockMutexPath, lockPath, pathsIn} from '../files/paths.ts';
import type {StatePaths} from '../files/paths.ts';
import {isScriptAlive} from '../script/runner.ts';

/** On disk: the record and the folder of its operation (null for a human's). */
export type MachineLock = {record: LockRecord; directory: string | null};

export type MachineLockState =
	| {state: 'free'}
	| ({state: 'held'} & MachineLock)
	| {state: 'ambiguous'; because: string};

const isRecord = (value: unknown): value is LockRecord & {directory?: unknown} => {
	const record = value as Partial<Record<keyof LockRecord, unknown>> | null;
	return (
		typeof record === 'object' &&
		record !== null &&
		typeof record.id === 'string' &&
		typeof record.environment === 'string' &&
		(record.kind === 'human' || record.kind === 'operation')
	);
};

const parse = (text: string, path: string): MachineLockState => {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		value = null;
	}
	if (!isRecord(value)) return {state: 'ambiguous', because: `${path} cannot be understood`};
	const {directory, ...record} = value;
	return {state: 'held', record, directory: typeof directory === 'string' ? directory : null};
};

/** Never throws: what cannot be read is ambiguous, and blocks. */
export const readMachineLock = (paths: StatePaths, environment: string): MachineLockState => {
	const path = lockPath(paths, environment);
	try {
		const text = readWhole(path);
		return text === null ? {state: 'free'} : parse(text, path);
	} catch (error) {
		return {state: 'ambiguous', because: (error as Error).message};
	}
};

const write = (paths: StatePaths, {record, directory}: MachineLock): void =>
	writeWhole(lockPath(paths, record.environment), JSON.stringify({...record, directory}));

const remove = (paths: StatePaths, environment: string): void => {
	rmSync(lockPath(paths, environment), {force: true});
	syncDirectory(paths.locks);
};

/** Whether the operation's supervisor lives. Nothing is left taken by asking. */
export const isSupervised = (directory: string): boolean => {
	const mutex = tryMutex(pathsIn(directory).supervisorMutex);
	mutex?.release();
	return mutex === null;
};

/** A human's lock never goes stale; an operation's is busy for as long as its supervisor or anything of its script lives. */
export const isBusy = ({record, directory}: MachineLock): boolean => {
	if (record.kind === 'human' || record.operation === null || directory === null) return true;
	try {
		return isSupervised(directory) || isScriptAlive(record.operation, pathsIn(directory));
	} catch {
		// Its folder is gone, so nobody can hold anything in it.
		return readWhole(pathsIn(directory).request) !== null;
	}
};

/** `stale`: its holder is dead and has to be settled first (reconcile), which frees the lock. */
export type Taken =
	| {ok: true}
	| ({ok: false; kind: 'held' | 'stale'} & MachineLock)
	| {ok: false; kind: 'ambiguous'; because: string};

const inTurn = <T>(paths: StatePaths, environment: string, act: () => T): Promise<T> => {
	makeDirectory(paths.locks);
	return withMutex(lockMutexPath(paths, environment), act);
};

/** Throws what the disk says when the file cannot be written: then nothing is held. */
export const takeMachineLock = (paths: StatePaths, lock: MachineLock): Promise<Taken> =>
	inTurn(paths, lock.record.environment, () => {
		const state = readMachineLock(paths, lock.record.environment);
		if (state.state === 'ambiguous') return {ok: false, kind: 'ambiguous', because: state.because};
		if (state.state === 'held' && state.record.id !== lock.record.id) {
			return {
				ok: false,
				kind: isBusy(state) ? 'held' : 'stale',
				record: state.record,
				directory: state.directory,
			};
		}
		write(paths, lock);
		return {ok: true};
	});

/** New lease and phase; false: the lock is not ours any more. */
export const renewMachineLock = (paths: StatePaths, lock: MachineLock): Promise<boolean> =>
	inTurn(paths, lock.record.environment, () => {
		const state = readMachineLock(paths, lock.record.environment);
		if (state.state !== 'held' || state.record.id !== lock.record.id) return false;
		write(paths, lock);
		return true;
	});

/** Frees the lock that has this id; false: it is not there, nothing was done. */
export const releaseMachineLock = (paths: StatePaths, environment: string, id: string): Promise<boolean> =>
	inTurn(paths, environment, () => {
		const state = readMachineLock(paths, environment);
		if (state.state !== 'held' || state.record.id !== id) return false;
		remove(paths, environment);
		return true;
	});

/** Waits for the end of a supervisor: its mutex comes free. false: not in time. */
export const untilUnsupervised = async (directory: string, timeoutMs: number): Promise<boolean> => {
	const mutex = await takeMutex(pathsIn(directory).supervisorMutex, timeoutMs);
	mutex?.release();
	return mutex !== null;
};
