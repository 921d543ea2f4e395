/** What the scripts need of this machine. Asked of bash itself: it is what will run them. */
import {execFile} from 'node:child_process';

/** Besides bash 4.4: the lock, sessions, time limits, health checks. */
const tools = ['flock', 'setsid', 'timeout', 'curl'] as const;

const question = `printf 'bash %s\\n' "$((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1]))"; for tool in ${tools.join(' ')}; do command -v "$tool" >/dev/null || printf 'missing %s\\n' "$tool"; done`;

/** Why the scripts cannot run here, and what mends it. */
export type Lacking = {because: string; next: string};

const lacks = (what: string): Lacking => ({because: `their scripts need ${what}`, next: 'install it, and start again'});

/** What a bash that could not be asked is lacking: one that is not there, one that is slow on a busy machine, one that fails. */
const unasked = (error: Error & {code?: unknown; killed?: boolean}, timeoutMs: number): Lacking => {
	if (error.code === 'ENOENT') return lacks('bash');
	return error.killed === true
		? {
				because: `bash is here, but did not answer within ${timeoutMs / 1000} s`,
				next: 'start again when this machine is less busy',
			}
		: {
				because: `bash is here, but ended with ${String(error.code)}`,
				next: 'see what "bash -c true" says, and start again',
			};
};

/** null: nothing is missing. */
export const missingTools = (
	env: Readonly<Record<string, string | undefined>>,
	timeoutMs = 60_000,
): Promise<Lacking | null> =>
	new Promise(resolve => {
		execFile('bash', ['-c', question], {env, timeout: timeoutMs}, (error, stdout) => {
			if (error) {
				resolve(unasked(error, timeoutMs));
				return;
			}
			const missing = [...stdout.matchAll(/^missing (\S+)$/gm)].map(([, tool]) => tool!);
			const bash = Number(/^bash (\d+)$/m.exec(stdout)?.[1] ?? 0);
			const all = [...(bash < 404 ? ['bash 4.4 or newer'] : []), ...missing];
			resolve(all.length === 0 ? null : lacks(all.join(', ')));
		});
	});
