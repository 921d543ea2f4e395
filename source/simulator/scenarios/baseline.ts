/** The shortest past that gives every screen something to show: three green commits, one of them in production. */
import type {ScenarioEvent} from '../model/scenario.ts';

export const shard = (number: number): string => `e2e (${number}, 4)`;

export const baseline: readonly ScenarioEvent[] = [
	{at: '-26h', push: 'develop', by: 'mira-okafor', commits: [['editor', 'Split the editor into panes (#409)']]},
	{at: '-22h', push: 'develop', by: 'tomas-herrera', commits: [['export', 'Export chapters as EPUB 3.3 (#411)']]},
	{at: '-20h', promote: 'export', by: 'mira-okafor'},
	{
		at: '-5h',
		push: 'develop',
		by: 'lena-fischer',
		commits: [['i18n', 'Translate the onboarding into Portuguese (#412)']],
	},
	{
		at: '-2h',
		push: 'develop',
		by: 'yuki-tanaka',
		commits: [['fonts', 'Bundle the fonts of the print preview (#418)']],
	},
];
