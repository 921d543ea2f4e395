/** What to add to this machine's clock to tell GitHub's time. */
import {correctionMs} from '../core/skew.ts';
import type {State} from './state.ts';

/** Milliseconds. The demo's clock is GitHub's own. */
export const skewOf = ({poll: {clockSkewMs}, demo}: State): number => (demo === null ? correctionMs(clockSkewMs) : 0);
