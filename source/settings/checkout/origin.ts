/** The origin remote of a checkout: from `.git/config` where that is certain, else from git. */
import {join} from 'node:path';
import {gitFolders, rootOf} from './checkout.ts';
import type {Environment} from '../hosts/endpoints.ts';
import type {Files} from './files.ts';
import {hostFrom, isRunByGitHub, parseRemoteUrl} from '../hosts/repository-name.ts';
import type {RepositoryName} from '../hosts/repository-name.ts';
import type {Run} from './run.ts';

export type OriginQuestion = {directory: string; env: Environment; files: Files; run: Run};

/**
The first `url` of `[remote "origin"]` in a git configuration. null when this small reader is not certain: when the file includes
others, has one more per worktree or rewrites addresses, or a value is quoted or continued.
*/
export const originIn = (configuration: string): string | null => {
	let inOrigin = false;
	let url: string | null = null;
	for (const line of configuration.split(/\r?\n/)) {
		const section = /^\s*\[([^\]]*)\]/.exec(line)?.[1]?.trim();
		if (section !== undefined) {
			if (/^(?:include|includeif|url)\b/i.test(section) || line.trimEnd().at(-1) !== ']') {
				return null;
			}

			// The section's name is case-insensitive, the remote's is not.
			inOrigin = /^remote\s/i.test(section) && section.endsWith(' "origin"');
		} else if (/^\s*worktreeconfig\b/i.test(line)) {
			return null;
		} else if (inOrigin && url === null) {
			url = /^\s*url\s*=(.*)$/i.exec(line)?.[1]?.trim() ?? null;
		}
	}

	return url === null || /["\\#;]/.test(url) ? null : url;
};

const readText = async (path: string, files: Files): Promise<string | null> => {
	try {
		const bytes = await files.read(path);
		return bytes === null ? null : new TextDecoder().decode(bytes);
	} catch {
		return null;
	}
};

/** The folder with `config`: `.git`, or for a worktree or submodule what its `.git` file leads to. Throws an `Untrusted` for another user's. */
const configurationFolder = async (start: string, files: Files): Promise<string | null> => {
	const dotGit = join(await rootOf(start, files), '.git');
	return (await files.kind(dotGit)) === null ? null : ((await gitFolders(dotGit, files))?.common ?? null);
};

/** Without asking git: only for hosts that nobody would rewrite to another (`insteadOf` may stand in a file that we do not read). */
const fromConfiguration = async ({directory, files}: OriginQuestion): Promise<RepositoryName | null> => {
	const folder = await configurationFolder(directory, files);
	const text = folder === null ? null : await readText(join(folder, 'config'), files);
	const url = text === null ? null : originIn(text);
	const repository = url === null ? null : parseRemoteUrl(url);
	return repository !== null && isRunByGitHub(repository.host) ? repository : null;
};

/**
The host behind an alias of the operator's own ssh configuration; null when ssh knows no other name. `-G` connects to nothing; the alias may
come from a hostile checkout, and has only letters, digits, dots, hyphens and underscores: a `Match exec` there may put it into a command.
*/
const hostBehind = async (alias: string, {directory, env, run}: OriginQuestion): Promise<string | null> => {
	const answer = await run('ssh', ['-G', alias], {directory, env});
	const host = hostFrom(/^hostname\s+(\S+)\s*$/m.exec(answer ?? '')?.[1] ?? '');
	return host === alias.toLowerCase() ? null : host;
};

/** What ssh calls a host in an address: also a name that no host could have (`git@gh_work:acme/app`). Nothing in it that a shell reads. */
const sshAddress = (url: string): {alias: string; path: string} | null => {
	const [, long, longPath, short, shortPath] =
		/^ssh:\/\/(?:[^/@]*@)?([\w.-]+)(?::\d+)?\/(.+)$|^(?:[^@/:\s]+@)?([\w.-]{2,}):(?!\/\/)(.+)$/i.exec(url) ?? [];
	const [alias, path] = [long ?? short, longPath ?? shortPath];
	return alias === undefined || path === undefined || alias.startsWith('-') ? null : {alias, path};
};

const isSsh = (url: string) => /^ssh:/i.test(url) || !url.includes('://');

/** The repository of the origin remote; null when there is no checkout, no origin, or its address is no repository on a server. */
export const findOrigin = async (question: OriginQuestion): Promise<RepositoryName | null> => {
	const {directory, env, files} = question;
	// With these variables git looks elsewhere than we do.
	const quick =
		env['GIT_DIR'] || env['GIT_CONFIG_COUNT'] || env['GIT_CONFIG_PARAMETERS']
			? null
			: await fromConfiguration(question);
	if (quick !== null) {
		return quick;
	}

	if (!env['GIT_DIR'] && (await configurationFolder(directory, files)) === null) {
		return null;
	}

	const url = await originAddress(question);
	const repository = parseRemoteUrl(url);
	if (!isSsh(url) || (repository !== null && isRunByGitHub(repository.host))) {
		return repository;
	}

	const address = sshAddress(url);
	const host = address === null ? null : await hostBehind(address.alias, question);
	return (host === null ? null : parseRemoteUrl(`ssh://${host}/${address!.path}`)) ?? repository;
};

/** As git says it, with what the operator's configuration makes of it (`insteadOf`). */
const originAddress = async ({directory, env, run}: OriginQuestion): Promise<string> =>
	(await run('git', ['remote', 'get-url', 'origin'], {directory, env}))?.trim() ?? '';

/** The name in the origin remote's address that no host could have, and that ssh knows no other for; null: that is not why there is no repository. */
export const unknownAlias = async (question: OriginQuestion): Promise<{alias: string; path: string} | null> => {
	const {directory, env, files} = question;
	if (!env['GIT_DIR'] && (await configurationFolder(directory, files)) === null) return null;
	const url = await originAddress(question);
	return isSsh(url) && parseRemoteUrl(url) === null ? sshAddress(url) : null;
};
