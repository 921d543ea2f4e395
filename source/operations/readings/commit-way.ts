/** The way from production to a commit, and from there to the head of the staging branch: asked of GitHub for this very commit. */
import type {CommitComparison} from '../../core/gate/branches.ts';
import type {PlanCommit} from '../../core/plan/plan.ts';
import type {Settings} from '../../core/settings/settings.ts';
import {exitCodes} from '../../errors.ts';
import type {Promotions} from '../../github/promotions.ts';
import type {Refusal} from '../../world.ts';
import {refusalOf, refuse} from './refusals.ts';
import type {ComparedCommit} from '../../github/branches/compared.ts';

export type CommitWay = {
	comparison: CommitComparison;
	/** Heads of the branches when this was asked; null: there is no such branch. */
	productionAt: string | null;
	stagingAt: string | null;
	/** What goes to production with the commit, and what stays behind, newest first; null: more than was read, or not to be compared. */
	coming: readonly PlanCommit[] | null;
	staying: readonly PlanCommit[] | null;
	/** Changed files; null: more than GitHub tells. */
	files: readonly string[] | null;
};

const planCommits = (commits: readonly ComparedCommit[]): readonly PlanCommit[] =>
	commits.map(({sha, message, isRevert}) => ({sha, message, isRevert}));

/** Whether production's branch holds nothing of its own: its files are those of this commit, or of one on the way to it. null: could not be read. */
const contentOf = async (
	promotions: Promotions,
	production: string,
	sha: string,
	signal?: AbortSignal,
): Promise<CommitComparison['content']> => {
	const known = await promotions.hasTreeOf(production, sha, signal);
	if (!known.ok || known.isThere === null) return null;
	if (!known.isThere) return 'foreign';
	const same = await promotions.treeEquals(production, sha, signal);
	return same.ok ? (same.isEqual ? 'same' : 'below') : null;
};

const what = 'the branches could not be compared';

/** `hotfix`: name of the branch that the commit has to be the head of. */
export const wayTo = async (
	promotions: Promotions,
	{branches, promotion}: Settings,
	sha: string,
	hotfix: string | null,
	signal?: AbortSignal,
): Promise<{ok: true; way: CommitWay} | Refusal> => {
	const [production, staging, fix] = await Promise.all([
		promotions.head(branches.production, signal),
		promotions.head(branches.staging, signal),
		hotfix === null ? {ok: true as const, sha: null} : promotions.head(hotfix, signal),
	]);
	if (!production.ok) return refusalOf(production, what);
	if (!staging.ok) return refusalOf(staging, what);
	if (!fix.ok) return refusalOf(fix, what);
	if (production.sha === null)
		return refuse(
			`there is no branch ${branches.production}`,
			"Name production's branch: branches.production in deployctl.yml.",
			exitCodes.usage,
		);
	const [toProduction, toStaging] = await Promise.all([
		promotions.compare(production.sha, sha, signal),
		staging.sha === null ? null : promotions.compare(sha, staging.sha, signal),
	]);
	for (const compared of [toProduction, toStaging]) {
		if (compared === null || compared.ok) continue;
		return compared.kind === 'no-such-commit'
			? refuse(compared.because, compared.next, exitCodes.usage)
			: refusalOf(compared, what);
	}
	const [forth, back] = [
		toProduction as Extract<typeof toProduction, {ok: true}>,
		toStaging as Extract<typeof toStaging, {ok: true}> | null,
	];
	const merges = promotion.strategy === 'pull-request' || promotion.strategy === 'merge-queue';
	return {
		ok: true,
		way: {
			comparison: {
				aheadBy: forth.aheadBy,
				behindBy: forth.behindBy,
				isOnStaging: back === null ? null : back.behindBy === 0,
				hotfixHead: fix.sha,
				content: merges && forth.behindBy > 0 ? await contentOf(promotions, production.sha, sha, signal) : null,
			},
			productionAt: production.sha,
			stagingAt: staging.sha,
			coming: forth.isWhole ? planCommits(forth.commits) : null,
			staying: back?.isWhole === true ? planCommits(back.commits) : null,
			files: forth.files,
		},
	};
};
