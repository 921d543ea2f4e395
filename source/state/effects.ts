/** The one file that acts: carries effects out in the World and reports back as messages. */
import type {World} from '../world.ts';
import type {Effect, Message} from './messages.ts';

type Dispatch = (message: Message) => void;

/** Runs effects until `stop`. One slot each for the poller and the tick: the new takes the place of the old. */
export const createEffects = (world: World) => {
	let polling = new AbortController();
	let ticking = new AbortController();
	let saving: Promise<unknown> = Promise.resolve();
	const times = () => ({now: world.clock.now(), wallNow: world.wall.now()});

	const inPollSlot = async (act: (signal: AbortSignal) => Promise<void>) => {
		polling.abort();
		polling = new AbortController();
		const {signal} = polling;
		try {
			await act(signal);
		} catch (error) {
			if (!signal.aborted) throw error;
		}
	};

	const wait = async (milliseconds: number, signal: AbortSignal, then: () => void) => {
		try {
			await world.wall.after(milliseconds, signal);
		} catch (error) {
			if (!signal.aborted) throw error;
			return;
		}
		then();
	};

	const perform = async (effect: Effect, dispatch: Dispatch): Promise<void> => {
		switch (effect.type) {
			case 'wait-for-poll': return inPollSlot(signal => wait(effect.afterMs, signal, () => dispatch({type: 'poll-came-due', generation: effect.generation, ...times()})));
			case 'ask': return inPollSlot(async signal => {
				const answer = await world.github.ask(effect.question, signal);
				if (!signal.aborted) dispatch({type: 'answered', generation: effect.generation, answer, random: world.random(), ...times()});
			});
			case 'tick':
				ticking.abort();
				ticking = new AbortController();
				return wait(effect.afterMs, ticking.signal, () => dispatch({type: 'ticked', ...times()}));
			case 'save-cache': {
				const save = world.cache.save(effect.facts, effect.savedAt);
				saving = save;
				const saved = await save;
				if (!saved.ok) dispatch({type: 'cache-save-failed', because: saved.because});
				return;
			}
			case 'open': return dispatch({type: 'opened', url: effect.url, ok: await world.desktop.open(effect.url)});
			case 'copy': return dispatch({type: 'copied', text: effect.text, ok: await world.desktop.copy(effect.text)});
			case 'save-preferences': return world.savePreferences(effect.change);
			case 'suspend': return world.terminal.suspend();
			case 'repaint': return world.terminal.repaint();
			case 'quit': return world.terminal.quit(effect.exitCode);
		}
	};

	return {
		/** A rejection here is a bug of ours, never GitHub's or the network's fault: it goes to `onBug`. */
		perform: (onBug: (error: unknown) => void) => (effect: Effect, dispatch: Dispatch) => {
			perform(effect, dispatch).catch(onBug);
		},
		/** Resolves when what is being written is written, or after a second: a disk that hangs must not hold the end back. */
		async stop() {
			polling.abort();
			ticking.abort();
			await Promise.race([saving, world.wall.after(1000)]);
		},
	};
};
