/** The part of the table with the commands about operations that run and that ran. They need neither network nor token. */
import type {Argument, Command} from './command.ts';

const operation = {name: 'ID', description: 'The operation; its last part is enough where that is unique.'} as const satisfies Argument;

/** Looks at one that runs; stands among the commands that look. */
export const attach = {
	name: 'attach',
	group: 'look',
	summary: 'Watch a running operation, from its first line.',
	description: 'Opens the screen at an operation. Without a terminal, or with --plain, prints its log from the first line, goes on until it ends, and exits with its outcome; of one that has ended it prints the same. Ctrl-C ends only the watching.',
	arguments: [{...operation, isOptional: true, description: 'The operation; its last part is enough. Without it, the one that runs.'}],
	flags: [{name: 'plain', kind: 'switch', description: 'Print lines instead of a screen: for logs, pipes and CI.'}],
	examples: [
		{line: 'deployctl attach', meaning: 'whatever runs'},
		{line: 'deployctl attach 1f9c --plain', meaning: 'as lines'},
	],
	exitCodes: ['failed', 'needsHuman', 'interrupted'],
} as const satisfies Command;

export const recordCommands = [
	{
		name: 'operations',
		group: 'record',
		summary: 'List deployments and rollbacks, newest first.',
		description: 'Lists what was done to the environments from this machine, newest first, from the journal alone: without network and token. What a dead supervisor left is settled on the way.',
		arguments: [],
		flags: [
			{name: 'json', kind: 'switch', description: 'Print JSON, for programs.'},
			{name: 'environment', kind: 'text', placeholder: 'ENV', description: 'Only of this environment.'},
			{name: 'limit', kind: 'count', placeholder: 'N', description: 'At most so many. Without it, 20 as text and all that are known (at most 200) as JSON.'},
		],
		examples: [
			{line: 'deployctl operations', meaning: 'the last twenty'},
			{line: 'deployctl operations --json --environment production --limit 1', meaning: 'the newest of production, for a program'},
		],
		exitCodes: ['failed'],
	},
	{
		name: 'logs',
		group: 'record',
		summary: 'Print the log of an operation.',
		description: 'Prints what the script of an operation printed, whole, with secrets masked and without escape sequences.',
		arguments: [operation],
		flags: [{name: 'follow', short: 'f', kind: 'switch', description: 'Go on until the operation has ended.'}],
		examples: [
			{line: 'deployctl logs 1f9c | less', meaning: 'all of it'},
			{line: 'deployctl logs 1f9c --follow', meaning: 'as it comes'},
		],
		exitCodes: ['failed', 'interrupted'],
	},
	{
		name: 'audit',
		group: 'record',
		summary: 'Print the journal: who did what, when; and check that nobody changed it.',
		description: 'Prints every record of the journal: operations step by step, locks, breaks, pins, announcements. --verify checks the chain of hashes instead, and exits with 1 when a record was changed, moved or removed, naming the line.',
		arguments: [],
		flags: [
			{name: 'verify', kind: 'switch', description: 'Check the chain instead of printing it.'},
			{name: 'json', kind: 'switch', description: 'Print JSON, for programs.'},
		],
		examples: [
			{line: 'deployctl audit', meaning: 'everything, oldest first'},
			{line: 'deployctl audit --verify', meaning: 'is it as it was written?'},
		],
		exitCodes: ['failed'],
	},
] as const satisfies readonly Command[];
