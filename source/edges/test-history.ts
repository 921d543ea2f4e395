/** How tests did in earlier runs, kept for each repository in a small file. A damaged file is no history, and that is said. */
import {mkdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {segment} from '../core/text/file-names.ts';
import {type HistoryRun, noHistory, type TestHistory} from '../core/tests/flaky.ts';
import type {HistoryStore} from '../core/tests/tests.ts';

const format = 'deployctl tests 1';
/** Bytes. A larger file was not written by us; when ours grows beyond the second, the oldest runs go. */
const largest = 8 * 1024 * 1024;
const wanted = 1024 * 1024;

export const testHistoryPath = (directory: string, host: string, repository: string): string =>
	join(directory, 'tests', ...[host, ...repository.split('/')].map(segment)) + '.json';

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(one => typeof one === 'string');
const isRun = (value: unknown): value is HistoryRun => {
	const run = value as Partial<Record<keyof HistoryRun, unknown>> | null;
	if (
		typeof run !== 'object' ||
		run === null ||
		typeof run.workflow !== 'string' ||
		typeof run.sha !== 'string' ||
		typeof run.runId !== 'number' ||
		typeof run.at !== 'number' ||
		!Array.isArray(run.attempts) ||
		!Array.isArray(run.jobs)
	)
		return false;
	const attempts = run.attempts.every(
		(one: HistoryRun['attempts'][number]) =>
			typeof one === 'object' &&
			one !== null &&
			typeof one.attempt === 'number' &&
			typeof one.shards === 'number' &&
			typeof one.isPartial === 'boolean' &&
			Array.isArray(one.read) &&
			isTexts(one.failed) &&
			isTexts(one.flaky) &&
			isTexts(one.passed),
	);
	return (
		attempts &&
		run.jobs.every(
			(one: HistoryRun['jobs'][number]) =>
				typeof one === 'object' &&
				one !== null &&
				typeof one.attempt === 'number' &&
				isTexts(one.failed) &&
				isTexts(one.passed),
		)
	);
};

const decode = (text: string): TestHistory | null => {
	try {
		const value = JSON.parse(text) as {format?: unknown; runs?: unknown} | null;
		return value?.format === format && Array.isArray(value.runs) && value.runs.every(isRun)
			? {runs: value.runs}
			: null;
	} catch {
		return null;
	}
};

/** As many of the newest runs as fit. */
const encode = ({runs}: TestHistory): string => {
	let text = JSON.stringify({format, runs});
	for (let count = runs.length; text.length > wanted && count > 1;) {
		count = Math.floor(count * 0.8);
		text = JSON.stringify({format, runs: runs.slice(0, count)});
	}
	return text;
};

/** `directory`: the platform's state folder of this program. Several programs may write: each reads before it writes, and a lost race loses one run. */
export const diskTestHistory = (directory: string, host: string, repository: string): HistoryStore => {
	const path = testHistoryPath(directory, host, repository);
	let turn: Promise<unknown> = Promise.resolve();
	let serial = 0;
	const load = async (): Promise<{history: TestHistory; problem: string | null}> => {
		try {
			const text = await readFile(path, 'utf8');
			const history = text.length > largest ? null : decode(text);
			return history === null
				? {history: noHistory, problem: `The history of tests is damaged and starts over: ${path}`}
				: {history, problem: null};
		} catch (error) {
			const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
			return {
				history: noHistory,
				problem: isMissing ? null : `The history of tests cannot be read: ${(error as Error).message}`,
			};
		}
	};
	const write = async (history: TestHistory): Promise<string | null> => {
		const temporary = `${path}.${process.pid}.${serial++}`;
		try {
			await mkdir(dirname(path), {recursive: true, mode: 0o700});
			await writeFile(temporary, encode(history), {mode: 0o600});
			await rename(temporary, path);
			return null;
		} catch (error) {
			await rm(temporary, {force: true}).catch(() => {
				/* It was never there. */
			});
			return `The history of tests cannot be written: ${(error as Error).message}`;
		}
	};
	return {
		load,
		change: async change => {
			const work = turn.then(async () => {
				const {history, problem} = await load();
				const after = change(history);
				const failed = after === history ? null : await write(after);
				return {history: after, problem: problem ?? failed};
			});
			turn = work;
			return work;
		},
	};
};

/** Without a disk. */
export const memoryTestHistory = (history: TestHistory = noHistory): HistoryStore => {
	let known = history;
	return {
		load: async () => ({history: known, problem: null}),
		change: async change => ({history: (known = change(known)), problem: null}),
	};
};
