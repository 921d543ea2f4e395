/** Wakes whoever shows operations when the journal was written, by whatever process. */
import {watch} from 'node:fs';
import type {Clock, Operations} from '../world.ts';
import type {StatePaths} from './paths.ts';

export const changesIn = ({directory}: StatePaths, clock: Clock): Operations['changed'] => async (atMostMs, signal) => {
	const woken = Promise.withResolvers<void>();
	const ended = new AbortController();
	let watcher: ReturnType<typeof watch> | undefined;
	try {
		watcher = watch(directory, (_, name) => { if (name === null || name.startsWith('journal.jsonl')) woken.resolve(); });
		watcher.on('error', () => {});
	} catch { /* There is no folder yet, or this system cannot watch: the time alone decides. */ }
	const time = clock.after(atMostMs, signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]));
	try {
		await Promise.race([woken.promise, time]);
	} finally {
		time.catch(() => {});
		watcher?.close();
		ended.abort();
	}
};
