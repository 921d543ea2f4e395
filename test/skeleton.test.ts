import assert from 'node:assert/strict';
import {mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, test} from 'node:test';
import files from '../bin/skeleton.js';

describe('skeleton files', () => {
	let folder = '';
	const environment = {...process.env};
	const argv = ['--repo', 'a/b'];
	const frame = 'deployctl \u001B[32m✓ passed\u001B[39m\nsecond line';
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'deployctl-skeleton-'));
		process.env['XDG_CACHE_HOME'] = folder;
	});
	afterEach(() => {
		process.env = {...environment};
		rmSync(folder, {recursive: true, force: true});
	});

	test('give back what was kept, to its owner only', () => {
		assert.equal(files.save('1.0.0', argv, 80, 24, frame), true);
		assert.equal(files.load('1.0.0', argv, 80, 24), frame);
		assert.equal(statSync(files.file(argv, 80, 24)).mode & 0o777, 0o600);
	});

	test('belong to one command line, size, version, repository and colouring', () => {
		files.save('1.0.0', argv, 80, 24, frame);
		assert.equal(files.load('1.0.1', argv, 80, 24), null);
		assert.equal(files.load('1.0.0', argv, 81, 24), null);
		assert.equal(files.load('1.0.0', ['status'], 80, 24), null);
		for (const name of ['GH_REPO', 'GH_HOST', 'NO_COLOR', 'DEPLOYCTL_ANYTHING']) {
			process.env[name] = 'x';
			assert.equal(files.load('1.0.0', argv, 80, 24), null, name);
			delete process.env[name];
		}
		assert.equal(files.load('1.0.0', argv, 80, 24), frame);
	});

	test('are ignored when cut off, foreign, too high, too large or able to drive the terminal', () => {
		files.save('1.0.0', argv, 80, 24, frame);
		const name = files.file(argv, 80, 24);
		const good = readFileSync(name, 'utf8');
		const wrong = [
			good.slice(0, -3),
			'',
			'something else',
			good.replace('second', '\n'.repeat(30)),
			good.replace('second', 'x'.repeat(files.LIMIT)),
			good.replace('second', '\u001B]52;c;aGk=\u0007'),
			good.replace('second', '\u001B[6n'),
			good.replace('second', '\u009B6n'),
		];
		for (const content of wrong) {
			writeFileSync(name, content);
			assert.equal(files.load('1.0.0', argv, 80, 24), null, JSON.stringify(content.slice(0, 80)));
		}
		writeFileSync(name, good);
		assert.equal(files.load('1.0.0', argv, 80, 24), frame);
	});

	test('that cannot be written are no error', () => {
		process.env['XDG_CACHE_HOME'] = join(folder, 'file');
		writeFileSync(join(folder, 'file'), '');
		assert.equal(files.save('1.0.0', argv, 80, 24, frame), false);
		assert.equal(files.save('1.0.0', argv, 80, 24, `\u001B[2J${frame}`), false);
	});
});
