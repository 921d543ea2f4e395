/** What the scripts need of this machine. Asked of bash itself: it is what will run them. */
import {execFile} from 'node:child_process';

/** Besides bash 4.4: the lock, sessions, time limits, health checks. */
const tools = ['flock', 'setsid', 'timeout', 'curl'] as const;

const question = `printf 'bash %s\\n' "$((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1]))"; for tool in ${tools.join(' ')}; do command -v "$tool" >/dev/null || printf 'missing %s\\n' "$tool"; done`;

/** What is missing, in words; null: nothing. A bash that says nothing in time is not missing: the machine may just be busy. */
export const missingTools = (env: Readonly<Record<string, string | undefined>>, timeoutMs = 60_000): Promise<string | null> => new Promise(resolve => {
	execFile('bash', ['-c', question], {env, timeout: timeoutMs}, (error, stdout) => {
		if (error) {
			resolve(error.killed ? `a bash that answers: none did within ${timeoutMs / 1000} s` : 'bash');
			return;
		}
		const missing = [...stdout.matchAll(/^missing (\S+)$/gm)].map(([, tool]) => tool!);
		const bash = Number(/^bash (\d+)$/m.exec(stdout)?.[1] ?? 0);
		const all = [...(bash < 404 ? ['bash 4.4 or newer'] : []), ...missing];
		resolve(all.length === 0 ? null : all.join(', '));
	});
});
