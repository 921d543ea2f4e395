/**
Files of the work tree against those of a commit, without `git status` or `git diff`: these run the filters that a repository's configuration
names. What a filter makes of a file (git-crypt, LFS) is another content here, and counts as one.
*/
import {createHash} from 'node:crypto';
import {lstatSync, readdirSync, readlinkSync} from 'node:fs';
import {join} from 'node:path';
import {readBounded} from './bounded-read.ts';

/** Runs git in the folder in which paths begin, by `callOf`; null: it failed. */
export type AskGit = (...parameters: readonly string[]) => Promise<string | null>;

/** By path, as git keeps a file: `100755 OID`. */
export type Entries = ReadonlyMap<string, string>;

/** `isWhole` false: there is more, or something could not be read. */
export type Here = {entries: Entries; isWhole: boolean};

/** What a commit has at these paths (files, or folders with everything in them). null: there is no such commit here. */
export const entriesOf = async (git: AskGit, commit: string, paths: readonly string[]): Promise<Entries | null> => {
	const text = await git('ls-tree', '-r', '-z', commit, '--', ...paths);
	return text === null
		? null
		: new Map(
				text.split('\0').flatMap(line => {
					const [, mode, oid, path] = /^(\d{6}) \S+ ([0-9a-f]{40,64})\t([^]+)$/.exec(line) ?? [];
					return path === undefined ? [] : [[path, `${mode} ${oid}`] as const];
				}),
			);
};

/** What git leaves out, folders with a slash at the end; nothing where there is no repository. */
export const ignoredOf = async (git: AskGit, paths: readonly string[]): Promise<ReadonlySet<string>> =>
	new Set(
		(
			(await git(
				'ls-files',
				'-z',
				'--others',
				'--ignored',
				'--exclude-standard',
				'--directory',
				'--',
				...paths,
			)) ?? ''
		)
			.split('\0')
			.filter(path => path !== ''),
	);

const filesAtMost = 2000;
const bytesAtMost = 16 * 1024 * 1024;

const blobOf = (bytes: Uint8Array, length: number): string =>
	createHash(length === 64 ? 'sha256' : 'sha1')
		.update(`blob ${bytes.length}\0`)
		.update(bytes)
		.digest('hex');

/** As it would be checked out elsewhere: git may have ended its lines as this system does. */
const withoutReturns = (bytes: Buffer): Buffer =>
	bytes.includes('\r\n') ? Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1') : bytes;

const entryAt = async (path: string, expected: string | undefined): Promise<string> => {
	const found = lstatSync(path);
	const length = expected === undefined ? 40 : expected.length - '100644 '.length;
	if (found.isSymbolicLink()) return `120000 ${blobOf(Buffer.from(readlinkSync(path)), length)}`;
	const bytes = await readBounded(path, bytesAtMost);
	const mode = (found.mode & 0o111) === 0 ? '100644' : '100755';
	const unix = `${mode} ${blobOf(withoutReturns(bytes), length)}`;
	return unix === expected ? unix : `${mode} ${blobOf(bytes, length)}`;
};

/** What lies there now, but for what git leaves out. Links are not followed. `expected`: tells which kind of hash, and where line ends do not count. */
export const entriesHere = async (
	root: string,
	paths: readonly string[],
	ignored: ReadonlySet<string>,
	expected: Entries,
): Promise<Here> => {
	const entries = new Map<string, string>();
	let isWhole = true;
	for (const queue = [...paths]; queue.length > 0;) {
		const path = queue.shift()!;
		try {
			const found = lstatSync(join(root, path), {throwIfNoEntry: false});
			if (found === undefined || ignored.has(path) || (found.isDirectory() && ignored.has(`${path}/`))) continue;
			if (found.isDirectory())
				queue.push(
					...readdirSync(join(root, path))
						.sort()
						.map(name => (path === '' ? name : `${path}/${name}`))
						.filter(name => name !== '.git'),
				);
			else if (entries.size >= filesAtMost) return {entries, isWhole: false};
			else entries.set(path, await entryAt(join(root, path), expected.get(path)));
		} catch {
			entries.set(path, 'unread');
			isWhole = false;
		}
	}
	return {entries, isWhole};
};

/** Paths at which the two are not the same. */
export const differing = (one: Entries, other: Entries): readonly string[] =>
	[...new Set([...one.keys(), ...other.keys()])]
		.filter(path => one.get(path) !== other.get(path) || one.get(path) === 'unread')
		.sort();
