/**
What a shard does, as lines of JSON in a file: what runs the tests writes it and has no token; a step beside them (`deployctl report
--follow`) reads it and posts. What it reads was written where the tests ran, so it is foreign text.
*/
import {appendFile, mkdir} from 'node:fs/promises';
import {dirname} from 'node:path';
import type {PublishedFailure, ShardProgress} from '../core/tests/progress.ts';
import {safely} from './collector.ts';
import type {Publisher} from './publisher.ts';
import type {State} from './schedule.ts';

export type ProgressLine =
	| {kind: 'begins'}
	| {kind: 'progress'; progress: ShardProgress; failure: PublishedFailure | null}
	| {kind: 'ends'; progress: ShardProgress; state: Exclude<State, 'pending'>};

const states: ReadonlySet<unknown> = new Set(['success', 'failure', 'error']);
/** Characters of a line, far more than one of ours has: what is longer is nobody's word. */
export const lineAtMost = 20_000;

/** The same calls as one that posts; each is a line. Never rejects. */
export const createProgressFile = (path: string, warn: (line: string) => void): Publisher => {
	let hasWarned = false;
	let last: Promise<void> = mkdir(dirname(path), {recursive: true}).then(
		() => undefined,
		() => undefined,
	);
	const add = (line: ProgressLine): Promise<void> => {
		last = last
			.then(() => appendFile(path, `${JSON.stringify(line)}\n`))
			.catch((error: unknown) => {
				if (!hasWarned)
					warn(
						`deployctl: progress could not be written to ${path} (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}). The tests are not concerned.`,
					);
				hasWarned = true;
			});
		return last;
	};
	void add({kind: 'begins'});
	return {
		progress: progress => void add({kind: 'progress', progress, failure: null}),
		failed: (progress, failure) => void add({kind: 'progress', progress, failure}),
		end: (progress, state) => add({kind: 'ends', progress, state}),
		count: () => 0,
	};
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const countIn = (value: unknown): number =>
	typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 10_000_000 ? value : 0;

/** @param secrets that nothing of it may show; @returns null: no word of ours */
export const createProgressReader = (secrets: readonly string[]) => {
	const safe = safely(secrets);
	const textIn = (value: unknown): string => (typeof value === 'string' ? safe(value, 500) : '');
	const progressIn = (value: unknown): ShardProgress | null => {
		if (!isRecord(value)) return null;
		const [done, failed, flaky, skipped] = [value['done'], value['failed'], value['flaky'], value['skipped']].map(
			countIn,
		) as [number, number, number, number];
		const current = typeof value['current'] === 'string' ? textIn(value['current']) : null;
		return {done, total: Math.max(done, countIn(value['total'])), failed, flaky, skipped, current};
	};
	return (line: string): ProgressLine | null => {
		if (line.length > lineAtMost) return null;
		let value: unknown;
		try {
			value = JSON.parse(line);
		} catch {
			return null;
		}
		if (!isRecord(value)) return null;
		if (value['kind'] === 'begins') return {kind: 'begins'};
		const progress = progressIn(value['progress']);
		if (progress === null) return null;
		if (value['kind'] === 'ends')
			return states.has(value['state'])
				? {kind: 'ends', progress, state: value['state'] as Exclude<State, 'pending'>}
				: null;
		if (value['kind'] !== 'progress') return null;
		const {failure} = value;
		return {
			kind: 'progress',
			progress,
			failure: isRecord(failure)
				? {
						location: textIn(failure['location']),
						title: textIn(failure['title']),
						message: textIn(failure['message']),
					}
				: null,
		};
	};
};
