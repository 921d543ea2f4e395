/** What release engineers do in the tests of promotions: the keys, and what is to be promoted. */
import assert from 'node:assert/strict';
import type {TestContext} from 'node:test';
import type {Plan} from '../../source/core/plan/plan.ts';
import type {Settings} from '../../source/core/settings/settings.ts';
import type {PlanDialog} from '../../source/state/model/dialog.ts';
import {type AppOptions, observableSettings, openApp} from './app.ts';
import {type App, openOperator} from './operator.ts';

export const signedSettings = (...names: readonly string[]): Settings => ({
	...observableSettings,
	promotion: {
		...observableSettings.promotion,
		signOffs: names.map(name => ({name, by: name === 'stakeholder' ? ['mira-okafor'] : []})),
	},
});

/** As `openOperator`; the second newest commit is chosen, so that one stays behind. */
export const openReleaser = async (t: Pick<TestContext, 'after'>, options: AppOptions = {}): Promise<App> => {
	const app = await openOperator(t, options);
	app.operations.promoting.evidenceFrom = app.clock.now();
	await app.press('j');
	return app;
};

/** For scenarios in which production has nothing to go back to. */
export const openBare = async (t: Pick<TestContext, 'after'>, options: AppOptions = {}): Promise<App> => {
	const app = await openApp(
		{columns: 120, rows: 40, operations: {}, ...options, preferences: {motion: 'reduced', ...options.preferences}},
		t,
	);
	await app.settled();
	await app.advance(3000);
	for (const {name, sha} of app.state().snapshot!.environments)
		if (sha !== null) app.operations.site(name).version = sha;
	await app.advance(6000);
	return app;
};

export const planDialog = (app: App): PlanDialog => {
	const {dialog} = app.state();
	assert.equal(dialog?.name, 'plan');
	return dialog;
};

/** The plan is on the screen, and has been for long enough to be read. */
export const openPromotion = async (app: App): Promise<Plan> => {
	await app.press('P');
	await app.advance(2000);
	return planDialog(app).plan!;
};
