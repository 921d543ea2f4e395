import assert from 'node:assert/strict';
import {
	appendFileSync,
	closeSync,
	mkdtempSync,
	openSync,
	renameSync,
	rmSync,
	truncateSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import fc from 'fast-check';
import {maskerOf, maskText} from '../source/core/text/mask.ts';
import {openLog} from '../source/logs/log-file.ts';
import {followLines} from '../source/logs/log-follow.ts';
import {createLogIndex} from '../source/logs/log-index.ts';
import {showLine, shownAtMost} from '../source/logs/log-line.ts';
import {sealLog} from '../source/operations/script/seal.ts';
import {runs} from './helpers/fuzz.ts';

const secrets = ['open-sesame'];
const keyMark = (word: string) => `-----${word} PRIVATE KEY-----`;
const privateKey = (lines: number) => [
	keyMark('BEGIN'),
	...Array.from({length: lines}, (_, index) => Buffer.alloc(48, index + 1).toString('base64')),
	keyMark('END'),
];

const inFolder = (t: TestContext) => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-log-'));
	const paths = {raw: join(folder, 'output.raw'), sealed: join(folder, 'output.log')};
	const log = openLog(paths, {secrets});
	t.after(async () => {
		await log.close();
		rmSync(folder, {recursive: true, force: true});
	});
	return {...paths, paths, log, all: async () => log.lines(0, (await log.grow()).lines)};
};

test('no file yet, an empty one, then lines, also one without an end', async t => {
	const {raw, log, all} = inFolder(t);
	assert.deepEqual(await log.grow(), {lines: 0, completeLines: 0, bytes: 0, isWhole: false});
	assert.deepEqual([await log.lines(0, 10), await log.find('a', 0, 1), await log.count('a')], [[], null, 0]);
	writeFileSync(raw, '');
	assert.deepEqual(await all(), []);
	appendFileSync(raw, 'one\ntw');
	assert.deepEqual(await log.grow(), {lines: 2, completeLines: 1, bytes: 6, isWhole: false});
	assert.deepEqual(await all(), ['one', 'tw']);
	appendFileSync(raw, 'o\n\nfour\r\n');
	assert.deepEqual(await all(), ['one', 'two', '', 'four']);
	assert.deepEqual(
		[
			await log.lines(1, 2),
			await log.lines(3, 100),
			await log.lines(4, 1),
			await log.lines(-1, 1),
			await log.lines(0, 0),
		],
		[['two', ''], ['four'], [], [], []],
	);
});

test('nothing that a terminal would act upon is left of a line', async t => {
	const {raw, all} = inFolder(t);
	const cases: [string, string][] = [
		['\u001B[31mred\u001B[0m \u001B[38;2;1;2;3mtrue\u001B[m', 'red true'],
		['\u001B[2J\u001B[H\u001B[3;4Hhome', 'home'],
		['\u001B[?1049hx\u001B[?25l\u001B[?2004h', 'x'],
		['\u001B]0;title\u0007a\u001B]8;;https://x.example\u001B\\link\u001B]8;;\u001B\\', 'alink'],
		['\u001B]52;c;aGk=\u0007x', 'x'],
		['\u001BPq#0\u001B\\a\u001B_apc\u001B\\b\u001B^pm\u001B\\c\u001BXsos\u001B\\d', 'abcd'],
		['\u001B(B\u001B)0a\u001B7\u001B8\u001BM\u001BDb\u001Bc\u001B#8', 'ab'],
		['\u009B2Ja\u009D0;t\u009Cb\u0090q\u009Cc\u0085d', 'abc d'],
		['\u001B[1;2;3', ''],
		['a\u001B', 'a'],
		['\u001B]0;never closed', ''],
		['a\bb\u0007c\u007Fd\u0000e\u000Ef', 'abcdef'],
		['safe\u202Etxt.exe\u2066 \u200Bx', 'safetxt.exe x'],
		['    - indented  columns', '    - indented  columns'],
		['a\tb\t\tc', 'a       b               c'],
		['é\tx  ✓', 'é       x  ✓'],
		['trailing   ', 'trailing'],
		['10 %\r20 %\rdone', 'done'],
		['10 %\r\u001B[K20 %\r', '20 %'],
		['old\u001B[1Gnew\u001B[0K', 'new'],
		['\r\r\r', ''],
		['key: open-sesame', 'key: ***'],
		['open\u001B[1m-ses\u200Bame', '***'],
		['Authorization: Bearer abcdefghijklmnopqrst', 'Authorization: Bearer ***'],
	];
	writeFileSync(raw, cases.map(([line]) => `${line}\n`).join(''));
	assert.deepEqual(
		await all(),
		cases.map(([, shown]) => shown),
	);
});

test('property: whatever a line holds, what is shown of it does not steer a terminal', () => {
	const nasty = fc.string({
		unit: fc.oneof(
			fc.constantFrom(
				'\u001B',
				'[',
				']',
				'P',
				'\u0007',
				'm',
				';',
				'1',
				'\u009B',
				'\u009D',
				'\u009C',
				'\u202E',
				'\u200D',
				'\u0301',
				'\t',
				'\r',
				'😀',
				'中',
			),
			fc.string({unit: 'binary', minLength: 1, maxLength: 1}),
		),
		maxLength: 80,
	});
	const masker = maskerOf(secrets);
	fc.assert(
		fc.property(nasty, head => {
			const {text} = showLine({head, tail: null, bytes: head.length}, masker, null);
			assert.doesNotMatch(text, /[\u0000-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/);
			assert.ok(text.isWellFormed());
		}),
		runs(1000),
	);
	// Quadratic, if a search were not bounded: the test would not end.
	for (const part of ['\u009D', '\u001B]', '\r', '\t', ' ', '\u001B[', '\u0301'])
		showLine({head: `${part.repeat(32_000)}\u001Bx`, tail: null, bytes: 32_002}, masker, null);
});

test('bytes that are no UTF-8, and characters across every border of what is read', async t => {
	const {raw, log} = inFolder(t);
	writeFileSync(raw, Buffer.concat([Buffer.from([0xc3, 0x28, 0xff, 0x0a]), Buffer.from('é中😀\n'.repeat(60_000))]));
	const {lines} = await log.grow();
	assert.equal(lines, 60_001);
	assert.deepEqual(await log.lines(0, 1), ['\uFFFD(\uFFFD']);
	for (let from = 1; from < lines; from += 997)
		assert.deepEqual(new Set(await log.lines(from, 300)), new Set(['é中😀']));
	assert.equal(await log.count('中😀'), 60_000);
});

test('a long line is cut with a mark, a progress line of any length shows its last state, and a secret at the cut is none the less masked', async t => {
	const {raw, log, all} = inFolder(t);
	const progress = Array.from({length: 40_000}, (_, index) => `\u001B[2K\rloading ${index}`).join('');
	writeFileSync(
		raw,
		[
			'x'.repeat(shownAtMost),
			'y'.repeat(12_000),
			'z'.repeat(3_000_000),
			progress,
			`${'.'.repeat(shownAtMost - 4)}open-sesame`,
			'short',
			'中'.repeat(400_000),
		].join('\n'),
	);
	const shown = await all();
	const mark = (text: string, bytes: string) => `${text}… (${bytes} more bytes)`;
	assert.equal(shown[0], 'x'.repeat(shownAtMost));
	assert.equal(shown[1], mark('y'.repeat(shownAtMost), '2,000'));
	assert.equal(shown[2], mark('z'.repeat(shownAtMost), '2,990,000'));
	assert.equal(shown[3], 'loading 39999');
	assert.equal(shown[4], `${'.'.repeat(shownAtMost - 4)}***`);
	assert.equal(shown[5], 'short');
	assert.equal(shown[6], mark('中'.repeat(shownAtMost), '1,170,000'));
	assert.deepEqual(await log.lines(5, 1), ['short']);
	assert.deepEqual(
		[
			await log.find('SHORT', 0, 1),
			await log.find('zzz', 6, -1),
			await log.find('zzz', 0, 1),
			await log.count('z'),
			await log.find('loading 39999', 0, 1),
		],
		[5, 2, 2, 1, 3],
	);
});

test('a private key is masked wherever the window begins', async t => {
	const {raw, log, all} = inFolder(t);
	writeFileSync(raw, ['before', ...privateKey(50), 'after', 'AAAA'].join('\n'));
	const shown = await all();
	assert.deepEqual(shown, [
		'before',
		privateKey(0)[0],
		...Array.from({length: 50}, () => '***'),
		privateKey(0)[1],
		'after',
		'AAAA',
	]);
	for (let from = 0; from < shown.length; from++)
		assert.deepEqual(await log.lines(from, 3), shown.slice(from, from + 3));
	// Across the places that the index remembers.
	writeFileSync(raw, [...Array.from({length: 240}, () => 'before'), ...privateKey(50), 'after'].join('\n'));
	await log.grow();
	for (let from = 241; from < 291; from++) assert.deepEqual(await log.lines(from, 1), ['***'], String(from));
});

test('the sealed log takes over under an open viewer: same lines, same numbers', async t => {
	const {raw, sealed, log} = inFolder(t);
	writeFileSync(
		raw,
		Array.from({length: 30_000}, (_, index) => `line ${index} ${index % 100 === 0 ? 'open-sesame' : ''} é\n`).join(
			'',
		),
	);
	const before = await log.grow();
	const page = await log.lines(4321, 10);
	assert.equal((await sealLog({raw, sealed, secrets})).ok, true);
	assert.deepEqual(await log.lines(4321, 10), page, 'what was removed can still be read');
	const counting = Array.from({length: 12}, () => log.count('é'));
	const after = await log.grow();
	assert.deepEqual([after.lines, after.isWhole, after.bytes < before.bytes], [30_000, true, true]);
	assert.deepEqual(await log.lines(4321, 10), page);
	assert.deepEqual(
		new Set(await Promise.all(counting)),
		new Set([30_000]),
		'what was begun before goes on with the old file',
	);
	assert.deepEqual([await log.find('line 77 ', 0, 1), await log.count('sesame')], [77, 0]);
});

test('a file that is shortened, written anew or replaced is noticed', async t => {
	const {raw, log, all} = inFolder(t);
	writeFileSync(raw, 'first\nsecond\n');
	assert.deepEqual(await all(), ['first', 'second']);
	truncateSync(raw, 6);
	assert.deepEqual(await all(), ['first']);
	writeFileSync(raw, 'another\nand longer than before\n');
	assert.deepEqual(await all(), ['another', 'and longer than before']);
	writeFileSync(`${raw}.new`, 'other\nand longer than before\nfrom another file\n');
	renameSync(`${raw}.new`, raw);
	assert.deepEqual(await all(), ['other', 'and longer than before', 'from another file']);
	rmSync(raw);
	assert.equal((await log.grow()).lines, 3, 'removed: what was read stays readable');
});

test('search: case, both directions, from a line on, colours, secrets, expressions are no expressions', async t => {
	const {raw, log} = inFolder(t);
	writeFileSync(
		raw,
		[
			'Error: One',
			'nothing',
			'\u001B[31mER\u001B[1mROR\u001B[0m two',
			'open-sesame',
			'half\rerror is overwritten\rdone',
			'ÜBER straße (a.b)*',
			'last error',
		].join('\n'),
	);
	await log.grow();
	const find = (text: string, from: number, direction: 1 | -1) => log.find(text, from, direction);
	assert.deepEqual(
		[await find('error', 0, 1), await find('error', 1, 1), await find('ERROR', 3, 1), await find('error', 7, 1)],
		[0, 2, 6, null],
	);
	assert.deepEqual(
		[
			await find('error', 6, -1),
			await find('error', 5, -1),
			await find('error', 1, -1),
			await find('two', 1, -1),
			await find('error', 100, -1),
			await find('error', -1, -1),
		],
		[6, 2, 0, null, 6, null],
	);
	assert.equal(await log.count('eRRoR'), 3);
	assert.deepEqual(
		[await find('31m', 0, 1), await find('sesame', 0, 1), await find('', 0, 1), await log.count('')],
		[null, null, null, 0],
	);
	assert.deepEqual(
		[await find('über', 0, 1), await find('(A.B)*', 0, 1), await find('a.c', 0, 1), await find('***', 0, 1)],
		[5, 5, null, null],
	);
	const stop = new AbortController();
	stop.abort();
	await assert.rejects(log.count('error', stop.signal), {name: 'AbortError'});
	await assert.rejects(log.find('error', 0, 1, stop.signal), {name: 'AbortError'});
});

test('the loop turns while a large log is taken in and searched', async t => {
	const {raw, log} = inFolder(t);
	const file = openSync(raw, 'w');
	for (let block = 0; block < 40; block++)
		writeSync(
			file,
			Array.from(
				{length: 10_000},
				(_, index) => `${block * 10_000 + index} some ordinary \u001B[2mline\u001B[0m\n`,
			).join(''),
		);
	closeSync(file);
	const turns = async (work: Promise<unknown>) => {
		let count = 0;
		const timer = setInterval(() => count++, 0);
		await work;
		clearInterval(timer);
		return count;
	};
	assert.ok((await turns(log.grow())) >= 5);
	assert.ok((await turns(log.count('no such thing'))) >= 5);
	assert.ok((await turns(log.count('m'))) >= 5);
	assert.deepEqual(await log.lines(399_998, 5), ['399998 some ordinary line', '399999 some ordinary line']);
	assert.deepEqual(
		[await log.find('123456 ', 0, 1), await log.find('123456 ', 399_999, -1), await log.count('ORDINARY')],
		[123_456, 123_456, 400_000],
	);
});

test('what is looked for is found across the borders of what is read of an endless line, and counts once', async t => {
	const {raw, log} = inFolder(t);
	for (const before of [131_065, 131_070, 262_130, 262_140]) {
		writeFileSync(raw, `first\n${'x'.repeat(before)}needle${'y'.repeat(300_000)}needle\nlast needle`);
		await log.grow();
		assert.deepEqual(
			[
				await log.find('needle', 0, 1),
				await log.find('needle', 1, -1),
				await log.find('xneedley', 0, 1),
				await log.count('xneedley'),
				await log.count('needle'),
			],
			[1, 1, 1, 1, 2],
			String(before),
		);
	}
});

const lineText = fc.oneof(
	{weight: 8, arbitrary: fc.string({unit: fc.constantFrom(...'abAB é中'), maxLength: 12})},
	{weight: 1, arbitrary: fc.integer({min: 1, max: 80_000}).map(size => 'ab'.repeat(size))},
	{weight: 1, arbitrary: fc.integer({min: 200, max: 700}).map(count => 'b\n'.repeat(count))},
);
const contents = fc
	.tuple(fc.array(lineText, {maxLength: 40}), fc.boolean())
	.map(([lines, isEnded]) => lines.join('\n') + (isEnded ? '\n' : ''));

test('property: the index is a split at line ends, however the bytes come', () => {
	fc.assert(
		fc.property(
			contents,
			fc.array(fc.integer({min: 1, max: 100_000}), {minLength: 1, maxLength: 4}),
			(text, sizes) => {
				const bytes = Buffer.from(text);
				const index = createLogIndex();
				for (let at = 0, round = 0; at < bytes.length; round++) {
					const size = sizes[round % sizes.length]!;
					index.add(bytes.subarray(at, at + size));
					at += size;
				}
				const starts = [
					0,
					...[...bytes.entries()].filter(([, byte]) => byte === 10).map(([offset]) => offset + 1),
				];
				assert.deepEqual(
					[index.bytes(), index.completeLines(), index.lines()],
					[bytes.length, starts.length - 1, starts.length - (starts.at(-1) === bytes.length ? 1 : 0)],
				);
				for (let number = 0; number < index.places(); number++) {
					const {line, offset} = index.place(number);
					assert.equal(starts[line], offset);
					const next = number + 1 < index.places() ? index.place(number + 1) : null;
					const lastOfPlace = starts[(next?.line ?? starts.length) - 1]!;
					assert.ok(lastOfPlace - offset < 65_536 && (next?.line ?? starts.length) - line <= 256);
					assert.deepEqual([index.placeOfLine(line), index.placeOfOffset(offset)], [number, number]);
					if (next !== null)
						assert.deepEqual(
							[index.placeOfLine(next.line - 1), index.placeOfOffset(next.offset - 1)],
							[number, number],
						);
				}
			},
		),
		runs(100),
	);
});

test('property: lines, find and count are those of a naive split, while the file grows', async t => {
	const {raw, log} = inFolder(t);
	await fc.assert(
		fc.asyncProperty(
			fc.array(contents, {minLength: 1, maxLength: 3}),
			fc.constantFrom('a', 'AB', 'b b', 'é', '中', 'aba', 'zz'),
			fc.nat(400),
			async (parts, needle, from) => {
				writeFileSync(raw, '');
				await log.grow();
				let text = '';
				for (const part of parts) {
					appendFileSync(raw, part);
					text += part;
					const naive = text.split('\n');
					if (naive.at(-1) === '') naive.pop();
					const shown = naive.map(line => line.trimEnd());
					const {lines} = await log.grow();
					assert.equal(lines, naive.length);
					const page = await log.lines(from, 30);
					const cutOff = / … |… \([\d,]+ more bytes\)$/;
					assert.deepEqual(
						page.map(line => (cutOff.test(line) ? line.slice(0, 100) : line)),
						shown
							.slice(from, from + 30)
							.map(line => (line.length > shownAtMost ? line.slice(0, 100) : line)),
					);
					const holds = (line: string) => line.toLowerCase().includes(needle.toLowerCase());
					const next = shown.findIndex((line, index) => index >= from && holds(line));
					const previous = shown.findLastIndex((line, index) => index <= from && holds(line));
					assert.deepEqual(
						[await log.find(needle, from, 1), await log.find(needle, from, -1), await log.count(needle)],
						[next === -1 ? null : next, previous === -1 ? null : previous, shown.filter(holds).length],
					);
				}
			},
		),
		runs(60),
	);
});

test('lines are followed as they are written, complete ones at once, the rest when it is over', async t => {
	const {raw, paths} = inFolder(t);
	const over = new AbortController();
	const lines = followLines(paths, {secrets, signal: over.signal});
	const next = async () => (await lines.next()).value;
	const first = next();
	appendFileSync(raw, 'one open-sesame\ntwo');
	assert.equal(await first, 'one ***');
	const second = next();
	appendFileSync(raw, '\r2\nthree\nfo');
	assert.equal(await second, '2');
	assert.equal(await next(), 'three');
	const last = next();
	appendFileSync(raw, 'ur');
	over.abort();
	assert.equal(await last, 'four');
	assert.equal((await lines.next()).done, true);
});

test('following ends by itself with the sealed log, none of its lines is lost or told twice', async t => {
	const {raw, sealed, paths} = inFolder(t);
	const text = Array.from({length: 3000}, (_, index) => `${index} open-sesame`).join('\n');
	writeFileSync(raw, text.slice(0, 20_000));
	const told: string[] = [];
	for await (const line of followLines(paths, {secrets, signal: new AbortController().signal})) {
		told.push(line);
		if (told.length === 300) appendFileSync(raw, text.slice(20_000));
		if (told.length === 1200) assert.equal((await sealLog({raw, sealed, secrets})).ok, true);
	}
	assert.deepEqual(told, maskText(text, secrets).split('\n'));
});

test('whoever stops listening leaves nothing open', async t => {
	const {raw, paths} = inFolder(t);
	writeFileSync(raw, 'one\ntwo\n');
	const {signal} = new AbortController();
	for await (const line of followLines(paths, {secrets, signal})) {
		assert.equal(line, 'one');
		break;
	}
	const unwatchable = followLines(
		{raw: join(raw, 'no', 'folder'), sealed: join(raw, 'no', 'log')},
		{secrets, signal: AbortSignal.timeout(1)},
	);
	assert.equal((await unwatchable.next()).done, true);
});
