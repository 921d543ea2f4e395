/** What may happen to a repository, done to the simulator by position and not by id: so it can be repeated in a past. */
import {
	bringLive,
	cancelRunWithId,
	dispatchRun,
	moveRef,
	postStatus,
	rerunRun,
} from '../../source/simulator/simulation/acts.ts';
import {createDeployment, postDeploymentStatus} from '../../source/simulator/actions/contract.ts';
import {addCommit, isAncestor, mergedTree} from '../../source/simulator/model/git.ts';
import {
	actionsBot,
	type Engine,
	latestAttempt,
	personOf,
	type Plan,
	type Run,
	runUrl,
	type State,
} from '../../source/simulator/model/model.ts';
import {newestRun, promotable} from '../../source/simulator/model/promotable.ts';
import {mergeInto} from '../../source/simulator/branches/pushes.ts';
import {stagingReportContext} from '../../source/simulator/model/staging-report.ts';
import {branches} from './gate-model-record.ts';

export type TierWord = 'fast' | 'deploy' | 'e2e' | 'smoke';
/** Commits are counted from the newest one; or the newest that may be promoted, for who wants to spoil it. */
export type Place = number | 'promotable';
type Of = {tier: TierWord; commit: Place};
type Branch = 'develop' | 'main';
export type Happening =
	/** `names`: the headline has the full SHA of another commit in it, as those of merges and reverts have. */
	| {does: 'push'; commits: number; plan: Plan; names: Place | null}
	| {does: 'rerun'; run: Of; which: 'all' | 'failed' | 'first job'}
	| {does: 'cancel'; run: Of}
	/** `plan`: what becomes of all later runs about that commit; null: what its push has planned. */
	| {does: 'dispatch'; run: Of; plan: Plan | null}
	/** Somebody brings it to staging past GitHub, and perhaps takes it back. */
	| {does: 'live'; commit: Place; forSeconds: number | null}
	| {
			does: 'forged status';
			on: Place;
			tier: TierWord;
			target: Of;
			state: 'success' | 'failure' | 'pending';
			by: 'person' | 'workflow';
	  }
	| {does: 'forged report'; on: Place; before: Place; after: Place}
	| {does: 'forged deployment'; filedOn: Place; says: Place; target: Of; state: 'success' | 'failure' | 'in_progress'}
	| {does: 'promote'; commit: Place}
	/** Straight onto production's branch. */
	| {does: 'hotfix'}
	/** Onto the hotfix branch, which begins there when there is none. */
	| {does: 'branch'; from: Branch; commits: number; plan: Plan}
	/** Of production's branch or of the hotfix branch into develop. */
	| {does: 'merge'; what: 'main' | 'branch'}
	| {does: 'reset'; branch: Branch; commit: Place};
export type Step = {afterSeconds: number; happening: Happening};
/** How promoted commits get onto production's branch. */
export type Way = 'fast-forward' | 'merge' | 'squash';

export const hotfixBranch = 'hotfix/fix';
const files: Readonly<Record<TierWord, string>> = {
	fast: 'test-suite.yml',
	deploy: 'deploy-staging.yml',
	e2e: 'e2e-staging.yml',
	smoke: 'smoke-tests.yml',
};
const person = 'jonas-lindqvist';

export function commitAt(state: State, place: Place): string {
	const all = [...state.commits.keys()];
	const found =
		typeof place === 'number'
			? all[all.length - 1 - (place % all.length)]
			: all.findLast(sha => promotable(state, {branches}, sha).proven);
	return found ?? all.at(-1)!;
}

const runAt = (state: State, {tier, commit}: Of): Run | undefined => newestRun(state, commitAt(state, commit), tier);
const addressOf = (state: State, run: Run | undefined): string | null =>
	run ? `${runUrl(state, run)}/attempts/${latestAttempt(run).number}` : null;
const headOf = (state: State, branch: string): string | undefined => state.refs.get(`refs/heads/${branch}`);

function push(
	engine: Engine,
	branch: string,
	{commits, plan, from = 'develop'}: {commits: number; plan: Plan; from?: Branch},
	headline: string,
): void {
	const {state} = engine;
	const by = personOf(state, person);
	let tip = headOf(state, branch) ?? headOf(state, from)!;
	for (let count = 0; count < commits; count++)
		tip = addCommit(state, {
			message: `${headline} ${state.commits.size}`,
			author: by,
			parents: [tip],
			at: state.now,
		}).sha;
	state.plans.set(tip, plan);
	moveRef(engine, `refs/heads/${branch}`, tip, by);
}

function promote(engine: Engine, sha: string, way: Way): void {
	const {state} = engine;
	const by = personOf(state, person);
	const main = headOf(state, 'main')!;
	if (isAncestor(state, sha, main) || (way === 'fast-forward' && !isAncestor(state, main, sha))) return;
	switch (way) {
		case 'fast-forward':
			return moveRef(engine, 'refs/heads/main', sha, by);
		case 'merge':
			return void mergeInto(engine, 'main', {baseSha: main, headSha: sha, message: 'Promote'}, by);
		case 'squash':
			return moveRef(
				engine,
				'refs/heads/main',
				addCommit(state, {
					message: `Promote ${state.commits.size}`,
					author: by,
					parents: [main],
					tree: mergedTree(state, main, sha),
					at: state.now,
				}).sha,
				by,
			);
	}
}

function merge(engine: Engine, headSha: string | undefined): void {
	const {state} = engine;
	const baseSha = headOf(state, 'develop')!;
	if (headSha !== undefined && !isAncestor(state, headSha, baseSha))
		mergeInto(
			engine,
			'develop',
			{baseSha, headSha, message: `Merge ${state.commits.size}`},
			personOf(state, person),
		);
}

export function happen(engine: Engine, happening: Happening, way: Way): void {
	const {state} = engine;
	const by = personOf(state, person);
	switch (happening.does) {
		case 'push':
			return push(
				engine,
				'develop',
				happening,
				happening.names === null ? 'Commit' : `Revert ${commitAt(state, happening.names)}`,
			);
		case 'rerun': {
			const run = runAt(state, happening.run);
			if (run)
				rerunRun(
					engine,
					run.id,
					person,
					happening.which === 'first job' ? {job: run.workflow.definition.jobs[0]!.name} : happening.which,
				);
			return;
		}
		case 'cancel': {
			const run = runAt(state, happening.run);
			if (run) cancelRunWithId(engine, run.id);
			return;
		}
		case 'dispatch': {
			const sha = commitAt(state, happening.run.commit);
			if (happening.plan) state.plans.set(sha, happening.plan);
			dispatchRun(engine, files[happening.run.tier], {sha, by: person});
			return;
		}
		case 'live': {
			const before = state.live.get('staging')!;
			bringLive(state, 'staging', commitAt(state, happening.commit));
			if (happening.forSeconds !== null)
				engine.at(state.now + happening.forSeconds * 1000, () => bringLive(state, 'staging', before));
			return;
		}
		case 'forged status': {
			const target = {targetUrl: addressOf(state, runAt(state, happening.target)), description: '120/120 tests'};
			postStatus(state, {
				sha: commitAt(state, happening.on),
				context: `deployctl/${files[happening.tier].slice(0, -4)}`,
				state: happening.state,
				creator: happening.by === 'person' ? by : actionsBot,
				...target,
			});
			return;
		}
		case 'forged report': {
			const sha = commitAt(state, happening.on);
			const description = `before ${commitAt(state, happening.before)} after ${commitAt(state, happening.after)}`;
			postStatus(state, {
				sha,
				context: stagingReportContext,
				state: 'success',
				description,
				targetUrl: addressOf(state, newestRun(state, sha, 'e2e')),
				creator: by,
			});
			return;
		}
		case 'forged deployment': {
			const run = runAt(state, happening.target);
			const payload = {sha: commitAt(state, happening.says), ...(run && {run_id: run.id})};
			const made = createDeployment(state, {
				sha: commitAt(state, happening.filedOn),
				ref: 'develop',
				environment: 'staging',
				payload,
				creator: by,
			});
			return postDeploymentStatus(state, made, {
				state: happening.state,
				creator: by,
				logUrl: addressOf(state, run) ?? '',
			});
		}
		case 'promote':
			return promote(engine, commitAt(state, happening.commit), way);
		case 'hotfix':
			return push(engine, 'main', {commits: 1, plan: {outcomes: {gate: 'success'}}}, 'Hotfix');
		case 'branch':
			return push(engine, hotfixBranch, happening, 'Branch');
		case 'merge':
			return merge(engine, headOf(state, happening.what === 'main' ? 'main' : hotfixBranch));
		case 'reset':
			return moveRef(engine, `refs/heads/${happening.branch}`, commitAt(state, happening.commit), by);
	}
}
