/** What a key does, and when. */
import type {Message} from '../model/messages.ts';
import type {State} from '../model/state.ts';
import type {Gate} from '../questions/key-gate.ts';
import type {Mode} from '../questions/select.ts';

/** Of help and palette, in their order. */
export const groups = ['Move', 'Look', 'Operate', 'Use', 'Log', 'Program'] as const;
export type Group = (typeof groups)[number];

export type Binding = {
	modes: readonly Mode[];
	/** Names as `ui/keyboard.ts` gives them; the first one is shown. */
	keys: readonly string[];
	/** One or two words, for the footer. */
	label: string;
	/** What it does, for help, palette and docs/keys.md. */
	help: string;
	group: Group;
	/** Footer order, lowest first; absent: not in the footer. */
	footer?: number;
	/** Left out of the footer while this says no. */
	footerWhen?: (state: State) => boolean;
	/** What the footer says for a group of keys, of which this row is the first. */
	footerText?: (state: State) => {key: string; label: string};
	/** Whether the palette offers it. */
	inPalette?: boolean;
	/** Where this says no the key is none at all. */
	isAlive?: (state: State) => boolean;
	gate?: (state: State) => Gate;
	message: Message | ((state: State) => Message);
};
