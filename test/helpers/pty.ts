/** A program in a real pseudo-terminal, and what a person would see of it. Waiting is event-driven: no polling, no sleeping. */
import xterm from '@xterm/headless';
import {spawn} from '@lydell/node-pty';
import {patienceMs, patientNow} from './patience.ts';

export type PtyOptions = {
	columns?: number;
	rows?: number;
	cwd?: string;
	/** Added to a small environment of our own; the developer's is not inherited, save PATH. */
	env?: Readonly<Record<string, string>>;
};

export type Pty = ReturnType<typeof startInPty>;

export const startInPty = (
	file: string,
	args: readonly string[],
	{columns = 80, rows = 24, cwd = process.cwd(), env = {}}: PtyOptions = {},
) => {
	const emulator = new xterm.Terminal({cols: columns, rows, allowProposedApi: true, scrollback: 2000});
	const started = performance.now();
	const child = spawn(file, [...args], {
		name: 'xterm-256color',
		cols: columns,
		rows,
		cwd,
		env: {
			PATH: process.env['PATH'] ?? '',
			HOME: process.env['HOME'] ?? '/',
			LANG: 'C.UTF-8',
			TERM: 'xterm-256color',
			COLORTERM: 'truecolor',
			...env,
		},
	});
	let raw = '';
	const listeners = new Set<() => void>();
	const changed = () => {
		for (const listener of listeners) {
			listener();
		}
	};
	child.onData(data => {
		raw += data;
		// At once for those who look at what came, and again when it is on the screen.
		changed();
		emulator.write(data, changed);
	});
	// Terminals answer when asked where the cursor is and the like.
	emulator.onData(answer => {
		child.write(answer);
	});
	let ended: {exitCode: number; signal: number} | null = null;
	const exited = new Promise<{exitCode: number; signal: number}>(resolve => {
		child.onExit(({exitCode, signal}) => {
			const result = {exitCode, signal: signal ?? 0};
			ended = result;
			// What was written last may still be on its way through the emulator.
			emulator.write('', () => {
				resolve(result);
				changed();
			});
		});
	});

	const text = () => {
		const buffer = emulator.buffer.active;
		const lines: string[] = [];
		for (let row = 0; row < emulator.rows; row++) {
			lines.push(buffer.getLine(buffer.baseY + row)?.translateToString(true, 0, emulator.cols) ?? '');
		}
		while (lines.at(-1) === '') {
			lines.pop();
		}
		return lines.join('\n');
	};

	return {
		pid: child.pid,
		text,
		/** Everything that came, escape sequences included. */
		raw: () => raw,
		isAlternate: () => emulator.buffer.active.type === 'alternate',
		/** False while a text that is too long stays in its row. */
		isWrapping: () => emulator.modes.wraparoundMode,
		/** False while the program hides it. */
		isCursorShown: () => raw.lastIndexOf('\u001B[?25h') >= raw.lastIndexOf('\u001B[?25l'),
		write(keys: string) {
			child.write(keys);
		},
		resize(newColumns: number, newRows: number) {
			emulator.resize(newColumns, newRows);
			child.resize(newColumns, newRows);
		},
		signal(name: NodeJS.Signals) {
			process.kill(child.pid, name);
		},
		/** The terminal is gone, as when its window is closed: the program gets a SIGHUP, and can write nowhere. */
		hangUp() {
			(child as unknown as {destroy(): void}).destroy();
		},
		/** Resolves with the milliseconds since the start; rejects, with the screen, after `timeoutMs` or when the program ends before. */
		waitFor: (condition: RegExp | ((screen: string) => boolean), timeoutMs = patienceMs) =>
			new Promise<number>((resolve, reject) => {
				const finish = (settle: () => void) => {
					clearTimeout(timer);
					listeners.delete(check);
					settle();
				};
				const fail = (why: string) => {
					finish(() => reject(new Error(`${String(condition)} ${why}. The screen:\n${text()}`)));
				};
				const check = () => {
					const screen = text();
					if (condition instanceof RegExp ? condition.test(screen) : condition(screen)) {
						finish(() => resolve(performance.now() - started));
					} else if (ended !== null) {
						fail(`did not come before the program ended with ${ended.exitCode}`);
					}
				};
				let timer = setTimeout(() => {
					const moreMs = patientNow(timeoutMs) - timeoutMs;
					timer = setTimeout(() => fail(`did not come within ${timeoutMs + moreMs} ms`), moreMs);
				}, timeoutMs);
				listeners.add(check);
				check();
			}),
		exited,
		/** Ends the program, hard if need be. For clean-up; safe to call twice. */
		async close() {
			if (ended === null) {
				try {
					child.kill('SIGKILL');
				} catch {
					// Gone in this moment.
				}
				await exited;
			}
			emulator.dispose();
		},
	};
};
