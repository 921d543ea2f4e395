/** The log of a job of GitHub: what is known of it, why it is not there, and what of it reaches a screen. */
import type {Job, Status} from '../pipeline/pipeline.ts';

/** What has to be known of a job to ask for its log. A re-run has jobs of other ids; the attempt keeps their files apart all the same. */
export type LoggedJob = {
	id: number;
	attempt: number | null;
	name: string;
	status: Status;
	startedAt: number | null;
	finishedAt: number | null;
	steps: Job['steps'];
};

/**
Why there is no log to read. `soon`: GitHub has not filed it yet, it is asked for again; `gone`: GitHub has none (any more);
`disk`: it could not be kept on this machine.
*/
export type Absence =
	| 'running'
	| 'queued'
	| 'waiting'
	| 'skipped'
	| 'cancelled'
	| 'soon'
	| 'gone'
	| 'expired'
	| 'not-permitted'
	| 'unreachable'
	| 'empty'
	| 'disk';

/** `retryAt`: when it is asked for again by itself, wall time; null: not before somebody asks. */
export type LogAbsent = {kind: 'absent'; why: Absence; because: string; next: string | null; retryAt: number | null};

/** How it stands. Bytes: `bytes` are on the disk, `indexed` of these can be read; `total` as GitHub says it, null: it does not. */
export type LogStanding =
	| {kind: 'asking'}
	| {kind: 'coming'; bytes: number; total: number | null; indexed: number; lines: number}
	| {kind: 'there'; bytes: number; indexed: number; lines: number}
	| LogAbsent;

export type LogColour = 'black' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'white' | 'gray';

/** What SGR sequences say, in the sixteen colours that every terminal and theme has. */
export type TextStyle = {
	colour?: LogColour;
	ground?: LogColour;
	bold?: boolean;
	dim?: boolean;
	italic?: boolean;
	underline?: boolean;
	inverse?: boolean;
	strike?: boolean;
};
export type StyledText = {text: string; style?: TextStyle};

export type LogLineKind = 'plain' | 'group' | 'end' | 'error' | 'warning' | 'notice' | 'command' | 'debug';

/** One line as it is shown: masked, without any escape sequence, its length bounded. */
export type LogRow = {
	/** From 0. */
	number: number;
	/** What GitHub wrote before it, milliseconds since the epoch; null: nothing. */
	at: number | null;
	kind: LogLineKind;
	spans: readonly StyledText[];
	/** Of a group's first line: how many lines are in it. */
	group: {lines: number; isFolded: boolean} | null;
	isInGroup: boolean;
	/** The words of an error, where GitHub does not say that it is one. */
	looksWrong: boolean;
};

/** Which groups are folded: those whose first line is named differ from the rest. */
export type Folds = {all: boolean; except: readonly number[]};

/**
A part of the log around a line: `from`, or the place where the failure is told (`first-error`), or from there the next error in
a direction, or so many shown lines further on. `before` and `after`: shown lines around it. `isRevealed`: a folded group that
hides the line is unfolded.
*/
export type WindowWanted = {
	from: number | 'end' | 'first-error';
	error: 1 | -1 | 0;
	by: number;
	before: number;
	after: number;
	folds: Folds;
	isRevealed: boolean;
};

/** `first`: number of the line that was wanted; null: there is none such (yet). Rows are shown lines in order. */
export type LogReading = {standing: LogStanding; first: number | null; rows: readonly LogRow[]; folds: Folds};

export type SearchWanted = {text: string; from: number; direction: 1 | -1};

/** Lines with the text so far; `ordinal`: which of them the hit is, from 1, null: not reached yet. */
export type SearchTally = {count: number; ordinal: number | null; isWhole: boolean};

export type JobLog = {
	/** Takes in what there is for a few milliseconds, and reads a window of it. */
	read(wanted: WindowWanted): Promise<LogReading>;
	/** Number of the next line that holds the text, from `from` on and round at the end; null: none. Case matters where the text has capitals. */
	find(wanted: SearchWanted, signal?: AbortSignal): Promise<number | null>;
	/** Counts the lines that hold the text, telling on the way; `line` is the hit whose place among them is wanted. */
	tally(text: string, line: number, told: (tally: SearchTally) => void, signal?: AbortSignal): Promise<void>;
	/** Asks GitHub anew, when it was given up. */
	retry(): void;
	close(): Promise<void>;
};

/** Logs of jobs, kept on the disk. Nothing here throws for what GitHub, networks or disks do. */
export type JobLogs = {open(job: LoggedJob): JobLog};

/** What a screen says of it, which does so. */
export const askedForAgain = 'It is asked for again by itself.';

/** A log on the disk, as far as it has come: `path` can be read while it grows. */
export type LogComing = {path: string; bytes: number; total: number | null};
/** All of it is here, and can be read. */
export const isAllThere = (standing: LogStanding | null): boolean =>
	standing?.kind === 'there' && standing.indexed >= standing.bytes;
/** It changes by itself. */
export const isMoving = (standing: LogStanding | null): boolean =>
	standing === null ||
	standing.kind === 'asking' ||
	standing.kind === 'coming' ||
	(standing.kind === 'there' && !isAllThere(standing)) ||
	(standing.kind === 'absent' && standing.retryAt !== null);

export type LogFetched = {kind: 'there'; path: string; bytes: number} | LogAbsent;
/** Brings a log to the disk, or says why not. Rejects only when aborted. */
export type LogFetch = (job: LoggedJob, signal: AbortSignal, coming: (log: LogComing) => void) => Promise<LogFetched>;

export const absent = (
	why: Absence,
	because: string,
	next: string | null = null,
	retryAt: number | null = null,
): LogAbsent => ({kind: 'absent', why, because, next, retryAt});

/** A runner took it: before that there is nothing that could have been logged. */
const began = ({startedAt, finishedAt, steps}: LoggedJob): boolean =>
	startedAt !== null &&
	!(steps !== null && steps.length === 0 && finishedAt !== null && finishedAt - startedAt < 1000);

/** What the job's state alone says; null: GitHub has to be asked. */
export const absenceOf = (job: LoggedJob): LogAbsent | null => {
	switch (job.status) {
		case 'running':
			return absent(
				'running',
				'The job still runs, and GitHub gives no log of a running job.',
				'Its steps are shown; the log is read by itself when it ends.',
			);
		case 'queued':
		case 'none':
			return absent(
				'queued',
				'The job has not begun: it waits for a runner.',
				'The log is read by itself when it has ended.',
			);
		case 'waiting':
			return absent(
				'waiting',
				'The job has not begun: it waits for an approval, a timer or another run.',
				'The log is read by itself when it has ended.',
			);
		case 'skipped':
			return absent('skipped', 'The job was skipped: there is no log.');
		case 'cancelled':
			return began(job) ? null : absent('cancelled', 'The job was cancelled before it began: there is no log.');
		default:
			return null;
	}
};

const capital = /\p{Lu}/u;
/** Case matters as soon as the text has a capital. */
export const isCaseSensitive = (text: string): boolean => capital.test(text);
