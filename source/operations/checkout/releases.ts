/** Which releases an environment has: by the word of its contract script, remembered on disk; for plain scripts by our own journal. */
import {
	type Folded,
	isDoneByWord,
	type KnownRelease,
	knownReleases,
	type Mark,
} from '../../core/operations/journal-fold.ts';
import {isSameVersion, type Observation, overall} from '../../core/releases/observation.ts';
import type {Pin} from '../../core/locks/pin.ts';
import type {Release} from '../../core/releases/release.ts';
import {commitIn} from '../../core/releases/version.ts';
import {makeDirectory, readJson, writeWhole} from '../files/durable-file.ts';
import {releasesPath, type StatePaths} from '../files/paths.ts';
import type {ReleaseRef} from '../../core/releases/release-ref.ts';

/** What `--list` said, and when; wall time, milliseconds. */
export type ListedReleases = {releases: readonly Release[]; readAt: number};

export const rememberReleases = (paths: StatePaths, environment: string, listed: ListedReleases): void => {
	makeDirectory(paths.releases);
	writeWhole(releasesPath(paths, environment), JSON.stringify(listed));
};

const isRelease = (value: unknown): value is Release => {
	const release = value as Partial<Record<keyof Release, unknown>> | null;
	const isKnown = (answer: unknown) => typeof answer === 'boolean' || answer === 'unknown';
	return (
		typeof release === 'object' &&
		release !== null &&
		typeof release.id === 'string' &&
		(release.sha === null || typeof release.sha === 'string') &&
		typeof release.migration === 'string' &&
		typeof release.isBad === 'boolean' &&
		[release.isLive, release.isPresent].every(isKnown) &&
		(isKnown(release.wasHealthy) || release.wasHealthy === 'unproven') &&
		typeof release.hosts === 'object'
	);
};

/** null: never listed, or what is there cannot be understood. */
export const rememberedReleases = (paths: StatePaths, environment: string): ListedReleases | null => {
	try {
		const listed = readJson(releasesPath(paths, environment));
		const releases: unknown = listed?.['releases'];
		return Array.isArray(releases) && releases.every(isRelease) && typeof listed!['readAt'] === 'number'
			? {releases, readAt: listed!['readAt']}
			: null;
	} catch {
		return null;
	}
};

/** When releases were last put there by a deployment. A rollback to one does not make it newer: the next one goes further back, never forth. */
const deployedLast = ({operations}: Folded, environment: string): ReadonlyMap<string, number> =>
	new Map(
		[...operations.values()].flatMap(followed => {
			const {kind, outcome, to, finishedAt, ...rest} = followed.operation;
			const isPut =
				rest.environment === environment &&
				kind !== 'rollback' &&
				(outcome === 'succeeded' || isDoneByWord(followed));
			return isPut && to !== null && finishedAt !== null ? [[to.release, finishedAt] as const] : [];
		}),
	);

/** What was deployed through us and was validated, newest first. Whether a release is still there, nobody can say. */
const fromJournal = (folded: Folded, environment: string): readonly Release[] => {
	const last = deployedLast(folded, environment);
	return knownReleases(folded, environment)
		.map(({release, sha, deployedAt, validatedAt, isProven}): Release => ({
			id: release,
			sha,
			isLive: 'unknown',
			isPresent: 'unknown',
			wasHealthy: isProven ? true : 'unproven',
			isBad: false,
			badBecause: null,
			migration: 'unknown',
			deployedAt: last.get(release) ?? deployedAt,
			lastLiveAt: validatedAt,
			hosts: null,
		}))
		.sort((one, other) => other.deployedAt! - one.deployedAt!);
};

const isMarked = ({id, sha}: Release, mark: {release: string; sha: string | null}) =>
	mark.release === id || (sha !== null && isSameVersion(sha, mark));

/** What the environment says wins over what was listed. Of several releases of one commit, the list may know which it is. */
const withLive = (releases: readonly Release[], version: string | null): readonly Release[] => {
	if (version === null) return releases;
	const isReported = ({id, sha}: Release) => isSameVersion(version, {release: id, sha});
	// It names no commit, and no release either: that contradicts nobody.
	if (commitIn(version) === null && !releases.some(isReported)) return releases;
	const isListedLive = releases.some(release => release.isLive === true && isReported(release));
	return releases.map(release => ({
		...release,
		isLive: isReported(release) && (!isListedLive || release.isLive === true),
	}));
};

/** When it was put there, as far as anybody knows: of one that was never validated its id may tell when it was made. */
const timeOf = ({id, deployedAt}: Release): number | null => {
	const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)-/.exec(id) ?? [];
	return (
		deployedAt ??
		(year === undefined
			? null
			: Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)))
	);
};

/** A list is in the order of ids; one that was deployed again is newer than that. Who tells no time stays behind the one before it. */
const newestFirst = (releases: readonly Release[]): readonly Release[] => {
	let last = Infinity;
	return releases
		.map(release => ({release, time: (last = timeOf(release) ?? last)}))
		.sort((one, other) => (one.time === other.time ? 0 : other.time - one.time))
		.map(({release}) => release);
};

/** What our own operations have seen counts where the list does not know. */
const withHealth = (releases: readonly Release[], known: readonly KnownRelease[]): readonly Release[] =>
	releases.map(release => {
		const own =
			release.wasHealthy === 'unknown' || release.wasHealthy === 'unproven'
				? known.filter(each => isMarked(release, each))
				: [];
		return own.length === 0
			? release
			: {...release, wasHealthy: own.some(({isProven}) => isProven) ? true : ('unproven' as const)};
	});

/** Promoted, and not shown to be good for its soak: whatever the scripts of its host have validated. */
const unsoaked = ({operations}: Folded, environment: string): readonly ReleaseRef[] => {
	const found = new Map<string, ReleaseRef>();
	for (const {
		operation: {kind, to, outcome, ...rest},
	} of operations.values()) {
		if (rest.environment !== environment || to === null) continue;
		if (outcome === 'succeeded') found.delete(to.sha ?? to.release);
		else if (kind === 'promote' && outcome === 'interrupted') found.set(to.sha ?? to.release, to);
	}
	return [...found.values()];
};

export type Known = {folded: Folded; /** Of all operators. */ pins: readonly Pin[]; observation: Observation | null};

/** The script's list (null: the journal's), newest first, with marks and pins, and with what the environment itself says is live. */
export const releasesOf = (
	listed: readonly Release[] | null,
	environment: string,
	{folded, pins, observation}: Known,
): readonly Release[] => {
	const unproven = unsoaked(folded, environment);
	const marks = [...folded.bad.values(), ...pins].filter((mark: Mark | Pin) => mark.environment === environment);
	const releases = (
		listed === null
			? fromJournal(folded, environment)
			: withHealth(newestFirst(listed), knownReleases(folded, environment))
	).map(release => {
		const mark = marks.find(each => isMarked(release, each));
		if (mark === undefined && unproven.some(each => isMarked(release, each)))
			return {...release, wasHealthy: 'unknown' as const};
		return mark === undefined ? release : {...release, isBad: true, badBecause: release.badBecause ?? mark.because};
	});
	return withLive(releases, observation === null ? null : overall(observation).version);
};
