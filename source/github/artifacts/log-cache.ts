/** Logs on the disk: each whole under its name, those looked at longest ago removed when there are too many. */
import {readdir, rm, stat, utimes} from 'node:fs/promises';
import {join} from 'node:path';
import {segment} from '../../core/text/file-names.ts';

export type LogCache = {
	/** Of all repositories together; what lies here and below may be removed. */
	root: string;
	/** Of this repository, below `root`. */
	folder: string;
	bytesAtMost: number;
};

/** Two gigabytes: some hundred large logs. */
export const defaultBytesAtMost = 2_000_000_000;
/** What another program has begun and not ended by then was left behind. */
const abandonedMs = 24 * 3_600_000;

/** @param directory the platform's cache folder of this program */
export const logCache = (
	directory: string,
	host: string,
	repository: string,
	bytesAtMost = defaultBytesAtMost,
): LogCache => {
	const root = join(directory, 'logs');
	return {root, folder: join(root, ...[host, ...repository.split('/')].map(segment)), bytesAtMost};
};

/** Length of a log that is here; null: it is not. It counts as looked at. */
export const keptLog = async (path: string): Promise<number | null> => {
	const found = await stat(path).catch(() => null);
	if (found === null || !found.isFile()) return null;
	const now = new Date();
	await utimes(path, now, now).catch(() => {
		/* Somebody else's, or read only: then it is simply older. */
	});
	return found.size;
};

/** Removes what was looked at longest ago until the rest fits; never the one that has just come. Whoever reads a removed one goes on reading it. */
export const makeRoom = async ({root, bytesAtMost}: LogCache, newest: string): Promise<void> => {
	const entries = await readdir(root, {recursive: true, withFileTypes: true}).catch(() => []);
	const files = await Promise.all(
		entries
			.filter(entry => entry.isFile() && /\.(?:log|part)$/.test(entry.name))
			.map(async entry => {
				const path = join(entry.parentPath, entry.name);
				const found = await stat(path).catch(() => null);
				return {path, size: found?.size ?? 0, at: found?.mtimeMs ?? 0};
			}),
	);
	const newestAt = files.find(({path}) => path === newest)?.at ?? 0;
	let bytes = files.reduce((sum, {size}) => sum + size, 0);
	for (const {path, size, at} of files.toSorted((a, b) => a.at - b.at)) {
		const isPart = path.endsWith('.part');
		if (path === newest || (isPart ? newestAt - at < abandonedMs : bytes <= bytesAtMost)) continue;
		await rm(path, {force: true}).catch(() => {
			/* Windows keeps what is open. */
		});
		bytes -= size;
	}
};
