/** Which file is which tier, and which version of it counts: GitHub's of the branch that GitHub takes it from; without GitHub, the one on the disk. */
import {type TierName, tierNames, tierTitles} from '../../core/pipeline/pipeline.ts';
import type {FileReading, Readings} from './model.ts';
import type {Workflow} from './workflow-model.ts';

export type TierRole = TierName | 'production';
/** `reading` null: there is no such file where it was looked for. */
export type TierFile = {
	role: TierRole;
	title: string;
	file: string;
	reading: FileReading | null;
	workflow: Workflow | null;
};
export type Workflows = {
	/** null: nothing could be read. Where the files are from, in words. */
	source: string | null;
	files: readonly FileReading[];
	/** Those that could be parsed. */
	all: readonly Workflow[];
	/** false: some could not, so that nothing can be said of all. */
	isWhole: boolean;
	tiers: ReadonlyMap<TierRole, TierFile>;
};

export const roles: readonly TierRole[] = [...tierNames, 'production'];
export const titleOf = (role: TierRole): string => (role === 'production' ? 'Production deployment' : tierTitles[role]);

/** No name of a branch has a space. */
const thisFolder = 'this folder';

/** Where a file is looked for, in a sentence: “in this folder”, “on develop”. */
export const whereText = (source: string | null): string => (source === thisFolder ? `in ${source}` : `on ${source}`);

const chosen = ({github, disk, settings}: Readings): {source: string | null; files: readonly FileReading[]} => {
	const read = github?.files[settings.branches.staging];
	if (read?.ok && read.value.length > 0) return {source: settings.branches.staging, files: read.value};
	// An empty branch says that there are none, which is an answer too.
	if (read?.ok && disk.files.length === 0) return {source: settings.branches.staging, files: []};
	return disk.files.length > 0 || disk.isCheckout
		? {source: thisFolder, files: disk.files}
		: {source: null, files: []};
};

export const fileOf = (readings: Readings, role: TierRole): string =>
	role === 'production' ? readings.settings.promotion.workflow : readings.settings.tiers[role].workflow;

export const workflowsFor = (readings: Readings): Workflows => {
	const {source, files} = chosen(readings);
	const tiers = new Map(
		roles.map((role): [TierRole, TierFile] => {
			const file = fileOf(readings, role);
			const reading = files.find(one => one.file === file) ?? null;
			return [role, {role, title: titleOf(role), file, reading, workflow: reading?.workflow ?? null}];
		}),
	);
	return {
		source,
		files,
		all: files.flatMap(({workflow}) => workflow ?? []),
		isWhole: files.every(({workflow}) => workflow !== null),
		tiers,
	};
};
