/** Everything that can go wrong between us and GitHub, over real HTTP. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {ReadFailure} from '../source/core/github/facts.ts';
import type {Fault} from '../source/simulator/limits/faults.ts';
import {defaults, scenario} from '../source/simulator/model/scenario.ts';
import {release} from '../source/simulator/scenarios/release.ts';
import {about, bench, isMoving, read, tokens} from './helpers/reader.ts';

const minute = 60_000;
type Row = [name: string, fault: Fault, kind: ReadFailure['kind'], retryAfterMs?: number | null];
const faults: Row[] = [
	['502, a web page', {kind: 'bad-gateway-html'}, 'server-error', null],
	['504, a web page', {kind: 'bad-gateway-html', status: 504}, 'server-error', null],
	['something went wrong, 502', {kind: 'something-went-wrong', status: 502}, 'server-error', null],
	['something went wrong, 200', {kind: 'something-went-wrong', status: 200}, 'server-error', null],
	['connection reset', {kind: 'connection-reset'}, 'unreachable', null],
	['RATE_LIMITED', {kind: 'rate-limited', resetSeconds: 600}, 'rate-limited', 600_000],
	['RATE_LIMIT', {kind: 'rate-limited', resetSeconds: 600, type: 'RATE_LIMIT'}, 'rate-limited', 600_000],
	['secondary limit, 200', {kind: 'secondary-limit', status: 200}, 'secondary-limit', minute],
	['secondary limit, 403', {kind: 'secondary-limit', status: 403}, 'secondary-limit', minute],
	[
		'secondary limit, 403, with retry-after',
		{kind: 'secondary-limit', status: 403, retryAfterSeconds: 75},
		'secondary-limit',
		75_000,
	],
	['secondary limit, 429', {kind: 'secondary-limit', status: 429, retryAfterSeconds: 75}, 'secondary-limit', 75_000],
	['a cut answer', {kind: 'truncated'}, 'unreachable', null],
	['a log-in page', {kind: 'html-200'}, 'malformed', null],
	['a bad token', {kind: 'unauthorised'}, 'unauthorised', null],
	['resource limits for everything', {kind: 'resource-limits', path: ['repository']}, 'server-error', null],
];

for (const [name, fault, kind, retryAfterMs] of faults) {
	test(`${name}: a failure over GraphQL, and the next question is answered`, async t => {
		const {github, simulator, clock} = await bench(t);
		simulator.faults.next(fault, {match: {api: 'graphql'}});
		const answer = await github.ask({kind: 'overview'});
		assert.ok(!answer.ok);
		assert.equal(answer.failure.kind, kind, answer.failure.because);
		assert.equal(answer.failure.retryAt, retryAfterMs ? clock.now() + retryAfterMs : null);
		assert.equal(answer.failure.readAt, clock.now());
		assert.equal((await read(github)).path, 'graphql');
	});

	// REST never puts errors into a 200.
	if (fault.kind !== 'resource-limits' && !('status' in fault && fault.status === 200)) {
		test(`${name}: REST beside GraphQL may fail`, async t => {
			const {github, simulator, clock} = await bench(t);
			simulator.faults.during(clock.now(), clock.now() + minute, fault, {api: 'rest'});
			const reading = await read(github);
			assert.equal(reading.path, 'graphql');
			assert.ok(reading.partial.length > 0);
			assert.ok(reading.facts.runs.length > 0);
			assert.ok(reading.facts.runs.every(({attempt}) => attempt === null));
			clock.advance(11 * minute);
			const later = await read(github);
			assert.deepEqual(later.partial, []);
			assert.ok(later.facts.runs.every(({attempt}) => attempt !== null));
		});

		test(`${name}: a failure on the REST path`, async t => {
			const {simulator, reader} = await bench(t);
			const github = reader(tokens.noSuites);
			simulator.faults.next(fault, {times: 50, match: {api: 'rest'}});
			const answer = await github.ask({kind: 'overview'});
			assert.ok(!answer.ok);
			assert.equal(answer.failure.kind, kind, answer.failure.because);
		});
	}
}

test('a server that never answers is given up after twelve seconds of our clock', async t => {
	const {github, simulator, clock} = await bench(t);
	await read(github);
	simulator.faults.next({kind: 'timeout'}, {match: {api: 'graphql'}});
	const asked = github.ask({kind: 'overview'});
	while (simulator.counters.faults === 0) {
		await new Promise(resolve => {
			setImmediate(resolve);
		});
	}

	clock.advance(12_000);
	const answer = await asked;
	assert.ok(!answer.ok);
	assert.equal(answer.failure.kind, 'timeout');
});

test('a REST that never answers holds GraphQL up for five seconds, once', async t => {
	const {github, simulator, clock} = await bench(t);
	await read(github);
	simulator.faults.next({kind: 'timeout'}, {times: 9, match: {api: 'rest'}});
	const asked = read(github);
	while (simulator.counters.faults === 0 || simulator.counters.byKind['Overview'] !== 2) {
		await new Promise(resolve => {
			setImmediate(resolve);
		});
	}

	clock.advance(5000);
	const reading = await asked;
	assert.match(reading.partial.join(), /run attempts: github\.com did not answer within 5 s/);
	assert.ok(
		reading.facts.runs.every(({attempt}) => attempt !== null),
		'known from before',
	);
	assert.equal((await read(github)).latencyMs, 0);
});

test('an abort tears the connection down and rejects', async t => {
	const {github, simulator} = await bench(t);
	simulator.faults.next({kind: 'timeout'}, {times: 9});
	const controller = new AbortController();
	const asked = github.ask({kind: 'overview'}, controller.signal);
	while (simulator.counters.faults === 0) {
		await new Promise(resolve => {
			setImmediate(resolve);
		});
	}

	controller.abort(new Error('quit'));
	await assert.rejects(asked, /quit/);
});

test('nobody listens', async t => {
	const {github, simulator} = await bench(t);
	await simulator.close();
	const answer = await github.ask({kind: 'overview'});
	assert.ok(!answer.ok);
	assert.equal(answer.failure.kind, 'unreachable');
	assert.match(answer.failure.because, /refuses the connection/);
});

test('no access is a repository that is not there', async t => {
	const {reader} = await bench(t);
	const answer = await reader('sim_no-access').ask({kind: 'overview'});
	assert.ok(!answer.ok);
	assert.equal(answer.failure.kind, 'not-found');
	assert.match(answer.failure.because, /acme\/auto-author/);
});

test('partial data is used, and what is missing is left out rather than shown as nothing', async t => {
	const {github, simulator} = await bench(t);
	simulator.faults.next(
		{kind: 'partial', path: ['repository', 'staging', 'target', 'history']},
		{match: {operation: 'Overview'}},
	);
	const {facts, partial} = await read(github);
	assert.deepEqual(partial, ['Something went wrong while executing your query']);
	assert.equal(facts.commits, undefined);
	assert.ok(facts.runs.length > 0);
	assert.ok((facts.deployments?.length ?? 0) > 0);

	simulator.faults.next(
		{kind: 'resource-limits', path: ['repository', 'onStaging']},
		{match: {operation: 'Overview'}},
	);
	const second = await read(github);
	assert.equal(second.facts.deployments, undefined);
	assert.equal(second.facts.commits?.length, 12);

	simulator.faults.next(
		{kind: 'partial', path: ['repository', 'staging', 'target', 'history', 'nodes', 0]},
		{match: {operation: 'Overview'}},
	);
	const third = await read(github);
	assert.ok(third.facts.runs.length > 0);
});

test('GitHub five minutes ahead: its times are taken by our clock', async t => {
	const {github, simulator, clock} = await bench(t);
	simulator.faults.during(clock.now(), clock.now() + minute, {kind: 'clock-skew', seconds: 300});
	const reading = await read(github);
	assert.equal(reading.clockSkewMs, 300_000);
	simulator.faults.next({kind: 'rate-limited', resetSeconds: 900}, {match: {api: 'graphql'}});
	const answer = await github.ask({kind: 'overview'});
	assert.ok(!answer.ok);
	assert.equal(answer.failure.retryAt, clock.now() + 600_000);
});

test('a fine-grained token: runs over GraphQL until checks are refused, then REST for ten minutes', async t => {
	const {simulator, clock, reader, counted} = await bench(t);
	const github = reader(tokens.fineGrained);
	const overview = await read(github);
	assert.equal(overview.path, 'graphql');
	const question = about(
		overview.facts.runs.filter(run => isMoving(run)),
		[overview.facts.commits?.[0]?.sha ?? ''],
	);
	const first = await read(github, question);
	assert.equal(first.path, 'rest');
	assert.deepEqual(first.partial, []);
	assert.ok(first.facts.runs.some(({jobs}) => jobs !== null && jobs.every(({steps}) => steps !== null)));
	assert.equal(github.path(), 'rest');

	clock.advance(1000);
	const second = await counted(async () => read(github, question));
	assert.equal(second.points, 0);
	assert.equal(second.result.cost, second.core);
	assert.deepEqual(
		second.result.rateLimit,
		simulatorLimit(simulator.budgetOf(tokens.fineGrained).look('core', clock.now())),
	);
	clock.advance(10 * minute);
	assert.equal(github.path(), 'graphql');
	assert.equal((await read(github)).path, 'graphql');
});

const simulatorLimit = (bucket: {limit: number; remaining: number; resetAt: number} | null) =>
	bucket && {limit: bucket.limit, remaining: bucket.remaining, resetAt: bucket.resetAt};

test('the REST path asks again only for what changed', async t => {
	const {clock, reader, counted} = await bench(t);
	const github = reader(tokens.noSuites);
	const first = await counted(async () => read(github));
	const second = await counted(async () => read(github));
	// Shards of E2E say so much that the statuses of a commit are pages; each is read once.
	assert.ok(first.core <= 65, `${first.core} counted at first`);
	assert.equal(second.core, 0);
	assert.ok(second.requests <= 11, `${second.requests} requests when nothing happened`);

	const {runs, commits} = second.result.facts;
	const question = about(
		runs.filter(run => isMoving(run)),
		[commits?.[0]?.sha ?? ''],
	);
	await read(github, question);
	const active = await counted(async () => read(github, question));
	assert.equal(active.core, 0);
	clock.advance(1000);
	const moved = await counted(async () => read(github, question));
	assert.ok(moved.core <= 6, `${moved.core} counted of ${moved.requests}`);
});

test('annotations that the token may not read are said once and not asked for again', async t => {
	const {reader, counted} = await bench(
		t,
		scenario({
			name: 'red',
			description: '',
			events: [
				{
					at: '-10m',
					push: 'develop',
					by: 'mira-okafor',
					commits: [['red', 'Red']],
					plan: {outcomes: {lint: 'failure'}},
				},
			],
		}),
	);
	const github = reader(tokens.noSuites);
	const {runs} = (await read(github)).facts;
	const withJobs = (await read(github, about(runs))).facts.runs.filter(({jobs}) => jobs !== null);
	const first = await read(github, about(withJobs));
	assert.match(first.partial.join(), /Checks permission/);
	assert.ok(first.facts.runs.flatMap(({jobs}) => jobs ?? []).some(({annotations}) => annotations !== null));
	const again = await counted(async () => read(github, about(withJobs)));
	assert.ok(Object.keys(again.byKind).every(kind => !kind.endsWith('/annotations')));
});

test('a server without rate limits and with an older schema', async t => {
	const ghes = await bench(t, {
		...release,
		server: {kind: 'ghes', lacks: [], pointsPerHour: null, corePerHour: null},
	});
	const reading = await read(ghes.github);
	assert.deepEqual([reading.path, reading.rateLimit, reading.cost], ['graphql', null, 0]);
	assert.match(reading.facts.url ?? '', /^https:\/\/github\.acme\.example\//);

	const old = await bench(t, {
		...release,
		server: {...defaults.server, kind: 'ghes', lacks: ['WorkflowRun.file'], pointsPerHour: null, corePerHour: null},
	});
	const overRest = await read(old.github);
	assert.deepEqual([overRest.path, overRest.rateLimit], ['rest', null]);
	assert.deepEqual(
		overRest.facts.runs.map(({id}) => id),
		reading.facts.runs.map(({id}) => id),
	);
	assert.equal((await old.counted(async () => read(old.github))).points, 0);
});

test('the token is in no answer and no failure', async t => {
	const {reader, simulator} = await bench(t);
	const token = 'sim_invalid_ghp_0123456789abcdefghijABCDEFGHIJ';
	const answers = [await reader(token).ask({kind: 'overview'}), await reader('sim_classic').ask({kind: 'overview'})];
	await simulator.close();
	answers.push(await reader(token).ask({kind: 'overview'}));
	assert.doesNotMatch(JSON.stringify(answers), /sim_|ghp_/);
});
