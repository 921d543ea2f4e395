/** Typing in a dialog, confirming it, and what came of it. Nothing else in the program starts, stops, locks or unlocks anything. */
import {sentence} from '../core/sanitise.ts';
import {at} from './at.ts';
import {type BreakDialog, type Dialog, expiresAfterMs, type PlanDialog, shortLockId} from './dialog.ts';
import {notConfirmed, notTyped} from './dialog-hands.ts';
import {mayOperate} from './key-gate.ts';
import type {Effect, Message, Next} from './messages.ts';
import {lockOn} from './operation-select.ts';
import type {State} from './state.ts';
import {refused, toast} from './toast.ts';
import {attachTo, changeDialog, choose, closeDialog, numbered, showDialog} from './update-dialog.ts';
import {readNow, refreshNow} from './update-operations.ts';

type ConfirmMessage = Extract<Message, {type: 'confirm' | 'write' | 'erase' | 'next-field' | 'break-lock' | 'carried-out' | 'pasted'}>;

const textLimit = 200;
const noted = (state: State, note: string): Next => [changeDialog(state, {note}), []];
const printable = (text: string): string => text.replaceAll(/[^\P{C}]/gu, '');

/** From here on it is done, or refused: Enter again does nothing. */
const begin = (state: State, effect: (generation: number) => Effect): Next => {
	const gate = mayOperate(state);
	if (!gate.open) return [refused(state, 'confirm', gate), []];
	const next = changeDialog(numbered(state), {phase: 'starting', refusal: null});
	return [next, [effect(next.operations.serial)]];
};

const startPlan = (state: State, dialog: PlanDialog & Dialog): Next => {
	const {plan, phase, typed} = dialog;
	if (plan === null || phase !== 'ready' || plan.blocked !== null) return [state, []];
	if (plan.phrase !== null && typed !== plan.phrase) return noted(state, typed === '' ? 'Type the phrase first.' : 'That is not the phrase.');
	const why = notConfirmed(state, dialog, dialog.completedAt);
	if (why !== null) return noted(state, why);
	return begin(state, generation => ({type: 'start-operation', generation, plan, confirmation: {phrase: plan.phrase === null ? null : typed}}));
};

const breakLock = (state: State, dialog: BreakDialog & Dialog): Next => {
	const {lock, typed, reason, environment} = dialog;
	if (dialog.field === 'id') return [changeDialog(state, {field: 'reason', note: null}), []];
	if (typed !== shortLockId(lock)) return noted(state, `Type the lock's id first: ${shortLockId(lock)}`);
	if (reason.trim() === '') return noted(state, 'Say why: everybody will see it.');
	const now = lockOn(state, environment);
	if (now?.state !== 'held' || now.lock.id !== lock.id) return noted(state, 'That lock is gone or another one now. Esc, then look again.');
	const why = notConfirmed(state, dialog, dialog.completedAt);
	return why === null ? begin(state, generation => ({type: 'unlock', generation, environment, breaking: {id: lock.id, reason: reason.trim()}})) : noted(state, why);
};

const confirm = (state: State): Next => {
	const {dialog} = state;
	if (dialog === null || dialog.isVoid) return [state, []];
	switch (dialog.name) {
		case 'choose': case 'pick': return choose(state, dialog);
		case 'plan': return startPlan(state, dialog);
		case 'break': return breakLock(state, dialog);
		case 'reason': {
			const {environment, reason, what} = dialog;
			if (reason.trim() === '') return noted(state, 'Say why: everybody will see it.');
			const why = notConfirmed(state, dialog);
			return why === null ? begin(state, generation => ({type: what, generation, environment, reason: reason.trim()})) : noted(state, why);
		}
		case 'ask': {
			const why = notConfirmed(state, dialog);
			if (why !== null) return noted(state, why);
			return begin(state, generation => (dialog.what === 'stop' ? {type: 'stop-operation', generation, operation: dialog.operation, thenRollBack: false} : {type: 'unlock', generation, environment: dialog.environment, breaking: null}));
		}
	}
};

/** A reason is text like any other; a phrase or an id is typed by hand, key by key. */
const write = (state: State, text: string, isPasted: boolean): Next => {
	const {dialog} = state;
	if (dialog === null || dialog.isVoid || ('phase' in dialog && dialog.phase === 'starting')) return [state, []];
	if (dialog.name === 'reason' || (dialog.name === 'break' && dialog.field === 'reason')) return [changeDialog(state, {reason: (dialog.reason + printable(text)).slice(0, textLimit), note: null}), []];
	const wanted = dialog.name === 'plan' ? (dialog.plan?.phrase ?? null) : dialog.name === 'break' ? shortLockId(dialog.lock) : null;
	if (isPasted) return noted(state, wanted === null ? 'A paste confirms nothing.' : 'A paste confirms nothing: type it.');
	if (wanted === null || (dialog.name !== 'plan' && dialog.name !== 'break')) return [state, []];
	const why = notTyped(state);
	if (why !== null) return noted(state, why);
	const typed = (dialog.typed + printable(text)).slice(0, wanted.length + 10);
	return [changeDialog(state, {typed, completedAt: typed === wanted ? state.wallNow : null, note: null}), []];
};

const erase = (state: State, what: 'character' | 'all'): Next => {
	const {dialog} = state;
	const shorter = (text: string) => (what === 'all' ? '' : [...text].slice(0, -1).join(''));
	if (dialog?.name === 'reason' || (dialog?.name === 'break' && dialog.field === 'reason')) return [changeDialog(state, {reason: shorter(dialog.reason), note: null}), []];
	if (dialog?.name !== 'plan' && dialog?.name !== 'break') return [state, []];
	const typed = shorter(dialog.typed);
	const wanted = dialog.name === 'plan' ? dialog.plan?.phrase : shortLockId(dialog.lock);
	return [changeDialog(state, {typed, completedAt: typed === wanted ? state.wallNow : null, note: null}), []];
};

const doneText = (dialog: Dialog): string => {
	if (dialog.name === 'ask') return dialog.what === 'stop' ? `${dialog.environment}: told to stop, the script ends in order.` : `${dialog.environment} is unlocked.`;
	if (dialog.name === 'break') return `The lock of ${dialog.lock.operator} on ${dialog.environment} is broken.`;
	if (dialog.name === 'reason') return dialog.what === 'lock' ? `${dialog.environment} is locked: ${dialog.reason.trim()}` : `${dialog.environment}: the pin is gone.`;
	return 'Done.';
};

/** What has changed is shown at once, and read anew where others keep it. */
const looked = (state: State): Next => {
	const [reading, effects] = readNow(state);
	const [next, more] = refreshNow(reading);
	return [next, [...effects, ...more]];
};

const carriedOut = (state: State, {generation, result}: Extract<ConfirmMessage, {type: 'carried-out'}>): Next => {
	const {dialog} = state;
	if (dialog?.generation !== generation) return looked(result.ok ? toast(state, result.id ? 'It has been started. A watches it.' : 'Done.', 'good') : refused(state, 'refused', {because: result.because.replace(/\.$/, ''), hint: result.next}));
	if (!result.ok) {
		const {because, next, exitCode} = result;
		return looked(changeDialog(state, {phase: dialog.name === 'plan' ? 'refused' : 'ready', refusal: {because, next, exitCode}, shownAt: state.wallNow, touchedAt: state.wallNow}));
	}
	return looked(result.id ? attachTo(state, result.id) : toast(closeDialog(state), `${doneText(dialog)}${result.note ? ` ${sentence(result.note)}` : ''}`, result.note ? 'warn' : 'good'));
};

/** `ticked`, and before every key: a dialog that nobody has touched for too long is void. */
export const expired = (state: State): State => {
	const {dialog} = state;
	if (dialog === null || dialog.isVoid || ('phase' in dialog && dialog.phase === 'starting') || state.wallNow - dialog.touchedAt < expiresAfterMs) return state;
	return changeDialog(state, {isVoid: true, note: null, ...('typed' in dialog && {typed: '', completedAt: null})});
};

export const updateConfirm = (state: State, message: ConfirmMessage): Next => {
	const {dialog} = state;
	switch (message.type) {
		case 'confirm': return confirm(state);
		case 'write': return write(state, message.text, false);
		case 'pasted': return write(state, message.text, true);
		case 'erase': return erase(state, message.what);
		case 'next-field': return dialog?.name === 'break' ? [changeDialog(state, {field: dialog.field === 'id' ? 'reason' : 'id', note: null}), []] : [state, []];
		case 'break-lock': return dialog?.name === 'ask' && dialog.what === 'unlock'
			? [showDialog(state, {name: 'break', environment: dialog.environment, lock: dialog.lock, field: 'id', typed: '', completedAt: null, reason: '', phase: 'ready', refusal: null}), []]
			: [state, []];
		case 'carried-out': return carriedOut(at(state, message), message);
	}
};
