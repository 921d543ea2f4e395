/** Scopes of classic tokens and OAuth apps, as GitHub nests them (docs.github.com, "Scopes for OAuth apps"). */

const within: Readonly<Record<string, readonly string[]>> = {
	repo: ['repo:status', 'repo_deployment', 'public_repo', 'repo:invite', 'security_events'],
	'admin:org': ['write:org', 'read:org'],
	'write:org': ['read:org'],
	'admin:repo_hook': ['write:repo_hook', 'read:repo_hook'],
	'write:repo_hook': ['read:repo_hook'],
	'write:discussion': ['read:discussion'],
	user: ['read:user', 'user:email', 'user:follow'],
};

/** The scopes in a header like `x-oauth-scopes: repo, workflow`; null: there is none, so that the token has permissions instead. */
export const scopesIn = (header: string | undefined): readonly string[] | null =>
	header === undefined
		? null
		: header
				.split(',')
				.map(scope => scope.trim())
				.filter(scope => scope !== '');

/** Whether one of the accepted scopes is given, by itself or within a larger one. Nothing accepted: nothing is needed. */
export const hasScope = (given: readonly string[], accepted: readonly string[]): boolean =>
	accepted.length === 0 ||
	accepted.some(scope => given.some(one => one === scope || (within[one] ?? []).includes(scope)));
