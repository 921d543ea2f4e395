/** A program in a real tmux: a terminal that wraps lines anew when it is resized, which the emulator of our other tests does not. */
import {execFileSync, spawnSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {patient, until} from './patience.ts';

export const noTmux = spawnSync('tmux', ['-V']).status === 0 ? false : 'tmux is not installed';

export type TmuxOptions = {columns: number; rows: number; cwd: string; env: Readonly<Record<string, string>>};

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

let servers = 0;

const isRunning = (pid: number) => {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
};

/** A server of its own for each program; `stop` ends both. */
export const startInTmux = (command: readonly string[], {columns, rows, cwd, env}: TmuxOptions) => {
	const socket = join(cwd, `tmux-${++servers}`);
	const tmux = (...args: string[]) =>
		execFileSync('tmux', ['-u', '-S', socket, '-f', '/dev/null', ...args], {
			encoding: 'utf8',
			env: {PATH: process.env['PATH'] ?? '', HOME: cwd, LANG: 'C.UTF-8', TERM: 'xterm-256color'},
		});
	const variables = Object.entries({LANG: 'C.UTF-8', COLORTERM: 'truecolor', ...env}).map(([name, value]) =>
		quoted(`${name}=${value}`),
	);
	tmux(
		'new-session',
		'-d',
		'-x',
		String(columns),
		'-y',
		String(rows),
		'-c',
		cwd,
		`exec env ${variables.join(' ')} ${command.map(part => quoted(part)).join(' ')}`,
	);
	// By number: the socket goes with its folder, and nothing could reach the server any more.
	const [server, pane] = tmux('display-message', '-p', '#{pid} #{pane_pid}').trim().split(' ').map(Number) as [
		number,
		number,
	];
	const rowsOf = (...options: string[]) =>
		tmux('capture-pane', '-p', ...options)
			.replace(/\n$/, '')
			.split('\n');
	const waitFor = (what: string, condition: () => boolean) =>
		until(() => `${what}. The screen:\n${rowsOf().join('\n')}\n`, condition);
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
			process.kill(pane, name);
		},
		/** Resolves when both are gone, so that nothing is written into a folder that is about to be removed. */
		async stop() {
			for (const pid of [pane, server]) {
				if (isRunning(pid)) process.kill(pid, 'SIGKILL');
			}
			// Not for ever: where init does not collect the dead, they look alive.
			await until('both are gone', () => !isRunning(pane) && !isRunning(server), patient(2000)).catch(() => {});
		},
	};
};

export type Tmux = ReturnType<typeof startInTmux>;
