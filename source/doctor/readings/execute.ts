/** Runs a small program for what it says, also when it says no. */
import {callOf} from '../../settings/checkout/child.ts';

/** `isLate`: it is here, and did not answer in time; its code is none of its own then (-1). */
export type Executed = {code: number; stdout: string; stderr: string; isLate?: boolean};
/** null: it is not installed. */
export type Execute = (
	command: string,
	parameters: readonly string[],
	options: {directory: string; env: Readonly<Record<string, string | undefined>>},
) => Promise<Executed | null>;

/** Long enough for a machine that is busy: what did not answer is not known. */
export const executeMs = 30_000;

export const executeWithin =
	(timeoutMs: number): Execute =>
	async (command, parameters, {directory, env}) => {
		const {execa} = await import('execa');
		const call = callOf(command, parameters, env);
		const result = await execa(command, call.parameters, {
			cwd: directory,
			env: call.env,
			extendEnv: false,
			reject: false,
			stdin: 'ignore',
			timeout: timeoutMs,
			forceKillAfterDelay: 500,
			maxBuffer: 262_144,
		});
		if (result.timedOut) return {code: -1, stdout: '', stderr: '', isLate: true};
		return result.exitCode === undefined
			? null
			: {code: result.exitCode, stdout: result.stdout, stderr: result.stderr};
	};

export const realExecute: Execute = executeWithin(executeMs);
