/** Golden screens of operations, environments and dialogs, at the sizes that matter. */
import {test} from 'node:test';
import type {Operation} from '../source/core/operations/operation.ts';
import type {AppOptions} from './helpers/app.ts';
import {type App, openOperator, openProductionPlan, openRollbackPlan} from './helpers/operator.ts';
import {fitsOn, isAsApproved} from './helpers/screens.ts';

type Picture = {
	name: string;
	options?: AppOptions;
	act: (app: App) => Promise<void>;
	sizes?: ReadonlyArray<readonly [columns: number, rows: number]>;
};

const sizes = [
	[80, 24],
	[120, 40],
] as const;
const seconds = (app: App, before: number) => app.clock.now() - before * 1000;
const refs = (app: App, from: number, to: number): Pick<Operation, 'from' | 'to' | 'sha'> => {
	const {candidates} = app.state().snapshot!;
	const ref = (index: number) => ({release: candidates[index]!.sha, sha: candidates[index]!.sha});
	return {from: ref(from), to: ref(to), sha: ref(to).sha};
};

const steps = (app: App, failing = false): Operation['steps'] => [
	{
		name: 'lock',
		host: null,
		status: 'passed',
		startedAt: seconds(app, 61),
		finishedAt: seconds(app, 60.8),
		note: null,
	},
	{
		name: 'upload',
		host: 'web-1',
		status: 'passed',
		startedAt: seconds(app, 60),
		finishedAt: seconds(app, 41),
		note: '312 files, 4 changed',
	},
	{
		name: 'upload',
		host: 'web-2',
		status: 'passed',
		startedAt: seconds(app, 60),
		finishedAt: seconds(app, 38),
		note: '312 files, 4 changed',
	},
	{
		name: 'switch',
		host: 'web-1',
		status: 'passed',
		startedAt: seconds(app, 37),
		finishedAt: seconds(app, 36.8),
		note: null,
	},
	{
		name: 'restart',
		host: 'web-1',
		status: 'passed',
		startedAt: seconds(app, 36),
		finishedAt: seconds(app, 31),
		note: 'drained in 1.2s',
	},
	{
		name: 'verify',
		host: 'web-1',
		status: failing ? 'failed' : 'running',
		startedAt: seconds(app, 30),
		finishedAt: failing ? seconds(app, 5) : null,
		note: failing ? 'code=503 after 100 tries' : 'try=3/100 code=503 next=0.4s',
	},
];

const print = (app: App, id: string) =>
	app.operations.prints(
		id,
		'deployctl/1 2026-11-24T02:03:04Z +0.012 begin upload host=web-1',
		'sending incremental file list',
		...Array.from({length: 20}, (_, index) => `app/assets/chunk-${String(index).padStart(2, '0')}.js`),
		'deployctl/1 2026-11-24T02:03:23Z +19.021 ok upload host=web-1 took=19.009',
		'deployctl/1 2026-11-24T02:03:31Z +27.110 probe verify host=web-1 try=3/100 code=503 next=0.4s',
		'deployctl/1 2026-11-24T02:03:56Z +52.004 fail verify host=web-1 took=25.0 -- the health check never said yes',
	);

const running = async (app: App, more: Partial<Operation> = {}): Promise<string> => {
	const id = app.operations.begins({
		id: '20261123T090921Z-deploy-production-7a1c',
		kind: 'deploy',
		environment: 'production',
		...refs(app, 6, 0),
		startedAt: seconds(app, 62),
		because: 'Deploying ba1e5d9 to production: verify',
		...more,
	});
	app.operations.steps(id, steps(app));
	print(app, id);
	await app.advance(1000);
	return id;
};

const ended = async (
	app: App,
	outcome: 'failed' | 'rolled-back' | 'interrupted',
	because: string,
	more: Partial<Operation>,
) => {
	const id = await running(app);
	app.operations.steps(id, steps(app, true));
	app.operations.ends(id, outcome, because, more);
	await app.advance(6000);
	await app.press('O', 'enter');
	await app.advance(1000);
};

const history = (app: App) =>
	app.operations.had(
		{
			id: '20261121T100000Z-deploy-staging-0001',
			kind: 'deploy',
			environment: 'staging',
			outcome: 'succeeded',
			startedAt: seconds(app, 172_000),
			finishedAt: seconds(app, 171_900),
			operator: 'jonas',
			...refs(app, 3, 2),
		},
		{
			id: '20261122T100000Z-deploy-production-0002',
			kind: 'deploy',
			environment: 'production',
			outcome: 'rolled-back',
			startedAt: seconds(app, 90_000),
			finishedAt: seconds(app, 89_800),
			operator: 'mira-okafor',
			exitCode: 1,
			because: 'ff6823e failed (health); production is back on cdc3fb4',
			...refs(app, 6, 5),
		},
		{
			id: '20261122T110000Z-deploy-staging-0003',
			kind: 'deploy',
			environment: 'staging',
			outcome: 'failed',
			startedAt: seconds(app, 80_000),
			finishedAt: seconds(app, 79_990),
			exitCode: 1,
			because: 'The script gave up before the switch (exit 10); nothing changed on staging',
			...refs(app, 1, 0),
		},
		{
			id: '20261123T030000Z-rollback-staging-0004',
			kind: 'rollback',
			environment: 'staging',
			outcome: 'interrupted',
			startedAt: seconds(app, 22_000),
			finishedAt: seconds(app, 21_800),
			exitCode: 7,
			because: 'The contact to the host is lost, and the script may still run there',
			...refs(app, 0, 1),
		},
		{
			id: '20261123T040000Z-deploy-staging-0005',
			kind: 'deploy',
			environment: 'staging',
			outcome: 'succeeded',
			startedAt: seconds(app, 18_000),
			finishedAt: seconds(app, 17_880),
			...refs(app, 1, 0),
		},
	);

const pictures: readonly Picture[] = [
	{name: 'operations-board', act: async () => {}, sizes: [[60, 20], ...sizes, [200, 50]]},
	{
		name: 'operations-trouble',
		sizes: [[60, 20], ...sizes],
		async act(app) {
			app.operations.locked('production', {
				operator: 'mira-okafor',
				reason: 'audit until noon',
				createdAt: seconds(app, 2520),
			});
			app.operations.pinned({
				environment: 'production',
				release: 'b'.repeat(40),
				sha: 'b'.repeat(40),
				by: 'ada',
				at: app.clock.now(),
				because: 'checkout failed',
			});
			const {candidates} = app.state().snapshot!;
			app.operations.site('production').instances = [6, 5].map((index, host) => ({
				instance: `web-${host + 1}`,
				version: candidates[index]!.sha,
				health: true,
				because: '200',
				latencyMs: 9,
			}));
			app.operations.site('staging').version = 'd'.repeat(40);
			app.operations.offers('staging', []);
			await app.advance(12_000);
		},
	},
	{name: 'choose', act: app => app.press('D')},
	{
		name: 'plan',
		sizes: [[60, 20], ...sizes],
		async act(app) {
			const site = app.operations.site('production');
			site.warnings = ['the scripts here are not those of that commit: scripts/deploy.sh'];
			site.migration = 'incompatible';
			await app.type(await openProductionPlan(app).then(phrase => phrase.slice(0, 13)));
			app.operations.site('production').health = false;
			await app.advance(6000);
			await app.type('prodv');
		},
	},
	{
		name: 'plan-reverts',
		sizes: [[80, 24]],
		async act(app) {
			app.operations.site('production').going = [
				{sha: '7'.repeat(40), message: 'Revert "Pay with saved cards (#405)"', isRevert: true},
				{sha: '8'.repeat(40), message: 'Pay with saved cards (#405)', isRevert: false},
			];
			await openRollbackPlan(app);
		},
	},
	{
		name: 'plan-blocked',
		act: async app => {
			await openProductionPlan(app);
			app.operations.locked('production', {operator: 'mira-okafor', reason: 'audit until noon'});
			await app.advance(1500);
		},
	},
	{
		name: 'plan-void',
		act: async app => {
			await openRollbackPlan(app);
			await app.advance(61_000);
		},
	},
	{
		name: 'pick',
		act: async app => {
			await app.press('B');
			await app.type(['enter', 'j']);
		},
	},
	{
		name: 'break-lock',
		act: async app => {
			app.operations.locked(
				'production',
				{
					id: '3f1b2c4d-9999',
					operator: 'mira-okafor',
					host: 'desk',
					reason: 'data fix',
					createdAt: seconds(app, 7300),
				},
				true,
			);
			await app.advance(1000);
			await app.press('L');
			await app.type(['enter', ...'3f1x']);
		},
	},
	{
		name: 'running',
		sizes: [[60, 20], ...sizes],
		act: async app => {
			await running(app);
			await app.press('A');
			await app.advance(1000);
		},
	},
	{
		name: 'running-late',
		act: async app => {
			await running(app, {
				startedAt: seconds(app, 400),
				stop: {by: 'ada', at: seconds(app, 3), thenRollBack: false},
			});
			await app.press('A');
			await app.advance(1000);
			await app.press('/', ...'chunk-1', 'enter', 'k', 'w');
		},
	},
	{
		name: 'failed',
		act: app =>
			ended(
				app,
				'failed',
				'The script gave up before the switch (exit 10: disk full on web-2); nothing changed on production',
				{next: 'make room on web-2, then try again'},
			),
	},
	{
		name: 'rolled-back',
		act: app =>
			ended(
				app,
				'rolled-back',
				'ba1e5d9 failed (health); production runs cdc3fb4 again, healthy on 2 of 2 instances; ba1e5d9 is marked bad and pinned',
				{next: 'look at the log, then deploy a release with the cause removed'},
			),
	},
	{
		name: 'interrupted',
		act: app =>
			ended(
				app,
				'interrupted',
				'The script was ended by SIGKILL; web-1 reports ba1e5d9, unhealthy; web-2 reports cdc3fb4, healthy',
				{next: 'ask the hosts with scripts/deploy.sh --env production --status, then roll back with B'},
			),
	},
	{
		name: 'operations',
		act: async app => {
			history(app);
			await running(app);
			await app.press('O', 'j', 'j');
			await app.advance(5000);
		},
	},
	{
		name: 'operations-ascii',
		options: {preferences: {symbols: 'ascii', motion: 'reduced'}},
		act: async app => {
			history(app);
			await running(app);
			await app.press('A');
			await app.advance(1000);
		},
		sizes: [[80, 24]],
	},
];

for (const {name, options, act, sizes: own = sizes} of pictures) {
	test(`screen: ${name}`, async t => {
		const app = await openOperator(t, {columns: 80, rows: 24, ...options});
		await act(app);
		for (const [columns, rows] of own) {
			app.resize(columns, rows);
			await app.settled();
			isAsApproved(name, app.screen(), columns, rows, options?.preferences?.symbols === 'ascii');
		}
	});
}

test('operations, plans and pickers fit at every size', async t => {
	const app = await openOperator(t);
	history(app);
	const id = await running(app);
	const acts: ReadonlyArray<() => Promise<void>> = [
		async () => {},
		() => app.press('A'),
		() => app.press('O'),
		async () => {
			await app.press('esc', 'B');
			await app.type(['enter']);
		},
		async () => {
			await app.type(['enter']);
			await app.advance(1000);
		},
		async () => {
			await app.press('esc', 'S');
		},
		async () => {
			app.operations.ends(id, 'interrupted', 'x '.repeat(200), {next: 'y '.repeat(80)});
			await app.press('esc', 'O', 'g', 'enter');
			await app.advance(1500);
		},
	];
	for (const act of acts) {
		await act();
		for (const columns of [60, 73, 80, 99, 120, 201]) {
			for (const rows of [15, 19, 24, 31, 60]) {
				app.resize(columns, rows);
				fitsOn(app.screen(), columns, rows);
			}
		}
		app.resize(120, 40);
	}
});
