/** What GitHub said when it refused, and the words in it that matter: who refuses, where to go, which scopes. Pure. */
import {hasScope, scopesIn} from '../../core/github/oauth-scopes.ts';
import type {Headers} from './trouble.ts';
import type {Circumstances} from './circumstances.ts';

export type Said = {
	/** Of HTTP; 200 for errors of GraphQL. */
	status: number;
	headers: Headers;
	/** GitHub's words, whole: message and details. */
	text: string;
	/** Types and codes of GraphQL's errors. */
	types: readonly string[];
	/** GraphQL says that single sign-on is in the way. */
	isSaml: boolean;
	/** The page that says why the repository is blocked; null: none is named. */
	block: string | null;
	at: Circumstances;
};

/** As GitHub names it in its refusals: 'acme' organization, `acme` organization, `acme` forbids. */
export function whoRefuses({text}: Said): string {
	const [, name, kind] = /['`]([\w-]+)['`](?: (organization|enterprise))?/.exec(text) ?? [];
	return name === undefined
		? 'The organisation'
		: `The ${kind === 'enterprise' ? 'enterprise' : 'organisation'} ${name}`;
}

/** `url` stands in `required; url=…`; organisations alone, after `partial-results;`, have none. Nothing of it but plain characters. */
export const ssoAddress = ({headers}: Said): string | undefined =>
	/url=(https:\/\/[!-+\--:<-~]+)/.exec(headers['x-github-sso'] ?? '')?.[1];

const listIn = (text: string | undefined): string[] =>
	(text ?? '')
		.split(',')
		.map(scope => scope.replaceAll(/['\s]/g, ''))
		.filter(scope => scope !== '');

/** The scopes of which one is needed, and those that the token has; null: it is not about scopes. */
export function scopesOf({
	status,
	headers,
	text,
	types,
}: Said): {needed: readonly string[]; given: readonly string[] | null} | null {
	const given = scopesIn(headers['x-oauth-scopes']);
	if (types.includes('INSUFFICIENT_SCOPES') || /has not been granted the required scopes/.test(text)) {
		const has = /only been granted the: \[([^\]]*)\]/.exec(text);
		return {
			needed: listIn(/following scopes: \[([^\]]*)\]/.exec(text)?.[1]),
			given: has === null ? given : listIn(has[1]),
		};
	}

	const needed = scopesIn(headers['x-accepted-oauth-scopes']) ?? [];
	return (status === 403 || status === 404) && given !== null && !hasScope(given, needed) ? {needed, given} : null;
}
