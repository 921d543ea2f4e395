/**
How long the sandbox lives. Its processes belong to nobody: the terminal may be closed while a release is on its way. So each of them
looks at one file that the demo touches, and ends by itself when the demo said the end, or has been silent for long.
*/
import {rmSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

/** Longer than any operation in the sandbox may take (see `settings.ts`), so that none loses its environment under its feet. */
export const silenceMs = 15 * 60_000;
export const beatMs = 20_000;

export const heartbeatFile = (folder: string): string => join(folder, 'heartbeat');

/** "Somebody is here." Never throws: a full disk must not end the demo. */
export const beat = (folder: string, now = new Date()): void => {
	const file = heartbeatFile(folder);
	try {
		utimesSync(file, now, now);
	} catch {
		try {
			writeFileSync(file, '', {mode: 0o600});
		} catch {
			// No folder, no sandbox.
		}
	}
};

/** Tells all processes of the sandbox to end; they see it within half a second. */
export const endHeartbeat = (folder: string): void => rmSync(heartbeatFile(folder), {force: true});

/** When somebody was last here; null: the sandbox has been ended. */
export const lastBeatAt = (folder: string): number | null => statSync(heartbeatFile(folder), {throwIfNoEntry: false})?.mtimeMs ?? null;

export type Watch = {folder: string; silenceMs?: number; everyMs?: number};

/**
`end` is called once. Keeps no process alive. Silence is counted in looks, not by the clock: after a night in which the whole machine slept,
the demo gets its time to say that it is still there.
*/
export const onSilence = ({folder, silenceMs: limitMs = silenceMs, everyMs = 250}: Watch, end: () => void): void => {
	let last = lastBeatAt(folder);
	let silent = 0;
	const timer = setInterval(() => {
		const at = lastBeatAt(folder);
		silent = at === last ? silent + everyMs : 0;
		last = at;
		if (at !== null && silent < limitMs) return;
		clearInterval(timer);
		end();
	}, everyMs);
	timer.unref();
};
