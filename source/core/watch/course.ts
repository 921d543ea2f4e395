/**
 * What a watch does next: pure. Each tick gives it what is known now, and it answers with one step; the process that
 * watches carries it out, and writes it down first.
 */
import {type GuardRail, notHeld, railsOf, type WatchFacts} from './guard-rails.ts';

export type CourseRules = {
	/** From the announcement to the lock; 0: none. A veto in it ends it. */
	readonly countdownMs: number;
	/** With the lock in hand it is looked again: so many samples of each instance, and for so long. */
	readonly lookAgain: {readonly samples: number; readonly ms: number};
	/** The release that was gone back to is watched for so long before it counts as well. */
	readonly verifyMs: number;
	/** A lock that is taken is asked for again so often. */
	readonly lockRetryMs: number;
};

export const courseDefaults: CourseRules = {
	countdownMs: 10_000,
	lookAgain: {samples: 2, ms: 2000},
	verifyMs: 30_000,
	lockRetryMs: 5000,
};

/** Where the watch stands. Times are monotonic milliseconds of the process that watches. */
export type Phase =
	| {readonly at: 'watching'}
	/** It was announced that it will be rolled back at `until`. */
	| {readonly at: 'counting'; readonly since: number; readonly until: number}
	/** The lock is asked for. `told`: people know that somebody else has it. */
	| {readonly at: 'locking'; readonly since: number; readonly told: boolean}
	/** The lock is held; what was seen before it does not count. */
	| {readonly at: 'looking-again'; readonly since: number}
	/** The intent is on record: the script may have begun. */
	| {readonly at: 'acting'}
	/** The release before is live again, and is watched itself. */
	| {readonly at: 'verifying'; readonly since: number}
	/** For a person, or over. Nothing automatic follows. */
	| {readonly at: 'over'; readonly how: Ending};

export type Ending =
	| 'healthy'
	| 'recovered'
	| 'rolled-back'
	| 'handed-over'
	| 'vetoed'
	| 'shadow'
	| 'both-bad'
	| 'superseded';

/** What is known besides the facts. */
export type Tick = {
	readonly now: number;
	readonly facts: WatchFacts;
	/** Who has said no, and when that was; null: nobody. */
	readonly veto: string | null;
	/** A newer operation watches this environment. */
	readonly superseded: boolean;
	/** Samples of the instance with the fewest since the lock was taken. */
	readonly samplesSinceLock: number;
	/** How the rollback's own operation ended; null: it has not, or has not begun. */
	readonly operation: 'succeeded' | 'failed' | null;
};

export type Step = {
	readonly phase: Phase;
	/** Told to people now; null: nothing new. `page`: somebody has to come. */
	readonly tell: {readonly severity: 'page' | 'warning' | 'information'; readonly text: string} | null;
	/** Done after it is on record. */
	readonly act: 'take-lock' | 'release-lock' | 'roll-back' | null;
	readonly rails: readonly GuardRail[];
};

const seconds = (ms: number): string => `${Math.ceil(ms / 1000)} s`;
const reasons = (rails: readonly GuardRail[]): string => rails.map(({because}) => because).join('; ');

/** The next step. A phase that is over stays over. */
export function nextStep(phase: Phase, tick: Tick, rules: CourseRules): Step {
	const rails = railsOf(tick.facts);
	const open = notHeld(rails);
	const step = (next: Phase, tell: Step['tell'] = null, act: Step['act'] = null): Step => ({
		phase: next,
		tell,
		act,
		rails,
	});
	// Also one that is still on its way.
	const hasAsked = phase.at === 'locking' || phase.at === 'looking-again';
	const over = (how: Ending, severity: 'page' | 'warning' | 'information', text: string): Step =>
		step({at: 'over', how}, {severity, text}, hasAsked ? 'release-lock' : null);
	const {verdict, environment, release} = tick.facts;
	const what = `${environment}: ${release.release}`;

	if (phase.at === 'over') return step(phase);
	// From the intent on there is one way: to its end. A newer operation, a veto or a sleep does not undo it.
	if (phase.at === 'acting') {
		if (tick.operation === null) return step(phase);
		return tick.operation === 'succeeded'
			? step(
					{at: 'verifying', since: tick.now},
					{severity: 'warning', text: `${what} was left; what is live again is watched`},
				)
			: over('handed-over', 'page', `${what}: the automatic rollback failed`);
	}
	if (phase.at === 'verifying') {
		if (verdict.state === 'unhealthy')
			return over(
				'both-bad',
				'page',
				`${environment}: what was gone back to is unhealthy too: ${verdict.because}`,
			);
		if (tick.now - phase.since >= rules.verifyMs && (verdict.state === 'healthy' || verdict.state === 'degraded'))
			return over('rolled-back', 'information', `${environment} is ${verdict.state} again`);
		return tick.facts.remainingMs > 0
			? step(phase)
			: over(
					'handed-over',
					'page',
					`${environment} was rolled back, and is ${verdict.state} at the end of its watch: ${verdict.because}`,
				);
	}

	if (tick.superseded) return over('superseded', 'information', `${what}: a newer operation watches on`);
	if (tick.veto !== null && phase.at !== 'watching')
		return over('vetoed', 'warning', `${what} stays: ${tick.veto} has said no`);
	if (phase.at === 'watching') {
		if (tick.facts.remainingMs <= 0)
			return verdict.state === 'healthy'
				? over('healthy', 'information', `${what} is healthy`)
				: over(
						'handed-over',
						'warning',
						`${what} is ${verdict.state} at the end of its watch: ${verdict.because}`,
					);
		if (verdict.unreachable) return over('handed-over', 'page', `${what}: ${verdict.because}`);
		if (verdict.state !== 'unhealthy') return step(phase);
		if (tick.veto !== null)
			return over('vetoed', 'warning', `${what} is unhealthy and stays: ${tick.veto} has said no`);
		// Somebody else's lock may be given back; everything else is for a person at once.
		const others = open.filter(({id}) => id !== 'lock');
		if (others.length > 0)
			return over(
				'handed-over',
				'page',
				`${what} is unhealthy: ${verdict.because}. Not rolled back: ${reasons(others)}`,
			);
		if (tick.facts.autoRollback === 'shadow')
			return over(
				'shadow',
				'warning',
				`${what} is unhealthy: ${verdict.because}. It would have been rolled back`,
			);
		return step(
			{at: 'counting', since: tick.now, until: tick.now + rules.countdownMs},
			{
				severity: 'page',
				text: `${what} is rolled back in ${seconds(rules.countdownMs)}: ${verdict.because}`,
			},
		);
	}

	// Whatever was true at the beginning has to be true now.
	if (verdict.state !== 'unhealthy' && verdict.state !== 'unknown')
		return over('recovered', 'warning', `${what} recovered by itself: ${verdict.because}`);
	if (tick.facts.slept)
		return over('handed-over', 'page', `${what}: this machine slept, nothing is done on what it saw before`);
	const blocking = open.filter(({id}) => id !== 'evidence' && !(id === 'lock' && phase.at === 'locking'));
	if (blocking.some(({id}) => id !== 'lock'))
		return over('handed-over', 'page', `${what} is not rolled back: ${reasons(blocking)}`);
	if (phase.at === 'counting') {
		if (tick.now < phase.until) return step(phase);
		return step({at: 'locking', since: tick.now, told: false}, null, 'take-lock');
	}
	if (phase.at === 'locking') {
		if (tick.facts.lock.state === 'ours' || (tick.facts.github === 'down' && tick.facts.deployedHere))
			return step({at: 'looking-again', since: tick.now});
		if (tick.facts.remainingMs <= 0)
			return over('handed-over', 'page', `${what} is not rolled back: ${reasons(open)}`);
		if (tick.now - phase.since < rules.lockRetryMs) return step(phase);
		return step(
			{at: 'locking', since: tick.now, told: true},
			phase.told ? null : {severity: 'page', text: `${what} waits for the lock: ${reasons(open)}`},
			'take-lock',
		);
	}
	const looked = tick.samplesSinceLock >= rules.lookAgain.samples && tick.now - phase.since >= rules.lookAgain.ms;
	if (!looked) return step(phase);
	if (open.length > 0) return over('handed-over', 'page', `${what} is not rolled back: ${reasons(open)}`);
	return step({at: 'acting'}, null, 'roll-back');
}
