/** The whole program but for the terminal: store, effects and picture over the simulator, in virtual time. Press and look. */
import type {TestContext} from 'node:test';
import {setTimeout as pause} from 'node:timers/promises';
import {isMoving} from '../../source/core/runs/job-log.ts';
import type {Question} from '../../source/core/github/facts.ts';
import {defaultPreferences, type Preferences} from '../../source/core/settings/preferences.ts';
import {defaultSettings, type Settings} from '../../source/core/settings/settings.ts';
import {memoryTestHistory} from '../../source/edges/test-history.ts';
import {createGitHub} from '../../source/github/client.ts';
import {createTests} from '../../source/github/artifacts/test-results.ts';
import {type Simulator, startSimulator} from '../../source/simulator/server.ts';
import type {Scenario} from '../../source/simulator/model/scenario.ts';
import {scenarioNamed} from '../../source/simulator/scenarios/scenarios.ts';
import {testJobLogs} from './job-logs.ts';
import {createEffects} from '../../source/state/effects.ts';
import type {Effect} from '../../source/state/model/messages.ts';
import {type Beginning, initialState, type State} from '../../source/state/model/state.ts';
import {createStore} from '../../source/state/store.ts';
import {screenText} from '../../source/ui/lines/screen-text.ts';
import {picture} from '../../source/ui/picture.ts';
import {lookOf} from '../../source/ui/lines/theme.ts';
import type {Cache, World} from '../../source/world.ts';
import {type FakeOperations, fakeOperations} from './fake-operations.ts';
import {patienceMs, patient, until} from './patience.ts';
import {steeredRuns} from './steered-runs.ts';
import {type VirtualClock, virtualClock} from './virtual-clock.ts';

export type AppOptions = {
	scenario?: string | Scenario;
	columns?: number;
	rows?: number;
	preferences?: Partial<Preferences>;
	settings?: Settings;
	cache?: Cache;
	token?: string;
	/** Operations in memory; `prepare` tells what there is before the program looks. Without it this World has none. */
	operations?: {prepare?: (operations: FakeOperations) => void};
	readOnly?: boolean;
	/** Masked in logs of jobs. */
	secrets?: readonly string[];
	/** The program is started so many minutes after the scenario's beginning; 0 by default. */
	startMinutes?: number;
};

const macrotask = () =>
	new Promise<void>(resolve => {
		setImmediate(resolve);
	});

/** False for a request that hangs, which only a fault of the simulator does: only virtual time can end it then. */
const endsSoon = async (work: Promise<unknown>, mayHang: boolean): Promise<boolean> => {
	const {promise, resolve} = Promise.withResolvers<boolean>();
	const timer = setTimeout(() => resolve(false), mayHang ? hangsAfterMs : patienceMs);
	void work.then(() => resolve(true));
	const ended = await promise;
	clearTimeout(timer);
	return ended;
};
/** Real milliseconds; the simulator answers within a few. */
const hangsAfterMs = patient(3000);

/** As `defaultSettings`, with environments that can be asked. */
export const observableSettings: Settings = {
	...defaultSettings,
	environments: defaultSettings.environments.map(environment => ({
		...environment,
		version: [`https://${environment.name}.example/version`],
		health: [`https://${environment.name}.example/health`],
	})),
};

export const noCache: Cache = {load: async () => null, save: async () => ({ok: true})};

/** A World over the simulator whose network calls can be awaited. */
export const simulatedWorld = (
	simulator: Simulator,
	scenario: Scenario,
	{settings = defaultSettings, cache = noCache, token}: AppOptions,
	clockOf: (settled: () => Promise<void>) => VirtualClock,
) => {
	const underWay = new Set<Promise<unknown>>();
	const settled = async () => {
		do {
			await macrotask();
			if (!(await endsSoon(Promise.allSettled(underWay), simulator.counters.faults > 0))) return;
			await macrotask();
		} while (underWay.size > 0);
	};
	const clock = clockOf(settled);
	const repository = `${scenario.repository.owner}/${scenario.repository.name}`;
	const github = createGitHub({
		endpoint: {
			host: '127.0.0.1',
			apiUrl: simulator.restUrl,
			graphqlUrl: simulator.graphqlUrl,
			token: token ?? scenario.tokens[0]!.token,
		},
		settings,
		repository,
		clock,
	});
	const tests = createTests({
		endpoint: {
			host: '127.0.0.1',
			apiUrl: simulator.restUrl,
			graphqlUrl: simulator.graphqlUrl,
			token: token ?? scenario.tokens[0]!.token,
		},
		repository,
		clock,
		history: memoryTestHistory(),
	});
	const questions: Question[] = [];
	const asked: Effect[] = [];
	const world: World = {
		clock,
		wall: clock,
		random: () => 0.5,
		github: {
			async ask(question, signal) {
				questions.push(question);
				const answer = github.ask(question, signal);
				underWay.add(answer);
				try {
					return await answer;
				} finally {
					underWay.delete(answer);
				}
			},
		},
		cache,
		desktop: {
			open: async url => {
				asked.push({type: 'open', url});
				return true;
			},
			copy: async text => {
				asked.push({type: 'copy', text});
				return true;
			},
		},
		operations: null,
		tests: {
			async read(question, signal) {
				const reading = tests.read(question, signal);
				underWay.add(reading);
				try {
					return await reading;
				} finally {
					underWay.delete(reading);
				}
			},
		},
		record: null,
		replay: null,
		runs: null,
		jobLogs: null,
		terminal: {
			quit: exitCode => asked.push({type: 'quit', exitCode}),
			suspend: () => asked.push({type: 'suspend'}),
			repaint: () => asked.push({type: 'repaint'}),
		},
		savePreferences: async change => {
			asked.push({type: 'save-preferences', change});
		},
	};
	return {world, clock, settled, questions, asked, repository, underWay};
};

/** Closed at the end of the test `t`, however it ends; without one, by `close`. */
export const openApp = async (options: AppOptions = {}, t?: Pick<TestContext, 'after'>) => {
	const scenario =
		typeof options.scenario === 'object' ? options.scenario : scenarioNamed(options.scenario ?? 'release');
	let clock!: VirtualClock;
	const simulator = await startSimulator({scenario, clock: {now: () => clock.now()}});
	const made = simulatedWorld(
		simulator,
		scenario,
		options,
		settled => (clock = virtualClock(Date.parse(scenario.startsAt), settled)),
	);
	await clock.advance((options.startMinutes ?? 0) * 60_000);
	const operations = fakeOperations(clock);
	options.operations?.prepare?.(operations);
	if (options.operations) made.world.operations = operations.world;
	const logs = testJobLogs({
		simulator,
		repository: made.repository,
		token: options.token ?? scenario.tokens[0]!.token,
		clock,
		secrets: options.secrets ?? [],
	});
	made.world.jobLogs = logs.world;
	const runs = steeredRuns(
		simulator,
		{repository: made.repository, token: options.token ?? scenario.tokens[0]!.token, clock},
		made.underWay,
	);
	if (options.operations) {
		made.world.operations = operations.world;
		made.world.runs = runs.world;
	}
	const beginning: Beginning = {
		repository: made.repository,
		settings: options.settings ?? (options.operations ? observableSettings : defaultSettings),
		preferences: {...defaultPreferences, ...options.preferences},
		demo: null,
		readOnly: options.readOnly ?? false,
		columns: options.columns ?? 120,
		rows: options.rows ?? 40,
		now: clock.now(),
		wallNow: clock.now(),
	};
	const bugs: unknown[] = [];
	const effects = createEffects(made.world);
	const store = createStore(
		initialState(beginning),
		effects.perform(error => bugs.push(error)),
		() => ({now: clock.now(), wallNow: clock.now()}),
	);
	const cached = await (options.cache ?? noCache).load();
	store.dispatch({type: 'started', cached});
	const rethrow = () => {
		if (bugs.length > 0) throw bugs[0];
	};
	const close = async () => {
		await effects.stop();
		await simulator.close();
		logs.close();
	};
	t?.after(close);
	return {
		close,
		simulator,
		store,
		clock,
		questions: made.questions,
		asked: made.asked,
		operations,
		runs,
		state: (): State => store.get(),
		/** Until what is read from the disk and over the network for logs of jobs is on the screen. Always two seconds: what else the screen says must not depend on the disk. */
		async logsSettled() {
			const isQuiet = () =>
				logs.isIdle() &&
				(store.get().jobLogs?.panes ?? []).every(
					({standing, search}) =>
						!isMoving(standing) && (search === null || (!search.isSearching && search.isCounted)),
				);
			// At least two seconds, and as long as something is still asked for again: who is late in real time asks later in virtual time.
			for (let [turn, quiet] = [0, 0]; turn < 20 || (quiet < 5 && turn < 600); turn++) {
				await clock.advance(100);
				await made.settled();
				// Not for ever: what is under way may itself wait for the virtual clock.
				await until('logs are read', logs.isIdle, patient(400)).catch(() => {});
				await pause(isQuiet() ? 1 : 5);
				quiet = isQuiet() ? quiet + 1 : 0;
			}
			rethrow();
		},
		async settled() {
			await made.settled();
			rethrow();
		},
		async advance(milliseconds: number) {
			await clock.advance(milliseconds);
			rethrow();
		},
		/** As `advance`, but without waiting for answers: for a GitHub that hangs. */
		async advanceWithout(milliseconds: number) {
			await clock.advanceWithout(milliseconds);
			await macrotask();
			rethrow();
		},
		async press(...keys: readonly string[]) {
			for (const key of keys) store.dispatch({type: 'key-pressed', key});
			await made.settled();
			rethrow();
		},
		/** Keys as hands press them: one after the other, `afterMs` apart. */
		async type(text: string | readonly string[], afterMs = 120) {
			for (const key of text) {
				await clock.advance(afterMs);
				store.dispatch({type: 'key-pressed', key});
				await made.settled();
			}
			rethrow();
		},
		/** Keys that came in one chunk. */
		async chunk(...keys: readonly string[]) {
			const serial = store.get().hands.chunk + 1;
			for (const key of keys) store.dispatch({type: 'key-pressed', key, chunk: {serial, size: keys.length}});
			await made.settled();
			rethrow();
		},
		async paste(text: string) {
			store.dispatch({type: 'pasted', text});
			await made.settled();
			rethrow();
		},
		resize: (columns: number, rows: number) => store.dispatch({type: 'resized', columns, rows}),
		screen: () => screenText(picture(store.get(), lookOf(store.get().preferences, 'dark', store.get().frame))),
	};
};
