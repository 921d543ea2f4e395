/** Builders of what GitHub may have said, for tests of the pure core. Everything has a default; tests name what matters. */
import type {CommitFact, DeploymentFact, Facts, JobFact, RunFact, StatusFact} from '../../source/core/github/facts.ts';

/** Monday, 2026-11-23 09:00 UTC. */
export const start = Date.UTC(2026, 10, 23, 9);
export const minutes = (count: number) => count * 60_000;
export const repository = 'acme/auto-author';

/** A full SHA from a small number: `sha(7)` is `7000…`. */
export const sha = (digit: number | string): string => String(digit).padEnd(40, '0');
export const runUrl = (id: number, attempt = 1): string =>
	`https://github.com/${repository}/actions/runs/${id}/attempts/${attempt}`;

export const commit = (commitSha: string, more: Partial<CommitFact> = {}): CommitFact => ({
	sha: commitSha,
	nodeId: null,
	headline: `Commit ${commitSha.slice(0, 7)}`,
	author: 'ada',
	committedAt: start,
	url: `https://github.com/${repository}/commit/${commitSha}`,
	statuses: [],
	...more,
});

export const job = (id: number, more: Partial<JobFact> = {}): JobFact => ({
	id,
	nodeId: `CR_${id}`,
	name: `job ${id}`,
	attempt: null,
	status: 'COMPLETED',
	conclusion: 'SUCCESS',
	startedAt: start,
	finishedAt: start + minutes(1),
	url: null,
	steps: null,
	annotations: null,
	...more,
});

const files = {fast: 'test-suite.yml', deploy: 'deploy-staging.yml', e2e: 'e2e-staging.yml', smoke: 'smoke-tests.yml'};

export const run = (id: number, tier: keyof typeof files, more: Partial<RunFact> = {}): RunFact => ({
	id,
	suiteId: `CS_${id}`,
	workflowPath: `.github/workflows/${files[tier]}`,
	workflowName: tier,
	event: tier === 'fast' ? 'push' : 'workflow_dispatch',
	headSha: sha('f'),
	branch: 'develop',
	number: id,
	attempt: 1,
	title: null,
	actor: 'ada',
	startedBy: 'ada',
	isFromFork: false,
	status: 'COMPLETED',
	conclusion: 'SUCCESS',
	createdAt: start,
	startedAt: start,
	updatedAt: start + minutes(3),
	url: `https://github.com/${repository}/actions/runs/${id}`,
	jobs: [job(id * 10, {name: 'only'})],
	jobsTotal: 1,
	jobsAsOf: more.updatedAt ?? start + minutes(3),
	waits: [],
	...more,
});

export const status = (context: string, more: Partial<StatusFact> = {}): StatusFact => ({
	context: `deployctl/${context}`,
	state: 'SUCCESS',
	targetUrl: null,
	description: null,
	createdAt: start,
	creator: 'github-actions',
	...more,
});

export const deployment = (id: number, more: Partial<DeploymentFact> = {}): DeploymentFact => ({
	id,
	commitSha: sha('f'),
	environment: 'staging',
	state: 'ACTIVE',
	payload: null,
	logUrl: null,
	environmentUrl: null,
	description: null,
	creator: 'github-actions',
	createdAt: start,
	updatedAt: start + minutes(1),
	...more,
});

const always = Object.fromEntries(Object.values(files).map(file => [file, 0]));
/** Nothing is missing in GitHub's lists of runs. */
export const allRead = {runsSince: always, unnamedSince: always};

/** Runs of tests sit on `f`, `c` or `b`: what is not listed there was pushed later. */
const trunkOf = (listed: readonly string[]): readonly string[] => [
	...[sha('f'), sha('c'), sha('b')].filter(each => !listed.includes(each)),
	...listed,
];

export const facts = (more: Partial<Facts> = {}): Facts => ({
	repository,
	url: `https://github.com/${repository}`,
	defaultBranch: 'develop',
	viewerPermission: 'WRITE',
	refs: {
		staging: {name: 'develop', sha: more.commits?.[0]?.sha ?? null},
		production: {name: 'main', sha: null},
		aheadBy: 1,
		behindBy: 0,
	},
	commits: [],
	runs: [],
	deployments: [],
	absentWorkflows: [],
	productionRules: null,
	rewoundAt: null,
	...allRead,
	trunk: trunkOf((more.commits ?? []).map(each => each.sha)),
	...more,
});
