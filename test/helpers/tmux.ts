/** A program in a real tmux: a terminal that wraps lines anew when it is resized, which the emulator of our other tests does not. */
import {execFileSync, spawnSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as later} from 'node:timers/promises';
import type {TestContext} from 'node:test';

export const noTmux = spawnSync('tmux', ['-V']).status === 0 ? false : 'tmux is not installed';

export type TmuxOptions = {columns: number; rows: number; cwd: string; env: Readonly<Record<string, string>>};

const quoted = (text: string) => `'${text.replaceAll('\'', `'\\''`)}'`;

let servers = 0;

/** Its own server, which ends with the test. */
export const startInTmux = (t: Pick<TestContext, 'after'>, command: readonly string[], {columns, rows, cwd, env}: TmuxOptions) => {
	const socket = join(cwd, `tmux-${++servers}`);
	const tmux = (...args: string[]) => execFileSync('tmux', ['-u', '-S', socket, '-f', '/dev/null', ...args], {encoding: 'utf8', env: {PATH: process.env['PATH'] ?? '', HOME: cwd, LANG: 'C.UTF-8', TERM: 'xterm-256color'}});
	const variables = Object.entries({LANG: 'C.UTF-8', COLORTERM: 'truecolor', ...env}).map(([name, value]) => quoted(`${name}=${value}`));
	tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), '-c', cwd, `exec env ${variables.join(' ')} ${command.map(part => quoted(part)).join(' ')}`);
	t.after(() => {
		spawnSync('tmux', ['-S', socket, 'kill-server']);
	});
	const rowsOf = (...options: string[]) => tmux('capture-pane', '-p', ...options).replace(/\n$/, '').split('\n');
	const waitFor = async (what: string, condition: () => boolean, timeoutMs = 15_000) => {
		const deadline = performance.now() + timeoutMs;
		while (!condition()) {
			if (performance.now() > deadline) {
				throw new Error(`${what} did not come within ${timeoutMs} ms. The screen:\n${rowsOf().join('\n')}`);
			}
			await later(20);
		}
	};
	return {
		/** As many as the terminal has, without blanks at their ends. */
		rows: () => rowsOf(),
		/** How many of them run into the next one. */
		wrapped: () => rowsOf().length - rowsOf('-J').length,
		waitFor,
		resize(newColumns: number, newRows: number) {
			tmux('resize-window', '-x', String(newColumns), '-y', String(newRows));
		},
		keys(...names: string[]) {
			tmux('send-keys', ...names);
		},
		/** What another program on the same terminal does: print. */
		printedByAnother(text: string) {
			writeFileSync(tmux('display-message', '-p', '#{pane_tty}').trim(), text);
		},
		signal(name: NodeJS.Signals) {
			process.kill(Number(tmux('display-message', '-p', '#{pane_pid}')), name);
		},
	};
};

export type Tmux = ReturnType<typeof startInTmux>;
