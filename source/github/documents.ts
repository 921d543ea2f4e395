/** The GraphQL documents, each with the fragments that it uses (GitHub refuses unused ones). */
import activeText from './active.graphql';
import commitText from './commit.graphql';
import commitSuitesText from './commit-suites.graphql';
import jobText from './job.graphql';
import limitText from './limit.graphql';
import overviewText from './overview.graphql';
import suiteText from './suite.graphql';
import suiteJobsText from './suite-jobs.graphql';
import suiteWaitsText from './suite-waits.graphql';
import updateRefsText from './update-refs.graphql';
import waitText from './wait.graphql';

export const documents = {
	overview: overviewText + limitText + commitText + suiteText + waitText,
	active: activeText + limitText + commitText + suiteText + waitText + jobText,
	commitSuites: commitSuitesText + limitText + suiteText,
	suiteJobs: suiteJobsText + limitText + jobText,
	suiteWaits: suiteWaitsText + limitText + waitText,
} as const;

/** What changes something. */
export const mutations = {updateRefs: updateRefsText} as const;

/** The largest numbers that we ever put into the variables; a test computes from them that each document is one point. */
export const limits = {commits: 25, suites: 50, activeSuites: 40, waiting: 10, hotJobs: 16, activeCommits: 3, workflows: 5, pages: 10} as const;
