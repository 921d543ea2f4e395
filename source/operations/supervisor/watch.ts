/** While the script runs: its steps into the journal, stop requests and the time limit, leases renewed. Nothing here ends because a disk or GitHub does not answer. */
import type {JournalEvent} from '../../core/operations/journal.ts';
import type {ScriptEnd} from '../../core/operations/script-claim.ts';
import type {Ended} from './conclude.ts';
import {createFollower} from '../script/follow.ts';
import type {HeldLocks} from './held-locks.ts';
import {renewEveryMs} from './held-locks.ts';
import {JournalFailure} from '../journal/journal.ts';
import {readStop} from '../request/request.ts';
import type {RunningScript} from '../script/runner.ts';
import {createStepRecorder} from '../script/steps.ts';
import type {StepRecorder} from '../script/steps.ts';
import {stopScript} from '../script/stop-script.ts';
import {insist} from './supervision.ts';
import type {Supervision} from './supervision.ts';

/** How soon steps are written and a stop request is seen. */
const tickMs = 50;
/** Of events that a full disk did not take. */
const mostUnwritten = 500;

export type Watch = {
	supervision: Supervision;
	locks: HeldLocks;
	script: RunningScript;
	/** Wall time. */
	startedAt: number;
	before: Ended['before'];
	/** What the journal has already, when a supervisor takes over. */
	written: {steps: number; hasStop: boolean; timedOut: boolean; wasKilled: boolean};
};

type Course = {
	timedOut: boolean;
	wasKilled: boolean;
	hasStop: boolean;
	saidSlow: boolean;
	renewedAt: number;
	unwritten: JournalEvent[];
	stopping: Promise<void> | null;
};

const writeSteps = async (
	{supervision: {journal, around}}: Watch,
	recorder: StepRecorder,
	course: Course,
): Promise<void> => {
	const {events, isProgressOnly} = recorder.due(around.clock.now());
	const all = [...course.unwritten, ...events];
	if (all.length === 0) return;
	try {
		await journal.append(all, {isDurable: !isProgressOnly || course.unwritten.length > 0});
		course.unwritten = [];
	} catch (error) {
		if (!(error instanceof JournalFailure)) throw error;
		// The script runs whatever we write: its steps wait for room.
		course.unwritten = all.slice(-mostUnwritten);
		around.say(`${error.message}: ${error.because}`);
	}
};

/** A stop is for safety: it happens also when it cannot be written any more. */
const stop = ({supervision, script}: Watch, course: Course, because: string): Promise<void> => {
	const {id, plan, journal, around} = supervision;
	return stopScript(script, {
		graceMs: plan.graceSeconds * 1000,
		clock: around.clock,
		announce: async (signal, leftovers) => {
			if (signal === 'SIGKILL') course.wasKilled = true;
			await journal
				.append([{type: 'signalled', operation: id, signal, because, leftovers}])
				.catch((error: Error) => around.say(error.message));
		},
	});
};

const heedStop = async (watch: Watch, course: Course): Promise<void> => {
	const {
		supervision: {id, files, journal, around},
	} = watch;
	const wanted = readStop(files);
	if (wanted === null || course.stopping !== null) return;
	if (!course.hasStop)
		await journal
			.append([{type: 'stop-requested', operation: id, ...wanted}])
			.catch((error: Error) => around.say(error.message));
	course.hasStop = true;
	course.stopping = stop(watch, course, `stopped by ${wanted.by}`);
};

const heedTime = (watch: Watch, course: Course, recorder: StepRecorder): void => {
	const {
		supervision: {plan, around},
		locks,
		startedAt,
	} = watch;
	const [now, took] = [around.clock.now(), around.clock.now() - startedAt];
	if (!course.saidSlow && plan.p95Seconds !== null && took > plan.p95Seconds * 1000) {
		course.saidSlow = true;
		recorder.remark(`slower than the median: 19 of 20 take at most ${Math.ceil(plan.p95Seconds)} s`);
	}
	if (took > plan.timeoutSeconds * 1000 && course.stopping === null) {
		course.timedOut = true;
		course.stopping = stop(watch, course, 'timed out');
	}
	if (now - course.renewedAt >= renewEveryMs) {
		course.renewedAt = now;
		void locks.renew(recorder.current() ?? 'the script runs');
	}
};

const exitCodeOf = (end: ScriptEnd): number | null => (end.how === 'exited' ? end.code : null);

/** Resolves when the script is over and its end is in the journal. */
export const watchScript = async (watch: Watch): Promise<Ended> => {
	const {supervision, script, before, written} = watch;
	const {id, plan, files, around} = supervision;
	const recorder = createStepRecorder(
		id,
		text => around.mask(text),
		written.steps,
		plan.kind === 'promote' ? 'promote' : null,
	);
	// Plain scripts know no protocol: their output is for people.
	const follower =
		plan.scriptKind === 'contract'
			? createFollower(
					files.raw,
					line => recorder.take(line),
					text => around.mask(text),
				)
			: null;
	const course: Course = {...written, saidSlow: false, renewedAt: around.clock.now(), unwritten: [], stopping: null};
	const over: {end: ScriptEnd | null} = {end: null};
	void script.ended.then(end => {
		over.end = end;
	});
	while (over.end === null) {
		await follower?.advance();
		await writeSteps(watch, recorder, course);
		await heedStop(watch, course);
		heedTime(watch, course, recorder);
		await Promise.race([script.ended, around.clock.after(tickMs)]);
	}
	const {end} = over;
	await course.stopping;
	while ((await follower?.advance()) === false);
	await follower?.close();
	const endLine = recorder.endLine();
	if (recorder.unsupported() !== null)
		around.say(`the script uses the protocol deployctl/${recorder.unsupported()}, which is not understood here`);
	await insist(supervision, [
		...course.unwritten,
		...recorder.due(around.clock.now(), true).events,
		{
			type: 'script-ended',
			operation: id,
			exitCode: exitCodeOf(end),
			result: endLine?.result ?? null,
			live: endLine?.live ?? null,
			cause: endLine?.cause ?? null,
			...(endLine?.text != null && {text: endLine.text}),
		},
	]);
	return {end, endLine, before, timedOut: course.timedOut, wasKilled: course.wasKilled};
};
