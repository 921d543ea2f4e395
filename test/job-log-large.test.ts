/** A log of 500 MB and a line of 50 MB: in bounded memory, and with the program free for keys all the while. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {closeSync, mkdtempSync, openSync, rmSync, writeSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {patient} from './helpers/patience.ts';

const register = fileURLToPath(new URL('helpers/register.js', import.meta.url));

const inFolder = (t: TestContext) => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-large-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	return join(folder, 'job.log');
};

/** `block` over and over until there are so many bytes, then `end`. */
const write = (path: string, block: Buffer, bytes: number, end: string) => {
	const file = openSync(path, 'w');
	for (let written = 0; written < bytes;) written += writeSync(file, block);
	writeSync(file, end);
	closeSync(file);
};

type Report = {lines: number; longestTurnMs: number; peakMb: number; idleMb: number; [name: string]: unknown};

/** Does it with `log` in a process of its own, whose event loop is watched for turns in which no key could have been heard. */
const inProcess = async (path: string, work: string): Promise<Report> => {
	const at = (file: string) => JSON.stringify(new URL(`../source/logs/${file}`, import.meta.url).href);
	const program = `
		import {readFileSync, statSync} from 'node:fs';
		const {createJobLogs} = await import(${at('job-logs.ts')});
		const path = ${JSON.stringify(path)};
		const after = milliseconds => new Promise(resolve => { setTimeout(resolve, milliseconds); });
		const job = {id: 1, attempt: 1, name: 'large', status: 'failed', startedAt: 0, finishedAt: 1000, steps: null};
		const memory = name => Number(new RegExp(name + ':\\\\s+(\\\\d+)').exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
		const idleMb = memory('VmRSS');
		// Of this thread's own work: that others are at work on this machine says nothing about us.
		const workedMs = () => { const {user, system} = process.threadCpuUsage(); return (user + system) / 1000; };
		let longestTurnMs = 0, last = workedMs();
		const watch = () => { const now = workedMs(); longestTurnMs = Math.max(longestTurnMs, now - last); last = now; turn = setImmediate(watch); };
		let turn = setImmediate(watch);
		const log = createJobLogs({fetch: async () => ({kind: 'there', path, bytes: statSync(path).size}), secrets: ['open-sesame-secret'], clock: {now: Date.now, after}}).open(job);
		const window = {from: 0, error: 0, by: 0, before: 100, after: 100, folds: {all: true, except: []}, isRevealed: false};
		let reading = await log.read(window), reads = 0;
		for (; reading.standing.kind !== 'there' || reading.standing.indexed < reading.standing.bytes; reads++) reading = await log.read(window);
		const lines = reading.standing.lines;
		const told = {};
		${work}
		clearImmediate(turn);
		await log.close();
		console.log(JSON.stringify({lines, reads, longestTurnMs, idleMb, peakMb: memory('VmHWM'), ...told}));`;
	const {stdout} = await promisify(execFile)(
		process.execPath,
		['--max-old-space-size=128', '--import', register, '--input-type=module', '-e', program],
		{maxBuffer: 1e7},
	);
	return JSON.parse(stdout) as Report;
};

/** Of work in one turn of the loop; usually it is some 20 ms. */
const turnAtMostMs = patient(200);

test('500 MB: taken in, gone through, searched, counted, errors found', async t => {
	const path = inFolder(t);
	const line = (index: number) =>
		`2026-11-23T09:00:00.${String(index % 1e7).padStart(7, '0')}Z ${index % 1000 === 0 ? '##[group]Run step' : index % 1000 === 900 ? '##[endgroup]' : `\u001B[32minfo\u001B[0m request ${index} GET /api/v1/articles/${(index * 7919) % 100_000} 200 in ${(index * 31) % 900} ms`}\n`;
	const block = Buffer.from(Array.from({length: 10_000}, (_, index) => line(index)).join(''));
	write(
		path,
		block,
		500e6,
		'2026-11-23T10:00:00.0000000Z     Error: expected 1, got 2\n2026-11-23T10:00:00.0000000Z ##[error]the needle in the haystack\n2026-11-23T10:00:00.0000000Z ##[error]Process completed with exit code 1.\n',
	);
	const report = await inProcess(
		path,
		`
		const textOf = ({rows, first}) => rows.find(row => row.number === first)?.spans.map(({text}) => text).join('');
		told.failure = textOf(await log.read({...window, from: 'first-error', isRevealed: true}));
		told.end = textOf(await log.read({...window, from: 'end'}));
		told.middle = (await log.read({...window, from: Math.floor(lines / 2), by: 50})).rows.length;
		const began = performance.now();
		for (let index = 0; index < 50; index++) await log.read({...window, from: (index * 619_033) % lines});
		told.pageMs = (performance.now() - began) / 50;
		told.capitals = await log.find({text: 'NEEDLE in', from: 0, direction: 1});
		told.smart = lines - await log.find({text: 'needle in', from: 0, direction: 1});
		let tallies = 0;
		await log.tally('articles', lines - 10, tally => { told.tally = tally; tallies++; });
		told.tallies = tallies;`,
	);
	assert.ok(report.lines > 4_000_000, `${report.lines} lines`);
	assert.deepEqual(
		[report['failure'], report['end'], report['capitals'], report['smart']],
		['the needle in the haystack', 'Process completed with exit code 1.', null, 2],
	);
	assert.equal(report['middle'], 201);
	const {count, ordinal, isWhole} = report['tally'] as {count: number; ordinal: number; isWhole: boolean};
	assert.ok(isWhole && count > 0.99 * report.lines && ordinal > 0.99 * count, JSON.stringify(report));
	assert.ok((report['tallies'] as number) > 2, 'the count is told on the way');
	assert.ok((report['reads'] as number) > 10, 'taken in in turns, with a window at each');
	assert.ok(report.peakMb - report.idleMb < 200, JSON.stringify(report));
	assert.ok(report.longestTurnMs < turnAtMostMs, JSON.stringify(report));
	t.diagnostic(JSON.stringify(report));
});

test('one line of 50 MB, between others', async t => {
	const path = inFolder(t);
	const block = Buffer.from(
		'\u001B[31m##[error]::group::Error: FAIL 0123456789 lorem ipsum dolor sit amet \u001B]0;x\u0007'.repeat(1000),
	);
	write(path, block, 50e6, 'behold the end\n2026-11-23T10:00:00.0000000Z last\n');
	const report = await inProcess(
		path,
		`
		const {rows} = await log.read(window);
		told.shown = rows.map(({spans}) => spans.map(({text}) => text).join('').length);
		told.mark = rows[0].spans.at(-1).text;
		told.last = (await log.read({...window, from: 'end'})).rows.at(-1).spans[0].text;
		told.behold = await log.find({text: 'behold the end', from: 0, direction: 1});
		told.none = await log.find({text: 'no such thing', from: 1, direction: -1});
		await log.tally('lorem', 0, tally => { told.tally = tally; });
		told.error = (await log.read({...window, from: -1, error: 1})).first;`,
	);
	assert.equal(report.lines, 2);
	assert.ok((report['shown'] as number[])[0]! <= 10_100, JSON.stringify(report));
	assert.match(report['mark'] as string, /more bytes\)$/);
	assert.deepEqual([report['last'], report['behold'], report['none'], report['error']], ['last', 0, null, 0]);
	assert.deepEqual(report['tally'], {count: 1, ordinal: 1, isWhole: true});
	assert.ok(report.peakMb - report.idleMb < 200, JSON.stringify(report));
	assert.ok(report.longestTurnMs < turnAtMostMs, JSON.stringify(report));
	t.diagnostic(JSON.stringify(report));
});
