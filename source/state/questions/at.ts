import {skewOf} from './skew.ts';
import type {State} from '../model/state.ts';
import type {Times} from '../model/times.ts';

/** The state at the time that a message tells. */
export const at = (state: State, {now, wallNow}: Times): State => ({...state, now: now + skewOf(state), wallNow});
