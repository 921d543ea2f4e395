/** The part of the table of keys that is about the logs of jobs. */
import type {Tier} from '../../core/pipeline/pipeline.ts';
import {both, type Gate, open, shut} from '../questions/key-gate.ts';
import {focused} from '../logs/job-log-read.ts';
import {jobsNote} from '../view/jobs-note.ts';
import {jobInView, type Mode, shownTiers, tierInView} from '../questions/select.ts';
import type {State} from '../model/state.ts';
import type {Binding} from './binding.ts';

const modes: readonly Mode[] = ['job-log'];

const hasJob = (state: State): Gate => (jobInView(state) ? open : shut('there is no job here'));
const hasLines = (state: State): Gate => {
	const pane = focused(state);
	if (pane === null || pane.standing === null) return shut('reading the log');
	if (pane.rows.length > 0) return open;
	return pane.standing.kind === 'absent'
		? shut(pane.standing.because.replace(/\.$/, ''))
		: shut('nothing of the log is here yet');
};
const hasSearch = (state: State): Gate =>
	focused(state)?.search ? open : shut('nothing has been searched for', '/ searches.');
const openIt = (state: State) => ({
	type: 'open-log' as const,
	jobId: jobInView(state)?.id ?? 0,
	at: jobInView(state)?.status === 'failed' ? ('first-error' as const) : ('end' as const),
});

/** Of the tier that is chosen; where that is not red, of the one that is. */
const tierMeant = (state: State): Tier | null => {
	const chosen = tierInView(state);
	return chosen?.status === 'failed' ? chosen : (shownTiers(state).find(({status}) => status === 'failed') ?? chosen);
};
const hasTierLog = (state: State): Gate => {
	const tier = tierMeant(state);
	const note = tier && jobsNote(state, tier);
	if (tier === null) return shut('there is no commit yet');
	return note === null || note.kind === 'reading' || note.kind === 'failed' ? open : shut(note.text);
};

export const logKeys: readonly Binding[] = [
	{
		modes: ['board'],
		keys: ['v'],
		label: 'log',
		help: 'View the log of the red tier where its failure is told, else of the chosen tier',
		group: 'Look',
		footer: 1.04,
		footerWhen: state => tierMeant(state)?.status === 'failed',
		inPalette: true,
		gate: hasTierLog,
		message: state => ({type: 'open-tier-log', tier: tierMeant(state)?.name ?? 'fast'}),
	},
	{
		modes: ['tier', 'job'],
		keys: ['v'],
		label: 'log',
		help: 'View the log of the job; of a failed one where its failure is told',
		group: 'Look',
		footer: 1.04,
		footerWhen: state => hasJob(state).open,
		inPalette: true,
		gate: hasJob,
		message: openIt,
	},
	{
		modes: ['job'],
		keys: ['enter'],
		label: 'log',
		help: 'View the log of the job',
		group: 'Look',
		gate: hasJob,
		message: openIt,
	},
	{
		modes,
		keys: ['e'],
		label: 'next error',
		help: 'Next error in the log',
		group: 'Log',
		footer: 1,
		gate: hasLines,
		message: {type: 'next-error', direction: 1},
	},
	{
		modes,
		keys: ['E'],
		label: 'previous error',
		help: 'Previous error in the log',
		group: 'Log',
		gate: hasLines,
		message: {type: 'next-error', direction: -1},
	},
	{
		modes,
		keys: ['/'],
		label: 'search',
		help: 'Search the log; case matters once the text has a capital',
		group: 'Log',
		footer: 2,
		gate: hasLines,
		message: {type: 'show', overlay: 'search'},
	},
	{
		modes,
		keys: ['n'],
		label: 'next hit',
		help: 'Next hit in the log',
		group: 'Log',
		footer: 2.1,
		footerWhen: state => hasSearch(state).open,
		gate: both(hasLines, hasSearch),
		message: {type: 'search-next', direction: 1},
	},
	{
		modes,
		keys: ['N'],
		label: 'previous hit',
		help: 'Previous hit in the log',
		group: 'Log',
		gate: both(hasLines, hasSearch),
		message: {type: 'search-next', direction: -1},
	},
	{
		modes,
		keys: ['ctrl-f', ' '],
		label: 'page',
		help: 'A page down in the log (space)',
		group: 'Log',
		message: {type: 'page', direction: 1, share: 1},
	},
	{
		modes,
		keys: ['ctrl-b'],
		label: 'page up',
		help: 'A page up in the log',
		group: 'Log',
		message: {type: 'page', direction: -1, share: 1},
	},
	{
		modes,
		keys: ['l', 'right'],
		label: 'right',
		help: 'Right, in long lines of the log',
		group: 'Log',
		message: {type: 'shift-job-log', by: 20},
	},
	{
		modes,
		keys: ['h', 'left'],
		label: 'left',
		help: 'Left, in long lines of the log',
		group: 'Log',
		message: {type: 'shift-job-log', by: -20},
	},
	{
		modes,
		keys: ['tab'],
		label: 'next log',
		help: "Next job's log; with several side by side, the next of these",
		group: 'Log',
		footer: 3,
		message: {type: 'step-log', by: 1, isTab: true},
	},
	{
		modes,
		keys: ['shift-tab'],
		label: 'previous log',
		help: "Previous job's log, or the one before",
		group: 'Log',
		message: {type: 'step-log', by: -1, isTab: true},
	},
	{
		modes,
		keys: [']'],
		label: 'next job',
		help: "Next job's log in this place",
		group: 'Log',
		message: {type: 'step-log', by: 1, isTab: false},
	},
	{
		modes,
		keys: ['['],
		label: 'previous job',
		help: "Previous job's log in this place",
		group: 'Log',
		message: {type: 'step-log', by: -1, isTab: false},
	},
	{
		modes,
		keys: ['|'],
		label: 'side by side',
		help: "The next job's log next to this one, from 160 columns on",
		group: 'Log',
		footer: 3.1,
		footerWhen: ({columns}) => columns >= 160,
		message: {type: 'use-log', what: 'add'},
	},
	{
		modes,
		keys: ['x'],
		label: 'close',
		help: 'Close this log, where several stand side by side',
		group: 'Log',
		message: {type: 'use-log', what: 'drop'},
	},
	{
		modes,
		keys: ['z', 'enter'],
		label: 'fold',
		help: 'Fold or unfold the group of lines',
		group: 'Log',
		footer: 4,
		gate: hasLines,
		message: {type: 'use-log', what: 'fold'},
	},
	{
		modes,
		keys: ['Z'],
		label: 'fold all',
		help: 'Fold or unfold all groups',
		group: 'Log',
		footer: 4.1,
		gate: hasLines,
		message: {type: 'use-log', what: 'fold-all'},
	},
	{
		modes,
		keys: ['t'],
		label: 'times',
		help: 'Show or hide the time of each line',
		group: 'Log',
		footer: 5,
		gate: hasLines,
		message: {type: 'use-log', what: 'times'},
	},
	{
		modes,
		keys: ['w'],
		label: 'wrap',
		help: 'Wrap long lines of the log, or cut them',
		group: 'Log',
		footer: 6,
		gate: hasLines,
		message: {type: 'use-log', what: 'wrap'},
	},
	{
		modes,
		keys: ['f'],
		label: 'follow',
		help: 'Follow the log at its end, or pause',
		group: 'Log',
		footer: 6.1,
		footerWhen: state => focused(state)?.standing?.kind === 'coming',
		gate: hasLines,
		message: {type: 'use-log', what: 'follow'},
	},
	{
		modes,
		keys: ['o'],
		label: 'open page',
		help: "Open the job's page in the browser, at the step of this line",
		group: 'Log',
		footer: 7,
		gate: hasJob,
		message: {type: 'use-log', what: 'open-step'},
	},
	{
		modes,
		keys: ['y'],
		label: 'copy line',
		help: 'Copy this line',
		group: 'Log',
		footer: 8,
		gate: hasLines,
		message: {type: 'use-log', what: 'copy-line'},
	},
	{
		modes,
		keys: ['Y'],
		label: 'copy view',
		help: 'Copy the lines on the screen, with job and step',
		group: 'Log',
		gate: hasLines,
		message: {type: 'use-log', what: 'copy-view'},
	},
	{
		modes,
		keys: ['r'],
		label: 'ask again',
		help: 'Ask GitHub for the log again, after it was given up',
		group: 'Log',
		footer: 0.5,
		footerWhen: state => {
			const standing = focused(state)?.standing;
			return (
				standing?.kind === 'absent' &&
				standing.retryAt === null &&
				['gone', 'expired', 'not-permitted', 'unreachable', 'disk'].includes(standing.why)
			);
		},
		message: {type: 'use-log', what: 'ask-again'},
	},
];
