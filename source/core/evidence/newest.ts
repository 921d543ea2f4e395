/**
Whether the run that counts is the newest of its workflow: GitHub's lists end somewhere, and a red run that later ones pushed out of them
must not leave an older green one standing.
*/
import type {Facts, RunFact, Since} from '../github/facts.ts';
import {type Candidate, tierNames} from '../pipeline/pipeline.ts';
import {workflowFile} from '../github/run-url.ts';
import {mentionedShas, mayName, namesNothing} from './trust.ts';

/** Of so many newer runs that do not say in their title what they are about the jobs are read. */
export const unnamedAtMost = 8;

type Known = Pick<Facts, 'runs' | 'runsSince' | 'unnamedSince'>;

/** It says in its jobs alone what it is about, and so may those after it. */
const saysNothing = (run: RunFact): boolean => mayName(run) && namesNothing(run.title);

const isIn = (since: Since | undefined, file: string | null, at: number): boolean =>
	since !== undefined && file !== null && (since[file] ?? Number.POSITIVE_INFINITY) <= at;

/** Every later run of its workflow that may be about the same commit has been read, too. Where nobody has asked for them, that is not known. */
export const isNewestKnown = (run: RunFact, {runs, runsSince, unnamedSince}: Known): boolean => {
	const file = workflowFile(run.workflowPath);
	if (!isIn(runsSince, file, run.createdAt)) return false;
	if (!saysNothing(run)) return true;
	return (
		isIn(unnamedSince, file, run.createdAt) &&
		runs.every(
			other =>
				other.jobs !== null ||
				other.createdAt < run.createdAt ||
				other.workflowPath !== run.workflowPath ||
				!saysNothing(other),
		)
	);
};

const countedRuns = ({tiers}: Pick<Candidate, 'tiers'>, {runs}: Known): readonly RunFact[] =>
	tierNames.flatMap(name =>
		tiers[name]?.status === 'passed' && tiers[name].isOwnWord
			? (runs.find(({id}) => id === tiers[name]!.runId) ?? [])
			: [],
	);

/** What has to be read before the green runs of this commit count; empty: nothing. */
export const sinceWanted = (candidate: Pick<Candidate, 'tiers'>, facts: Known): Since => {
	const wanted: Record<string, number> = {};
	for (const run of countedRuns(candidate, facts)) {
		const file = workflowFile(run.workflowPath);
		if (file !== null && !isNewestKnown(run, facts))
			wanted[file] = Math.min(wanted[file] ?? run.createdAt, run.createdAt);
	}
	return wanted;
};

/** Of what was read since then: the runs that are about one of these commits, or may be. */
export const aboutThem = (read: readonly RunFact[], commits: readonly string[]): readonly RunFact[] => {
	const shas = new Set(commits);
	return read.filter(run => shas.has(run.headSha) || [...mentionedShas(run)].some(sha => shas.has(sha)));
};

/** Its counted runs that say in their jobs alone what they are about. */
const byJobs = (candidate: Pick<Candidate, 'tiers'>, facts: Known): readonly RunFact[] =>
	countedRuns(candidate, facts).filter(run => saysNothing(run));

/** By workflow file, from when on `unnamedAfter` is about all that say nothing in their titles. */
export const unnamedFrom = (candidate: Pick<Candidate, 'tiers'>, facts: Known): Since => {
	const from: Record<string, number> = {};
	for (const {workflowPath, createdAt} of byJobs(candidate, facts)) {
		const file = workflowFile(workflowPath);
		if (file !== null) from[file] = Math.min(from[file] ?? createdAt, createdAt);
	}
	return from;
};

/** Later runs of which only their jobs can say whether they are about it, where the run that counts says it in its jobs, too. Newest first. */
export const unnamedAfter = (
	read: readonly RunFact[],
	candidate: Pick<Candidate, 'tiers'>,
	facts: Known,
): readonly RunFact[] => {
	const counted = byJobs(candidate, facts);
	const areRead = new Set(facts.runs.filter(({jobs}) => jobs !== null).map(({id}) => id));
	return read.filter(
		run =>
			saysNothing(run) &&
			!areRead.has(run.id) &&
			counted.some(each => each.workflowPath === run.workflowPath && each.createdAt <= run.createdAt),
	);
};

/** The repository's newest runs, of all workflows. `isWhole`: it has no others. */
export type NewestRuns = {runs: readonly RunFact[]; isWhole: boolean};

/**
What the list of the newest runs tells of each of these commits without another request: those of its runs that may be about them, and from
when on these are all. GitHub tells whole seconds: runs of the list's last one may be cut off.
@param read the runs that the answer has anyway
*/
export const coverageOf = (
	{runs, isWhole}: NewestRuns,
	files: readonly string[],
	commits: readonly string[],
	read: readonly RunFact[],
): Required<Pick<Facts, 'runs' | 'runsSince' | 'unnamedSince'>> => {
	const from = isWhole ? 0 : Math.min(...runs.map(({createdAt}) => createdAt)) + 1;
	const [wanted, has] = [new Set(files), new Set(read.map(({id}) => id))];
	const others = runs.filter(run => wanted.has(workflowFile(run.workflowPath) ?? '') && !has.has(run.id));
	const unread = (file: string) =>
		others
			.filter(run => workflowFile(run.workflowPath) === file && saysNothing(run))
			.map(({createdAt}) => createdAt + 1);
	return {
		runs: aboutThem(others, commits),
		runsSince: Object.fromEntries(files.map(file => [file, from])),
		unnamedSince: Object.fromEntries(files.map(file => [file, Math.max(from, ...unread(file))])),
	};
};
