/**
The workflow that deploys production: what it may do, what it trusts, and its steps as GitHub runs them, in bash, against small fakes of
deployctl, gh and the repository's script.
*/
import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, readdirSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {delimiter, dirname, join} from 'node:path';
import {test, type TestContext} from 'node:test';
import {fileURLToPath} from 'node:url';
import {execa} from 'execa';
import {parseDocument} from 'yaml';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {stagingWordsOf} from '../source/core/pipeline/staging-words.ts';
import {job} from './helpers/facts.ts';

type Step = {
	name?: string;
	id?: string;
	uses?: string;
	run?: string;
	if?: string;
	shell?: string;
	env?: Record<string, string>;
	with?: Record<string, string | boolean | number>;
};
type Job = {
	needs?: string | string[];
	environment?: unknown;
	permissions?: Record<string, string>;
	env?: Record<string, string>;
	outputs?: Record<string, string>;
	steps: Step[];
};
type Workflow = {
	'run-name': string;
	on: Record<string, unknown>;
	permissions: unknown;
	concurrency: unknown;
	env: Record<string, string>;
	jobs: Record<string, Job>;
};

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
const text = read(`source/templates/workflows/${defaultSettings.promotion.workflow}`);
const document = parseDocument(text);
const workflow = document.toJS() as Workflow;
const {gate, deploy} = workflow.jobs;
const steps = [...gate!.steps, ...deploy!.steps];
const stepNamed = (name: string) => steps.find(step => step.name === name) ?? assert.fail(`no step ${name}`);
const gateStep = gate!.steps.find(({id}) => id === 'gate') ?? assert.fail('no step gate');

const sha = '3f2a9c1e3f2a9c1e3f2a9c1e3f2a9c1e3f2a9c1e';
const other = '1a2b3c4d1a2b3c4d1a2b3c4d1a2b3c4d1a2b3c4d';
const runUrl = 'https://github.com/acme/app/actions/runs/4711/attempts/2';
const token = 'ghs_secret';

/** A folder with fakes on the PATH. Each notes how it was called, one JSON list a line. */
const stage = (t: TestContext) => {
	const folder = mkdtempSync(join(tmpdir(), 'deployctl-workflow-'));
	t.after(() => rmSync(folder, {recursive: true, force: true}));
	const bin = join(folder, 'bin');
	mkdirSync(bin);
	const [summary, output, calls] = ['summary', 'output', 'calls'].map(name => join(folder, name)) as [
		string,
		string,
		string,
	];
	for (const file of [summary, output, calls]) writeFileSync(file, '');
	const fake = (path: string, body: string) => {
		const note = `require('node:fs').appendFileSync(${JSON.stringify(calls)}, JSON.stringify(process.argv.slice(2)) + '\\n');`;
		writeFileSync(path, `#!${process.execPath}\n${note}\n${body}\n`);
		chmodSync(path, 0o755);
	};
	/** As GitHub runs `shell: bash`. */
	const run = async (script: string, env: Readonly<Record<string, string>> = {}) => {
		const file = join(folder, 'step.sh');
		writeFileSync(file, script);
		const {exitCode, stdout, stderr} = await execa('bash', ['--noprofile', '--norc', '-eo', 'pipefail', file], {
			cwd: folder,
			reject: false,
			extendEnv: false,
			env: {
				PATH: [bin, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
				HOME: folder,
				TMPDIR: folder,
				SHA: sha,
				RUN: runUrl,
				GITHUB_REPOSITORY: 'acme/app',
				GITHUB_RUN_ID: '4711',
				GITHUB_RUN_ATTEMPT: '2',
				GITHUB_STEP_SUMMARY: summary,
				GITHUB_OUTPUT: output,
				...env,
			},
		});
		return {
			exitCode,
			stdout,
			stderr,
			summary: readFileSync(summary, 'utf8'),
			output: readFileSync(output, 'utf8'),
			calls: readFileSync(calls, 'utf8')
				.trim()
				.split('\n')
				.filter(Boolean)
				.map(line => JSON.parse(line) as string[]),
		};
	};
	return {folder, bin, fake, run};
};

const withoutComments = text
	.split('\n')
	.filter(line => !/^\s*#/.test(line))
	.join('\n');

test('it starts by a push to the production branch or by a named commit, one at a time, and names its commit', () => {
	assert.deepEqual(document.errors, []);
	assert.deepEqual(workflow.on, {
		push: {branches: [defaultSettings.branches.production]},
		workflow_dispatch: {
			inputs: {sha: {description: 'The commit to deploy, 40 digits', required: true, type: 'string'}},
		},
	});
	assert.deepEqual(workflow.concurrency, {group: 'deploy-production', 'cancel-in-progress': false, queue: 'max'});
	assert.equal(workflow['run-name'], `Deploy ${workflow.env['SHA']} to production`);
	assert.equal(workflow.env['SHA'], '${{ inputs.sha || github.sha }}');
	assert.match(
		workflow.env['RUN']!,
		/\/actions\/runs\/\$\{\{ github\.run_id \}\}\/attempts\/\$\{\{ github\.run_attempt \}\}$/,
	);
});

test('the gate may only look, the deployment may only deploy and report, and the environment holds it', () => {
	assert.deepEqual(workflow.permissions, {});
	assert.ok(Object.values(gate!.permissions!).every(level => level === 'read'));
	assert.deepEqual(Object.keys(gate!.permissions!), [
		'actions',
		'checks',
		'contents',
		'deployments',
		'pull-requests',
		'statuses',
	]);
	assert.deepEqual(deploy!.permissions, {contents: 'read', deployments: 'write', statuses: 'write'});
	assert.deepEqual([gate!.environment, deploy!.needs, deploy!.environment], [undefined, 'gate', 'production']);
	assert.deepEqual(Object.keys(workflow.jobs), ['gate', 'deploy']);
});

test('actions are pinned by commit, with their version beside them, and leave no token behind', () => {
	const used = [...withoutComments.matchAll(/\buses: (\S+)(.*)/g)].map(([, action, rest]) => ({
		action: action!,
		rest: rest!,
	}));
	assert.equal(used.length, steps.filter(({uses}) => uses !== undefined).length);
	for (const {action, rest} of used) {
		assert.match(action, /^actions\/(?:checkout|setup-node)@[0-9a-f]{40}$/);
		assert.match(rest, /^ # v\d+\.\d+\.\d+$/);
	}
	for (const step of steps.filter(({uses}) => uses?.startsWith('actions/checkout')))
		assert.equal(step.with?.['persist-credentials'], false);
	// The rules come from the branch, the code from the commit.
	assert.deepEqual(
		[gate!.steps[0]!.with?.['ref'], deploy!.steps.find(({uses}) => uses !== undefined)!.with?.['ref']],
		[undefined, '${{ env.SHA }}'],
	);
});

test('scripts get everything as variables: no expression, no secret in their text, no token but where it is needed', async t => {
	const {run} = stage(t);
	for (const {run: script, name = '', env = {}, shell} of steps.filter(each => each.run !== undefined)) {
		assert.doesNotMatch(script!, /\$\{\{|TOKEN|secrets/, name);
		assert.equal(shell, 'bash', name);
		assert.equal((await run(`bash -n <<'SCRIPT'\n${script!}\nSCRIPT\n`)).exitCode, 0, name);
		for (const [variable, value] of Object.entries(env)) {
			assert.doesNotMatch(value, /github\.event|inputs\./, name);
			assert.equal(variable.endsWith('TOKEN'), value === '${{ github.token }}', name);
		}
	}
	for (const env of [workflow.env, gate!.env ?? {}, deploy!.env ?? {}, stepNamed('Deploy').env ?? {}])
		assert.ok(!Object.keys(env).some(name => name.endsWith('TOKEN')));
});

const condition = (id: string, met: boolean | 'unknown', because: string, next?: string) => ({
	id,
	met,
	because,
	...(next && {next}),
});
const report = (open: boolean, ...conditions: ReadonlyArray<ReturnType<typeof condition>>) =>
	JSON.stringify({schemaVersion: 1, sha, environment: 'production', open, conditions});
const openReport = report(true, condition('fast-green', true, 'Fast tests passed (run 12)'));
const shutReport = report(
	false,
	condition('fast-green', true, 'Fast tests passed (run 12)'),
	condition('e2e-green', false, 'E2E: <img src=x> | `50%`\n\nfailed', 'Run it again.'),
	condition('unlocked', 'unknown', 'lock: not read'),
);

/** The gate's step with a deployctl that prints this and ends so. */
const ask = async (
	t: TestContext,
	{
		answer,
		exitCode = 0,
		errors = '',
		env = {},
	}: {answer: string; exitCode?: number; errors?: string; env?: Record<string, string>},
) => {
	const {folder, fake, run} = stage(t);
	const program = join(folder, 'deployctl-fake');
	fake(
		program,
		`process.stderr.write(${JSON.stringify(errors)}); process.stdout.write(${JSON.stringify(answer)}); process.exitCode = ${exitCode};`,
	);
	return run(gateStep.run!, {GITHUB_TOKEN: token, DEPLOYCTL: `${process.execPath} ${program}`, ...env});
};

test('an open gate passes, is asked for exactly this commit, and says when', async t => {
	const {exitCode, stdout, summary, output, calls} = await ask(t, {answer: openReport});
	assert.equal(exitCode, 0, stdout);
	assert.deepEqual(calls, [['gate', '--landed', '--sha', sha, '--json']]);
	assert.match(output, /^asked=2 \d{10}\n$/);
	assert.match(summary, /^## Production gate for 3f2a9c1 is open\n/);
	assert.match(summary, /<td>met<\/td><td>fast-green<\/td><td>Fast tests passed \(run 12\)<\/td>/);
	assert.ok(summary.includes('&#34;schemaVersion&#34;: 1'), summary);
});

test('a shut gate fails the job with 3, and every reason is readable and only text', async t => {
	const {exitCode, stdout, summary, output} = await ask(t, {answer: shutReport, exitCode: 3});
	assert.equal(exitCode, 3);
	assert.equal(output, '');
	assert.match(summary, /^## Production gate for 3f2a9c1 is shut\n/);
	assert.match(
		summary,
		/<b>NOT met<\/b><\/td><td>e2e-green<\/td><td>E2E: &#60;img src=x&#62; \| `50%` failed<br>Run it again\.<\/td>/,
	);
	assert.match(summary, /<b>unknown<\/b><\/td><td>unlocked/);
	assert.doesNotMatch(summary, /<img/);
	assert.match(stdout, /^::error title=Production gate::Production gate for 3f2a9c1 is shut: E2E: .*50%25/m);
});

test('a broken glass, a hotfix and the commit that was tested are said', async t => {
	const answer = JSON.stringify({
		...(JSON.parse(shutReport) as object),
		open: true,
		sha: other,
		hotfix: 'hotfix/login',
		breakGlass: {reason: 'users <cannot> log in', by: 'mona'},
	});
	const {exitCode, summary} = await ask(t, {answer});
	assert.equal(exitCode, 0);
	assert.match(
		summary,
		/is open\n\n<p><b>The glass was broken<\/b> by mona: users &#60;cannot&#62; log in<\/p>\n\n<p>A hotfix, from hotfix\/login<\/p>\n\n<p>Tested as 1a2b3c4d/,
	);
	assert.match(summary, /<b>NOT met<\/b>/);
});

test("without an answer the job fails with the program's code, and its words are in the summary", async t => {
	const {exitCode, summary, stderr} = await ask(t, {
		answer: '',
		exitCode: 5,
		errors: 'GitHub cannot be reached: <connect> ECONNREFUSED\n',
	});
	assert.equal(exitCode, 5);
	assert.match(summary, /^## Production gate for 3f2a9c1 could not be read: GitHub cannot be reached\n/);
	assert.match(summary, /<pre>GitHub cannot be reached: &#60;connect&#62; ECONNREFUSED<\/pre>/);
	assert.match(stderr, /ECONNREFUSED/);
	for (const [code, words] of [
		[4, 'not permitted'],
		[2, 'exit code 2'],
		[70, 'exit code 70'],
	] as const) {
		const result = await ask(t, {answer: '', exitCode: code});
		assert.equal(result.exitCode, code);
		assert.ok(result.summary.split('\n')[0]!.includes(words), result.summary);
	}
});

test('whatever is no open gate fails the job, also with exit code 0', async t => {
	for (const answer of [
		'',
		'garbage',
		'null',
		'[]',
		'{}',
		'{"open":true}',
		'{"open":true,"conditions":[null]}',
		'{"open":"true","conditions":[{}]}',
		shutReport,
		`${openReport}${openReport}`,
	]) {
		const {exitCode, summary, output} = await ask(t, {answer});
		assert.equal(exitCode, 1, answer);
		assert.equal(output, '');
		assert.match(summary, /^## Production gate for 3f2a9c1 gave no answer that can be read\n/, answer);
	}
	assert.equal((await ask(t, {answer: openReport, exitCode: 3})).exitCode, 3, 'the exit code has the last word');
});

test('a commit that is not named in full, or a program that is not there, fails the job', async t => {
	for (const wrong of ['', '3f2a9c1', '--help', `${sha}; id`, `${sha}\n`, sha.toUpperCase(), 'main']) {
		const {exitCode, calls, summary} = await ask(t, {answer: openReport, env: {SHA: wrong}});
		assert.deepEqual([exitCode, calls], [2, []], wrong);
		assert.match(summary, /was not asked/);
	}
	assert.equal((await ask(t, {answer: openReport, env: {DEPLOYCTL: '/nowhere/deployctl'}})).exitCode, 127);
});

test('without DEPLOYCTL only the file that the step names by its digest is started, and nothing else', async t => {
	const path = '.github/deployctl/gate.mjs';
	const program = (folder: string) =>
		`require('node:fs').appendFileSync(${JSON.stringify(join(folder, 'calls'))}, JSON.stringify(process.argv.slice(2)) + '\\n'); process.stdout.write(${JSON.stringify(openReport)});`;
	const started = async (content: (right: string) => string | null, digest: (right: string) => string) => {
		const {folder, bin, fake, run} = stage(t);
		for (const name of ['npx', 'npm', 'deployctl']) fake(join(bin, name), '');
		// Written as CommonJS would be: `import` is not what is tried here.
		const right = `import {createRequire} from 'node:module'; const require = createRequire(import.meta.url); ${program(folder)}`;
		mkdirSync(join(folder, dirname(path)), {recursive: true});
		const lying = content(right);
		if (lying !== null) writeFileSync(join(folder, path), lying);
		return run(gateStep.run!, {
			GITHUB_TOKEN: token,
			GATE_SHA256: digest(createHash('sha256').update(right).digest('hex')),
		});
	};
	const as = (text: string) => text;
	const control = await started(as, as);
	assert.deepEqual(
		[control.exitCode, control.calls],
		[0, [['gate', '--landed', '--sha', sha, '--json']]],
		control.stderr,
	);
	const wrongs: ReadonlyArray<[string, Parameters<typeof started>]> = [
		['it is not there', [() => null, as]],
		['a byte more', [right => `${right}\n`, as]],
		['empty', [() => '', as]],
		["the template's own", [as, () => '0'.repeat(64)]],
		['no digest', [as, () => '']],
		['half a digest', [as, right => right.slice(0, 32)]],
		['a digest and more', [as, right => `${right}  /dev/null\n${right}`]],
	];
	for (const [name, [content, digest]] of wrongs) {
		const {exitCode, calls, summary} = await started(content, digest);
		assert.deepEqual([exitCode, calls], [2, []], name);
		assert.match(
			summary,
			/was not asked: \.github\/deployctl\/gate\.mjs is not the file that GATE_SHA256 in this workflow names/,
			name,
		);
	}
	assert.equal(gateStep.env?.['GATE_SHA256'], '0'.repeat(64), 'the template names no file: init does');
});

test('no generated workflow fetches a program by its name', () => {
	const folder = new URL('../source/templates/workflows/', import.meta.url);
	const texts = readdirSync(folder, {recursive: true, encoding: 'utf8'})
		.filter(file => /\.(?:yml|sh)$/.test(file))
		.map(file => readFileSync(new URL(file, folder), 'utf8'));
	for (const each of [
		...texts,
		readFileSync(new URL('../source/init/propose/e2e-steps.ts', import.meta.url), 'utf8'),
	]) {
		assert.doesNotMatch(each, /npx (?:--yes|-y)|deployctl@|\b(?:pnpm|yarn) dlx\b|\bbunx\b|npm exec /);
	}
});

test('an answer of an earlier attempt, or an old one, deploys nothing', async t => {
	const {run: script, env} = deploy!.steps[0]!;
	assert.deepEqual(env, {ASKED: '${{ needs.gate.outputs.asked }}'});
	assert.deepEqual(gate!.outputs, {asked: '${{ steps.gate.outputs.asked }}'});
	const {run} = stage(t);
	const now = Math.floor(Date.now() / 1000);
	const codes = await Promise.all(
		[`2 ${now - 60}`, `1 ${now - 60}`, `2 ${now - 4000}`, ''].map(
			async ASKED => (await stage(t).run(script!, {ASKED})).exitCode,
		),
	);
	assert.deepEqual(codes, [0, 1, 1, 1]);
	assert.match((await run(script!, {ASKED: '1 1'})).stdout, /^::error .*Re-run all jobs/);
});

/** A gh that answers a new deployment with its id, and keeps what it is given on its standard input. */
const gh = (bin: string, fake: ReturnType<typeof stage>['fake'], refuses = '') =>
	fake(
		join(bin, 'gh'),
		`
const args = process.argv.slice(2);
if (args.includes('--input')) require('node:fs').writeFileSync('body.json', require('node:fs').readFileSync(0));
if (args.includes('--jq')) console.log(81);
if (${JSON.stringify(refuses)} !== '' && args[1].includes(${JSON.stringify(refuses)})) process.exitCode = 1;`,
	);
const fieldsOf = (call: readonly string[]) =>
	Object.fromEntries(
		call.flatMap((word, index) => (word === '-f' ? [call[index + 1]!.split(/=(.*)/s) as [string, string]] : [])),
	);

test('the deployment is announced and reported as the contract says, the run and its attempt with it', async t => {
	const {folder, bin, fake, run} = stage(t);
	gh(bin, fake);
	const announced = await run(stepNamed('Announce the deployment').run!, {GH_TOKEN: token});
	assert.equal(announced.exitCode, 0, announced.stderr);
	const [pending, , progress] = announced.calls;
	assert.equal(pending![1], `repos/acme/app/statuses/${sha}`);
	assert.deepEqual(fieldsOf(pending!), {
		context: 'deployctl/deploy-production',
		state: 'pending',
		target_url: runUrl,
		description: 'deploying to production',
	});
	assert.deepEqual(JSON.parse(readFileSync(join(folder, 'body.json'), 'utf8')), {
		ref: sha,
		environment: 'production',
		auto_merge: false,
		required_contexts: [],
		payload: {deployctl: 1, sha, run_id: 4711, run_attempt: 2},
	});
	assert.deepEqual(
		[progress![1], fieldsOf(progress!)],
		['repos/acme/app/deployments/81/statuses', {state: 'in_progress', log_url: runUrl}],
	);
	assert.equal(announced.output, 'deployment=81\n');
	const reported = await run(stepNamed('Report the deployment').run!, {
		GH_TOKEN: token,
		DEPLOYMENT: '81',
		STATE: 'failure',
	});
	assert.deepEqual(
		reported.calls.slice(3).map(call => [call[1], fieldsOf(call)['state']]),
		[
			[`repos/acme/app/statuses/${sha}`, 'failure'],
			['repos/acme/app/deployments/81/statuses', 'failure'],
		],
	);
	assert.equal(stepNamed('Report the deployment').if, 'always()');
	assert.ok(!JSON.stringify(reported.calls).includes(token));
});

test('what cannot be reported fails the job, and the rest is reported all the same', async t => {
	const {bin, fake, run} = stage(t);
	gh(bin, fake, '/statuses/3f2a9c1e');
	const {exitCode, calls} = await run(stepNamed('Report the deployment').run!, {DEPLOYMENT: '81', STATE: 'success'});
	assert.deepEqual([exitCode, calls.length], [1, 2]);
	assert.equal(
		(
			await stage(t).run(stepNamed('Report the deployment').run!.replaceAll('gh api', 'true'), {
				DEPLOYMENT: '',
				STATE: 'failure',
			})
		).exitCode,
		0,
	);
});

test('the script of the repository gets environment, commit and a run of its own', async t => {
	const {folder, fake, run} = stage(t);
	mkdirSync(join(folder, 'scripts'));
	fake(join(folder, 'scripts/deploy.sh'), '');
	const {exitCode, calls} = await run(stepNamed('Deploy').run!);
	assert.deepEqual([exitCode, calls], [0, [['--env', 'production', '--sha', sha, '--run', 'gh-4711-2']]]);
});

test('docs/correlation.md: the lines for the staging report make the name that the gate reads', async t => {
	const [, block] =
		/### The staging report[\s\S]*?```yaml\n([\s\S]*?)```/.exec(read('docs/correlation.md')) ??
		assert.fail('no lines');
	const {jobs} = parseDocument(block!).toJS() as {
		jobs: Record<'announce' | 'after' | 'report', Job & {name?: string}>;
	};
	const asked = async (job: Job, answer: string | null): Promise<string> => {
		const {bin, run} = stage(t);
		writeFileSync(
			join(bin, 'curl'),
			answer === null ? '#!/bin/sh\nexit 22\n' : `#!/bin/sh\ncat <<'ANSWER'\n${answer}\nANSWER\n`,
			{mode: 0o755},
		);
		const {exitCode, stderr, output} = await run(job.steps[0]!.run!, {
			VERSION_URL: 'https://dev.example.org/version',
		});
		assert.equal(exitCode, 0, stderr);
		return output.trim().split('=')[1]!;
	};
	/** As GitHub fills it in, from what the jobs put out. */
	const nameFor = async (before: string | null, after: string | null) => {
		const [first, last] = [await asked(jobs.announce, before), await asked(jobs.after, after)];
		return jobs.report
			.name!.replace(/\$\{\{ needs\.announce\.outputs\.before \|\| 'unknown' \}\}/, first)
			.replace(/\$\{\{ needs\.after\.outputs\.after \|\| 'unknown' \}\}/, last);
	};
	const wordsFor = async (before: string | null, after: string | null) =>
		stagingWordsOf([job(1, {name: await nameFor(before, after)})]);
	assert.deepEqual(
		[jobs.announce.outputs, jobs.report.needs],
		[{before: '${{ steps.staging.outputs.before }}'}, ['announce', 'e2e', 'after']],
	);
	assert.deepEqual(await wordsFor(`{"version": "1.2.3", "sha": "${sha}"}`, other), {before: sha, after: other});
	assert.deepEqual(await wordsFor(sha, null), {before: sha, after: null});
	assert.deepEqual(await wordsFor(null, null), {before: null, after: null});
});
