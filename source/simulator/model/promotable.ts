/**
Whether a commit may go to production, from the simulator's own record alone: what ran about it, how that ended, and what staging truly was
meanwhile. What anybody posted, and what an API would tell of it, plays no part.
*/
import {isAncestor, sameFiles} from './git.ts';
import {liveBetween} from './live.ts';
import type {Run, State, WorkflowDefinition} from './model.ts';
import {jobsOfAttempt, latestAttempt} from './model.ts';
import type {Scenario} from './scenario.ts';

export type Said = {proven: boolean; because: string};
type Branches = Pick<Scenario, 'branches'>;

const no = (because: string): Said => ({proven: false, because});
const short = (sha: string) => sha.slice(0, 7);

/** A run that skipped itself because its parent was red says nothing about the commit. */
const isEcho = (run: Run) => run.event === 'workflow_run' && run.conclusion === 'skipped';

export const newestRun = (state: State, sha: string, tier: WorkflowDefinition['tier']): Run | undefined =>
	[...state.runs.values()].findLast(
		run => run.about === sha && run.workflow.definition.tier === tier && !isEcho(run),
	);

/** A job that did not run has tested nothing, whatever the run concludes. */
const missingIn = (run: Run): string | null => {
	const jobs = new Map(jobsOfAttempt(run, latestAttempt(run).number).map(job => [job.name, job.conclusion]));
	const missing = run.workflow.definition.jobs.find(({name}) => jobs.get(name) !== 'success');
	return missing === undefined
		? null
		: `${missing.name} of the ${run.workflow.definition.tier} run ${run.id} is ${jobs.get(missing.name) ?? 'missing'}`;
};

/** null: it is green. */
function notGreen(state: State, sha: string, tier: 'fast' | 'deploy' | 'e2e' | 'smoke'): string | null {
	const run = newestRun(state, sha, tier);
	if (!run) {
		return `there is no ${tier} run about ${short(sha)}`;
	}
	return run.status === 'completed' && run.conclusion === 'success'
		? missingIn(run)
		: `the ${tier} run ${run.id} is ${run.conclusion ?? run.status}`;
}

/** null: E2E saw this commit, the whole of it and nothing else. */
function notVerified(state: State, sha: string): string | null {
	const red = notGreen(state, sha, 'e2e');
	if (red !== null) {
		return red;
	}
	const run = newestRun(state, sha, 'e2e')!;
	const attempt = latestAttempt(run);
	const {from, until} = attempt.watched!;
	const foreign = liveBetween(state, 'staging', from, until!).find(seen => seen !== sha);
	return foreign === undefined
		? null
		: `staging was on ${foreign === null ? 'nothing' : short(foreign)} while the e2e run ${run.id} looked at it`;
}

/** null: everything that has to be green is. */
export function notProven(state: State, sha: string): string | null {
	const hasSmoke = state.workflows.some(({definition}) => definition.tier === 'smoke');
	return (
		notGreen(state, sha, 'fast') ??
		notGreen(state, sha, 'deploy') ??
		notVerified(state, sha) ??
		(hasSmoke ? notGreen(state, sha, 'smoke') : null)
	);
}

/** The commits that the branch itself has been at, without what merges brought in from the side. */
function isFirstParentOf(state: State, sha: string, head: string): boolean {
	for (let at: string | undefined = head; at !== undefined; at = state.commits.get(at)?.parents[0]) {
		if (at === sha) {
			return true;
		}
	}
	return false;
}

/** null: production can go forward to it, and loses nothing: it has been at a commit below, or at a merge with the files of one. */
export function notForward(state: State, sha: string, production: string): string | null {
	if (isAncestor(state, sha, production)) {
		return `production has ${short(sha)} already`;
	}
	if (isAncestor(state, production, sha)) {
		return null;
	}
	const same = sameFiles(state, production, sha);
	return same === null
		? `production has commits that ${short(sha)} lacks`
		: same.sha === sha
			? `production has the files of ${short(sha)} already`
			: null;
}

/** @param production where the production branch is, or was before it was moved to the commit */
export function promotableFrom(state: State, scenario: Branches, sha: string, production: string): Said {
	const staging = state.refs.get(`refs/heads/${scenario.branches.staging}`);
	if (staging === undefined || !isFirstParentOf(state, sha, staging)) {
		return no(`${short(sha)} was never the head of ${scenario.branches.staging}`);
	}
	const because = notProven(state, sha) ?? notForward(state, sha, production);
	return because === null ? {proven: true, because: 'all evidence is there'} : no(because);
}

export function promotable(state: State, scenario: Branches, sha: string): Said {
	const production = state.refs.get(`refs/heads/${scenario.branches.production}`);
	return production === undefined
		? no(`there is no branch ${scenario.branches.production}`)
		: promotableFrom(state, scenario, sha, production);
}
