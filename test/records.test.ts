/** Operations on GitHub: one deployment each, however often and however brokenly it is published. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Operation} from '../source/core/operations/operation.ts';
import {gitHubEdge} from '../source/github/edge.ts';
import {operationRecords} from '../source/github/people/records.ts';
import type {Fault} from '../source/simulator/limits/faults.ts';
import {writing, type Writing} from './helpers/git-hub-writes.ts';
import {operationOf} from './helpers/operation.ts';

const publish = async (bench: Writing, operation: Operation, token?: string) =>
	operationRecords(bench.connection(token)).publish({
		operation,
		journalHead: 'a'.repeat(64),
		environmentUrl: 'https://shop.example',
	});
const doneNow = (bench: Writing, over: Partial<Operation> = {}) =>
	operationOf({
		sha: bench.simulator.simulation.sha('comments'),
		startedAt: bench.clock.now() - 60_000,
		finishedAt: bench.clock.now(),
		...over,
	});
const found = (bench: Writing, operation: Operation) =>
	[...bench.simulator.simulation.state.deployments.values()].filter(
		({payload}) => (payload as {operation?: string}).operation === operation.id,
	);

test('a deployment of exactly that commit, with who, what, from, to and the journal; and its status', async t => {
	const bench = await writing(t);
	const operation = doneNow(bench);
	const result = await publish(bench, operation);
	const [deployment] = found(bench, operation);
	assert.deepEqual(result, {ok: true, id: deployment!.id});
	assert.deepEqual(
		[
			deployment!.sha,
			deployment!.environment,
			deployment!.production,
			deployment!.description,
			deployment!.transient,
		],
		[operation.sha, 'production', true, 'deploy by mira-okafor', false],
	);
	assert.deepEqual(deployment!.payload, {
		deployctl: 1,
		operation: operation.id,
		kind: 'deploy',
		sha: operation.sha,
		from: operation.from,
		to: operation.to,
		operator: 'mira-okafor',
		host: 'workstation',
		started_at: new Date(operation.startedAt).toISOString(),
		finished_at: new Date(operation.finishedAt!).toISOString(),
		outcome: 'succeeded',
		journal: 'a'.repeat(64),
	});
	assert.deepEqual(
		deployment!.statuses.map(({state, description, environmentUrl}) => [state, description, environmentUrl]),
		[['success', operation.because, 'https://shop.example']],
	);
	assert.equal(bench.simulator.simulation.truth(bench.clock.now()).environments['production'], operation.sha);
});

const outcomes = [
	['succeeded', 'success'],
	['failed', 'failure'],
	['rolled-back', 'failure'],
	['interrupted', 'error'],
	['running', 'in_progress'],
] as const;
test('every outcome has its state, and one that ends later follows on the same deployment', async t => {
	const bench = await writing(t);
	for (const [outcome, state] of outcomes) {
		const operation = doneNow(bench, {outcome, because: `${'x'.repeat(200)} ghs_abcdefghijklmnopqrstuv`});
		assert.ok((await publish(bench, operation)).ok);
		const [deployment] = found(bench, operation);
		assert.deepEqual(
			deployment!.statuses.map(status => [status.state, status.description.length]),
			[[state, 140]],
		);
	}
	const operation = doneNow(bench, {outcome: 'running', because: 'is under way'});
	await publish(bench, operation);
	await publish(bench, {...operation, outcome: 'failed', because: 'nothing changed'});
	assert.deepEqual(
		found(bench, operation).map(({statuses}) => statuses.map(({state}) => state)),
		[['in_progress', 'failure']],
	);
});

test('a rollback is recorded at the commit that is live again; without any commit there is nothing to record', async t => {
	const bench = await writing(t);
	const sha = bench.simulator.simulation.sha('i18n');
	const back = doneNow(bench, {kind: 'rollback', sha: null, to: {release: 'r1', sha}});
	assert.ok((await publish(bench, back)).ok);
	assert.equal(found(bench, back)[0]!.sha, sha);
	const before = bench.simulator.counters.requests;
	assert.deepEqual(await publish(bench, doneNow(bench, {sha: null, to: null})), {ok: true, id: null});
	assert.equal(bench.simulator.counters.requests, before);
});

const faults: readonly Fault[] = [
	{kind: 'lost-answer'},
	{kind: 'connection-reset'},
	{kind: 'bad-gateway-html'},
	{kind: 'truncated'},
	{kind: 'lost-answer', how: 'bad-gateway'},
	{kind: 'rate-limited', resetSeconds: 60},
];
for (const fault of faults) {
	test(`${JSON.stringify(fault)} at every request in turn: once published, never twice`, async t => {
		const bench = await writing(t);
		const methods = ['GET', 'POST'] as const;
		for (const [method, path] of methods.flatMap(
			method =>
				[
					[method, '/deployments'],
					[method, '/statuses'],
				] as const,
		)) {
			const operation = doneNow(bench);
			bench.simulator.faults.next(fault, {match: {method, path}});
			for (let count = 0; count < 5; count += 1) {
				const result = await publish(bench, operation);
				if (result.ok) break;
				assert.equal(result.kind, 'unreachable');
				bench.clock.advance(61_000);
			}
			assert.deepEqual(
				found(bench, operation).map(({statuses}) => statuses.filter(({state}) => state === 'success').length),
				[1],
				`${method} ${path}`,
			);
			bench.simulator.faults.clear();
		}
	});
}

test('published again and by several at different times: still one', async t => {
	const bench = await writing(t);
	const operation = doneNow(bench);
	for (let count = 0; count < 3; count += 1) assert.ok((await publish(bench, operation)).ok);
	assert.deepEqual(
		found(bench, operation).map(({statuses}) => statuses.length),
		[1],
	);
});

test('published late, it does not pass for what is live', async t => {
	const bench = await writing(t);
	const early = doneNow(bench);
	bench.clock.advance(600_000);
	const later = doneNow(bench, {sha: bench.simulator.simulation.sha('i18n')});
	assert.ok((await publish(bench, later)).ok);
	bench.clock.advance(600_000);
	assert.ok((await publish(bench, early)).ok);
	assert.ok((await publish(bench, early)).ok);
	assert.deepEqual(
		found(bench, early)[0]!.statuses.map(({state}) => state),
		['success', 'inactive'],
	);
	assert.deepEqual(
		found(bench, later)[0]!.statuses.map(({state}) => state),
		['success'],
	);
});

test('what GitHub will never take is told from what it cannot take now', async t => {
	const bench = await writing(t);
	const unknown = await publish(bench, doneNow(bench, {sha: 'f'.repeat(40)}));
	assert.ok(
		!unknown.ok && unknown.kind === 'refused' && /No ref found/.test(unknown.because),
		JSON.stringify(unknown),
	);
	const readOnly = await publish(bench, doneNow(bench), 'sim_read-only');
	assert.ok(!readOnly.ok && readOnly.kind === 'not-permitted' && /deployments=write/.test(readOnly.next));
});

test('who the token belongs to, as far as that can be known', async t => {
	const bench = await writing(t);
	const edge = (token: string) => {
		const {endpoint, ...options} = bench.options(token);
		return gitHubEdge({access: endpoint, ...options});
	};
	assert.equal(await edge('sim_classic').operatorName(), 'mira-okafor');
	assert.equal(await edge('nonsense').operatorName(), null);
	bench.simulator.faults.next({kind: 'html-200'});
	assert.equal(await edge('sim_classic').operatorName(), null);
	bench.simulator.faults.next({kind: 'connection-reset'});
	assert.equal(await edge('sim_classic').operatorName(), null);
});
