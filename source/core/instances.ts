/** Readings of instances before and after, compared with what was wanted: the ground on which a verdict stands. */
import {isSameVersion} from './observation.ts';
import type {InstanceReading} from './observation.ts';
import type {ReleaseRef} from './operation.ts';
import {sanitise} from './sanitise.ts';

/** How many addresses of each kind the settings name: fewer answers than that are unknown, not fine. */
export type Expected = {versions: number; healths: number};

export type Comparison = {
	/** Whether anything is configured that could be asked. */
	isObservable: boolean;
	/** Every address that should say something has said it. */
	isComplete: boolean;
	/** Instances that report a version. */
	reporting: number;
	/** At least one instance reports, and all that do are on the target. */
	isOnTarget: boolean;
	/** Instances report different versions. */
	isMixed: boolean;
	/** Somewhere the version is known to be another one than before. */
	hasChanged: boolean;
	/** Everywhere the version is known, and known to be the one of before. */
	isUnchanged: boolean;
	/** Somewhere the health check says no. */
	isSick: boolean;
};

export const nameOf = (ref: ReleaseRef): string => (/^[0-9a-f]{40}$/.test(ref.sha ?? '') ? ref.sha!.slice(0, 7) : ref.release);

const asRef = (version: string): ReleaseRef => ({release: version, sha: /^[0-9a-f]{7,40}$/i.test(version) ? version : null});

/** Before, as far as the instance said it; otherwise what the plan took to be live. */
const wasThere = ({instance}: InstanceReading, before: readonly InstanceReading[] | null, from: ReleaseRef | null): ReleaseRef | null => {
	const version = before?.find(reading => reading.instance === instance)?.version ?? null;
	return version === null ? from : asRef(version);
};

export const compareInstances = ({before, after, target, from, expects}: {
	before: readonly InstanceReading[] | null; after: readonly InstanceReading[] | null; target: ReleaseRef | null; from: ReleaseRef | null; expects: Expected;
}): Comparison => {
	const now = after ?? [];
	const reporting = now.filter((reading): reading is InstanceReading & {version: string} => reading.version !== null);
	const moves = reporting.map(reading => ({version: reading.version, was: wasThere(reading, before, from)}));
	return {
		isObservable: expects.versions + expects.healths > 0 || now.length > 0,
		isComplete: reporting.length >= expects.versions && now.filter(({health}) => health !== 'unknown').length >= expects.healths,
		reporting: reporting.length,
		isOnTarget: target !== null && reporting.length > 0 && reporting.every(({version}) => isSameVersion(version, target)),
		isMixed: reporting.some(({version}) => !isSameVersion(version, asRef(reporting[0]!.version))),
		hasChanged: moves.some(({version, was}) => was !== null && !isSameVersion(version, was)),
		isUnchanged: moves.length > 0 && moves.length >= expects.versions && moves.every(({version, was}) => was !== null && isSameVersion(version, was)),
		isSick: now.some(({health}) => health === false),
	};
};

const healthWord = (health: boolean | 'unknown') => (health === 'unknown' ? 'health unknown' : (health ? 'healthy' : 'unhealthy'));
const versionWord = (version: string) => (/^[0-9a-f]{40}$/i.test(version.trim()) ? version.trim().slice(0, 7) : sanitise(version, 60));

/** `web-1 reports 3f2a9c1, healthy; web-2 …`: every instance, because a human has to look. */
export const tellInstances = (instances: readonly InstanceReading[] | null): string => {
	if (instances === null || instances.length === 0) return 'no instance could be asked';
	const told = instances.slice(0, 12).map(({instance, version, health, because}) =>
		`${sanitise(instance, 60)} ${version === null ? `says no version${because === '' ? '' : ` (${sanitise(because, 80)})`}` : `reports ${versionWord(version)}`}, ${healthWord(health)}`);
	return told.join('; ') + (instances.length > told.length ? `; and ${instances.length - told.length} more` : '');
};
