/** One operation from its request to its outcome; or from wherever an earlier supervisor left it. */
import {scriptEnvironment, scriptNeeds} from '../../core/settings/child-environment.ts';
import {exitCodes, Failure} from '../../errors.ts';
import {begin} from './begin.ts';
import type {Ready} from './begin.ts';
import {conclude} from './conclude.ts';
import {JournalFailure} from '../journal/journal.ts';
import {takeMutex} from '../files/mutex.ts';
import {pathsIn} from '../files/paths.ts';
import {operationVariable} from '../script/process-tree.ts';
import {writeRefusal} from '../request/request.ts';
import {resume} from './resume.ts';
import {startScript} from '../script/runner.ts';
import {openSupervision} from './supervision.ts';
import type {Supervision} from './supervision.ts';
import type {Surroundings} from './surroundings.ts';
import {watchScript} from './watch.ts';

/** Somebody who only looks whether we live holds our mutex for an instant. */
const mutexMs = 3000;
const deliverMs = 10_000;

/** A promotion is carried out by our own program, which needs the token; the script that it may call gets its own share from there. */
const environmentOf = ({id, plan, request, around}: Supervision) => ({
	...(plan.kind === 'promote'
		? around.env
		: scriptEnvironment(around.env, scriptNeeds(request.settings, plan.environment, plan.kind))),
	DEPLOYCTL_ENV: plan.environment,
	DEPLOYCTL_SHA: plan.sha ?? plan.to?.sha ?? '',
	DEPLOYCTL_FROM_SHA: plan.from?.sha ?? '',
	DEPLOYCTL_RELEASE: plan.to?.release ?? '',
	[operationVariable]: id,
});

/** Others learn of it while it runs; nothing waits for that. */
const tellStart = async (supervision: Supervision): Promise<void> => {
	const {id, request, around} = supervision;
	try {
		const operation = (await supervision.folded()).operations.get(id)?.operation;
		if (operation !== undefined) await around.announce('started', operation, request);
		await around.deliver(AbortSignal.timeout(deliverMs));
	} catch (error) {
		around.say(`the start was not announced: ${(error as Error).message}`);
	}
};

/** Start, watch, verdict. */
const run = async (supervision: Supervision, {locks, before}: Ready): Promise<void> => {
	const {id, plan, journal, files, around} = supervision;
	const startedAt = around.clock.now();
	const script = await startScript({
		operation: id,
		files,
		command: plan.command,
		directory: plan.directory,
		env: environmentOf(supervision),
		clock: around.clock,
	});
	if ('how' in script)
		return conclude(supervision, locks, {end: script, endLine: null, before, timedOut: false, wasKilled: false});
	await journal
		.append([{type: 'spawned', operation: id, pid: script.leader.pid, processStartedAt: script.leader.startedAt}])
		.catch((error: Error) => around.say(error.message));
	void tellStart(supervision);
	const ended = await watchScript({
		supervision,
		locks,
		script,
		startedAt,
		before,
		written: {steps: 0, hasStop: false, timedOut: false, wasKilled: false},
	});
	await conclude(supervision, locks, ended);
};

/** What the disk refuses before the script runs: then nothing was done, and nothing will be. */
const diskFailure = (error: unknown): Failure | null => {
	if (error instanceof JournalFailure) return error;
	const {code, message} = error as NodeJS.ErrnoException;
	return code !== undefined && /^E[A-Z]+$/.test(code)
		? new Failure('No journal, no action', {
				because: message,
				next: 'make room on the disk, or look at the permissions of the state folder',
				exitCode: exitCodes.failed,
				cause: error,
			})
		: null;
};

/** null: it was refused. Throws a `Failure` when nothing can be written; then the script was not started. */
const prepare = async (supervision: Supervision): Promise<Ready | null> => {
	const {id, plan, journal, files} = supervision;
	try {
		const ready = await begin(supervision);
		if (ready === null) return null;
		await ready.locks.renew('starting the script');
		await journal.append([{type: 'starting', operation: id, command: plan.command, directory: plan.directory}]);
		return ready;
	} catch (error) {
		const failure = diskFailure(error);
		if (failure === null) throw error;
		try {
			writeRefusal(files, {
				because: `${failure.message}: ${failure.because ?? ''}`,
				next: failure.next ?? '',
				exitCode: failure.exitCode,
			});
		} catch {
			// The disk is as full for this: the front end learns it from our end.
		}
		throw failure;
	}
};

const start = async (supervision: Supervision): Promise<void> => {
	const ready = await prepare(supervision);
	if (ready !== null) await run(supervision, ready);
};

/** false: another process supervises this operation. Throws a `Failure` for a folder without a request, and when the disk does not take the intent. */
export const supervise = async (
	directory: string,
	{isResume}: {isResume: boolean},
	around: Surroundings,
): Promise<boolean> => {
	const mutex = await takeMutex(pathsIn(directory).supervisorMutex, mutexMs);
	if (mutex === null) return false;
	try {
		const supervision = openSupervision(directory, around, other => supervise(other, {isResume: true}, around));
		await (isResume ? resume(supervision) : start(supervision));
		return true;
	} finally {
		mutex.release();
	}
};
