/** Questions to the state that more than one place asks. */
import {short} from '../../core/gate/gate.ts';
import {addressesIn} from '../../core/github/said.ts';
import {type Candidate, type Job, type Tier, type TierName, tierNames} from '../../core/pipeline/pipeline.ts';
import {passes} from '../../core/polling/read-kinds.ts';
import type {Dialog} from '../model/dialog.ts';
import type {State} from '../model/state.ts';

export type Mode =
	| 'small'
	| 'board'
	| 'tier'
	| 'job'
	| 'tests'
	| 'job-log'
	| 'gate'
	| 'events'
	| 'operations'
	| 'operation'
	| 'help'
	| 'palette'
	| 'search'
	| DialogMode;
/** `phrase` and `reason` take text; `void` is a dialog that nobody has touched for too long, `awaited` one that is still being read for. */
export type DialogMode = 'choose' | 'pick' | 'plan' | 'phrase' | 'reason' | 'ask' | 'form' | 'awaited' | 'void';

/** Below this nothing useful fits, and a plain message says so. */
export const smallest = {columns: 60, rows: 15};

/** Rows of a terminal in which older commits than the usual fill the list. */
export const tallFrom = 44;

export const modeOf = (state: State): Mode => {
	if (state.columns < smallest.columns || state.rows < smallest.rows) return 'small';
	return state.dialog ? dialogModeOf(state.dialog) : (state.view.overlay?.name ?? state.view.place.name);
};

const dialogModeOf = (dialog: Dialog): DialogMode => {
	if (dialog.isVoid) return 'void';
	switch (dialog.name) {
		case 'break':
			return 'reason';
		case 'sign-off':
		case 'hotfix':
			return 'pick';
		case 'review':
			return dialog.isTyped ? 'phrase' : 'ask';
		case 'rerun':
			return 'pick';
		case 'run-act':
			return dialog.phrase === null ? 'ask' : 'phrase';
		case 'start-run':
			return 'form';
		case 'plan':
			break;
		default:
			return dialog.name;
	}
	const isTyped =
		dialog.plan !== null &&
		dialog.plan.phrase !== null &&
		dialog.plan.blocked === null &&
		(dialog.phase === 'ready' || dialog.phase === 'checking');
	return isTyped ? 'phrase' : 'plan';
};

const tiersOf = (candidate: Candidate): readonly Tier[] => tierNames.flatMap(name => candidate.tiers[name] ?? []);

const dayMs = 86_400_000;
const liveliness: Readonly<Partial<Record<Tier['status'], number>>> = {running: 0, queued: 1, waiting: 2};

/** What has waited for longer than a day is forgotten rather than active. */
const livelinessOf = (candidate: Candidate, now: number): number =>
	Math.min(
		3,
		...tiersOf(candidate)
			.filter(tier => tier.status === 'running' || now - (tier.createdAt ?? candidate.committedAt) < dayMs)
			.map(({status}) => liveliness[status] ?? 3),
	);

/** The active release: what runs, else what is queued, else what waits, the newest of these; else the newest commit. */
export const activeCandidate = (candidates: readonly Candidate[], now = 0): Candidate | undefined => {
	const ranks = candidates.map(candidate => livelinessOf(candidate, now));
	return candidates[ranks.indexOf(Math.min(...ranks))];
};

/** The commit that the view is about by choice, or because a detail was opened on it; null while the active release is followed. */
const wantedSha = ({view}: State): string | null =>
	view.place.name === 'board' ? view.selectedSha : (view.detailSha ?? view.selectedSha);

/** That commit when newer ones have pushed it out of what is read: it must not turn into another one unnoticed. */
export const goneSha = (state: State): string | null => {
	const sha = wantedSha(state);
	if (state.view.place.name === 'operations' || state.view.place.name === 'operation') return null;
	return sha !== null && state.snapshot && !state.snapshot.candidates.some(candidate => candidate.sha === sha)
		? sha
		: null;
};

export const selectedIndex = (state: State): number => {
	const candidates = state.snapshot?.candidates ?? [];
	const sha = wantedSha(state);
	const index = candidates.findIndex(candidate => candidate.sha === sha);
	return index === -1 ? candidates.indexOf(activeCandidate(candidates, state.now)!) : index;
};

/** Whether an overview has older commits than the usual: wherever there is room for them, or when somebody has gone on to them. */
export const readsOlder = ({rows, view}: State): boolean => rows >= tallFrom || view.wantsOlder;

/** The board shows the active release in the place of a commit that is gone; a detail has nothing to show then. */
export const selectedCandidate = (state: State): Candidate | null =>
	state.view.place.name !== 'board' && goneSha(state) !== null
		? null
		: (state.snapshot?.candidates[selectedIndex(state)] ?? null);

/** Tiers that the selected commit has; smoke only where the project has it. */
export const shownTiers = (state: State): readonly Tier[] => {
	const candidate = selectedCandidate(state);
	return candidate ? tiersOf(candidate) : [];
};

export const tierInView = (state: State): Tier | null => {
	const {place, tier} = state.view;
	const name: TierName =
		place.name === 'tier' || place.name === 'job' || place.name === 'tests' || place.name === 'job-log'
			? place.tier
			: tier;
	return shownTiers(state).find(shown => shown.name === name) ?? null;
};

const urgency: Readonly<Partial<Record<Job['status'], number>>> = {
	failed: 0,
	running: 1,
	waiting: 2,
	queued: 3,
	unknown: 4,
	cancelled: 5,
};

/** What needs attention first: failed, running, waiting; then the rest in GitHub's order. */
export const sortedJobs = (tier: Tier): readonly Job[] =>
	tier.jobs
		.map((job, index) => ({job, index}))
		.sort((a, b) => (urgency[a.job.status] ?? 9) - (urgency[b.job.status] ?? 9) || a.index - b.index)
		.map(({job}) => job);

/** Jobs in the order of the detail list: GitHub's, so that rows do not jump about while the operator reads. */
export const jobInView = (state: State): Job | null => {
	const tier = tierInView(state);
	const {place, selectedJobId} = state.view;
	const isOfJob = place.name === 'job' || place.name === 'job-log';
	const id = isOfJob ? place.jobId : selectedJobId;
	return tier?.jobs.find(job => job.id === id) ?? (isOfJob ? null : (tier?.jobs[0] ?? null));
};

/** An address from outside as a terminal and a browser may get it: http(s) only, and spelled out in ASCII. */
export const safeUrl = (text: string | null | undefined): string | null => {
	const url = text ? URL.parse(text) : null;
	return url && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : null;
};

export const siteOf = (state: State, environment: string): string | null =>
	safeUrl(state.snapshot?.environments.find(({name}) => name === environment)?.url);

/** The address that GitHub's refusal names, while nothing else helps (single sign-on, a page of settings); null: there is none. */
export const wayOut = ({poll: {failure, failures}}: State): string | null =>
	failure === null || failures === 0 || passes(failure.kind) ? null : safeUrl(addressesIn(failure.next ?? '')[0]);

/** Beside it, for whoever cannot take an address from the screen. */
export const wayOutKeys = 'o opens it, y copies it.';

/** The page that `o` opens and `y` copies: the way out of a refusal, or that of the job, the run, or the commit in view. */
export const addressInView = (state: State): {url: string; what: string} | null => {
	const refused = wayOut(state);
	if (refused !== null) return {url: refused, what: 'the page that GitHub names'};
	const candidate = selectedCandidate(state);
	const tier = tierInView(state);
	const {place} = state.view;
	const job = place.name === 'job' || place.name === 'tier' ? jobInView(state) : null;
	const found = [
		{url: safeUrl(job?.url), what: `job ${job?.name}`},
		{url: place.name === 'gate' ? null : safeUrl(tier?.url), what: `run ${tier?.runId ?? ''}`.trim()},
		{url: safeUrl(candidate?.url), what: `commit ${short(candidate?.sha ?? '')}`},
	].find(({url}) => url !== null);
	return found ? {url: found.url!, what: found.what} : null;
};

/**
How far the screen can be trusted to be what GitHub would say now. `paused`: the hourly budget lets us ask only later;
`slowed`: it lets us ask less often, yet often enough; `late`: the next answer should have come.
*/
export type Freshness = 'live' | 'slowed' | 'paused' | 'late' | 'failing' | 'cached' | 'nothing';

const lateAfterMs = 60_000;

export const freshnessOf = ({origin, poll, wallNow}: State): Freshness => {
	if (poll.failures > 0) return 'failing';
	if (origin !== 'github' || poll.answeredAtWall === null) return origin === 'cache' ? 'cached' : 'nothing';
	const isThrottled = poll.because !== null;
	const interval = poll.nextAtWall - poll.answeredAtWall;
	if (isThrottled && poll.phase === 'waiting' && interval > lateAfterMs) return 'paused';
	if (wallNow - poll.answeredAtWall > Math.max(lateAfterMs, isThrottled ? 0 : 2 * interval)) return 'late';
	return isThrottled ? 'slowed' : 'live';
};

/** Whether what we show may have changed since. Old knowledge opens no gate, and its clocks stand still. */
export const isStale = (state: State): boolean => !['live', 'slowed'].includes(freshnessOf(state));

/** Whether anything on the screen moves by itself. Operations are read from this machine: they need no GitHub to be true. */
export const isAnythingRunning = (state: State): boolean =>
	Boolean(state.operations.reading?.operations.some(({outcome}) => outcome === 'running')) ||
	(!isStale(state) &&
		Boolean(
			state.snapshot?.candidates.some(candidate => tiersOf(candidate).some(tier => tier.status === 'running')),
		));
