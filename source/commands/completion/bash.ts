/** Completion for bash, from version 3.2 (macOS) on: no associative arrays, no mapfile, and compopt only where it is. */
import type {Flag} from '../table/command.ts';
import {valueFlags} from './completable.ts';
import type {Completable} from './completable.ts';

const spelled = ({name, short}: Flag) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];

const valueCase = ({name, kind, choices}: Flag): string => {
	if (kind === 'file') {
		return `\t\t--${name}) IFS=$'\\n'; compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -P "$prefix" -- "$cur")); return ;;`;
	}

	return `\t\t--${name}) ${choices === undefined ? '' : `COMPREPLY=($(compgen -W '${choices.join(' ')}' -P "$prefix" -- "$cur")); `}return ;;`;
};

/** Finds the word to complete, and the flag before it whose value it is. */
const currentWord = [
	'\tcur=${COMP_WORDS[COMP_CWORD]}',
	'\tprev=${COMP_WORDS[COMP_CWORD-1]}',
	'\tprefix=',
	'\t# "--until=e2e" is three words, or one where COMP_WORDBREAKS has no "=".',
	'\tif [ "$cur" = "=" ]; then',
	'\t\tcur=',
	'\telif [ "$prev" = "=" ] && [ "$COMP_CWORD" -gt 2 ]; then',
	'\t\tprev=${COMP_WORDS[COMP_CWORD-2]}',
	'\telse',
	'\t\tcase $cur in --*=*) prev=${cur%%=*}; prefix=$prev=; cur=${cur#*=} ;; esac',
	'\tfi',
];

/** Finds the command among the words before, and how many arguments it has. */
const commandBefore = (flags: readonly Flag[]) => [
	'\tcommand=',
	'\twords=0',
	'\ti=1',
	'\twhile [ "$i" -lt "$COMP_CWORD" ]; do',
	'\t\tword=${COMP_WORDS[i]}',
	'\t\tcase $word in',
	`\t\t\t${valueFlags(flags)
		.map(({name}) => `--${name}`)
		.join('|')})`,
	'\t\t\t\tif [ "${COMP_WORDS[i+1]:-}" = "=" ]; then i=$((i + 2)); else i=$((i + 1)); fi ;;',
	'\t\t\t-*) ;;',
	'\t\t\t*) if [ -z "$command" ]; then command=$word; else words=$((words + 1)); fi ;;',
	'\t\tesac',
	'\t\ti=$((i + 1))',
	'\tdone',
];

const files = 'IFS=$\'\\n\'; compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur"))';
const words = (list: readonly string[]) => `COMPREPLY=($(compgen -W '${list.join(' ')}' -- "$cur"))`;

export const bashScript = ({commands, globalFlags, flags, flagsOf, wordsFor}: Completable): string =>
	[
		'# bash completion for deployctl',
		'_deployctl() {',
		'\tlocal cur prev prefix word command words flags i IFS',
		"\tIFS=$' \\t\\n'",
		'\tCOMPREPLY=()',
		...currentWord,
		'\tcase $prev in',
		...valueFlags(flags).map(flag => valueCase(flag)),
		'\tesac',
		...commandBefore(flags),
		`\tflags='${globalFlags.flatMap(flag => spelled(flag)).join(' ')}'`,
		'\tcase $command in',
		...commands.map(
			command =>
				`\t\t${command.name}) flags='${flagsOf(command)
					.flatMap(flag => spelled(flag))
					.join(' ')}' ;;`,
		),
		'\tesac',
		'\tcase $cur in -*) COMPREPLY=($(compgen -W "$flags" -- "$cur")); return ;; esac',
		'\tcase $command:$words in',
		`\t\t:0) ${words(commands.map(({name}) => name))} ;;`,
		...commands.flatMap(command =>
			command.arguments.map(
				(argument, index) =>
					`\t\t${command.name}:${index}) ${argument.isFile === true ? files : words(wordsFor(argument))} ;;`,
			),
		),
		'\tesac',
		'}',
		'complete -F _deployctl deployctl',
		'',
	].join('\n');
