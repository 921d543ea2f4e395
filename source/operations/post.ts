/** The front end's share in telling others: it queues what it did itself, and delivers what waits, also of operations that ended while GitHub was away. */
import {maskText} from '../core/mask.ts';
import type {Settings} from '../core/settings.ts';
import type {GitHubEdge} from '../github/edge.ts';
import type {Clock} from '../world.ts';
import {createDeliver} from './deliver.ts';
import type {Journal} from './journal.ts';
import {flushOutbox, type OutboxItem, queueItems, readOutbox} from './outbox.ts';
import type {StatePaths} from './paths.ts';

export type PostOptions = {
	paths: StatePaths;
	journal: Journal;
	settings: Settings;
	repository: string;
	gitHub: (() => Promise<GitHubEdge>) | null;
	env: Readonly<Record<string, string | undefined>>;
	secrets: readonly string[];
	clock: Clock;
	fetch?: typeof globalThis.fetch;
};

export type Post = {
	/** Throws what the disk says. */
	queue(items: readonly OutboxItem[]): Promise<void>;
	/** Delivers what is due, for at most so long. Never rejects; why something still waits, or null. */
	flush(atMostMs: number): Promise<string | null>;
};

export const createPost = ({paths, journal, settings, repository, gitHub, env, secrets, clock, fetch}: PostOptions): Post => {
	const now = () => clock.now();
	const deliver = createDeliver({gitHub: gitHub ?? (async () => null), settings, repository, env, clock, mask: text => maskText(text, secrets), ...(fetch && {fetch})});
	return {
		queue: items => queueItems(paths.outbox, items, {now, journal}),
		async flush(atMostMs) {
			try {
				if (readOutbox(paths.outbox).waiting.length === 0) return null;
				const over = new AbortController();
				const late = clock.after(atMostMs, over.signal).then(() => null, () => null);
				const flushing = flushOutbox(paths.outbox, deliver, {now, signal: AbortSignal.timeout(atMostMs), journal, waitMs: 0});
				const flushed = await Promise.race([flushing, late]);
				over.abort();
				if (flushed === null) return 'there was no answer in time';
				return flushed.waiting === 0 ? null : flushed.because ?? 'it is not due yet';
			} catch (error) {
				return (error as Error).message;
			}
		},
	};
};
