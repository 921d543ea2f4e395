/** What the process offers to a command. `cli.tsx` makes it from `process`; nothing else reads `process`. */
import type {Started} from '../../tuning/terminal/screen-guard.ts';

/** Where a command writes what it has to say. */
export type Output = {write(text: string): void; error(text: string): void};

export type Context = {
	env: Readonly<Record<string, string | undefined>>;
	directory: string;
	platform: NodeJS.Platform;
	home: string;
	argv: readonly string[];
	stdin: NodeJS.ReadStream;
	stdout: NodeJS.WriteStream;
	output: Output;
	/** This process, for what nothing else can do: start another like it, silence a warning. */
	program: Pick<NodeJS.Process, 'execPath' | 'emitWarning'>;
	/** There is somebody to ask: input and error output are a terminal. */
	isAskable: boolean;
	/** Both ends are a terminal that can be drawn on. */
	isInteractive: boolean;
	/** Aborted by SIGINT, SIGTERM and SIGHUP. */
	signal: AbortSignal;
	started: Started;
	/** Address of the built entry file; workers lie beside it. */
	entry: string;
};
