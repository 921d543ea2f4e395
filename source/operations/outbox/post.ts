/** The front end's share in telling others: it queues what it did itself, and delivers what waits, also of operations that ended while GitHub was away. */
import {maskText} from '../../core/text/mask.ts';
import type {Settings} from '../../core/settings/settings.ts';
import type {GitHubEdge} from '../../github/edge.ts';
import type {Clock} from '../../world.ts';
import {createDeliver} from './deliver.ts';
import type {Journal} from '../journal/journal.ts';
import {flushOutbox, type OutboxItem, queueItems, readOutbox} from './outbox.ts';
import type {StatePaths} from '../files/paths.ts';

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
	/** Delivers what is due, for at most so long. Never rejects; why something (of this row, if one is named) still waits, or null. */
	flush(atMostMs: number, row?: string): Promise<string | null>;
};

export const createPost = ({
	paths,
	journal,
	settings,
	repository,
	gitHub,
	env,
	secrets,
	clock,
	fetch,
}: PostOptions): Post => {
	const now = () => clock.now();
	const deliver = createDeliver({
		gitHub: gitHub ?? (async () => null),
		settings,
		repository,
		env,
		clock,
		mask: text => maskText(text, secrets),
		...(fetch && {fetch}),
	});
	return {
		queue: items => queueItems(paths.outbox, items, {now, journal}),
		async flush(atMostMs, row) {
			try {
				if (readOutbox(paths.outbox).waiting.length === 0) return null;
				const over = new AbortController();
				const late = clock.after(atMostMs, over.signal).then(
					() => {},
					() => {},
				);
				// A supervisor may be at it just now.
				await Promise.race([
					late,
					flushOutbox(paths.outbox, deliver, {
						now,
						signal: AbortSignal.timeout(atMostMs),
						journal,
						waitMs: atMostMs,
					}),
				]);
				over.abort();
				const left = readOutbox(paths.outbox).waiting.find(item => row === undefined || item.row === row);
				return left === undefined ? null : (left.because ?? 'there was no answer in time');
			} catch (error) {
				return (error as Error).message;
			}
		},
	};
};
