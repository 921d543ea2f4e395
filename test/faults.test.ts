/** Every fault of GitHub is survived: the last good screen stays, its age is shown, and the program recovers by itself. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Fault} from '../source/simulator/limits/faults.ts';
import {openApp} from './helpers/app.ts';

type Case = {name: string; fault: Fault; says: RegExp; backWithinSeconds: number};

const cases: readonly Case[] = [
	{name: '502 as HTML', fault: {kind: 'bad-gateway-html'}, says: /502/, backWithinSeconds: 40},
	{name: '504 as HTML', fault: {kind: 'bad-gateway-html', status: 504}, says: /504/, backWithinSeconds: 40},
	{
		name: "an error of GitHub's own in a 200",
		fault: {kind: 'something-went-wrong', status: 200},
		says: /GitHub|127/,
		backWithinSeconds: 40,
	},
	{
		name: 'a connection that is reset',
		fault: {kind: 'connection-reset'},
		says: /127\.0\.0\.1|reset|reach/i,
		backWithinSeconds: 40,
	},
	{
		name: '200 with RATE_LIMITED',
		fault: {kind: 'rate-limited', resetSeconds: 300},
		says: /allowance|budget/i,
		backWithinSeconds: 360,
	},
	{
		name: 'secondary limit with retry-after',
		fault: {kind: 'secondary-limit', status: 403, retryAfterSeconds: 75},
		says: /slow|secondary|limit/i,
		backWithinSeconds: 100,
	},
	{
		name: 'secondary limit without retry-after',
		fault: {kind: 'secondary-limit', status: 200},
		says: /slow|secondary|limit/i,
		backWithinSeconds: 150,
	},
	{
		name: 'an answer that is cut off',
		fault: {kind: 'truncated'},
		says: /127\.0\.0\.1|answer|closed|cut/i,
		backWithinSeconds: 40,
	},
	{
		name: "a proxy's log-in page with 200",
		fault: {kind: 'html-200'},
		says: /JSON|answer|proxy|HTML/i,
		backWithinSeconds: 40,
	},
	{name: '401', fault: {kind: 'unauthorised'}, says: /token/, backWithinSeconds: 80},
];

for (const {name, fault, says, backWithinSeconds} of cases) {
	test(name, async t => {
		const app = await openApp({startMinutes: 4}, t);
		await app.settled();
		await app.advance(5000);
		assert.match(app.screen(), /● synced/);
		app.simulator.faults.during(app.clock.now(), app.clock.now() + 10_000, fault);
		await app.advance(3000);
		const failing = app.screen();
		assert.match(failing, /▲ as of \d\d:\d\d, retry in \d+[sm]/, 'the age is shown');
		assert.match(failing.split('\n').slice(1, 3).join(' '), says, 'the reason is shown');
		assert.match(failing, /Autosave drafts/, 'the last good screen stays');
		assert.equal(app.state().snapshot!.candidates.length, 12);
		assert.ok(app.state().snapshot!.candidates.every(({gate}) => !gate.open));
		await app.advance(backWithinSeconds * 1000);
		assert.match(app.screen(), /● synced/, 'it recovers by itself');
		assert.equal(app.state().poll.failures, 0);
		assert.equal(app.clock.waiting(), 2, 'one poll and one tick');
	});
}

test('a request that never answers is given up after its time-out, and asked again', async t => {
	const app = await openApp({startMinutes: 4}, t);
	await app.settled();
	await app.advance(5000);
	app.simulator.faults.next({kind: 'timeout'}, {match: {api: 'graphql'}});
	// The question hangs, and what hangs cannot be awaited: the clock moves on its own.
	await app.advanceWithout(1500);
	assert.equal(app.state().poll.phase, 'asking');
	await app.advanceWithout(12_500);
	assert.match(app.screen(), /did not answer within 12 s/);
	await app.advance(40_000);
	assert.match(app.screen(), /● synced/);
});

test('partial data is used, and what is missing is said', async t => {
	const app = await openApp({startMinutes: 4}, t);
	app.simulator.faults.during(
		app.clock.now(),
		app.clock.now() + 60_000,
		{kind: 'partial', path: ['repository', 'onProduction']},
		{operation: 'Overview'},
	);
	await app.settled();
	assert.match(app.screen(), /Autosave/);
	assert.match(app.screen(), /GitHub left something out/);
});

test('stale reads of a lagging replica do not turn time back', async t => {
	const app = await openApp({startMinutes: 6}, t);
	await app.settled();
	await app.advance(5000);
	assert.equal(app.state().snapshot!.candidates[0]!.tiers.fast.status, 'passed');
	app.simulator.faults.during(app.clock.now(), app.clock.now() + 20_000, {kind: 'stale', seconds: 280});
	await app.advance(19_000);
	assert.equal(app.state().snapshot!.candidates[0]!.tiers.fast.status, 'passed');
});

test('a clock that is off is said, and does not disturb the pace', async t => {
	const app = await openApp({startMinutes: 6}, t);
	app.simulator.faults.during(app.clock.now(), app.clock.now() + 600_000, {kind: 'clock-skew', seconds: 600});
	await app.settled();
	await app.advance(20_000);
	assert.match(app.screen(), /This machine's clock is 10m00s behind GitHub's/);
	const asked = app.questions.length;
	await app.advance(10_000);
	assert.ok(app.questions.length - asked >= 9, 'one poll a second');
});

test('an outage of minutes: 502s, then the secondary limit, then all is well', async t => {
	const app = await openApp({scenario: 'outage'}, t);
	await app.settled();
	await app.advance(20 * 60_000);
	assert.match(app.screen(), /● synced/);
	assert.equal(app.state().origin, 'github');
});

test('a fine-grained token is read over REST, a server that does not count over GraphQL', async t => {
	for (const scenario of ['fine-grained', 'ghes']) {
		const app = await openApp({scenario}, t);
		await app.settled();
		await app.advance(5000);
		assert.match(app.screen(), /● synced/, scenario);
		assert.equal(app.state().poll.path, scenario === 'ghes' ? 'graphql' : 'rest', scenario);
		if (scenario === 'ghes') assert.equal(app.state().snapshot!.rateLimit, null, 'this server does not count');
		assert.ok(app.state().snapshot!.candidates[0]!.tiers.fast.jobs.length > 0, scenario);
	}
});

test('the points of an hour suffice for an hour of polling once a second', async t => {
	const app = await openApp({startMinutes: 0}, t);
	await app.settled();
	await app.advance(10 * 60_000);
	const {limit, remaining} = app.state().snapshot!.rateLimit!;
	const perHour = (limit - remaining) * 6;
	assert.ok(perHour <= 4500, `${perHour} points an hour`);
});
