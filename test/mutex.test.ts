/** The kernel's lock: one holder, in this process or another, and none once the holder is gone. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, test} from 'node:test';
import {takeMutex, tryMutex, withMutex, withoutSqliteWarning} from '../source/operations/files/mutex.ts';
import {Failure} from '../source/errors.ts';
import {patienceMs} from './helpers/patience.ts';

const root = mkdtempSync(join(tmpdir(), 'mutex-'));
after(() => rmSync(root, {recursive: true, force: true}));
const module = new URL('../source/operations/files/mutex.ts', import.meta.url).href;

/** A process that holds the mutex until it is killed. */
const holder = async (path: string) => {
	const child = spawn(
		process.execPath,
		[
			'--input-type=module',
			'-e',
			`const {takeMutex} = await import(${JSON.stringify(module)}); await takeMutex(${JSON.stringify(path)}, ${patienceMs}); console.log('held'); setInterval(() => {}, 1000);`,
		],
		{stdio: ['ignore', 'pipe', 'pipe']},
	);
	await once(child.stdout, 'data');
	return child;
};

test('two connections of one process exclude each other', () => {
	const path = join(root, 'one');
	const mutex = tryMutex(path);
	assert.ok(mutex);
	assert.equal(tryMutex(path), null);
	mutex.release();
	mutex.release();
	const again = tryMutex(path);
	assert.ok(again);
	again.release();
});

test('kill -9 of the holder frees it', async () => {
	const path = join(root, 'two');
	const child = await holder(path);
	assert.equal(tryMutex(path), null);
	child.kill('SIGKILL');
	await once(child, 'exit');
	const mutex = await takeMutex(path, patienceMs);
	assert.ok(mutex);
	mutex.release();
});

test('sections follow each other; one that throws frees it; one that cannot begin says so', async () => {
	const path = join(root, 'three');
	let inside = 0;
	await Promise.all(
		Array.from({length: 10}, () =>
			withMutex(path, async () => {
				assert.equal(++inside, 1);
				await new Promise(setImmediate);
				inside--;
			}),
		),
	);
	await assert.rejects(
		withMutex(path, () => Promise.reject(new Error('inner'))),
		/inner/,
	);
	await withMutex(path, () =>
		assert.rejects(
			withMutex(path, () => {}, {timeoutMs: 30}),
			(error: unknown) => error instanceof Failure,
		),
	);
	assert.throws(
		() => tryMutex(join(root, 'absent', 'x')),
		(error: unknown) => error instanceof Failure && /x: /.test(error.because ?? ''),
	);
});

test('of all warnings only the one about SQLite is held back', () => {
	const said: unknown[] = [];
	const program = {emitWarning: (...parts: unknown[]) => void said.push(parts[0])};
	withoutSqliteWarning(program);
	program.emitWarning('SQLite is an experimental feature and might change at any time', 'ExperimentalWarning');
	program.emitWarning('something else', 'ExperimentalWarning');
	program.emitWarning('SQLite', 'DeprecationWarning');
	assert.deepEqual(said, ['something else', 'SQLite']);
});
