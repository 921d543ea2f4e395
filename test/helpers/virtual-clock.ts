/** A clock that stands still until a test moves it. Waits fire in order; whatever they start is awaited before the next. */
import type {Clock} from '../../source/world.ts';

type Wait = {at: number; resolve: () => void};

export type VirtualClock = Clock & {
	/** Moves on by so many milliseconds, firing every wait that comes due, and awaiting `settled` after each. */
	advance(milliseconds: number): Promise<void>;
	/** The same, awaiting only what is due at once. */
	advanceWithout(milliseconds: number): Promise<void>;
	/** Waits under way: exactly one poll and one tick while the program runs. */
	waiting(): number;
};

/** `settled` resolves when nothing is under way any more except waits on this clock. */
export const virtualClock = (startsAt: number, settled: () => Promise<void> = async () => {}): VirtualClock => {
	let now = startsAt;
	const waits = new Set<Wait>();
	const turns = async () => {
		for (let turn = 0; turn < 5; turn++)
			await new Promise<void>(resolve => {
				setImmediate(resolve);
			});
	};
	const advance = async (milliseconds: number, between: () => Promise<void>) => {
		const until = now + milliseconds;
		await between();
		for (;;) {
			const [next] = [...waits].sort((a, b) => a.at - b.at);
			if (!next || next.at > until) break;
			now = Math.max(now, next.at);
			next.resolve();
			await between();
		}
		now = until;
		await between();
	};
	return {
		now: () => now,
		after: (milliseconds, signal) =>
			new Promise((resolve, reject) => {
				if (signal?.aborted) {
					reject(signal.reason);
					return;
				}
				const wait = {
					at: now + Math.max(0, milliseconds),
					resolve: () => {
						waits.delete(wait);
						signal?.removeEventListener('abort', stop);
						resolve();
					},
				};
				const stop = () => {
					waits.delete(wait);
					reject(signal!.reason);
				};
				waits.add(wait);
				signal?.addEventListener('abort', stop, {once: true});
			}),
		advance: milliseconds => advance(milliseconds, settled),
		advanceWithout: milliseconds => advance(milliseconds, turns),
		waiting: () => waits.size,
	};
};
