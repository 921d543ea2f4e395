/** The part of the table of keys that is about operations: at the places, in the view of one, and in the dialogs. */
import {
	both,
	confirmable,
	type Gate,
	hasCommit,
	hasOperations,
	isPresent,
	mayOperate,
	open,
	shut,
} from '../questions/key-gate.ts';
import {
	operationInView,
	operationMeant,
	operationsOf,
	pinsOn,
	runningOperations,
} from '../questions/operation-select.ts';
import {releaseDialogKeys, releaseKeys} from './release-keys.ts';
import type {Mode} from '../questions/select.ts';
import type {State} from '../model/state.ts';
import type {Binding} from './binding.ts';

const pipelinePlaces: readonly Mode[] = ['board', 'tier', 'job', 'tests', 'gate', 'events'];
const places: readonly Mode[] = [...pipelinePlaces, 'operations', 'operation'];

const hasRunning = (state: State): Gate =>
	runningOperations(state).length > 0 ? open : shut('nothing runs now', 'O lists what has run.');
const isAnother = (state: State): Gate =>
	operationMeant(state)?.id === operationInView(state)?.id ? shut('this is it') : open;
const mayStop = (state: State): Gate => {
	const operation = operationMeant(state);
	return operation?.stop ? shut(`${operation.stop.by} is stopping it already`) : open;
};
const hasPin = (state: State): Gate =>
	state.settings.environments.some(({name}) => pinsOn(state, name).length > 0) ? open : shut('no release is pinned');
const hasLog = (state: State): Gate => (state.log?.size ? open : shut('there is no log yet'));
const hasLogSearch = (state: State): Gate =>
	state.log?.search ? open : shut('nothing has been searched for', '/ searches.');

/** Nothing of scripts that differ from the protected branch's is run for a plan without the operator's word. */
const mayAgree = ({dialog}: State): Gate =>
	dialog !== null &&
	(dialog.name === 'plan' || dialog.name === 'pick') &&
	typeof dialog.plan?.asks?.digest === 'string'
		? open
		: shut('no script waits for your word');

const isRollback = ({dialog}: State): boolean => dialog?.name === 'plan' && dialog.wish.kind === 'rollback';

/** At the places; a mutation is never on a key that moves. */
export const operationKeys: readonly Binding[] = [
	{
		modes: places,
		keys: ['A'],
		label: 'watch',
		help: 'Attach to the running operation: steps and live log',
		group: 'Operate',
		footer: 0.3,
		footerWhen: state => hasRunning(state).open && isAnother(state).open,
		inPalette: true,
		gate: both(hasOperations, hasRunning, isAnother),
		message: {type: 'attach'},
	},
	{
		modes: places,
		keys: ['S'],
		label: 'stop',
		help: 'Stop the running operation',
		group: 'Operate',
		footer: 0.6,
		footerWhen: state => hasRunning(state).open,
		inPalette: true,
		gate: both(mayOperate, hasRunning, mayStop),
		message: {type: 'intend', what: 'stop'},
	},
	{
		modes: pipelinePlaces,
		keys: ['D'],
		label: 'deploy',
		help: 'Deploy the selected commit; asks for the environment',
		group: 'Operate',
		footer: 1.2,
		footerWhen: isPresent,
		inPalette: true,
		gate: both(mayOperate, hasCommit),
		message: {type: 'intend', what: 'deploy'},
	},
	{
		modes: places,
		keys: ['B'],
		label: 'roll back',
		help: 'Roll back: choose environment and release',
		group: 'Operate',
		footer: 1.4,
		footerWhen: isPresent,
		inPalette: true,
		gate: mayOperate,
		message: {type: 'intend', what: 'roll-back'},
	},
	{
		modes: [...pipelinePlaces, 'operation'],
		keys: ['O'],
		label: 'operations',
		help: 'Operations: what ran, and how it ended',
		group: 'Operate',
		footer: 3.5,
		footerWhen: isPresent,
		inPalette: true,
		gate: hasOperations,
		message: {type: 'go', place: {name: 'operations'}},
	},
	{
		modes: places,
		keys: ['L'],
		label: 'lock',
		help: 'Lock an environment with a reason, or unlock it',
		group: 'Operate',
		footer: 6.5,
		footerWhen: isPresent,
		inPalette: true,
		gate: mayOperate,
		message: {type: 'intend', what: 'lock'},
	},
	{
		modes: places,
		keys: ['U'],
		label: 'unpin',
		help: 'Unpin: a release that was rolled back may be shipped again',
		group: 'Operate',
		inPalette: true,
		gate: both(mayOperate, hasPin),
		message: {type: 'intend', what: 'unpin'},
	},
	...releaseKeys,
	{
		modes: ['operations'],
		keys: ['enter'],
		label: 'open',
		help: 'Open the operation: steps, outcome, log',
		group: 'Operate',
		footer: 1,
		gate: state => (operationsOf(state).length > 0 ? open : shut('there is no operation yet')),
		message: {type: 'enter'},
	},
	{
		modes: ['operation'],
		keys: ['/'],
		label: 'search log',
		help: 'Search the log of the operation',
		group: 'Operate',
		footer: 2,
		gate: hasLog,
		message: {type: 'show', overlay: 'search'},
	},
	{
		modes: ['operation'],
		keys: ['n'],
		label: 'next hit',
		help: 'Next hit in the log',
		group: 'Operate',
		footer: 2.1,
		footerWhen: state => state.log?.search != null,
		gate: hasLogSearch,
		message: {type: 'search-next', direction: 1},
	},
	{
		modes: ['operation'],
		keys: ['N'],
		label: 'previous hit',
		help: 'Previous hit in the log',
		group: 'Operate',
		gate: hasLogSearch,
		message: {type: 'search-next', direction: -1},
	},
	{
		modes: ['operation'],
		keys: ['f'],
		label: 'follow',
		help: 'Follow the log at its end',
		group: 'Operate',
		footer: 1,
		footerWhen: state => state.log?.isFollowing === false,
		gate: hasLog,
		message: {type: 'follow-log'},
	},
	{
		modes: ['operation'],
		keys: ['w'],
		label: 'wrap',
		help: 'Wrap long lines of the log, or cut them',
		group: 'Operate',
		footer: 2.2,
		gate: hasLog,
		message: {type: 'wrap-log'},
	},
	{
		modes: ['operation'],
		keys: ['l', 'right'],
		label: 'right',
		help: 'Right, in long lines of the log',
		group: 'Operate',
		message: {type: 'shift-log', by: 20},
	},
	{
		modes: ['operation'],
		keys: ['h', 'left'],
		label: 'left',
		help: 'Left, in long lines of the log',
		group: 'Operate',
		message: {type: 'shift-log', by: -20},
	},
];

const enterConfirmsNothing: (state: State) => Gate = () => shut('Enter confirms nothing here', 'y does.');

/** In the dialogs. Each has a set of its own. */
export const dialogKeys: readonly Binding[] = [
	{
		modes: ['choose', 'pick', 'plan', 'phrase', 'reason', 'ask', 'awaited', 'void'],
		keys: ['esc'],
		label: 'cancel',
		help: 'Close the dialog; nothing is done',
		group: 'Program',
		footer: 0,
		message: {type: 'cancel'},
	},
	{
		modes: ['choose', 'pick'],
		keys: ['j', 'down', 'tab'],
		label: 'down',
		help: 'Next row of the dialog',
		group: 'Program',
		footer: 2,
		message: {type: 'move', by: 1},
	},
	{
		modes: ['choose', 'pick'],
		keys: ['k', 'up', 'shift-tab'],
		label: 'up',
		help: 'Previous row of the dialog',
		group: 'Program',
		footer: 3,
		message: {type: 'move', by: -1},
	},
	{
		modes: ['choose', 'pick'],
		keys: ['enter'],
		label: 'continue',
		help: 'Take this row; nothing is done yet',
		group: 'Program',
		footer: 1,
		message: {type: 'confirm'},
	},
	{
		modes: ['plan', 'phrase'],
		keys: ['down', 'pagedown'],
		label: 'more',
		help: 'On in a plan that is longer than the terminal',
		group: 'Program',
		message: {type: 'move', by: 3},
	},
	{
		modes: ['plan', 'phrase'],
		keys: ['up', 'pageup'],
		label: 'back',
		help: 'Back in a plan that is longer than the terminal',
		group: 'Program',
		message: {type: 'move', by: -3},
	},
	...releaseDialogKeys,
	{
		modes: ['pick', 'plan', 'phrase'],
		keys: ['ctrl-t'],
		label: 'list with these scripts',
		help: 'Let the scripts of this checkout list the releases, although they are not those of a protected branch',
		group: 'Program',
		footer: 1.5,
		footerWhen: state => mayAgree(state).open,
		gate: mayAgree,
		message: {type: 'agree-scripts'},
	},
	{
		modes: ['plan', 'ask'],
		keys: ['y'],
		label: 'confirm',
		help: 'Confirm',
		group: 'Program',
		footer: 1,
		footerText: ({dialog}) => ({key: 'y', label: dialog?.name === 'review' ? 'approve' : 'confirm'}),
		gate: confirmable,
		message: {type: 'confirm'},
	},
	{
		modes: ['plan', 'ask'],
		keys: ['enter'],
		label: 'enter',
		help: 'Enter confirms nothing here',
		group: 'Program',
		gate: enterConfirmsNothing,
		message: {type: 'confirm'},
	},
	{
		modes: ['phrase', 'reason'],
		keys: ['enter'],
		label: 'confirm',
		help: 'Confirm what has been typed',
		group: 'Program',
		footer: 1,
		gate: confirmable,
		message: {type: 'confirm'},
	},
	{
		modes: ['plan', 'phrase'],
		keys: ['tab'],
		label: 'other release',
		help: 'Roll back to another release',
		group: 'Program',
		footer: 2,
		footerWhen: isRollback,
		gate: state => (isRollback(state) ? open : shut('only a rollback has a choice of releases')),
		message: {type: 'other-release'},
	},
	{
		modes: ['reason'],
		keys: ['tab', 'shift-tab', 'up', 'down'],
		label: 'next field',
		help: 'The other field',
		group: 'Program',
		footer: 2,
		footerWhen: ({dialog}) => dialog?.name === 'break',
		message: {type: 'next-field'},
	},
	{
		modes: ['phrase', 'reason'],
		keys: ['backspace'],
		label: 'erase',
		help: 'Erase a character',
		group: 'Program',
		message: {type: 'erase', what: 'character'},
	},
	{
		modes: ['phrase', 'reason'],
		keys: ['ctrl-u'],
		label: 'erase all',
		help: 'Erase what was typed',
		group: 'Program',
		message: {type: 'erase', what: 'all'},
	},
	{
		modes: ['plan'],
		keys: ['r'],
		label: 'plan again',
		help: 'Rebuild the plan',
		group: 'Program',
		footer: 3,
		message: {type: 'reload'},
	},
	{
		modes: ['plan'],
		keys: ['A'],
		label: 'watch',
		help: 'Watch what runs instead',
		group: 'Program',
		footer: 4,
		footerWhen: state => hasRunning(state).open,
		gate: hasRunning,
		message: {type: 'attach'},
	},
	{
		modes: ['ask'],
		keys: ['B'],
		label: 'stop and roll back',
		help: 'Stop it and roll back',
		group: 'Program',
		footer: 2,
		footerWhen: ({dialog}) => dialog?.name === 'ask' && dialog.what === 'stop',
		gate: ({dialog}) =>
			dialog?.name === 'ask' && dialog.what === 'stop' ? open : shut('nothing to roll back here'),
		message: {type: 'intend', what: 'roll-back'},
	},
	{
		modes: ['ask'],
		keys: ['b'],
		label: 'break it',
		help: 'Break the lock with its id and a reason',
		group: 'Program',
		footer: 3,
		footerWhen: ({dialog}) => dialog?.name === 'ask' && dialog.what === 'unlock',
		gate: ({dialog}) =>
			dialog?.name === 'ask' && dialog.what === 'unlock' ? open : shut('there is no lock to break'),
		message: {type: 'break-lock'},
	},
	{
		modes: ['void'],
		keys: ['enter', 'r'],
		label: 'reload',
		help: 'Reload the dialog',
		group: 'Program',
		footer: 1,
		message: {type: 'reload'},
	},
];
