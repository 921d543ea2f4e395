/** Runs that are steered when they are first used: they cost nothing at the start. */
import type {Runs} from '../../core/runs/runs.ts';
import {madeOnce} from './made-once.ts';

export const lazyRuns = (make: () => Promise<Runs>): Runs => {
	const real = madeOnce(make);
	return {
		act: async wish => (await real()).act(wish),
		inputs: async wanted => (await real()).inputs(wanted),
		run: async (...which) => (await real()).run(...which),
	};
};
