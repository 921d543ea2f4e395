/** Starts the script so that nothing of ours is needed for it to go on, and finds out how it ended, as its parent or later. */
import {spawn} from 'node:child_process';
import {closeSync, openSync} from 'node:fs';
import type {ScriptEnd} from '../../core/operations/script-claim.ts';
import {exitCodes} from '../../errors.ts';
import type {Clock} from '../../world.ts';
import {readWhole} from '../files/durable-file.ts';
import type {OperationPaths} from '../files/paths.ts';
import {holdersOf, isAlive} from './process-tree.ts';
import type {ProcessIdentity} from './process-tree.ts';
import {notStarted, wrapper} from './wrapper.ts';

export type RunningScript = {
	operation: string;
	files: OperationPaths;
	/** The wrapper: leader of the script's process group. */
	leader: ProcessIdentity;
	/** Resolves once the script is over: its wrapper gone, and without the wrapper's word also everybody who still writes to the log. */
	ended: Promise<ScriptEnd>;
};

type Whereabouts = {operation: string; files: OperationPaths; clock: Clock};

/** What the wrapper wrote of itself; null: it has not, or not wholly. */
export const readLeader = (files: OperationPaths): ProcessIdentity | null => {
	const [pid, startedAt] = readWhole(files.pid)?.split('\n') ?? [];
	return pid !== undefined && /^\d+$/.test(pid) && startedAt !== undefined && startedAt !== ''
		? {pid: Number(pid), startedAt}
		: null;
};

/** The script's exit code as the wrapper wrote it; null: it has not. */
export const readExit = (files: OperationPaths): number | null => {
	const text = readWhole(files.exit)?.trim() ?? '';
	return /^\d{1,3}$/.test(text) ? Number(text) : null;
};

/** Whether anything of the script still runs: then nobody else may begin. */
export const isScriptAlive = (operation: string, files: OperationPaths): boolean => {
	const leader = readLeader(files);
	if (leader !== null && isAlive(leader)) return true;
	return readExit(files) === null && holdersOf(operation, files.raw, leader?.pid ?? null).length > 0;
};

const pollMs = 100;

/** After the wrapper is gone. Without its word the script may live on: killed was only the wrapper. */
const endOf = async (
	{operation, files, clock}: Whereabouts,
	ownWord: ScriptEnd | null,
	group: number | null,
): Promise<ScriptEnd> => {
	const code = readExit(files);
	if (code !== null) return {how: 'exited', code};
	while (holdersOf(operation, files.raw, group).length > 0) await clock.after(pollMs);
	return ownWord ?? {how: 'died'};
};

type NeverStarted = Extract<ScriptEnd, {how: 'never-started'}>;
const neverStarted = (because: string): NeverStarted => ({
	how: 'never-started',
	because,
	next: 'look at the script and at the free space of the disk',
	exitCode: exitCodes.failed,
});

export type ScriptStart = Whereabouts & {
	command: readonly string[];
	directory: string;
	env: Readonly<Record<string, string | undefined>>;
};

/** A shell writes who it is in some milliseconds; one that ends before is seen by its end. */
const untilLeader = async (files: OperationPaths, clock: Clock): Promise<null> => {
	for (const until = clock.now() + 60_000; readLeader(files) === null && clock.now() < until;) await clock.after(2);
	return null;
};

/** The script runs when this resolves; or it certainly does not, and the value says why. */
export const startScript = async (start: ScriptStart): Promise<RunningScript | NeverStarted> => {
	const {files, command, directory, env, operation, clock} = start;
	const output = openSync(files.raw, 'a', 0o600);
	const child = spawn('/bin/sh', ['-c', wrapper, 'deployctl', files.directory, ...command], {
		detached: true,
		stdio: ['ignore', output, output],
		cwd: directory,
		env,
	});
	closeSync(output);
	let gone: {code: number | null; signal: NodeJS.Signals | null} | undefined;
	const exited = new Promise<ScriptEnd>(resolve => {
		child.once('error', error => resolve(neverStarted(error.message)));
		child.once('exit', (code, signal) => {
			gone = {code, signal};
			if (code === notStarted && readLeader(files) === null)
				resolve(neverStarted('its process id could not be written'));
			else resolve(signal === null ? {how: 'exited', code: code!} : {how: 'signalled', signal});
		});
	});
	const failure = await Promise.race([exited, untilLeader(files, clock)]);
	const leader = readLeader(files);
	if (leader === null)
		return failure?.how === 'never-started'
			? failure
			: neverStarted(`the shell around it ended with ${gone?.signal ?? gone?.code ?? 'nothing'}`);
	return {
		operation,
		files,
		leader,
		ended: exited.then(async end =>
			end.how === 'exited' ? end : await endOf({operation, files, clock}, end, leader.pid),
		),
	};
};

/** A script that somebody else started. */
export const adoptScript = ({operation, files, clock}: Whereabouts, leader: ProcessIdentity): RunningScript => {
	const wait = async (): Promise<ScriptEnd> => {
		while (isAlive(leader)) await clock.after(pollMs);
		return endOf({operation, files, clock}, null, leader.pid);
	};
	return {operation, files, leader, ended: wait()};
};
