/** The built program in a real pseudo-terminal: start, keys, resize, signals, and the terminal given back. */
import assert from 'node:assert/strict';
import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {launcher, simulated, temporaryHome} from './helpers/program.ts';
import {type PtyOptions, startInPty} from './helpers/pty.ts';

const open = (t: TestContext, args: readonly string[], options: PtyOptions) => {
	const pty = startInPty(process.execPath, [launcher, ...args], options);
	t.after(() => pty.close());
	return pty;
};

test('the demo: first frame, keys, resizing both ways, quit', async t => {
	const {home, env} = temporaryHome(t);
	const pty = open(t, ['demo', '--reduced-motion'], {columns: 120, rows: 40, env, cwd: home});
	await pty.waitFor(/● synced[\s\S]*Candidates on develop/);
	assert.ok(pty.isAlternate());
	assert.ok(!pty.isWrapping());
	pty.write('?');
	await pty.waitFor(/Help what each key does/);
	pty.write('q');
	await pty.waitFor(screen => !/Help what each key does/.test(screen));
	for (const [columns, rows] of [
		[80, 24],
		[60, 16],
		[50, 10],
		[200, 50],
		[80, 24],
	] as const) {
		pty.resize(columns, rows);
		await pty.waitFor(screen =>
			columns < 60
				? screen.includes(`This terminal is ${columns}x${rows}`)
				: /Candidates/.test(screen) && screen.split('\n').length === rows - 1 && / quit$/m.test(screen),
		);
		// Nothing of a larger frame is left: every line is part of this picture.
		const lines = pty.text().split('\n');
		assert.ok(lines.every(line => line.length <= columns));
		assert.equal(lines.filter(line => /quit/.test(line)).length, 1, pty.text());
	}
	pty.write('q');
	assert.deepEqual(await pty.exited, {exitCode: 0, signal: 0});
	assert.ok(!pty.isAlternate());
	assert.ok(pty.isWrapping());
});

for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) {
	test(`${signal} gives the terminal back`, async t => {
		const {home, env} = temporaryHome(t);
		const pty = open(t, ['demo'], {env, cwd: home});
		await pty.waitFor(/● synced/);
		assert.ok(!pty.isWrapping());
		pty.signal(signal);
		await pty.exited;
		assert.ok(!pty.isAlternate());
		assert.ok(pty.isWrapping());
		assert.match(
			pty.raw(),
			/\u001B\[\?25h[^\u001B]*(?:\u001B\[[0-9;?]*[a-zA-Z])*$/,
			'the cursor is shown at the end',
		);
	});
}

test('the second start shows the last known state before GitHub answers, and survives a corrupt cache', async t => {
	const {home, env, simulator} = await simulated('quiet', t);
	const first = open(t, [], {env, cwd: home, columns: 100, rows: 30});
	await first.waitFor(/● synced/);
	await first.waitFor(/lint/);
	first.write('q');
	await first.exited;
	simulator.faults.during(0, Number.POSITIVE_INFINITY, {kind: 'timeout'});
	const second = open(t, [], {env, cwd: home, columns: 100, rows: 30});
	await second.waitFor(/as of [\d-]* ?\d\d:\d\d, asking GitHub[\s\S]*Candidates on develop/);
	second.write('q');
	assert.equal((await second.exited).exitCode, 0);
	const folder = join(home, 'cache', 'deployctl');
	const cached = readdirSync(folder, {recursive: true, encoding: 'utf8'})
		.filter(name => name.endsWith('.json'))
		.map(name => join(folder, name));
	assert.equal(cached.length, 1);
	writeFileSync(cached[0]!, readFileSync(cached[0]!, 'utf8').slice(0, -500));
	for (const name of readdirSync(join(folder, 'skeletons')))
		writeFileSync(join(folder, 'skeletons', name), '\u001B[2Jgarbage');
	simulator.faults.clear();
	const third = open(t, [], {env, cwd: home, columns: 100, rows: 30});
	await third.waitFor(/● synced/);
	assert.doesNotMatch(third.raw(), /garbage/);
	third.write('q');
	assert.equal((await third.exited).exitCode, 0);
});

test('NO_COLOR: symbols and words, not one colour', async t => {
	const {home, env} = temporaryHome(t);
	const pty = open(t, ['demo'], {env: {...env, NO_COLOR: '1'}, cwd: home});
	await pty.waitFor(/● synced/);
	pty.write('q');
	await pty.exited;
	assert.doesNotMatch(pty.raw(), /\u001B\[(?:\d+;)*(?:3[0-8]|48|9[0-7])(?:;\d+)*m/);
});

test('a screen reader gets sentences on the ordinary screen', async t => {
	const {home, env} = temporaryHome(t);
	const pty = open(t, ['demo', '--screen-reader'], {env, cwd: home, columns: 100, rows: 30});
	await pty.waitFor(/Production gate: (?:blocked|waiting|checking)/);
	assert.ok(!pty.isAlternate());
	assert.doesNotMatch(pty.text(), /[│╭━]/);
	pty.write('q');
	await pty.exited;
});

test('half a paste: its text is there after a silence, the keyboard lives, Ctrl-C leaves', async t => {
	const {home, env} = temporaryHome(t);
	const pty = open(t, ['demo', '--reduced-motion'], {columns: 100, rows: 30, env, cwd: home});
	await pty.waitFor(/● synced[\s\S]*Candidates on develop/);
	pty.write('/');
	await pty.waitFor(/cancel/);
	pty.write('\u001B[200~no such commit');
	await pty.waitFor(/no such commit/);
	pty.write('\r');
	await pty.waitFor(/No commit has "no such commit"/);
	pty.write('?');
	await pty.waitFor(/Help what each key does/);
	pty.write('\u001B[200~x');
	pty.write('\u0003');
	assert.deepEqual(await pty.exited, {exitCode: 130, signal: 0});
});

test('the title says what runs, and is given back at the end; where it does no good there is none', async t => {
	const {home, env} = temporaryHome(t);
	const spoken = open(t, ['demo'], {env, cwd: home});
	await spoken.waitFor(() => /\u001B\]2;auto-author: [^\u0007]*\u0007/.test(spoken.raw()));
	await spoken.waitFor(/● synced/);
	spoken.write('q');
	await spoken.exited;
	assert.match(spoken.raw(), /\u001B\[22;2t[\s\S]*\u001B\[\?1049l\u001B\]2;\u0007\u001B\[23;2t/);
	assert.doesNotMatch(spoken.raw(), /\u001B\]9;4/, 'nobody knows that this terminal takes it');
	const preferences = join(home, 'config', 'deployctl', 'preferences.json');
	for (const [args, more, terminal] of [
		[['--screen-reader'], {}, 'full'],
		[[], {STY: '1.pts'}, 'full'],
		[[], {}, 'quiet'],
	] as const) {
		mkdirSync(dirname(preferences), {recursive: true});
		writeFileSync(preferences, JSON.stringify({terminal}));
		const mute = open(t, ['demo', ...args], {env: {...env, ...more}, cwd: home});
		await mute.waitFor(/synced|Production gate/);
		mute.write('q');
		await mute.exited;
		assert.doesNotMatch(mute.raw(), /\u001B\](?:2|9);|\u001B\[22;2t/);
	}
});

test('the demo leaves nothing behind', async t => {
	const {home, env} = temporaryHome(t);
	const pty = open(t, ['demo'], {env, cwd: home});
	await pty.waitFor(/● synced/);
	pty.write('q');
	await pty.exited;
	assert.ok(!existsSync(join(home, 'cache', 'deployctl', 'facts')));
	assert.ok(!existsSync(join(home, 'cache', 'deployctl', 'skeletons')));
});

test('outside of any checkout the last repository is opened', async t => {
	const {home, env} = await simulated('quiet', t);
	const first = open(t, [], {env, cwd: home});
	await first.waitFor(/● synced/);
	await first.waitFor(() => existsSync(join(home, 'config', 'deployctl', 'preferences.json')));
	first.write('q');
	await first.exited;
	const without: Record<string, string> = Object.fromEntries(
		Object.entries(env).filter(([name]) => name !== 'GH_REPO'),
	);
	const second = open(t, [], {env: without, cwd: home});
	await second.waitFor(/acme\/auto-author/);
	second.write('q');
	assert.equal((await second.exited).exitCode, 0);
});
