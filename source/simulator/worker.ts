/** The simulator in a thread of its own, so that GitHub's work does not slow down the screen that looks at it. */
import {parentPort, workerData} from 'node:worker_threads';
import {fastClock} from '../edges/clock.ts';
import {calledIn, commitsOf, type Deployed, type KnownCommit, releasesOf} from './deployed.ts';
import {scenarioNamed} from './scenarios.ts';
import {loadSchema} from './schema.ts';
import {startSimulator} from './server.ts';

export type WorkerQuestion = {scenario: string; startsAt: number; speed: number};
/** `beganAt`: real time at which the simulated time began, for a clock in another thread that agrees. */
export type WorkerAnswer = {graphqlUrl: string; restUrl: string; beganAt: number};

/** What the sandbox asks: everything to begin with, or what the workflows have the scripts deploy by now. */
export type SandboxQuestion = 'beginning' | 'deployed';
export type SandboxBeginning = {
	commits: readonly KnownCommit[];
	/** By environment: oldest first, the live one last. */
	releases: Readonly<Record<string, readonly string[]>>;
	deployed: readonly Deployed[];
};
export type SandboxAnswer = {question: 'beginning'; answer: SandboxBeginning} | {question: 'deployed'; answer: readonly Deployed[]};

const {scenario, startsAt, speed} = workerData as WorkerQuestion;
// The schema takes a third of a second, in which a fast clock would already be minutes on.
loadSchema();
const beganAt = Date.now();
const clock = fastClock(startsAt, speed, beganAt);
const {graphqlUrl, restUrl, simulation} = await startSimulator({scenario, from: startsAt, clock});

const deployed = (): readonly Deployed[] => {
	simulation.advanceTo(clock.now());
	return calledIn(simulation.state);
};

const beginning = (): SandboxBeginning => {
	// One whose scripts are just being called is still to come.
	const before = deployed().filter(({run}) => simulation.state.runs.get(run)!.conclusion !== null);
	return {commits: commitsOf(scenarioNamed(scenario), startsAt), releases: Object.fromEntries(['staging', 'production'].map(name => [name, releasesOf(simulation.state, name, 3)])), deployed: before};
};

parentPort!.on('message', (question: SandboxQuestion) => {
	parentPort!.postMessage((question === 'beginning' ? {question, answer: beginning()} : {question, answer: deployed()}) satisfies SandboxAnswer);
});
parentPort!.postMessage({graphqlUrl, restUrl, beganAt} satisfies WorkerAnswer);
