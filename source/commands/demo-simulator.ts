/** The demo's GitHub: a thread with the simulator in it, a clock that agrees with it, and the client that asks it. */
import {Worker} from 'node:worker_threads';
import type {Settings} from '../core/settings.ts';
import type {Tests} from '../core/tests.ts';
import {fastClock, realClock} from '../edges/clock.ts';
import {memoryTestHistory} from '../edges/test-history.ts';
import {createGitHub} from '../github/client.ts';
import {createTests} from '../github/test-results.ts';
import type {Deployed} from '../simulator/deployed.ts';
import type {SandboxAnswer, SandboxBeginning, SandboxQuestion, WorkerAnswer, WorkerQuestion} from '../simulator/worker.ts';
import type {Clock, GitHub} from '../world.ts';

export type DemoSimulator = {
	ready: Promise<WorkerAnswer>;
	/** What the sandbox begins with. */
	beginning(): Promise<SandboxBeginning>;
	/** What the workflows have brought to the environments by now. */
	deployed(): Promise<readonly Deployed[]>;
	/** The simulator is gone: what was asked for is never answered. */
	stop(): Promise<void>;
};

export const startSimulatorThread = (entry: string, question: WorkerQuestion): DemoSimulator => {
	const worker = new Worker(new URL('worker.js', entry), {workerData: question});
	const ready = new Promise<WorkerAnswer>((resolve, reject) => {
		worker.once('message', (answer: WorkerAnswer) => {
			// From here on the thread serves as long as the program lives, and does not keep it alive.
			worker.unref();
			resolve(answer);
		});
		worker.once('error', reject);
	});
	const ask = async (wanted: SandboxQuestion): Promise<SandboxAnswer> => {
		await ready;
		return new Promise(resolve => {
			const listen = (message: SandboxAnswer) => {
				if (message.question !== wanted) return;
				worker.off('message', listen);
				resolve(message);
			};
			worker.on('message', listen);
			worker.unref();
			worker.postMessage(wanted);
		});
	};
	return {
		ready,
		beginning: async () => (await ask('beginning')).answer as SandboxBeginning,
		deployed: async () => (await ask('deployed')).answer as readonly Deployed[],
		stop: async () => { await worker.terminate(); },
	};
};

/** Stands at the scenario's beginning until the simulator is ready, then runs with it. */
export const demoClock = (startsAt: number, speed: number, ready: Promise<WorkerAnswer>): Clock => {
	let clock: Clock = {now: () => startsAt, after: (milliseconds, signal) => realClock.after(milliseconds / speed, signal)};
	void ready.then(({beganAt}) => {
		clock = fastClock(startsAt, speed, beganAt);
	}, () => {});
	return {now: () => clock.now(), after: (milliseconds, signal) => clock.after(milliseconds, signal)};
};

export const demoGitHub = ({repository, settings, token, clock, ready}: {repository: string; settings: Settings; token: string; clock: Clock; ready: Promise<WorkerAnswer>}): GitHub => {
	const made = ready.then(({graphqlUrl, restUrl}) => createGitHub({
		endpoint: {host: new URL(restUrl).host, apiUrl: restUrl, graphqlUrl, token},
		settings,
		repository,
		// The simulator answers in the wall's time: a timeout of twelve simulated seconds would pass before it can.
		clock: {now: () => clock.now(), after: (milliseconds, signal) => realClock.after(milliseconds, signal)},
	}));
	return {ask: async (question, signal) => (await made).ask(question, signal)};
};

/** Single tests, with a history that lasts as long as the demo. */
export const demoTests = ({repository, token, clock, ready}: {repository: string; token: string; clock: Clock; ready: Promise<WorkerAnswer>}): Tests => {
	const made = ready.then(({restUrl, graphqlUrl}) => createTests({
		endpoint: {host: new URL(restUrl).host, apiUrl: restUrl, graphqlUrl, token}, repository, history: memoryTestHistory(),
		clock: {now: () => clock.now(), after: (milliseconds, signal) => realClock.after(milliseconds, signal)},
	}));
	return {read: async (question, signal) => (await made).read(question, signal)};
};
