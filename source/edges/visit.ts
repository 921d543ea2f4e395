/** When the screen was last open: a file that is touched as long as it is. Nothing here throws: without it only a line of news is missing. */
import {mkdirSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {segment} from '../core/text/file-names.ts';
import {realClock} from './clock.ts';

/** A terminal that is killed leaves no good-bye: then it was open until so long ago at most. Milliseconds. */
const touchEveryMs = 5000;

/** `state`: the program's state folder. */
export const visitPath = (state: string, host: string, repository: string): string =>
	join(state, 'visits', ...[host, ...repository.split('/')].map(segment), 'screen');

/** Wall time, milliseconds; null: never here, or not readable. */
export const lastVisit = (path: string): number | null => {
	try {
		return statSync(path).mtimeMs;
	} catch {
		return null;
	}
};

const touch = (path: string): void => {
	const now = new Date(realClock.now());
	try {
		utimesSync(path, now, now);
	} catch {
		try {
			mkdirSync(dirname(path), {recursive: true, mode: 0o700});
			writeFileSync(path, '', {mode: 0o600});
		} catch {
			// A full or read-only disk.
		}
	}
};

/** From now on, until what comes back is called. */
export const keepVisit = (path: string): (() => void) => {
	touch(path);
	const timer = setInterval(() => touch(path), touchEveryMs);
	timer.unref();
	return () => {
		clearInterval(timer);
		touch(path);
	};
};
