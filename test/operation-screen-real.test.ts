/** The screen over the real operations: keys in, a real supervisor and real scripts, what the environment says on the screen. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {defaultPreferences} from '../source/core/settings/preferences.ts';
import {realClock} from '../source/edges/clock.ts';
import {createGitHub} from '../source/github/client.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {heldMs} from '../source/state/dialogs/dialog-hands.ts';
import {createEffects} from '../source/state/effects.ts';
import {initialState} from '../source/state/model/state.ts';
import {createStore} from '../source/state/store.ts';
import {picture} from '../source/ui/picture.ts';
import {screenText} from '../source/ui/lines/screen-text.ts';
import {lookOf} from '../source/ui/lines/theme.ts';
import type {World} from '../source/world.ts';
import {noCache} from './helpers/app.ts';
import {openCheckout} from './helpers/checkout.ts';
import {until} from './helpers/patience.ts';

type Place = Awaited<ReturnType<typeof openCheckout>>;

const openScreen = (place: Place) => {
	const scenario = scenarioNamed('quiet');
	const repository = `${scenario.repository.owner}/${scenario.repository.name}`;
	const github = createGitHub({
		endpoint: {
			host: '127.0.0.1',
			apiUrl: place.simulator.restUrl,
			graphqlUrl: place.simulator.graphqlUrl,
			token: scenario.tokens[0]!.token,
		},
		settings: place.settings,
		repository,
		clock: realClock,
	});
	const world: World = {
		clock: realClock,
		wall: realClock,
		random: () => 0.5,
		github,
		cache: noCache,
		desktop: {open: async () => true, copy: async () => true},
		operations: place.reopen(),
		tests: null,
		record: null,
		replay: null,
		runs: null,
		jobLogs: null,
		terminal: {quit: () => {}, suspend: () => {}, repaint: () => {}},
		savePreferences: async () => {},
	};
	const times = () => ({now: realClock.now(), wallNow: realClock.now()});
	const bugs: unknown[] = [];
	const effects = createEffects(world);
	const store = createStore(
		initialState({
			repository,
			settings: place.settings,
			preferences: defaultPreferences,
			demo: null,
			readOnly: false,
			columns: 120,
			rows: 40,
			...times(),
		}),
		effects.perform(error => bugs.push(error)),
		times,
	);
	store.dispatch({type: 'started', cached: null});
	const screen = () => screenText(picture(store.get(), lookOf(store.get().preferences, 'dark', 0)));
	return {
		store,
		screen,
		stop: () => effects.stop(),
		async until(text: RegExp) {
			await until(
				() => `the screen shows ${String(text)}:\n${screen()}`,
				() => {
					if (bugs.length > 0) throw bugs[0];
					return text.test(screen());
				},
			);
		},
		/** A dialog takes no confirmation in its first half second, nor while it checks again: the key is pressed until it does, and let go in between. */
		async confirm(expected: RegExp) {
			await until(
				() => `y is heard:\n${screen()}`,
				async () => {
					store.dispatch({type: 'key-pressed', key: 'y'});
					await realClock.after(heldMs + 100);
					return expected.test(screen());
				},
			);
		},
		async press(...keys: readonly string[]) {
			for (const key of keys) {
				await realClock.after(40);
				store.dispatch({type: 'key-pressed', key});
			}
		},
	};
};

test('deployed by key, rolled back by key, and another start shows what became of it', async t => {
	const place = await openCheckout(t);
	const first = openScreen(place);
	t.after(() => first.stop());
	await first.until(/synced[\s\S]*Candidates/);
	const {candidates} = first.store.get().snapshot!;
	const [newer, older] = [candidates[0]!.sha, candidates[1]!.sha];
	place.live('staging', older);
	await first.until(new RegExp(`staging +${older.slice(0, 7)} healthy`));
	const deploy = async (row: number) => {
		await first.press('g', ...Array.from({length: row}, () => 'j'), 'D', 'enter');
		await first.until(/Press y to deploy\.(?! +checking)/);
		await first.confirm(/Deploy to staging +[0-9a-f]{7} → /);
		await first.until(/succeeded \(exit 0\)/);
		await first.press('esc');
	};
	// Twice, so that there is something known to be healthy to go back to.
	await deploy(1);
	await deploy(0);
	assert.equal(place.liveOn('staging'), newer);
	await first.until(new RegExp(`rollback ready to ${older.slice(0, 7)}`));
	await first.press('B', 'k', 'enter');
	await first.until(new RegExp(`▸ ✔ ${older.slice(0, 7)}`));
	await first.press('enter');
	await first.until(/Press y to roll back\.(?! +checking)/);
	await first.confirm(/Roll back staging +[0-9a-f]{7} → /);
	await first.stop();
	const second = openScreen(place);
	t.after(() => second.stop());
	// What is on the disk has been read: before that there is nothing to list.
	await second.until(/pinned: |rollback ready|no rollback/);
	await second.press('O');
	await second.until(/✔ succeeded .*Rollback of staging/);
	await second.press('enter');
	await second.until(new RegExp(`shipping ${older} to staging`));
	assert.equal(place.liveOn('staging'), older);
	await second.press('esc', 'esc');
	await second.until(new RegExp(`pinned: ${newer.slice(0, 7)} blocked`));
});
