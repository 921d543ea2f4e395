/** The files of the record: their names, what is too old or too much, and packing what nobody writes any more. */
import {createReadStream, createWriteStream} from 'node:fs';
import {mkdir, open, readdir, rename, rm, stat, utimes} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import {createGzip} from 'node:zlib';

export type RecordFile = {
	path: string;
	name: string;
	/** When it was begun, wall time. */ beganAt: number;
	isPacked: boolean;
	bytes: number;
	changedAt: number;
};

/** Bounds of one repository's record. `packAfterMs`: so long after its last line a file is nobody's any more. */
export type RecordLimits = {keepMs: number; keepBytes: number; packAfterMs: number};
export const recordLimits: RecordLimits = {
	keepMs: 14 * 86_400_000,
	keepBytes: 200 * 1024 * 1024,
	packAfterMs: 3_600_000,
};

/** Beside the journal of the repository. */
export const recordDirectory = (stateDirectory: string): string => join(stateDirectory, 'record');

const pattern = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[\w-]{1,80}\.jsonl(\.gz)?$/;

/** Sorts by time; two programs never have the same. `session`: process and chance. */
export const recordFileName = (beganAt: number, session: string): string =>
	`${new Date(beganAt).toISOString().replaceAll(/[-:.]/g, '')}-${session}.jsonl`;

const described = async (directory: string, name: string): Promise<RecordFile | null> => {
	const match = pattern.exec(name);
	if (match === null) return null;
	const path = join(directory, name);
	try {
		const {size, mtimeMs} = await stat(path);
		const [, year, month, day, hour, minute, second, milli] = match;
		return {
			path,
			name,
			beganAt: Date.UTC(
				Number(year),
				Number(month) - 1,
				Number(day),
				Number(hour),
				Number(minute),
				Number(second),
				Number(milli),
			),
			isPacked: match[8] !== undefined,
			bytes: size,
			changedAt: mtimeMs,
		};
	} catch {
		// Packed or removed by another program meanwhile.
		return null;
	}
};

/** Oldest first. No folder: nothing is recorded. A packed file stands for its unpacked one. */
export const recordFiles = async (directory: string): Promise<readonly RecordFile[]> => {
	let names: string[];
	try {
		names = await readdir(directory);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
		throw error;
	}
	const packed = new Set(names);
	const found = await Promise.all(
		names.filter(name => !packed.has(`${name}.gz`)).map(name => described(directory, name)),
	);
	return found.filter(file => file !== null).sort((one, other) => (one.name < other.name ? -1 : 1));
};

export const makeRecordDirectory = async (directory: string): Promise<void> => {
	await mkdir(directory, {recursive: true, mode: 0o700});
};

/** To a `.gz` beside it, which takes its place; a crash in between loses nothing. */
export const pack = async (path: string): Promise<void> => {
	const temporary = `${path}.${process.pid}.tmp`;
	try {
		const {mtime} = await stat(path);
		await pipeline(createReadStream(path), createGzip({level: 6}), createWriteStream(temporary, {mode: 0o600}));
		const file = await open(temporary, 'r');
		await file.sync();
		await file.close();
		// How old it is goes by its last line, not by when it was packed.
		await utimes(temporary, mtime, mtime);
		await rename(temporary, `${path}.gz`);
		await rm(path, {force: true});
	} catch (error) {
		await rm(temporary, {force: true});
		throw error;
	}
};

/** Packs what is over and removes what is too old or too much, the oldest first; never the file that is written now. */
export const tidy = async (
	directory: string,
	now: number,
	mine: string | null,
	{keepMs, keepBytes, packAfterMs}: RecordLimits,
): Promise<void> => {
	const others = (await recordFiles(directory)).filter(
		({path}) => mine === null || basename(path) !== basename(mine),
	);
	let bytes = 0;
	for (const {path, changedAt, bytes: size} of others.toReversed()) {
		bytes += size;
		if (now - changedAt > keepMs || bytes > keepBytes) await rm(path, {force: true});
	}
	for (const {path, isPacked, changedAt} of await recordFiles(directory)) {
		if (!isPacked && path !== mine && now - changedAt > packAfterMs) await pack(path);
	}
	for (const name of await readdir(directory)) {
		// What a crash left while packing.
		if (name.endsWith('.tmp') && now - (await stat(join(directory, name))).mtimeMs > packAfterMs)
			await rm(join(directory, name), {force: true});
	}
};
