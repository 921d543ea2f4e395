/** What the steps of a promotion share: what is promoted, what they act with, and how far it has come. */
import {duration} from '../../core/text/duration.ts';
import type {Observation} from '../../core/releases/observation.ts';
import type {ScriptKind} from '../../core/operations/operation.ts';
import type {Plan, PlanPromotion} from '../../core/plan/plan.ts';
import type {EnvironmentSettings, Settings} from '../../core/settings/settings.ts';
import {exitCodes} from '../../errors.ts';
import type {Unwritten} from '../../github/http/connection.ts';
import type {Promotions} from '../../github/promotions.ts';
import type {Pull} from '../../github/land/pull-read.ts';
import type {Clock, Refusal} from '../../world.ts';
import type {Ending, Speech} from './speech.ts';

export type Course = {
	plan: Plan & {promotion: PlanPromotion};
	/** The commit that was tested. */
	sha: string;
	settings: Settings;
	environment: EnvironmentSettings;
	promotions: Promotions;
	/** The whole gate once more, read now; null: it may go. Never throws for what GitHub did. */
	prove(): Promise<Omit<Refusal, 'ok'> | null>;
	/** After production's branch has moved there: whether the evidence still stands; null: it does, or GitHub cannot be asked. */
	proveLanded(landedAt: string): Promise<string | null>;
	/** Id of the lock that our supervisor holds; null: it holds none any more. */
	lockId(): string | null;
	observe(signal: AbortSignal): Promise<Observation>;
	/** Runs the repository's own script to its end, its output beside ours. `code` null: a signal ended it. */
	runScript(): Promise<{code: number | null; kind: ScriptKind}>;
	speech: Speech;
	clock: Clock;
	/** Aborted when somebody stops us. What has been sent is not taken back by it. */
	signal: AbortSignal;
	/** How far it has come: what is told when it is stopped. */
	reached: {
		/** Where production's branch is since we have moved it. */
		landedAt: string | null;
		/** Something is on its way to GitHub that changes production's branch: what became of it is not known. */
		isSent: boolean;
		/** The workflow or the script that changes production has been started. */
		isStarted: boolean;
		/** The run that deploys it; null: none is known. */
		runId: number | null;
		/** Production has reported it, healthy. */
		isLive: boolean;
		pull: Pull | null;
	};
};

/** Either it goes on with what was found, or it has ended. */
export type Stage<Value> = {ok: true; value: Value} | {ok: false; ending: Ending};
export const on = <Value>(value: Value): Stage<Value> => ({ok: true, value});
export const over = (ending: Ending): {ok: false; ending: Ending} => ({ok: false, ending});

export const short = (sha: string): string => sha.slice(0, 7);

/** Nothing was changed. */
export const refused = (because: string, next: string, result = 'refused'): {ok: false; ending: Ending} =>
	over({exit: 10, result, because, next});

const results: Readonly<Record<number, string>> = {
	[exitCodes.locked]: 'locked',
	[exitCodes.notPermitted]: 'not-permitted',
	[exitCodes.unreachable]: 'unreachable',
};
/** The same for what the gate said, which has exit codes of its own. */
export const refusedAs = ({because, next, exitCode}: Omit<Refusal, 'ok'>): {ok: false; ending: Ending} =>
	refused(because, next, results[exitCode] ?? 'refused');

export const notAsked = ({because, next, kind}: Unwritten): {ok: false; ending: Ending} =>
	refused(`${because.replace(/\.$/, '')}; nothing was changed`, next, kind);

/** The token is refused, again and again: nobody will be told how it goes on. */
export class Barred extends Error {
	constructor(because: string) {
		super(because);
		this.name = 'Barred';
	}
}

const waitsAtMost = 3;
const longestWaitMs = 10 * 60_000;

/**
GitHub did not look at it, because of its limits, and has said when it will: waited for.
@returns false: it is something else, or GitHub wants too long a wait, or this was the last of three
*/
export const waitedOut = async (
	{speech, clock, signal}: Course,
	step: string,
	answer: Unwritten,
	waits: number,
): Promise<boolean> => {
	const forMs = (answer.retryAt ?? 0) - clock.now();
	if (answer.kind !== 'unreachable' || answer.retryAt === null || waits >= waitsAtMost || forMs > longestWaitMs)
		return false;
	speech.note(step, `${answer.because} It is sent again in ${duration(Math.max(1, forMs / 1000))}.`);
	await clock.after(Math.max(1000, forMs), signal);
	return true;
};

const refusalsInARow = 3;

/** Asks until GitHub answers: a promotion that is under way waits for it, and its time limit ends that. */
export const untilAnswered = async <Answer extends {ok: true}>(
	{speech, clock, signal}: Course,
	step: string,
	ask: () => Promise<Answer | Unwritten>,
): Promise<Answer> => {
	for (let pauseMs = 2000, refusals = 0; ; pauseMs = Math.min(30_000, pauseMs * 2)) {
		const answer = await ask();
		if (answer.ok) return answer;
		refusals = answer.kind === 'not-permitted' ? refusals + 1 : 0;
		if (refusals >= refusalsInARow) throw new Barred(answer.because.replace(/\.$/, ''));
		speech.note(step, `GitHub does not answer: ${answer.because}`);
		await clock.after(pauseMs, signal);
	}
};
