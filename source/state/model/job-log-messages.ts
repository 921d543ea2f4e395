/** Messages and effects about the logs of jobs. */
import type {LoggedJob, LogReading, WindowWanted} from '../../core/runs/job-log.ts';
import type {TierName} from '../../core/pipeline/pipeline.ts';
import type {LogGoal} from './job-log-state.ts';

type Times = {now: number; wallNow: number};

export type JobLogMessage =
	// Facts
	| ({type: 'job-log-read'; job: number; generation: number; wanted: WindowWanted; reading: LogReading} & Times)
	| ({type: 'job-log-found'; job: number; generation: number; line: number | null} & Times)
	| ({
			type: 'job-log-tallied';
			job: number;
			generation: number;
			count: number;
			ordinal: number | null;
			isWhole: boolean;
	  } & Times)
	// Wishes
	/** Shows the log of a job of the commit in view. */
	| {type: 'open-log'; jobId: number; at: LogGoal}
	/** The same of a tier of it: of the job that failed, else of the first that has ended. Waits for jobs that are not read yet. */
	| {type: 'open-tier-log'; tier: TierName}
	| {
			type: 'use-log';
			what:
				| 'follow'
				| 'wrap'
				| 'times'
				| 'fold'
				| 'fold-all'
				| 'copy-line'
				| 'copy-view'
				| 'open-step'
				| 'add'
				| 'drop'
				| 'ask-again';
	  }
	| {type: 'shift-job-log'; by: number}
	| {type: 'next-error'; direction: 1 | -1}
	/** The next job's log in this pane, or, with `tab`, the next pane where there are several. */
	| {type: 'step-log'; by: 1 | -1; isTab: boolean};

export type JobLogEffect =
	| {type: 'read-job-log'; generation: number; job: LoggedJob; afterMs: number; wanted: WindowWanted}
	/** The line itself counts. */
	| {type: 'find-in-job-log'; generation: number; job: LoggedJob; text: string; from: number; direction: 1 | -1}
	| {type: 'count-in-job-log'; generation: number; job: LoggedJob; text: string; line: number}
	| {type: 'ask-job-log-again'; job: LoggedJob}
	| {type: 'close-job-log'; job: number};
