/** THE table of commands. A command more is a record more: parser, help, docs/commands.md and completion follow. */
import {tierNames} from '../../core/pipeline/pipeline.ts';
import type {Command, Flag, FlagValues} from './command.ts';
import {actingCommands} from './acting.ts';
import {doctor} from './doctor.ts';
import {attach, recordCommands} from './record.ts';
import {reportCommands} from './report.ts';
import {timelineCommands} from './timeline.ts';
import {setupCommands} from './setup.ts';
import {runCommands} from './runs.ts';

const sha = {
	name: 'sha',
	kind: 'sha',
	placeholder: 'SHA',
	description: 'The commit, 7 to 40 hexadecimal digits.',
} as const satisfies Flag;

const plain = {
	name: 'plain',
	kind: 'switch',
	description: 'Print lines instead of a screen: for logs, pipes and CI.',
} as const satisfies Flag;

/** Flags that every command takes, before or after its name. */
export const globalFlags = [
	{
		name: 'repo',
		kind: 'repository',
		placeholder: '[HOST/]OWNER/NAME',
		variable: 'GH_REPO',
		description: 'The repository. Without it, that of deployctl.yml or of the origin remote.',
	},
	{
		name: 'config',
		kind: 'file',
		placeholder: 'FILE',
		description: "Read this file instead of the repository's deployctl.yml.",
	},
	{name: 'read-only', kind: 'switch', description: 'Look only: every action that changes something is refused.'},
	{
		name: 'color',
		kind: 'choice',
		placeholder: 'WHEN',
		choices: ['auto', 'always', 'never'],
		default: 'auto',
		variable: 'NO_COLOR',
		description: 'Whether to use colours.',
	},
	{
		name: 'no-color',
		kind: 'switch',
		standsFor: {name: 'color', value: 'never'},
		description: 'Same as --color never.',
	},
	{
		name: 'theme',
		kind: 'choice',
		placeholder: 'NAME',
		choices: ['auto', 'dark', 'light', 'mono'],
		description: 'Colours for this background. Without it, your preference.',
	},
	{name: 'ascii', kind: 'switch', description: 'Draw with ASCII characters only.'},
	{name: 'reduced-motion', kind: 'switch', description: 'No spinners and no blinking.'},
	{name: 'screen-reader', kind: 'switch', description: 'Write for a screen reader: no boxes, changes as sentences.'},
	{name: 'no-record', kind: 'switch', description: 'Do not record what is seen for deployctl timeline and replay.'},
	{name: 'version', short: 'v', kind: 'answer', description: 'Print the version.'},
	{name: 'help', short: 'h', kind: 'answer', description: 'Print help; after a command, that of the command.'},
] as const satisfies readonly Flag[];

/** Written out, because the simulator is too heavy for a parser; a test holds them to its list. */
const scenarioNames = [
	'release',
	'quiet',
	'red-e2e',
	'flaky',
	'deploy-fails',
	'fast-fails',
	'approval',
	'run-approval',
	'many-jobs',
	'same-named',
	'second-push',
	'chained',
	'hotfix',
	'urgent',
	'protected',
	'queue',
	'production-approval',
	'sign-off',
	'fine-grained',
	'ghes',
	'outage',
	'empty',
	'nasty',
	'classic-mistakes',
] as const;

const shells = ['bash', 'zsh', 'fish'] as const;

/** What runs when no command is named. */
export const screen = {
	name: 'screen',
	group: 'look',
	summary: 'The full-screen view: commits, tiers, environments and the production gate, live.',
	description: 'Shows the commits on their way to production, live. Press ? for the keys and q to leave.',
	arguments: [],
	flags: [],
	examples: [
		{line: 'deployctl', meaning: 'the repository of this folder'},
		{line: 'deployctl --repo acme/auto-author --read-only', meaning: 'another one, without risk'},
	],
	exitCodes: ['notPermitted', 'unreachable', 'interrupted'],
} as const satisfies Command;

const looking = [
	{
		name: 'status',
		group: 'look',
		summary: 'Print the state of the pipeline once.',
		description:
			'Prints what each environment runs, whether it is healthy and why not, who holds it, what runs there and what is pinned; then the newest commits with their tiers, and why the newest and the one on staging are not in production. Exits with 0 when that could be read, whatever it says, unless --exit-status is given.',
		arguments: [],
		flags: [
			{name: 'json', kind: 'switch', description: 'Print JSON, for programs.'},
			{...sha, description: 'Only this commit: 7 to 40 hexadecimal digits.'},
			{
				name: 'exit-status',
				kind: 'switch',
				description:
					'Exit with 1 when an environment is unhealthy or a tier of the newest commit (or of --sha) has failed, and with 7 when health is unknown or mixed, or an operation needs somebody to look.',
			},
		],
		examples: [
			{line: 'deployctl status', meaning: 'the newest commits'},
			{line: 'deployctl status --json --sha 1a2b3c4', meaning: 'one commit, for a program'},
			{line: 'deployctl status --exit-status', meaning: 'in a script: is anything wrong?'},
		],
		exitCodes: ['failed', 'notPermitted', 'unreachable', 'needsHuman'],
	},
	{
		name: 'gate',
		group: 'look',
		summary: 'Say whether a commit may go to production: exit 0 ready, 3 blocked.',
		description:
			'Prints every condition of the production gate with its reason and its proof, read from GitHub and from production now. Exits with 0 when the commit is ready and with 3 when it is blocked: as the first step of a workflow it also stops a start in the browser.',
		arguments: [],
		flags: [
			{
				...sha,
				description: 'The commit, 7 to 40 hexadecimal digits. Without it, the head of the staging branch.',
			},
			{
				name: 'environment',
				kind: 'text',
				placeholder: 'ENV',
				default: 'production',
				description: 'The environment whose gate it is.',
			},
			{
				name: 'hotfix',
				kind: 'text',
				placeholder: 'BRANCH',
				description: 'By the gate of a hotfix: the commit is the head of this branch.',
			},
			{
				name: 'landed',
				kind: 'switch',
				description:
					'For the workflow that deploys the commit: the branch is there already, and the lock of its own promotion counts as met.',
			},
			{name: 'json', kind: 'switch', description: 'Print JSON, for programs.'},
		],
		examples: [
			{line: 'deployctl gate --sha 1a2b3c4', meaning: 'one commit'},
			{
				line: 'deployctl gate --sha 1a2b3c4 --json',
				meaning: 'with the proofs, for a program or a step of a workflow',
			},
		],
		exitCodes: ['refused', 'notPermitted', 'unreachable'],
	},
	{
		name: 'watch',
		group: 'look',
		summary: 'Follow one commit through its tiers.',
		description:
			'Follows one commit, through every fault of the network. With --until it exits with 0 when that tier has passed, and with 1 when it has not, or cannot any more; without, it goes on until it is interrupted. Exits with 1 when the time is over, too, and with 7 when a run passed of which only the time says that it is about the commit.',
		arguments: [],
		flags: [
			plain,
			{
				name: 'until',
				kind: 'choice',
				placeholder: 'TIER',
				choices: tierNames,
				description: 'End when this tier has ended.',
			},
			{...sha, description: 'The commit, 7 to 40 hexadecimal digits. Without it, the active release.'},
			{
				name: 'timeout',
				kind: 'duration',
				placeholder: 'DURATION',
				description: 'Give up after this time, such as 90s, 30m or 1h30m.',
			},
		],
		examples: [
			{line: 'deployctl watch', meaning: 'the active release, until interrupted'},
			{
				line: 'deployctl watch --plain --until e2e --timeout 30m',
				meaning: 'in CI: wait for E2E, at most half an hour',
			},
		],
		exitCodes: ['failed', 'notPermitted', 'needsHuman', 'interrupted'],
	},
	attach,
] as const satisfies readonly Command[];

const aboutTheProgram = [
	doctor,
	{
		name: 'demo',
		group: 'program',
		summary: 'Try everything against a simulated GitHub; nothing leaves this machine.',
		description:
			'Runs the same program against a GitHub inside of it. It needs no token, no network and no repository.',
		arguments: [],
		flags: [
			{
				name: 'scenario',
				kind: 'choice',
				placeholder: 'NAME',
				choices: scenarioNames,
				default: 'release',
				description: 'What happens in it.',
			},
			{
				name: 'speed',
				kind: 'number',
				placeholder: 'N',
				description:
					'How many times faster than real time. Without it, 10 on a screen, and as fast as it goes without one.',
			},
			plain,
		],
		refuses: {
			names: ['repo', 'config'],
			because: 'the demo has a repository and settings of its own',
			next: 'deployctl demo --scenario NAME chooses them; without demo, deployctl opens yours',
		},
		examples: [
			{line: 'deployctl demo --speed 60', meaning: 'a minute a second'},
			{line: 'deployctl demo --scenario red-e2e', meaning: 'a release whose E2E tests fail'},
		],
		exitCodes: ['interrupted'],
	},
	{
		name: 'completion',
		group: 'program',
		summary: 'Print the completion script of a shell.',
		description: 'Prints a script that completes commands, flags and their values.',
		arguments: [{name: 'SHELL', description: 'The shell to print it for.', choices: shells}],
		flags: [],
		examples: [
			{line: 'eval "$(deployctl completion bash)"', meaning: 'bash, in ~/.bashrc'},
			{line: 'source <(deployctl completion zsh)', meaning: 'zsh, in ~/.zshrc after compinit'},
			{line: 'deployctl completion fish | source', meaning: 'fish, in config.fish'},
		],
		exitCodes: [],
	},
	{
		name: 'help',
		group: 'program',
		summary: 'Print help about deployctl or a command.',
		description: 'Prints the list of commands, or the help of one.',
		arguments: [{name: 'COMMAND', description: 'The command to explain.', isOptional: true}],
		flags: [],
		examples: [{line: 'deployctl help watch', meaning: 'the same as deployctl watch --help'}],
		exitCodes: [],
	},
] as const satisfies readonly Command[];

export const commands = [
	...looking,
	...actingCommands,
	...runCommands,
	...recordCommands,
	...timelineCommands,
	...setupCommands,
	...reportCommands,
	...aboutTheProgram,
] as const satisfies readonly Command[];

type NamedCommand = (typeof commands)[number] | typeof screen;
export type CommandName = Exclude<NamedCommand['name'], 'help'>;

/** The values of the global flags, for parts that need nothing else. */
export type GlobalFlags = FlagValues<typeof globalFlags>;

/** A command line that asks for a command: by its name, one shape of flags each. */
export type CommandLine = {
	[C in NamedCommand as Exclude<C['name'], 'help'>]: {
		command: C['name'];
		flags: FlagValues<C['flags']> & GlobalFlags;
		positionals: readonly string[];
	};
}[CommandName];

export const commandNamed = (name: string): Command | undefined => commands.find(command => command.name === name);
