/** The simulator's own record: which runs are truly about which commit, whatever GitHub's API makes of it. */
import {compare, history} from './git.ts';
import type {Conclusion, Run, RunStatus, State} from './model.ts';
import {latestAttempt} from './model.ts';
export {promotable, type Said} from './promotable.ts';
import type {Scenario} from './scenario.ts';

export type TrueRun = {
	runId: number;
	attempt: number;
	status: RunStatus;
	conclusion: Conclusion | null;
	event: string;
	sitsOn: string;
	workflow: string;
	createdAt: number;
};
export type TrueCommit = {
	sha: string;
	fast: TrueRun | null;
	deploy: TrueRun | null;
	e2e: TrueRun | null;
	smoke: TrueRun | null;
};
export type Truth = {
	at: number;
	branches: {staging: string; production: string};
	/** Commits that staging has and production lacks, and the reverse. */
	aheadBy: number;
	behindBy: number;
	environments: Readonly<Record<string, string | null>>;
	/** Newest first, the staging branch's whole history. */
	commits: readonly TrueCommit[];
};

const trueRun = (run: Run): TrueRun => ({
	runId: run.id,
	attempt: latestAttempt(run).number,
	status: run.status,
	conclusion: run.conclusion,
	event: run.event,
	sitsOn: run.sha,
	workflow: run.workflow.definition.file,
	createdAt: run.createdAt,
});

export function truthOf(state: State, scenario: Scenario): Truth {
	const staging = state.refs.get(`refs/heads/${scenario.branches.staging}`)!;
	const production = state.refs.get(`refs/heads/${scenario.branches.production}`)!;
	const {aheadBy, behindBy} = compare(state, production, staging);
	const runs = [...state.runs.values()];
	const newest = (sha: string, tier: string): TrueRun | null => {
		// A run that skipped itself because its parent was red says nothing about the commit.
		const run = runs.findLast(
			run => run.about === sha && run.workflow.definition.tier === tier && run.conclusion !== 'skipped',
		);
		return run ? trueRun(run) : null;
	};
	return {
		at: state.now,
		branches: {staging, production},
		aheadBy,
		behindBy,
		environments: Object.fromEntries(scenario.environments.map(({name}) => [name, state.live.get(name) ?? null])),
		commits: history(state, staging).map(({sha}) => ({
			sha,
			fast: newest(sha, 'fast'),
			deploy: newest(sha, 'deploy'),
			e2e: newest(sha, 'e2e'),
			smoke: newest(sha, 'smoke'),
		})),
	};
}
