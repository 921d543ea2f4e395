/**
Reading operations, locks and environments: three loops beside the poller's. Each has exactly one wait or question under way;
what answers an older question is dropped.
*/
import {endedMeanwhile} from '../../core/operations/meanwhile.ts';
import {healthyNeeded} from '../../core/gate/moment.ts';
import {overall} from '../../core/releases/observation.ts';
import type {Operation} from '../../core/operations/operation.ts';
import {sentence} from '../../core/text/sanitise.ts';
import {at} from '../questions/at.ts';
import type {Effect, Message, Next} from '../model/messages.ts';
import {withDone} from './done-events.ts';
import {gated} from '../questions/moment.ts';
import {conditionOf, isObservable, isRunning, runningOn, runningOperations} from '../questions/operation-select.ts';
import type {Observed, OperationsPart} from '../model/operations-state.ts';
import type {State} from '../model/state.ts';
import {titleOf} from '../view/operation-words.ts';
import {toast} from '../view/toast.ts';

type OperationsMessage = Extract<
	Message,
	{type: 'operations-read' | 'operations-changed' | 'operations-refreshed' | 'observed'}
>;

const changed = (state: State, operations: Partial<OperationsPart>): State => ({
	...state,
	operations: {...state.operations, ...operations},
});
const namesOf = ({settings}: State): readonly string[] => settings.environments.map(({name}) => name);

const refreshEveryMs = 30_000;
const observeEveryMs = 5000;
const observeClosely = 1000;
const healthsKept = 20;

/** Steps come several times a second while something runs; a supervisor that dies changes nothing on the disk. */
const watchPace = (state: State) =>
	runningOperations(state).length > 0 ? {atLeastMs: 100, atMostMs: 2000} : {atLeastMs: 100, atMostMs: 10_000};

/** Reads now, whatever is waited for. Nothing to do where there is nothing to read. */
export const readNow = (state: State): Next => {
	if (state.operations.availability === 'absent') return [state, []];
	const generation = state.operations.generation + 1;
	return [changed(state, {generation, phase: 'reading'}), [{type: 'read-operations', generation}]];
};

const watch = (state: State): Next => {
	const generation = state.operations.generation + 1;
	return [
		changed(state, {generation, phase: 'watching'}),
		[{type: 'watch-operations', generation, ...watchPace(state)}],
	];
};

const refreshAfter = (state: State, afterMs: number): Next => {
	const generation = state.operations.refresh.generation + 1;
	return [
		changed(state, {refresh: {generation, phase: afterMs === 0 ? 'refreshing' : 'waiting'}}),
		[{type: 'refresh-operations', generation, environments: namesOf(state), afterMs}],
	];
};

/** Locks and releases as they are now: for a dialog that opens. One that is being read is new enough. */
export const refreshNow = (state: State): Next =>
	state.operations.availability !== 'present' || state.operations.refresh.phase === 'refreshing'
		? [state, []]
		: refreshAfter(state, 0);

const nothingObserved: Observed = {
	generation: 0,
	afterMs: 0,
	latest: null,
	lastTold: null,
	healths: [],
	healthyInARow: 0,
	unhealthySince: null,
	sameVersion: {version: null, count: 0},
};

const observeAfter = (state: State, environment: string, afterMs: number): Next => {
	const known = state.operations.observed[environment] ?? nothingObserved;
	const generation = known.generation + 1;
	return [
		changed(state, {observed: {...state.operations.observed, [environment]: {...known, generation, afterMs}}}),
		[{type: 'observe', environment, generation, afterMs}],
	];
};

/** At the start, until it is known whether it is healthy: a promotion wants so many answers in a row. */
const observeFirst = 400;
const isFirst = ({operations: {observed}}: State, environment: string): boolean => {
	const healths = observed[environment]?.healths ?? [];
	return healths.length > 0 && healths.length < healthyNeeded && healths.every(health => health === true);
};

/** Closely while something runs or is wrong, and for twenty answers after: what comes and goes would be missed otherwise. */
const observePace = (state: State, environment: string): number =>
	isFirst(state, environment)
		? observeFirst
		: runningOn(state, environment) !== null ||
			  conditionOf(state, environment) === 'mixed' ||
			  state.operations.observed[environment]?.healths.includes(false)
			? observeClosely
			: observeEveryMs;

/** An operation has begun there: the slow wait gives way to a quick one. */
const hasten = (state: State): Next => {
	let next = state;
	const effects: Effect[] = [];
	for (const environment of namesOf(state)) {
		const known = state.operations.observed[environment];
		if (!known || known.afterMs <= observePace(state, environment)) continue;
		const [observing, more] = observeAfter(next, environment, observePace(state, environment));
		next = observing;
		effects.push(...more);
	}
	return [next, effects];
};

/** What began or ended since the last reading is said once, where it is not in view anyway. */
const told = (before: State, state: State): State => {
	const earlier = before.operations.reading?.operations;
	const {place} = state.view;
	const isElsewhere = ({id}: Operation) => place.name !== 'operation' || place.id !== id;
	if (!earlier) {
		const [running] = runningOperations(state);
		return running ? toast(state, `${titleOf(running)} is running. A attaches.`) : state;
	}
	const ended = state.operations.reading!.operations.find(
		({id, outcome}) => outcome !== 'running' && earlier.some(known => known.id === id && isRunning(known)),
	);
	if (ended && isElsewhere(ended))
		return toast(
			state,
			`${titleOf(ended)} ${ended.outcome}: ${sentence(ended.because)}`,
			ended.outcome === 'succeeded' ? 'good' : 'warn',
		);
	const begun = runningOperations(state).find(({id}) => !earlier.some(known => known.id === id));
	return begun && isElsewhere(begun)
		? toast(state, `${titleOf(begun)} has begun, by ${begun.operator}. A watches.`)
		: state;
};

/** Interrupted ones stay news until they are looked at; being in view is being looked at. */
const withSeen = (state: State): State => {
	const {place} = state.view;
	const {seen, reading} = state.operations;
	const isLookedAt =
		place.name === 'operation' &&
		!seen.includes(place.id) &&
		reading?.operations.some(({id, outcome}) => id === place.id && outcome !== 'running');
	return isLookedAt ? changed(state, {seen: [...seen, place.id]}) : state;
};

const firstSteps = (state: State): Next => {
	let [next, effects] = refreshAfter(state, 0);
	for (const environment of namesOf(state).filter(name => isObservable(state.settings, name))) {
		const [observing, more] = observeAfter(next, environment, 0);
		[next, effects] = [observing, [...effects, ...more]];
	}
	return [next, effects];
};

const hasEnded = (before: State, {operations: {reading}}: State): boolean =>
	runningOperations(before).some(({id}) =>
		reading?.operations.some(operation => operation.id === id && operation.outcome !== 'running'),
	);

/** The first reading says what was missed. */
const withMeanwhile = (before: State, state: State): State => {
	const {reading} = state.operations;
	return before.operations.reading !== null || reading === null
		? state
		: changed(state, {meanwhile: endedMeanwhile(reading.operations, state.leftAt).map(({id}) => id)});
};

const read = (before: State, message: Extract<OperationsMessage, {type: 'operations-read'}>): Next => {
	if (message.reading === null) return [changed(before, {availability: 'absent'}), []];
	const timed = at(before, message);
	const known = changed(timed, {availability: 'present', reading: message.reading, readAtWall: timed.wallNow});
	const next = withSeen(withDone(before, told(before, gated(before, withMeanwhile(before, known)))));
	const [started, first] = before.operations.availability === 'unknown' ? firstSteps(next) : hasten(next);
	// What ended has changed what a rollback would go to.
	const [refreshing, more] = hasEnded(before, next) ? refreshNow(started) : [started, []];
	const [watching, wait] = watch(refreshing);
	return [watching, [...first, ...more, ...wait]];
};

const heard = (known: Observed, observation: NonNullable<Observed['latest']>): Observed => {
	const {version, health, isMixed} = overall(observation);
	const isTold = observation.instances.some(instance => instance.version !== null || instance.health !== 'unknown');
	const sameVersion =
		version === null
			? isMixed
				? {version: null, count: 0}
				: known.sameVersion
			: {version, count: version === known.sameVersion.version ? known.sameVersion.count + 1 : 1};
	return {
		...known,
		latest: observation,
		lastTold: isTold ? observation : known.lastTold,
		healths: [...known.healths, health].slice(-healthsKept),
		healthyInARow: health === true ? known.healthyInARow + 1 : 0,
		unhealthySince: health === false ? (known.unhealthySince ?? observation.readAt) : null,
		sameVersion,
	};
};

const observed = (before: State, message: Extract<OperationsMessage, {type: 'observed'}>): Next => {
	const {environment} = message.observation;
	const known = before.operations.observed[environment];
	if (known?.generation !== message.generation) return [before, []];
	const timed = at(before, message);
	const after = heard(known, message.observation);
	const next = gated(before, changed(timed, {observed: {...timed.operations.observed, [environment]: after}}));
	// Somebody has deployed: by us or past us, the releases are others now.
	const isOther =
		known.sameVersion.version !== null &&
		after.sameVersion.version !== null &&
		known.sameVersion.version !== after.sameVersion.version;
	const [refreshing, more] = isOther ? refreshNow(next) : [next, []];
	const [observing, wait] = observeAfter(refreshing, environment, observePace(refreshing, environment));
	return [observing, [...more, ...wait]];
};

export const updateOperations = (state: State, message: OperationsMessage): Next => {
	switch (message.type) {
		case 'operations-read':
			return message.generation === state.operations.generation && state.operations.phase === 'reading'
				? read(state, message)
				: [state, []];
		case 'operations-changed':
			return message.generation === state.operations.generation && state.operations.phase === 'watching'
				? readNow(at(state, message))
				: [state, []];
		case 'operations-refreshed': {
			if (message.generation !== state.operations.refresh.generation) return [state, []];
			const [waiting, wait] = refreshAfter(at(state, message), refreshEveryMs);
			const [reading, more] = readNow(waiting);
			return [reading, [...wait, ...more]];
		}
		case 'observed':
			return observed(state, message);
	}
};
