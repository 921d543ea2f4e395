/** Questions to the state about GitHub's runs: which one a key means, whether it is still the one that was shown, what waits to be seen. */
import {approvalGone, awaitsApproval, whoseText} from '../../core/evidence/approval.ts';
import {short} from '../../core/gate/gate.ts';
import type {RunFact} from '../../core/github/facts.ts';
import type {Status, Tier} from '../../core/pipeline/pipeline.ts';
import {judgedRuns} from '../../core/evidence/production-run.ts';
import {type RunSubject, subjectTitle, type Surroundings} from '../../core/runs/effects.ts';
import type {Seen} from '../../core/runs/runs.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import {compareVersion} from '../../core/releases/version.ts';
import {isFinal, isMoving, runWord} from '../../core/pipeline/words.ts';
import {reportedVersions, versionText} from './operation-select.ts';
import {askedForgottenMs, askedLateMs, type RunAbout, type RunAsked} from '../model/run-dialog.ts';
import {jobInView, selectedCandidate, shownTiers, tierInView} from './select.ts';
import type {State} from '../model/state.ts';

export type JobInRun = {id: number; name: string; status: Status; startedAt: number | null; finishedAt: number | null};
export type RunView = {
	about: RunAbout;
	seen: Seen;
	status: Status;
	isOver: boolean;
	/** Of the newest attempt, as far as they were read. */
	jobs: readonly JobInRun[];
	/** The one that is in view. */
	job: JobInRun | null;
	createdAt: number | null;
	url: string | null;
	/** GitHub does not begin it before somebody has approved it; whose code it is, in words. */
	whose: string | null;
};

const runWithId = ({facts}: State, id: number): RunFact | null => facts?.runs.find(run => run.id === id) ?? null;
const jobsOf = (run: RunFact | null): readonly JobInRun[] =>
	(run?.jobs ?? []).map(({id, name, status, conclusion, startedAt, finishedAt}) => ({
		id,
		name,
		status: runWord(status, conclusion).status,
		startedAt,
		finishedAt,
	}));

const viewOf = ({facts}: State, run: RunFact, subject: RunSubject, sha: string, job: RunView['job']): RunView => {
	const jobs = jobsOf(run);
	return {
		about: {subject, sha, title: `${subjectTitle(subject)} of ${short(sha)}`, number: run.number},
		seen: {runId: run.id, attempt: run.attempt, jobIds: jobs.map(({id}) => id)},
		status: runWord(run.status, run.conclusion).status,
		isOver: run.status === 'COMPLETED' && !awaitsApproval(run),
		jobs,
		createdAt: run.createdAt,
		url: run.url,
		whose: awaitsApproval(run)
			? sanitise(whoseText(run.actor, run.origin ?? null, facts?.repository ?? ''), 300)
			: null,
		job,
	};
};

/** By the promoter's own rule: keys act on it, and anybody may call a run so. */
const judgedProductionRuns = ({facts, settings}: State, sha: string) =>
	facts === null
		? []
		: judgedRuns(facts, {workflow: settings.promotion.workflow, branch: settings.branches.production, sha});

/** What is in view at the gate. null: there is none, or none of which it is certain. */
const productionRun = (state: State, sha: string): RunView | null => {
	const [found] = judgedProductionRuns(state, sha).filter(({trust}) => trust.trusted === true);
	return found ? viewOf(state, found.run, 'production', sha, null) : null;
};

/** Why no run is taken to be the one that deploys the selected commit to production; null: none calls itself so. */
export const productionDoubt = (state: State): string | null => {
	const [doubtful] = judgedProductionRuns(state, selectedCandidate(state)?.sha ?? '');
	return doubtful === undefined || doubtful.trust.trusted === true
		? null
		: sanitise(`run ${doubtful.run.id} is called so, but ${doubtful.trust.because}`, 300);
};

/** On the board all tiers are in view: the chosen one, unless it is another that is red, or that runs. The dialog says which it is. */
const tierOnBoard = (state: State): Tier | null => {
	const chosen = tierInView(state);
	const tiers = [...(chosen ? [chosen] : []), ...shownTiers(state)];
	return tiers.find(({status}) => status === 'failed') ?? tiers.find(({status}) => isMoving(status)) ?? chosen;
};

/** The run that a key means at this place; null: there is none. Places that show runs of their own add a line here. */
export const runInView = (state: State): RunView | null => {
	const candidate = selectedCandidate(state);
	if (candidate === null) return null;
	const {place} = state.view;
	if (place.name === 'gate') return productionRun(state, candidate.sha);
	if (!['board', 'tier', 'job', 'tests'].includes(place.name)) return null;
	const tier = place.name === 'board' ? tierOnBoard(state) : tierInView(state);
	return tier && viewOfTier(state, tier, candidate.sha);
};

const viewOfTier = (state: State, tier: Tier, sha: string): RunView | null => {
	const {place} = state.view;
	const run = tier.runId === null ? null : runWithId(state, tier.runId);
	if (run === null) return null;
	const job = place.name === 'board' || place.name === 'tests' ? null : jobInView(state);
	return viewOf(
		state,
		run,
		tier.name,
		sha,
		job && {
			id: job.id,
			name: job.name,
			status: job.status,
			startedAt: job.startedAt,
			finishedAt: job.finishedAt,
		},
	);
};

/** The run that waits until somebody approves it: the one in view, on the board that of any tier. */
export const heldBack = (state: State): RunView | null => {
	const candidate = selectedCandidate(state);
	const tiers = state.view.place.name === 'board' && candidate !== null ? shownTiers(state) : [];
	return (
		[runInView(state), ...tiers.map(tier => viewOfTier(state, tier, candidate!.sha))].find(
			run => run !== null && run.whose !== null,
		) ?? null
	);
};

/** A run of another repository is never touched: our address leads elsewhere. */
export const isForeign = ({snapshot}: State, {url}: RunView): boolean =>
	snapshot?.url != null && url !== null && !url.toLowerCase().startsWith(`${snapshot.url.toLowerCase()}/`);

/** Why the run needs no approval any more; null: it does, as far as is known. */
export const approvedSince = (state: State, seen: Seen): string | null => {
	const run = runWithId(state, seen.runId);
	return run && approvalGone(seen, run);
};

/** What the run is at now, in a few words, when it is not as it was when it was seen; null: it is, as far as is known. */
export const changedSince = (state: State, {runId, attempt, jobIds}: Seen, isOver: boolean): string | null => {
	const run = runWithId(state, runId);
	if (run === null) return null;
	if (attempt !== null && run.attempt !== null && run.attempt !== attempt)
		return `attempt ${run.attempt} has started`;
	const now = new Set((run.jobs ?? []).map(({id}) => id));
	if ((attempt === null || run.attempt === null) && now.size > 0 && jobIds.some(id => !now.has(id)))
		return 'its jobs have changed';
	if (isOver && run.status !== 'COMPLETED') return 'it has been started again';
	return !isOver && run.status === 'COMPLETED' ? 'it has ended' : null;
};

/** The tier's run as it is now. */
export const runOfTier = (state: State, {subject, sha}: RunAbout): number | null => {
	const candidate = state.snapshot?.candidates.find(one => one.sha === sha);
	return subject === 'production'
		? (productionRun(state, sha)?.seen.runId ?? null)
		: (candidate?.tiers[subject]?.runId ?? null);
};

/** Of all its instances together. */
const isSameOn = (versions: readonly string[], sha: string): boolean | 'unknown' => {
	const places = versions.map(version => compareVersion(version, {release: sha, sha}));
	return places.includes('different') ? false : places.includes('unknown') ? 'unknown' : true;
};

/** What staging says that it runs, else what GitHub has on record. */
export const stagingOf = (state: State, sha: string): Surroundings['staging'] => {
	const [version, ...others] = reportedVersions(state, 'staging');
	if (version !== undefined)
		return {text: [version, ...others].map(versionText).join(' and '), isSame: isSameOn([version, ...others], sha)};
	const recorded = state.snapshot?.environments.find(({name}) => name === 'staging')?.sha ?? null;
	return recorded === null ? null : {text: short(recorded), isSame: recorded === sha};
};

export const surroundingsOf = (state: State, {subject, sha}: RunAbout): Surroundings => ({
	subject,
	sha,
	candidate: state.snapshot?.candidates.find(one => one.sha === sha) ?? null,
	staging: stagingOf(state, sha),
});

/** GitHub shows it. */
export const isNoticed = (state: State, {kind, seen, runId, runBefore, about}: RunAsked): boolean => {
	if (kind === 'start') {
		const now = runOfTier(state, about);
		return (runId !== null && runWithId(state, runId) !== null) || (now !== null && now !== runBefore);
	}
	if (kind === 'approve') return seen !== null && approvedSince(state, seen) !== null;
	return seen !== null && changedSince(state, seen, kind === 'rerun') !== null;
};

export const isLate = ({wallNow}: State, {atWall}: RunAsked): boolean => wallNow - atWall >= askedLateMs;
export const isForgotten = ({wallNow}: State, {atWall}: RunAsked): boolean => wallNow - atWall >= askedForgottenMs;

/** What was asked of this run and does not show yet; the newest. */
export const askedOf = (state: State, runId: number): RunAsked | null =>
	state.asked.findLast(one => one.runId === runId && one.kind !== 'start') ?? null;

/** While these wait, GitHub is asked for everything, and soon. */
export const isExpecting = (state: State): boolean => state.asked.some(one => !isLate(state, one));

export const hasFailed = ({status}: JobInRun): boolean => status === 'failed' || status === 'cancelled';
export const isRepeatable = ({isOver, status}: RunView): boolean => isOver || isFinal(status);
