/** What a command and a flag are: data, from which parser, help, docs/commands.md and completion are made. */
import type {exitCodes} from '../../errors.ts';

/**
`switch` is there or not; `answer` prints something instead of running a command; the others take a value: `choice` one of its
choices, `number` a number above 0, `count` a whole one, `duration` seconds written `5m`, `sha` 7 to 40 hexadecimal digits, `repository`
[HOST/]OWNER/NAME.
*/
export type FlagKind =
	| 'switch'
	| 'answer'
	| 'text'
	| 'file'
	| 'choice'
	| 'number'
	| 'count'
	| 'duration'
	| 'sha'
	| 'repository';

export type Flag = {
	/** Without the hyphens. */
	name: string;
	/** The name that it had before, which is still taken and no longer told. */
	formerly?: string;
	short?: string;
	kind: FlagKind;
	/** The value in usage lines; required for every kind that takes one. */
	placeholder?: string;
	choices?: readonly string[];
	description: string;
	/** Without it, a flag that is not given is null (a switch: false). */
	default?: string | number;
	/** May be given several times; its values are lines of one text. */
	isList?: boolean;
	/** The command does not run without it. */
	isRequired?: boolean;
	/** A variable that says the same, and that the flag overrules; who reads it is up to the part that needs it. */
	variable?: string;
	/** This switch is another way to write a flag with a value. */
	standsFor?: {name: string; value: string};
};

export type Argument = {
	name: string;
	description: string;
	choices?: readonly string[];
	isOptional?: boolean;
	/** Completed as one. */ isFile?: boolean;
};
export type Example = {line: string; meaning: string};

/** How help sorts the commands. */
export const commandGroups = {
	look: 'Look',
	act: 'Act',
	record: 'Look back',
	setup: 'Set up',
	program: 'The program itself',
} as const;

export type Command = {
	name: string;
	group: keyof typeof commandGroups;
	/** One line, for the list of commands. */
	summary: string;
	/** Paragraphs for the command's own help. */
	description: string;
	arguments: readonly Argument[];
	flags: readonly Flag[];
	/** Flags of every command that would do nothing here: names, and why and what instead. They are refused. */
	refuses?: {readonly names: readonly string[]; readonly because: string; readonly next: string};
	examples: readonly Example[];
	/** The codes that it can end with, besides `done`, `usage` and `bug`. */
	exitCodes: ReadonlyArray<keyof typeof exitCodes>;
};

type Camel<Name extends string> = Name extends `${infer Head}-${infer Tail}`
	? `${Head}${Capitalize<Camel<Tail>>}`
	: Name;

/** `--read-only` is `readOnly`; a duration carries its unit: `--timeout` is `timeoutSeconds`. */
type KeyOf<F extends Flag> = F extends {kind: 'answer'} | {standsFor: object}
	? never
	: F extends {kind: 'duration'}
		? `${Camel<F['name']>}Seconds`
		: Camel<F['name']>;

type ValueOf<F extends Flag> = F extends {kind: 'switch'}
	? boolean
	: F extends {kind: 'choice'; choices: ReadonlyArray<infer Choice>}
		? Choice
		: F extends {kind: 'number' | 'count' | 'duration'}
			? number
			: string;

/** The values of some flags: null where none was given and there is no default. */
export type FlagValues<Flags extends readonly Flag[]> = {
	[F in Flags[number] as KeyOf<F>]:
		| ValueOf<F>
		| (F extends {kind: 'switch'} | {default: string | number} | {isRequired: true} ? never : null);
};

/** The key under which a flag's value is found; the same rule as the type above. */
export const keyOf = ({name, kind}: Flag): string => {
	const camel = name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
	return kind === 'duration' ? `${camel}Seconds` : camel;
};

export const takesValue = ({kind}: Flag): boolean => kind !== 'switch' && kind !== 'answer';
