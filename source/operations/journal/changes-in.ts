/** Wakes whoever shows operations when the journal was written, by whatever process. */
import {statSync, watch} from 'node:fs';
import type {Clock, Operations} from '../../world.ts';
import type {StatePaths} from '../files/paths.ts';

export type Changes = {
	/** What is read from now on shows everything that is there now. */
	mark(): void;
	/** Resolves when something was written since the last mark, or after so many milliseconds; rejects when aborted. */
	changed: Operations['changed'];
};

export const changesIn = ({directory, journal}: StatePaths, clock: Clock): Changes => {
	const size = (): number => {
		try {
			return statSync(journal, {throwIfNoEntry: false})?.size ?? 0;
		} catch {
			// What cannot even be looked at has not changed.
			return marked ?? 0;
		}
	};
	let marked: number | null = null;

	const changed: Operations['changed'] = async (atMostMs, signal) => {
		const woken = Promise.withResolvers<void>();
		const ended = new AbortController();
		let watcher: ReturnType<typeof watch> | undefined;
		try {
			watcher = watch(directory, (_, name) => {
				if (name === null || name.startsWith('journal.jsonl')) woken.resolve();
			});
			watcher.on('error', () => {});
		} catch {
			/* There is no folder yet, or this system cannot watch: the time alone decides. */
		}
		// Written between the mark and the beginning of the watch.
		if (marked !== null && size() !== marked) woken.resolve();
		const time = clock.after(
			atMostMs,
			signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]),
		);
		try {
			await Promise.race([time, woken.promise]);
		} finally {
			time.catch(() => {});
			watcher?.close();
			ended.abort();
		}
	};
	return {
		mark: () => {
			marked = size();
		},
		changed,
	};
};
