/** What the line in view belongs to, and what of a log is copied or opened. */
import type {LogRow} from '../../core/runs/job-log.ts';
import type {Step} from '../../core/pipeline/pipeline.ts';
import type {JobLogPane} from '../model/job-log-state.ts';
import {jobInView, safeUrl} from '../questions/select.ts';
import type {State} from '../model/state.ts';
import {jobLogRows} from '../view/window.ts';

const textOf = ({spans}: LogRow): string => spans.map(({text}) => text).join('');

export const rowAtCursor = ({rows, cursor}: JobLogPane): LogRow | null =>
	rows.find(({number}) => number === cursor) ?? null;

/** The rows on the screen; with wrapped lines fewer of them are seen. */
export const rowsInView = (state: State, {rows, top}: JobLogPane): readonly LogRow[] => {
	const start = Math.max(
		0,
		rows.findIndex(({number}) => number >= top),
	);
	return rows.slice(start, start + jobLogRows(state));
};

const second = 1000;
/** What the runner writes when a step begins. */
const beginsStep = (row: LogRow): boolean =>
	row.group !== null && /^(?:Run|Post|Build|Pull|Download) /.test(textOf(row));

/**
By its time: GitHub's log does not name steps, and its steps know whole seconds only. In the second in which one step ends and
the next begins, a line belongs to the next once that one's heading has come. null: not known.
*/
export const stepOf = ({job, rows, cursor}: JobLogPane): Step | null => {
	const until = rows.findIndex(({number}) => number === cursor);
	const before = rows.slice(0, until + 1);
	const time = before.findLast(({at}) => at !== null)?.at ?? null;
	if (time === null) return null;
	const begun = (job.steps ?? []).filter(
		({startedAt, status}) => status !== 'skipped' && startedAt !== null && startedAt <= time,
	);
	const [last, previous] = [begun.at(-1), begun.at(-2)];
	if (!last || !previous || time - last.startedAt! >= second) return last ?? null;
	return before.some(row => row.at !== null && row.at >= last.startedAt! && beginsStep(row)) ? last : previous;
};

export const stepText = (pane: JobLogPane): string => {
	const step = stepOf(pane);
	return step === null ? '' : `step ${step.number} ${step.name}`;
};

export const copyLine = (pane: JobLogPane): string => {
	const row = rowAtCursor(pane);
	return row === null ? '' : textOf(row);
};

/** With job and step above it, for a chat or an issue. */
export const copyView = (state: State, pane: JobLogPane): string => {
	const step = stepText(pane);
	return [
		`${pane.job.name} (job ${pane.job.id}${step === '' ? '' : `, ${step}`})`,
		...rowsInView(state, pane).map(row => textOf(row)),
	].join('\n');
};

/** The page of the job, at the step of the line in view where that is known. */
export const stepAddress = (state: State, pane: JobLogPane): string | null => {
	const url = safeUrl(jobInView(state)?.url);
	const step = stepOf(pane);
	return url === null || step === null || url.includes('#') ? url : `${url}#step:${step.number}:1`;
};
