/** The table of commands as the completion scripts see it. */
import {takesValue} from '../table/command.ts';
import type {Argument, Command, Flag} from '../table/command.ts';

/** What the scripts need of the table. */
export type Completable = {
	commands: readonly Command[];
	globalFlags: readonly Flag[];
	/** All flags, each name once: a name means the same for every command that has it. */
	flags: readonly Flag[];
	/** Without those that the command refuses. */
	flagsOf: (command: Command) => readonly Flag[];
	/** What may stand for an argument; of environments those that every project has. */
	wordsFor: (argument: Argument) => readonly string[];
};

/** Text of a shell: nothing in it is expanded. */
export const singleQuoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

export const valueFlags = (flags: readonly Flag[]): readonly Flag[] => flags.filter(flag => takesValue(flag));
