/** The part of the table with the commands about what was recorded. They need neither network nor token. */
import type {Command} from './command.ts';

export const timelineCommands = [
	{
		name: 'timeline',
		group: 'record',
		summary: "Print an incident's timeline: what was seen and what was done, in order.",
		description:
			"Puts together what screens and watches of this machine have recorded and what the journal says, in one order by GitHub's time: operations with their steps, gates, reds and greens, failing tests, health, locks, and what is not known. Without --since it is about the last incident: from what caused the first of the last bad signs (a red tier, an unhealthy environment, a rollback, a failed operation; less than half an hour between them) to what mended the last; without any, the last 24 hours.",
		arguments: [],
		flags: [
			{
				name: 'since',
				kind: 'text',
				placeholder: 'WHEN',
				description:
					'From here on: how long ago (2h, 1d), a time (2026-11-26T10:00), or the id of an operation.',
			},
			{
				name: 'until',
				kind: 'text',
				placeholder: 'WHEN',
				description: 'Up to here, written as in --since; the end of an operation. Without it, now.',
			},
			{
				name: 'sha',
				kind: 'sha',
				placeholder: 'SHA',
				description: 'Only what is about this commit: 7 to 40 hexadecimal digits.',
			},
			{name: 'environment', kind: 'text', placeholder: 'ENV', description: 'Only of this environment.'},
			{name: 'markdown', kind: 'switch', description: 'Print Markdown, to paste into a post-mortem.'},
			{name: 'json', kind: 'switch', description: 'Print JSON, for programs.'},
			{
				name: 'utc',
				kind: 'switch',
				description: "Times in UTC instead of this machine's zone; so are those of --since and --until.",
			},
			{
				name: 'timezone',
				kind: 'text',
				placeholder: 'ZONE',
				description: 'Times in this zone, such as Europe/Berlin.',
			},
			{
				name: 'export',
				kind: 'file',
				placeholder: 'FILE',
				description:
					'Write the recording of that time to this file instead, for deployctl replay: masked, and complete in itself.',
			},
		],
		examples: [
			{line: 'deployctl timeline', meaning: 'the last incident'},
			{line: 'deployctl timeline --since 2h --markdown', meaning: 'for the post-mortem'},
			{
				line: 'deployctl timeline --since 2026-11-26T10:00 --until 2026-11-26T11:30 --utc',
				meaning: 'a window of your own',
			},
			{
				line: 'deployctl timeline --export incident.jsonl.gz',
				meaning: 'to hand to a colleague, who plays it with deployctl replay',
			},
		],
		exitCodes: ['failed'],
	},
	{
		name: 'replay',
		group: 'record',
		summary: 'Play a recording on the screen, as it was.',
		description:
			'Plays a file that deployctl timeline --export wrote, or one of those that lie in the record, on the very same screen: Space pauses, . and , go from event to event, < and > change the speed, { and } go a minute back and on. Nothing is asked and nothing can be done in it. Without FILE it lists what is recorded; without a terminal, or with --plain, it prints the events as lines.',
		arguments: [
			{
				name: 'FILE',
				description: 'The recording, or the name of one in the list.',
				isOptional: true,
				isFile: true,
			},
		],
		flags: [
			{
				name: 'speed',
				kind: 'number',
				placeholder: 'N',
				description: 'How many times faster than it was. Without it, 10.',
			},
			{name: 'plain', kind: 'switch', description: 'Print lines instead of a screen: for logs, pipes and CI.'},
		],
		examples: [
			{line: 'deployctl replay incident.jsonl.gz', meaning: 'what a colleague has exported'},
			{line: 'deployctl replay', meaning: 'what there is'},
		],
		exitCodes: ['interrupted'],
	},
] as const satisfies readonly Command[];
