/** The demo's GitHub: a process with the simulator in it, a clock that agrees with it, and the client that asks it. */
import {fork} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {askedEnvironment} from '../../core/settings/child-environment.ts';
import type {Settings} from '../../core/settings/settings.ts';
import type {Tests} from '../../core/tests/tests.ts';
import {fastClock, realClock} from '../../edges/clock.ts';
import {memoryTestHistory} from '../../edges/test-history.ts';
import {createGitHub} from '../../github/client.ts';
import {createTests} from '../../github/artifacts/test-results.ts';
import type {Deployed} from '../../simulator/deployed.ts';
import type {
	SandboxAnswer,
	SandboxBeginning,
	SandboxQuestion,
	WorkerAnswer,
	WorkerQuestion,
} from '../../simulator/worker.ts';
import type {Clock, GitHub} from '../../world.ts';
import type {Context} from '../desk/context.ts';

export type DemoSimulator = {
	ready: Promise<WorkerAnswer>;
	/** What the sandbox begins with. */
	beginning(): Promise<SandboxBeginning>;
	/** What the workflows have brought to the environments by now. */
	deployed(): Promise<readonly Deployed[]>;
	/** The simulator is gone: what was asked for is never answered. */
	stop(): Promise<void>;
	/** It goes on without us for as long as an operation asks it. */
	leave(): void;
};

/** `folder`: of the demo, by which people find its processes. */
export const startSimulator = (
	entry: string,
	question: WorkerQuestion,
	folder: string,
	env: Context['env'],
): DemoSimulator => {
	// In a session of its own: the terminal's end is not its end.
	const child = fork(fileURLToPath(new URL('worker.js', entry)), [JSON.stringify(question), folder], {
		detached: true,
		stdio: 'ignore',
		execArgv: [],
		env: askedEnvironment('node', env),
	});
	let isStopped = false;
	const exited = new Promise<void>(resolve => {
		child.once('exit', () => resolve());
	});
	/** Serves as long as the program lives, and does not keep it alive. */
	const rest = () => {
		child.unref();
		child.channel?.unref();
	};
	const ready = new Promise<WorkerAnswer>((resolve, reject) => {
		child.once('message', answer => {
			rest();
			resolve(answer as WorkerAnswer);
		});
		child.once('error', reject);
		child.once('exit', code => isStopped || reject(new Error(`The simulator ended with ${code}`)));
	});
	const ask = async (wanted: SandboxQuestion): Promise<SandboxAnswer> => {
		await ready;
		return new Promise(resolve => {
			const listen = (message: unknown) => {
				if ((message as SandboxAnswer).question !== wanted) return;
				child.off('message', listen);
				resolve(message as SandboxAnswer);
			};
			child.on('message', listen);
			rest();
			child.send(wanted, () => {});
		});
	};
	return {
		ready,
		beginning: async () => (await ask('beginning')).answer as SandboxBeginning,
		deployed: async () => (await ask('deployed')).answer as readonly Deployed[],
		stop: async () => {
			if (child.exitCode !== null || child.signalCode !== null) return;
			isStopped = true;
			child.ref();
			child.kill('SIGKILL');
			await exited;
		},
		leave: () => {
			if (child.connected) child.disconnect();
		},
	};
};

/** Stands at the scenario's beginning until the simulator is ready, then runs with it. */
export const demoClock = (startsAt: number, speed: number, ready: Promise<WorkerAnswer>): Clock => {
	let clock: Clock = {
		now: () => startsAt,
		after: (milliseconds, signal) => realClock.after(milliseconds / speed, signal),
	};
	void ready.then(
		({beganAt}) => {
			clock = fastClock(startsAt, speed, beganAt);
		},
		() => {},
	);
	return {now: () => clock.now(), after: (milliseconds, signal) => clock.after(milliseconds, signal)};
};

export const demoGitHub = ({
	repository,
	settings,
	token,
	clock,
	ready,
}: {
	repository: string;
	settings: Settings;
	token: string;
	clock: Clock;
	ready: Promise<WorkerAnswer>;
}): GitHub => {
	const made = ready.then(({graphqlUrl, restUrl}) =>
		createGitHub({
			endpoint: {host: new URL(restUrl).host, apiUrl: restUrl, graphqlUrl, token},
			settings,
			repository,
			// The simulator answers in the wall's time: a timeout of twelve simulated seconds would pass before it can.
			clock: {now: () => clock.now(), after: (milliseconds, signal) => realClock.after(milliseconds, signal)},
		}),
	);
	return {ask: async (question, signal) => (await made).ask(question, signal)};
};

/** Single tests, with a history that lasts as long as the demo. */
export const demoTests = ({
	repository,
	token,
	clock,
	ready,
}: {
	repository: string;
	token: string;
	clock: Clock;
	ready: Promise<WorkerAnswer>;
}): Tests => {
	const made = ready.then(({restUrl, graphqlUrl}) =>
		createTests({
			endpoint: {host: new URL(restUrl).host, apiUrl: restUrl, graphqlUrl, token},
			repository,
			history: memoryTestHistory(),
			clock: {now: () => clock.now(), after: (milliseconds, signal) => realClock.after(milliseconds, signal)},
		}),
	);
	return {read: async (question, signal) => (await made).read(question, signal)};
};
