/** Questions to the state about operations, locks and environments. */
import * as answer from '../../core/snapshot/answer.ts';
import {nameOf} from '../../core/releases/instances.ts';
import type {LockState} from '../../core/locks/lock.ts';
import {overall} from '../../core/releases/observation.ts';
import type {Operation} from '../../core/operations/operation.ts';
import type {Candidate, Environment} from '../../core/pipeline/pipeline.ts';
import type {Readiness} from '../../core/releases/release.ts';
import type {Settings} from '../../core/settings/settings.ts';
import {commitIn, compareVersion} from '../../core/releases/version.ts';
import type {State} from '../model/state.ts';
import type {ReleaseRef} from '../../core/releases/release-ref.ts';

export const operationsOf = ({operations: {reading}}: State): readonly Operation[] => reading?.operations ?? [];
export const isRunning = ({outcome}: Operation): boolean => outcome === 'running';
export const runningOperations = (state: State): readonly Operation[] => operationsOf(state).filter(isRunning);
export const runningOn = (state: State, environment: string): Operation | null =>
	runningOperations(state).find(operation => operation.environment === environment) ?? null;
export const operationWith = (state: State, id: string): Operation | null =>
	operationsOf(state).find(operation => operation.id === id) ?? null;
export const lockOn = ({operations: {reading}}: State, environment: string): LockState | null =>
	reading?.locks[environment] ?? null;
export const readinessOf = ({operations: {reading}}: State, environment: string): Readiness | null =>
	reading?.readiness[environment] ?? null;
export const pinsOn = ({operations: {reading}}: State, environment: string) =>
	(reading?.pins ?? []).filter(pin => pin.environment === environment);

/** The operation that the place is about. */
export const operationInView = (state: State): Operation | null =>
	state.view.place.name === 'operation' ? operationWith(state, state.view.place.id) : null;

/** Row of the list that the operator is at. */
export const chosenOperation = (state: State): Operation | null => {
	const operations = operationsOf(state);
	return operations.find(({id}) => id === state.view.operationId) ?? operations[0] ?? null;
};

/** Which one a key means: the one in view, else the newest that runs. */
export const operationMeant = (state: State): Operation | null => {
	const inView = operationInView(state);
	return inView && isRunning(inView) ? inView : (runningOperations(state)[0] ?? null);
};

export const isObservable = (settings: Settings, environment: string): boolean => {
	const found = settings.environments.find(({name}) => name === environment);
	return found !== undefined && found.health.length + found.version.length > 0;
};

/** What an environment says of itself, in one word. `silent`: it has no addresses to ask. `blind`: nothing answers, which may be our network. */
export type Condition = 'silent' | 'asking' | 'blind' | 'mixed' | 'flapping' | 'unhealthy' | 'healthy' | 'unknown';

const changesIn = (healths: ReadonlyArray<boolean | 'unknown'>): number => {
	const told = healths.filter(health => health !== 'unknown');
	return told.filter((health, index) => index > 0 && health !== told[index - 1]).length;
};

/** So many changes between healthy and unhealthy among the last twenty answers are flapping. */
const flappingFrom = 3;

export const conditionOf = (state: State, environment: string): Condition => {
	const observed = state.operations.observed[environment];
	if (!isObservable(state.settings, environment)) return 'silent';
	if (!observed?.latest) return 'asking';
	const {instances} = observed.latest;
	if (instances.length === 0) return 'silent';
	if (instances.every(({version, health}) => version === null && health === 'unknown')) return 'blind';
	const {isMixed, health} = overall(observed.latest);
	if (isMixed) return 'mixed';
	if (changesIn(observed.healths) >= flappingFrom) return 'flapping';
	return health === true ? 'healthy' : health === false ? 'unhealthy' : 'unknown';
};

/** Versions that an environment reports, each once; of the last answer that said anything. */
export const reportedVersions = ({operations: {observed}}: State, environment: string): readonly string[] => [
	...new Set(
		(observed[environment]?.lastTold?.instances ?? []).flatMap(({version}) => (version === null ? [] : [version])),
	),
];

/**
The commit that an environment runs, in full where it is among the candidates: what all of its instances report, else what GitHub has on
record (`isReported` false). null: they report several, or nobody knows.
*/
export const runsOn = (state: State, environment: string): {sha: string; isReported: boolean} | null =>
	answer.runsOn(
		state.snapshot ?? {candidates: [], environments: []},
		environment,
		reportedVersions(state, environment),
	);

/** Names of the environments of which at least one instance runs a commit. */
export const namesRunning = (state: State, candidate: Pick<Candidate, 'sha' | 'liveOn'>): readonly string[] =>
	[...new Set([...candidate.liveOn, ...state.settings.environments.map(({name}) => name)])].filter(name =>
		answer.isOn(candidate, name, reportedVersions(state, name)),
	);

/** How many of the candidates are newer than what an environment reports to run; null: it reports none of them. */
export const commitsBehind = (state: State, environment: string): number | null => {
	const runs = runsOn(state, environment);
	const index =
		runs?.isReported === true ? (state.snapshot?.candidates ?? []).findIndex(({sha}) => sha === runs.sha) : -1;
	return index === -1 ? null : index;
};

/** How many commits production is behind staging's branch although its own branch has more of them: it was rolled back, or its deployment is still to come. null: it runs what its branch has, or nobody knows. */
export const behindItsBranch = (state: State): number | null => {
	const behind = commitsBehind(state, 'production');
	const {
		staging: {aheadBy},
		production: {sha},
	} = state.snapshot?.branches ?? {staging: {aheadBy: null}, production: {sha: null}};
	return behind !== null && sha !== null && aheadBy !== null && behind > aheadBy ? behind : null;
};

/** A release that should be there, which was there before it, and how long ago it was put there (milliseconds). null: unknown. */
type Expected = {release: ReleaseRef; before: ReleaseRef | null; agoMs: number | null};

const agoMs = (now: number, then: number | null): number | null => (then === null ? null : Math.max(0, now - then));

/** What the journal says is live: the end of the newest operation that tells. null: it does not know. */
const expectedByJournal = (state: State, environment: string): Expected | null => {
	const told = operationsOf(state).find(
		operation => operation.environment === environment && operation.outcome !== 'failed',
	);
	const [release, before] =
		told?.outcome === 'succeeded'
			? [told.to, told.from]
			: told?.outcome === 'rolled-back'
				? [told.from, told.to]
				: [null, null];
	return release && {release, before, agoMs: agoMs(state.wallNow, told!.finishedAt)};
};

const asRef = (sha: string | null): ReleaseRef | null => (sha === null ? null : {release: sha, sha});

const expectedByGitHub = ({now}: State, github: Environment | null): Expected | null => {
	const release = asRef(github?.sha ?? null);
	return release && {release, before: asRef(github!.beforeSha), agoMs: agoMs(now, github!.deployedAt)};
};

/** Answers in a row that a foreign version has to stand before it is called one. */
const driftAfter = 2;
/** So long after the end of a deployment, instances that still report the release before are on their way. */
const settlesWithinMs = 5 * 60_000;

/**
The environment reports another release than the one that GitHub and the journal know to be there. `not-yet`: the release before it, and it was
put there moments ago; `before`: the release before it, and it should have gone; `foreign`: somebody deployed past deployctl.
*/
export type Drift = {
	kind: 'not-yet' | 'before' | 'foreign';
	version: string;
	expected: string;
	/** Milliseconds since it was put there; null: unknown. */
	agoMs: number | null;
};

/** null: it reports what is expected, or something is under way, or nobody can tell. */
export const driftOf = (state: State, environment: string): Drift | null => {
	const {version, count} = state.operations.observed[environment]?.sameVersion ?? {version: null, count: 0};
	const github = state.snapshot?.environments.find(({name}) => name === environment) ?? null;
	if (
		version === null ||
		count < driftAfter ||
		runningOn(state, environment) !== null ||
		github?.status === 'running'
	)
		return null;
	const known = [expectedByJournal(state, environment), expectedByGitHub(state, github)].filter(one => one !== null);
	if (known.length === 0 || known.some(({release}) => compareVersion(version, release) !== 'different')) return null;
	const since = known.find(({before}) => before !== null && compareVersion(version, before) === 'same');
	const {release, agoMs} = since ?? known[0]!;
	const isFresh = agoMs !== null && agoMs < settlesWithinMs;
	return {version, expected: nameOf(release), agoMs, kind: since ? (isFresh ? 'not-yet' : 'before') : 'foreign'};
};

/** Whether a lock is ours to give back. */
export const isOurs = ({operations: {reading}}: State, lock: LockState): boolean =>
	lock.state === 'held' &&
	lock.lock.kind === 'human' &&
	(reading?.operator ?? null) !== null &&
	lock.lock.operator === reading!.operator;

/** A version as it is shown: the seven digits of a commit, or what it is. */
export const versionText = (version: string): string => commitIn(version)?.slice(0, 7) ?? version;
