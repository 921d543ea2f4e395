/** The sandbox's scripts, called as continuous integration calls them: each in a process group of its own, which outlives us. */
import {type ChildProcess, spawn} from 'node:child_process';
import {closeSync, openSync} from 'node:fs';
import {join} from 'node:path';

export type ScriptCall = {
	checkout: string;
	/** `deploy.sh` or `rollback.sh`. */
	script: string;
	args: readonly string[];
	/** Gets everything that it prints. */
	log: string;
	env: Readonly<Record<string, string | undefined>>;
	/** Ends it with SIGTERM, which it answers by going back. */
	signal?: AbortSignal;
};

const endGroup = ({pid}: ChildProcess) => {
	try {
		if (pid !== undefined) process.kill(-pid, 'SIGTERM');
	} catch {
		// It has just ended.
	}
};

/** Resolves with the exit code, 128 where a signal ended it. Rejects when it cannot be started. */
export const runScript = ({checkout, script, args, log, env, signal}: ScriptCall): Promise<number> =>
	new Promise((resolve, reject) => {
		const output = openSync(log, 'a', 0o600);
		// No pipes: when we are gone, it must still be able to print.
		const child = spawn('bash', [join(checkout, 'scripts', script), ...args], {
			cwd: checkout,
			env,
			detached: true,
			stdio: ['ignore', output, output],
		});
		closeSync(output);
		const stop = () => endGroup(child);
		signal?.addEventListener('abort', stop, {once: true});
		if (signal?.aborted) stop();
		child.once('error', reject);
		child.once('exit', code => {
			signal?.removeEventListener('abort', stop);
			resolve(code ?? 128);
		});
	});
