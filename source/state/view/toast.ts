/** A sentence that answers a key press and goes away by itself. */
import type {State, Toast} from '../model/state.ts';

const toastMs = 4000;

export const toast = (state: State, text: string, tone: Toast['tone'] = 'plain'): State => ({
	...state,
	toast: {text, tone, untilWall: state.wallNow + toastMs},
});

/** Why what was asked for is not done. */
export const refused = (state: State, label: string, {because, hint}: {because: string; hint?: string}): State =>
	toast(state, `${label}: ${because}.${hint ? ` ${hint}` : ''}`, 'warn');
