/** One shard from its first test to its verdict, whatever runs the tests: words on the commit, and the result file. */
import {secretsFrom} from '../core/mask.ts';
import type {ShardName} from '../core/test-progress.ts';
import type {ShardResult} from '../core/test-results.ts';
import {createCollector, type RawTest} from './collector.ts';
import {type Env, type Surroundings, surroundingsOf} from './environment.ts';
import type {Fetch} from './post.ts';
import {createPublisher, type Publisher, type PublisherOptions} from './publisher.ts';
import {createResultsFile} from './results-file.ts';

export type SessionOptions = {
	env: Env;
	/** As the runner of the tests knows it. */
	shard?: ShardName | null;
	fetch: Fetch;
	now: () => number;
	later: PublisherOptions['later'];
	warn: (line: string) => void;
	/** Instead of the variable's. */
	resultsPath?: string | null;
	flushAtMostMs?: number;
};

export type Session = {
	surroundings: Surroundings;
	begin(total: number): void;
	/** What runs now, for the next word; null: nothing. */
	now(title: string | null): void;
	started(title: string): void;
	ended(test: RawTest): void;
	outside(location: string, message: string): void;
	/** `passed` becomes `failed` when a test has. Never rejects, and takes a few seconds at most. */
	end(verdict: ShardResult['verdict']): Promise<ShardResult>;
	/** Words that were posted. */
	count(): number;
};

/** A killed shard leaves what it had so long ago at most. */
const savedEveryMs = 10_000;
const states = {passed: 'success', failed: 'failure', interrupted: 'error'} as const;

export const createSession = ({env, shard = null, fetch, now, later, warn, resultsPath = null, flushAtMostMs}: SessionOptions): Session => {
	const surroundings = surroundingsOf(env, shard);
	const {identity, target, because} = surroundings;
	const collector = createCollector({identity, secrets: secretsFrom(env), startedAt: now()});
	const path = resultsPath ?? surroundings.resultsPath;
	const file = path === null ? null : createResultsFile(path, warn);
	const publisher: Publisher | null = target && createPublisher({identity, target, fetch, now, later, warn, ...(flushAtMostMs !== undefined && {flushAtMostMs})});
	if (because !== null) warn(`deployctl: nothing is said about this shard while it runs, because ${because}. The tests are not concerned.`);

	let forget: (() => void) | null = null;
	const save = () => {
		if (file === null || forget !== null) return;
		forget = later(savedEveryMs, false, () => {
			forget = null;
			void file.write(() => collector.result('interrupted', now()));
		});
	};
	const tell = () => {
		publisher?.progress(collector.progress());
		save();
	};
	return {
		surroundings,
		begin(total) {
			collector.expect(total);
			void file?.write(() => collector.result('interrupted', now()));
			tell();
		},
		now(title) {
			collector.now(title);
		},
		started(title) {
			collector.now(title);
			tell();
		},
		ended(test) {
			const failure = collector.ended(test);
			if (failure) publisher?.failed(collector.progress(), failure);
			tell();
		},
		outside(location, message) {
			const failure = collector.outside(location, message);
			publisher?.failed(collector.progress(), failure);
			tell();
		},
		async end(verdict) {
			const said = verdict === 'passed' && collector.hasFailed() ? 'failed' : verdict;
			forget?.();
			const result = collector.result(said, now());
			await file?.write(() => result);
			await publisher?.end(collector.progress(), states[said]);
			return result;
		},
		count: () => publisher?.count() ?? 0,
	};
};
