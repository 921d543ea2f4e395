/**
 * A terminal in this process: streams that Ink takes for a TTY, and a real terminal emulator behind them, so that a test
 * reads what a person would see. Any size, resizing, colours, both screens; no sleeping.
 */
import {PassThrough, Writable} from 'node:stream';
import xterm from '@xterm/headless';
import {patienceMs} from './patience.ts';

export type Cell = {
	character: string;
	width: number;
	bold: boolean;
	dim: boolean;
	italic: boolean;
	underline: boolean;
	inverse: boolean;
	strikethrough: boolean;
	foreground: Colour;
	background: Colour;
};
/** 'default', a palette index, or '#rrggbb'. */
export type Colour = 'default' | number | `#${string}`;

export type TestTerminal = ReturnType<typeof openTerminal>;

/** Names for keys; anything else is sent as it is. */
export const keys = {
	up: '\u001B[A',
	down: '\u001B[B',
	right: '\u001B[C',
	left: '\u001B[D',
	home: '\u001B[H',
	end: '\u001B[F',
	pageUp: '\u001B[5~',
	pageDown: '\u001B[6~',
	enter: '\r',
	escape: '\u001B',
	tab: '\t',
	shiftTab: '\u001B[Z',
	backspace: '\u007F',
	delete: '\u001B[3~',
	space: ' ',
	ctrlC: '\u0003',
	ctrlZ: '\u001A',
	ctrlD: '\u0004',
	ctrlU: '\u0015',
	ctrlR: '\u0012',
} as const;

/** What a terminal sends for pasted text while bracketed paste is on. */
export const pasted = (text: string) => `\u001B[200~${text}\u001B[201~`;

const macrotask = () =>
	new Promise<void>(resolve => {
		setImmediate(resolve);
	});

const hex = (value: number): Colour => `#${value.toString(16).padStart(6, '0')}`;

export const openTerminal = ({columns = 80, rows = 24}: {columns?: number; rows?: number} = {}) => {
	const emulator = new xterm.Terminal({cols: columns, rows, allowProposedApi: true, scrollback: 1000});
	let raw = '';
	let bytesWritten = 0;
	let pending = 0;
	let isRaw = false;
	let onIdle: Array<() => void> = [];

	const output = new Writable({
		decodeStrings: false,
		write(chunk: string | Buffer, _encoding, done) {
			const text = typeof chunk === 'string' ? chunk : chunk.toString('utf8');
			raw += text;
			bytesWritten += Buffer.byteLength(text);
			pending++;
			emulator.write(text, () => {
				if (--pending === 0) {
					const waiting = onIdle;
					onIdle = [];
					for (const resume of waiting) {
						resume();
					}
				}
			});
			done();
		},
	});
	const stdout = Object.assign(output, {
		isTTY: true as const,
		columns,
		rows,
		fd: -1,
		getColorDepth: () => 24,
		hasColors: () => true,
		getWindowSize: () => [stdout.columns, stdout.rows] as [number, number],
	}) as unknown as NodeJS.WriteStream & {columns: number; rows: number};

	const input = new PassThrough();
	const stdin = Object.assign(input, {
		isTTY: true as const,
		isRaw: false,
		fd: -1,
		setRawMode(mode: boolean) {
			isRaw = mode;
			return Object.assign(stdin, {isRaw: mode});
		},
		ref: () => stdin,
		unref: () => stdin,
	}) as unknown as NodeJS.ReadStream;

	const parsed = () =>
		pending === 0
			? Promise.resolve()
			: new Promise<void>(resolve => {
					onIdle.push(resolve);
				});

	/**
	 * Everything that was written so far is on the screen, and so is what a few turns of the event loop brought about.
	 * Not for output that waits for a timer: see `until`.
	 */
	const settled = async () => {
		for (let turn = 0; turn < 4; turn++) {
			await macrotask();
			await parsed();
		}
	};

	const text = () => {
		const buffer = emulator.buffer.active;
		const lines: string[] = [];
		for (let row = 0; row < emulator.rows; row++) {
			lines.push(buffer.getLine(buffer.baseY + row)?.translateToString(true) ?? '');
		}
		while (lines.at(-1) === '') {
			lines.pop();
		}
		return lines.join('\n');
	};

	return {
		stdin,
		stdout,
		emulator,
		/** Sends each key as a chunk of its own, as a person does. Escape alone is told from a sequence by Ink after 20 ms: use `until`. */
		async press(...sent: string[]) {
			for (const key of sent) {
				input.write(key);
				await macrotask();
			}
			await settled();
		},
		settled,
		/** Waits, event-driven, until the screen fulfils the condition. Timers of the app may be involved; fails with the screen after `timeoutMs`. */
		async until(condition: RegExp | ((screen: string) => boolean), timeoutMs = patienceMs) {
			const holds = () => (condition instanceof RegExp ? condition.test(text()) : condition(text()));
			const deadline = performance.now() + timeoutMs;
			await settled();
			while (!holds()) {
				const left = deadline - performance.now();
				if (left <= 0) {
					throw new Error(`The screen never came to ${String(condition)} within ${timeoutMs} ms:\n${text()}`);
				}
				await new Promise<void>(resolve => {
					const timer = setTimeout(done, left);
					const listener = emulator.onWriteParsed(done);
					function done() {
						clearTimeout(timer);
						listener.dispose();
						resolve();
					}
				});
			}
		},
		/** Screen rows without trailing blanks; empty rows at the end left out. */
		text,
		/** 0-based. */
		cell(x: number, y: number): Cell {
			const buffer = emulator.buffer.active;
			const found = buffer.getLine(buffer.baseY + y)?.getCell(x);
			if (found === undefined) {
				throw new RangeError(`No cell ${x},${y} on a screen of ${emulator.cols}x${emulator.rows}`);
			}
			const colour = (isDefault: boolean, isRgb: boolean, value: number): Colour =>
				isDefault ? 'default' : isRgb ? hex(value) : value;
			return {
				character: found.getChars(),
				width: found.getWidth(),
				bold: found.isBold() !== 0,
				dim: found.isDim() !== 0,
				italic: found.isItalic() !== 0,
				underline: found.isUnderline() !== 0,
				inverse: found.isInverse() !== 0,
				strikethrough: found.isStrikethrough() !== 0,
				foreground: colour(found.isFgDefault(), found.isFgRGB(), found.getFgColor()),
				background: colour(found.isBgDefault(), found.isBgRGB(), found.getBgColor()),
			};
		},
		/** Position of the first occurrence of a text (ASCII or one cell per character), or null. 0-based. */
		find(wanted: string): {x: number; y: number} | null {
			for (const [y, line] of text().split('\n').entries()) {
				const x = line.indexOf(wanted);
				if (x !== -1) {
					return {x, y};
				}
			}
			return null;
		},
		async resize(newColumns: number, newRows: number) {
			await parsed();
			emulator.resize(newColumns, newRows);
			Object.assign(stdout, {columns: newColumns, rows: newRows});
			stdout.emit('resize');
			await settled();
		},
		isAlternate: () => emulator.buffer.active.type === 'alternate',
		isRaw: () => isRaw,
		/** Everything that was written, escape sequences included. */
		raw: () => raw,
		bytesWritten: () => bytesWritten,
		/** Forgets what was written so far (not what is on the screen). */
		forget() {
			raw = '';
			bytesWritten = 0;
		},
		close() {
			input.end();
			emulator.dispose();
		},
	};
};
