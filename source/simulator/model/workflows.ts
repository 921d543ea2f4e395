/** The workflows that most scenarios have: what `deployctl init` would write, as the simulator's data. */
import type {JobDefinition, StepDefinition, WorkflowDefinition} from './model.ts';

const steps = (...list: ReadonlyArray<readonly [name: string, seconds: number]>): StepDefinition[] =>
	list.map(([name, seconds]) => ({name, seconds}));
const setUp = [
	['Checkout', 3],
	['Set up Node', 6],
	['Install dependencies', 22],
] as const;

export const shardNames = [1, 2, 3, 4].map(shard => `e2e (${shard}, 4)`);

export const testSuite: WorkflowDefinition = {
	file: 'test-suite.yml',
	name: 'Test suite',
	tier: 'fast',
	on: {push: ['develop', 'hotfix/**']},
	jobs: [
		{name: 'lint', steps: steps(...setUp, ['Run oxlint', 14], ['Check formatting', 9])},
		{name: 'typecheck', steps: steps(...setUp, ['Run tsc', 48])},
		{name: 'unit (1, 2)', steps: steps(...setUp, ['Run unit tests', 118], ['Upload coverage', 5])},
		{name: 'unit (2, 2)', steps: steps(...setUp, ['Run unit tests', 131], ['Upload coverage', 5])},
		{name: 'build', needs: ['lint', 'typecheck'], steps: steps(...setUp, ['Build', 62], ['Upload artifact', 7])},
	],
};

export const deployJob: JobDefinition = {
	name: 'deploy',
	risky: 'Run scripts/deploy.sh',
	steps: steps(
		['Checkout', 3],
		['Announce deployment', 2],
		['Build release', 24],
		['Rsync to staging', 17],
		['Run scripts/deploy.sh', 21],
		['Health check', 14],
		['Keep the last 5 releases', 2],
		['Report deployment', 2],
	),
};

export const deployStaging: WorkflowDefinition = {
	file: 'deploy-staging.yml',
	name: 'Deploy staging',
	tier: 'deploy',
	title: 'Deploy {sha} to staging',
	on: {workflowRun: {file: 'test-suite.yml', onlySuccess: true, branches: ['develop']}, dispatch: true},
	concurrency: {group: 'deploy-staging', cancelInProgress: false},
	jobs: [deployJob],
	inputs: {sha: {description: 'Commit to deploy'}},
	contract: {context: 'deployctl/deploy-staging', environment: 'staging'},
	dispatches: ['e2e-staging.yml', 'smoke-tests.yml'],
};

export const e2eStaging: WorkflowDefinition = {
	file: 'e2e-staging.yml',
	name: 'E2E staging',
	tier: 'e2e',
	title: 'E2E {sha}',
	on: {dispatch: true},
	inputs: {
		sha: {description: 'Commit to test'},
		deployment_id: {description: 'Deployment that it follows'},
		suite: {description: 'Which tests', type: 'choice', options: ['all', 'smoke', 'critical'], default: 'all'},
		trace: {description: 'Keep traces of all tests', type: 'boolean', default: 'false'},
		grep: {description: 'Only tests whose title matches'},
	},
	jobs: [
		...shardNames.map((name): JobDefinition => ({
			name,
			tests: 30,
			risky: 'Run Playwright tests',
			steps: steps(
				...setUp,
				['Install browsers', 31],
				['Wait for staging', 4],
				['Run Playwright tests', 365],
				['Upload report', 8],
			),
		})),
		{
			name: 'report',
			needs: shardNames,
			always: true,
			steps: steps(['Download reports', 6], ['Merge reports', 9], ['Publish verdict', 2]),
		},
	],
	contract: {
		context: 'deployctl/e2e-staging',
		verdict: 'report',
		everySeconds: 15,
		reportsStaging: true,
		reportsShards: true,
	},
};

export const smokeTests: WorkflowDefinition = {
	file: 'smoke-tests.yml',
	name: 'Smoke tests',
	tier: 'smoke',
	title: 'Smoke {sha}',
	on: {dispatch: true},
	inputs: {sha: {description: 'Commit to test', required: true}},
	jobs: [{name: 'smoke', tests: 5, steps: steps(...setUp, ['Run critical journeys', 82])}],
	contract: {context: 'deployctl/smoke-tests'},
};

/** The last look before production: what a terminal believed may have changed since. */
export const gateJob: JobDefinition = {
	name: 'gate',
	decides: 'promotion',
	steps: steps(['Checkout', 3], ['deployctl gate', 4]),
};

export const deployProductionJob: JobDefinition = {
	name: 'deploy',
	needs: ['gate'],
	risky: 'Run scripts/deploy.sh',
	steps: steps(
		['Checkout', 3],
		['Announce deployment', 2],
		['Build release', 25],
		['Rsync to production', 21],
		['Run scripts/deploy.sh', 32],
		['Health check', 24],
		['Report deployment', 2],
	),
};

export const deployProduction: WorkflowDefinition = {
	file: 'deploy-production.yml',
	name: 'Deploy production',
	tier: 'production',
	title: 'Deploy {sha} to production',
	on: {push: ['main'], dispatch: true},
	concurrency: {group: 'deploy-production', cancelInProgress: false, queue: 'max'},
	jobs: [gateJob, deployProductionJob],
	inputs: {sha: {description: 'Commit to deploy'}},
	contract: {context: 'deployctl/deploy-production', environment: 'production', announcedBy: 'deploy'},
};

/** Nothing of ours, but on every real repository: another run on the same commit, and one that sits on the default branch by schedule. */
export const codeScanning: WorkflowDefinition = {
	file: 'codeql.yml',
	name: 'CodeQL',
	tier: null,
	on: {push: ['develop', 'main']},
	jobs: [
		{
			name: 'analyze (javascript-typescript)',
			steps: steps(['Checkout', 3], ['Initialize CodeQL', 19], ['Perform CodeQL analysis', 144]),
		},
	],
};

export const nightly: WorkflowDefinition = {
	file: 'nightly.yml',
	name: 'Nightly E2E',
	tier: null,
	on: {schedule: true},
	jobs: [
		{
			name: 'e2e (nightly)',
			steps: steps(...setUp, ['Install browsers', 31], ['Run Playwright tests', 1290], ['Upload report', 12]),
		},
	],
};

export const standardWorkflows: readonly WorkflowDefinition[] = [
	testSuite,
	deployStaging,
	e2eStaging,
	smokeTests,
	deployProduction,
	codeScanning,
	nightly,
];
