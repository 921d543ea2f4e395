/** Writes chosen changes: all of them, or none; and whenever it is killed, the next init or undo knows what was done. */
import {exitCodes, Failure} from '../../errors.ts';
import type {Change} from './changes.ts';
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
import {keepBackup, prune, writeManifest, type Entry, type Manifest} from './manifest.ts';

const hashNow = (root: string, path: string): string | null => {
	const looked = lookAt(root, path);
	if (looked.kind === 'blocked')
		throw new Failure(`${path} cannot be written`, {because: looked.because, exitCode: exitCodes.refused});
	return looked.kind === 'file' ? looked.hash : null;
};

/** What was confirmed is what is written: not over something that came in between. */
const refuseMoved = (root: string, changes: readonly Change[]): void => {
	const moved = changes.filter(({path, now}) => hashNow(root, path) !== (now?.hash ?? null)).map(({path}) => path);
	if (moved.length > 0)
		throw new Failure('Nothing was written', {
			because: `${moved.join(', ')} changed while it was shown`,
			next: 'run it again',
			exitCode: exitCodes.refused,
		});
};

/** What undo brings back: the last content that was not ours. Of a file that is ours still, or was removed, what was there before it. */
const beforeOf = ({kind, now, path}: Change, {files}: Manifest): Entry['before'] => {
	const known = files[path];
	if (known !== undefined && (kind === 'update' || kind === 'held' || kind === 'deleted')) return known.before;
	return now === null ? null : {hash: now.hash, mode: now.mode & 0o777};
};

type Writing = {
	root: string;
	changes: readonly Change[];
	manifest: Manifest;
	folders: readonly string[];
	/** The manifest on the disk says what was about to be written. */ isIntended: boolean;
};

const cleared = ({root, changes, manifest, folders, isIntended}: Writing): void => {
	for (const {path} of changes) if (isThere(root, stagedName(path))) remove(root, stagedName(path));
	for (const folder of folders.toReversed()) removeFolder(root, folder);
	if (isIntended && Object.keys(manifest.files).length > 0) writeManifest(root, manifest);
	prune(root, manifest);
};

/** Puts back what was there, as far as the disk lets us; what it does not, the intent in the manifest still tells. */
const takenBack = (writing: Writing, done: readonly Change[]): boolean => {
	const {root} = writing;
	try {
		for (const {path, now} of done) {
			if (now === null) {
				remove(root, path);
			} else {
				stage(root, path, now.bytes, now.mode, true);
				commitStaged(root, path);
			}
		}
		cleared(writing);
		return true;
	} catch {
		return false;
	}
};

/** Returns the manifest afterwards. Throws a `Failure`; then nothing was changed, or it says what to do. `hashOf` is that of the new content. */
export const applyChanges = (
	root: string,
	changes: readonly Change[],
	manifest: Manifest,
	hashOf: (content: string) => string,
): Manifest => {
	if (changes.length === 0) return manifest;
	refuseMoved(root, changes);
	const folders = [...new Set(changes.flatMap(({path}) => foldersOf(path)))]
		.filter(folder => !isThere(root, folder))
		.sort();
	const files = Object.fromEntries(
		changes.map(change => [change.path, {wrote: hashOf(change.content), before: beforeOf(change, manifest)}]),
	);
	const writing = {root, changes, manifest, folders, isIntended: false};
	const done: Change[] = [];
	try {
		writeManifest(root, {...manifest, intent: {kind: 'write', files, folders}});
		writing.isIntended = true;
		for (const {now, kind} of changes) if (now !== null && kind !== 'update') keepBackup(root, now.bytes);
		for (const folder of folders) makeFolder(root, folder);
		for (const {path, content, mode, now} of changes) stage(root, path, content, mode, now !== null);
		for (const change of changes) {
			commitStaged(root, change.path);
			done.push(change);
		}
		const after = {
			...manifest,
			files: {...manifest.files, ...files},
			folders: [...new Set([...manifest.folders, ...folders])],
			intent: null,
		};
		writeManifest(root, after);
		prune(root, after);
		return after;
	} catch (error) {
		const isBack = takenBack(writing, done);
		throw diskFailure(
			error,
			isBack
				? 'nothing was changed'
				: 'some files may be written already: deployctl init --undo brings back what was there',
		);
	}
};
