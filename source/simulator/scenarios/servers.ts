/** The same repository behind a token that may less, another server, a bad day of GitHub's; and a repository with nothing in it. */
import {scenario} from '../model/scenario.ts';
import {baseline} from './baseline.ts';

const active = {
	at: '-1m30s',
	push: 'develop',
	by: 'priya-raman',
	commits: [['autosave', 'Autosave drafts every ten seconds (#428)']],
} as const;

export const fineGrained = scenario({
	name: 'fine-grained',
	description: 'The token is a fine-grained one, which GitHub gives no access to checks: jobs come over REST.',
	tokens: [{token: 'sim_fine-grained', kind: 'fine-grained'}],
	events: [...baseline, active],
});

export const ghes = scenario({
	name: 'ghes',
	description: 'A GitHub Enterprise Server: other addresses, no rate limits, an older schema.',
	server: {
		kind: 'ghes',
		lacks: [
			'Environment.isPinned',
			'Environment.pinnedPosition',
			'Environment.latestCompletedDeployment',
			'CheckStep.secondsToCompletion',
		],
		pointsPerHour: null,
		corePerHour: null,
	},
	events: [...baseline, active],
});

export const outage = scenario({
	name: 'outage',
	description: 'GitHub answers 502 for two minutes, then with its secondary limit, then it recovers.',
	faults: [
		{from: '+40s', until: '+2m40s', fault: {kind: 'bad-gateway-html'}},
		{from: '+2m40s', until: '+3m20s', fault: {kind: 'secondary-limit', retryAfterSeconds: 40}},
		{from: '+3m20s', until: '+3m40s', fault: {kind: 'secondary-limit', status: 200}},
	],
	events: [
		...baseline,
		active,
		{
			at: '+20m',
			push: 'develop',
			by: 'jonas-lindqvist',
			commits: [['toc', 'Rebuild the table of contents when chapters move (#431)']],
		},
	],
});

export const empty = scenario({
	name: 'empty',
	description: 'A new repository: one commit, no workflows, no runs, no environments.',
	repository: {owner: 'acme', name: 'new-idea', isPrivate: true, defaultBranch: 'develop', description: ''},
	workflows: [],
	environments: [],
	silentApps: [],
	events: [],
});
