/** Hooks of requests: the place where tests let the world change between two steps of ours. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {bringLive, moveRef} from '../source/simulator/simulation/acts.ts';
import {createApi} from '../source/simulator/answer.ts';
import type {RequestSeen} from '../source/simulator/calls/exchange.ts';
import {actionsBot} from '../source/simulator/model/model.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {startSimulator} from '../source/simulator/server.ts';

const quiet = scenarioNamed('quiet');
const clock = {now: () => Date.parse(quiet.startsAt)};
const origin = 'http://127.0.0.1:1';
const base = '/repos/acme/auto-author';
const asking = (method: string, path: string, body?: unknown) => ({
	method,
	url: `${base}${path}`,
	headers: {authorization: 'bearer sim_classic', 'user-agent': 'test'},
	body: body === undefined ? '' : JSON.stringify(body),
});

test('before: what a hook changes is what the request finds', () => {
	const seen: RequestSeen[] = [];
	const api = createApi(quiet, clock, undefined, {
		onRequest: (request, simulation) => {
			seen.push(request);
			if (request.method === 'PATCH') {
				simulation.act(engine =>
					moveRef(engine, 'refs/heads/main', engine.state.refs.get('refs/heads/develop')!, actionsBot),
				);
			}
		},
	});
	const sha = api.simulation.sha('a11y');
	assert.equal(
		api.answer(asking('PATCH', '/git/refs/heads/main', {sha}), origin).status,
		422,
		'no fast-forward any more',
	);
	api.answer(
		{
			method: 'POST',
			url: '/graphql',
			headers: {authorization: 'bearer sim_classic', 'user-agent': 'test'},
			body: JSON.stringify({query: 'query Pulse { viewer { login } }'}),
		},
		origin,
	);
	assert.deepEqual(
		seen.map(({method, path, operation}) => [method, path, operation]),
		[
			['PATCH', `${base}/git/refs/heads/main`, null],
			['POST', '/graphql', 'Pulse'],
		],
	);
	assert.equal(JSON.parse(seen[0]!.body).sha, sha);
});

test('after: it is done, and the answer tells of the time before the hook', () => {
	const api = createApi(quiet, clock, undefined, {
		afterRequest: ({method}, simulation) => {
			if (method === 'PATCH') {
				assert.equal(simulation.state.refs.get('refs/heads/main'), simulation.sha('a11y'));
				simulation.act(engine => bringLive(engine.state, 'production', simulation.sha('a11y')));
			}
		},
	});
	assert.equal(
		api.answer(asking('PATCH', '/git/refs/heads/main', {sha: api.simulation.sha('a11y')}), origin).status,
		200,
	);
	assert.equal(api.simulation.state.live.get('production'), api.simulation.sha('a11y'));
});

test('faults: a lost answer was carried out and tells both hooks; a gateway that never asked tells the first', () => {
	const calls: string[] = [];
	const api = createApi(quiet, clock, undefined, {
		onRequest: () => calls.push('before'),
		afterRequest: () => calls.push('after'),
	});
	api.faults.next({kind: 'lost-answer'});
	const lost = api.answer(asking('PATCH', '/git/refs/heads/main', {sha: api.simulation.sha('a11y')}), origin);
	assert.deepEqual([lost.reset, calls], [true, ['before', 'after']]);
	assert.equal(api.simulation.state.refs.get('refs/heads/main'), api.simulation.sha('a11y'));
	api.faults.next({kind: 'bad-gateway-html'});
	assert.equal(
		api.answer(asking('PATCH', '/git/refs/heads/main', {sha: api.simulation.sha('comments')}), origin).status,
		502,
	);
	assert.deepEqual(calls, ['before', 'after', 'before']);
	assert.equal(api.simulation.state.refs.get('refs/heads/main'), api.simulation.sha('a11y'));
});

test('a hook may ask by itself, and may let time pass', () => {
	let now = clock.now();
	let calls = 0;
	const api = createApi(quiet, {now: () => now}, undefined, {
		onRequest: () => {
			calls += 1;
			now += 60_000;
			api.answer(asking('GET', '/branches/main'), origin);
		},
	});
	const answer = api.answer(asking('GET', ''), origin);
	assert.deepEqual([calls, answer.headers.date], [1, 'Mon, 23 Nov 2026 09:01:00 GMT']);
});

test('on the wire, too', async t => {
	const paths: string[] = [];
	const simulator = await startSimulator({
		scenario: 'quiet',
		clock,
		onRequest: ({path}) => paths.push(`before ${path}`),
		afterRequest: ({path}) => paths.push(`after ${path}`),
	});
	t.after(async () => simulator.close());
	const answer = await fetch(`${simulator.restUrl}${base}`, {
		headers: {authorization: 'bearer sim_classic', 'user-agent': 'test'},
	});
	assert.equal(answer.status, 200);
	await answer.body?.cancel();
	assert.deepEqual(paths, [`before ${base}`, `after ${base}`]);
});
