/** The command line → a command with its flags, or a text to print. */
import {parseArgs} from 'node:util';
import {usageFailure} from '../../errors.ts';
import {keyOf, takesValue} from './command.ts';
import type {Command, Flag} from './command.ts';
import {commandHelp, generalHelp, usageOf} from './help.ts';
import {commandNamed, commands, globalFlags, screen} from './table.ts';
import type {CommandLine} from './table.ts';
import {argumentText, choiceOf, didYouMean, quoted, valueOf} from './values.ts';

export type ParsedCommandLine = CommandLine | {help: string} | {version: true};

type Token = ReturnType<typeof parseArgs<{tokens: true; strict: false; allowPositionals: true}>>['tokens'][number];
type OptionToken = Extract<Token, {kind: 'option'}>;

const everyFlag = (): readonly Flag[] => [...globalFlags, ...commands.flatMap(({flags}): readonly Flag[] => flags)];

/** Strictness is ours: node's messages know neither commands nor suggestions. */
const tokensOf = (argv: readonly string[]): readonly Token[] => {
	// Flags of all commands: which ones take a value must be known before the command is. A test holds that they agree.
	const options = Object.fromEntries(
		everyFlag().map(
			flag =>
				[
					flag.name,
					{
						type: takesValue(flag) ? 'string' : 'boolean',
						...(flag.short === undefined ? {} : {short: flag.short}),
					},
				] as const,
		),
	);
	return parseArgs({args: [...argv], options, strict: false, allowPositionals: true, tokens: true}).tokens;
};

const positionalsOf = (tokens: readonly Token[]): string[] =>
	tokens.flatMap(token => (token.kind === 'positional' ? [token.value] : []));

const noCommand = (word: string) =>
	usageFailure(
		`no command ${quoted(word)}.${didYouMean(
			word,
			commands.map(({name}) => name),
		)}`,
		'deployctl --help lists the commands',
	);

const flagsOf = (command: Command): readonly Flag[] => [...command.flags, ...globalFlags];

const noFlag = (token: OptionToken, command: Command) => {
	const written = quoted(token.rawName);
	const help = `deployctl ${command.name === screen.name ? '' : `${command.name} `}--help lists the flags`;
	const owners = commands
		.filter(({flags}) => flags.some((flag: Flag) => flag.name === token.name))
		.map(({name}) => name);
	if (owners.length > 0) {
		const subject = command.name === screen.name ? 'without a command, there is' : `${quoted(command.name)} has`;
		return usageFailure(
			`${subject} no flag ${written}; it belongs to ${owners.length > 3 ? `${owners.slice(0, 3).join(', ')} and others` : owners.join(', ').replace(/, (?=[^,]*$)/, ' and ')}.`,
			help,
		);
	}

	const suggestion = token.rawName.startsWith('--')
		? didYouMean(
				token.name,
				flagsOf(command).map(({name}) => name),
				'--',
			)
		: '';
	return usageFailure(`no flag ${written}.${suggestion}`, help);
};

/** The first mistake from left to right: what comes after an unknown flag may have been meant as its value. */
const commandOf = (tokens: readonly Token[]): Command => {
	const known = new Set(
		everyFlag().flatMap(({name, formerly}) => (formerly === undefined ? [name] : [name, formerly])),
	);
	const first = tokens.find(({kind}) => kind === 'positional');
	const command = first?.kind === 'positional' ? commandNamed(first.value) : screen;
	for (const token of tokens) {
		if (token.kind === 'option' && !known.has(token.name)) {
			throw noFlag(token, command ?? screen);
		}

		if (token === first && command === undefined && token.kind === 'positional') {
			throw noCommand(token.value);
		}
	}

	return command ?? screen;
};

/** The text after a flag; throws when there is none, or another flag in its place. A negative number is read, to be refused as such. */
const textOf = (flag: Flag, {value, inlineValue}: OptionToken): string => {
	const isFlag =
		inlineValue === false &&
		value !== undefined &&
		/^-./.test(value) &&
		!(flag.kind === 'number' && /^-\.?\d/.test(value));
	if (value === undefined || value === '' || isFlag) {
		throw usageFailure(
			`--${flag.name} needs a value: --${flag.name} ${flag.placeholder}.`,
			isFlag ? `for a value that begins with a hyphen, write --${flag.name}=VALUE` : undefined,
		);
	}

	return value;
};

const given = (flag: Flag, token: OptionToken): readonly [key: string, value: string | number | boolean] => {
	if (takesValue(flag)) {
		return [keyOf(flag), valueOf(flag, textOf(flag, token))];
	}

	if (token.value !== undefined) {
		throw usageFailure(`--${flag.name} takes no value.`);
	}

	return flag.standsFor === undefined ? [keyOf(flag), true] : [flag.standsFor.name, flag.standsFor.value];
};

const defaultsOf = (flags: readonly Flag[]): Map<string, string | number | boolean | null> =>
	new Map(
		flags
			.filter(flag => flag.kind !== 'answer' && flag.standsFor === undefined)
			.map(flag => [keyOf(flag), flag.kind === 'switch' ? false : (flag.default ?? null)]),
	);

const flagValues = (tokens: readonly Token[], command: Command): Record<string, unknown> => {
	const values = defaultsOf(flagsOf(command));
	const seen = new Map<string, unknown>();
	for (const token of tokens) {
		if (token.kind === 'option') {
			const flag = flagsOf(command).find(({name, formerly}) => name === token.name || formerly === token.name);
			if (flag === undefined) {
				throw noFlag(token, command);
			}

			if (command.refuses?.names.includes(flag.name))
				throw usageFailure(
					`--${flag.name} does nothing in ${quoted(command.name)}: ${command.refuses.because}.`,
					command.refuses.next,
				);
			const [key, value] = given(flag, token);
			// Whichever of two commits were taken, it could be the wrong one.
			if (flag.isList && seen.has(key)) {
				values.set(key, `${String(values.get(key))}\n${String(value)}`);
				continue;
			}

			if (seen.has(key) && seen.get(key) !== value) {
				throw usageFailure(`--${flag.standsFor?.name ?? flag.name} is given twice, with different values.`);
			}

			seen.set(key, value);
			values.set(key, value);
		}
	}

	const missing = command.flags.find(flag => flag.isRequired && !seen.has(keyOf(flag)));
	if (missing !== undefined) {
		throw usageFailure(`${quoted(command.name)} needs --${missing.name}.`, usageOf(command));
	}

	return Object.fromEntries(values);
};

const checkedPositionals = (words: readonly string[], command: Command): readonly string[] => {
	const expected = command.arguments;
	const extra = words[expected.length];
	if (extra !== undefined) {
		throw usageFailure(
			`${quoted(command.name)} takes ${expected.length === 0 ? 'no argument' : `only ${expected.map(argument => argumentText(argument)).join(' ')}`}, but there is ${quoted(extra)}.`,
		);
	}

	const missing = expected[words.length];
	if (missing !== undefined && missing.isOptional !== true) {
		throw usageFailure(
			`${quoted(command.name)} needs ${missing.name}${missing.choices === undefined ? '' : `: ${missing.choices.join(', ')}`}.`,
		);
	}

	return words.map((word, index) => {
		const {choices, name} = expected[index]!;
		return choices === undefined ? word : choiceOf(word, choices, name);
	});
};

const helpAbout = (word: string | undefined): {help: string} => {
	const command = word === undefined ? undefined : commandNamed(word);
	if (word !== undefined && command === undefined) {
		throw noCommand(word);
	}

	return {help: command === undefined ? generalHelp() : commandHelp(command)};
};

/** Throws a `Failure` (usage) for everything that cannot be meant; nothing else. */
export const parseCommandLine = (argv: readonly string[]): ParsedCommandLine => {
	const tokens = argv.length === 0 ? [] : tokensOf(argv);
	const [word, ...words] = positionalsOf(tokens);
	const asksFor = (name: string) => tokens.some(token => token.kind === 'option' && token.name === name);
	// Whoever asks for help gets it, whatever else is wrong.
	if (asksFor('help')) {
		return helpAbout(word);
	}

	const command = commandOf(tokens);
	const flags = flagValues(tokens, command);
	if (asksFor('version')) {
		return {version: true};
	}

	const positionals = checkedPositionals(words, command);
	// The one place where data become a type: the table's types and `keyOf` say the same, which a test holds.
	return command.name === 'help'
		? helpAbout(positionals[0])
		: ({command: command.name, flags, positionals} as CommandLine);
};
