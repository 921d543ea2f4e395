/** A promotion's whole world: the simulated GitHub at many times its speed, a production that follows it over HTTP, and the World's operations with real supervisors and promoters. */
import {execFileSync} from 'node:child_process';
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {hostname, tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {
	defaultSettings,
	environmentDefaults,
	type PromotionSettings,
	type Settings,
} from '../../source/core/settings/settings.ts';
import {realClock} from '../../source/edges/clock.ts';
import {createGitHub} from '../../source/github/client.ts';
import {gitHubEdge} from '../../source/github/edge.ts';
import {untilUnsupervised} from '../../source/operations/locks/machine-lock.ts';
import {createOperations} from '../../source/operations/operations.ts';
import type {OperationsOptions} from '../../source/operations/options.ts';
import {statePaths} from '../../source/operations/files/paths.ts';
import {processesOf, signalProcess} from '../../source/operations/script/process-tree.ts';
import type {Scenario} from '../../source/simulator/model/scenario.ts';
import {scenarioNamed} from '../../source/simulator/scenarios/scenarios.ts';
import {startSimulator, type SimulatorOptions} from '../../source/simulator/server.ts';
import type {Simulation} from '../../source/simulator/simulation/simulation.ts';
import {pacedClock} from './paced-clock.ts';
import {patienceMs, patient} from './patience.ts';
import {supervisorEntry} from './supervised.ts';

const loader = new URL('register.js', import.meta.url).pathname;
const promoterEntry = new URL('../../source/operations/promoter/promoter.ts', import.meta.url).pathname;

export type PromotableOptions = {
	scenario?: string | Scenario;
	promotion?: Partial<PromotionSettings>;
	settings?: (settings: Settings) => Settings;
	/** How much faster than the wall GitHub lives, while it is asked (`pacedClock`). */
	speed?: number;
	hooks?: Pick<SimulatorOptions, 'onRequest' | 'afterRequest'>;
	/** What production reports, instead of what is truly live there. */
	production?: () => string | null;
};

/** Of its own name and machine, with a state folder of its own. */
export type Operator = ReturnType<typeof createOperations>;

export const openPromotable = async (
	t: Pick<TestContext, 'after'>,
	{
		scenario: named = 'quiet',
		promotion = {},
		settings: change = each => each,
		speed = 60,
		hooks = {},
		production,
	}: PromotableOptions = {},
) => {
	const root = realpathSync(mkdtempSync(join(tmpdir(), 'promotable-')));
	const directory = join(root, 'checkout');
	mkdirSync(join(directory, 'scripts'), {recursive: true});
	const scenario = typeof named === 'string' ? scenarioNamed(named) : named;
	const clock = pacedClock(Date.parse(scenario.startsAt), speed);
	const onRequest: SimulatorOptions['onRequest'] = (request, simulation) => {
		clock.asked();
		hooks.onRequest?.(request, simulation);
	};
	const simulator = await startSimulator({scenario, clock, ...hooks, onRequest});
	const {simulation} = simulator;
	const sick = new Set<string>();
	/** Set by scripts, which deploy past GitHub. */
	const truth = (environment: string): string | null => {
		simulation.advanceTo(clock.now());
		return environment === 'production' && production
			? production()
			: (simulation.state.live.get(environment) ?? null);
	};
	const server = createServer((request, response) => {
		const [, environment = '', what] = (request.url ?? '').split('/');
		if (request.method === 'POST') {
			let body = '';
			request
				.on('data', (chunk: Buffer) => {
					body += chunk.toString();
				})
				.on('end', () => {
					simulation.act(({state}) => {
						state.live.set(environment, body);
						state.liveLog.push({environment, sha: body, at: state.now});
					});
					response.writeHead(200).end('ok');
				});
			return;
		}
		const live = truth(environment);
		response
			.writeHead(live === null || (what === 'health' && sick.has(environment)) ? 503 : 200)
			.end(what === 'version' ? JSON.stringify({sha: live}) : 'ok');
	});
	// Longer than clients keep what they do not use: none of them sends into a closing connection.
	server.keepAliveTimeout = 75_000;
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const settings = change({
		...defaultSettings,
		branches: scenario.branches,
		promotion: {...defaultSettings.promotion, soakSeconds: 0, timeoutSeconds: patient(120), ...promotion},
		environments: defaultSettings.environments.map(({name}) => ({
			...environmentDefaults(name),
			health: [`${base}/${name}/health`],
			version: [`${base}/${name}/version`],
		})),
	});
	const script = (name: string, text: string) => {
		writeFileSync(join(directory, 'scripts', name), text);
		chmodSync(join(directory, 'scripts', name), 0o755);
	};
	// Brings a commit to an environment past GitHub.
	script('deploy.sh', `#!/bin/sh\necho "shipping $2 to $1"\ncurl -fsS -X POST --data "$2" ${base}/$1/version\n`);
	script('rollback.sh', `#!/bin/sh\ncurl -fsS -X POST --data "$2" ${base}/$1/version\n`);
	const repository = `${scenario.repository.owner}/${scenario.repository.name}`;
	const states: string[] = [];

	/** Another operator: with a state folder, and so a machine, of their own. */
	const operator = (user = 'kim', token = scenario.tokens[0]!.token, more: Partial<OperationsOptions> = {}) => {
		const state = join(root, `state-${states.length}`);
		states.push(state);
		const access = {host: 'github.com', apiUrl: simulator.restUrl, graphqlUrl: simulator.graphqlUrl, token};
		const env = {
			PATH: process.env['PATH'],
			HOME: root,
			GITHUB_API_URL: simulator.restUrl,
			GITHUB_GRAPHQL_URL: simulator.graphqlUrl,
			GH_TOKEN: token,
		};
		const options: OperationsOptions = {
			state,
			gitHubHost: 'github.com',
			isExplicit: true,
			repository,
			directory,
			settings,
			readOnly: false,
			host: `${hostname()}-${user}`,
			user,
			clock: realClock,
			supervisor: {command: [process.execPath, '--import', loader, supervisorEntry], env},
			gitHub: async () => gitHubEdge({access, repository, clock: realClock}),
			proveAgain: async () => null,
			reading: {
				github: createGitHub({
					endpoint: access,
					settings,
					repository,
					clock: {now: clock.now, after: realClock.after},
				}),
				clock,
			},
			promoter: [process.execPath, '--import', loader, promoterEntry],
			...more,
		};
		return {operations: createOperations(options), paths: statePaths(state, 'github.com', repository), env};
	};
	const {operations, paths, env} = operator();
	t.after(async () => {
		for (const state of states) {
			const {operations: folder} = statePaths(state, 'github.com', repository);
			const ids = existsSync(folder) ? readdirSync(folder) : [];
			for (const id of ids) for (const process of processesOf(id)) signalProcess(process, 'SIGKILL');
			for (const id of ids) await untilUnsupervised(join(folder, id), patienceMs);
		}
		await simulator.close();
		server.close();
		server.closeAllConnections();
		rmSync(root, {recursive: true, force: true, maxRetries: 5, retryDelay: 100});
	});
	const endedOf = async (which: Operator, id: string, atMostMs = 2 * patienceMs) => {
		for (const until = performance.now() + atMostMs; performance.now() < until;) {
			const found = (await which.read()).operations.find(operation => operation.id === id);
			if (found && found.outcome !== 'running') return found;
			await which.changed(100);
		}
		throw new Error(`${id} has not ended`);
	};
	return {
		root,
		directory,
		settings,
		operations,
		paths,
		env,
		simulator,
		simulation,
		scenario,
		clock,
		sick,
		script,
		operator,
		repository,
		endedOf,
		base,
		now: () => {
			simulation.advanceTo(clock.now());
			return simulation.state;
		},
		/** GitHub's time passes until it is true there. */
		later(isTrue: (state: Simulation['state']) => boolean) {
			for (let turn = 0; ; turn++) {
				simulation.advanceTo(clock.now());
				if (isTrue(simulation.state)) return;
				if (turn > 1000) throw new Error('it does not become true on GitHub, however long one waits');
				clock.skip(10_000);
			}
		},
		head: (branch: string) => {
			simulation.advanceTo(clock.now());
			return simulation.state.refs.get(`refs/heads/${branch}`)!;
		},
		tags: () => [...simulation.state.refs.keys()].filter(name => name.startsWith('refs/tags/deployctl/')),
		ended: (id: string) => endedOf(operations, id),
		logOf: (id: string) =>
			execFileSync(
				'sh',
				[
					'-c',
					`cat '${join(paths.operations, id)}'/*log* '${join(paths.operations, id)}'/raw* 2>/dev/null || true`,
				],
				{encoding: 'utf8'},
			),
		/** Confirms the plan as it asks for it, and waits for its end. */
		async promoted(sha: string | null, more: {hotfix?: string; breakGlass?: string} = {}) {
			const plan = await operations.plan({kind: 'promote', environment: 'production', sha, ...more}, []);
			if (plan.blocked !== null) return {plan, started: null, operation: null};
			const started = await operations.start(plan, {phrase: plan.phrase});
			if (!started.ok && (await operations.read()).operations.every(({id}) => id !== plan.id))
				return {plan, started, operation: null};
			return {plan, started, operation: await endedOf(operations, plan.id)};
		},
	};
};
