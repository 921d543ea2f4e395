/** What the server refuses before it asks who it is, and what it says with every answer: user agent and version of the API. */
import type {Incoming, Outgoing} from './calls/exchange.ts';
import type {Server} from './model/scenario.ts';

/** Where logs and artifacts are said to lie when requests come without a socket. */
export const storageBeside = 'http://storage.example';

/** Newest last. docs.github.com, "API Versions"; a server of version 3.18 knows the first only. */
const versions = {'github.com': ['2022-11-28', '2026-03-10'], ghes: ['2022-11-28']} as const;

const agentless =
	'Request forbidden by administrative rules. Please make sure your request has a User-Agent header (https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). Check https://developer.github.com for other possible causes.\n';

/** null: it has one. */
export function refuseAgentless(request: Incoming, headers: Readonly<Record<string, string>>): Outgoing | null {
	return request.headers['user-agent']
		? null
		: {status: 403, headers: {...headers, 'content-type': 'text/plain; charset=utf-8'}, body: agentless};
}

/** The version in which a REST answer is given; without one in the request the oldest. `refused`: why there is none, in GitHub's words. */
export function versionFor(request: Incoming, kind: Server['kind']): {selected: string} | {refused: string} {
	const known: readonly string[] = versions[kind];
	const wanted = request.headers['x-github-api-version'] || known[0]!;
	if (known.includes(wanted)) {
		return {selected: wanted};
	}
	const list = known
		.toReversed()
		.map((version, index) => `"${version}"${index === 0 ? ' (most recent)' : ''}`)
		.join(', ');
	return {
		refused: `The version you specified in the "X-GitHub-API-Version" request header, "${wanted}", is not a supported version. The following versions are currently supported: ${list}.`,
	};
}

/** The address by which the client called; `fallback` where its Host header is none. */
export function originCalled(headers: Incoming['headers'], fallback: string): string {
	const {host = '', 'x-forwarded-proto': proto} = headers;
	const origin = `${proto === 'https' ? 'https' : 'http'}://${host}`;
	return /^[\w.:[\]-]+$/.test(host) && URL.canParse(origin) ? new URL(origin).origin : fallback;
}
