/** The only file that touches `process`: from the command line to the exit code. */
import {constants, homedir} from 'node:os';
import {parseCommandLine} from './commands/table/parse.ts';
import type {Context} from './commands/desk/context.ts';
import {failureText} from './commands/desk/failure-text.ts';
import {adoptNetworkOf} from './commands/desk/network.ts';
import {runCommand} from './commands/run.ts';
import type {CommandLine} from './commands/table/table.ts';
import {exitCodes, Failure} from './errors.ts';
import type {Started} from './tuning/terminal/screen-guard.ts';
import {version} from './tuning/version.ts';

const write = (stream: NodeJS.WriteStream) => (text: string) => {
	stream.write(text);
};

/** chalk, which Ink uses, does not know NO_COLOR, and it reads FORCE_COLOR once, when it is loaded. */
const settleColours = ({flags}: CommandLine): void => {
	const isForbidden = flags.color === 'never' || (flags.color === 'auto' && (process.env['NO_COLOR'] ?? '') !== '');
	if (isForbidden) process.env['FORCE_COLOR'] = '0';
	if (flags.color === 'always') process.env['FORCE_COLOR'] = '1';
};

/** What follows something to its end: a signal ends the watching, and what is watched goes on. */
const following: ReadonlySet<CommandLine['command']> = new Set([
	'watch',
	'demo',
	'deploy',
	'rollback',
	'stop',
	'lock',
	'unlock',
	'unpin',
	'attach',
	'logs',
	'report',
]);

const stopSignal = (): AbortSignal => {
	const controller = new AbortController();
	for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => controller.abort());
	return controller.signal;
};

const contextOf = (argv: readonly string[], started: Started, line: CommandLine): Context => {
	const isInteractive = process.stdout.isTTY && process.stdin.isTTY && process.env['TERM'] !== 'dumb';
	const isScreen =
		isInteractive &&
		(line.command === 'screen' ||
			line.command === 'demo' ||
			(line.command === 'replay' && !line.flags.plain && line.positionals.length > 0) ||
			line.command === 'watch' ||
			(line.command === 'attach' && !line.flags.plain));
	return {
		env: process.env,
		directory: process.cwd(),
		platform: process.platform,
		home: homedir(),
		argv,
		stdin: process.stdin,
		stdout: process.stdout,
		output: {write: write(process.stdout), error: write(process.stderr)},
		program: process,
		isInteractive,
		isAskable: process.stdin.isTTY && process.stderr.isTTY,
		// The screen guard has its own handlers, which give the terminal back first.
		// Only what runs on has an end of its own to come to; the rest is ended by the signal itself.
		signal: !isScreen && following.has(line.command) ? stopSignal() : new AbortController().signal,
		started,
		entry: import.meta.url,
	};
};

/** Their exit code says how something ended that goes on without a reader, so leaving early is no success. */
const telling: ReadonlySet<CommandLine['command']> = new Set([
	'watch',
	'deploy',
	'rollback',
	'stop',
	'attach',
	'rerun',
	'promote',
]);

/** The command that runs; null: not read yet. */
let running: CommandLine['command'] | null = null;

/** A reader that closed the pipe (`| head`) has seen enough: that is no error. A terminal that is gone (SSH dropped) is an end, and no bug. */
const onLostOutput = (error: NodeJS.ErrnoException) => {
	// Whether the tests passed does not hang on who looks on: it reads to the end.
	if (error.code === 'EPIPE' && running === 'report') return;
	if (error.code === 'EPIPE')
		process.exit(running !== null && telling.has(running) ? exitCodes.interrupted : exitCodes.done);
	if (error.code === 'EIO' || error.code === 'ENXIO' || error.code === 'EBADF')
		process.exit(128 + constants.signals.SIGHUP);
	throw error;
};

const run = async (argv: readonly string[], started: Started): Promise<number> => {
	const line = parseCommandLine(argv);
	if ('help' in line) {
		process.stdout.write(line.help);
		return exitCodes.done;
	}
	if ('version' in line) {
		process.stdout.write(`${version}\n`);
		return exitCodes.done;
	}
	running = line.command;
	settleColours(line);
	adoptNetworkOf(process.env);
	return runCommand(contextOf(argv, started, line), line);
};

/** Called by the launcher. Ends the process itself: a keep-alive connection must not hold it open. */
export const main = async (argv: readonly string[], started: Started): Promise<void> => {
	process.stdout.on('error', onLostOutput);
	process.stderr.on('error', onLostOutput);
	let code: number;
	try {
		code = await run(argv, started);
	} catch (error) {
		started.restore?.();
		if (!(error instanceof Failure)) throw error;
		process.stderr.write(failureText(error));
		code = error.exitCode;
	}
	process.exitCode = code;
	// Output to a pipe is asynchronous: leave only when it is gone.
	process.stdout.write('', () => process.exit(code));
};
