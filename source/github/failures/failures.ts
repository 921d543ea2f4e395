/** What went wrong between us and GitHub, and what that means for the user. Pure. What GitHub itself refuses with is in `refusals.ts`. */
import type {ReadFailure, ReadFailureKind} from '../../core/github/facts.ts';
import {blockIn, saidIn} from '../../core/github/said.ts';
import {maskText} from '../../core/text/mask.ts';
import {proxyAdvice, throughProxy} from '../../core/github/proxy.ts';
import type {Said} from './refusal-said.ts';
import {refusalFor} from './refusals.ts';
import type {Evidence, GraphqlError, Headers} from './trouble.ts';
import {clean, hostOf, httpTime} from './values.ts';
import type {Circumstances} from './circumstances.ts';

type Finding = {
	kind: ReadFailureKind;
	because: string;
	next?: string | undefined;
	status?: number | null;
	retryAt?: number | null;
};

const minuteMs = 60_000;

/** A time of GitHub's clock by ours. Under two seconds it is the `Date` header's rounding and the way, not skew. */
const byOurClock = (theirs: number, skewMs: number | null): number =>
	Math.abs(skewMs ?? 0) < 2000 ? theirs : theirs - (skewMs ?? 0);

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
	return headers['x-ratelimit-remaining'] === '0' && Number.isFinite(reset) && reset > 0
		? Math.max(now, byOurClock(reset * 1000, skewMs))
		: null;
}

/** What a web page in place of JSON may say that matters. */
const tellingPage = /maintenance|secondary rate limit|abuse detection/i;

const httpSaid = (
	{status, headers, body}: {status: number; headers: Headers; body: string},
	at: Circumstances,
): Said => ({
	status,
	headers,
	text: saidIn(body) || (tellingPage.exec(body)?.[0] ?? ''),
	types: [],
	isSaml: false,
	block: blockIn(body),
	at,
});

const errorsSaid = (errors: readonly GraphqlError[], headers: Headers, at: Circumstances): Said => ({
	status: 200,
	headers,
	text: [...new Set(errors.map(({message}) => message))].join('; '),
	block: null,
	at,
	types: errors.flatMap(({type, extensions}) => [type ?? [], extensions?.code ?? []].flat()),
	isSaml: errors.some(({extensions}) => extensions?.saml_failure === true),
});

/** When GitHub may be asked again. A limit without a word about it lasts a minute. */
function retryOf(limit: 'primary' | 'secondary' | undefined, {headers, status, at}: Said): number | null {
	const said = retryTime(headers, at);
	if (limit === undefined) {
		return status >= 500 ? said : null;
	}

	const minute = at.now + minuteMs;
	return limit === 'primary' || headers['retry-after'] !== undefined ? (said ?? minute) : Math.max(minute, said ?? 0);
}

/** Which row of the table it is; null: GitHub did not refuse, something else went wrong. */
export function refusalNamed(evidence: Evidence, at: Circumstances): string | null {
	switch (evidence.kind) {
		case 'http':
			return refusalFor(httpSaid(evidence, at)).name;
		case 'errors':
			return refusalFor(errorsSaid(evidence.errors, evidence.headers, at)).name;
		default:
			return null;
	}
}

function refusedFinding(said: Said): Finding {
	const {kind, because, next, limit} = refusalFor(said);
	return {kind, status: said.status, because: because(said), next: next?.(said), retryAt: retryOf(limit, said)};
}

/** `isWay`: of what is connected to, which is the proxy where there is one. */
type NetworkReason = {is: RegExp; because: string; next?: string; isWay?: boolean};
const lookAround = 'Check the network and the VPN; if this network needs a proxy, set HTTPS_PROXY.';

const networkReasons: readonly NetworkReason[] = [
	{
		is: /Proxy response \(407\)/,
		because: 'the proxy wants a name and a password',
		next: 'Put them before its host: http://NAME:PASSWORD@proxy.example:3128.',
	},
	{
		is: /Proxy response \(403\)/,
		because: 'the proxy refuses to connect to it (403)',
		next: 'Have whoever runs the proxy allow this host, or name it in NO_PROXY if it can be reached directly.',
	},
	{is: /Proxy response \(\d+\)/, because: 'the proxy could not connect to it'},
	{
		is: /ENOTFOUND|EAI_AGAIN/,
		because: 'its name cannot be resolved',
		next: 'Check the host name, the network and the VPN; if this network needs a proxy, set HTTPS_PROXY.',
		isWay: true,
	},
	{is: /ECONNREFUSED/, because: 'it refuses the connection', next: lookAround, isWay: true},
	{is: /ECONNRESET|EPIPE|UND_ERR_SOCKET|terminated|other side closed/, because: 'the connection broke off'},
	{
		is: /ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|EHOSTUNREACH|ENETUNREACH|ENETDOWN/,
		because: 'it cannot be reached',
		next: lookAround,
		isWay: true,
	},
	{
		is: /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO/,
		because: 'its certificate is not trusted here',
		next: 'Set NODE_EXTRA_CA_CERTS or SSL_CERT_FILE to a file with the certificates of your organisation.',
	},
];

/** Codes and messages of an error and of its causes: fetch hides the reason two levels down. */
function errorText(error: unknown, depth = 0): string {
	if (!(error instanceof Error) || depth > 4) {
		return '';
	}

	const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
	const inner = error instanceof AggregateError ? error.errors.map(one => errorText(one, depth + 1)).join(' ') : '';
	return `${code} ${error.message} ${inner} ${errorText(error.cause, depth + 1)}`.trim();
}

function networkFinding(evidence: Extract<Evidence, {kind: 'network'}>, at: Circumstances): Finding {
	const text = errorText(evidence.error);
	const proxy = evidence.proxy ?? null;
	const known = networkReasons.find(({is}) => is.test(text));
	const isOfProxy = proxy?.problem === null && known?.isWay === true;
	const because = isOfProxy
		? known.because.replace(/^it /, 'the proxy ').replace(/^its /, "the proxy's ")
		: (known?.because ?? clean(text, 120));
	const advice =
		proxy !== null && (known?.next === undefined || known.isWay === true)
			? proxyAdvice(proxy)
			: known === undefined
				? 'Check the network.'
				: known.next;
	return {kind: 'unreachable', because: `${at.host} is unreachable${throughProxy(proxy)}: ${because}.`, next: advice};
}

function find(evidence: Evidence, at: Circumstances): Finding {
	switch (evidence.kind) {
		case 'http': {
			return refusedFinding(httpSaid(evidence, at));
		}

		case 'errors': {
			return refusedFinding(errorsSaid(evidence.errors, evidence.headers, at));
		}

		case 'malformed': {
			return {
				kind: 'malformed',
				status: evidence.status,
				because: `${at.host} answered with something that is not GitHub's JSON${/^\s*</.test(evidence.body) ? ' but a web page' : ''}.`,
				next: 'If it stays so, a proxy may be answering in place of GitHub.',
			};
		}

		case 'no-api': {
			return {
				kind: 'not-found',
				status: evidence.status,
				because: `There is no GitHub API at ${hostOf(evidence.url) ?? at.host}.`,
				next: 'Check the host name, and for GitHub Enterprise Server its API address.',
			};
		}

		case 'redirect': {
			return {
				kind: 'unreachable',
				status: evidence.status,
				because: `${at.host} sends us on to ${hostOf(evidence.to) ?? 'another address'}; the token is not sent there.`,
				next: 'Check the host name, or sign in to the network if it asks for that.',
			};
		}

		case 'timeout': {
			const proxy = evidence.proxy ?? null;
			return {
				kind: 'timeout',
				because: `${at.host} did not answer within ${Math.round(evidence.afterMs / 1000)} s${throughProxy(proxy)}.`,
				next: proxy === null ? undefined : proxyAdvice(proxy),
			};
		}

		case 'too-large': {
			return {
				kind: 'malformed',
				because: `${at.host} answered with more than ${Math.floor(evidence.atMost / 2 ** 20)} MB, and the rest was not read.`,
				next: 'If it stays so, a proxy may be answering in place of GitHub.',
			};
		}

		case 'incomprehensible': {
			return {
				kind: 'malformed',
				because: `${at.host} answered in a shape that we do not understand (${clean(errorText(evidence.error), 100)}).`,
			};
		}

		case 'network': {
			return networkFinding(evidence, at);
		}
	}
}

/** Kept for the masker that belongs to it. */
let lastToken: readonly string[] = [''];

/** Replaces the token, and whatever looks like one, in a text that will be shown. */
export function mask(text: string, token: string): string {
	const known = token === '' ? text : text.replaceAll(token, '[token]');
	if (lastToken[0] !== token) lastToken = [token];
	// In any other form, too.
	return maskText(
		known.replaceAll(/\b(?:gh[opsur]_\w{16,}|github_pat_\w{16,}|[Bb]earer\s+\S+)/g, '[token]'),
		lastToken,
	);
}

/** @returns the failure in words; `readAt` and `latencyMs` are the caller's to set */
export function classify(evidence: Evidence, at: Circumstances): Omit<ReadFailure, 'readAt' | 'latencyMs'> {
	const {kind, because, next, status, retryAt} = find(evidence, at);
	return {
		kind,
		because: mask(because, at.token),
		...(next !== undefined && {next: mask(next, at.token)}),
		status: status ?? null,
		retryAt: retryAt ?? null,
	};
}

/** Refusals whose own advice says nothing of the thing that was to be written. */
const withoutAdvice: ReadonlySet<string | null> = new Set(['invalid', 'not-found']);

/** What mends a refused write: the advice of the refusal's kind; where that has none, what the caller knows of the thing. */
export function adviceFor(evidence: Evidence, at: Circumstances, otherwise: string): string {
	return withoutAdvice.has(refusalNamed(evidence, at)) ? otherwise : (classify(evidence, at).next ?? otherwise);
}

/** Whether the token or the server refuses the check runs of GraphQL as such, so that REST has to do. */
export function needsRest(errors: readonly GraphqlError[]): boolean {
	return errors.some(error => {
		const undefinedField =
			error.extensions?.code === 'undefinedField' ||
			/^Field '.*' doesn't exist on type|^Cannot query field|^Unknown type|doesn't accept argument/.test(
				error.message,
			);
		const aboutChecks = (error.path ?? []).some(
			part =>
				typeof part === 'string' &&
				/^(checkSuites?|checkRuns?|suites|workflows|waiting|hot|steps|annotations|workflowRun)$/.test(part),
		);
		return (
			undefinedField ||
			error.type === 'INSUFFICIENT_SCOPES' ||
			(error.type === 'FORBIDDEN' &&
				(aboutChecks || /resource not accessible by (personal access token|integration)/i.test(error.message)))
		);
	});
}
