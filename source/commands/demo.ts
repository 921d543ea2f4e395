/** `deployctl demo`: the real program over the simulator, which runs in a thread of its own. */
import {Worker} from 'node:worker_threads';
import type {Preferences} from '../core/preferences.ts';
import {defaultSettings} from '../core/settings.ts';
import {fastClock, realClock} from '../edges/clock.ts';
import {systemDesktop} from '../edges/desktop.ts';
import {exitCodes} from '../errors.ts';
import {createGitHub} from '../github/client.ts';
import type {Scenario} from '../simulator/scenario.ts';
import {scenarioNamed} from '../simulator/scenarios.ts';
import type {WorkerAnswer, WorkerQuestion} from '../simulator/worker.ts';
import type {Clock, Terminal, World} from '../world.ts';
import type {Context} from './context.ts';
import {runWatch} from './watch.ts';

/** On a screen: a release takes about two minutes. Without one: as fast as the program can poll. */
const screenSpeed = 10;
const plainSpeed = 240;

const startWorker = (entry: string, question: WorkerQuestion) => new Promise<{answer: WorkerAnswer; worker: Worker}>((resolve, reject) => {
	const worker = new Worker(new URL('worker.js', entry), {workerData: question});
	worker.once('message', (answer: WorkerAnswer) => {
		// From here on the thread serves as long as the program lives, and does not keep it alive.
		worker.unref();
		resolve({answer, worker});
	});
	worker.once('error', reject);
});

const demoWorld = (context: Context, {graphqlUrl, restUrl}: WorkerAnswer, clock: Clock, wall: Clock, scenario: Scenario, terminal: Terminal, ready: Promise<void>): World => {
	// The simulator answers in the wall's time: a timeout of twelve simulated seconds would pass before it can.
	const github = createGitHub({endpoint: {host: new URL(restUrl).host, apiUrl: restUrl, graphqlUrl, token: scenario.tokens[0]!.token}, settings: settingsOf(scenario), repository: nameOf(scenario), clock: {now: () => clock.now(), after: (milliseconds, signal) => realClock.after(milliseconds, signal)}});
	return {
		clock,
		wall,
		random: Math.random,
		github: {ask: async (question, signal) => { await ready; return github.ask(question, signal); }},
		cache: {load: async () => null, save: async () => ({ok: true})},
		desktop: systemDesktop({platform: context.platform, env: context.env, write: text => context.stdout.write(text)}),
		terminal,
		savePreferences: async () => {},
	};
};

const nameOf = ({repository: {owner, name}}: Scenario) => `${owner}/${name}`;
const settingsOf = ({branches}: Scenario) => ({...defaultSettings, branches});

export type DemoOptions = {scenario: string; speed: number | null; plain: boolean; readOnly: boolean; isForScreenReader: boolean; preferences: Preferences};

export const runDemo = async (context: Context, options: DemoOptions): Promise<number> => {
	const scenario = scenarioNamed(options.scenario);
	const isPlain = options.plain || !context.isInteractive;
	const speed = options.speed ?? (isPlain ? plainSpeed : screenSpeed);
	const question = {scenario: scenario.name, startsAt: Date.parse(scenario.startsAt), speed, beganAt: realClock.now()};
	const clock = fastClock(question.startsAt, speed, question.beganAt);
	const {answer, worker} = await startWorker(context.entry, question);
	try {
		if (isPlain) {
			const world = demoWorld(context, answer, clock, clock, scenario, {quit: () => {}, suspend: () => {}}, Promise.resolve());
			const beginning = {repository: nameOf(scenario), settings: settingsOf(scenario), preferences: options.preferences, demo: {scenario: scenario.name, speed}, readOnly: options.readOnly, columns: 80, rows: 24, now: clock.now(), wallNow: clock.now()};
			const code = await runWatch(world, beginning, {until: null, sha: null, timeoutSeconds: null, untilReleased: true}, context.output, context.signal);
			return code === exitCodes.interrupted ? code : exitCodes.done;
		}
		const {openScreen} = await import('./screen.tsx');
		return await openScreen(context, {
			beginning: {repository: nameOf(scenario), settings: settingsOf(scenario), preferences: options.preferences, demo: {scenario: scenario.name, speed}, readOnly: options.readOnly},
			// The pipeline lives faster, the eye does not: polls and frames keep the wall's time.
			makeWorld: (terminal, ready) => demoWorld(context, answer, clock, realClock, scenario, terminal, ready),
			isForScreenReader: options.isForScreenReader,
			keepsSkeleton: false,
		});
	} finally {
		await worker.terminate();
	}
};
