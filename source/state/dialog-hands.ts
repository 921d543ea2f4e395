/** Whether a key was pressed by a hand that had seen what it confirms. What is not: pastes, chunks of keys, the keyboard's repeat, and keys that come too soon. */
import {type Dialog, handsMs, repeatMs, tooSoonMs} from './dialog.ts';
import type {State} from './state.ts';

/** Why what was typed is not taken; null: a hand has typed it. */
export const notTyped = ({hands: {size, key, at, before}}: State): string | null => {
	if (size > 1) return `${size} keys came at once, and were not taken: type them one by one.`;
	const sinceMs = before === null ? Number.POSITIVE_INFINITY : at - before.at;
	return sinceMs < handsMs || (before?.key === key && sinceMs < repeatMs) ? 'Keys came faster than hands type, and were not taken.' : null;
};

/** A key that is held down confirms nothing, however long it is held: keyboards begin to repeat after less than this. */
export const heldMs = 700;

/** Why this key confirms nothing; null: it does. */
export const notConfirmed = ({hands: {size, key, at, before}, wallNow}: State, {shownAt}: Pick<Dialog, 'shownAt'>, completedAt: number | null = null): string | null => {
	if (size > 1) return `${size} keys came at once: that confirms nothing.`;
	if (wallNow - shownAt < tooSoonMs || (completedAt !== null && wallNow - completedAt < tooSoonMs)) return 'That was too soon to have been read. Look, then press it again.';
	return before?.key === key && at - before.at < heldMs ? 'The key was held down. Let it go, then press it once.' : null;
};
