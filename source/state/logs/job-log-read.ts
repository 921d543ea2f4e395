/** What the updates of job logs share: panes within the state, and reading a part of a log. */
import type {LogRow, WindowWanted} from '../../core/runs/job-log.ts';
import type {JobLogEffect} from '../model/job-log-messages.ts';
import type {JobLogPane, JobLogPart} from '../model/job-log-state.ts';
import type {Next} from '../model/messages.ts';
import type {State} from '../model/state.ts';
import {jobLogRows} from '../view/window.ts';

const marginRows = 3;

export const focused = ({jobLogs}: State): JobLogPane | null => jobLogs?.panes[jobLogs.focus] ?? null;

export const withPart = (state: State, change: Partial<JobLogPart>): State =>
	state.jobLogs ? {...state, jobLogs: {...state.jobLogs, ...change}} : state;
export const withPane = (state: State, id: number, change: Partial<JobLogPane>): State =>
	withPart(state, {panes: state.jobLogs!.panes.map(pane => (pane.job.id === id ? {...pane, ...change} : pane))});

/** First row so that the cursor is in view, moved only when it comes near an edge. */
export const topFor = (rows: readonly LogRow[], cursor: number, top: number, height: number): number => {
	const at = Math.max(
		0,
		rows.findIndex(({number}) => number === cursor),
	);
	const before = rows.findIndex(({number}) => number >= top);
	const margin = Math.min(marginRows, Math.floor((height - 1) / 2));
	const wanted =
		before === -1
			? at - Math.floor(height / 3)
			: Math.max(Math.min(before, at - margin), at - (height - 1 - margin));
	return rows[Math.max(0, Math.min(wanted, rows.length - height))]?.number ?? 0;
};

export const read = (state: State, pane: JobLogPane, wanted: Partial<WindowWanted>, afterMs = 0): Next => {
	const rows = jobLogRows(state);
	const generation = pane.generation + 1;
	const {goal, cursor, ahead, folds} = pane;
	const from = goal === 'first-error' || goal === 'end' ? goal : goal === 'start' ? 0 : cursor;
	const effect: JobLogEffect = {
		type: 'read-job-log',
		generation,
		job: pane.job,
		afterMs,
		wanted: {
			from,
			error: 0,
			by: goal === null ? ahead : 0,
			before: rows * 2,
			after: rows * 2,
			folds,
			isRevealed: goal === 'first-error',
			...wanted,
		},
	};
	return [withPane(state, pane.job.id, {generation}), [effect]];
};

export const inPane = (state: State, id: number): JobLogPane | null =>
	state.jobLogs?.panes.find(({job}) => job.id === id) ?? null;
