/** A repository as many are before anybody looked: E2E in the way of the deployment, commits lost in chains, runs without names. For `deployctl doctor`. */
import type {JobDefinition, WorkflowDefinition} from '../model/model.ts';
import {scenario} from '../model/scenario.ts';
import {codeScanning, deployJob, testSuite} from '../model/workflows.ts';

const setUp = [
	{name: 'Checkout', seconds: 3},
	{name: 'Install dependencies', seconds: 22},
];
const e2eJob: JobDefinition = {
	name: 'e2e',
	tests: 40,
	risky: 'Run Playwright tests',
	steps: [...setUp, {name: 'Run Playwright tests', seconds: 540}],
};

const deploy: WorkflowDefinition = {
	file: 'deploy-staging.yml',
	name: 'Deploy staging',
	tier: 'deploy',
	on: {workflowRun: {file: 'test-suite.yml', onlySuccess: true}},
	jobs: [e2eJob, {...deployJob, needs: ['e2e']}],
};
const regression: WorkflowDefinition = {
	file: 'e2e-staging.yml',
	name: 'Full regression',
	tier: 'e2e',
	on: {workflowRun: {file: 'deploy-staging.yml', onlySuccess: true}},
	jobs: [1, 2, 3].map((shard): JobDefinition => ({
		name: `regression (${shard})`,
		tests: 60,
		steps: [...setUp, {name: 'Run Playwright tests', seconds: 420}],
	})),
};
const smoke: WorkflowDefinition = {
	file: 'smoke-tests.yml',
	name: 'Smoke tests',
	tier: 'smoke',
	on: {workflowRun: {file: 'deploy-staging.yml', onlySuccess: true}},
	jobs: [{name: 'smoke', tests: 5, steps: [...setUp, {name: 'Run critical journeys', seconds: 80}]}],
};
const production: WorkflowDefinition = {
	file: 'deploy-production.yml',
	name: 'Deploy production',
	tier: 'production',
	on: {push: ['main'], dispatch: true},
	jobs: [{...deployJob, name: 'deploy'}],
};

const deployText = `name: Deploy staging
on:
  workflow_run:
    workflows: [Test suite]
    types: [completed]
jobs:
  e2e:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: npm ci && npx playwright test
  deploy:
    needs: e2e
    if: github.event.workflow_run.conclusion == 'success'
    runs-on: ubuntu-latest
    environment: staging
    steps:
      - uses: actions/checkout@v4
      - uses: webfactory/ssh-agent@v0.9.0
        with:
          ssh-private-key: \${{ secrets.STAGING_SSH_KEY }}
      - run: scripts/deploy.sh staging \${{ github.sha }} \${{ secrets.STAGING_HOST }}
`;
const regressionText = `name: Full regression
on:
  workflow_run:
    workflows: [Deploy staging]
    types: [completed]
jobs:
  regression:
    if: github.event.workflow_run.conclusion == 'success'
    runs-on: ubuntu-latest
    strategy:
      matrix:
        shard: [1, 2, 3]
    steps:
      - uses: actions/checkout@v4
      - run: npm ci && npx playwright test --shard=\${{ matrix.shard }}/3 || true
`;
const productionText = `name: Deploy production
on:
  push:
    branches: [main]
  workflow_dispatch:
concurrency:
  group: production
  cancel-in-progress: true
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: scripts/deploy.sh production "$GITHUB_SHA"
        env:
          DEPLOY_KEY: \${{ secrets.DEPLOY_KEY }}
`;

export const classicMistakes = scenario({
	name: 'classic-mistakes',
	description:
		'A repository with the classic mistakes, for `deployctl doctor`: E2E blocks the deployment, chains lose the commit, runs name nothing.',
	workflows: [testSuite, deploy, regression, smoke, production, codeScanning],
	environments: [{name: 'staging'}],
	files: {
		'.github/workflows/deploy-staging.yml': deployText,
		'.github/workflows/e2e-staging.yml': regressionText,
		'.github/workflows/deploy-production.yml': productionText,
	},
	administration: {
		secrets: {repository: ['DEPLOY_KEY', 'STAGING_HOST']},
		workflowStates: {'smoke-tests.yml': 'disabled_inactivity'},
		hooks: [
			{url: 'https://ci.acme.example/hook', events: ['push'], lastResponse: {code: 502, message: 'Bad Gateway'}},
		],
	},
	rules: [{branch: 'develop', statusChecks: ['e2e']}],
	events: [
		{at: '-6h', push: 'develop', by: 'tomas-herrera', commits: [['freight', 'Shipping rates by weight (#1187)']]},
		{at: '-4h', push: 'develop', by: 'lena-fischer', commits: [['statements', 'Invoices as PDF/A (#1189)']]},
		{at: '-40m', push: 'develop', by: 'mira-okafor', commits: [['vat', 'Taxes of 2027 (#1190)']]},
		{
			at: '+6m',
			push: 'develop',
			by: 'yuki-tanaka',
			commits: [['parcels', 'Print parcel labels two to a page (#1191)']],
		},
	],
});
