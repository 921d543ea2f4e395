/** The built program: what a watch has seen is told, exported and played; where nothing may be recorded, nothing is. */
import assert from 'node:assert/strict';
import {existsSync, readdirSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {run, simulated} from './helpers/program.ts';

const recordOf = (home: string): string =>
	join(home, 'state', 'deployctl', 'repositories', 'github%2Ecom', 'acme', 'auto-author', 'record');

test('watch records, timeline tells, --export and replay play it, from the disk alone', async t => {
	const {home, env, simulator} = await simulated('deploy-fails', t, 60);
	const here = {env, cwd: home};
	const watched = await run(['watch', '--plain', '--until', 'deploy', '--timeout', '10m'], here);
	assert.equal(watched.exitCode, 1, watched.stderr);
	const [file] = readdirSync(recordOf(home));
	assert.match(file ?? '', /^\d{8}T\d{9}Z-\d+-[0-9a-f]{6}\.jsonl$/);
	assert.equal(statSync(join(recordOf(home), file!)).mode & 0o777, 0o600);
	await simulator.close();
	const offline = {
		env: {...env, GH_TOKEN: '', GITHUB_API_URL: 'http://127.0.0.1:1', GITHUB_GRAPHQL_URL: 'http://127.0.0.1:1'},
		cwd: home,
	};
	const told = await run(['timeline', '--utc'], offline);
	assert.equal(told.exitCode, 0, told.stderr);
	assert.match(told.stdout, /Timeline of acme\/auto-author[\s\S]*first sign[\s\S]*FAILED\s+deploy[\s\S]*Not known/);
	const json = JSON.parse((await run(['timeline', '--json'], offline)).stdout) as {items: Array<{text: string}>};
	assert.ok(json.items.some(({text}) => text.startsWith('Deployment failed')));
	const exported = await run(['timeline', '--export', 'incident.jsonl.gz'], offline);
	assert.equal(exported.exitCode, 0, exported.stderr);
	const again = await run(['timeline', '--export', 'incident.jsonl.gz'], offline);
	assert.deepEqual([again.exitCode, /there already/.test(again.stderr)], [2, true]);
	// A colleague has the file and nothing else.
	const elsewhere = {env: {PATH: process.env['PATH'] ?? '', HOME: join(home, 'colleague'), TZ: 'UTC'}, cwd: home};
	const played = await run(['replay', 'incident.jsonl.gz'], elsewhere);
	assert.equal(played.exitCode, 0, played.stderr);
	assert.match(played.stdout, /deploy {6}failed {5}Deployment failed/);
	const listed = await run(['replay'], offline);
	assert.ok(listed.stdout.includes(file!), listed.stdout);
	assert.equal((await run(['replay', file!, '--plain'], offline)).exitCode, 0);
	writeFileSync(join(home, 'foreign'), 'not ours\n');
	for (const name of ['nothing.gz', 'foreign']) {
		const refused = await run(['replay', name], elsewhere);
		assert.deepEqual([refused.exitCode, refused.stdout], [2, ''], name);
		assert.match(refused.stderr, /no such file|is not a recording/);
	}
});

test('--no-record leaves nothing behind', async t => {
	const {home, env} = await simulated('quiet', t);
	const watched = await run(['watch', '--plain', '--no-record', '--timeout', '2s'], {env, cwd: home});
	assert.equal(watched.exitCode, 1);
	assert.equal(existsSync(recordOf(home)), false);
});
