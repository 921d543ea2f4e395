/**
THE table of keys. Dispatch, footer, help, palette and docs/keys.md are all made from it; a test forbids a key that is
bound twice and a page that says otherwise. A row without keys is reached through the palette only.
*/
import {duration} from '../../core/text/duration.ts';
import {type Gate, open, shut} from '../questions/key-gate.ts';
import type {Message} from '../model/messages.ts';
import {logKeys} from './log-keys.ts';
import {dialogKeys, operationKeys} from './operation-keys.ts';
import {testKeys} from './test-keys.ts';
import {replayKeys} from './replay-keys.ts';
import {runDialogKeys, runKeys} from './run-keys.ts';
import {jobsNote} from '../view/jobs-note.ts';
import {
	addressInView,
	goneSha,
	type Mode,
	modeOf,
	selectedCandidate,
	shownTiers,
	siteOf,
	tierInView,
} from '../questions/select.ts';
import {skewOf} from '../questions/skew.ts';
import type {State} from '../model/state.ts';
import {type Binding, type Group, groups} from './binding.ts';

const hasCandidates = (state: State): Gate => {
	if (selectedCandidate(state)) return open;
	return goneSha(state) === null
		? shut('there is no commit yet', 'R asks GitHub again.')
		: shut('this commit is no longer among the newest', 'esc goes back.');
};
const hasAddress = (state: State): Gate => (addressInView(state) ? open : shut('there is no page to open here'));
const hasRun = (state: State): Gate => {
	const tier = tierInView(state);
	const note = tier && jobsNote(state, tier);
	return note === null ? (tier ? open : shut('this commit has no such tier')) : shut(note.text);
};
const hasTier =
	(name: string) =>
	(state: State): Gate =>
		shownTiers(state).some(tier => tier.name === name) ? open : shut(`this project has no ${name} tier`);
const mayRefresh = (state: State): Gate => {
	const {phase, failures, failure} = state.poll;
	if (state.replay !== null) return shut('this is a replay', 'GitHub is not asked.');
	if (phase === 'asking') return shut('GitHub is being asked right now');
	// Asking all the same would only make GitHub close the door for longer.
	const isLimit = failures > 0 && (failure?.kind === 'rate-limited' || failure?.kind === 'secondary-limit');
	// When was worked out by this machine's clock; `now` is GitHub's.
	const waitMs = isLimit && failure.retryAt !== null ? failure.retryAt + skewOf(state) - state.now : 0;
	return waitMs > 0
		? shut(`GitHub asked us to wait for another ${duration(waitMs / 1000)}`, 'It is asked again by itself then.')
		: open;
};
const hasQuery = (state: State): Gate =>
	state.view.query === '' ? shut('nothing has been searched for', '/ searches.') : open;
const hasSite =
	(environment: string) =>
	(state: State): Gate =>
		siteOf(state, environment) !== null
			? open
			: shut(
					`the address of ${environment} is not known`,
					`Set environments.${environment}.url in deployctl.yml.`,
				);

const pipelinePlaces: readonly Mode[] = ['board', 'tier', 'job', 'gate', 'events'];
export const places: readonly Mode[] = [...pipelinePlaces, 'tests', 'job-log', 'operations', 'operation'];
const lists: readonly Mode[] = [...places, 'help'];
const details: readonly Mode[] = ['tier', 'job', 'tests', 'job-log', 'gate', 'events', 'operations', 'operation'];

export const keyTable: readonly Binding[] = [
	{
		modes: lists,
		keys: ['j', 'down'],
		label: 'down',
		help: 'Next commit, job or line',
		group: 'Move',
		message: {type: 'move', by: 1},
	},
	{
		modes: lists,
		keys: ['k', 'up'],
		label: 'up',
		help: 'Previous commit, job or line',
		group: 'Move',
		message: {type: 'move', by: -1},
	},
	{
		modes: lists,
		keys: ['g', 'home'],
		label: 'first',
		help: 'First row',
		group: 'Move',
		message: {type: 'jump', to: 'first'},
	},
	{
		modes: lists,
		keys: ['G', 'end'],
		label: 'last',
		help: 'Last row',
		group: 'Move',
		message: {type: 'jump', to: 'last'},
	},
	{
		modes: lists,
		keys: ['ctrl-d', 'pagedown'],
		label: 'page down',
		help: 'Half a page down',
		group: 'Move',
		message: {type: 'page', direction: 1, share: 0.5},
	},
	{
		modes: lists,
		keys: ['ctrl-u', 'pageup'],
		label: 'page up',
		help: 'Half a page up',
		group: 'Move',
		message: {type: 'page', direction: -1, share: 0.5},
	},
	{
		modes: ['board', 'tier'],
		keys: ['l', 'right', 'tab'],
		label: 'tier',
		help: 'Next tier',
		group: 'Move',
		gate: hasCandidates,
		message: {type: 'step-tier', by: 1},
	},
	{
		modes: ['board', 'tier'],
		keys: ['h', 'left', 'shift-tab'],
		label: 'tier back',
		help: 'Previous tier',
		group: 'Move',
		gate: hasCandidates,
		message: {type: 'step-tier', by: -1},
	},
	{
		modes: ['job'],
		keys: ['l', 'right', 'tab', ']'],
		label: 'next job',
		help: 'Next job',
		group: 'Move',
		footer: 2,
		message: {type: 'step-job', by: 1},
	},
	{
		modes: ['job'],
		keys: ['h', 'left', 'shift-tab', '['],
		label: 'previous job',
		help: 'Previous job',
		group: 'Move',
		footer: 3,
		message: {type: 'step-job', by: -1},
	},
	{
		modes: ['board', 'tier'],
		keys: ['1'],
		label: 'fast',
		help: 'Tier 1, fast tests',
		group: 'Move',
		footer: 2,
		footerText: state => ({key: `1-${Math.max(3, shownTiers(state).length)}`, label: 'tier'}),
		gate: hasTier('fast'),
		message: {type: 'choose-tier', tier: 'fast'},
	},
	{
		modes: ['board', 'tier'],
		keys: ['2'],
		label: 'deploy',
		help: 'Tier 2, deployment to staging',
		group: 'Move',
		gate: hasTier('deploy'),
		message: {type: 'choose-tier', tier: 'deploy'},
	},
	{
		modes: ['board', 'tier'],
		keys: ['3'],
		label: 'e2e',
		help: 'Tier 3, E2E',
		group: 'Move',
		gate: hasTier('e2e'),
		message: {type: 'choose-tier', tier: 'e2e'},
	},
	{
		modes: ['board', 'tier'],
		keys: ['4'],
		label: 'smoke',
		help: 'Smoke tests',
		group: 'Move',
		gate: hasTier('smoke'),
		message: {type: 'choose-tier', tier: 'smoke'},
	},
	{
		modes: ['board'],
		keys: ['a'],
		label: 'active',
		help: 'Go to the active release and follow it',
		group: 'Move',
		footer: 6,
		inPalette: true,
		gate: hasCandidates,
		message: {type: 'follow-active'},
	},

	{
		modes: ['board'],
		keys: ['enter'],
		label: 'open',
		help: 'Open the tier: its jobs with their steps',
		group: 'Look',
		footer: 1,
		gate: hasCandidates,
		message: {type: 'enter'},
	},
	{
		modes: ['tier'],
		keys: ['enter'],
		label: 'open job',
		help: 'Open the job: steps, timings, annotations',
		group: 'Look',
		footer: 1,
		footerWhen: state => hasRun(state).open,
		gate: hasRun,
		message: {type: 'enter'},
	},
	{
		modes: details,
		keys: ['esc', 'backspace'],
		label: 'back',
		help: 'Back',
		group: 'Look',
		footer: 0,
		message: {type: 'back'},
	},
	{
		modes: ['board', 'tier', 'job', 'tests', 'events'],
		keys: ['p'],
		label: 'production gate',
		help: 'Production gate: every condition with its reason',
		group: 'Look',
		footer: 3,
		inPalette: true,
		gate: hasCandidates,
		message: {type: 'go', place: {name: 'gate'}},
	},
	{
		modes: ['board', 'tier', 'job', 'tests', 'gate', 'operations', 'operation'],
		keys: ['e'],
		label: 'events',
		help: 'Events: what changed, and when',
		group: 'Look',
		footer: 4,
		inPalette: true,
		message: {type: 'go', place: {name: 'events'}},
	},
	{
		modes: ['board'],
		keys: ['/'],
		label: 'search',
		help: 'Search commits by message, author or SHA',
		group: 'Look',
		footer: 5,
		inPalette: true,
		gate: state => (state.snapshot === null ? open : hasCandidates(state)),
		message: {type: 'show', overlay: 'search'},
	},
	{
		modes: ['board'],
		keys: ['esc'],
		label: 'clear search',
		help: 'Clear the search',
		group: 'Look',
		footer: 0,
		footerWhen: state => hasQuery(state).open,
		message: {type: 'erase', what: 'all'},
	},
	{
		modes: ['board'],
		keys: ['n'],
		label: 'next hit',
		help: 'Next hit of the search',
		group: 'Look',
		gate: hasQuery,
		message: {type: 'search-next', direction: 1},
	},
	{
		modes: ['board'],
		keys: ['N'],
		label: 'previous hit',
		help: 'Previous hit of the search',
		group: 'Look',
		gate: hasQuery,
		message: {type: 'search-next', direction: -1},
	},

	...testKeys,
	...operationKeys,
	...replayKeys,
	...logKeys,
	...runKeys,

	{
		modes: pipelinePlaces,
		keys: ['o'],
		label: 'open page',
		help: 'Open the page of the job, run or commit in the browser',
		group: 'Use',
		footer: 7,
		inPalette: true,
		gate: hasAddress,
		message: {type: 'open-page'},
	},
	{
		modes: pipelinePlaces,
		keys: ['y'],
		label: 'copy',
		help: 'Copy the address of the job, run or commit',
		group: 'Use',
		footer: 8,
		inPalette: true,
		gate: hasAddress,
		message: {type: 'copy-address'},
	},
	{
		modes: [...pipelinePlaces, 'tests'],
		keys: ['Y'],
		label: 'copy SHA',
		help: "Copy the commit's full SHA",
		group: 'Use',
		inPalette: true,
		gate: hasCandidates,
		message: {type: 'copy-sha'},
	},
	{
		modes: pipelinePlaces,
		keys: [],
		label: 'open staging',
		help: 'Open staging in the browser',
		group: 'Use',
		inPalette: true,
		gate: hasSite('staging'),
		message: {type: 'open-site', environment: 'staging'},
	},
	{
		modes: pipelinePlaces,
		keys: [],
		label: 'open production',
		help: 'Open production in the browser',
		group: 'Use',
		inPalette: true,
		gate: hasSite('production'),
		message: {type: 'open-site', environment: 'production'},
	},
	{
		modes: places,
		keys: ['R', 'ctrl-r'],
		label: 'refresh',
		help: 'Ask GitHub now',
		group: 'Use',
		footer: 9,
		inPalette: true,
		gate: mayRefresh,
		message: {type: 'refresh'},
	},

	{
		modes: places,
		keys: [':', 'ctrl-p'],
		label: 'commands',
		help: 'Command palette',
		group: 'Program',
		footer: 10,
		message: {type: 'show', overlay: 'palette'},
	},
	{
		modes: places,
		keys: ['?', 'f1'],
		label: 'help',
		help: 'Help',
		group: 'Program',
		footer: 11,
		inPalette: true,
		message: {type: 'show', overlay: 'help'},
	},
	{
		modes: ['help'],
		keys: ['esc', '?', 'q', 'enter', 'backspace', 'f1'],
		label: 'close',
		help: 'Close help',
		group: 'Program',
		footer: 0,
		message: {type: 'dismiss'},
	},
	{
		modes: places,
		keys: [],
		label: 'theme: automatic',
		help: 'Theme: as the terminal says',
		group: 'Program',
		inPalette: true,
		message: {type: 'prefer', preferences: {theme: 'auto'}},
	},
	{
		modes: places,
		keys: [],
		label: 'theme: dark',
		help: 'Theme: dark',
		group: 'Program',
		inPalette: true,
		message: {type: 'prefer', preferences: {theme: 'dark'}},
	},
	{
		modes: places,
		keys: [],
		label: 'theme: light',
		help: 'Theme: light',
		group: 'Program',
		inPalette: true,
		message: {type: 'prefer', preferences: {theme: 'light'}},
	},
	{
		modes: places,
		keys: [],
		label: 'theme: no colours',
		help: 'Theme: no colours',
		group: 'Program',
		inPalette: true,
		message: {type: 'prefer', preferences: {theme: 'mono'}},
	},
	{
		modes: places,
		keys: [],
		label: 'symbols',
		help: 'Symbols: ASCII or Unicode',
		group: 'Program',
		inPalette: true,
		message: state => ({
			type: 'prefer',
			preferences: {symbols: state.preferences.symbols === 'ascii' ? 'unicode' : 'ascii'},
		}),
	},
	{
		modes: places,
		keys: [],
		label: 'motion',
		help: 'Motion: spinners on or off',
		group: 'Program',
		inPalette: true,
		message: state => ({
			type: 'prefer',
			preferences: {motion: state.preferences.motion === 'full' ? 'reduced' : 'full'},
		}),
	},
	{
		modes: places,
		keys: [],
		label: 'density',
		help: 'Density: comfortable or compact',
		group: 'Program',
		inPalette: true,
		message: state => ({
			type: 'prefer',
			preferences: {density: state.preferences.density === 'compact' ? 'comfortable' : 'compact'},
		}),
	},
	{
		modes: [...places, 'small'],
		keys: ['ctrl-l'],
		label: 'redraw',
		help: 'Redraw the screen, over what others wrote to the terminal',
		group: 'Program',
		inPalette: true,
		message: {type: 'repaint'},
	},
	{
		modes: [...places, 'small'],
		keys: ['ctrl-z'],
		label: 'suspend',
		help: 'Back to the shell; fg returns',
		group: 'Program',
		message: {type: 'suspend'},
	},
	{
		modes: [...places, 'small'],
		keys: ['q'],
		label: 'quit',
		help: 'Quit',
		group: 'Program',
		footer: 12,
		inPalette: true,
		message: {type: 'quit', exitCode: 0},
	},
	{
		modes: [
			...places,
			'small',
			'help',
			'palette',
			'search',
			'choose',
			'pick',
			'plan',
			'phrase',
			'reason',
			'ask',
			'awaited',
			'void',
		],
		keys: ['ctrl-c'],
		label: 'quit',
		help: 'Quit at once',
		group: 'Program',
		message: {type: 'quit', exitCode: 130},
	},

	{
		modes: ['search', 'palette'],
		keys: ['esc'],
		label: 'cancel',
		help: 'Close without doing anything',
		group: 'Program',
		footer: 0,
		message: {type: 'dismiss'},
	},
	{
		modes: ['search', 'palette'],
		keys: ['enter'],
		label: 'select',
		help: 'Take what is chosen',
		group: 'Program',
		footer: 1,
		message: {type: 'accept'},
	},
	{
		modes: ['palette'],
		keys: ['down', 'ctrl-n', 'tab'],
		label: 'down',
		help: 'Next command',
		group: 'Program',
		footer: 2,
		message: {type: 'move', by: 1},
	},
	{
		modes: ['palette'],
		keys: ['up', 'ctrl-p', 'shift-tab'],
		label: 'up',
		help: 'Previous command',
		group: 'Program',
		footer: 3,
		message: {type: 'move', by: -1},
	},
	{
		modes: ['search', 'palette'],
		keys: ['backspace'],
		label: 'erase',
		help: 'Erase a character',
		group: 'Program',
		message: {type: 'erase', what: 'character'},
	},
	{
		modes: ['search', 'palette'],
		keys: ['ctrl-u'],
		label: 'erase all',
		help: 'Erase the whole line',
		group: 'Program',
		message: {type: 'erase', what: 'all'},
	},
	...dialogKeys,
	...runDialogKeys,
];

export const findBinding = (mode: Mode, key: string): Binding | undefined =>
	keyTable.find(binding => binding.modes.includes(mode) && binding.keys.includes(key));
export const gateOf = (binding: Binding, state: State): Gate => binding.gate?.(state) ?? open;
export const messageOf = (binding: Binding, state: State): Message =>
	typeof binding.message === 'function' ? binding.message(state) : binding.message;

/** What the footer shows now, in order. */
export const footerBindings = (state: State): readonly Binding[] => {
	const mode = modeOf(state);
	return keyTable
		.filter(
			binding =>
				binding.footer !== undefined && binding.modes.includes(mode) && (binding.footerWhen?.(state) ?? true),
		)
		.sort((a, b) => a.footer! - b.footer!);
};

/** Key and word of a row in the footer. */
export const footerTextOf = (binding: Binding, state: State): {key: string; label: string} =>
	binding.footerText?.(state) ?? {key: binding.keys[0]!, label: binding.label};

/** Commands that the palette offers for a query, wherever they are bound; those that match at the front come first. */
export const paletteBindings = (query: string): readonly Binding[] => {
	const wanted = query.trim().toLowerCase();
	const rank = ({label, help}: Binding) => {
		const text = `${label} ${help}`.toLowerCase();
		return text.startsWith(wanted)
			? 0
			: help.toLowerCase().includes(wanted)
				? 1
				: wanted.split(/\s+/).every(word => text.includes(word))
					? 2
					: 9;
	};
	return keyTable
		.filter(binding => binding.inPalette === true && rank(binding) < 9)
		.sort((a, b) => rank(a) - rank(b));
};

/** Help, grouped; overlays and dialogs explain themselves in their footer. */
export const helpRows = (): ReadonlyArray<{group: Group} | {binding: Binding}> =>
	groups.flatMap(group => [
		{group},
		...keyTable
			.filter(
				binding =>
					binding.group === group &&
					binding.keys.length > 0 &&
					binding.modes.some(mode => places.includes(mode) || mode === 'small'),
			)
			.map(binding => ({binding})),
	]);
