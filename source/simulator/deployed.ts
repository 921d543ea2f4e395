/** What the simulated workflows have brought to the environments: the sandbox follows it with real deployments. */
import {history} from './git.ts';
import {headline, latestAttempt, type State} from './model.ts';
import type {Scenario} from './scenario.ts';
import {createSimulation} from './simulation.ts';

export type Deployed = {run: number; environment: string; sha: string};
/** `alias`: the scenario's own name for the commit. */
export type KnownCommit = {sha: string; alias: string; message: string};

/** Every deployment that a workflow ended well, oldest first, by the time at which it ended. */
export const deployedIn = (state: State): Deployed[] =>
	[...state.runs.values()]
		.filter(run => run.conclusion === 'success' && (run.workflow.definition.tier === 'deploy' || run.workflow.definition.tier === 'production'))
		.toSorted((a, b) => (latestAttempt(a).completedAt ?? 0) - (latestAttempt(b).completedAt ?? 0))
		.map(run => ({run: run.id, environment: run.workflow.definition.tier === 'deploy' ? 'staging' : 'production', sha: run.about}));

/**
Releases that an environment has had, oldest first, the live one last; at most `count`, all different. Where the workflows tell of fewer,
the commits before the oldest one stand in, because somebody must have brought them there before there were workflows.
*/
export const releasesOf = (state: State, environment: string, count: number): string[] => {
	const newestFirst = [...new Set(deployedIn(state).filter(one => one.environment === environment).map(({sha}) => sha).toReversed())];
	const oldest = newestFirst.at(-1) ?? state.refs.get(`refs/heads/${state.repository.defaultBranch}`)!;
	const before = history(state, oldest).map(({sha}) => sha).filter(sha => !newestFirst.includes(sha));
	return [...newestFirst, ...before].slice(0, count).toReversed();
};

/** All commits that the scenario has and will have: nothing in it is left to chance. */
export const commitsOf = (scenario: Scenario, from: number): KnownCommit[] => {
	const simulation = createSimulation(scenario, from);
	simulation.advanceTo(from + 7 * 86_400_000);
	return [...simulation.state.aliases].map(([alias, sha]) => ({sha, alias, message: headline(simulation.state.commits.get(sha)!.message)}));
};
