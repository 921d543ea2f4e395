/** What the screen knows of the logs of jobs that are open: of each a part, and where the operator is in it. */
import type {Folds, LoggedJob, LogRow, LogStanding} from '../../core/runs/job-log.ts';
import type {Job, Tier} from '../../core/pipeline/pipeline.ts';

export type JobLogSearch = {
	text: string;
	generation: number;
	/** The next hit is being looked for. */
	isSearching: boolean;
	/** Line of the hit, from 0; null: none. */
	line: number | null;
	/** Lines with the text, as far as counted; `ordinal`: which of them the hit is, from 1. */
	count: number | null;
	ordinal: number | null;
	isCounted: boolean;
};

/** Where it opens: where the failure is told, at its end (and stays there while it comes), or at its beginning. */
export type LogGoal = 'first-error' | 'end' | 'start';

export type JobLogPane = {
	/** As it was when its log was last asked for; another status is another log. */
	job: LoggedJob;
	tierName: Tier['name'];
	/** Exactly one read is under way or waits, and it carries this generation; null: nothing moves any more. */
	generation: number;
	standing: LogStanding | null;
	/** In memory: shown lines in order, a screen before the cursor and two behind it. */
	rows: readonly LogRow[];
	/** The line that keys are about, and the first one in view. */
	cursor: number;
	top: number;
	/** Where to go as soon as it has been read; null: we are there. */
	goal: LogGoal | null;
	/** Asked for, not read yet: so many shown lines from the cursor on. */
	ahead: number;
	/** Cells that are scrolled away on the left. */
	left: number;
	folds: Folds;
	search: JobLogSearch | null;
};

export type JobLogPart = {panes: readonly JobLogPane[]; focus: number; isWrapped: boolean; hasTimes: boolean};

export const loggedJob = (job: Job, tier: Tier): LoggedJob => ({
	id: job.id,
	attempt: tier.attempt,
	name: job.name,
	status: job.status,
	startedAt: job.startedAt,
	finishedAt: job.finishedAt,
	steps: job.steps,
});

export const openedPane = (job: LoggedJob, tierName: Tier['name'], goal: LogGoal): JobLogPane => ({
	job,
	tierName,
	generation: 0,
	standing: null,
	rows: [],
	cursor: 0,
	top: 0,
	goal,
	ahead: 0,
	left: 0,
	folds: {all: true, except: []},
	search: null,
});

/** So many stand beside each other on a terminal so wide. */
export const panesThatFit = (columns: number): number => (columns >= 240 ? 3 : columns >= 160 ? 2 : 1);

/** The panes in view: as many as fit, with the one that has the keys among them. */
export const panesInView = ({panes, focus}: JobLogPart, columns: number): readonly JobLogPane[] => {
	const fit = panesThatFit(columns);
	const start = Math.max(0, Math.min(focus - fit + 1, panes.length - fit));
	return panes.slice(start, start + fit);
};
