/** Golden screens of promotions: plans, sign-offs, approvals, hotfixes, and what the board says afterwards. */
import {test} from 'node:test';
import type {AppOptions} from './helpers/app.ts';
import type {App} from './helpers/operator.ts';
import {openBare, openPromotion, openReleaser, signedSettings} from './helpers/releaser.ts';
import {fitsOn, isAsApproved} from './helpers/screens.ts';

type Picture = {
	name: string;
	options?: AppOptions;
	isBare?: boolean;
	act: (app: App) => Promise<void>;
	sizes?: ReadonlyArray<readonly [columns: number, rows: number]>;
};

const sizes = [
	[80, 24],
	[120, 40],
] as const;
const small = [[80, 24]] as const;
const redE2e = {
	'e2e-green': {
		met: false,
		because: 'E2E: e2e (3, 4) failed (run 14541961479, attempt 2)',
		next: 'Fix it, or run the failed jobs again.',
	},
} as const;
const waiting = {
	'sign-offs': {
		met: false,
		because: 'sign-off missing: qa, stakeholder',
		next: 'deployctl sign-off qa gives it.',
		proofs: [],
	},
} as const;

const scrolled = async (app: App, times: number) => app.type(Array.from({length: times}, () => 'down'));

const withRevert = (app: App) => {
	const {candidates} = app.state().snapshot!;
	app.operations.promoting.change = {
		staying: [
			{sha: '9c1d2e3'.padEnd(40, '0'), message: 'Revert "Pay with saved cards (#405)"', isRevert: true},
			{sha: candidates[0]!.sha, message: candidates[0]!.message, isRevert: false},
		],
		configuration: ['.github/workflows/deploy-production.yml', 'config/app.production.yml', 'docker-compose.yml'],
	};
};

const hotfixes = (app: App) => [
	{
		branch: 'hotfix/login-loop',
		sha: '5d2e1f0'.padEnd(40, '1'),
		message: 'Stop the login loop of expired sessions',
		author: 'priya-raman',
		at: app.clock.now() - 12 * 60_000,
	},
	{
		branch: 'hotfix/print-margins-of-the-appendix',
		sha: '77aa102'.padEnd(40, '2'),
		message: 'Print margins of the appendix',
		author: 'jonas-lindqvist',
		at: app.clock.now() - 26 * 3_600_000,
	},
];

const pictures: readonly Picture[] = [
	{
		name: 'promote',
		sizes: [[60, 20], ...sizes],
		act: async app => {
			await openPromotion(app);
		},
	},
	{
		name: 'promote-end',
		sizes: small,
		act: async app => {
			await openPromotion(app);
			await scrolled(app, 20);
		},
	},
	{
		name: 'promote-blocked',
		sizes: [[60, 20], ...sizes],
		act: async app => {
			app.operations.promoting.other = redE2e;
			await openPromotion(app);
		},
	},
	{
		name: 'promote-revert',
		sizes,
		act: async app => {
			withRevert(app);
			await app.type((await openPromotion(app)).phrase!.slice(0, 8));
		},
	},
	{
		name: 'promote-ascii',
		options: {preferences: {symbols: 'ascii', motion: 'reduced'}},
		sizes: small,
		act: async app => {
			withRevert(app);
			await openPromotion(app);
		},
	},
	{
		name: 'break-glass-reason',
		sizes: small,
		async act(app) {
			app.operations.promoting.other = {...redE2e, ...waiting};
			await openPromotion(app);
			await app.type(['X', ...'payments are down']);
		},
	},
	{
		name: 'break-glass',
		sizes,
		async act(app) {
			app.operations.promoting.other = {...redE2e, ...waiting};
			await openPromotion(app);
			await app.type(['X', ...'payments are down, lena looked at it']);
			await app.advance(1000);
			await app.press('enter');
			await app.advance(2000);
			await app.type('break glass');
		},
	},
	{
		name: 'promote-changed',
		sizes: small,
		options: {startMinutes: 14.5},
		async act(app) {
			await app.type((await openPromotion(app)).phrase!.slice(0, 8));
			app.operations.promoting.other = {
				'e2e-green': {
					met: false,
					because: 'E2E: still running (run 14541961479, attempt 3)',
					next: 'Wait until it has passed.',
				},
			};
			await app.advance(40_000);
		},
	},
	{
		name: 'promote-void',
		sizes: small,
		act: async app => {
			await openPromotion(app);
			await app.advance(61_000);
		},
	},
	{
		name: 'hotfixes',
		sizes: small,
		act: async app => {
			app.operations.hotfixed(hotfixes(app));
			await app.type(['H']);
		},
	},
	{
		name: 'hotfix-plan',
		sizes: small,
		act: async app => {
			app.operations.hotfixed(hotfixes(app));
			await app.type(['H', 'enter']);
			await app.advance(2000);
		},
	},
	{
		name: 'sign-offs',
		sizes: small,
		options: {settings: signedSettings('qa', 'stakeholder', 'changelog')},
		act: app => app.type(['I']),
	},
	{
		name: 'sign-off',
		sizes: small,
		options: {settings: signedSettings('qa')},
		act: app => app.type(['I', ...'looked at on two phones']),
	},
	{
		name: 'approve',
		sizes: small,
		isBare: true,
		options: {scenario: 'approval', startMinutes: 6},
		act: async app => {
			await app.type(['k', 'V']);
		},
	},
	{
		name: 'approve-production',
		sizes: small,
		async act(app) {
			const id = app.operations.begins({
				id: '20261123T090921Z-promote-production-7a1c',
				kind: 'promote',
				environment: 'production',
				startedAt: app.clock.now() - 95_000,
				because: 'Promoting 1dfa83c to production: approval',
				to: {release: '1dfa83c'.padEnd(40, '0'), sha: '1dfa83c'.padEnd(40, '0')},
			});
			app.operations.steps(id, [
				{
					name: 'move',
					host: null,
					status: 'passed',
					startedAt: app.clock.now() - 90_000,
					finishedAt: app.clock.now() - 88_000,
					note: 'main cdc3fb4 to 1dfa83c',
				},
				{
					name: 'approval',
					host: null,
					status: 'running',
					startedAt: app.clock.now() - 80_000,
					finishedAt: null,
					note: 'run=14541969999 environment=production approvable=yes',
				},
			]);
			await app.advance(1000);
			await app.type(['A', 'V', ...'approve pr']);
		},
	},
	{name: 'merge-back', sizes, isBare: true, options: {scenario: 'hotfix', startMinutes: 1}, act: async () => {}},
];

for (const {name, options, isBare = false, act, sizes: own = sizes} of pictures) {
	test(`screen: ${name}`, async t => {
		const app = await (isBare ? openBare : openReleaser)(t, {columns: 80, rows: 24, ...options});
		await act(app);
		for (const [columns, rows] of own) {
			app.resize(columns, rows);
			await app.settled();
			isAsApproved(name, app.screen(), columns, rows, options?.preferences?.symbols === 'ascii');
		}
		for (const [columns, rows] of [
			[60, 15],
			[73, 19],
			[99, 31],
			[201, 60],
		] as const) {
			app.resize(columns, rows);
			fitsOn(app.screen(), columns, rows);
		}
	});
}
