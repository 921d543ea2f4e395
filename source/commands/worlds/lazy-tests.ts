/** What reads single tests, made when it is first asked: it costs nothing at the start. */
import type {Tests} from '../../core/tests/tests.ts';
import {Failure, failureSentence} from '../../errors.ts';
import {madeOnce} from './made-once.ts';

/** A missing token is a sentence, and the next question tries again. */
export const lazyTests = (make: () => Promise<Tests>): Tests => {
	const real = madeOnce(make);
	return {
		async read(question, signal) {
			try {
				return await (await real()).read(question, signal);
			} catch (error) {
				if (!(error instanceof Failure)) throw error;
				return {
					live: null,
					isLiveCut: false,
					results: [],
					missing: [],
					history: null,
					problems: [failureSentence(error)],
					retryAt: null,
				};
			}
		},
	};
};
