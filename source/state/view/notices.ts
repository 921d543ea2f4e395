/** What the operator must see wherever they are: what runs, what was interrupted, what is not as it should be. */
import {age} from '../../core/text/duration.ts';
import {holderOf} from '../../core/locks/lock.ts';
import type {Observation} from '../../core/releases/observation.ts';
import type {Operation} from '../../core/operations/operation.ts';
import {sentence} from '../../core/text/sanitise.ts';
import {
	conditionOf,
	type Drift,
	driftOf,
	isRunning,
	lockOn,
	operationsOf,
	readinessOf,
	reportedVersions,
	runningOn,
	versionText,
} from '../questions/operation-select.ts';
import {titleOf} from './operation-words.ts';
import {askedNotices} from './run-words.ts';
import type {State} from '../model/state.ts';
import {plural} from '../../core/text/plural.ts';
import type {Notice} from './notice.ts';

/** Interrupted, nothing has come right there since, and nobody has looked at it here. */
const isOpen = (state: State, operation: Operation): boolean =>
	operation.outcome === 'interrupted' &&
	!state.operations.seen.includes(operation.id) &&
	operationsOf(state).find(({environment, outcome}) => environment === operation.environment && outcome !== 'failed')
		?.id === operation.id;

const ofOperation = (state: State, operation: Operation): Notice | null => {
	const {place} = state.view;
	if (place.name === 'operation' && place.id === operation.id) return null;
	const since = age(state.wallNow - operation.startedAt);
	if (isRunning(operation))
		return {tone: 'busy', text: `${titleOf(operation)} runs for ${since} (A attaches), by ${operation.operator}`};
	return isOpen(state, operation)
		? {
				tone: 'bad',
				text: `${titleOf(operation)} was interrupted ${since} ago, O shows it: ${sentence(operation.because)}`,
			}
		: null;
};

/** Beside the mark and the margins. */
const noticeRoom = 6;

/** What unhealthy instances answer, each answer once, and how many they are: `HTTP 503 (2 of 3)`. */
const sickness = (observation: Observation | null): string => {
	const all = observation?.instances ?? [];
	const sick = all.filter(({health}) => health === false);
	const answers = [...new Set(sick.map(({because}) => sentence(because).replace(/\.$/, '')))].join(', ');
	return all.length < 2 || answers === '' ? answers : `${answers} (${sick.length} of ${all.length})`;
};

/** Why, since when, and the way back: the reason gives way where the line is short. */
const unhealthyText = (state: State, environment: string): string => {
	const {latest, unhealthySince} = state.operations.observed[environment]!;
	const readiness = readinessOf(state, environment);
	// Older recordings do not tell it.
	const since = unhealthySince == null ? '' : ` for ${age(Math.max(0, state.wallNow - unhealthySince))}`;
	const target = readiness?.ready === true ? ` to ${versionText(readiness.to.sha ?? readiness.to.id)}` : '';
	const [head, tail] = [`${environment} is unhealthy${since}`, ` B rolls back${target}.`];
	const reason = sickness(latest);
	const room = state.columns - noticeRoom - head.length - tail.length - 3;
	const shown = reason.length <= room ? `${reason}.` : `${reason.slice(0, room).trimEnd()}…`;
	return `${head}${reason === '' || room < 8 ? '.' : `: ${shown}`}${tail}`;
};

const driftNotice = (environment: string, {kind, version, expected, agoMs}: Drift): Notice => {
	const [runs, wanted] = [versionText(version), versionText(expected)];
	switch (kind) {
		case 'not-yet':
			return {
				tone: 'busy',
				text: `${environment} still reports ${runs}, not yet ${wanted}, which was deployed ${age(agoMs ?? 0)} ago.`,
			};
		case 'before':
			return {tone: 'wait', text: `${environment} runs ${runs}, the release before: ${wanted} was expected.`};
		case 'foreign':
			return {
				tone: 'wait',
				text: `${environment} runs ${runs}, deployed past deployctl: ${wanted} was expected.`,
			};
	}
};

const ofEnvironment = (state: State, environment: string): Notice | null => {
	if (runningOn(state, environment) !== null) return null;
	const drift = driftOf(state, environment);
	const lock = lockOn(state, environment);
	switch (conditionOf(state, environment)) {
		case 'mixed':
			return {
				tone: 'bad',
				text: `${environment} is MIXED: its instances report ${reportedVersions(state, environment).map(versionText).join(' and ')}. B rolls back.`,
			};
		case 'unhealthy':
			return {tone: 'bad', text: unhealthyText(state, environment)};
		case 'flapping':
			return {tone: 'wait', text: `${environment} is flapping between healthy and unhealthy.`};
		default:
	}
	if (drift) return driftNotice(environment, drift);
	return lock?.state === 'held' && lock.isStale
		? {
				tone: 'wait',
				text: `${holderOf(lock.lock)} left ${environment} locked${lock.silentSeconds === null ? '' : `, silent for ${age(lock.silentSeconds * 1000)}`}: ${lock.lock.reason}. L breaks it.`,
			}
		: null;
};

/** One line, however much it was: the newest in full. What was interrupted has a line of its own. */
const ofMeanwhile = (state: State): Notice | null => {
	const {meanwhile, reading} = state.operations;
	const [newest, ...others] = operationsOf(state).filter(
		operation => meanwhile.includes(operation.id) && !isOpen(state, operation),
	);
	if (newest === undefined) return null;
	const who = newest.operator === reading?.operator ? 'you' : newest.operator;
	const more = others.length === 0 ? '' : `, and ${others.length} more`;
	const ago = age(state.wallNow - (newest.finishedAt ?? newest.startedAt));
	const text = `Since you left: ${titleOf(newest)} by ${who} ${outcomeText[newest.outcome]} ${ago} ago${more} (O): ${sentence(newest.because)}`;
	return {tone: newest.outcome === 'succeeded' ? 'good' : newest.outcome === 'rolled-back' ? 'wait' : 'bad', text};
};
const outcomeText: Readonly<Record<Operation['outcome'], string>> = {
	running: 'runs',
	succeeded: 'succeeded',
	failed: 'failed',
	'rolled-back': 'was rolled back',
	interrupted: 'was interrupted',
};

const announcesLateMs = 5 * 60_000;

const ofReading = ({operations: {reading}, wallNow}: State): readonly (Notice | null)[] => {
	if (reading === null) return [];
	const {waiting, oldestAt, because} = reading.outbox;
	return [
		reading.problem === null ? null : {tone: 'bad', text: sentence(reading.problem)},
		waiting > 0 && oldestAt !== null && wallNow - oldestAt > announcesLateMs
			? {
					tone: 'wait',
					text: `${plural(waiting, 'announcement waits', 'announcements wait')} since ${age(wallNow - oldestAt)}${because === null ? '' : `: ${sentence(because)}`}`,
				}
			: null,
	];
};

/** Cells from which on the whole sentence fits beside its mark. */
const wholeFrom = 106;

/** Production has what staging lacks: the next promotion is stuck, and the fix is lost with it, until somebody merges back. */
const ofBranches = ({snapshot, columns, view: {place}}: State): Notice | null => {
	const behindBy = snapshot?.branches.staging.behindBy ?? 0;
	if (snapshot === null || behindBy === 0 || place.name === 'operation' || place.name === 'operations') return null;
	const {
		production: {name: production},
		staging: {name: staging},
	} = snapshot.branches;
	const text = `${production} has ${plural(behindBy, 'commit')} that ${staging} lacks: merge ${production} back into ${staging}`;
	return {tone: 'wait', text: columns < wholeFrom ? text : `${text} (a hotfix is not in ${staging} yet)`};
};

const urgency = (notice: Notice | null): number => (notice?.tone === 'bad' ? 0 : 1);

/** The most urgent first, and no more than leave the rest its room. */
export const noticesOf = (state: State): readonly Notice[] => {
	const found = [
		...askedNotices(state),
		...operationsOf(state)
			.filter(isRunning)
			.map(operation => ofOperation(state, operation)),
		...operationsOf(state)
			.filter(({outcome}) => outcome === 'interrupted')
			.map(operation => ofOperation(state, operation)),
		...ofReading(state).slice(0, 1),
		...state.settings.environments
			.map(({name}) => ofEnvironment(state, name))
			.sort((one, other) => urgency(one) - urgency(other)),
		ofMeanwhile(state),
		...ofReading(state).slice(1),
		state.record.problem === null
			? null
			: {tone: 'wait' as const, text: `Recording stopped because ${sentence(state.record.problem)}`},
		ofBranches(state),
	].filter(notice => notice !== null);
	return found.slice(0, state.rows < 30 ? 2 : 4);
};
