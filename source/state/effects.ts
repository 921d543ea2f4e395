/** The one file that acts: carries effects out in the World and reports back as messages. */
import type {World} from '../world.ts';
import type {Effect, Message} from './messages.ts';

type Dispatch = (message: Message) => void;

/** Runs effects until `stop`. One slot for the poller: a new wait or question takes the place of the old. */
export const createEffects = (world: World) => {
	let polling = new AbortController();
	const running = new AbortController();
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
			case 'tick': return wait(effect.afterMs, running.signal, () => dispatch({type: 'ticked', ...times()}));
			case 'save-cache': {
				const saved = await world.cache.save(effect.facts, effect.savedAt);
				if (!saved.ok) dispatch({type: 'cache-save-failed', because: saved.because});
				return;
			}
			case 'open': return dispatch({type: 'opened', url: effect.url, ok: await world.desktop.open(effect.url)});
			case 'copy': return dispatch({type: 'copied', text: effect.text, ok: await world.desktop.copy(effect.text)});
			case 'save-preferences': return world.savePreferences(effect.preferences);
			case 'suspend': return world.terminal.suspend();
			case 'quit': return world.terminal.quit(effect.exitCode);
		}
	};

	return {
		/** A rejection here is a bug of ours, never GitHub's or the network's fault: it goes to `onBug`. */
		perform: (onBug: (error: unknown) => void) => (effect: Effect, dispatch: Dispatch) => {
			perform(effect, dispatch).catch(onBug);
		},
		stop() {
			polling.abort();
			running.abort();
		},
	};
};
