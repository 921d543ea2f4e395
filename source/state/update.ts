/** Pure: a message comes in, the next state and the effects that it wants come out. Nothing happens here. */
import {heldMs} from './dialogs/dialog-hands.ts';
import {activityOf} from '../core/polling/pace.ts';
import {answered, awaited, awaits} from './keys/awaited.ts';
import {findBinding, gateOf, messageOf} from './keys/keys.ts';
import type {Effect, Message, Next} from './model/messages.ts';
import {isAnythingRunning, modeOf} from './questions/select.ts';
import {skewOf} from './questions/skew.ts';
import type {Hands, State} from './model/state.ts';
import {refused, toast} from './view/toast.ts';
import {openWanted} from './logs/tier-log.ts';
import {expired, updateConfirm} from './update-confirm.ts';
import {recheck, updateDialog} from './dialogs/update-dialog.ts';
import {jobLogsOfPlace, readJobLogsNow, updateJobLog} from './logs/update-job-log.ts';
import {logOfPlace, readLogNow, updateLog} from './operations/update-log.ts';
import {readNow, refreshNow, updateOperations} from './operations/update-operations.ts';
import {recorded} from './record/record-select.ts';
import {readPast, updateRecord} from './record/update-record.ts';
import {reloadList, updateRelease} from './promotions/update-release.ts';
import {updatePoll} from './polling/update-poll.ts';
import {moveFailure, readTestsNow, updateTests} from './tests/update-tests.ts';
import {startReplay, updateReplay} from './record/update-replay.ts';
import {recheckRuns, updateRunDialog, updateRuns} from './runs/update-runs.ts';
import {updateView, withoutNews} from './update-view.ts';
import type {Binding} from './keys/binding.ts';

/**
Five frames a second for spinners, which is as lively as it needs to be at half the cost of ten; one for clocks that run
and for countdowns; one in five seconds while only ages grow.
*/
const tickMs = (state: State): number => {
	if (isAnythingRunning(state)) return state.preferences.motion === 'full' ? 200 : 1000;
	return state.toast ||
		state.dialog ||
		state.poll.failures > 0 ||
		state.origin !== 'github' ||
		activityOf(state.snapshot) === 'waiting'
		? 1000
		: 5000;
};

/** Where text is typed every other printable key is text. */
const textModes: ReadonlySet<string> = new Set(['search', 'palette', 'phrase', 'reason', 'form']);

/** What is typed by habit after a key comes no slower than this. Milliseconds. */
const deafMs = 700;
const opensText = ({group, message}: Binding): boolean =>
	group === 'Operate' || (typeof message !== 'function' && message.type === 'show' && message.overlay === 'search');

/** Letters that were meant for a dialog that did not open run nothing; what was said of it stays in view meanwhile. */
const unheard = (state: State, key: string): State | null => {
	const {deaf, wallNow} = state;
	// No phrase and no habit has capitals in it: they ask for another dialog. A search may begin with one.
	const isOther = deaf !== null && deaf.key !== '/' && /^[A-Z]$/.test(key);
	const isMeant =
		deaf === null ||
		wallNow >= deaf.untilWall ||
		key === deaf.key ||
		isOther ||
		key === 'esc' ||
		key.startsWith('ctrl-');
	return isMeant
		? null
		: {
				...state,
				deaf: {...deaf, untilWall: wallNow + deafMs},
				toast: state.toast && {...state.toast, untilWall: Math.max(state.toast.untilWall, wallNow + 2000)},
			};
};

const act = (state: State, key: string): Next => {
	const mode = modeOf(state);
	const binding = findBinding(mode, key);
	if (!binding || binding.isAlive?.(state) === false)
		return textModes.has(mode) && [...key].length === 1 ? decide(state, {type: 'write', text: key}) : [state, []];
	const gate = gateOf(binding, state);
	// What was said about the last key is read by now, and does not follow into the next view.
	if (gate.open) return decide({...state, toast: null, deaf: null, wantedLog: null}, messageOf(binding, state));
	if (awaits(state, binding, gate)) return [awaited(state, binding, key), []];
	return [
		{
			...refused(state, binding.label, gate),
			deaf: opensText(binding) ? {key, untilWall: state.wallNow + deafMs} : null,
		},
		[],
	];
};

const handsAfter = ({hands, wallNow}: State, {key, chunk}: Extract<Message, {type: 'key-pressed'}>): Hands => ({
	chunk: chunk?.serial ?? hands.chunk + 1,
	size: chunk?.size ?? 1,
	key,
	at: wallNow,
	before: hands.key === '' ? null : {key: hands.key, at: hands.at},
	again: hands.key === key && wallNow - hands.at < heldMs ? hands.again + 1 : 0,
});

const pressed = (before: State, message: Extract<Message, {type: 'key-pressed'}>): Next => {
	const state = expired({...before, hands: handsAfter(before, message)});
	const {dialog} = state;
	if (dialog === null) {
		const next = unheard(state, message.key);
		return next === null ? act(state, message.key) : [next, []];
	}
	// The key that finds a dialog void has not seen that; the rest of a chunk has not seen the dialog that it opened.
	const isUnseen =
		(dialog.isVoid && !before.dialog?.isVoid) ||
		(message.chunk !== undefined && dialog.openedBy === state.hands.chunk);
	return isUnseen
		? [state, []]
		: act({...state, dialog: {...dialog, touchedAt: state.wallNow, note: null}}, message.key);
};

const ticked = (state: State, now: number, wallNow: number): Next => {
	const next: State = {
		...state,
		now: now + skewOf(state),
		wallNow,
		frame: state.frame + 1,
		toast: state.toast && state.toast.untilWall > wallNow ? state.toast : null,
	};
	const settled = expired(next);
	return [settled, [{type: 'tick', afterMs: tickMs(settled)}]];
};

const done = (state: State, ...effects: readonly Effect[]): Next => [state, effects];

/** In a dialog a row, in the log a line, elsewhere what is in view. */
const moved = (state: State, message: Extract<Message, {type: 'move' | 'jump' | 'page'}>): Next => {
	const mode = modeOf(state);
	if (mode === 'tests' && !state.dialog) return moveFailure(state, message);
	if (state.dialog) return message.type === 'move' ? updateDialog(state, message) : [state, []];
	if (mode === 'job-log') return updateJobLog(state, message);
	return mode === 'operation' ? updateLog(state, message) : updateView(state, message, decide);
};

const started = (state: State, message: Extract<Message, {type: 'started'}>): Next => {
	const [asking, effects] = updatePoll(state, message);
	const [next, more] = readNow(asking);
	return [next, [...effects, ...more, ...readPast(next)]];
};

/** By hand means everything: GitHub, locks, releases. */
const refreshed = (state: State, message: Extract<Message, {type: 'refresh'}>): Next => {
	const [asking, effects] = updatePoll(state, message);
	const [next, more] = refreshNow(asking);
	return [next, [...effects, ...more]];
};

/** One after the other. */
const both =
	(first: (state: State) => Next, second: (state: State) => Next) =>
	(state: State): Next => {
		const [between, effects] = first(state);
		const [next, more] = second(between);
		return [next, more.length === 0 ? effects : [...effects, ...more]];
	};

const decide = (state: State, message: Message): Next => {
	const ofRun = updateRunDialog(message.type === 'pasted' ? changeTouched(state) : state, message);
	if (ofRun !== null) return ofRun;
	switch (message.type) {
		case 'started':
			return state.replay === null ? started(state, message) : startReplay(state);
		case 'refresh':
			return refreshed(state, message);
		case 'poll-came-due':
			return updatePoll(state, message);
		case 'answered':
			return both(next => updatePoll(next, message), openWanted)(state);
		case 'operations-read':
		case 'operations-changed':
		case 'operations-refreshed':
		case 'observed':
			return updateOperations(state, message);
		case 'intend':
		case 'attach':
		case 'planned':
		case 'cancel':
		case 'other-release':
		case 'agree-scripts':
			return updateDialog(state, message);
		case 'reload':
			return state.dialog?.name === 'sign-off' || state.dialog?.name === 'hotfix'
				? reloadList(state, state.dialog)
				: updateDialog(state, message);
		case 'intend-release':
		case 'break-glass':
		case 'pass-lock':
		case 'hotfixes-read':
			return updateRelease(state, message);
		case 'intend-run':
		case 'inputs-read':
		case 'run-acted':
			return updateRuns(state, message);
		case 'confirm':
		case 'decline':
		case 'next-field':
		case 'break-lock':
		case 'carried-out':
			return updateConfirm(state, message);
		case 'write':
		case 'erase':
			return state.dialog ? updateConfirm(state, message) : updateView(state, message, decide);
		case 'move':
		case 'jump':
		case 'page':
			return moved(state, message);
		case 'log-read':
		case 'log-searched':
		case 'follow-log':
		case 'wrap-log':
		case 'shift-log':
			return updateLog(state, message);
		case 'tests-read':
		case 'step-failure':
		case 'open-failure':
		case 'copy-failure':
			return updateTests(state, message);
		case 'open-log':
		case 'open-tier-log':
		case 'job-log-read':
		case 'job-log-found':
		case 'job-log-tallied':
		case 'use-log':
		case 'shift-job-log':
		case 'next-error':
		case 'step-log':
			return updateJobLog(state, message);
		case 'search-next':
			if (modeOf(state) === 'job-log') return updateJobLog(state, message);
			return modeOf(state) === 'operation' ? updateLog(state, message) : updateView(state, message, decide);
		case 'ticked':
			return ticked(state, message.now, message.wallNow);
		case 'resized':
			return both(readLogNow, readJobLogsNow)({...state, columns: message.columns, rows: message.rows});
		case 'key-pressed':
			return pressed(state, message);
		// A paste is never a command: only a line of text takes it.
		case 'pasted':
			if (state.dialog) return updateConfirm(changeTouched(state), message);
			return modeOf(state) === 'search' || modeOf(state) === 'palette'
				? decide(state, {type: 'write', text: message.text})
				: done(state);
		case 'cache-save-failed':
			return done(toast(state, `The last known state could not be saved: ${message.because}`, 'warn'));
		case 'opened':
			return done(message.ok ? state : toast(state, `${message.url} (no browser here)`, 'warn'));
		case 'copied':
			return done(
				message.ok
					? toast(state, `Copied, if your terminal lets programs copy: ${copiedText(message.text)}`, 'good')
					: toast(state, `${copiedText(message.text)} (no clipboard here)`, 'warn'),
			);
		case 'prefer':
			// Only what was chosen: the rest may come from flags and the environment, which are not for ever.
			return done(
				{...state, preferences: {...state.preferences, ...message.preferences}},
				{type: 'save-preferences', change: message.preferences},
			);
		case 'replayed':
		case 'replay-pause':
		case 'replay-event':
		case 'replay-speed':
		case 'replay-seek':
			return updateReplay(state, message);
		case 'recording-changed':
		case 'past-read':
			return updateRecord(state, message);
		case 'change-value':
			return done(state);
		case 'suspend':
		case 'repaint':
			return done(state, {type: message.type});
		case 'quit':
			return done(
				state,
				...(state.facts && state.origin === 'github'
					? [{type: 'save-cache' as const, facts: state.facts, savedAt: state.snapshot!.fetchedAt}]
					: []),
				{type: 'quit', exitCode: message.exitCode},
			);
		default:
			return updateView(state, message, decide);
	}
};

/** Long texts are counted, not repeated. */
const copiedText = (text: string): string =>
	text.includes('\n') ? `${text.split('\n').length} lines` : text.length > 100 ? `${text.slice(0, 99)}…` : text;

const changeTouched = (state: State): State => {
	const fresh = expired(state);
	return fresh.dialog && !fresh.dialog.isVoid
		? {...fresh, dialog: {...fresh.dialog, touchedAt: fresh.wallNow}}
		: fresh;
};

/** Whoever looks at operations has the news of them. */
const looked = (state: State): State =>
	['operations', 'operation'].includes(state.view.place.name) ? withoutNews(state) : state;

/** A dialog that was waited for is there, or will not be: then letters by habit are meant for it, too. */
const opened = (state: State): Next => {
	const answer = answered(state);
	if (answer === null) return [state, []];
	const closed: State = {...state, dialog: null};
	if (answer.binding !== null) return decide({...closed, toast: null}, messageOf(answer.binding, closed));
	return [{...refused(closed, answer.label, answer), deaf: {key: answer.key, untilWall: state.wallNow + deafMs}}, []];
};

/** What belongs to what is on the screen: the log to its operation, the plan to what it stands on. */
const settled = ([before, effects]: Next): Next => {
	const [state, first] = opened(looked(before));
	const [withLog, opening] = both(logOfPlace, jobLogsOfPlace)(state);
	const [next, checking] = recheck(recheckRuns(withLog));
	const [asked, asking] = readTestsNow(next);
	const more = [...first, ...opening, ...checking, ...asking];
	return more.length === 0 ? [asked, effects] : [asked, [...effects, ...more]];
};

export const update = (state: State, message: Message): Next => {
	const [next, effects] = recorded(state, message, settled(decide(state, message)));
	const [before, after] = [tickMs(state), tickMs(next)];
	// Something began to move: the slow tick under way is replaced by a quick one.
	return after < before && message.type !== 'ticked' && message.type !== 'started'
		? [next, [...effects, {type: 'tick', afterMs: after}]]
		: [next, effects];
};
