/** The few things that this room asks of a file system; tests have their own. */
import {readFile, stat} from 'node:fs/promises';

export type Files = {
	/** The bytes of a file; null when there is none. Rejects for what cannot be read (permissions, a folder). */
	read(path: string): Promise<Uint8Array | null>;
	/** null: nothing is there, or it may not be seen. */
	kind(path: string): Promise<'file' | 'folder' | null>;
};

const isAbsence = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

export const realFiles: Files = {
	async read(path) {
		try {
			return await readFile(path);
		} catch (error) {
			if (isAbsence(error)) {
				return null;
			}

			throw error;
		}
	},
	async kind(path) {
		try {
			const found = await stat(path);
			return found.isDirectory() ? 'folder' : 'file';
		} catch {
			return null;
		}
	},
};
