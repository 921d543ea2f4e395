/**
What somebody with write access (or less) can bring about on GitHub beside a pipeline's true runs: done to the simulator as the real thing
would answer. Each makes green what is red, and none of it comes from a branch of the pipeline's own.
*/
import {createRun, moveRef, postStatus} from '../../source/simulator/simulation/acts.ts';
import {createDeployment, postDeploymentStatus} from '../../source/simulator/actions/contract.ts';
import {addCommit} from '../../source/simulator/model/git.ts';
import {
	actionsBot,
	type Engine,
	latestAttempt,
	personOf,
	type Run,
	runUrl,
	type State,
	type WorkflowDefinition,
} from '../../source/simulator/model/model.ts';
import {newestRun} from '../../source/simulator/model/promotable.ts';
import {stagingReportContext} from '../../source/simulator/model/staging-report.ts';
import type {TierWord} from './gate-model-happenings.ts';
import type {Person} from '../../source/simulator/model/person.ts';

export const files: Readonly<Record<TierWord, string>> = {
	fast: 'test-suite.yml',
	deploy: 'deploy-staging.yml',
	e2e: 'e2e-staging.yml',
	smoke: 'smoke-tests.yml',
};
export const attacker = 'jonas-lindqvist';
export const mallory = ({state}: Engine): Person => personOf(state, attacker);
export const headOf = (state: State, branch: string): string => state.refs.get(`refs/heads/${branch}`)!;
export const addressOf = (state: State, run: Run): string =>
	`${runUrl(state, run)}/attempts/${latestAttempt(run).number}`;

/** Where the attacker's runs sit, and what is in their workflow files there. */
export type Ground = 'tag' | 'branch' | 'fork' | 'commit';
export type ForgedRun = {
	tier: TierWord;
	about: string;
	ground: Ground;
	/** Of the tag or branch. */
	name?: string;
	event?: string;
	title?: string | null;
	/** Names of its jobs, all of which do nothing and pass. */
	jobs?: readonly string[];
	/** Its workflow posts the status `deployctl/WORKFLOW`, as the real one does. */
	posts?: boolean;
	by?: Person;
};

/** The same file with other contents, as it lies at the attacker's commit: GitHub goes by its path. */
const emptied = (definition: WorkflowDefinition, names: readonly string[], posts: boolean): WorkflowDefinition => {
	const {contract} = definition;
	const lost = new Set(['title', 'contract', 'dispatches', 'concurrency']);
	const rest = Object.fromEntries(Object.entries(definition).filter(([key]) => !lost.has(key))) as WorkflowDefinition;
	// What is planned for the real jobs goes by their names in the workflow, not by what GitHub calls them.
	const jobs = names.map((shown, index) => ({name: `forged ${index}`, shown, steps: [{name: 'true', seconds: 1}]}));
	return {...rest, jobs, ...(posts && contract && {contract: {context: contract.context, announcedBy: 'forged 0'}})};
};

/** A commit of the attacker's on top of the real one, with own workflows. */
export const ownCommit = (engine: Engine, parent: string): string =>
	addCommit(engine.state, {
		message: `Own workflows ${engine.state.commits.size}`,
		author: mallory(engine),
		parents: [parent],
		at: engine.state.now,
		automation: `${engine.state.commits.size}`.padStart(40, 'e'),
	}).sha;

const groundOf = (
	engine: Engine,
	{ground, about, name = 'develop'}: ForgedRun,
): {sha: string; branch: string; isTag?: boolean; fork?: string} => {
	const {state} = engine;
	switch (ground) {
		case 'tag': {
			const sha = ownCommit(engine, about);
			moveRef(engine, `refs/tags/${name}`, sha, mallory(engine));
			return {sha, branch: name, isTag: true};
		}
		case 'branch': {
			const sha = ownCommit(engine, about);
			const branch = name === 'develop' ? `feature/${state.commits.size}` : name;
			engine.state.refs.set(`refs/heads/${branch}`, sha);
			return {sha, branch};
		}
		case 'fork':
			return {sha: ownCommit(engine, about), branch: name, fork: 'mallory/auto-author'};
		case 'commit':
			return {sha: about, branch: name};
	}
};

const greenJobs: Readonly<Record<TierWord, readonly string[]>> = {
	fast: ['lint', 'unit (1, 2)', 'unit (2, 2)'],
	deploy: ['deploy'],
	e2e: ['e2e (1, 4)', 'e2e (2, 4)', 'e2e (3, 4)', 'e2e (4, 4)'],
	smoke: ['smoke'],
};

export function forgeRun(engine: Engine, forged: ForgedRun): Run {
	const {
		tier,
		about,
		event = 'workflow_dispatch',
		title = `${tier.toUpperCase()} ${about}`,
		jobs = greenJobs[tier],
		posts = false,
		by = mallory(engine),
	} = forged;
	const {state} = engine;
	const workflow = state.workflows.find(({definition}) => definition.file === files[tier])!;
	const definition = emptied(workflow.definition, jobs, posts);
	return createRun(
		engine,
		{...workflow, definition},
		{event, actor: by, about, ...groundOf(engine, forged), title: title ?? workflow.definition.name},
	);
}

/** By the token of a workflow on whatever branch, which GitHub calls github-actions[bot] everywhere. */
export const forgeReport = (
	{state}: Engine,
	about: string,
	run: Run | undefined,
	before = about,
	after = before,
): void =>
	void postStatus(state, {
		sha: about,
		context: stagingReportContext,
		state: 'success',
		creator: actionsBot,
		targetUrl: run ? addressOf(state, run) : null,
		description: `before ${before} after ${after}`,
	});

export const forgeStatus = (
	{state}: Engine,
	on: string,
	tier: TierWord,
	run: Run | undefined,
	word: 'success' | 'failure' | 'pending' = 'success',
): void =>
	void postStatus(state, {
		sha: on,
		context: `deployctl/${files[tier].slice(0, -4)}`,
		state: word,
		creator: actionsBot,
		targetUrl: run ? addressOf(state, run) : null,
		description: '120/120 tests',
	});

/** On record as live on staging, and nothing is deployed. */
export function forgeDeployment({state}: Engine, says: string, {by, run}: {by: Person; run: Run | undefined}): void {
	const made = createDeployment(state, {
		sha: says,
		ref: says,
		environment: 'staging',
		payload: {deployctl: 1, sha: says, ...(run && {run_id: run.id, run_attempt: 1})},
		creator: by,
	});
	postDeploymentStatus(state, made, {state: 'success', creator: by, logUrl: run ? addressOf(state, run) : ''});
}

export const realRun = ({state}: Pick<Engine, 'state'>, sha: string, tier: TierWord): Run | undefined =>
	newestRun(state, sha, tier);
