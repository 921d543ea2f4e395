/** GitHub's addresses of runs and jobs, as they occur in commit statuses and deployments. */

export type RunAddress = {runId: number; attempt: number | null; jobId: number | null};

const number = (text: string | undefined): number | null => {
	const value = text === undefined ? Number.NaN : Number(text);
	return Number.isSafeInteger(value) && value > 0 ? value : null;
};

/** The repository whose runs count: its name, and its page where that was read, for the host. */
export type Home = {repository: string; url: string | null};

const isAt = (host: string, {url}: Home) => url === null || !URL.canParse(url) || new URL(url).host === host;

/**
Reads `…/OWNER/NAME/actions/runs/RUN[/attempts/N][/job/JOB]`. null for another repository's run, the old
`/runs/CHECK_RUN` form (which names a job, not a run), another host and anything else: a pointer that we cannot follow proves nothing.
*/
export const parseRunUrl = (url: string | null, home: Home): RunAddress | null => {
	if (url === null || !URL.canParse(url)) return null;
	const {protocol, host, pathname} = new URL(url);
	if ((protocol !== 'https:' && protocol !== 'http:') || !isAt(host, home)) return null;
	const found = /^\/([^/]+\/[^/]+)\/actions\/runs\/(\d+)(?:\/attempts\/(\d+))?(?:\/jobs?\/(\d+))?\/?$/.exec(pathname);
	const runId = number(found?.[2]);
	if (!found || runId === null || found[1]!.toLowerCase() !== home.repository.toLowerCase()) return null;
	return {runId, attempt: number(found[3]), jobId: number(found[4])};
};

/** The workflow's file name: `.github/workflows/e2e.yml@refs/heads/main` → `e2e.yml`. null for a workflow of another repository, whose path begins with its name. */
export const workflowFile = (path: string | null): string | null => {
	const parts = path?.split('@')[0]?.split('/') ?? [];
	return parts.length > 3 || (parts.length > 1 && parts[0] !== '.github') ? null : (parts.at(-1) ?? null);
};
