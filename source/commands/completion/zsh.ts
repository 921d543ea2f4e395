/** Completion for zsh: works as a file `_deployctl` in fpath, and sourced after compinit. */
import {takesValue} from '../table/command.ts';
import type {Flag} from '../table/command.ts';
import {singleQuoted} from './completable.ts';
import type {Completable} from './completable.ts';

/** In the descriptions of _arguments and _describe, brackets and colons have a meaning. */
const plain = (text: string) => text.replaceAll(/[[\]:\\]/g, character => `\\${character}`);

const action = ({kind, choices}: Flag): string => {
	if (choices !== undefined) {
		return `(${choices.join(' ')})`;
	}

	return kind === 'file' ? '_files' : ' ';
};

const specifications = (flag: Flag): string[] => {
	const {name, short, description} = flag;
	const value = takesValue(flag) ? `:${plain(flag.placeholder ?? 'VALUE')}:${action(flag)}` : '';
	const long = singleQuoted(`--${name}${takesValue(flag) ? '=' : ''}[${plain(description)}]${value}`);
	return short === undefined ? [long] : [long, singleQuoted(`-${short}[${plain(description)}]`)];
};

const continued = (lines: readonly string[], indent: string): string[] =>
	lines.map((line, index) => `${indent}${line}${index === lines.length - 1 ? '' : ' \\'}`);

export const zshScript = ({commands, globalFlags, flagsOf, wordsFor}: Completable): string =>
	[
		'#compdef deployctl',
		'# zsh completion for deployctl',
		'_deployctl() {',
		'\tlocal curcontext="$curcontext" context state state_descr line',
		'\ttypeset -A opt_args',
		'\tlocal -a names',
		'\tnames=(',
		...commands.map(({name, summary}) => `\t\t${singleQuoted(`${name}:${plain(summary)}`)}`),
		'\t)',
		...continued(
			[
				'_arguments -C',
				...globalFlags.flatMap(flag => specifications(flag)).map(line => `\t${line}`),
				"\t'1:command:->command'",
				"\t'*::argument:->argument'",
			],
			'\t',
		),
		'\tcase $state in',
		'\t\tcommand) _describe -t commands command names ;;',
		'\t\targument)',
		'\t\t\tcase $line[1] in',
		...commands.flatMap(command => [
			`\t\t\t\t${command.name})`,
			...continued(
				[
					'_arguments',
					...flagsOf(command)
						.flatMap(flag => specifications(flag))
						.map(line => `\t${line}`),
					...command.arguments.map(
						(argument, index) =>
							`\t${singleQuoted(`${index + 1}:${plain(argument.name)}:${argument.isFile === true ? '_files' : `(${wordsFor(argument).join(' ')})`}`)}`,
					),
				],
				'\t\t\t\t\t',
			),
			'\t\t\t\t\t;;',
		]),
		'\t\t\tesac',
		'\t\t\t;;',
		'\tesac',
		'}',
		'if [ "$funcstack[1]" = "_deployctl" ]; then _deployctl "$@"; else compdef _deployctl deployctl; fi',
		'',
	].join('\n');
