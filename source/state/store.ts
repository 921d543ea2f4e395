/** The store outside React: holds the state, runs update, hands effects on. */
import type {Effect, Message} from './model/messages.ts';
import {skewOf} from './questions/skew.ts';
import type {State} from './model/state.ts';
import {update} from './update.ts';
import type {Times} from './model/times.ts';

const stamped = (state: State, {now, wallNow}: Times): State => ({...state, now: now + skewOf(state), wallNow});

export type Store = {
	get(): State;
	dispatch(message: Message): void;
	subscribe(listener: () => void): () => void;
};

/** `times` stamps what people do, which carries no time of its own. `perform` must not dispatch synchronously from within; effects report back later, as messages. */
export const createStore = (
	initial: State,
	perform: (effect: Effect, dispatch: (message: Message) => void) => void,
	times: () => Times,
): Store => {
	let state = initial;
	const listeners = new Set<() => void>();
	const dispatch = (message: Message) => {
		const before = state;
		const isByHand = message.type === 'key-pressed' || message.type === 'pasted';
		const [next, effects] = update(isByHand ? stamped(state, times()) : state, message);
		state = next;
		for (const effect of effects) perform(effect, dispatch);
		if (state !== before) for (const listener of listeners) listener();
	};
	return {
		get: () => state,
		dispatch,
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
};
