/** A dialog that is wished for while what it needs is still being read: it waits in its place, and opens by itself. */
import type {AwaitedDialog} from '../model/dialog.ts';
import type {Gate} from '../questions/key-gate.ts';
import {findBinding, gateOf} from './keys.ts';
import type {Message} from '../model/messages.ts';
import {modeOf, selectedCandidate} from '../questions/select.ts';
import type {State} from '../model/state.ts';
import {showDialog} from '../dialogs/update-dialog.ts';
import type {Binding} from './binding.ts';

const wishTypes: ReadonlySet<Message['type']> = new Set(['intend', 'intend-release', 'intend-run']);
/** What is about an environment; everything else is about the commit that is selected. */
const withoutCommit: ReadonlySet<string> = new Set(['roll-back', 'lock', 'unpin', 'stop']);

const wishOf = ({message}: Binding): {type: Message['type']; what: string} | null =>
	typeof message !== 'function' && wishTypes.has(message.type) && 'what' in message
		? {type: message.type, what: message.what}
		: null;
const isAboutCommit = (binding: Binding): boolean => !withoutCommit.has(wishOf(binding)?.what ?? '');

/** Whether it can be waited for. A commit that nobody has seen yet is no selection. */
export const awaits = (state: State, binding: Binding, gate: Gate): boolean =>
	!gate.open &&
	gate.isLoading === true &&
	state.dialog === null &&
	wishOf(binding) !== null &&
	(!isAboutCommit(binding) || selectedCandidate(state) !== null);

export const awaited = (state: State, {help}: Binding, key: string): State =>
	showDialog(
		{...state, toast: null, deaf: null},
		{name: 'awaited', key, title: /^[^:;,]+/.exec(help)![0], sha: selectedCandidate(state)?.sha ?? null},
	);

type Answer = {binding: Binding} | {binding: null; key: string; label: string; because: string; hint?: string};

/** What has come of the wait; null: it goes on, or there is none. */
export const answered = (state: State): Answer | null => {
	const {dialog} = state;
	if (dialog?.name !== 'awaited' || dialog.isVoid) return null;
	return answerTo({...state, dialog: null}, dialog);
};

/** `state`: without the dialog. */
const answerTo = (state: State, {key, sha}: AwaitedDialog): Answer | null => {
	const binding = findBinding(modeOf(state), key);
	// Too small a terminal has no dialogs; it may grow again.
	if (binding === undefined) return null;
	const gate = gateOf(binding, state);
	if (!gate.open)
		return gate.isLoading
			? null
			: {
					binding: null,
					key,
					label: binding.label,
					because: gate.because,
					...(gate.hint !== undefined && {hint: gate.hint}),
				};
	const isOther = isAboutCommit(binding) && selectedCandidate(state)?.sha !== sha;
	return isOther
		? {
				binding: null,
				key,
				label: binding.label,
				because: 'another commit is selected by now',
				hint: 'Look, then press it again.',
			}
		: {binding};
};
