/** The walls of the house: who may import whom, read from the import lines; and how large a file may grow. */
import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {dirname, relative, resolve} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';

const source = fileURLToPath(new URL('../source', import.meta.url));
const files = readdirSync(source, {recursive: true, encoding: 'utf8'})
	.filter(name => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
	.sort();

/** Room of a file: its folder, or the file itself when it lies at the top. */
const roomOf = (file: string) => (file.includes('/') ? file.split('/')[0]! : file);
const importsOf = (file: string) =>
	[...readFileSync(resolve(source, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
		match => match[1]!,
	);
const localImports = (file: string) =>
	importsOf(file)
		.filter(name => name.startsWith('.'))
		.map(name => relative(source, resolve(source, dirname(file), name)));
const packageImports = (file: string) => importsOf(file).filter(name => !name.startsWith('.'));

/** Arrows: a room may import itself and these. */
const arrows: Readonly<Record<string, readonly string[]>> = {
	core: [],
	'errors.ts': ['core'],
	'world.ts': ['core'],
	operations: ['core', 'world.ts', 'errors.ts', 'edges', 'github', 'settings', 'notify', 'logs'],
	logs: ['core', 'world.ts'],
	record: ['core', 'world.ts', 'errors.ts'],
	reporter: ['core', 'errors.ts', 'edges'],
	init: ['core', 'errors.ts', 'settings'],
	doctor: ['core', 'world.ts', 'errors.ts', 'github', 'settings', 'init', 'notify'],
	notify: ['core', 'world.ts'],
	state: ['core', 'world.ts'],
	ui: ['core', 'state'],
	github: ['core', 'world.ts'],
	settings: ['core', 'errors.ts'],
	edges: ['core', 'world.ts'],
	simulator: ['core', 'world.ts', 'edges'],
	tuning: ['errors.ts'],
	commands: [
		'core',
		'state',
		'ui',
		'world.ts',
		'errors.ts',
		'edges',
		'github',
		'settings',
		'simulator',
		'tuning',
		'operations',
		'sandbox',
		'logs',
		'record',
		'reporter',
		'init',
		'doctor',
		'notify',
	],
	sandbox: ['core', 'world.ts', 'edges', 'errors.ts'],
	'cli.tsx': ['commands', 'errors.ts', 'tuning'],
	'gate.ts': ['cli.tsx', 'errors.ts'],
};

test('every room imports only what its arrows allow', () => {
	for (const file of files) {
		const allowed = arrows[roomOf(file)];
		assert.ok(allowed, `${roomOf(file)} is a room without arrows`);
		for (const name of localImports(file)) {
			// Above source/ lie package.json and the launcher's skeleton, which only tuning touches.
			if (name.startsWith('..')) {
				assert.equal(roomOf(file), 'tuning', `${file} reaches out of source/: ${name}`);
				continue;
			}
			const room = roomOf(name);
			assert.ok(room === roomOf(file) || allowed.includes(room), `${file} imports ${name}`);
		}
	}
});

test('core is pure: no packages, no clock, no chance, no process', () => {
	for (const file of files.filter(name => roomOf(name) === 'core' || roomOf(name) === 'state')) {
		assert.deepEqual(packageImports(file), [], file);
		const text = readFileSync(resolve(source, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
		assert.doesNotMatch(
			text,
			/Date\.now|new Date\(\)|Math\.random|performance\.|process\.|setTimeout|setInterval|fetch\(/,
			file,
		);
	}
});

test('only effects.ts acts in the state room, and only the app listens in the ui room', () => {
	for (const file of files.filter(name => roomOf(name) === 'ui')) {
		const text = readFileSync(resolve(source, file), 'utf8');
		if (file !== 'ui/app.tsx') assert.doesNotMatch(text, /useInput|usePaste|useEffect|dispatch/, file);
		assert.doesNotMatch(text, /Date\.now|process\./, file);
	}
	for (const file of files.filter(name => roomOf(name) === 'state' && name !== 'state/effects.ts')) {
		// Its types are for everyone; `world.` is somebody who acts.
		assert.doesNotMatch(readFileSync(resolve(source, file), 'utf8'), /(?<!\/)world\.|await /, file);
	}
});

/** Where `process` is the subject itself: the entry, the terminal, the launcher's files, a worker's data. */
const mayTouchProcess =
	/^(?:cli\.tsx|gate\.ts|operations\/(?:supervisor|promoter)\.ts|sandbox\/(?:app|sandbox)\.ts|reporter\/playwright\.ts|tuning\/(?:screen-guard|job-control|skeleton|after-first-frame)\.ts|simulator\/worker\.ts)$/;

test('only the entry and the screen guard touch process', () => {
	for (const file of files.filter(name => !mayTouchProcess.test(name))) {
		const text = readFileSync(resolve(source, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
		assert.doesNotMatch(text, /\bprocess\.(?:env|argv|exit|stdout|stderr|stdin|cwd|on|platform)\b/, file);
	}
});

test('files stay small', () => {
	for (const file of files.filter(name => !name.includes('generated'))) {
		const lines = readFileSync(resolve(source, file), 'utf8').split('\n').length;
		assert.ok(lines <= 250, `${file} has ${lines} lines`);
	}
});
