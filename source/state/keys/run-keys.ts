/** The part of the table of keys that is about GitHub's runs: re-run, cancel, start; and their dialogs. */
import {age} from '../../core/text/duration.ts';
import type {TierName} from '../../core/pipeline/pipeline.ts';
import {both, type Gate, hasCommit, isPresent, mayOperate, open, shut} from '../questions/key-gate.ts';
import {askedLateMs} from '../model/run-dialog.ts';
import {askedOf, hasFailed, isForeign, isLate, productionDoubt, runInView} from '../questions/run-select.ts';
import {type Mode, tierInView} from '../questions/select.ts';
import type {State} from '../model/state.ts';
import type {Binding} from './binding.ts';

const runPlaces: readonly Mode[] = ['board', 'tier', 'job', 'gate', 'tests'];
const monthMs = 30 * 86_400_000;

const hasRun = (state: State): Gate => {
	const run = runInView(state);
	if (run === null)
		return state.view.place.name === 'gate'
			? shut(productionDoubt(state) ?? 'no run deploys this commit to production')
			: shut(tierInView(state)?.status === 'none' ? 'this tier has not started' : 'its run is not read yet');
	return isForeign(state, run) ? shut('this run belongs to another repository') : open;
};

/** Every gate of a row is asked: without a run `hasRun` says so. */
const mayRerun = (state: State): Gate => {
	const run = runInView(state);
	if (run === null) return open;
	const asked = askedOf(state, run.seen.runId);
	if (asked?.kind === 'rerun' && !isLate(state, asked))
		return shut(
			`its re-run was asked for ${age(state.wallNow - asked.atWall)} ago`,
			'GitHub has not shown the new attempt yet.',
		);
	if (run.whose !== null) return shut('it has not begun: it waits for an approval', 'V approves it.');
	if (!run.isOver) return shut('it still runs', 'x cancels it.');
	if (run.createdAt !== null && state.now - run.createdAt > monthMs)
		return shut('it is older than 30 days: GitHub runs it no more', 'E starts E2E again.');
	return run.seen.attempt === null && run.seen.jobIds.length === 0 ? shut('its jobs are not read yet') : open;
};

const mayCancel = (state: State): Gate => {
	const run = runInView(state);
	if (run === null) return open;
	if (run.whose !== null) return shut('it has not begun: it waits for an approval', 'V approves it.');
	if (run.isOver) return shut('it has ended', 'r runs it again.');
	const asked = askedOf(state, run.seen.runId);
	const waitMs = asked?.kind === 'cancel' && !asked.force ? asked.atWall + askedLateMs - state.wallNow : 0;
	if (waitMs > 0)
		return shut(
			`it was asked to end ${age(state.wallNow - asked!.atWall)} ago`,
			`In ${age(waitMs)} it can be forced.`,
		);
	return run.seen.attempt === null && run.seen.jobIds.length === 0 ? shut('its jobs are not read yet') : open;
};

const hasWorkflow =
	(tier: TierName) =>
	(state: State): Gate => {
		const {workflow} = state.settings.tiers[tier];
		return state.facts?.absentWorkflows.includes(workflow)
			? shut(`this repository has no ${workflow}`, `tiers.${tier}.workflow in deployctl.yml names it.`)
			: open;
	};

const isRed = (state: State): boolean =>
	isPresent(state) && hasRun(state).open && runInView(state)!.isOver && runInView(state)!.jobs.some(hasFailed);
const isGoing = (state: State): boolean =>
	isPresent(state) &&
	state.view.place.name !== 'board' &&
	hasRun(state).open &&
	!runInView(state)!.isOver &&
	runInView(state)!.whose === null;

/** At the places. */
export const runKeys: readonly Binding[] = [
	{
		modes: runPlaces,
		keys: ['r'],
		label: 're-run',
		help: 'Re-run: failed jobs, all jobs, or this job; asks which',
		group: 'Operate',
		footer: 1.3,
		footerWhen: isRed,
		inPalette: true,
		gate: both(mayOperate, hasRun, mayRerun),
		message: {type: 'intend-run', what: 'rerun'},
	},
	{
		modes: runPlaces,
		keys: ['x'],
		label: 'cancel run',
		help: 'Cancel the run in view; by force when it does not answer',
		group: 'Operate',
		footer: 1.35,
		footerWhen: isGoing,
		inPalette: true,
		gate: both(mayOperate, hasRun, mayCancel),
		message: {type: 'intend-run', what: 'cancel'},
	},
	{
		modes: runPlaces,
		keys: ['E'],
		label: 'run E2E',
		help: 'Run E2E for the selected commit; asks for branch and inputs',
		group: 'Operate',
		inPalette: true,
		gate: both(mayOperate, hasCommit, hasWorkflow('e2e')),
		message: {type: 'intend-run', what: 'e2e'},
	},
	{
		modes: runPlaces,
		keys: [],
		label: 'run smoke tests',
		help: 'Run the smoke tests for the selected commit',
		group: 'Operate',
		inPalette: true,
		gate: both(mayOperate, hasCommit, hasWorkflow('smoke')),
		message: {type: 'intend-run', what: 'smoke'},
	},
	{
		modes: runPlaces,
		keys: [],
		label: 'run staging workflow',
		help: 'Deploy the selected commit to staging by its workflow',
		group: 'Operate',
		inPalette: true,
		gate: both(mayOperate, hasCommit, hasWorkflow('deploy')),
		message: {type: 'intend-run', what: 'deploy'},
	},
];

/** In the form of a start. The other dialogs have the keys of every list and every question. */
export const runDialogKeys: readonly Binding[] = [
	{
		modes: ['form'],
		keys: ['esc'],
		label: 'cancel',
		help: 'Close the form; nothing is done',
		group: 'Program',
		footer: 0,
		message: {type: 'cancel'},
	},
	{
		modes: ['form'],
		keys: ['enter'],
		label: 'continue',
		help: 'Take the form; nothing is done yet',
		group: 'Program',
		footer: 1,
		message: {type: 'confirm'},
	},
	{
		modes: ['form'],
		keys: ['tab', 'down'],
		label: 'next field',
		help: 'Next field of the form',
		group: 'Program',
		footer: 2,
		message: {type: 'move', by: 1},
	},
	{
		modes: ['form'],
		keys: ['shift-tab', 'up'],
		label: 'previous field',
		help: 'Previous field of the form',
		group: 'Program',
		footer: 3,
		message: {type: 'move', by: -1},
	},
	{
		modes: ['form'],
		keys: ['right'],
		label: 'next value',
		help: 'Next value of a choice',
		group: 'Program',
		footer: 4,
		message: {type: 'change-value', by: 1},
	},
	{
		modes: ['form'],
		keys: ['left'],
		label: 'previous value',
		help: 'Previous value of a choice',
		group: 'Program',
		message: {type: 'change-value', by: -1},
	},
	{
		modes: ['form'],
		keys: ['backspace'],
		label: 'erase',
		help: 'Erase a character',
		group: 'Program',
		message: {type: 'erase', what: 'character'},
	},
	{
		modes: ['form'],
		keys: ['ctrl-u'],
		label: 'erase all',
		help: 'Erase the field',
		group: 'Program',
		message: {type: 'erase', what: 'all'},
	},
	{
		modes: ['form'],
		keys: ['ctrl-c'],
		label: 'quit',
		help: 'Quit at once',
		group: 'Program',
		message: {type: 'quit', exitCode: 130},
	},
];
