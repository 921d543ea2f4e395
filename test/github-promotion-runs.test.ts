/** Production's workflow: started, found again, followed, cancelled. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createRun} from '../source/simulator/actions/runs.ts';
import {addCommit} from '../source/simulator/model/git.ts';
import {personOf, type Run} from '../source/simulator/model/model.ts';
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
	assert.deepEqual(
		await promotions.findDispatched({workflow, branch: 'main', sha: develop(bench), since: startedAt - 5000}),
		{ok: true, runId: run!.id},
	);
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
		assert.deepEqual(
			await promotions.findDispatched({workflow, branch: 'main', sha: develop(bench), since: result.at}),
			{ok: true, runId: runsOf(bench, 'workflow_dispatch')[0]!.id},
		);
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
		const found = await promotions.findDispatched({
			workflow,
			branch: 'main',
			sha: develop(bench),
			since: result.at,
		});
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
	assert.deepEqual(await promotions.findDispatched({workflow, branch: 'main', sha, since: first.at}), {
		ok: true,
		runId: second.runId,
	});
	assert.deepEqual(await promotions.findDispatched({workflow, branch: 'main', sha, since: second.at + 30_000}), {
		ok: true,
		runId: null,
	});
	assert.deepEqual(
		await promotions.findDispatched({workflow, branch: 'main', sha: bench.at('refs/heads/main')!, since: first.at}),
		{ok: true, runId: null},
	);
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

type Forgery = {event?: string; branch?: string; isTag?: boolean; fork?: string; title?: string; at?: string};

/** A run of production's workflow by somebody who may write, or of a fork: on a commit with workflows of its own, unless `at` says another. */
const forge = (
	{api}: Bench,
	sha: string,
	{title = `Deploy ${sha} to production`, branch = 'main', event = 'workflow_dispatch', at, ...more}: Forgery,
): Run =>
	api.simulation.act(engine => {
		const {state} = engine;
		const mallory = personOf(state, 'jonas-lindqvist');
		const own =
			at ??
			addCommit(state, {
				message: 'Own workflows',
				author: mallory,
				parents: [sha],
				at: state.now,
				automation: 'e'.repeat(40),
			}).sha;
		return createRun(
			engine,
			state.workflows.find(({definition}) => definition.file === workflow)!,
			{event, actor: mallory, about: sha, sha: own, branch, title, ...more},
		);
	});

const forgedDispatches: ReadonlyArray<readonly [string, Forgery, RegExp | null]> = [
	['a feature branch', {branch: 'feature/x'}, /is called so, but it runs on feature\/x$/],
	[
		'a tag called like the branch',
		{isTag: true},
		/is called so, but it ran on \w{7}, which is not on the history of main$/,
	],
	['a branch of a fork', {fork: 'mallory/auto-author'}, /is called so, but its code comes from a fork$/],
	['another event', {event: 'issue_comment'}, null],
	['a title that only contains the commit', {title: 'Deploy feature/X to production'}, null],
	['a title that names two commits', {title: 'Deploy X of Y to production'}, null],
];

for (const [name, forgery, doubt] of forgedDispatches) {
	test(`a run that is called like the dispatched one is not followed, with and without the real one beside it: ${name}`, async () => {
		const bench = promotionBench({scenario: 'ghes'});
		const {promotions} = bench.edge();
		const [sha, main] = [develop(bench), bench.at('refs/heads/main')!];
		const title = forgery.title?.replace('X', sha).replace('Y', main);
		const look = {workflow, branch: 'main', sha, since: bench.clock.now()};
		forge(bench, sha, {...forgery, ...(title !== undefined && {title})});
		const alone = await promotions.findDispatched(look);
		assert.ok(alone.ok && alone.runId === null, JSON.stringify(alone));
		if (doubt === null) assert.equal(alone.doubt, undefined);
		else assert.match(alone.doubt ?? '', doubt);
		const sent = await promotions.dispatch(wanted(bench));
		assert.ok(sent.ok);
		const real = runsOf(bench, 'workflow_dispatch').findLast(run => run.actor.login === 'mira-okafor')!;
		bench.clock.advance(2000);
		forge(bench, sha, {...forgery, ...(title !== undefined && {title})});
		assert.deepEqual(await promotions.findDispatched(look), {ok: true, runId: real.id});
	});
}

test('a dispatched run is found where the branch has moved on since, and not below where it never was', async () => {
	const bench = promotionBench({scenario: 'ghes'});
	const {promotions} = bench.edge();
	const sha = develop(bench);
	const look = {workflow, branch: 'main', sha, since: bench.clock.now()};
	assert.ok((await promotions.dispatch(wanted(bench))).ok);
	const [real] = runsOf(bench, 'workflow_dispatch');
	bench.move('refs/heads/main', bench.commit('Something else', bench.at('refs/heads/main')!));
	assert.deepEqual(await promotions.findDispatched(look), {ok: true, runId: real!.id});
	// What a merge brings in is in the history, and the branch never was there.
	const side = bench.commit('A side', bench.at('refs/heads/main')!);
	const merge = bench.api.simulation.act(
		({state}) =>
			addCommit(state, {
				message: 'Merge',
				author: personOf(state, 'mira-okafor'),
				parents: [bench.at('refs/heads/main')!, side],
				at: state.now,
			}).sha,
	);
	bench.move('refs/heads/main', merge);
	bench.clock.advance(2000);
	forge(bench, sha, {at: side});
	assert.deepEqual(await promotions.findDispatched(look), {ok: true, runId: real!.id});
});

const listPath = `/actions/workflows/${workflow}/runs?per_page=100`;
type ListedRun = Record<'head_branch' | 'head_repository' | 'path' | 'display_title', unknown>;
const without = (bench: Bench, what: keyof ListedRun) => {
	const answer = bench.api.answer(
		{
			method: 'GET',
			url: `http://127.0.0.1:1/repos/acme/auto-author${listPath}`,
			headers: {authorization: 'Bearer sim_classic', 'user-agent': 'test'},
			body: '',
		},
		'http://127.0.0.1:1',
	);
	const body = JSON.parse(answer.body) as {workflow_runs: ListedRun[]};
	bench.pretend(listPath, {...body, workflow_runs: body.workflow_runs.map(run => ({...run, [what]: null}))});
};

for (const what of ['head_branch', 'head_repository', 'path', 'display_title'] as const) {
	test(`what GitHub does not say of a run is unknown, and the run is not ours: ${what}`, async () => {
		const bench = promotionBench();
		const {promotions} = bench.edge();
		const [sha, since] = [develop(bench), bench.clock.now()];
		assert.ok((await promotions.dispatch(wanted(bench))).ok);
		bench.move('refs/heads/main', sha);
		without(bench, what);
		const dispatched = await promotions.findDispatched({workflow, branch: 'main', sha, since});
		assert.ok(dispatched.ok && dispatched.runId === null, JSON.stringify(dispatched));
		const pushed = await promotions.productionRun({workflow, branch: 'main', headSha: sha, since});
		// A push needs no title.
		assert.ok(pushed.ok && (pushed.runId === null) === (what !== 'display_title'), JSON.stringify(pushed));
		if (what !== 'display_title') assert.match(pushed.doubt ?? '', /is called so, but GitHub did not (?:say|name)/);
	});
}

test('the run of a push: not that of a fork, of another branch, of another event; and a tag called like the branch leaves it unknown', async () => {
	for (const [forgery, isKnown] of [
		[{fork: 'mallory/auto-author'}, true],
		[{branch: 'feature/x'}, true],
		[{event: 'workflow_dispatch'}, true],
		[{event: 'pull_request'}, true],
		[{isTag: true}, false],
	] as const) {
		const bench = promotionBench();
		const {promotions} = bench.edge();
		const [headSha, since] = [develop(bench), bench.clock.now()];
		const look = {workflow, branch: 'main', headSha, since};
		forge(bench, headSha, {event: 'push', at: headSha, ...forgery});
		const alone = await promotions.productionRun(look);
		if (isKnown) assert.ok(alone.ok && alone.runId === null, JSON.stringify({forgery, alone}));
		bench.move('refs/heads/main', headSha);
		const real = runsOf(bench, 'push').find(
			run => run.actor.login === 'jonas-lindqvist' && run.branch === 'main' && run.suite.isElsewhere !== true,
		)!;
		bench.clock.advance(2000);
		forge(bench, headSha, {event: 'push', at: headSha, ...forgery});
		const found = await promotions.productionRun(look);
		if (isKnown) assert.deepEqual(found, {ok: true, runId: real.id}, JSON.stringify(forgery));
		else assert.deepEqual(found, {ok: true, runId: null, doubt: "3 runs look like the push's own"});
	}
	const bench = promotionBench();
	const {promotions} = bench.edge();
	const [headSha, since] = [develop(bench), bench.clock.now()];
	bench.api.simulation.act(({state}) => {
		state.refs.set('refs/tags/main', headSha);
	});
	bench.move('refs/heads/main', headSha);
	const found = await promotions.productionRun({workflow, branch: 'main', headSha, since});
	assert.ok(found.ok && found.runId === null, JSON.stringify(found));
	assert.match(found.doubt ?? '', /^a tag is called main, and run \d+ may be its own$/);
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
		await promotions.findDispatched({workflow, branch: 'main', sha: develop(bench), since: 0}),
		await promotions.productionRun({workflow, branch: 'main', headSha: develop(bench), since: 0}),
		await promotions.run(1),
		await promotions.cancelRun(1),
		await promotions.dispatch(wanted(bench)),
	];
	for (const result of results) assert.ok(!result.ok && result.kind === 'unreachable', JSON.stringify(result));
	assert.equal(bench.count(dispatches), 0);
});
