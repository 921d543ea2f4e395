/** What a workflow says about itself in its environment: which commit, run and shard this is, and where words about it may be posted. */
import type {ShardName} from '../core/tests/progress.ts';

export type Env = Readonly<Record<string, string | undefined>>;

export type Identity = {
	/** The commit under test, 40 digits; empty: not known. */
	sha: string;
	/** File name, `e2e-staging.yml`. */
	workflow: string;
	runId: number;
	attempt: number;
	shard: ShardName;
};

export type Target = {
	/** Where statuses of the commit are posted. */
	statusesUrl: string;
	/** The run's attempt, for people. */
	runUrl: string;
	token: string;
};

export type Surroundings = {
	identity: Identity;
	target: Target | null;
	/** Why nothing is published, where a workflow would expect it; null: something is, or nobody expects it. */
	because: string | null;
	/** Where the full result is to be written; null: nowhere. */
	resultsPath: string | null;
	/** Where progress is written for another process that posts it; null: this one posts, if it has a token. */
	progressPath: string | null;
};

const isSha = (text: string | undefined): text is string => text !== undefined && /^[\da-f]{40}$/i.test(text);
const whole = (text: string | undefined): number => (text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : 0);

/** `2/4` → 2 of 4; null: no such thing. */
export const parseShard = (text: string | undefined): ShardName | null => {
	const found = /^(\d{1,4})\/(\d{1,4})$/.exec(text?.trim() ?? '');
	const [index, total] = [Number(found?.[1]), Number(found?.[2])];
	return found && index >= 1 && index <= total ? {index, total} : null;
};

/** `acme/shop/.github/workflows/e2e.yml@refs/heads/main` → `e2e.yml`. */
const workflowOf = (reference: string | undefined): string =>
	/(?<![^/@])([^/@]+\.ya?ml)(?:@|$)/.exec(reference ?? '')?.[1] ?? '';

const isAddress = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
const trimmed = (text: string) => text.replace(/(?<!\/)\/+$/, '');

/** @param shard as the runner of the tests knows it; what the variable says goes first */
export const surroundingsOf = (env: Env, shard: ShardName | null = null): Surroundings => {
	const given = env['SHA']?.trim();
	const identity: Identity = {
		sha: (isSha(given) ? given : isSha(env['GITHUB_SHA']) ? env['GITHUB_SHA'] : '').toLowerCase(),
		workflow: workflowOf(env['DEPLOYCTL_WORKFLOW']) || workflowOf(env['GITHUB_WORKFLOW_REF']),
		runId: whole(env['GITHUB_RUN_ID']),
		attempt: whole(env['GITHUB_RUN_ATTEMPT']) || 1,
		shard: parseShard(env['DEPLOYCTL_SHARD']) ?? shard ?? {index: 1, total: 1},
	};
	const resultsPath = env['DEPLOYCTL_RESULTS'] || null;
	const progressPath = env['DEPLOYCTL_PROGRESS'] || null;
	const nothing = (because: string | null): Surroundings => ({
		identity,
		target: null,
		because,
		resultsPath,
		progressPath,
	});
	// On a developer's machine nobody waits for words.
	if (identity.runId === 0) return nothing(null);
	const token = env['GITHUB_TOKEN'] || env['GH_TOKEN'] || '';
	if (token === '') return nothing('there is no GITHUB_TOKEN in the environment of this step');
	const [api, server, repository] = [
		trimmed(env['GITHUB_API_URL'] || 'https://api.github.com'),
		trimmed(env['GITHUB_SERVER_URL'] || 'https://github.com'),
		env['GITHUB_REPOSITORY'] ?? '',
	];
	if (!/^(?!\.+\/)[\w.-]+\/(?!\.+$)[\w.-]+$/.test(repository))
		return nothing('GITHUB_REPOSITORY does not name a repository');
	if (!isAddress(api)) return nothing('GITHUB_API_URL is not a URL');
	// Words on another commit than the one under test would mislead everybody.
	if (given && !isSha(given)) return nothing('SHA is not a full commit id of 40 digits');
	if (identity.sha === '') return nothing('neither SHA nor GITHUB_SHA is a full commit id');
	if (identity.workflow === '')
		return nothing("neither DEPLOYCTL_WORKFLOW nor GITHUB_WORKFLOW_REF names the workflow's file");
	return {
		identity,
		resultsPath,
		progressPath,
		because: null,
		target: {
			statusesUrl: `${api}/repos/${repository}/statuses/${identity.sha}`,
			runUrl: `${server}/${repository}/actions/runs/${identity.runId}/attempts/${identity.attempt}`,
			token,
		},
	};
};
