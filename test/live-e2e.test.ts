/** A real Playwright in four shards against an application that the scripts have deployed, seen on the built program's screen while it runs. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {doneIn, names, watchLiveE2e} from './helpers/live-e2e.ts';
import {patient} from './helpers/patience.ts';

test('E2E on the screen: progress by shard, a failure while others run, the results; and what it costs', async t => {
	const live = await watchLiveE2e(t, {
		columns: 120,
		rows: 40,
		more: index => ({E2E_WHILE: index === 1 ? '500' : '16000'}),
		until: text => names(text, 'pages › pay with a saved card'),
	});
	const {screen, frames, shards, staging} = live;
	assert.match(live.deployed, / end deploy exit=0 result=deployed /);
	await screen.waitFor(
		text =>
			/E2E tests ✖ failed +16\/16, 1 failed, 1 flaky, 1 skipped/.test(text) &&
			names(text, 'health › is seldom good at once'),
	);
	const last = screen.text();
	await live.stop();
	const failing = shards.find(({result}) => result.exitCode !== 0)!;
	assert.equal(shards.filter(({result}) => result.exitCode !== 0).length, 1);

	// The failure stood there with place and message before its shard had ended, and before the others had.
	const first = frames.find(({text}) => names(text, 'pages › pay with a saved card'))!;
	assert.match(first.text, /✖ e2e\/pages\.spec\.ts:4 › pages › pay with a saved card/);
	assert.match(first.text, /with \*\*\* expect\(received\)/);
	const running = shards.filter(({endedAt}) => endedAt > first.at).map(({index}) => index);
	const end = live.ends[failing.index - 1]!.find(({outcome}) => outcome === 'unexpected')!;
	const latencyMs = first.at - end.at;
	t.diagnostic(`from the test's end to the screen: ${latencyMs} ms`);
	assert.ok(
		running.length >= 1,
		`others still ran: ${JSON.stringify([end.at - live.began, first.at - live.began, shards.map(({endedAt}) => endedAt - live.began)])}`,
	);
	assert.match(first.text, /E2E tests . running/);
	assert.ok(
		running.some(index => new RegExp(`● ${index}/4`).test(first.text)),
		first.text,
	);

	// Progress came by and by: some frame shows a shard half done.
	assert.ok(
		shards.some(({index, results}) =>
			frames.some(({text}) => {
				const done = doneIn(text, index);
				return done > 0 && done < results.tests.length;
			}),
		),
		'a shard under way',
	);
	for (const {index, results} of shards) assert.equal(doneIn(last, index), results.tests.length);

	assert.ok(latencyMs < patient(10_000), `${latencyMs} ms`);

	// What the reporters and the screen asked for, each with its own allowance.
	const posts = staging.requests.filter(({method, path}) => method === 'POST' && path.includes('/statuses/'));
	// On a slow machine it takes longer than it takes on a quiet one, and so there is more to be told.
	const longer = Math.max(1, live.tookMs / 25_000);
	assert.ok(posts.length <= 4 * 6 * longer, `${posts.length} posts in ${live.tookMs} ms`);
	const used = (token: string, kind: 'core' | 'graphql') =>
		staging.simulator.budgetOf(token).look(kind, staging.clock.now())?.used ?? 0;
	assert.equal(used('sim_workflow', 'core'), posts.length);
	assert.ok(used('sim_classic', 'core') <= 25 * longer, `${used('sim_classic', 'core')} requests of REST`);
	assert.ok(
		(used('sim_classic', 'graphql') / live.tookMs) * 3_600_000 < 5000,
		`${used('sim_classic', 'graphql')} points in ${live.tookMs} ms`,
	);
	// No secret and no escape sequence of a title on any frame.
	assert.ok(frames.every(({text}) => !text.includes('correct-horse')));
});
