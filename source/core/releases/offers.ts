/**
Which release a rollback goes to, and why not to the others. Pure. The default is the newest release that is known to have been healthy,
came before the live one, is not marked bad, is still there, and is safe for the database; after an operation that was cut off, the one
that it left. Unknown is never healthy; an unproven one is offered with that word, and chosen where there is no better one.
*/
import {isSameVersion} from './observation.ts';
import type {Offer, Readiness, Release} from './release.ts';
import type {ReleaseRef} from './release-ref.ts';

export type Around = {
	/** What is live, or about to be; null when nobody knows. */
	live: ReleaseRef | null;
	/** An operation that was interrupted, or that runs and would be stopped, went away from this release: the first to go back to. */
	left: {release: string; how: 'interrupted' | 'running'} | null;
};

/** By its id, else the newest of its commit. -1: it is none of these, so all of these came before it. */
const placeOf = (releases: readonly Release[], live: ReleaseRef): number => {
	const exact = releases.findIndex(({id}) => id === live.release);
	const isIt = ({id, sha}: Release) => isSameVersion(live.sha ?? live.release, {release: id, sha});
	const marked = releases.findIndex(release => release.isLive === true && isIt(release));
	return exact !== -1 ? exact : marked !== -1 ? marked : releases.findIndex(isIt);
};

/** A schema change that cannot be undone lies between the live release and this one: of any release that would be left. */
const blocksDatabase = (releases: readonly Release[], live: number, index: number): Release | undefined =>
	releases.slice(Math.max(0, live), Math.max(0, index)).find(({migration}) => migration === 'incompatible');

/** The word that goes with such a release wherever it is offered. */
export const unproven = 'unproven: nobody has seen that it was this release that answered';

type Reason = {because: string; canInsist: boolean};

/** An operation was cut off, or would be, after which this release may look live without being it wholly: going back to it mends that. */
const isMended = ({id, scriptSays}: Release, {left}: Around): boolean =>
	id === left?.release || (scriptSays?.isDefault === true && scriptSays.isCandidate);

/** `live` null: not known. */
const whyNot = (releases: readonly Release[], index: number, live: number | null, around: Around): Reason | null => {
	const release = releases[index]!;
	const {isPresent, hosts, isBad, badBecause, wasHealthy, scriptSays} = release;
	const no = (because: string, canInsist = false): Reason => ({because, canInsist});
	if (index === live && !isMended(release, around)) return no('it is live');
	if (isPresent === false)
		return no(
			hosts === null || hosts.have >= hosts.of
				? 'it is no longer there'
				: `it is on ${hosts.have} of ${hosts.of} hosts only`,
		);
	// The hosts know which changes were undone since.
	const blocker = scriptSays?.isCandidate === true ? undefined : blocksDatabase(releases, live ?? 0, index);
	if (blocker) return no(`the database change of ${blocker.id} cannot be undone`);
	if (isBad) return no(`marked bad${badBecause === null ? '' : `: ${badBecause}`}`, true);
	if (wasHealthy === 'unknown') return no('nobody knows whether it was healthy', true);
	if (!wasHealthy) return no('it was never validated', true);
	if (live !== null && index < live) return no('it came after the live release', true);
	if (scriptSays?.isCandidate === false)
		return no(`the script refuses it${scriptSays.because === null ? '' : `: ${scriptSays.because}`}`);
	return null;
};

type Choice = {index: number; because: string};

const choose = (
	releases: readonly Release[],
	isOffered: (index: number) => boolean,
	live: number | null,
	{left}: Around,
): Choice | null => {
	const isBefore = (index: number) => live !== null && index > live && isOffered(index);
	const isProven = (index: number) => releases[index]!.wasHealthy === true;
	const proven = releases.findIndex((_, index) => isBefore(index) && isProven(index));
	const abandoned = releases.findIndex(({id}, index) => id === left?.release && isOffered(index));
	if (abandoned !== -1 && (proven === -1 || isProven(abandoned)))
		return {
			index: abandoned,
			because: left!.how === 'running' ? 'the running operation leaves it' : 'the interrupted operation left it',
		};
	// Without knowing what is live there is no "before": nothing is chosen for the operator.
	if (live === null) return null;
	// The hosts know their own history, also what was done or cut off there by hand.
	const ofScript = releases.findIndex(
		({scriptSays}, index) => scriptSays?.isDefault === true && index >= live && isOffered(index),
	);
	const index = ofScript !== -1 ? ofScript : proven !== -1 ? proven : releases.findIndex((_, each) => isBefore(each));
	if (index === -1) return null;
	return {
		index,
		because:
			index === live
				? (releases[index]!.scriptSays?.because ?? 'a run was cut off here')
				: isProven(index)
					? 'the newest before it that was healthy'
					: 'the newest before it',
	};
};

/**
Every release with its reason, in the order in which they are given: what was deployed last comes first. At most one is the default.
What came after the live one can be picked by insisting only.
*/
export const offersOf = (releases: readonly Release[], around: Around): readonly Offer[] => {
	const live = around.live === null ? null : placeOf(releases, around.live);
	const reasons = releases.map((_, index) => whyNot(releases, index, live, around));
	const choice = choose(releases, index => reasons[index] === null, live, around);
	return releases.map((release, index) => {
		const reason = reasons[index]!;
		const isDefault = index === choice?.index;
		const offered = [
			isDefault ? choice.because : release.wasHealthy === 'unproven' ? '' : 'was healthy',
			release.wasHealthy === 'unproven' ? unproven : '',
		]
			.filter(text => text !== '')
			.join('; ');
		return {
			release,
			offered: reason === null,
			isDefault,
			because: reason?.because ?? offered,
			canInsist: reason?.canInsist ?? false,
		};
	});
};

export const readinessOf = (offers: readonly Offer[]): Readiness => {
	const target = offers.find(({isDefault}) => isDefault);
	if (target) return {ready: true, to: target.release};
	if (offers.length === 0)
		return {
			ready: false,
			because: 'no release is known',
			next: 'Deploy once with deployctl, or with scripts that keep the contract.',
		};
	if (offers.some(({offered}) => offered))
		return {ready: 'unknown', because: 'what is live is not known, so nobody can say what came before it'};
	const others = offers.filter(({because}) => because !== 'it is live');
	return {
		ready: false,
		because:
			others.length === 0
				? 'there is no release before the live one'
				: `no release can be offered: ${others[0]!.release.id} ${others[0]!.because}`,
		next: 'Ship a fix forward, or pick a release by hand.',
	};
};
