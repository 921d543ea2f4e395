/** The part of the table with the command that looks for what is wrong. */
import type {Command} from './command.ts';

export const doctor = {
	name: 'doctor',
	group: 'look',
	summary: 'Find what is wrong: token, workflows, rules, secrets, scripts, this machine.',
	description:
		'Looks at everything that a deployment needs, and says of each thing that is wrong what it is, why it matters and how to fix it: token and permissions, deployctl.yml and branches, workflows and how they start each other, the last runs, rules, environments, names of secrets, scripts, addresses, this machine. What could not be looked at is unknown, never in order. It changes nothing without --fix, which asks before each step. Exits with 0 when there is no error, also with warnings, and with 1 when there is one.',
	arguments: [],
	flags: [
		{name: 'json', kind: 'switch', description: 'Print JSON, for programs.'},
		{
			name: 'only',
			kind: 'text',
			placeholder: 'AREA,…',
			description:
				'Only these: token, repository, workflows, runs, rules, environments, secrets, scripts, addresses, machine.',
		},
		{name: 'verbose', kind: 'switch', description: 'Also name what is in order.'},
		{name: 'offline', kind: 'switch', description: 'Ask nobody: only the checkout and this machine.'},
		{
			name: 'fix',
			kind: 'switch',
			description: 'Fix what can be fixed safely, each after a question, and look again.',
		},
		{
			name: 'probe',
			kind: 'switch',
			description:
				'Try out what this GitHub really does: after a question it writes two refs of its own, moves them and takes them back, and prints a report that can be sent on.',
		},
		{name: 'yes', short: 'y', kind: 'switch', description: 'Do not ask.'},
	],
	examples: [
		{line: 'deployctl doctor', meaning: 'everything'},
		{line: 'deployctl doctor --only workflows,secrets', meaning: 'two areas'},
		{line: 'deployctl doctor --fix', meaning: 'enable workflows, make scripts executable'},
		{
			line: 'deployctl doctor --probe',
			meaning: 'once for a new repository, server or token: may it take the lock, does GitHub fence updates',
		},
		{line: 'deployctl doctor --json --offline', meaning: 'for a program, without network'},
	],
	exitCodes: ['failed', 'refused', 'notPermitted', 'unreachable', 'needsHuman', 'interrupted'],
} as const satisfies Command;
