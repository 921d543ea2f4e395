/** What one question took: made anew for each, and handed down to everything that asks GitHub. */
import {passes} from '../../core/polling/read-kinds.ts';
import type {Unread, RateLimit} from '../../core/github/facts.ts';
import type {Clock} from '../../world.ts';
import {classify} from '../failures/failures.ts';
import {type Evidence, Trouble} from '../failures/trouble.ts';
import type {Circumstances} from '../failures/circumstances.ts';

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
	/** What the reading had to do without, by its name. */
	readonly unread: Map<string, Unread>;
	/** Notes that a part of the answer is missing; it is in `unread` then. */
	missed(what: string, evidence: Evidence): Unread;
	sawRest(status: number, limit: RateLimit | null): void;
	/**
	Awaits something that the reading can do without: what fails, or takes longer than `patienceMs`, is noted in `partial`.
	@throws when aborted
	*/
	without<Value>(what: string, promise: Promise<Value>, patienceMs?: number): Promise<Value | null>;
};

/** @throws {Trouble} timeout; the promise goes on, and what it brings is there for the next time */
async function within<Value>(clock: Clock, patienceMs: number, promise: Promise<Value>): Promise<Value> {
	const done = new AbortController();
	const late = clock.after(patienceMs, done.signal).then(() => {
		throw new Trouble({kind: 'timeout', afterMs: patienceMs});
	});
	try {
		return await Promise.race([promise, late]);
	} finally {
		// Whoever lost the race may still reject, and nobody listens any more.
		promise.catch(() => {
			/* Told by the race, or too late. */
		});
		late.catch(() => {
			/* Likewise. */
		});
		done.abort();
	}
}

export function createTally(signal: AbortSignal | undefined, clock: Clock, circumstances: () => Circumstances): Tally {
	return {
		signal,
		points: 0,
		counted: 0,
		requests: 0,
		graphqlLimit: null,
		restLimit: null,
		partial: new Set(),
		unread: new Map(),
		sawRest(status, limit) {
			this.requests += 1;
			this.counted += status === 304 ? 0 : 1;
			this.restLimit = limit ?? this.restLimit;
		},
		missed(what, evidence) {
			const {kind, because, next} = classify(evidence, circumstances());
			const unread = {what, kind, because, next: passes(kind) ? null : (next ?? null)};
			this.unread.set(what, unread);
			return unread;
		},
		async without(what, promise, patienceMs) {
			try {
				return await (patienceMs === undefined ? promise : within(clock, patienceMs, promise));
			} catch (error) {
				if (!(error instanceof Trouble)) {
					throw error;
				}

				const {because, next} = this.missed(what, error.evidence);
				this.partial.add(`${what}: ${because}${next === null ? '' : ` ${next}`}`);
				return null;
			}
		},
	};
}
