/** What has to be known to say what a refusal means. */

/** `skewMs` is GitHub's clock minus ours; times in failures are by our clock. `needs`: what the token must be allowed; default: to read. */
export type Circumstances = {
	now: number;
	skewMs: number | null;
	host: string;
	repository: string;
	token: string;
	needs?: string;
};
