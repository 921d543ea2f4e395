/**
Whether a run of production's workflow is the one that brings a commit to production. Names are anybody's: a run counts by the same rules as
every other evidence (`trust.ts`), for the production branch alone.
*/
import type {Facts, RunFact} from '../github/facts.ts';
import {workflowFile} from '../github/run-url.ts';
import {namedSha, type Trust, trustOf} from './trust.ts';

export type WantedRun = {
	/** File of the workflow, like `deploy-production.yml`. */
	workflow: string;
	/** Production's branch. */
	branch: string;
	/** The commit that is brought there: named by a dispatched run, the head of one that a push started. */
	sha: string;
	/** Commits that production's branch has been at, by first parents, newest first; null: not read. */
	history: readonly string[] | null;
};

/** What the run claims to be, without asking whether it is: those that claim nothing of the kind need no judgement. */
export const claimsDispatch = (run: RunFact, sha: string): boolean =>
	run.event === 'workflow_dispatch' && namedSha(run) === sha;
export const claimsPush = (run: RunFact, sha: string): boolean => run.event === 'push' && run.headSha === sha;

/**
Commits that production's branch has been at, newest first, as far as the facts tell what is needed to judge a run that sits on `headSha`: the part of
staging's history from production's head on, or that head alone. null: they do not tell it.
*/
export const knownHistory = (
	{trunk = [], refs: {production}}: Pick<Facts, 'trunk' | 'refs'>,
	headSha: string,
): readonly string[] | null => {
	const at = production.sha === null ? -1 : trunk.indexOf(production.sha);
	if (at !== -1) return trunk.slice(at);
	return production.sha === headSha ? [headSha] : null;
};

const unknown = (because: string): Trust => ({
	trusted: 'unknown',
	because,
	next: "Look at the workflow's runs on GitHub.",
});

/** Pure. Missing information is unknown, and never ours. */
export const trustOfProductionRun = (run: RunFact, {workflow, branch, sha, history}: WantedRun): Trust => {
	const file = workflowFile(run.workflowPath);
	if (file === null) return unknown('GitHub did not say which workflow it is of');
	if (file !== workflow)
		return {trusted: false, because: `it is of ${file}`, next: `Only runs of ${workflow} count.`};
	if (run.branch === null) return unknown('GitHub did not say on which branch it runs');
	if (run.branch !== branch)
		return {trusted: false, because: `it runs on ${run.branch}`, next: `Only runs of ${branch} count.`};
	return trustOf(run, sha, {
		facts: {
			refs: {
				staging: {name: branch, sha: null},
				production: {name: branch, sha: history?.[0] ?? null},
				aheadBy: null,
				behindBy: null,
			},
			defaultBranch: branch,
			...(history !== null && {trunk: history, defaultTrunk: history}),
			automation: {},
		},
		settings: {branches: {staging: branch, production: branch}},
	});
};

/** Runs among the facts that call themselves the one that brings the commit to production, newest first, each with what that is worth. */
export const judgedRuns = (
	facts: Pick<Facts, 'trunk' | 'refs' | 'runs'>,
	wanted: Omit<WantedRun, 'history'>,
): ReadonlyArray<{run: RunFact; trust: Trust}> =>
	facts.runs
		.filter(
			run =>
				(claimsDispatch(run, wanted.sha) || claimsPush(run, wanted.sha)) &&
				workflowFile(run.workflowPath) === wanted.workflow,
		)
		.toSorted((a, b) => b.createdAt - a.createdAt || b.id - a.id)
		.map(run => ({run, trust: trustOfProductionRun(run, {...wanted, history: knownHistory(facts, run.headSha)})}));
