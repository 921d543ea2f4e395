/**
Which release a rollback goes to, and why not to the others. Pure. The default is the newest release that is known to have been healthy,
came before the live one, is not marked bad, is still there, and is safe for the database. Unknown is never healthy.
*/
import type {Offer, Readiness, Release} from './release.ts';

/** How the live release is known: null when nobody knows what runs. */
export type Around = {
	live: {release: string; sha: string | null} | null;
	/** An interrupted operation went away from this release: the first thing to go back to. */
	interruptedFrom: string | null;
};

const isSame = (release: Release, live: NonNullable<Around['live']>) =>
	release.id === live.release || (release.sha !== null && live.sha !== null && (release.sha.startsWith(live.sha) || live.sha.startsWith(release.sha)));

/** Newest first: by when it was deployed, and by its id, which begins with the time. */
export const newestFirst = (releases: readonly Release[]): readonly Release[] =>
	releases.toSorted((a, b) => (b.deployedAt ?? 0) - (a.deployedAt ?? 0) || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0));

const liveIndex = (releases: readonly Release[], {live}: Around): number => {
	const marked = releases.findIndex(({isLive}) => isLive === true);
	return live === null ? marked : releases.findIndex(release => isSame(release, live));
};

/** A schema change that cannot be undone lies between the live release and this one: of any release that would be left. */
const blocksDatabase = (releases: readonly Release[], from: number, to: number): Release | undefined =>
	(from === -1 || to <= from ? undefined : releases.slice(from, to).find(({migration}) => migration === 'incompatible'));

type Reason = {because: string; canInsist: boolean};

const whyNot = (releases: readonly Release[], index: number, live: number, around: Around): Reason | null => {
	const release = releases[index]!;
	const no = (because: string, canInsist = false): Reason => ({because, canInsist});
	if (index === live) return no('it is live');
	if (release.isPresent === false) return no(release.hosts === null ? 'it is no longer there' : `it is on ${release.hosts.have} of ${release.hosts.of} hosts only`);
	const blocker = blocksDatabase(releases, live, index);
	if (blocker) return no(`the database change of ${blocker.id} cannot be undone`);
	if (release.isBad) return no(`marked bad${release.badBecause === null ? '' : `: ${release.badBecause}`}`, true);
	if (release.id === around.interruptedFrom) return null;
	if (release.wasHealthy === 'unknown') return no('nobody knows whether it was healthy', true);
	if (!release.wasHealthy) return no('it was never validated', true);
	if (live !== -1 && index < live) return no('it came after the live release', true);
	return null;
};

/** Every release with its reason, newest first; at most one is the default. What lies after the live one can be picked by insisting only. */
export const offersOf = (all: readonly Release[], around: Around): readonly Offer[] => {
	const releases = newestFirst(all);
	const live = liveIndex(releases, around);
	const reasons = releases.map((_, index) => whyNot(releases, index, live, around));
	const interrupted = releases.findIndex(({id}, index) => id === around.interruptedFrom && reasons[index] === null);
	// Without knowing what is live there is no "before": nothing is chosen for the operator.
	const first = interrupted !== -1 ? interrupted : live === -1 ? -1 : reasons.findIndex((reason, index) => index > live && reason === null);
	return releases.map((release, index) => {
		const reason = reasons[index]!;
		const isDefault = index === first;
		return {release, offered: reason === null, isDefault, because: reason?.because ?? (isDefault ? (index === interrupted ? 'the interrupted operation left it' : 'the newest before it that was healthy') : 'was healthy'), canInsist: reason?.canInsist ?? false};
	});
};

export const readinessOf = (offers: readonly Offer[]): Readiness => {
	const target = offers.find(({isDefault}) => isDefault);
	if (target) return {ready: true, to: target.release};
	const others = offers.filter(({because}) => because !== 'it is live');
	if (offers.length === 0) return {ready: false, because: 'no release is known', next: 'Deploy once with deployctl, or with scripts that keep the contract.'};
	if (offers.some(({offered}) => offered)) return {ready: 'unknown', because: 'what is live is not known, so nobody can say what came before it'};
	return {ready: false, because: others.length === 0 ? 'there is no release before the live one' : `no release can be offered: ${others[0]!.release.id} ${others[0]!.because}`, next: 'Ship a fix forward, or pick a release by hand.'};
};
