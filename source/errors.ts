/** Errors say what, why and what next. Exit codes are a promise to scripts; see docs/exit-codes. */

export const exitCodes = {
	done: 0,
	failed: 1,
	usage: 2,
	refused: 3,
	notPermitted: 4,
	unreachable: 5,
	locked: 6,
	needsHuman: 7,
	bug: 70,
	interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export type FailureDetails = {because?: string; next?: string; exitCode: ExitCode; cause?: unknown};

/** A failure that the user can do something about. Anything else that is thrown is a bug of ours and exits 70. */
export class Failure extends Error {
	readonly because: string | undefined;
	readonly next: string | undefined;
	readonly exitCode: ExitCode;

	constructor(what: string, {because, next, exitCode, cause}: FailureDetails) {
		super(what, {cause});
		this.name = 'Failure';
		this.because = because;
		this.next = next;
		this.exitCode = exitCode;
	}
}

export const usageFailure = (what: string, next?: string) => new Failure(what, {next, exitCode: exitCodes.usage});
