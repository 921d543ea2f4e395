/** A checkout with plain scripts, an environment that answers over HTTP, and the World's operations over them, with real supervisors. */
import {patienceMs} from './patience.ts';
import {
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	realpathSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {hostname, tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {defaultSettings, environmentDefaults, type Settings} from '../../source/core/settings/settings.ts';
import {realClock} from '../../source/edges/clock.ts';
import {gitHubEdge} from '../../source/github/edge.ts';
import {createOperations} from '../../source/operations/operations.ts';
import type {OperationsOptions} from '../../source/operations/options.ts';
import {untilUnsupervised} from '../../source/operations/locks/machine-lock.ts';
import {statePaths} from '../../source/operations/files/paths.ts';
import {processesOf, signalProcess} from '../../source/operations/script/process-tree.ts';
import {startSimulator} from '../../source/simulator/server.ts';
import {scenarioNamed} from '../../source/simulator/scenarios/scenarios.ts';
import {supervisorEntry} from './supervised.ts';

const loader = new URL('register.js', import.meta.url).pathname;
export const full = (digit: string): string => digit.repeat(40);

/** What plain scripts do here: they put their second argument live. */
export const goodScript = '#!/bin/sh\necho "shipping $2 to $1"\nprintf %s "$2" > "live-$1"\n';

export const openCheckout = async (
	t: Pick<TestContext, 'after'>,
	change: {settings?: (settings: Settings) => Settings; options?: Partial<OperationsOptions>} = {},
) => {
	const root = realpathSync(mkdtempSync(join(tmpdir(), 'checkout-')));
	const directory = join(root, 'checkout');
	mkdirSync(join(directory, 'scripts'), {recursive: true});
	const read = (environment: string) => {
		try {
			return readFileSync(join(directory, `live-${environment}`), 'utf8');
		} catch {
			return null;
		}
	};
	const sick = new Set<string>();
	const server = createServer((request, response) => {
		const [, environment = '', what] = (request.url ?? '').split('/');
		const live = read(environment);
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
	const plainSettings: Settings = {
		...defaultSettings,
		environments: defaultSettings.environments.map(({name}) => ({
			...environmentDefaults(name),
			health: [`${base}/${name}/health`],
			version: [`${base}/${name}/version`],
		})),
	};
	const settings = change.settings?.(plainSettings) ?? plainSettings;
	const script = (name: string, text: string) => {
		writeFileSync(join(directory, 'scripts', name), text);
		chmodSync(join(directory, 'scripts', name), 0o755);
	};
	script('deploy.sh', goodScript);
	script('rollback.sh', goodScript);
	const scenario = scenarioNamed('quiet');
	const simulator = await startSimulator({scenario, clock: realClock});
	const repository = `${scenario.repository.owner}/${scenario.repository.name}`;
	const {token} = scenario.tokens[0]!;
	const access = {host: 'github.com', apiUrl: simulator.restUrl, graphqlUrl: simulator.graphqlUrl, token};
	const state = join(root, 'state');
	const options: OperationsOptions = {
		state,
		gitHubHost: 'github.com',
		isExplicit: true,
		repository,
		directory,
		settings,
		readOnly: false,
		host: hostname(),
		user: 'kim',
		clock: realClock,
		supervisor: {
			command: [process.execPath, '--import', loader, supervisorEntry],
			env: {
				PATH: process.env['PATH'],
				HOME: root,
				GITHUB_API_URL: simulator.restUrl,
				GITHUB_GRAPHQL_URL: simulator.graphqlUrl,
				GH_TOKEN: token,
			},
		},
		gitHub: async () => gitHubEdge({access, repository, clock: realClock}),
		proveAgain: async () => null,
		// No repository: whose scripts these are is not the question here.
		scriptTrust: {question: async () => null},
		...change.options,
	};
	const operations = createOperations(options);
	const paths = statePaths(state, 'github.com', repository);
	t.after(async () => {
		const ids = existsSync(paths.operations) ? readdirSync(paths.operations) : [];
		for (const id of ids) for (const process of processesOf(id)) signalProcess(process, 'SIGKILL');
		// A supervisor that still delivers would put its folders there again.
		for (const id of ids) await untilUnsupervised(join(paths.operations, id), 15_000);
		await simulator.close();
		server.close();
		server.closeAllConnections();
		rmSync(root, {recursive: true, force: true, maxRetries: 5, retryDelay: 100});
	});
	return {
		root,
		directory,
		state,
		settings,
		options,
		operations,
		simulator,
		script,
		sick,
		paths,
		live: (environment: string, sha: string) => writeFileSync(join(directory, `live-${environment}`), sha),
		liveOn: read,
		reopen: (more: Partial<OperationsOptions> = {}) => createOperations({...options, ...more}),
		/** Until the operation has an outcome, and its supervisor has given its locks back: the next one needs them. */
		async ended(id: string) {
			const end = performance.now() + patienceMs;
			while (performance.now() < end) {
				const found = (await operations.read()).operations.find(operation => operation.id === id);
				if (found && found.outcome !== 'running') {
					await untilUnsupervised(join(paths.operations, id), 15_000);
					return found;
				}
				await operations.changed(100);
			}
			throw new Error(`${id} has not ended`);
		},
	};
};
