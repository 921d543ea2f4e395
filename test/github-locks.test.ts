/** The lock across operators, against a GitHub that loses answers, refuses, lags and is raced for. */
import assert from 'node:assert/strict';
import {test, type TestContext} from 'node:test';
import fc from 'fast-check';
import {holderOf} from '../source/core/locks/lock.ts';
import {createRemoteLocks, leaseGraceMs} from '../source/github/branches/locks.ts';
import {decodeName, encodeName} from '../source/github/branches/ref-records.ts';
import type {Fault} from '../source/simulator/limits/faults.ts';
import {lockOf, writing, type Writing} from './helpers/git-hub-writes.ts';
import {runs} from './helpers/fuzz.ts';

const ref = 'refs/deployctl/locks/production';
const branch = 'refs/heads/deployctl/lock/production';
const locksOf = (bench: Writing, token?: string) => createRemoteLocks(bench.options(token));

async function taken(bench: Writing, locks = locksOf(bench)) {
	const record = lockOf(bench.clock.now());
	const result = await locks.take(record);
	assert.ok(result.ok, JSON.stringify(result));
	return {record, oid: result.oid, locks};
}

test('taken, read by others, renewed, released', async t => {
	const bench = await writing(t);
	const {record, oid, locks} = await taken(bench);
	const other = locksOf(bench);
	const seen = await other.read();
	const author = {login: 'mira-okafor', isVerified: false};
	assert.deepEqual(seen.ok && seen.locks, {
		production: {environment: 'production', oid, lock: {...record, author}, because: null, author},
	});
	const renewed = {...record, leaseUntil: record.leaseUntil! + 60_000, phase: 'health checks'};
	const again = await locks.renew(renewed, oid);
	assert.ok(again.ok && again.oid !== oid);
	const later = await other.read();
	assert.deepEqual(later.ok && later.locks['production']?.lock, {...renewed, author});
	assert.deepEqual(await locks.release('production', again.oid), {ok: true});
	assert.deepEqual(bench.refs(), {});
	const empty = await other.read();
	assert.deepEqual(empty.ok && empty.locks, {});
	assert.deepEqual(await locks.release('production', again.oid), {ok: true}, 'what is gone is done');
});

test('the commit is readable for people', async t => {
	const bench = await writing(t);
	const {record, oid} = await taken(bench);
	const message = bench.simulator.simulation.state.commits.get(oid)!.message;
	assert.equal(message.split('\n')[0], `production is locked by ${record.operator}: ${record.reason}`);
});

test('reading again costs nothing of the allowance', async t => {
	const bench = await writing(t);
	const {locks} = await taken(bench);
	await locks.read();
	const {core, notModified, requests} = {...bench.simulator.counters};
	await locks.read();
	assert.deepEqual(
		[
			bench.simulator.counters.core - core,
			bench.simulator.counters.notModified - notModified,
			bench.simulator.counters.requests - requests,
		],
		[0, 2, 2],
	);
});

test('who comes second learns who, what, why and since when, within six requests', async t => {
	const bench = await writing(t);
	const {record, oid} = await taken(bench);
	const before = bench.simulator.counters.requests;
	const result = await locksOf(bench).take(lockOf(bench.clock.now()));
	assert.ok(!result.ok && result.kind === 'held');
	assert.deepEqual([result.lock, result.oid], [record, oid]);
	assert.match(
		result.because,
		new RegExp(`locked by ${record.operator} \\(GitHub: mira-okafor\\) \\(workstation\\): ${record.reason}`),
	);
	assert.ok(bench.simulator.counters.requests - before <= 6);
	const human = await locksOf(bench).take(
		lockOf(bench.clock.now(), {kind: 'human', leaseUntil: null, operation: null}),
	);
	assert.ok(!human.ok && human.kind === 'held');
});

test('of any number that come at once, exactly one wins, and what it wrote is what the others are told', async t => {
	const bench = await writing(t);
	await fc.assert(
		fc.asyncProperty(
			fc.integer({min: 2, max: 6}),
			fc.array(
				fc.constantFrom<Fault | null>(
					null,
					{kind: 'lost-answer'},
					{kind: 'connection-reset'},
					{kind: 'bad-gateway-html'},
				),
				{maxLength: 3},
			),
			async (racers, faults) => {
				for (const fault of faults) {
					if (fault) bench.simulator.faults.next(fault, {match: {operation: 'UpdateRefs'}});
				}
				const results = await Promise.all(
					Array.from({length: racers}, async () => {
						const [locks, record] = [locksOf(bench), lockOf(bench.clock.now())];
						return {locks, record, result: await locks.take(record)};
					}),
				);
				bench.simulator.faults.clear();
				const winners = results.filter(({result}) => result.ok);
				const standing = bench.refs()[ref];
				assert.ok(winners.length <= 1);
				if (faults.every(fault => fault === null)) assert.equal(winners.length, 1);
				for (const {result} of winners) assert.equal(result.ok && result.oid, standing);
				for (const {result} of results) {
					if (!result.ok && result.kind === 'held')
						assert.deepEqual(
							[result.oid, result.lock?.id],
							[standing, winners[0]?.record.id ?? result.lock?.id],
						);
				}
				const seen = await results[0]!.locks.read();
				assert.ok(seen.ok);
				if (seen.locks['production'])
					assert.deepEqual(await results[0]!.locks.release('production', seen.locks['production'].oid), {
						ok: true,
					});
			},
		),
		runs(12),
	);
});

type Step = {who: number; what: 'take' | 'renew' | 'release' | 'steal' | 'forget' | 'wait'; fault: Fault | null};
const anyStep: fc.Arbitrary<Step> = fc.record({
	who: fc.nat({max: 2}),
	what: fc.constantFrom('take', 'take', 'renew', 'renew', 'release', 'steal', 'forget', 'wait'),
	fault: fc.constantFrom<Fault | null>(
		null,
		null,
		{kind: 'lost-answer'},
		{kind: 'connection-reset'},
		{kind: 'bad-gateway-html'},
		{kind: 'lost-answer', how: 'bad-gateway'},
	),
});

test('whatever three holders do in any order, with answers lost: nobody touches a lock that is alive and not theirs, and an answer is never wrong', async t => {
	const bench = await writing(t);
	const {simulator, clock} = bench;
	const standing = () => {
		const oid = bench.refs()[ref];
		return oid === undefined
			? null
			: {oid, id: /"id":"([^"]+)"/.exec(simulator.simulation.state.commits.get(oid)!.message)![1]!};
	};
	await fc.assert(
		fc.asyncProperty(fc.array(anyStep, {minLength: 4, maxLength: 14}), async steps => {
			simulator.simulation.act(({state}) => {
				state.refs.delete(ref);
			});
			const holders = [0, 1, 2].map(() => ({
				locks: locksOf(bench),
				record: lockOf(clock.now()),
				oid: null as string | null,
			}));
			let leaseUntil = 0;
			for (const {who, what, fault} of steps) {
				const holder = holders[who]!;
				const before = standing();
				holder.record = {...holder.record, leaseUntil: clock.now() + 60_000};
				if (fault) simulator.faults.next(fault, {match: {operation: 'UpdateRefs'}});
				if (what === 'wait') clock.advance(40_000);
				// Another process goes on for it: it knows the id, and where it last stood.
				if (what === 'forget') holder.locks = locksOf(bench);
				const result =
					what === 'take'
						? await holder.locks.take(holder.record)
						: what === 'steal' && before
							? await holder.locks.steal(holder.record, before.oid, {by: 'me', reason: 'silent'})
							: what === 'renew' && holder.oid
								? await holder.locks.renew(holder.record, holder.oid)
								: what === 'release' && holder.oid
									? await holder.locks.release('production', holder.oid)
									: null;
				simulator.faults.clear();
				const now = standing();
				if (before && before.id !== holder.record.id && now?.oid !== before.oid)
					assert.ok(
						what === 'steal' && clock.now() > leaseUntil,
						`${what} by ${holder.record.id} over ${before.id}`,
					);
				if (result?.ok && 'oid' in result) assert.deepEqual(now, {oid: result.oid, id: holder.record.id});
				if (result?.ok && what === 'release') assert.notEqual(now?.id, holder.record.id);
				if (result && !result.ok && result.kind === 'held') assert.equal(result.oid, now?.oid);
				if (result && !result.ok && result.kind === 'lost') assert.notEqual(now?.id, holder.record.id);
				if (result?.ok && 'oid' in result) holder.oid = String(result.oid);
				if (result && !result.ok && 'mayHold' in result) holder.oid = result.mayHold ?? holder.oid;
				if (now?.oid !== before?.oid && now?.id === holder.record.id) leaseUntil = holder.record.leaseUntil!;
			}
		}),
		runs(100),
	);
});

test('one id is one holder: a second process that goes on for the first has the lock already', async t => {
	const bench = await writing(t);
	const {record, oid} = await taken(bench);
	assert.deepEqual(await locksOf(bench).take({...record, phase: 'resumed'}), {ok: true, oid});
});

test('after a theft renewal fails, and release leaves the successor alone', async t => {
	const bench = await writing(t);
	const {record, oid, locks} = await taken(bench);
	const successor = lockOf(bench.clock.now());
	const thief = locksOf(bench);
	const why = {by: successor.operator, reason: 'silent for an hour'};
	const early = await thief.steal(successor, oid, why);
	assert.ok(!early.ok && early.kind === 'held', 'the lease runs');
	bench.clock.advance(60_000 + leaseGraceMs);
	const stolen = await thief.steal(successor, oid, why);
	assert.ok(stolen.ok);
	assert.match(
		bench.simulator.simulation.state.commits.get(stolen.oid)!.message,
		new RegExp(
			`"broken":\\{"id":"${record.id}","holder":"${record.operator}","by":"${successor.operator}","reason":"silent for an hour"\\}`,
		),
	);
	for (const result of [
		await locks.renew(record, oid),
		await locks.release('production', oid),
		await locksOf(bench).release('production', oid),
		await locks.steal(lockOf(bench.clock.now()), oid, why),
	]) {
		assert.ok(!result.ok && result.kind === 'lost', JSON.stringify(result));
		assert.match(result.because, new RegExp(successor.operator));
	}
	assert.equal(bench.refs()[ref], stolen.oid);
});

test('a human lock is not stolen, and a lock that was broken is lost', async t => {
	const bench = await writing(t);
	const locks = locksOf(bench);
	const record = lockOf(bench.clock.now(), {
		kind: 'human',
		leaseUntil: null,
		operation: null,
		reason: 'frozen for the audit',
	});
	const human = await locks.take(record);
	assert.ok(human.ok);
	bench.clock.advance(86_400_000);
	const refused = await locks.steal(lockOf(bench.clock.now()), human.oid, {by: 'kim', reason: 'in a hurry'});
	assert.ok(!refused.ok && refused.kind === 'held' && /frozen for the audit/.test(refused.because));
	assert.deepEqual(await locksOf(bench).release('production', human.oid), {ok: true});
	const lost = await locks.renew(record, human.oid);
	assert.ok(!lost.ok && lost.kind === 'lost' && /is gone/.test(lost.because));
});

const losses: ReadonlyArray<[name: string, fault: Fault]> = [
	['the connection breaks', {kind: 'lost-answer'}],
	['a gateway gives up', {kind: 'lost-answer', how: 'bad-gateway'}],
	['it never comes', {kind: 'lost-answer', how: 'hang'}],
];

/** Acts while the next mutation's answer gets lost. */
async function losing<Result>(bench: Writing, fault: Fault, act: () => Promise<Result>): Promise<Result> {
	const {simulator, clock} = bench;
	const before = simulator.counters.faults;
	simulator.faults.next(fault, {match: {operation: 'UpdateRefs'}});
	const result = act();
	while (simulator.counters.faults === before)
		await new Promise(resolve => {
			setImmediate(resolve);
		});
	if ('how' in fault && fault.how === 'hang') clock.expire();
	return result;
}

for (const [name, fault] of losses) {
	test(`the answer gets lost (${name}): taken, renewed and released all the same, and sent once`, async t => {
		const bench = await writing(t);
		const locks = locksOf(bench);
		const record = lockOf(bench.clock.now());
		const first = await losing(bench, fault, async () => locks.take(record));
		assert.ok(first.ok, JSON.stringify(first));
		const second = await losing(bench, fault, async () => locks.renew(record, first.oid));
		assert.ok(second.ok && second.oid !== first.oid);
		assert.equal(bench.refs()[ref], second.oid);
		assert.deepEqual(await losing(bench, fault, async () => locks.release('production', second.oid)), {ok: true});
		assert.deepEqual(bench.refs(), {});
		assert.equal(bench.simulator.counters.byKind['UpdateRefs'], 3);
	});
}

test('the answer gets lost, and so does every look: unknown, and the next renewal or release finds out', async t => {
	const bench = await writing(t);
	const {simulator} = bench;
	const blind = (times: number) =>
		simulator.faults.next({kind: 'connection-reset'}, {times, match: {path: '/git/matching-refs'}});
	const lose = () => simulator.faults.next({kind: 'lost-answer'}, {match: {operation: 'UpdateRefs'}});
	const locks = locksOf(bench);
	const record = lockOf(bench.clock.now());
	blind(6);
	lose();
	const first = await locks.take(record);
	assert.ok(!first.ok && first.kind === 'unreachable');
	const held = first.mayHold!;
	assert.equal(bench.refs()[ref], held);
	lose();
	blind(6);
	const second = await locks.renew(record, held);
	assert.ok(!second.ok && second.kind === 'unreachable');
	const third = await locks.renew(record, held);
	assert.ok(third.ok, 'ours by its id, under another object');
	lose();
	blind(6);
	const fourth = await locks.renew(record, third.oid);
	assert.ok(!fourth.ok);
	assert.deepEqual(
		await locksOf(bench).release('production', third.oid),
		{ok: true},
		'another process knows it by its id, too',
	);
	assert.deepEqual(bench.refs(), {});
});

test('the request itself gets lost: nothing is held, and that is said as unknown', async t => {
	const bench = await writing(t);
	bench.simulator.faults.next({kind: 'connection-reset'}, {match: {operation: 'UpdateRefs'}});
	const result = await locksOf(bench).take(lockOf(bench.clock.now()));
	assert.ok(!result.ok && result.kind === 'unreachable' && result.mayHold !== null);
	assert.match(result.because, /unreachable: the connection broke off/);
	assert.deepEqual(bench.refs(), {});
	assert.deepEqual(await locksOf(bench).release('production', result.mayHold), {ok: true});
});

test('losing the answer about the commit costs a commit, not the lock', async t => {
	const bench = await writing(t);
	bench.simulator.faults.next({kind: 'lost-answer'}, {match: {method: 'POST', path: '/git/commits'}});
	await taken(bench);
	assert.equal(Object.keys(bench.refs()).length, 1);
});

test('a replica that lags shows an older state: a won lock stays won, a renewed one renewed', async t => {
	const bench = await writing(t);
	const stale = () =>
		bench.simulator.faults.next({kind: 'stale', seconds: 3600}, {times: 2, match: {path: '/git/matching-refs'}});
	stale();
	const {record, oid, locks} = await taken(bench);
	bench.simulator.faults.next({kind: 'lost-answer'}, {match: {operation: 'UpdateRefs'}});
	stale();
	const renewed = await locks.renew(record, oid);
	assert.ok(renewed.ok, JSON.stringify(renewed));
	assert.equal(bench.refs()[ref], renewed.oid);
});

const failures: ReadonlyArray<[name: string, fault: Fault, kind: string, because: RegExp, retryAfterMs?: number]> = [
	['unreachable', {kind: 'connection-reset'}, 'unreachable', /unreachable/],
	['502', {kind: 'bad-gateway-html'}, 'unreachable', /answered 502/],
	['bad token', {kind: 'unauthorised'}, 'not-permitted', /does not accept the token/],
	['hourly allowance', {kind: 'rate-limited', resetSeconds: 600}, 'unreachable', /allowance/, 600_000],
	[
		'secondary limit',
		{kind: 'secondary-limit', status: 403, retryAfterSeconds: 75},
		'unreachable',
		/slow down/,
		75_000,
	],
	['log-in page', {kind: 'html-200'}, 'unreachable', /web page/],
];

for (const [name, fault, kind, because, retryAfterMs] of failures) {
	test(`${name}: said as it is, by every call, and nothing is held`, async t => {
		const bench = await writing(t);
		const {record, oid} = await taken(bench);
		bench.simulator.faults.next(fault, {times: 1000});
		for (const act of [
			() => locksOf(bench).read(),
			() => locksOf(bench).take(lockOf(bench.clock.now())),
			() => locksOf(bench).renew(record, oid),
			() => locksOf(bench).release('production', oid),
		]) {
			const startsAt = bench.clock.now();
			const result = await act();
			assert.ok(!result.ok && result.kind === kind, JSON.stringify(result));
			assert.match(result.because, because);
			assert.ok(result.next.length > 0);
			if (retryAfterMs) assert.ok('retryAt' in result && result.retryAt === startsAt + retryAfterMs);
		}
		assert.equal(bench.refs()[ref], oid);
	});
}

test('a token that may only read, one that may see nothing', async t => {
	const bench = await writing(t);
	const readOnly = await locksOf(bench, 'sim_read-only').take(lockOf(bench.clock.now()));
	assert.ok(!readOnly.ok && readOnly.kind === 'not-permitted' && /contents=write/.test(readOnly.next));
	assert.ok((await locksOf(bench, 'sim_read-only').read()).ok);
	const nothing = await locksOf(bench, 'sim_no-access').take(lockOf(bench.clock.now()));
	assert.ok(!nothing.ok && nothing.kind === 'not-permitted' && /may not see it/.test(nothing.because));
});

test('a server that takes branches only: the lock is a branch, for everybody', async t => {
	const bench = await writing(t, {customRefs: false});
	const {record, oid, locks} = await taken(bench);
	assert.deepEqual(bench.refs(), {[branch]: oid});
	const second = await locksOf(bench).take(lockOf(bench.clock.now()));
	assert.ok(!second.ok && second.kind === 'held' && second.lock?.id === record.id);
	const renewed = await locks.renew(record, oid);
	assert.ok(renewed.ok);
	const before = bench.simulator.counters.byKind['UpdateRefs']!;
	const staging = await locks.take(lockOf(bench.clock.now(), {environment: 'staging'}));
	assert.ok(staging.ok);
	assert.equal(bench.simulator.counters.byKind['UpdateRefs']! - before, 1, 'it is remembered');
	assert.deepEqual(await locksOf(bench).release('production', renewed.oid), {ok: true});
	assert.deepEqual(Object.keys(bench.refs()), ['refs/heads/deployctl/lock/staging']);
});

test('a lock in the other form blocks, and the own claim is given back', async t => {
	const bench = await writing(t);
	const theirs = lockOf(bench.clock.now());
	bench.plant(branch, `x\n\n${JSON.stringify({deployctl: 1, lock: theirs})}`);
	const result = await locksOf(bench).take(lockOf(bench.clock.now()));
	assert.ok(!result.ok && result.kind === 'held');
	assert.deepEqual(result.lock, theirs);
	assert.deepEqual(Object.keys(bench.refs()), [branch]);
});

test('a server that does not know the empty tree gets one that it knows', async t => {
	const bench = await writing(t, {emptyTree: false});
	const {oid} = await taken(bench);
	assert.notEqual(
		bench.simulator.simulation.state.commits.get(oid)?.tree,
		'4b825dc642cb6eb9a060e54bf8d69288fbee4904',
	);
});

test('a server without updateRefs, and one with rules against it: not permitted, with its own words', async t => {
	const bench = await writing(t, {lacks: ['Mutation.updateRefs']});
	const result = await locksOf(bench).take(lockOf(bench.clock.now()));
	assert.ok(!result.ok && result.kind === 'not-permitted', JSON.stringify(result));
	assert.match(result.because, /updateRefs/);
	assert.match(result.next, /3\.16/);
});

const unreadable: ReadonlyArray<[name: string, message: string]> = [
	['no JSON', 'locked by hand'],
	['half a JSON', 'x\n\n{"deployctl":1,"lock":{"id":"a"'],
	['a later version', 'x\n\n{"deployctl":2,"lock":{}}'],
	['no lease', JSON.stringify({deployctl: 1, lock: {...lockOf(5), leaseUntil: null}})],
	['another environment', JSON.stringify({deployctl: 1, lock: lockOf(5, {environment: 'staging'})})],
	['a bad id', JSON.stringify({deployctl: 1, lock: lockOf(5, {id: '../x'})})],
	['too long', JSON.stringify({deployctl: 1, lock: lockOf(5, {reason: 'x'.repeat(20_000)})})],
];

for (const [name, message] of unreadable) {
	test(`unreadable (${name}): it blocks, is never stolen, and goes only when its object is named`, async t => {
		const bench = await writing(t);
		const oid = bench.plant(ref, message);
		const locks = locksOf(bench);
		const seen = await locks.read();
		assert.deepEqual(seen.ok && seen.locks['production']?.lock, null);
		assert.match((seen.ok && seen.locks['production']?.because) || '', /unreadable/);
		const result = await locks.take(lockOf(bench.clock.now()));
		assert.ok(!result.ok && result.kind === 'held' && result.lock === null && result.next.includes(oid));
		bench.clock.advance(86_400_000);
		const stolen = await locks.steal(lockOf(bench.clock.now()), oid, {by: 'kim', reason: 'x'});
		assert.ok(!stolen.ok && stolen.kind === 'held');
		assert.equal(bench.refs()[ref], oid);
		assert.deepEqual(await locks.release('production', oid), {ok: true});
	});
}

for (const [name, over] of [
	['years', (now: number) => ({leaseUntil: 9e14, createdAt: now})],
	['half an hour', (now: number) => ({leaseUntil: now + 30 * 60_000})],
	['from tomorrow on', (now: number) => ({createdAt: now + 86_400_000, leaseUntil: now + 60_000})],
] as const) {
	test(`a lease of ${name} is no lease: unreadable, whoever it names`, async t => {
		const bench = await writing(t);
		bench.plant(
			ref,
			JSON.stringify({deployctl: 1, lock: lockOf(5, {operator: 'cto', ...over(bench.clock.now())})}),
		);
		const seen = await locksOf(bench).read();
		assert.ok(seen.ok && seen.locks['production']?.lock === null);
		assert.match(seen.locks['production'].because ?? '', /unreadable stands at refs\/deployctl\/locks\/production/);
		bench.plant(
			'refs/deployctl/locks/staging',
			`staging is locked\n\n${JSON.stringify({deployctl: 1, lock: lockOf(5, {environment: 'staging', operator: 'mira-okafor', createdAt: bench.clock.now(), leaseUntil: bench.clock.now() + 90_000})})}`,
		);
		const control = await locksOf(bench).read();
		assert.equal(control.ok && control.locks['staging']?.lock?.operator, 'mira-okafor');
	});
}

test("nobody locks in another's name unseen: whom GitHub names stands beside the name that is claimed, and a record cannot say it itself", async t => {
	const bench = await writing(t);
	const locks = locksOf(bench);
	const own = await locks.take(lockOf(bench.clock.now(), {operator: 'mira-okafor'}));
	assert.ok(own.ok);
	const mine = await locks.read();
	const seen = mine.ok ? mine.locks['production']!.lock! : assert.fail();
	assert.deepEqual([seen.author?.login, holderOf(seen)], ['mira-okafor', 'mira-okafor'], 'one name where both agree');
	assert.ok((await locks.release('production', own.oid)).ok);
	const forged = await locks.take({
		...lockOf(bench.clock.now(), {operator: 'cto'}),
		author: {login: 'cto', isVerified: true},
	});
	assert.ok(forged.ok);
	const found = await locks.read();
	const lock = found.ok ? found.locks['production']!.lock! : assert.fail();
	assert.deepEqual(
		[lock.author, holderOf(lock)],
		[{login: 'mira-okafor', isVerified: false}, 'cto (GitHub: mira-okafor)'],
	);
	const refused = await locks.take(lockOf(bench.clock.now(), {id: 'other'}));
	assert.match(refused.ok ? '' : refused.because, /locked by cto \(GitHub: mira-okafor\)/);
});

test('text of others is made safe', async t => {
	const bench = await writing(t);
	bench.plant(
		ref,
		JSON.stringify({
			deployctl: 1,
			lock: lockOf(5, {operator: 'mi\u001B[31mra', reason: '\u202Eevil\nline', host: '\u009B2J'}),
		}),
	);
	const seen = await locksOf(bench).read();
	assert.ok(seen.ok);
	assert.deepEqual(
		[
			seen.locks['production']?.lock?.operator,
			seen.locks['production']?.lock?.reason,
			seen.locks['production']?.lock?.host,
		],
		['mira', 'evil line', ''],
	);
});

test('environments of any name: each its own lock, names that begin alike are told apart', async t => {
	const bench = await writing(t);
	const locks = locksOf(bench);
	const names = [
		'production',
		'production-eu',
		'Production',
		'a/b',
		'a',
		'x.lock',
		'..',
		'späť ~^:?*[\\@{',
		'=2F',
		'a%2Fb',
	];
	for (const environment of names)
		assert.ok((await locks.take(lockOf(bench.clock.now(), {environment}))).ok, environment);
	const seen = await locksOf(bench).read();
	assert.deepEqual(seen.ok && Object.keys(seen.locks).sort(), [...names].sort());
	fc.assert(
		fc.property(fc.string({unit: 'grapheme', minLength: 1}), name => {
			const text = encodeName(name);
			assert.match(text, /^[\w=-]+$/);
			assert.equal(decodeName(text), name);
		}),
	);
	assert.deepEqual(['a.b', '=2f', '=ZZ', '=FF', 'ü'].map(decodeName), [null, null, null, null, null]);
});

test('an abort is thrown, not told', async t => {
	const bench = await writing(t);
	const controller = new AbortController();
	controller.abort(new Error('quit'));
	await assert.rejects(locksOf(bench).take(lockOf(bench.clock.now()), controller.signal), /quit/);
});

test('nothing ever says the token', async (t: TestContext) => {
	const bench = await writing(t);
	bench.simulator.faults.next({kind: 'bad-gateway-html'}, {times: 100});
	const result = await locksOf(bench, 'ghp_secretsecretsecretsecret').take(lockOf(bench.clock.now()));
	assert.doesNotMatch(JSON.stringify(result), /ghp_/);
});

test('found by its id; a signal whose time is up is an answer, not an error', async t => {
	const bench = await writing(t);
	const {record, oid, locks} = await taken(bench);
	assert.deepEqual(await locksOf(bench).find('production', record.id), {ok: true, oid});
	assert.deepEqual(await locksOf(bench).find('production', 'other'), {ok: true, oid: null});
	bench.simulator.faults.next({kind: 'timeout'}, {times: 10});
	const late = await locks.renew(record, oid, AbortSignal.timeout(5));
	assert.ok(!late.ok && late.kind === 'unreachable' && /in time/.test(late.because));
});
