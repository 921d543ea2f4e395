/** Where the API of a host is, and whether a given address belongs to that host: a token goes nowhere else. Pure. */
import {sanitise} from '../../core/text/sanitise.ts';
import {Failure, exitCodes} from '../../errors.ts';
import {isRunByGitHub} from './repository-name.ts';
import {isLoopback} from '../../core/github/loopback.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Without a slash at the end. */
export type Endpoints = {
	apiUrl: string;
	graphqlUrl: string;
	/** An API of this very machine (a simulator): it gets no token that nobody named for it. */
	isLoopback: boolean;
};

/** The addresses by convention, as GitHub's own command-line tool has them. */
export const conventionalEndpoints = (host: string): Endpoints =>
	isRunByGitHub(host)
		? {apiUrl: `https://api.${host}`, graphqlUrl: `https://api.${host}/graphql`, isLoopback: false}
		: {apiUrl: `https://${host}/api/v3`, graphqlUrl: `https://${host}/api/graphql`, isLoopback: false};

const hostname = (host: string) => host.replace(/:\d+$/, '');

const refused = (variable: string, because: string, host: string) =>
	new Failure(`${variable} is refused`, {
		because,
		next: `unset ${variable}, or give an https address of ${host} or api.${hostname(host)}`,
		exitCode: exitCodes.usage,
	});

const checked = (variable: string, text: string, host: string): {url: string; isLoopback: boolean} => {
	// A backslash and a tab are read differently by different parsers of addresses: refuse, rather than guess.
	const url = /[\s\\]/.test(text) ? null : URL.parse(text);
	if (url === null || !['https:', 'http:'].includes(url.protocol)) {
		throw refused(variable, 'it is not an https address', host);
	}

	if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
		throw refused(variable, 'it holds more than a host and a path', host);
	}

	const isHere = isLoopback(url.hostname);
	if (url.protocol === 'http:' && !isHere) {
		throw refused(variable, 'a token is sent over https only', host);
	}

	const own = hostname(host);
	const belongs = url.hostname === own || url.hostname === `api.${own}`;
	if (!belongs && !(isHere && url.protocol === 'http:')) {
		throw refused(
			variable,
			`${sanitise(url.host, 100)} does not belong to ${host}, whose token would be sent there`,
			host,
		);
	}

	return {url: url.href.replace(/(?<!\/)\/+$/, ''), isLoopback: isHere};
};

const graphqlBeside = (apiUrl: string): string =>
	apiUrl.endsWith('/api/v3') ? apiUrl.replace(/\/v3$/, '/graphql') : `${apiUrl}/graphql`;

/**
The addresses for a host: `GITHUB_API_URL` and `GITHUB_GRAPHQL_URL` when they belong to it, else the conventional ones.
Throws a `Failure` (usage) when one of them points elsewhere.

For the client: requests are made with `redirect: 'manual'` or with the authorization header dropped. A redirect may leave the host,
and fetch keeps headers within an origin only by its own rules.
*/
export const endpointsFor = (host: string, env: Environment): Endpoints => {
	const conventional = conventionalEndpoints(host);
	const [givenApi, givenGraphql] = [env['GITHUB_API_URL'], env['GITHUB_GRAPHQL_URL']];
	const api = givenApi ? checked('GITHUB_API_URL', givenApi, host) : null;
	const graphql = givenGraphql ? checked('GITHUB_GRAPHQL_URL', givenGraphql, host) : null;
	if (api !== null && graphql !== null && api.isLoopback !== graphql.isLoopback) {
		throw refused('GITHUB_GRAPHQL_URL', 'it and GITHUB_API_URL name two different servers', host);
	}

	// Half a simulator is a mistake: the other half would be the real GitHub.
	if (graphql?.isLoopback === true && api === null) {
		throw refused('GITHUB_GRAPHQL_URL', 'GITHUB_API_URL is missing next to it', host);
	}

	return {
		apiUrl: api?.url ?? conventional.apiUrl,
		graphqlUrl: graphql?.url ?? (api === null ? conventional.graphqlUrl : graphqlBeside(api.url)),
		isLoopback: api?.isLoopback ?? false,
	};
};
