/** When something was heard, by both clocks. */

/** By this machine's clock, milliseconds since the epoch; update turns `now` into GitHub's. */
export type Times = {now: number; wallNow: number};
