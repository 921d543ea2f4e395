/** The whole program over the simulator with a recorder on a real disk, in virtual time. */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import type {Recorder, Seen} from '../../source/core/history/record.ts';
import {defaultPreferences} from '../../source/core/settings/preferences.ts';
import {createRecorder} from '../../source/record/recorder.ts';
import {startSimulator} from '../../source/simulator/server.ts';
import {scenarioNamed} from '../../source/simulator/scenarios/scenarios.ts';
import {createEffects} from '../../source/state/effects.ts';
import {recordingOnScreen} from '../../source/state/model/record-state.ts';
import {initialState, type State} from '../../source/state/model/state.ts';
import {createStore} from '../../source/state/store.ts';
import {picture} from '../../source/ui/picture.ts';
import {screenText} from '../../source/ui/lines/screen-text.ts';
import {lookOf} from '../../source/ui/lines/theme.ts';
import type {World} from '../../source/world.ts';
import {observableSettings, simulatedWorld} from './app.ts';
import {fakeOperations} from './fake-operations.ts';
import {type VirtualClock, virtualClock} from './virtual-clock.ts';

export const folder = (t: Pick<TestContext, 'after'>): string => {
	const directory = mkdtempSync(join(tmpdir(), 'deployctl-record-'));
	t.after(() => rmSync(directory, {recursive: true, force: true}));
	return directory;
};

export const shown = (state: State): string => screenText(picture(state, lookOf(state.preferences, 'dark', 0)));

/** `waits` of the recorder are real and short: the disk does not live in virtual time. */
export const recordedApp = async (
	t: Pick<TestContext, 'after'>,
	{scenario: name = 'release', directory = folder(t), columns = 120, secrets = [] as readonly string[]} = {},
) => {
	const scenario = scenarioNamed(name);
	let clock!: VirtualClock;
	const simulator = await startSimulator({scenario, clock: {now: () => clock.now()}});
	const settings = {...observableSettings, branches: scenario.branches};
	const made = simulatedWorld(
		simulator,
		scenario,
		{settings},
		settled => (clock = virtualClock(Date.parse(scenario.startsAt), settled)),
	);
	const operations = fakeOperations(clock);
	const recorder = createRecorder({
		directory,
		head: {program: 'test', repository: made.repository, host: 'github.com', settings, readOnly: false, demo: null},
		secrets,
		wall: {now: () => clock.now(), after: async () => {}},
		random: Math.random,
	});
	/** What was given to be recorded, and the state then. */
	const seen: Array<{at: number; seen: Seen; state: State}> = [];
	const record: Recorder = {
		...recorder,
		write: entries => {
			for (const entry of entries)
				if (entry.kind === 'seen') seen.push({at: entry.at, seen: entry.seen, state: store.get()});
			return recorder.write(entries);
		},
	};
	const world: World = {...made.world, operations: operations.world, record};
	const bugs: unknown[] = [];
	const effects = createEffects(world);
	const store = createStore(
		initialState({
			repository: made.repository,
			settings,
			preferences: defaultPreferences,
			demo: null,
			readOnly: false,
			columns,
			rows: 40,
			now: clock.now(),
			wallNow: clock.now(),
			record: recordingOnScreen,
		}),
		effects.perform(error => bugs.push(error)),
		() => ({now: clock.now(), wallNow: clock.now()}),
	);
	store.dispatch({type: 'started', cached: null});
	let isClosed = false;
	const close = async () => {
		if (isClosed) return;
		isClosed = true;
		await effects.stop();
		await simulator.close();
		if (bugs.length > 0) throw bugs[0];
	};
	t.after(close);
	return {
		directory,
		simulator,
		store,
		clock,
		operations,
		seen,
		recorder,
		settings,
		close,
		async advance(milliseconds: number) {
			await clock.advance(milliseconds);
			if (bugs.length > 0) throw bugs[0];
		},
	};
};
