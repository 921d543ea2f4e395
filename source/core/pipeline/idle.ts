/** Tiers without a run: why there is none, and what each comes after. Pure. */
import {type Tier, type TierName, type Tiers, tierTitles} from './pipeline.ts';
import {isMoving} from './words.ts';

const tierInSentence = ({name}: Tier) => (name === 'e2e' ? tierTitles.e2e : tierTitles[name].toLowerCase());

/** Which tier each comes after. */
const previousOf: Readonly<Record<TierName, 'fast' | 'deploy' | null>> = {
	fast: null,
	deploy: 'fast',
	e2e: 'deploy',
	smoke: 'deploy',
};

/** The tier under way that one without a run waits for, be it that before the one before; null: it waits for none. */
export const tierAwaited = (tiers: Partial<Tiers>, name: TierName): Tier | null => {
	const previous = previousOf[name];
	if (previous === null || (tiers[name]?.status ?? 'none') !== 'none') return null;
	const tier = tiers[previous];
	return tier !== undefined && isMoving(tier.status) ? tier : tierAwaited(tiers, previous);
};

const startsAfter = (tier: Tier): string => `starts after ${tierInSentence(tier)}`;

/** What is said of a tier without a run. */
export const missingWords = (tiers: Tiers, name: TierName): string => {
	const awaited = tierAwaited(tiers, name);
	return awaited === null ? 'no run for this commit' : startsAfter(awaited);
};

/** Why a tier has not started, from the tiers before it. */
export const explainIdle = (tier: Tier, before: Partial<Tiers>): Tier => {
	if (tier.status !== 'none' || tier.because !== null) return tier;
	const name = previousOf[tier.name];
	const previous = name === null ? undefined : before[name];
	// Only the tip of a push gets runs; and a repository may have no such workflow at all.
	if (!previous) return {...tier, because: `GitHub has no run of ${tier.workflow} for this commit`};
	if (previous.status === 'none') return {...tier, because: startsAfter(previous)};
	const title = tierInSentence(previous);
	switch (previous.status) {
		case 'failed':
		case 'cancelled':
			return {...tier, because: `blocked: ${title} ${previous.status}`};
		case 'skipped':
			return {...tier, because: `${title} skipped`};
		case 'passed':
			return {...tier, because: `not started yet, ${title} passed`};
		case 'unknown':
			return {...tier, because: `state of ${title} is unknown`};
		default:
			return {...tier, because: startsAfter(previous)};
	}
};
