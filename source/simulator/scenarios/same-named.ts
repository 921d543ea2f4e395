/** Jobs that GitHub gives one name: a matrix whose `name:` does not say which of its jobs it is. */
import type {JobDefinition, WorkflowDefinition} from '../model/model.ts';
import {scenario} from '../model/scenario.ts';
import {e2eStaging, standardWorkflows} from '../model/workflows.ts';
import {baseline} from './baseline.ts';

const steps = [
	{name: 'Checkout', seconds: 3},
	{name: 'Install browsers', seconds: 31},
	{name: 'Run Playwright tests', seconds: 212},
];
const browsers = ['chromium', 'firefox', 'webkit'].map((browser): JobDefinition => ({
	name: `e2e ${browser}`,
	shown: 'e2e',
	tests: 40,
	risky: 'Run Playwright tests',
	steps,
}));

/** E2E in three browsers, all called `e2e`. */
export const e2eInBrowsers: WorkflowDefinition = {
	...e2eStaging,
	jobs: browsers,
	contract: {context: 'deployctl/e2e-staging', everySeconds: 15, reportsStaging: true},
};
export const workflowsInBrowsers: readonly WorkflowDefinition[] = standardWorkflows.map(workflow =>
	workflow === e2eStaging ? e2eInBrowsers : workflow,
);

export const sameNamed = scenario({
	name: 'same-named',
	description:
		'Three E2E jobs with one name: all of them are repeated, and one is red again, so that the production gate stays blocked.',
	workflows: workflowsInBrowsers,
	events: [
		...baseline,
		{
			at: '-40m',
			push: 'develop',
			by: 'priya-raman',
			commits: [['autosave', 'Autosave drafts every ten seconds (#428)']],
			plan: {
				outcomes: {'e2e chromium': 'failure'},
				rerun: [{workflow: 'e2e-staging.yml', afterSeconds: 60, by: 'priya-raman', all: true}],
			},
		},
	],
});
