/** The command line as a process: output, errors and exit codes. */
import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {run, simulated, temporaryHome} from './helpers/program.ts';

const {version} = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {version: string};

test('--version and --help', async t => {
	const {home, env} = temporaryHome(t);
	assert.equal((await run(['--version'], {env, cwd: home})).stdout, version);
	const help = await run(['--help'], {env, cwd: home});
	assert.match(help.stdout, /status[\s\S]*watch[\s\S]*demo/);
	assert.match((await run(['watch', '--help'], {env, cwd: home})).stdout, /--until/);
});

test('a wrong command or flag gets a suggestion and exit 2', async t => {
	const {home, env} = temporaryHome(t);
	const command = await run(['stauts'], {env, cwd: home});
	assert.equal(command.exitCode, 2);
	assert.match(command.stderr, /Did you mean "status"\?/);
	const flag = await run(['status', '--jsn'], {env, cwd: home});
	assert.equal(flag.exitCode, 2);
	assert.match(flag.stderr, /Did you mean "--json"\?/);
	assert.equal(flag.stdout, '');
});

test('outside of any repository: says the ways out, exit 2', async t => {
	const {home, env} = temporaryHome(t);
	const {exitCode, stderr} = await run(['status'], {env, cwd: home});
	assert.equal(exitCode, 2);
	assert.match(stderr, /There is no repository[\s\S]*--repo OWNER\/NAME[\s\S]*GH_REPO/);
});

test('no token: exit 4 and what to do', async t => {
	const {home, env} = temporaryHome(t);
	const {exitCode, stderr} = await run(['status', '--repo', 'acme/auto-author'], {
		env: {...env, PATH: ''},
		cwd: home,
	});
	assert.equal(exitCode, 4);
	assert.match(stderr, /There is no token for github\.com[\s\S]*gh auth login/);
});

test('status --json, and a short summary for people', async t => {
	const {home, env} = await simulated('release', t);
	const json = await run(['status', '--json'], {env, cwd: home});
	assert.equal(json.exitCode, 0, json.stderr);
	const report = JSON.parse(json.stdout) as {
		schemaVersion: number;
		candidates: Array<{sha: string; tiers: {fast: {jobs: unknown[]}}}>;
	};
	assert.equal(report.schemaVersion, 1);
	assert.ok(report.candidates[0]!.tiers.fast.jobs.length > 0);
	const {sha} = report.candidates[3]!;
	const one = JSON.parse(
		(await run(['status', '--json', '--sha', sha.slice(0, 8)], {env, cwd: home})).stdout,
	) as typeof report;
	assert.deepEqual(
		one.candidates.map(candidate => candidate.sha),
		[sha],
	);
	const text = await run(['status'], {env, cwd: home});
	assert.match(text.stdout, /^acme\/auto-author {2}develop -> main: 6 ahead/);
	assert.doesNotMatch(text.stdout, /\u001B/);
});

test('a commit older than the newest is found by its full SHA; an unknown one is exit 2', async t => {
	const {home, env, simulator} = await simulated('release', t);
	const older = simulator.simulation.truth(Date.parse('2026-11-23T09:00:00Z')).commits.at(-2)!.sha;
	const found = await run(['status', '--json', '--sha', older], {env, cwd: home});
	assert.equal(found.exitCode, 0, found.stderr);
	assert.equal((JSON.parse(found.stdout) as {candidates: Array<{sha: string}>}).candidates[0]!.sha, older);
	const unknown = await run(['status', '--sha', 'f'.repeat(40)], {env, cwd: home});
	assert.equal(unknown.exitCode, 2);
	assert.match(unknown.stderr, /No commit f+ on develop/);
});

test('not permitted is exit 4, unreachable is exit 5; the token is never in a message', async t => {
	const {home, env, simulator} = await simulated('release', t);
	const refused = await run(['status'], {env: {...env, GH_TOKEN: 'ghp_wrongwrongwrong'}, cwd: home});
	assert.equal(refused.exitCode, 4);
	const absent = await run(['status', '--repo', 'acme/other'], {env, cwd: home});
	assert.equal(absent.exitCode, 4);
	await simulator.close();
	const dead = await run(['status'], {env, cwd: home});
	assert.equal(dead.exitCode, 5);
	assert.match(dead.stderr, /could not be read/);
	for (const {stderr} of [refused, absent, dead]) assert.doesNotMatch(stderr, /ghp_|sim_/);
});

test('errors of deployctl.yml name file, line, column and the nearest key', async t => {
	const {home, env} = await simulated('release', t);
	writeFileSync(join(home, 'deployctl.yml'), 'tiers:\n  e2e: {workflow: e2e.yml, budgt: 5m}\n');
	const {exitCode, stderr} = await run(['status'], {env, cwd: home});
	assert.equal(exitCode, 2);
	assert.match(stderr, /deployctl\.yml:2:28: [\s\S]*Did you mean "budget"\?/);
});

test('watch --until ends with 0 when the tier passed and with 1 when it ended otherwise', async t => {
	const quiet = await simulated('quiet', t);
	const passed = await run(['watch', '--until', 'e2e'], {env: quiet.env, cwd: quiet.home});
	assert.equal(passed.exitCode, 0, passed.stderr);
	assert.match(passed.stdout, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}[0-9a-f]{7} {2}e2e {9}passed/m);
	const failed = await run(
		[
			'watch',
			'--until',
			'e2e',
			'--sha',
			quiet.simulator.simulation
				.truth(Date.now())
				.commits.find(({fast}) => fast?.conclusion === 'failure')
				?.sha.slice(0, 9) ?? 'f'.repeat(9),
			'--timeout',
			'20s',
		],
		{env: quiet.env, cwd: quiet.home},
	);
	assert.equal(failed.exitCode, 1);
});

test('watch survives faults and says so on stderr', async t => {
	const {env, home, simulator} = await simulated('quiet', t);
	simulator.faults.next({kind: 'bad-gateway-html'}, {times: 2, match: {api: 'graphql'}});
	const {exitCode, stderr} = await run(['watch', '--until', 'fast'], {env, cwd: home});
	assert.equal(exitCode, 0);
	assert.match(stderr, /502[\s\S]*Trying again\.[\s\S]*GitHub answers again\./);
});

test('without a terminal the screen is the summary, and the demo plays one release as dated lines', async t => {
	const {home, env} = await simulated('quiet', t);
	assert.match((await run([], {env, cwd: home})).stdout, /^acme\/auto-author {2}develop/);
	const demo = await run(['demo'], {env: temporaryHome(t).env, cwd: home});
	assert.equal(demo.exitCode, 0, demo.stderr);
	assert.match(demo.stdout, /deploy {6}passed[\s\S]*e2e {9}passed/);
	assert.doesNotMatch(demo.stdout, /\u001B/);
});

test('completion scripts come out for every shell', async t => {
	const {home, env} = temporaryHome(t);
	for (const shell of ['bash', 'zsh', 'fish'])
		assert.match((await run(['completion', shell], {env, cwd: home})).stdout, /deployctl/);
});
