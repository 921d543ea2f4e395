/** A job's log of 500 MB: taking in with groups and errors, any place, search, and a key while it is taken in. */
import {closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {isAllThere, type LogReading, type WindowWanted} from '../../source/core/runs/job-log.ts';
import {createJobLogs} from '../../source/logs/job-logs.ts';
import {median, milliseconds, percentile, type Bench, type Row} from './measure.ts';

const bytes = 500e6;
const places = 200;

const writeLog = (path: string) => {
	const line = (index: number) =>
		`2026-11-23T09:00:00.${String(index).padStart(7, '0')}Z ${index % 500 === 0 ? '##[group]Run step' : index % 500 === 400 ? '##[endgroup]' : `\u001B[32minfo\u001B[0m request ${index} GET /api/v1/articles/${(index * 7919) % 100_000} 200 in ${(index * 31) % 900} ms`}\n`;
	const block = Buffer.from(Array.from({length: 20_000}, (_, index) => line(index)).join(''));
	const file = openSync(path, 'w');
	for (let written = 0; written < bytes;) written += writeSync(file, block);
	closeSync(file);
};

const window: WindowWanted = {
	from: 0,
	error: 0,
	by: 0,
	before: 100,
	after: 100,
	folds: {all: true, except: []},
	isRevealed: false,
};

export const jobLogs = async (): Promise<Bench> => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-bench-'));
	try {
		const path = join(folder, 'job.log');
		writeLog(path);
		const size = statSync(path).size;
		const logs = createJobLogs({
			fetch: async () => ({kind: 'there', path, bytes: size}),
			secrets: [],
			clock: {now: Date.now, after: async () => {}},
		});
		const log = logs.open({
			id: 1,
			attempt: 1,
			name: 'large',
			status: 'failed',
			startedAt: 0,
			finishedAt: 1,
			steps: null,
		});
		const reads: number[] = [];
		const timed = async (work: () => Promise<unknown>) => {
			const startedAt = performance.now();
			await work();
			return performance.now() - startedAt;
		};
		let reading: LogReading = await log.read(window);
		const taking = await timed(async () => {
			while (!isAllThere(reading.standing))
				reads.push(
					await timed(async () => {
						reading = await log.read(window);
					}),
				);
		});
		const lines = 'lines' in reading.standing ? reading.standing.lines : 0;
		const pages: number[] = [];
		for (let index = 0; index < places; index++)
			pages.push(await timed(async () => log.read({...window, from: (index * 619_033) % lines})));
		const row = (name: string, times: readonly number[], rate = ''): Row => [
			name,
			milliseconds(median(times)),
			milliseconds(percentile(times, 0.95)),
			rate,
		];
		const found = await timed(async () => log.find({text: 'no such thing', from: 0, direction: 1}));
		const counted = await timed(async () => log.tally('articles', 0, () => {}));
		await log.close();
		return {
			title: `A job's log of ${(size / 1e6).toFixed(0)} MB, ${lines.toLocaleString('en-US')} lines`,
			columns: ['what', 'ms p50', 'ms p95', 'MB/s'],
			rows: [
				row(
					'taken in, with groups and errors, a window read at each turn',
					[taking],
					(size / 1000 / taking).toFixed(0),
				),
				row('a key while it is taken in: its window', reads),
				row('201 lines anywhere', pages),
				row('find, no line', [found], (size / 1000 / found).toFixed(0)),
				row('count, nearly every line', [counted], (size / 1000 / counted).toFixed(0)),
			],
		};
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
};
