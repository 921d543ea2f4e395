/** GitHub's words for states, translated into ours. A word that we do not know is `unknown` and is kept. */
import type {Status} from './pipeline.ts';

export type Word = {status: Status; rawStatus?: string};

const unfinished: Readonly<Record<string, Status>> = {
	QUEUED: 'queued',
	REQUESTED: 'queued',
	IN_PROGRESS: 'running',
	// An environment's approval or timer, and a concurrency group: GitHub keeps the two apart, both wait.
	WAITING: 'waiting',
	PENDING: 'waiting',
	ACTION_REQUIRED: 'waiting',
};

const conclusions: Readonly<Record<string, Status>> = {
	SUCCESS: 'passed',
	FAILURE: 'failed',
	TIMED_OUT: 'failed',
	STARTUP_FAILURE: 'failed',
	CANCELLED: 'cancelled',
	SKIPPED: 'skipped',
	// Neutral is no verdict, like skipped: only SUCCESS may be green.
	NEUTRAL: 'skipped',
	ACTION_REQUIRED: 'waiting',
	STALE: 'unknown',
};

/** Words whose translation loses something that an operator wants to know. */
const telling = new Set(['TIMED_OUT', 'STARTUP_FAILURE', 'NEUTRAL', 'ACTION_REQUIRED', 'STALE']);

const word = (table: Readonly<Record<string, Status>>, raw: string): Word => {
	const status = Object.hasOwn(table, raw) ? table[raw]! : 'unknown';
	return status === 'unknown' || telling.has(raw) ? {status, rawStatus: raw.toLowerCase()} : {status};
};

/** State of a check suite, check run, run, job or step, from its status and conclusion in either spelling. */
export const runWord = (status: string, conclusion: string | null): Word => {
	const upper = status.toUpperCase();
	if (upper !== 'COMPLETED') return word(unfinished, upper);
	return conclusion === null
		? {status: 'unknown', rawStatus: 'completed'}
		: word(conclusions, conclusion.toUpperCase());
};

/** State of a commit status. */
export const commitStatusWord = (state: string): Word =>
	word(
		{EXPECTED: 'queued', PENDING: 'running', SUCCESS: 'passed', FAILURE: 'failed', ERROR: 'failed'},
		state.toUpperCase(),
	);

const deployments: Readonly<Record<string, Status>> = {
	ACTIVE: 'passed',
	SUCCESS: 'passed',
	IN_PROGRESS: 'running',
	QUEUED: 'queued',
	PENDING: 'queued',
	WAITING: 'waiting',
	FAILURE: 'failed',
	ERROR: 'failed',
	// Was there once, and something else is there now.
	INACTIVE: 'none',
	DESTROYED: 'none',
	ABANDONED: 'cancelled',
};

/** State of a deployment. `ACTIVE` and `SUCCESS` both mean that it is live. */
export const deploymentWord = (state: string): Word => word(deployments, state.toUpperCase());

/** Whether nothing more will happen by itself. */
export const isFinal = (status: Status): boolean =>
	status === 'passed' || status === 'failed' || status === 'cancelled' || status === 'skipped';

/** Whether it will change by itself or by somebody's approval. */
export const isMoving = (status: Status): boolean =>
	status === 'queued' || status === 'waiting' || status === 'running';

/** One state for several jobs, worst news first; null for none. */
export const combined = (statuses: readonly Status[]): Status | null => {
	const order: readonly Status[] = [
		'failed',
		'running',
		'waiting',
		'queued',
		'unknown',
		'cancelled',
		'passed',
		'skipped',
		'none',
	];
	// A failed job beside a running one: the whole still runs, and says so; the failure shows in its job.
	const present = new Set(statuses);
	if (present.has('failed') && (present.has('running') || present.has('queued') || present.has('waiting')))
		return 'running';
	return order.find(status => present.has(status)) ?? null;
};
