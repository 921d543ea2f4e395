/** Footer, toast, help, palette and search: what belongs to the program rather than to the pipeline. */
import {type Binding, footerBindings, gateOf, helpRows, paletteBindings} from '../../state/keys.ts';
import {type Mode, modeOf, smallest} from '../../state/select.ts';
import type {State} from '../../state/state.ts';
import {centred, pane, windowAround} from '../layout.ts';
import {cut, fit, fitRight, type Line, lineWidth, type Span, span, spread, widthOf} from '../text.ts';
import type {Look} from '../theme.ts';

const keyNames: Readonly<Record<string, string>> = {enter: '↵', up: '↑', down: '↓', left: '←', right: '→', esc: 'esc', tab: 'tab', 'shift-tab': '⇧tab', backspace: '⌫', pagedown: 'pgdn', pageup: 'pgup'};
const asciiNames: Readonly<Record<string, string>> = {enter: 'enter', 'shift-tab': 's-tab', backspace: 'bksp', pagedown: 'pgdn', pageup: 'pgup'};

export const keyName = (key: string, look: Look): string => (look.glyphs.arrow === '->' ? asciiNames[key] : keyNames[key]) ?? key.replace(/^ctrl-/, '^');

const hint = (binding: Binding, state: State, look: Look): Line => {
	const isOpen = gateOf(binding, state).open;
	return [span(keyName(binding.keys[0]!, look), isOpen ? 'accent' : 'quiet', {bold: isOpen}), span(` ${binding.label}`, 'quiet')];
};

/** As many keys as fit; help and quit always do. */
const hints = (state: State, mode: Mode, look: Look, width: number): Line => {
	const all = footerBindings(mode).map(binding => hint(binding, state, look));
	const always = mode === 'search' || mode === 'palette' || mode === 'help' ? [] : all.slice(-2);
	const others = all.slice(0, all.length - always.length);
	const cells = (lines: readonly Line[]) => lines.reduce((sum, line) => sum + lineWidth(line) + 2, 0);
	let count = others.length;
	while (count > 0 && cells([...others.slice(0, count), ...always]) > width) count--;
	return [...others.slice(0, count), ...always].flatMap((line): readonly Span[] => [...line, span('  ')]);
};

export const footer = (state: State, look: Look, width: number): Line => {
	const {overlay} = state.view;
	if (overlay?.name === 'search') return [span(' /', 'accent', {bold: true}), span(overlay.query), span(' ', undefined, {inverse: true}), span('  ↵ find  esc cancel', 'quiet')];
	if (state.toast) return [span(' '), span(state.toast.text, state.toast.tone === 'warn' ? 'wait' : state.toast.tone === 'good' ? 'good' : undefined, {bold: true})];
	return [span(' '), ...hints(state, modeOf(state), look, width - 1)];
};

export const helpPane = (state: State, look: Look, width: number, height: number): readonly Line[] => {
	const rows = helpRows();
	const cursor = state.view.overlay?.name === 'help' ? state.view.overlay.cursor : 0;
	const {start, end} = windowAround(rows.length, cursor, height - 2);
	const lines = rows.slice(start, end).map((row): Line => ('group' in row
		? [span(row.group, 'accent', {bold: true})]
		: [span(`  ${fit(row.binding.keys.map(key => keyName(key, look)).join(' '), 20)}`, undefined, {bold: true}), span(row.binding.help), span(row.binding.modes.length < 3 ? `  ${row.binding.modes.join(', ')}` : '', 'quiet')]));
	return pane({width, height, look, title: [span('Help', undefined, {bold: true}), span(' what each key does', 'quiet')], right: [span(`${Math.min(end, rows.length)}/${rows.length}`, 'quiet')], tone: 'accent', lines});
};

export const palettePane = (state: State, look: Look, width: number, height: number): readonly Line[] => {
	const overlay = state.view.overlay?.name === 'palette' ? state.view.overlay : {query: '', index: 0};
	const bindings = paletteBindings(overlay.query);
	const {start, end} = windowAround(bindings.length, overlay.index, height - 4);
	const rows = bindings.slice(start, end).map((binding, index): Line => {
		const chosen = start + index === overlay.index;
		const gate = gateOf(binding, state);
		return spread(
			[span(chosen ? `${look.glyphs.cursor} ` : '  ', 'accent', {bold: true}), span(binding.help, gate.open ? undefined : 'quiet', {bold: chosen}), span(gate.open ? '' : `  ${gate.because}`, 'wait')],
			[span(binding.keys[0] ? keyName(binding.keys[0], look) : '', 'accent')],
			width - 4,
			look.glyphs.ellipsis,
		);
	});
	const input: Line = [span(': ', 'accent', {bold: true}), span(cut(overlay.query, width - 10)), span(' ', undefined, {inverse: true})];
	return pane({width, height, look, title: [span('Commands', undefined, {bold: true})], right: [span(`${bindings.length}`, 'quiet')], tone: 'accent', lines: [input, [], ...(rows.length > 0 ? rows : [[span('No command matches.', 'quiet')]])]});
};

/** Lays a box over the middle of the screen. */
export const overlaid = (lines: readonly Line[], box: readonly Line[], width: number): readonly Line[] => {
	const top = Math.max(0, Math.floor((lines.length - box.length) / 2));
	const left = Math.max(0, Math.floor((width - lineWidth(box[0] ?? [])) / 2));
	return lines.map((line, row) => {
		const inside = box[row - top];
		return inside ? [span(' '.repeat(left)), ...inside, span(' '.repeat(Math.max(0, width - left - lineWidth(inside))))] : dimmed(line);
	});
};

const dimmed = (line: Line): Line => line.map(({text}) => span(text, 'quiet'));

/** For terminals in which nothing useful fits. */
export const tooSmall = ({columns, rows}: State): readonly Line[] => {
	const texts = [`This terminal is ${columns}x${rows}.`, `deployctl needs ${smallest.columns}x${smallest.rows}.`, 'q quits'];
	const top = Math.max(0, Math.floor((rows - 1 - texts.length) / 2));
	return [...Array.from({length: top}, (): Line => []), ...texts.map(text => centred(cut(text, columns), columns))].slice(0, Math.max(1, rows - 1));
};

export const rightAligned = (text: string, width: number): string => fitRight(text, Math.max(widthOf(text), width));
