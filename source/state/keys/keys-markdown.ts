/** The key section of docs/keys.md, from the table of keys. */
import {keyTable, places} from './keys.ts';
import type {Binding} from './binding.ts';

const keyNames: Readonly<Record<string, string>> = {
	up: '↑',
	down: '↓',
	left: '←',
	right: '→',
	enter: 'Enter',
	esc: 'Esc',
	tab: 'Tab',
	'shift-tab': 'Shift-Tab',
	backspace: 'Backspace',
	home: 'Home',
	end: 'End',
	pageup: 'PgUp',
	pagedown: 'PgDn',
	f1: 'F1',
	' ': 'Space',
};

const keyText = (key: string): string =>
	`\`${keyNames[key] ?? (key.startsWith('ctrl-') ? `Ctrl-${key.slice(5).toUpperCase()}` : key)}\``;
/** Without keys of its own it is reached through the palette. */
const keysOf = ({keys}: Binding): string => (keys.length === 0 ? 'palette' : keys.map(keyText).join(' '));
const whereOf = ({modes}: Binding): string =>
	(places.every(place => modes.includes(place))
		? ['everywhere', ...modes.filter(mode => !places.includes(mode) && mode !== 'small')]
		: modes
	).join(', ');

/** One table; ends without a line break. */
export const keyTableMarkdown = (): string =>
	[
		['keys', 'where', 'what it does'],
		['---', '---', '---'],
		...keyTable.map(binding => [keysOf(binding), whereOf(binding), binding.help]),
	]
		.map(row => `| ${row.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`)
		.join('\n');
