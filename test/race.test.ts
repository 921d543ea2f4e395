/** Twenty want the same environment in the same instant: one gets it, always. 200 rounds: `npm run bench -- race`. */
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {verifyJournal} from '../source/operations/journal/journal-verify.ts';
import {readRefusal} from '../source/operations/request/request.ts';
import {runRace} from './helpers/race.ts';
import {createStage} from './helpers/supervised.ts';

const it = createStage();
after(() => it.close());

test('20 processes, 20 rounds, every fourth winner killed: one winner a round, one outcome an operation', async () => {
	const result = await runRace({rounds: 20, racers: 20, deathEvery: 4});
	assert.equal(result.single, 20, JSON.stringify(result));
	assert.deepEqual(result.answers, {won: 20, 'refused 6': 380});
	assert.deepEqual([result.operations, result.outcomes], [20, 20]);
});

test('20 whole supervisors at once: the script runs once, and nobody else had begun', async () => {
	// Fails when another one is inside, and stays until all the others have been refused.
	it.script('#!/bin/sh\nset -C\n: >witness || exit 9\nwhile [ ! -e go ]; do sleep 0.02; done\nrm witness\n');
	const wanted = Array.from({length: 20}, () => it.ask(it.plan()));
	const runs = wanted.map(files => it.supervise(files.directory).ended);
	let over = 0;
	await new Promise<void>(resolve => {
		for (const run of runs) void run.then(() => ++over === 19 && resolve());
	});
	it.script('', '../go');
	await Promise.all(runs);
	const outcomes = (await it.records()).flatMap(record => (record.type === 'finished' ? [record.outcome] : []));
	assert.deepEqual(outcomes, ['succeeded']);
	assert.deepEqual(
		wanted.map(files => readRefusal(files)?.exitCode).filter(code => code !== undefined),
		Array.from({length: 19}, () => 6),
	);
	assert.equal((await verifyJournal(it.paths)).ok, true);
});
