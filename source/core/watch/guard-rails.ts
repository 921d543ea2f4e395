/**
 * The guard rails of an automatic rollback: one record each, all of which must hold. Pure. What is not known does not hold:
 * it is for a person. They are judged when a verdict arms, at every tick of the countdown, and again with the lock in hand.
 */
import type {HealthVerdict} from '../health/verdict.ts';
import {met, notMet, unknown, type Verdict} from '../pipeline/verdicts.ts';
import type {ReleaseRef} from '../releases/release-ref.ts';
import type {Offer, Release} from '../releases/release.ts';
import {duration} from '../text/duration.ts';

/** `shadow`: says what it would have done, and does nothing. */
export type AutoRollback = 'off' | 'shadow' | 'on';

/** What is known when it is decided. Durations in milliseconds. */
export type WatchFacts = {
	readonly autoRollback: AutoRollback;
	readonly environment: string;
	readonly verdict: HealthVerdict;
	/** What is watched, and what was live before it; null: nobody knows. */
	readonly release: ReleaseRef;
	readonly before: ReleaseRef | null;
	/** What every instance reports: the watched release, another one, or no commit that could be compared. */
	readonly reported: 'watched' | 'other' | 'unknown';
	/** Until the watch ends; negative: it has ended. */
	readonly remainingMs: number;
	/** This machine slept, or its clock jumped, and nothing of what it had seen counts. */
	readonly slept: boolean;
	/** An automatic rollback of this release was intended before, as far as the journal can be read. */
	readonly used: boolean | 'unknown';
	/** Releases, what was deployed last first, with what a rollback may go to. */
	readonly offers: readonly Offer[];
	/** The target was left for being unhealthy. */
	readonly targetWasLeftUnhealthy: boolean | 'unknown';
	/** What somebody else does here; null: nothing. */
	readonly otherOperation: string | null;
	readonly lock:
		| {readonly state: 'free' | 'ours'}
		| {readonly state: 'foreign' | 'unknown'; readonly because: string};
	/** Why a person froze the environment; null: nobody did. */
	readonly frozen: {readonly because: string} | null | 'unknown';
	readonly github: 'up' | 'down';
	/** This machine deployed the release, and held the environment's lock from then until now. */
	readonly deployedHere: boolean;
	/** Automatic rollbacks of this environment in the last hour, whatever release. */
	readonly recent: number | 'unknown';
};

/** Two in an hour switch it off until a person says so. */
export const recentAtMost = 2;

/** Releases that are left when one goes from the live one to the target: their changes of the database stay behind. */
function leftBehind(offers: readonly Offer[], release: ReleaseRef, target: Release): readonly Release[] | null {
	const releases = offers.map(offer => offer.release);
	const live = releases.findIndex(({id, sha}) => id === release.release || (sha !== null && sha === release.sha));
	const to = releases.findIndex(({id}) => id === target.id);
	return live === -1 || to === -1 || to < live ? null : releases.slice(live, to);
}

const targetOf = ({offers}: WatchFacts): Release | null => offers.find(({isDefault}) => isDefault)?.release ?? null;

function target(facts: WatchFacts): Verdict {
	const release = targetOf(facts);
	if (release === null) {
		const nearest = facts.offers.find(({because}) => because !== 'it is live');
		return notMet(
			nearest === undefined
				? 'there is no release before it'
				: `none can be gone back to: ${nearest.release.id} ${nearest.because}`,
			'Ship a fix forward, or pick a release by hand.',
		);
	}
	if (release.wasHealthy !== true)
		return unknown(`nobody has seen ${release.id} healthy`, 'Roll back by hand, if you know that it was.');
	if (release.isPresent !== true) return unknown(`nobody knows whether ${release.id} is still on every host`);
	return met(`${release.id} was healthy, and is on every host`);
}

function database(facts: WatchFacts): Verdict {
	const release = targetOf(facts);
	const left = release === null ? null : leftBehind(facts.offers, facts.release, release);
	if (left === null) return unknown('nobody knows which releases would be left');
	const blocking = left.find(({migration}) => migration === 'incompatible');
	if (blocking !== undefined) return notMet(`the database change of ${blocking.id} cannot be undone`);
	const open = left.find(({migration}) => migration === 'unknown');
	return open === undefined
		? met('no database change blocks it')
		: unknown(
				`nobody knows what ${open.id} did to the database`,
				'Set MIGRATE_KIND, or let MIGRATE_CMD check print it.',
			);
}

/** What makes up the answer, in the order in which a person is told. */
export const guardRails = {
	enabled: ({autoRollback, environment}) =>
		autoRollback === 'off'
			? notMet(`automatic rollback is off for ${environment}`)
			: met(`automatic rollback is ${autoRollback} for ${environment}`),
	evidence: ({verdict}) =>
		verdict.arms === true
			? met(verdict.because)
			: verdict.state === 'unknown'
				? unknown(verdict.because)
				: notMet(verdict.because),
	changed: ({release, before}) =>
		before === null
			? unknown('nobody knows what ran before')
			: before.release === release.release
				? notMet('what runs is what ran before')
				: met(`${before.release} ran before`),
	reported: ({reported, release}) =>
		reported === 'watched'
			? met(`every instance reports ${release.release}`)
			: reported === 'other'
				? notMet('an instance reports another release: somebody else has been here')
				: unknown('what runs cannot be compared with what was deployed'),
	watched: ({remainingMs}) =>
		remainingMs > 0
			? met(`${duration(Math.ceil(remainingMs / 1000))} of the watch remain`)
			: notMet('the watch is over'),
	awake: ({slept}) =>
		slept
			? unknown('this machine slept, or its clock jumped: what it saw before does not count')
			: met('no gap in the watch'),
	'first-time': ({used, release}) =>
		used === 'unknown'
			? unknown('the journal cannot be read')
			: used
				? notMet(`${release.release} was rolled back automatically before`)
				: met('the first time for this release'),
	target,
	database,
	'not-both-bad': ({targetWasLeftUnhealthy}) =>
		targetWasLeftUnhealthy === 'unknown'
			? unknown('nobody knows why the release before was left')
			: targetWasLeftUnhealthy
				? notMet('the release before was unhealthy too')
				: met('the release before was not left for being unhealthy'),
	alone: ({otherOperation}) =>
		otherOperation === null ? met('nobody else is at work') : notMet(`${otherOperation} is at work`),
	unfrozen: ({frozen, environment}) =>
		frozen === 'unknown'
			? unknown(`nobody knows whether ${environment} is frozen`)
			: frozen === null
				? met('not frozen')
				: notMet(`frozen: ${frozen.because}`),
	lock: ({lock, github, deployedHere}) => {
		if (lock.state === 'foreign') return notMet(`locked: ${lock.because}`);
		if (lock.state === 'unknown' && !(github === 'down' && deployedHere))
			return unknown(`the lock: ${lock.because}`);
		if (github === 'down' && !deployedHere)
			return unknown('GitHub cannot be asked, and the release was deployed elsewhere', 'Roll back by hand.');
		return met(
			github === 'down'
				? "GitHub cannot be asked; this machine's lock was held all along"
				: `the lock is ${lock.state}`,
		);
	},
	brake: ({recent}) =>
		recent === 'unknown'
			? unknown('nobody knows how often it happened in the last hour')
			: recent >= recentAtMost
				? notMet(`${recent} automatic rollbacks within an hour: it stops until a person says so`)
				: met(`${recent} automatic rollbacks in the last hour`),
} as const satisfies Record<string, (facts: WatchFacts) => Verdict>;

export type GuardRailId = keyof typeof guardRails;
export type GuardRail = Verdict & {readonly id: GuardRailId};

/** Every rail with what it rests on. */
export const railsOf = (facts: WatchFacts): readonly GuardRail[] =>
	Object.entries(guardRails).map(([id, judge]) => ({id: id as GuardRailId, ...judge(facts)}));

/** The rails that do not hold; empty: all do. */
export const notHeld = (rails: readonly GuardRail[]): readonly GuardRail[] => rails.filter(rail => rail.met !== true);
