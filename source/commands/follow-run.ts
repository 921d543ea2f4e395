/** Follows one run to the end of one attempt, a line a change, through every fault of the network. */
import {jobTitle} from '../core/job-titles.ts';
import {dateTime} from '../core/duration.ts';
import type {RunNow, Runs} from '../core/runs.ts';
import {sanitise, sentence} from '../core/sanitise.ts';
import {exitCodes} from '../errors.ts';
import type {Clock} from '../world.ts';
import type {Output} from './status.ts';

const lookEveryMs = 3000;
const afterFaultMs = 10_000;

export type Following = {
	runId: number;
	/** Nothing before this attempt counts; null: whichever it is. */
	attempt: number | null;
	timeoutSeconds: number | null;
};
/** `run` null: it ended without one having been seen to its end. */
export type Followed = {exitCode: number; because: string; run: RunNow | null};

const line = (at: number, text: string): string => `${dateTime(at)}  ${text}`;

/** `say` gets a line a change: the run's own words, then each job that has ended. */
export const followRun = async (runs: Runs, {runId, attempt, timeoutSeconds}: Following, {wall, signal, output, isQuiet}: {wall: Clock; signal: AbortSignal; output: Output; isQuiet: boolean}): Promise<Followed> => {
	const until = timeoutSeconds === null ? Number.POSITIVE_INFINITY : wall.now() + timeoutSeconds * 1000;
	const told = new Set<string>();
	const say = (text: string, key = text) => {
		if (!told.has(key) && !isQuiet) output.write(`${line(wall.now(), text)}\n`);
		told.add(key);
	};
	let wasSilent = false;
	for (;;) {
		if (signal.aborted) return {exitCode: exitCodes.interrupted, because: 'interrupted: the run goes on', run: null};
		const answer = await runs.run(runId, signal).catch(() => null);
		if (answer?.ok === true && answer.run !== null) {
			const {run} = answer;
			if (wasSilent) output.error(`${line(wall.now(), 'GitHub answers again.')}\n`);
			wasSilent = false;
			if (attempt !== null && (run.attempt ?? 0) < attempt) say(`run ${runId}: waiting for attempt ${attempt}`);
			else {
				say(`run ${runId}, attempt ${run.attempt ?? 'unknown'}: ${run.status}`);
				for (const job of run.jobs) if (['passed', 'failed', 'cancelled'].includes(job.status)) say(`  ${sanitise(jobTitle(job, run.jobs), 120)} ${job.status}`, `${job.id} ${job.status}`);
				if (run.isOver) return {exitCode: run.status === 'passed' ? exitCodes.done : exitCodes.failed, because: `run ${runId}, attempt ${run.attempt ?? 'unknown'}, ended: ${run.conclusion ?? run.status}`, run};
			}
		} else if (answer?.ok === false && !signal.aborted) {
			if (answer.exitCode === exitCodes.notPermitted) return {exitCode: exitCodes.notPermitted, because: answer.because, run: null};
			if (!wasSilent) output.error(`${line(wall.now(), `${sentence(answer.because)} Trying again.`)}\n`);
			wasSilent = true;
		}
		if (wall.now() >= until) return {exitCode: exitCodes.failed, because: `gave up after ${timeoutSeconds} s; the run goes on`, run: null};
		try {
			await wall.after(Math.min(wasSilent ? afterFaultMs : lookEveryMs, Math.max(0, until - wall.now())), signal);
		} catch {
			// Interrupted: said above.
		}
	}
};
