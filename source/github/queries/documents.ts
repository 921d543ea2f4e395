/** The GraphQL documents, each with the fragments that it uses (GitHub refuses unused ones). */
import {commitsRead} from '../../core/polling/attention.ts';
import activeText from './active.graphql';
import approveDeploymentsText from './approve-deployments.graphql';
import closePullRequestText from './close-pull-request.graphql';
import commitText from './commit.graphql';
import commitSuitesText from './commit-suites.graphql';
import createPullRequestText from './create-pull-request.graphql';
import enqueuePullRequestText from './enqueue-pull-request.graphql';
import jobText from './job.graphql';
import limitText from './limit.graphql';
import mergePullRequestText from './merge-pull-request.graphql';
import openPullsText from './open-pulls.graphql';
import overviewText from './overview.graphql';
import pullText from './pull.graphql';
import pullBitsText from './pull-bits.graphql';
import rejectDeploymentsText from './reject-deployments.graphql';
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
	pull: pullText + limitText + pullBitsText,
	openPulls: openPullsText + limitText + pullBitsText,
} as const;

/** What changes something, by the name of its field. */
export const mutations = {
	updateRefs: updateRefsText,
	createPullRequest: createPullRequestText + pullBitsText,
	mergePullRequest: mergePullRequestText + pullBitsText,
	enqueuePullRequest: enqueuePullRequestText,
	closePullRequest: closePullRequestText,
	approveDeployments: approveDeploymentsText,
	rejectDeployments: rejectDeploymentsText,
} as const;

/** The largest numbers that we ever put into the variables; a test computes from them that each document is one point. */
export const limits = {
	commits: commitsRead.most,
	suites: 50,
	activeSuites: 40,
	waiting: 10,
	hotJobs: 16,
	activeCommits: 3,
	workflows: 5,
	pages: 10,
} as const;
