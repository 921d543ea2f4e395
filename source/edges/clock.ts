/** Clocks: the real one, and one that runs faster. Every wait of the program goes through these. */
import {setTimeout as wait} from 'node:timers/promises';
import type {Clock} from '../world.ts';

/** Longest wait that a timer of Node takes; longer ones would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

export const realClock: Clock = {
	now: () => Date.now(),
	after: (milliseconds, signal) => wait(Math.min(Math.max(0, milliseconds), longestTimerMs), undefined, {signal}),
};

/** Shows `startsAt` at the real time `beganAt` and runs `speed` times as fast; two of them with the same numbers agree, in any thread. */
export const fastClock = (startsAt: number, speed: number, beganAt: number): Clock => ({
	now: () => Math.round(startsAt + (Date.now() - beganAt) * speed),
	after: (milliseconds, signal) => realClock.after(milliseconds / speed, signal),
});
