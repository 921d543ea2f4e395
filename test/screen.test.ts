/** Launcher, skeleton and screen guard together, in a real pseudo-terminal, on the built sample screen. */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {after, afterEach, before, describe, test} from 'node:test';
import {exitCodes} from '../source/errors.ts';
import {buildSample} from './helpers/built-sample.ts';
import {startInPty, type Pty} from './helpers/pty.ts';

describe('the screen', () => {
	let sample: Awaited<ReturnType<typeof buildSample>>;
	let pty: Pty | null = null;
	const open = (args: string[] = [], file = process.execPath) => {
		pty = startInPty(file, file === process.execPath ? [sample.launcher, ...args] : args, {
			columns: 80,
			rows: 24,
			cwd: sample.folder,
			env: sample.env,
		});
		return pty;
	};
	const enters = (screen: Pty) => screen.raw().split('\u001B[?1049h').length - 1;
	const leaves = (screen: Pty) => screen.raw().split('\u001B[?1049l').length - 1;

	before(async () => {
		sample = await buildSample();
	});
	after(() => sample.remove());
	afterEach(async () => {
		await pty?.close();
		pty = null;
	});

	test('is given back as it was', async () => {
		const screen = open();
		await screen.waitFor(/FIRST-FRAME a rather/);
		assert.ok(screen.isAlternate());
		assert.ok(!screen.isWrapping());
		screen.write('q');
		assert.deepEqual(await screen.exited, {exitCode: 0, signal: 0});
		assert.ok(!screen.isAlternate());
		assert.ok(screen.isWrapping());
		assert.ok(screen.isCursorShown());
		assert.equal(screen.text(), 'goodbye');
		assert.deepEqual([enters(screen), leaves(screen)], [1, 1]);
		assert.ok(screen.raw().includes('\u001B[?2004l'), 'bracketed paste is switched off');
	});

	test('shows the last frame at once, and nothing of it stays when the first new frame comes', async () => {
		// The test before has left a skeleton: same folder, arguments, size and environment.
		const screen = open();
		await screen.waitFor(/FIRST-FRAME a rather/);
		assert.ok(!screen.isWrapping());
		await screen.waitFor(/FIRST-FRAME ready/);
		assert.doesNotMatch(screen.text(), /rather|gone/);
		assert.equal(enters(screen), 1, 'a second enter sequence would clear the screen on some terminals');
		screen.write('jjq');
		await screen.exited;
		assert.equal(leaves(screen), 1);
		assert.equal(screen.text(), 'goodbye');
	});

	test('is left before a crash is told, with the exit code of a bug', async () => {
		const screen = open(['--crash']);
		await screen.waitFor(/FIRST-FRAME/);
		assert.equal((await screen.exited).exitCode, exitCodes.bug);
		assert.ok(!screen.isAlternate());
		assert.ok(screen.isWrapping());
		assert.ok(screen.isCursorShown());
		assert.match(screen.text(), /^deployctl met a bug of its own: Error: as asked\n/);
		assert.equal(leaves(screen), 1);
	});

	for (const [signal, code] of [
		['SIGINT', 130],
		['SIGTERM', 143],
		['SIGHUP', 129],
	] as const) {
		test(`is given back on ${signal}`, async () => {
			const screen = open();
			await screen.waitFor(/FIRST-FRAME/);
			screen.signal(signal);
			const {exitCode, signal: by} = await screen.exited;
			assert.ok(exitCode === code || by !== 0, `${exitCode} ${by}`);
			assert.ok(!screen.isAlternate());
			assert.ok(screen.isWrapping());
			assert.ok(screen.isCursorShown());
			assert.equal(leaves(screen), 1);
			assert.doesNotMatch(screen.text(), /FIRST-FRAME/);
		});
	}

	test(
		'goes to the shell with Ctrl-Z and comes back whole with fg',
		{skip: spawnSync('bash', ['--version']).status !== 0 && 'no bash here'},
		async () => {
			const screen = open(['--norc', '--noprofile', '-i'], 'bash');
			await screen.waitFor(/\$ $|# $/);
			screen.write(`'${process.execPath}' '${sample.launcher}' job\r`);
			await screen.waitFor(/FIRST-FRAME/);
			screen.write('abc');
			await screen.waitFor(/keys: abc/);
			screen.write('\u001A');
			await screen.waitFor(/Stopped/);
			assert.ok(!screen.isAlternate());
			assert.ok(screen.isWrapping());
			assert.ok(screen.isCursorShown());
			screen.write('echo cooked $((6*7))\r');
			await screen.waitFor(/^cooked 42/m);
			screen.write('fg\r');
			await screen.waitFor(/keys: abc/);
			assert.ok(screen.isAlternate());
			assert.ok(!screen.isWrapping());
			screen.write('d');
			await screen.waitFor(/keys: abcd/);
			assert.match(screen.text(), /╭─.*╮/);
			screen.write('q');
			await screen.waitFor(/goodbye/);
			assert.ok(!screen.isAlternate());
			assert.ok(screen.isWrapping());
		},
	);

	test('stays when nobody could continue us after Ctrl-Z', async () => {
		// No shell: the kernel does not stop an orphaned process group.
		const screen = open();
		await screen.waitFor(/FIRST-FRAME/);
		screen.write('ab');
		await screen.waitFor(/keys: ab/);
		screen.write('\u001A');
		screen.write('c');
		await screen.waitFor(/keys: abc/);
		assert.ok(screen.isAlternate());
	});
});
