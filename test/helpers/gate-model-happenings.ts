/** What may happen to a repository, done to the simulator by position and not by id: so it can be repeated in a past. */
import {bringLive, cancelRunWithId, dispatchRun, moveRef, postStatus, pushAs, rerunRun} from '../../source/simulator/acts.ts';
import {createDeployment, postDeploymentStatus} from '../../source/simulator/contract.ts';
import {addCommit, isAncestor, mergedTree} from '../../source/simulator/git.ts';
import {actionsBot, type Engine, latestAttempt, personOf, type Plan, type Run, runUrl, type State} from '../../source/simulator/model.ts';
import {newestRun, promotable} from '../../source/simulator/promotable.ts';
import {mergeInto} from '../../source/simulator/pushes.ts';
import {stagingReportContext} from '../../source/simulator/staging-report.ts';

export type TierWord = 'fast' | 'deploy' | 'e2e' | 'smoke';
/** Commits are counted from the newest one. */
type Nth = number;
type Of = {tier: TierWord; commit: Nth};
export type Happening =
	/** `names`: the headline has the full SHA of another commit in it, as those of merges and reverts have. */
	| {does: 'push'; commits: number; plan: Plan; names: Nth | null}
	| {does: 'rerun'; run: Of; which: 'all' | 'failed' | 'first job'}
	| {does: 'cancel'; run: Of}
	| {does: 'dispatch'; run: Of}
	/** Past GitHub. */
	| {does: 'live'; commit: Nth}
	| {does: 'forged status'; on: Nth; tier: TierWord; target: Of; state: 'success' | 'failure' | 'pending'; by: 'person' | 'workflow'}
	| {does: 'forged report'; on: Nth; before: Nth; after: Nth}
	| {does: 'forged deployment'; filedOn: Nth; says: Nth; target: Of; state: 'success' | 'failure' | 'in_progress'}
	| {does: 'promote'; commit: Nth | 'promotable'}
	| {does: 'hotfix'}
	| {does: 'merge main back'}
	| {does: 'feature'; commits: number; plan: Plan}
	| {does: 'merge feature'}
	| {does: 'reset'; branch: 'develop' | 'main'; commit: Nth};
export type Step = {afterSeconds: number; happening: Happening};
/** How promoted commits get onto the production branch. */
export type Way = 'fast-forward' | 'merge' | 'squash';

const files: Readonly<Record<TierWord, string>> = {fast: 'test-suite.yml', deploy: 'deploy-staging.yml', e2e: 'e2e-staging.yml', smoke: 'smoke-tests.yml'};
const person = 'jonas-lindqvist';
const feature = 'hotfix/from-develop';

const commitAt = (state: State, nth: Nth): string => {
	const all = [...state.commits.keys()];
	return all[Math.max(0, all.length - 1 - nth)]!;
};
export const newestPromotable = (state: State): string | undefined => [...state.commits.keys()].findLast(sha => promotable(state, {branches: {staging: 'develop', production: 'main'}}, sha).proven);
const runAt = (state: State, {tier, commit}: Of): Run | undefined => newestRun(state, commitAt(state, commit), tier);
const addressOf = (state: State, run: Run) => `${runUrl(state, run)}/attempts/${latestAttempt(run).number}`;
const headOf = (state: State, branch: string) => state.refs.get(`refs/heads/${branch}`);

/** A commit goes on top of production, or its files do. */
function promote(engine: Engine, sha: string, way: Way): void {
	const {state} = engine;
	const main = headOf(state, 'main')!;
	if (isAncestor(state, sha, main)) return;
	if (way === 'fast-forward') {
		if (isAncestor(state, main, sha)) moveRef(engine, 'refs/heads/main', sha, personOf(state, person));
		return;
	}
	const by = personOf(state, person);
	if (way === 'merge') mergeInto(engine, 'main', {baseSha: main, headSha: sha, message: 'Promote'}, by);
	else moveRef(engine, 'refs/heads/main', addCommit(state, {message: 'Promote', author: by, parents: [main], tree: mergedTree(state, main, sha), at: state.now}).sha, by);
}

function push(engine: Engine, branch: string, {commits, plan}: {commits: number; plan: Plan}, headline: string): void {
	const {state} = engine;
	const from = state.commits.size;
	const tip = pushAs(engine, branch, Array.from({length: commits}, (_, index) => ({message: `${headline} ${from + index}`})), person);
	state.plans.set(tip, plan);
}

export function happen(engine: Engine, happening: Happening, way: Way): void {
	const {state} = engine;
	const by = personOf(state, person);
	switch (happening.does) {
		case 'push': return push(engine, 'develop', happening, happening.names === null ? 'Commit' : `Revert ${commitAt(state, happening.names)}`);
		case 'rerun': {
			const run = runAt(state, happening.run);
			if (run) rerunRun(engine, run.id, person, happening.which === 'first job' ? {job: run.workflow.definition.jobs[0]!.name} : happening.which);
			return;
		}
		case 'cancel': {
			const run = runAt(state, happening.run);
			if (run) cancelRunWithId(engine, run.id);
			return;
		}
		case 'dispatch': return void dispatchRun(engine, files[happening.run.tier], {sha: commitAt(state, happening.run.commit), by: person});
		case 'live': return bringLive(state, 'staging', commitAt(state, happening.commit));
		case 'forged status': {
			const run = runAt(state, happening.target);
			return void postStatus(state, {
				sha: commitAt(state, happening.on), context: `deployctl/${files[happening.tier].slice(0, -4)}`, state: happening.state, description: '120/120 tests',
				targetUrl: run ? addressOf(state, run) : null, creator: happening.by === 'person' ? by : actionsBot,
			});
		}
		case 'forged report': {
			const sha = commitAt(state, happening.on);
			const run = newestRun(state, sha, 'e2e');
			return void postStatus(state, {sha, context: stagingReportContext, state: 'success', description: `before ${commitAt(state, happening.before)} after ${commitAt(state, happening.after)}`, targetUrl: run ? addressOf(state, run) : null, creator: by});
		}
		case 'forged deployment': {
			const run = runAt(state, happening.target);
			const made = createDeployment(state, {sha: commitAt(state, happening.filedOn), ref: 'develop', environment: 'staging', payload: {sha: commitAt(state, happening.says), ...run && {run_id: run.id}}, creator: by});
			return postDeploymentStatus(state, made, {state: happening.state, creator: by, ...run && {logUrl: addressOf(state, run)}});
		}
		case 'promote': return promote(engine, typeof happening.commit === 'number' ? commitAt(state, happening.commit) : newestPromotable(state) ?? commitAt(state, 0), way);
		case 'hotfix': {
			const sha = pushAs(engine, 'main', [{message: `Hotfix ${state.commits.size}`}], person);
			state.plans.set(sha, {outcomes: {gate: 'success'}});
			return;
		}
		case 'merge main back': return merge(engine, 'develop', headOf(state, 'main')!);
		case 'feature': return push(engine, feature, happening, 'Feature');
		case 'merge feature': {
			const sha = headOf(state, feature);
			return sha === undefined ? undefined : merge(engine, 'develop', sha);
		}
		case 'reset': return moveRef(engine, `refs/heads/${happening.branch}`, commitAt(state, happening.commit), by);
	}
}

function merge(engine: Engine, branch: string, headSha: string): void {
	const {state} = engine;
	const baseSha = headOf(state, branch)!;
	if (!isAncestor(state, headSha, baseSha)) mergeInto(engine, branch, {baseSha, headSha, message: `Merge ${state.commits.size}`}, personOf(state, person));
}
