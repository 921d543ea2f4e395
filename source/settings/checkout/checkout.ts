/** The checkout around a folder, and that it is nobody else's: the one place that looks for `.git`. */
import {dirname, join, resolve} from 'node:path';
import type {Settings} from '../../core/settings/settings.ts';
import type {Files} from './files.ts';
import {entriesBelow, untrusted} from './ownership.ts';

/** Throws an `Untrusted` when one of the paths is another user's, and git has not been told to trust the root. */
export const refuseForeign = async (paths: readonly string[], root: string, files: Files): Promise<void> => {
	const found = files.foreign(paths);
	if (found !== null && !(await files.isSafe(root))) throw untrusted(found, root);
};

const textOf = async (path: string, files: Files): Promise<string> => {
	try {
		return new TextDecoder().decode((await files.read(path)) ?? new Uint8Array());
	} catch {
		return '';
	}
};

/** What a `.git` file (of a worktree, of a submodule) leads to: git's own folder, and the one that all worktrees have in common. */
export const gitFolders = async (dotGit: string, files: Files): Promise<{own: string; common: string} | null> => {
	if ((await files.kind(dotGit)) === 'folder') return {own: dotGit, common: dotGit};
	const target = /^gitdir:[ \t]*(\S[^\r\n]*)/m.exec(await textOf(dotGit, files))?.[1]?.trimEnd();
	if (target === undefined) return null;
	const own = resolve(dirname(dotGit), target);
	// Before anything of it is read.
	await refuseForeign([own, join(own, 'commondir')], dirname(dotGit), files);
	const common = (await textOf(join(own, 'commondir'), files)).trim();
	return {own, common: common === '' ? own : resolve(own, common)};
};

/**
The folders from `start` up to the one with `.git` (a folder, or a file in a worktree); only `start` outside of a repository. Throws an
`Untrusted` for a repository of another user: the folder, its `.git`, and what that leads to.
*/
export const searchedFolders = async (start: string, files: Files): Promise<string[]> => {
	const folders: string[] = [];
	for (let folder = resolve(start); ; folder = dirname(folder)) {
		folders.push(folder);
		const dotGit = join(folder, '.git');
		if ((await files.kind(dotGit)) !== null) {
			await refuseForeign([folder, dotGit], folder, files);
			const git = await gitFolders(dotGit, files);
			if (git !== null) await refuseForeign([git.common, join(git.common, 'config')], folder, files);
			return folders;
		}

		// Without a repository, a file further up (in /tmp, in a shared home) could be anybody's.
		if (dirname(folder) === folder) {
			return folders.slice(0, 1);
		}
	}
};

/** The checkout's root; outside of one, the folder itself. */
export const rootOf = async (start: string, files: Files): Promise<string> =>
	(await searchedFolders(start, files)).at(-1)!;

/**
Throws an `Untrusted` when a script that the settings name, or anything beside it, is another user's. `root`: in which their paths begin;
`checkout`: the folder that git may have been told to trust.
*/
export const refuseForeignScripts = async (
	root: string,
	{environments}: Pick<Settings, 'environments'>,
	files: Files,
	checkout: string,
): Promise<void> => {
	const scripts = [...new Set(environments.flatMap(({deploy, rollback}) => [deploy.path, rollback.path]))].map(path =>
		join(root, path),
	);
	const there = scripts.filter(path => files.isThere(path));
	if (there.length === 0) return;
	const folders = [...new Set(there.map(path => dirname(path)))].filter(folder => folder !== root);
	// Every folder on the way: whoever has one can put another script there.
	const between = folders.flatMap(folder => {
		const way: string[] = [];
		for (let at = folder; at !== root && at.startsWith(root); at = dirname(at)) way.push(at);
		return way;
	});
	await refuseForeign(
		[root, ...between, ...there, ...folders.flatMap(folder => entriesBelow(folder))],
		checkout,
		files,
	);
};
