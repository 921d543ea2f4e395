/** How a release is named. */

/** A release: its id (for plain scripts its commit), and its commit as far as that is known. */
export type ReleaseRef = {release: string; sha: string | null};
