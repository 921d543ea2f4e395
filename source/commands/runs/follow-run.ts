/** Follows one run to the end of one attempt, a line a change, through every fault of the network. */
import {jobTitle} from '../../core/pipeline/job-titles.ts';
import {dateTime} from '../../core/text/duration.ts';
import type {RunNow, Runs} from '../../core/runs/runs.ts';
import {workOfRun} from '../../core/evidence/run-work.ts';
import {sanitise, sentence} from '../../core/text/sanitise.ts';
import type {Settings} from '../../core/settings/settings.ts';
import {exitCodes} from '../../errors.ts';
import type {Clock} from '../../world.ts';
import type {Output} from '../desk/context.ts';

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

/** A run that says that it is over may be ahead of its jobs; so many looks. */
const looksAtJobs = 5;

/** A success whose jobs did not do the work is none. `isSettled` false: its jobs are not all told yet. */
const endOf = (
	{id, attempt, status, conclusion, path, jobs, jobsTotal}: RunNow,
	settings: Settings,
): Omit<Followed, 'run'> & {word: string; isSettled: boolean} => {
	const because = `run ${id}, attempt ${attempt ?? 'unknown'}, ended: ${conclusion ?? status}`;
	if (status !== 'passed') return {exitCode: exitCodes.failed, because, word: status, isSettled: true};
	const work = workOfRun(path, jobs, settings, jobsTotal - jobs.length);
	return work.did
		? {exitCode: exitCodes.done, because, word: status, isSettled: true}
		: {
				exitCode: exitCodes.failed,
				because: `${because}, but ${work.because}`,
				word: `${conclusion ?? status}, but ${work.because}`,
				isSettled: work.status !== 'unknown',
			};
};

const line = (at: number, text: string): string => `${dateTime(at)}  ${text}`;

/** `say` gets a line a change: the run's own words, then each job that has ended. */
export const followRun = async (
	runs: Runs,
	{runId, attempt, timeoutSeconds}: Following,
	{
		wall,
		signal,
		output,
		isQuiet,
		settings,
	}: {wall: Clock; signal: AbortSignal; output: Output; isQuiet: boolean; settings: Settings},
): Promise<Followed> => {
	const until = timeoutSeconds === null ? Number.POSITIVE_INFINITY : wall.now() + timeoutSeconds * 1000;
	const told = new Set<string>();
	const say = (text: string, key = text) => {
		if (!told.has(key) && !isQuiet) output.write(`${line(wall.now(), text)}\n`);
		told.add(key);
	};
	let [wasSilent, looks] = [false, 0];
	for (;;) {
		if (signal.aborted)
			return {exitCode: exitCodes.interrupted, because: 'interrupted: the run goes on', run: null};
		const answer = await runs.run(runId, signal).catch(() => null);
		if (answer?.ok === true && answer.run !== null) {
			const {run} = answer;
			if (wasSilent) output.error(`${line(wall.now(), 'GitHub answers again.')}\n`);
			wasSilent = false;
			if (attempt !== null && (run.attempt ?? 0) < attempt) say(`run ${runId}: waiting for attempt ${attempt}`);
			else {
				const end = run.isOver ? endOf(run, settings) : null;
				const isOver = end !== null && (end.isSettled || ++looks >= looksAtJobs);
				if (end === null || isOver)
					say(`run ${runId}, attempt ${run.attempt ?? 'unknown'}: ${end?.word ?? run.status}`);
				for (const job of run.jobs)
					if (['passed', 'failed', 'cancelled', 'skipped'].includes(job.status))
						say(`  ${sanitise(jobTitle(job, run.jobs), 120)} ${job.status}`, `${job.id} ${job.status}`);
				if (isOver) return {exitCode: end.exitCode, because: end.because, run};
			}
		} else if (answer?.ok === false && !signal.aborted) {
			if (answer.exitCode === exitCodes.notPermitted)
				return {exitCode: exitCodes.notPermitted, because: answer.because, run: null};
			if (!wasSilent) output.error(`${line(wall.now(), `${sentence(answer.because)} Trying again.`)}\n`);
			wasSilent = true;
		}
		if (wall.now() >= until)
			return {
				exitCode: exitCodes.failed,
				because: `gave up after ${timeoutSeconds} s; the run goes on`,
				run: null,
			};
		try {
			await wall.after(Math.min(wasSilent ? afterFaultMs : lookEveryMs, Math.max(0, until - wall.now())), signal);
		} catch {
			// Interrupted: said above.
		}
	}
};
