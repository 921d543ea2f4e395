/** Small files that are whole or not there, also after a crash. Synchronous: they are written inside of short exclusive sections. */
import {closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync} from 'node:fs';
import {dirname} from 'node:path';

/** A rename or a new file is on the disk only when its folder is. Some file systems refuse: then it is as durable as they make it. */
export const syncDirectory = (directory: string): void => {
	let file: number | undefined;
	try {
		file = openSync(directory, 'r');
		fsyncSync(file);
	} catch {
		// Windows and some network file systems do not sync folders.
	} finally {
		if (file !== undefined) closeSync(file);
	}
};

/** Creates what is missing, for the owner alone. */
export const makeDirectory = (directory: string): void => {
	const first = mkdirSync(directory, {recursive: true, mode: 0o700});
	if (first !== undefined) syncDirectory(dirname(first));
};

let counter = 0;

/** Replaces the file by rename; throws what the disk says. Mode 0600. */
export const writeWhole = (path: string, text: string): void => {
	const temporary = `${path}.${process.pid}.${counter++}`;
	const file = openSync(temporary, 'wx', 0o600);
	try {
		const bytes = Buffer.from(text);
		for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
		fsyncSync(file);
		closeSync(file);
	} catch (error) {
		closeSync(file);
		rmSync(temporary, {force: true});
		throw error;
	}
	renameSync(temporary, path);
	syncDirectory(dirname(path));
};

/** The text; null: there is no such file. Throws when it is there and cannot be read. */
export const readWhole = (path: string): string | null => {
	try {
		return readFileSync(path, 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
		throw error;
	}
};

/** The value; null: there is no such file, or it is not a JSON object. */
export const readJson = (path: string): Record<string, unknown> | null => {
	const text = readWhole(path);
	if (text === null) return null;
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === 'object' && value !== null && !Array.isArray(value)
			? (value as Record<string, unknown>)
			: null;
	} catch {
		return null;
	}
};
