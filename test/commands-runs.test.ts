/** `deployctl rerun`, `cancel` and `dispatch`: in parts with a played GitHub, and as the built program against the simulator. */
import assert from 'node:assert/strict';
import {test, type TestContext} from 'node:test';
import {followRun} from '../source/commands/runs/follow-run.ts';
import {runCancel, runDispatch, type RunDesk, runRerun} from '../source/commands/runs/runs.ts';
import {parseCommandLine} from '../source/commands/table/parse.ts';
import type {DispatchInput} from '../source/core/runs/dispatch-inputs.ts';
import {correlate} from '../source/core/snapshot/correlate.ts';
import type {Status} from '../source/core/pipeline/pipeline.ts';
import type {RunNow, Runs, RunWish} from '../source/core/runs/runs.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {failureOf, playedDesk} from './helpers/desk.ts';
import {commit, facts, job, run as runFact, sha, start} from './helpers/facts.ts';
import {fakeClock} from './helpers/fake-clock.ts';
import {run as program, simulated} from './helpers/program.ts';

/** All that there are are listed, unless the test says otherwise. */
const withTotal = (run: Omit<RunNow, 'jobsTotal'> & {jobsTotal?: number}): RunNow => ({
	jobsTotal: run.jobs.length,
	...run,
});
const now = (more: Partial<RunNow> = {}): RunNow =>
	withTotal({
		id: 17,
		attempt: 1,
		status: 'failed',
		conclusion: 'failure',
		isOver: true,
		title: `E2E ${sha(1)}`,
		path: '.github/workflows/e2e-staging.yml',
		url: 'https://github.com/acme/auto-author/actions/runs/17',
		headSha: sha('f'),
		jobs: [
			{id: 171, name: 'e2e (1, 2)', status: 'failed', startedAt: start, finishedAt: start + 61_000, url: null},
			{id: 172, name: 'e2e (2, 2)', status: 'passed', startedAt: start, finishedAt: start + 60_000, url: null},
		],
		...more,
	});
const declared: readonly DispatchInput[] = [
	{name: 'sha', description: '', type: 'string', options: [], default: null, isRequired: true},
	{name: 'suite', description: '', type: 'choice', options: ['all', 'smoke'], default: 'all', isRequired: false},
];
const red = correlate(
	facts({
		commits: [commit(sha(1)), commit(sha(2))],
		runs: [
			runFact(17, 'e2e', {
				title: `E2E ${sha(1)}`,
				conclusion: 'FAILURE',
				jobs: [job(171, {conclusion: 'FAILURE'})],
			}),
		],
	}),
	defaultSettings,
	start,
	null,
);

const deskWith = (runs: Partial<Runs> = {}, answers: readonly string[] | null = null) => {
	const {desk, printed, questions} = playedDesk({answers});
	const wishes: RunWish[] = [];
	const all: RunDesk = {
		...desk,
		read: async () => red,
		runs: {
			run: async () => ({ok: true, run: now()}),
			inputs: async () => ({inputs: declared, because: null}),
			act: async wish => {
				wishes.push(wish);
				return {ok: true, runId: 17, attempt: wish.kind === 'rerun' ? 2 : 1};
			},
			...runs,
		},
	};
	return {desk: all, printed, questions, wishes};
};
const flags = {dryRun: false, json: false, yes: true, confirm: null, wait: false, timeoutSeconds: null};
const named = {tier: 'e2e' as const, sha: null, run: null};
const rerunFlags = {...flags, ...named, failed: false, all: false, job: null, debug: false};

test('rerun: says what, costs and effect, then asks for exactly that attempt and its jobs', async () => {
	const {desk, printed, wishes, questions} = deskWith({}, ['y']);
	assert.equal(await runRerun(desk, {...rerunFlags, yes: false, debug: true}), 0);
	assert.deepEqual(wishes, [
		{
			kind: 'rerun',
			title: 'E2E of 1000000',
			number: null,
			seen: {runId: 17, attempt: 1, jobIds: [171, 172]},
			which: 'failed',
			debug: true,
		},
	]);
	assert.match(
		printed.out,
		/Re-run the failed jobs of E2E of 1000000 \(run 17, attempt 1\), with debug logging\n {2}e2e \(1, 2\), and what depends on them\n {2}1 job, ~2 runner-min \(last run\)\n/,
	);
	assert.match(printed.out, /-> the production gate of 1000000 is blocked until E2E is green\.\n/);
	assert.match(printed.out, /Asked for: attempt 2 of run 17\.\n$/);
	assert.match(questions[0]!, /Re-run the failed jobs .*\? \[y\/N\]/);
	const refusedByHand = deskWith({}, ['n']);
	assert.equal((await failureOf(runRerun(refusedByHand.desk, {...rerunFlags, yes: false}))).exitCode, 3);
	assert.equal(refusedByHand.wishes.length, 0);
});

test('rerun: one job by its name, all of them, nothing failed, still running', async () => {
	const one = deskWith();
	await runRerun(one.desk, {...rerunFlags, job: 'e2e (2, 2)'});
	await runRerun(one.desk, {...rerunFlags, all: true});
	assert.deepEqual(
		one.wishes.map(wish => wish.kind === 'rerun' && wish.which),
		[{jobId: 172, name: 'e2e (2, 2)'}, 'all'],
	);
	for (const [more, run, exitCode, because] of [
		[{job: 'e2e'}, now(), 2, /run 17 has no job/],
		[{job: 'e2e (2, 2)', all: true}, now(), 2, /exclude each other/],
		[{}, now({status: 'running', conclusion: null, isOver: false}), 3, /Run 17 still runs/],
		[{}, now({jobs: now().jobs.slice(1)}), 3, /Nothing failed in run 17/],
		[{tier: 'smoke' as const}, now(), 3, /Smoke of 1000000 has no run/],
		[{run: '17', sha: sha(1)}, now(), 2, /two ways/],
		[{run: '17a'}, now(), 2, /number in the run's address/],
		[{timeoutSeconds: 5}, now(), 2, /--timeout is for --wait/],
	] as const) {
		const {desk, wishes} = deskWith({run: async () => ({ok: true, run})});
		const failure = await failureOf(runRerun(desk, {...rerunFlags, ...more}));
		assert.equal(failure.exitCode, exitCode, failure.message);
		assert.match(failure.message, because);
		assert.equal(wishes.length, 0);
	}
});

test('a refusal of the edge is the exit code; a dry run does nothing; without a terminal nothing is done', async () => {
	const refusing = deskWith({
		act: async () => ({ok: false, because: "GitHub's answer got lost", next: 'Look at the run.', exitCode: 5}),
	});
	assert.equal((await failureOf(runRerun(refusing.desk, rerunFlags))).exitCode, 5);
	const dry = deskWith();
	assert.equal(await runRerun(dry.desk, {...rerunFlags, yes: false, dryRun: true, json: true}), 0);
	assert.deepEqual((JSON.parse(dry.printed.out) as {done: boolean}).done, false);
	const alone = deskWith();
	assert.equal((await failureOf(runRerun(alone.desk, {...rerunFlags, yes: false}))).exitCode, 3);
	assert.equal(dry.wishes.length + alone.wishes.length, 0);
});

test('cancel: what has ended is refused; production wants its phrase; force is said', async () => {
	const ended = deskWith();
	assert.equal((await failureOf(runCancel(ended.desk, {...flags, ...named, force: false}))).exitCode, 3);
	const running = now({
		status: 'running',
		conclusion: null,
		isOver: false,
		path: '.github/workflows/deploy-production.yml',
	});
	const production = deskWith({run: async () => ({ok: true, run: running})});
	const unconfirmed = await failureOf(runCancel(production.desk, {...flags, ...named, run: '17', force: true}));
	assert.deepEqual([unconfirmed.exitCode, /cancel production/.test(unconfirmed.next ?? '')], [3, true]);
	assert.match(
		production.printed.out,
		/! a deployment that is cancelled while it switches leaves PRODUCTION half switched/,
	);
	assert.equal(
		await runCancel(production.desk, {
			...flags,
			...named,
			run: '17',
			force: true,
			yes: false,
			confirm: 'cancel production',
		}),
		0,
	);
	assert.deepEqual(
		production.wishes.map(wish => [wish.kind, wish.kind === 'cancel' && wish.force]),
		[['cancel', true]],
	);
});

test('dispatch: the commit, the defaults and what is given; what GitHub would refuse is refused here', async () => {
	const {desk, wishes, printed} = deskWith();
	assert.equal(await runDispatch(desk, 'e2e', {...flags, sha: null, ref: null, input: 'suite=smoke'}), 0);
	assert.deepEqual(wishes, [
		{
			kind: 'start',
			title: 'E2E of 1000000',
			workflow: 'e2e-staging.yml',
			ref: 'develop',
			sha: sha(1),
			inputs: {sha: sha(1), suite: 'smoke'},
		},
	]);
	assert.match(printed.out, /Started: run 17\./);
	for (const input of ['suite=none', 'colour=red', 'sha=123'])
		assert.equal((await failureOf(runDispatch(desk, 'e2e', {...flags, sha: null, ref: null, input}))).exitCode, 3);
	assert.equal(
		(await failureOf(runDispatch(desk, 'e2e', {...flags, sha: null, ref: null, input: 'suite'}))).exitCode,
		2,
	);
	const unknown = deskWith({
		inputs: async () => ({inputs: null, because: 'e2e-staging.yml could not be read on develop'}),
	});
	assert.equal(await runDispatch(unknown.desk, 'e2e', {...flags, sha: sha(2), ref: 'develop', input: null}), 0);
	assert.match(
		unknown.printed.out,
		/its inputs are not known \(e2e-staging\.yml could not be read on develop\): only sha is given/,
	);
	assert.equal(wishes.length, 1);
});

test('--input may be given several times; other flags with two values may not', () => {
	const line = parseCommandLine(['dispatch', 'smoke', '--input', 'a=1', '--input', 'b=x=y']);
	assert.ok('command' in line && line.command === 'dispatch');
	assert.deepEqual([line.positionals, line.flags.input], [['smoke'], 'a=1\nb=x=y']);
	assert.throws(() => parseCommandLine(['rerun', '--job', 'a', '--job', 'b']), /given twice/);
});

test('following: waits for the attempt, outlives faults, ends with the run, gives up in time', async () => {
	const clock = fakeClock();
	const answers: Array<Awaited<ReturnType<Runs['run']>>> = [
		{ok: true, run: now()},
		{ok: false, because: 'github.com is unreachable', next: 'x', exitCode: 5},
		{ok: true, run: now({attempt: 2, status: 'running', conclusion: null, isOver: false, jobs: []})},
		{
			ok: true,
			run: now({
				attempt: 2,
				status: 'passed',
				conclusion: 'success',
				jobs: now().jobs.map(each => ({...each, status: 'passed' as const})),
			}),
		},
	];
	const printed = {out: '', error: ''};
	const around = {
		wall: {now: clock.now, after: async () => {}},
		signal: new AbortController().signal,
		output: {
			write: (text: string) => {
				printed.out += text;
			},
			error: (text: string) => {
				printed.error += text;
			},
		},
		isQuiet: false,
		settings: defaultSettings,
	};
	const runs: Runs = {
		act: async () => {
			throw new Error('nothing is sent');
		},
		inputs: async () => ({inputs: null, because: null}),
		run: async () => answers.shift()!,
	};
	const followed = await followRun(runs, {runId: 17, attempt: 2, timeoutSeconds: null}, around);
	assert.deepEqual([followed.exitCode, followed.because], [0, 'run 17, attempt 2, ended: success']);
	assert.match(printed.out, /waiting for attempt 2\n.*attempt 2: running\n.*attempt 2: passed\n/);
	assert.match(printed.error, /unreachable\. Trying again\.\n.*answers again/);
	let at = 0;
	const late = await followRun(
		{...runs, run: async () => ({ok: true, run: now()})},
		{runId: 17, attempt: 2, timeoutSeconds: 60},
		{
			...around,
			wall: {
				now: () => at,
				after: async milliseconds => {
					at += milliseconds;
				},
			},
		},
	);
	assert.deepEqual([late.exitCode, late.because], [1, 'gave up after 60 s; the run goes on']);
	const twins = [1, 2].map(id => ({
		id,
		name: 'e2e',
		status: id === 1 ? ('failed' as const) : ('passed' as const),
		startedAt: 0,
		finishedAt: 1,
		url: null,
	}));
	printed.out = '';
	await followRun(
		{...runs, run: async () => ({ok: true, run: now({attempt: 2, jobs: [...twins, {...twins[1]!, id: 3}]})})},
		{runId: 17, attempt: 2, timeoutSeconds: null},
		around,
	);
	assert.deepEqual(printed.out.match(/e2e \(job \d\) \w+/g), [
		'e2e (job 1) failed',
		'e2e (job 2) passed',
		'e2e (job 3) passed',
	]);
	const stop = new AbortController();
	const interrupted = await followRun(
		{
			...runs,
			run: async () => {
				stop.abort();
				return {ok: true, run: now()};
			},
		},
		{runId: 17, attempt: 2, timeoutSeconds: null},
		{...around, signal: stop.signal},
	);
	assert.equal(interrupted.exitCode, 130);
});

test('following: a success whose jobs did not do the work is none, and is not told as passed', async () => {
	const told: string[] = [];
	const around = {
		wall: fakeClock(),
		signal: new AbortController().signal,
		output: {
			write: (text: string) => {
				told.push(text);
			},
			error: () => {},
		},
		isQuiet: false,
		settings: defaultSettings,
	};
	const one = (name: string, status: Status, rawStatus?: string) => ({
		id: name.length,
		name,
		status,
		...(rawStatus !== undefined && {rawStatus}),
		startedAt: null,
		finishedAt: null,
		url: null,
	});
	const ends = async (path: string | null, ...jobs: ReadonlyArray<RunNow['jobs'][number]>) => {
		told.length = 0;
		let looks = 0;
		const run = async () => {
			looks++;
			return {ok: true as const, run: now({status: 'passed', conclusion: 'success', path, jobs})};
		};
		const {exitCode, because} = await followRun(
			{act: async () => assert.fail(), inputs: async () => assert.fail(), run},
			{runId: 17, attempt: null, timeoutSeconds: null},
			{...around, wall: {now: () => 0, after: async () => {}}},
		);
		return {exitCode, because, looks, isToldPassed: told.some(text => text.includes(': passed'))};
	};
	const fast = '.github/workflows/test-suite.yml';
	assert.deepEqual(await ends(fast, one('changes', 'passed'), one('lint', 'skipped')), {
		exitCode: 1,
		because: 'run 17, attempt 1, ended: success, but lint skipped',
		looks: 1,
		isToldPassed: false,
	});
	assert.equal(
		(await ends(fast, one('lint', 'passed'), one('unit', 'skipped', 'neutral'))).because,
		'run 17, attempt 1, ended: success, but unit neutral',
	);
	assert.deepEqual(await ends(fast, one('lint', 'passed')), {
		exitCode: 0,
		because: 'run 17, attempt 1, ended: success',
		looks: 1,
		isToldPassed: true,
	});
	assert.deepEqual(
		await ends(fast, one('lint', 'running')),
		{exitCode: 1, because: 'run 17, attempt 1, ended: success, but lint running', looks: 5, isToldPassed: false},
		'its jobs may lag, and not for ever',
	);
	assert.equal((await ends(fast)).exitCode, 1, 'no job is known');
	const other = '.github/workflows/docs.yml';
	assert.equal(
		(await ends(other, one('publish', 'passed'), one('notify', 'skipped'))).exitCode,
		0,
		'the configuration says nothing about this one',
	);
	assert.equal((await ends(other, one('publish', 'skipped'))).exitCode, 1, 'but everything is too much');
});

/** The built program; E2E of the newest commit has ended red. */
const redPipeline = async (t: TestContext) => {
	const place = await simulated('red-e2e', t, 200);
	const {state} = place.simulator.simulation;
	const redRun = () => {
		place.simulator.simulation.advanceTo(place.clock.now());
		return [...state.runs.values()].find(
			one =>
				one.workflow.definition.file === 'e2e-staging.yml' &&
				one.conclusion === 'failure' &&
				one.createdAt > Date.parse(scenarioNamed('red-e2e').startsAt) - 600_000,
		);
	};
	const surroundings = {env: place.env, cwd: place.home};
	while (redRun() === undefined) place.clock.skip(10_000);
	return {...place, surroundings, redRun: () => redRun()!};
};

test('the program: re-runs what failed and waits for its end; the audit names intent and outcome', async t => {
	const {surroundings, redRun, simulator} = await redPipeline(t);
	const id = redRun().id;
	const dry = await program(['rerun', '--dry-run', '--run', String(id)], surroundings);
	assert.deepEqual([dry.exitCode, /This would be done/.test(dry.stdout)], [0, true], dry.stderr);
	const done = await program(['rerun', '--run', String(id), '--yes', '--wait', '--timeout', '10m'], surroundings);
	assert.equal(done.exitCode, 1, `${done.stdout}\n${done.stderr}`);
	assert.match(
		done.stdout,
		new RegExp(`Asked for: attempt 2 of run ${id}\\.[\\s\\S]*run ${id}, attempt 2, ended: failure`),
	);
	assert.equal(simulator.simulation.state.runs.get(id)!.attempts.length, 2);
	const audit = await program(['audit'], surroundings);
	assert.match(
		audit.stdout,
		new RegExp(
			`Re-run the failed jobs of E2E of \\w{7} \\(run ${id}, attempt 1\\): asked for by mira-okafor on [^\\n]*\\n[^\\n]*GitHub took it, run ${id}`,
		),
	);
	assert.match((await program(['audit', '--verify'], surroundings)).stdout, /The journal is whole/);
	const readOnly = await program(['rerun', '--run', String(id), '--yes', '--read-only', '--json'], surroundings);
	assert.equal(readOnly.exitCode, 3);
	assert.match((JSON.parse(readOnly.stdout) as {refused: {because: string}}).refused.because, /read-only/);
});

test('the program: starts E2E for a commit, cancels it, and says how that ended', async t => {
	const {surroundings, simulator} = await redPipeline(t);
	const started = await program(['dispatch', '--yes', '--json'], surroundings);
	assert.equal(started.exitCode, 0, started.stderr);
	const {run, sha: about, what} = JSON.parse(started.stdout) as {run: number; sha: string; what: string};
	assert.match(what, /^Start E2E of \w{7} \(e2e-staging\.yml on develop, suite=all, trace=false\)$/);
	assert.equal(simulator.simulation.state.runs.get(run)!.about, about);
	const cancelled = await program(
		['cancel', '--run', String(run), '--yes', '--wait', '--timeout', '10m'],
		surroundings,
	);
	// At this speed it may have ended before the cancellation came: then that is what is said.
	assert.match(cancelled.stdout + cancelled.stderr, /ended: cancelled|has ended/);
	assert.ok(
		cancelled.exitCode === 0 || cancelled.exitCode === 3,
		`${cancelled.exitCode} ${cancelled.stdout}${cancelled.stderr}`,
	);
	const nobody = await program(['dispatch', 'smoke'], surroundings);
	assert.deepEqual([nobody.exitCode, /Not confirmed/.test(nobody.stderr)], [3, true]);
	const reader = await program(['dispatch', 'smoke', '--yes'], {
		...surroundings,
		env: {...surroundings.env, GH_TOKEN: 'sim_read-only'},
	});
	assert.equal(reader.exitCode, 4, reader.stderr);
});
