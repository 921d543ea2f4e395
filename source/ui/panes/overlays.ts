/** Footer, toast, help, palette and search: what belongs to the program rather than to the pipeline. */
import {footerBindings, footerTextOf, gateOf, helpRows, paletteBindings} from '../../state/keys/keys.ts';
import {modeOf, smallest} from '../../state/questions/select.ts';
import type {State} from '../../state/model/state.ts';
import {helpColumns, helpHeight, windowAround} from '../../state/view/window.ts';
import {beside, centred, pane, type Size} from '../lines/layout.ts';
import {cut, fit, joined, type Line, lineWidth, span, spread, widthOf} from '../lines/text.ts';
import type {Look, Tone} from '../lines/theme.ts';
import {plural} from '../../core/text/plural.ts';
import type {Binding} from '../../state/keys/binding.ts';

const keyNames: Readonly<Record<string, string>> = {
	enter: '↵',
	up: '↑',
	down: '↓',
	left: '←',
	right: '→',
	esc: 'esc',
	tab: 'tab',
	'shift-tab': '⇧tab',
	backspace: '⌫',
	pagedown: 'pgdn',
	pageup: 'pgup',
	' ': 'space',
};
const asciiNames: Readonly<Record<string, string>> = {
	'shift-tab': 's-tab',
	backspace: 'bksp',
	pagedown: 'pgdn',
	pageup: 'pgup',
	' ': 'space',
};

const keyName = (key: string, look: Look): string =>
	(look.glyphs.arrow === '->' ? asciiNames[key] : keyNames[key]) ?? key.replace(/^ctrl-/, '^');

/** What is not possible now stands in brackets: grey alone would not be seen by everyone. */
const hint = (binding: Binding, state: State, look: Look): Line => {
	const {key, label} = footerTextOf(binding, state);
	const name = keyName(key, look);
	return gateOf(binding, state).open
		? [span(name, 'accent', {bold: true}), span(` ${label}`, 'quiet')]
		: [span(`(${name} ${label})`, 'quiet')];
};

/** As many keys as fit; help and quit always do. */
const hints = (state: State, look: Look, width: number): Line => {
	const all = footerBindings(state).map(binding => hint(binding, state, look));
	const always =
		state.view.overlay === null && state.dialog === null && modeOf(state) !== 'small' ? all.slice(-2) : [];
	const others = all.slice(0, all.length - always.length);
	const cells = (lines: readonly Line[]) => lines.reduce((sum, line) => sum + lineWidth(line) + 2, -2);
	let count = others.length;
	while (count > 0 && cells([...others.slice(0, count), ...always]) > width) count--;
	return joined([...others.slice(0, count), ...always], span('  '));
};

const toastTones: Readonly<Record<'plain' | 'good' | 'warn', Tone | undefined>> = {
	plain: undefined,
	good: 'good',
	warn: 'wait',
};

export const footer = (state: State, look: Look, width: number): Line => {
	const {overlay} = state.view;
	if (overlay?.name === 'search' && state.dialog === null) {
		const isRead = state.snapshot !== null || state.view.place.name !== 'board';
		const input: Line = [
			span(' /', 'accent', {bold: true}),
			span(overlay.query),
			span(' ', undefined, {inverse: true}),
			span(isRead ? '' : ` reading ${look.glyphs.ellipsis}`, 'quiet'),
		];
		return spread(input, [...hints(state, look, width - 2), span(' ')], width, look.glyphs.ellipsis);
	}
	if (state.toast) return [span(' '), span(state.toast.text, toastTones[state.toast.tone], {bold: true})];
	return [span(' '), ...hints(state, look, width - 1)];
};

const isMostModes = ({modes}: Binding): boolean => modes.length >= 5;

const keysOf = ({keys}: Binding, look: Look): string => keys.map(key => keyName(key, look)).join(' ');

/** In a narrower column what the key does has the room. */
const modesFrom = 60;

const helpRow = (row: ReturnType<typeof helpRows>[number], keyCells: number, width: number, look: Look): Line => {
	if ('group' in row) return [span(row.group, 'accent', {bold: true})];
	const {binding} = row;
	const modes = isMostModes(binding) || width < modesFrom ? '' : binding.modes.join(' ');
	return spread(
		[span(`  ${fit(keysOf(binding, look), keyCells)}  `, undefined, {bold: true}), span(binding.help)],
		[span(modes, 'quiet')],
		width,
		look.glyphs.ellipsis,
	);
};

const helpGap = 4;

/** Scrolls by its first row: there is nothing to choose. On the right of a row stands where a key means this. */
export const helpPane = (state: State, look: Look, size: Size): readonly Line[] => {
	const rows = helpRows();
	const offset = state.view.overlay?.name === 'help' ? state.view.overlay.cursor : 0;
	const columns = helpColumns(state);
	const [width, height] = [Math.min(size.width - 4, columns === 1 ? 84 : 200), helpHeight(size.height)];
	const perColumn = Math.max(1, height - 2);
	const room = perColumn * columns;
	const start = Math.max(0, Math.min(offset, rows.length - room));
	const shown = rows.slice(start, start + room);
	const keyCells = Math.max(...rows.map(row => ('group' in row ? 0 : widthOf(keysOf(row.binding, look)))));
	const columnWidth = Math.floor((width - 4 - helpGap * (columns - 1)) / columns);
	const lines = beside(
		Array.from({length: columns}, (_, column) => ({
			width: columnWidth,
			lines: shown
				.slice(column * perColumn, (column + 1) * perColumn)
				.map(row => helpRow(row, keyCells, columnWidth, look)),
		})),
		helpGap,
	);
	const bindings = (part: typeof rows) => part.filter(row => 'binding' in row).length;
	const above = bindings(rows.slice(0, start));
	const count = `${above + 1}-${above + bindings(shown)} of ${bindings(rows)}`;
	return pane({
		width,
		height,
		look,
		title: [span('Help', undefined, {bold: true}), span(' what each key does', 'quiet')],
		right: [span(count, 'quiet')],
		tone: 'accent',
		lines,
	});
};

const paletteRow = (binding: Binding, chosen: boolean, state: State, width: number, look: Look): Line => {
	const gate = gateOf(binding, state);
	return spread(
		[
			span(chosen ? `${look.glyphs.cursor} ` : '  ', 'accent', {bold: true}),
			span(binding.help, gate.open ? undefined : 'quiet', {bold: chosen}),
			span(gate.open ? '' : `  ${gate.because}`, 'wait'),
		],
		[span(binding.keys[0] ? keyName(binding.keys[0], look) : '', 'accent')],
		width,
		look.glyphs.ellipsis,
	);
};

export const palettePane = (state: State, look: Look, width: number, height: number): readonly Line[] => {
	const overlay = state.view.overlay?.name === 'palette' ? state.view.overlay : {query: '', index: 0};
	const bindings = paletteBindings(overlay.query);
	const {start, end} = windowAround(bindings.length, overlay.index, height - 4);
	const rows = bindings
		.slice(start, end)
		.map((binding, index) => paletteRow(binding, start + index === overlay.index, state, width - 4, look));
	const input: Line = [
		span(': ', 'accent', {bold: true}),
		span(cut(overlay.query, width - 10, look.glyphs.ellipsis)),
		span(' ', undefined, {inverse: true}),
	];
	const count = plural(bindings.length, 'command');
	return pane({
		width,
		height,
		look,
		title: [span('Commands', undefined, {bold: true})],
		right: [span(count, 'quiet')],
		tone: 'accent',
		lines: [input, [], ...(rows.length > 0 ? rows : [[span('No command matches.', 'quiet')]])],
	});
};

/** Lays a box over the middle of the screen. */
export const overlaid = (lines: readonly Line[], box: readonly Line[], width: number): readonly Line[] => {
	const top = Math.max(0, Math.floor((lines.length - box.length) / 2));
	const left = Math.max(0, Math.floor((width - lineWidth(box[0] ?? [])) / 2));
	return lines.map((line, row) => {
		const inside = box[row - top];
		return inside
			? [span(' '.repeat(left)), ...inside, span(' '.repeat(Math.max(0, width - left - lineWidth(inside))))]
			: dimmed(line);
	});
};

const dimmed = (line: Line): Line => line.map(({text}) => span(text, 'quiet'));

/** For terminals in which nothing useful fits. */
export const tooSmall = ({columns, rows}: State): readonly Line[] => {
	const texts = [
		`This terminal is ${columns}x${rows}.`,
		`deployctl needs ${smallest.columns}x${smallest.rows}.`,
		'q quits',
	];
	const top = Math.max(0, Math.floor((rows - 1 - texts.length) / 2));
	return [
		...Array.from({length: top}, (): Line => []),
		...texts.map(text => centred(cut(text, columns), columns)),
	].slice(0, Math.max(1, rows - 1));
};
