/** Typing in a dialog, confirming it, and what came of it. Nothing else in the program starts, stops, locks or unlocks anything. */
import {sentence} from '../core/text/sanitise.ts';
import {at} from './questions/at.ts';
import {
	type AskDialog,
	type BreakDialog,
	type Dialog,
	expiresAfterMs,
	phraseOf,
	type PlanDialog,
	type ReasonDialog,
	type ReviewDialog,
	reviewPhrase,
	shortLockId,
} from './model/dialog.ts';
import {
	atOnceNote,
	notConfirmed,
	pastedPatch,
	phraseNotConfirmed,
	typedPatch,
	untyped,
} from './dialogs/dialog-hands.ts';
import {mayOperate} from './questions/key-gate.ts';
import type {Effect, Message, Next} from './model/messages.ts';
import {lockOn} from './questions/operation-select.ts';
import {isStillHeld} from './promotions/release-select.ts';
import type {State} from './model/state.ts';
import {refused, toast} from './view/toast.ts';
import {attachTo, changeDialog, choose, closeDialog, numbered, openPlan, showDialog} from './dialogs/update-dialog.ts';
import {readNow, refreshNow} from './operations/update-operations.ts';
import {askAgain} from './polling/update-poll.ts';
import {takeRow} from './promotions/update-release.ts';
import type {Typing} from './model/typing.ts';

type ConfirmMessage = Extract<
	Message,
	{type: 'confirm' | 'decline' | 'write' | 'erase' | 'next-field' | 'break-lock' | 'carried-out' | 'pasted'}
>;

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
	const why = plan.phrase === null ? notConfirmed(state, dialog) : phraseNotConfirmed(state, dialog, plan.phrase);
	if (why !== null) return noted(state, why);
	return begin(state, generation => ({
		type: 'start-operation',
		generation,
		plan,
		confirmation: {phrase: plan.phrase === null ? null : typed},
	}));
};

const breakLock = (state: State, dialog: BreakDialog & Dialog): Next => {
	const {lock, typed, reason, environment} = dialog;
	if (dialog.field === 'id') return [changeDialog(state, {field: 'reason', note: null}), []];
	if (typed !== shortLockId(lock)) return noted(state, `Type the lock's id first: ${shortLockId(lock)}`);
	if (dialog.typing.isPasted) return noted(state, atOnceNote);
	if (reason.trim() === '') return noted(state, 'Say why: everybody will see it.');
	const now = lockOn(state, environment);
	if (now?.state !== 'held' || now.lock.id !== lock.id)
		return noted(state, 'That lock is gone or another one now. Esc, then look again.');
	const why = notConfirmed(state, dialog);
	return why === null
		? begin(state, generation => ({
				type: 'unlock',
				generation,
				environment,
				breaking: {id: lock.id, reason: reason.trim()},
			}))
		: noted(state, why);
};

const withReason = (state: State, dialog: ReasonDialog & Dialog): Next => {
	const {environment} = dialog;
	const reason = dialog.reason.trim();
	if (reason === '' && dialog.what !== 'sign-off') return noted(state, 'Say why: everybody will see it.');
	const why = notConfirmed(state, dialog);
	if (why !== null) return noted(state, why);
	// Nothing is begun by it: the plan that it makes wants its own phrase.
	if (dialog.what === 'break-glass') return openPlan(state, {...dialog.wish, breakGlass: reason});
	if (dialog.what === 'sign-off')
		return begin(state, generation => ({
			type: 'sign-off',
			generation,
			sha: dialog.sha,
			name: dialog.signOff,
			given: true,
			note: reason === '' ? null : reason,
		}));
	const {what} = dialog;
	return begin(state, generation => ({type: what, generation, environment, reason}));
};

const asked = (state: State, dialog: AskDialog & Dialog): Next => {
	const why = notConfirmed(state, dialog);
	if (why !== null) return noted(state, why);
	return begin(state, (generation): Effect => {
		switch (dialog.what) {
			case 'stop':
				return {type: 'stop-operation', generation, operation: dialog.operation, thenRollBack: false};
			case 'unlock':
				return {type: 'unlock', generation, environment: dialog.environment, breaking: null};
			case 'take-back':
				return {type: 'sign-off', generation, sha: dialog.sha, name: dialog.signOff, given: false, note: null};
		}
	});
};

/** GitHub shows it beside who it was. */
const reviewComment = 'via deployctl';

const review = (state: State, dialog: ReviewDialog & Dialog, pressed: 'approve' | 'reject'): Next => {
	const {environment, runId, isTyped} = dialog;
	const phrase = reviewPhrase(dialog);
	if (isStillHeld(state, runId, environment) === false)
		return noted(state, 'It waits no longer. Esc, then look again.');
	const why = isTyped ? phraseNotConfirmed(state, dialog, phrase) : notConfirmed(state, dialog);
	if (why !== null) return noted(state, why);
	const decision = isTyped ? (phrase.startsWith('refuse') ? 'reject' : 'approve') : pressed;
	return begin(changeDialog(state, {decision}), generation => ({
		type: 'review',
		generation,
		runId,
		environment,
		decision,
		comment: reviewComment,
	}));
};

const confirm = (state: State, pressed: 'approve' | 'reject' = 'approve'): Next => {
	const {dialog} = state;
	if (dialog === null || dialog.isVoid) return [state, []];
	if (dialog.name === 'review') return review(state, dialog, pressed);
	// Saying no is an answer to nothing else.
	if (pressed === 'reject') return [state, []];
	switch (dialog.name) {
		case 'choose':
		case 'pick':
			return choose(state, dialog);
		case 'sign-off':
		case 'hotfix':
			return takeRow(state, dialog);
		case 'plan':
			return startPlan(state, dialog);
		case 'break':
			return breakLock(state, dialog);
		case 'reason':
			return withReason(state, dialog);
		case 'ask':
			return asked(state, dialog);
		// They have an update of their own.
		case 'rerun':
		case 'run-act':
		case 'start-run':
			return [state, []];
		case 'awaited':
			return [state, []];
	}
};

/** `phrase`: where it depends on its first letter, that of what is typed now. */
const typedAs = (state: State, dialog: Dialog & {typed: string; typing: Typing}, typed: string): Next => {
	const phrase = phraseOf({...dialog, typed} as Dialog) ?? '';
	return [changeDialog(state, typedPatch(state, dialog, typed, phrase)), []];
};

/** A reason is text like any other; a phrase or an id is typed by hand, key by key. */
const write = (state: State, text: string, isPasted: boolean): Next => {
	const {dialog} = state;
	if (dialog === null || dialog.isVoid || ('phase' in dialog && dialog.phase === 'starting')) return [state, []];
	if (dialog.name === 'reason' || (dialog.name === 'break' && dialog.field === 'reason'))
		return [changeDialog(state, {reason: (dialog.reason + printable(text)).slice(0, textLimit), note: null}), []];
	const wanted = phraseOf(dialog);
	if (wanted === null || !('typed' in dialog))
		return isPasted ? noted(state, 'A paste confirms nothing.') : [state, []];
	if (isPasted) return [changeDialog(state, pastedPatch(dialog)), []];
	return typedAs(state, dialog, (dialog.typed + printable(text)).slice(0, wanted.length + 10));
};

const erase = (state: State, what: 'character' | 'all'): Next => {
	const {dialog} = state;
	const shorter = (text: string) => (what === 'all' ? '' : [...text].slice(0, -1).join(''));
	if (dialog?.name === 'reason' || (dialog?.name === 'break' && dialog.field === 'reason'))
		return [changeDialog(state, {reason: shorter(dialog.reason), note: null}), []];
	return dialog !== null && 'typed' in dialog ? typedAs(state, dialog, shorter(dialog.typed)) : [state, []];
};

const doneText = (dialog: Dialog): string => {
	switch (dialog.name) {
		case 'ask':
			switch (dialog.what) {
				case 'stop':
					return `${dialog.environment}: told to stop, the script ends in order.`;
				case 'unlock':
					return `${dialog.environment} is unlocked.`;
				case 'take-back':
					return `The sign-off ${dialog.signOff} for ${dialog.sha.slice(0, 7)} is taken back.`;
			}
		case 'break':
			return `The lock of ${dialog.lock.operator} on ${dialog.environment} is broken.`;
		case 'reason':
			return dialog.what === 'lock'
				? `${dialog.environment} is locked: ${dialog.reason.trim()}`
				: dialog.what === 'sign-off'
					? `${dialog.signOff} is signed off for ${dialog.sha.slice(0, 7)}.`
					: `${dialog.environment}: the pin is gone.`;
		case 'review':
			return `${dialog.environment}: run ${dialog.runId} is ${dialog.decision === 'reject' ? 'refused' : 'approved'}.`;
		default:
			return 'Done.';
	}
};

/** What has changed is shown at once, and read anew where others keep it. */
const looked = (state: State): Next => {
	const [reading, effects] = readNow(state);
	const [next, more] = refreshNow(reading);
	return [next, [...effects, ...more]];
};

/** Sign-offs and approvals are GitHub's to show. */
const looksAtGitHub = (dialog: Dialog): boolean =>
	dialog.name === 'review' ||
	(dialog.name === 'reason' && dialog.what === 'sign-off') ||
	(dialog.name === 'ask' && dialog.what === 'take-back');

const lookedAtGitHub = (next: Next): Next => {
	const [state, effects] = next;
	const [asking, more] = askAgain(state);
	return [asking, [...effects, ...more]];
};

const carriedOut = (state: State, {generation, result}: Extract<ConfirmMessage, {type: 'carried-out'}>): Next => {
	const {dialog} = state;
	if (dialog?.generation !== generation)
		return looked(
			result.ok
				? toast(state, result.id ? 'It has been started. A watches it.' : 'Done.', 'good')
				: refused(state, 'refused', {because: result.because.replace(/\.$/, ''), hint: result.next}),
		);
	if (!result.ok) {
		const {because, next, exitCode} = result;
		return looked(
			changeDialog(state, {
				phase: dialog.name === 'plan' ? 'refused' : 'ready',
				refusal: {because, next, exitCode},
				shownAt: state.wallNow,
				touchedAt: state.wallNow,
			}),
		);
	}
	const next = looked(
		result.id
			? attachTo(state, result.id)
			: toast(
					closeDialog(state),
					`${doneText(dialog)}${result.note ? ` ${sentence(result.note)}` : ''}`,
					result.note ? 'warn' : 'good',
				),
	);
	return looksAtGitHub(dialog) ? lookedAtGitHub(next) : next;
};

/** `ticked`, and before every key: a dialog that nobody has touched for too long is void. */
export const expired = (state: State): State => {
	const {dialog} = state;
	if (
		dialog === null ||
		dialog.isVoid ||
		('phase' in dialog && dialog.phase === 'starting') ||
		state.wallNow - dialog.touchedAt < expiresAfterMs
	)
		return state;
	return changeDialog(state, {isVoid: true, note: null, ...('typed' in dialog && {typed: '', typing: untyped})});
};

export const updateConfirm = (state: State, message: ConfirmMessage): Next => {
	const {dialog} = state;
	switch (message.type) {
		case 'confirm':
			return confirm(state);
		case 'decline':
			return confirm(state, 'reject');
		case 'write':
			return write(state, message.text, false);
		case 'pasted':
			return write(state, message.text, true);
		case 'erase':
			return erase(state, message.what);
		case 'next-field':
			return dialog?.name === 'break'
				? [changeDialog(state, {field: dialog.field === 'id' ? 'reason' : 'id', note: null}), []]
				: [state, []];
		case 'break-lock':
			return dialog?.name === 'ask' && dialog.what === 'unlock'
				? [
						showDialog(state, {
							name: 'break',
							environment: dialog.environment,
							lock: dialog.lock,
							field: 'id',
							typed: '',
							typing: untyped,
							reason: '',
							phase: 'ready',
							refusal: null,
						}),
						[],
					]
				: [state, []];
		case 'carried-out':
			return carriedOut(at(state, message), message);
	}
};
