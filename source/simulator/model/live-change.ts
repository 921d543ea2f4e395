/** What changes in the log of a job that runs. */

export type LiveChange = {environment: string; sha: string; at: number};
