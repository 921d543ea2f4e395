/** Where runs sit is not what they are about: the scenarios that break a naive reading. */
import {scenario} from '../model/scenario.ts';
import type {WorkflowDefinition} from '../model/model.ts';
import {deployStaging, e2eStaging, smokeTests, standardWorkflows, testSuite} from '../model/workflows.ts';
import {baseline, shard} from './baseline.ts';

export const secondPush = scenario({
	name: 'second-push',
	description:
		"A second push lands before the first is deployed, so that the first one's deployment and E2E sit on the second one's commit.",
	events: [
		...baseline,
		{
			at: '-1m',
			push: 'develop',
			by: 'priya-raman',
			commits: [['first', 'Autosave drafts every ten seconds (#428)']],
			plan: {outcomes: {[shard(1)]: {conclusion: 'failure', failedTests: 2}}},
		},
		{
			at: '+1m20s',
			push: 'develop',
			by: 'jonas-lindqvist',
			commits: [['second', 'Rebuild the table of contents when chapters move (#431)']],
		},
	],
});

const foreign = ({contract: _, title: __, dispatches: ___, ...workflow}: WorkflowDefinition): WorkflowDefinition =>
	workflow;
const bare = [
	foreign(testSuite),
	foreign(deployStaging),
	{...foreign(e2eStaging), on: {workflowRun: {file: 'deploy-staging.yml', onlySuccess: true}}},
	{...foreign(smokeTests), on: {workflowRun: {file: 'deploy-staging.yml', onlySuccess: true}}},
];

export const chained = scenario({
	name: 'chained',
	description:
		'A foreign repository where everything is chained by workflow_run: no statuses, no deployments, only inference.',
	repository: {
		owner: 'acme',
		name: 'legacy-shop',
		isPrivate: true,
		defaultBranch: 'main',
		description: 'Sells since 2014',
	},
	workflows: bare,
	environments: [],
	events: [
		{at: '-7h', push: 'develop', by: 'tomas-herrera', commits: [['basket', 'Basket survives a log-out (#1180)']]},
		{
			at: '-3h',
			push: 'develop',
			by: 'lena-fischer',
			commits: [['vouchers', 'Vouchers may be combined (#1183)']],
			plan: {outcomes: {[shard(4)]: {conclusion: 'failure', failedTests: 1}}},
		},
		{at: '-4m30s', push: 'develop', by: 'mira-okafor', commits: [['taxes', 'Taxes of 2027 (#1190)']]},
		{
			at: '+6m',
			push: 'develop',
			by: 'yuki-tanaka',
			commits: [['labels', 'Print parcel labels two to a page (#1191)']],
		},
	],
});

export const hotfix = scenario({
	name: 'hotfix',
	description:
		'A hotfix went straight to production: main has a commit that develop lacks, so no fast-forward is possible.',
	events: [
		...baseline,
		{
			at: '-52m',
			push: 'hotfix/card-fee',
			by: 'jonas-lindqvist',
			commits: [['hotfix-branch', 'Stop charging the card fee twice']],
		},
		{at: '-50m', pull: {title: 'Stop charging the card fee twice', head: 'hotfix/card-fee'}, by: 'jonas-lindqvist'},
		{
			at: '-41m',
			push: 'main',
			by: 'jonas-lindqvist',
			commits: [['hotfix', 'Stop charging the card fee twice (#435)']],
			plan: {outcomes: {gate: 'success'}},
		},
		{
			at: '-1m',
			push: 'develop',
			by: 'priya-raman',
			commits: [['autosave', 'Autosave drafts every ten seconds (#428)']],
		},
	],
});

const parts = 130;
const matrix: WorkflowDefinition = {
	...testSuite,
	jobs: [
		...Array.from({length: parts - 1}, (_, index) => ({
			name: `unit (${index + 1}, ${parts - 1})`,
			steps: [
				{name: 'Checkout', seconds: 3},
				{name: 'Run unit tests', seconds: 60 + ((index * 37) % 120)},
			],
		})),
		{
			name: 'lint',
			steps: [
				{name: 'Checkout', seconds: 3},
				{name: 'Run oxlint', seconds: 20},
			],
		},
	],
};
const extras = Array.from({length: 36}, (_, index): WorkflowDefinition => ({
	file: `check-${String(index + 1).padStart(2, '0')}.yml`,
	name: `Check ${index + 1}`,
	tier: null,
	on: {push: ['develop']},
	jobs: [
		{
			name: `check ${index + 1}`,
			steps: [
				{name: 'Checkout', seconds: 3},
				{name: 'Check', seconds: 10 + index},
			],
		},
	],
}));

export const manyJobs = scenario({
	name: 'many-jobs',
	description: 'A run of 130 jobs and more than 35 suites on one commit: more than one page both ways.',
	workflows: [...extras, matrix, ...standardWorkflows.filter(workflow => workflow !== testSuite)],
	events: [
		{
			at: '-3h',
			push: 'develop',
			by: 'lena-fischer',
			commits: [['i18n', 'Translate the onboarding into Portuguese (#412)']],
		},
		{
			at: '-1m30s',
			push: 'develop',
			by: 'priya-raman',
			commits: [['autosave', 'Autosave drafts every ten seconds (#428)']],
			plan: {outcomes: {'unit (117, 129)': 'failure'}},
		},
	],
});
