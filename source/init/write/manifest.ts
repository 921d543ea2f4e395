/**
What init wrote, and what was there before: `.deployctl/init.json`, with the files from before under `.deployctl/init/`, each named by
the hash of its content. It says what is about to be written before it is, so that a killed init can be repeated or undone.
*/
import {exitCodes, Failure} from '../../errors.ts';
import {
	hashAt,
	hashOf,
	isThere,
	lookAt,
	makeFolder,
	namesIn,
	remove,
	removeFolder,
	replace,
	stagedName,
} from '../files/disk.ts';
import type {Answers} from '../model.ts';

export const manifestPath = '.deployctl/init.json';
export const backupFolder = '.deployctl/init';

export type Before = {hash: string; mode: number};
/** `before`: the last content that was not ours; null: there was none. */
export type Entry = {wrote: string; before: Before | null};
type Files = Readonly<Record<string, Entry>>;
export type Intent =
	| {kind: 'write'; files: Files; folders: readonly string[]}
	| {kind: 'undo'; paths: readonly string[]};
/** What was answered: the next init asks for the same. */
export type Remembered = Partial<Pick<Answers, 'staging' | 'production' | 'shards' | 'existing'>>;
/** `folders`: those that init made, outermost first. */
export type Manifest = {files: Files; folders: readonly string[]; answers: Remembered; intent: Intent | null};

export const noManifest: Manifest = {files: {}, folders: [], answers: {}, intent: null};
export const backupPath = (hash: string): string => `${backupFolder}/${hash}`;

const isHash = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const isPath = (path: unknown): path is string =>
	typeof path === 'string' &&
	path !== '' &&
	!path.split('/').some(part => part === '' || part === '.' || part === '..') &&
	!path.startsWith('.git/') &&
	!path.startsWith('.deployctl/') &&
	!/[\0\\]/.test(path);
const paths = (value: unknown): readonly string[] =>
	Array.isArray(value) && value.every(one => isPath(one)) ? value : unreadable();

const unreadable = (): never => {
	throw new Failure(`${manifestPath} cannot be understood`, {
		because: 'it is damaged, or of a newer deployctl',
		next: `git checkout ${manifestPath}; or remove it: then init knows none of its files as its own`,
		exitCode: exitCodes.usage,
	});
};

const beforeIn = (value: unknown): Before | null =>
	value === null
		? null
		: isRecord(value) && isHash(value['hash']) && Number.isInteger(value['mode'])
			? {hash: value['hash'], mode: Number(value['mode']) & 0o777}
			: unreadable();
const filesIn = (value: unknown): Files =>
	isRecord(value)
		? Object.fromEntries(
				Object.entries(value).map(([path, entry]) => [
					isPath(path) ? path : unreadable(),
					isRecord(entry) && isHash(entry['wrote'])
						? {wrote: entry['wrote'], before: beforeIn(entry['before'])}
						: unreadable(),
				]),
			)
		: unreadable();
/** As git allows it, without what a shell, YAML or a workflow would read. */
export const isBranch = (text: unknown): text is string =>
	typeof text === 'string' &&
	/^(?![-./])[\w./+@-]{1,200}$/.test(text) &&
	!text.includes('..') &&
	!text.includes('//') &&
	!/(?:\/|\.|\.lock)$/.test(text);
export const mostShards = 64;
export const isShards = (value: unknown): value is number =>
	Number.isInteger(value) && Number(value) >= 1 && Number(value) <= mostShards;
const answersIn = (value: unknown): Remembered => {
	if (!isRecord(value)) return {};
	const {staging, production, shards, existing} = value;
	return {
		...(isBranch(staging) ? {staging} : {}),
		...(isBranch(production) ? {production} : {}),
		...(isShards(shards) ? {shards} : {}),
		...(existing === 'map' || existing === 'replace' ? {existing} : {}),
	};
};
const intentIn = (value: unknown): Intent | null => {
	if (value === null) return null;
	if (!isRecord(value)) return unreadable();
	return value['kind'] === 'undo'
		? {kind: 'undo', paths: paths(value['paths'])}
		: value['kind'] === 'write'
			? {kind: 'write', files: filesIn(value['files']), folders: paths(value['folders'])}
			: unreadable();
};

/** Throws a `Failure` (usage) for a file that is none of ours: it comes with the repository, and may say anything. */
export const parseManifest = (text: string): Manifest => {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return unreadable();
	}
	if (!isRecord(value) || value['version'] !== 1) return unreadable();
	return {
		files: filesIn(value['files']),
		folders: paths(value['folders']),
		answers: answersIn(value['answers']),
		intent: intentIn(value['intent']),
	};
};

/** As it is, an interrupted init or undo included. */
export const readManifest = (root: string): Manifest | null => {
	// Its folders could be links into another part of the disk.
	const inner = lookAt(root, backupPath('any'));
	const looked = inner.kind === 'blocked' ? inner : lookAt(root, manifestPath);
	if (looked.kind === 'blocked')
		throw new Failure(`${manifestPath} cannot be used`, {because: looked.because, exitCode: exitCodes.usage});
	return looked.kind === 'absent' ? null : parseManifest(looked.bytes.toString('utf8'));
};

const sorted = <Value>(record: Readonly<Record<string, Value>>) =>
	Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

export const writeManifest = (root: string, {files, folders, answers, intent}: Manifest): void => {
	makeFolder(root, '.deployctl');
	replace(
		root,
		manifestPath,
		`${JSON.stringify({version: 1, files: sorted(files), folders, answers, intent}, undefined, '\t')}\n`,
		0o644,
	);
};

/** Once for each content. */
export const keepBackup = (root: string, bytes: Uint8Array): void => {
	const path = backupPath(hashOf(bytes));
	if (hashAt(root, path) === hashOf(bytes)) return;
	makeFolder(root, backupFolder);
	replace(root, path, bytes, 0o644);
};

/** The content from before; null: the backup is gone, or is not what it was. */
export const backupOf = (root: string, {hash}: Before): Buffer | null => {
	const looked = lookAt(root, backupPath(hash));
	return looked.kind === 'file' && looked.hash === hash ? looked.bytes : null;
};

const ours = /^(?:[0-9a-f]{64}|\.[0-9a-f]{64}\.deployctl-new)$/;

/** Leaves of our own folder what the manifest needs. Without any file in it, nothing; the manifest goes last, so that a killed undo is still known. */
export const prune = (root: string, {files}: Manifest): void => {
	const needed = new Set(Object.values(files).flatMap(({before}) => (before === null ? [] : [before.hash])));
	for (const name of namesIn(root, backupFolder))
		if (ours.test(name) && !needed.has(name)) remove(root, `${backupFolder}/${name}`);
	if (isThere(root, backupFolder)) removeFolder(root, backupFolder);
	if (Object.keys(files).length > 0) return;
	for (const path of [stagedName(manifestPath), manifestPath]) if (isThere(root, path)) remove(root, path);
	if (isThere(root, '.deployctl')) removeFolder(root, '.deployctl');
};

const beforeHash = ({before}: Entry): string | null => before?.hash ?? null;

/** What came of an intent whose process is gone, judged by what lies there. */
export const settled = (manifest: Manifest, hashNow: (path: string) => string | null): Manifest => {
	const {intent, files, folders, answers} = manifest;
	if (intent === null) return manifest;
	if (intent.kind === 'undo')
		return {
			files: Object.fromEntries(
				Object.entries(files).filter(
					([path, entry]) => !intent.paths.includes(path) || hashNow(path) !== beforeHash(entry),
				),
			),
			folders,
			answers,
			intent: null,
		};
	const done = Object.entries(intent.files).filter(([path, entry]) => {
		const now = hashNow(path);
		// Neither ours nor what was there: written, and edited since. As ours it counts as edited, and is never lost.
		return now === entry.wrote || (now !== beforeHash(entry) && now !== files[path]?.wrote);
	});
	return {
		files: {...files, ...Object.fromEntries(done)},
		folders: [...new Set([...folders, ...intent.folders])],
		answers,
		intent: null,
	};
};

/** The manifest without an intent; with `mend` also on the disk, and without what a killed process left beside its targets. */
export const currentManifest = (root: string, mend: boolean): Manifest => {
	const found = readManifest(root);
	if (found?.intent == null) return found ?? noManifest;
	const manifest = settled(found, path => hashAt(root, path));
	if (mend) {
		for (const path of [
			...Object.keys(found.files),
			...(found.intent.kind === 'write' ? Object.keys(found.intent.files) : []),
		])
			if (isThere(root, stagedName(path)) && lookAt(root, stagedName(path)).kind === 'file')
				remove(root, stagedName(path));
		writeManifest(root, manifest);
	}
	return manifest;
};
