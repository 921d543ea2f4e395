/** A sentence that answers a key press and goes away by itself. */
import type {State, Toast} from './state.ts';

const toastMs = 4000;

export const toast = (state: State, text: string, tone: Toast['tone'] = 'plain'): State => ({...state, toast: {text, tone, untilWall: state.wallNow + toastMs}});
