/** `deployctl gate`, the built program against the simulator and a small production: what a required step of a workflow would see. */
import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {conditionIds} from '../source/core/pipeline/pipeline.ts';
import {run, simulated} from './helpers/program.ts';

type Report = {
	schemaVersion: number;
	sha: string;
	environment: string;
	open: boolean;
	conditions: Array<{
		id: string;
		met: boolean | 'unknown';
		because: string;
		next?: string;
		proof?: {runId: number; url: string | null};
	}>;
};

const stage = async (t: TestContext, scenario: string) => {
	const {home, env, simulator} = await simulated(scenario, t);
	let isHealthy = true;
	const production = createServer((_, response) => response.writeHead(isHealthy ? 200 : 503).end('ok')).listen(
		0,
		'127.0.0.1',
	);
	production.keepAliveTimeout = 75_000;
	await new Promise<void>(resolve => {
		production.once('listening', resolve);
	});
	t.after(() => production.close());
	const checkout = join(home, 'checkout');
	mkdirSync(join(checkout, '.git'), {recursive: true});
	writeFileSync(
		join(checkout, 'deployctl.yml'),
		`environments: {production: {health: ["http://127.0.0.1:${(production.address() as AddressInfo).port}/health"]}}\n`,
	);
	const gate = async (...flags: readonly string[]) => {
		const {stdout, exitCode, stderr} = await run(['gate', '--json', ...flags], {env, cwd: checkout});
		return {exitCode, stderr, report: stdout === '' ? null : (JSON.parse(stdout) as Report)};
	};
	return {
		gate,
		simulator,
		env,
		checkout,
		sicken: () => {
			isHealthy = false;
		},
	};
};

test('open for the commit that staging ran and E2E verified, with proofs; shut for every other; shut when production is sick', async t => {
	const {gate, sicken, checkout, env} = await stage(t, 'quiet');
	const open = await gate();
	assert.equal(open.exitCode, 0, JSON.stringify(open.report?.conditions.filter(({met}) => met !== true)));
	assert.deepEqual(
		open.report!.conditions.map(({id}) => id),
		conditionIds,
	);
	assert.deepEqual(
		[open.report!.schemaVersion, open.report!.environment, open.report!.open],
		[1, 'production', true],
	);
	assert.ok(
		open
			.report!.conditions.filter(({id}) => ['fast-green', 'staged', 'e2e-green'].includes(id))
			.every(({proof}) => proof?.url?.includes(String(proof.runId))),
	);
	const status = await run(['status', '--json'], {env, cwd: checkout});
	const {candidates} = JSON.parse(status.stdout) as {candidates: Array<{sha: string; gate: {open: boolean}}>};
	assert.equal(candidates[0]!.gate.open, true, 'status says the same');
	for (const {sha} of candidates.slice(1, 4)) assert.equal((await gate('--sha', sha)).exitCode, 3);
	sicken();
	const shut = await gate();
	assert.equal(shut.exitCode, 3);
	assert.deepEqual(
		shut.report!.conditions.filter(({met}) => met !== true).map(({id}) => id),
		['production-healthy'],
	);
});

test('a lock shuts it; so does a GitHub that cannot be reached (5), a token that is refused (4), an environment without a gate (2)', async t => {
	const {gate, env, checkout, simulator} = await stage(t, 'quiet');
	const locked = await run(['lock', 'production', '-m', 'audit', '--yes', '--confirm', 'lock production'], {
		env,
		cwd: checkout,
	});
	assert.equal(locked.exitCode, 0, locked.stderr);
	const shut = await gate();
	assert.equal(shut.exitCode, 3);
	assert.match(shut.report!.conditions.find(({id}) => id === 'unlocked')!.because, /audit/);
	assert.equal((await gate('--environment', 'staging')).exitCode, 2);
	const refused = await run(['gate'], {env: {...env, GH_TOKEN: 'sim_nobody'}, cwd: checkout});
	assert.equal(refused.exitCode, 4, refused.stderr);
	await simulator.close();
	assert.equal((await gate()).exitCode, 5);
});
