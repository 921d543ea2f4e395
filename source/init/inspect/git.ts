/** What git knows, read from its own files: needs no git, runs nothing, and changes nothing. */
import {readdir} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import {readTextBounded} from '../../settings/checkout/bounded-read.ts';
import {parseRemoteUrl} from '../../settings/hosts/repository-name.ts';
import {originIn} from '../../settings/checkout/origin.ts';

export type GitKnowledge = {
	remote: {host: string; owner: string; name: string} | null;
	defaultBranch: string | null;
	branches: readonly string[];
	problem: string | null;
};

/** Packed refs of a large repository have some megabytes. */
const fileAtMost = 64 * 1024 * 1024;

const read = (path: string): Promise<string | null> => readTextBounded(path, fileAtMost);

/** What a repository with more is told apart by its packed refs, which are one file. */
const maximumLoose = 2000;

/** Loose refs below a folder, as names relative to it. */
const looseRefs = async (folder: string): Promise<readonly string[]> => {
	const found: string[] = [];
	let level = [''];
	for (let depth = 0; level.length > 0 && depth < 6; depth++) {
		const next: string[] = [];
		for (const name of level) {
			const entries = await readdir(join(folder, name), {withFileTypes: true}).catch(() => []);
			for (const entry of entries) {
				const path = name === '' ? entry.name : `${name}/${entry.name}`;
				if (entry.isDirectory()) next.push(path);
				else if (entry.isFile() && found.length < maximumLoose) found.push(path);
			}
		}
		level = next;
	}
	return found;
};

/** `.git`, or for a worktree or a submodule what its `.git` file leads to. */
const folders = async (root: string): Promise<{own: string; common: string} | null> => {
	const dotGit = join(root, '.git');
	if ((await read(join(dotGit, 'HEAD'))) !== null) return {own: dotGit, common: dotGit};
	const target = /^gitdir:(.+)$/m.exec((await read(dotGit)) ?? '')?.[1]?.trim();
	if (target === undefined) return null;
	const own = resolve(root, target);
	const common = (await read(join(own, 'commondir')))?.trim();
	return {own, common: common === undefined ? own : resolve(own, common)};
};

const headOf = (text: string | null, front: string): string | null => {
	const ref = /^ref:\s*(\S+)\s*$/m.exec(text ?? '')?.[1];
	return ref?.startsWith(front) ? ref.slice(front.length) : null;
};

export const lookAtGit = async (root: string): Promise<GitKnowledge> => {
	const git = await folders(root);
	if (git === null)
		return {
			remote: null,
			defaultBranch: null,
			branches: [],
			problem: 'No git repository lies here: branches and remote are not known',
		};
	const configuration = await read(join(git.common, 'config'));
	const url = configuration === null ? null : originIn(configuration);
	const packed = [
		...((await read(join(git.common, 'packed-refs'))) ?? '').matchAll(
			/^[0-9a-f]{40,64} refs\/(heads\/|remotes\/origin\/)(\S+)$/gm,
		),
	].map(match => match[2]!);
	const [heads, remotes] = await Promise.all([
		looseRefs(join(git.common, 'refs/heads')),
		looseRefs(join(git.common, 'refs/remotes/origin')),
	]);
	const branches = [...new Set([...heads, ...remotes, ...packed])].filter(name => name !== 'HEAD').toSorted();
	// What origin/HEAD names is GitHub's own default; a checkout that was never cloned has none.
	const named = headOf(await read(join(git.common, 'refs/remotes/origin/HEAD')), 'refs/remotes/origin/');
	const current = headOf(await read(join(git.own, 'HEAD')), 'refs/heads/');
	const problem =
		configuration !== null && /^[ \t]*refstorage[ \t]*=[ \t]*reftable/im.test(configuration)
			? 'Branches are kept in a reftable, which is not read: name them'
			: null;
	return {
		remote: url === null ? null : parseRemoteUrl(url),
		defaultBranch: named ?? ['main', 'master'].find(name => branches.includes(name)) ?? current,
		branches,
		problem,
	};
};
