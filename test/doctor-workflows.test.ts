/** The doctor's checks of workflows, each on YAML as people write it. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import fc from 'fast-check';
import type {Readings} from '../source/doctor/model/model.ts';
import {isE2eStep} from '../source/doctor/model/workflow-words.ts';
import {parseWorkflow, workflowFrom} from '../source/doctor/model/workflow-model.ts';
import {workflowText} from '../source/simulator/model/workflow-text.ts';
import {
	deployProduction,
	deployStaging,
	e2eStaging,
	smokeTests,
	standardWorkflows,
	testSuite,
} from '../source/simulator/model/workflows.ts';
import {
	absent,
	fileOf,
	findings,
	healthy,
	refused,
	repository,
	standardFiles,
	told,
	withFile,
	withGitHub,
	yes,
} from './helpers/doctor.ts';
import {runs} from './helpers/fuzz.ts';

const whole = await healthy();
const base: Readings = {...whole, disk: {...whole.disk, files: []}};
const text = (definition: Parameters<typeof workflowText>[0]) => workflowText(definition, standardWorkflows);
const told1 = (readings: Readings) =>
	told(findings(readings, 'workflows')).map(line => line.replace(' workflows.', ' '));
/** A standard workflow with something else in it. */
const changed = async (
	definition: Parameters<typeof workflowText>[0],
	...changes: ReadonlyArray<readonly [from: string | RegExp, to: string]>
) => {
	let result = text(definition);
	for (const [from, to] of changes) {
		const next = result.replace(from, to);
		assert.notEqual(next, result, `nothing to change: ${from}`);
		result = next;
	}
	return told1(await withFile(base, definition.file, result));
};

test('the standard workflows are in order', async () => {
	assert.deepEqual(told1(base), []);
	assert.deepEqual(told1({...whole, github: null}), [], 'and those of the disk');
});

test('the template for production is in order', async () => {
	const template = readFileSync(
		new URL('../source/templates/workflows/deploy-production.yml', import.meta.url),
		'utf8',
	);
	assert.deepEqual(told1(await withFile(base, 'deploy-production.yml', template)), []);
});

test('files: missing, not readable, not got, disabled, on one branch only', async () => {
	const files = await standardFiles();
	const without = (file: string) => files.filter(one => one.file !== file);
	const on = (develop: typeof files, main = develop, change = {}) =>
		told1(withGitHub(base, {files: {develop: yes(develop), main: yes(main)}, ...change}));
	assert.ok(on(without('e2e-staging.yml')).includes('error missing e2e-staging.yml'));
	assert.deepEqual(on(without('smoke-tests.yml')), ['note missing smoke-tests.yml']);
	assert.ok(
		on([...without('e2e-staging.yml'), await fileOf('e2e-staging.yml', 'on: [')]).includes(
			'error unreadable e2e-staging.yml',
		),
	);
	const unread = on([
		...without('e2e-staging.yml'),
		{file: 'e2e-staging.yml', sha: 'x', workflow: null, because: 'it did not answer', isUnread: true},
	]);
	assert.deepEqual(unread, ['unknown unreadable e2e-staging.yml']);
	assert.ok(
		!findings(
			withGitHub(base, {
				files: {
					develop: yes([
						{file: 'deploy-staging.yml', sha: 'x', workflow: null, because: 'x', isUnread: true},
					]),
				},
			}),
			'workflows',
		).some(({id}) => id === 'workflows.blocking' || id === 'workflows.chain' || id === 'workflows.safety'),
		'nothing is green then',
	);
	const state = (word: string) =>
		on(files, files, {workflows: yes([{file: 'e2e-staging.yml', name: 'E2E staging', state: word}])});
	assert.deepEqual(
		[state('disabled_inactivity'), state('disabled_manually'), state('asleep'), state('active')],
		[
			['error disabled e2e-staging.yml'],
			['error disabled e2e-staging.yml'],
			['unknown disabled e2e-staging.yml'],
			[],
		],
	);
	assert.equal(on(files, files, {workflows: refused}).filter(line => line.startsWith('unknown disabled')).length, 5);
	const atMain = {repository: yes({...repository, defaultBranch: 'main'})};
	assert.deepEqual(on(files, without('e2e-staging.yml'), atMain), ['error default-branch e2e-staging.yml']);
	assert.deepEqual(
		on(
			files,
			[
				...without('deploy-staging.yml'),
				await fileOf('deploy-staging.yml', text(deployStaging).replace('Deploy staging', 'Deploy')),
			],
			atMain,
		),
		['warning default-branch deploy-staging.yml'],
	);
	assert.deepEqual(
		on(files, files, {...atMain, files: {develop: yes(files), main: refused}}).map(line =>
			line.split(' ', 2).join(' '),
		),
		Array.from({length: 4}, () => 'unknown default-branch'),
	);
	assert.deepEqual(on(files, files, {actionsEnabled: yes(false)}), ['error actions']);
	assert.deepEqual(told1({...base, disk: {...base.disk, files: [await fileOf('e2e-staging.yml', 'other')]}}), [
		'note differs e2e-staging.yml',
	]);
	assert.deepEqual(told1({...base, github: null, disk: {...base.disk, isCheckout: false, files: []}}), [
		'unknown files',
	]);
	assert.ok(told1(withGitHub(base, {files: {develop: absent}})).includes('unknown files'));
});

test('chains: the commit is lost at the second workflow_run', async () => {
	const chained = text(e2eStaging)
		.replace(
			/on:\n[\s\S]*?(?=permissions:)/,
			'on:\n  workflow_run:\n    workflows: [Deploy staging]\n    types: [completed]\n    branches: [develop]\n',
		)
		.replaceAll('inputs.sha', 'github.event.workflow_run.head_sha');
	const list = told1(await withFile(base, 'e2e-staging.yml', chained));
	assert.ok(list.includes('error lost-commit e2e-staging.yml'), list.join());
	assert.ok(!told1(base).some(line => line.includes('lost-commit')), 'one step keeps it');
	const foreign = [
		...(await standardFiles()),
		await fileOf(
			'notify.yml',
			'name: Notify\non:\n  workflow_run:\n    workflows: [Deploy staging]\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: echo}]}}\n',
		),
	];
	assert.deepEqual(
		told1(withGitHub(base, {files: {develop: yes(foreign), main: yes(foreign)}})),
		['warning lost-commit notify.yml'],
		'where it is no tier it may not matter',
	);
});

test('chains: names, filters, conclusions, forks', async () => {
	assert.ok(
		(await changed(deployStaging, ["['Test suite']", '[Tests]'])).includes('error parent deploy-staging.yml'),
	);
	assert.ok(
		(await changed(deployStaging, ['types: [completed]', 'types: [requested]'])).includes(
			'error types deploy-staging.yml',
		),
	);
	assert.deepEqual(await changed(deployStaging, ["    branches: ['develop']\n", '']), [
		'error branches deploy-staging.yml',
	]);
	assert.deepEqual(await changed(deployStaging, [/ {4}if: github.event_name.*\n/, '']), [
		'error conclusion deploy-staging.yml',
	]);
	assert.deepEqual(await changed(testSuite, ['on:\n', 'on:\n  pull_request:\n']), ['error forks deploy-staging.yml']);
	assert.deepEqual(await changed(testSuite, [/branches: \[.*\]/, 'branches: [main]']), ['error push test-suite.yml']);
	assert.deepEqual(await changed(testSuite, [/branches: \[.*\]/, "branches: ['dev*']"]), []);
	assert.deepEqual(await changed(deployStaging, ['gh workflow run e2e-staging.yml', 'echo']), [
		'error not-started e2e-staging.yml',
	]);
});

test('chains: the commit that is used is the one that is meant', async () => {
	assert.deepEqual(await changed(deployStaging, [/SHA: \$\{\{ .* \}\}/, 'SHA: ${{ github.sha }}']), [
		'error own-sha deploy-staging.yml',
	]);
	assert.deepEqual(await changed(e2eStaging, ['npx playwright test', 'npx playwright test --grep $GITHUB_SHA']), [
		'error own-sha e2e-staging.yml',
	]);
	assert.deepEqual(
		await changed(deployStaging, [
			/SHA: \$\{\{ .* \}\}/,
			'SHA: ${{ github.event.workflow_run.head_sha || github.sha }}',
		]),
		[],
		'the last resort of a push',
	);
	assert.deepEqual(await changed(e2eStaging, [/ {8}with:\n {10}ref: .*\n/, '']), ['error checkout e2e-staging.yml']);
	assert.deepEqual(
		await changed(deployStaging, ['jobs:', '# never github.sha here\njobs:']),
		[],
		'comments are no code',
	);
});

test("E2E in the deployment's way", async () => {
	const e2eJob = '  browser:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npx playwright test\n';
	assert.deepEqual(
		await changed(
			deployStaging,
			['jobs:\n', `jobs:\n${e2eJob}`],
			['  deploy:\n', '  deploy:\n    needs: [browser]\n'],
		),
		['error blocking-needs deploy-staging.yml'],
	);
	assert.deepEqual(
		await changed(
			deployStaging,
			['jobs:\n', `jobs:\n${e2eJob}  middle:\n    needs: browser\n    runs-on: x\n    steps: [{run: echo}]\n`],
			['  deploy:\n', '  deploy:\n    needs: [middle]\n'],
		),
		['error blocking-needs deploy-staging.yml'],
		'however far',
	);
	assert.deepEqual(
		await changed(deployStaging, [
			"      - name: 'Run scripts/deploy.sh'",
			"      - run: npm run test:e2e\n      - name: 'Run scripts/deploy.sh'",
		]),
		['error blocking-step deploy-staging.yml'],
	);
	assert.deepEqual(
		await changed(deployStaging, [
			"      - name: 'Health check'",
			"      - run: npm run test:e2e\n      - name: 'Health check'",
		]),
		[],
		'after it is too late to block',
	);
	assert.deepEqual(
		await changed(deployStaging, ['jobs:\n', `jobs:\n${e2eJob.replace('runs-on', 'needs: deploy\n    runs-on')}`]),
		['warning same-workflow deploy-staging.yml'],
	);
	assert.deepEqual(
		await changed(testSuite, ['jobs:\n', `jobs:\n${e2eJob}`]),
		['error blocking-run deploy-staging.yml'],
		'among the fast tests',
	);
	const waiting = text(deployStaging).replace("['Test suite']", '[E2E staging]');
	assert.ok(
		told1(await withFile(base, 'deploy-staging.yml', waiting)).includes('error blocking-run deploy-staging.yml'),
	);
	assert.deepEqual(
		await changed(
			deployStaging,
			['jobs:\n', 'jobs:\n  tests:\n    uses: ./.github/workflows/e2e-staging.yml\n'],
			['  deploy:\n', '  deploy:\n    needs: tests\n'],
		),
		['error blocking-needs deploy-staging.yml'],
		'also when it is called',
	);
});

test('what the contract wants: name, status, report', async () => {
	assert.deepEqual(await changed(e2eStaging, [/run-name: .*\n/, '']), ['error run-name e2e-staging.yml']);
	assert.deepEqual(await changed(deployStaging, [/run-name: .*\n/, '']), ['warning run-name deploy-staging.yml']);
	assert.deepEqual(
		await changed(e2eStaging, [/run-name: .*/, 'run-name: E2E']),
		['error run-name e2e-staging.yml'],
		'a title without the commit',
	);
	assert.deepEqual(
		await changed(smokeTests, ['deployctl/smoke-tests', 'smoke'], ['deployctl/smoke-tests', 'smoke']),
		['warning status smoke-tests.yml'],
	);
	assert.deepEqual(
		await changed(e2eStaging, [/ {4}name: report before .*\n/, '']),
		['error staging-report e2e-staging.yml'],
		'a status alone',
	);
	const silent = {
		...base,
		settings: {...base.settings, promotion: {...base.settings.promotion, stagingReport: 'optional' as const}},
	};
	assert.deepEqual(
		told1(
			withGitHub(silent, {
				files: (
					await withFile(
						silent,
						'e2e-staging.yml',
						text(e2eStaging).replace(/ {4}name: report before .*\n/, ''),
					)
				).github!.files,
			}),
		),
		[],
	);
});

test('what a token may', async () => {
	assert.deepEqual(await changed(e2eStaging, ['  statuses: write\n', '']), [
		'error permission-statuses e2e-staging.yml',
	]);
	const asking = (line: string) =>
		changed(
			e2eStaging,
			['  deployments: write\n', ''],
			["      - name: 'Announce'", `      - run: |\n          ${line}\n      - name: 'Announce'`],
		);
	assert.deepEqual(
		await asking('gh api "repos/$GITHUB_REPOSITORY/deployments?sha=$SHA" --jq length'),
		[],
		'who only reads needs nothing',
	);
	assert.deepEqual(await asking('gh api "repos/$GITHUB_REPOSITORY/deployments" --method GET -f sha="$SHA"'), []);
	assert.deepEqual(await asking('gh api "repos/$GITHUB_REPOSITORY/deployments" \\\n            --input -'), [
		'error permission-deployments e2e-staging.yml',
	]);
	assert.deepEqual(await changed(deployStaging, ['  actions: write\n', '']), [
		'error permission-actions deploy-staging.yml',
	]);
	assert.deepEqual(
		await changed(
			deployStaging,
			['  actions: write\n', ''],
			[
				/(run: gh workflow run e2e.*\n {8}env: \{GH_TOKEN: ")\$\{\{ github\.token \}\}/,
				'$1${{ secrets.BOT_TOKEN }}',
			],
		),
		[],
		'a token of its own',
	);
	assert.deepEqual(
		await changed(e2eStaging, [
			'npx playwright test',
			'npx playwright test\n        env: {TOKEN: "${{ github.token }}"}',
		]),
		['warning test-token e2e-staging.yml'],
		'and tests have none',
	);
	assert.deepEqual(
		await changed(e2eStaging, [/^ {2}RUN: /m, '  GITHUB_TOKEN: ${{ secrets.GITHUB_TOKEN }}\n  RUN: ']),
		['warning test-token e2e-staging.yml'],
		'nor by the whole workflow',
	);
	assert.deepEqual(await changed(e2eStaging, [/permissions:\n(?: {2}.*\n)+/, '']), [
		'warning permissions e2e-staging.yml',
	]);
	assert.deepEqual(await changed(e2eStaging, [/permissions:\n(?: {2}.*\n)+/, 'permissions: write-all\n']), [
		'warning permissions-all e2e-staging.yml',
	]);
});

test('one deployment at a time, and never one cut off', async () => {
	assert.deepEqual(await changed(deployStaging, [/concurrency:\n(?: {2}.*\n)+/, '']), [
		'warning concurrency deploy-staging.yml',
	]);
	assert.deepEqual(await changed(deployProduction, ['cancel-in-progress: false', 'cancel-in-progress: true']), [
		'error concurrency-cancel deploy-production.yml',
	]);
	assert.deepEqual(
		await changed(deployProduction, [
			'cancel-in-progress: false',
			"cancel-in-progress: ${{ github.ref != 'refs/heads/main' }}",
		]),
		['error concurrency-cancel deploy-production.yml'],
		'perhaps is too often',
	);
	assert.deepEqual(await changed(deployProduction, ['  queue: max\n', '']), [
		'note concurrency-queue deploy-production.yml',
	]);
	const server = withGitHub(base, {repository: yes({...repository, serverVersion: '3.17.0'})});
	assert.deepEqual(
		told1(await withFile(server, deployProduction.file, text(deployProduction).replace('  queue: max\n', ''))),
		[],
		'an Enterprise Server may not know the key',
	);
});

test('what a green deployment to production leaves out is asked for like that of a tier', async () => {
	const alarm = [
		'jobs:\n',
		'jobs:\n  alarm:\n    if: failure()\n    runs-on: ubuntu-latest\n    steps: [{run: echo}]\n',
	] as const;
	assert.deepEqual(await changed(deployProduction, alarm), ['error may-skip production']);
	const told = (maySkip: readonly string[]) => async () => {
		const readings = {...base, settings: {...base.settings, promotion: {...base.settings.promotion, maySkip}}};
		return told1(await withFile(readings, deployProduction.file, text(deployProduction).replace(...alarm)));
	};
	assert.deepEqual(await told(['alarm'])(), []);
	assert.deepEqual(await told(['alarm', 'nobody'])(), ['warning may-skip-nobody production']);
	assert.deepEqual(await told(['*'])(), ['error may-skip-all production']);
	const found = findings(
		await withFile(base, deployProduction.file, text(deployProduction).replace(...alarm)),
		'workflows',
	).find(({id}) => id === 'workflows.may-skip');
	assert.match(`${found?.why} ${found?.how}`, /no promotion is proved by it.*promotion\.maySkip: \["alarm"\]/);
});

test('E2E that says nothing', async () => {
	assert.deepEqual(await changed(e2eStaging, ['fail-fast: false', 'max-parallel: 4']), [
		'warning fail-fast e2e-staging.yml',
	]);
	assert.deepEqual(await changed(e2eStaging, ['/4', '/4 || true']), ['error e2e-swallowed e2e-staging.yml']);
	assert.deepEqual(await changed(e2eStaging, ['    strategy:', '    continue-on-error: true\n    strategy:']), [
		'error e2e-swallowed e2e-staging.yml',
	]);
	assert.deepEqual(await changed(e2eStaging, ['    strategy:', '    if: false\n    strategy:']), [
		'error e2e-skipped e2e-staging.yml',
	]);
	assert.deepEqual(
		await changed(e2eStaging, [
			'    strategy:',
			"    if: ${{ !contains(github.event.head_commit.message, '[skip e2e]') }}\n    strategy:",
		]),
		['warning e2e-optional e2e-staging.yml'],
	);
});

test('production asks the gate, and its environment', async () => {
	assert.deepEqual(
		await changed(deployProduction, ['npx --no-install deployctl gate --landed --sha "$SHA" --json', 'echo']),
		['error gate deploy-production.yml'],
	);
	assert.deepEqual(
		await changed(deployProduction, [/ {4}needs: .*\n/, '']),
		['error gate deploy-production.yml'],
		'beside it is not before it',
	);
	assert.deepEqual(await changed(deployProduction, [/ {4}environment: .*\n/, '']), [
		'warning environment deploy-production.yml',
	]);
});

test('ways in for strangers', async () => {
	const extra = async (yaml: string, isPrivate = true) => {
		const files = [...(await standardFiles()), await fileOf('extra.yml', yaml)];
		return told1(
			withGitHub(base, {
				files: {develop: yes(files), main: yes(files)},
				repository: yes({...repository, isPrivate}),
			}),
		);
	};
	const job = (on: string, steps: string, more = '') =>
		`on: ${on}\njobs:\n  a:\n    runs-on: ubuntu-latest\n${more}    steps:\n${steps}`;
	assert.deepEqual(await extra(job('push', '      - uses: acme/thing@v2\n')), ['warning unpinned extra.yml']);
	assert.deepEqual(
		await extra(
			job(
				'push',
				'      - uses: actions/checkout@v4\n      - uses: ./local\n      - uses: acme/thing@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v2\n',
			),
		),
		[],
	);
	assert.deepEqual(await extra(job('push', '      - run: curl -H "${{ secrets.KEY }}" x\n')), [
		'warning secret-in-script extra.yml',
	]);
	assert.deepEqual(await extra(job('pull_request', '      - run: echo "${{ github.event.pull_request.title }}"\n')), [
		'error injection extra.yml',
	]);
	assert.deepEqual(
		await extra(
			job(
				'pull_request',
				'      - run: echo "$TITLE"\n        env:\n          TITLE: ${{ github.event.pull_request.title }}\n',
			),
		),
		[],
	);
	assert.deepEqual(
		await extra(
			job(
				'pull_request_target',
				'      - uses: actions/checkout@v4\n        with:\n          ref: ${{ github.event.pull_request.head.sha }}\n',
			),
		),
		['error pull-request-target extra.yml'],
	);
	assert.deepEqual(await extra(job('pull_request_target', '      - uses: actions/checkout@v4\n')), []);
	const own = job('pull_request', '      - run: make\n').replace('ubuntu-latest', '[self-hosted, linux]');
	assert.deepEqual(
		[await extra(own, false), await extra(own, true)],
		[['error self-hosted extra.yml'], ['note self-hosted extra.yml']],
	);
	assert.deepEqual(await extra(job('[push, pull_request]', '      - run: scripts/deploy.sh\n')), [
		'error pull-request-deploys extra.yml',
	]);
	assert.deepEqual(
		await extra(
			job('[push, pull_request]', '      - run: scripts/deploy.sh\n', "    if: github.event_name == 'push'\n"),
		),
		[],
	);
	const unknown = {
		...base,
		github: null,
		disk: {...base.disk, files: [...(await standardFiles()), await fileOf('extra.yml', own)]},
	};
	assert.deepEqual(told1(unknown), ['unknown self-hosted extra.yml']);
});

test('tiers may share a file, told apart by the names of jobs', async () => {
	const one = `name: CI
on: {push: {branches: [develop]}}
permissions: {contents: read}
concurrency: {group: ci, cancel-in-progress: false}
jobs:
  unit: {runs-on: ubuntu-latest, steps: [{run: npm test}]}
  deploy: {needs: [unit, e2e], runs-on: ubuntu-latest, steps: [{run: scripts/deploy.sh}]}
  e2e: {needs: unit, runs-on: ubuntu-latest, steps: [{run: npx playwright test}]}
`;
	const tier = (jobs: string) => ({
		workflow: 'ci.yml',
		jobs,
		maySkip: [],
		notWork: [],
		budgetSeconds: 1,
		alertAfterSeconds: 1,
	});
	const settings = {
		...base.settings,
		tiers: {...base.settings.tiers, fast: tier('unit'), deploy: tier('deploy'), e2e: tier('e2e')},
	};
	const files = [
		...(await standardFiles()).filter(({file}) => file === 'deploy-production.yml'),
		await fileOf('ci.yml', one),
	];
	const list = told1({...withGitHub(base, {files: {develop: yes(files), main: yes(files)}}), settings});
	assert.ok(list.includes('error blocking-needs ci.yml'), list.join());
	assert.ok(!list.some(line => line.startsWith('error run-name')), 'a push sits on its commit');
});

test('whatever a file holds, it is read or refused, and nothing is thrown', async () => {
	for (const problem of [
		'',
		'- a',
		'on: push',
		'jobs: {}',
		'on: [',
		'&a [*a]',
		'x'.repeat(600_000),
		'on: push\njobs: {a: 1}',
	]) {
		const parsed = await parseWorkflow('x.yml', problem);
		assert.ok('workflow' in parsed || parsed.problem.length > 0);
	}
	fc.assert(
		fc.property(
			fc.record({
				on: fc.anything(),
				jobs: fc.dictionary(fc.string(), fc.anything()),
				permissions: fc.anything(),
				concurrency: fc.anything(),
				name: fc.anything(),
			}),
			value => {
				const parsed = workflowFrom('deploy-staging.yml', value);
				if ('problem' in parsed) return;
				findings(
					{
						...base,
						github: null,
						disk: {
							...base.disk,
							files: [{file: 'deploy-staging.yml', sha: '', workflow: parsed.workflow, because: null}],
						},
					},
					'workflows',
				);
			},
		),
		runs(300),
	);
});

test('tests that leave E2E out are no E2E', () => {
	const isE2e = (run: string) => isE2eStep({run, uses: null} as Parameters<typeof isE2eStep>[0]);
	for (const run of [
		'poetry run pytest --ignore=tests/e2e',
		'pytest --ignore tests/e2e -q',
		'pytest -m "not e2e"',
		"pytest -k 'not e2e'",
	])
		assert.ok(!isE2e(run), run);
	for (const run of [
		'pytest tests/e2e',
		'pytest -m e2e',
		'pytest --ignore=tests/unit tests/e2e',
		'pytest -m "not slow" tests/e2e',
	])
		assert.ok(isE2e(run), run);
});
