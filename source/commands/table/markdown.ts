/** The command section of docs/commands.md, from the table. */
import type {Command, Flag} from './command.ts';
import {flagMeaning, flagText, usageOf} from './help.ts';
import {allExitCodes, exitCodeRows, variables} from './environment-help.ts';
import {commands, globalFlags, screen} from './table.ts';

const cell = (text: string) => text.replaceAll('|', '\\|');
const code = (text: string) => `\`${text}\``;

const table = (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string[] =>
	[head, head.map(() => '---'), ...rows].map(row => `| ${row.map(text => cell(text)).join(' | ')} |`);

const flagTable = (flags: readonly Flag[]) =>
	table(
		['flag', 'meaning'],
		flags.map(flag => [code(flagText(flag)), flagMeaning(flag)]),
	);

const commandSection = (command: Command): string[] => [
	'',
	`## \`${usageOf(command)}\``,
	'',
	command.description,
	...(command.flags.length === 0 ? [] : ['', ...flagTable(command.flags)]),
	'',
	'```console',
	...command.examples.map(({line, meaning}) => `$ ${line}  # ${meaning}`),
	'```',
];

/** Markdown without a headline, from the list of commands to the exit codes; ends without a line break. */
export const commandTableMarkdown = (): string =>
	[
		...table(
			['command', 'what it does'],
			[
				[code('deployctl'), screen.summary],
				...commands.map(command => [code(`deployctl ${command.name}`), command.summary]),
			],
		),
		...commands.flatMap(command => commandSection(command)),
		'',
		'## Global flags',
		'',
		...flagTable(globalFlags),
		'',
		'## Variables',
		'',
		...table(
			['variable', 'meaning'],
			variables.map(({name, meaning}) => [
				name
					.split(', ')
					.map(part => code(part))
					.join(', '),
				meaning,
			]),
		),
		'',
		'## Exit codes',
		'',
		...table(['code', 'meaning'], exitCodeRows(allExitCodes)),
	].join('\n');
