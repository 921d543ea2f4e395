/**
Mutual exclusion between processes of one machine: an exclusive transaction on an empty SQLite file. The kernel holds the lock and frees
it with the process, however that ends. Never open such a file by other means: closing any descriptor of it would drop the lock.
*/
import {createRequire} from 'node:module';
import type * as Sqlite from 'node:sqlite';
import {realClock} from '../../edges/clock.ts';
import {exitCodes, Failure} from '../../errors.ts';

export type Mutex = {release(): void};

// Loaded when first needed: `deployctl --help` has no use for SQLite, and Node.js 22 and 24 warn when it is loaded.
const sqlite = () => createRequire(import.meta.url)('node:sqlite') as typeof Sqlite;

/** Entry files call this with `process` before anything takes a mutex: Node.js 22 and 24 call SQLite experimental, on the user's screen. */
export const withoutSqliteWarning = (program: Pick<NodeJS.Process, 'emitWarning'>): void => {
	const original = program.emitWarning.bind(program) as (...parts: unknown[]) => void;
	program.emitWarning = (...parts: unknown[]) => {
		if (!(parts[1] === 'ExperimentalWarning' && String(parts[0]).includes('SQLite'))) original(...parts);
	};
};

/** A connection that nobody refers to is closed by the garbage collector, and its lock with it. */
const held = new Set<Sqlite.DatabaseSync>();

const busy = 5;
const locked = 6;

/**
The mutex, or null while somebody else (also in this process) holds it. Now and then null although it is free, when two try in the same
instant: who needs it takes it with `takeMutex`. Throws a `Failure` when the file cannot be opened at all.
*/
export const tryMutex = (path: string): Mutex | null => {
	let database: Sqlite.DatabaseSync | undefined;
	try {
		database = new (sqlite().DatabaseSync)(path);
		// Nothing is ever written, so no rollback file is needed beside it: this works on a full disk.
		database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
	} catch (error) {
		database?.close();
		const code = (error as {errcode?: number}).errcode;
		// The low byte is the code, the rest says more about it.
		if (code !== undefined && [busy, locked].includes(code & 0xff)) return null;
		throw new Failure('A lock file cannot be used', {
			because: `${path}: ${(error as Error).message}`,
			next: 'look at its permissions and at the free space of the disk',
			exitCode: exitCodes.failed,
			cause: error,
		});
	}
	const taken = database;
	held.add(taken);
	return {
		release() {
			if (held.delete(taken)) taken.close();
		},
	};
};

/** The mutex, or null when it has not become free in time. */
export const takeMutex = async (path: string, timeoutMs: number): Promise<Mutex | null> => {
	const until = performance.now() + timeoutMs;
	for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 20)) {
		const mutex = tryMutex(path);
		if (mutex !== null || performance.now() >= until) return mutex;
		// Uneven pauses: processes that began together must not stay in step.
		await realClock.after(pauseMs * (0.5 + Math.random()));
	}
};

/** Acts while holding the mutex. Throws a `Failure` when it does not become free in time. */
export const withMutex = async <T>(
	path: string,
	act: () => T | Promise<T>,
	{timeoutMs = 10_000}: {timeoutMs?: number} = {},
): Promise<T> => {
	const mutex = await takeMutex(path, timeoutMs);
	if (mutex === null) {
		throw new Failure('A lock of this machine did not become free', {
			because: `${path} has been held for ${Math.round(timeoutMs / 1000)} s`,
			next: 'look for a deployctl that hangs',
			exitCode: exitCodes.failed,
		});
	}
	try {
		return await act();
	} finally {
		mutex.release();
	}
};
