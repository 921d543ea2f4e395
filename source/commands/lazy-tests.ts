/** What reads single tests, made when it is first asked: it costs nothing at the start. */
import type {Tests} from '../core/tests.ts';
import {Failure} from '../errors.ts';

/** A missing token is a sentence, and the next question tries again. */
export const lazyTests = (make: () => Promise<Tests>): Tests => {
	let made: Promise<Tests> | undefined;
	return {
		async read(question, signal) {
			try {
				made ??= make().catch((error: unknown) => {
					made = undefined;
					throw error;
				});
				return await (await made).read(question, signal);
			} catch (error) {
				if (!(error instanceof Failure)) throw error;
				return {live: null, isLiveCut: false, results: [], missing: [], history: null, problems: [error.because ? `${error.message}: ${error.because}` : error.message], retryAt: null};
			}
		},
	};
};
