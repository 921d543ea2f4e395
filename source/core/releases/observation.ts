/** What an environment says of itself. Asked by probes; unknown is neither healthy nor unhealthy. */
import {areOtherTexts, commitIn, compareReports, compareVersion} from './version.ts';
import type {ReleaseRef} from './release-ref.ts';

/** One address that was asked for version or health; an environment with several instances has several of them. */
export type InstanceReading = {
	/** Host and port, or the name that the settings give it. */
	instance: string;
	/** What it reports, in its own words: a commit, the id of a release, or what nobody can compare. null: it has no version address, or did not say. */
	version: string | null;
	health: boolean | 'unknown';
	/** HTTP status, or why it could not be asked. Sanitised. */
	because: string;
	latencyMs: number | null;
};

export type Observation = {
	environment: string;
	/** Wall time, milliseconds. */
	readAt: number;
	/** Empty: neither version nor health addresses are configured. */
	instances: readonly InstanceReading[];
};

/** All instances together. `mixed`: they report different versions. */
export type Overall = {
	/** The one version that all instances report; null: unknown or mixed. */
	version: string | null;
	isMixed: boolean;
	/** true only when every instance is healthy; false as soon as one is not; else unknown. */
	health: boolean | 'unknown';
};

/** Instances run different releases: other commits, or versions that are told apart though nobody knows their commits. */
export const areMixed = (versions: readonly string[]): boolean =>
	versions.some((one, index) =>
		versions
			.slice(index + 1)
			.some(other => compareReports(one, other) === 'different' || areOtherTexts(one, other)),
	);

/** One of them may be shorter than another. null: not all of them are the same. */
const oneOf = (versions: readonly string[]): string | null => {
	const longest = versions.toSorted((one, other) => (commitIn(other)?.length ?? 0) - (commitIn(one)?.length ?? 0))[0];
	return longest !== undefined &&
		versions.every(version => version === longest || compareReports(version, longest) === 'same')
		? longest
		: null;
};

/** Versions that are reported, each once. */
export const versionsIn = ({instances}: Pick<Observation, 'instances'>): readonly string[] => [
	...new Set(instances.flatMap(({version}) => (version === null ? [] : [version]))),
];

export const overall = ({instances}: Pick<Observation, 'instances'>): Overall => {
	const versions = versionsIn({instances});
	const isWhole = instances.length > 0 && instances.every(({version}) => version !== null);
	return {
		version: isWhole ? oneOf(versions) : null,
		isMixed: areMixed(versions),
		health: instances.some(({health}) => health === false)
			? false
			: instances.length > 0 && instances.every(({health}) => health === true)
				? true
				: 'unknown',
	};
};

/** A version address may answer with a short SHA, or with any usual form that has one in it: the same commit is meant. */
export const isSameVersion = (reported: string, ref: ReleaseRef): boolean => compareVersion(reported, ref) === 'same';
