/** What each kind of failed reading means for whoever asked: one table for the pace, for commands and for what writes. */
import {duration} from '../text/duration.ts';
import type {ExitCode} from '../exit-codes.ts';
import {exitCodes} from '../exit-codes.ts';
import type {ReadFailureKind} from '../github/facts.ts';

/** `passes`: asking again later may help although nobody does anything. `exitCode`: of a command that could not read. */
type Meaning = {passes: boolean; exitCode: ExitCode};

const passing: Meaning = {passes: true, exitCode: exitCodes.unreachable};
const mendedByHand: Meaning = {passes: false, exitCode: exitCodes.notPermitted};

export const readKinds: Readonly<Record<ReadFailureKind, Meaning>> = {
	unreachable: passing,
	timeout: passing,
	'server-error': passing,
	malformed: passing,
	'rate-limited': passing,
	'secondary-limit': passing,
	unauthorised: mendedByHand,
	forbidden: mendedByHand,
	'not-found': mendedByHand,
	refused: mendedByHand,
};

/** Whether asking again by itself may help; for every other kind somebody has to do something first. */
export const passes = (kind: ReadFailureKind): boolean => readKinds[kind].passes;

/** What is said by whoever does not ask again by itself. `retryAt`: when GitHub allows it, `now`: both milliseconds of one clock. */
export const tryAgain = (retryAt: number | null, now: number): string =>
	retryAt === null ? 'Try again in a moment.' : `Try again in ${duration(Math.max(1, (retryAt - now) / 1000))}.`;

/** What is said by whoever asks again by itself. */
export const askedAgain = 'Nothing to do: asking again by itself.';
