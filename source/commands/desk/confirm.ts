/** Asks before something is done. On the command line a pasted phrase counts like a typed one: a terminal in its normal mode does not tell them apart. */
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {exitCodes, Failure} from '../../errors.ts';
import type {Context} from './context.ts';
import {type ActingFlags, type Desk, nothingDone} from './desk.ts';
import {quoted} from '../table/values.ts';

/** One line from the terminal; null at its end (Ctrl-D) or when the signal aborts. The terminal itself edits the line. */
export const askOn = ({
	stdin,
	output,
	signal,
	isAskable,
}: Pick<Context, 'stdin' | 'output' | 'signal' | 'isAskable'>): Desk['ask'] =>
	isAskable
		? async question => {
				output.error(question);
				const lines = createInterface({input: stdin, terminal: false});
				try {
					const ended = once(lines, 'close', {signal}).then(
						() => null,
						() => null,
					);
					const answer = await Promise.race([
						once(lines, 'line', {signal}).then(
							([line]) => String(line),
							() => null,
						),
						ended,
					]);
					if (answer === null) output.error('\n');
					return answer;
				} finally {
					lines.close();
					stdin.pause();
				}
			}
		: null;

const notConfirmed = (because: string, next: string) =>
	new Failure(`Not confirmed: ${because}`, {next, exitCode: exitCodes.refused});

const withPhrase = async ({ask, signal}: Desk, phrase: string, {yes, confirm}: ActingFlags): Promise<string> => {
	const flag = `--confirm "${phrase}"`;
	if (confirm !== null) {
		if (confirm.trim() === phrase) return phrase;
		throw notConfirmed(`${quoted(confirm)} is not the phrase`, `it is ${flag}`);
	}
	if (ask === null || yes)
		throw notConfirmed(
			yes ? 'this needs a phrase, not only --yes' : 'there is no terminal to ask on',
			`add --yes ${flag}`,
		);
	const answer = await ask(`Type "${phrase}" to confirm: `);
	if (signal.aborted) throw nothingDone();
	if (answer?.trim() === phrase) return phrase;
	throw notConfirmed('that was not the phrase, and nothing was done', `it is "${phrase}", also as ${flag}`);
};

/** Resolves with the phrase that was given, null where none is asked for. Throws a `Failure`: refused (3), or interrupted while it asked (130). */
export const confirmed = async (
	desk: Desk,
	{phrase, question}: {phrase: string | null; question: string},
	flags: ActingFlags,
): Promise<string | null> => {
	if (phrase !== null) return withPhrase(desk, phrase, flags);
	if (flags.yes) return null;
	if (desk.ask === null) throw notConfirmed('there is no terminal to ask on', 'add --yes to do it without asking');
	const answer = await desk.ask(`${question} [y/N] `);
	if (desk.signal.aborted) throw nothingDone();
	if (/^\s*y(?:es)?\s*$/i.test(answer ?? '')) return null;
	throw notConfirmed('nothing was done', 'answer y, or add --yes');
};
