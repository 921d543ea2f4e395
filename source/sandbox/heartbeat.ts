/**
How long the sandbox lives. Its processes belong to nobody: the terminal may be closed while a release is on its way. So each of them
looks at one file that the demo touches, and ends by itself when the demo said the end, or has been silent for long.
*/
import {rmSync, statSync, utimesSync, writeFileSync} from 'node:fs';

/** Longer than any operation in the sandbox may take (see `settings.ts`), so that none loses its environment under its feet. */
export const silenceMs = 15 * 60_000;
export const beatMs = 20_000;

/** "Somebody is here." Makes the file when it is not there. Never throws: a full disk must not end the demo. */
export const beat = (file: string, now = new Date()): void => {
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

/** Tells all processes of the sandbox to end; they see it within a quarter of a second. */
export const endHeartbeat = (file: string): void => rmSync(file, {force: true});

/** When somebody was last here, milliseconds; null: the sandbox has been ended. */
export const lastBeatAt = (file: string): number | null => statSync(file, {throwIfNoEntry: false})?.mtimeMs ?? null;

export type Watch = {file: string; silenceMs?: number; everyMs?: number};

/**
`end` is called once. Keeps no process alive. Silence is counted in looks, not by the clock: after a night in which the whole machine slept,
the demo gets its time to say that it is still there.
*/
export const onSilence = ({file, silenceMs: limitMs = silenceMs, everyMs = 250}: Watch, end: () => void): void => {
	let last = lastBeatAt(file);
	let silent = 0;
	const timer = setInterval(() => {
		const at = lastBeatAt(file);
		silent = at === last ? silent + everyMs : 0;
		last = at;
		if (at !== null && silent < limitMs) return;
		clearInterval(timer);
		end();
	}, everyMs);
	timer.unref();
};
