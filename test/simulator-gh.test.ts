/** The real `gh` takes the simulator for github.com. What is skipped here was not tried: install Debian's gh. */
import assert from 'node:assert/strict';
import {mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, test, type TestContext} from 'node:test';
import {execa, execaSync} from 'execa';
import {logOf} from '../source/simulator/storage/job-log.ts';
import {jobsOfAttempt} from '../source/simulator/model/model.ts';
import type {Scenario} from '../source/simulator/model/scenario.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {startSimulator} from '../source/simulator/server.ts';
import {type GhAnswer, ghToken, realGh, withoutGh} from './helpers/real-gh.ts';
import {provideGh} from './helpers/runner/steps.ts';

type More = {token?: string | null; onRequest?: (path: string, method: string) => void};

const begin = async (t: TestContext, data: string | Scenario, {token = ghToken, onRequest}: More = {}) => {
	const scenario = typeof data === 'string' ? scenarioNamed(data) : data;
	let now = Date.parse(scenario.startsAt);
	const simulator = await startSimulator({
		scenario,
		clock: {now: () => now},
		onRequest: ({path, method}) => onRequest?.(path, method),
	});
	t.after(async () => simulator.close());
	const gh = await realGh(t, simulator, token);
	const {state} = simulator.simulation;
	const move = (seconds: number) => {
		now += seconds * 1000;
		simulator.simulation.advanceTo(now);
	};
	const done = async (...args: string[]) => {
		const answer = await gh.run(args);
		assert.equal(answer.code, 0, `gh ${args.join(' ')}: ${answer.err}`);
		return answer.out;
	};
	const lastRun = (file: string, conclusion?: string) =>
		[...state.runs.values()].findLast(
			run => run.workflow.definition.file === file && (conclusion === undefined || run.conclusion === conclusion),
		)!;
	return {
		simulator,
		state,
		gh,
		move,
		done,
		lastRun,
		// oxlint-disable-next-line typescript/no-explicit-any
		json: async (...args: string[]): Promise<any> => JSON.parse(await done(...args)),
	};
};

const refusedWith = ({code, err}: GhAnswer, words: RegExp) => {
	assert.equal(code, 1, err);
	assert.match(err, words);
};

/** Lines of a log as `gh` prints them: job, step, line. */
const linesOf = (out: string) =>
	out.split('\n').map(line => line.split('\t').slice(2).join('\t').replaceAll('\uFEFF', '').trimEnd());
const plain = (log: string) =>
	log
		.replaceAll('\uFEFF', '')
		.trimEnd()
		.split('\n')
		.map(line => line.trimEnd());

describe('gh', {skip: withoutGh}, () => {
	test('auth status: a token that works, one without all of the scopes that gh wants, and none that works', async t => {
		const {gh} = await begin(t, 'quiet');
		const {err, out} = await gh.run(['auth', 'status']);
		assert.doesNotMatch(err + out, /invalid|timeout/i);
		assert.ok(
			gh.passed.some(({host, path, status}) => host === 'api.github.com' && path === '/' && status === 200),
			JSON.stringify(gh.passed),
		);
		const stranger = await gh.run(['auth', 'status'], {env: {GH_TOKEN: 'sim_nobody'}});
		refusedWith(stranger, /authentication failed|no longer valid|is invalid/);
	});

	test('runs: list, view, jobs, exit status', async t => {
		const {json, gh, state, lastRun, move} = await begin(t, 'red-e2e');
		move(3600);
		const list = await json(
			'run',
			'list',
			'--limit',
			'100',
			'--json',
			'databaseId,status,conclusion,headSha,workflowName,event',
		);
		assert.deepEqual(new Set(list.map((run: {databaseId: number}) => run.databaseId)), new Set(state.runs.keys()));
		const run = lastRun('e2e-staging.yml', 'failure');
		const seen = await json('run', 'view', String(run.id), '--json', 'conclusion,event,headSha,jobs');
		assert.deepEqual([seen.conclusion, seen.event, seen.headSha], ['failure', run.event, run.sha]);
		assert.deepEqual(
			seen.jobs.map((job: {name: string; conclusion: string}) => [job.name, job.conclusion]),
			jobsOfAttempt(run, run.attempts.length).map(job => [job.shown ?? job.name, job.conclusion]),
		);
		const shown = await gh.run(['run', 'view', String(run.id), '--exit-status']);
		assert.deepEqual([shown.code, /X develop E2E staging/.test(shown.out)], [1, true], shown.out + shown.err);
		refusedWith(await gh.run(['run', 'view', '7']), /HTTP 404/);
	});

	test('logs: of a run, of what failed, of one job; without the token where they lie', async t => {
		const {done, gh, state, lastRun, move} = await begin(t, 'red-e2e');
		move(3600);
		const run = lastRun('e2e-staging.yml', 'failure');
		const jobs = jobsOfAttempt(run, run.attempts.length).filter(job => job.conclusion !== 'skipped');
		const whole = linesOf(await done('run', 'view', String(run.id), '--log'));
		assert.deepEqual(whole.toSorted(), jobs.flatMap(job => plain(logOf(state, run, job))).toSorted());
		const red = jobs.find(job => job.conclusion === 'failure')!;
		const failed = await done('run', 'view', String(run.id), '--log-failed');
		const step = red.steps.find(({conclusion}) => conclusion === 'failure')!;
		assert.ok(
			failed.startsWith(`${red.name}\t${step.name}\t`) && linesOf(failed).length < whole.length / 2,
			failed.slice(0, 200),
		);
		assert.deepEqual(
			linesOf(await done('run', 'view', '--job', String(red.id), '--log')),
			plain(logOf(state, run, red)),
		);
		const elsewhere = gh.passed.filter(({host}) => host !== 'api.github.com');
		assert.ok(
			elsewhere.length > 0 &&
				elsewhere.every(
					({host, isAuthorised, status}) => host.startsWith('localhost:') && !isAuthorised && status === 200,
				),
			JSON.stringify(elsewhere),
		);
	});

	test('watch: until the run ends, with its end as exit code', async t => {
		let watched = 0;
		const {gh, move, lastRun} = await begin(t, 'release', {
			onRequest(path) {
				// Time passes with every look.
				if (path.endsWith(`/actions/runs/${watched}`)) move(120);
			},
		});
		const run = lastRun('test-suite.yml');
		assert.equal(run.status, 'in_progress');
		watched = run.id;
		const {code, out, err} = await gh.run(['run', 'watch', String(run.id), '--exit-status', '--interval', '1']);
		assert.deepEqual([code, run.conclusion], [0, 'success'], err);
		assert.match(out, /completed with 'success'/);
	});

	test('rerun: all, what failed, one job; not while it runs, nor of a disabled workflow', async t => {
		const {done, gh, move, lastRun} = await begin(t, 'red-e2e');
		move(3600);
		const run = lastRun('e2e-staging.yml', 'failure');
		await done('run', 'rerun', String(run.id), '--failed');
		move(10);
		assert.deepEqual([run.attempts.length, run.status === 'completed'], [2, false]);
		refusedWith(await gh.run(['run', 'rerun', String(run.id)]), /cannot be rerun/);
		move(3600);
		await done('run', 'rerun', '--job', String(jobsOfAttempt(run, 2)[0]!.id));
		move(3600);
		assert.equal(run.attempts.length, 3);
		await done('workflow', 'disable', 'e2e-staging.yml');
		refusedWith(await gh.run(['run', 'rerun', String(run.id)]), /cannot be rerun/);
		await done('workflow', 'enable', 'e2e-staging.yml');
		await done('run', 'rerun', String(run.id));
	});

	test('cancel: what runs; what has ended is refused', async t => {
		const {done, gh, move, lastRun} = await begin(t, 'release');
		const run = lastRun('test-suite.yml');
		await done('run', 'cancel', String(run.id));
		move(30);
		assert.equal(run.conclusion, 'cancelled');
		refusedWith(await gh.run(['run', 'cancel', String(run.id)]), /completed/);
	});

	test('workflows: list, view, its file, run with inputs, disable, enable', async t => {
		const {done, gh, state, simulator, lastRun} = await begin(t, 'quiet');
		const listed = (await done('workflow', 'list', '--all')).split('\n').map(line => line.split('\t')[0]!);
		assert.deepEqual(listed.toSorted(), state.workflows.map(({definition}) => definition.name).toSorted());
		assert.match(
			await done('workflow', 'view', 'e2e-staging.yml'),
			/E2E staging - e2e-staging\.yml[\s\S]*Total runs \d/,
		);
		assert.match(await done('workflow', 'view', 'e2e-staging.yml', '--yaml'), /^name: E2E staging$/m);
		const sha = simulator.simulation.sha('comments');
		await done('workflow', 'run', 'e2e-staging.yml', '--ref', 'develop', '-f', `sha=${sha}`);
		const run = lastRun('e2e-staging.yml');
		assert.deepEqual(
			[run.event, run.about, run.actor.login, run.status],
			['workflow_dispatch', sha, 'mira-okafor', 'queued'],
		);
		refusedWith(await gh.run(['workflow', 'run', 'e2e-staging.yml', '-f', 'colour=red']), /Unexpected inputs/);
		await done('workflow', 'disable', 'e2e-staging.yml');
		assert.doesNotMatch(await done('workflow', 'list'), /E2E staging/);
		refusedWith(await gh.run(['workflow', 'run', 'e2e-staging.yml']), /disabled/);
		await done('workflow', 'enable', 'e2e-staging.yml');
	});

	test('download: artifacts of a run, by name and all of them, from where they lie', async t => {
		const {done, gh, simulator, lastRun} = await begin(t, 'quiet');
		const {id} = lastRun('test-suite.yml');
		const target = mkdtempSync(join(tmpdir(), 'gh-download-'));
		t.after(() => rmSync(target, {recursive: true, force: true}));
		for (const name of ['coverage', 'results']) {
			assert.equal(
				(
					await fetch(`${simulator.storageUrl}/_artifacts/${id}/${name}?file=${name}.txt`, {
						method: 'POST',
						body: `it is ${name}`,
					})
				).status,
				201,
			);
		}
		await done('run', 'download', String(id), '--name', 'coverage', '--dir', join(target, 'one'));
		await done('run', 'download', String(id), '--dir', join(target, 'all'));
		assert.deepEqual(
			['one/coverage.txt', 'all/coverage/coverage.txt', 'all/results/results.txt'].map(file =>
				readFileSync(join(target, file), 'utf8'),
			),
			['it is coverage', 'it is coverage', 'it is results'],
		);
		assert.ok(
			gh.passed
				.filter(({path}) => path.startsWith('/_artifacts/'))
				.every(({isAuthorised, status}) => !isAuthorised && status === 200),
		);
	});

	test('api --paginate: every page of REST and of GraphQL, each asked with the token', async t => {
		const {done, gh, simulator, state} = await begin(t, 'many-jobs');
		const {runId} = simulator.simulation.truth(state.now).commits[0]!.fast!;
		const ids = (
			await done(
				'api',
				'--paginate',
				`repos/acme/auto-author/actions/runs/${runId}/jobs?per_page=50`,
				'--jq',
				'.jobs[].id',
			)
		).split('\n');
		assert.equal(new Set(ids).size, 130);
		const query =
			'query($endCursor: String) {repository(owner: "acme", name: "auto-author") {refs(refPrefix: "refs/heads/", first: 1, after: $endCursor) {nodes {name} pageInfo {hasNextPage endCursor}}}}';
		const branches = (
			await done(
				'api',
				'--paginate',
				'graphql',
				'-f',
				`query=${query}`,
				'--jq',
				'.data.repository.refs.nodes[].name',
			)
		).split('\n');
		assert.deepEqual(
			branches,
			[...state.refs.keys()]
				.filter(name => name.startsWith('refs/heads/'))
				.map(name => name.slice('refs/heads/'.length))
				.toSorted(),
		);
		assert.ok(
			gh.passed.length === 3 + branches.length &&
				gh.passed.every(
					({host, isAuthorised, status}) => host === 'api.github.com' && isAuthorised && status === 200,
				),
			JSON.stringify(gh.passed),
		);
	});

	test('an Enterprise Server has its API below paths of its own host', async t => {
		const {gh, state} = await begin(t, 'ghes', {token: null});
		const env = {
			GH_HOST: 'github.acme.example',
			GH_REPO: 'github.acme.example/acme/auto-author',
			GH_ENTERPRISE_TOKEN: 'sim_classic',
		};
		const {code, out, err} = await gh.run(
			['api', '--paginate', 'repos/acme/auto-author/actions/runs?per_page=20', '--jq', '.workflow_runs[].id'],
			{env},
		);
		assert.deepEqual([code, out.split('\n').length], [0, state.runs.size], err);
		const list = await gh.run(['pr', 'list'], {env});
		assert.equal(list.code, 0, list.err);
		assert.ok(
			gh.passed.every(({host, path}) => host === 'github.acme.example' && path.startsWith('/api/')),
			JSON.stringify(gh.passed),
		);
	});

	test("without write permission: in GitHub's words", async t => {
		const {gh, lastRun} = await begin(t, 'red-e2e', {token: 'sim_read-only'});
		refusedWith(await gh.run(['workflow', 'run', 'e2e-staging.yml']), /Resource not accessible/);
		refusedWith(await gh.run(['run', 'cancel', String(lastRun('test-suite.yml').id)]), /./);
	});
});

/** A checkout as people have one, so far as `gh` looks at it. */
const checkout = (t: TestContext): string => {
	const folder = mkdtempSync(join(tmpdir(), 'gh-checkout-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	const git = (...args: string[]) =>
		execaSync('git', args, {cwd: folder, env: {GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null'}});
	mkdirSync(folder, {recursive: true});
	git('init', '--quiet', '--initial-branch', 'develop');
	git('remote', 'add', 'origin', 'https://github.com/acme/auto-author.git');
	git('-c', 'user.name=T', '-c', 'user.email=t@example.org', 'commit', '--quiet', '--allow-empty', '-m', 'x');
	git('update-ref', 'refs/remotes/origin/develop', 'HEAD');
	git('config', 'branch.develop.remote', 'origin');
	git('config', 'branch.develop.merge', 'refs/heads/develop');
	return folder;
};

describe('gh pr', {skip: withoutGh}, () => {
	const open = async (t: TestContext, data: string | Scenario) => {
		const bench = await begin(t, data);
		const cwd = checkout(t);
		const run = async (...args: string[]) => bench.gh.run(['pr', ...args], {cwd});
		return {...bench, run};
	};
	const created = ['create', '--head', 'develop', '--base', 'main', '--title', 'Release', '--body', 'Ready'];

	test('create, view, status, checks, list, merge', async t => {
		const {run, state, simulator, move} = await open(t, 'quiet');
		refusedWith(await run('view', '1'), /Could not resolve to a PullRequest with the number of 1/);
		const made = await run(...created);
		assert.equal(made.out, 'https://github.com/acme/auto-author/pull/1', made.err);
		assert.deepEqual(
			state.pulls.map(({title, body, head, base, author}) => [title, body, head, base, author.login]),
			[['Release', 'Ready', 'develop', 'main', 'mira-okafor']],
		);
		refusedWith(await run(...created), /already exists/);
		move(5);
		const seen = JSON.parse((await run('view', '--json', 'number,state,mergeable,headRefOid')).out) as {
			number: number;
			state: string;
			mergeable: string;
			headRefOid: string;
		};
		assert.deepEqual(
			[seen.number, seen.state, seen.mergeable, seen.headRefOid],
			[1, 'OPEN', 'MERGEABLE', simulator.simulation.sha('comments')],
		);
		assert.match(
			(await run('status')).out,
			/#1 {2}Release \[develop\]\s+✓ Checks passing[\s\S]*Created by you\s+#1/,
		);
		const checks = await run('checks', '1');
		assert.deepEqual(
			[checks.code, /^lint\tpass\t/m.test(checks.out), /^deployctl\/e2e-staging\tpass\t/m.test(checks.out)],
			[0, true, true],
			checks.err,
		);
		assert.match((await run('list')).out, /^1\tRelease\tdevelop\tOPEN/);
		const merged = await run('merge', '1', '--merge');
		assert.deepEqual(
			[merged.code, state.pulls[0]!.state, state.refs.get('refs/heads/main')],
			[0, 'MERGED', state.pulls[0]!.mergeSha],
			merged.err,
		);
		assert.equal((await run('list')).out, '');
	});

	test('checks that are red or missing; a merge that rules forbid', async t => {
		const quiet = scenarioNamed('quiet');
		const {run, state, move} = await open(t, {
			...quiet,
			rules: [{branch: 'main', pullRequest: {approvals: 1}, statusChecks: ['lint', 'qa']}],
		});
		await run(...created);
		move(5);
		const required = await run('checks', '1', '--required');
		assert.deepEqual(
			required.out.split('\n').map(line => line.split('\t')[0]),
			['lint'],
			required.err,
		);
		refusedWith(await run('merge', '1', '--merge'), /not mergeable/);
		assert.equal(state.pulls[0]!.state, 'OPEN');
	});

	test('a branch with a merge queue: merging puts it into the queue', async t => {
		const {run, state, move} = await open(t, 'queue');
		await run(...created);
		move(300);
		const merged = await run('merge', '1');
		assert.equal(merged.code, 0, merged.err);
		assert.notEqual(state.pulls.at(-1)!.entry, null);
	});
});

describe('the stand-in for gh in workflows', {skip: withoutGh}, () => {
	const root = 'repos/acme/auto-author';
	/** As the templates ask; `SHA` and `ID` are put in. */
	const asked: ReadonlyArray<readonly string[]> = [
		['api', `${root}/deployments?environment=staging&per_page=20`, '--jq', '.[].id'],
		['api', `${root}/deployments/ID`, '--jq', '.sha'],
		['api', `${root}/deployments/ID/statuses?per_page=1`, '--jq', '.[0].state'],
		['api', `${root}/git/matching-refs/heads/`, '--jq', '.[].ref'],
		['api', `${root}/compare/main...SHA`, '--jq', '.status'],
		[
			'api',
			'-X',
			'GET',
			`${root}/actions/workflows/test-suite.yml/runs`,
			'-f',
			'branch=develop',
			'-f',
			'event=push',
			'-f',
			'status=success',
			'-F',
			'per_page=30',
			'--jq',
			'.workflow_runs[].head_sha',
		],
		['api', `${root}/statuses/SHA`, '-f', 'context=seen', '-f', 'state=success', '--silent'],
		['api', `${root}/statuses/SHA`, '-f', 'state=success', '--jq', '.context'],
		['api', `${root}/deployments/ID/statuses`, '-f', 'state=in_progress', '--silent'],
		['workflow', 'run', 'e2e-staging.yml', '--repo', 'acme/auto-author', '--ref', 'develop', '-f', 'sha=SHA'],
		['api', `${root}/statuses/${'f'.repeat(40)}`, '-f', 'state=success', '--silent'],
		['api', `${root}/deployments/7`, '--jq', '.sha'],
		['api', `${root}/compare/main...nowhere`, '--jq', '.status'],
	];

	test('says, does and ends as the real one does', async t => {
		const ends = async (isReal: boolean) => {
			const {simulator, gh, state} = await begin(t, 'quiet');
			const folder = mkdtempSync(join(tmpdir(), 'gh-shim-'));
			t.after(() => rmSync(folder, {recursive: true, force: true}));
			provideGh(folder);
			const names = {
				SHA: state.refs.get('refs/heads/develop')!,
				ID: String([...state.deployments.values()].find(({environment}) => environment === 'staging')!.id),
			};
			const answers: unknown[] = [];
			for (const args of asked) {
				const filled = args.map(word => word.replace(/SHA|ID/, name => names[name as keyof typeof names]));
				const {code, out} = isReal ? await gh.run(filled) : await shim(folder, simulator.restUrl, filled);
				// Of a refused request, only that it was.
				answers.push([args.join(' '), code, code === 0 ? out : '']);
			}
			const {statuses, deployments, runs} = state;
			return {
				answers,
				statuses: statuses.get(names.SHA)!.map(({context, state: word}) => `${context} ${word}`),
				deployed: deployments.get(Number(names.ID))!.statuses.map(one => one.state),
				runs: [...runs.values()].map(run => `${run.event} ${run.about}`),
			};
		};
		const [ours, real] = await Promise.all([ends(false), ends(true)]);
		assert.deepEqual(ours, real);
	});
});

const shim = async (folder: string, api: string, args: readonly string[]) => {
	const {exitCode, stdout} = await execa(join(folder, 'gh'), args, {
		env: {GH_TOKEN: 'sim_classic', GITHUB_API_URL: api, GITHUB_REPOSITORY: 'acme/auto-author'},
		reject: false,
		input: '',
	});
	return {code: exitCode ?? -1, out: stdout};
};
