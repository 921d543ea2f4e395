/** Which commit `deployctl deploy` means, and the history around it. Never a guess: what was chosen is said. */
import {short} from '../../core/gate/gate.ts';
import type {Snapshot} from '../../core/pipeline/pipeline.ts';
import type {PlanCommit} from '../../core/plan/plan.ts';
import type {Settings} from '../../core/settings/settings.ts';
import {Failure, exitCodes, usageFailure} from '../../errors.ts';
import {readPipeline} from '../../github/read-pipeline.ts';
import type {World} from '../../world.ts';
import {readFailure, type Pipeline} from './read.ts';

export type ChosenCommit = {
	sha: string;
	/** How it was found; null: the user named it. */
	chosen: string | null;
	history: readonly PlanCommit[];
};

export const historyOf = ({candidates}: Pick<Snapshot, 'candidates'>): readonly PlanCommit[] =>
	candidates.map(({sha, message}) => ({sha, message, isRevert: /^Revert\b/.test(message)}));

const branchOf = (environment: string, {branches}: Settings): {key: 'staging' | 'production'; name: string} | null =>
	environment === 'staging' || environment === 'production' ? {key: environment, name: branches[environment]} : null;

const headOf = ({branches}: Snapshot, environment: string, settings: Settings): {sha: string; chosen: string} => {
	const branch = branchOf(environment, settings)!;
	const {sha} = branches[branch.key];
	if (sha === null)
		throw new Failure(`The head of ${branch.name} is not known`, {
			because: 'GitHub shows no such branch',
			next: 'name the commit with --sha SHA',
			exitCode: exitCodes.usage,
		});
	return {sha, chosen: `the head of ${branch.name} on GitHub`};
};

const fullOf = async (
	text: string,
	snapshot: Snapshot | null,
	find: (text: string) => Promise<string | null>,
): Promise<string | null> => {
	const known = (snapshot?.candidates ?? []).map(({sha}) => sha).filter(sha => sha.startsWith(text));
	if (known.length > 1)
		throw usageFailure(
			`${text} is the beginning of ${known.length} commits`,
			`give more of it: ${known.map(sha => sha.slice(0, 12)).join(', ')}`,
		);
	return known[0] ?? (text.length === 40 ? text : find(text));
};

/**
`sha`: what the user gave, 7 to 40 digits; null: the head of the environment's branch. `find` asks the local repository for a whole SHA.
Throws a `Failure`: 2 for a commit that does not exist, is ambiguous or is not named; 4 or 5 when only GitHub could tell.
*/
export const chooseCommit = async (
	world: Pick<World, 'github' | 'clock' | 'wall'>,
	pipeline: Pipeline,
	{environment, sha, find}: {environment: string; sha: string | null; find(text: string): Promise<string | null>},
): Promise<ChosenCommit> => {
	if (sha === null && branchOf(environment, pipeline.settings) === null)
		throw usageFailure(`${environment} has no branch of its own.`, 'name the commit: --sha SHA');
	const answer = await readPipeline(world, pipeline);
	const history = answer.ok ? historyOf(answer.snapshot) : [];
	if (sha !== null) {
		const full = await fullOf(sha, answer.ok ? answer.snapshot : null, find);
		if (full !== null) return {sha: full, chosen: null, history};
		if (answer.ok)
			throw usageFailure(
				`no commit ${short(sha)} among the newest of ${pipeline.settings.branches.staging}, nor in this checkout.`,
				'git fetch, or give the full SHA',
			);
	}
	if (!answer.ok) throw readFailure(answer.failure, pipeline.repository);
	return {...headOf(answer.snapshot, environment, pipeline.settings), history};
};
