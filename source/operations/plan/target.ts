/** Where a wish leads: the commit or the release that it means, or why it means none. */
import {exitCodes} from '../../core/exit-codes.ts';
import type {ScriptKind} from '../../core/operations/operation.ts';
import type {PlanCommit, Wish} from '../../core/plan/plan.ts';
import {findRelease} from '../../core/plan/plan-of.ts';
import type {Offer, Release} from '../../core/releases/release.ts';
import {type Git, resolveCommit} from '../readings/local-history.ts';
import type {ReleaseRef} from '../../core/releases/release-ref.ts';
import type {Obstacle} from '../../core/plan/ground.ts';

export type Target = {to: ReleaseRef | null; withoutTarget: Obstacle | null};
const without = (because: string, next: string, exitCode: number): Target => ({
	to: null,
	withoutTarget: {because, next, exitCode},
});

const isFull = (name: string) => /^[0-9a-f]{40}$/.test(name);

export const deployTarget = async (
	wish: Extract<Wish, {kind: 'deploy'}>,
	history: readonly PlanCommit[],
	git: Git,
): Promise<Target> => {
	const name = wish.sha?.toLowerCase() ?? history[0]?.sha ?? null;
	if (name === null)
		return without('no commit is named, and GitHub shows none', 'Name it: --sha SHA.', exitCodes.usage);
	const known = history.filter(({sha}) => sha.startsWith(name));
	if (known.length > 1)
		return without(`${name} is the beginning of ${known.length} commits`, 'Give more of it.', exitCodes.usage);
	const sha = known[0]?.sha ?? (isFull(name) ? name : await resolveCommit(git, name));
	return sha === null
		? without(`there is no commit ${name} here`, 'git fetch, or give the full SHA.', exitCodes.usage)
		: {to: {release: sha, sha}, withoutTarget: null};
};

/** A plain script takes any commit that somebody names, though nobody knows how it did here. */
export const namedCommit = async (
	wish: Wish,
	kind: ScriptKind | null,
	releases: readonly Release[],
	git: Git,
): Promise<readonly Release[]> => {
	if (
		wish.kind !== 'rollback' ||
		wish.release === null ||
		kind !== 'plain' ||
		findRelease(releases, wish.release) !== null
	)
		return [];
	const name = wish.release.toLowerCase();
	const sha = isFull(name) ? name : await resolveCommit(git, name);
	return sha === null
		? []
		: [
				{
					id: sha,
					sha,
					isLive: 'unknown',
					isPresent: 'unknown',
					wasHealthy: 'unknown',
					isBad: false,
					badBecause: null,
					migration: 'unknown',
					deployedAt: null,
					lastLiveAt: null,
					hosts: null,
				},
			];
};

const noDefault = (offers: readonly Offer[], environment: string): Target => {
	const why = offers
		.filter(({because}) => because !== 'it is live')
		.slice(0, 3)
		.map(({release, because}) => `${release.id}: ${because}`)
		.join('; ');
	return without(
		`there is no release to roll ${environment} back to${why === '' ? '' : ` (${why})`}`,
		offers.some(({offered, canInsist}) => offered || canInsist)
			? 'Pick one by name: --to RELEASE.'
			: 'Ship a fix forward.',
		exitCodes.refused,
	);
};

export const rollbackTarget = (
	wish: Extract<Wish, {kind: 'rollback'}>,
	offers: readonly Offer[],
	environment: string,
): Target => {
	const of = ({id, sha}: Release): Target => ({to: {release: id, sha}, withoutTarget: null});
	if (wish.release === null) {
		const chosen = offers.find(({isDefault}) => isDefault);
		return chosen ? of(chosen.release) : noDefault(offers, environment);
	}
	const found = findRelease(
		offers.map(({release}) => release),
		wish.release,
	);
	if (found === 'ambiguous')
		return without(`${wish.release} is the beginning of several releases`, 'Give more of it.', exitCodes.usage);
	if (found !== null) return of(found);
	const usable = offers
		.filter(({offered}) => offered)
		.slice(0, 5)
		.map(({release}) => release.id);
	return without(
		`${environment} has no release ${wish.release}`,
		usable.length > 0
			? `These can be used: ${usable.join(', ')}.`
			: offers.length === 0
				? 'No release is known here.'
				: `It has ${offers
						.slice(0, 5)
						.map(({release}) => release.id)
						.join(', ')}.`,
		exitCodes.usage,
	);
};
