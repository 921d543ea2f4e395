/** Production's workflow: started, found again, followed, cancelled. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {lostAnswers, neverExecuted, promotionBench, type Bench} from './helpers/git-hub-promotions.ts';

const workflow = 'deploy-production.yml';
const dispatches = `/actions/workflows/${workflow}/dispatches`;
const develop = (bench: Bench) => bench.at('refs/heads/develop')!;
const wanted = (bench: Bench, returnsDetails = true) => ({
	workflow,
	ref: 'main',
	inputs: {sha: develop(bench)},
	returnsDetails,
});
const runsOf = ({api}: Bench, event: string) =>
	[...api.simulation.state.runs.values()].filter(
		run =>
			run.event === event &&
			run.workflow.definition.file === workflow &&
			run.createdAt >= api.simulation.startsAt,
	);

test('started: which run it is, where, and from when on to look for it', async () => {
	const bench = promotionBench();
	const {promotions} = bench.edge();
	assert.equal(promotions.gitHubNow(), null);
	const startedAt = bench.clock.now();
	const result = await promotions.dispatch(wanted(bench));
	const [run] = runsOf(bench, 'workflow_dispatch');
	assert.deepEqual(result, {
		ok: true,
		runId: run!.id,
		url: `https://github.com/acme/auto-author/actions/runs/${run!.id}`,
		at: startedAt - 5000,
	});
	assert.deepEqual(run!.inputs, {sha: develop(bench)});
	assert.deepEqual(await promotions.findDispatched({workflow, sha: develop(bench), since: startedAt - 5000}), {
		ok: true,
		runId: run!.id,
	});
	assert.ok(Math.abs(promotions.gitHubNow()! - bench.clock.now()) < 1000);
});

test("GitHub's clock counts, not ours", async () => {
	const bench = promotionBench();
	bench.api.faults.during(0, Number.MAX_SAFE_INTEGER, {kind: 'clock-skew', seconds: -7200});
	const result = await bench.edge().promotions.dispatch(wanted(bench));
	assert.equal(result.ok && result.at, bench.clock.now() - 7_200_000 - 5000);
});

test('a server that does not say which run it became', async () => {
	for (const scenario of ['quiet', 'ghes']) {
		const bench = promotionBench({scenario});
		const {promotions} = bench.edge();
		const result = await promotions.dispatch(wanted(bench, scenario === 'ghes'));
		assert.ok(result.ok && result.runId === null && result.url === null, JSON.stringify(result));
		assert.deepEqual(await promotions.findDispatched({workflow, sha: develop(bench), since: result.at}), {
			ok: true,
			runId: runsOf(bench, 'workflow_dispatch')[0]!.id,
		});
	}
});

for (const [name, fault] of [...lostAnswers, ...neverExecuted]) {
	const happened = fault.kind === 'lost-answer' || fault.kind === 'truncated';
	test(`${happened ? 'started' : 'not started'} and ${name}: unknown, sent once, and the list says it`, async () => {
		const bench = promotionBench();
		const {promotions} = bench.edge();
		bench.api.faults.next(fault, {match: {path: '/dispatches'}});
		const result = await promotions.dispatch(wanted(bench));
		assert.ok(!result.ok && result.kind === 'unknown', JSON.stringify(result));
		assert.equal(bench.count(dispatches), 1);
		const found = await promotions.findDispatched({workflow, sha: develop(bench), since: result.at});
		assert.deepEqual(found, {ok: true, runId: happened ? runsOf(bench, 'workflow_dispatch')[0]!.id : null});
	});
}

test("no answer ever comes, or the signal's time is up: unknown", async () => {
	for (const how of ['timeout', 'signal']) {
		const bench = promotionBench();
		bench.api.faults.next({kind: 'timeout'}, {match: {path: '/dispatches'}});
		const stop = new AbortController();
		const result = bench.edge().promotions.dispatch(wanted(bench), stop.signal);
		while (bench.api.counters.faults === 0)
			await new Promise(resolve => {
				setImmediate(resolve);
			});
		if (how === 'timeout') bench.clock.expire();
		else stop.abort(new DOMException('late', 'TimeoutError'));
		const told = await result;
		assert.ok(!told.ok && told.kind === 'unknown' && told.at > 0, JSON.stringify(told));
	}
});

test('no such workflow, no such branch, not to be started by hand: refused; who may not: unwritten', async () => {
	const bench = promotionBench();
	const {promotions} = bench.edge();
	for (const [change, because] of [
		[{workflow: 'none.yml'}, /knows no workflow none\.yml/],
		[{ref: 'nowhere'}, /No ref found/],
		[{workflow: 'test-suite.yml'}, /does not have 'workflow_dispatch' trigger/],
	] as const) {
		const result = await promotions.dispatch({...wanted(bench), ...change});
		assert.ok(!result.ok && result.kind === 'refused', JSON.stringify(result));
		assert.match(result.because, because);
	}
	const reader = await bench.edge('sim_read-only').promotions.dispatch(wanted(bench));
	assert.ok(
		!reader.ok && reader.kind === 'not-permitted' && /actions=write/.test(reader.next),
		JSON.stringify(reader),
	);
});

test('a run is found by the whole SHA in its title, by its event and since when; the newest counts', async () => {
	const bench = promotionBench();
	const {promotions} = bench.edge();
	const sha = develop(bench);
	const first = await promotions.dispatch(wanted(bench));
	assert.ok(first.ok);
	bench.clock.advance(60_000);
	const second = await promotions.dispatch(wanted(bench));
	assert.ok(second.ok && second.runId !== first.runId);
	assert.deepEqual(await promotions.findDispatched({workflow, sha, since: first.at}), {
		ok: true,
		runId: second.runId,
	});
	assert.deepEqual(await promotions.findDispatched({workflow, sha, since: second.at + 30_000}), {
		ok: true,
		runId: null,
	});
	assert.deepEqual(await promotions.findDispatched({workflow, sha: bench.at('refs/heads/main')!, since: first.at}), {
		ok: true,
		runId: null,
	});
	assert.deepEqual(await promotions.productionRun({workflow, branch: 'main', headSha: sha, since: first.at}), {
		ok: true,
		runId: null,
	});
});

test('the run of a push is found by its commit; a workflow that does not exist is absent', async () => {
	const bench = promotionBench();
	const {promotions} = bench.edge();
	const [headSha, since] = [develop(bench), bench.clock.now()];
	assert.deepEqual(await promotions.productionRun({workflow, branch: 'main', headSha, since}), {
		ok: true,
		runId: null,
	});
	bench.move('refs/heads/main', headSha);
	assert.deepEqual(await promotions.productionRun({workflow, branch: 'main', headSha, since}), {
		ok: true,
		runId: runsOf(bench, 'push')[0]!.id,
	});
	assert.deepEqual(await promotions.productionRun({workflow, branch: 'main', headSha, since: since + 60_000}), {
		ok: true,
		runId: null,
	});
	assert.deepEqual(await promotions.productionRun({workflow: 'none.yml', branch: 'main', headSha, since}), {
		ok: true,
		runId: null,
		isAbsent: true,
	});
});

test('a run with its jobs, from its beginning to its end', async () => {
	const bench = promotionBench();
	const {promotions} = bench.edge();
	const started = await promotions.dispatch(wanted(bench));
	assert.ok(started.ok && started.runId !== null);
	const words: Array<readonly [string, string | null]> = [];
	for (let step = 0; step < 40; step += 1) {
		const {run} = (await promotions.run(started.runId)) as Extract<
			Awaited<ReturnType<typeof promotions.run>>,
			{ok: true}
		>;
		assert.ok(run);
		if (words.at(-1)?.[0] !== run.status) words.push([run.status, run.conclusion]);
		bench.clock.advance(10_000);
	}
	assert.equal(words.at(-1)?.[1], words.at(-1)?.[0] === 'passed' ? 'success' : 'failure');
	const read = await promotions.run(started.runId);
	assert.ok(read.ok && read.run);
	const {jobs, ...run} = read.run;
	assert.deepEqual(run, {
		id: started.runId,
		attempt: 1,
		status: run.status,
		conclusion: run.conclusion,
		url: started.url,
		title: `Deploy ${develop(bench)} to production`,
		headSha: bench.at('refs/heads/main'),
		path: `.github/workflows/${workflow}`,
		event: 'workflow_dispatch',
		waits: [],
		jobsTotal: 2,
		isHeldBack: false,
		actor: 'mira-okafor',
		origin: null,
	});
	assert.deepEqual(
		jobs.map(({name}) => name),
		['gate', 'deploy'],
	);
	assert.ok(
		jobs[0]!.startedAt !== null && jobs[0]!.finishedAt !== null && jobs[0]!.url?.includes(`${started.runId}`),
	);
	assert.deepEqual(await promotions.run(1), {ok: true, run: null});
});

test('of a run that was repeated in part, the jobs that are not listed yet count as not known', async () => {
	const bench = promotionBench();
	const {promotions, runs} = bench.edge();
	const started = await promotions.dispatch(wanted(bench));
	assert.ok(started.ok && started.runId !== null);
	const id = started.runId;
	bench.clock.advance(600_000);
	const first = await promotions.run(id);
	assert.ok(first.ok && first.run?.status === 'passed');
	const deploy = first.run.jobs.find(({name}) => name === 'deploy')!;
	const seen = {runId: id, attempt: 1, jobIds: first.run.jobs.map(job => job.id)};
	const acted = await runs.act({
		kind: 'rerun',
		title: 'Production',
		number: 1,
		seen,
		which: {jobId: deploy.id, name: deploy.name},
		debug: false,
	});
	assert.ok(acted.ok, JSON.stringify(acted));
	bench.clock.advance(600_000);
	bench.api.faults.next({kind: 'rerun-lag', shows: 'repeated'}, {times: 99});
	const again = await promotions.run(id);
	assert.ok(again.ok && again.run?.status === 'passed' && again.run.attempt === 2, JSON.stringify(again));
	assert.deepEqual([again.run.jobs.map(({name}) => name), again.run.jobsTotal], [['deploy'], 2]);
});

test('a run that waits for an environment says for which, and whether we may approve', async () => {
	const bench = promotionBench({scenario: 'approval'});
	bench.clock.advance(8 * 60_000);
	bench.api.simulation.advanceTo(bench.clock.now());
	const waiting = [...bench.api.simulation.state.runs.values()].findLast(run => run.status === 'waiting')!;
	const read = await bench.edge().promotions.run(waiting.id);
	assert.ok(read.ok && read.run?.status === 'waiting');
	assert.deepEqual(read.run.waits, [{environment: 'staging', canApprove: true}]);
});

test('cancelled; what has ended, and what never was, is refused', async () => {
	const bench = promotionBench();
	const {promotions} = bench.edge();
	const started = await promotions.dispatch(wanted(bench));
	assert.ok(started.ok && started.runId !== null);
	assert.deepEqual(await promotions.cancelRun(started.runId), {ok: true});
	bench.clock.advance(60_000);
	const read = await promotions.run(started.runId);
	assert.ok(read.ok && read.run?.status === 'cancelled' && read.run.conclusion === 'cancelled');
	const [again, none] = [await promotions.cancelRun(started.runId), await promotions.cancelRun(1)];
	assert.ok(!again.ok && again.kind === 'refused' && /completed/.test(again.because));
	assert.ok(!none.ok && none.kind === 'refused' && none.because === 'there is no run 1');
});

test('failures are values', async () => {
	const bench = promotionBench();
	const {promotions} = bench.edge();
	bench.api.faults.next({kind: 'connection-reset'}, {times: 100});
	const results = [
		await promotions.findDispatched({workflow, sha: develop(bench), since: 0}),
		await promotions.productionRun({workflow, branch: 'main', headSha: develop(bench), since: 0}),
		await promotions.run(1),
		await promotions.cancelRun(1),
		await promotions.dispatch(wanted(bench)),
	];
	for (const result of results) assert.ok(!result.ok && result.kind === 'unreachable', JSON.stringify(result));
	assert.equal(bench.count(dispatches), 0);
});
