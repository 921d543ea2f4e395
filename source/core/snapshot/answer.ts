/**
The one answer for each commit to "can it go to production?". The list, the panel, the sentences, `status` and what a plan is made from read it
here. Pure.
*/
import {isPinned, type Moment} from '../gate/moment.ts';
import type {Answer, Branches, Candidate, Condition, Environment, Gate, Snapshot, Tier} from '../pipeline/pipeline.ts';
import {tierAwaited} from '../pipeline/idle.ts';
import {commitIn} from '../releases/version.ts';
import {isMoving} from '../pipeline/words.ts';

type Known = Pick<Candidate, 'sha' | 'tiers' | 'gate' | 'liveOn'>;

/** Where candidates and records of deployments are known. */
export type Listed = {
	candidates: ReadonlyArray<Pick<Candidate, 'sha'>>;
	environments: ReadonlyArray<Pick<Environment, 'name' | 'sha'>>;
};

/**
The commit that an environment runs, in full where it is among the candidates: what all of its instances report, else what GitHub has on record
(`isReported` false). null: they report several, or nobody knows.
@param reported versions that its instances report, each once
*/
export const runsOn = (
	{candidates, environments}: Listed,
	environment: string,
	reported: readonly string[],
): {sha: string; isReported: boolean} | null => {
	const recorded = environments.find(({name}) => name === environment)?.sha ?? null;
	if (reported.length > 1) return null;
	const commit = reported.length === 1 ? commitIn(reported[0]!) : null;
	if (commit === null) return recorded === null ? null : {sha: recorded, isReported: false};
	const known = [...candidates.map(({sha}) => sha), ...(recorded === null ? [] : [recorded])].find(sha =>
		sha.startsWith(commit),
	);
	return {sha: known ?? commit, isReported: true};
};

/** Whether at least one instance of an environment runs the commit. */
export const isOn = (
	{sha, liveOn}: Pick<Candidate, 'sha' | 'liveOn'>,
	environment: string,
	reported: readonly string[],
): boolean => {
	const commits = reported.map(version => commitIn(version)).filter(commit => commit !== null);
	return commits.length > 0 ? commits.some(commit => sha.startsWith(commit)) : liveOn.includes(environment);
};

/** What production runs, and how many of the candidates are newer than that; null: it reports none of them. */
export const productionOf = (listed: Listed, reported: readonly string[]): Snapshot['production'] => {
	const runs = runsOn(listed, 'production', reported);
	const index = runs?.isReported === true ? listed.candidates.findIndex(({sha}) => sha === runs.sha) : -1;
	return {
		sha: runs?.sha ?? null,
		isReported: runs?.isReported ?? false,
		isMixed: reported.length > 1,
		behindBy: index === -1 ? null : index,
	};
};

/** The first thing that blocks: what is known to be wrong before what is unknown. null: nothing does. */
export const obstacleOf = ({conditions}: Gate): Condition | null =>
	conditions.find(({met}) => met === false) ?? conditions.find(({met}) => met === 'unknown') ?? null;

const tierOf: Readonly<Partial<Record<Condition['id'], keyof Candidate['tiers']>>> = {
	'fast-green': 'fast',
	staged: 'deploy',
	'e2e-green': 'e2e',
	'smoke-green': 'smoke',
};
const tierBehind = ({tiers}: Pick<Candidate, 'tiers'>, {id}: Condition): Tier | undefined =>
	tiers[tierOf[id] ?? 'smoke'];

/** What is not met yet and ends by itself: a tier that still runs or waits for one, or that comes after such a tier. */
export const isUnderWay = (candidate: Pick<Candidate, 'tiers'>, condition: Condition): boolean => {
	const name = condition.met === false ? tierOf[condition.id] : undefined;
	return (
		name !== undefined &&
		(isMoving(candidate.tiers[name]?.status ?? 'none') || tierAwaited(candidate.tiers, name) !== null)
	);
};

/** What is not met because something failed, is unhealthy or has diverged: somebody has to do something about it. */
export const isTrouble = (candidate: Pick<Candidate, 'tiers'>, condition: Condition): boolean => {
	if (condition.met !== false) return false;
	return tierOf[condition.id] === undefined
		? condition.id === 'production-healthy' || condition.id === 'fast-forward'
		: tierBehind(candidate, condition)?.status === 'failed';
};

const ofGate = (candidate: Known): Answer => {
	const obstacle = obstacleOf(candidate.gate);
	if (candidate.gate.open || obstacle === null) return candidate.gate.open ? 'ready' : 'unknown';
	if (obstacle.met === false) return isUnderWay(candidate, obstacle) ? 'waiting' : 'blocked';
	return obstacle.isUnread === true ? 'checking' : 'unknown';
};

/** What the answers rest on, the same for all commits of one reading. */
export type Around = {
	branches: Branches;
	moment: Pick<Moment, 'pins' | 'reported'> | null;
	production: Snapshot['production'];
	/** Newest first. */ history: readonly string[];
};

/** Old knowledge makes nothing ready: whoever shows it says how old it is. */
export const answerOf = (
	candidate: Known,
	{
		branches: {
			staging,
			production: {sha: branchAt},
		},
		moment,
		production,
		history,
	}: Around,
): Answer => {
	if (isOn(candidate, 'production', moment?.reported ?? [])) return production.isMixed ? 'mixed' : 'in-production';
	if (isPinned(moment?.pins ?? [], candidate.sha)) return 'pinned';
	if (candidate.gate.open) return 'ready';
	const index = history.indexOf(candidate.sha);
	const isBelowHead = staging.aheadBy !== null && index >= staging.aheadBy;
	const at = production.behindBy ?? history.indexOf(branchAt ?? '');
	if (at === -1 ? isBelowHead : index >= at) return 'older';
	// Newer than what production runs, and on its branch: after a rollback that has more.
	return isBelowHead ? 'merged' : ofGate(candidate);
};
