/** Runs `rollback.sh --list --env ENV`: only ever a script that says that it keeps the contract, which makes this free of side effects. */
import {type ChildProcess, spawn} from 'node:child_process';
import {type ListAnswer, releasesIn} from '../../core/operations/release-list.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import type {Clock} from '../../world.ts';

export type ListOptions = {
	directory: string;
	env: Readonly<Record<string, string | undefined>>;
	clock: Clock;
	signal?: AbortSignal;
	timeoutMs?: number;
};

const longestOutput = 4 * 1024 * 1024;
const longestComplaint = 16 * 1024;
/** After its end: an ssh connection that stays for the next call may keep the streams open. */
const lastWordsMs = 250;

/** With everything that it started: an ssh that hangs would go on. */
const kill = ({pid}: ChildProcess): void => {
	try {
		if (pid !== undefined) process.kill(-pid, 'SIGKILL');
	} catch {
		/* Gone already. */
	}
};

/** What it prints, cut at a length that no list has; `onMore`: it goes on after that. */
const collected = (stream: NodeJS.ReadableStream, atMost: number, onMore: () => void = () => {}): (() => string) => {
	const parts: string[] = [];
	let length = 0;
	stream.setEncoding('utf8').on('data', (more: string) => {
		if (length < atMost) parts.push(more.slice(0, atMost - length));
		length += more.length;
		if (length > atMost) onMore();
	});
	return () => parts.join('');
};

const answerOf = (output: string, complaint: string, ending: number | string | null): ListAnswer => {
	const answer = releasesIn(output);
	if (answer.ok)
		return ending === 0
			? answer
			: {ok: false, because: `the list of releases says that it is whole, but its script ended with ${ending}`};
	const said = sanitise(complaint.trim().split('\n').at(-1) ?? '', 200);
	return said === '' ? answer : {ok: false, because: `${answer.because}: ${said}`};
};

/** Never rejects. A script that does not answer in time is ended, and the answer says so. */
export const listReleases = async (
	script: string,
	environment: string,
	{directory, env, clock, signal, timeoutMs = 10_000}: ListOptions,
): Promise<ListAnswer> => {
	const child = spawn(script, ['--list', '--env', environment], {
		cwd: directory,
		env,
		detached: true,
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const {promise: endless, resolve: isEndless} = Promise.withResolvers<void>();
	const [output, complaint] = [
		collected(child.stdout, longestOutput, isEndless),
		collected(child.stderr, longestComplaint),
	];
	const closed = new Promise<void>(resolve => child.once('close', () => resolve()));
	const ended = new Promise<ListAnswer>(resolve => {
		child.once('error', error =>
			resolve({
				ok: false,
				because: `the list of releases could not be asked for: ${sanitise(error.message, 200)}`,
			}),
		);
		child.once('exit', (code, by) => {
			void Promise.race([closed, clock.after(lastWordsMs)]).then(() =>
				resolve(answerOf(output(), complaint(), code ?? by)),
			);
		});
	});
	const over = new AbortController();
	const givenUp = (because: string) => (): ListAnswer => {
		kill(child);
		return {ok: false, because};
	};
	const late = clock.after(timeoutMs, signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]));
	const answer = await Promise.race([
		ended,
		endless.then(givenUp(`the list of releases is longer than ${longestOutput / 1024 / 1024} MB`)),
		late.then(givenUp(`the list of releases took longer than ${timeoutMs / 1000} s`), () =>
			over.signal.aborted ? ended : givenUp('nobody waits for the list of releases any more')(),
		),
	]);
	over.abort();
	child.stdout.destroy();
	child.stderr.destroy();
	return answer;
};
