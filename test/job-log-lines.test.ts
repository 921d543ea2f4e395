/** What of a line of a GitHub log reaches the screen: time, mark and colours parsed off, and nothing that steers a terminal. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {maskerOf} from '../source/core/text/mask.ts';
import {showGitHubLine, textOf} from '../source/logs/github-line.ts';
import {lookOf} from '../source/ui/lines/theme.ts';
import {ansiLine} from '../source/ui/lines/screen-text.ts';
import {defaultPreferences} from '../source/core/settings/preferences.ts';
import {openTerminal} from './helpers/terminal.ts';
import {hostileLines} from './helpers/hostile.ts';
import {runs} from './helpers/fuzz.ts';

const masker = maskerOf(['open-sesame-secret']);
const show = (text: string) => showGitHubLine({head: text, tail: null, bytes: Buffer.byteLength(text)}, masker, null);
const stamp = '2026-11-23T09:00:00.1234567Z';
const colours = {
	dark: lookOf(defaultPreferences, 'dark', 0).colours,
	light: lookOf(defaultPreferences, 'light', 0).colours,
	none: lookOf({...defaultPreferences, theme: 'mono'}, 'dark', 0).colours,
};

test('the time, the mark and the byte order mark are parsed off', () => {
	const cases: ReadonlyArray<readonly [line: string, kind: string, text: string, hasTime: boolean]> = [
		[`\uFEFF${stamp} hello`, 'plain', 'hello', true],
		[`${stamp} `, 'plain', '', true],
		[stamp, 'plain', '', true],
		['no time', 'plain', 'no time', false],
		[`${stamp} ##[group]Run npm ci`, 'group', 'Run npm ci', true],
		[`${stamp} ##[endgroup]`, 'end', '', true],
		[`${stamp} ::group::Own group`, 'group', 'Own group', true],
		['::endgroup::', 'end', '', false],
		[`${stamp} ##[error]it failed\r`, 'error', 'it failed', true],
		['::error file=a.ts,line=3::it failed', 'error', 'it failed', false],
		[`${stamp} ##[warning]old`, 'warning', 'old', true],
		[`${stamp} ##[notice]new`, 'notice', 'new', true],
		[`${stamp} ##[debug]x`, 'debug', 'x', true],
		[`${stamp} ##[command]/usr/bin/git`, 'command', '/usr/bin/git', true],
		[`${stamp} a ##[error] within`, 'plain', 'a ##[error] within', true],
		[`${stamp} 10 %\r50 %\r100 %`, 'plain', '100 %', true],
		[`${stamp}x`, 'plain', `${stamp}x`, false],
		['std::error::Error', 'plain', 'std::error::Error', false],
		[`${stamp} \tindented`, 'plain', '        indented', true],
	];
	for (const [line, kind, text, hasTime] of cases) {
		const shown = show(line);
		assert.deepEqual(
			[shown.kind, textOf(shown.spans), shown.at !== null],
			[kind, text, hasTime],
			JSON.stringify(line),
		);
	}
	assert.equal(show(`${stamp} x`).at, Date.parse('2026-11-23T09:00:00.123Z'));
});

test('colours are kept: sixteen, the palette and true colour as the nearest of sixteen, bold and the like; ended where they end', () => {
	assert.deepEqual(show('\u001B[31mred\u001B[0m plain').spans, [
		{text: 'red', style: {colour: 'red'}},
		{text: ' plain'},
	]);
	assert.deepEqual(show('\u001B[1;4;92;41mx\u001B[22my\u001B[24;39mz\u001B[49m.').spans, [
		{text: 'x', style: {bold: true, underline: true, colour: 'green', ground: 'red'}},
		{text: 'y', style: {underline: true, colour: 'green', ground: 'red'}},
		{text: 'z', style: {ground: 'red'}},
		{text: '.'},
	]);
	const colour = (sequence: string) => show(`\u001B[${sequence}mx`).spans[0]?.style?.colour;
	assert.deepEqual(
		[
			'38;5;1',
			'38;5;9',
			'38;5;196',
			'38;5;21',
			'38;5;46',
			'38;5;244',
			'38;5;8',
			'38;2;255;10;10',
			'38;2;20;200;220',
			'38:2::10:10:250',
			'38:5:3',
			'90',
			'38;5',
			'38;2;1',
			'38;5;999',
			'99',
		].map(sequence => colour(sequence)),
		[
			'red',
			'red',
			'red',
			'blue',
			'green',
			'gray',
			'gray',
			'red',
			'cyan',
			'blue',
			'yellow',
			'gray',
			undefined,
			undefined,
			undefined,
			undefined,
		],
	);
	assert.deepEqual(show('\u001B[mx\u001B[;my\u001B[?1mz\u001B[>4;1mw\u001B[1 mv').spans, [
		{text: 'x'},
		{text: 'y'},
		{text: 'z'},
		{text: 'w'},
		{text: 'v'},
	]);
	assert.equal(textOf(show(`${stamp} a\u001B[32m\tb`).spans), 'a       b', 'columns count across colours');
	assert.equal(
		ansiLine([{text: 'x', style: {colour: 'red', bold: true}}], colours.none),
		'\u001B[1mx\u001B[0m',
		'NO_COLOR leaves what is no colour',
	);
	assert.equal(
		ansiLine([{text: 'x', style: {colour: 'white'}}], colours.light),
		'x',
		'white on white cannot be read',
	);
	assert.equal(ansiLine([{text: 'x', style: {colour: 'black'}}], colours.dark), '\u001B[90mx\u001B[0m');
});

test('secrets are masked, also where colours, invisible characters or sequences stand between their characters', () => {
	for (const line of [
		'open-sesame-secret',
		'open\u001B[31m-sesame\u001B[0m-secret',
		'open-ses\u200Bame-secret',
		'open-\u001B]0;x\u0007sesame-secret',
		`${stamp} ##[error]open-sesame-\u001B[1msecret`,
	]) {
		assert.equal(textOf(show(line).spans), '***', JSON.stringify(line));
	}
	assert.match(textOf(show(`${stamp} Authorization: Bearer abcdefghijklmnopqrst`).spans), /Bearer \*\*\*/);
});

/** What may leave: text, and SGR sequences of ours. */
const ours = /\u001B\[(?:\d{1,3};)*\d{1,3}m/g;
const steering = /[\u0000-\u001F\u007F-\u009F\u00AD\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/;

test('every sequence known: none reaches the frame, whatever the theme', () => {
	const lines = hostileLines();
	assert.ok(lines.length > 1500, `${lines.length} lines`);
	for (const line of lines) {
		for (const theme of [colours.dark, colours.none]) {
			const frame = ansiLine(show(line).spans, theme).replaceAll(ours, '');
			assert.doesNotMatch(frame, steering, JSON.stringify(line));
			assert.ok(frame.isWellFormed(), JSON.stringify(line));
		}
	}
});

test('a terminal that is shown all of them is what it was: cursor, title, modes, screen', async () => {
	const terminal = openTerminal({columns: 120, rows: 30});
	const titles: string[] = [];
	terminal.emulator.onTitleChange(title => titles.push(title));
	let bells = 0;
	terminal.emulator.onBell(() => bells++);
	const replies: string[] = [];
	terminal.emulator.onData(data => replies.push(data));
	const modes = JSON.stringify(terminal.emulator.modes);
	try {
		for (const line of hostileLines()) {
			terminal.stdout.write(
				`\u001B[H\u001B[2K${ansiLine(
					[
						{text: '['},
						...show(`${stamp} ${line}`)
							.spans.map(part => ({...part, text: part.text.slice(0, 60)}))
							.slice(0, 1),
						{text: ']'},
					],
					colours.dark,
				)}`,
			);
			await terminal.settled();
			const {cursorY, cursorX, type} = terminal.emulator.buffer.active;
			assert.deepEqual([cursorY, type], [0, 'normal'], JSON.stringify(line));
			assert.equal(terminal.cell(cursorX - 1, 0).character, ']', JSON.stringify(line));
		}
		assert.equal(terminal.text().split('\n').length, 1, 'nothing was written elsewhere');
		assert.deepEqual([titles, bells, replies], [[], 0, []]);
		assert.equal(JSON.stringify(terminal.emulator.modes), modes);
		// The same corpus raw, to know that it is one.
		for (const line of hostileLines()) terminal.stdout.write(line.replaceAll('\u007F', ''));
		await terminal.settled();
		assert.ok(titles.length > 0 && replies.length > 0 && bells > 0, 'unsanitised, they do act');
	} finally {
		terminal.close();
	}
});

test('property: whatever a line holds', () => {
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
				':',
				'1',
				'38',
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
				'##[error]',
				'::group::',
				stamp,
			),
			fc.string({unit: 'binary', minLength: 1, maxLength: 1}),
		),
		maxLength: 80,
	});
	fc.assert(
		fc.property(nasty, head => {
			const frame = ansiLine(show(head).spans, colours.dark).replaceAll(ours, '');
			assert.doesNotMatch(frame, steering);
			assert.doesNotMatch(frame, /\p{M}{3}/u);
			assert.ok(frame.isWellFormed());
		}),
		runs(1500),
	);
	// Quadratic, if a search were not bounded: the test would not end.
	for (const part of [
		'\u009D',
		'\u001B]',
		'\r',
		'\t',
		' ',
		'\u001B[',
		'\u0301',
		'\u001B[1m',
		'\u001B[1mx',
		'##[error]',
		'\u001B[38;5;',
	])
		show(`${part.repeat(Math.floor(32_000 / part.length))}\u001Bx`);
});
