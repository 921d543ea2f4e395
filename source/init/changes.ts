/** What would happen to each file of a proposal. */
import type {Looked} from './disk.ts';
import type {Manifest} from './manifest.ts';
import type {FileGroup, GeneratedFile} from './model.ts';

/**
`create` it is not there · `same` nothing to do · `update` ours, as we wrote it · `edited` ours, changed by a person since ·
`yours` there to be filled in, and filled in · `deleted` ours, removed by a person since · `foreign` not ours · `blocked` cannot be
written at all.
*/
export type ChangeKind = 'create' | 'same' | 'update' | 'edited' | 'yours' | 'deleted' | 'foreign' | 'blocked';

export type Change = {
	path: string;
	group: FileGroup;
	/** What the file is for. */
	why: string;
	kind: ChangeKind;
	/** Why it is not written without being named; null: it is. */
	because: string | null;
	content: string;
	/** The mode that it will have. */
	mode: number;
	/** What lies there now. */
	now: {bytes: Buffer; hash: string; mode: number} | null;
};

/** These are written because somebody named them, never because of `--yes`. */
export const needsNaming = ({kind}: Pick<Change, 'kind'>): boolean => kind === 'edited' || kind === 'deleted' || kind === 'foreign';
export const isWritable = ({kind}: Pick<Change, 'kind'>): boolean => kind !== 'same' && kind !== 'yours' && kind !== 'blocked';

const executable = 0o111;
const reasons: Readonly<Partial<Record<ChangeKind, string>>> = {
	edited: 'edited since deployctl wrote it',
	deleted: 'removed since deployctl wrote it',
	foreign: 'it was there before deployctl',
};

export const changeOf = (file: GeneratedFile, looked: Looked, {files}: Manifest): Change => {
	const {path, group, why, content, mode} = file;
	const entry = files[path];
	const change = (kind: ChangeKind, because: string | null = reasons[kind] ?? null): Change => ({path, group, why, kind, because, content, mode, now: null});
	if (looked.kind === 'blocked') return change('blocked', looked.because);
	if (looked.kind === 'absent') return change(entry === undefined ? 'create' : 'deleted');
	// Whoever may read a script may run it; what else the person has set stays.
	const wanted = (mode & executable) === 0 ? looked.mode : looked.mode | 0o100 | ((looked.mode & 0o044) >> 2);
	const isSame = looked.bytes.equals(Buffer.from(content)) && wanted === looked.mode;
	const changed = file.isToFillIn ? 'yours' : entry === undefined ? 'foreign' : 'edited';
	const kind = isSame ? 'same' : looked.hash === entry?.wrote ? 'update' : changed;
	return {...change(kind), mode: wanted, now: {bytes: looked.bytes, hash: looked.hash, mode: looked.mode}};
};
