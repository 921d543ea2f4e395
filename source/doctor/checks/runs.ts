/** Whether the last runs could be told apart by themselves: what the pipeline itself knows of them. */
import {short} from '../../core/gate/gate.ts';
import {type Candidate, type TierName, tierTitles} from '../../core/pipeline/pipeline.ts';
import {listed, sayingIn, unread} from '../model/findings.ts';
import type {Finding, Readings} from '../model/model.ts';

const say = sayingIn('runs');
/** So long after the fast tests the deployment should have begun. */
const patienceMs = 60 * 60_000;

const correlated = (tier: TierName, candidates: readonly Candidate[]): Finding | null => {
	const ran = candidates.filter(
		({tiers}) => (tiers[tier]?.status ?? 'none') !== 'none' && tiers[tier]?.provenance !== null,
	);
	if (ran.length === 0) return null;
	const guessed = ran.filter(({tiers}) => tiers[tier]?.provenance === 'inferred').map(({sha}) => short(sha));
	return guessed.length === 0
		? say(
				'ok',
				`correlated-${tier}`,
				`${tierTitles[tier]}: the last ${ran.length} runs say which commit they are about`,
			)
		: say(
				'warning',
				`correlated-${tier}`,
				`${tierTitles[tier]}: ${guessed.length} of ${ran.length} runs were matched by their time only (${listed(guessed)})`,
				{
					why: 'A guess is shown with a mark and never makes a commit ready.',
					how: 'Let the workflow name its commit: run-name and commit status, docs/correlation.md.',
					where: tier,
				},
			);
};

/** Passed long ago, and nothing has followed; a newer commit that overtook it is no reason to worry. */
const followed = ([newest]: readonly Candidate[], now: number): Finding | null => {
	if (newest === undefined) return null;
	const {fast, deploy} = newest.tiers;
	const isStuck =
		fast.status === 'passed' &&
		fast.finishedAt !== null &&
		now - fast.finishedAt > patienceMs &&
		deploy.status === 'none';
	return isStuck
		? say('warning', 'not-deployed', `${short(newest.sha)} passed its fast tests, and no deployment has followed`, {
				why: 'The newest commit is not on staging, and nothing is on its way.',
				how: 'Look at what starts the deployment: its workflow may be disabled, or wait for another name.',
				where: newest.sha,
			})
		: null;
};

export const checkRuns = ({pipeline, now}: Readings): readonly Finding[] => {
	if (!pipeline.ok) return [unread(say, 'pipeline', 'The last runs could not be read', pipeline)];
	const {candidates} = pipeline.value;
	if (candidates.length === 0) return [say('note', 'none', 'There are no commits yet whose runs could be looked at')];
	const findings = [
		...(['deploy', 'e2e', 'smoke'] as const).map(tier => correlated(tier, candidates)),
		followed(candidates, now),
	].filter(finding => finding !== null);
	return findings.length > 0 ? findings : [say('note', 'none', 'Nothing was deployed or tested on staging yet')];
};
