/** What the simulated workflows have brought to the environments: the sandbox follows it with real deployments. */
import {history} from './model/git.ts';
import {headline, latestAttempt, type Run, type State} from './model/model.ts';
import type {Scenario} from './model/scenario.ts';
import {createSimulation} from './simulation/simulation.ts';

export type Deployed = {run: number; environment: string; sha: string};
/** `alias`: the scenario's own name for the commit. */
export type KnownCommit = {sha: string; alias: string; message: string};

const environmentOf = ({
	workflow: {
		definition: {tier},
	},
}: Run): string | null => (tier === 'deploy' ? 'staging' : tier === 'production' ? 'production' : null);

/** When the step begins that calls the scripts; null: it has not come to that, and nobody knows whether it will. */
const callsScriptsAt = (run: Run, now: number): number | null => {
	const step = latestAttempt(run)
		.jobs.flatMap(({steps}) => steps)
		.find(({name, startsAt}) => name.includes('scripts/deploy.sh') && startsAt <= now);
	return step?.startsAt ?? null;
};

/** What workflows have the scripts deploy, from the moment in which they call them; oldest first. How that ends is the scripts' business. */
export const calledIn = (state: State): Deployed[] =>
	[...state.runs.values()]
		.flatMap(run => {
			const [environment, at] = [environmentOf(run), callsScriptsAt(run, state.now)];
			return environment === null || at === null ? [] : [{run: run.id, environment, sha: run.about, at}];
		})
		.toSorted((a, b) => a.at - b.at)
		.map(({run, environment, sha}) => ({run, environment, sha}));

/** Every deployment that a workflow ended well, oldest first, by the time at which it ended. */
const deployedIn = (state: State): Deployed[] =>
	[...state.runs.values()]
		.filter(run => run.conclusion === 'success' && environmentOf(run) !== null)
		.toSorted((a, b) => (latestAttempt(a).completedAt ?? 0) - (latestAttempt(b).completedAt ?? 0))
		.map(run => ({run: run.id, environment: environmentOf(run)!, sha: run.about}));

/**
Releases that an environment has had, oldest first, the live one last; at most `count`, all different. Where the workflows tell of fewer,
the commits before the oldest one stand in, because somebody must have brought them there before there were workflows.
*/
export const releasesOf = (state: State, environment: string, count: number): string[] => {
	const newestFirst = [
		...new Set(
			deployedIn(state)
				.filter(one => one.environment === environment)
				.map(({sha}) => sha)
				.toReversed(),
		),
	];
	const oldest = newestFirst.at(-1) ?? state.refs.get(`refs/heads/${state.repository.defaultBranch}`)!;
	const before = history(state, oldest)
		.map(({sha}) => sha)
		.filter(sha => !newestFirst.includes(sha));
	return [...newestFirst, ...before].slice(0, count).toReversed();
};

/** All commits that the scenario has and will have: nothing in it is left to chance. */
export const commitsOf = (scenario: Scenario, from: number): KnownCommit[] => {
	const simulation = createSimulation(scenario, from);
	simulation.advanceTo(from + 7 * 86_400_000);
	return [...simulation.state.aliases].map(([alias, sha]) => ({
		sha,
		alias,
		message: headline(simulation.state.commits.get(sha)!.message),
	}));
};
