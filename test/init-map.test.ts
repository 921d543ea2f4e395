/** What the mapping says about shapes that repositories with a staging have: the good ones, the classic mistakes, and what must not be guessed. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {patternFor} from '../source/init/map/job-pattern.ts';
import {mapWorkflows} from '../source/init/map/map.ts';
import type {ExistingWorkflow} from '../source/init/model.ts';
import {workflowFrom} from './helpers/foreign.ts';
import {runs} from './helpers/fuzz.ts';

const branches = {staging: 'develop', production: 'main'};
const mapped = (...workflows: ExistingWorkflow[]) => mapWorkflows(workflows, branches);
const tiersOf = (...workflows: ExistingWorkflow[]) =>
	mapped(...workflows).tiers.map(({tier, workflow, jobs}) =>
		[tier, workflow, jobs].filter(part => part !== null).join(' '),
	);
const adviceOn = (tier: string, ...workflows: ExistingWorkflow[]) =>
	mapped(...workflows)
		.tiers.find(one => one.tier === tier)
		?.advice.join('\n') ?? `no ${tier}`;
const reasonOf = (file: string, ...workflows: ExistingWorkflow[]) =>
	mapped(...workflows).unmapped.find(({workflow}) => workflow === file)?.because ?? '(mapped)';

const job = (run: string, rest = '') =>
	`runs-on: ubuntu-latest\n    ${rest}\n    steps:\n      - uses: actions/checkout@v4\n      - run: ${run}`;
const workflow = (file: string, on: string, jobs: Readonly<Record<string, string>>, head = '') =>
	workflowFrom(
		file,
		`name: ${file.replace('.yml', '')}\n${head}\non: ${on}\njobs:\n${Object.entries(jobs)
			.map(([id, text]) => `  ${id}:\n    ${text}\n`)
			.join('')}`,
	);

const push = '{push: {branches: [develop]}}';
const both = '{push: {branches: [develop, main]}}';
const fast = workflow('ci.yml', push, {lint: job('npm run lint'), test: job('npm test')});

test('everything in one file with E2E before the deployment: each tier by its jobs, and the mistake is named', () => {
	const all = workflow('pipeline.yml', both, {
		test: job('npm test'),
		e2e: job('npx playwright test', 'needs: test'),
		deploy: job('flyctl deploy --config fly.staging.toml', 'needs: e2e\n    environment: staging'),
		release: job('flyctl deploy', 'needs: e2e\n    environment: production'),
	});
	assert.deepEqual(tiersOf(all), [
		'fast pipeline.yml test',
		'deploy pipeline.yml deploy',
		'e2e pipeline.yml e2e',
		'production pipeline.yml release',
	]);
	assert.match(adviceOn('deploy', all), /E2E blocks the deployment: deploy, release waits for it by needs/);
	assert.match(adviceOn('production', all), /deployctl gate/);
});

test('E2E blocks through a job between, and through workflow_run', () => {
	const through = workflow('pipeline.yml', push, {
		e2e: job('npx cypress run'),
		build: job('npm run build', 'needs: [e2e]'),
		ship: job('./scripts/deploy.sh', 'needs: [build]\n    environment: staging'),
	});
	assert.match(adviceOn('deploy', through), /E2E blocks the deployment: ship/);
	const e2e = workflow('browser.yml', push, {e2e: job('npx playwright test')});
	const deploy = workflow('ship.yml', '{workflow_run: {workflows: [browser], types: [completed]}}', {
		deploy: job('kubectl apply -f k8s', 'environment: staging'),
	});
	assert.match(adviceOn('deploy', e2e, deploy), /E2E blocks the deployment: it follows browser\.yml/);
	assert.match(adviceOn('e2e', e2e, deploy), /not after the deployment/);
});

test('a chain of workflow_run loses the commit: at its first link unless head_sha is used, at its second always', () => {
	const deploy = workflow('deploy.yml', '{workflow_run: {workflows: [ci], types: [completed]}}', {
		deploy: job('kubectl apply -f k8s', 'environment: staging'),
	});
	const e2e = workflow('e2e.yml', '{workflow_run: {workflows: [deploy], types: [completed]}}', {
		e2e: job('npx playwright test'),
	});
	assert.deepEqual(tiersOf(fast, deploy, e2e), ['fast ci.yml', 'deploy deploy.yml', 'e2e e2e.yml']);
	assert.match(
		adviceOn('deploy', fast, deploy, e2e),
		/never names github\.event\.workflow_run\.head_sha[\s\S]*after a failure, too[\s\S]*run-name/,
	);
	assert.match(adviceOn('e2e', fast, deploy, e2e), /number 3 in a chain/);
	const careful = workflow(
		'deploy.yml',
		'{workflow_run: {workflows: [ci], types: [completed]}}',
		{
			deploy: job(
				'kubectl apply -f k8s # ${{ github.event.workflow_run.head_sha }} deployctl/deploy-staging',
				"environment: staging\n    if: github.event.workflow_run.conclusion == 'success'",
			),
		},
		'run-name: deploy ${{ github.event.workflow_run.head_sha }}',
	);
	assert.equal(adviceOn('deploy', fast, careful), '');
});

test('a file of its own per tier, dispatched with the commit: nothing to say but what the gate needs', () => {
	const e2e = workflow(
		'e2e.yml',
		'{workflow_dispatch: {inputs: {sha: {required: true}}}}',
		{e2e: job('npx playwright test # deployctl/e2e before ${{ a }} after ${{ b }}')},
		'run-name: E2E ${{ inputs.sha }}',
	);
	assert.equal(adviceOn('e2e', fast, e2e), '');
	const bare = workflow('e2e.yml', '{workflow_dispatch: {}, schedule: [{cron: "0 3 * * *"}]}', {
		e2e: job('npx playwright test'),
	});
	assert.match(
		adviceOn('e2e', fast, bare),
		/staging-report[\s\S]*run-name does not name it[\s\S]*no deployctl status/,
	);
});

test('one job for both environments, by the branch', () => {
	const deploy = workflow('deploy.yml', both, {
		deploy: job('vercel deploy', "environment: \"${{ github.ref_name == 'main' && 'production' || 'staging' }}\""),
	});
	assert.deepEqual(tiersOf(deploy), ['deploy deploy.yml', 'production deploy.yml']);
	assert.match(
		reasonOf(
			'deploy.yml',
			workflow('deploy.yml', push, {
				deploy: job(
					'vercel deploy',
					"environment: \"${{ github.ref_name == 'main' && 'production' || 'staging' }}\"",
				),
			}),
		),
		/does not tell which of the two/,
	);
});

test('without an environment the names decide, then the branch; else nobody does', () => {
	assert.deepEqual(
		tiersOf(workflow('deploy-staging.yml', '{workflow_dispatch: {}}', {go: job('rsync -a dist/ host:/srv')})),
		['deploy deploy-staging.yml'],
	);
	assert.deepEqual(
		tiersOf(
			workflow('ship.yml', both, {
				one: job('rsync -a dist/ host:/srv', "if: github.ref == 'refs/heads/develop'"),
				two: job('rsync -a dist/ other:/srv', "if: github.ref == 'refs/heads/main'"),
			}),
		),
		['deploy ship.yml one', 'production ship.yml two'],
	);
	assert.match(
		reasonOf('ship.yml', workflow('ship.yml', both, {one: job('rsync -a dist/ host:/srv')})),
		/neither an environment nor names nor branches/,
	);
	assert.match(
		reasonOf('ship.yml', workflow('ship.yml', push, {one: job('rsync -a dist/ host:/srv', 'environment: demo')})),
		/neither staging nor production/,
	);
	assert.deepEqual(
		tiersOf(workflow('preprod.yml', push, {one: job('rsync -a dist/ host:/srv', 'environment: pre-production')})),
		['deploy preprod.yml'],
		'before production is not production',
	);
});

test('two that could be the same tier are refused, each naming the other', () => {
	const second = workflow('api.yml', push, {test: job('pytest')});
	assert.deepEqual(tiersOf(fast, second), []);
	for (const file of ['ci.yml', 'api.yml'])
		assert.match(reasonOf(file, fast, second), /ci\.yml and api\.yml could each be fast tests/);
	const deploys = ['web', 'api'].map(name =>
		workflow(`${name}.yml`, push, {deploy: job('helm upgrade x', 'environment: staging')}),
	);
	assert.deepEqual(tiersOf(fast, ...deploys), ['fast ci.yml']);
});

test('pull requests only, pages, pushes of packages: no tier', () => {
	assert.match(
		reasonOf('e2e.yml', workflow('e2e.yml', '[pull_request]', {e2e: job('npx playwright test')})),
		/looks like E2E, but it runs for pull requests, never for commits of develop/,
	);
	assert.match(
		reasonOf(
			'pages.yml',
			workflow('pages.yml', push, {
				deploy: job('true', 'environment: github-pages').replace(
					'actions/checkout@v4',
					'actions/deploy-pages@v4',
				),
			}),
		),
		/publishes pages/,
	);
	assert.match(
		reasonOf('release.yml', workflow('release.yml', '{push: {tags: ["v*"]}}', {publish: job('npm publish')})),
		/its pushes are not those of develop/,
	);
});

test('pull_request_target is dangerous when it runs the pull request, and told even of a workflow that is no tier', () => {
	const preview = workflow('preview.yml', '[pull_request_target]', {
		build: job('npm run build').replace(
			'actions/checkout@v4',
			'actions/checkout@v4\n        with: {ref: "${{ github.event.pull_request.head.sha }}"}',
		),
	});
	assert.match(reasonOf('preview.yml', preview), /DANGER/);
	assert.match(
		reasonOf('label.yml', workflow('label.yml', '[pull_request_target]', {label: job('gh pr edit')})),
		/never check out or run their code/,
	);
});

test('smoke tests, reusable workflows, matrices', () => {
	assert.deepEqual(
		tiersOf(workflow('smoke.yml', '{workflow_dispatch: {}}', {smoke: job('npx playwright test --grep @smoke')})),
		['smoke smoke.yml'],
	);
	const called = workflow('reusable.yml', '{workflow_call: {}}', {unit: job('go test ./...')});
	const caller = workflow('ci.yml', push, {
		checks: 'uses: ./.github/workflows/reusable.yml',
		e2e: job('npx playwright test', 'strategy: {matrix: {shard: [1, 2]}}'),
	});
	assert.deepEqual(tiersOf(called, caller), ['fast ci.yml checks*', 'e2e ci.yml e2e*']);
	assert.match(reasonOf('reusable.yml', called, caller), /only as a part/);
});

test('a job for pull requests only is no tier, though it deploys to something called staging', () => {
	const all = workflow('deploy.yml', '{push: {branches: [develop, main]}, pull_request: {}}', {
		test: job('npm test'),
		preview: job(
			'flyctl deploy --app pr',
			"environment: staging\n    if: ${{ github.event_name == 'pull_request' }}",
		),
		production: job('flyctl deploy', "environment: production\n    if: github.ref == 'refs/heads/main'"),
	});
	assert.deepEqual(tiersOf(all), ['fast deploy.yml test', 'production deploy.yml production']);
	assert.match(
		reasonOf(
			'preview.yml',
			workflow('preview.yml', push, {
				preview: job('flyctl deploy', "environment: staging\n    if: github.event_name == 'pull_request'"),
			}),
		),
		/for pull requests only/,
	);
	assert.deepEqual(
		tiersOf(
			workflow('e2e.yml', push, {
				e2e: job('npx playwright test'),
				comment: job('gh pr comment', "if: github.event_name == 'pull_request'"),
			}),
		),
		['e2e e2e.yml e2e'],
		'a skipped job would keep the gate shut',
	);
});

test('what only builds, migrates or prepares is no deployment and no E2E; a command over several lines is one', () => {
	assert.match(
		reasonOf(
			'image.yml',
			workflow('image.yml', push, {
				build: job(
					'|\n          flyctl deploy \\\n            --build-only \\\n            --push',
					'environment: staging',
				),
			}),
		),
		/“flyctl deploy --build-only --push”: that alone is none of the tiers/,
	);
	assert.deepEqual(
		tiersOf(
			workflow('ci.yml', push, {
				test: job('|\n          npx prisma migrate deploy\n          npm run db:deploy\n          npm test'),
			}),
		),
		['fast ci.yml'],
	);
	assert.match(
		reasonOf('x.yml', workflow('x.yml', push, {prepare: job('npm run test:e2e:install')})),
		/none of its jobs/,
	);
	assert.deepEqual(tiersOf(workflow('x.yml', push, {browsers: job('pnpm run playwright:run --project=chromium')})), [
		'e2e x.yml',
	]);
});

test('a reusable deployment is that of the environment which its caller names', () => {
	const ship = workflow('ship.yml', '{workflow_call: {inputs: {environment: {type: string}}}}', {
		go: job('helm upgrade shop chart', 'environment: ${{ inputs.environment }}'),
	});
	const caller = workflow('release.yml', both, {
		staging: 'uses: ./.github/workflows/ship.yml\n    with: {environment: staging}',
		production:
			"uses: ./.github/workflows/ship.yml\n    with: {environment: production}\n    if: github.ref_name == 'main'",
	});
	assert.deepEqual(tiersOf(ship, caller), ['deploy release.yml staging*', 'production release.yml production*']);
	assert.match(reasonOf('ship.yml', ship, caller), /whoever starts it chooses which/);
	const elsewhere = workflow('release.yml', push, {
		deploy: 'uses: acme/workflows/.github/workflows/deploy.yml@v1\n    with: {environment: staging}',
	});
	assert.deepEqual(tiersOf(elsewhere), ['deploy release.yml']);
});

test('what is no workflow, or of a strange shape, is told or passed over, and never thrown at', () => {
	assert.deepEqual(mapped({file: 'broken.yml', text: ':', parsed: null, problem: 'it is not YAML'}), {
		tiers: [],
		unmapped: [{workflow: 'broken.yml', because: 'it is not YAML'}],
	});
	fc.assert(
		fc.property(
			fc.dictionary(
				fc.constantFrom('on', 'true', 'name', 'jobs', 'run-name', 'concurrency'),
				fc.oneof(
					fc.jsonValue(),
					fc.dictionary(
						fc.constantFrom('push', 'build', 'workflow_run'),
						fc.dictionary(
							fc.constantFrom(
								'steps',
								'needs',
								'environment',
								'strategy',
								'uses',
								'branches',
								'if',
								'workflows',
							),
							fc.jsonValue(),
						),
					),
				),
			),
			parsed => {
				const {tiers, unmapped} = mapped({file: 'x.yml', text: '', parsed, problem: null});
				assert.ok(tiers.length + unmapped.length > 0);
			},
		),
		runs(200),
	);
});

test('files made to cost time cost none: endless lines, dense needs, chains and calls in circles', () => {
	const many = Array.from({length: 25}, (_, index) => index);
	const steps = [
		{run: 'go '.repeat(300_000)},
		{run: `npm ${'-x y '.repeat(100_000)}`, name: 'e2e '.repeat(100_000)},
		{run: `${'deploy-'.repeat(100_000)}\nflyctl deploy`},
	];
	const dense = Object.fromEntries(
		many.map(index => [
			`j${index}`,
			{
				needs: many.slice(0, index).map(one => `j${one}`),
				steps: index === 24 ? steps : [{run: 'true'}],
				environment: 'staging',
			},
		]),
	);
	const calls = Object.fromEntries(many.map(index => [`c${index}`, {uses: `./.github/workflows/w${index}.yml`}]));
	const files = many.map(index => ({
		file: `w${index}.yml`,
		text: '',
		parsed: {
			name: `w${index}`,
			on: {push: null, workflow_run: {workflows: many.map(one => `w${one}`)}},
			jobs: {...dense, ...calls},
		},
		problem: null,
	}));
	assert.equal(new Set(mapWorkflows(files, branches).unmapped.map(({workflow}) => workflow)).size, 25);
});

test('terminal escapes of a foreign file do not come through', () => {
	const reason = reasonOf(
		'x.yml',
		workflow('x.yml', push, {one: job('"\\e[31mrsync -a . host:/"', 'name: "\\e]0;owned\\a bad"')}),
	);
	assert.doesNotMatch(reason, /\u001B|\u0007/);
});

test('a pattern over job names fits all of the tier and none of the others', () => {
	assert.equal(patternFor(['e2e'], ['test']), 'e2e');
	assert.equal(patternFor(['e2e (*)'], ['test']), 'e2e*');
	assert.equal(patternFor(['unit web', 'unit api'], ['deploy']), 'unit *');
	assert.equal(patternFor(['web tests', 'api tests'], ['deploy']), '* tests');
	assert.equal(patternFor(['lint', 'test'], ['deploy']), null);
	assert.equal(patternFor(['test', 'test web'], ['test e2e']), null, 'it would count E2E in');
	assert.equal(patternFor(['*'], ['deploy']), null, 'a name that only a run knows');
});
