import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, describe, test} from 'node:test';
import {transformSync} from 'esbuild';
import {exitCodes} from '../source/errors.ts';

const launcher = join(import.meta.dirname, '..', 'bin', 'deployctl.js');
const start = (args: string[], options: {node?: string[]; file?: string} = {}) =>
	spawnSync(process.execPath, [...(options.node ?? []), options.file ?? launcher, ...args], {
		encoding: 'utf8',
		env: {PATH: process.env['PATH'], HOME: tmpdir()},
	});

describe('launcher', () => {
	let folder = '';
	before(() => {
		folder = mkdtempSync(join(tmpdir(), 'deployctl-launcher-'));
	});
	after(() => {
		rmSync(folder, {recursive: true, force: true});
	});

	const pretending = (node: string): string => {
		const file = join(folder, `pretend-${node}.cjs`);
		writeFileSync(
			file,
			`Object.defineProperty(process, 'versions', {value: {...process.versions, node: '${node}'}}); Object.defineProperty(process, 'version', {value: 'v${node}'});`,
		);
		return file;
	};

	test('says the version of package.json', () => {
		const {version} = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')) as {
			version: string;
		};
		for (const option of ['--version', '-v']) {
			const {stdout, stderr, status} = start([option]);
			assert.deepEqual({stdout, stderr, status}, {stdout: `${version}\n`, stderr: '', status: exitCodes.done});
		}
	});

	test('tells an old Node.js what is needed, in one sentence', () => {
		for (const old of ['20.20.2', '22.12.0', '22.2.0', '9.13.0']) {
			const {stdout, stderr, status} = start(['status'], {node: ['--require', pretending(old)]});
			assert.equal(status, exitCodes.usage);
			assert.equal(stdout, '');
			assert.equal(
				stderr,
				`deployctl needs Node.js 22.13 or newer; this is v${old} (${process.execPath}). Install a newer Node.js, or run it as "npm start" inside this repository.\n`,
			);
		}
	});

	test('starts with the oldest Node.js that it needs', () => {
		for (const enough of ['22.13.0', '24.0.0'])
			assert.equal(start(['--version'], {node: ['--require', pretending(enough)]}).status, exitCodes.done);
		const {engines} = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')) as {
			engines: {node: string};
		};
		assert.equal(engines.node, '>=22.13');
	});

	test('uses no syntax that an old Node.js could stumble over before it can say so', () => {
		const code = readFileSync(launcher, 'utf8').replace('import(', 'imported(');
		assert.equal(transformSync(code, {target: 'es5'}).code, transformSync(code, {target: 'esnext'}).code);
	});

	test('says what to do when the program is not built', () => {
		cpSync(join(launcher, '..'), join(folder, 'bin'), {recursive: true});
		const {stdout, stderr, status} = start([], {file: join(folder, 'bin', 'deployctl.js')});
		assert.equal(status, exitCodes.usage);
		assert.equal(stdout, '');
		assert.match(stderr, /^deployctl is not built yet: .* is missing\. Run `npm run build` first\.\n$/);
	});
});
