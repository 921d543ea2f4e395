/** The screen as a pure picture of the state: an array of lines, one fewer than the terminal has rows. */
import {operationsOf} from '../state/questions/operation-select.ts';
import {goneSha, isStale, jobInView, modeOf, shownTiers, tallFrom, tierInView} from '../state/questions/select.ts';
import type {State} from '../state/model/state.ts';
import {beside, centred, pane, rule, type Size, toHeight} from './lines/layout.ts';
import {
	candidateColumns,
	candidateRows,
	candidateRowsNeeded,
	candidateRowsWanted,
	candidatesTitle,
	commitLine,
	goneLines,
} from './panes/board/candidates.ts';
import {eventRows, eventsTitle, jobDetail, jobDetailTitle, tierDetail, tierDetailTitle} from './panes/board/details.ts';
import {dialogPane} from './panes/dialogs/dialogs.ts';
import {environmentRows} from './panes/board/environments.ts';
import {gateDetail, gateRows, gateSummary, gateTitle} from './panes/board/gate.ts';
import {header, troubleLines} from './panes/board/header.ts';
import {jobLogView} from './panes/logs/job-log.ts';
import {noticeLines} from './panes/board/notices.ts';
import {operationList, operationRow} from './panes/operations/operation-list.ts';
import {operationView} from './panes/operations/operation.ts';
import {footer, helpPane, overlaid, palettePane, tooSmall} from './panes/overlays.ts';
import {tierLines} from './panes/board/tier-lines.ts';
import {testsDetail, testsTitle} from './panes/tests/tests.ts';
import {tierPane, tierRows} from './panes/board/tiers.ts';
import {fitLine, type Line, span} from './lines/text.ts';
import type {Look} from './lines/theme.ts';

/** From here on panes stand beside each other, where every tier's box is wide enough for a job with its time. */
const boxesFrom = {width: 100, height: 22, insideEach: 26};
/** From here on subjects of commits have the width that is free, until even long ones are whole; then the column beside them has it, as far as it can use it. */
const roomyFrom = 160;
const sideCells = {least: 54, most: 76, beside: 133};
/** Rows of a pane below that is worth it, and of one with a row for every condition. */
const belowAtLeast = 7;
const gateAtLeast = 14;
/** Rows below a list that are better for events than those below the gate. */
const eventsFrom = 10;

const strong = (text: string): Line => [span(text, undefined, {bold: true})];

const section = (title: Line, right: Line, rows: readonly Line[], width: number, look: Look): readonly Line[] => [
	rule(title, right, width, look),
	...rows.map((row): Line => [span(' '), ...row]),
];

const candidatesAtLeast = 3;

/** Narrow: everything below each other, as lines. */
const narrowBoard = (state: State, look: Look, {width, height}: Size): readonly Line[] => {
	const tiers = shownTiers(state);
	const count = state.snapshot?.environments.length ?? 0;
	const perTier = height >= 26 ? 3 : 2;
	const ofTiers = tiers.flatMap(tier => tierLines(state, tier, look, width, height < 18 ? 1 : perTier));
	const environments = (atMost?: number) =>
		section(strong('Environments'), [], environmentRows(state, look, width - 1, atMost), width, look);
	const gate: readonly Line[] = [
		rule(gateTitle(state), [], width, look),
		[span(' '), ...gateSummary(state, look, width - 1)],
	];
	const commit = commitLine(state, look, width);
	// Where it is low, what is said elsewhere as well goes first: at least three candidates are to be seen.
	const choices = [
		[commit, ...ofTiers, ...environments(height < 26 ? count + 2 : undefined), ...gate],
		[commit, ...ofTiers, ...environments(count), ...gate],
		[commit, ...ofTiers, ...environments(count), ...gate.slice(1)],
		[...ofTiers, ...environments(count), ...gate.slice(1)],
		[...ofTiers, ...environments(count).slice(1), ...gate.slice(1)],
		[...environments(count).slice(1), ...gate.slice(1)],
	];
	const above = choices.find(lines => height - lines.length - 1 >= candidatesAtLeast) ?? choices.at(-1)!;
	const room = Math.max(candidatesAtLeast, height - above.length - 1);
	return [
		...above,
		rule(candidatesTitle(state, look, width), candidateColumns(state, look), width, look),
		...candidateRows(state, look, width, room),
	];
};

const shares = (total: number, count: number): readonly number[] =>
	Array.from(
		{length: count},
		(_, index) => Math.floor((total * (index + 1)) / count) - Math.floor((total * index) / count),
	);

const boxWidths = (state: State, width: number): readonly number[] => {
	const count = shownTiers(state).length;
	return shares(width - (count - 1), Math.max(1, count));
};

const isWide = (state: State, {width, height}: Size): boolean =>
	width >= boxesFrom.width &&
	height >= boxesFrom.height &&
	Math.min(...boxWidths(state, width)) - 2 >= boxesFrom.insideEach;

/** As tall as the tiers want, and no taller than leaves the lists their rows; where these leave room, with steps of what runs. */
const boxHeight = (state: State, look: Look, {width, height}: Size, rowsBelow: number): number => {
	const widths = boxWidths(state, width);
	const most = Math.floor(height * (state.preferences.density === 'compact' ? 0.34 : 0.42));
	const rows = (room: number | null) =>
		Math.max(3, ...shownTiers(state).map((tier, index) => tierRows(state, tier, look, widths[index]! - 4, room))) +
		2;
	const spare = height - 1 - rowsBelow;
	const forJobs = Math.min(rows(null), Math.max(most, spare));
	// In lower terminals the lists would move up and down with every step that ends.
	return height < tallFrom || spare < 5 ? forJobs : Math.max(forJobs, Math.min(rows(spare - 2), spare));
};

const tierBoxes = (state: State, look: Look, width: number, height: number): readonly Line[] => {
	const widths = boxWidths(state, width);
	return beside(
		shownTiers(state).map((tier, index) => ({
			lines: tierPane(state, tier, look, {width: widths[index]!, height}),
			width: widths[index]!,
		})),
	);
};

const eventsPane = (state: State, look: Look, width: number, height: number): readonly Line[] =>
	pane({width, height, look, title: eventsTitle(state), lines: eventRows(state, look, width - 4, height - 2, null)});

/** Rows of the smallest pane of events. */
const eventsAtLeast = 5;

/** Candidates; where they stand nowhere else, events take what these leave. */
const mainColumn = (
	state: State,
	look: Look,
	{width, height}: Size,
	wanted: number,
	hasEvents: boolean,
): readonly Line[] => {
	const own = hasEvents && height - wanted >= eventsAtLeast ? wanted : height;
	const title = candidatesTitle(state, look, width);
	return [
		...pane({
			width,
			height: own,
			look,
			title,
			right: candidateColumns(state, look),
			lines: candidateRows(state, look, width - 4, own - 2),
		}),
		...(own < height ? eventsPane(state, look, width, height - own) : []),
	];
};

const operationsPane = (state: State, look: Look, width: number, height: number): readonly Line[] =>
	pane({
		width,
		height,
		look,
		title: strong('Operations'),
		lines: operationsOf(state)
			.slice(0, height - 2)
			.map(operation => operationRow(operation, false, state, width - 4, look)),
	});

/** What stands below the gate where that leaves rows: events, unless these have more room elsewhere, else what was deployed. */
type Below = ((state: State, look: Look, width: number, height: number) => readonly Line[]) | null;

/** Environments, and below them the gate, where every condition keeps its row. */
const sideColumn = (state: State, look: Look, {width, height}: Size, below: Below): readonly Line[] => {
	const environments = environmentRows(state, look, width - 4);
	const left = height - environments.length - 2;
	const most = below === null ? left : left - belowAtLeast;
	const gate = gateRows(state, look, width - 4, most - 2);
	const gateHeight = below === null ? most : Math.min(most, gate.length + 2);
	return [
		...pane({width, height: environments.length + 2, look, title: strong('Environments'), lines: environments}),
		...pane({width, height: gateHeight, look, title: gateTitle(state), lines: gate}),
		...(below === null ? [] : below(state, look, width, left - gateHeight)),
	];
};

/** Wide: tiers beside each other, below them candidates, and beside these environments and gate; events where there is room. */
const wideBoard = (state: State, look: Look, {width, height}: Size): readonly Line[] => {
	const isRoomy = width >= roomyFrom;
	const side = isRoomy
		? Math.min(sideCells.most, Math.max(sideCells.least, width - sideCells.beside))
		: Math.max(44, Math.floor(width * 0.4));
	const main = width - side - 1;
	const candidates = candidateRowsWanted(state) + 2;
	const environments = environmentRows(state, look, side - 4).length + 2;
	const sideRows = environments + gateRows(state, look, side - 4, height).length + 2;
	const tiers = boxHeight(
		state,
		look,
		{width, height},
		Math.max(candidates + (isRoomy ? belowAtLeast : 0), sideRows),
	);
	const below = Math.max(0, height - 1 - tiers);
	const hasRoomBeside = isRoomy && below - environments >= gateAtLeast + belowAtLeast;
	const hasEventsBeside = hasRoomBeside && below - candidates < eventsFrom;
	const beneathGate = !hasRoomBeside
		? null
		: hasEventsBeside
			? eventsPane
			: operationsOf(state).length > 0
				? operationsPane
				: null;
	// Older commits come with scrolling: in a lower terminal events have their rows.
	const rows = isRoomy
		? Math.max(candidateRowsNeeded(state) + 2, Math.min(candidates, below - eventsAtLeast))
		: candidates;
	return [
		commitLine(state, look, width),
		...tierBoxes(state, look, width, tiers),
		...beside([
			{width: main, lines: mainColumn(state, look, {width: main, height: below}, rows, !hasEventsBeside)},
			{width: side, lines: sideColumn(state, look, {width: side, height: below}, beneathGate)},
		]),
	];
};

/** Title and content of a detail; one whose commit is gone shows no other commit's. */
const detailOf = (state: State, look: Look, width: number, height: number): {title: Line; lines: readonly Line[]} => {
	const {place, cursor} = state.view;
	const tier = tierInView(state);
	const job = jobInView(state);
	if (goneSha(state) !== null && place.name !== 'events')
		return {
			title: strong('No longer read'),
			lines: [[span('What is known about this commit is too old to be shown.', 'quiet')]],
		};
	switch (place.name) {
		case 'tier':
			return {
				title: tier ? tierDetailTitle(tier, look) : strong('Tier'),
				lines: tierDetail(state, look, width, height),
			};
		case 'tests':
			return {title: testsTitle(state, look), lines: testsDetail(state, look, width, height)};
		case 'job':
			return {
				title: job && tier ? jobDetailTitle(job, tier, look) : strong('Job'),
				lines: jobDetail(state, look, width, height),
			};
		case 'gate':
			return {title: gateTitle(state), lines: gateDetail(state, look, width, height)};
		case 'events':
			return {
				title: eventsTitle(state),
				lines: eventRows(state, look, width, height, Math.min(cursor, Math.max(0, state.events.length - 1))),
			};
		case 'board':
		case 'operations':
		case 'operation':
		case 'job-log':
			return {title: [], lines: []};
	}
};

const detail = (state: State, look: Look, {width, height}: Size): readonly Line[] => {
	const {title, lines} = detailOf(state, look, width - 4, height - 3);
	return [commitLine(state, look, width), ...pane({width, height: height - 1, look, tone: 'accent', title, lines})];
};

/** Before the first answer there is nothing to frame but what this machine knows: a rollback needs no GitHub. */
const waiting = (state: State, look: Look, {width, height}: Size): readonly Line[] => {
	const environments = environmentRows(state, look, width - 1);
	return [
		...(environments.length > 0 ? section(strong('Environments'), [], environments, width, look) : []),
		...Array.from({length: Math.max(0, Math.floor(height / 2) - 1 - environments.length)}, (): Line => []),
		centred(
			state.poll.failures > 0
				? `No data for ${state.repository} yet.`
				: `Asking GitHub about ${state.repository}`,
			width,
		),
	];
};

const body = (state: State, look: Look, size: Size): readonly Line[] => {
	// What this machine knows is shown also while GitHub says nothing.
	if (state.view.place.name === 'operations') return operationList(state, look, size);
	if (state.view.place.name === 'operation') return operationView(state, look, size);
	if (!state.snapshot) return waiting(state, look, size);
	if (state.view.place.name === 'job-log' && goneSha(state) === null)
		return [commitLine(state, look, size.width), ...jobLogView(state, look, {...size, height: size.height - 1})];
	if (state.view.place.name !== 'board') return detail(state, look, size);
	return isWide(state, size) ? wideBoard(state, look, size) : narrowBoard(state, look, size);
};

const withOverlay = (lines: readonly Line[], state: State, look: Look, {width, height}: Size): readonly Line[] => {
	const boxWidth = Math.min(width - 4, 84);
	if (state.dialog) return overlaid(lines, dialogPane(state, state.dialog, look, {width, height}), width);
	switch (state.view.overlay?.name) {
		case 'help':
			return overlaid(lines, helpPane(state, look, {width, height}), width);
		case 'palette':
			return overlaid(lines, palettePane(state, look, boxWidth, Math.min(20, height - 2)), width);
		default:
			return lines;
	}
};

/** These two for all text, whoever wrote it: one cell for one cell. Other text from outside keeps its letters. */
const asciiLine = (line: Line): Line =>
	line.map(part =>
		/[…×]/.test(part.text) ? {...part, text: part.text.replaceAll('…', '~').replaceAll('×', 'x')} : part,
	);

export const picture = (state: State, inMotion: Look): readonly Line[] => {
	if (modeOf(state) === 'small') return tooSmall(state);
	// Nobody knows whether it still runs: nothing turns. Operations are of this machine, and known.
	const isOfGitHub = state.view.place.name !== 'operation' && state.dialog === null;
	const look = isStale(state) && isOfGitHub ? {...inMotion, turningMarkOf: inMotion.markOf} : inMotion;
	const width = state.columns;
	// One row stays free: a frame as tall as the terminal makes Ink clear the whole screen each time.
	const height = state.rows - 1;
	const warning = [
		...noticeLines(state, inMotion, width),
		...troubleLines(state, look, width),
		...goneLines(state, look),
	];
	const size = {width, height: height - 2 - warning.length};
	const middle = toHeight(
		withOverlay(toHeight(body(state, look, size), size.height), state, look, size),
		size.height,
	);
	return [header(state, look, width), ...warning, ...middle, footer(state, look, width)]
		.map(line => fitLine(line, width, look.glyphs.ellipsis))
		.map(line => (state.preferences.symbols === 'ascii' ? asciiLine(line) : line));
};
