/**
 * Owns the question "which screen is the terminal on?". Ink writes the enter and leave sequences itself; the guard sits
 * between Ink and the terminal, lets each through exactly once, and can leave at any moment: crash, signal, end of process.
 * What Ink draws in between goes through the painter, which knows better where it belongs.
 *
 * Why not Ink alone: (1) the launcher has already entered the screen to paint the skeleton; a second ESC[?1049h does nothing in
 * xterm.js 6 and tmux 3.3a (tried), but the sequence is specified to clear, and we did not try every terminal; (2) an uncaught error would be
 * printed on the alternate screen and lost with it; (3) a signal or a second leave would restore an old cursor position.
 */
import {writeSync} from 'node:fs';
import {constants} from 'node:os';
import {exitCodes} from '../../errors.ts';
import {createPainter, wrapping} from './frame-painter.ts';
import {continued, stop} from './job-control.ts';
import {createLateResize, isSubscription} from './late-resize.ts';

const enterScreen = '\u001B[?1049h';
const leaveScreen = '\u001B[?1049l';
const beginUpdate = '\u001B[?2026h';
const endUpdate = '\u001B[?2026l';
/** End of synchronised update, bracketed paste off, colours off, cursor shown. */
const calm = `${endUpdate}\u001B[?2004l\u001B[0m\u001B[?25h`;

const fatalSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What the launcher hands to `main`. */
export type Started = {
	/** The launcher has entered the alternate screen and painted the last known frame. */
	skeletonShown: boolean;
	/** Ends the launcher's own guard. */
	release?: () => void;
	/** Leaves the launcher's screen, for an end before the app has taken over. */
	restore?: () => void;
};

/** Ink's `useApp()` offers this. */
export type Suspendable = {suspendTerminal(): Promise<{resume(): Promise<void>}>};

/** Sequences: before the first words, the words, after the last. */
export type Said = {greeting: string; words: string; farewell: string};

export type ScreenGuard = {
	/** For Ink's `render(…, {stdout, alternateScreen: true, incrementalRendering: false})`. Writes after `leave` go nowhere. */
	stdout: NodeJS.WriteStream;
	isEntered(): boolean;
	/** Enters the alternate screen, unless it is entered; Ink with `alternateScreen: true` does it by itself. */
	enter(): void;
	/** Says something beside the picture, as the title of the window is: on the screen alone, again after each return to it, taken back whenever it is left. */
	tell(said: Said): void;
	/** Clears the screen and writes all of it again: another program may have printed something. */
	repaint(): void;
	/** Gives the terminal back: normal screen, wrapping, cursor, colours, cooked mode. Works once, synchronously, never throws. */
	leave(): void;
	/**
	 * Ctrl-Z: hands the terminal to the shell, stops this process and its group, and repaints fully when it continues.
	 * Resolves after the repaint; also when nothing could stop us (no job control), after about 50 ms.
	 */
	suspend(app: Suspendable): Promise<void>;
	/** Repaints after a SIGCONT that we did not cause (`kill -STOP` from elsewhere). Returns how to stop listening. */
	repaintOnContinue(app: Suspendable): () => void;
	/** Ends the guard without touching the screen: for tests. */
	dispose(): void;
};

export type GuardOptions = {
	started?: Started;
	stdout?: NodeJS.WriteStream;
	stdin?: NodeJS.ReadStream;
	/** Where the end of a crash is told. */
	report?: (text: string) => void;
	/** False in tests: no process-wide handlers. */
	ownsProcess?: boolean;
};

export const createScreenGuard = ({
	started = {skeletonShown: false},
	stdout: terminal = process.stdout,
	stdin = process.stdin,
	report = text => process.stderr.write(text),
	ownsProcess = true,
}: GuardOptions = {}): ScreenGuard => {
	let isEntered = started.skeletonShown;
	let isClosed = false;
	let isSuspending = false;
	let said: Said | null = null;
	const painter = createPainter(() => terminal.rows);

	type Write = (
		chunk: string | Uint8Array,
		encoding?: BufferEncoding | (() => void),
		callback?: () => void,
	) => boolean;
	const pass = terminal.write.bind(terminal) as Write;
	const swallow: Write = (_chunk, encoding, callback) => {
		const done = typeof encoding === 'function' ? encoding : callback;
		if (done !== undefined) setImmediate(done);
		return true;
	};

	const write: Write = (chunk, encoding, callback) => {
		if (isClosed) {
			return swallow(chunk, encoding, callback);
		}
		if (chunk === enterScreen || chunk === leaveScreen) {
			const wantsIn = chunk === enterScreen;
			if (wantsIn === isEntered) {
				return swallow(chunk, encoding, callback);
			}
			isEntered = wantsIn;
			painter.forget();
			const more = wantsIn ? (said?.greeting ?? '') + (said?.words ?? '') : (said?.farewell ?? '') + wrapping;
			return pass(chunk + more, encoding, callback);
		}
		if (!isEntered || typeof chunk !== 'string') {
			return pass(chunk, encoding, callback);
		}
		const text = painter.translate(chunk);
		return text === '' && chunk !== '' ? swallow(chunk, encoding, callback) : pass(text, encoding, callback);
	};
	const repaint = () => {
		if (isEntered && !isClosed) {
			pass(beginUpdate + painter.again() + endUpdate);
		}
	};
	const resize = createLateResize(terminal, {
		// The terminal may have wrapped the rows anew.
		atOnce: () => painter.forget(),
		// Ink says nothing when the new size looks like the old one. What it says may come a moment later.
		afterwards: () => setTimeout(() => painter.isUpToDate() || repaint(), 20).unref(),
	});
	const guarded: NodeJS.WriteStream = new Proxy(terminal, {
		get: (target, name) =>
			name === 'write'
				? write
				: isSubscription(name)
					? resize.subscription(name, guarded)
					: (Reflect.get(target, name, target) as unknown),
		set: (target, name, value) => Reflect.set(target, name, value, target),
	});

	const cooked = () => {
		try {
			if (stdin.isTTY && stdin.isRaw) stdin.setRawMode(false);
		} catch {
			// The terminal is gone.
		}
	};
	const leave = () => {
		if (isClosed) return;
		isClosed = true;
		const sequence = (isEntered ? `\u001B[0m${leaveScreen}${said?.farewell ?? ''}${wrapping}` : '') + calm;
		isEntered = false;
		cooked();
		try {
			if (terminal === process.stdout && terminal.isTTY) {
				writeSync(1, sequence);
			} else if (terminal.isTTY) {
				pass(sequence);
			}
		} catch {
			// The terminal is gone, or full: nothing more can be done.
		}
	};

	const onSignal = (signal: NodeJS.Signals) => {
		leave();
		process.exit(128 + constants.signals[signal]);
	};
	const onCrash = (error: unknown) => {
		leave();
		report(
			`deployctl met a bug of its own: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
		);
		process.exit(exitCodes.bug);
	};
	/** A terminal that is gone (SSH dropped) answers writes with an error; that is an end, not a bug. */
	const onLostTerminal = (error: NodeJS.ErrnoException) => {
		if (error.code === 'EIO' || error.code === 'EPIPE' || error.code === 'ENXIO' || error.code === 'EBADF') {
			isClosed = true;
			process.exit(128 + constants.signals.SIGHUP);
		}
		onCrash(error);
	};
	const dispose = () => {
		resize.stop();
		process.off('exit', leave);
		process.off('uncaughtException', onCrash);
		terminal.off('error', onLostTerminal);
		for (const signal of fatalSignals) {
			process.off(signal, onSignal);
		}
	};
	if (ownsProcess) {
		process.on('exit', leave);
		process.on('uncaughtException', onCrash);
		terminal.on('error', onLostTerminal);
		for (const signal of fatalSignals) {
			process.on(signal, onSignal);
		}
	}
	started.release?.();

	const suspended = async (app: Suspendable, meanwhile: () => Promise<void>) => {
		if (isClosed || isSuspending) return;
		isSuspending = true;
		try {
			const {resume} = await app.suspendTerminal();
			await meanwhile();
			await resume();
		} finally {
			isSuspending = false;
		}
	};

	return {
		stdout: guarded,
		isEntered: () => isEntered,
		enter() {
			write(enterScreen);
		},
		tell(next) {
			if (said?.words === next.words) return;
			const text = (said === null ? next.greeting : '') + next.words;
			said = next;
			if (isEntered && !isClosed && text !== '') pass(text);
		},
		repaint,
		leave,
		async suspend(app) {
			await suspended(app, async () => {
				const running = continued();
				stop('SIGTSTP');
				await running;
			});
		},
		repaintOnContinue(app) {
			const onContinue = () => {
				void suspended(app, async () => {});
			};
			process.on('SIGCONT', onContinue);
			return () => {
				process.off('SIGCONT', onContinue);
			};
		},
		dispose,
	};
};
