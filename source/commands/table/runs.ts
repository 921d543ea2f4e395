/** The part of the table with the commands that steer GitHub's runs. */
import {tierNames} from '../../core/pipeline/pipeline.ts';
import type {Command, Flag} from './command.ts';

const sha = {
	name: 'sha',
	kind: 'sha',
	placeholder: 'SHA',
	description: 'The commit, 7 to 40 hexadecimal digits. Without it, the head of the staging branch.',
} as const satisfies Flag;
const tier = {
	name: 'tier',
	kind: 'choice',
	placeholder: 'TIER',
	choices: tierNames,
	default: 'e2e',
	description: 'Whose run of the commit.',
} as const satisfies Flag;
const runId = {
	name: 'run',
	kind: 'text',
	placeholder: 'ID',
	description: "This run, by GitHub's id, instead of that of a tier: also one that deploys to production.",
} as const satisfies Flag;

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
		description: 'The phrase that a run to production asks for; the refusal without it names it.',
	},
] as const satisfies readonly Flag[];

const waiting = [
	{name: 'wait', kind: 'switch', description: 'Follow the run to its end, through every fault of the network.'},
	{
		name: 'timeout',
		kind: 'duration',
		placeholder: 'DURATION',
		description: 'With --wait: give up after this time, such as 90s, 30m or 1h30m.',
	},
] as const satisfies readonly Flag[];

const endings = [
	'failed',
	'refused',
	'notPermitted',
	'unreachable',
	'needsHuman',
	'interrupted',
] as const satisfies Command['exitCodes'];

export const runCommands = [
	{
		name: 'rerun',
		group: 'act',
		summary: 'Re-run the failed jobs of a run, all of them, or one.',
		description:
			'Says which run and attempt it is, which jobs, what they took the last time and what it does to the production gate; then asks. If somebody re-runs it in between, nothing is done. Sent once: when the answer is lost, the run itself is asked whether it was done. With --wait exits with 0 when the new attempt is green and with 1 when it is not.',
		arguments: [],
		flags: [
			{name: 'failed', kind: 'switch', description: 'The failed jobs, and what depends on them; the default.'},
			{name: 'all', kind: 'switch', description: 'All jobs.'},
			{
				name: 'job',
				kind: 'text',
				placeholder: 'NAME-OR-ID',
				description: 'Only this job, and what depends on it; by its number where several have the name.',
			},
			{name: 'debug', kind: 'switch', description: 'With debug logging.'},
			tier,
			sha,
			runId,
			...waiting,
			...confirming,
		],
		examples: [
			{line: 'deployctl rerun', meaning: 'the failed jobs of E2E of the newest commit'},
			{line: 'deployctl rerun --sha 1a2b3c4 --job "e2e (3, 4)" --debug', meaning: 'one job, with debug logging'},
			{line: 'deployctl rerun --yes --wait --timeout 30m', meaning: 'without a terminal, to its end'},
		],
		exitCodes: endings,
	},
	{
		name: 'cancel',
		group: 'act',
		summary: 'Cancel a run that runs; by force if it does not answer.',
		description:
			'Asks GitHub to end the run, which takes some seconds. --force also ends what runs whatever happens, and loses what it would have told. A deployment that is cancelled while it switches leaves its environment half switched; one to production asks for a phrase.',
		arguments: [],
		flags: [
			{name: 'force', kind: 'switch', description: 'Also what does not answer to a cancellation.'},
			tier,
			sha,
			runId,
			...waiting,
			...confirming,
		],
		examples: [
			{line: 'deployctl cancel', meaning: 'E2E of the newest commit'},
			{line: 'deployctl cancel --run 14541957942 --force --yes', meaning: 'a run that does not listen'},
		],
		exitCodes: endings,
	},
	{
		name: 'approve',
		group: 'act',
		summary: 'Approve a run that GitHub holds back until somebody does.',
		description:
			"GitHub runs the code of a fork's first contribution, or of some bots, only once somebody with write access has approved the run. Says whose code it is and where it comes from; then asks. It is for the run and attempt that are shown: nothing is done when it waits no more. What waits for an environment is answered on the screen, with V.",
		arguments: [],
		flags: [{...tier, default: 'fast'}, sha, runId, ...waiting, ...confirming],
		examples: [
			{line: 'deployctl approve', meaning: 'the fast tests of the newest commit'},
			{line: 'deployctl approve --run 14541957942', meaning: 'a run by its number; says whose code it would run'},
		],
		exitCodes: endings,
	},
	{
		name: 'dispatch',
		group: 'act',
		summary: 'Start E2E, smoke tests or the deployment to staging for a commit.',
		description:
			"Starts the workflow of a tier by hand for one commit, with its inputs. The inputs are looked up in the workflow's file; where it cannot be read, only the commit is given, and what you name. With --wait exits with 0 when the run is green and with 1 when it is not.",
		arguments: [
			{
				name: 'TIER',
				description: 'Whose workflow: e2e (the default), smoke or deploy.',
				choices: ['e2e', 'smoke', 'deploy'],
				isOptional: true,
			},
		],
		flags: [
			sha,
			{
				name: 'ref',
				kind: 'text',
				placeholder: 'BRANCH',
				description: 'The branch or tag whose workflow is started. Without it, the staging branch.',
			},
			{
				name: 'input',
				kind: 'text',
				placeholder: 'NAME=VALUE',
				isList: true,
				description: 'An input of the workflow; again for another one.',
			},
			...waiting,
			...confirming,
		],
		examples: [
			{line: 'deployctl dispatch', meaning: 'E2E for the newest commit; asks before it begins'},
			{
				line: 'deployctl dispatch e2e --sha 1a2b3c4 --input suite=smoke --input trace=true',
				meaning: 'with inputs',
			},
			{line: 'deployctl dispatch smoke --yes --wait', meaning: 'the smoke tests, to their end'},
		],
		exitCodes: endings,
	},
] as const satisfies readonly Command[];
