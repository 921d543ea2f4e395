/** Re-running, cancelling and starting runs: for what was shown, once, and settled by reading when the answer is lost. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {RunWish, Seen} from '../source/core/runs/runs.ts';
import {jobsOfAttempt, type Run} from '../source/simulator/model/model.ts';
import {type Bench, lostAnswers, neverExecuted, promotionBench} from './helpers/git-hub-promotions.ts';

const workflow = 'e2e-staging.yml';
const ofE2e = ({api}: Bench) =>
	[...api.simulation.state.runs.values()].filter(run => run.workflow.definition.file === workflow);
const redRun = (bench: Bench): Run => ofE2e(bench).findLast(run => run.conclusion === 'failure')!;
const idsOf = (run: Run) => jobsOfAttempt(run, run.attempts.length).map(({id}) => id);
const seenOf = (run: Run): Seen => ({runId: run.id, attempt: run.attempts.length, jobIds: idsOf(run)});
const rerunOf = (run: Run, more: Partial<Extract<RunWish, {kind: 'rerun'}>> = {}): RunWish => ({
	kind: 'rerun',
	title: 'E2E',
	number: run.number,
	seen: seenOf(run),
	which: 'failed',
	debug: false,
	...more,
});
const cancelOf = (run: Run, force = false): Extract<RunWish, {kind: 'cancel'}> => ({
	kind: 'cancel',
	title: 'E2E',
	number: run.number,
	seen: seenOf(run),
	force,
});
const dispatchOf = (bench: Bench, more: Partial<Extract<RunWish, {kind: 'start'}>> = {}): RunWish => {
	const sha = bench.at('refs/heads/develop')!;
	return {kind: 'start', title: 'E2E', workflow, ref: 'develop', sha, inputs: {sha}, ...more};
};
/** Its E2E has failed. */
const red = (over: Parameters<typeof promotionBench>[0] = {}) => {
	const bench = promotionBench({scenario: 'red-e2e', ...over});
	bench.clock.advance(20 * 60_000);
	bench.api.simulation.advanceTo(bench.clock.now());
	return bench;
};
/** And E2E runs. */
const running = async (over: Parameters<typeof promotionBench>[0] = {}) => {
	const bench = promotionBench(over);
	const started = await bench.edge().runs.act(dispatchOf(bench));
	assert.ok(started.ok && started.runId !== null);
	bench.clock.advance(60_000);
	bench.api.simulation.advanceTo(bench.clock.now());
	return {bench, run: bench.api.simulation.state.runs.get(started.runId)!};
};
const later = (bench: Bench, seconds: number) => {
	bench.clock.advance(seconds * 1000);
	bench.api.simulation.advanceTo(bench.clock.now());
};
const posts = (bench: Bench): number =>
	Object.entries(bench.api.counters.byKind)
		.filter(([kind]) => /^POST .*(?:rerun|cancel|dispatches)/.test(kind))
		.reduce((sum, [, times]) => sum + times, 0);

test('failed jobs, all jobs, one job: the attempt that GitHub is to show, and its jobs', async () => {
	for (const [which, repeated] of [
		['failed', ['e2e (2, 4)', 'e2e (3, 4)', 'report']],
		['all', ['e2e (1, 4)', 'e2e (2, 4)', 'e2e (3, 4)', 'e2e (4, 4)', 'report']],
		['job', ['e2e (4, 4)', 'report']],
	] as const) {
		const bench = red();
		const run = redRun(bench);
		const job = jobsOfAttempt(run, 1).find(({name}) => name === 'e2e (4, 4)')!;
		const result = await bench
			.edge()
			.runs.act(rerunOf(run, {which: which === 'job' ? {jobId: job.id, name: job.name} : which}));
		assert.deepEqual(result, {ok: true, runId: run.id, attempt: 2});
		later(bench, 3);
		assert.deepEqual([...run.attempts[1]!.names].toSorted(), repeated);
	}
});

test('debug logging is asked for only where it is wanted', async () => {
	for (const debug of [false, true]) {
		const bench = red();
		const bodies: string[] = [];
		const {api} = bench;
		const original = api.answer.bind(api);
		api.answer = (incoming, ...rest) => {
			if (incoming.method === 'POST' && incoming.url.includes('rerun')) bodies.push(incoming.body);
			return original(incoming, ...rest);
		};
		await bench.edge().runs.act(rerunOf(redRun(bench), {debug}));
		assert.deepEqual(bodies, [debug ? '{"enable_debug_logging":true}' : '{}']);
	}
});

test('another attempt than the one shown is never touched, whether its number was read or only its jobs', async () => {
	for (const attempt of [1, null]) {
		const bench = red();
		const run = redRun(bench);
		const shown = {...seenOf(run), attempt};
		assert.ok((await bench.edge().runs.act(rerunOf(run, {which: 'all'}))).ok);
		later(bench, 1200);
		const before = posts(bench);
		const result = await bench.edge().runs.act(rerunOf(run, {seen: shown}));
		assert.ok(!result.ok && result.kind === 'refused', JSON.stringify(result));
		assert.match(
			result.because,
			attempt === null ? /other jobs now than those shown/ : /at attempt 2 now, not 1 as shown/,
		);
		assert.equal(posts(bench), before);
	}
	const bench = red();
	const blind = await bench
		.edge()
		.runs.act(rerunOf(redRun(bench), {seen: {runId: redRun(bench).id, attempt: null, jobIds: []}}));
	assert.ok(!blind.ok && blind.kind === 'refused' && /which attempt .* was shown is not known/.test(blind.because));
});

test('what runs is not re-run, what has ended is not cancelled, and what is not there is neither', async () => {
	const {bench, run} = await running();
	const before = posts(bench);
	const {runs} = bench.edge();
	for (const [wish, because] of [
		[rerunOf(run), /still runs/],
		[{...cancelOf(run), seen: {runId: 7, attempt: 1, jobIds: []}}, /no run 7/],
	] as const) {
		const result = await runs.act(wish);
		assert.ok(!result.ok && result.kind === 'refused');
		assert.match(result.because, because);
	}
	later(bench, 1200);
	const over = await runs.act(cancelOf(run));
	assert.ok(!over.ok && over.kind === 'refused' && /has ended already/.test(over.because));
	assert.equal(posts(bench), before);
});

test("GitHub's own refusals, in words: too old, nothing failed, ended in between", async () => {
	const old = red();
	later(old, 31 * 86_400);
	const green = promotionBench();
	const passed = ofE2e(green).findLast(run => run.conclusion === 'success')!;
	const {bench: racing, run: raced} = await running();
	racing.onRequest(({method, path}) => {
		if (method === 'POST' && path.endsWith('/cancel')) later(racing, 1200);
	});
	for (const [bench, wish, because, next] of [
		[old, rerunOf(redRun(old)), /too old to be run again/, /again for the commit/],
		[green, rerunOf(passed), /has no failed jobs/, /all jobs/],
		[racing, cancelOf(raced), /it has ended already/, /how it ended/],
	] as const) {
		const result = await bench.edge().runs.act(wish);
		assert.ok(!result.ok && result.kind === 'refused', JSON.stringify(result));
		assert.match(result.because, because);
		assert.match(result.next, next);
	}
});

test("a token that only reads is told which permission it lacks; GitHub's limits are none of the run's faults", async () => {
	const bench = red();
	const reader = await bench.edge('sim_read-only').runs.act(rerunOf(redRun(bench)));
	assert.ok(
		!reader.ok && reader.kind === 'not-permitted' && /actions=write/.test(reader.next),
		JSON.stringify(reader),
	);
	bench.api.faults.next(
		{kind: 'secondary-limit', retryAfterSeconds: 60, status: 403},
		{match: {path: '/rerun-failed-jobs'}},
	);
	const limited = await bench.edge().runs.act(rerunOf(redRun(bench)));
	assert.ok(
		!limited.ok && limited.kind === 'unreachable' && /slow down/.test(limited.because),
		JSON.stringify(limited),
	);
	later(bench, 3);
	assert.equal(redRun(bench).attempts.length, 1);
});

test('cancelled is accepted, then done; force ends what does not listen', async () => {
	const {bench, run} = await running();
	assert.deepEqual(await bench.edge().runs.act(cancelOf(run)), {ok: true, runId: run.id, attempt: 1});
	assert.equal(run.status, 'in_progress');
	later(bench, 10);
	assert.equal(run.conclusion, 'cancelled');
	const deaf = await running({
		workflows: promotionBench().api.simulation.scenario.workflows.map(one => ({...one, ignoresCancel: true})),
	});
	assert.ok((await deaf.bench.edge().runs.act(cancelOf(deaf.run))).ok);
	later(deaf.bench, 10);
	assert.equal(deaf.run.status, 'in_progress');
	assert.ok((await deaf.bench.edge().runs.act(cancelOf(deaf.run, true))).ok);
	later(deaf.bench, 2);
	assert.equal(deaf.run.conclusion, 'cancelled');
});

for (const [name, fault] of [...lostAnswers, ...neverExecuted]) {
	const happened = fault.kind === 'lost-answer' || fault.kind === 'truncated';
	test(`${happened ? 'done' : 'not done'}, and ${name}: sent once, and the run itself is asked`, async () => {
		const bench = red();
		const run = redRun(bench);
		bench.api.faults.next(fault, {match: {path: '/rerun-failed-jobs'}});
		const rerun = await bench.edge().runs.act(rerunOf(run));
		if (happened)
			assert.deepEqual(rerun, {
				ok: true,
				runId: run.id,
				attempt: 2,
				note: "GitHub's answer got lost; the run itself says that it was done",
			});
		else
			assert.ok(
				!rerun.ok &&
					rerun.kind === 'unknown' &&
					/shows no attempt 2/.test(rerun.because) &&
					/not sent again by itself/.test(rerun.next),
				JSON.stringify(rerun),
			);
		assert.equal(bench.count(`/actions/runs/${run.id}/rerun-failed-jobs`), 1);

		const {bench: other, run: moving} = await running();
		other.api.faults.next(fault, {match: {path: '/cancel'}});
		const cancelled = await other.edge().runs.act(cancelOf(moving));
		assert.equal(cancelled.ok, happened, JSON.stringify(cancelled));
		assert.equal(other.count(`/actions/runs/${moving.id}/cancel`), 1);

		const third = promotionBench();
		third.api.faults.next(fault, {match: {path: '/dispatches'}});
		const before = ofE2e(third).length;
		const started = await third.edge().runs.act(dispatchOf(third));
		const made = ofE2e(third).slice(before);
		assert.equal(made.length, happened ? 1 : 0);
		if (happened)
			assert.deepEqual(started, {
				ok: true,
				runId: made[0]!.id,
				attempt: 1,
				note: "GitHub's answer got lost; the new run says that it was done",
			});
		else assert.ok(!started.ok && started.kind === 'unknown', JSON.stringify(started));
		assert.equal(third.count(`/actions/workflows/${workflow}/dispatches`), 1);
	});
}

test('the time is up with the request under way: unknown, not refused', async () => {
	const bench = red();
	bench.api.faults.next({kind: 'timeout'}, {match: {path: '/rerun-failed-jobs'}});
	const stop = new AbortController();
	const result = bench.edge().runs.act(rerunOf(redRun(bench)), stop.signal);
	while (bench.api.counters.faults === 0)
		await new Promise(resolve => {
			setImmediate(resolve);
		});
	stop.abort(new DOMException('late', 'TimeoutError'));
	const told = await result;
	assert.ok(!told.ok && told.kind === 'unknown', JSON.stringify(told));
});

test('started for the commit with its inputs, also where the server does not say which run it became', async () => {
	for (const scenario of ['quiet', 'ghes']) {
		const bench = promotionBench({scenario});
		const sha = bench.at('refs/heads/develop')!;
		const before = ofE2e(bench).length;
		const result = await bench.edge().runs.act(dispatchOf(bench, {inputs: {sha, suite: 'smoke', trace: 'true'}}));
		const [run] = ofE2e(bench).slice(before);
		assert.deepEqual(result, {ok: true, runId: run!.id, attempt: 1});
		assert.deepEqual(run!.inputs, {sha, suite: 'smoke', trace: 'true'});
	}
	const bench = promotionBench();
	const other = await bench.edge().runs.act(dispatchOf(bench, {inputs: {sha: '9'.repeat(40)}}));
	assert.ok(!other.ok && other.kind === 'refused' && /not the commit that was shown/.test(other.because));
	assert.equal(posts(bench), 0);
	for (const [change, because] of [
		[{inputs: {...(dispatchOf(bench) as {inputs: object}).inputs, colour: 'red'}}, /Unexpected inputs/],
		[{workflow: 'none.yml'}, /knows no workflow/],
		[{workflow: 'test-suite.yml'}, /workflow_dispatch/],
	] as const) {
		const result = await bench.edge().runs.act(dispatchOf(bench, change));
		assert.ok(!result.ok && result.kind === 'refused', JSON.stringify(result));
		assert.match(result.because, because);
	}
});

test('at least a second lies between two writes', async () => {
	const bench = red();
	const at: number[] = [];
	bench.onRequest(({method}) => {
		if (method === 'POST') at.push(bench.clock.now());
	});
	const {runs} = bench.edge();
	await runs.act(dispatchOf(bench));
	await runs.act(rerunOf(redRun(bench)));
	assert.ok(at.length >= 2 && at[1]! - at[0]! >= 1000, String(at));
});

test("inputs come from the workflow's file at that branch; without it they are unknown, with the reason", async () => {
	const bench = promotionBench();
	const {runs} = bench.edge();
	const missing = await runs.inputs({workflow, ref: 'nowhere'});
	assert.ok(missing.ok && missing.inputs === null && /could not be read on nowhere/.test(missing.because ?? ''));
	bench.pretend(`/contents/.github/workflows/${workflow}?ref=main`, {
		type: 'file',
		encoding: 'base64',
		content: Buffer.from('on: {workflow_dispatch: {inputs: {sha: {required: true}}}}')
			.toString('base64')
			.replaceAll(/(.{20})/g, '$1\n'),
	});
	const read = await runs.inputs({workflow, ref: 'main'});
	assert.deepEqual(read, {
		ok: true,
		inputs: [{name: 'sha', description: '', type: 'string', options: [], default: null, isRequired: true}],
		because: null,
	});
	bench.pretend(`/contents/.github/workflows/${workflow}?ref=other`, [{type: 'file'}]);
	const folder = await runs.inputs({workflow, ref: 'other'});
	assert.ok(folder.ok && folder.inputs === null);
});

test('the 51st re-run is not sent: GitHub would take it and file a failure without jobs', async () => {
	const bench = red();
	const run = redRun(bench);
	const {body} = bench.api.answer(
		{
			method: 'GET',
			url: `/repos/acme/auto-author/actions/runs/${run.id}`,
			headers: {authorization: 'bearer sim_classic', 'user-agent': 'test'},
			body: '',
		},
		'http://127.0.0.1:1',
	);
	for (const [attempt, isSent] of [
		[50, true],
		[51, false],
	] as const) {
		bench.pretend(`/actions/runs/${run.id}`, {...(JSON.parse(body) as object), run_attempt: attempt});
		const before = posts(bench);
		const result = await bench.edge().runs.act(rerunOf(run, {seen: {...seenOf(run), attempt}}));
		assert.equal(posts(bench) - before, isSent ? 1 : 0, `${attempt}`);
		if (!isSent)
			assert.ok(
				!result.ok &&
					/re-run 50 times, and GitHub allows no more/.test(result.because) &&
					/Start the workflow again/.test(result.next),
			);
	}
});
