import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import type {ReadFailure, ReadFailureKind} from '../source/core/github/facts.ts';
import {baseIntervalMs, nextPoll, type PaceInput, reservePoints} from '../source/core/polling/pace.ts';
import {start} from './helpers/facts.ts';
import {runs} from './helpers/fuzz.ts';

const calm: PaceInput = {
	activity: 'running',
	now: start,
	quietForMs: 0,
	watchedForMs: 3_600_000,
	rateLimit: null,
	costPerPoll: 1,
	foreignPerSecond: 0,
	latencyP95Ms: 100,
	failures: 0,
	failure: null,
	random: 0.5,
};
const failing = (kind: ReadFailureKind, retryAt: number | null = null): ReadFailure => ({
	kind,
	because: 'x',
	status: null,
	retryAt,
	readAt: start,
	latencyMs: 10,
});
const limit = (remaining: number, minutes = 60) => ({limit: 5000, remaining, resetAt: start + minutes * 60_000});

test('one second while something runs, three while it waits, two just after, ten while nothing happens, thirty when nothing has happened for long', () => {
	assert.equal(nextPoll(calm).afterMs, 1000);
	assert.equal(nextPoll({...calm, activity: 'waiting'}).afterMs, 3000);
	assert.equal(nextPoll({...calm, activity: 'idle', quietForMs: 5000}).afterMs, 2000);
	assert.equal(nextPoll({...calm, activity: 'idle', quietForMs: 100_000}).afterMs, 10_000);
	assert.equal(nextPoll({...calm, activity: 'idle', quietForMs: 11 * 60_000}).afterMs, 30_000);
	assert.equal(
		nextPoll({...calm, activity: 'idle', quietForMs: 11 * 60_000, watchedForMs: 60_000}).afterMs,
		10_000,
		'somebody has just opened it',
	);
});

test('the full budget allows one poll a second; what is left is spread over the time to the reset', () => {
	assert.equal(nextPoll({...calm, rateLimit: limit(5000)}).afterMs, 1000);
	const {afterMs, because} = nextPoll({...calm, rateLimit: limit(1000)});
	assert.equal(afterMs, 3_600_000 / 500);
	assert.match(because!, /hourly budget/);
});

test('nothing left to spend: the next poll is just after the reset', () => {
	assert.ok(nextPoll({...calm, rateLimit: limit(400, 10)}).afterMs >= 600_000 * 0.9);
});

test('a slow server is not asked faster than it answers', () => {
	assert.equal(nextPoll({...calm, latencyP95Ms: 4000}).afterMs, 6000);
});

test('failures back off by doubling, and never wait longer than half a minute', () => {
	const after = [1, 2, 3, 4, 5, 12].map(
		failures => nextPoll({...calm, failures, failure: failing('server-error'), random: 0}).afterMs,
	);
	assert.deepEqual(after, [2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

test("GitHub's own times are kept: the reset, retry-after, and a minute where it gives none", () => {
	assert.equal(
		nextPoll({...calm, failures: 1, failure: failing('rate-limited', start + 1_234_000), random: 0}).afterMs,
		1_234_000,
	);
	assert.equal(
		nextPoll({...calm, failures: 1, failure: failing('secondary-limit', start + 90_000), random: 0}).afterMs,
		90_000,
	);
	assert.equal(nextPoll({...calm, failures: 1, failure: failing('secondary-limit'), random: 0}).afterMs, 60_000);
	assert.equal(nextPoll({...calm, failures: 3, failure: failing('secondary-limit'), random: 0}).afterMs, 240_000);
});

const anyFailure = fc.option(
	fc
		.record({
			kind: fc.constantFrom<ReadFailureKind>(
				'unreachable',
				'timeout',
				'server-error',
				'malformed',
				'unauthorised',
				'forbidden',
				'not-found',
				'rate-limited',
				'secondary-limit',
			),
			retryAt: fc.option(fc.integer({min: -3_600_000, max: 7_200_000}).map(offset => start + offset)),
		})
		.map(({kind, retryAt}) => failing(kind, retryAt)),
);
const anyInput: fc.Arbitrary<PaceInput> = fc.record({
	activity: fc.constantFrom('running' as const, 'waiting' as const, 'idle' as const),
	now: fc.constant(start),
	quietForMs: fc.integer({min: 0, max: 10_000_000}),
	watchedForMs: fc.integer({min: 0, max: 10_000_000}),
	rateLimit: fc.option(
		fc.record({
			limit: fc.constantFrom(1000, 5000, 10_000),
			remaining: fc.integer({min: 0, max: 10_000}),
			resetAt: fc.integer({min: -600_000, max: 3_600_000}).map(offset => start + offset),
		}),
	),
	costPerPoll: fc.double({min: 0, max: 5, noNaN: true}),
	foreignPerSecond: fc.double({min: 0, max: 3, noNaN: true}),
	latencyP95Ms: fc.integer({min: 0, max: 12_000}),
	failures: fc.integer({min: 0, max: 40}),
	failure: anyFailure,
	random: fc.double({min: 0, max: 0.999, noNaN: true}),
});

test('property: there is always one next poll, in finite time, never faster than the base pace', () => {
	fc.assert(
		fc.property(anyInput, input => {
			const {afterMs} = nextPoll(input);
			assert.ok(
				Number.isFinite(afterMs) && afterMs >= 0.9 * Math.min(1000, baseIntervalMs[input.activity]) - 1e-6,
				String(afterMs),
			);
			assert.ok(afterMs <= 4_800_000 * 2, 'comes back');
		}),
		runs(3000),
	);
});

test('property: never earlier than GitHub said that we may ask again', () => {
	fc.assert(
		fc.property(anyInput, input => {
			fc.pre(
				input.failures > 0 &&
					input.failure?.retryAt != null &&
					['rate-limited', 'secondary-limit', 'server-error'].includes(input.failure.kind),
			);
			assert.ok(nextPoll(input).afterMs >= input.failure.retryAt - input.now);
		}),
		runs(1000),
	);
});

test('property: at this pace the budget lasts until its reset, whatever others use up', () => {
	fc.assert(
		fc.property(
			fc.integer({min: 0, max: 5000}),
			fc.double({min: 0.5, max: 3, noNaN: true}),
			fc.double({min: 0, max: 0.5, noNaN: true}),
			(begin, cost, foreignPerSecond) => {
				let now = start;
				let remaining = begin;
				const resetAt = start + 3_600_000;
				for (let polls = 0; now < resetAt && polls < 10_000; polls++) {
					const {afterMs} = nextPoll({
						...calm,
						now,
						costPerPoll: cost,
						foreignPerSecond,
						rateLimit: {limit: 5000, remaining: Math.floor(remaining), resetAt},
					});
					now += afterMs;
					if (now >= resetAt) break;
					remaining -= cost + foreignPerSecond * (afterMs / 1000);
					// Others may use up all; we never take the reserve.
					assert.ok(
						remaining >= Math.min(begin, reservePoints) - cost - foreignPerSecond * 3600 - 2,
						`${remaining} left`,
					);
				}
			},
		),
		runs(200),
	);
});
