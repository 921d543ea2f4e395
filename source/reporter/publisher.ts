/**
Says what a shard does, to whoever reads the commit. It runs beside the tests and never costs them anything: words go out one at a time,
nothing waits for them, and what fails is one line in the log.
*/
import type {PublishedFailure, ShardProgress} from '../core/tests/progress.ts';
import {shardContext} from '../core/tests/progress.ts';
import type {Identity, Target} from './environment.ts';
import {type Fetch, postWord} from './post.ts';
import {
	answered,
	createSchedule,
	decide,
	ended,
	failed,
	posting,
	progressed,
	type Schedule,
	type State,
	type Word,
} from './schedule.ts';

export type PublisherOptions = {
	identity: Identity;
	target: Target;
	fetch: Fetch;
	now: () => number;
	/** Calls back after so long. `stays`: the process does not end before. @returns what forgets it */
	later: (afterMs: number, stays: boolean, call: () => void) => () => void;
	/** One line, without its end. */
	warn: (line: string) => void;
	/** The verdict may take so long, with its repetitions, before it is given up. */
	flushAtMostMs?: number;
};

export type Publisher = {
	progress(progress: ShardProgress): void;
	failed(progress: ShardProgress, failure: PublishedFailure): void;
	/** The last word. Never rejects, and waits only so long. */
	end(progress: ShardProgress, state: Exclude<State, 'pending'>): Promise<void>;
	/** Words that were posted, whatever came of them. */
	count(): number;
};

/** Of the time at the end, what failures leave to the last word. */
const forTheVerdictMs = 2000;

export const createPublisher = ({
	identity,
	target,
	fetch,
	now,
	later,
	warn,
	flushAtMostMs = 10_000,
}: PublisherOptions): Publisher => {
	const context = shardContext(identity.workflow, identity.shard);
	let schedule: Schedule = createSchedule({
		shards: identity.shard.total,
		attempt: identity.attempt,
		now: now(),
		flushMs: flushAtMostMs - forTheVerdictMs,
	});
	let isPosting = false;
	let forget: (() => void) | null = null;
	let hasWarned = false;
	/** Somebody waits for the last word. */
	let waiting: {until: number; over: () => void} | null = null;

	const settle = () => {
		if ((schedule.isDone && !isPosting) || schedule.isShut) waiting?.over();
	};
	const post = async (word: Word) => {
		const before = schedule;
		isPosting = true;
		schedule = posting(schedule, word, now());
		const {outcome, because} = await postWord(fetch, target, context, word, now);
		isPosting = false;
		schedule = answered(schedule, word, outcome, now());
		if (because !== null && (!hasWarned || schedule.isShut) && !before.isShut) {
			hasWarned = true;
			warn(
				`deployctl: a word about this shard was not posted (${because}); ${schedule.isShut ? 'no more are tried' : 'it is tried again'}. The tests are not concerned.`,
			);
		}
		settle();
		look();
	};
	const giveUp = () => {
		warn(
			`deployctl: the last word about this shard could not be posted within ${Math.round(flushAtMostMs / 1000)} s.`,
		);
		waiting?.over();
	};
	const look = () => {
		forget?.();
		forget = null;
		if (isPosting) return;
		const decision = decide(schedule, now());
		if (decision.do === 'post') void post(decision.word);
		if (decision.do !== 'wait') return;
		if (waiting !== null && decision.until >= waiting.until) giveUp();
		else forget = later(Math.max(1, decision.until - now()), waiting !== null, look);
	};
	const change = (next: Schedule) => {
		schedule = next;
		look();
	};
	return {
		progress: progress => change(progressed(schedule, progress)),
		failed: (progress, failure) => change(failed(schedule, progress, failure)),
		async end(progress, state) {
			await new Promise<void>(resolve => {
				const stop = later(flushAtMostMs, true, () => giveUp());
				waiting = {
					until: now() + flushAtMostMs,
					over() {
						stop();
						waiting = null;
						resolve();
					},
				};
				change(ended(schedule, progress, state, now()));
				settle();
			});
			forget?.();
			forget = null;
		},
		count: () => schedule.words,
	};
};
