/** Waits of tests: they end with a sentence, and are as long as the machine is slow. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {patienceMs, patient, patientNow, slowness, until} from './helpers/patience.ts';

test('a wait ends as soon as what it waits for is so, and in words when it never is', async () => {
	let looks = 0;
	await until('the third look', () => ++looks === 3);
	assert.equal(looks, 3);
	await until('it is told later', async () => true, 0);
	await assert.rejects(
		until('pigs fly', () => false, 1),
		{message: 'waited in vain until pigs fly (0 s)'},
	);
	await assert.rejects(
		until(
			() => `after ${looks} looks`,
			() => false,
			1,
		),
		/waited in vain until after 3 looks/,
	);
	await assert.rejects(
		until('it can be asked', () => {
			throw new Error('no answer');
		}),
		/no answer/,
	);
});

test('ends grow with the slowness of the machine, which is measured once for a run', () => {
	assert.ok(slowness >= 1 && slowness <= 6, `${slowness}`);
	assert.equal(patienceMs, Math.ceil(60_000 * slowness));
	const told = (value: string) =>
		execFileSync(
			process.execPath,
			[
				'--input-type=module',
				'-e',
				`
		const {patient, slowness} = await import(${JSON.stringify(fileURLToPath(new URL('helpers/patience.ts', import.meta.url)))});
		console.log(slowness, patient(1000));`,
			],
			{env: {TEST_SLOWNESS: value}, encoding: 'utf8'},
		).trim();
	assert.deepEqual([told('2.5'), told('0.4'), told('100'), told('fast')], ['2.5 2500', '1 1000', '6 6000', '1 1000']);
	assert.equal(patient(0), 0);
	const now = patientNow(1000);
	assert.ok(
		now >= 1000 && now <= (1000 / slowness) * 6,
		`a machine that has become slower gets more, in bounds: ${now}`,
	);
});

test('no test has an end of its own in numbers: on a slow machine it would be a failure', () => {
	const folder = fileURLToPath(new URL('.', import.meta.url));
	const found = readdirSync(folder)
		.filter(name => /\.test\.tsx?$/.test(name))
		.flatMap(name =>
			readFileSync(join(folder, name), 'utf8')
				.split('\n')
				.filter(line => /\b(?:test|describe|it)\(.*\{(?:[^{}]*, )?timeout: /.test(line))
				.map(line => `${name}: ${line.slice(0, 80)}`),
		);
	assert.deepEqual(found, []);
});
