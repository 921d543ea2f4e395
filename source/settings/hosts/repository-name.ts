/** Names of repositories in all their forms. Pure. */

/** `host` is lower case, with its port when it has one. */
export type RepositoryName = {host: string; owner: string; name: string};
/** null: no host was named. */
export type PartialRepositoryName = {host: string | null; owner: string; name: string};

// Owners: letters, digits and single hyphens (Enterprise adds `_shortcode`). Names: also dots and underscores, but not "." and "..".
const ownerPattern = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9])?$/;
const namePattern = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/;
const hostPattern = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::\d{1,5})?$/;

/** Lower case; null when the text is no host name. Never begins with a hyphen, so that it is no flag to a program. */
export const hostFrom = (text: string): string | null => {
	const host = text.toLowerCase();
	return host.length <= 260 && hostPattern.test(host) ? host : null;
};

const named = (
	host: string | null,
	owner: string | undefined,
	name: string | undefined,
): PartialRepositoryName | null => {
	const bareName = name?.replace(/\.git$/i, '');
	return owner !== undefined && bareName !== undefined && ownerPattern.test(owner) && namePattern.test(bareName)
		? {host, owner, name: bareName}
		: null;
};

/** Reads `[HOST/]OWNER/NAME`; a whole address is taken as well, as `gh` does. */
export const parseRepositoryName = (text: string): PartialRepositoryName | null => {
	const trimmed = text.trim();
	if (/:\/\/|@/.test(trimmed)) {
		return parseRemoteUrl(trimmed);
	}

	const parts = trimmed.split('/');
	if (parts.length === 2) {
		return named(null, parts[0], parts[1]);
	}

	const host = parts.length === 3 ? hostFrom(parts[0]!) : null;
	return host === null ? null : named(host, parts[1], parts[2]);
};

const pathParts = (path: string) => path.split('/').filter(part => part !== '');

/**
Names under which one server answers: `ssh.github.com` is github.com through port 443; `github.com-work` is the usual way to call a
second account in the ssh configuration.
*/
const canonicalHost = (host: string): string =>
	/^(?:(?:www|ssh)\.github\.com|github\.com-.+)$/.test(host) ? 'github.com' : host;

/** Reads a remote's address: https, http, ssh, git, `user@host:path` and bare `host:path`. A local path is null. Credentials are dropped. */
export const parseRemoteUrl = (text: string): RepositoryName | null => {
	const trimmed = text.trim();
	const address = /^(?:git\+)?(https?|ssh|git):\/\/(?:[^/@]*@)*([^/@]+)\/(.*)$/i.exec(trimmed);
	// `C:\…` and `C:/…` are folders: one letter is no host here.
	const short = address === null ? /^(?:[^@/:\s]+@)?([^@/:\s]{2,}):(?!\/\/)(.+)$/.exec(trimmed) : null;
	const [host, path] = address === null ? [short?.[1], short?.[2]] : [address[2], address[3]];
	const parts = pathParts(path ?? '');
	if (host === undefined || parts.length !== 2) {
		return null;
	}

	// The port of ssh or git says nothing about the API; that of https does.
	const isWeb = /^https?$/i.test(address?.[1] ?? '');
	const plainHost = hostFrom(isWeb ? host.replace(/:(?:443|80)$/, '') : host.replace(/:\d*$/, ''));
	const repository = plainHost === null ? null : named(canonicalHost(plainHost), parts[0], parts[1]);
	return repository?.host == null ? null : {...repository, host: repository.host};
};

/** Hosts that GitHub itself runs: github.com and the tenants of ghe.com. */
export const isRunByGitHub = (host: string): boolean => host === 'github.com' || host.endsWith('.ghe.com');

/** The form that `--repo` reads; without the host on github.com. */
export const repositoryText = ({host, owner, name}: RepositoryName): string =>
	host === 'github.com' ? `${owner}/${name}` : `${host}/${owner}/${name}`;
