/** Promotion by pull request and by merge queue, with answers lost at every step. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Pull} from '../source/github/land/pull-read.ts';
import type {Fault} from '../source/simulator/limits/faults.ts';
import {lostAnswers, neverExecuted, promotionBench, type Bench} from './helpers/git-hub-promotions.ts';

const branch = 'deployctl/promote-1';
const wanted = (bench: Bench) => ({
	branch,
	base: 'main',
	sha: bench.at('refs/heads/develop')!,
	title: 'Promote',
	body: 'To production.',
});

async function opened(over: Parameters<typeof promotionBench>[0] = {}) {
	const bench = promotionBench(over);
	const {promotions} = bench.edge();
	const result = await promotions.openPull(wanted(bench));
	assert.ok(result.ok, JSON.stringify(result));
	return {bench, promotions, pull: result.pull, sha: wanted(bench).sha};
}

const pullsOf = ({api}: Bench) => api.simulation.state.pulls.filter(({head}) => head === branch);
const target = ({id, number}: Pull, expectedHead: string) => ({id, number, expectedHead});
const arm = (bench: Bench, fault: Fault, operation: string) => bench.api.faults.next(fault, {match: {operation}});

test('opened once: branch, pull request, and what is there is taken', async () => {
	const {bench, promotions, pull, sha} = await opened();
	assert.deepEqual(pull, {
		id: pull.id,
		number: pull.number,
		url: `https://github.com/acme/auto-author/pull/${pull.number}`,
		state: 'open',
		headSha: sha,
		isMergeable: null,
		blockedBecause: null,
		mergeSha: null,
		queue: null,
	});
	assert.equal(bench.at(`refs/heads/${branch}`), sha);
	bench.clock.advance(5000);
	const again = await promotions.openPull(wanted(bench));
	assert.deepEqual(again, {ok: true, pull: {...pull, isMergeable: true}});
	assert.deepEqual(await promotions.pull(pull.number), again);
	assert.equal(pullsOf(bench).length, 1);
	assert.deepEqual(await promotions.pull(99_999), {ok: true, pull: null});
});

test('the branch is there at another commit; nothing to promote; no such commit', async () => {
	const bench = promotionBench();
	const {promotions} = bench.edge();
	const main = bench.at('refs/heads/main')!;
	const none = await promotions.openPull({...wanted(bench), sha: main});
	assert.ok(
		!none.ok && none.kind === 'refused' && /No commits between main and/.test(none.because),
		JSON.stringify(none),
	);
	const elsewhere = await promotions.openPull(wanted(bench));
	assert.ok(
		!elsewhere.ok &&
			elsewhere.kind === 'refused' &&
			elsewhere.because === `the branch ${branch} is there already, at ${main.slice(0, 7)}`,
	);
	bench.move(`refs/heads/${branch}`, null);
	const missing = await promotions.openPull({...wanted(bench), sha: 'f'.repeat(40)});
	assert.ok(!missing.ok && missing.kind === 'refused' && /does not make the branch/.test(missing.because));
	assert.equal(pullsOf(bench).length, 0);
});

for (const operation of ['UpdateRefs', 'CreatePullRequest']) {
	for (const [name, fault] of lostAnswers) {
		test(`${operation} happened and ${name}: found, not repeated`, async () => {
			const bench = promotionBench();
			arm(bench, fault, operation);
			const result = await bench.edge().promotions.openPull(wanted(bench));
			assert.ok(result.ok, JSON.stringify(result));
			assert.deepEqual([bench.count(operation), pullsOf(bench).length], [1, 1]);
		});
	}

	for (const [name, fault] of neverExecuted) {
		test(`${operation} did not happen and ${name}: unreachable, and the next time it works`, async () => {
			const bench = promotionBench();
			const {promotions} = bench.edge();
			arm(bench, fault, operation);
			const result = await promotions.openPull(wanted(bench));
			assert.ok(!result.ok && result.kind === 'unreachable', JSON.stringify(result));
			assert.equal(bench.count(operation), 1);
			assert.ok((await promotions.openPull(wanted(bench))).ok);
			assert.equal(pullsOf(bench).length, 1);
		});
	}
}

test('two open it at once: there is one', async () => {
	const bench = promotionBench();
	const results = await Promise.all([1, 2].map(async () => bench.edge().promotions.openPull(wanted(bench))));
	assert.ok(
		results.every(result => result.ok && result.pull.number === pullsOf(bench)[0]!.number),
		JSON.stringify(results),
	);
	assert.equal(pullsOf(bench).length, 1);
});

for (const method of ['merge', 'squash', 'rebase'] as const) {
	test(`merged by ${method}, with the same files`, async () => {
		const {bench, promotions, pull, sha} = await opened();
		const result = await promotions.mergePull({...target(pull, sha), method});
		assert.ok('how' in result && result.how === 'landed', JSON.stringify(result));
		assert.equal(bench.at('refs/heads/main'), result.sha);
		assert.deepEqual(await promotions.treeEquals(result.sha, sha), {ok: true, isEqual: true});
		const read = await promotions.pull(pull.number);
		assert.ok(
			read.ok &&
				read.pull?.state === 'merged' &&
				read.pull.mergeSha === result.sha &&
				read.pull.blockedBecause === null,
		);
		assert.deepEqual(await promotions.mergePull({...target(pull, sha), method}), result, 'again is once');
		const closed = await promotions.closePull(pull.id, pull.number);
		assert.ok(!closed.ok && closed.kind === 'refused' && /was merged/.test(closed.because));
	});
}

for (const [name, fault] of lostAnswers) {
	test(`merged and ${name}: landed, sent once`, async () => {
		const {bench, promotions, pull, sha} = await opened();
		arm(bench, fault, 'MergePullRequest');
		const result = await promotions.mergePull({...target(pull, sha), method: 'merge'});
		assert.deepEqual(
			[result, bench.count('MergePullRequest')],
			[{how: 'landed', sha: bench.at('refs/heads/main')}, 1],
		);
	});
}

for (const [name, fault] of neverExecuted) {
	test(`not merged and ${name}: unknown after 20 s, sent once`, async () => {
		const {bench, promotions, pull, sha} = await opened();
		arm(bench, fault, 'MergePullRequest');
		const before = bench.clock.now();
		const result = await promotions.mergePull({...target(pull, sha), method: 'merge'});
		assert.ok('how' in result && result.how === 'unknown');
		assert.deepEqual([bench.clock.now() - before, bench.count('MergePullRequest')], [20_000, 1]);
	});
}

test('the head moved, or it was closed: refused, also when the answer got lost', async () => {
	for (const fault of [null, {kind: 'connection-reset'}] as const) {
		for (const what of ['moved', 'closed']) {
			const {bench, promotions, pull, sha} = await opened();
			if (what === 'moved') bench.move(`refs/heads/${branch}`, bench.commit('More', sha));
			else assert.deepEqual(await promotions.closePull(pull.id, pull.number), {ok: true});
			if (fault) arm(bench, fault, 'MergePullRequest');
			const result = await promotions.mergePull({...target(pull, sha), method: 'merge'});
			assert.ok('how' in result && result.how === 'refused', JSON.stringify(result));
			assert.match(result.because, what === 'moved' ? /its branch is at/ : /it was closed/);
		}
	}
});

test('rules of the branch: an approval is missing, and then it is there', async () => {
	const {bench, promotions, pull, sha} = await opened({
		rules: [{branch: 'main', pullRequest: {approvals: 1, approveAfterSeconds: 120}}],
	});
	const refused = await promotions.mergePull({...target(pull, sha), method: 'merge'});
	assert.ok(
		'how' in refused && refused.how === 'refused' && /approving review is required/.test(refused.because),
		JSON.stringify(refused),
	);
	const read = await promotions.pull(pull.number);
	assert.equal(read.ok && read.pull?.blockedBecause, 'an approving review is missing');
	bench.clock.advance(130_000);
	const merged = await promotions.mergePull({...target(pull, sha), method: 'merge'});
	assert.ok('how' in merged && merged.how === 'landed', JSON.stringify(merged));
});

test('required checks are missing: blocked', async () => {
	const {bench, promotions, pull} = await opened({
		rules: [{branch: 'main', pullRequest: {approvals: 0}, statusChecks: ['no such check']}],
	});
	bench.clock.advance(5000);
	const read = await promotions.pull(pull.number);
	assert.equal(read.ok && read.pull?.blockedBecause, 'checks or reviews that main requires are missing');
});

const queued = {rules: [{branch: 'main', mergeQueue: {seconds: 60}}]};

test('through the queue: queued, its place, merged', async () => {
	const {bench, promotions, pull, sha} = await opened(queued);
	const direct = await promotions.mergePull({...target(pull, sha), method: 'merge'});
	assert.ok('how' in direct && direct.how === 'refused' && /merge queue/.test(direct.because));
	assert.deepEqual(await promotions.enqueuePull(target(pull, sha)), {how: 'queued'});
	const read = await promotions.pull(pull.number);
	assert.ok(
		read.ok && read.pull?.queue?.position === 1 && /^(?:queued|awaiting_checks)$/.test(read.pull.queue.state),
		JSON.stringify(read),
	);
	assert.deepEqual(await promotions.enqueuePull(target(pull, sha)), {how: 'queued'}, 'again is once');
	bench.clock.advance(120_000);
	const done = await promotions.pull(pull.number);
	assert.ok(
		done.ok &&
			done.pull?.state === 'merged' &&
			done.pull.mergeSha === bench.at('refs/heads/main') &&
			done.pull.queue === null,
		JSON.stringify(done),
	);
});

test('no queue on the branch: refused', async () => {
	const {promotions, pull, sha} = await opened();
	const result = await promotions.enqueuePull(target(pull, sha));
	assert.ok('how' in result && result.how === 'refused' && /does not have a merge queue/.test(result.because));
});

for (const [name, fault] of lostAnswers) {
	test(`queued and ${name}: queued, sent once`, async () => {
		const {bench, promotions, pull, sha} = await opened(queued);
		arm(bench, fault, 'EnqueuePullRequest');
		assert.deepEqual(
			[await promotions.enqueuePull(target(pull, sha)), bench.count('EnqueuePullRequest')],
			[{how: 'queued'}, 1],
		);
	});
}

test('not queued and the answer got lost: unknown', async () => {
	const {bench, promotions, pull, sha} = await opened(queued);
	arm(bench, {kind: 'connection-reset'}, 'EnqueuePullRequest');
	const result = await promotions.enqueuePull(target(pull, sha));
	assert.ok('how' in result && result.how === 'unknown' && pullsOf(bench)[0]!.entry === null);
});

test('closed once, also when the answer got lost', async () => {
	for (const fault of [null, {kind: 'lost-answer'}, {kind: 'connection-reset'}] as const) {
		const {bench, promotions, pull} = await opened();
		if (fault) arm(bench, fault, 'ClosePullRequest');
		const result = await promotions.closePull(pull.id, pull.number);
		assert.equal(result.ok, fault?.kind !== 'connection-reset');
		assert.equal(pullsOf(bench)[0]!.state, fault?.kind === 'connection-reset' ? 'OPEN' : 'CLOSED');
		if (result.ok) assert.deepEqual(await promotions.closePull(pull.id, pull.number), {ok: true});
	}
});

test('who may not write, and limits: unwritten, by every call; a time that is up leaves it unknown', async () => {
	const {bench, promotions, pull, sha} = await opened(queued);
	const reader = bench.edge('sim_read-only').promotions;
	for (const result of [
		await reader.openPull({...wanted(bench), branch: 'other'}),
		await reader.mergePull({...target(pull, sha), method: 'merge'}),
		await reader.enqueuePull(target(pull, sha)),
		await reader.closePull(pull.id, pull.number),
	]) {
		assert.ok('ok' in result && !result.ok && result.kind === 'not-permitted', JSON.stringify(result));
		assert.match(result.next, /Pull requests/);
	}
	arm(bench, {kind: 'secondary-limit', status: 403, retryAfterSeconds: 30}, 'MergePullRequest');
	const slow = await promotions.mergePull({...target(pull, sha), method: 'merge'});
	assert.ok('ok' in slow && slow.kind === 'unreachable' && slow.retryAt !== null);
	arm(bench, {kind: 'timeout'}, 'MergePullRequest');
	const stop = new AbortController();
	const late = promotions.mergePull({...target(pull, sha), method: 'merge'}, stop.signal);
	const {faults} = bench.api.counters;
	while (bench.api.counters.faults === faults)
		await new Promise(resolve => {
			setImmediate(resolve);
		});
	stop.abort(new DOMException('late', 'TimeoutError'));
	assert.deepEqual(await late, {how: 'unknown', because: 'github.com did not answer in time.'});
});
