/** The built program as a process of its own, against a simulator on loopback. */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import type {Scenario} from '../../source/simulator/model/scenario.ts';
import {scenarioNamed} from '../../source/simulator/scenarios/scenarios.ts';
import {startSimulator} from '../../source/simulator/server.ts';
import {pacedClock} from './paced-clock.ts';
import {patienceMs} from './patience.ts';

export const launcher = fileURLToPath(new URL('../../bin/deployctl.js', import.meta.url));

/** A folder of its own for configuration, state and cache, gone after the test. */
export const temporaryHome = (t: Pick<TestContext, 'after'>): {home: string; env: Record<string, string>} => {
	const home = mkdtempSync(join(tmpdir(), 'deployctl-test-'));
	t.after(() => rmSync(home, {recursive: true, force: true}));
	return {
		home,
		env: {
			HOME: home,
			XDG_CONFIG_HOME: join(home, 'config'),
			XDG_STATE_HOME: join(home, 'state'),
			XDG_CACHE_HOME: join(home, 'cache'),
			TZ: 'UTC',
			PATH: process.env['PATH'] ?? '',
		},
	};
};

/** A simulator in real time, or `speed` times faster while it is asked, and the environment that leads the program to it. */
export const simulated = async (named: string | Scenario, t: Pick<TestContext, 'after'>, speed = 1) => {
	const scenario = typeof named === 'string' ? scenarioNamed(named) : named;
	const clock = pacedClock(Date.parse(scenario.startsAt), speed, speed === 1 ? Number.POSITIVE_INFINITY : undefined);
	const simulator = await startSimulator({scenario, clock, onRequest: clock.asked});
	t.after(() => simulator.close());
	const {home, env} = temporaryHome(t);
	return {
		simulator,
		clock,
		home,
		env: {
			...env,
			GH_REPO: `${scenario.repository.owner}/${scenario.repository.name}`,
			GH_TOKEN: scenario.tokens[0]!.token,
			GITHUB_API_URL: simulator.restUrl,
			GITHUB_GRAPHQL_URL: simulator.graphqlUrl,
		},
	};
};

/** Runs to its end, without a terminal; never throws for an exit code. */
export const run = (
	args: readonly string[],
	{env, cwd, input}: {env: Readonly<Record<string, string>>; cwd: string; input?: string},
) =>
	execa(process.execPath, [launcher, ...args], {
		env,
		extendEnv: false,
		cwd,
		reject: false,
		timeout: patienceMs,
		...(input === undefined ? {stdin: 'ignore' as const} : {input}),
	});
