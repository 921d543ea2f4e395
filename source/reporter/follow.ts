/** Follows the progress file of a shard and posts what it says, in a process that has the token and runs no tests. */
import {open} from 'node:fs/promises';
import {StringDecoder} from 'node:string_decoder';
import type {ShardProgress} from '../core/tests/progress.ts';
import {createProgressReader, lineAtMost} from './progress-file.ts';
import type {Publisher} from './publisher.ts';

export type FollowOptions = {
	path: string;
	secrets: readonly string[];
	/** For each time that tests begin: a step may run them twice. */
	publisher: () => Publisher;
	/** The tests have ended, or there will be none. What stands in the file by then is still read. */
	signal: AbortSignal;
	/** Resolves after so long, or at once when the signal comes. */
	pause: (ms: number) => Promise<void>;
};

const lookEveryMs = 250;
/** Bytes of one look. */
const chunkBytes = 262_144;

/** Lines of a file that grows, from where the last look ended; null: nothing more yet. */
const createTail = (path: string) => {
	const decoder = new StringDecoder('utf8');
	let [offset, rest, isTooLong] = [0, '', false];
	return async (): Promise<readonly string[] | null> => {
		const file = await open(path, 'r').catch(() => null);
		if (file === null) return null;
		try {
			const {buffer, bytesRead} = await file.read(Buffer.alloc(chunkBytes), 0, chunkBytes, offset);
			offset += bytesRead;
			const lines = (rest + decoder.write(buffer.subarray(0, bytesRead))).split('\n');
			rest = lines.pop()!;
			// Its end is skipped, too.
			const whole = isTooLong ? lines.slice(1) : lines;
			if (lines.length > 0) isTooLong = false;
			if (rest.length > lineAtMost) [rest, isTooLong] = ['', true];
			return bytesRead === 0 ? null : whole;
		} finally {
			await file.close();
		}
	};
};

/** Ends when the signal has come and all is read and said. Tests that began and did not end are told as interrupted. */
export const followProgress = async ({path, secrets, publisher, signal, pause}: FollowOptions): Promise<void> => {
	const read = createProgressReader(secrets);
	const tail = createTail(path);
	const now: {publisher: Publisher | null; progress: ShardProgress} = {
		publisher: null,
		progress: {done: 0, total: 0, failed: 0, flaky: 0, skipped: 0, current: null},
	};
	const take = async (text: string) => {
		const line = read(text);
		if (line === null) return;
		if (line.kind === 'begins') {
			await now.publisher?.end(now.progress, 'error');
			now.publisher = publisher();
			return;
		}
		now.progress = line.progress;
		now.publisher ??= publisher();
		if (line.kind === 'ends') {
			await now.publisher.end(line.progress, line.state);
			now.publisher = null;
		} else if (line.failure === null) now.publisher.progress(line.progress);
		else now.publisher.failed(line.progress, line.failure);
	};
	for (;;) {
		// Asked before the look: what was written before the signal is read after it.
		const isOver = signal.aborted;
		for (let lines = await tail(); lines !== null; lines = await tail()) {
			for (const line of lines) await take(line);
		}
		if (isOver) break;
		await pause(lookEveryMs);
	}
	await now.publisher?.end(now.progress, 'error');
};
