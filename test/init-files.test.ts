/** What `init` would write, for repositories of every shape: accepted by those who know workflows, and by ourselves. */
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {before, test} from 'node:test';
import {execFileSync} from 'node:child_process';
import {matchesGlob} from '../source/core/evidence/tier.ts';
import type {Proposal} from '../source/init/model.ts';
import {inspect} from '../source/init/inspect/inspect.ts';
import {defaultAnswers, propose} from '../source/init/propose/propose.ts';
import {parseSettings} from '../source/settings/parse/parse.ts';
import {layOut, noMapping, type Sample, samples, writeFiles} from './helpers/sample-repositories.ts';
import {
	byActionlint,
	byGitHub,
	byShellcheck,
	hasShellcheck,
	readWorkflow,
	type Step,
	type Workflow,
} from './helpers/workflow-linters.ts';

const names = Object.keys(samples) as Array<keyof typeof samples>;
const proposals = new Map<string, {folder: string; sample: Sample; proposal: Proposal}>();
const workflowsOf = ({files}: Proposal) => files.filter(({path}) => path.startsWith('.github/workflows/'));
const stepsOf = ({jobs}: Workflow): readonly Step[] => Object.values(jobs).flatMap(({steps}) => steps);
const fileOf = ({files}: Proposal, path: string) => files.find(file => file.path === path)?.content ?? null;
const workflow = (name: keyof typeof samples, file: string): Workflow =>
	readWorkflow(
		fileOf(proposals.get(name)!.proposal, `.github/workflows/${file}`) ?? assert.fail(`${name} has no ${file}`),
	);

before(async t => {
	for (const name of names) {
		const sample: Sample = samples[name];
		const folder = layOut(t as Parameters<typeof layOut>[0], sample);
		const inspection = await inspect(folder);
		proposals.set(name, {
			folder,
			sample,
			proposal: propose(inspection, defaultAnswers(inspection), sample.mapping ?? noMapping),
		});
	}
});

for (const name of names) {
	test(`${name}: actionlint and GitHub's own parser accept every workflow`, async () => {
		const {proposal} = proposals.get(name)!;
		assert.ok(workflowsOf(proposal).length >= 4);
		for (const {path, content} of workflowsOf(proposal))
			assert.deepEqual([...(await byActionlint(path, content)), ...(await byGitHub(path, content))], []);
	});

	test(
		`${name}: ShellCheck accepts every step`,
		{skip: hasShellcheck ? false : 'ShellCheck is not installed here'},
		t => {
			const folder = mkdtempSync(join(tmpdir(), 'deployctl-steps-'));
			t.after(() => rmSync(folder, {recursive: true, force: true}));
			const scripts = workflowsOf(proposals.get(name)!.proposal).flatMap(({path, content}) =>
				stepsOf(readWorkflow(content)).flatMap(({run, name: step}) =>
					run === undefined ? [] : [{name: `${path}: ${step}`, text: run}],
				),
			);
			assert.deepEqual(byShellcheck(scripts, folder, writeFileSync), []);
		},
	);

	test(`${name}: pins, permissions and secrets are as they have to be`, () => {
		for (const {path, content} of workflowsOf(proposals.get(name)!.proposal)) {
			const parsed = readWorkflow(content);
			assert.deepEqual(
				parsed.permissions,
				path.endsWith('experimental-example.yml') ? {contents: 'read'} : {},
				path,
			);
			for (const line of content.split('\n').filter(each => /^\s*(?:- )?uses:/.test(each)))
				assert.match(line, /uses: actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, path);
			for (const step of stepsOf(parsed)) {
				if (step.uses?.startsWith('actions/checkout@'))
					assert.equal(step.with?.['persist-credentials'], false, path);
				if (step.run === undefined) continue;
				assert.equal(step.shell, 'bash', `${path}: ${step.name}`);
				// Neither an expression, whose value would be a part of the script, nor a secret.
				assert.doesNotMatch(step.run, /\$\{\{|secrets\./, `${path}: ${step.name}`);
			}
			assert.doesNotMatch(content.replaceAll('=== undefined', ''), /«|»|undefined|\[object/, path);
			assert.ok(
				Object.values(parsed.jobs).every(job => (job['timeout-minutes'] ?? 0) > 0),
				path,
			);
			assert.ok(content.endsWith('\n') && !/[ \t]\n|\n\n\n|\t/.test(content), path);
		}
	});

	test(`${name}: deployctl.yml is valid and names the workflows that are there`, async () => {
		const {proposal, sample} = proposals.get(name)!;
		const parsed = await parseSettings(fileOf(proposal, 'deployctl.yml')!, 'deployctl.yml');
		assert.ok(parsed.ok, JSON.stringify(parsed));
		const {tiers, promotion, branches} = parsed.settings;
		const there = new Set([...workflowsOf(proposal).map(({path}) => path), ...Object.keys(sample.files)]);
		const ownText = fileOf(proposal, `.github/workflows/${tiers.fast.workflow}`);
		const own = ownText === null ? null : readWorkflow(ownText);
		for (const glob of tiers.fast.maySkip)
			assert.ok(
				own === null || Object.values(own.jobs).some(({name}) => matchesGlob(glob, String(name))),
				`${glob} names no job`,
			);
		if (own !== null && Object.values(own.jobs).some(job => job.if?.includes('outputs') === true))
			assert.ok(tiers.fast.maySkip.length > 0);
		for (const tier of ['fast', 'deploy', 'e2e'] as const)
			assert.ok(there.has(`.github/workflows/${tiers[tier].workflow}`), tiers[tier].workflow);
		assert.ok(there.has(`.github/workflows/${promotion.workflow}`));
		assert.deepEqual(
			[branches.staging, branches.production],
			[proposal.answers.staging, proposal.answers.production],
		);
	});

	test(`${name}: once written and looked at again, the same is proposed`, async t => {
		const {proposal, sample} = proposals.get(name)!;
		const folder = layOut(t, sample);
		writeFiles(folder, Object.fromEntries(proposal.files.map(({path, content}) => [path, content])));
		const again = await inspect(folder);
		// Whoever maps may well find ours: they are written again, not mapped.
		const mapping = {
			...(sample.mapping ?? noMapping),
			tiers: [
				...(sample.mapping?.tiers ?? []),
				...(sample.mapping
					? []
					: [
							{
								tier: 'fast' as const,
								workflow: 'test-suite.yml',
								jobs: null,
								because: 'it is called so',
								advice: [],
							},
						]),
			],
		};
		const second = propose(again, defaultAnswers(again), mapping);
		assert.deepEqual(
			second.files.map(({path}) => path),
			proposal.files.map(({path}) => path),
		);
		for (const file of second.files) assert.equal(file.content, fileOf(proposal, file.path), file.path);
	});
}

test(
	'ShellCheck accepts the scripts as they are written',
	{skip: hasShellcheck ? false : 'ShellCheck is not installed here'},
	t => {
		const folder = mkdtempSync(join(tmpdir(), 'deployctl-scripts-'));
		t.after(() => rmSync(folder, {recursive: true, force: true}));
		const files = proposals.get('node npm')!.proposal.files.filter(({group}) => group === 'scripts');
		writeFiles(folder, Object.fromEntries(files.map(({path, content}) => [path, content])));
		execFileSync('shellcheck', ['-x', '-P', 'SCRIPTDIR', 'scripts/deploy.sh', 'scripts/rollback.sh'], {
			cwd: folder,
			stdio: 'pipe',
		});
		assert.deepEqual(
			files.filter(({path, mode}) => path.endsWith('.sh') && mode !== 0o755),
			[],
		);
	},
);

test('the fast tests: one job for each task that exists, all at once, and one verdict', () => {
	const suite = workflow('node npm', 'test-suite.yml');
	assert.deepEqual(Object.keys(suite.jobs), ['lint', 'typecheck', 'unit', 'build', 'passed']);
	assert.ok(['lint', 'typecheck', 'unit', 'build'].every(id => suite.jobs[id]!.needs === undefined));
	assert.deepEqual(
		[suite.jobs['passed']!.needs, suite.jobs['passed']!.if],
		[['lint', 'typecheck', 'unit', 'build'], 'always()'],
	);
	assert.deepEqual(suite.on, {push: {branches: ['develop', 'hotfix/**']}, pull_request: null});
	assert.deepEqual(Object.keys(workflow('node yarn', 'test-suite.yml').jobs), ['lint', 'unit', 'passed']);
	assert.deepEqual(Object.keys(workflow('python uv', 'test-suite.yml').jobs), [
		'lint',
		'typecheck',
		'unit',
		'passed',
	]);
	assert.deepEqual(Object.keys(workflow('no tests at all', 'test-suite.yml').jobs), ['nothing']);
});

test('in a repository of several parts only those run that a change concerns', () => {
	const suite = workflow('workspaces', 'test-suite.yml');
	assert.deepEqual(Object.keys(suite.jobs), [
		'changes',
		'app-lint',
		'api-typecheck',
		'api-unit',
		'web-unit',
		'web-build',
		'ui-unit',
		'passed',
	]);
	for (const [id, job] of Object.entries(suite.jobs).filter(([name]) => name.includes('-')))
		assert.deepEqual([job.needs, job.if], ['changes', `needs.changes.outputs.${id.split('-')[0]} == 'true'`]);
	const {env} = suite.jobs['changes']!.steps.find(({id}) => id === 'changes')!;
	// What one part is made from concerns it as well.
	assert.deepEqual(env!['PARTS']!.split('\n'), [
		'app .',
		'api ^(apps/api)/',
		'web ^(apps/web|packages/ui)/',
		'ui ^(packages/ui)/',
	]);
	assert.ok(Object.values(suite.jobs).every(job => !JSON.stringify(job).includes('paths')));
});

test('pull requests, and whoever else is not of this repository, cannot reach staging', () => {
	for (const name of names) {
		const {proposal} = proposals.get(name)!;
		const deploy = workflow(name, 'deploy-staging.yml');
		const {workflow_run: chained, ...others} = deploy.on;
		assert.deepEqual(
			[chained.types, chained.branches, Object.keys(others)],
			[['completed'], [proposal.answers.staging], ['workflow_dispatch']],
		);
		assert.equal(
			deploy.jobs['deploy']!.if,
			"github.event_name == 'workflow_dispatch' || (github.event.workflow_run.conclusion == 'success' && github.event.workflow_run.event == 'push' && github.event.workflow_run.head_repository.full_name == github.repository)",
		);
		// What is going to be skipped must not take the place of a deployment that waits.
		assert.deepEqual(deploy.concurrency, {
			group: `\${{ (${deploy.jobs['deploy']!.if}) && 'deploy-staging' || github.run_id }}`,
			'cancel-in-progress': false,
		});
		assert.equal(deploy.jobs['deploy']!.steps[0]!.name, 'Is it a commit of ours?');
		for (const {path, content} of workflowsOf(proposal)) {
			const parsed = readWorkflow(content);
			const isTest = path.endsWith('test-suite.yml');
			assert.equal('pull_request' in parsed.on, isTest, path);
			assert.ok(!('pull_request_target' in parsed.on));
			if (isTest)
				assert.ok(
					Object.values(parsed.jobs).every(job =>
						Object.values(job.permissions ?? {}).every(level => level === 'read'),
					) && !content.includes('secrets.'),
					path,
				);
		}
	}
});

test('an experiment has nothing to touch anything with', () => {
	for (const name of names) {
		const {proposal} = proposals.get(name)!;
		const text = fileOf(proposal, '.github/workflows/experimental-example.yml')!;
		const experiment = readWorkflow(text);
		assert.deepEqual(
			[experiment.on, experiment.permissions],
			[{push: {branches: ['ci-experimental/**']}}, {contents: 'read'}],
		);
		assert.doesNotMatch(text, /secrets\.|github\.token|environment:|: write/);
		assert.ok(
			Object.values(experiment.jobs).every(job => job.permissions === undefined && job.environment === undefined),
		);
		for (const {content} of workflowsOf(proposal))
			assert.ok(!(readWorkflow(content).on['workflow_run']?.workflows ?? []).includes(experiment.name));
	}
});

test('every token may do what its job needs, and no more', () => {
	const staging = workflow('node npm', 'deploy-staging.yml');
	assert.deepEqual(staging.jobs['deploy']!.permissions, {
		actions: 'write',
		contents: 'read',
		deployments: 'write',
		statuses: 'write',
	});
	const e2e = workflow('node pnpm + Playwright', 'e2e-staging.yml');
	assert.deepEqual(
		Object.values(e2e.jobs).map(({permissions}) => permissions),
		[
			{contents: 'read', deployments: 'read', statuses: 'write'},
			{contents: 'read', statuses: 'write'},
			{contents: 'read', statuses: 'write'},
		],
	);
	const smoke = workflow('node pnpm + Playwright', 'smoke-tests.yml');
	assert.deepEqual(
		Object.values(smoke.jobs).map(({permissions}) => permissions),
		[{contents: 'read', statuses: 'write'}],
	);
});

test('E2E: every shard comes to its end, by names that the gate counts, and every night', () => {
	const e2e = workflow('node pnpm + Playwright', 'e2e-staging.yml');
	assert.equal(e2e.jobs['e2e']!.name, 'e2e (${{ matrix.shard }}, ${{ needs.announce.outputs.total }})');
	assert.equal(e2e.jobs['e2e']!.strategy!['fail-fast'], false);
	assert.deepEqual(Object.keys(e2e.on), ['workflow_dispatch', 'schedule']);
	assert.deepEqual(
		[e2e.on['workflow_dispatch'].inputs.sha.required, e2e.on['workflow_dispatch'].inputs.shards.default],
		[true, '4'],
	);
	assert.ok(
		Object.values(e2e.jobs).every(job => job.if === undefined || job.if.startsWith('always()')),
		'a skipped job shuts the gate',
	);
	const run = e2e.jobs['e2e']!.steps.find(({name}) => name === 'E2E')!;
	assert.deepEqual(Object.keys(run.env!), [
		'E2E_URL',
		'DEPLOYCTL_PROGRESS',
		'SHA',
		'DEPLOYCTL_SHARD',
		'DEPLOYCTL_WORKFLOW',
		'DEPLOYCTL_RESULTS',
		'TRACE',
	]);
	for (const name of ['cypress', 'python pip + pytest', 'node pnpm + Playwright'] as const) {
		for (const step of workflow(name, 'e2e-staging.yml').jobs['e2e']!.steps)
			if (step.name === 'E2E')
				assert.doesNotMatch(JSON.stringify(step), /token|secrets\./i, `${name}: tests get no token`);
	}
	assert.match(run.run!, /^pnpm exec playwright test --shard="\$DEPLOYCTL_SHARD" --reporter="\$reporters"/m);
	assert.ok(
		e2e.jobs['e2e']!.steps.some(
			({with: given}) =>
				given?.['name'] ===
				'deployctl-e2e-staging-${{ matrix.shard }}-of-${{ needs.announce.outputs.total }}-attempt-${{ github.run_attempt }}',
		),
	);
});

test('what was mapped is not written, and everything else knows it by its name', async () => {
	const {proposal} = proposals.get('foreign workflows, a script of its own')!;
	assert.deepEqual(
		workflowsOf(proposal).map(({path}) => path.slice('.github/workflows/'.length)),
		['deploy-staging.yml', 'e2e-staging.yml', 'deploy-production.yml', 'experimental-example.yml'],
	);
	assert.deepEqual(
		workflow('foreign workflows, a script of its own', 'deploy-staging.yml').on['workflow_run'].workflows,
		['CI: all, of it'],
	);
	const parsed = await parseSettings(fileOf(proposal, 'deployctl.yml')!, 'deployctl.yml');
	assert.ok(parsed.ok && parsed.settings.tiers.fast.workflow === 'ci.yml');
	assert.equal(
		proposal.files.some(({path}) => path.startsWith('scripts/')),
		false,
		'its own script is kept',
	);
	assert.match(
		fileOf(proposal, '.github/workflows/deploy-production.yml')!,
		/run: scripts\/deploy\.sh production "\$SHA"\n/,
	);
	assert.ok(proposal.byHand.some(({how}) => how === 'Add hotfix/** to its branches.'));
});

test('mapping is forgotten where everything is to be replaced, and the rivals are named', () => {
	const {proposal, sample} = proposals.get('foreign workflows, a script of its own')!;
	const replaced = propose(proposal.inspection, {...proposal.answers, existing: 'replace'}, sample.mapping!);
	assert.ok(workflowsOf(replaced).some(({path}) => path.endsWith('test-suite.yml')));
	assert.ok(replaced.byHand.some(({what}) => what.includes('ci.yml, ship.yml')));
});

test('a mapped workflow that takes no commit is not started, and somebody is told', () => {
	const {inspection, answers} = proposals.get('node npm')!.proposal;
	const withE2e = (on: object) =>
		propose(
			{
				...inspection,
				workflows: [{file: 'e2e.yml', text: '', parsed: {name: 'E2E', on, jobs: {}}, problem: null}],
			},
			answers,
			{
				tiers: [{tier: 'e2e', workflow: 'e2e.yml', jobs: 'e2e*', because: 'Playwright', advice: []}],
				unmapped: [],
			},
		);
	const deploy = (proposal: Proposal) =>
		readWorkflow(fileOf(proposal, '.github/workflows/deploy-staging.yml')!).jobs['deploy']!;
	const able = withE2e({workflow_dispatch: {inputs: {sha: {required: true}}}});
	assert.match(deploy(able).steps.at(-1)!.run!, /^gh workflow run e2e\.yml /);
	const unable = withE2e({workflow_run: {workflows: ['Deploy']}});
	assert.deepEqual(
		[deploy(unable).steps.at(-1)!.name, deploy(unable).permissions!['actions']],
		['Report the deployment', undefined],
	);
	assert.ok(unable.byHand.some(({what}) => what === 'Let e2e.yml take its commit'));
});

test('what no runner can divide is one shard, and no other is offered', () => {
	for (const name of ['no tests at all', 'foreign workflows, a script of its own'] as const) {
		const {shards} = workflow(name, 'e2e-staging.yml').on['workflow_dispatch'].inputs;
		assert.deepEqual([shards.options, shards.default], [['1'], '1']);
	}
});

test('answers that cannot be are refused', () => {
	const {inspection, answers} = proposals.get('node npm')!.proposal;
	for (const wrong of [
		{staging: 'main'},
		{staging: 'a b'},
		{production: '-x'},
		{production: '$(id)'},
		{shards: 0},
		{shards: 1.5},
		{urls: {staging: 'javascript:alert(1)'}},
		{urls: {staging: 'https://x/${{ secrets.KEY }}'}},
	]) {
		assert.throws(
			() => propose(inspection, {...answers, ...wrong}, noMapping),
			{name: 'Failure', exitCode: 2},
			JSON.stringify(wrong),
		);
	}
});

test('the pages tell of this repository', () => {
	const {proposal} = proposals.get('front end + back end')!;
	assert.match(
		fileOf(proposal, 'docs/deployment/architecture.md')!,
		/\| backend \| `backend` \| lint \| `uv run ruff check \.` \|/,
	);
	assert.match(fileOf(proposal, 'docs/deployment/way-back.md')!, /deployctl init --undo/);
	for (const {path, content} of proposal.files.filter(({group}) => group === 'docs'))
		assert.doesNotMatch(content, /«|»|undefined|\[object/, path);
});
