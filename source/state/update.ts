/** Pure: a message comes in, the next state and the effects that it wants come out. Nothing happens here. */
import {findBinding, gateOf, messageOf} from './keys.ts';
import type {Effect, Message, Next} from './messages.ts';
import {isAnythingRunning, modeOf} from './select.ts';
import type {State} from './state.ts';
import {toast} from './toast.ts';
import {updatePoll} from './update-poll.ts';
import {updateView} from './update-view.ts';

/** One frame a second for clocks; five for spinners, which is as lively as it needs to be at half the cost of ten. */
const tickMs = (state: State): number => (state.preferences.motion === 'full' && isAnythingRunning(state) ? 200 : 1000);

const pressed = (state: State, key: string): Next => {
	const mode = modeOf(state);
	const binding = findBinding(mode, key);
	if (!binding) {
		// Where text is typed every other printable key is text.
		return (mode === 'search' || mode === 'palette') && [...key].length === 1 ? update(state, {type: 'write', text: key}) : [state, []];
	}
	const gate = gateOf(binding, state);
	return gate.open
		? update(state, messageOf(binding, state))
		: [toast(state, `${binding.label}: ${gate.because}.${gate.hint ? ` ${gate.hint}` : ''}`, 'warn'), []];
};

const ticked = (state: State, now: number, wallNow: number): Next => {
	const next: State = {...state, now, wallNow, frame: state.frame + 1, toast: state.toast && state.toast.untilWall > wallNow ? state.toast : null};
	return [next, [{type: 'tick', afterMs: tickMs(next)}]];
};

const done = (state: State, ...effects: readonly Effect[]): Next => [state, effects];

export const update = (state: State, message: Message): Next => {
	switch (message.type) {
		case 'started': case 'poll-came-due': case 'answered': case 'refresh': return updatePoll(state, message);
		case 'ticked': return ticked(state, message.now, message.wallNow);
		case 'resized': return done({...state, columns: message.columns, rows: message.rows});
		case 'key-pressed': return pressed(state, message.key);
		// A paste is never a command: only a line of text takes it.
		case 'pasted': return modeOf(state) === 'search' || modeOf(state) === 'palette' ? update(state, {type: 'write', text: message.text}) : done(state);
		case 'cache-save-failed': return done(toast(state, `The last known state could not be saved: ${message.because}`, 'warn'));
		case 'opened': return done(message.ok ? state : toast(state, `No browser here. ${message.url}`, 'warn'));
		case 'copied': return done(message.ok ? toast(state, `Copied ${message.text}`, 'good') : toast(state, `No clipboard here. ${message.text}`, 'warn'));
		case 'prefer': {
			const preferences = {...state.preferences, ...message.preferences};
			return done({...state, preferences}, {type: 'save-preferences', preferences});
		}
		case 'suspend': return done(state, {type: 'suspend'});
		case 'quit': return done(state, ...(state.facts && state.origin === 'github' ? [{type: 'save-cache' as const, facts: state.facts, savedAt: state.snapshot!.fetchedAt}] : []), {type: 'quit', exitCode: message.exitCode});
		default: return updateView(state, message, update);
	}
};
