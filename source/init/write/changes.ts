/** What would happen to each file of a proposal. */
import {hashOf, type Looked} from '../files/disk.ts';
import type {Manifest} from './manifest.ts';
import type {FileGroup, GeneratedFile} from '../model.ts';

/**
`create` it is not there · `same` nothing to do · `update` ours, as we wrote it · `edited` ours, changed by a person since · `held` ours, but
the file that names its digest is not written · `yours` there to be filled in, and filled in · `deleted` ours, removed by a person since · `foreign` not ours · `blocked` cannot be
written at all.
*/
export type ChangeKind = 'create' | 'same' | 'update' | 'edited' | 'held' | 'yours' | 'deleted' | 'foreign' | 'blocked';

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
	/** As in `GeneratedFile`. */
	namedIn?: string;
	/** What lies there now. */
	now: {bytes: Buffer; hash: string; mode: number} | null;
};

/** These are written because somebody named them, never because of `--yes`. */
export const needsNaming = ({kind}: Pick<Change, 'kind'>): boolean =>
	kind === 'edited' || kind === 'held' || kind === 'deleted' || kind === 'foreign';
export const isWritable = ({kind}: Pick<Change, 'kind'>): boolean =>
	kind !== 'same' && kind !== 'yours' && kind !== 'blocked';

const isWrittenFor = (change: Change, named: ReadonlySet<string>): boolean =>
	isWritable(change) && (!needsNaming(change) || named.has(change.path));

const executable = 0o111;
const reasons: Readonly<Partial<Record<ChangeKind, string>>> = {
	edited: 'edited since deployctl wrote it',
	deleted: 'removed since deployctl wrote it',
	foreign: 'it was there before deployctl',
};

export const changeOf = (file: GeneratedFile, looked: Looked, {files}: Manifest): Change => {
	const {path, group, why, content, mode} = file;
	const entry = files[path];
	const change = (kind: ChangeKind, because: string | null = reasons[kind] ?? null): Change => ({
		path,
		group,
		why,
		kind,
		because,
		content,
		mode,
		now: null,
		...(file.namedIn !== undefined && {namedIn: file.namedIn}),
	});
	if (looked.kind === 'blocked') return change('blocked', looked.because);
	if (looked.kind === 'absent') return change(entry === undefined ? 'create' : 'deleted');
	// Whoever may read a script may run it; what else the person has set stays.
	const wanted = (mode & executable) === 0 ? looked.mode : looked.mode | 0o100 | ((looked.mode & 0o044) >> 2);
	const isSame = looked.bytes.equals(Buffer.from(content)) && wanted === looked.mode;
	const changed = file.isToFillIn ? 'yours' : entry === undefined ? 'foreign' : 'edited';
	const kind = isSame ? 'same' : looked.hash === entry?.wrote ? 'update' : changed;
	return {...change(kind), mode: wanted, now: {bytes: looked.bytes, hash: looked.hash, mode: looked.mode}};
};

/** A file that is started by its digest stays as it is where the one that names that digest does: else nothing would be started. */
export const holding = (changes: readonly Change[], named: ReadonlySet<string>): readonly Change[] =>
	changes.map(change => {
		const by = changes.find(({path}) => path === change.namedIn);
		if (change.kind !== 'update' || by === undefined || isWrittenFor(by, named)) return change;
		const text = by.now?.bytes.toString('utf8') ?? '';
		// Somebody may have brought the digest up to date by hand.
		if (!text.includes(change.now!.hash) || text.includes(hashOf(change.content))) return change;
		return {
			...change,
			kind: 'held',
			because: `${by.path} was edited and names the digest of the one that is there: overwrite both, or write ${hashOf(change.content)} into it`,
		};
	});
