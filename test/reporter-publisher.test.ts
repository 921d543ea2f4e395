/** When a shard says what: by a clock of the test's own, against the simulated GitHub and its limits. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import type {Fault} from '../source/simulator/limits/faults.ts';
import {parseShardWord, type ShardProgress} from '../source/core/tests/progress.ts';
import {type Identity, surroundingsOf} from '../source/reporter/environment.ts';
import {createPublisher} from '../source/reporter/publisher.ts';
import {
	createSchedule,
	decide,
	ended,
	failed,
	posting,
	progressed,
	progressInterval,
	rules,
	type Schedule,
} from '../source/reporter/schedule.ts';
import {allStatuses, type Simulated, simulated} from './helpers/simulated.ts';
import {runs} from './helpers/fuzz.ts';

const counts = (done: number, total: number, more: Partial<ShardProgress> = {}): ShardProgress => ({
	done,
	total,
	failed: 0,
	flaky: 0,
	skipped: 0,
	current: null,
	...more,
});
const env = (simulator: Simulated, more: Record<string, string> = {}) => ({
	GITHUB_RUN_ID: '7',
	GITHUB_TOKEN: 'sim_workflow',
	GITHUB_REPOSITORY: 'acme/auto-author',
	GITHUB_API_URL: 'http://127.0.0.1:1',
	GITHUB_WORKFLOW_REF: 'acme/auto-author/.github/workflows/e2e-staging.yml@x',
	SHA: simulator.simulation.sha('comments'),
	...more,
});

/** Time that stands still until the test moves it; what is due happens in order, and answers come at once. */
const stage = (options: {scenario?: string} = {}) => {
	const simulator = simulated(options.scenario ?? 'quiet').as('sim_workflow');
	const timers = new Set<{at: number; call: () => void}>();
	const warnings: string[] = [];
	const requests: Array<{at: number; status: number}> = [];
	const settle = async () => {
		for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
		await new Promise(setImmediate);
	};
	const open = (shard = '1/4', more: Record<string, string> = {}) => {
		const {identity, target} = surroundingsOf(env(simulator, {DEPLOYCTL_SHARD: shard, ...more}));
		return createPublisher({
			identity,
			target: target!,
			now: () => simulator.now(),
			warn: line => warnings.push(line),
			later(afterMs, _, call) {
				const timer = {at: simulator.now() + afterMs, call};
				timers.add(timer);
				return () => timers.delete(timer);
			},
			async fetch(url, {method, headers, body}) {
				const {pathname} = new URL(url);
				const answer = simulator.answer({method, url: pathname, headers, body}, 'http://127.0.0.1:1');
				requests.push({at: simulator.now(), status: answer.reset ? 0 : answer.status});
				if (answer.reset) throw new TypeError('fetch failed', {cause: {code: 'ECONNRESET'}});
				return new Response(answer.body, {status: answer.status, headers: answer.headers});
			},
		});
	};
	const move = async (milliseconds: number) => {
		const until = simulator.now() + milliseconds;
		await settle();
		for (;;) {
			const next = [...timers].toSorted((a, b) => a.at - b.at)[0];
			if (!next || next.at > until) break;
			timers.delete(next);
			simulator.move(Math.max(0, next.at - simulator.now()));
			next.call();
			await settle();
		}
		simulator.move(Math.max(0, until - simulator.now()));
	};
	const sha = simulator.simulation.sha('comments');
	/** Oldest first; without those that the scenario's own run has posted. */
	const said = (shard = '1-of-4') =>
		allStatuses(simulator, sha)
			.filter(({context, target_url}) => context.endsWith(shard) && target_url.includes('/runs/7/'))
			.toReversed();
	return {simulator, open, move, said, warnings, requests, sha};
};

const fault = (simulator: Simulated, kind: Fault) =>
	simulator.faults.next(kind, {match: {path: '/statuses/', method: 'POST'}});

test('the first word at once, then at most every five seconds, and only when there is news', async () => {
	const {open, move, said} = stage();
	const publisher = open();
	publisher.progress(counts(0, 30));
	await move(0);
	assert.deepEqual(
		said().map(({description, state}) => [description, state]),
		[['0/30', 'pending']],
	);
	for (let done = 1; done <= 30; done += 1) {
		publisher.progress(counts(done, 30));
		await move(1000);
	}
	assert.deepEqual(
		said().map(({description}) => description),
		['0/30', '5/30', '10/30', '15/30', '20/30', '25/30', '30/30'].slice(0, said().length),
	);
	assert.ok(said().length >= 6);
	const before = said().length;
	await move(600_000);
	assert.ok(said().length - before <= 1);
	void publisher.end(counts(30, 30), 'success');
	await move(10_000);
	const last = said().at(-1)!;
	assert.deepEqual(
		[last.state, last.description, last.target_url],
		['success', '30/30', 'https://github.com/acme/auto-author/actions/runs/7/attempts/1'],
	);
});

test('failures go out at once, a second apart; beyond thirty they are only counted', async () => {
	const {open, move, said, requests} = stage();
	const publisher = open('1/1');
	publisher.progress(counts(0, 100));
	await move(0);
	for (let index = 1; index <= 50; index += 1)
		publisher.failed(counts(index, 100, {failed: index}), {location: `a.ts:${index}`, title: 'x', message: 'no'});
	await move(60_000);
	const failures = said('1-of-1')
		.map(({description}) => parseShardWord(description)!)
		.filter(({failure}) => failure);
	assert.deepEqual(
		failures.map(({progress, failure}) => [progress.failed, failure!.location]),
		Array.from({length: 30}, (_, index) => [index + 1, `a.ts:${index + 1}`]),
	);
	assert.ok(requests.every(({at}, index) => index === 0 || at - requests[index - 1]!.at >= 1000));
	void publisher.end(counts(100, 100, {failed: 50}), 'failure');
	await move(10_000);
	assert.deepEqual(
		[said('1-of-1').at(-1)!.description, said('1-of-1').at(-1)!.state],
		['100/100, 50 failed', 'failure'],
	);
});

test('trouble: said again when it is over, a failure is never lost, the log has one line', async () => {
	const {open, move, said, simulator, warnings} = stage();
	const publisher = open();
	publisher.progress(counts(0, 9));
	await move(0);
	fault(simulator, {kind: 'bad-gateway-html'});
	fault(simulator, {kind: 'connection-reset'});
	publisher.failed(counts(1, 9, {failed: 1}), {location: 'a.ts:1', title: 'x', message: 'no'});
	await move(10_000);
	assert.equal(said().filter(({description}) => description.startsWith('✗')).length, 1);
	fault(simulator, {kind: 'secondary-limit', status: 429, retryAfterSeconds: 90});
	publisher.progress(counts(2, 9, {failed: 1}));
	await move(20_000);
	const before = said().length;
	publisher.progress(counts(3, 9, {failed: 1}));
	await move(60_000);
	assert.equal(said().length, before, 'it waits as long as GitHub says');
	await move(30_000);
	assert.equal(said().at(-1)!.description, '3/9, 1 failed');
	assert.equal(warnings.length, 1);
	assert.doesNotMatch(warnings.join(), /sim_workflow/);
});

test('what GitHub will not take is tried once: no permission, no such commit', async () => {
	for (const [more, pattern] of [
		[{GITHUB_TOKEN: 'sim_read-only'}, /answered 403: Resource not accessible.*no more are tried/],
		[{SHA: '0'.repeat(40)}, /answered 422/],
		[{GITHUB_TOKEN: 'wrong'}, /answered 401: Bad credentials/],
	] as const) {
		const {open, move, warnings, requests} = stage();
		const publisher = open('1/4', more);
		publisher.progress(counts(0, 9));
		await move(0);
		publisher.failed(counts(1, 9, {failed: 1}), {location: 'a', title: 'b', message: 'c'});
		await move(60_000);
		await publisher.end(counts(9, 9, {failed: 1}), 'failure');
		assert.deepEqual([requests.length, warnings.length], [1, 1]);
		assert.match(warnings[0]!, pattern);
	}
});

test("the end is bounded: nobody waits longer than ten seconds, and not at all for an hour's limit", async () => {
	const {open, move, simulator, warnings} = stage();
	const publisher = open();
	publisher.progress(counts(0, 2));
	await move(0);
	for (let index = 0; index < 20; index += 1) fault(simulator, {kind: 'something-went-wrong'});
	let isOver = false;
	void publisher.end(counts(2, 2), 'success').then(() => {
		isOver = true;
	});
	await move(500);
	const early = isOver;
	await move(9500);
	assert.deepEqual([early, isOver], [false, true]);
	assert.match(warnings.at(-1)!, /last word about this shard could not be posted/);

	const other = stage();
	fault(other.simulator, {kind: 'rate-limited', resetSeconds: 1800});
	const limited = other.open();
	limited.progress(counts(0, 2));
	await other.move(2000);
	const began = other.simulator.now();
	await limited.end(counts(2, 2), 'success');
	assert.equal(other.simulator.now(), began);
});

test('four shards for half an hour, twice an hour: never refused, and half of the allowance is left', async () => {
	const {open, move, requests, simulator, said} = stage();
	for (const attempt of ['1', '2']) {
		const shards = [1, 2, 3, 4].map(index => open(`${index}/4`, {GITHUB_RUN_ATTEMPT: attempt}));
		for (let second = 0; second <= 1740; second += 3) {
			for (const shard of shards) shard.progress(counts(second / 3, 580, {current: `test ${second}`}));
			await move(3000);
		}
		for (const shard of shards) void shard.end(counts(580, 580), 'success');
		await move(12_000);
	}
	assert.ok(
		requests.every(({status}) => status === 201),
		JSON.stringify(requests.find(({status}) => status !== 201)),
	);
	assert.ok(requests.length < 500 && requests.length > 200, `${requests.length}`);
	assert.equal(said('4-of-4').at(-1)!.state, 'success');
	assert.ok(simulator.budgetOf('sim_workflow').look('core', simulator.now())!.remaining > 400);
});

const start = (more: Partial<Parameters<typeof createSchedule>[0]> = {}): Schedule =>
	createSchedule({shards: 4, attempt: 1, now: 0, ...more});

test('when little of the hour is left, progress waits and failures do not', () => {
	const schedule = {
		...progressed(start(), counts(10, 20)),
		words: 1,
		times: [0],
		rate: {remaining: rules.reserve, resetAt: 1_800_000},
	};
	assert.equal(decide(schedule, 60_000).do, 'wait');
	assert.ok(progressInterval(schedule, 60_000) > 1_000_000);
	const {do: what} = decide(
		failed(schedule, counts(11, 20, {failed: 1}), {location: 'a', title: 'b', message: 'c'}),
		60_000,
	);
	assert.equal(what, 'post');
});

test('before a thousand statuses it says that it falls silent, and still gives its verdict', () => {
	let schedule = start({shards: 1});
	let now = 0;
	const descriptions: string[] = [];
	for (let done = 0; done < 2000; done += 1) {
		schedule = progressed(schedule, counts(done, 2000));
		const decision = decide(schedule, now);
		if (decision.do === 'post') {
			descriptions.push(decision.word.description);
			schedule = posting(schedule, decision.word, now);
		}
		now += 30_000;
	}
	assert.equal(descriptions.length, 299);
	assert.match(descriptions.at(-1)!, /^\d+\/2000 · no more until the end/);
	assert.equal(parseShardWord(descriptions.at(-1)!)!.progress.total, 2000);
	const last = decide(ended(schedule, counts(2000, 2000), 'success', now), now);
	assert.ok(last.do === 'post' && last.word.kind === 'last');
	assert.equal(start({attempt: 7}).wordsAtMost, 10, 'attempts share a context');
});

test('whatever happens: a second between words, bounded numbers, and exactly one verdict', () => {
	const event = fc.oneof(
		fc.record({kind: fc.constant('wait' as const), ms: fc.integer({min: 1, max: 20_000})}),
		fc.record({kind: fc.constant('progress' as const)}),
		fc.record({kind: fc.constant('failed' as const), many: fc.integer({min: 1, max: 12})}),
	);
	fc.assert(
		fc.property(fc.array(event, {maxLength: 120}), fc.integer({min: 1, max: 40}), (events, shards) => {
			let schedule = start({shards});
			let now = 0;
			let done = 0;
			let wrong = 0;
			const words: Array<{at: number; kind: string}> = [];
			const run = (until: number) => {
				for (let guard = 0; guard < 10_000; guard += 1) {
					const decision = decide(schedule, now);
					if (decision.do === 'post') {
						words.push({at: now, kind: decision.word.kind});
						schedule = posting(schedule, decision.word, now);
					} else if (decision.do === 'wait' && decision.until <= until) {
						assert.ok(decision.until > now, 'time goes on');
						now = decision.until;
					} else {
						break;
					}
				}
				now = Math.max(now, until);
			};
			for (const one of events) {
				if (one.kind === 'wait') run(now + one.ms);
				if (one.kind === 'progress')
					schedule = progressed(schedule, counts((done += 1), 10_000, {failed: wrong}));
				for (let index = 0; one.kind === 'failed' && index < one.many; index += 1)
					schedule = failed(schedule, counts((done += 1), 10_000, {failed: (wrong += 1)}), {
						location: `a:${done}`,
						title: 't',
						message: 'm',
					});
				run(now);
			}
			schedule = ended(schedule, counts(done, done, {failed: wrong}), wrong > 0 ? 'failure' : 'success', now);
			run(now + 60_000);
			assert.equal(words.filter(({kind}) => kind === 'last').length, 1);
			assert.equal(words.at(-1)!.kind, 'last');
			assert.ok(words.every(({at}, index) => index === 0 || at - words[index - 1]!.at >= rules.apartMs));
			const ordinary = words.filter(({kind}) => kind === 'progress');
			assert.ok(
				ordinary.every(
					({at}, index) =>
						index === 0 || at - ordinary[index - 1]!.at >= Math.max(rules.progressEveryMs, shards * 1000),
				),
			);
			assert.ok(words.filter(({kind}) => kind === 'failure').length <= Math.min(wrong, rules.failuresAtMost));
		}),
		runs(300),
	);
});

test('the environment: what is said, where, and why not', () => {
	const full = {
		GITHUB_RUN_ID: '7',
		GITHUB_TOKEN: 't',
		GITHUB_REPOSITORY: 'acme/shop',
		GITHUB_WORKFLOW_REF: 'acme/shop/.github/workflows/e2e.yml@refs/heads/x.yml',
		GITHUB_SHA: 'A'.repeat(40),
	};
	const at = (more: Record<string, string>) => surroundingsOf({...full, ...more});
	assert.deepEqual(at({}).target, {
		statusesUrl: `https://api.github.com/repos/acme/shop/statuses/${'a'.repeat(40)}`,
		runUrl: 'https://github.com/acme/shop/actions/runs/7/attempts/1',
		token: 't',
	});
	assert.equal(at({}).identity.workflow, 'e2e.yml');
	assert.deepEqual(
		at({
			GITHUB_API_URL: 'https://ghes.example/api/v3/',
			GITHUB_SERVER_URL: 'https://ghes.example',
			SHA: 'b'.repeat(40),
			GITHUB_RUN_ATTEMPT: '3',
		}).target,
		{
			statusesUrl: `https://ghes.example/api/v3/repos/acme/shop/statuses/${'b'.repeat(40)}`,
			runUrl: 'https://ghes.example/acme/shop/actions/runs/7/attempts/3',
			token: 't',
		},
	);
	assert.deepEqual([surroundingsOf({}).target, surroundingsOf({}).because], [null, null]);
	for (const [more, pattern] of [
		[{GITHUB_TOKEN: ''}, /no GITHUB_TOKEN/],
		[{GITHUB_REPOSITORY: '../x'}, /GITHUB_REPOSITORY/],
		[{GITHUB_API_URL: 'file:///etc'}, /GITHUB_API_URL/],
		[{SHA: 'develop'}, /^SHA is not/],
		[{GITHUB_SHA: ''}, /neither SHA/],
		[{GITHUB_WORKFLOW_REF: ''}, /DEPLOYCTL_WORKFLOW/],
	] as const)
		assert.match(at(more).because ?? '', pattern);
	const shard = (text: string, own: Identity['shard'] | null = {index: 3, total: 3}) =>
		surroundingsOf({...full, DEPLOYCTL_SHARD: text}, own).identity.shard;
	assert.deepEqual(
		[shard('2/4'), shard('5/4'), shard('', null)],
		[
			{index: 2, total: 4},
			{index: 3, total: 3},
			{index: 1, total: 1},
		],
	);
});
