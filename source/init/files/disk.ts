/** Files of somebody's repository: looked at without following links, replaced as a whole or not at all. Paths are relative to the root, with `/`. */
import {createHash} from 'node:crypto';
import {
	closeSync,
	fchmodSync,
	fsyncSync,
	lstatSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmdirSync,
	rmSync,
	writeSync,
} from 'node:fs';
import {dirname, join} from 'node:path';
import {exitCodes, Failure} from '../../errors.ts';

export type Looked =
	| {kind: 'absent'}
	| {kind: 'file'; bytes: Buffer; hash: string; mode: number}
	/** Something is in the way that init does not touch. */
	| {kind: 'blocked'; because: string};

export const hashOf = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

const statAt = (path: string) => {
	try {
		return lstatSync(path);
	} catch (error) {
		if (codeOf(error) === 'ENOENT') return null;
		throw error;
	}
};

/** A path of ours never leaves the repository, nor touches git's own files. Anything else is a bug, not a matter of the disk. */
const partsOf = (path: string): string[] => {
	const parts = path.split('/');
	if (
		parts.some(
			part => part === '' || part === '.' || part === '..' || part.includes('\0') || part.includes('\\'),
		) ||
		parts[0]!.toLowerCase() === '.git'
	)
		throw new Error(`a path outside of the repository: ${path}`);
	return parts;
};

export const foldersOf = (path: string): string[] =>
	partsOf(path)
		.slice(0, -1)
		.map((_, index, all) => all.slice(0, index + 1).join('/'));

/** Nothing that init writes is as large. Bytes. */
const fileAtMost = 16 * 1024 * 1024;

export const lookAt = (root: string, path: string): Looked => {
	try {
		for (const folder of foldersOf(path)) {
			const found = statAt(join(root, folder));
			if (found === null) return {kind: 'absent'};
			if (found.isSymbolicLink())
				return {kind: 'blocked', because: `${folder} is a symbolic link, and init follows none`};
			if (!found.isDirectory()) return {kind: 'blocked', because: `${folder} is not a folder`};
		}
		const found = statAt(join(root, path));
		if (found === null) return {kind: 'absent'};
		if (found.isSymbolicLink()) return {kind: 'blocked', because: 'it is a symbolic link, and init follows none'};
		if (!found.isFile())
			return {
				kind: 'blocked',
				because: found.isDirectory() ? 'a folder has that name' : 'it is not a regular file',
			};
		if (found.size > fileAtMost)
			return {kind: 'blocked', because: `it has more than ${fileAtMost / 1024 / 1024} MB`};
		const bytes = readFileSync(join(root, path));
		return {kind: 'file', bytes, hash: hashOf(bytes), mode: found.mode & 0o7777};
	} catch (error) {
		if (['EACCES', 'EPERM', 'EIO', 'ELOOP', 'ENOTDIR'].includes(codeOf(error)))
			return {kind: 'blocked', because: `it cannot be looked at (${codeOf(error)})`};
		throw error;
	}
};

/** Null for what is not there. */
export const hashAt = (root: string, path: string): string | null => {
	const looked = lookAt(root, path);
	return looked.kind === 'file' ? looked.hash : looked.kind === 'absent' ? null : 'blocked';
};

const syncFolder = (folder: string): void => {
	let file: number | undefined;
	try {
		file = openSync(folder, 'r');
		fsyncSync(file);
	} catch {
		// Windows and some network file systems do not sync folders.
	} finally {
		if (file !== undefined) closeSync(file);
	}
};

/** Beside its target, so that the rename stays on one file system; a fixed name, so that what a killed init left is found. */
export const stagedName = (path: string): string => {
	const parts = path.split('/');
	return [...parts.slice(0, -1), `.${parts.at(-1)!}.deployctl-new`].join('/');
};

/** Writes the new content beside its target. `exact`: the very mode, else what the person's umask leaves of it. */
export const stage = (root: string, path: string, bytes: string | Uint8Array, mode: number, exact: boolean): void => {
	const staged = join(root, stagedName(path));
	rmSync(staged, {force: true});
	const file = openSync(staged, 'wx', mode & 0o777);
	try {
		const all = Buffer.from(bytes as Uint8Array);
		for (let written = 0; written < all.length;) written += writeSync(file, all, written);
		if (exact) fchmodSync(file, mode);
		fsyncSync(file);
	} finally {
		closeSync(file);
	}
};

export const commitStaged = (root: string, path: string): void => {
	renameSync(join(root, stagedName(path)), join(root, path));
	syncFolder(dirname(join(root, path)));
};

export const replace = (root: string, path: string, bytes: string | Uint8Array, mode: number): void => {
	stage(root, path, bytes, mode, false);
	commitStaged(root, path);
};

export const remove = (root: string, path: string): void => {
	rmSync(join(root, path), {force: true});
	syncFolder(dirname(join(root, path)));
};

export const makeFolder = (root: string, path: string): void => {
	mkdirSync(join(root, path), {recursive: true});
	syncFolder(dirname(join(root, path)));
};

/** Leaves a folder that is not empty, or not there. */
export const removeFolder = (root: string, path: string): void => {
	try {
		rmdirSync(join(root, path));
	} catch (error) {
		if (!['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR'].includes(codeOf(error))) throw error;
	}
};

export const isThere = (root: string, path: string): boolean => statAt(join(root, path)) !== null;

export const namesIn = (root: string, folder: string): string[] =>
	isThere(root, folder) ? readdirSync(join(root, folder)) : [];

const problems: Readonly<Record<string, readonly [what: string, next: string]>> = {
	ENOSPC: ['the disk is full', 'make room, then run it again'],
	EDQUOT: ['your quota on this disk is used up', 'make room, then run it again'],
	EROFS: ['the disk is read-only', 'run it where you may write'],
	EACCES: ['you may not write there', 'look at the owner and the mode of the folder'],
	EPERM: ['you may not write there', 'look at the owner and the mode of the folder'],
};

/** What the disk said, for people; `state`: what is so now. */
export const diskFailure = (error: unknown, state: string): unknown => {
	const problem = problems[codeOf(error)];
	if (error instanceof Failure || codeOf(error) === '') return error;
	const {path} = error as NodeJS.ErrnoException;
	return new Failure(
		`It could not be written: ${problem?.[0] ?? codeOf(error)}${path === undefined ? '' : ` (${path})`}`,
		{because: state, next: problem?.[1] ?? 'run it again', exitCode: exitCodes.failed, cause: error},
	);
};
