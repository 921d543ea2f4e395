/** The gate of the production workflow: the last look, taken when its job ends, at what is true then. */
import {hasPlannedOutcome} from './jobs.ts';
import type {Conclusion, Engine, Job, Run, State} from '../model/model.ts';
import {nextId} from '../model/model.ts';
import {newestRun, notProven, promotableFrom, type Said} from '../model/promotable.ts';

/**
The commit whose tests speak for this one. A merge has the files of what was merged, but another id, and nothing ran for it:
the parent with the same files speaks for it, or the head of the pull request that became it.
*/
export function evidenceOf(state: State, sha: string): string {
	const commit = state.commits.get(sha);
	const hasItsFiles = (other: string) => state.commits.get(other)?.tree === commit?.tree;
	const pull = state.pulls.find(({mergeSha, headSha}) => mergeSha === sha && headSha !== sha && hasItsFiles(headSha));
	return (
		pull?.headSha ?? (commit && commit.parents.length > 1 ? commit.parents.findLast(hasItsFiles) : undefined) ?? sha
	);
}

function isGreenHotfix(state: State, sha: string): boolean {
	const isHead = [...state.refs].some(([name, at]) => at === sha && name.startsWith('refs/heads/hotfix/'));
	const run = newestRun(state, sha, 'fast');
	return isHead && run?.status === 'completed' && run.conclusion === 'success';
}

/** Somebody answers for it with their name: the workflow's gate lets that through, as the real one does. */
const isGlassBroken = (state: State, sha: string): boolean => {
	const word = state.statuses.get(sha)?.findLast(({context}) => context === 'deployctl/break-glass');
	return word?.state === 'success' && word.creator.bot !== true;
};

/** For a push: whether it was right to move the branch. Otherwise: whether what is asked for may be there, the branch's head included. */
export function mayGoToProduction(
	{state, branches}: Pick<Engine, 'state' | 'branches'>,
	run: Pick<Run, 'about' | 'before'>,
): Said {
	const sha = evidenceOf(state, run.about);
	if (isGreenHotfix(state, sha)) {
		return {proven: true, because: 'a hotfix whose fast tests are green'};
	}
	if (isGlassBroken(state, sha)) {
		return {proven: true, because: 'the glass was broken for it'};
	}
	const production = state.refs.get(`refs/heads/${branches.production}`)!;
	if (run.before === null && evidenceOf(state, production) === sha) {
		const because = notProven(state, sha);
		return {proven: because === null, because: because ?? 'the branch is there already, and all evidence is there'};
	}
	return promotableFrom(state, {branches}, sha, run.before ?? production);
}

/** How a job ends that went through all of its steps. */
export function decideJob(engine: Engine, run: Run, job: Job): Conclusion {
	const {state} = engine;
	if (job.definition.decides === undefined || hasPlannedOutcome(state, run, job.name)) {
		return 'success';
	}
	const said = mayGoToProduction(engine, run);
	if (said.proven) {
		return 'success';
	}
	const last = job.steps.at(-1)!;
	last.conclusion = 'failure';
	job.annotations.push({
		id: nextId(state, 'annotation'),
		level: 'failure',
		path: '.github',
		line: last.number,
		title: 'The production gate is shut',
		message: said.because,
	});
	return 'failure';
}
