/** The sandbox with real scripts, real processes and real HTTP. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {withSandbox} from '../source/sandbox/settings.ts';
import {realFiles} from '../source/settings/checkout/files.ts';
import {loadSettings} from '../source/settings/load.ts';
import {createStage, eventually, processesIn, said, shas, stageIn} from './helpers/sandbox.ts';

// Most of it is waiting: side by side.
describe('the sandbox', {concurrency: true}, () => {
	test('from the first release to the end: a bad one turns red, a rollback heals, workflows deploy, and nothing stays', async t => {
		const stage = await createStage(t);
		const sandbox = await stage.open();
		for (const name of ['staging', 'production'] as const) {
			assert.deepEqual(await said(stage.place, name), {sha: shas.live, health: 200});
			const {output} = await stage.script('rollback.sh', ['--list', '--env', name]);
			assert.equal(output.match(/ note release .*healthy=yes/g)?.length, 3, output);
			assert.match(output, new RegExp(`sha=${shas.before}.*candidate=yes.*default=yes`), output);
		}

		await t.test('one that fails at once never stays', async () => {
			const {code, output} = await stage.script(
				'deploy.sh',
				['--env', 'production', '--sha', shas.failing, '--run', 'failing'],
				{HEALTH_DEADLINE: '1'},
			);
			assert.ok(code === 10 || code === 20, output);
			assert.deepEqual(await said(stage.place, 'production'), {sha: shas.live, health: 200});
		});

		await t.test('one that turns red is deployed, turns red, and is rolled back', async () => {
			const deployed = await stage.script('deploy.sh', ['--env', 'staging', '--sha', shas.red, '--run', 'red']);
			assert.equal(deployed.code, 0, deployed.output);
			assert.equal((await said(stage.place, 'staging'))?.sha, shas.red);
			await eventually('staging is red', async () => (await said(stage.place, 'staging'))?.health === 503);
			const back = await stage.script('rollback.sh', ['--env', 'staging', '--run', 'back']);
			assert.equal(back.code, 0, back.output);
			assert.deepEqual(await said(stage.place, 'staging'), {sha: shas.live, health: 200});
		});

		await t.test('what a workflow has deployed comes', async () => {
			sandbox.follow(async () => [{run: 7, environment: 'staging', sha: shas.next}], []);
			await eventually(
				'staging has the next one',
				async () => (await said(stage.place, 'staging'))?.sha === shas.next,
			);
		});

		// Typed by hand in the checkout, the program works with the same settings as the demo.
		const {settings} = await loadSettings(stage.place.checkout, realFiles);
		assert.deepEqual(settings, {...withSandbox(defaultSettings, stage.place), repository: 'acme/app'});

		await sandbox.end();
		await eventually('nothing runs', async () => (await processesIn(stage.folder)).length === 0);
		assert.equal(await said(stage.place, 'production'), null);
		// Whoever comes after a good-bye begins anew.
		assert.equal((await stageIn(stage.folder)).place.isFresh, true);
	});

	test('left alone it stays, is found again as it was, and what died is brought back', async t => {
		const stage = await createStage(t);
		const sandbox = await stage.open({releases: {staging: [shas.live], production: [shas.live]}});
		await stage.script('deploy.sh', ['--env', 'staging', '--sha', shas.next, '--run', 'next']);
		sandbox.leave();
		const again = await stageIn(stage.folder);
		assert.equal(again.place.isFresh, false);
		assert.deepEqual(again.place.ports, stage.place.ports);
		// A process that somebody killed, or all of them after a new start of the machine.
		for (const line of await processesIn(stage.folder)) process.kill(Number.parseInt(line, 10), 'SIGKILL');
		await eventually('it is dead', async () => (await processesIn(stage.folder)).length === 0);
		const found = await again.open();
		assert.deepEqual(await said(again.place, 'staging'), {sha: shas.next, health: 200});
		assert.deepEqual(await said(again.place, 'production'), {sha: shas.live, health: 200});
		await found.end();
		await eventually('nothing runs', async () => (await processesIn(stage.folder)).length === 0);
	});
});
