/**
Settles what dead supervisors left behind. Everybody who looks at operations may call this, at the same time: for each orphan a
supervisor is started that takes over, and the supervisor's mutex decides which.
*/
import {spawn} from 'node:child_process';
import {closeSync, openSync} from 'node:fs';
import {foldRecords, nothingFolded, unsettled} from '../../core/operations/journal-fold.ts';
import type {Followed} from '../../core/operations/journal-fold.ts';
import {realClock} from '../../edges/clock.ts';
import {createJournalReader} from '../journal/journal-reader.ts';
import {isSupervised} from './machine-lock.ts';
import {operationPaths} from '../files/paths.ts';
import type {OperationPaths, StatePaths} from '../files/paths.ts';
import {readWhole} from '../files/durable-file.ts';
import {isScriptAlive} from '../script/runner.ts';

/** How a supervisor is started: the program and its arguments before the operation's folder, and what it inherits. */
export type SupervisorCommand = {command: readonly string[]; env: Readonly<Record<string, string | undefined>>};

/** Starts a supervisor that has nothing to do with us any more. Its streams go to the operation's `supervisor.log`. */
export const spawnSupervisor = (
	{command, env}: SupervisorCommand,
	files: OperationPaths,
	flags: readonly string[] = [],
): void => {
	const [program = '', ...parameters] = command;
	const log = openSync(files.supervisorLog, 'a', 0o600);
	const child = spawn(program, [...parameters, files.directory, ...flags], {
		detached: true,
		stdio: ['ignore', log, log],
		env,
		cwd: '/',
	});
	closeSync(log);
	// What cannot be started shows as an operation that nobody supervises.
	child.on('error', () => {});
	child.unref();
};

export type Reconciled = {
	/** Settled just now, or at least watched again. */
	settled: readonly string[];
	/** Still without a supervisor or an outcome: the next time may do better. */
	left: readonly string[];
};

const pollMs = 20;
/** Not more often for one operation: what could not be settled (a full disk, a GitHub that does not answer) is not tried ten times a second. */
const againAfterMs = {running: 15_000, over: 60_000} as const;
const lastTried = new Map<string, number>();

const isOrphan = (files: OperationPaths): boolean => {
	try {
		return readWhole(files.request) !== null && !isSupervised(files.directory);
	} catch {
		return false;
	}
};

const orphansIn = (followed: readonly Followed[], paths: StatePaths): Array<{id: string; files: OperationPaths}> =>
	followed
		.map(({operation: {id, outcome}}) => ({
			id,
			files: operationPaths(paths, id),
			pauseMs: againAfterMs[outcome === 'running' ? 'running' : 'over'],
		}))
		.filter(
			({files, pauseMs}) =>
				performance.now() - (lastTried.get(files.directory) ?? -Infinity) >= pauseMs && isOrphan(files),
		);

/** Reads only what is new, each time. */
const unsettledReader = (paths: StatePaths): (() => Promise<Followed[]>) => {
	const reader = createJournalReader(paths.journal);
	let folded = nothingFolded;
	return async () => {
		const {records, isFresh} = await reader.read();
		folded = foldRecords(isFresh ? nothingFolded : folded, records);
		return unsettled(folded);
	};
};

/**
`known`: the unsettled operations, if the caller has just read them. Waits until each orphan has its outcome or is watched again, at most
`waitMs`; what then still has to be published goes on in the background. Throws when the journal cannot be read.
*/
export const reconcile = async (
	paths: StatePaths,
	supervisor: SupervisorCommand,
	{known, waitMs = 5000}: {known?: readonly Followed[]; waitMs?: number} = {},
): Promise<Reconciled> => {
	const read = unsettledReader(paths);
	const orphans = orphansIn(known ?? (await read()), paths);
	for (const {files} of orphans) {
		lastTried.set(files.directory, performance.now());
		spawnSupervisor(supervisor, files, ['--resume']);
	}
	const settled = new Set<string>();
	for (const until = performance.now() + waitMs; settled.size < orphans.length;) {
		const running = new Set(
			(await read()).flatMap(({operation: {id, outcome}}) => (outcome === 'running' ? [id] : [])),
		);
		for (const {id, files} of orphans) {
			if (!running.has(id) || (isScriptAlive(id, files) && isSupervised(files.directory))) settled.add(id);
		}
		if (settled.size === orphans.length || performance.now() >= until) break;
		await realClock.after(pollMs);
	}
	return {settled: [...settled], left: orphans.map(({id}) => id).filter(id => !settled.has(id))};
};
