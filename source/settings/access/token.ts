/** The token for a host, and only for that host. It is never part of a message. */
import {Failure, exitCodes, type Way} from '../../errors.ts';
import {endpointsFor} from '../hosts/endpoints.ts';
import type {Environment} from '../hosts/endpoints.ts';
import {hostFrom, isRunByGitHub} from '../hosts/repository-name.ts';
import type {Run} from '../checkout/run.ts';
import {waysOn} from './ways-on.ts';

export type Access = {
	/** Goes into the authorization header of requests to `apiUrl` and `graphqlUrl`, and nowhere else. */
	token: string;
	/** The host that the token belongs to. */
	host: string;
	/** Where it comes from, for people: a variable's name, or `gh`. */
	source: string;
	apiUrl: string;
	graphqlUrl: string;
};

const ownVariables = ['GH_TOKEN', 'GITHUB_TOKEN'] as const;
const enterpriseVariables = ['GH_ENTERPRISE_TOKEN', 'GITHUB_ENTERPRISE_TOKEN'] as const;

const notPermitted = (what: string, next: string, because?: string, ways?: readonly Way[]) =>
	new Failure(what, {next, because, ways, exitCode: exitCodes.notPermitted});

/** What RFC 6750 allows in a bearer token, which all of GitHub's forms keep to. */
const tokenPattern = /^[A-Za-z0-9._~+/-]+=*$/;

/** Throws a `Failure` (not permitted) that names the source, never the token. */
const checkedToken = (token: string, source: string): string => {
	if (tokenPattern.test(token) && token.length <= 4096) {
		return token;
	}

	const because = /^\s|\s$/.test(token)
		? 'it begins or ends with white space or a line break'
		: /\s/.test(token)
			? 'it has white space in it'
			: /^["'].*["']$/.test(token)
				? 'it has quotes around it'
				: 'it has characters that no token has';
	throw notPermitted(
		`The token from ${source} has the wrong shape`,
		`set ${source} to the token alone, or sign in with: gh auth login`,
		because,
	);
};

const firstSet = (variables: readonly string[], env: Environment) =>
	variables.find(variable => (env[variable] ?? '') !== '');

/**
Whether the person said that this host is theirs. A remote is only a line in a file that may come with an archive, and the Enterprise
variables name no host: sending their token to whatever host a remote names would hand it to anybody.
*/
const isNamed = (host: string, isExplicit: boolean, env: Environment): boolean => {
	const server = URL.parse(env['GITHUB_SERVER_URL'] ?? '')?.host;
	return isExplicit || host === hostFrom(env['GH_HOST'] ?? '') || host === server;
};

/** `gh` would answer with the variables' tokens again, for any host: it is to say what it keeps for this one. */
const withoutTokens = (env: Environment): Environment =>
	Object.fromEntries(
		Object.entries(env).filter(([name]) => !([...ownVariables, ...enterpriseVariables] as string[]).includes(name)),
	);

/** One word is rarely a host of GitHub: it is what the ssh configuration of whoever made the checkout calls one. */
const missingForAlias = (host: string) =>
	notPermitted(
		`There is no token for ${host}`,
		`name the repository with its host: --repo OWNER/NAME (on github.com) or --repo HOST/OWNER/NAME; or, if ${host} is the host: gh auth login --hostname ${host}`,
		`the origin remote calls its host "${host}", which looks like an alias that ssh does not know here`,
	);

const missing = (host: string, unnamed: string | undefined) =>
	unnamed === undefined
		? notPermitted(
				`There is no token for ${host}`,
				`sign in with: gh auth login --hostname ${host}; or set ${isRunByGitHub(host) ? 'GH_TOKEN' : `GH_ENTERPRISE_TOKEN, with GH_HOST=${host}`}`,
				undefined,
				waysOn,
			)
		: notPermitted(
				`There is no token for ${host}`,
				`if it is meant for ${host}, set GH_HOST=${host}; or sign in with: gh auth login --hostname ${host}`,
				`${unnamed} is set, but nothing says that it belongs to ${host}`,
				waysOn,
			);

export type AccessQuestion = {
	host: string;
	/** Whether the person named the host (in `--repo` or `GH_REPO`). */
	isExplicit: boolean;
	env: Environment;
	directory: string;
	run: Run;
};

/**
Finds the token and the addresses that it may be sent to. Throws a `Failure`: usage when the addresses point to another host,
not permitted when there is no token or it cannot be one.
*/
export const findAccess = async ({host, isExplicit, env, directory, run}: AccessQuestion): Promise<Access> => {
	const {apiUrl, graphqlUrl, isLoopback} = endpointsFor(host, env);
	const variable = firstSet(isRunByGitHub(host) ? ownVariables : enterpriseVariables, env);
	const usable =
		variable !== undefined && (isRunByGitHub(host) || isNamed(host, isExplicit, env)) ? variable : undefined;
	if (usable !== undefined) {
		return {token: checkedToken(env[usable]!, usable), host, source: usable, apiUrl, graphqlUrl};
	}

	if (isLoopback) {
		throw notPermitted(
			'There is no token for the API on this machine',
			`set ${isRunByGitHub(host) ? 'GH_TOKEN' : 'GH_ENTERPRISE_TOKEN and GH_HOST'}`,
			'GITHUB_API_URL names this machine, which never gets a token that gh keeps',
		);
	}

	const kept =
		(await run('gh', ['auth', 'token', '--hostname', host], {directory, env: withoutTokens(env)}))?.trim() ?? '';
	if (kept === '') {
		throw !host.includes('.') && !isNamed(host, isExplicit, env) ? missingForAlias(host) : missing(host, variable);
	}

	return {token: checkedToken(kept, 'gh'), host, source: 'gh', apiUrl, graphqlUrl};
};
