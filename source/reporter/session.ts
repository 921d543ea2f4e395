/** One shard from its first test to its verdict, whatever runs the tests: words on the commit, and the result file. */
import {secretsFrom} from '../core/text/mask.ts';
import type {ShardName, ShardProgress} from '../core/tests/progress.ts';
import type {ShardResult} from '../core/tests/results.ts';
import {createCollector, type RawTest} from './collector.ts';
import {type Env, type Surroundings, surroundingsOf} from './environment.ts';
import type {Fetch} from './post.ts';
import {createProgressFile} from './progress-file.ts';
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
	/** What `passed` comes to is `judge`'s. Never rejects, and takes a few seconds at most. */
	end(verdict: ShardResult['verdict']): Promise<ShardResult & Judged>;
	/** Words that were posted. */
	count(): number;
};

export type Judged = {
	/** One sentence: why it is no success although nothing failed, or that this shard of several had nothing to run; null: neither. */
	because: string | null;
};

/**
Passed is what ran and passed. Fewer tests than were announced are no success, nor is none, nor only skipped ones; but one shard of several
may have nothing to do: whether all of them together did something is for the page of all shards to say.
*/
export const judge = (
	verdict: ShardResult['verdict'],
	{done, total, failed, skipped}: ShardProgress,
	shard: ShardName,
): Judged & Pick<ShardResult, 'verdict'> => {
	if (verdict !== 'passed') return {verdict, because: null};
	if (failed > 0) return {verdict: 'failed', because: null};
	if (done < total) return {verdict: 'interrupted', because: `${done} of ${total} announced tests ended`};
	if (done > skipped) return {verdict, because: null};
	const nothing =
		done === 0 ? 'no test was run' : done === 1 ? 'the only test was skipped' : `all ${done} tests were skipped`;
	return shard.total > 1
		? {verdict, because: `${nothing} in shard ${shard.index} of ${shard.total}`}
		: {verdict: 'failed', because: nothing};
};

/** A killed shard leaves what it had so long ago at most. */
const savedEveryMs = 10_000;
const states = {passed: 'success', failed: 'failure', interrupted: 'error'} as const;

export const createSession = ({
	env,
	shard = null,
	fetch,
	now,
	later,
	warn,
	resultsPath = null,
	flushAtMostMs,
}: SessionOptions): Session => {
	const surroundings = surroundingsOf(env, shard);
	const {identity, target, because, progressPath} = surroundings;
	const collector = createCollector({identity, secrets: secretsFrom(env), startedAt: now()});
	const path = resultsPath ?? surroundings.resultsPath;
	const file = path === null ? null : createResultsFile(path, warn);
	// Where another process posts, no token is needed here, and none is used.
	const publisher: Publisher | null =
		progressPath !== null
			? createProgressFile(progressPath, warn)
			: target &&
				createPublisher({
					identity,
					target,
					fetch,
					now,
					later,
					warn,
					...(flushAtMostMs !== undefined && {flushAtMostMs}),
				});
	if (because !== null && progressPath === null)
		warn(
			`deployctl: nothing is said about this shard while it runs, because ${because}. The tests are not concerned.`,
		);

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
			const {verdict: said, because: why} = judge(verdict, collector.progress(), surroundings.identity.shard);
			forget?.();
			const result = collector.result(said, now());
			await file?.write(() => result);
			await publisher?.end(collector.progress(), states[said]);
			return {...result, because: why};
		},
		count: () => publisher?.count() ?? 0,
	};
};
