/** Files of what is known, which nobody misses: one that is cut, damaged, too large, or of another format is none. */
import {lstat, mkdir, readFile, rename, writeFile} from 'node:fs/promises';
import {dirname} from 'node:path';

/** FNV-1a over UTF-16 units: tells a cut or damaged file from a whole one, nothing more. */
const checksum = (text: string): string => {
	let hash = 0x81_1c_9d_c5;
	for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01_00_01_93);
	return (hash >>> 0).toString(16).padStart(8, '0');
};

/**
The body that was written there; null: missing, unreadable, no plain file, damaged.
@param format what the first line begins with
@param largest bytes; a larger file was not written by us
*/
export const readChecked = async (path: string, format: string, largest: number): Promise<string | null> => {
	try {
		const found = await lstat(path);
		if (!found.isFile() || found.size > largest) return null;
		const text = await readFile(path, 'utf8');
		const newline = text.indexOf('\n');
		const body = text.slice(newline + 1);
		return newline === -1 || text.slice(0, newline) !== `${format} ${checksum(body)}` ? null : body;
	} catch {
		return null;
	}
};

/** Replaces the file as a whole, for its owner alone. @throws when it cannot be written */
export const writeChecked = async (path: string, format: string, body: string): Promise<void> => {
	await mkdir(dirname(path), {recursive: true, mode: 0o700});
	const temporary = `${path}.${process.pid}`;
	await writeFile(temporary, `${format} ${checksum(body)}\n${body}`, {mode: 0o600});
	await rename(temporary, path);
};
