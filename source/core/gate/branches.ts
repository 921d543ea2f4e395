/** The gate's condition about the branches: production's can be moved to the commit, and the commit came the way that it had to come. */
import {met, notMet, short, unknown, type Verdict} from '../pipeline/verdicts.ts';
import type {Branches, Proof} from '../pipeline/pipeline.ts';
import {plural} from '../text/plural.ts';
import type {Settings} from '../settings/settings.ts';
import {compareVersion} from '../releases/version.ts';

/** How one commit stands to the branches, asked of GitHub for this very commit. null: not read. */
export type CommitComparison = {
	/** Commits that it has and production lacks, and the reverse. */
	aheadBy: number;
	behindBy: number;
	/** It lies on the staging branch. */
	isOnStaging: boolean | null;
	/** Where the content of production's branch comes from: from the commit itself, from one below it (only merges lie in between), or from neither. Not asked where branches only move forward. */
	content: 'same' | 'below' | 'foreign' | null;
	/** Head of the hotfix branch that is meant. */
	hotfixHead: string | null;
};

export type AboutBranches = {
	branches: Branches;
	/** The staging branch's first-parent history as far as it was read, newest first. */
	history: readonly string[];
	settings: Settings;
	/** null: only what the list of commits shows is known. */
	comparison: CommitComparison | null;
	/** Name of the hotfix branch, when the commit goes that way. */
	hotfix: string | null;
	/** Where production's branch has to be already, when the workflow asks that deploys it. The commit itself, or a merge of it with the same content. */
	landed: string | null;
	/** What production reports; null: not known. */
	live: string | null;
};

const count = (commits: number) => plural(commits, 'commit');

const isLandedAt = (
	sha: string,
	landed: string,
	{branches: {production}, hotfix, comparison}: AboutBranches,
): Verdict => {
	if (production.sha === null) return unknown(`where ${production.name} is has not been read`);
	if (production.sha !== landed)
		return notMet(
			`${production.name} is at ${short(production.sha)}, not at ${short(landed)}`,
			'Something newer was pushed: its own run deploys it.',
			{sha: production.sha},
		);
	if (hotfix !== null && comparison?.hotfixHead !== sha)
		return notMet(`${short(sha)} is not the head of ${hotfix}`, 'Promote the head of a hotfix branch.', {
			sha: landed,
		});
	return met(
		landed === sha
			? `${production.name} is at ${short(sha)}`
			: `${production.name} is at ${short(landed)}, which has the content of ${short(sha)}`,
		{sha: landed},
	);
};

/** Brought to the branch, and then its deployment failed: it may be tried again. */
const isThere = (sha: string, {branches: {production}, live}: AboutBranches): Verdict => {
	const at = production.sha ?? sha;
	const isItself = at === sha;
	return live !== null && [sha, at].every(each => compareVersion(live, {release: each, sha: each}) === 'different')
		? met(
				`${production.name} ${isItself ? 'is at' : 'has the content of'} ${short(sha)} already, and production runs ${short(live)}`,
				{sha: at},
			)
		: notMet(
				`${production.name} ${isItself ? 'is already at' : 'already has the content of'} ${short(sha)}`,
				undefined,
				{sha: at},
			);
};

const compared = (sha: string, comparison: CommitComparison, around: AboutBranches): Verdict => {
	const {
		branches: {staging, production},
		settings,
		hotfix,
	} = around;
	const proof: Proof = {
		...(production.sha !== null && {sha: production.sha}),
		text: `${comparison.aheadBy} ahead of ${production.name}, ${comparison.behindBy} behind`,
	};
	if (hotfix !== null && comparison.hotfixHead !== sha)
		return comparison.hotfixHead === null
			? unknown(`where ${hotfix} is has not been read`)
			: notMet(
					`${short(sha)} is not the head of ${hotfix}`,
					`Its head is ${short(comparison.hotfixHead)}.`,
					proof,
				);
	// Strategies that merge leave a merge on production's branch each time: no content of its own.
	const merges = settings.promotion.strategy === 'pull-request' || settings.promotion.strategy === 'merge-queue';
	if (merges && comparison.content === 'same') return isThere(sha, around);
	if (comparison.aheadBy === 0) return notMet(`${production.name} already contains ${short(sha)}`, undefined, proof);
	if (hotfix === null && comparison.isOnStaging === null)
		return unknown(`whether ${short(sha)} is on ${staging.name} has not been read`);
	if (hotfix === null && !comparison.isOnStaging)
		return notMet(
			`${short(sha)} is not on ${staging.name}`,
			`Merge it into ${staging.name}: production gets what staging has run.`,
			proof,
		);
	if (comparison.behindBy === 0) return met(`${production.name} can be fast-forwarded`, proof);
	if (merges && comparison.content === 'below')
		return met(`${production.name} has only merges of what ${short(sha)} contains`, proof);
	if (merges && comparison.content === null)
		return unknown(`what ${production.name} has beyond ${short(sha)} has not been compared`, undefined, proof);
	return notMet(
		`${production.name} has ${count(comparison.behindBy)} that ${short(sha)} lacks`,
		hotfix === null
			? `Merge ${production.name} into ${staging.name}.`
			: `Rebase ${hotfix} onto ${production.name}.`,
		proof,
	);
};

/** From the overview alone. */
const listed = (sha: string, {branches: {staging, production}, history, hotfix}: AboutBranches): Verdict => {
	if (hotfix !== null) return unknown(`where ${hotfix} is has not been read`);
	const [place, productionPlace] = [
		history.indexOf(sha),
		production.sha === null ? -1 : history.indexOf(production.sha),
	];
	const proof: Proof = {...(production.sha !== null && {sha: production.sha})};
	if (place === -1) return unknown(`whether ${short(sha)} is on ${staging.name} is not known`);
	if ((productionPlace !== -1 && place > productionPlace) || (staging.aheadBy !== null && place >= staging.aheadBy))
		return notMet(`${production.name} already contains ${short(sha)}`, undefined, proof);
	if (staging.behindBy === null) return unknown(`${production.name} and ${staging.name} have not been compared`);
	if (staging.behindBy > 0)
		return notMet(
			`${production.name} has ${count(staging.behindBy)} that ${staging.name} lacks`,
			`Merge ${production.name} into ${staging.name}.`,
			proof,
		);
	// The comparison is with the newest commit. An older one is ahead of production for sure only when production's head lies
	// below it in the same history: a merge in between could have brought production in from the side.
	return place === 0 || productionPlace > place
		? met(`${production.name} can be fast-forwarded`, proof)
		: unknown(`${production.name} has not been compared with ${short(sha)}`);
};

export const fastForward = (sha: string, around: AboutBranches): Verdict => {
	const {
		branches: {production},
		comparison,
		landed,
	} = around;
	if (landed !== null) return isLandedAt(sha, landed, around);
	if (production.sha === sha) return isThere(sha, around);
	return comparison === null ? listed(sha, around) : compared(sha, comparison, around);
};
