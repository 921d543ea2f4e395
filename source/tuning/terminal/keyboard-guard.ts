/**
 * Stands between the terminal and Ink, as the screen guard does for the other direction: what leaves here are complete keys and
 * pastes. Ink waits for the end of a paste without limit, and takes the parts of a cut sequence for keys.
 */
import {Readable} from 'node:stream';
import {emptyInput, type InputState, type InputStep, silenced, takeInput, waitMs} from './input-bytes.ts';

/** Calls `act` after so many milliseconds; what comes back takes that back. */
export type Timer = (milliseconds: number, act: () => void) => () => void;

export type KeyboardOptions = {
	timer?: Timer;
	/** Milliseconds of a clock that only goes forward. */
	now?: () => number;
};

/** After a time of standstill timers are late, and what came meanwhile has not been read: that comes first. */
const systemTimer: Timer = (milliseconds, act) => {
	let immediate: NodeJS.Immediate | undefined;
	const timeout = setTimeout(() => {
		immediate = setImmediate(act);
	}, milliseconds);
	return () => {
		clearTimeout(timeout);
		clearImmediate(immediate);
	};
};

/** Keys from reads, with the silences between them. `emit` gets what Ink may see. */
export const createKeyReader = (
	emit: (text: string) => void,
	{timer = systemTimer, now = () => performance.now()}: KeyboardOptions = {},
) => {
	let state: InputState = emptyInput;
	let stopTimer = () => {};
	const after = (step: InputStep) => {
		state = step.state;
		if (step.out !== '') emit(step.out);
		const wait = waitMs(state);
		stopTimer = wait === null ? () => {} : timer(wait, () => after(silenced(state, now())));
	};
	const forget = () => {
		stopTimer();
		stopTimer = () => {};
		state = emptyInput;
	};
	return {
		/** What came in one read. */
		take(text: string) {
			stopTimer();
			after(takeInput(state, text, now()));
		},
		/** Whatever had begun is no longer waited for. */
		forget,
	};
};

/** A keyboard for Ink's `render(…, {stdin})`. Reads the terminal only while Ink has it in raw mode. */
export const createKeyboard = (terminal: NodeJS.ReadStream, options: KeyboardOptions = {}): NodeJS.ReadStream => {
	const keys = new Readable({encoding: 'utf8', read() {}});
	const reader = createKeyReader(text => keys.push(text), options);
	const onReadable = () => {
		for (let chunk: string | Buffer | null; (chunk = terminal.read() as string | Buffer | null) !== null;)
			reader.take(String(chunk));
	};
	const listen = (wanted: boolean) => {
		terminal.off('readable', onReadable);
		if (!wanted) return reader.forget();
		terminal.setEncoding('utf8');
		terminal.on('readable', onReadable);
	};
	const raw = {
		isTTY: terminal.isTTY,
		setRawMode(isRaw: boolean) {
			terminal.setRawMode(isRaw);
			listen(isRaw);
			return this;
		},
		ref() {
			terminal.ref();
			return this;
		},
		unref() {
			terminal.unref();
			return this;
		},
	};
	return Object.assign(keys, raw) as unknown as NodeJS.ReadStream;
};
