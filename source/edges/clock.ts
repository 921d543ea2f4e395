/** Clocks: the real one, and one that runs faster. Every wait of the program goes through these. */
import {setTimeout as wait} from 'node:timers/promises';
import type {Clock} from '../world.ts';

/** Longest wait that a timer of Node takes; longer ones would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

export const realClock: Clock = {
	now: () => Date.now(),
	after: (milliseconds, signal) => wait(Math.min(Math.max(0, milliseconds), longestTimerMs), undefined, {signal}),
};

/** Starts at `startsAt` and runs `speed` times as fast as the real one. */
export const fastClock = (startsAt: number, speed: number): Clock => {
	const began = performance.now();
	return {
		now: () => Math.round(startsAt + (performance.now() - began) * speed),
		after: (milliseconds, signal) => realClock.after(milliseconds / speed, signal),
	};
};
