/** What of the state is recorded: the whole picture's ground, and in words what is new. Only what comes from outside is looked at; a key costs nothing. */
import {holderOf} from '../../core/locks/lock.ts';
import {overall, type Observation} from '../../core/releases/observation.ts';
import type {RecordInput, Seen, Told} from '../../core/history/record.ts';
import {newsSince} from '../questions/events.ts';
import type {Effect, Message, Next} from '../model/messages.ts';
import {versionText} from '../questions/operation-select.ts';
import {skewOf} from '../questions/skew.ts';
import type {State} from '../model/state.ts';
import {tellEffect} from './record-words.ts';

export const seenOf = ({facts, snapshot, poll, operations, origin, tests}: State): Seen => ({
	facts: origin === 'github' ? facts : null,
	readAt: origin === 'github' ? (snapshot?.fetchedAt ?? null) : null,
	rate: snapshot?.rateLimit ?? null,
	poll: {
		answeredAtWall: poll.answeredAtWall,
		nextAtWall: poll.nextAtWall,
		phase: poll.phase,
		because: poll.because,
		failures: poll.failures,
		failure: poll.failure,
		path: poll.path,
		partial: poll.partial,
		clockSkewMs: poll.clockSkewMs,
	},
	operations: operations.reading,
	observed: operations.observed,
	tests: {known: tests.known, history: tests.history},
});

const healthOf = (environment: string, observation: Observation): Extract<Told, {kind: 'health'}> => {
	const {health, version, isMixed} = overall(observation);
	const sick = observation.instances
		.filter(instance => instance.health !== true || isMixed)
		.map(
			({instance, because, version: reported}) =>
				`${instance}: ${isMixed ? `reports ${reported === null ? 'no version' : versionText(reported)}` : because}`,
		);
	return {
		kind: 'health',
		environment,
		health,
		version: version === null ? null : versionText(version),
		isMixed,
		because: sick.length === 0 ? null : sick.slice(0, 4).join('; '),
	};
};

const ofHealth = (before: State, {operations: {observed}}: State, environment: string): readonly Told[] => {
	const now = observed[environment]?.latest;
	if (!now || now.instances.length === 0 || before.operations.observed[environment]?.latest === now) return [];
	const told = healthOf(environment, now);
	const earlier = before.operations.observed[environment]?.latest;
	const known = earlier ? healthOf(environment, earlier) : null;
	return known?.health === told.health && known.version === told.version && known.isMixed === told.isMixed
		? []
		: [told];
};

const ofGitHub = ({poll: before}: State, {poll, now, wallNow}: State): readonly Told[] => {
	if (poll.failures === 1 && before.failures === 0)
		return [
			{
				kind: 'github',
				state: 'down',
				since: before.answeredAtWall === null ? null : before.answeredAtWall + now - wallNow,
				because: poll.failure?.because ?? null,
			},
		];
	if (poll.failures === 0 && before.failures > 0) return [{kind: 'github', state: 'up', since: null, because: null}];
	return poll.partial.length > 0 && before.partial.join('\n') !== poll.partial.join('\n')
		? [{kind: 'github', state: 'partial', since: null, because: poll.partial[0]!}]
		: [];
};

/** Locks of people and of operations, wherever they were taken. The journal knows our own better: the timeline merges. */
const ofLocks = (before: State, state: State): readonly Told[] => {
	const [earlier, now] = [before.operations.reading?.locks, state.operations.reading?.locks];
	if (!now || earlier === now) return [];
	return Object.entries(now).flatMap(([environment, lock]): readonly Told[] => {
		const was = earlier?.[environment];
		const [id, old] = [lock.state === 'held' ? lock.lock.id : null, was?.state === 'held' ? was.lock.id : null];
		if (lock.state === 'unknown' || was?.state === 'unknown' || id === old) return [];
		return [
			{
				kind: 'lock',
				environment,
				lock: id ?? old,
				by: lock.state === 'held' ? holderOf(lock.lock) : null,
				reason: lock.state === 'held' ? lock.lock.reason : null,
			},
		];
	});
};

const toldOf = (before: State, state: State, message: Message, effects: readonly Effect[]): readonly Told[] => {
	const asked = effects.flatMap(effect => tellEffect(effect, state.operations.reading?.operator ?? null) ?? []);
	const changes = newsSince(before.events, state.events).map(change => ({kind: 'change', change}) as const);
	switch (message.type) {
		case 'answered':
			return [...changes, ...ofGitHub(before, state), ...asked];
		case 'operations-read':
			return [...changes, ...ofLocks(before, state), ...asked];
		case 'observed':
			return [...changes, ...ofHealth(before, state, message.observation.environment), ...asked];
		case 'carried-out':
			return [
				{
					kind: 'answered',
					serial: message.generation,
					ok: message.result.ok,
					because: message.result.ok ? (message.result.note ?? null) : message.result.because,
				},
				...asked,
			];
		case 'tests-read':
			return [...changes, ...asked];
		default:
			return asked;
	}
};

/** Health is asked every few seconds and says the same: it comes with the next answer of GitHub. */
const isPictured = (before: State, state: State, {type}: Message, told: readonly Told[]): boolean =>
	type === 'answered'
		? before.poll !== state.poll
		: type === 'operations-read'
			? before.operations.reading !== state.operations.reading
			: type === 'tests-read'
				? before.tests.known !== state.tests.known || before.tests.history !== state.tests.history
				: type === 'observed' && told.length > 0;

/** What came of a message, and in front of it the wish that it be recorded. */
export const recorded = (before: State, message: Message, [state, effects]: Next): Next => {
	if (!state.record.isOn || message.type === 'ticked') return [state, effects];
	const told = toldOf(before, state, message, effects);
	const isSeen = isPictured(before, state, message, told);
	if (told.length === 0 && !isSeen) return [state, effects];
	// The first answer is what tells by how much this machine's clock is wrong: what came with it is timed by that already.
	const time = {at: state.demo === null ? state.wallNow + skewOf(state) : state.now, wall: state.wallNow};
	const entries: readonly RecordInput[] = [
		...(isSeen ? [{...time, kind: 'seen' as const, seen: seenOf(state)}] : []),
		...told.map(each => ({...time, ...each})),
	];
	return [state, [...effects, {type: 'record', entries}]];
};
