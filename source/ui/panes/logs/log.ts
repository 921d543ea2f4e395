/** A part of a log of any size: only the lines in view are ever cut, wrapped or searched here. */
import type {LogView} from '../../../state/model/operations-state.ts';
import type {State} from '../../../state/model/state.ts';
import type {Size} from '../../lines/layout.ts';
import {cut, type Line, narrow, type Span, span, widthOf} from '../../lines/text.ts';
import type {Look} from '../../lines/theme.ts';
import {plural} from '../../../core/text/plural.ts';

const number = (value: number): string => value.toLocaleString('en-US');

const searchText = ({search}: LogView): string => {
	if (!search) return '';
	if (search.isSearching && search.count === null) return `/${search.text} searching`;
	if (search.line === null) return `/${search.text} not found`;
	return `/${search.text} ${search.ordinal === null ? `line ${number(search.line + 1)}, ` : `${number(search.ordinal)}/`}${number(search.count ?? 0)}${search.ordinal === null ? ' hits' : ''}`;
};

/** Where the operator is in it. */
export const logTitle = ({log}: State, look: Look): Line => {
	if (!log?.size) return [span('being read', 'quiet')];
	const dot = ` ${look.glyphs.separator} `;
	const {lines, isWhole} = log.size;
	const parts: readonly Span[] = [
		...(log.search ? [span(searchText(log), 'accent')] : []),
		...(log.left > 0 ? [span(`from column ${log.left + 1}`, 'wait')] : []),
		...(log.isWrapped ? [span('wrapped', 'quiet')] : []),
		log.isFollowing
			? span(isWhole ? 'end' : 'following', isWhole ? 'quiet' : 'good')
			: span(`line ${number(log.top + 1)}`, 'wait'),
		span(plural(lines, 'line'), 'quiet'),
	];
	return parts.flatMap((part, index) => (index === 0 ? [part] : [span(dot, 'quiet'), part]));
};

/** What is left of a text when so many cells are scrolled away. */
const shifted = (text: string, cells: number): string => {
	if (cells <= 0) return text;
	let used = 0;
	let at = 0;
	for (const character of text) {
		if (used >= cells) break;
		used += widthOf(character);
		at += character.length;
	}
	return text.slice(at);
};

/** In rows of so many cells, broken wherever they end: nothing of a log is left out. */
const broken = (text: string, width: number): readonly string[] => {
	if (widthOf(text) <= width) return [text];
	if (narrow.test(text))
		return Array.from({length: Math.ceil(text.length / width)}, (_, row) =>
			text.slice(row * width, (row + 1) * width),
		);
	const rows: string[] = [];
	let row = '';
	let used = 0;
	for (const character of text) {
		const cells = widthOf(character);
		if (used + cells > width) {
			rows.push(row);
			[row, used] = ['', 0];
		}
		row += character;
		used += cells;
	}
	return [...rows, row];
};

/** The scripts' own lines recede behind what they say: `deployctl/1 2026-11-24T02:03:04Z +0.175 `. */
const protocol = /^deployctl\/1 \S+ \+\S+ (?=begin|ok|fail|probe|note|would|end)/;
const lineTone = (text: string) => (/^deployctl\/1 \S+ \S+ fail /.test(text) ? ('bad' as const) : undefined);

const marked = (text: string, tone: Span['tone'], wanted: string | null): Line => {
	if (wanted === null) return [span(text, tone)];
	const lower = text.toLowerCase();
	const parts: Span[] = [];
	let at = 0;
	for (let hit = lower.indexOf(wanted); hit !== -1 && lower.length === text.length; hit = lower.indexOf(wanted, at)) {
		parts.push(
			span(text.slice(at, hit), tone),
			span(text.slice(hit, hit + wanted.length), 'accent', {inverse: true}),
		);
		at = hit + wanted.length;
	}
	return [...parts, span(text.slice(at), tone)];
};

const styled = (whole: string, shown: string, isStart: boolean, wanted: string | null): Line => {
	const prefix = isStart ? (protocol.exec(shown)?.[0] ?? '') : '';
	return [span(prefix, 'quiet'), ...marked(shown.slice(prefix.length), lineTone(whole), wanted)];
};

const rowsOf = (text: string, isHit: boolean, log: LogView, width: number, look: Look): readonly Line[] => {
	const wanted = log.search?.text ? log.search.text.toLowerCase() : null;
	const lead = span(isHit ? look.glyphs.cursor : ' ', 'accent', {bold: true});
	const room = Math.max(1, width - 2);
	const shown = log.isWrapped ? broken(text, room) : [cut(shifted(text, log.left), room, look.glyphs.ellipsis)];
	return shown.map((part, index): Line => [
		index === 0 ? lead : span(' '),
		...styled(text, part, index === 0 && log.left === 0, wanted),
	]);
};

/** At the end the last rows, elsewhere those from the top. Lines that are not in memory yet are blank for a moment. */
export const logLines = ({log}: State, look: Look, {width, height}: Size): readonly Line[] => {
	if (!log?.size) return [[span(' Reading the log.', 'quiet')]];
	if (log.size.lines === 0)
		return [[span(log.size.isWhole ? ' The script printed nothing.' : ' Nothing has been printed yet.', 'quiet')]];
	const start = log.isFollowing ? Math.max(0, log.lines.length - height) : log.top - log.from;
	const shown = Array.from({length: height}, (_, row) => start + row).filter(index => index < log.lines.length);
	const rows = shown.flatMap(index =>
		rowsOf(log.lines[index] ?? '', log.search?.line === log.from + index, log, width, look),
	);
	return log.isFollowing ? rows.slice(-height) : rows.slice(0, height);
};
