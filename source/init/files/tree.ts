/** The files of a repository, as far as `init` looks: bounded, without following links, and never beyond what may be read. */
import {readdir, readFile, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {sanitise} from '../../core/text/sanitise.ts';

export type Tree = {
	root: string;
	/** Relative to the root, with slashes; the shallow ones first. */
	files: readonly string[];
	has(path: string): boolean;
	/** null: not there, not readable, or too large; the last two are problems. */
	read(path: string): Promise<string | null>;
	/** Executable by somebody. */
	isExecutable(path: string): Promise<boolean>;
	/** Grows while reading. */
	problems: string[];
};

/** Far more than a repository's own files; what lies deeper or beyond is no manifest. */
export const limits = {files: 20_000, folders: 4000, depth: 8, bytes: 1024 * 1024} as const;

/** Written by others, or by a build. */
const skipped = new Set([
	'node_modules',
	'.git',
	'vendor',
	'dist',
	'build',
	'out',
	'target',
	'coverage',
	'bower_components',
	'.venv',
	'venv',
	'__pycache__',
	'.tox',
	'.next',
	'.nuxt',
	'.cache',
	'.turbo',
	'.gradle',
	'.pnpm-store',
	'Pods',
]);

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown reason';

export const openTree = async (root: string): Promise<Tree> => {
	const problems: string[] = [];
	const files: string[] = [];
	const known = new Set<string>();
	let level = [''];
	let folders = 0;
	for (let depth = 0; level.length > 0 && depth < limits.depth; depth++) {
		const next: string[] = [];
		for (const folder of level) {
			if (files.length >= limits.files || folders >= limits.folders) break;
			folders += 1;
			try {
				// Links are neither file nor folder here: what they lead to is seen where it lies, or is none of ours.
				for (const entry of (await readdir(join(root, folder), {withFileTypes: true})).toSorted((a, b) =>
					a.name < b.name ? -1 : 1,
				)) {
					const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
					if (entry.isDirectory() && !skipped.has(entry.name)) next.push(path);
					else if (entry.isFile() && files.length < limits.files) files.push(path);
				}
			} catch (error) {
				problems.push(`${sanitise(folder, 200) || 'The folder'} could not be read: ${codeOf(error)}`);
			}
		}
		level = next;
	}
	if (files.length >= limits.files || folders >= limits.folders)
		problems.push(
			`Only the first ${files.length} files were looked at: there are more than ${limits.files} files or ${limits.folders} folders`,
		);
	for (const file of files) known.add(file);
	return {
		root,
		files,
		problems,
		has: path => known.has(path),
		async read(path) {
			if (!known.has(path)) return null;
			try {
				const {size} = await stat(join(root, path));
				if (size <= limits.bytes) return (await readFile(join(root, path), 'utf8')).replace(/^\uFEFF/, '');
				problems.push(`${sanitise(path, 200)} was not read: it has more than ${limits.bytes / 1024} kB`);
			} catch (error) {
				problems.push(`${sanitise(path, 200)} could not be read: ${codeOf(error)}`);
			}
			return null;
		},
		async isExecutable(path) {
			try {
				return ((await stat(join(root, path))).mode & 0o111) !== 0;
			} catch {
				return false;
			}
		},
	};
};

/** `.` for the root itself. */
export const folderOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.');
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
export const within = (folder: string, path: string): string => (folder === '.' ? path : `${folder}/${path}`);
export const isWithin = (folder: string, path: string): boolean =>
	folder === '.' || path === folder || path.startsWith(`${folder}/`);
/** What may stand in a workflow as it is: no blank, no quote, nothing that a shell or GitHub reads. */
export const isPlainPath = (path: string): boolean =>
	path === '.' || /^(?!-)[\w@.+-]+(?:\/(?!-)[\w@.+-]+)*$/.test(path);

/** Folders of samples: their manifests are not the repository's own. */
const samples = /(?:^|\/)(?:examples?|samples?|fixtures?|__fixtures__|templates?|testdata|demos?)(?:\/|$)/;

/** Files of these names, at most so many folders deep, without samples. */
export const manifests = (tree: Tree, names: readonly string[], depth: number): readonly string[] =>
	tree.files.filter(
		file => names.includes(nameOf(file)) && file.split('/').length <= depth + 1 && !samples.test(folderOf(file)),
	);

/** The nearest of these files at or above a folder. */
export const nearest = (tree: Tree, folder: string, names: readonly string[]): string | null => {
	for (let at = folder; ; at = folderOf(at)) {
		const found = names.map(name => within(at, name)).find(path => tree.has(path));
		if (found !== undefined) return found;
		if (at === '.') return null;
	}
};

/** A version as it may stand in a workflow, between quotes; null: not one. */
export const versionFrom = (text: string | null | undefined): string | null => {
	const version = text?.trim().split('\n')[0]?.trim() ?? '';
	return /^(?:[\dvx][\w.*-]{0,30}|[<>=^~]{1,2} ?\d[\w.* <>=|-]{0,40}|lts\/[\w*-]{1,20})$/.test(version)
		? version
		: null;
};
