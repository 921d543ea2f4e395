/** Readings of instances before and after, compared with what was wanted: the ground on which a verdict stands. */
import {areMixed} from './observation.ts';
import type {InstanceReading} from './observation.ts';
import {sanitise} from '../text/sanitise.ts';
import {commitIn, compareReports, compareVersion} from './version.ts';
import type {Likeness} from './version.ts';
import type {ReleaseRef} from './release-ref.ts';

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
	/** Somewhere the version is known to be another one than the target. What cannot be compared contradicts nothing. */
	isElsewhere: boolean;
	/** Instances report different versions. */
	isMixed: boolean;
	/** Somewhere the version is another one than before, or at least another text. */
	hasChanged: boolean;
	/** Everywhere the version is known, and known to be the one of before. */
	isUnchanged: boolean;
	/** Somewhere the health check says no. */
	isSick: boolean;
};

export const nameOf = (ref: ReleaseRef): string =>
	/^[0-9a-f]{40}$/.test(ref.sha ?? '') ? ref.sha!.slice(0, 7) : ref.release;

/** Against what the instance said before; where it said nothing, against what the plan took to be live. */
const sinceBefore = (
	{instance, version}: Told,
	before: readonly InstanceReading[] | null,
	from: ReleaseRef | null,
): Likeness => {
	const was = before?.find(reading => reading.instance === instance)?.version ?? null;
	if (was === null) return from === null ? 'unknown' : compareVersion(version, from);
	// The id of a release says which it is, though it names no commit.
	const isNamed = from !== null && [version, was].every(text => compareVersion(text, from) === 'same');
	const likeness = isNamed ? 'same' : compareReports(version, was);
	// What names no commit and stays as it was says nothing; that it says something else than before does.
	return likeness === 'unknown' && version !== was ? 'different' : likeness;
};

type Told = InstanceReading & {version: string};

export const compareInstances = ({
	before,
	after,
	target,
	from,
	expects,
}: {
	before: readonly InstanceReading[] | null;
	after: readonly InstanceReading[] | null;
	target: ReleaseRef | null;
	from: ReleaseRef | null;
	expects: Expected;
}): Comparison => {
	const now = after ?? [];
	const reporting = now.filter((reading): reading is Told => reading.version !== null);
	const moves = reporting.map(reading => sinceBefore(reading, before, from));
	const places = reporting.map(({version}) => (target === null ? 'unknown' : compareVersion(version, target)));
	return {
		isObservable: expects.versions + expects.healths > 0 || now.length > 0,
		isComplete:
			reporting.length >= expects.versions &&
			now.filter(({health}) => health !== 'unknown').length >= expects.healths,
		reporting: reporting.length,
		isOnTarget: places.length > 0 && places.every(place => place === 'same'),
		isElsewhere: places.includes('different'),
		isMixed:
			areMixed(reporting.map(({version}) => version)) ||
			(places.includes('same') && places.includes('different')),
		hasChanged: moves.includes('different'),
		isUnchanged: moves.length > 0 && moves.length >= expects.versions && moves.every(move => move === 'same'),
		isSick: now.some(({health}) => health === false),
	};
};

const healthWord = (health: boolean | 'unknown') =>
	health === 'unknown' ? 'health unknown' : health ? 'healthy' : 'unhealthy';
const versionWord = (version: string) =>
	/^[0-9a-f]{40}$/i.test(version.trim()) ? version.trim().slice(0, 7) : sanitise(version, 60);

/** `web-1 reports 3f2a9c1, healthy; web-2 …`: every instance, because a human has to look. */
export const tellInstances = (instances: readonly InstanceReading[] | null): string => {
	if (instances === null || instances.length === 0) return 'no instance could be asked';
	const told = instances
		.slice(0, 12)
		.map(
			({instance, version, health, because}) =>
				`${sanitise(instance, 60)} ${version === null ? `says no version${because === '' ? '' : ` (${sanitise(because, 80)})`}` : `reports ${versionWord(version)}`}, ${healthWord(health)}`,
		);
	return told.join('; ') + (instances.length > told.length ? `; and ${instances.length - told.length} more` : '');
};

/** Versions in which nobody can read a commit, each once; `refs`: what they may be called after. */
export const incomparable = (
	instances: readonly InstanceReading[] | null,
	refs: ReadonlyArray<ReleaseRef | null>,
): readonly string[] => [
	...new Set(
		(instances ?? []).flatMap(({version}) =>
			version === null ||
			commitIn(version) !== null ||
			refs.some(ref => ref !== null && compareVersion(version, ref) === 'same')
				? []
				: [version],
		),
	),
];
