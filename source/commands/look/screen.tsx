/** The full-screen view: opens Ink over the store and gives the terminal back at the end, whatever the end is. */
import {render} from 'ink';
import {silent, talkOf, talkText} from '../../edges/terminal-talk.ts';
import {keepVisit, lastVisit} from '../../edges/visit.ts';
import {exitCodes} from '../../errors.ts';
import {createEffects} from '../../state/effects.ts';
import {initialOperations} from '../../state/model/operations-state.ts';
import {modeOf} from '../../state/questions/select.ts';
import {type Beginning, initialState, type Place, type State} from '../../state/model/state.ts';
import {createStore} from '../../state/store.ts';
import {terminalWords} from '../../state/view/terminal-words.ts';
import {afterFirstFrame} from '../../tuning/after-first-frame.ts';
import {createKeyboard} from '../../tuning/terminal/keyboard-guard.ts';
import {createScreenGuard} from '../../tuning/terminal/screen-guard.ts';
import {saveSkeleton} from '../../tuning/skeleton.ts';
import {App, type Suspendable} from '../../ui/app.tsx';
import {picture} from '../../ui/picture.ts';
import {ansiText} from '../../ui/lines/screen-text.ts';
import {backgroundFrom, lookOf} from '../../ui/lines/theme.ts';
import type {Terminal, World} from '../../world.ts';
import type {Context} from '../desk/context.ts';

export type ScreenOptions = {
	beginning: Omit<Beginning, 'columns' | 'rows' | 'now' | 'wallNow'>;
	makeWorld(terminal: Terminal, firstFrame: Promise<void>): World;
	isForScreenReader: boolean;
	/** Keep the last frame for the next start; never for the demo, whose time is not real. */
	keepsSkeleton: boolean;
	/** The file that says when a screen was last open here; absent: nothing is missed. */
	visit?: string;
	/** Where it opens; null or absent: on the board. */
	place?: Place | null;
};

/** Frames a second at most; a lower limit would hold back the answer to a key that comes soon after a tick. */
const framesPerSecond = 120;

/** What is painted before the program is loaded: the board as of the last good answer, and said to be so. Health and what ran are too old to be told. */
const skeletonOf = (state: State, background: 'dark' | 'light'): string | null => {
	if (!state.snapshot || modeOf(state) === 'small') return null;
	const asOf: State = {
		...state,
		now: state.snapshot.fetchedAt,
		origin: 'cache',
		toast: null,
		frame: 0,
		poll: {...state.poll, failures: 0, failure: null, because: null, partial: []},
		view: {...state.view, place: {name: 'board'}, overlay: null, selectedSha: null},
		operations: initialOperations,
		dialog: null,
		log: null,
	};
	const look = lookOf(state.preferences, background, 0);
	return ansiText(picture(asOf, look), look);
};

export const openScreen = async (
	context: Context,
	{beginning, makeWorld, isForScreenReader, keepsSkeleton, visit, place}: ScreenOptions,
): Promise<number> => {
	const {stdin, stdout, env, signal, started} = context;
	const guard = createScreenGuard({started, stdout, stdin});
	const background = backgroundFrom(env['COLORFGBG']);
	const first = Promise.withResolvers<void>();
	const ended = Promise.withResolvers<number>();
	let app: Suspendable | undefined;
	const terminal: Terminal = {
		quit: code => ended.resolve(code),
		suspend: () => {
			if (app) void guard.suspend(app);
		},
		repaint: () => guard.repaint(),
	};
	const world = makeWorld(terminal, first.promise);
	const effects = createEffects(world);
	const size = () => ({columns: stdout.columns || 80, rows: stdout.rows || 24});
	const store = createStore(
		initialState({
			...beginning,
			...size(),
			leftAt: visit === undefined ? null : lastVisit(visit),
			now: world.clock.now(),
			wallNow: world.wall.now(),
		}),
		effects.perform(error => ended.reject(error)),
		() => ({now: world.clock.now(), wallNow: world.wall.now()}),
	);
	// Not from inside of React: the first frame of a new size must have this size.
	const resized = () => store.dispatch({type: 'resized', ...size()});
	stdout.on('resize', resized);
	// A screen reader would read each of them out; what is played again is not what happens.
	const talk = isForScreenReader || beginning.replay !== undefined ? silent : talkOf(env);
	const tell = () => {
		const state = store.get();
		if (state.preferences.terminal === 'full') guard.tell(talkText(talk, terminalWords(state)));
	};
	const stopTelling = talk.title || talk.progress ? store.subscribe(tell) : () => {};
	store.dispatch({type: 'started', cached: await world.cache.load()});
	if (place) store.dispatch({type: 'go', place});
	let stopRepainting = () => {};
	const instance = render(
		<App
			store={store}
			background={background}
			isForScreenReader={isForScreenReader}
			hasLinks={talk.links}
			onReady={ready => {
				app = ready;
				stopRepainting = guard.repaintOnContinue(ready);
			}}
		/>,
		{
			stdin: createKeyboard(stdin),
			stdout: guard.stdout,
			alternateScreen: !isForScreenReader,
			exitOnCtrlC: false,
			incrementalRendering: false,
			maxFps: framesPerSecond,
			isScreenReaderEnabled: isForScreenReader,
			patchConsole: false,
			interactive: true,
		},
	);
	signal.addEventListener('abort', () => ended.resolve(exitCodes.interrupted), {once: true});
	await instance.waitUntilRenderFlush();
	first.resolve();
	afterFirstFrame();
	const stopVisit = visit === undefined ? () => {} : keepVisit(visit);
	try {
		return await ended.promise;
	} finally {
		await effects.stop();
		stdout.off('resize', resized);
		stopRepainting();
		stopVisit();
		stopTelling();
		const state = store.get();
		if (keepsSkeleton) {
			const frame = skeletonOf(state, background);
			if (frame !== null) saveSkeleton(frame, {columns: state.columns, rows: state.rows}, context.argv);
		}
		instance.unmount();
		guard.leave();
	}
};
