/** The few things that this room asks of a file system; tests have their own. */
import {lstatSync} from 'node:fs';
import {stat} from 'node:fs/promises';
import {readBounded} from './bounded-read.ts';
import type {Environment} from '../hosts/endpoints.ts';
import {type Foreign, foreignAmong, isSafeDirectory, trustedUsers} from './ownership.ts';
import {realRun, type Run} from './run.ts';

export type Files = {
	/** The bytes of a file; null when there is none. Rejects for what cannot be read (permissions, a folder, a device, more than 8 MB). */
	read(path: string): Promise<Uint8Array | null>;
	/** null: nothing is there, or it may not be seen. */
	kind(path: string): Promise<'file' | 'folder' | null>;
	/** Whether something has that name, be it a link that leads nowhere. */
	isThere(path: string): boolean;
	/** The first of the paths that belongs to a user whom we do not trust; null: none. */
	foreign(paths: readonly string[]): Foreign | null;
	/** Whether git has been told to trust that folder, whoever it belongs to (`safe.directory`). */
	isSafe(folder: string): Promise<boolean>;
};

const isAbsence = (error: unknown): boolean =>
	['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

/** More than anybody writes by hand, and than git writes of itself. Bytes. */
const fileAtMost = 8 * 1024 * 1024;

/** `env`: who called us by sudo, and where git's own configuration is. `uid`: who we are; by default, who we really are. */
export const filesFor = (env: Environment, {uid, run = realRun}: {uid?: number; run?: Run} = {}): Files => {
	const users = trustedUsers(env, uid);
	return {
		async read(path) {
			try {
				return await readBounded(path, fileAtMost);
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
		isThere: path => {
			try {
				return lstatSync(path, {throwIfNoEntry: false}) !== undefined;
			} catch {
				return false;
			}
		},
		foreign: paths => foreignAmong(paths, users),
		isSafe: folder => isSafeDirectory(folder, env, run),
	};
};

/** Of a process that knows of no sudo and no git: trusts its own user's files and root's. */
export const realFiles: Files = filesFor({});
