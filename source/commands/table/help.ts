/** The texts of `--help`, from the table. */
import {commandGroups, takesValue} from './command.ts';
import type {Command, Flag} from './command.ts';
import {section, twoColumns, wrapped} from './layout.ts';
import {allExitCodes, exitCodeRows, variables} from './environment-help.ts';
import {commands, globalFlags, screen} from './table.ts';
import {argumentText} from './values.ts';

/** `-h, --help` or `--sha SHA`. */
export const flagText = (flag: Flag): string =>
	`${flag.short === undefined ? '' : `-${flag.short}, `}--${flag.name}${takesValue(flag) ? ` ${flag.placeholder}` : ''}`;

/** The description with what else the table knows: choices, default, variable. */
export const flagMeaning = ({description, choices, default: byDefault, variable}: Flag): string =>
	[
		description,
		...(choices === undefined ? [] : [`One of ${choices.join(', ')}.`]),
		...(byDefault === undefined ? [] : [`Default: ${byDefault}.`]),
		...(variable === undefined ? [] : [`Variable: ${variable}.`]),
	].join(' ');

const flagRows = (flags: readonly Flag[]) => flags.map(flag => [flagText(flag), flagMeaning(flag)] as const);

const exampleLines = ({examples}: Command) =>
	examples.flatMap(({line, meaning}) => [`  ${line}`, ...wrapped(meaning, 74).map(text => `      ${text}`)]);

const requiredText = ({short, name, placeholder}: Flag) =>
	`${short === undefined ? `--${name}` : `-${short}`} ${placeholder}`;

/** `deployctl lock ENV -m REASON [flags]` */
export const usageOf = ({name, arguments: words, flags}: Command): string =>
	[
		'deployctl',
		name,
		...words.map(argument => argumentText(argument)),
		...flags.filter(({isRequired}) => isRequired).map(flag => requiredText(flag)),
		...(flags.some(({isRequired}) => !isRequired) ? ['[flags]'] : []),
	].join(' ');

/** One column for all groups: their texts stand below one another. */
const groupLines = (): string[] => {
	const widest = Math.max(...commands.map(({name}) => name.length));
	return Object.entries(commandGroups).flatMap(([group, title]) =>
		section(
			title,
			twoColumns(
				commands
					.filter(command => command.group === group)
					.map(({name, summary}) => [name.padEnd(widest), summary]),
			),
		),
	);
};

/** Text of `deployctl --help`, with a line break at its end. */
export const generalHelp = (): string =>
	[
		...wrapped(
			'deployctl shows, live, which commit is fast-tested, deployed to staging, E2E-verified and ready for production.',
		),
		...section(
			'Usage',
			twoColumns([
				['deployctl', screen.summary],
				['deployctl COMMAND', 'One of the commands below.'],
			]),
		),
		...groupLines(),
		...section('Global flags, for every command', twoColumns(flagRows(globalFlags))),
		...section('Examples', [
			...exampleLines(screen),
			...commands
				.filter(({name}) => name === 'watch' || name === 'deploy')
				.flatMap(command => exampleLines(command).slice(-2)),
		]),
		...section('Variables', twoColumns(variables.map(({name, meaning}) => [name, meaning]))),
		...section('Exit codes', twoColumns(exitCodeRows(allExitCodes))),
		'',
		'deployctl COMMAND --help says more about a command.',
		'',
	].join('\n');

const argumentRows = ({arguments: words}: Command) =>
	words.map(
		argument =>
			[
				argumentText(argument),
				`${argument.description}${argument.choices === undefined ? '' : ` One of ${argument.choices.join(', ')}.`}`,
			] as const,
	);

/** Text of `deployctl COMMAND --help`, with a line break at its end: what it does and how it is used first, reference after it. */
export const commandHelp = (command: Command): string =>
	[
		...wrapped(command.description),
		...section('Examples', exampleLines(command)),
		...section('Usage', [`  ${usageOf(command)}`]),
		...section('Arguments', command.arguments.length === 0 ? [] : twoColumns(argumentRows(command))),
		...section('Flags', command.flags.length === 0 ? [] : twoColumns(flagRows(command.flags))),
		...section('Exit codes', twoColumns(exitCodeRows(command.exitCodes))),
		'',
		'Global flags: deployctl --help',
		'',
	].join('\n');
