/** GitHub's time for processes that are as slow as the machine: it goes faster than the wall, but never away from who looks at it. */
import {realClock} from '../../source/edges/clock.ts';
import type {Clock} from '../../source/world.ts';

export type PacedClock = Clock & {
	/** Somebody has asked GitHub: its time may go on. To be called for every request. */
	asked(): void;
	/** Stands still, until `go`. */
	hold(): void;
	go(): void;
	/** So many milliseconds pass at once. */
	skip(milliseconds: number): void;
};

/**
 * `speed` times as fast as the wall while it is asked; between two requests passes at most what passes in `atMostMs` of
 * the wall. So a program that needs ten seconds for a look sees no less on its way than one that needs a tenth.
 * @param startsAt milliseconds since the epoch
 */
export const pacedClock = (startsAt: number, speed: number, atMostMs = 1000): PacedClock => {
	let [at, since, isHeld] = [startsAt, performance.now(), false];
	const now = () => Math.round(at + (isHeld ? 0 : Math.min(performance.now() - since, atMostMs) * speed));
	const from = (time: number) => {
		[at, since] = [time, performance.now()];
	};
	return {
		now,
		after: (milliseconds, signal) => realClock.after(milliseconds / speed, signal),
		asked: () => {
			from(now());
		},
		hold: () => {
			from(now());
			isHeld = true;
		},
		go: () => {
			from(now());
			isHeld = false;
		},
		skip: milliseconds => {
			from(now() + milliseconds);
		},
	};
};
