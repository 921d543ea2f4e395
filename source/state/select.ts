/** Questions to the state that more than one place asks. */
import {type Candidate, type Job, type Tier, type TierName, tierNames} from '../core/pipeline.ts';
import {isMoving} from '../core/words.ts';
import type {State} from './state.ts';

export type Mode = 'small' | 'board' | 'tier' | 'job' | 'gate' | 'events' | 'help' | 'palette' | 'search';

/** Below this nothing useful fits, and a plain message says so. */
export const smallest = {columns: 60, rows: 15};

export const modeOf = (state: State): Mode => {
	if (state.columns < smallest.columns || state.rows < smallest.rows) return 'small';
	return state.view.overlay?.name ?? state.view.place.name;
};

const tiersOf = (candidate: Candidate): readonly Tier[] => tierNames.flatMap(name => candidate.tiers[name] ?? []);

/** The release in motion that is furthest along the pipeline's front: the newest moving commit, else the newest. */
export const activeCandidate = (candidates: readonly Candidate[]): Candidate | undefined =>
	candidates.find(candidate => tiersOf(candidate).some(tier => isMoving(tier.status))) ?? candidates[0];

export const selectedIndex = (state: State): number => {
	const candidates = state.snapshot?.candidates ?? [];
	const index = candidates.findIndex(candidate => candidate.sha === state.view.selectedSha);
	return index === -1 ? candidates.indexOf(activeCandidate(candidates)!) : index;
};

export const selectedCandidate = (state: State): Candidate | null => state.snapshot?.candidates[selectedIndex(state)] ?? null;

/** Tiers that the selected commit has; smoke only where the project has it. */
export const shownTiers = (state: State): readonly Tier[] => {
	const candidate = selectedCandidate(state);
	return candidate ? tiersOf(candidate) : [];
};

export const tierInView = (state: State): Tier | null => {
	const {place, tier} = state.view;
	const name: TierName = place.name === 'tier' || place.name === 'job' ? place.tier : tier;
	return shownTiers(state).find(shown => shown.name === name) ?? null;
};

const urgency: Readonly<Partial<Record<Job['status'], number>>> = {failed: 0, running: 1, waiting: 2, queued: 3, unknown: 4, cancelled: 5};

/** What needs attention first: failed, running, waiting; then the rest in GitHub's order. */
export const sortedJobs = (tier: Tier): readonly Job[] =>
	tier.jobs.map((job, index) => ({job, index})).sort((a, b) => (urgency[a.job.status] ?? 9) - (urgency[b.job.status] ?? 9) || a.index - b.index).map(({job}) => job);

/** Jobs in the order of the detail list: GitHub's, so that rows do not jump about while the operator reads. */
export const jobInView = (state: State): Job | null => {
	const tier = tierInView(state);
	const {place, selectedJobId} = state.view;
	const id = place.name === 'job' ? place.jobId : selectedJobId;
	return tier?.jobs.find(job => job.id === id) ?? (place.name === 'job' ? null : (tier?.jobs[0] ?? null));
};

/** The page that `o` opens and `y` copies: of the job, the run, or the commit in view. */
export const addressInView = (state: State): {url: string; what: string} | null => {
	const candidate = selectedCandidate(state);
	const tier = tierInView(state);
	const {place} = state.view;
	const job = place.name === 'job' || place.name === 'tier' ? jobInView(state) : null;
	if (job?.url) return {url: job.url, what: `job ${job.name}`};
	if (tier?.url && place.name !== 'gate') return {url: tier.url, what: `run ${tier.runId ?? ''}`.trim()};
	return candidate ? {url: candidate.url, what: `commit ${candidate.sha.slice(0, 7)}`} : null;
};

/** Whether anything on the screen moves by itself. */
export const isAnythingRunning = (state: State): boolean =>
	Boolean(state.snapshot?.candidates.some(candidate => tiersOf(candidate).some(tier => tier.status === 'running')));

/** Whether what we show may have changed since: the poller fails, or has not heard from GitHub yet in this run. */
export const isStale = (state: State): boolean => state.origin !== 'github' || state.poll.failures > 0;
