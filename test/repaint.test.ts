/** Between Ink and the terminal: each changed row goes to its own place, a new size is one whole frame, the rest stays. */
import assert from 'node:assert/strict';
import {describe, test, type TestContext} from 'node:test';
import {render} from 'ink';
import {createElement} from 'react';
import xterm from '@xterm/headless';
import {createPainter} from '../source/tuning/terminal/frame-painter.ts';
import {rowUpdate} from '../source/tuning/terminal/row-update.ts';
import {createScreenGuard} from '../source/tuning/terminal/screen-guard.ts';
import {App} from '../source/ui/app.tsx';
import {openApp} from './helpers/app.ts';
import {keys, openTerminal} from './helpers/terminal.ts';

const clear = '\u001B[2J';

const open = async (t: TestContext) => {
	const terminal = openTerminal({columns: 120, rows: 40});
	const app = await openApp({startMinutes: 9, columns: 120, rows: 40}, t);
	await app.settled();
	const guard = createScreenGuard({stdout: terminal.stdout, stdin: terminal.stdin, ownsProcess: false});
	terminal.stdout.on('resize', () => app.resize(terminal.stdout.columns, terminal.stdout.rows));
	const ink = render(
		createElement(App, {store: app.store, background: 'dark', isForScreenReader: false, onReady: () => {}}),
		{
			stdin: terminal.stdin,
			stdout: guard.stdout,
			alternateScreen: true,
			incrementalRendering: false,
			exitOnCtrlC: false,
			patchConsole: false,
			interactive: true,
			maxFps: 120,
		},
	);
	t.after(() => {
		ink.unmount();
		guard.dispose();
		terminal.close();
	});
	const trimmed = (text: string) =>
		text
			.split('\n')
			.map(line => line.trimEnd())
			.join('\n')
			.trimEnd();
	const isWhole = () => terminal.until(screen => trimmed(screen) === trimmed(app.screen()));
	await isWhole();
	return {terminal, app, guard, ink, isWhole};
};

describe('the app in Ink behind the guard', () => {
	test('writes only rows that change, each to its place, and nothing wraps', async t => {
		const {terminal, isWhole} = await open(t);
		assert.equal(terminal.emulator.modes.wraparoundMode, false);
		terminal.forget();
		await terminal.press(keys.down);
		await isWhole();
		assert.doesNotMatch(terminal.raw(), /\u001B\[\d*[ABEFJ]|\n/, 'no relative move');
		assert.ok(terminal.bytesWritten() < 6000, String(terminal.bytesWritten()));
	});

	test('a new size is one frame of that size, over a cleared screen', async t => {
		const {terminal, isWhole} = await open(t);
		for (const [columns, rows] of [
			[119, 40],
			[80, 24],
			[80, 30],
			[61, 17],
			[200, 60],
			[40, 9],
			[120, 40],
		] as const) {
			terminal.forget();
			await terminal.resize(columns, rows);
			await isWhole();
			const [before, after, ...more] = terminal.raw().split(clear);
			assert.equal(more.length, 0, 'cleared once');
			assert.doesNotMatch(
				before!.replaceAll(/\u001B\[[\d;?]*[a-zA-Z]/g, ''),
				/./,
				'nothing of the old size is drawn',
			);
			assert.match(before!, /\u001B\[\?2026h(?:\u001B\[[\d;?]*[mHl])*$/, 'inside a synchronised update');
			for (const row of after!.split(/\u001B\[\d+;\d+H/)) {
				const text = row.replaceAll(/\u001B\[[\d;?]*[a-zA-Z]/g, '');
				assert.ok([...text].length <= columns, `${columns}: ${text}`);
			}
		}
	});

	test('a size that leaves no trace in the frame repaints, too', async t => {
		const {terminal, isWhole} = await open(t);
		terminal.emulator.write('\u001B[3;3Hgarbage');
		await terminal.until(/garbage/);
		terminal.stdout.emit('resize');
		await isWhole();
	});

	test('repaint() removes what others printed, also when they switched wrapping on', async t => {
		const {terminal, guard, isWhole} = await open(t);
		terminal.emulator.write(`\u001B[?7h\u001B[41m\u001B[3;3Hgarbage${'\r\n'.repeat(100)}`);
		await terminal.until(screen => screen === '');
		guard.repaint();
		await isWhole();
		assert.equal(terminal.emulator.modes.wraparoundMode, false);
		assert.equal(terminal.cell(0, 0).background, 'default');
	});

	test('wrapping is back on afterwards', async t => {
		const {terminal, ink} = await open(t);
		ink.unmount();
		await terminal.settled();
		assert.ok(!terminal.isAlternate());
		assert.equal(terminal.emulator.modes.wraparoundMode, true);
	});
});

describe('the painter', () => {
	const pieces = [
		'deploy ',
		'✓ ok ',
		'│',
		'─────',
		'\u001B[32mgreen\u001B[39m ',
		'\u001B[1mbold\u001B[22m',
		'日本',
		'👍🏽',
		'e\u0301',
		'\u0301',
		'e',
		'⚠️',
		'⚠',
		'👩‍👩‍👧',
		'\u001B]8;;https://example.org\u0007link\u001B]8;;\u0007',
		'12:34 ',
		'a '.repeat(12),
	];
	let seed = 1;
	const upTo = (limit: number) => {
		seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
		return (seed >> 8) % limit;
	};
	const randomRow = () => Array.from({length: upTo(8)}, () => pieces[upTo(pieces.length)]!);
	/** Most rows stay, some change from somewhere on. Each is complete in itself, as Ink makes them: what it switches on, it switches off. */
	const changed = (row: readonly string[]) =>
		upTo(3) > 0 ? row : [...row.slice(0, upTo(row.length + 1)), ...randomRow()];

	test('leaves the same screen as a fresh start, whatever the rows are', async () => {
		const shown = new xterm.Terminal({cols: 30, rows: 8, allowProposedApi: true});
		const written = (terminal: InstanceType<typeof xterm.Terminal>, text: string) =>
			new Promise<void>(resolve => {
				terminal.write(text, resolve);
			});
		const cells = (terminal: InstanceType<typeof xterm.Terminal>) =>
			Array.from({length: 8}, (_, y) =>
				Array.from({length: 30}, (__, x) => {
					const cell = terminal.buffer.active.getLine(y)!.getCell(x)!;
					return `${cell.getChars() || ' '}${cell.getFgColor()}${cell.isBold()}`;
				}),
			);
		const painter = createPainter(() => 8);
		let rows: ReadonlyArray<readonly string[]> = Array.from({length: 7}, randomRow);
		for (let frame = 0; frame < 400; frame++) {
			rows = rows.map(row => changed(row));
			const text = `${rows
				.slice(0, 4 + upTo(4))
				.map(row => row.join(''))
				.join('\n')}\n`;
			await written(shown, painter.translate(`\u001B[2K\u001B[1A\u001B[2K\u001B[G${text}`));
			const fresh = new xterm.Terminal({cols: 30, rows: 8, allowProposedApi: true});
			await written(fresh, createPainter(() => 8).translate(text));
			assert.deepEqual(cells(shown), cells(fresh), JSON.stringify(text));
			fresh.dispose();
		}
		shown.dispose();
	});

	test('takes nothing but frames for frames', () => {
		const painter = createPainter(() => 8);
		for (const control of ['', '\u001B[?2026h', '\u001B[?25l', '\u001B[?2004h', '\u001B[?u']) {
			assert.equal(painter.translate(control), control);
		}
		assert.equal(painter.translate('\u001B[2K\u001B[1A\u001B[2K\u001B[G'), '', 'taking back is not needed');
		assert.equal(painter.again(), '', 'nothing was drawn yet');
	});

	test('changes rows from the first cell that differs, unless the cells before it are uncertain', () => {
		assert.equal(rowUpdate(3, 'step 1 of 20 is running', 'step 1 of 20 is stopped'), '\u001B[3;17H\u001B[Kstopped');
		assert.equal(
			rowUpdate(3, 'abc 日本語 is long', 'abc 日本語 is short'),
			'\u001B[3;4H\u001B[K 日本語 is short',
			'from the cell before what is uncertain',
		);
		assert.equal(rowUpdate(3, '👍🏽 one', '👍🏽 two'), '\u001B[3;1H\u001B[K👍🏽 two');
		assert.equal(
			rowUpdate(3, 'some cafe\u0301', 'some cafe'),
			'\u001B[3;9H\u001B[Ke',
			'an accent goes with its letter',
		);
		assert.equal(
			rowUpdate(3, 'long enough \u001B[32mok one\u001B[39m', 'long enough \u001B[32mok two\u001B[39m'),
			'\u001B[3;16H\u001B[K\u001B[32mtwo\u001B[39m',
			'colours are switched on again',
		);
		assert.equal(rowUpdate(3, 'gone', ''), '\u001B[3;1H\u001B[K');
	});
});
