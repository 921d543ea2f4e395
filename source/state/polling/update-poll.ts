/** The poller's part of update: one loop, always exactly one next poll, whatever came back. */
import {commitsRead, isBehind, isUndecided, nextQuestion} from '../../core/polling/attention.ts';
import {changesBetween} from '../../core/snapshot/changes.ts';
import {correlate} from '../../core/snapshot/correlate.ts';
import type {Answer, Reading} from '../../core/github/facts.ts';
import {mergeReading} from '../../core/github/merge.ts';
import {activityOf, lastActivityAt, nextPoll, percentile95} from '../../core/polling/pace.ts';
import type {Snapshot} from '../../core/pipeline/pipeline.ts';
import {withEvents} from '../questions/events.ts';
import type {Effect, Message, Next} from '../model/messages.ts';
import {snapshotOf} from '../questions/moment.ts';
import {isExpecting} from '../questions/run-select.ts';
import {jobInView, readsOlder, selectedCandidate} from '../questions/select.ts';
import {skewOf} from '../questions/skew.ts';
import type {Poll, State} from '../model/state.ts';

type PollMessage = Extract<Message, {type: 'started' | 'poll-came-due' | 'answered' | 'refresh'}>;

const latenciesKept = 20;
const saveEveryMs = 15_000;

const ask = (state: State, generation: number): Next => {
	const focus = {
		sha: selectedCandidate(state)?.sha ?? null,
		jobId:
			state.view.place.name === 'job' || state.view.place.name === 'job-log'
				? (jobInView(state)?.id ?? null)
				: null,
		isWaitedFor: true,
		hasOlder: readsOlder(state),
	};
	const {lastOverviewAtWall, answeredAtWall} = state.poll;
	// What an overview owes is read before the next one is due, however slow the answers or long the pauses are: nothing is green before.
	const isOwed =
		lastOverviewAtWall !== null && answeredAtWall === lastOverviewAtWall && isBehind(state.facts, state.snapshot);
	const lastOverviewAt =
		state.origin === 'github' && !isExpecting(state) ? (isOwed ? state.wallNow : lastOverviewAtWall) : null;
	const question = nextQuestion(state.facts, state.snapshot, focus, state.wallNow, lastOverviewAt);
	const commitsAsked =
		question.kind === 'overview' ? (question.commits ?? commitsRead.usual) : state.poll.commitsAsked;
	return [
		{...state, poll: {...state.poll, generation, phase: 'asking', askedAtWall: state.wallNow, commitsAsked}},
		[{type: 'ask', generation, question}],
	];
};

/** After we have changed something there: also when a question is under way, which may have been answered before it. */
export const askAgain = (state: State): Next =>
	state.poll.failures > 0
		? [state, []]
		: ask({...state, poll: {...state.poll, lastOverviewAtWall: null}}, state.poll.generation + 1);

/** As soon as possible: nothing that runs on this machine is held up. */
const atOnceMs = 50;

/** The overview says which jobs decide what can go to production; they are read at once, and only the first time. The hourly budget has its say. */
const isHurried = ({poll, facts, snapshot}: State, because: string | null): boolean =>
	because === null &&
	poll.failures === 0 &&
	poll.answeredAtWall === poll.lastOverviewAtWall &&
	isUndecided(facts, snapshot);

const schedule = (state: State, random: number): Next => {
	const {poll} = state;
	const pace = nextPoll({
		activity: isExpecting(state) || isBehind(state.facts, state.snapshot) ? 'running' : activityOf(state.snapshot),
		now: state.now,
		quietForMs: state.now - state.changedAt,
		watchedForMs: state.now - state.beganAt,
		rateLimit: state.snapshot?.rateLimit ?? null,
		costPerPoll: poll.costPerPoll,
		foreignPerSecond: poll.foreignPerSecond,
		latencyP95Ms: percentile95(poll.latenciesMs),
		failures: poll.failures,
		// When to ask again was worked out by this machine's clock; `now` is GitHub's.
		failure:
			poll.failure && poll.failure.retryAt !== null
				? {...poll.failure, retryAt: poll.failure.retryAt + skewOf(state)}
				: poll.failure,
		random,
	});
	const generation = poll.generation + 1;
	const afterMs = isHurried(state, pace.because) ? Math.min(pace.afterMs, atOnceMs) : pace.afterMs;
	return [
		{
			...state,
			poll: {...poll, generation, phase: 'waiting', nextAtWall: state.wallNow + afterMs, because: pace.because},
		},
		[{type: 'wait-for-poll', generation, afterMs}],
	];
};

/** What others with the same token spend, from the drop of `remaining` beyond our own cost; averaged over a minute or more. */
const accounted = (poll: Poll, {rateLimit, cost}: Reading, now: number): Pick<Poll, 'budget' | 'foreignPerSecond'> => {
	if (!rateLimit) return {budget: null, foreignPerSecond: 0};
	const {budget} = poll;
	if (!budget || budget.resetAt !== rateLimit.resetAt)
		return {
			budget: {resetAt: rateLimit.resetAt, remaining: rateLimit.remaining, ownSince: 0, at: now},
			foreignPerSecond: poll.foreignPerSecond,
		};
	const ownSince = budget.ownSince + cost;
	const seconds = (now - budget.at) / 1000;
	if (seconds < 60) return {budget: {...budget, ownSince}, foreignPerSecond: poll.foreignPerSecond};
	const foreign = Math.max(0, budget.remaining - rateLimit.remaining - ownSince) / seconds;
	return {budget: {...budget, remaining: rateLimit.remaining, ownSince: 0, at: now}, foreignPerSecond: foreign};
};

const succeeded = (state: State, reading: Reading): State => {
	const facts = mergeReading(state.facts, reading, state.repository);
	const rateLimit = reading.rateLimit ?? state.snapshot?.rateLimit ?? null;
	const snapshot: Snapshot = snapshotOf(state, facts, state.now, rateLimit);
	const news =
		state.snapshot && state.origin === 'github'
			? changesBetween(state.snapshot, snapshot, state.beganAt + skewOf(state))
			: [];
	const {poll} = state;
	return {
		...withEvents(state, news),
		facts,
		snapshot,
		origin: 'github',
		changedAt: state.origin !== 'github' ? lastActivityAt(snapshot) : news.length > 0 ? state.now : state.changedAt,
		poll: {
			...poll,
			...accounted(poll, reading, state.now),
			failures: 0,
			failure: null,
			path: reading.path,
			partial: reading.partial,
			answeredAtWall: state.wallNow,
			lastOverviewAtWall: reading.kind === 'overview' ? state.wallNow : poll.lastOverviewAtWall,
			latenciesMs: [...poll.latenciesMs, state.wallNow - poll.askedAtWall].slice(-latenciesKept),
			costPerPoll: poll.costPerPoll * 0.8 + reading.cost * 0.2,
			clockSkewMs: reading.clockSkewMs ?? poll.clockSkewMs,
		},
	};
};

const failed = (state: State, answer: Extract<Answer, {ok: false}>): State => ({
	...state,
	poll: {
		...state.poll,
		failures: state.poll.failures + 1,
		failure: answer.failure,
		latenciesMs: [...state.poll.latenciesMs, state.wallNow - state.poll.askedAtWall].slice(-latenciesKept),
	},
});

const savingEffects = (state: State): readonly [State, readonly Effect[]] =>
	state.origin === 'github' &&
	state.facts &&
	(state.savedAtWall === null || state.wallNow - state.savedAtWall >= saveEveryMs)
		? [
				{...state, savedAtWall: state.wallNow},
				[{type: 'save-cache', facts: state.facts, savedAt: state.snapshot!.fetchedAt}],
			]
		: [state, []];

const answered = (before: State, message: Extract<Message, {type: 'answered'}>): Next => {
	// An answer to a question that was taken back says nothing about now.
	if (message.generation !== before.poll.generation || before.poll.phase !== 'asking') return [before, []];
	const state: State = {...before, now: message.now + skewOf(before), wallNow: message.wallNow};
	// Only an answer makes the last known state newer.
	const [saved, saving] = message.answer.ok
		? savingEffects(succeeded(state, message.answer.reading))
		: [failed(state, message.answer), []];
	const [next, waiting] = schedule(saved, message.random);
	return [next, [...saving, ...waiting]];
};

const started = (state: State, cached: Extract<Message, {type: 'started'}>['cached']): Next => {
	const usable = cached && cached.facts.repository.toLowerCase() === state.repository.toLowerCase() ? cached : null;
	const shown: State = usable
		? {
				...state,
				facts: usable.facts,
				snapshot: correlate(usable.facts, state.settings, usable.savedAt, null),
				origin: 'cache',
			}
		: state;
	const [next, effects] = ask(shown, 1);
	return [next, [...effects, {type: 'tick', afterMs: 1000}]];
};

export const updatePoll = (state: State, message: PollMessage): Next => {
	switch (message.type) {
		case 'started':
			return started(state, message.cached);
		case 'poll-came-due':
			return message.generation === state.poll.generation && state.poll.phase === 'waiting'
				? ask({...state, now: message.now + skewOf(state), wallNow: message.wallNow}, state.poll.generation)
				: [state, []];
		case 'answered':
			return answered(state, message);
		// By hand means: everything, now. The pending wait has the old generation and will be ignored.
		case 'refresh':
			return state.poll.phase === 'asking'
				? [state, []]
				: ask({...state, poll: {...state.poll, lastOverviewAtWall: null}}, state.poll.generation + 1);
	}
};
