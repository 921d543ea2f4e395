/** `deployctl promote`, `sign-off` and `gate` as programs and scripts use them: the built program, its supervisor and its promoter, against the simulator. */
import assert from 'node:assert/strict';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {dirname, join} from 'node:path';
import {suite, test, type TestContext} from 'node:test';
import {execa} from 'execa';
import {parse} from 'yaml';
import {gatePath} from '../source/init/propose/gate-file.ts';
import {inspect} from '../source/init/inspect/inspect.ts';
import {defaultAnswers, propose} from '../source/init/propose/propose.ts';
import {run, simulated} from './helpers/program.ts';
import {layOut, noMapping, samples} from './helpers/sample-repositories.ts';

type Condition = {id: string; met: boolean | 'unknown'; because: string; next?: string};

const stage = async (t: TestContext, scenario: string, {speed = 1, yml = ''} = {}) => {
	const {home, env, simulator} = await simulated(scenario, t, speed);
	const {state} = simulator.simulation;
	const production = createServer((request, response) =>
		response
			.writeHead(200)
			.end(request.url === '/version' ? JSON.stringify({sha: state.live.get('production')}) : 'ok'),
	).listen(0, '127.0.0.1');
	production.keepAliveTimeout = 75_000;
	await new Promise<void>(resolve => {
		production.once('listening', resolve);
	});
	t.after(() => production.close());
	const checkout = join(home, 'checkout');
	mkdirSync(join(checkout, '.git'), {recursive: true});
	const base = `http://127.0.0.1:${(production.address() as AddressInfo).port}`;
	writeFileSync(
		join(checkout, 'deployctl.yml'),
		`environments: {production: {health: ["${base}/health"], version: "${base}/version"}}\npromotion:\n  soak: 0s\n${yml}`,
	);
	return {
		simulator,
		state,
		env,
		checkout,
		home,
		head: (branch: string) => state.refs.get(`refs/heads/${branch}`)!,
		call: (...args: readonly string[]) => run(args, {env, cwd: checkout}),
	};
};

suite('promote, sign-off, gate', {concurrency: 3}, () => {
	test("a dry run says whether it could go, and why not, with the gate's exit code; nothing is done", async t => {
		const {call, head, state} = await stage(t, 'quiet');
		const main = head('main');
		const open = await call('promote', '--dry-run', '--json');
		const {plan} = JSON.parse(open.stdout) as {
			plan: {
				sha: string;
				phrase: string;
				blocked: null;
				promotion: {strategy: string; conditions: Condition[]; staying: unknown[]};
			};
		};
		assert.deepEqual(
			[open.exitCode, plan.sha, plan.phrase, plan.promotion.strategy, plan.promotion.conditions.length],
			[0, head('develop'), `production ${head('develop').slice(0, 7)}`, 'fast-forward', 11],
			open.stderr,
		);
		const older = [...state.commits.values()].find(({message}) => message.startsWith('Toolbar wraps'))!.sha;
		const red = await call('promote', '--sha', older.slice(0, 8), '--dry-run');
		assert.equal(red.exitCode, 3, red.stderr);
		assert.match(red.stderr, /the gate is blocked for [0-9a-f]{7}: .+\n.+/);
		const foreign = await call('promote', '--sha', '0123456789'.repeat(4), '--dry-run');
		assert.deepEqual(
			[foreign.exitCode, foreign.stderr.split('\n')[0]],
			[2, 'deployctl: GitHub does not know 0123456 here.'],
		);
		assert.match(foreign.stdout, /^Promote an unknown commit to production\n/);
		assert.equal(head('main'), main);
	});

	test('promoted without a terminal: only with the phrase; then followed to what production reports', async t => {
		const {call, head, state} = await stage(t, 'quiet', {speed: 120});
		const sha = head('develop');
		for (const flags of [[], ['--yes'], ['--yes', '--confirm', 'production 0000000'], ['--wait', '--detach']]) {
			const refused = await call('promote', '--sha', sha, ...flags);
			assert.ok(refused.exitCode === 3 || refused.exitCode === 2, refused.stderr);
		}
		assert.notEqual(head('main'), sha);
		const done = await call(
			'promote',
			'--sha',
			sha,
			'--yes',
			'--confirm',
			`production ${sha.slice(0, 7)}`,
			'--wait',
		);
		assert.equal(done.exitCode, 0, done.stderr + done.stdout);
		assert.deepEqual([head('main'), state.live.get('production')], [sha, sha]);
		assert.match(done.stdout, /gate .*every condition is met/);
		const listed = await call('operations', '--json');
		assert.match(listed.stdout, /"kind": "promote"/);
		const log = await call('logs', /"id": "([^"]+-promote-[^"]+)"/.exec(listed.stdout)![1]!);
		const times = [...log.stdout.matchAll(/^deployctl\/1 \S+ \+([\d.]+) /gm)].map(([, seconds]) => Number(seconds));
		assert.ok(
			times.length > 8 && times.every((seconds, index) => seconds >= (times[index - 1] ?? 0)),
			`one clock for all lines, up to the end: ${times.join(' ')}`,
		);
		const again = await call('promote', '--sha', sha, '--yes', '--confirm', `production ${sha.slice(0, 7)}`);
		assert.equal(again.exitCode, 3);
	});

	test('sign-off: known names only, asks, shows in the gate, is taken back', async t => {
		const {call, head} = await stage(t, 'quiet', {yml: '  signOffs: [qa]\n'});
		const sha = head('develop');
		assert.equal((await call('gate')).exitCode, 3);
		assert.match((await call('sign-off', 'q4', '--yes')).stderr, /no sign-off "q4"\. There is qa/);
		assert.equal((await call('sign-off', 'qa')).exitCode, 3, 'nobody to ask');
		const signed = await call('sign-off', 'qa', '--yes', '-m', 'tried the toolbar', '--json');
		assert.deepEqual(
			[signed.exitCode, JSON.parse(signed.stdout)],
			[0, {schemaVersion: 1, signOff: {name: 'qa', sha, given: true}, done: true}],
			signed.stderr,
		);
		const open = await call('gate', '--json');
		const report = JSON.parse(open.stdout) as {conditions: Array<Condition & {proof?: {by: string; text: string}}>};
		assert.deepEqual(
			[open.exitCode, report.conditions.find(({id}) => id === 'sign-offs')?.proof?.text],
			[0, 'qa: tried the toolbar'],
		);
		assert.equal((await call('sign-off', 'qa', '--withdraw', '--yes')).exitCode, 0);
		assert.equal((await call('gate')).exitCode, 3);
	});

	test('every refusal is one sentence with a way out', async t => {
		const {call, env, checkout} = await stage(t, 'quiet');
		for (const args of [
			['promote', '--sha', 'ffffffff'],
			['promote', '--hotfix', 'nothing'],
			['promote', '--break-glass', 'no need'],
			['gate', '--sha', 'ffffffff'],
			['gate', '--landed'],
			['gate', '--landed', '--sha', 'f'.repeat(40)],
			['sign-off', 'qa'],
		]) {
			const {stderr, exitCode} = await call(...args);
			assert.ok([2, 3].includes(exitCode ?? 0), `${args.join(' ')}: ${exitCode} ${stderr}`);
			const [what = '', next = ''] = stderr.trim().split('\n');
			assert.ok(what.length > 15 && what.length < 400 && next.trim().length > 5, stderr);
		}
		const foreign = await run(['gate'], {env: {...env, GH_TOKEN: 'sim_nobody'}, cwd: checkout});
		assert.equal(foreign.exitCode, 4, foreign.stderr);
	});

	test('the gate as the first step of the generated workflow: the step itself, by bash, with the real program, as GitHub runs it', async t => {
		const {env, checkout, home, head, simulator, call} = await stage(t, 'quiet');
		// A repository without Node.js, as init leaves it: the file, and the workflow that names it.
		const inspection = await inspect(layOut(t, samples['python uv']));
		const {files} = propose(inspection, defaultAnswers(inspection), noMapping);
		const content = (path: string) => files.find(file => file.path === path)?.content ?? assert.fail(path);
		const {jobs} = parse(content('.github/workflows/deploy-production.yml')) as {
			jobs: {gate: {steps: Array<{id?: string; run?: string; env?: Record<string, string>}>}};
		};
		const asked = jobs.gate.steps.find(({id}) => id === 'gate')!;
		const script = join(home, 'step.sh');
		writeFileSync(script, asked.run!);
		const file = join(checkout, gatePath);
		mkdirSync(dirname(file), {recursive: true});
		writeFileSync(file, content(gatePath));
		const {GH_TOKEN, ...rest} = env;
		const step = async (sha: string, token = GH_TOKEN) => {
			const summary = join(home, `summary-${Math.random()}`);
			const {exitCode, stdout, stderr} = await execa(
				'bash',
				['--noprofile', '--norc', '-eo', 'pipefail', script],
				{
					cwd: checkout,
					reject: false,
					extendEnv: false,
					env: {
						...rest,
						PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
						GATE_SHA256: asked.env!['GATE_SHA256'],
						GITHUB_TOKEN: token,
						SHA: sha,
						GITHUB_STEP_SUMMARY: summary,
						GITHUB_RUN_ATTEMPT: '1',
					},
				},
			);
			return {exitCode, stdout, stderr, summary: readFileSync(summary, 'utf8')};
		};
		/** What the whole program says of each condition, and so the one file has to. */
		const same = async (sha: string, summary: string) => {
			const {conditions} = JSON.parse((await call('gate', '--landed', '--sha', sha, '--json')).stdout) as {
				conditions: Array<{id: string; met: boolean | 'unknown'}>;
			};
			const told = conditions.map(
				({id, met}) =>
					`<td>${met === true ? 'met' : met === false ? '<b>NOT met</b>' : '<b>unknown</b>'}</td><td>${id}</td>`,
			);
			assert.deepEqual(
				told.filter(row => !summary.includes(row)),
				[],
				summary,
			);
		};
		const sha = head('develop');
		const early = await step(sha);
		assert.equal(early.exitCode, 3, early.stdout + early.stderr);
		assert.match(early.stdout, /::error title=Production gate::.+main is at [0-9a-f]{7}, not at/);
		await same(sha, early.summary);
		// Somebody pushes it by hand, past deployctl: it is the tested commit all the same.
		simulator.simulation.act(({state}) => {
			state.refs.set('refs/heads/main', sha);
		});
		const landed = await step(sha);
		assert.equal(landed.exitCode, 0, landed.stdout + landed.stderr);
		assert.match(landed.summary, /is open/);
		await same(sha, landed.summary);
		assert.equal((await step(sha, 'sim_nobody')).exitCode, 4);
		writeFileSync(file, `${content(gatePath)}\n`);
		const changed = await step(sha);
		assert.deepEqual(
			[changed.exitCode, /was not asked/.test(changed.summary)],
			[2, true],
			'another content is not started',
		);
		writeFileSync(file, content(gatePath));
		// A human's lock shuts it in the workflow too.
		assert.equal(
			(await call('lock', 'production', '-m', 'audit', '--yes', '--confirm', 'lock production')).exitCode,
			0,
		);
		assert.equal((await step(sha)).exitCode, 3);
		await simulator.close();
		assert.equal((await step(sha)).exitCode, 5);
	});
});
