/** What to add to this machine's clock to tell GitHub's time. */
import {correctionMs} from '../../core/github/skew.ts';
import type {State} from '../model/state.ts';

/** Milliseconds. The clocks of the demo and of a replay are GitHub's own. */
export const skewOf = ({poll: {clockSkewMs}, demo, replay}: State): number =>
	demo === null && replay === null ? correctionMs(clockSkewMs) : 0;
