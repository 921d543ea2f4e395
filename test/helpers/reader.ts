/** A reader of GitHub that talks to a simulator over real HTTP, with a clock that the test moves. */
import type {TestContext} from 'node:test';
import {defaultSettings, type Settings} from '../../source/core/settings/settings.ts';
import type {Answer, Question, Reading, RunFact} from '../../source/core/github/facts.ts';
import {createGitHub, type GitHubReader} from '../../source/github/client.ts';
import type {Scenario} from '../../source/simulator/model/scenario.ts';
import {startSimulator, type Simulator} from '../../source/simulator/server.ts';
import {scenarioNamed} from '../../source/simulator/scenarios/scenarios.ts';
import {fakeClock, type FakeClock} from './fake-clock.ts';

export type Bench = {
	simulator: Simulator;
	clock: FakeClock;
	github: GitHubReader;
	/** Another reader of the same repository, with another token. */
	reader(token: string): GitHubReader;
	/** What the simulator counted during the work. */
	counted<Result>(work: () => Promise<Result>): Promise<{
		result: Result;
		requests: number;
		points: number;
		core: number;
		notModified: number;
		byKind: Record<string, number>;
	}>;
};

export const tokens = {
	classic: 'sim_classic',
	fineGrained: 'sim_fine-grained',
	noSuites: 'sim_fine-grained-no-suites',
} as const;

export async function bench(
	t: TestContext,
	scenario: string | Scenario = 'release',
	{token = tokens.classic, settings = defaultSettings}: {token?: string; settings?: Settings} = {},
): Promise<Bench> {
	const data = typeof scenario === 'string' ? scenarioNamed(scenario) : scenario;
	const clock = fakeClock(Date.parse(data.startsAt));
	const simulator = await startSimulator({scenario: data, clock});
	t.after(async () => simulator.close());
	const {owner, name} = data.repository;
	const reader = (given: string) =>
		createGitHub({
			endpoint: {host: 'github.com', apiUrl: simulator.restUrl, graphqlUrl: simulator.graphqlUrl, token: given},
			settings,
			repository: `${owner}/${name}`,
			clock,
		});
	const {counters} = simulator;
	return {
		simulator,
		clock,
		github: reader(token),
		reader,
		async counted(work) {
			const before = structuredClone(counters);
			const result = await work();
			const byKind = Object.fromEntries(
				Object.entries(counters.byKind)
					.map(([kind, count]) => [kind, count - (before.byKind[kind] ?? 0)] as const)
					.filter(([, count]) => count > 0),
			);
			return {
				result,
				byKind,
				requests: counters.requests - before.requests,
				points: counters.points - before.points,
				core: counters.core - before.core,
				notModified: counters.notModified - before.notModified,
			};
		},
	};
}

export async function read(
	github: {ask(question: Question): Promise<Answer>},
	question: Question = {kind: 'overview'},
): Promise<Reading> {
	const answer = await github.ask(question);
	if (!answer.ok) {
		throw new Error(`${answer.failure.kind}: ${answer.failure.because}`);
	}

	return answer.reading;
}

export const isMoving = (run: RunFact): boolean => run.status !== 'COMPLETED';

/** The narrow question about these runs, and about the jobs of theirs that are known to run. */
export const about = (runs: readonly RunFact[], commits: readonly string[] = []): Question => ({
	kind: 'active',
	commits,
	suites: runs.slice(0, 40).map(({suiteId, id}) => ({suiteId, runId: id})),
	hotJobs: runs
		.flatMap(({jobs}) => jobs ?? [])
		.filter(({status, conclusion}) => status === 'IN_PROGRESS' || conclusion === 'FAILURE')
		.slice(0, 16)
		.map(({id, nodeId}) => ({id, nodeId})),
});
