/**
Whether a key was pressed by a hand that had seen what it confirms. What is not: pastes, a keyboard's repeat, and keys that come before anybody can have
read. A slow line brings several keys at once, and a busy machine reads them late: a phrase is judged as a whole, not key by key.
*/
import {type Dialog, tooSoonMs} from '../model/dialog.ts';
import type {State} from '../model/state.ts';
import type {Typing} from '../model/typing.ts';

type Typed = {typed: string; typing: Typing};
export const untyped: Typing = {beganAt: null, completedAt: null, isPasted: false};

/** Less than that a character, from the first to the last, is no hand: the fastest typists need five times as long. Milliseconds. */
const characterMs = 10;
/** More of a phrase than that at once was not typed, however long the rest took. */
const atOnceAtMost = 2 / 3;
const pasteNote = 'A paste confirms nothing: type it.';
export const atOnceNote = 'That came at once, as a paste does, and confirms nothing. Ctrl-U clears it: then type it.';

/** After more text. `typed`: all of it; `phrase`: what is wanted. */
const typingOn = ({hands: {size}, wallNow}: State, before: Typed, typed: string, phrase: string): Typing => {
	const typing = before.typed === '' ? untyped : before.typing;
	const beganAt = typing.beganAt ?? wallNow;
	const isAtOnce = size > phrase.length * atOnceAtMost;
	const isTooFast = typed === phrase && wallNow - beganAt < (phrase.length - 1) * characterMs;
	return {
		beganAt,
		completedAt: typed === phrase ? wallNow : null,
		isPasted: typing.isPasted || isAtOnce || isTooFast,
	};
};

/** What a dialog is after a key in its phrase, and after a paste into it, which is not taken. */
export const typedPatch = (
	state: State,
	before: Typed,
	typed: string,
	phrase: string,
): Typed & {note: string | null} => {
	const typing = typed === '' ? untyped : typingOn(state, before, typed, phrase);
	return {typed, typing, note: typing.isPasted ? atOnceNote : null};
};
/** That it was refused is told until something is typed: Enter by habit does not wipe it away. */
export const pastedPatch = ({typed}: Typed): {note: string; typing?: Typing} => ({
	note: pasteNote,
	...(typed === '' && {typing: {...untyped, isPasted: true}}),
});

/** A key that is held down confirms nothing, however long it is held: keyboards begin to repeat after less than this. */
export const heldMs = 700;
/** Once they repeat, they do so faster than this. */
const repeatMs = 150;

/** Presses of one key one after the other: the first repeat of a held key comes as late as a second press, the next ones come faster than a hand. */
const isHeld = ({key, at, before, again}: State['hands']): boolean =>
	before?.key === key && at - before.at < heldMs && (again <= 1 || at - before.at < repeatMs);

const isTooSoon = ({wallNow}: State, {shownAt}: Pick<Dialog, 'shownAt'>): boolean => wallNow - shownAt < tooSoonMs;
const soonNote = 'That was too soon to have been read. Look, then press it again.';
const heldNote = 'The key was held down. Let it go, then press it once.';

/** Why this key confirms nothing; null: it does. */
export const notConfirmed = (state: State, dialog: Pick<Dialog, 'shownAt'>): string | null => {
	const {hands} = state;
	if (hands.size > 1) return `${hands.size} keys came at once: that confirms nothing.`;
	if (isTooSoon(state, dialog)) return soonNote;
	return isHeld(hands) ? heldNote : null;
};

/** Why Enter after a phrase confirms nothing; null: it does. The phrase is the proof that it was read: Enter may follow at once, also in the same chunk. */
export const phraseNotConfirmed = (
	state: State,
	dialog: Pick<Dialog, 'shownAt'> & Typed,
	phrase: string,
): string | null => {
	const {
		typed,
		typing: {isPasted},
	} = dialog;
	// What was pasted is not there; that it was refused is told until something is typed.
	if (typed === '') return isPasted ? pasteNote : 'Type the phrase first.';
	if (typed !== phrase) return 'That is not the phrase.';
	if (isPasted) return atOnceNote;
	if (isTooSoon(state, dialog)) return soonNote;
	return isHeld(state.hands) ? heldNote : null;
};
