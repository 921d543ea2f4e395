/** What an environment says of itself. Asked by probes; unknown is neither healthy nor unhealthy. */

/** One address that was asked for version or health; an environment with several instances has several of them. */
export type InstanceReading = {
	/** Host and port, or the name that the settings give it. */
	instance: string;
	/** The commit (or the release id) that it reports; null: it has no version address, or did not say. */
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

export const overall = ({instances}: Pick<Observation, 'instances'>): Overall => {
	const versions = [...new Set(instances.flatMap(({version}) => (version === null ? [] : [version])))];
	const isWhole = instances.length > 0 && instances.every(({version}) => version !== null);
	return {
		version: isWhole && versions.length === 1 ? versions[0]! : null,
		isMixed: versions.length > 1,
		health: instances.some(({health}) => health === false) ? false : instances.length > 0 && instances.every(({health}) => health === true) ? true : 'unknown',
	};
};

/** A version endpoint may answer with a short SHA or a release id that ends with one: the same commit is meant. */
export const isSameVersion = (reported: string, {release, sha}: {release: string; sha: string | null}): boolean => {
	const said = reported.trim().toLowerCase();
	if (said === release.toLowerCase()) return true;
	const commit = /^(?:\d{14}-)?([0-9a-f]{7,40})$/.exec(said)?.[1];
	const wanted = sha?.toLowerCase() ?? /^\d{14}-([0-9a-f]{7,40})$/.exec(release)?.[1] ?? null;
	return commit !== undefined && wanted !== null && (wanted.startsWith(commit) || commit.startsWith(wanted));
};
