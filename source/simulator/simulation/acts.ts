/** What people and scripts do to the repository past the API, for `simulation.act`: by ids and names, so that it can be repeated in a past. */
import {type Engine, actionsBot, personOf} from '../model/model.ts';
import {resolve} from '../model/git.ts';
import {type NewCommit, push} from '../branches/pushes.ts';
import {cancelRun, createRun, rerun} from '../actions/runs.ts';

export {bringLive} from '../model/live.ts';
export {approvePull} from '../branches/pull-heads.ts';
export {closePullNumbered, mergePullNumbered, openPull} from '../branches/pulls.ts';
export {moveRef, push} from '../branches/pushes.ts';
export {cancelRun, createRun, rerun} from '../actions/runs.ts';
export {postStatus} from '../model/statuses.ts';

const runOf = ({state}: Engine, id: number) => {
	const run = state.runs.get(id);
	if (!run) {
		throw new RangeError(`No run has the id ${id}`);
	}
	return run;
};

/** false: it is not over, or there is nothing to repeat. */
export const rerunRun = (
	engine: Engine,
	id: number,
	login: string,
	which: 'all' | 'failed' | {job: string} = 'all',
): boolean => rerun(engine, runOf(engine, id), personOf(engine.state, login), which);

/** false: it was over. */
export const cancelRunWithId = (engine: Engine, id: number): boolean => cancelRun(engine, runOf(engine, id));

/** A run of a workflow about a commit, as `workflow_dispatch` makes it. @returns its id */
export function dispatchRun(
	engine: Engine,
	file: string,
	{sha, ref, by}: {sha: string; ref?: string; by?: string},
): number {
	const {state} = engine;
	const workflow = state.workflows.find(({definition}) => definition.file === file);
	const branch = ref ?? state.repository.defaultBranch;
	const head = resolve(state, branch);
	if (!workflow || head === null) {
		throw new RangeError(`There is no ${workflow ? `branch ${branch}` : `workflow ${file}`}`);
	}
	return createRun(engine, workflow, {
		event: 'workflow_dispatch',
		sha: head,
		branch,
		actor: by === undefined ? actionsBot : personOf(state, by),
		about: sha,
		inputs: {sha},
	}).id;
}

/** @returns the new head of the branch */
export const pushAs = (
	engine: Engine,
	branch: string,
	commits: ReadonlyArray<Omit<NewCommit, 'by'>>,
	login: string,
): string => {
	const by = personOf(engine.state, login);
	return push(
		engine,
		branch,
		commits.map(commit => ({...commit, by})),
		by,
	);
};
