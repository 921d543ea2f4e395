/** The screen as a pure picture of the state: an array of lines, one fewer than the terminal has rows. */
import {jobInView, modeOf, selectedCandidate, shownTiers, tierInView} from '../state/select.ts';
import type {State} from '../state/state.ts';
import {beside, centred, pane, rule, type Size, toHeight} from './layout.ts';
import {candidateColumns, candidateRows, commitLine} from './panes/candidates.ts';
import {eventRows, eventsTitle, jobDetail, jobDetailTitle, tierDetail, tierDetailTitle} from './panes/details.ts';
import {environmentRows} from './panes/environments.ts';
import {gateDetail, gateRows, gateSummary, gateTitle} from './panes/gate.ts';
import {header, troubleLines} from './panes/header.ts';
import {footer, helpPane, overlaid, palettePane, tooSmall} from './panes/overlays.ts';
import {tierLines, tierPane} from './panes/tiers.ts';
import {fitLine, type Line, span} from './text.ts';
import type {Look} from './theme.ts';

/** From here on tiers stand beside each other in boxes. */
const boxesFrom = 100;
const eventsFrom = 160;

const strong = (text: string): Line => [span(text, undefined, {bold: true})];

const candidatesTitle = (state: State): Line => [...strong('Candidates'), span(` on ${state.settings.branches.staging}`, 'quiet'), ...(state.view.query === '' ? [] : [span(`  /${state.view.query}`, 'accent')])];

const section = (title: Line, right: Line, rows: readonly Line[], width: number, look: Look): readonly Line[] =>
	[rule(title, right, width, look), ...rows.map((row): Line => [span(' '), ...row])];

/** Narrow: everything below each other, as lines. */
const narrowBoard = (state: State, look: Look, {width, height}: Size): readonly Line[] => {
	const tiers = shownTiers(state);
	const perTier = height >= 26 ? 3 : 2;
	const tierRows = tiers.flatMap(tier => tierLines(state, tier, look, width, height < 18 ? 1 : perTier));
	const environments = section(strong('Environments'), [], environmentRows(state, look, width - 1), width, look);
	const gate: readonly Line[] = state.snapshot ? [rule(gateTitle(state), [], width, look), [span(' '), ...gateSummary(state, look, width - 1)]] : [];
	const above = [commitLine(state, selectedCandidate(state), look, width), ...tierRows, ...environments, ...gate];
	const room = Math.max(2, height - above.length - 1);
	return [...above, rule(candidatesTitle(state), candidateColumns(state), width, look), ...candidateRows(state, look, width, room)];
};

const shares = (total: number, count: number): readonly number[] => Array.from({length: count}, (_, index) => Math.floor((total * (index + 1)) / count) - Math.floor((total * index) / count));

const tierBoxes = (state: State, look: Look, width: number, height: number): readonly Line[] => {
	const tiers = shownTiers(state);
	const widths = shares(width - (tiers.length - 1), Math.max(1, tiers.length));
	return tiers.length === 0 ? [] : beside(tiers.map((tier, index) => ({lines: tierPane(state, tier, look, widths[index]!, height), width: widths[index]!})));
};

/** Wide: tiers beside each other, below them candidates, environments and gate, and events where there is room. */
const wideBoard = (state: State, look: Look, {width, height}: Size): readonly Line[] => {
	const compact = state.preferences.density === 'compact';
	const longest = Math.max(4, ...shownTiers(state).map(tier => tier.jobs.length + 3 + (tier.progress ? 1 : 0) + (tier.because === null ? 0 : 1)));
	const tierHeight = state.snapshot ? Math.max(6, Math.min(longest + 2, Math.floor(height * (compact ? 0.34 : 0.42)))) : 0;
	const rest = Math.max(0, height - 1 - tierHeight);
	const side = width >= eventsFrom ? Math.floor(width * 0.3) : Math.max(44, Math.floor(width * 0.4));
	const events = width >= eventsFrom ? Math.floor(width * 0.26) : 0;
	const main = width - side - 1 - (events > 0 ? events + 1 : 0);
	const environments = environmentRows(state, look, side - 4);
	const environmentHeight = environments.length + 2;
	// Without a column of their own, events take what the candidates leave.
	const wanted = (state.snapshot?.candidates.length ?? 0) + 2;
	const candidateHeight = events === 0 && rest - wanted >= 5 ? wanted : rest;
	const eventsPane = (paneWidth: number, paneHeight: number) => pane({width: paneWidth, height: paneHeight, look, title: eventsTitle(state), lines: eventRows(state, look, paneWidth - 4, paneHeight - 2, null)});
	return [
		commitLine(state, selectedCandidate(state), look, width),
		...tierBoxes(state, look, width, tierHeight),
		...beside([
			{width: main, lines: [
				...pane({width: main, height: candidateHeight, look, title: candidatesTitle(state), right: candidateColumns(state), lines: candidateRows(state, look, main - 4, candidateHeight - 2)}),
				...(candidateHeight < rest ? eventsPane(main, rest - candidateHeight) : []),
			]},
			{width: side, lines: [
				...pane({width: side, height: environmentHeight, look, title: strong('Environments'), lines: environments}),
				...pane({width: side, height: rest - environmentHeight, look, title: gateTitle(state), lines: gateRows(state, look, side - 4, rest - environmentHeight - 2)}),
			]},
			...(events > 0 ? [{width: events, lines: eventsPane(events, rest)}] : []),
		]),
	];
};

const detail = (state: State, look: Look, {width, height}: Size): readonly Line[] => {
	const {place} = state.view;
	const inner = width - 4;
	const lines = height - 3;
	const box = (title: Line, content: readonly Line[]) => [commitLine(state, selectedCandidate(state), look, width), ...pane({width, height: height - 1, look, tone: 'accent', title, lines: content})];
	const tier = tierInView(state);
	const job = jobInView(state);
	switch (place.name) {
		case 'tier': return box(tier ? tierDetailTitle(tier, look) : strong('Tier'), tierDetail(state, look, inner, lines));
		case 'job': return box(job && tier ? jobDetailTitle(job, tier, look) : strong('Job'), jobDetail(state, look, inner, lines));
		case 'gate': return box(gateTitle(state), gateDetail(state, look, inner, lines));
		case 'events': return box(eventsTitle(state), eventRows(state, look, inner, lines, Math.min(state.view.cursor, Math.max(0, state.events.length - 1))));
		case 'board': return [];
	}
};

/** Before the first answer there is nothing to frame. */
const waiting = ({repository, poll}: State, {width, height}: Size): readonly Line[] => [
	...Array.from({length: Math.floor(height / 2) - 1}, (): Line => []),
	centred(poll.failures > 0 ? `Nothing is known of ${repository} yet.` : `Asking GitHub about ${repository}`, width),
];

const body = (state: State, look: Look, size: Size): readonly Line[] => {
	if (!state.snapshot) return waiting(state, size);
	if (state.view.place.name !== 'board') return detail(state, look, size);
	return size.width >= boxesFrom && size.height >= 22 ? wideBoard(state, look, size) : narrowBoard(state, look, size);
};

const withOverlay = (lines: readonly Line[], state: State, look: Look, {width, height}: Size): readonly Line[] => {
	const boxWidth = Math.min(width - 4, 84);
	switch (state.view.overlay?.name) {
		case 'help': return overlaid(lines, helpPane(state, look, boxWidth, height - 2), width);
		case 'palette': return overlaid(lines, palettePane(state, look, boxWidth, Math.min(20, height - 2)), width);
		default: return lines;
	}
};

/** What panes write themselves, one cell for one cell. Text from outside keeps its letters. */
const asciiLine = (line: Line): Line => line.map(part => (/[…×]/.test(part.text) ? {...part, text: part.text.replaceAll('…', '~').replaceAll('×', 'x')} : part));

export const picture = (state: State, look: Look): readonly Line[] => {
	if (modeOf(state) === 'small') return tooSmall(state);
	const width = state.columns;
	// One row stays free: a frame as tall as the terminal makes Ink clear the whole screen each time.
	const height = state.rows - 1;
	const warning = troubleLines(state, look, width);
	const size = {width, height: height - 2 - warning.length};
	const middle = toHeight(withOverlay(toHeight(body(state, look, size), size.height), state, look, size), size.height);
	return [header(state, look, width), ...warning, ...middle, footer(state, look, width)]
		.map(line => fitLine(line, width, look.glyphs.ellipsis))
		.map(line => (state.preferences.symbols === 'ascii' ? asciiLine(line) : line));
};
