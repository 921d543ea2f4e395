/** Which logs of jobs stand on the screen: one, or several side by side. */
import {hastened} from '../polling/hasten.ts';
import type {JobLogEffect, JobLogMessage} from '../model/job-log-messages.ts';
import {read, withPart} from './job-log-read.ts';
import {type JobLogPane, type JobLogPart, loggedJob, openedPane, panesThatFit} from '../model/job-log-state.ts';
import type {Next} from '../model/messages.ts';
import {shownTiers} from '../questions/select.ts';
import type {State} from '../model/state.ts';
import {toast} from '../view/toast.ts';

const toPane = (state: State, focus: number): State => {
	const pane = state.jobLogs!.panes[focus]!;
	const {place} = state.view;
	return place.name === 'job-log'
		? {
				...withPart(state, {focus}),
				view: {
					...state.view,
					place: {...place, tier: pane.tierName, jobId: pane.job.id},
					selectedJobId: pane.job.id,
				},
			}
		: state;
};

/** The job `by` further on in its tier that has no pane yet; null: there is none. */
const otherJob = (state: State, pane: JobLogPane, by: 1 | -1) => {
	const tier = shownTiers(state).find(({name}) => name === pane.tierName);
	const at = tier?.jobs.findIndex(({id}) => id === pane.job.id) ?? -1;
	const taken = new Set(state.jobLogs!.panes.map(({job}) => job.id));
	if (!tier || at === -1) return null;
	for (let step = 1; step < tier.jobs.length; step++) {
		const job = tier.jobs[(at + by * step + tier.jobs.length * step) % tier.jobs.length]!;
		if (!taken.has(job.id)) return {job, tier};
	}
	return null;
};

/** What one wants to see of it first. */
export const goalOf = ({status}: {status: string}) =>
	status === 'failed' ? ('first-error' as const) : ('end' as const);

export const stepLog = (state: State, pane: JobLogPane, by: 1 | -1, isTab: boolean): Next => {
	const {panes, focus} = state.jobLogs!;
	if (isTab && panes.length > 1) return [toPane(state, (focus + by + panes.length) % panes.length), []];
	const other = otherJob(state, pane, by);
	if (!other) return [toast(state, 'There is no other job here.', 'warn'), []];
	const opened = openedPane(loggedJob(other.job, other.tier), other.tier.name, goalOf(other.job));
	const [next, effects] = read(toPane(withPart(state, {panes: panes.with(focus, opened)}), focus), opened, {});
	return hastened([next, [{type: 'close-job-log', job: pane.job.id}, ...effects]]);
};

export const addLog = (state: State, pane: JobLogPane): Next => {
	const {panes} = state.jobLogs!;
	const fit = panesThatFit(state.columns);
	if (fit === 1) return [toast(state, 'Logs stand side by side from 160 columns on.', 'warn'), []];
	if (panes.length >= fit) return [toast(state, `No more than ${fit} logs fit side by side here.`, 'warn'), []];
	const other = otherJob(state, pane, 1);
	if (!other) return [toast(state, 'There is no other job here.', 'warn'), []];
	const opened = openedPane(loggedJob(other.job, other.tier), other.tier.name, goalOf(other.job));
	return hastened(read(toPane(withPart(state, {panes: [...panes, opened]}), panes.length), opened, {}));
};

export const dropLog = (state: State, pane: JobLogPane): Next => {
	const panes = state.jobLogs!.panes.filter(other => other !== pane);
	if (panes.length === 0) return [toast(state, 'It is the only one; esc goes back.', 'warn'), []];
	return [toPane(withPart(state, {panes, focus: 0}), 0), [{type: 'close-job-log', job: pane.job.id}]];
};

export const openLog = (state: State, {jobId, at: goal}: Extract<JobLogMessage, {type: 'open-log'}>): Next => {
	const tier = shownTiers(state).find(({jobs}) => jobs.some(({id}) => id === jobId));
	if (!tier) return [toast(state, 'This job is not among those of the commit in view.', 'warn'), []];
	const {place} = state.view;
	const pane = openedPane(
		loggedJob(
			tier.jobs.find(({id}) => id === jobId)!,
			tier,
		),
		tier.name,
		goal,
	);
	const from = place.name === 'job-log' ? place.from : place;
	const part: JobLogPart = {
		isWrapped: state.jobLogs?.isWrapped ?? false,
		hasTimes: state.jobLogs?.hasTimes ?? false,
		panes: [pane],
		focus: 0,
	};
	const closing = (state.jobLogs?.panes ?? []).map(({job}): JobLogEffect => ({type: 'close-job-log', job: job.id}));
	const detailSha =
		place.name === 'board'
			? (state.snapshot?.candidates.find(({tiers}) => Object.values(tiers).includes(tier))?.sha ?? null)
			: state.view.detailSha;
	const [next, effects] = read(
		{
			...state,
			jobLogs: part,
			view: {
				...state.view,
				place: {name: 'job-log', tier: tier.name, jobId, from},
				selectedJobId: jobId,
				detailSha,
				overlay: null,
			},
		},
		pane,
		{},
	);
	return hastened([next, [...closing, ...effects]]);
};
