/** What one question took: made anew for each, and handed down to everything that asks GitHub. */
import type {RateLimit} from '../core/pipeline.ts';
import {classify, type Circumstances} from './failures.ts';
import {Trouble} from './trouble.ts';

export type Tally = {
	readonly signal: AbortSignal | undefined;
	/** GraphQL points as GitHub counted them. */
	points: number;
	/** REST requests that count; 304 does not. */
	counted: number;
	/** All requests, whatever they cost. */
	requests: number;
	graphqlLimit: RateLimit | null;
	restLimit: RateLimit | null;
	readonly partial: Set<string>;
	sawRest(status: number, limit: RateLimit | null): void;
	/** Awaits something that the reading can do without: what fails is noted in `partial`. @throws when aborted */
	without<Value>(what: string, promise: Promise<Value>): Promise<Value | null>;
};

export function createTally(signal: AbortSignal | undefined, circumstances: () => Circumstances): Tally {
	return {
		signal, points: 0, counted: 0, requests: 0, graphqlLimit: null, restLimit: null, partial: new Set(),
		sawRest(status, limit) {
			this.requests += 1;
			this.counted += status === 304 ? 0 : 1;
			this.restLimit = limit ?? this.restLimit;
		},
		async without(what, promise) {
			try {
				return await promise;
			} catch (error) {
				if (!(error instanceof Trouble)) {
					throw error;
				}

				this.partial.add(`${what}: ${classify(error.evidence, circumstances()).because}`);
				return null;
			}
		},
	};
}
