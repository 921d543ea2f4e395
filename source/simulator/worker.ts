/**
The simulator in a process of its own: GitHub's work does not slow down the screen that looks at it, and a terminal that is closed does not
take GitHub away from an operation that runs. Nobody tells it that such an operation has ended: it stays for as long as it is asked.
*/
import {fastClock} from '../edges/clock.ts';
import {calledIn, commitsOf, type Deployed, type KnownCommit, releasesOf} from './deployed.ts';
import {scenarioNamed} from './scenarios/scenarios.ts';
import {loadSchema} from './graphql/schema.ts';
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
export type SandboxAnswer =
	| {question: 'beginning'; answer: SandboxBeginning}
	| {question: 'deployed'; answer: readonly Deployed[]};

/** An operation renews its lock every twenty seconds; who has not asked for twice as long asks no more. Milliseconds. */
const silentMs = 45_000;

const {scenario, startsAt, speed} = JSON.parse(process.argv[2]!) as WorkerQuestion;
// The schema takes a third of a second, in which a fast clock would already be minutes on.
loadSchema();
const beganAt = Date.now();
const clock = fastClock(startsAt, speed, beganAt);
let askedAt = beganAt;
const {graphqlUrl, restUrl, simulation} = await startSimulator({
	scenario,
	from: startsAt,
	clock,
	onRequest: () => {
		askedAt = Date.now();
	},
});

const deployed = (): readonly Deployed[] => {
	simulation.advanceTo(clock.now());
	return calledIn(simulation.state);
};

const beginning = (): SandboxBeginning => {
	// One whose scripts are just being called is still to come.
	const before = deployed().filter(({run}) => simulation.state.runs.get(run)!.conclusion !== null);
	return {
		commits: commitsOf(scenarioNamed(scenario), startsAt),
		releases: Object.fromEntries(
			['staging', 'production'].map(name => [name, releasesOf(simulation.state, name, 3)]),
		),
		deployed: before,
	};
};

const send = (message: SandboxAnswer | WorkerAnswer): void => {
	process.send?.(message, () => {});
};
process.on('message', (question: SandboxQuestion) =>
	send(question === 'beginning' ? {question, answer: beginning()} : {question, answer: deployed()}),
);
// The demo is gone, however it ended.
process.once('disconnect', () => {
	setInterval(() => {
		if (Date.now() - askedAt > silentMs) process.exit();
	}, 1000);
});
send({graphqlUrl, restUrl, beganAt});
if (!process.connected) process.exit();
