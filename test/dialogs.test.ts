/** Press and look: from a key to an operation, and every way in which nothing is started. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {defaultSettings} from '../source/core/settings/settings.ts';
import {expiresAfterMs} from '../source/state/model/dialog.ts';
import {observableSettings, openApp} from './helpers/app.ts';
import {footerOf, newest, openOperator, openProductionPlan, openRollbackPlan} from './helpers/operator.ts';

test('a commit is deployed to staging with three keys, and its operation is in view', async t => {
	const app = await openOperator(t);
	const sha = newest(app);
	await app.press('D');
	assert.match(app.screen(), /Deploy to which environment\?/);
	await app.type(['enter']);
	assert.match(app.screen(), new RegExp(`\\$ scripts/deploy.sh --env staging --sha ${sha}`));
	assert.match(app.screen(), /Press y to deploy/);
	await app.advance(1000);
	await app.press('y');
	assert.deepEqual(
		app.operations.started.map(({plan: {kind, environment, sha: started}, confirmation}) => [
			kind,
			environment,
			started,
			confirmation.phrase,
		]),
		[['deploy', 'staging', sha, null]],
	);
	assert.equal(app.state().view.place.name, 'operation');
	assert.match(app.screen(), /Deploy to staging .* running/);
	assert.equal(app.state().dialog, null);
});

test('Enter confirms no plan, and y not before the plan can have been read', async t => {
	const app = await openOperator(t);
	await app.press('D', 'enter');
	await app.press('y');
	assert.match(app.screen(), /too soon to have been read/);
	await app.advance(2000);
	await app.press('enter', 'enter');
	assert.match(footerOf(app), /Enter confirms nothing here/);
	assert.equal(app.operations.started.length, 0);
	await app.press('y');
	assert.equal(app.operations.started.length, 1);
});

test('a key that is held down confirms nothing, however long', async t => {
	const app = await openOperator(t);
	await app.press('D', 'enter');
	await app.type(
		Array.from({length: 60}, () => 'y'),
		33,
	);
	assert.match(app.screen(), /held down/);
	assert.equal(app.operations.started.length, 0);
	await app.advance(1500);
	await app.press('y');
	assert.equal(app.operations.started.length, 1);
});

test('production wants its phrase, and the first Enter after it is enough, however soon', async t => {
	const app = await openOperator(t);
	const phrase = await openProductionPlan(app);
	assert.match(phrase, /^production [0-9a-f]{7}$/);
	await app.press('y', 'enter');
	assert.match(app.screen(), /not the phrase/);
	await app.press('ctrl-u');
	await app.type(phrase, 30);
	await app.press('enter');
	assert.deepEqual(
		app.operations.started.map(({plan, confirmation}) => [plan.environment, confirmation.phrase]),
		[['production', phrase]],
	);
});

test('over a slow line a phrase comes in chunks, the last one with Enter in it', async t => {
	const app = await openOperator(t);
	const phrase = await openProductionPlan(app);
	for (const part of [phrase.slice(0, 4), phrase.slice(4, 14)]) {
		await app.chunk(...part);
		await app.advance(120);
	}
	await app.chunk(...phrase.slice(14), 'enter');
	assert.deepEqual(
		app.operations.started.map(({confirmation}) => confirmation.phrase),
		[phrase],
	);
});

test('whoever taps y before the plan can have been read is heard as soon as it can', async t => {
	const app = await openOperator(t);
	await app.press('D', 'enter');
	await app.type(['y', 'y', 'y', 'y'], 250);
	assert.equal(app.operations.started.length, 1);
});

test('a paste types nothing into a phrase, and that is said until something is typed', async t => {
	const app = await openOperator(t);
	const phrase = await openProductionPlan(app);
	await app.paste(phrase);
	assert.match(app.screen(), /A paste confirms nothing: type it/);
	await app.advance(700);
	await app.press('enter');
	assert.match(app.screen(), /A paste confirms nothing: type it/);
	assert.equal(app.operations.started.length, 0);
	await app.type(phrase, 30);
	await app.press('enter');
	assert.equal(app.operations.started.length, 1);
});

test('a phrase that came at once, or faster than hands type, confirms nothing until it is typed', async t => {
	for (const paste of [
		async (app: Awaited<ReturnType<typeof openOperator>>, phrase: string) => app.chunk(...phrase),
		async (app: Awaited<ReturnType<typeof openOperator>>, phrase: string) => app.chunk(...phrase, 'enter'),
		// As a terminal without bracketed paste might send it: each key alone, in no time.
		async (app: Awaited<ReturnType<typeof openOperator>>, phrase: string) => app.press(...phrase),
		async (app: Awaited<ReturnType<typeof openOperator>>, phrase: string) => {
			await app.type(phrase.slice(0, 2), 90);
			await app.chunk(...phrase.slice(2));
		},
		async (app: Awaited<ReturnType<typeof openOperator>>, phrase: string) => {
			await app.chunk(...phrase.slice(0, -2));
			await app.type(phrase.slice(-2), 400);
		},
	]) {
		const app = await openOperator(t);
		const phrase = await openProductionPlan(app);
		await paste(app, phrase);
		assert.match(app.screen(), /That came at once, as a paste does, and confirms nothing\. Ctrl-U clears it/);
		await app.advance(2000);
		await app.press('enter');
		assert.match(app.screen(), /That came at once/);
		assert.equal(app.operations.started.length, 0);
		await app.press('ctrl-u');
		await app.type(phrase, 30);
		await app.press('enter');
		assert.equal(app.operations.started.length, 1);
	}
});

test('the rest of the chunk that opened a dialog is not for it', async t => {
	const app = await openOperator(t);
	await app.chunk('D', 'j', 'enter', 'y');
	const {dialog} = app.state();
	assert.equal(dialog?.name, 'choose');
	assert.equal(dialog.chosen, 'staging', 'not moved either');
});

test('a dialog that nobody touches is void, says so, and is loaded anew', async t => {
	const app = await openOperator(t);
	const phrase = await openProductionPlan(app);
	await app.type(phrase.slice(0, -1));
	await app.advance(expiresAfterMs + 1000);
	assert.match(app.screen(), /is void/);
	const plans = app.operations.calls.filter(call => call === 'plan deploy production').length;
	await app.type([phrase.at(-1)!, 'enter']);
	assert.equal(
		app.operations.calls.filter(call => call === 'plan deploy production').length,
		plans + 1,
		'a key loads it anew',
	);
	await app.advance(2000);
	assert.equal((app.state().dialog as {typed: string}).typed, '');
	await app.press('enter');
	assert.equal(app.operations.started.length, 0);
	await app.type(phrase);
	await app.advance(1200);
	await app.press('enter');
	assert.equal(app.operations.started.length, 1);
});

test('the key that finds a dialog void is not taken', async t => {
	const app = await openOperator(t);
	await app.press('D', 'enter');
	await app.advance(1000);
	// As after a laptop's sleep: no tick has come between, the key itself finds it out.
	const {dialog, wallNow} = app.state();
	app.state().dialog = {...dialog!, touchedAt: wallNow - expiresAfterMs - 1};
	await app.press('enter');
	assert.match(app.screen(), /is void/);
	assert.equal(app.operations.started.length, 0);
});

test('Escape closes and nothing was done; the next key is for the screen again', async t => {
	const app = await openOperator(t);
	await openProductionPlan(app);
	await app.press('esc');
	assert.match(footerOf(app), /Nothing was done/);
	await app.press('p');
	assert.equal(app.state().view.place.name, 'gate');
	assert.equal(app.operations.started.length, 0);
});

test('somebody takes the lock while the dialog is open: it blocks, says so, and asks again', async t => {
	const app = await openOperator(t);
	const phrase = await openProductionPlan(app);
	await app.type(phrase);
	app.operations.locked('production', {operator: 'mira', reason: 'audit until noon'});
	await app.advance(1500);
	assert.match(app.screen(), /Changed while you looked: lock: was free, is locked by mira: audit until noon/);
	assert.match(app.screen(), /Blocked: locked by mira/);
	assert.match(app.screen(), /→ ask mira/i);
	await app.press('enter', 'y');
	assert.equal(app.operations.started.length, 0);
	app.operations.unlocked('production');
	await app.advance(1500);
	assert.match(app.screen(), /lock: was locked by mira: audit until noon, is free/);
	await app.press('enter');
	assert.equal(app.operations.started.length, 0, 'what was typed before is gone');
	await app.type(phrase);
	await app.advance(1200);
	await app.press('enter');
	assert.equal(app.operations.started.length, 1);
});

test('another version, another health: the plan is made again and the difference said', async t => {
	const app = await openOperator(t);
	const phrase = await openRollbackPlan(app);
	await app.type(phrase);
	app.operations.site('production').health = false;
	await app.advance(6000);
	assert.match(app.screen(), /Changed while you looked: health: was \w{7}, healthy, is \w{7}, unhealthy/);
	await app.press('enter');
	assert.equal(app.operations.started.length, 0);
});

test('a new commit comes: the dialog stays on its own, shows it, and asks again', async t => {
	const app = await openOperator(t, {startMinutes: 14.5});
	const sha = newest(app);
	const phrase = await openProductionPlan(app);
	await app.type(phrase.slice(0, 5));
	assert.doesNotMatch(app.screen(), /Changed while/);
	await app.advance(40_000);
	assert.match(
		app.screen(),
		new RegExp(
			`Changed while you looked: new commit [0-9a-f]{7} Rebuild the table of contents [^:]*:[\\s│]*this plan stays on ${sha.slice(0, 7)}`,
		),
	);
	const {dialog} = app.state();
	assert.ok(dialog?.name === 'plan' && dialog.plan!.sha === sha && dialog.typed === '');
});

test('what nobody has changed is made again in silence: what was typed stays', async t => {
	const app = await openOperator(t);
	const phrase = await openProductionPlan(app);
	await app.type(phrase.slice(0, 5));
	await app.advance(40_000);
	assert.equal((app.state().dialog as {typed: string}).typed, phrase.slice(0, 5));
	assert.doesNotMatch(app.screen(), /Changed while/);
});

test('a start that is refused shows what, why and what next', async t => {
	const app = await openOperator(t);
	await app.press('D', 'enter');
	await app.advance(1000);
	app.operations.refuses({
		ok: false,
		because: 'mira took the lock a moment ago',
		next: 'Wait until it has ended',
		exitCode: 6,
	});
	await app.press('y');
	assert.match(app.screen(), /Refused: mira took the lock a moment ago\. \(exit 6\)/);
	assert.match(app.screen(), /→ Wait until it has ended\./);
	await app.advance(1500);
	await app.press('y');
	assert.match(footerOf(app), /confirm: it was refused\. r rebuilds the plan\./);
	app.operations.refuses(null);
	await app.press('r');
	await app.advance(1500);
	await app.press('y');
	assert.equal(app.operations.started.length, 1);
});

test('the picker: the default stands chosen, each has its reason, what is gone cannot be taken, what is bad needs insisting', async t => {
	const app = await openOperator(t);
	await app.press('B');
	await app.type(['enter']);
	const {dialog} = app.state();
	assert.ok(dialog?.name === 'pick' && dialog.environment === 'production', 'a rollback means production first');
	assert.match(app.screen(), /▸ ✔ [0-9a-f]{7} +6h default: the newest before it that was healthy/);
	assert.match(app.screen(), /▲ [0-9a-f]{7} +8h BAD: marked bad: checkout failed for one in ten/);
	await app.type(['j', 'j', 'enter']);
	assert.match(app.screen(), /cannot be chosen: it is no longer there\./);
	await app.type(['k', 'enter']);
	await app.advance(1000);
	assert.match(app.screen(), /Roll back production to a release that is marked BAD/);
	assert.match(app.screen(), /▲ Forced: marked bad: checkout failed for one in ten\./);
	assert.match(app.screen(), /Type production [0-9a-f]{7} is bad and press Enter/);
	await app.type(['tab']);
	assert.equal(app.state().dialog?.name, 'pick', 'another release can still be taken');
});

test('a rollback with the default: from key to started', async t => {
	const app = await openOperator(t);
	const phrase = await openRollbackPlan(app);
	await app.type(phrase);
	await app.advance(1200);
	await app.press('enter');
	const [{plan}] = app.operations.started as [(typeof app.operations.started)[0]];
	assert.equal(plan.kind, 'rollback');
	assert.match(app.screen(), /Roll back production .*→ [0-9a-f]{7}.* running/);
});

test('the same key again shows what runs; a rollback while a deployment runs stops it first', async t => {
	const app = await openOperator(t);
	const id = app.operations.begins({
		id: '20261123T090000Z-deploy-production-aaaa',
		kind: 'deploy',
		environment: 'production',
		to: {release: 'a'.repeat(40), sha: 'a'.repeat(40)},
	});
	await app.advance(1000);
	await app.press('D');
	await app.type(['j', 'enter']);
	assert.equal((app.state().view.place as {id: string}).id, id);
	assert.match(footerOf(app), /is running already: this is it/);
	await app.advance(5000);
	await app.press('B');
	await app.type(['enter']);
	await app.advance(2000);
	assert.match(app.screen(), /Stop and roll back production/);
	assert.match(app.screen(), /it is stopped first \(TERM, 30 s, KILL\)/);
	const {dialog} = app.state();
	await app.type(dialog?.name === 'plan' ? dialog.plan!.phrase! : '');
	await app.advance(1200);
	await app.press('enter');
	assert.equal(app.operations.started[0]!.plan.stopping, id);
	await app.advance(5000);
	await app.press('B');
	assert.match(footerOf(app), /Rollback of production .* is running already: this is it/);
	assert.equal(app.operations.started.length, 1);
});

test('stop asks once, and is said to be under way', async t => {
	const app = await openOperator(t);
	const id = app.operations.begins({
		id: '20261123T090000Z-deploy-staging-bbbb',
		kind: 'deploy',
		environment: 'staging',
	});
	await app.advance(1000);
	await app.press('S');
	assert.match(app.screen(), /Stop what runs on staging/);
	assert.match(app.screen(), /B stops it and rolls back/);
	await app.advance(1000);
	await app.press('y');
	assert.ok(app.operations.calls.includes(`stop ${id}`));
	await app.advance(1000);
	await app.press('S');
	assert.match(footerOf(app), /stop: ada is stopping it already/);
});

test("locks: taken with a reason, given back with a key, another's broken by its id and a reason", async t => {
	const app = await openOperator(t);
	await app.press('L');
	await app.type(['enter']);
	assert.match(app.screen(), /Lock production/);
	await app.type(['enter']);
	assert.match(app.screen(), /Say why/);
	await app.paste('frozen for the audit');
	await app.advance(1200);
	await app.press('enter');
	await app.advance(500);
	assert.match(app.screen().split('\n')[0]!, /production locked by ada/);
	await app.advance(5000);
	assert.match(app.screen(), /locked by ada: frozen for/);
	await app.press('L');
	await app.type(['enter']);
	assert.match(app.screen(), /Press y to unlock production/);
	await app.advance(1000);
	await app.press('y');
	await app.advance(5000);
	assert.doesNotMatch(app.screen().split('\n')[0]!, /locked/);
	app.operations.locked('production', {id: '3f1b2c4d-9999-4444', operator: 'mira', host: 'desk', reason: 'data fix'});
	await app.advance(1000);
	await app.press('L');
	await app.type(['enter']);
	assert.match(app.screen(), /Break the lock of production[\s\S]*held by +mira on desk[\s\S]*because +data fix/);
	await app.chunk(...'3f1b2c4d');
	await app.paste('3f1b2c4d');
	await app.type(['enter', ...'she is ill']);
	await app.advance(1200);
	await app.press('enter');
	assert.match(app.screen(), /That came at once, as a paste does/);
	await app.type(['tab', 'ctrl-u', 'tab']);
	await app.press('enter');
	assert.match(app.screen(), /Type the lock's id first: 3f1b2c4d/);
	await app.type(['tab', ...'3f1b2c4d', 'tab']);
	await app.advance(1200);
	await app.press('enter');
	assert.ok(app.operations.calls.includes('break 3f1b2c4d-9999-4444: she is ill'));
});

test('a pin is taken away with a reason', async t => {
	const app = await openOperator(t);
	await app.press('U');
	assert.match(footerOf(app), /unpin: no release is pinned/);
	app.operations.pinned({
		environment: 'production',
		release: 'b'.repeat(40),
		sha: 'b'.repeat(40),
		by: 'ada',
		at: app.clock.now(),
		because: 'checkout failed',
	});
	await app.advance(1000);
	assert.match(app.screen(), /pinned: bbbbbbb blocked from r/);
	await app.press('U');
	await app.type('fixed by 433');
	await app.advance(1000);
	await app.press('enter');
	assert.ok(app.operations.calls.includes('unpin production: fixed by 433'));
});

test('gates say why not: read-only, set to look only, nothing to operate with, no journal', async t => {
	const looking = await openOperator(t, {readOnly: true});
	await looking.press('D');
	assert.match(footerOf(looking), /deploy: this screen only looks\. Start it without --read-only\./);
	const set = await openOperator(t, {settings: {...observableSettings, readOnly: true}});
	await set.press('B');
	assert.match(footerOf(set), /roll back: the project is set to look only/);
	const bare = await openApp({startMinutes: 9, settings: defaultSettings}, t);
	await bare.settled();
	await bare.press('L');
	assert.match(footerOf(bare), /lock: there is nothing here to operate with\. Start deployctl in a checkout/);
	assert.doesNotMatch(footerOf(bare), /deploy |roll back/);
	const full = await openOperator(t);
	full.operations.reads({problem: 'the disk is full'});
	await full.advance(1000);
	await full.press('D');
	assert.match(footerOf(full), /deploy: the disk is full\. Until then nothing is begun here\./);
	assert.match(full.screen(), /▲ the disk is full\./);
});

test('what is typed after a refused dialog or search runs as no command, until a pause', async t => {
	for (const refusedKey of ['B', 'D', 'P']) {
		const app = await openApp({scenario: 'quiet'});
		t.after(() => app.close());
		await app.press(refusedKey);
		assert.match(app.screen(), /there is nothing here to operate with/);
		await app.type(['enter', 'enter', ...'production', 'y', 'o', 'q']);
		assert.deepEqual([app.state().view.place.name, app.state().view.overlay], ['board', null]);
		assert.match(app.screen(), /there is nothing here to operate with/, 'why is still there to be read');
		await app.advance(800);
		await app.press('p');
		assert.equal(app.state().view.place.name, 'gate');
		await app.press('esc', refusedKey, refusedKey, 'e');
		assert.equal(app.state().view.place.name, 'board');
		await app.press('esc', 'e');
		assert.equal(app.state().view.place.name, 'events', 'a way out ends it');
	}
});

test("scripts that are not the protected branch's list nothing before one key says so; nothing else is on that key", async t => {
	const app = await openOperator(t);
	await app.press('ctrl-t');
	app.operations.site('staging').asks = {
		because: 'scripts is not that of origin/develop: scripts/rollback.sh',
		digest: 'd'.repeat(64),
	};
	app.operations.site('staging').warnings = ['the releases could not be listed'];
	await app.press('B');
	await app.type(['k', 'enter']);
	await app.advance(1000);
	const before = app.state().dialog;
	assert.equal(before?.name, 'plan');
	assert.deepEqual(before.plan?.offers, []);
	assert.match(footerOf(app), /Ctrl-T list with these scripts|\^T list with these scripts/i);
	await app.press('ctrl-t');
	await app.advance(1000);
	const {dialog} = app.state();
	assert.equal(dialog?.name, 'plan');
	assert.deepEqual(
		[dialog.wish.agreed, dialog.plan?.asks, dialog.plan?.offers.length],
		['d'.repeat(64), undefined, 2],
	);
	assert.doesNotMatch(footerOf(app), /these scripts/);
	assert.equal(app.operations.started.length, 0);
	await app.press('esc');
});
