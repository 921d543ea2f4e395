/** `deployctl demo`: the real program over the simulator, which runs in a process of its own. */
import type {Preferences} from '../../core/settings/preferences.ts';
import {defaultSettings, type Settings, type Strategy} from '../../core/settings/settings.ts';
import {realClock} from '../../edges/clock.ts';
import {visitPath} from '../../edges/visit.ts';
import {systemDesktop} from '../../edges/desktop.ts';
import {exitCodes} from '../../errors.ts';
import {offsetMs, type Scenario} from '../../simulator/model/scenario.ts';
import {scenarioNamed} from '../../simulator/scenarios/scenarios.ts';
import {recordingOnScreen} from '../../state/model/record-state.ts';
import type {Clock, Terminal, World} from '../../world.ts';
import {noTerminal} from '../worlds/connect.ts';
import type {Context} from '../desk/context.ts';
import {demoClock, demoGitHub, demoTests, startSimulator} from '../worlds/demo-simulator.ts';
import {demoOperations, demoState} from '../worlds/demo-operations.ts';
import {lazyRecorder} from '../worlds/lazy-recorder.ts';
import {demoJobLogs} from '../worlds/demo-job-logs.ts';
import {runWatch} from './watch.ts';

/** On a screen: a release takes about two minutes. Without one: as fast as the program can poll. */
const screenSpeed = 10;
const plainSpeed = 240;

const nameOf = ({repository: {owner, name}}: Scenario) => `${owner}/${name}`;
/** What production's branch takes decides how one promotes to it. */
const strategyOf = ({rules = [], branches}: Scenario): Strategy => {
	const rule = rules.find(({branch}) => branch === branches.production);
	return rule?.mergeQueue ? 'merge-queue' : rule?.pullRequest ? 'pull-request' : defaultSettings.promotion.strategy;
};
/** Nobody but you is awake in a demo: whoever watches may do everything, and nobody is there who could review a hotfix. */
const settingsOf = (scenario: Scenario): Settings => ({
	...defaultSettings,
	branches: scenario.branches,
	promotion: {
		...defaultSettings.promotion,
		strategy: strategyOf(scenario),
		by: [scenario.viewer],
		signOffs: scenario.signOffs ?? [],
		hotfix: {...defaultSettings.promotion.hotfix, signOffs: []},
	},
});

/** Told as lines, a release is told whole: from a minute before the push that is under way at the scenario's beginning. Milliseconds, 0 without one. */
const beforeLastPush = ({events, branches}: Scenario): number => {
	const pushes = events.flatMap(event =>
		'push' in event && event.push === branches.staging ? [offsetMs(event.at)] : [],
	);
	const last = Math.max(...pushes.filter(at => at < 0 && at > -10 * 60_000));
	return Number.isFinite(last) ? last - 60_000 : 0;
};

export type DemoOptions = {
	scenario: string;
	speed: number | null;
	plain: boolean;
	readOnly: boolean;
	isForScreenReader: boolean;
	records: boolean;
	preferences: Preferences;
};

export const runDemo = async (context: Context, options: DemoOptions): Promise<number> => {
	const scenario = scenarioNamed(options.scenario);
	const isPlain = options.plain || !context.isInteractive;
	const speed = options.speed ?? (isPlain ? plainSpeed : screenSpeed);
	const startsAt = Date.parse(scenario.startsAt) + (isPlain ? beforeLastPush(scenario) : 0);
	const simulator = startSimulator(
		context.entry,
		{scenario: scenario.name, startsAt, speed},
		demoState(context, scenario.name),
		context.env,
	);
	const clock = demoClock(startsAt, speed, simulator.ready);
	const github = demoGitHub({
		repository: nameOf(scenario),
		settings: settingsOf(scenario),
		token: scenario.tokens[0]!.token,
		clock,
		ready: simulator.ready,
	});
	const tests = demoTests({
		repository: nameOf(scenario),
		token: scenario.tokens[0]!.token,
		clock,
		ready: simulator.ready,
	});
	// Told as lines, nothing is operated: no environments of our own are needed.
	const sandbox = isPlain
		? null
		: await demoOperations(context, {
				scenario: scenario.name,
				repository: nameOf(scenario),
				token: scenario.tokens[0]!.token,
				settings: settingsOf(scenario),
				readOnly: options.readOnly,
				simulator,
			});
	const logs = demoJobLogs({
		repository: nameOf(scenario),
		token: scenario.tokens[0]!.token,
		clock,
		ready: simulator.ready,
	});
	const beginning = {
		repository: nameOf(scenario),
		settings: sandbox?.settings ?? settingsOf(scenario),
		preferences: options.preferences,
		demo: {scenario: scenario.name, speed},
		readOnly: options.readOnly,
	};
	// Where `deployctl timeline` beside the demo looks, with its environment.
	const record =
		isPlain || !options.records
			? null
			: lazyRecorder(context, {
					state: demoState(context, scenario.name),
					host: 'github.com',
					repository: beginning.repository,
					settings: beginning.settings,
					readOnly: options.readOnly,
					demo: beginning.demo,
					ready: simulator.ready,
				});
	const makeWorld = (wall: Clock, terminal: Terminal, firstFrame: Promise<void>): World => ({
		clock,
		wall,
		random: Math.random,
		github: {
			ask: async (question, signal) => {
				await firstFrame;
				return github.ask(question, signal);
			},
		},
		cache: {load: async () => null, save: async () => ({ok: true})},
		desktop: systemDesktop({
			platform: context.platform,
			env: context.env,
			write: text => context.stdout.write(text),
		}),
		tests: {
			read: async (question, signal) => {
				await firstFrame;
				return tests.read(question, signal);
			},
		},
		operations: sandbox?.operations(github, clock, firstFrame) ?? null,
		record,
		replay: null,
		jobLogs: logs.world,
		runs: sandbox?.runs() ?? null,
		terminal,
		savePreferences: async () => {},
	});
	try {
		if (isPlain) {
			await simulator.ready;
			const size = {columns: 80, rows: 24, now: clock.now(), wallNow: clock.now()};
			const code = await runWatch(
				makeWorld(clock, noTerminal, Promise.resolve()),
				{...beginning, ...size},
				{
					until: null,
					sha: null,
					timeoutSeconds: null,
					untilReleased: true,
					fromNextCommit: beforeLastPush(scenario) < 0,
				},
				context.output,
				context.signal,
			);
			return code === exitCodes.interrupted ? code : exitCodes.done;
		}
		const {openScreen} = await import('./screen.tsx');
		// The pipeline lives faster, the eye does not: polls and frames keep the wall's time.
		return await openScreen(context, {
			beginning: record === null ? beginning : {...beginning, record: recordingOnScreen},
			makeWorld: (terminal, firstFrame) => makeWorld(realClock, terminal, firstFrame),
			isForScreenReader: options.isForScreenReader,
			keepsSkeleton: false,
			visit: visitPath(demoState(context, scenario.name), 'github.com', beginning.repository),
		});
	} finally {
		const left = await sandbox?.close();
		if (left) context.output.write(left);
		// What goes on needs its GitHub.
		await (left ? simulator.leave() : simulator.stop());
		await logs.close();
	}
};
