/** The part of the table with the commands that change something. */
import type {Argument, Command, Flag} from './command.ts';

const environment = {
	name: 'ENV',
	description: 'The environment, such as staging or production.',
} as const satisfies Argument;
const reason = {
	name: 'reason',
	short: 'm',
	kind: 'text',
	placeholder: 'REASON',
	description: 'Why, for everybody who meets it.',
} as const satisfies Flag;
const needsReason = {...reason, isRequired: true} as const satisfies Flag;

const confirming = [
	{
		name: 'dry-run',
		kind: 'switch',
		description: 'Say what would be done, and whether it could be done now; do nothing.',
	},
	{name: 'json', kind: 'switch', description: 'Print JSON, for programs.'},
	{
		name: 'yes',
		short: 'y',
		kind: 'switch',
		description: 'Do not ask. Without a terminal nothing is done without it.',
	},
	{
		name: 'confirm',
		kind: 'text',
		placeholder: 'PHRASE',
		description: 'The phrase that a protected environment asks for; the refusal without it names it.',
	},
] as const satisfies readonly Flag[];

/** A plan runs `--list` of the checkout's script. */
const trustScripts = {
	name: 'trust-scripts',
	kind: 'switch',
	description:
		'Let a plan run the scripts of this checkout for the list of releases although they are not those of a protected branch; kept for exactly these.',
} as const satisfies Flag;
const detach = {
	name: 'detach',
	kind: 'switch',
	description: 'Come back as soon as the operation has begun; deployctl attach shows it.',
} as const satisfies Flag;
/** So that every command that acts takes the same flags. */
const nothingToWaitFor = {...detach, description: 'Taken for symmetry: this is done at once.'} as const satisfies Flag;

const refusals = [
	'failed',
	'refused',
	'notPermitted',
	'unreachable',
	'locked',
	'needsHuman',
	'interrupted',
] as const satisfies Command['exitCodes'];

export const actingCommands = [
	{
		name: 'deploy',
		group: 'act',
		summary: 'Deploy a commit to an environment.',
		description:
			'Shows the plan, asks, and follows the deployment to its end. The deployment itself runs in a process of its own: closing the terminal or Ctrl-C ends only the watching. Exits with the outcome of the operation; 0 means that every instance reports the commit and is healthy.',
		arguments: [environment],
		flags: [
			{
				name: 'sha',
				kind: 'sha',
				placeholder: 'SHA',
				description:
					"The commit, 7 to 40 hexadecimal digits. Without it, the head of the environment's branch on GitHub.",
			},
			...confirming,
			detach,
		],
		examples: [
			{line: 'deployctl deploy staging', meaning: 'the head of the staging branch; asks before it begins'},
			{line: 'deployctl deploy staging --sha 1a2b3c4 --dry-run', meaning: 'only the plan'},
			{
				line: 'deployctl deploy production --yes --confirm "production 1a2b3c4"',
				meaning: 'without a terminal; the refusal without it names the phrase',
			},
		],
		exitCodes: refusals,
	},
	{
		name: 'promote',
		group: 'act',
		summary: 'Promote a tested commit to production.',
		description:
			'Brings production exactly the commit that staging ran and E2E verified, or nothing. Shows the plan with every condition of the gate and what it rests on, asks for the phrase, and follows the promotion to what production reports. The gate is read again just before anything is changed.',
		arguments: [],
		flags: [
			{
				name: 'sha',
				kind: 'sha',
				placeholder: 'SHA',
				description:
					'The commit, 7 to 40 hexadecimal digits. Without it, the newest commit of the staging branch that is ready.',
			},
			{
				name: 'hotfix',
				kind: 'text',
				placeholder: 'BRANCH',
				description: 'Promote the head of this hotfix branch past staging, through a gate of its own.',
			},
			{
				name: 'break-glass',
				kind: 'text',
				placeholder: 'REASON',
				description:
					'Go past conditions that are not met. It has a phrase of its own, is recorded and announced, and passes neither lock nor pin.',
			},
			...confirming,
			detach,
			{
				name: 'wait',
				kind: 'switch',
				description: 'Follow it to its verified end; without --detach that is done anyway.',
			},
		],
		examples: [
			{
				line: 'deployctl promote',
				meaning: 'the newest commit that is ready; shows the evidence, asks for the phrase',
			},
			{line: 'deployctl promote --sha 1a2b3c4 --dry-run', meaning: 'whether it could go now, and if not why'},
			{
				line: 'deployctl promote --sha 1a2b3c4 --yes --confirm "production 1a2b3c4" --wait',
				meaning: 'without a terminal',
			},
			{
				line: 'deployctl promote --hotfix hotfix/login',
				meaning: 'straight to production; merge it back afterwards',
			},
		],
		exitCodes: refusals,
	},
	{
		name: 'sign-off',
		group: 'act',
		summary: 'Sign for a commit, or take it back.',
		description:
			'Records on GitHub, under your own name and for every operator to see, that you stand for a commit: QA, a stakeholder, the changelog, whatever promotion.signOffs in deployctl.yml asks for. Who signed cannot be edited afterwards; it can only be taken back by a newer word.',
		arguments: [{name: 'NAME', description: 'What is signed, such as qa: one of promotion.signOffs.'}],
		flags: [
			{
				name: 'sha',
				kind: 'sha',
				placeholder: 'SHA',
				description: 'The commit, 7 to 40 hexadecimal digits. Without it, the head of the staging branch.',
			},
			{name: 'withdraw', kind: 'switch', description: 'Take the sign-off back, whoever gave it.'},
			{...reason, description: 'A word about it, for everybody who meets it.'},
			...confirming,
			nothingToWaitFor,
		],
		examples: [
			{line: 'deployctl sign-off qa', meaning: 'for the head of the staging branch'},
			{
				line: 'deployctl sign-off qa --sha 1a2b3c4 --withdraw -m "the toolbar is broken"',
				meaning: 'blocks the gate again',
			},
		],
		exitCodes: ['failed', 'refused', 'notPermitted', 'unreachable', 'interrupted'],
	},
	{
		name: 'rollback',
		group: 'act',
		summary: 'Go back to an earlier release of an environment.',
		description:
			'Goes back to the newest release that is known to have been healthy, is not marked bad, is still there and is safe for the database. --dry-run lists every release, with the reason why it is or is not offered. Works while GitHub is unreachable.',
		arguments: [environment],
		flags: [
			{
				name: 'to',
				kind: 'text',
				placeholder: 'RELEASE',
				description: 'The release to go back to: its id, or 7 or more digits of its commit.',
			},
			{
				name: 'force',
				formerly: 'insist',
				kind: 'switch',
				description: 'Roll back to a release although it is marked bad; it has a phrase of its own.',
			},
			{
				name: 'past-lock',
				kind: 'switch',
				description:
					"Go past a lock on GitHub that is somebody else's, or that cannot be read; it has a phrase of its own, is recorded and announced. The lock stays.",
			},
			trustScripts,
			...confirming,
			detach,
		],
		examples: [
			{line: 'deployctl rollback production', meaning: 'shows where it goes, and asks for the phrase'},
			{
				line: 'deployctl rollback staging --to 20261123084500-1a2b3c4 --yes',
				meaning: 'a particular release, without asking',
			},
			{
				line: 'deployctl rollback production --past-lock',
				meaning: 'in an emergency, although a lock stands there; asks for another phrase',
			},
		],
		exitCodes: refusals,
	},
	{
		name: 'stop',
		group: 'act',
		summary: 'Stop a running operation, and roll back if you want.',
		description:
			'Ends the script and everything that it started: TERM, and after a grace KILL. Then waits until the environment was looked at. With --then-roll-back the environment goes back to its last healthy release as soon as the script is gone: one action, with one plan to confirm. Without it, nothing is asked. Exits with 7 when a human has to look.',
		arguments: [
			{name: 'ID', description: 'The operation (its last part is enough), or the environment in which it runs.'},
		],
		flags: [
			{
				name: 'then-roll-back',
				kind: 'switch',
				description: 'Roll the environment back as soon as the script is gone.',
			},
			trustScripts,
			...confirming,
			detach,
		],
		examples: [
			{line: 'deployctl stop staging', meaning: 'whatever runs there'},
			{line: 'deployctl stop 1f9c --then-roll-back', meaning: 'stop it, then go back'},
		],
		exitCodes: refusals,
	},
	{
		name: 'lock',
		group: 'act',
		summary: 'Lock an environment: nobody deploys to it until it is unlocked.',
		description:
			'Holds an environment for yourself, for everybody to see and without an end. Deployments and rollbacks of others are refused with your name and the reason, and so are yours.',
		arguments: [environment],
		flags: [needsReason, ...confirming, nothingToWaitFor],
		examples: [
			{line: 'deployctl lock production -m "frozen for the audit"', meaning: 'until deployctl unlock production'},
		],
		exitCodes: ['refused', 'notPermitted', 'unreachable', 'locked', 'interrupted'],
	},
	{
		name: 'unlock',
		group: 'act',
		summary: "Release your lock, or break another's.",
		description:
			'Releases the lock that you took with deployctl lock. The lock of somebody else, or of an operation whose machine is gone, is broken by its id and a reason; that is recorded, and everybody sees it.',
		arguments: [environment],
		flags: [
			{
				name: 'break',
				kind: 'text',
				placeholder: 'ID',
				description: 'The id of the lock to break; the refusal without it names it.',
			},
			{...reason, description: 'Why it is broken.'},
			...confirming,
			nothingToWaitFor,
		],
		examples: [
			{line: 'deployctl unlock production', meaning: 'your own'},
			{line: 'deployctl unlock production --break 8c1f20aa -m "the laptop is gone"', meaning: "somebody else's"},
		],
		exitCodes: ['refused', 'notPermitted', 'unreachable', 'locked', 'interrupted'],
	},
	{
		name: 'unpin',
		group: 'act',
		summary: 'Let a release be shipped again that was rolled back.',
		description:
			'A rollback pins the release that it left, so that the next deployment does not bring it back. This takes the pin away.',
		arguments: [environment],
		flags: [needsReason, ...confirming, nothingToWaitFor],
		examples: [
			{
				line: 'deployctl unpin production -m "the fix is on the database side"',
				meaning: 'the pinned release may be deployed again',
			},
		],
		exitCodes: ['refused', 'notPermitted', 'unreachable', 'interrupted'],
	},
] as const satisfies readonly Command[];
