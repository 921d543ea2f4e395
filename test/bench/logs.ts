/** Logs of any size: taking in, paging, searching, masking, sealing, and what it all weighs (Linux only: /proc). */
import {execFileSync} from 'node:child_process';
import {closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync} from 'node:fs';
import {open} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {maskerOf, secretsFrom} from '../../source/core/text/mask.ts';
import {openLog} from '../../source/logs/log-file.ts';
import {sealLog} from '../../source/operations/script/seal.ts';
import {interleaved, median, milliseconds, percentile, ratio, type Bench, type Row} from './measure.ts';

const lineCount = 1_000_000;
const sealBytes = 200e6;
const rounds = 5;
const secrets = secretsFrom({
	DEPLOY_TOKEN: 'open-sesame-2718281828',
	DB_PASSWORD: 'correct horse battery',
	AWS_SECRET_ACCESS_KEY: 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF3gH6aB3d',
});

/** As a deployment prints: coloured, some 130 bytes a line; a secret each ten thousand lines. Until there are enough lines or bytes. */
const writeLog = (path: string, lines: number, bytes: number) => {
	const file = openSync(path, 'w');
	let written = 0;
	for (let line = 0; line < lines && written < bytes; line += 5000) {
		const block = Array.from({length: Math.min(5000, lines - line)}, (_, index) => {
			const n = line + index;
			const secret = n % 10_000 === 0 ? ` ${secrets[(n / 10_000) % secrets.length]!}` : '';
			return `\u001B[2m2026-11-24T03:0${n % 10}:${String(n % 60).padStart(2, '0')}Z\u001B[0m \u001B[32minfo\u001B[39m  worker-${n % 16} request ${n} GET /api/v1/articles/${(n * 7919) % 100_000} 200 in ${(n * 31) % 900} ms cache=${n % 3 === 0 ? 'hit' : 'miss'} id=${((n * 2_654_435_761) % 4_294_967_296).toString(16)}${secret}\n`;
		});
		written += writeSync(file, block.join(''));
	}
	closeSync(file);
	return written;
};

const timed = async (work: () => Promise<unknown>) => {
	const startedAt = performance.now();
	await work();
	return performance.now() - startedAt;
};

const bareRead = async (path: string) => {
	const file = await open(path);
	const buffer = Buffer.allocUnsafe(262_144);
	let position = 0;
	for (let bytesRead = -1; bytesRead !== 0; position += bytesRead)
		({bytesRead} = await file.read(buffer, 0, buffer.length, position));
	await file.close();
};

/** Peak memory, MB, of a process of its own that does this with `log` (openLog) and `seal` (sealLog). */
const peakOf = (raw: string, sealed: string, work: string) => {
	const at = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
	const program = `
		const {openLog} = await import(${at('../../source/logs/log-file.ts')});
		const {sealLog} = await import(${at('../../source/operations/script/seal.ts')});
		const {readFileSync} = await import('node:fs');
		const paths = {raw: ${JSON.stringify(raw)}, sealed: ${JSON.stringify(sealed)}}, secrets = ${JSON.stringify(secrets)};
		const log = openLog(paths, {secrets});
		${work}
		console.log(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);`;
	const register = fileURLToPath(new URL('../helpers/register.js', import.meta.url));
	return (
		Number(
			execFileSync(process.execPath, ['--import', register, '--input-type=module', '-e', program], {
				encoding: 'utf8',
			}),
		) / 1024
	).toFixed(0);
};

const searches = async (raw: string, bytes: number): Promise<Row[]> => {
	const log = openLog({raw, sealed: `${raw}.none`}, {secrets});
	await log.grow();
	const results = await interleaved(
		{
			'bare fs.read of the file': () => timed(() => bareRead(raw)),
			'take in (index)': () =>
				timed(async () => {
					const fresh = openLog({raw, sealed: `${raw}.none`}, {secrets});
					await fresh.grow();
					await fresh.close();
				}),
			'find, no line': () => timed(() => log.find('No such thing', 0, 1)),
			'find backwards, no line': () => timed(() => log.find('No such thing', lineCount - 1, -1)),
			'find, in line 777,777': () => timed(() => log.find('REQUEST 777777 ', 0, 1)),
			'count, no line': () => timed(() => log.count('No such thing')),
			'count, every third line': () => timed(() => log.count('CACHE=HIT')),
			'count, every line': () => timed(() => log.count('articles')),
		},
		rounds,
	);
	const pages: number[] = [];
	for (let index = 0; index < 500; index++)
		pages.push(await timed(() => log.lines((index * 619_033) % lineCount, 60)));
	await log.close();
	const bare = median(results['bare fs.read of the file']!);
	return [
		...Object.entries(results).map(([name, times]): Row => [
			name,
			milliseconds(median(times)),
			milliseconds(percentile(times, 0.95)),
			ratio(median(times), bare),
			(bytes / 1000 / median(times)).toFixed(0),
		]),
		['60 lines anywhere', milliseconds(median(pages)), milliseconds(percentile(pages, 0.95)), '', ''],
	];
};

const sealing = async (raw: string, sealed: string): Promise<Row[]> => {
	const bytes = writeLog(raw, Infinity, sealBytes);
	const bare = await timed(() => bareRead(raw));
	const text = readFileSync(raw).subarray(0, 64e6).toString('latin1');
	const masked = maskerOf(secrets).stream();
	const masking = await timed(async () => {
		for (let at = 0; at < text.length; at += 32_768) masked.write(text.slice(at, at + 32_768));
		masked.end();
	});
	const time = await timed(() => sealLog({raw, sealed, secrets}));
	return [
		['mask 64 MB in memory', milliseconds(masking), '', '', (text.length / 1000 / masking).toFixed(0)],
		[
			`seal ${(bytes / 1e6).toFixed(0)} MB (read, mask, hash, write, sync)`,
			milliseconds(time),
			'',
			ratio(time, bare),
			(bytes / 1000 / time).toFixed(0),
		],
	];
};

export const logs = async (): Promise<Bench> => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-bench-'));
	const [raw, sealed] = [join(folder, 'output.raw'), join(folder, 'output.log')];
	try {
		const bytes = writeLog(raw, lineCount, Infinity);
		const rows = await searches(raw, bytes);
		const nothing = peakOf(raw, sealed, '');
		const viewing = peakOf(
			raw,
			sealed,
			'await log.grow(); await log.lines(500_000, 60); await log.count("articles"); await log.find("no such thing", 999_999, -1);',
		);
		rows.push(...(await sealing(raw, sealed)));
		rmSync(sealed);
		writeLog(raw, Infinity, sealBytes);
		const sealed200 = peakOf(raw, sealed, 'await sealLog({...paths, secrets});');
		const viewed200 = peakOf(
			raw,
			sealed,
			'await log.grow(); await log.lines(1_000_000, 60); await log.count("articles");',
		);
		const note = `Peak memory of a process: ${nothing} MB with nothing done, ${viewing} MB after taking in, paging and searching ${lineCount.toLocaleString('en-US')} lines (${(bytes / 1e6).toFixed(0)} MB), ${sealed200} MB after sealing 200 MB, ${viewed200} MB after viewing 200 MB. The log is coloured and raw; the first count of something frequent also masks what it looks at (it is the round that warms up).`;
		return {
			title: `A log of ${lineCount.toLocaleString('en-US')} lines`,
			columns: ['what', 'ms p50', 'ms p95', 'of a bare read', 'MB/s'],
			rows,
			note,
		};
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
};
