import assert from 'node:assert/strict';
import {request} from 'node:http';
import {test, type TestContext} from 'node:test';
import type {Fault} from '../source/simulator/limits/faults.ts';
import {startSimulator} from '../source/simulator/server.ts';
import {repository, simulated} from './helpers/simulated.ts';

const text = `query Pulse ${repository('id pushedAt')}`;

const cases: ReadonlyArray<
	[
		Fault,
		(
			answer: ReturnType<ReturnType<typeof simulated>['graphql']>,
			rest: ReturnType<ReturnType<typeof simulated>['rest']>,
		) => void,
	]
> = [
	[
		{kind: 'bad-gateway-html'},
		({raw}, rest) => {
			assert.deepEqual([raw.status, rest.status, raw.headers['content-type']], [502, 502, 'text/html']);
			assert.match(raw.body, /^<!DOCTYPE html>[\s\S]*502 Bad Gateway/);
		},
	],
	[{kind: 'bad-gateway-html', status: 504}, ({raw}) => assert.equal(raw.status, 504)],
	[
		{kind: 'something-went-wrong', status: 200},
		answer => {
			assert.deepEqual([answer.raw.status, answer.data], [200, null]);
			assert.match(answer.errors![0]!.message, /Something went wrong while executing your query/);
		},
	],
	[
		{kind: 'rate-limited', resetSeconds: 90},
		(answer, rest) => {
			assert.deepEqual(
				[answer.raw.status, answer.errors?.[0]?.type, answer.raw.headers['x-ratelimit-remaining']],
				[200, 'RATE_LIMITED', '0'],
			);
			assert.equal(Number(answer.raw.headers['x-ratelimit-reset']) * 1000, Date.parse('2026-11-23T09:01:30Z'));
			assert.equal(rest.status, 403);
		},
	],
	[
		{kind: 'secondary-limit', retryAfterSeconds: 30},
		({raw}, rest) => {
			assert.deepEqual([raw.status, raw.headers['retry-after']], [403, '30']);
			assert.match(rest.json.message, /secondary rate limit/);
		},
	],
	[
		{kind: 'secondary-limit', status: 200},
		answer => {
			assert.deepEqual([answer.raw.status, answer.raw.headers['retry-after']], [200, undefined]);
			assert.match(answer.errors![0]!.message, /secondary rate limit/);
		},
	],
	[
		{kind: 'partial', path: ['repository', 'pushedAt']},
		answer => {
			assert.equal(answer.data.repository.pushedAt, null);
			assert.ok(answer.data.repository.id);
			assert.deepEqual(answer.errors?.[0]?.path, ['repository', 'pushedAt']);
		},
	],
	[
		{kind: 'resource-limits'},
		answer =>
			assert.deepEqual([answer.data.repository, answer.errors?.[0]?.type], [null, 'RESOURCE_LIMITS_EXCEEDED']),
	],
	[{kind: 'html-200'}, ({raw}) => assert.deepEqual([raw.status, raw.headers['content-type']], [200, 'text/html'])],
	[
		{kind: 'unauthorised'},
		({raw}, rest) => assert.deepEqual([raw.status, rest.json.message], [401, 'Bad credentials']),
	],
	[
		{kind: 'clock-skew', seconds: 3600},
		answer => {
			assert.equal(answer.raw.headers.date, 'Mon, 23 Nov 2026 10:00:00 GMT');
			assert.ok(answer.data.repository.id);
		},
	],
	[{kind: 'timeout'}, ({raw}) => assert.equal(raw.hang, true)],
	[{kind: 'connection-reset'}, ({raw}) => assert.equal(raw.reset, true)],
	[{kind: 'truncated', bytes: 12}, ({raw}) => assert.equal(raw.cut, 12)],
];

for (const [fault, check] of cases) {
	test(`fault: ${JSON.stringify(fault)}`, () => {
		const simulator = simulated('quiet');
		simulator.faults.next(fault, {times: 2});
		check(simulator.graphql(text), simulator.rest('GET', ''));
		const after = simulator.graphql(text);
		assert.equal(after.raw.status, 200);
		assert.equal(after.errors, undefined);
		assert.equal(after.raw.headers.date, 'Mon, 23 Nov 2026 09:00:00 GMT');
		assert.equal(simulator.counters.faults, 2);
	});
}

test('faults choose their victims, and hold for a time', () => {
	const simulator = simulated('quiet');
	const {startsAt} = simulator.simulation;
	simulator.faults.next({kind: 'bad-gateway-html'}, {match: {api: 'graphql', operation: 'Pulse'}, times: 1});
	assert.equal(simulator.graphql('{ viewer { login } }').raw.status, 200);
	assert.equal(simulator.rest('GET', '').status, 200);
	assert.equal(simulator.graphql(text).raw.status, 502);
	simulator.faults.during(
		startsAt + 60_000,
		startsAt + 120_000,
		{kind: 'bad-gateway-html'},
		{api: 'rest', path: '/actions/', method: 'GET'},
	);
	assert.equal(simulator.rest('GET', '/actions/runs').status, 200);
	simulator.move(60_000);
	assert.equal(simulator.rest('GET', '/actions/runs').status, 502);
	assert.equal(simulator.rest('GET', '').status, 200);
	simulator.move(60_000);
	assert.equal(simulator.rest('GET', '/actions/runs').status, 200);
	simulator.faults.next({kind: 'bad-gateway-html'}, {times: 5});
	simulator.faults.clear();
	assert.equal(simulator.rest('GET', '').status, 200);
});

test('stale reads answer from the past, with everything that was done until then', () => {
	const simulator = simulated('quiet');
	const sha = simulator.simulation.sha('comments');
	const read = () => simulator.rest('GET', '/git/ref/heads/main').json.object.sha as string;
	const before = read();
	simulator.move(5000);
	assert.equal(simulator.rest('PATCH', '/git/refs/heads/main', {sha}).status, 200);
	assert.equal(read(), sha);
	simulator.faults.during(0, Infinity, {kind: 'stale', seconds: 10});
	assert.equal(read(), before);
	simulator.move(9000);
	assert.equal(read(), before);
	simulator.move(1000);
	assert.equal(read(), sha);
	// A write is never lost to staleness.
	assert.equal(simulator.rest('POST', '/git/refs', {ref: 'refs/tags/x', sha}).status, 201);
	assert.equal(simulator.rest('GET', '/git/ref/tags/x').status, 404);
	simulator.faults.clear();
	assert.equal(simulator.rest('GET', '/git/ref/tags/x').status, 200);
});

test('a stale running release is what it was then', () => {
	const simulator = simulated();
	simulator.move(60_000);
	const then = JSON.stringify(simulator.rest('GET', '/actions/runs').json);
	simulator.move(240_000);
	assert.notEqual(JSON.stringify(simulator.rest('GET', '/actions/runs').json), then);
	simulator.faults.next({kind: 'stale', seconds: 240});
	assert.equal(JSON.stringify(simulator.rest('GET', '/actions/runs').json), then);
});

test('the scenario `outage`: 502s, then the secondary limit, then well again', () => {
	const simulator = simulated('outage');
	const statuses = Array.from({length: 12}, () => {
		const {status} = simulator.rest('GET', '');
		simulator.move(20_000);
		return status;
	});
	assert.deepEqual(statuses, [200, 200, 502, 502, 502, 502, 502, 502, 403, 403, 200, 200]);
});

const served = async (t: TestContext) => {
	const simulator = await startSimulator({scenario: 'quiet', clock: {now: () => Date.parse('2026-11-23T09:00:00Z')}});
	t.after(async () => simulator.close());
	return {
		simulator,
		ask: async (signal?: AbortSignal) =>
			fetch(simulator.graphqlUrl, {
				method: 'POST',
				headers: {authorization: 'bearer sim_classic'},
				body: JSON.stringify({query: text}),
				...(signal ? {signal} : {}),
			}),
	};
};

test('on the wire: loopback only, and a whole answer', async t => {
	const {simulator, ask} = await served(t);
	assert.match(simulator.url, /^http:\/\/127\.0\.0\.1:\d+$/);
	assert.ok(((await (await ask()).json()) as {data: {repository: {id: string}}}).data.repository.id);
	const address = await fetch(
		`${simulator.restUrl}/repos/acme/auto-author/actions/jobs/${[...simulator.simulation.state.jobs.keys()][0]!}/logs`,
		{headers: {authorization: 'bearer sim_classic'}, redirect: 'manual'},
	);
	const log = await fetch(address.headers.get('location')!);
	assert.match(await log.text(), /##\[group\]Run Set up job/);
});

test('on the wire: a truncated answer ends early, a reset breaks off', async t => {
	const {simulator, ask} = await served(t);
	simulator.faults.next({kind: 'truncated', bytes: 20});
	const cut = await ask();
	assert.equal(cut.status, 200);
	await assert.rejects(cut.text());
	simulator.faults.next({kind: 'connection-reset'});
	await assert.rejects(ask());
	assert.equal((await ask()).status, 200);
});

test('on the wire: a time-out never answers; aborting and closing both end it', async t => {
	const {simulator, ask} = await served(t);
	simulator.faults.next({kind: 'timeout'}, {times: 2});
	const controller = new AbortController();
	const aborted = ask(controller.signal);
	const hanging = new Promise<string>(resolve => {
		const sent = request(simulator.graphqlUrl, {method: 'POST', headers: {authorization: 'bearer sim_classic'}});
		sent.on('error', error => resolve((error as NodeJS.ErrnoException).code ?? ''));
		sent.end(JSON.stringify({query: text}));
	});
	while (simulator.counters.requests < 2) {
		await new Promise(resolve => setImmediate(resolve));
	}
	controller.abort();
	await assert.rejects(aborted, {name: 'AbortError'});
	await simulator.close();
	assert.equal(await hanging, 'ECONNRESET');
});
