/** The merge queue: an entry waits, is tested, and is merged when it is the first; all by the simulated clock. */
import type {Engine, State} from '../model/model.ts';
import {nextId} from '../model/model.ts';
import {leaveQueue} from './pull-heads.ts';
import type {PullRequest, QueueEntry} from '../model/pull-model.ts';
import {mergePull} from './pulls.ts';
import {ruleOf} from './rules.ts';
import type {Person} from '../model/person.ts';

/** Pull requests in the queue of a branch, the next one first. */
export const queueOf = (state: State, branch: string): PullRequest[] =>
	state.pulls
		.filter(pull => pull.base === branch && pull.entry)
		.toSorted((a, b) => a.entry!.enqueuedAt - b.entry!.enqueuedAt || a.entry!.id - b.entry!.id);

export const positionOf = (state: State, pull: PullRequest): number => 1 + queueOf(state, pull.base).indexOf(pull);

/** Its checks are done: it is merged as soon as nothing is in front of it. */
function mergeWhenFirst(engine: Engine, pull: PullRequest, entry: QueueEntry): void {
	const {state} = engine;
	// It may have left the queue since, and even be in it again as another entry.
	if (pull.entry !== entry) {
		return;
	}
	if (queueOf(state, pull.base)[0] === pull) {
		mergePull(engine, pull, {method: ruleOf(state, pull.base)?.mergeQueue?.method ?? 'merge', by: entry.by});
	} else {
		engine.at(state.now + 1000, () => mergeWhenFirst(engine, pull, entry));
	}
}

export function enqueuePull(engine: Engine, pull: PullRequest, by: Person): QueueEntry {
	const {state} = engine;
	const {seconds} = ruleOf(state, pull.base)!.mergeQueue!;
	const entry: QueueEntry = {
		id: nextId(state, 'queueEntry'),
		state: 'QUEUED',
		enqueuedAt: state.now,
		headSha: pull.headSha,
		baseSha: state.refs.get(`refs/heads/${pull.base}`)!,
		by,
	};
	pull.entry = entry;
	const after = (share: number, act: () => void) => engine.at(state.now + Math.round(seconds * share * 1000), act);
	const become = (word: QueueEntry['state']) => () => {
		if (pull.entry === entry) {
			entry.state = word;
		}
	};
	after(0.1, become('AWAITING_CHECKS'));
	after(0.9, become('MERGEABLE'));
	after(1, () => mergeWhenFirst(engine, pull, entry));
	return entry;
}

/** null: it was not in the queue. */
export function dequeuePull(pull: PullRequest): QueueEntry | null {
	const {entry} = pull;
	leaveQueue(pull);
	return entry;
}
