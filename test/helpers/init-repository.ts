/** A folder of somebody's with some files, proposals made by hand, and init's parts put together as the command does. */
import {chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import type {TestContext} from 'node:test';
import {applyChanges} from '../../source/init/write/apply.ts';
import {changeOf, isWritable, needsNaming, type Change} from '../../source/init/write/changes.ts';
import {hashOf, lookAt} from '../../source/init/files/disk.ts';
import {currentManifest} from '../../source/init/write/manifest.ts';
import type {GeneratedFile} from '../../source/init/model.ts';
import {applyUndo, planUndo, type Undoing} from '../../source/init/write/undo.ts';

export type Tree = Readonly<Record<string, string>>;

export const write = (root: string, path: string, text: string, mode?: number): void => {
	mkdirSync(dirname(join(root, path)), {recursive: true});
	writeFileSync(join(root, path), text);
	if (mode !== undefined) chmodSync(join(root, path), mode);
};

export const temporaryFolder = (t: Pick<TestContext, 'after'>, files: Tree = {}): string => {
	const root = mkdtempSync(join(tmpdir(), 'deployctl-init-'));
	t.after(() => rmSync(root, {recursive: true, force: true}));
	for (const [path, text] of Object.entries(files)) write(root, path, text);
	return root;
};

/** Everything below it, empty folders too, with the modes; git's own files and ours only when asked for. */
export const treeOf = (root: string, {own = true} = {}): Record<string, string> => {
	const tree: Record<string, string> = {};
	for (const path of readdirSync(root, {recursive: true, encoding: 'utf8'}).sort()) {
		if (/^\.git(?:\/|$)/.test(path) || (!own && /^\.deployctl(?:\/|$)/.test(path))) continue;
		const found = lstatSync(join(root, path));
		const mode = (found.mode & 0o777).toString(8);
		tree[path] = found.isDirectory()
			? 'folder'
			: found.isSymbolicLink()
				? 'link'
				: `${mode} ${readFileSync(join(root, path), 'utf8')}`;
	}
	return tree;
};

export const generated = (path: string, content: string, mode: 0o644 | 0o755 = 0o644): GeneratedFile => ({
	path,
	content,
	mode,
	group: path.startsWith('.github/')
		? 'workflows'
		: path.startsWith('scripts/')
			? 'scripts'
			: path.startsWith('docs/')
				? 'docs'
				: 'config',
	why: 'for the test',
});

export const changesIn = (root: string, files: readonly GeneratedFile[]): Change[] => {
	const manifest = currentManifest(root, false);
	return files.map(file => changeOf(file, lookAt(root, file.path), manifest));
};

/** As `init --yes --overwrite NAMED` would. Returns what was written. */
export const initialise = (root: string, files: readonly GeneratedFile[], named: readonly string[] = []): string[] => {
	const manifest = currentManifest(root, true);
	const chosen = files
		.map(file => changeOf(file, lookAt(root, file.path), manifest))
		.filter(change => isWritable(change) && (!needsNaming(change) || named.includes(change.path)));
	applyChanges(root, chosen, manifest, hashOf);
	return chosen.map(({kind, path}) => `${kind} ${path}`);
};

export const undo = (root: string, named: readonly string[] = []): Undoing[] => {
	const manifest = currentManifest(root, true);
	const plan = planUndo(root, manifest, new Set(named));
	applyUndo(root, manifest, plan);
	return plan;
};
