/** Runs a small program (git, gh, ssh) for an answer of one line. */
import {exitCodes, Failure} from '../../errors.ts';
import {callOf} from './child.ts';

/** null: it is not installed, or failed; then we know nothing, and say so elsewhere. Throws a `Failure` (unreachable) when it did not answer in time. */
export type Run = (
	command: string,
	parameters: readonly string[],
	options: {directory: string; env: Readonly<Record<string, string | undefined>>},
) => Promise<string | null>;

/** Long enough for a machine that is busy; programs that ask somebody something hang for ever. */
const timeoutMilliseconds = 15_000;

/** What it would have said is not known: that is neither "not signed in" nor "no repository". */
const slow = (command: string, timeoutMs: number) =>
	new Failure(`${command} did not answer within ${timeoutMs / 1000} s`, {
		because: 'it is here, but this machine is busy, or it waits for something',
		next: 'try again; or see what it does by itself',
		exitCode: exitCodes.unreachable,
	});

export const runWithin =
	(timeoutMs: number): Run =>
	async (command, parameters, {directory, env}) => {
		// Lazily: most starts find everything in variables and files.
		const {execa} = await import('execa');
		const call = callOf(command, parameters, env);
		const result = await execa(command, call.parameters, {
			cwd: directory,
			// Only what is given: the caller may have taken a token out.
			env: call.env,
			extendEnv: false,
			reject: false,
			stdin: 'ignore',
			stderr: 'ignore',
			timeout: timeoutMs,
			forceKillAfterDelay: 500,
			maxBuffer: 65_536,
		});
		if (result.timedOut) throw slow(command, timeoutMs);
		return result.failed ? null : result.stdout;
	};

export const realRun: Run = runWithin(timeoutMilliseconds);
