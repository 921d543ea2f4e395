/** The demo's operations: real supervisors and real scripts in the sandbox, and the simulator's GitHub as theirs. */
import {mkdirSync, writeFileSync} from 'node:fs';
import {hostname} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {Runs} from '../../core/runs/runs.ts';
import type {Settings} from '../../core/settings/settings.ts';
import {realClock} from '../../edges/clock.ts';
import {exitCodes, Failure} from '../../errors.ts';
import {findPlace, type SandboxPlace} from '../../sandbox/place.ts';
import type {Sandbox} from '../../sandbox/sandbox.ts';
import {withSandbox} from '../../sandbox/settings.ts';
import {directoriesOf} from '../../settings/directories.ts';
import type {WorkerAnswer} from '../../simulator/worker.ts';
import type {Clock, GitHub, Operations, OperationsReading} from '../../world.ts';
import type {Context} from '../desk/context.ts';
import type {DemoSimulator} from './demo-simulator.ts';
import {lazyOperations} from './lazy-operations.ts';
import {lazyRuns} from './lazy-runs.ts';

export type DemoOperations = {
	/** With the sandbox's environments in them. */
	settings: Settings;
	/** The sandbox is made when they are first used, and not before the first frame. */
	operations(github: GitHub, clock: Clock, firstFrame: Promise<void>): Operations;
	/** GitHub's runs, with the same journal. */
	runs(): Runs;
	/** At the end of the demo: the sandbox ends with it, unless an operation is running in it; then the answer says so. */
	close(): Promise<string | null>;
};

export type DemoOperationsOptions = {
	scenario: string;
	repository: string;
	token: string;
	settings: Settings;
	readOnly: boolean;
	simulator: DemoSimulator;
};

/** What scripts and supervisors get of our environment: a key of their configuration that happens to be exported would win over the file. */
const inherited = [
	'PATH',
	'HOME',
	'USER',
	'LOGNAME',
	'LANG',
	'LC_ALL',
	'LC_CTYPE',
	'TMPDIR',
	'TZ',
	'SYSTEMROOT',
] as const;

const gitHubHost = 'github.com';

type Environment = Record<string, string>;
const environmentFor = (
	{env}: Context,
	{folder}: SandboxPlace,
	{restUrl, graphqlUrl}: WorkerAnswer,
	{token}: DemoOperationsOptions,
): Environment => ({
	...Object.fromEntries(inherited.flatMap(name => (env[name] === undefined ? [] : [[name, env[name]] as const]))),
	GITHUB_API_URL: restUrl,
	GITHUB_GRAPHQL_URL: graphqlUrl,
	GH_TOKEN: token,
	XDG_STATE_HOME: folder,
});

/** For whoever wants to type commands beside the demo: `. ./demo.env`. */
const writeEnvironment = ({checkout}: SandboxPlace, env: Environment): void => {
	const lines = ['GITHUB_API_URL', 'GITHUB_GRAPHQL_URL', 'GH_TOKEN', 'XDG_STATE_HOME'].map(
		name => `export ${name}='${env[name]!.replaceAll("'", String.raw`'\''`)}'\n`,
	);
	writeFileSync(join(checkout, 'demo.env'), lines.join(''), {mode: 0o600});
};

const nothing: Pick<OperationsReading, 'operations' | 'pins' | 'outbox'> = {
	operations: [],
	pins: [],
	outbox: {waiting: 0, oldestAt: null, because: null},
};

/** The demo goes on without a sandbox, and says why. */
const unavailable = ({environments}: Settings, because: string): Operations => {
	const byName = <Value>(value: Value) => Object.fromEntries(environments.map(({name}) => [name, value]));
	const refused = {
		ok: false,
		because,
		next: 'The pipeline can be watched all the same.',
		exitCode: exitCodes.failed,
	} as const;
	const refuse = async () => refused;
	return {
		read: async () => ({
			...nothing,
			locks: byName({state: 'unknown', because} as const),
			readiness: byName({ready: 'unknown', because} as const),
			problem: because,
		}),
		refresh: async () => {},
		changed: (atMostMs, signal) => realClock.after(atMostMs, signal),
		observe: async environment => ({environment, readAt: realClock.now(), instances: []}),
		plan: async () => {
			throw new Failure('There is nothing here to operate with', {because, exitCode: exitCodes.failed});
		},
		start: refuse,
		stop: refuse,
		lock: refuse,
		unlock: refuse,
		unpin: refuse,
		judge: refuse,
		signOff: refuse,
		review: refuse,
		hotfixes: refuse,
		log: () => ({
			grow: async () => ({lines: 0, bytes: 0, isWhole: true}),
			lines: async () => [],
			find: async () => null,
			count: async () => 0,
			close: async () => {},
		}),
	};
};

const sentence = (error: unknown): string => {
	const {message, because, next} = error as Failure;
	return [because === undefined ? message : `${message}: ${because}`, ...(next === undefined ? [] : [next])].join(
		'; ',
	);
};

const folderOf = ({env, home, platform}: Context, scenario: string): string =>
	join(directoriesOf({env, home, platform}).state, 'demo', scenario);
/** What `XDG_STATE_HOME` in demo.env leads to. */
export const demoState = (context: Context, scenario: string): string => join(folderOf(context, scenario), 'deployctl');

/** Rejects when this machine has no port to give. */
export const demoOperations = async (context: Context, options: DemoOperationsOptions): Promise<DemoOperations> => {
	const {simulator, repository, readOnly} = options;
	const folder = folderOf(context, options.scenario);
	const place = await findPlace(folder);
	const settings = withSandbox(options.settings, place);
	const abort = new AbortController();
	let opened: Promise<{sandbox: Sandbox; operations: Operations}> | undefined;

	const open = async (github: GitHub, clock: Clock, firstFrame: Promise<void>) => {
		await firstFrame;
		const answer = await simulator.ready;
		const [{takeMutex, withoutSqliteWarning}, {openSandbox}, beginning] = await Promise.all([
			import('../../operations/files/mutex.ts'),
			import('../../sandbox/sandbox.ts'),
			simulator.beginning(),
		]);
		withoutSqliteWarning(context.program);
		mkdirSync(folder, {recursive: true, mode: 0o700});
		const keep = 'demo.mutex';
		// Held as long as this process lives, however that ends.
		if ((await takeMutex(join(folder, keep), 300)) === null)
			throw new Failure('Another demo uses the environments of this scenario', {
				next: 'look on in it, or choose another --scenario',
				exitCode: exitCodes.locked,
			});
		const env = environmentFor(context, place, answer, options);
		const program = {
			node: [context.program.execPath],
			app: fileURLToPath(new URL('sandbox-app.js', context.entry)),
			scripts: fileURLToPath(new URL('templates/scripts', context.entry)),
		};
		const sandbox = await openSandbox({
			place,
			program,
			repository,
			env,
			wall: realClock,
			commits: beginning.commits,
			releases: beginning.releases,
			strategy: settings.promotion.strategy,
			signOffs: settings.promotion.signOffs,
			keep,
			signal: abort.signal,
		});
		writeEnvironment(place, env);
		sandbox.follow(() => simulator.deployed(), beginning.deployed);
		return {sandbox, operations: await operationsIn(place, env, answer, github, clock)};
	};

	const operationsIn = async (
		{checkout}: SandboxPlace,
		env: Environment,
		{restUrl, graphqlUrl}: WorkerAnswer,
		github: GitHub,
		clock: Clock,
	): Promise<Operations> => {
		const [{createOperations}, {createEvidence}, {gitHubEdge}] = await Promise.all([
			import('../../operations/operations.ts'),
			import('../../operations/readings/evidence.ts'),
			import('../../github/edge.ts'),
		]);
		const edge = gitHubEdge({
			access: {token: options.token, host: gitHubHost, apiUrl: restUrl, graphqlUrl},
			repository,
			clock: realClock,
		});
		return createOperations({
			state: demoState(context, options.scenario),
			gitHubHost,
			isExplicit: true,
			repository,
			directory: checkout,
			settings,
			readOnly,
			trustsScripts: true,
			host: hostname(),
			user: 'demo',
			clock: realClock,
			supervisor: {
				command: [context.program.execPath, fileURLToPath(new URL('supervisor.js', context.entry))],
				env,
			},
			gitHub: async () => edge,
			reading: {github, clock},
			promoter: [context.program.execPath, fileURLToPath(new URL('promoter.js', context.entry))],
			proveAgain: createEvidence({github, clock, wall: realClock}, {repository, settings}),
		});
	};

	return {
		settings,
		runs: () =>
			lazyRuns(async () => {
				const {restUrl, graphqlUrl} = await simulator.ready;
				const [{createRuns}, {gitHubEdge}] = await Promise.all([
					import('../../operations/run-acts.ts'),
					import('../../github/edge.ts'),
				]);
				const edge = gitHubEdge({
					access: {token: options.token, host: gitHubHost, apiUrl: restUrl, graphqlUrl},
					repository,
					clock: realClock,
				});
				return createRuns({
					state: join(folder, 'deployctl'),
					gitHubHost,
					repository,
					readOnly,
					host: hostname(),
					user: 'demo',
					clock: realClock,
					gitHub: async () => edge,
					env: {},
				});
			}),
		operations: (...about) =>
			lazyOperations(() =>
				(opened ??= open(...about)).then(
					({operations}) => operations,
					(error: unknown) => unavailable(settings, sentence(error)),
				),
			),
		async close() {
			abort.abort();
			const made = await opened?.catch(() => null);
			if (!made) return null;
			const running = (await made.operations.read()).operations.find(({outcome}) => outcome === 'running');
			if (running === undefined) {
				await made.sandbox.end();
				return null;
			}
			made.sandbox.leave();
			return `${running.id} goes on. The next start of the demo shows it; so does, in ${place.checkout}: . ./demo.env && deployctl operations\n`;
		},
	};
};
