/** One operation from its request to its outcome; or from wherever an earlier supervisor left it. */
import {exitCodes} from '../errors.ts';
import {begin} from './begin.ts';
import type {Ready} from './begin.ts';
import {conclude} from './conclude.ts';
import {JournalFailure} from './journal.ts';
import {takeMutex} from './mutex.ts';
import {pathsIn} from './paths.ts';
import {operationVariable} from './process-tree.ts';
import {writeRefusal} from './request.ts';
import {resume} from './resume.ts';
import {startScript} from './runner.ts';
import {openSupervision, readJournal} from './supervision.ts';
import type {Supervision} from './supervision.ts';
import type {Surroundings} from './surroundings.ts';
import {watchScript} from './watch.ts';

/** Somebody who only looks whether we live holds our mutex for an instant. */
const mutexMs = 3000;
const deliverMs = 10_000;

const scriptEnvironment = ({id, plan, around}: Supervision) => ({
	...around.env,
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
		const operation = (await readJournal(supervision)).operations.get(id)?.operation;
		if (operation !== undefined) await around.announce('started', operation, request);
		await around.deliver(AbortSignal.timeout(deliverMs));
	} catch (error) {
		around.say(`the start was not announced: ${(error as Error).message}`);
	}
};

/** Intent, start, watch, verdict. */
const run = async (supervision: Supervision, {locks, before}: Ready): Promise<void> => {
	const {id, plan, journal, files, around} = supervision;
	await locks.renew('starting the script');
	await journal.append([{type: 'starting', operation: id, command: plan.command, directory: plan.directory}]);
	const startedAt = around.clock.now();
	const script = await startScript({operation: id, files, command: plan.command, directory: plan.directory, env: scriptEnvironment(supervision), clock: around.clock});
	if ('how' in script) return conclude(supervision, locks, {end: script, endLine: null, before, timedOut: false, wasKilled: false});
	await journal.append([{type: 'spawned', operation: id, pid: script.leader.pid, processStartedAt: script.leader.startedAt}]).catch((error: Error) => around.say(error.message));
	void tellStart(supervision);
	const ended = await watchScript({supervision, locks, script, startedAt, before, written: {steps: 0, hasStop: false, timedOut: false, wasKilled: false}});
	await conclude(supervision, locks, ended);
};

const start = async (supervision: Supervision): Promise<void> => {
	try {
		const ready = await begin(supervision);
		if (ready !== null) await run(supervision, ready);
	} catch (error) {
		if (!(error instanceof JournalFailure)) throw error;
		supervision.around.say(`${error.message}: ${error.because}`);
		// On a full disk this may not be written either; then the front end learns it from our end.
		writeRefusal(supervision.files, {because: `${error.message}: ${error.because ?? ''}`, next: error.next ?? '', exitCode: exitCodes.failed});
	}
};

/** false: another process supervises this operation. Throws a `Failure` for a folder without a request, and for what must not happen. */
export const supervise = async (directory: string, {isResume}: {isResume: boolean}, around: Surroundings): Promise<boolean> => {
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
