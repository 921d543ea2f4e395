/** One line of a timeline. */
import type {Status} from '../pipeline/pipeline.ts';

export type TimelineItem = {
	/** GitHub's time, milliseconds. */
	at: number;
	/** `sign`: a tier, a job, an environment, health; `done`: somebody's deed or an operation's; `gap`: nothing was recorded. */
	kind: 'sign' | 'done' | 'github' | 'gap';
	/** Tier, environment, branch, operation's kind: for the eye and for `grep`. */
	subject: string;
	status: Status;
	text: string;
	who: string | null;
	environment: string | null;
	sha: string | null;
	operation: string | null;
	/** When a program of ours saw it; null: known from the journal, which was there. */
	seenAt: number | null;
	/** Something was wrong from here on, or came right: for the head. `name` tells what, so that the two are matched. */
	turn: {to: 'bad' | 'good'; name: string} | null;
	/** End of a gap. */
	until?: number;
};
