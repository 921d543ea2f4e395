/** A clock that stands still until it is told to move. */
import type {Clock} from '../../source/world.ts';

export type FakeClock = Clock & {advance(milliseconds: number): void};

export function fakeClock(startAt = Date.parse('2026-03-02T10:00:00Z')): FakeClock {
	let now = startAt;
	const sleepers = new Set<{at: number; wake: () => void}>();
	return {
		now: () => now,
		async after(milliseconds, signal) {
			const {promise, resolve, reject} = Promise.withResolvers<void>();
			const sleeper = {at: now + milliseconds, wake: resolve};
			sleepers.add(sleeper);
			signal?.addEventListener('abort', () => {
				sleepers.delete(sleeper);
				reject(signal.reason);
			});
			return promise;
		},
		advance(milliseconds) {
			now += milliseconds;
			for (const sleeper of sleepers) {
				if (sleeper.at <= now) {
					sleepers.delete(sleeper);
					sleeper.wake();
				}
			}
		},
	};
}
