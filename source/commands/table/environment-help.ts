/** What help says about the world around the commands: variables and exit codes. */
import {exitCodes} from '../../errors.ts';

export const variables: ReadonlyArray<{name: string; meaning: string}> = [
	{name: 'GH_TOKEN, GITHUB_TOKEN', meaning: 'Token for github.com and *.ghe.com, before that of gh.'},
	{
		name: 'GH_ENTERPRISE_TOKEN, GITHUB_ENTERPRISE_TOKEN',
		meaning: 'Token for the host that GH_HOST, --repo or GH_REPO names.',
	},
	{name: 'GH_HOST', meaning: 'The host, when the repository is named without one.'},
	{name: 'GH_REPO', meaning: 'The repository, as in --repo.'},
	{name: 'GITHUB_API_URL, GITHUB_GRAPHQL_URL', meaning: 'Addresses of the API, on the same host.'},
	{
		name: 'HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY',
		meaning: 'Proxies of every request and what goes without, as curl takes them; in lower case, too.',
	},
	{
		name: 'NODE_EXTRA_CA_CERTS, SSL_CERT_FILE',
		meaning: 'Certificates that are trusted besides those of Node.js and of the system.',
	},
	{name: 'NO_COLOR', meaning: 'Any value: no colours, as --no-color.'},
	{name: 'XDG_CONFIG_HOME, XDG_CACHE_HOME', meaning: 'Where preferences and caches are kept.'},
	{name: 'XDG_STATE_HOME', meaning: 'Where the journal, logs and locks of this machine are kept.'},
];

export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
	done: 'done, or already so',
	failed: 'the operation failed',
	usage: 'wrong usage or configuration',
	refused: 'refused: gate blocked, frozen, or not confirmed',
	notPermitted: 'not signed in, or not permitted',
	unreachable: 'GitHub is unreachable or limits the rate',
	locked: 'locked by another',
	needsHuman: 'needs somebody to look: interrupted, mixed or unknown state',
	bug: 'a bug of deployctl',
	interrupted: 'interrupted by the user',
};

/** Codes that every command can end with. */
const common: ReadonlyArray<keyof typeof exitCodes> = ['done', 'usage', 'bug'];

/** Rows of code and meaning by rising code; `names` are added to those that every command has. */
export const exitCodeRows = (
	names: ReadonlyArray<keyof typeof exitCodes>,
): ReadonlyArray<readonly [code: string, meaning: string]> =>
	(Object.keys(exitCodes) as Array<keyof typeof exitCodes>)
		.filter(name => common.includes(name) || names.includes(name))
		.toSorted((a, b) => exitCodes[a] - exitCodes[b])
		.map(name => [String(exitCodes[name]), exitCodeMeanings[name]]);

export const allExitCodes = Object.keys(exitCodes) as ReadonlyArray<keyof typeof exitCodes>;
