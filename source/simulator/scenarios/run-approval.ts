/** A run that GitHub holds back as a whole: the code of a stranger, until somebody has approved that it is run. */
import {scenario} from '../model/scenario.ts';
import {baseline} from './baseline.ts';

export const runApproval = scenario({
	name: 'run-approval',
	description: "The tests of a stranger's commit wait, without a job, until you approve the run.",
	events: [
		...baseline,
		{
			at: '-6m',
			push: 'develop',
			by: 'renovate[bot]',
			commits: [['fonts-2', 'Update the fonts of the print preview (#440)']],
			plan: {needsApproval: ['test-suite.yml'], fork: 'first-timer/auto-author'},
		},
	],
});
