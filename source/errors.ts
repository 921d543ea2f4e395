/** Errors say what, why and what next. Exit codes are a promise to scripts; see docs/exit-codes. */
import {exitCodes, type ExitCode} from './core/exit-codes.ts';

export {exitCodes, type ExitCode};

/** A command that leads on, and what it does. */
export type Way = readonly [command: string, what: string];

/** `ways`: commands that lead on, for the shell; a screen and a document have `next`. */
export type FailureDetails = {
	because?: string;
	next?: string;
	ways?: readonly Way[];
	exitCode: ExitCode;
	cause?: unknown;
};

/** A failure that the user can do something about. Anything else that is thrown is a bug of ours and exits 70. */
export class Failure extends Error {
	readonly because: string | undefined;
	readonly next: string | undefined;
	readonly ways: readonly Way[];
	readonly exitCode: ExitCode;

	constructor(what: string, {because, next, ways = [], exitCode, cause}: FailureDetails) {
		super(what, {cause});
		this.name = 'Failure';
		this.because = because;
		this.next = next;
		this.ways = ways;
		this.exitCode = exitCode;
	}
}

/** What and why, in one sentence. */
export const failureSentence = ({message, because}: Failure): string => (because ? `${message}: ${because}` : message);

export const usageFailure = (what: string, next?: string) => new Failure(what, {next, exitCode: exitCodes.usage});
