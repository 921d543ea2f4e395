/** The part of the table with what a workflow of tests calls. */
import type {Command} from './command.ts';

export const reportCommands = [
	{
		name: 'report',
		group: 'act',
		summary: 'In a workflow: publish the progress and the result of tests, from TAP or JUnit XML.',
		description:
			'With --tap it reads TAP, from a file or from standard input, passes it on unchanged, and says on the commit how far the tests are while they run. With --junit it reads XML files that are complete, and publishes their result. With --follow it posts what deployctl/playwright-reporter writes into FILE (DEPLOYCTL_PROGRESS), in a step of its own next to the tests, so that these need no token; it ends at SIGTERM, with the last word. With --merge it makes one page of the results of all shards, in the summary of the job. It ends with 1 when a test failed, when something is missing, and when no test was run or all were skipped, so that it hides nothing in a pipe; what cannot be published is a line in the log, and no failure.',
		arguments: [
			{
				name: 'FILE',
				description:
					'A file; for --junit and --merge also a folder with such files in it. Without it, or as -, --tap reads standard input.',
				isOptional: true,
			},
		],
		flags: [
			{name: 'junit', kind: 'switch', description: 'FILE is JUnit XML, or a folder of such files.'},
			{name: 'tap', kind: 'switch', description: 'TAP 13 or 14, as it comes.'},
			{
				name: 'allow-todo',
				kind: 'switch',
				description:
					'With --tap: a test that is not ok and marked # TODO is counted as skipped. Only for runners that write \\# for a # in a name (node --test, tap, Test::More); else such a name hides a failure.',
			},
			{
				name: 'follow',
				short: 'f',
				kind: 'switch',
				description: 'FILE is what the tests write as they run; it need not be there yet.',
			},
			{
				name: 'merge',
				kind: 'switch',
				description: 'FILE is a folder with the results of shards, as their artifacts were downloaded.',
			},
			{
				name: 'shards',
				kind: 'count',
				placeholder: 'N',
				description: 'With --merge: so many there must be. Without it, as many as the results say.',
			},
		],
		examples: [
			{line: 'bats --tap test | deployctl report --tap', meaning: 'live, from a pipe'},
			{line: 'deployctl report --junit test-results.xml', meaning: 'when the tests have ended'},
			{
				line: 'deployctl report --follow "$RUNNER_TEMP/progress"',
				meaning: 'next to the tests, which have no token',
			},
			{
				line: 'deployctl report --merge results --shards 4',
				meaning: 'one page for all shards; 1 unless each of them passed',
			},
		],
		exitCodes: ['failed', 'interrupted'],
	},
] as const satisfies readonly Command[];
