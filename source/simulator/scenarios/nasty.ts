/** Text that attacks or breaks a terminal, in every place where somebody else's text is shown. */
import {people, scenario} from '../model/scenario.ts';
import {standardWorkflows, testSuite} from '../model/workflows.ts';
import {baseline} from './baseline.ts';

const escape = '\u001B';
const clearScreen = `${escape}[2J${escape}[H${escape}[31mowned${escape}[0m`;
const title = `${escape}]0;owned\u0007`;
const link = `${escape}]8;;https://evil.example\u0007click${escape}]8;;\u0007`;
const overridden = 'Fix \u202Egnp.exe\u202C upload \u2066(isolated)\u2069';
const combining = `Z${'\u0335\u0321\u0321\u0361'.repeat(20)}algo`;
const family = '👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪 ✈︎';
const wide = '全角文字と半角ｶﾅの混在したとても長いコミットメッセージ'.repeat(4);
const invisible = 'Ad\u200Bd \u200Dzero\u2060-width\uFEFF and \u00ADsoft\u00AD hyphens';

const mallory = {
	login: 'mallory-0',
	name: `Mallory${escape}[5m \u202Eyrollam\u202C ${family}`,
	email: 'mallory@evil.example',
	id: 51_000_007,
};

export const nasty = scenario({
	name: 'nasty',
	description: 'Escape sequences, bidi overrides, emoji and enormous texts in messages, job names and authors.',
	people: [...people, mallory],
	workflows: standardWorkflows.map(workflow =>
		workflow === testSuite
			? {
					...testSuite,
					jobs: [
						...testSuite.jobs,
						{
							name: `${clearScreen} lint ${family}`,
							steps: [
								{name: `${title}step \u202Ediva`, seconds: 40},
								{name: `line one\nline two\r\u0008\u0008${'x'.repeat(600)}`, seconds: 50},
							],
						},
						{
							name: `${'very-long-'.repeat(60)}job (${'a'.repeat(200)}, 2)`,
							steps: [{name: combining, seconds: 70}],
						},
					],
				}
			: workflow,
	),
	events: [
		...baseline,
		{
			at: '-80m',
			push: 'develop',
			by: 'mallory-0',
			commits: [['escapes', `${clearScreen}${title}${link}\n\n${'body '.repeat(500)}`]],
		},
		{
			at: '-65m',
			push: 'develop',
			by: 'mallory-0',
			commits: [
				['bidi', overridden],
				['wide', wide],
			],
			plan: {startupFailure: ['codeql.yml']},
		},
		{
			at: '-50m',
			push: 'develop',
			by: 'mallory-0',
			commits: [
				['emoji', family.repeat(12)],
				['blank', ' \t '],
				['zalgo', combining.repeat(8)],
			],
		},
		{
			at: '-1m20s',
			push: 'develop',
			by: 'mallory-0',
			commits: [['invisible', `${invisible}\r\n\u0007\u0008`]],
			plan: {
				outcomes: {
					'unit (1, 2)': {
						conclusion: 'failure',
						annotation: {
							path: `${escape}[1mpath`,
							line: 1,
							title: `${escape}[7m${family}`,
							message: `${clearScreen}\n\u009B31mC1 control\n${wide}`,
						},
					},
				},
			},
		},
		{
			at: '-40s',
			status: {
				commit: 'wide',
				context: `${escape}[2Jcontext`,
				state: 'success',
				description: `${title}${overridden}`,
				targetUrl: 'javascript:alert(1)',
			},
			by: 'mallory-0',
		},
		// Somebody with push access claims that a commit passed; there is no such run.
		{
			at: '-30s',
			status: {
				commit: 'emoji',
				context: 'deployctl/e2e-staging',
				state: 'success',
				description: '120/120 tests, 0 failed',
				targetUrl: 'https://github.com/acme/auto-author/actions/runs/14541957942/attempts/9',
			},
			by: 'mallory-0',
		},
	],
});
