/** What happened before anybody looked: green and red, a flaky test, a superseded deployment, a failed one, a promotion. */
import type {ScenarioEvent} from '../model/scenario.ts';
import {shard} from './baseline.ts';

const login = {
	path: 'e2e/checkout.spec.ts',
	line: 84,
	title: 'checkout › pays with a saved card',
	message:
		"Timed out 5000ms waiting for expect(locator).toBeVisible()\n\nLocator: getByRole('button', {name: 'Pay now'})",
};

export const history: readonly ScenarioEvent[] = [
	{at: '-3d2h', push: 'develop', by: 'mira-okafor', commits: [['editor', 'Split the editor into panes (#409)']]},
	{at: '-2d23h', push: 'develop', by: 'tomas-herrera', commits: [['export', 'Export chapters as EPUB 3.3 (#411)']]},
	{
		at: '-2d4h',
		push: 'develop',
		by: 'lena-fischer',
		commits: [['i18n', 'Translate the onboarding into Portuguese (#412)']],
	},
	{at: '-2d3h', promote: 'i18n', by: 'mira-okafor'},
	{
		at: '-30h',
		push: 'develop',
		by: 'priya-raman',
		commits: [['quota', 'Count words per author, not per book (#415)']],
		plan: {
			outcomes: {
				'unit (2, 2)': {
					conclusion: 'failure',
					step: 'Run unit tests',
					annotation: {
						path: 'source/quota.test.ts',
						line: 41,
						title: 'counts words per author',
						message: 'Expected values to be strictly equal: 1204 !== 1187',
					},
				},
			},
		},
	},
	{
		at: '-29h10m',
		push: 'develop',
		by: 'priya-raman',
		commits: [['quota-fix', 'Count words once when a chapter has two authors (#416)']],
	},
	{
		at: '-27h',
		push: 'develop',
		by: 'jonas-lindqvist',
		commits: [['payments', 'Pay with saved cards (#405)']],
		plan: {
			outcomes: {[shard(3)]: [{conclusion: 'failure', failedTests: 1, annotation: login}, 'success']},
			rerun: [{workflow: 'e2e-staging.yml', afterSeconds: 190, by: 'jonas-lindqvist'}],
		},
	},
	{at: '-25h', promote: 'payments', by: 'lena-fischer'},
	{at: '-23h', schedule: 'nightly.yml'},
	{
		at: '-8h',
		push: 'develop',
		by: 'yuki-tanaka',
		commits: [['fonts', 'Bundle the fonts of the print preview (#418)', 'Contractor (left)']],
	},
	{
		at: '-6h40m',
		push: 'develop',
		by: 'tomas-herrera',
		commits: [['cache', 'Cache rendered chapters by content hash (#420)', 'yuki-tanaka']],
		plan: {
			outcomes: {
				[shard(1)]: {
					conclusion: 'failure',
					failedTests: 3,
					annotation: {
						path: 'e2e/preview.spec.ts',
						line: 22,
						title: 'preview › shows the newest text',
						message: 'expect(received).toContain(expected): the preview is one edit behind',
					},
				},
				[shard(4)]: {conclusion: 'failure', failedTests: 1},
			},
		},
	},
	{
		at: '-5h10m',
		push: 'develop',
		by: 'tomas-herrera',
		commits: [
			[
				'cache-fix',
				'Key the render cache by revision (#421)',
				null,
				['+22 -30 source/render-cache.ts', '+19 -4 source/render-cache.test.ts'],
			],
		],
	},
	{at: '-4h30m', promote: 'cache-fix', by: 'lena-fischer'},
	{at: '-4h29m', tag: 'v2.31.0', commit: 'cache-fix'},
	{
		at: '-4h10m',
		push: 'develop',
		by: 'yuki-tanaka',
		commits: [
			[
				'ligatures',
				'Offer ligatures in the type settings (#422)',
				null,
				['+6 -1 config/fonts.yml', '+48 -12 source/type-settings.ts', '+31 -0 source/type-settings.test.ts'],
			],
		],
	},
	{
		at: '-3h20m',
		push: 'develop',
		by: 'renovate[bot]',
		commits: [
			[
				'renovate',
				'Update dependency prosemirror-view to v1.42.0 (#423)',
				null,
				['+3 -3 package.json', '+41 -38 package-lock.json'],
			],
		],
		plan: {outcomes: {lint: 'failure'}},
	},
	{
		at: '-2h',
		push: 'develop',
		by: 'lena-fischer',
		commits: [
			[
				'a11y',
				'Name every button of the toolbar (#424)',
				null,
				['+37 -22 source/toolbar.tsx', '+18 -0 e2e/toolbar.spec.ts'],
			],
		],
		plan: {slow: {deploy: 3}},
	},
	{
		at: '-1h59m',
		push: 'develop',
		by: 'jonas-lindqvist',
		commits: [
			[
				'toolbar',
				'Toolbar wraps on narrow screens (#425)',
				null,
				['+14 -9 source/toolbar.tsx', '+11 -2 source/toolbar.css'],
			],
		],
	},
	{
		at: '-1h58m',
		push: 'develop',
		by: 'mira-okafor',
		commits: [
			[
				'comments',
				'Comments can be resolved from the margin (#426)',
				null,
				[
					'A +17 -0 migrations/20261123_comments_resolved.sql',
					'+64 -18 source/comments.ts',
					'+52 -0 source/comments.test.ts',
					'+9 -1 docs/comments.md',
				],
			],
		],
	},
];
