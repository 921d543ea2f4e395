/** A log's lines as they come, for a plain terminal. */
import {watch} from 'node:fs';
import {dirname} from 'node:path';
import {openLog, type LogPaths} from './log-file.ts';

const linesAtOnce = 256;
// A watched folder tells by itself; asked all the same, because network file systems do not.
const watchedMs = 1000;
const unwatchedMs = 100;

/** Tells when something in the folder has changed. Where it cannot be watched (no more watches, no such folder), only time passes. */
const watchFolder = (folder: string) => {
	let isWatched = true;
	let hasChanged = false;
	let wake = () => {};
	const note = () => {
		hasChanged = true;
		wake();
	};
	const unwatched = () => {
		isWatched = false;
		return null;
	};
	const start = () => {
		try {
			return watch(folder, note).on('error', unwatched);
		} catch {
			return unwatched();
		}
	};
	const watcher = start();
	return {
		async changed(signal: AbortSignal) {
			if (!hasChanged && !signal.aborted) {
				await new Promise<void>(resolve => {
					const timer = setTimeout(resolve, isWatched ? watchedMs : unwatchedMs);
					wake = () => {
						clearTimeout(timer);
						resolve();
					};
					signal.addEventListener('abort', wake, {once: true});
				});
				signal.removeEventListener('abort', wake);
			}
			hasChanged = false;
		},
		close: () => watcher?.close(),
	};
};

/**
Every line from the first, sanitised and masked; a line comes when it is complete. Ends when the log is sealed, or after what is
there when the signal aborts ("no more will be written"), then also with a last line that has no end. A file that is written
anew is followed from its beginning. No file yet: it waits for one. Memory stays bounded however slowly it is read.
*/
export async function* followLines(
	paths: LogPaths,
	{secrets, signal}: {secrets: readonly string[]; signal: AbortSignal},
): AsyncGenerator<string, void> {
	const folder = watchFolder(dirname(paths.raw));
	const log = openLog(paths, {secrets});
	try {
		for (let next = 0; ;) {
			const isOver = signal.aborted;
			const {lines, completeLines, isWhole} = await log.grow();
			const until = isOver || isWhole ? lines : completeLines;
			if (until < next) next = 0;
			while (next < until) {
				const batch = await log.lines(next, Math.min(linesAtOnce, until - next));
				if (batch.length === 0) break;
				next += batch.length;
				yield* batch;
			}
			if (isOver || isWhole) return;
			await folder.changed(signal);
		}
	} finally {
		folder.close();
		await log.close();
	}
}
