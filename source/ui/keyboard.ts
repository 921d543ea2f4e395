/** Ink's key events as names of the key table. Several keys may arrive in one event: each is its own key. */
import type {Key} from 'ink';

const named = (key: Key): string | null => {
	if (key.upArrow) return 'up';
	if (key.downArrow) return 'down';
	if (key.leftArrow) return 'left';
	if (key.rightArrow) return 'right';
	if (key.pageUp) return 'pageup';
	if (key.pageDown) return 'pagedown';
	if (key.home) return 'home';
	if (key.end) return 'end';
	if (key.return) return 'enter';
	if (key.escape) return 'esc';
	if (key.tab) return key.shift ? 'shift-tab' : 'tab';
	if (key.backspace || key.delete) return 'backspace';
	return null;
};

const controls: Readonly<Record<string, string>> = {
	'\r': 'enter',
	'\n': 'enter',
	'\t': 'tab',
	'\u007F': 'backspace',
	'\b': 'backspace',
	'\u001B': 'esc',
};

/** Names in the order typed; empty for what means nothing to us (a lone modifier, a key release). */
export const keyNames = (input: string, key: Key): readonly string[] => {
	const name = named(key);
	if (name !== null) return [name];
	if (key.ctrl && input.length === 1) return [`ctrl-${input.toLowerCase()}`];
	// Escape and a key within a moment come as one: both were pressed. Longer ones are sequences that nobody knows.
	if (key.meta) return [...input].length === 1 && input >= ' ' ? ['esc', input] : [];
	// "jjj" and "k\r" come as one event when the loop was busy or the line slow.
	return [...input].flatMap(character => {
		const control = controls[character];
		if (control) return [control];
		const code = character.codePointAt(0)!;
		if (code >= 1 && code <= 26) return [`ctrl-${String.fromCodePoint(code + 96)}`];
		return code < 32 ? [] : [character];
	});
};
