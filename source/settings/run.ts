/** Runs a small program (git, gh, ssh) for an answer of one line. */
import {callOf} from './child.ts';

/** null: it is not installed, failed, or did not answer in time; then we know nothing, and say so elsewhere. */
export type Run = (command: string, parameters: readonly string[], options: {directory: string; env: Readonly<Record<string, string | undefined>>}) => Promise<string | null>;

/** Long enough for a machine that is busy; programs that ask somebody something hang for ever. */
const timeoutMilliseconds = 15_000;

export const realRun: Run = async (command, parameters, {directory, env}) => {
	// Lazily: most starts find everything in variables and files.
	const {execa} = await import('execa');
	const call = callOf(command, parameters, env);
	const result = await execa(command, call.parameters, {
		cwd: directory,
		// Only what is given: the caller may have taken a token out.
		env: call.env, extendEnv: false,
		reject: false, stdin: 'ignore', stderr: 'ignore', timeout: timeoutMilliseconds, forceKillAfterDelay: 500, maxBuffer: 65_536,
	});
	return result.failed ? null : result.stdout;
};
