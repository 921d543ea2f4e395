/** Completion for fish. */
import {takesValue} from '../table/command.ts';
import type {Command, Flag} from '../table/command.ts';
import type {Completable} from './completable.ts';

/** In fish, a backslash escapes within single quotes, too. */
const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const line = (...words: readonly string[]): string => ['complete', '-c', 'deployctl', ...words].join(' ');

const flagLine = (flag: Flag, condition: readonly string[]): string => {
	const {name, short, kind, choices, description} = flag;
	const value = takesValue(flag)
		? kind === 'file'
			? ['-r', '-F']
			: ['-x', ...(choices === undefined ? [] : ['-a', quoted(choices.join(' '))])]
		: [];
	return line(
		...condition,
		...(short === undefined ? [] : ['-s', short]),
		'-l',
		name,
		...value,
		'-d',
		quoted(description),
	);
};

const afterCommand = (name: string) => ['-n', quoted(`__fish_seen_subcommand_from ${name}`)];

/** Not after commands that refuse it. */
const refusing = ({name}: Flag, commands: readonly Command[]): readonly string[] => {
	const by = commands.filter(({refuses}) => refuses?.names.includes(name)).map(command => command.name);
	return by.length === 0 ? [] : ['-n', quoted(`not __fish_seen_subcommand_from ${by.join(' ')}`)];
};

export const fishScript = ({commands, globalFlags, wordsFor}: Completable): string =>
	[
		'# fish completion for deployctl',
		line('-f'),
		...globalFlags.map(flag => flagLine(flag, refusing(flag, commands))),
		...commands.map(({name, summary}) => line('-n', '__fish_use_subcommand', '-a', name, '-d', quoted(summary))),
		...commands.flatMap(command => command.flags.map(flag => flagLine(flag, afterCommand(command.name)))),
		...commands.flatMap(command =>
			command.arguments.flatMap(argument => {
				if (argument.isFile === true) return [line(...afterCommand(command.name), '-F')];
				const words = wordsFor(argument)
					.filter(word => word !== command.name)
					.join(' ');
				return words === ''
					? []
					: [
							line(
								'-n',
								quoted(
									`__fish_seen_subcommand_from ${command.name}; and not __fish_seen_subcommand_from ${words}`,
								),
								'-a',
								quoted(words),
							),
						];
			}),
		),
		'',
	].join('\n');
