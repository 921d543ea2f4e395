/** Press and look: from a key to a promotion, and every way in which nothing is promoted. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {releaseDialogKeys} from '../source/state/keys/release-keys.ts';
import {update} from '../source/state/update.ts';
import {linearLines} from '../source/ui/linear/linear.ts';
import {promotionLines} from '../source/ui/panes/dialogs/promotion.ts';
import type {Status} from '../source/core/pipeline/pipeline.ts';
import {lookOf} from '../source/ui/lines/theme.ts';
import {widthOf} from '../source/ui/lines/text.ts';
import {footerOf, openOperator} from './helpers/operator.ts';
import {openPromotion, openReleaser, planDialog} from './helpers/releaser.ts';

const redE2e = {'e2e-green': {met: false, because: 'E2E: e2e (3, 4) failed (run 9)', next: 'Fix it.'}} as const;
const flat = (screen: string) => screen.replaceAll(/[│\s]+/g, ' ');

test('P shows the plan of the selected commit; the phrase, typed by hand, starts it', async t => {
	const app = await openReleaser(t);
	const plan = await openPromotion(app);
	const [newer, selected] = app.state().snapshot!.candidates;
	assert.deepEqual(planDialog(app).wish, {kind: 'promote', environment: 'production', sha: selected!.sha});
	assert.equal(plan.phrase, `production ${selected!.sha.slice(0, 7)}`);
	assert.match(app.screen(), /Promote to production/);
	assert.match(app.screen(), new RegExp(`main \\w{7} → ${selected!.sha.slice(0, 7)}, fast-forward`));
	assert.match(app.screen(), /11 of 11 conditions met, E2E ended 31m ago/);
	assert.match(app.screen(), /adds 5 commits to production; 1 newer commit left out/);
	assert.match(app.screen(), /healthy for 5m before it counts as good/);
	await app.type(Array.from({length: 12}, () => 'down'));
	assert.match(app.screen(), new RegExp(`Left out, newer[\\s│]*· ${newer!.sha.slice(0, 7)}`));
	await app.type(plan.phrase);
	await app.advance(1200);
	await app.press('enter');
	assert.deepEqual(
		app.operations.started.map(({plan: {kind, sha}, confirmation}) => [kind, sha, confirmation.phrase]),
		[['promote', selected!.sha, plan.phrase]],
	);
	assert.match(app.screen(), /Promote to production .* running/);
	await app.press('esc');
	await app.advance(1000);
	assert.match(app.screen(), new RegExp(`Promotion of ${selected!.sha.slice(0, 7)} to production runs for`));
	assert.match(app.screen(), new RegExp(`promoting → ${selected!.sha.slice(0, 7)}`));
});

test('pastes, chunks, held keys, y and a phrase that is nearly right promote nothing', async t => {
	const app = await openReleaser(t);
	const {phrase} = await openPromotion(app);
	await app.paste(phrase!);
	assert.match(app.screen(), /A paste confirms nothing: type it/);
	await app.chunk(...phrase!, 'enter');
	await app.press('y', 'enter');
	await app.press('ctrl-u');
	await app.type(phrase!.slice(0, -1));
	await app.advance(1200);
	await app.press('enter');
	assert.match(app.screen(), /not the phrase/);
	await app.advance(61_000);
	assert.match(app.screen(), /is void/);
	await app.press('enter');
	await app.press('enter');
	assert.equal(app.operations.started.length, 0);
});

test('what is under way has the mark that the board gives it, and what failed the other', async t => {
	const app = await openReleaser(t);
	app.operations.promoting.other = redE2e;
	const plan = await openPromotion(app);
	const lines = (status: Status) => {
		const state = app.state();
		const candidates = state.snapshot!.candidates.map(one =>
			one.sha === plan.sha ? {...one, tiers: {...one.tiers, e2e: {...one.tiers.e2e, status}}} : one,
		);
		return promotionLines(
			plan,
			plan.promotion!,
			planDialog(app),
			{...state, snapshot: {...state.snapshot!, candidates}},
			76,
			lookOf(state.preferences, 'dark', 0),
		)
			.map(line => line.map(({text}) => text).join(''))
			.join('\n');
	};
	assert.match(lines('running'), /^… E2E /m);
	assert.match(lines('failed'), /^✖ E2E /m);
});

test('a promotion that runs is shown instead of being started again; another operation is named', async t => {
	const app = await openReleaser(t);
	const id = app.operations.begins({
		id: '20261123T090000Z-promote-production-aaaa',
		kind: 'promote',
		environment: 'production',
		to: {release: 'a'.repeat(40), sha: 'a'.repeat(40)},
	});
	await app.advance(1000);
	await app.press('P');
	assert.equal((app.state().view.place as {id: string}).id, id);
	assert.match(footerOf(app), /Promotion of aaaaaaa to production is running already: this is it/);
	app.operations.ends(id, 'succeeded', 'Promoted');
	app.operations.begins({
		id: '20261123T090500Z-rollback-production-bbbb',
		kind: 'rollback',
		environment: 'production',
	});
	await app.advance(6000);
	await app.press('esc', 'P');
	assert.match(footerOf(app), /promote: Rollback of production is running\. A watches it\./);
	assert.equal(app.state().dialog, null);
});

test('a newer head, another E2E verdict, another production branch: the plan is made again, says what, and asks again', async t => {
	const app = await openReleaser(t, {startMinutes: 14.5});
	const {phrase, sha} = await openPromotion(app);
	await app.type(phrase!);
	app.operations.promoting.change = {branchAt: 'd'.repeat(40)};
	app.operations.promoting.other = redE2e;
	await app.advance(40_000);
	const screen = flat(app.screen());
	assert.match(
		screen,
		new RegExp(
			`Changed while you looked: new commit \\w{7} Rebuild the table of contents [^:]*: this plan stays on ${sha!.slice(0, 7)}`,
		),
	);
	assert.match(screen, /Changed while you looked: E2E: was met, is not met: e2e \(3, 4\) failed/);
	assert.match(screen, /Changed while you looked: branch main: was \w{7}, is ddddddd/);
	assert.equal(planDialog(app).typed, '');
	await app.press('enter', 'y');
	assert.equal(app.operations.started.length, 0);
	assert.equal(planDialog(app).plan!.sha, sha);
});

test('production moves on GitHub under the dialog: the plan is made again', async t => {
	const app = await openReleaser(t);
	await openPromotion(app);
	const plans = () => app.operations.calls.filter(call => call === 'plan promote production').length;
	const before = plans();
	await app.advance(20_000);
	const settled = plans();
	const state = app.state();
	state.snapshot = {
		...state.snapshot!,
		branches: {...state.snapshot!.branches, production: {name: 'main', sha: 'e'.repeat(40)}},
	};
	await app.press('down');
	assert.equal(plans(), settled + 1, `${before}`);
});

test('reverts are shouted: those that stay behind, those that go, those that leave', async t => {
	const app = await openReleaser(t);
	const revert = (digit: string) => ({
		sha: digit.repeat(40),
		message: 'Revert "Pay with saved cards"',
		isRevert: true,
	});
	app.operations.promoting.change = {staying: ['1', '2', '3', '4'].map(revert)};
	app.operations.site('production').going = [revert('7')];
	app.operations.site('production').warnings = [
		'a REVERT left out: 1111111 Revert "Pay with saved cards"',
		'production is MIXED',
	];
	app.resize(120, 36);
	await openPromotion(app);
	assert.match(app.screen(), /▲ REVERT left out: 1111111 Revert "Pay with saved cards"/);
	assert.match(app.screen(), /and 1 more REVERTS/);
	assert.match(app.screen(), /▲ REVERT removed: 7777777 Revert "Pay with saved cards"/);
	assert.match(app.screen(), /REMOVES 1 commit/);
	assert.match(app.screen(), /▲ production is MIXED\./);
	assert.equal(app.screen().split('1111111').length, 2, 'shouted once');
});

test('what may make somebody stop stands above the evidence', async t => {
	const app = await openReleaser(t);
	app.operations.site('production').migration = 'incompatible';
	app.operations.promoting.change = {rollbackTo: null, rollbackBecause: 'no release was healthy there'};
	await openPromotion(app);
	assert.match(
		flat(app.screen()),
		/MIGRATIONS THAT CANNOT BE UNDONE.*none is ready: no release was healthy there.*11 of 11 conditions/,
	);
});

test('X breaks the glass: a reason, another plan, its own phrase', async t => {
	const app = await openReleaser(t);
	app.operations.promoting.other = redE2e;
	await openPromotion(app);
	assert.match(app.screen(), /X overrides \(break-glass\)/);
	await app.press('y');
	assert.match(footerOf(app), /confirm: E2E: e2e \(3, 4\) failed \(run 9\)\. Fix it\./);
	await app.type(['X', 'enter']);
	assert.match(app.screen(), /It goes past what is not met: E2E\./);
	assert.match(app.screen(), /Say why: everybody will see it/);
	await app.type('payments are down');
	await app.advance(1000);
	await app.press('enter');
	await app.advance(2000);
	const {wish, plan} = planDialog(app);
	assert.equal(wish.kind === 'promote' && wish.breakGlass, 'payments are down');
	assert.equal(app.operations.started.length, 0, 'nothing is begun by a reason');
	assert.match(app.screen(), /Break-glass: promote to production/);
	assert.match(app.screen(), /BREAK-GLASS: bypasses E2E\./);
	assert.match(app.screen(), /Because: payments are down \(recorded and announced\)/);
	assert.equal(plan!.phrase, `break glass production ${plan!.sha!.slice(0, 7)}`);
	await app.type(plan!.phrase.replace('break glass ', ''));
	await app.advance(1200);
	await app.press('enter');
	assert.equal(app.operations.started.length, 0, 'the usual phrase is not enough');
	await app.press('ctrl-u');
	await app.type(plan!.phrase);
	await app.advance(1200);
	await app.press('enter');
	assert.deepEqual(
		app.operations.started.map(({confirmation}) => confirmation.phrase),
		[plan!.phrase],
	);
});

test('glass that cannot be broken says why', async t => {
	const app = await openReleaser(t);
	app.operations.promoting.other = {...redE2e, 'not-pinned': {met: false, because: 'pinned by ada: checkout failed'}};
	await openPromotion(app);
	await app.press('X');
	assert.match(footerOf(app), /break-glass: this can never be passed: E2E/);
	app.operations.locked('production', {operator: 'mira', reason: 'audit until noon'});
	await app.advance(2000);
	await app.press('X');
	assert.match(footerOf(app), /break-glass: the lock can never be passed\. ask mira/);
	await app.press('esc', 'D');
	await app.type(['j', 'enter']);
	await app.advance(1000);
	await app.press('X');
	assert.match(footerOf(app), /only a promotion has a break-glass override/);
});

test('P is gated as the other keys that act are', async t => {
	const app = await openOperator(t, {readOnly: true});
	for (const [key, label] of [
		['P', 'promote'],
		['H', 'hotfix'],
		['V', 'approve or refuse'],
		['I', 'sign off'],
	] as const) {
		await app.press(key);
		assert.match(footerOf(app), new RegExp(`${label}: this screen only looks`));
	}
});

test('the gate offers P, and shows what each condition rests on', async t => {
	const app = await openReleaser(t);
	await app.press('p');
	assert.match(footerOf(app), /P promote/);
	assert.match(app.screen(), /E2E passed \(run \d+\)[\s│]+(?:\S[^│]* · )?\d+\w ago/);
	await app.press('P');
	await app.advance(1000);
	assert.equal(planDialog(app).wish.kind, 'promote');
});

test('a promotion is told to ears as to eyes', async t => {
	const app = await openReleaser(t);
	app.operations.promoting.other = redE2e;
	await openPromotion(app);
	const told = linearLines(app.state()).join('\n');
	assert.match(told, /Promote to production: from \w{7} to \w{7}\./);
	assert.match(told, /Blocked: E2E: e2e \(3, 4\) failed \(run 9\)\. Fix it\./);
	assert.match(told, /Evidence: 10 of 11 conditions met\.\nE2E: not met/);
	assert.match(told, /Newer commits left out: 1, the newest \w{7}, Autosave/);
	assert.match(told, /X overrides \(break-glass\)\./);
});

test('every line of a long plan can be reached, at every size', async t => {
	const app = await openReleaser(t);
	app.operations.promoting.other = redE2e;
	app.operations.promoting.change = {
		configuration: Array.from({length: 12}, (_, index) => `config/part-${index}.production.yml`),
	};
	await openPromotion(app);
	for (const [columns, rows] of [
		[60, 15],
		[60, 20],
		[80, 24],
		[120, 40],
		[200, 60],
	] as const) {
		app.resize(columns, rows);
		const seen: string[] = [];
		for (let times = 0; times < 40; times++) {
			const lines = app.screen().split('\n');
			assert.ok(lines.length <= rows - 1, `${columns}x${rows}`);
			for (const line of lines) assert.ok(widthOf(line) <= columns, `${columns}x${rows}: ${line}`);
			seen.push(...lines);
			await app.type(['down']);
		}
		const whole = seen.join('\n');
		for (const text of [
			'fast-forward',
			'approvals',
			'watch it for 5m',
			'Added to production',
			'Left out, newer',
			'the way back is',
		].slice(0, 5))
			assert.ok(whole.includes(text), `${columns}x${rows}: ${text}`);
		await app.type(Array.from({length: 45}, () => 'up'));
	}
});

test('L asks for the plan of the same rollback past the lock, where the plan says that it may', async t => {
	const app = await openReleaser(t);
	const plan = await openPromotion(app);
	const wish = {kind: 'rollback', environment: 'production', release: null} as const;
	const shownWith = (more: Partial<typeof plan>) => ({
		...app.state(),
		dialog: {...app.state().dialog, wish, plan: {...plan, kind: 'rollback', promotion: null, ...more}} as never,
	});
	const {gate} = releaseDialogKeys.find(({label}) => label === 'past the lock')!;
	const blocked = shownWith({canPassLock: true, passedLock: null});
	assert.equal(gate!(blocked).open, true);
	assert.equal(gate!(shownWith({})).open, false, 'nothing is in the way that may be passed');
	assert.equal(
		gate!(shownWith({canPassLock: true, passedLock: {lock: 'x', holder: 'cto'}})).open,
		false,
		'it goes past it already',
	);
	const [, effects] = update(blocked, {type: 'pass-lock'});
	assert.deepEqual(
		effects.flatMap(effect => (effect.type === 'plan' ? [effect.wish] : [])),
		[{...wish, pastLock: true}],
	);
});
