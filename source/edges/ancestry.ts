/** What never changes of a repository's commits, on disk: see `Ancestry`. */
import {lstat} from 'node:fs/promises';
import {join} from 'node:path';
import {type Ancestry, ancestryAtMost} from '../core/github/ancestry.ts';
import {segment} from '../core/text/file-names.ts';
import type {AncestryStore} from '../world.ts';
import {readChecked, writeChecked} from './checked-file.ts';

/** Raised with every change of what is written. What it says is true for every version of this program. */
const format = 'deployctl ancestry 1';
/** An entry takes less than a hundred. Bytes. */
const largest = 2 * ancestryAtMost * 100 + 1000;

const isSha = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{40}$/.test(value);
const areEntries = (value: unknown): value is ReadonlyArray<readonly [string, string | null]> =>
	Array.isArray(value) &&
	value.length <= ancestryAtMost &&
	value.every(
		entry =>
			Array.isArray(entry) && entry.length === 2 && isSha(entry[0]) && (entry[1] === null || isSha(entry[1])),
	);

/** Whoever else may write it could say what is on a protected branch: then it is not knowledge. */
const isOwn = async (path: string): Promise<boolean> => {
	const {uid, mode} = await lstat(path);
	return process.geteuid === undefined || (uid === process.geteuid() && (mode & 0o022) === 0);
};

const decode = (body: string, repository: string): Ancestry | null => {
	const {repository: of, parents, automation} = JSON.parse(body) as Record<string, unknown>;
	return of === repository.toLowerCase() && areEntries(parents) && areEntries(automation)
		? {parents, automation}
		: null;
};

/** `directory` is the platform's cache folder for this program. Neither throws: nothing is lost by a file that is not there. */
export const diskAncestry = (directory: string, host: string, repository: string): AncestryStore => {
	const folder = join(directory, 'ancestry', ...[host, ...repository.split('/').slice(0, -1)].map(segment));
	const path = `${join(folder, segment(repository.split('/').at(-1)!))}.json`;
	return {
		async load() {
			try {
				const body =
					(await isOwn(folder)) && (await isOwn(path)) ? await readChecked(path, format, largest) : null;
				return body === null ? null : decode(body, repository);
			} catch {
				return null;
			}
		},
		async save({parents, automation}) {
			try {
				await writeChecked(
					path,
					format,
					JSON.stringify({
						repository: repository.toLowerCase(),
						parents: parents.slice(-ancestryAtMost),
						automation: automation.slice(-ancestryAtMost),
					}),
				);
			} catch {
				// A full or read-only disk: it is asked again.
			}
		},
	};
};
