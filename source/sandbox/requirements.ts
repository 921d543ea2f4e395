/** What the scripts need of this machine. Asked of bash itself: it is what will run them. */
import {execFile} from 'node:child_process';

/** Besides bash 4.4: the lock, sessions, time limits, health checks. */
const tools = ['flock', 'setsid', 'timeout', 'curl'] as const;

const question = `printf 'bash %s\\n' "$((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1]))"; for tool in ${tools.join(' ')}; do command -v "$tool" >/dev/null || printf 'missing %s\\n' "$tool"; done`;

/** What is missing, in words; null: nothing. */
export const missingTools = (env: Readonly<Record<string, string | undefined>>): Promise<string | null> => new Promise(resolve => {
	execFile('bash', ['-c', question], {env, timeout: 5000}, (error, stdout) => {
		if (error) {
			resolve('bash');
			return;
		}
		const missing = [...stdout.matchAll(/^missing (\S+)$/gm)].map(([, tool]) => tool!);
		const bash = Number(/^bash (\d+)$/m.exec(stdout)?.[1] ?? 0);
		const all = [...(bash < 404 ? ['bash 4.4 or newer'] : []), ...missing];
		resolve(all.length === 0 ? null : all.join(', '));
	});
});
