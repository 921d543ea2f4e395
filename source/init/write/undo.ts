/** The way back: what init wrote is taken away, and what was there before is there again. What a person edited since stays, unless named. */
import {
	commitStaged,
	diskFailure,
	foldersOf,
	isThere,
	lookAt,
	makeFolder,
	remove,
	removeFolder,
	stage,
	stagedName,
} from '../files/disk.ts';
import {backupFolder, backupOf, prune, writeManifest, type Entry, type Manifest} from './manifest.ts';

/** `remove` what init made · `restore` what it replaced · `kept` why it stays as it is · `gone` is as it was already. */
export type Undoing = {path: string; entry: Entry} & (
	| {kind: 'remove' | 'gone'}
	| {kind: 'restore'; bytes: Buffer; mode: number}
	| {kind: 'kept'; because: string; /** Naming it makes init undo it all the same. */ canBeNamed: boolean}
);

const undoingOf = (root: string, path: string, entry: Entry, isNamed: boolean): Undoing => {
	const kept = (because: string, canBeNamed = false): Undoing => ({path, entry, kind: 'kept', because, canBeNamed});
	const looked = lookAt(root, path);
	if (looked.kind === 'blocked') return kept(looked.because);
	const now = looked.kind === 'file' ? looked.hash : null;
	if (now === (entry.before?.hash ?? null)) return {path, entry, kind: 'gone'};
	if (now !== null && now !== entry.wrote && !isNamed) return kept('edited since deployctl wrote it', true);
	if (entry.before === null) return {path, entry, kind: 'remove'};
	const bytes = backupOf(root, entry.before);
	return bytes === null
		? kept(`what was there before is not in ${backupFolder} any more`)
		: {path, entry, kind: 'restore', bytes, mode: entry.before.mode};
};

/** `named`: paths that go although somebody edited them. */
export const planUndo = (root: string, {files}: Manifest, named: ReadonlySet<string>): Undoing[] =>
	Object.entries(files).map(([path, entry]) => undoingOf(root, path, entry, named.has(path)));

/** Throws a `Failure`; then nothing was changed, or running it again finishes it. */
export const applyUndo = (root: string, manifest: Manifest, plan: readonly Undoing[]): void => {
	const acting = plan.filter(one => one.kind === 'remove' || one.kind === 'restore');
	const kept = plan.filter(one => one.kind === 'kept');
	let isBegun = false;
	try {
		if (acting.length > 0)
			writeManifest(root, {...manifest, intent: {kind: 'undo', paths: acting.map(({path}) => path)}});
		for (const one of acting) {
			if (one.kind !== 'restore') continue;
			for (const folder of foldersOf(one.path)) if (!isThere(root, folder)) makeFolder(root, folder);
			stage(root, one.path, one.bytes, one.mode, true);
		}
		isBegun = true;
		for (const one of acting) {
			if (one.kind === 'restore') commitStaged(root, one.path);
			else remove(root, one.path);
		}
		for (const folder of manifest.folders.toSorted().toReversed()) removeFolder(root, folder);
		const rest = {
			...manifest,
			files: Object.fromEntries(kept.map(({path, entry}) => [path, entry])),
			folders: manifest.folders.filter(folder => isThere(root, folder)),
			intent: null,
		};
		if (kept.length > 0) writeManifest(root, rest);
		prune(root, rest);
	} catch (error) {
		if (!isBegun) {
			try {
				for (const {path} of acting) if (isThere(root, stagedName(path))) remove(root, stagedName(path));
				writeManifest(root, manifest);
			} catch {
				// The intent stays: whoever comes next judges by what lies there.
			}
		}
		throw diskFailure(
			error,
			isBegun ? 'some files are back already: run deployctl init --undo again' : 'nothing was changed',
		);
	}
};
