/** Pure: a message comes in, the next state and the effects that it wants come out. Nothing happens here. */
import {activityOf} from '../core/pace.ts';
import {findBinding, gateOf, messageOf} from './keys.ts';
import type {Effect, Message, Next} from './messages.ts';
import {isAnythingRunning, modeOf} from './select.ts';
import {skewOf} from './skew.ts';
import type {State} from './state.ts';
import {refused, toast} from './toast.ts';
import {updatePoll} from './update-poll.ts';
import {updateView} from './update-view.ts';

/**
Five frames a second for spinners, which is as lively as it needs to be at half the cost of ten; one for clocks that run
and for countdowns; one in five seconds while only ages grow.
*/
const tickMs = (state: State): number => {
	if (isAnythingRunning(state)) return state.preferences.motion === 'full' ? 200 : 1000;
	return state.toast || state.poll.failures > 0 || state.origin !== 'github' || activityOf(state.snapshot) === 'waiting' ? 1000 : 5000;
};

const pressed = (state: State, key: string): Next => {
	const mode = modeOf(state);
	const binding = findBinding(mode, key);
	if (!binding) {
		// Where text is typed every other printable key is text.
		return (mode === 'search' || mode === 'palette') && [...key].length === 1 ? decide(state, {type: 'write', text: key}) : [state, []];
	}
	const gate = gateOf(binding, state);
	// What was said about the last key is read by now, and does not follow into the next view.
	return gate.open ? decide({...state, toast: null}, messageOf(binding, state)) : [refused(state, binding.label, gate), []];
};

const ticked = (state: State, now: number, wallNow: number): Next => {
	const next: State = {...state, now: now + skewOf(state), wallNow, frame: state.frame + 1, toast: state.toast && state.toast.untilWall > wallNow ? state.toast : null};
	return [next, [{type: 'tick', afterMs: tickMs(next)}]];
};

const done = (state: State, ...effects: readonly Effect[]): Next => [state, effects];

const decide = (state: State, message: Message): Next => {
	switch (message.type) {
		case 'started': case 'poll-came-due': case 'answered': case 'refresh': return updatePoll(state, message);
		case 'ticked': return ticked(state, message.now, message.wallNow);
		case 'resized': return done({...state, columns: message.columns, rows: message.rows});
		case 'key-pressed': return pressed(state, message.key);
		// A paste is never a command: only a line of text takes it.
		case 'pasted': return modeOf(state) === 'search' || modeOf(state) === 'palette' ? decide(state, {type: 'write', text: message.text}) : done(state);
		case 'cache-save-failed': return done(toast(state, `The last known state could not be saved: ${message.because}`, 'warn'));
		case 'opened': return done(message.ok ? state : toast(state, `${message.url} (no browser here)`, 'warn'));
		case 'copied': return done(message.ok ? toast(state, `${message.text} copied, if your terminal lets programs copy`, 'good') : toast(state, `${message.text} (no clipboard here)`, 'warn'));
		case 'prefer':
			// Only what was chosen: the rest may come from flags and the environment, which are not for ever.
			return done({...state, preferences: {...state.preferences, ...message.preferences}}, {type: 'save-preferences', change: message.preferences});
		case 'suspend': case 'repaint': return done(state, {type: message.type});
		case 'quit': return done(state, ...(state.facts && state.origin === 'github' ? [{type: 'save-cache' as const, facts: state.facts, savedAt: state.snapshot!.fetchedAt}] : []), {type: 'quit', exitCode: message.exitCode});
		default: return updateView(state, message, decide);
	}
};

export const update = (state: State, message: Message): Next => {
	const [next, effects] = decide(state, message);
	const [before, after] = [tickMs(state), tickMs(next)];
	// Something began to move: the slow tick under way is replaced by a quick one.
	return after < before && message.type !== 'ticked' && message.type !== 'started' ? [next, [...effects, {type: 'tick', afterMs: after}]] : [next, effects];
};
