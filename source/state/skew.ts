/** The difference between this machine's clock and GitHub's, by which all its times are told. */
import type {State} from './state.ts';

/** Below this it is the latency of an answer and the whole seconds of its `Date` header, not a wrong clock. */
const skewWorthMs = 5000;

/** Milliseconds to add to this machine's clock to get GitHub's. The demo's clock is GitHub's own. */
export const skewOf = ({poll: {clockSkewMs}, demo}: State): number => (demo === null && clockSkewMs !== null && Math.abs(clockSkewMs) > skewWorthMs ? clockSkewMs : 0);
