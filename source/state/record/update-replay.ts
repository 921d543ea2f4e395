/** The replay's part of update: one loop in the poller's place, always exactly one next picture until the recording ends. */
import type {ReplayFrame} from '../../core/history/replay.ts';
import type {OperationsReading} from '../../world.ts';
import {duration} from '../../core/text/duration.ts';
import {inOrder} from '../questions/events.ts';
import type {Effect, Next} from '../model/messages.ts';
import {snapshotOf} from '../questions/moment.ts';
import type {OperationsPart} from '../model/operations-state.ts';
import {type ReplayMessage, type ReplayPart, speeds} from '../model/replay-state.ts';
import type {State} from '../model/state.ts';
import type {TestsPart} from '../model/tests-state.ts';
import {toast} from '../view/toast.ts';

/** No more often than an eye sees, no less often than clocks on the screen go. Real milliseconds. */
const soonest = 100;
const latest = 1000;

const changed = (state: State, part: Partial<ReplayPart>): State => ({...state, replay: {...state.replay!, ...part}});

/** Everything but where the operator is, as it was. */
const shown = (state: State, {seen, changes, at, wall}: ReplayFrame): State => {
	const timed: State = {...state, now: at, wallNow: wall, events: inOrder(changes)};
	if (seen === null) return {...timed, facts: null, snapshot: null, origin: 'nothing'};
	const reading = seen.operations as OperationsReading | null;
	const operations: OperationsPart = {
		...timed.operations,
		availability: reading === null ? 'absent' : 'present',
		reading,
		readAtWall: wall,
		observed: seen.observed as OperationsPart['observed'],
	};
	const tests: TestsPart = {
		...timed.tests,
		...((seen.tests as Pick<TestsPart, 'known' | 'history'> | undefined) ?? {known: [], history: null}),
	};
	const known: State = {...timed, operations, tests, poll: {...timed.poll, ...seen.poll}};
	if (seen.facts === null || seen.readAt === null) return {...known, facts: null, snapshot: null, origin: 'nothing'};
	return {
		...known,
		facts: seen.facts,
		snapshot: snapshotOf(known, seen.facts, seen.readAt, seen.rate),
		origin: 'github',
	};
};

/** The next picture; none while it stands. */
const goOn = (state: State): Next => {
	const {speed, isPaused, frame, generation} = state.replay!;
	if (isPaused || frame === null) return [state, []];
	const afterMs =
		frame.nextAt === null ? latest : Math.min(latest, Math.max(soonest, (frame.nextAt - state.now) / speed));
	return [
		changed(state, {generation: generation + 1}),
		[{type: 'read-replay', generation: generation + 1, at: 'now', afterMs}],
	];
};

/** From there, and at once. */
const seek = (state: State, at: number, part: Partial<ReplayPart> = {}): Next => {
	const replay: ReplayPart = {...state.replay!, ...part, generation: state.replay!.generation + 1, isEnded: false};
	const target = Math.min(replay.until, Math.max(replay.from, at));
	const effects: readonly Effect[] = [
		{type: 'steer-replay', at: target, speed: replay.isPaused ? 0 : replay.speed},
		{type: 'read-replay', generation: replay.generation, at: target, afterMs: 0},
	];
	return [{...state, replay}, effects];
};

export const startReplay = (state: State): Next => {
	const [next, effects] = seek(state, state.replay!.from);
	return [next, [...effects, {type: 'tick', afterMs: 1000}]];
};

const replayed = (before: State, {frame}: Extract<ReplayMessage, {type: 'replayed'}>): Next => {
	const {at, wall, nextAt, eventBefore, eventAfter, isDamaged} = frame;
	const state = changed(shown(before, frame), {frame: {at, wall, nextAt, eventBefore, eventAfter, isDamaged}});
	// Once, not each time that somebody goes back and comes here again by hand.
	if (frame.at < state.replay!.until || state.replay!.isEnded) return goOn(state);
	const ended = changed(toast(state, 'End of the recording. , and { go back.'), {isEnded: true, isPaused: true});
	return [ended, [{type: 'steer-replay', at: frame.at, speed: 0}]];
};

const stepSpeed = (speed: number, direction: -1 | 1): number =>
	(direction === 1 ? speeds.find(each => each > speed) : speeds.findLast(each => each < speed)) ?? speed;

const decide = (state: State, message: ReplayMessage): Next => {
	const replay = state.replay!;
	switch (message.type) {
		case 'replayed':
			return message.generation === replay.generation ? replayed(state, message) : [state, []];
		case 'replay-pause':
			return replay.isEnded
				? seek(state, replay.from, {isPaused: false})
				: seek(state, state.now, {isPaused: !replay.isPaused});
		case 'replay-speed': {
			const speed = stepSpeed(replay.speed, message.direction);
			return seek(toast(state, `${speed} times as fast as it was`), state.now, {speed});
		}
		case 'replay-seek':
			return seek(state, state.now + message.byMs);
		case 'replay-event': {
			const at = message.direction === 1 ? replay.frame?.eventAfter : replay.frame?.eventBefore;
			if (at == null)
				return [
					toast(
						state,
						message.direction === 1 ? 'No event comes after this.' : 'No event comes before this.',
					),
					[],
				];
			const apart = Math.abs(at - state.now) / 1000;
			return seek(toast(state, `${duration(apart)} ${message.direction === 1 ? 'on' : 'back'}`), at, {
				isPaused: true,
			});
		}
	}
};

export const updateReplay = (state: State, message: ReplayMessage): Next =>
	state.replay === null ? [state, []] : decide(state, message);
