/** Pins on GitHub: one commit an environment, whatever happens on the way. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Pin} from '../source/core/locks/pin.ts';
import {remotePins} from '../source/github/branches/pins.ts';
import {writing} from './helpers/git-hub-writes.ts';

const pin = (release: string, over: Partial<Pin> = {}): Pin => ({
	environment: 'production',
	release,
	sha: 'abcdef1',
	by: 'mira',
	at: 5,
	because: 'health failed',
	...over,
});
const ref = 'refs/deployctl/pins/production';

test('put, read by others, put again, cleared one by one and all at once', async t => {
	const bench = await writing(t);
	const [pins, others] = [remotePins(bench.connection()), remotePins(bench.connection())];
	for (const one of [pin('r1'), pin('r2', {sha: null}), pin('r1', {at: 9}), pin('r3', {environment: 'staging'})])
		assert.deepEqual(await pins.put(one), {ok: true});
	const seen = await others.read();
	assert.deepEqual(seen.ok && seen.pins, [pin('r1'), pin('r2', {sha: null}), pin('r3', {environment: 'staging'})]);
	assert.deepEqual(await others.clear('production', 'r1'), {ok: true});
	assert.deepEqual(await others.clear('production', 'r1'), {ok: true});
	const left = await pins.read();
	assert.deepEqual(left.ok && left.pins.map(({release}) => release), ['r2', 'r3']);
	assert.deepEqual(await pins.clear('production', null), {ok: true});
	assert.deepEqual(Object.keys(bench.refs()), ['refs/deployctl/pins/staging']);
});

test('those who pin at the same time lose nothing', async t => {
	const bench = await writing(t);
	const names = ['a', 'b', 'c'];
	assert.deepEqual(
		await Promise.all(names.map(async name => remotePins(bench.connection()).put(pin(name)))),
		names.map(() => ({ok: true})),
	);
	const seen = await remotePins(bench.connection()).read();
	assert.deepEqual(seen.ok && seen.pins.map(({release}) => release).sort(), names);
});

for (const fault of [
	{kind: 'lost-answer'},
	{kind: 'connection-reset'},
	{kind: 'lost-answer', how: 'bad-gateway'},
] as const) {
	test(`${JSON.stringify(fault)}: pinned once, cleared once`, async t => {
		const bench = await writing(t);
		const pins = remotePins(bench.connection());
		bench.simulator.faults.next(fault, {match: {operation: 'UpdateRefs'}});
		assert.deepEqual(await pins.put(pin('r1')), {ok: true});
		const seen = await pins.read();
		assert.deepEqual(seen.ok && seen.pins, [pin('r1')]);
		bench.simulator.faults.next(fault, {match: {operation: 'UpdateRefs'}});
		assert.deepEqual(await pins.clear('production', 'r1'), {ok: true});
		assert.deepEqual(bench.refs(), {});
	});
}

test('what cannot be read is told, never written over, and goes when all pins are cleared', async t => {
	const bench = await writing(t);
	const oid = bench.plant(ref, 'pinned by hand');
	const pins = remotePins(bench.connection());
	const seen = await pins.read();
	assert.deepEqual(seen.ok && [seen.pins, seen.unreadable], [[], [{environment: 'production', oid}]]);
	for (const result of [await pins.put(pin('r1')), await pins.clear('production', 'r1')])
		assert.ok(!result.ok && result.kind === 'ambiguous' && result.next.includes(oid));
	assert.equal(bench.refs()[ref], oid);
	assert.deepEqual(await pins.clear('production', null), {ok: true});
	assert.deepEqual(bench.refs(), {});
});

test('branches where nothing else is taken; failures are values', async t => {
	const bench = await writing(t, {customRefs: false});
	const pins = remotePins(bench.connection());
	assert.deepEqual(await pins.put(pin('r1')), {ok: true});
	assert.deepEqual(await remotePins(bench.connection()).put(pin('r2')), {ok: true});
	assert.deepEqual(Object.keys(bench.refs()), ['refs/heads/deployctl/pin/production']);
	bench.simulator.faults.next({kind: 'connection-reset'}, {times: 100});
	for (const result of [await pins.read(), await pins.put(pin('r3')), await pins.clear('production', null)])
		assert.ok(!result.ok && result.kind === 'unreachable');
});
