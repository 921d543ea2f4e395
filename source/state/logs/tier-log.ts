/** From a tier on the board to the log of what failed in it, in one key; also when its jobs are still to be read. */
import {type Job, type Tier, tierTitles, type TierName} from '../../core/pipeline/pipeline.ts';
import {isFinal} from '../../core/pipeline/words.ts';
import {goalOf, openLog} from './job-log-panes.ts';
import {jobsNote} from '../view/jobs-note.ts';
import type {Next} from '../model/messages.ts';
import {selectedCandidate, sortedJobs} from '../questions/select.ts';
import type {State} from '../model/state.ts';
import {toast} from '../view/toast.ts';

/** What failed, else the first that has ended, else the first. */
const jobMeant = (tier: Tier): Job | null => {
	const jobs = sortedJobs(tier);
	return (
		jobs.find(({status}) => status === 'failed') ??
		jobs.find(({status}) => isFinal(status) && status !== 'skipped') ??
		jobs[0] ??
		null
	);
};

/** The reason of a failure is not to be cut. */
const wrapped = ([state, effects]: Next): Next => [
	{...state, jobLogs: state.jobLogs && {...state.jobLogs, isWrapped: true}},
	effects,
];

/** Opens it, or says that the jobs are being read and waits for them. */
export const openTierLog = (state: State, name: TierName): Next => {
	const candidate = selectedCandidate(state);
	const tier = candidate?.tiers[name];
	const job = tier === undefined ? null : jobMeant(tier);
	if (job !== null)
		return wrapped(
			openLog(
				{...state, wantedLog: null, view: {...state.view, tier: name}},
				{type: 'open-log', jobId: job.id, at: goalOf(job)},
			),
		);
	const note = tier === undefined ? null : jobsNote(state, tier);
	if (candidate === null || note === null) return [state, []];
	return [
		{
			...toast(state, `${tierTitles[name]}: ${note.text}; the log opens when they are there.`, 'warn'),
			wantedLog: {sha: candidate.sha, tier: name},
		},
		[],
	];
};

/** After each answer of GitHub: the jobs that a log waits for may be there. */
export const openWanted = (state: State): Next => {
	const {wantedLog, view, dialog} = state;
	const candidate = selectedCandidate(state);
	const tier = wantedLog === null ? undefined : candidate?.tiers[wantedLog.tier];
	if (wantedLog === null) return [state, []];
	// Somebody has gone elsewhere, or the commit has: nothing opens over that.
	if (
		candidate?.sha !== wantedLog.sha ||
		tier === undefined ||
		view.place.name !== 'board' ||
		view.overlay !== null ||
		dialog !== null
	)
		return [{...state, wantedLog: null}, []];
	return tier.jobs.length > 0 ? openTierLog({...state, toast: null}, wantedLog.tier) : [state, []];
};
