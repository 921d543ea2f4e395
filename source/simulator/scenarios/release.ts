import {scenario} from '../model/scenario.ts';
import {shard} from './baseline.ts';
import {history} from './history.ts';

/** Afternoon of a team that ships: what comes after the first release, so that the demo stays alive for an hour and more. */
export const release = scenario({
	name: 'release',
	description:
		'A normal day: a release goes through the tiers, more pushes follow, and production is six commits behind.',
	events: [
		...history,
		{
			at: '-1m55s',
			push: 'develop',
			by: 'priya-raman',
			commits: [
				['autosave', 'Autosave drafts every ten seconds (#428)\n\nKeeps the last fifty versions per chapter.'],
			],
		},
		{
			at: '+15m',
			push: 'develop',
			by: 'jonas-lindqvist',
			commits: [['toc', 'Rebuild the table of contents when chapters move (#431)']],
			plan: {
				outcomes: {[shard(2)]: [{conclusion: 'failure', failedTests: 1}, 'success']},
				rerun: [{workflow: 'e2e-staging.yml', afterSeconds: 70, by: 'jonas-lindqvist'}],
			},
		},
		{
			at: '+24m',
			push: 'develop',
			by: 'yuki-tanaka',
			commits: [
				['footnotes', 'Footnotes keep their numbers across exports (#430)', 'yuki-tanaka'],
				['epub', 'Validate EPUB before upload (#432)'],
			],
			plan: {outcomes: {smoke: 'timed_out'}},
		},
		{
			at: '+38m',
			push: 'develop',
			by: 'renovate[bot]',
			commits: [['deps', 'Update dependency vite to v8.2.1 (#433)']],
			plan: {outcomes: {typecheck: 'failure'}},
		},
		{
			at: '+45m',
			push: 'develop',
			by: 'lena-fischer',
			commits: [['deps-fix', 'Adapt to the new plugin types of vite 8.2 (#434)']],
		},
		{
			at: '+61m',
			push: 'develop',
			by: 'tomas-herrera',
			commits: [['search', 'Search finds words with diacritics (#429)']],
			plan: {slow: {[shard(3)]: 1.9}},
		},
		{
			at: '+82m',
			push: 'develop',
			by: 'mira-okafor',
			commits: [['invoice', 'Invoices carry the VAT number (#436)']],
			plan: {outcomes: {deploy: {conclusion: 'failure', step: 'Health check'}}},
		},
		{
			at: '+88m',
			push: 'develop',
			by: 'mira-okafor',
			commits: [['invoice-fix', 'Give the invoice worker its queue URL (#437)']],
		},
		{
			at: '+107m',
			push: 'develop',
			by: 'priya-raman',
			commits: [['outline', 'Outline view remembers what was folded (#438)']],
		},
	],
});
