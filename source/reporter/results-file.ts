/** The result file: written whole beside its place and renamed into it, so that nobody ever reads a half. */
import {mkdir, rename, rm, writeFile} from 'node:fs/promises';
import {dirname} from 'node:path';
import type {ShardResult} from '../core/tests/results.ts';

export type ResultsFile = {
	/** One at a time; what comes while one is written is written after it, the newest only. Never rejects. */
	write(result: () => ShardResult): Promise<void>;
};

export const createResultsFile = (path: string, warn: (line: string) => void): ResultsFile => {
	let going: Promise<void> | null = null;
	let wanted: (() => ShardResult) | null = null;
	let hasWarned = false;
	const once = async (result: () => ShardResult) => {
		const draft = `${path}.part`;
		try {
			await mkdir(dirname(path), {recursive: true});
			await writeFile(draft, `${JSON.stringify(result())}\n`);
			await rename(draft, path);
		} catch (error) {
			await rm(draft, {force: true}).catch(() => undefined);
			if (!hasWarned)
				warn(
					`deployctl: the results could not be written to ${path} (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}). The tests are not concerned.`,
				);
			hasWarned = true;
		}
	};
	const all = async () => {
		while (wanted !== null) {
			const result = wanted;
			wanted = null;
			await once(result);
		}
		going = null;
	};
	return {
		async write(result) {
			wanted = result;
			going ??= all();
			await going;
		},
	};
};
