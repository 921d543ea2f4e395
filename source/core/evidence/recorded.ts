/**
Whether a deployment on GitHub is a record of something that happened: filed by the run that deployed, while it did, and that run is evidence
about the commit. Everybody with write access can file one, with any commit and any run in it.
*/
import type {DeploymentFact, RunFact} from '../github/facts.ts';
import {workflowFile} from '../github/run-url.ts';
import type {Settings} from '../settings/settings.ts';
import {deploymentRunId, isByWorkflow, statedSha} from './subjects.ts';
import {type Around as Ours, trustOf} from './trust.ts';

type Around = {
	facts: Ours['facts'] & {runs: readonly RunFact[]; repository: string; url: string | null};
	settings: Pick<Settings, 'branches' | 'tiers'>;
};

/** Clocks of GitHub's parts, and the second that its times are cut to. */
const toleranceMs = 30_000;

/** What GitHub files by itself for a job with `environment:` is in the name of whoever started the run; its statuses are not, and it names no commit. */
const isFiledByRun = (deployment: DeploymentFact): boolean =>
	isByWorkflow(deployment) ||
	(statedSha(deployment) === null && isByWorkflow({creator: deployment.reporter ?? null}));

/** A finished run's `updatedAt` may move later: its jobs know better. */
const endOf = (run: RunFact): number => {
	const ends = (run.jobs ?? []).map(({finishedAt}) => finishedAt);
	const isKnown =
		run.jobs !== null && ends.length > 0 && ends.length >= (run.jobsTotal ?? 0) && ends.every(end => end !== null);
	return run.status !== 'COMPLETED' ? Number.POSITIVE_INFINITY : isKnown ? Math.max(...ends) : run.updatedAt;
};

export const isRecordOf = (deployment: DeploymentFact, sha: string | null, {facts, settings}: Around): boolean => {
	const id = deploymentRunId(deployment, facts);
	const run = facts.runs.find(each => each.id === id);
	if (
		sha === null ||
		run === undefined ||
		!isFiledByRun(deployment) ||
		workflowFile(run.workflowPath) !== settings.tiers.deploy.workflow
	)
		return false;
	const isThen =
		deployment.createdAt >= run.createdAt - toleranceMs && deployment.createdAt <= endOf(run) + toleranceMs;
	return isThen && trustOf(run, sha, {facts, settings}).trusted === true;
};
