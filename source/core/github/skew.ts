/** The difference between this machine's clock and GitHub's, by which all its times are told. */

/** Below this it is the latency of an answer and the whole seconds of its `Date` header, not a wrong clock. */
const skewWorthMs = 5000;

/** Milliseconds to add to this machine's clock, from the difference that was read; null: none was. */
export const correctionMs = (clockSkewMs: number | null): number =>
	clockSkewMs !== null && Math.abs(clockSkewMs) > skewWorthMs ? clockSkewMs : 0;
