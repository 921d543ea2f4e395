/** Runs that GitHub holds back until somebody approves them: told in words, approved once, for the run and attempt that were shown. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {runApprove, type RunDesk} from '../source/commands/runs/runs.ts';
import {awaitsApproval, awaitsWords, whoseText} from '../source/core/evidence/approval.ts';
import {correlate} from '../source/core/snapshot/correlate.ts';
import type {RunNow, RunWish} from '../source/core/runs/runs.ts';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {latestAttempt, type Run} from '../source/simulator/model/model.ts';
import {archiveOf} from '../source/simulator/storage/run-logs.ts';
import {heldBack, runInView} from '../source/state/questions/run-select.ts';
import {usualSeconds} from '../source/state/view/run-words.ts';
import type {State} from '../source/state/model/state.ts';
import {linearLines} from '../source/ui/linear/linear.ts';
import {openApp} from './helpers/app.ts';
import {failureOf, playedDesk} from './helpers/desk.ts';
import {commit, facts, job, run as runFact, sha, start} from './helpers/facts.ts';
import {type Bench, lostAnswers, neverExecuted, promotionBench} from './helpers/git-hub-promotions.ts';
import {footerOf} from './helpers/operator.ts';
import {run as program, simulated} from './helpers/program.ts';
import {simulated as simulatedApi} from './helpers/simulated.ts';

const held = (bench: Bench): Run =>
	[...bench.api.simulation.state.runs.values()].find(run => run.conclusion === 'action_required')!;
const wishOf = (run: Run): Extract<RunWish, {kind: 'approve'}> => ({
	kind: 'approve',
	title: 'Fast tests',
	number: run.number,
	seen: {runId: run.id, attempt: 1, jobIds: []},
	whose: 'the commit of a stranger',
});
const bench = () => {
	const one = promotionBench({scenario: 'run-approval'});
	one.clock.advance(60_000);
	one.api.simulation.advanceTo(one.clock.now());
	return one;
};

test('it is told in words, and never as ended, skipped or failed: with one workflow a tier, and with jobs of one workflow', () => {
	for (const [words, isHeld] of [
		[{status: 'COMPLETED', conclusion: 'ACTION_REQUIRED'}, true],
		[{status: 'ACTION_REQUIRED', conclusion: null}, true],
		[{status: 'WAITING', conclusion: null}, false],
		[{status: 'COMPLETED', conclusion: 'FAILURE'}, false],
	] as const) {
		assert.equal(awaitsApproval(words), isHeld);
		for (const jobs of [null, 'unit*']) {
			const settings = {
				...defaultSettings,
				tiers: {...defaultSettings.tiers, fast: {...defaultSettings.tiers.fast, jobs}},
			};
			const {candidates} = correlate(
				facts({
					commits: [commit(sha(1))],
					runs: [runFact(17, 'fast', {event: 'push', headSha: sha(1), ...words, jobs: [], jobsTotal: 0})],
				}),
				settings,
				start,
				null,
			);
			const tier = candidates[0]!.tiers.fast;
			if (isHeld)
				assert.deepEqual(
					[tier.status, tier.because, tier.runIsOver],
					['waiting', awaitsWords, false],
					`${words.status} ${jobs}`,
				);
			else assert.notEqual(tier.because, awaitsWords);
			if (words.conclusion === 'FAILURE') assert.equal(tier.status, 'failed', `${jobs}`);
		}
	}
});

test('an attempt that GitHub filed as failed without a job says why: re-run too often, or look at its page', () => {
	for (const jobs of [null, 'unit*']) {
		const settings = {
			...defaultSettings,
			tiers: {...defaultSettings.tiers, fast: {...defaultSettings.tiers.fast, jobs}},
		};
		const tierOf = (attempt: number) =>
			correlate(
				facts({
					commits: [commit(sha(1))],
					runs: [
						runFact(17, 'fast', {
							event: 'push',
							headSha: sha(1),
							attempt,
							conclusion: 'FAILURE',
							jobs: [],
							jobsTotal: 1,
						}),
					],
				}),
				settings,
				start,
				null,
			).candidates[0]!.tiers.fast;
		assert.deepEqual(
			[tierOf(52).status, tierOf(52).because],
			['failed', 'nothing ran: GitHub re-runs a run 50 times at most. Start the workflow again'],
		);
		assert.match(tierOf(51).because ?? '', /lists no job of it/, 'the fiftieth re-run is allowed');
	}
});

test('what a run usually takes is of one that did its work', () => {
	const skipped = runFact(18, 'fast', {
		createdAt: start + 1000,
		jobs: [job(180, {name: 'only', conclusion: 'SKIPPED'})],
	});
	const state = (runs: ReturnType<typeof runFact>[]) =>
		({facts: facts({runs}), snapshot: null, settings: defaultSettings}) as unknown as State;
	assert.deepEqual(
		usualSeconds(state([skipped, runFact(17, 'fast')]), 'fast').jobs?.map(({name}) => name),
		['only'],
	);
	assert.equal(usualSeconds(state([skipped]), 'fast').jobs, null);
	const production = (one: ReturnType<typeof runFact>) => ({
		...one,
		workflowPath: `.github/workflows/${defaultSettings.promotion.workflow}`,
	});
	assert.equal(usualSeconds(state([production(skipped)]), 'production').jobs, null);
	assert.equal(usualSeconds(state([production(runFact(17, 'fast'))]), 'production').jobs?.length, 1);
});

test("the archive of a run's logs has a file for each of the jobs of one name", () => {
	const one = simulatedApi('same-named');
	const {state} = one.simulation;
	const run = [...state.runs.values()].find(
		({workflow, status}) => workflow.definition.file === 'e2e-staging.yml' && status === 'completed',
	)!;
	const text = Buffer.from(archiveOf(state, run)).toString('latin1');
	for (const file of ['0_e2e.txt', '1_e2e (2).txt', '2_e2e (3).txt', 'e2e/1_', 'e2e (2)/1_', 'e2e (3)/1_'])
		assert.ok(text.includes(file), file);
});

test('whose code it is: author, who started it, and the fork; what is not known is said to be', () => {
	assert.equal(
		whoseText('mallory', {author: 'Eve', repository: 'mallory/app'}, 'acme/app'),
		'the commit of Eve, started by mallory, from the fork mallory/app',
	);
	assert.equal(
		whoseText('bot[bot]', {author: 'bot', repository: 'Acme/app'}, 'acme/app'),
		'the commit of bot, started by bot[bot], from this repository',
	);
	assert.equal(
		whoseText(null, null, 'acme/app'),
		'whose commit it is, is not known, from a repository that is not known',
	);
});

test('approved: the same attempt goes on; a second approval, another attempt, and a run that does not wait are refused without sending', async () => {
	const one = bench();
	const run = held(one);
	const {runs} = one.edge();
	const other = await runs.act({...wishOf(run), seen: {runId: run.id, attempt: 2, jobIds: []}});
	assert.ok(
		!other.ok && other.kind === 'refused' && /at attempt 1 now, not 2/.test(other.because),
		JSON.stringify(other),
	);
	for (const kind of ['rerun', 'cancel'] as const) {
		const blocked = await runs.act(
			kind === 'rerun'
				? {...wishOf(run), kind, which: 'all', debug: false}
				: {...wishOf(run), kind, force: false},
		);
		assert.ok(!blocked.ok && /has not begun/.test(blocked.because), JSON.stringify(blocked));
	}
	assert.deepEqual(await runs.act(wishOf(run)), {ok: true, runId: run.id, attempt: 1});
	assert.equal(run.attempts.length, 1);
	one.clock.advance(60_000);
	one.api.simulation.advanceTo(one.clock.now());
	assert.ok(latestAttempt(run).jobs.length > 0, 'it has jobs now');
	const again = await runs.act(wishOf(run));
	assert.ok(!again.ok && again.kind === 'refused' && /waits for nobody/.test(again.because), JSON.stringify(again));
	assert.equal(one.count(`/actions/runs/${run.id}/approve`), 1);
});

test("GitHub's own refusals in words: not of a fork, approved in between, and a token that only reads", async () => {
	const ours = bench();
	ours.api.simulation.act(({state}) => {
		for (const [key, plan] of state.plans) state.plans.set(key, {needsApproval: plan.needsApproval ?? []});
	});
	const refused = await ours.edge().runs.act(wishOf(held(ours)));
	assert.ok(
		!refused.ok &&
			refused.kind === 'refused' &&
			/only runs of forks/.test(refused.because) &&
			/browser/.test(refused.next),
		JSON.stringify(refused),
	);
	const late = bench();
	const run = held(late);
	late.onRequest(({method, path}) => {
		if (method === 'POST' && path.endsWith('/approve'))
			late.api.simulation.act(({state}) => {
				state.runs.get(run.id)!.conclusion = null;
			});
	});
	const raced = await late.edge().runs.act(wishOf(run));
	assert.ok(
		!raced.ok && raced.kind === 'refused' && /not waiting for approval/.test(raced.because),
		JSON.stringify(raced),
	);
	const reader = await bench()
		.edge('sim_read-only')
		.runs.act(wishOf(held(bench())));
	assert.ok(
		!reader.ok && reader.kind === 'not-permitted' && /actions=write/.test(reader.next),
		JSON.stringify(reader),
	);
});

for (const [name, fault] of [...lostAnswers, ...neverExecuted]) {
	test(`an approval, and ${name}: sent once, and the run itself is asked`, async () => {
		const one = bench();
		const run = held(one);
		one.api.faults.next(fault, {match: {path: '/approve'}});
		const result = await one.edge().runs.act(wishOf(run));
		const happened = fault.kind === 'lost-answer' || fault.kind === 'truncated';
		if (happened)
			assert.deepEqual(result, {
				ok: true,
				runId: run.id,
				attempt: 1,
				note: "GitHub's answer got lost; the run itself says that it was done",
			});
		else
			assert.ok(
				!result.ok &&
					result.kind === 'unknown' &&
					/it waits still/.test(result.because) &&
					/not sent again/.test(result.next),
				JSON.stringify(result),
			);
		assert.equal(one.count(`/actions/runs/${run.id}/approve`), 1);
	});
}

const now = (more: Partial<RunNow> = {}): RunNow => ({
	id: 17,
	attempt: 1,
	status: 'waiting',
	conclusion: 'action_required',
	isOver: false,
	isHeldBack: true,
	actor: 'mallory',
	origin: {author: 'Eve\u{1B}[31m', repository: 'mallory/app'},
	title: 'x',
	path: '.github/workflows/test-suite.yml',
	url: 'https://github.com/acme/auto-author/actions/runs/17',
	headSha: sha('f'),
	jobs: [],
	jobsTotal: 0,
	...more,
});
const flags = {
	dryRun: false,
	json: false,
	yes: false,
	confirm: null,
	wait: false,
	timeoutSeconds: null,
	tier: 'fast' as const,
	sha: null,
	run: '17',
};
const deskWith = (run: RunNow, answers: readonly string[]) => {
	const {desk, printed} = playedDesk({answers});
	const wishes: RunWish[] = [];
	const all: RunDesk = {
		...desk,
		read: async () => {
			throw new Error('not asked for');
		},
		runs: {
			run: async () => ({ok: true, run}),
			inputs: async () => ({inputs: null, because: null}),
			act: async wish => {
				wishes.push(wish);
				return {ok: true, runId: 17, attempt: 1};
			},
		},
	};
	return {desk: all, printed, wishes};
};

test('approve: says whose code it runs, then asks; nothing is approved unasked', async () => {
	const {desk, printed, wishes} = deskWith(now(), ['y']);
	assert.equal(await runApprove(desk, flags), 0);
	assert.match(
		printed.out,
		/Approve that Fast tests of f000000 is run \(run 17, attempt 1\)[\s\S]*! it runs the commit of Eve\S*, started by mallory, from the fork mallory\/app, on the repository's runners: read what it changes[\s\S]*Approved: run 17\.\n$/,
	);
	assert.ok(!printed.out.includes('\u{1B}'));
	assert.deepEqual(
		wishes.map(wish => wish.kind === 'approve' && wish.seen),
		[{runId: 17, attempt: 1, jobIds: []}],
	);
	const no = deskWith(now(), ['n']);
	assert.equal((await failureOf(runApprove(no.desk, flags))).exitCode, 3);
	const over = deskWith(now({isHeldBack: false, isOver: true, status: 'passed', conclusion: 'success'}), ['y']);
	assert.match((await failureOf(runApprove(over.desk, flags))).message, /waits for nobody/);
	assert.deepEqual([...no.wishes, ...over.wishes], []);
});

test('the program: told, refused read-only, approved, and kept in the journal', async t => {
	const {env, home, simulator, clock} = await simulated('run-approval', t);
	const surroundings = {env, cwd: home};
	const status = await program(['status'], surroundings);
	assert.match(status.stdout, /waits until somebody approves the run/, status.stderr);
	assert.equal((await program(['approve', '--yes', '--read-only'], surroundings)).exitCode, 3);
	const done = await program(['approve', '--yes'], surroundings);
	assert.deepEqual(
		[done.exitCode, /from the fork first-timer\/auto-author/.test(done.stdout)],
		[0, true],
		`${done.stdout}${done.stderr}`,
	);
	simulator.simulation.advanceTo(clock.now());
	assert.ok(![...simulator.simulation.state.runs.values()].some(run => run.conclusion === 'action_required'));
	const audit = await program(['audit'], surroundings);
	assert.match(
		audit.stdout,
		/Approve that Fast tests of \w{7} is run \(run \d+, attempt 1\): asked for by mira-okafor on [^\n]*\n[^\n]*GitHub took it, run \d+/,
	);
});

test('V, y: the dialog says whose code it is; what was approved meanwhile makes it void', async t => {
	const app = await openApp({scenario: 'run-approval', operations: {}, preferences: {motion: 'reduced'}}, t);
	await app.settled();
	await app.advance(12_000);
	const flat = () => app.screen().replaceAll(/[│\s]+/g, ' ');
	const run = heldBack(app.state())!;
	assert.ok(run, JSON.stringify(app.state().snapshot?.candidates[0]?.tiers.fast));
	assert.match(footerOf(app), /V approve/);
	await app.press('V');
	assert.match(flat(), /Approve the run of Fast tests of \w{7}/);
	assert.match(
		flat(),
		/runs the commit of renovate\[bot\], started by renovate\[bot\], from the fork first-timer\/auto-author/,
	);
	assert.match(
		linearLines(app.state()).join(' '),
		/Warning: It runs the commit of renovate\[bot\].*first-timer\/auto-author|Warning: it runs the commit of renovate\[bot\].*first-timer\/auto-author/,
	);
	await app.advance(1000);
	await app.press('y');
	assert.deepEqual(
		app.runs.wishes.map(({kind}) => kind),
		['approve'],
	);
	await app.advance(15_000);
	assert.equal(heldBack(app.state()), null);
	assert.equal(runInView(app.state())?.whose ?? null, null);
});
