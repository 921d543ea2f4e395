/** What a command that acts or looks back works with: the World's operations, somebody to ask perhaps, and where it may print. */
import {type ExitCode, exitCodes, Failure, failureSentence, usageFailure} from '../../errors.ts';
import type {Operation} from '../../core/operations/operation.ts';
import type {Settings} from '../../core/settings/settings.ts';
import type {Clock, Operations, Refusal} from '../../world.ts';
import type {Output} from './context.ts';
import {didYouMean, quoted} from '../table/values.ts';

export type Desk = {
	operations: Operations;
	/** OWNER/NAME. */
	repository: string;
	settings: Settings;
	output: Output;
	/** Asks on the terminal; the answer is null when none comes. null: there is nobody to ask. */
	ask: ((question: string) => Promise<string | null>) | null;
	/** Aborted by Ctrl-C and its like: that ends the watching, never an operation. */
	signal: AbortSignal;
	wall: Clock;
};

/** The flags of every command that acts. */
export type ActingFlags = {dryRun: boolean; json: boolean; yes: boolean; confirm: string | null; detach: boolean};

const isExitCode = (code: number): code is ExitCode => (Object.values(exitCodes) as readonly number[]).includes(code);

/** A refusal for the shell. A code that is none of ours is a human's business. */
export const refusalFailure = ({because, next, exitCode}: Omit<Refusal, 'ok'>): Failure =>
	new Failure(because, {next, exitCode: isExitCode(exitCode) ? exitCode : exitCodes.needsHuman});

/** Ctrl-C before anything was begun. */
export const nothingDone = () => new Failure('Interrupted: nothing was done', {exitCode: exitCodes.interrupted});

/** Gives up waiting when the signal aborts; what was waited for goes on by itself. */
export const unlessInterrupted = async <Value>(signal: AbortSignal, waiting: Promise<Value>): Promise<Value> => {
	if (signal.aborted) throw nothingDone();
	let stop = () => {};
	const interrupted = new Promise<never>((_, reject) => {
		stop = () => reject(nothingDone());
		signal.addEventListener('abort', stop, {once: true});
	});
	try {
		return await Promise.race([waiting, interrupted]);
	} finally {
		signal.removeEventListener('abort', stop);
	}
};

export const printJson = (output: Output, value: object): void =>
	output.write(`${JSON.stringify({schemaVersion: 1, ...value}, undefined, 2)}\n`);

/** For programs a refusal is a document too; the sentence follows on the error output. */
export const tellingPrograms = async (isJson: boolean, output: Output, act: () => Promise<number>): Promise<number> => {
	try {
		return await act();
	} catch (error) {
		if (isJson && error instanceof Failure) {
			const because = failureSentence(error);
			printJson(output, {refused: {because, next: error.next ?? null, exitCode: error.exitCode}});
		}
		throw error;
	}
};

/** The name, when it is one of the settings'. Throws a `Failure` (usage): a wrong name is an error, never a default. */
export const environmentNamed = (name: string, {environments}: Settings): string => {
	const names = environments.map(environment => environment.name);
	if (!names.includes(name))
		throw usageFailure(
			`no environment ${quoted(name)}. There is ${names.join(', ')}.${didYouMean(name, names)}`,
			'more of them are named in deployctl.yml',
		);
	return name;
};

/** By id, or by its beginning or last part where that is unique. Throws a `Failure` (usage). */
export const operationNamed = (text: string, operations: readonly Operation[]): Operation => {
	const exact = operations.find(({id}) => id === text);
	if (exact) return exact;
	const found = text === '' ? [] : operations.filter(({id}) => id.startsWith(text) || id.endsWith(`-${text}`));
	if (found.length === 1) return found[0]!;
	throw found.length === 0
		? usageFailure(`no operation ${quoted(text)}.`, 'deployctl operations lists them')
		: usageFailure(
				`${quoted(text)} is ambiguous: ${found
					.slice(0, 5)
					.map(({id}) => id)
					.join(', ')}${found.length > 5 ? ', …' : ''}.`,
				'give more of it',
			);
};
