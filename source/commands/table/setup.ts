/** The part of the table with the commands that make a repository ready. They need neither network nor token. */
import type {Command} from './command.ts';

export const setupCommands = [
	{
		name: 'init',
		group: 'setup',
		summary:
			'Make this repository ready: workflows, scripts, deployctl.yml and documents, proposed and shown before anything is written.',
		description:
			'Looks at the repository, maps the workflows that are there, and proposes the rest: it shows what it found, what it would write and why, and writes only what is confirmed. Files that you edited are never overwritten unless you name them. Running it again does no harm, and --undo brings back what was there. It works offline and without a token. Without a terminal it needs --yes or --dry-run, else it exits with 3.',
		arguments: [],
		flags: [
			{name: 'dry-run', kind: 'switch', description: 'Show everything, with the differences; write nothing.'},
			{
				name: 'yes',
				short: 'y',
				kind: 'switch',
				description: 'Write without asking: what is new, and what is as deployctl wrote it.',
			},
			{
				name: 'only',
				kind: 'text',
				placeholder: 'GROUPS',
				description: 'Only these: workflows, scripts, config, docs; several with commas.',
			},
			{
				name: 'overwrite',
				kind: 'text',
				placeholder: 'PATHS',
				description:
					'Write these although they were edited, removed or there before; with --undo, undo them although they were edited. Several with commas.',
			},
			{
				name: 'staging',
				kind: 'text',
				placeholder: 'BRANCH',
				description:
					'The branch that is deployed to staging. Without it, the one of last time, or what the repository suggests.',
			},
			{
				name: 'production',
				kind: 'text',
				placeholder: 'BRANCH',
				description: 'The branch that production runs. Without it, as for --staging.',
			},
			{
				name: 'shards',
				kind: 'count',
				placeholder: 'N',
				description: 'Into how many parallel parts E2E is split. Without it, as for --staging; at first 4.',
			},
			{
				name: 'existing',
				kind: 'choice',
				placeholder: 'HOW',
				choices: ['map', 'replace'],
				description: 'Whether workflows that are there serve as tiers, or new ones are written next to them.',
			},
			{
				name: 'undo',
				kind: 'switch',
				description: 'Bring back what was there before init; what you edited since is kept and named.',
			},
			{
				name: 'without-git',
				kind: 'switch',
				description: 'Also outside of a git repository, where only --undo brings things back.',
			},
			{name: 'json', kind: 'switch', description: 'Print JSON, for programs.'},
		],
		examples: [
			{line: 'deployctl init', meaning: 'look, show, ask, write'},
			{line: 'deployctl init --dry-run --only workflows', meaning: 'only see the workflows that it would write'},
			{line: 'deployctl init --yes --staging develop --shards 8', meaning: 'without asking'},
			{
				line: 'deployctl init --yes --overwrite docs/runbook.md',
				meaning: 'take the new text of a file that was edited',
			},
			{line: 'deployctl init --undo', meaning: 'the way back'},
		],
		exitCodes: ['failed', 'refused'],
	},
] as const satisfies readonly Command[];
