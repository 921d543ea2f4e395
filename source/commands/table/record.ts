/** The part of the table with the commands about operations that run and that ran. They need neither network nor token. */
import {tierNames} from '../../core/pipeline/pipeline.ts';
import type {Argument, Command} from './command.ts';

const operation = {
	name: 'ID',
	description: 'The operation; its last part is enough where that is unique.',
} as const satisfies Argument;

/** Looks at one that runs; stands among the commands that look. */
export const attach = {
	name: 'attach',
	group: 'look',
	summary: 'Watch a running operation, from its first line.',
	description:
		'Opens the screen at an operation. Without a terminal, or with --plain, prints its log from the first line, goes on until it ends, and exits with its outcome; of one that has ended it prints the same. Ctrl-C ends only the watching.',
	arguments: [
		{
			...operation,
			isOptional: true,
			description: 'The operation; its last part is enough. Without it, the one that runs.',
		},
	],
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
		description:
			'Lists what was done to the environments from this machine, newest first, from the journal alone: without network and token. What a dead supervisor left is settled on the way.',
		arguments: [],
		flags: [
			{name: 'json', kind: 'switch', description: 'Print JSON, for programs.'},
			{name: 'environment', kind: 'text', placeholder: 'ENV', description: 'Only of this environment.'},
			{
				name: 'limit',
				kind: 'count',
				placeholder: 'N',
				description: 'At most so many. Without it, 20 as text and all that are known (at most 200) as JSON.',
			},
		],
		examples: [
			{line: 'deployctl operations', meaning: 'the last twenty'},
			{
				line: 'deployctl operations --json --environment production --limit 1',
				meaning: 'the newest of production, for a program',
			},
		],
		exitCodes: ['failed'],
	},
	{
		name: 'logs',
		group: 'record',
		summary: 'Print the log of an operation, or of jobs of GitHub.',
		description:
			'Prints what the script of an operation printed, whole, with secrets masked and without escape sequences. With --job, --failed or --tier instead of an operation it prints the logs of jobs of GitHub: of the newest commit that has them, or of --sha. GitHub gives the log of a job only when the job has ended: --follow prints each as its job ends, and exits with 1 when one of them failed. What has no log is said on the error output, with the reason; without --follow nothing is waited for longer than a minute.',
		arguments: [{...operation, isOptional: true}],
		flags: [
			{
				name: 'follow',
				short: 'f',
				kind: 'switch',
				description: 'Go on until the operation has ended, or each of the jobs.',
			},
			{
				name: 'tail',
				kind: 'count',
				placeholder: 'N',
				description: 'Only the last N lines; with --errors, the last N of those.',
			},
			{
				name: 'job',
				kind: 'text',
				placeholder: 'NAME-OR-ID',
				description:
					'The log of this job, by its name (such as "e2e (2, 4)"), or by its number where several have the name.',
			},
			{name: 'failed', kind: 'switch', description: 'The logs of all failed jobs, each under its name.'},
			{
				name: 'tier',
				kind: 'choice',
				placeholder: 'TIER',
				choices: tierNames,
				description: 'Only jobs of this tier.',
			},
			{
				name: 'sha',
				kind: 'sha',
				placeholder: 'SHA',
				description: 'Jobs of this commit, 7 to 40 hexadecimal digits.',
			},
			{name: 'errors', kind: 'switch', description: 'Only the lines that tell of errors, with their numbers.'},
			{name: 'timestamps', kind: 'switch', description: 'With the time of each line.'},
		],
		examples: [
			{line: 'deployctl logs 1f9c | less', meaning: 'all of an operation'},
			{line: 'deployctl logs 1f9c --follow --tail 20', meaning: 'the last lines, and then as it comes'},
			{line: 'deployctl logs --tier e2e --failed --errors', meaning: 'what went wrong in the failed E2E jobs'},
			{line: 'deployctl logs --job "e2e (2, 4)" --follow', meaning: 'the log of a job, as soon as it has ended'},
		],
		exitCodes: ['failed', 'notPermitted', 'unreachable', 'interrupted'],
	},
	{
		name: 'audit',
		group: 'record',
		summary: 'Print the journal: who did what, when; and check that nobody changed it.',
		description:
			'Prints every record of the journal: operations step by step, locks, breaks, pins, announcements. --verify checks the chain of hashes instead, and exits with 1 when a record was changed, moved or removed, naming the line.',
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
