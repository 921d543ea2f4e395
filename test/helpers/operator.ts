/** What release engineers do in the tests of dialogs: an app with something to deploy and to go back to, and the keys for it. */
import assert from 'node:assert/strict';
import type {TestContext} from 'node:test';
import {selectedCandidate} from '../../source/state/questions/select.ts';
import {type AppOptions, openApp} from './app.ts';
import {offer} from './fake-operations.ts';

export type App = Awaited<ReturnType<typeof openApp>>;

/** Without spinners, which would only cost the tests time. Production runs the commit that GitHub has on record, staging the newest; both can go back. */
export const openOperator = async (t: Pick<TestContext, 'after'>, options: AppOptions = {}): Promise<App> => {
	const app = await openApp(
		{
			startMinutes: 9,
			columns: 120,
			rows: 40,
			operations: {},
			...options,
			preferences: {motion: 'reduced', ...options.preferences},
		},
		t,
	);
	await app.settled();
	await app.advance(3000);
	const {candidates, environments} = app.state().snapshot!;
	const live = (name: string) => environments.find(environment => environment.name === name)!.sha!;
	const at = candidates.findIndex(({sha}) => sha === live('production'));
	const sha = (back: number) => candidates[at + back]!.sha;
	for (const name of ['staging', 'production']) app.operations.site(name).version = live(name);
	app.operations.offers('staging', [
		offer(candidates[0]!.sha, 'it is live', {release: {isLive: true}}),
		offer(candidates[1]!.sha, 'the newest before it that was healthy', {offered: true, isDefault: true}),
	]);
	app.operations.offers('production', [
		offer(sha(0), 'it is live', {release: {isLive: true, deployedAt: app.clock.now() - 4 * 3_600_000}}),
		offer(sha(1), 'the newest before it that was healthy', {
			offered: true,
			isDefault: true,
			release: {deployedAt: app.clock.now() - 6 * 3_600_000},
		}),
		offer(sha(2), 'marked bad: checkout failed for one in ten', {
			canInsist: true,
			release: {isBad: true, deployedAt: app.clock.now() - 8 * 3_600_000},
		}),
		offer(sha(3), 'it is no longer there', {
			release: {isPresent: false, deployedAt: app.clock.now() - 27 * 3_600_000},
		}),
	]);
	await app.advance(6000);
	return app;
};

/** In the middle of it: the deployment of the newest commit to production has failed, production is unhealthy, and a colleague holds the lock. */
export const openIncident = async (t: Pick<TestContext, 'after'>, options: AppOptions = {}): Promise<App> => {
	const app = await openOperator(t, {startMinutes: 14.5, ...options});
	const {candidates} = app.state().snapshot!;
	const ref = (index: number) => ({release: candidates[index]!.sha, sha: candidates[index]!.sha});
	const ago = (seconds: number) => app.clock.now() - seconds * 1000;
	const live = candidates.findIndex(({liveOn}) => liveOn.includes('production'));
	app.operations.had(
		{
			id: '20261122T100000Z-deploy-production-0001',
			kind: 'deploy',
			environment: 'production',
			outcome: 'succeeded',
			startedAt: ago(16_200),
			finishedAt: ago(16_080),
			operator: 'lena-fischer',
			from: ref(live + 1),
			to: ref(live),
			sha: ref(live).sha,
		},
		{
			id: '20261123T090000Z-deploy-staging-0002',
			kind: 'deploy',
			environment: 'staging',
			outcome: 'succeeded',
			startedAt: ago(700),
			finishedAt: ago(606),
			operator: 'priya-raman',
			from: ref(1),
			to: ref(0),
			sha: ref(0).sha,
		},
	);
	const id = app.operations.begins({
		id: '20261123T091400Z-deploy-production-0003',
		kind: 'deploy',
		environment: 'production',
		from: ref(live),
		to: ref(0),
		sha: ref(0).sha,
		startedAt: ago(62),
		because: `Deploying ${ref(0).sha.slice(0, 7)} to production: verify`,
	});
	app.operations.ends(id, 'failed', 'the health check never said yes', {
		exitCode: 1,
		next: 'B rolls back to the release before.',
	});
	app.operations.site('production').health = false;
	app.operations.locked('production', {
		operator: 'mira-okafor',
		reason: 'checkout is down, looking',
		createdAt: ago(240),
	});
	await app.advance(12_000);
	return app;
};

export const newest = (app: App): string => selectedCandidate(app.state())!.sha;
export const footerOf = (app: App): string => app.screen().split('\n').at(-1)!;

/** The plan for production is on the screen, and has been for long enough to be read. */
export const openProductionPlan = async (app: App): Promise<string> => {
	await app.press('D');
	await app.type(['j', 'enter']);
	await app.advance(2000);
	const {dialog} = app.state();
	assert.equal(dialog?.name, 'plan');
	return dialog.plan!.phrase!;
};

export const openRollbackPlan = async (app: App): Promise<string> => {
	await app.press('B');
	await app.type(['enter', 'enter']);
	await app.advance(2000);
	const {dialog} = app.state();
	assert.equal(dialog?.name, 'plan');
	return dialog.plan!.phrase!;
};
