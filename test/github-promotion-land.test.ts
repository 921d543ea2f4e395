/** The fast-forward of production, against a GitHub that refuses, loses answers, lags and is raced for. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {lockInMessage} from '../source/core/locks/lock-text.ts';
import type {Fault} from '../source/simulator/limits/faults.ts';
import {lockedBench, lostAnswers, neverExecuted, type Locked} from './helpers/git-hub-promotions.ts';
import {lockOf} from './helpers/git-hub-writes.ts';
import {runs} from './helpers/fuzz.ts';

const main = 'refs/heads/main';
const tag = (n: number | string) => `refs/tags/deployctl/prod-${n}`;
const land = async (bench: Locked, makesTag = true, signal?: AbortSignal) =>
	bench.mine.promotions.land(bench.landing(makesTag), signal);

/** Once, when the update comes in, and before it is looked at. */
const onUpdate = (bench: Locked, act: () => void, times = 1) => {
	let left = times;
	bench.onRequest(({operation}) => {
		if (operation === 'UpdateRefs' && left > 0) {
			left -= 1;
			act();
		}
	});
};

/** How often the update is sent while it acts. */
const sentIn = async <Result>(bench: Locked, act: () => Promise<Result>): Promise<[Result, number]> => {
	const before = bench.count('UpdateRefs');
	return [await act(), bench.count('UpdateRefs') - before];
};

test('branch, tag and lock in one move: the lock is still ours, one step further', async () => {
	const bench = await lockedBench();
	const lock = bench.at(bench.lockRef)!;
	const [landed, sent] = await sentIn(bench, async () => land(bench));
	assert.deepEqual([landed, sent], [{how: 'landed', tag: 'deployctl/prod-1'}, 1]);
	assert.deepEqual([bench.at(main), bench.at(tag(1))], [bench.after, bench.after]);
	const {parents, message} = bench.api.simulation.state.commits.get(bench.at(bench.lockRef)!)!;
	assert.deepEqual([parents, lockInMessage(message, 'production')], [[lock], bench.record]);
	// Its supervisor, which knows only the object from before, renews it and gives it back.
	const renewed = await bench.mine.locks.renew({...bench.record, phase: 'deploying'}, lock);
	assert.ok(renewed.ok, JSON.stringify(renewed));
	assert.deepEqual(await bench.mine.locks.release('production', lock), {ok: true});
	assert.equal(bench.at(bench.lockRef), undefined);
});

test('a branch that is there already: only tag and lock move, and nothing is named that stays where it is', async () => {
	const bench = await lockedBench({server: {comparesBefore: 'moved'}});
	assert.deepEqual(await bench.mine.promotions.land({...bench.landing(), after: bench.before}), {
		how: 'landed',
		tag: 'deployctl/prod-1',
	});
	assert.deepEqual([bench.at(main), bench.at(tag(1))], [bench.before, bench.before]);
});

for (const [comparesBefore, how] of [
	['always', 'stolen'],
	['moved', 'stolen'],
	['never', 'stolen'],
	['always', 'broken'],
	['moved', 'broken'],
] as const) {
	test(`the lock is ${how} just before the write, and the server compares ${comparesBefore}: nothing moves`, async () => {
		const bench = await lockedBench({server: {comparesBefore}});
		onUpdate(bench, () => {
			if (how === 'stolen') bench.steal();
			else bench.move(bench.lockRef, null);
		});
		const result = await land(bench);
		assert.deepEqual(result, {
			how: 'refused',
			because: 'the lock on production is gone',
			head: bench.before,
			lockIs: 'gone',
			isRule: false,
		});
		assert.deepEqual([bench.at(main), bench.at(tag(1))], [bench.before, undefined]);
	});
}

test('an answer that gets lost, a write that is held up, a lock that moves on: what is said stays true, whatever the server compares', async () => {
	const anyServer = fc.constantFrom('always' as const, 'moved' as const, 'never' as const);
	const anyEvent = fc.constantFrom('renew' as const, 'steal' as const, 'carry out' as const, 'nothing' as const);
	await fc.assert(
		fc.asyncProperty(
			anyServer,
			fc.boolean(),
			fc.array(fc.tuple(fc.integer({min: 1, max: 20}), anyEvent), {maxLength: 6}),
			async (comparesBefore, makesTag, events) => {
				const bench = await lockedBench({server: {comparesBefore}});
				bench.api.faults.next({kind: 'bad-gateway-html'}, {match: {operation: 'UpdateRefs'}});
				let looks = 0;
				bench.onRequest(({path}) => {
					if (!path.includes('/git/matching-refs/deployctl/locks')) return;
					looks += 1;
					for (const [, event] of events.filter(([at]) => at === looks)) {
						if (event === 'renew') bench.renew();
						if (event === 'steal') bench.steal();
						if (event === 'carry out') bench.updates[0]?.();
					}
				});
				const result = await land(bench, makesTag);
				assert.ok('how' in result, JSON.stringify(result));
				if (result.how === 'unknown' || bench.updates.length === 0) return;
				const isThere = bench.at(main) === bench.after;
				assert.equal(result.how === 'landed', isThere, JSON.stringify(result));
				// The request that was held up comes through at last.
				for (const carryOut of bench.updates) carryOut();
				assert.equal(bench.at(main) === bench.after, isThere);
			},
		),
		runs(60),
	);
});

test('the tag has the next number; names that only look like it do not count', async () => {
	const bench = await lockedBench();
	for (const n of ['2', '10', '10x', '0012', '99-rc', 'x/77']) bench.move(tag(n), bench.before);
	bench.move('refs/tags/deployctl/prod-', null);
	assert.deepEqual(await land(bench), {how: 'landed', tag: 'deployctl/prod-11'});
});

test('without a tag', async () => {
	const bench = await lockedBench();
	assert.deepEqual(await land(bench, false), {how: 'landed', tag: null});
	assert.deepEqual(
		[...bench.api.simulation.state.refs.keys()].filter(name => name.startsWith('refs/tags/deployctl/')),
		[],
	);
	assert.equal(bench.at(main), bench.after);
});

test('a server that takes only branches: the lock is one, and it lands', async () => {
	const bench = await lockedBench({server: {customRefs: false}});
	assert.equal(bench.lockRef, 'refs/heads/deployctl/lock/production');
	assert.deepEqual(await land(bench), {how: 'landed', tag: 'deployctl/prod-1'});
});

test('the lock is renewed between finding it and the update: found again, and landed', async () => {
	for (const seconds of [0, 1]) {
		const bench = await lockedBench();
		onUpdate(bench, () => {
			bench.renew();
			if (seconds > 0)
				bench.api.faults.next({kind: 'stale', seconds}, {times: 2, match: {path: '/git/matching-refs'}});
		});
		const [landed, sent] = await sentIn(bench, async () => land(bench));
		assert.deepEqual([landed, sent, bench.at(main)], [{how: 'landed', tag: 'deployctl/prod-1'}, 2, bench.after]);
	}
});

test('renewed before each attempt: given up after four', async () => {
	const bench = await lockedBench();
	onUpdate(bench, bench.renew, 99);
	const [result, sent] = await sentIn(bench, async () => land(bench));
	assert.ok('how' in result && result.how === 'refused');
	assert.deepEqual([result.head, result.lockIs, result.isRule, sent], [bench.before, 'ours', false, 4]);
	assert.equal(bench.at(main), bench.before);
});

test('the branch moved meanwhile: refused, with where it is', async () => {
	const bench = await lockedBench();
	const other = bench.commit('Hotfix', bench.before);
	onUpdate(bench, () => bench.move(main, other));
	const [result, sent] = await sentIn(bench, async () => land(bench));
	assert.deepEqual(result, {
		how: 'refused',
		because: `main is at ${other.slice(0, 7)} by now, not at ${bench.before.slice(0, 7)}`,
		head: other,
		lockIs: 'ours',
		isRule: false,
	});
	assert.deepEqual([sent, bench.at(main), bench.at(tag(1))], [1, other, undefined]);
});

test('the branch moved and the lock was renewed: the branch is the reason', async () => {
	const bench = await lockedBench();
	const other = bench.commit('Hotfix', bench.before);
	onUpdate(bench, () => {
		bench.renew();
		bench.move(main, other);
	});
	const result = await land(bench);
	assert.ok('how' in result && result.how === 'refused' && result.head === other);
});

test('the lock is gone, before or meanwhile, or somebody else has it: refused', async () => {
	for (const when of ['before', 'meanwhile', 'stolen']) {
		const bench = await lockedBench();
		const lose = () => bench.move(bench.lockRef, null);
		if (when === 'before') lose();
		else if (when === 'meanwhile') onUpdate(bench, lose);
		else {
			lose();
			assert.ok((await bench.edge().locks.take(lockOf(bench.clock.now()))).ok);
		}
		const result = await land(bench);
		assert.deepEqual(
			result,
			{
				how: 'refused',
				because: 'the lock on production is gone',
				head: bench.before,
				lockIs: 'gone',
				isRule: false,
			},
			when,
		);
		assert.equal(bench.at(main), bench.before);
	}
});

test('a lock that a replica does not show yet is looked for again', async () => {
	const bench = await lockedBench();
	bench.clock.advance(10_000);
	bench.api.faults.next({kind: 'stale', seconds: 3600}, {times: 2, match: {path: '/git/matching-refs'}});
	assert.deepEqual(await land(bench), {how: 'landed', tag: 'deployctl/prod-1'});
});

test("the tag's number is taken meanwhile: the next one, also when the list lags", async () => {
	for (const seconds of [0, 3600]) {
		const bench = await lockedBench();
		bench.clock.advance(10_000);
		onUpdate(bench, () => {
			bench.move(tag(1), bench.before);
			if (seconds > 0)
				bench.api.faults.during(
					bench.clock.now(),
					bench.clock.now() + 60_000,
					{kind: 'stale', seconds: 5},
					{path: '/git/matching-refs/tags'},
				);
		});
		assert.deepEqual(await land(bench), {how: 'landed', tag: 'deployctl/prod-2'});
		assert.equal(bench.at(tag(2)), bench.after);
	}
});

const rules = [
	{branch: 'main', pullRequest: {approvals: 1}},
	{branch: 'main', mergeQueue: {seconds: 60}},
	{branch: 'main', statusChecks: ['no such check']},
] as const;
for (const rule of rules) {
	test(`${Object.keys(rule)[1]} on the branch: refused as a rule, sent once`, async () => {
		const bench = await lockedBench({rules: [rule]});
		const [result, sent] = await sentIn(bench, async () => land(bench));
		assert.ok('how' in result && result.how === 'refused');
		assert.deepEqual([result.isRule, result.head, result.lockIs, sent], [true, bench.before, 'ours', 1]);
		assert.match(result.because, /rule violations found/);
		assert.deepEqual([bench.at(main), bench.at(tag(1))], [bench.before, undefined]);
	});
}

test("no fast-forward: refused with GitHub's words, and it is no rule", async () => {
	const bench = await lockedBench();
	const after = bench.commit('Beside it', bench.api.simulation.state.commits.get(bench.before)!.parents[0]!);
	const result = await bench.mine.promotions.land({...bench.landing(), after});
	assert.ok('how' in result && result.how === 'refused');
	assert.match(result.because, /GitHub refuses: .*not a fast forward/);
	assert.deepEqual([result.isRule, result.head], [false, bench.before]);
});

for (const [name, fault] of lostAnswers) {
	test(`it happened and ${name}: landed, sent once`, async () => {
		const bench = await lockedBench();
		bench.api.faults.next(fault, {match: {operation: 'UpdateRefs'}});
		const [result, sent] = await sentIn(bench, async () => land(bench));
		assert.deepEqual(
			[result, sent, bench.at(main), bench.at(tag(1))],
			[{how: 'landed', tag: 'deployctl/prod-1'}, 1, bench.after, bench.after],
		);
	});
}

test('it happened and GitHub could not tell its result: landed', async () => {
	for (const fault of [
		{kind: 'partial', path: ['updateRefs']},
		{kind: 'resource-limits', path: ['updateRefs']},
	] as const) {
		const bench = await lockedBench();
		bench.api.faults.next(fault, {match: {operation: 'UpdateRefs'}});
		assert.deepEqual(await sentIn(bench, async () => land(bench)), [{how: 'landed', tag: 'deployctl/prod-1'}, 1]);
	}
});

test("GitHub's words decide where nothing else does: a rule in the words of a permission, a permission, anything else", async () => {
	for (const [type, message, expected] of [
		[
			'FORBIDDEN',
			'Protected branch update failed for refs/heads/main. Changes must be made through a pull request.',
			'rule',
		],
		['FORBIDDEN', 'Resource not accessible by personal access token', 'not-permitted'],
		[
			'UNPROCESSABLE',
			'refusing to allow an OAuth App to create or update workflow `.github/workflows/x.yml` without `workflow` scope',
			'not-permitted',
		],
		['UNPROCESSABLE', 'Something about refs that nobody has seen yet', 'refused'],
	] as const) {
		const bench = await lockedBench();
		bench.refuse('UpdateRefs', {type, message});
		const result = await land(bench);
		const told = 'ok' in result ? result.kind : result.how === 'refused' && result.isRule ? 'rule' : result.how;
		assert.equal(told, expected, JSON.stringify(result));
		assert.ok(
			expected === 'not-permitted' ||
				('how' in result &&
					result.how === 'refused' &&
					result.head === bench.before &&
					result.because.includes(message.slice(0, 40))),
		);
	}
});

test('it happened and no answer ever comes: landed', async () => {
	const bench = await lockedBench();
	bench.api.faults.next({kind: 'lost-answer', how: 'hang'}, {match: {operation: 'UpdateRefs'}});
	const result = land(bench);
	while (bench.api.counters.faults === 0)
		await new Promise(resolve => {
			setImmediate(resolve);
		});
	bench.clock.expire();
	assert.deepEqual(await result, {how: 'landed', tag: 'deployctl/prod-1'});
});

for (const [name, fault] of neverExecuted) {
	test(`it did not happen and ${name}: refused as soon as the lock is renewed, unknown when it never is`, async () => {
		for (const isRenewed of [true, false]) {
			const bench = await lockedBench();
			bench.api.faults.next(fault, {match: {operation: 'UpdateRefs'}});
			let looks = 0;
			bench.onRequest(({path}) => {
				if (path.endsWith('/git/ref/heads/main') && (looks += 1) === 20 && isRenewed) bench.renew();
			});
			const startedAt = bench.clock.now();
			const [result, sent] = await sentIn(bench, async () => land(bench));
			assert.ok('how' in result);
			const seconds = (bench.clock.now() - startedAt) / 1000;
			assert.equal(sent, 1);
			assert.equal(bench.at(main), bench.before);
			if (isRenewed) {
				assert.ok(result.how === 'refused', JSON.stringify(result));
				assert.deepEqual([result.head, result.lockIs, result.isRule], [bench.before, 'ours', false]);
				assert.match(result.because, /It did not happen: main is at/);
				assert.ok(seconds > 15 && seconds < 40, `${seconds}`);
			} else {
				assert.ok(result.how === 'unknown', JSON.stringify(result));
				assert.ok(seconds >= 74 && seconds <= 80, `${seconds}`);
			}
		}
	});
}

test('it did not happen and the lock is gone: refused for certain', async () => {
	const bench = await lockedBench();
	bench.api.faults.next({kind: 'connection-reset'}, {match: {operation: 'UpdateRefs'}});
	onUpdate(bench, () => bench.move(bench.lockRef, null));
	const result = await land(bench);
	assert.ok('how' in result && result.how === 'refused' && result.lockIs === 'gone');
});

test('it is carried out half a minute after its answer was given up: landed', async () => {
	const bench = await lockedBench();
	bench.api.faults.next({kind: 'bad-gateway-html'}, {match: {operation: 'UpdateRefs'}});
	let looks = 0;
	bench.onRequest(({path}) => {
		if (path.endsWith('/git/ref/heads/main') && (looks += 1) === 30) {
			bench.move(main, bench.after);
			bench.move(tag(1), bench.after);
		}
	});
	assert.deepEqual(await land(bench), {how: 'landed', tag: 'deployctl/prod-1'});
});

test('it happened, the lock was renewed, and the replica that shows the branch lags: still landed', async () => {
	const bench = await lockedBench();
	bench.clock.advance(10_000);
	bench.api.faults.next({kind: 'lost-answer'}, {match: {operation: 'UpdateRefs'}});
	bench.api.faults.next({kind: 'stale', seconds: 8}, {times: 2, match: {path: '/git/ref/heads/main'}});
	bench.api.faults.next(
		{kind: 'stale', seconds: 8},
		{times: 2, match: {path: '/git/matching-refs/tags/deployctl/prod-1'}},
	);
	bench.afterRequest(({operation}) => {
		if (operation === 'UpdateRefs') bench.renew();
	});
	assert.deepEqual(await land(bench), {how: 'landed', tag: 'deployctl/prod-1'});
});

test('it happened, and somebody went on from there: the lock tells, with a tag or without', async () => {
	for (const makesTag of [true, false]) {
		const bench = await lockedBench();
		bench.api.faults.next({kind: 'lost-answer'}, {match: {operation: 'UpdateRefs'}});
		bench.afterRequest(({operation}) => {
			if (operation === 'UpdateRefs') {
				bench.move(main, bench.commit('On top', bench.after));
				bench.renew();
			}
		});
		const result = await land(bench, makesTag);
		assert.ok('how' in result);
		assert.deepEqual(result, {how: 'landed', tag: makesTag ? 'deployctl/prod-1' : null});
	}
});

test('it did not happen, and somebody else moved the branch elsewhere: refused', async () => {
	for (const makesTag of [true, false]) {
		const bench = await lockedBench();
		const other = bench.commit('Hotfix', bench.before);
		bench.api.faults.next({kind: 'connection-reset'}, {match: {operation: 'UpdateRefs'}});
		onUpdate(bench, () => {
			bench.move(main, other);
			bench.renew();
		});
		const result = await land(bench, makesTag);
		assert.ok('how' in result && result.how === 'refused' && result.head === other, JSON.stringify(result));
	}
});

test('nothing can be read any more: unknown, after 75 s', async () => {
	const bench = await lockedBench();
	bench.api.faults.next({kind: 'lost-answer'}, {match: {operation: 'UpdateRefs'}});
	onUpdate(bench, () => bench.api.faults.next({kind: 'connection-reset'}, {times: 1000, match: {api: 'rest'}}));
	const result = await land(bench);
	assert.ok('how' in result && result.how === 'unknown');
	assert.match(result.because, /connection broke off.*could not be found out whether main was moved/);
});

const unheard: ReadonlyArray<[string, Fault, kind: string]> = [
	['bad token', {kind: 'unauthorised'}, 'not-permitted'],
	['hourly allowance', {kind: 'rate-limited', resetSeconds: 600}, 'unreachable'],
	['secondary limit', {kind: 'secondary-limit', status: 403, retryAfterSeconds: 30}, 'unreachable'],
];
for (const [name, fault, kind] of unheard) {
	test(`${name}: GitHub did not look at it, which is said at once`, async () => {
		const bench = await lockedBench();
		bench.api.faults.next(fault, {match: {operation: 'UpdateRefs'}});
		const before = bench.clock.now();
		const [result, sent] = await sentIn(bench, async () => land(bench));
		assert.ok('ok' in result && result.kind === kind, JSON.stringify(result));
		assert.deepEqual([sent, bench.clock.now(), bench.at(main)], [1, before, bench.before]);
	});
}

test('a token that may only read, and a GitHub that cannot be reached before anything is sent: unwritten', async () => {
	const bench = await lockedBench();
	const reader = await bench.edge('sim_read-only').promotions.land(bench.landing());
	assert.ok(
		'ok' in reader && reader.kind === 'not-permitted' && /contents/i.test(reader.next),
		JSON.stringify(reader),
	);
	bench.api.faults.next({kind: 'connection-reset'}, {times: 3});
	const [cut, sent] = await sentIn(bench, async () => land(bench));
	assert.ok('ok' in cut && cut.kind === 'unreachable' && sent === 0);
});

test("the signal's time is up with the update under way: unknown; an abort by hand is thrown", async () => {
	for (const reason of [new DOMException('late', 'TimeoutError'), new Error('enough')]) {
		const bench = await lockedBench();
		bench.api.faults.next({kind: 'lost-answer', how: 'hang'}, {match: {operation: 'UpdateRefs'}});
		const stop = new AbortController();
		const result = land(bench, true, stop.signal);
		result.catch(() => {});
		while (bench.api.counters.faults === 0)
			await new Promise(resolve => {
				setImmediate(resolve);
			});
		stop.abort(reason);
		if (reason instanceof DOMException)
			assert.deepEqual(await result, {how: 'unknown', because: 'github.com did not answer in time.'});
		else await assert.rejects(result, reason);
	}
});

test('of two that land different commits at once, one does, whatever gets lost; and nobody is told anything wrong', async () => {
	const anyFault = fc.constantFrom<Fault | null>(
		null,
		{kind: 'lost-answer'},
		{kind: 'connection-reset'},
		{kind: 'lost-answer', how: 'bad-gateway'},
		{kind: 'something-went-wrong', status: 502},
	);
	await fc.assert(
		fc.asyncProperty(
			fc.array(anyFault, {maxLength: 3}),
			fc.nat({max: 6}),
			fc.boolean(),
			async (faults, renewals, makesTag) => {
				const bench = await lockedBench();
				const second = bench.api.simulation.state.commits.get(bench.after)!.parents[0]!;
				for (const fault of faults) {
					if (fault) bench.api.faults.next(fault, {match: {operation: 'UpdateRefs'}});
				}
				let looks = 0;
				bench.onRequest(({path}) => {
					if (
						path.includes('/git/matching-refs/deployctl/locks') &&
						(looks += 1) % 9 === 0 &&
						looks / 9 <= renewals
					)
						bench.renew();
				});
				const commits = [bench.after, second];
				const results = await Promise.all(
					commits.map(async after => bench.edge().promotions.land({...bench.landing(makesTag), after})),
				);
				const head = bench.at(main)!;
				for (const [index, result] of results.entries()) {
					assert.ok('how' in result, JSON.stringify(result));
					if (result.how === 'landed') assert.equal(head, commits[index]);
					if (result.how === 'refused') assert.notEqual(head, commits[index]);
					if (result.how === 'landed' && result.tag !== null)
						assert.equal(bench.at(`refs/tags/${result.tag}`), head);
				}
				assert.ok(results.filter(result => 'how' in result && result.how === 'landed').length <= 1);
				if (faults.every(fault => fault === null))
					assert.ok(results.some(result => 'how' in result && result.how === 'landed') || renewals > 0);
				assert.equal(
					[...bench.api.simulation.state.refs.keys()].filter(name => name.startsWith('refs/tags/deployctl/'))
						.length,
					makesTag && head !== bench.before ? 1 : 0,
				);
			},
		),
		runs(40),
	);
});
