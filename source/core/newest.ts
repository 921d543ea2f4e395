/**
Whether the run that counts is the newest of its workflow: GitHub's lists end somewhere, and a red run that later ones pushed out of them
must not leave an older green one standing.
*/
import type {Facts, RunFact, Since} from './facts.ts';
import {type Candidate, tierNames} from './pipeline.ts';
import {workflowFile} from './run-url.ts';
import {mentionedShas, mayName, namesNothing} from './trust.ts';

/** Of so many newer runs that do not say in their title what they are about the jobs are read. */
export const unnamedAtMost = 8;

type Known = Pick<Facts, 'runs' | 'runsSince'>;

/** Every later run of its workflow has been read, too. Where nobody asked for them, that is not looked at. */
export const isNewestKnown = (run: RunFact, {runsSince}: Pick<Facts, 'runsSince'>): boolean => {
	if (runsSince === undefined) return true;
	const file = workflowFile(run.workflowPath);
	const since = file === null ? undefined : runsSince[file];
	return since !== undefined && since <= run.createdAt;
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

/** Of what was read since then: the runs that are about the commit, or may be. */
export const aboutIt = (read: readonly RunFact[], sha: string): readonly RunFact[] =>
	read.filter(run => run.headSha === sha || mentionedShas(run).has(sha));

/** Later runs of which only their jobs can say whether they are about it, where the run that counts says it in its jobs, too. Newest first. */
export const unnamedSince = (
	read: readonly RunFact[],
	candidate: Pick<Candidate, 'tiers'>,
	facts: Known,
): readonly RunFact[] => {
	const byJobs = countedRuns(candidate, facts).filter(run => mayName(run) && namesNothing(run.title));
	const areRead = new Set(facts.runs.filter(({jobs}) => jobs !== null).map(({id}) => id));
	return read.filter(
		run =>
			mayName(run) &&
			namesNothing(run.title) &&
			!areRead.has(run.id) &&
			byJobs.some(counted => counted.workflowPath === run.workflowPath && counted.createdAt <= run.createdAt),
	);
};
