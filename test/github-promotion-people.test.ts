/** What people say to GitHub through us: sign-offs, and the reviews of environments. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {decide} from '../source/simulator/actions/runs.ts';
import {lostAnswers, promotionBench, type Bench} from './helpers/git-hub-promotions.ts';

const statusesOf = (bench: Bench, sha: string) =>
	(bench.api.simulation.state.statuses.get(sha) ?? [])
		.filter(({context}) => context.startsWith('deployctl/sign-off/'))
		.map(({context, state, description, creator, targetUrl}) => ({
			context,
			state,
			description,
			by: creator.login,
			targetUrl,
		}));
const develop = (bench: Bench) => bench.at('refs/heads/develop')!;

test('signed, and taken back: a status each', async () => {
	const bench = promotionBench();
	const {signOffs} = bench.edge();
	const sha = develop(bench);
	assert.deepEqual(
		await signOffs.sign({
			sha,
			name: 'qa',
			given: true,
			note: `looked\nat ${'x'.repeat(200)}`,
			url: 'https://example.org/report',
		}),
		{ok: true},
	);
	assert.deepEqual(await signOffs.sign({sha, name: 'qa', given: false, note: null}), {ok: true});
	const [given, withdrawn] = statusesOf(bench, sha);
	assert.deepEqual(
		{...given, description: null},
		{
			context: 'deployctl/sign-off/qa',
			state: 'success',
			description: null,
			by: 'mira-okafor',
			targetUrl: 'https://example.org/report',
		},
	);
	assert.ok(given!.description!.length === 140 && given!.description!.startsWith('looked at xxx'));
	assert.deepEqual(withdrawn, {
		context: 'deployctl/sign-off/qa',
		state: 'failure',
		description: null,
		by: 'mira-okafor',
		targetUrl: null,
	});
});

test('no such commit: refused; who may not write: unwritten', async () => {
	const bench = promotionBench();
	const none = await bench.edge().signOffs.sign({sha: 'f'.repeat(40), name: 'qa', given: true, note: null});
	assert.ok(!none.ok && none.kind === 'refused' && /No commit found/.test(none.because));
	const reader = await bench
		.edge('sim_read-only')
		.signOffs.sign({sha: develop(bench), name: 'qa', given: true, note: null});
	assert.ok(
		!reader.ok && reader.kind === 'not-permitted' && /statuses=write/.test(reader.next),
		JSON.stringify(reader),
	);
});

for (const [name, fault] of lostAnswers) {
	test(`signed and ${name}: found, posted once`, async () => {
		const bench = promotionBench();
		for (const note of ['fine', null]) {
			bench.api.faults.next(fault, {match: {path: '/statuses/', method: 'POST'}});
			assert.deepEqual(
				await bench.edge().signOffs.sign({sha: develop(bench), name: `qa ${note}`, given: true, note}),
				{ok: true},
			);
		}
		assert.equal(statusesOf(bench, develop(bench)).length, 2);
	});
}

test('not signed, or something newer stands: unreachable', async () => {
	const bench = promotionBench();
	const {signOffs} = bench.edge();
	const wanted = {sha: develop(bench), name: 'qa', given: true, note: 'fine'};
	assert.ok((await signOffs.sign(wanted)).ok);
	assert.ok((await signOffs.sign({...wanted, given: false})).ok);
	bench.api.faults.next({kind: 'connection-reset'}, {match: {path: '/statuses/', method: 'POST'}});
	const result = await signOffs.sign(wanted);
	assert.ok(!result.ok && result.kind === 'unreachable');
	assert.equal(statusesOf(bench, wanted.sha).at(-1)?.state, 'failure');
});

/** A run that waits for somebody to let it deploy to staging. */
function waitingBench(over: Parameters<typeof promotionBench>[0] = {}) {
	const bench = promotionBench({scenario: 'approval', ...over});
	bench.clock.advance(8 * 60_000);
	bench.api.simulation.advanceTo(bench.clock.now());
	const {id} = [...bench.api.simulation.state.runs.values()].findLast(run => run.status === 'waiting')!;
	return {bench, id, run: () => bench.api.simulation.state.runs.get(id)!};
}

const answer = (runId: number, decision: 'approve' | 'reject' = 'approve') => ({
	runId,
	environment: 'staging',
	decision,
	comment: 'looks right',
});

test('what waits, for whom, and the answer of a reviewer', async () => {
	for (const decision of ['approve', 'reject'] as const) {
		const {bench, id, run} = waitingBench();
		const {reviews} = bench.edge();
		const waiting = await reviews.pending(id);
		assert.ok(waiting.ok);
		assert.deepEqual(
			waiting.pending.map(({environment, canApprove}) => ({environment, canApprove})),
			[{environment: 'staging', canApprove: true}],
		);
		assert.match(waiting.pending[0]!.environmentId, /^EN_/);
		assert.deepEqual(await reviews.answer(answer(id, decision)), {ok: true});
		assert.deepEqual(
			run().reviews.map(({state, comment, environments, by}) => [state, comment, environments, by.login]),
			[[decision === 'approve' ? 'approved' : 'rejected', 'looks right', ['staging'], 'mira-okafor']],
		);
		assert.equal(bench.count(decision === 'approve' ? 'ApproveDeployments' : 'RejectDeployments'), 1);
		const again = await reviews.answer(answer(id, decision));
		assert.ok(!again.ok && again.kind === 'refused' && again.because === `run ${id} does not wait for staging`);
	}
});

test('nothing waits, no such run, another environment, no reviewer: refused in words', async () => {
	const {bench, id} = waitingBench();
	const {reviews} = bench.edge();
	assert.deepEqual(await reviews.pending(1), {ok: true, pending: []});
	for (const wanted of [answer(1), {...answer(id), environment: 'production'}]) {
		const result = await reviews.answer(wanted);
		assert.ok(!result.ok && result.kind === 'refused' && /does not wait for/.test(result.because));
	}
	const other = waitingBench({viewer: 'jonas-lindqvist'});
	const stranger = await other.bench.edge().reviews.answer(answer(other.id));
	assert.ok(!stranger.ok && stranger.kind === 'refused' && /not a reviewer of staging/.test(stranger.because));
	assert.equal(other.bench.count('ApproveDeployments'), 0);
});

const closed = [
	{type: 'FORBIDDEN', message: 'Resource not accessible by personal access token'},
	{type: 'undefinedField', message: "Field 'approveDeployments' doesn't exist on type 'Mutation'"},
];
test('GraphQL is closed to the token, or does not know it: over REST', async () => {
	for (const refusal of closed) {
		const {bench, id, run} = waitingBench();
		const {reviews} = bench.edge();
		bench.refuse('ApproveDeployments', refusal);
		assert.deepEqual(await reviews.answer(answer(id)), {ok: true}, refusal.type);
		assert.deepEqual(
			run().reviews.map(({state, comment}) => [state, comment]),
			[['approved', 'looks right']],
		);
	}
});

test('the answer got lost: what the run waits for, and who answered, say it', async () => {
	for (const [, fault] of lostAnswers) {
		const {bench, id} = waitingBench();
		bench.api.faults.next(fault, {match: {operation: 'ApproveDeployments'}});
		assert.deepEqual(await bench.edge().reviews.answer(answer(id)), {ok: true});
		assert.equal(bench.count('ApproveDeployments'), 1);
		const silent = waitingBench();
		silent.bench.pretend(`/actions/runs/${silent.id}/approvals`, []);
		silent.bench.api.faults.next(fault, {match: {operation: 'ApproveDeployments'}});
		const result = await silent.bench.edge().reviews.answer(answer(silent.id));
		assert.ok(!result.ok && result.kind === 'unreachable', JSON.stringify(result));
	}
	const {bench, id, run} = waitingBench();
	bench.api.faults.next({kind: 'connection-reset'}, {match: {operation: 'ApproveDeployments'}});
	const result = await bench.edge().reviews.answer(answer(id));
	assert.ok(!result.ok && result.kind === 'unreachable' && run().reviews.length === 0);
});

test('somebody else answered first: with his name, whatever was answered in attempts before', async () => {
	for (const [theirs, expected] of [
		['rejected', 'staging was rejected by lena-fischer'],
		['approved', 'ok'],
	] as const) {
		for (const earlier of ['approved', 'rejected'] as const) {
			const {bench, id, run} = waitingBench();
			const reviewed = (login: string, state: 'approved' | 'rejected') => ({
				id: 1,
				state,
				comment: '',
				environments: ['staging'],
				by: bench.person(login),
			});
			run().reviews.push(reviewed('mira-okafor', earlier), reviewed('lena-fischer', earlier));
			bench.onRequest(({operation}) => {
				if (operation === 'ApproveDeployments' && run().reviews.length === 2) {
					bench.api.simulation.act(engine => decide(engine, engine.state.runs.get(id)!, 'staging', theirs));
					// GitHub does not say in which order it lists them.
					run().reviews.unshift(reviewed('lena-fischer', theirs));
				}
			});
			const result = await bench.edge().reviews.answer(answer(id));
			assert.equal(
				result.ok ? 'ok' : result.kind === 'refused' ? result.because : result.kind,
				expected,
				`${theirs} after ${earlier}`,
			);
		}
	}
});

test('failures are values', async () => {
	const {bench, id} = waitingBench();
	const {reviews, signOffs} = bench.edge();
	bench.api.faults.next({kind: 'connection-reset'}, {times: 100});
	for (const result of [
		await reviews.pending(id),
		await reviews.answer(answer(id)),
		await signOffs.sign({sha: develop(bench), name: 'qa', given: true, note: null}),
	])
		assert.ok(!result.ok && result.kind === 'unreachable');
});
