/** Where in a text something stands. */

/** Part of a text: from here, up to there; `since`: where what tells that it is a secret begins ("password="). */
export type Span = {since: number; from: number; to: number};
