/** One thing goes wrong (or nothing runs at all): a scenario for each tier. */
import {scenario} from '../model/scenario.ts';
import {deployJob, deployStaging, standardWorkflows} from '../model/workflows.ts';
import {baseline, shard} from './baseline.ts';
import {history} from './history.ts';

const preview = {
	path: 'e2e/preview.spec.ts',
	line: 22,
	title: 'preview › shows the newest text',
	message: 'expect(received).toContain(expected): the preview is one edit behind',
};

const card = {
	path: 'e2e/checkout.spec.ts',
	line: 84,
	title: 'checkout › pays with a saved card',
	message: 'expect(received).toBe(expected): the payment is still "pending" after 5 s',
};

export const quiet = scenario({
	name: 'quiet',
	description: 'Nothing runs: a past to read in, and the last green commit waits for its promotion.',
	events: history,
});

export const redE2e = scenario({
	name: 'red-e2e',
	description: 'The release that is under way goes red in E2E: staging stays, the production gate is blocked.',
	events: [
		...baseline,
		{
			at: '-6m30s',
			push: 'develop',
			by: 'priya-raman',
			commits: [['autosave', 'Autosave drafts every ten seconds (#428)']],
			plan: {
				outcomes: {
					[shard(2)]: {conclusion: 'failure', failedTests: 4, annotation: preview},
					[shard(3)]: {conclusion: 'failure', failedTests: 1},
				},
			},
		},
	],
});

export const flaky = scenario({
	name: 'flaky',
	description:
		'One E2E shard fails, somebody re-runs the failed jobs while you watch, and the second attempt is green.',
	events: [
		...baseline,
		{
			at: '-8m',
			push: 'develop',
			by: 'jonas-lindqvist',
			commits: [['payments', 'Pay with saved cards (#405)']],
			plan: {
				outcomes: {[shard(3)]: [{conclusion: 'failure', failedTests: 1, annotation: card}, 'success']},
				rerun: [{workflow: 'e2e-staging.yml', afterSeconds: 60, by: 'jonas-lindqvist'}],
			},
		},
	],
});

export const deployFails = scenario({
	name: 'deploy-fails',
	description: 'The deployment to staging fails in its health check, so that staging stays on the commit before.',
	events: [
		...baseline,
		{
			at: '-2m',
			push: 'develop',
			by: 'mira-okafor',
			commits: [['invoice', 'Invoices carry the VAT number (#436)']],
			plan: {
				outcomes: {
					deploy: {
						conclusion: 'failure',
						step: 'Health check',
						annotation: {
							path: 'scripts/deploy.sh',
							line: 118,
							title: 'health check',
							message: 'https://staging.auto-author.example/health answered 503 three times',
						},
					},
				},
			},
		},
	],
});

export const fastFails = scenario({
	name: 'fast-fails',
	description: 'A unit test fails: nothing is deployed, and the skipped deployment run is not mistaken for one.',
	events: [
		...baseline,
		{
			at: '-1m',
			push: 'develop',
			by: 'priya-raman',
			commits: [['quota', 'Count words per author, not per book (#415)']],
			plan: {
				outcomes: {
					'unit (2, 2)': {
						conclusion: 'failure',
						step: 'Run unit tests',
						annotation: {
							path: 'source/quota.test.ts',
							line: 41,
							title: 'counts words per author',
							message: 'Expected values to be strictly equal: 1204 !== 1187',
						},
					},
				},
			},
		},
	],
});

/** `environment:` on the job: GitHub asks its reviewers, and files its own deployment on whatever the run sits on. */
const reviewed = {...deployStaging, jobs: [{...deployJob, environment: 'staging'}]};

export const approval = scenario({
	name: 'approval',
	description: 'The deployment waits for the approval of its environment.',
	environments: [
		{name: 'staging', reviewers: ['mira-okafor', 'lena-fischer']},
		{name: 'production', reviewers: ['lena-fischer']},
	],
	workflows: standardWorkflows.map(workflow => (workflow === deployStaging ? reviewed : workflow)),
	events: [
		...baseline.map(event => ('push' in event ? {...event, plan: {approveAfterSeconds: 240}} : event)),
		{
			at: '-2m30s',
			push: 'develop',
			by: 'yuki-tanaka',
			commits: [['fonts', 'Bundle the fonts of the print preview (#418)']],
		},
	],
});
