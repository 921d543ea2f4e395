/**
What went wrong between us and GitHub, and what that means for the user. Pure.
GitHub says "slow down" in six ways (200 with an error, 403 or 429, with and without headers); see
docs.github.com "Rate limits and query limits for the GraphQL API" and "Best practices for using the REST API".
*/
import type {ReadFailure, ReadFailureKind} from '../core/facts.ts';
import type {Evidence, GraphqlError, Headers} from './trouble.ts';
import {clean, hostOf, httpTime} from './values.ts';

/** `skewMs` is GitHub's clock minus ours; times in failures are by our clock. `needs`: what the token must be allowed; default: to read. */
export type Circumstances = {now: number; skewMs: number | null; host: string; repository: string; token: string; needs?: string};
type Finding = {kind: ReadFailureKind; because: string; next?: string; status?: number | null; retryAt?: number | null};

const minute = 60_000;
const waitAndSee = 'Nothing to do: asking again by itself.';

/** A time of GitHub's clock by ours. Under two seconds it is the `Date` header's rounding and the way, not skew. */
const byOurClock = (theirs: number, skewMs: number | null): number => Math.abs(skewMs ?? 0) < 2000 ? theirs : theirs - (skewMs ?? 0);

/** When GitHub allows the next request, by our clock; null when it does not say. */
export function retryTime(headers: Headers, {now, skewMs}: Pick<Circumstances, 'now' | 'skewMs'>): number | null {
	const after = headers['retry-after'];
	if (after !== undefined) {
		const seconds = Number(after);
		const date = httpTime(after);
		if (after.trim() !== '' && Number.isFinite(seconds)) {
			return now + Math.max(0, seconds) * 1000;
		}

		if (date !== null) {
			return Math.max(now, byOurClock(date, skewMs));
		}
	}

	const reset = Number(headers['x-ratelimit-reset']);
	return headers['x-ratelimit-remaining'] === '0' && Number.isFinite(reset) && reset > 0 ? Math.max(now, byOurClock(reset * 1000, skewMs)) : null;
}

const primaryLimit = (headers: Headers, status: number, at: Circumstances): Finding => ({
	kind: 'rate-limited', status, retryAt: retryTime(headers, at) ?? at.now + minute,
	because: 'The hourly allowance of this GitHub account is used up.',
	next: 'It is shared with gh, editors and every other token of the account; reading goes on when GitHub resets it.',
});

const secondaryLimit = (headers: Headers, status: number, at: Circumstances): Finding => ({
	kind: 'secondary-limit', status,
	retryAt: headers['retry-after'] === undefined ? Math.max(at.now + minute, retryTime(headers, at) ?? 0) : retryTime(headers, at) ?? at.now + minute,
	because: 'GitHub asks us to slow down (secondary rate limit).', next: waitAndSee,
});

const notFound = (at: Circumstances, status: number): Finding => ({
	kind: 'not-found', status,
	because: `${at.host} knows no repository ${at.repository}, or this token may not see it.`,
	next: `Check the name and that the token may read ${at.repository}.`,
});

function ssoFinding(headers: Headers, status: number): Finding | null {
	const sso = headers['x-github-sso'];
	if (sso === undefined) {
		return null;
	}

	const url = /url=(https:\/\/[^\s;,]+)/.exec(sso)?.[1];
	return {
		kind: 'forbidden', status, because: 'The organisation wants this token to be authorised by single sign-on.',
		next: url === undefined ? 'Authorise the token for the organisation in the settings of your GitHub account.' : `Authorise it at ${url}`,
	};
}

function forbidden(message: string, headers: Headers, status: number, {needs = 'read access to Actions, Contents, Commit statuses and Deployments'}: Circumstances): Finding {
	const permissions = headers['x-accepted-github-permissions'];
	return {
		kind: 'forbidden', status, because: `GitHub refuses: ${message || 'access is forbidden'}.`,
		next: permissions === undefined ? `Use a token with ${needs}.` : `Give the token these permissions: ${permissions}`,
	};
}

/** The `message` of a JSON body with its details, or nothing for HTML pages. */
function messageOf(body: string): string {
	try {
		const parsed = JSON.parse(body) as {message?: unknown; errors?: unknown} | null;
		const details = Array.isArray(parsed?.errors) ? parsed.errors.map((one: unknown) => clean(typeof one === 'object' && one !== null && 'message' in one ? one.message : one)) : [];
		return [clean(parsed?.message), ...details].filter((text) => text !== '').join(': ');
	} catch {
		return '';
	}
}

const isSecondary = (text: string) => /secondary rate limit|abuse detection/i.test(text);

function httpFinding({status, headers, body}: {status: number; headers: Headers; body: string}, at: Circumstances): Finding {
	const message = messageOf(body);
	if (status === 401) {
		return {kind: 'unauthorised', status, because: `${at.host} does not accept the token.`, next: 'Sign in again with "gh auth login", or set GH_TOKEN to a valid token.'};
	}

	if (status === 403 || status === 429) {
		if (isSecondary(body)) {
			return secondaryLimit(headers, status, at);
		}

		if (headers['x-ratelimit-remaining'] === '0' || /rate limit/i.test(message)) {
			return primaryLimit(headers, status, at);
		}

		if (status === 429 || headers['retry-after'] !== undefined) {
			return secondaryLimit(headers, status, at);
		}

		return ssoFinding(headers, status) ?? forbidden(message, headers, status, at);
	}

	if (status === 404 || status === 451) {
		return notFound(at, status);
	}

	if (status === 502 || status === 503 || status === 504) {
		return {kind: 'server-error', status, because: `GitHub answered ${status}: it is overloaded or took longer than it allows itself.`, next: waitAndSee, retryAt: retryTime(headers, at)};
	}

	return {kind: 'server-error', status, because: `GitHub answered ${status}${message === '' ? '' : `: ${message}`}.`, next: waitAndSee, retryAt: retryTime(headers, at)};
}

function errorsFinding(errors: readonly GraphqlError[], headers: Headers, at: Circumstances): Finding {
	const has = (type: RegExp) => errors.some((error) => type.test(error.type ?? '') || type.test(error.extensions?.code ?? ''));
	const says = (text: RegExp) => errors.some((error) => text.test(error.message));
	const first = clean(errors[0]?.message ?? 'no reason given');
	if (errors.some((error) => isSecondary(error.message))) {
		return secondaryLimit(headers, 200, at);
	}

	if (has(/^RATE_LIMIT(ED)?$/i) || says(/API rate limit/i)) {
		return primaryLimit(headers, 200, at);
	}

	if (has(/^RESOURCE_LIMITS_EXCEEDED$|^MAX_NODE_LIMIT_EXCEEDED$/i)) {
		return {kind: 'server-error', status: 200, because: `GitHub found the question too large: ${first}.`, next: waitAndSee};
	}

	if (has(/^NOT_FOUND$/i)) {
		return notFound(at, 200);
	}

	if (has(/^FORBIDDEN$|^INSUFFICIENT_SCOPES$/i)) {
		return ssoFinding(headers, 200) ?? forbidden(first, headers, 200, at);
	}

	if (says(/something went wrong|timeout/i)) {
		return {kind: 'server-error', status: 200, because: 'GitHub gave up while answering; such answers are usually short-lived.', next: waitAndSee};
	}

	return {kind: 'server-error', status: 200, because: `GitHub answered with an error: ${first}.`, next: waitAndSee};
}

const networkReasons: ReadonlyArray<[pattern: RegExp, because: string, next: string]> = [
	[/ENOTFOUND|EAI_AGAIN/, 'its name cannot be resolved', 'Check the network, the VPN and the host name.'],
	[/ECONNREFUSED/, 'it refuses the connection', 'Check the network, the VPN and the proxy (HTTPS_PROXY needs NODE_USE_ENV_PROXY=1).'],
	[/ECONNRESET|EPIPE|UND_ERR_SOCKET|terminated|other side closed/, 'the connection broke off', waitAndSee],
	[/ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|EHOSTUNREACH|ENETUNREACH|ENETDOWN/, 'it cannot be reached', 'Check the network, the VPN and the proxy (HTTPS_PROXY needs NODE_USE_ENV_PROXY=1).'],
	[/CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO/, 'its certificate is not trusted here', 'Set NODE_EXTRA_CA_CERTS to the certificates of your organisation.'],
];

/** Codes and messages of an error and of its causes: fetch hides the reason two levels down. */
function errorText(error: unknown, depth = 0): string {
	if (!(error instanceof Error) || depth > 4) {
		return '';
	}

	const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
	const inner = error instanceof AggregateError ? error.errors.map((one) => errorText(one, depth + 1)).join(' ') : '';
	return `${code} ${error.message} ${inner} ${errorText(error.cause, depth + 1)}`.trim();
}

function networkFinding(error: unknown, at: Circumstances): Finding {
	const text = errorText(error);
	const known = networkReasons.find(([pattern]) => pattern.test(text));
	return {kind: 'unreachable', because: `${at.host} is unreachable: ${known?.[1] ?? clean(text, 120)}.`, next: known?.[2] ?? 'Check the network.'};
}

function find(evidence: Evidence, at: Circumstances): Finding {
	switch (evidence.kind) {
		case 'http': {
			return httpFinding(evidence, at);
		}

		case 'errors': {
			return errorsFinding(evidence.errors, evidence.headers, at);
		}

		case 'malformed': {
			return {kind: 'malformed', status: evidence.status, because: `${at.host} answered with something that is not GitHub's JSON${/^\s*</.test(evidence.body) ? ' but a web page' : ''}.`, next: 'If it stays so, a proxy may be answering in place of GitHub.'};
		}

		case 'no-api': {
			return {kind: 'not-found', status: evidence.status, because: `There is no GitHub API at ${hostOf(evidence.url) ?? at.host}.`, next: 'Check the host name, and for GitHub Enterprise Server its API address.'};
		}

		case 'redirect': {
			return {kind: 'unreachable', status: evidence.status, because: `${at.host} sends us on to ${hostOf(evidence.to) ?? 'another address'}; the token is not sent there.`, next: 'Check the host name, or sign in to the network if it asks for that.'};
		}

		case 'timeout': {
			return {kind: 'timeout', because: `${at.host} did not answer within ${Math.round(evidence.afterMs / 1000)} s.`, next: waitAndSee};
		}

		case 'incomprehensible': {
			return {kind: 'malformed', because: `${at.host} answered in a shape that we do not understand (${clean(errorText(evidence.error), 100)}).`, next: waitAndSee};
		}

		case 'network': {
			return networkFinding(evidence.error, at);
		}
	}
}

/** Replaces the token, and whatever looks like one, in a text that will be shown. */
export function mask(text: string, token: string): string {
	const known = token === '' ? text : text.replaceAll(token, '[token]');
	return known.replaceAll(/\b(?:gh[opsur]_\w{16,}|github_pat_\w{16,}|[Bb]earer\s+\S+)/g, '[token]');
}

/** @returns the failure in words; `readAt` and `latencyMs` are the caller's to set */
export function classify(evidence: Evidence, at: Circumstances): Omit<ReadFailure, 'readAt' | 'latencyMs'> {
	const {kind, because, next, status, retryAt} = find(evidence, at);
	return {
		kind, because: mask(because, at.token), ...(next !== undefined && {next: mask(next, at.token)}),
		status: status ?? null, retryAt: retryAt ?? null,
	};
}

/** Whether the token or the server refuses the check runs of GraphQL as such, so that REST has to do. */
export function needsRest(errors: readonly GraphqlError[]): boolean {
	return errors.some((error) => {
		const undefinedField = error.extensions?.code === 'undefinedField' || /^Field '.*' doesn't exist on type|^Cannot query field|^Unknown type|doesn't accept argument/.test(error.message);
		const aboutChecks = (error.path ?? []).some((part) => typeof part === 'string' && /^(checkSuites?|checkRuns?|suites|workflows|waiting|hot|steps|annotations|workflowRun)$/.test(part));
		return undefinedField || (error.type === 'FORBIDDEN' && (aboutChecks || /resource not accessible by (personal access token|integration)/i.test(error.message)));
	});
}
