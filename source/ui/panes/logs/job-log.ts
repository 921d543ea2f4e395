/** Logs of jobs, one or several side by side: only the lines in view are ever cut, wrapped or searched here. */
import {clockTime, duration, elapsedSeconds} from '../../../core/text/duration.ts';
import {isCaseSensitive, type LogRow, type LogStanding, type StyledText} from '../../../core/runs/job-log.ts';
import {jobLogRows} from '../../../state/view/window.ts';
import {stepOf} from '../../../state/logs/job-log-select.ts';
import {type JobLogPane, type JobLogSearch, panesInView} from '../../../state/model/job-log-state.ts';
import type {State} from '../../../state/model/state.ts';
import {beside, pane as boxed, type Size} from '../../lines/layout.ts';
import {
	blank,
	fitRight,
	joined,
	type Line,
	lineWidth,
	narrow,
	type Span,
	span,
	spread,
	widthOf,
	wrap,
} from '../../lines/text.ts';
import type {Look, Tone} from '../../lines/theme.ts';
import {clockOf, timeText} from '../board/jobs.ts';
import {plural} from '../../../core/text/plural.ts';

const number = (value: number): string => value.toLocaleString('en-US');
const size = (bytes: number): string =>
	bytes < 1e5
		? `${(bytes / 1e3).toFixed(1)} kB`
		: bytes < 1e7
			? `${(bytes / 1e6).toFixed(1)} MB`
			: `${number(Math.round(bytes / 1e6))} MB`;

const searchText = ({text, line, isSearching, count, ordinal, isCounted}: JobLogSearch): string => {
	if (isSearching && line === null) return `/${text} searching`;
	if (line === null) return `/${text} not found`;
	const all = count === null ? 'counting' : `${number(count)}${isCounted ? '' : '+'}`;
	return `/${text} ${ordinal === null ? (count === null ? all : `of ${all}`) : `${number(ordinal)} of ${all}`}`;
};

/** How much of it is here, while it comes. */
const progress = (standing: LogStanding | null): Line => {
	if (standing === null || standing.kind === 'asking') return [span('asking GitHub', 'busy')];
	if (standing.kind === 'absent') return [span('no log', standing.retryAt === null ? 'quiet' : 'wait')];
	if (standing.kind === 'coming')
		return [
			span(
				`coming, ${size(standing.bytes)}${standing.total === null ? '' : ` of ${size(standing.total)}`}`,
				'busy',
			),
		];
	return standing.indexed < standing.bytes
		? [span(`reading ${Math.floor((standing.indexed / standing.bytes) * 100)} %`, 'busy')]
		: [];
};

const position = (state: State, log: JobLogPane, look: Look, hasSize: boolean): Line => {
	const {standing, search, left, cursor} = log;
	const separator = span(` ${look.glyphs.separator} `, 'quiet');
	const isHere = standing?.kind === 'there' || standing?.kind === 'coming';
	return joined(
		[
			search ? [span(searchText(search), 'accent')] : blank,
			left > 0 ? [span(`from column ${left + 1}`, 'wait')] : blank,
			state.jobLogs?.isWrapped ? [span('wrapped', 'quiet')] : blank,
			progress(standing),
			isHere && standing.lines > 0
				? [
						span(
							`line ${number(cursor + 1)} of ${number(standing.lines)}`,
							log.goal === 'end' && standing.kind === 'coming' ? 'good' : 'quiet',
						),
					]
				: blank,
			isHere && hasSize
				? [span(size(standing.kind === 'there' ? standing.bytes : standing.indexed), 'quiet')]
				: blank,
		],
		separator,
	);
};

/** Of the step, its name goes first where there is no room, then all of it. */
const titles = (state: State, log: JobLogPane, look: Look): readonly Line[] => {
	const {job} = log;
	const mark = look.markOf(job.status);
	const seconds = job.status === 'skipped' ? null : elapsedSeconds(job, clockOf(state));
	const step = stepOf(log);
	const stepMark = step === null ? null : look.markOf(step.status);
	const own: Line = [
		span(job.name, 'accent', {bold: true}),
		span(` ${mark.text} ${job.status}`, mark.tone, {bold: true}),
	];
	const timed: Line = [...own, span(seconds === null ? '' : ` ${duration(seconds)}`, 'quiet')];
	if (step === null || stepMark === null) return [timed, own];
	const at = (text: string): Line => [
		span(` ${look.glyphs.cursor} `, 'quiet'),
		span(`${stepMark.text} `, stepMark.tone),
		span(text, step.status === 'failed' ? 'bad' : undefined),
	];
	const named = at(`${step.number} ${step.name}`);
	return [[...timed, ...named], [...own, ...named], [...own, ...at(`step ${step.number}`)], own];
};

/** What GitHub marked a line as; the symbol stands for the word that it wrote. */
const kindMarks: Readonly<Partial<Record<LogRow['kind'], {glyph: keyof Look['glyphs'] | 'failed'; tone: Tone}>>> = {
	error: {glyph: 'failed', tone: 'bad'},
	warning: {glyph: 'warn', tone: 'wait'},
	notice: {glyph: 'live', tone: 'accent'},
};
const kindTones: Readonly<Partial<Record<LogRow['kind'], Tone>>> = {
	error: 'bad',
	warning: 'wait',
	notice: 'accent',
	command: 'accent',
	debug: 'quiet',
	end: 'quiet',
};

/** A text without the first so many cells. */
const after = (text: string, cells: number): string => {
	if (narrow.test(text)) return text.slice(cells);
	let used = 0;
	let at = 0;
	for (const character of text) {
		if (used >= cells) break;
		used += widthOf(character);
		at += character.length;
	}
	return text.slice(at);
};

const shifted = (line: Line, cells: number): Line => {
	let left = cells;
	return line.flatMap((part): Line => {
		if (left <= 0) return [part];
		const own = widthOf(part.text);
		const text = own <= left ? '' : after(part.text, left);
		left -= own;
		return text === '' ? [] : [{...part, text}];
	});
};

/** In rows of so many cells, broken wherever they end: nothing of a log is left out. At most so many rows. */
const broken = (line: Line, width: number, most: number): readonly Line[] => {
	const rows: Span[][] = [[]];
	let used = 0;
	for (const part of line) {
		let text = '';
		for (const character of narrow.test(part.text)
			? (part.text.match(new RegExp(`.{1,${width}}`, 'g')) ?? [])
			: part.text) {
			for (let rest = character; rest !== '';) {
				const cells = widthOf(rest);
				const room = width - used;
				if (cells <= room) {
					text += rest;
					used += cells;
					break;
				}
				// Plain text can be cut anywhere, a wide character goes whole to the next row.
				const head = narrow.test(rest) ? rest.slice(0, room) : '';
				rows.at(-1)!.push({...part, text: text + head});
				if (rows.length >= most) return rows;
				rows.push([]);
				[text, used] = ['', 0];
				rest = rest.slice(head.length);
			}
		}
		if (text !== '') rows.at(-1)!.push({...part, text});
	}
	return rows;
};

/** Hits stand out, whatever colour they have. */
const marked = (spans: readonly StyledText[], tone: Tone | undefined, search: JobLogSearch | null): Line => {
	const own = ({text, style}: StyledText): Span => (style ? {text, style} : span(text, tone));
	if (!search || search.text === '') return spans.map(part => own(part));
	const whole = spans.map(({text}) => text).join('');
	const [text, wanted] = isCaseSensitive(search.text)
		? [whole, search.text]
		: [whole.toLowerCase(), search.text.toLowerCase()];
	// Some letters change their length with their case: then nothing is marked rather than the wrong place.
	if (text.length !== whole.length) return spans.map(part => own(part));
	const result: Span[] = [];
	let from = 0;
	let hit = text.indexOf(wanted);
	for (const part of spans) {
		const end = from + part.text.length;
		for (let at = from; at < end;) {
			while (hit !== -1 && hit + wanted.length <= at) hit = text.indexOf(wanted, hit + wanted.length);
			const isIn = hit !== -1 && hit <= at;
			const until = Math.min(end, hit === -1 ? end : isIn ? hit + wanted.length : hit);
			const piece = whole.slice(at, until);
			result.push(isIn ? span(piece, 'accent', {inverse: true}) : own({...part, text: piece}));
			at = until;
		}
		from = end;
	}
	return result;
};

/** The columns before the text: whether the cursor is here, the time, what kind of line it is. */
const lead = (row: LogRow, isChosen: boolean, hasTimes: boolean, look: Look): Line => {
	const mark = kindMarks[row.kind];
	const glyph =
		mark === undefined ? null : mark.glyph === 'failed' ? look.markOf('failed').text : look.glyphs[mark.glyph];
	const fold = row.group === null ? null : row.group.isFolded ? look.glyphs.cursor : look.glyphs.down;
	const kind: Span =
		glyph !== null
			? span(glyph, mark!.tone, {bold: true})
			: fold !== null
				? span(fold, 'accent')
				: row.looksWrong
					? span('!', 'bad')
					: row.isInGroup
						? span(look.glyphs.vertical, 'quiet')
						: span(' ');
	return [
		span(isChosen ? look.glyphs.cursor : ' ', 'accent', {bold: true}),
		...(hasTimes ? [span(row.at === null ? ' '.repeat(9) : `${clockTime(row.at)} `, 'quiet')] : []),
		kind,
		span(' '),
	];
};

const textOf = (row: LogRow, search: JobLogSearch | null): Line => {
	if (row.kind === 'end') return [];
	const text = marked(row.spans, kindTones[row.kind], search);
	return row.group === null
		? text
		: [
				...text.map(part => (part.style || part.inverse ? part : {...part, bold: true})),
				...(row.group.isFolded ? [span(`  ${plural(row.group.lines, 'line')}`, 'quiet')] : []),
			];
};

/** A wrapped line that is taller than the pane is shifted through, as far as the operator has gone to the right. */
const linesOf = (state: State, log: JobLogPane, row: LogRow, look: Look, {width, height}: Size): readonly Line[] => {
	const {isWrapped, hasTimes} = state.jobLogs!;
	const before = lead(row, row.number === log.cursor, hasTimes, look);
	const cells = 3 + (hasTimes ? 9 : 0);
	const room = Math.max(1, width - cells);
	const text = textOf(row, log.search);
	const isShifted = !isWrapped || row.number === log.cursor;
	const shown = isShifted && log.left > 0 ? shifted(text, log.left) : text;
	if (!isWrapped) return [[...before, ...shown]];
	return broken(shown, room, height).map((line, index): Line =>
		index === 0 ? [...before, ...line] : [span(' '.repeat(cells)), ...line],
	);
};

/** The rows from the top, moved up as far as wrapped lines need for the cursor to be in view. */
const logLines = (state: State, log: JobLogPane, look: Look, {width, height}: Size): readonly Line[] => {
	const start = Math.max(
		0,
		log.rows.findIndex(({number: line}) => line >= log.top),
	);
	const groups = log.rows
		.slice(start, start + height)
		.map(row => ({row, lines: linesOf(state, log, row, look, {width, height})}));
	const at = groups.findIndex(({row}) => row.number === log.cursor);
	const until = groups.slice(0, at + 1).reduce((sum, {lines}) => sum + lines.length, 0);
	return groups
		.flatMap(({lines}) => lines)
		.slice(Math.max(0, until - height))
		.slice(0, height);
};

/** Why there is no log, and what is known of the job all the same: its steps. */
const absence = (state: State, log: JobLogPane, look: Look, width: number): readonly Line[] => {
	const {standing, job} = log;
	const now = clockOf(state);
	const steps = (job.steps ?? []).map((step): Line => {
		const mark = look.turningMarkOf(step.status);
		return spread(
			[
				span(`  ${fitRight(String(step.number), 2)} `, 'quiet'),
				span(`${mark.text} `, mark.tone),
				span(step.name, step.status === 'failed' ? 'bad' : undefined),
			],
			[span(fitRight(step.startedAt === null ? '' : timeText(step, now), 10), 'quiet'), span(' ')],
			Math.min(width, 90),
			look.glyphs.ellipsis,
		);
	});
	const sentences =
		standing === null || standing.kind === 'asking'
			? ['Reading the log from GitHub.']
			: standing.kind === 'absent'
				? [standing.because, ...(standing.next === null ? [] : [standing.next])]
				: ['Reading the log.'];
	const tone: Tone | undefined =
		standing?.kind === 'absent' &&
		standing.retryAt === null &&
		['not-permitted', 'unreachable', 'disk', 'gone', 'expired'].includes(standing.why)
			? 'wait'
			: undefined;
	return [
		...sentences.flatMap((sentence, index) =>
			wrap(sentence, width - 2).map((text): Line => [span(` ${text}`, index === 0 ? tone : 'quiet')]),
		),
		...(steps.length === 0 ? [] : [blank, ...steps]),
	];
};

const logPane = (
	state: State,
	log: JobLogPane,
	isFocused: boolean,
	look: Look,
	{width, height}: Size,
): readonly Line[] => {
	const inside = {width: width - 4, height: height - 2};
	const all = titles(state, log, look);
	const ends = [position(state, log, look, true), position(state, log, look, false)];
	const fits = all
		.flatMap(title => ends.map(right => ({title, right})))
		.find(({title, right}) => lineWidth(title) + lineWidth(right) + 11 <= width) ?? {
		title: all.at(-1)!,
		right: ends[1]!,
	};
	return boxed({
		width,
		height,
		look,
		tone: isFocused ? 'accent' : 'quiet',
		...fits,
		lines: log.rows.length > 0 ? logLines(state, log, look, inside) : absence(state, log, look, inside.width),
	});
};

export const jobLogView = (state: State, look: Look, {width, height}: Size): readonly Line[] => {
	if (state.jobLogs === null) return [];
	const logs = panesInView(state.jobLogs, state.columns);
	const focus = state.jobLogs.panes[state.jobLogs.focus];
	const own = Math.floor((width - (logs.length - 1)) / logs.length);
	const widths = logs.map((_, index) => (index === logs.length - 1 ? width - (own + 1) * (logs.length - 1) : own));
	return beside(
		logs.map((log, index) => ({
			width: widths[index]!,
			lines: logPane(state, log, log === focus, look, {width: widths[index]!, height}),
		})),
	);
};

/** For ears: the line that the cursor is at, and those below it. */
export const jobLogSentences = (state: State): readonly string[] => {
	const log = state.jobLogs?.panes[state.jobLogs.focus];
	if (!log) return [];
	const step = stepOf(log);
	const {standing} = log;
	const at = Math.max(
		0,
		log.rows.findIndex(({number: line}) => line === log.cursor),
	);
	return [
		`Log of ${log.job.name}, ${log.job.status}${step === null ? '' : `, step ${step.number}, ${step.name}`}.`,
		...(standing?.kind === 'absent' ? [standing.because, ...(standing.next === null ? [] : [standing.next])] : []),
		...log.rows
			.slice(at, at + jobLogRows(state))
			.map(
				row =>
					`${row.number + 1}: ${row.kind === 'plain' ? '' : `${row.kind}: `}${row.spans.map(({text}) => text).join('')}`,
			),
	];
};
