/** The production gate: in one line, as a list, and with every reason. */
import {short} from '../../core/gate.ts';
import type {Condition, ConditionId} from '../../core/pipeline.ts';
import {isStale, selectedCandidate} from '../../state/select.ts';
import type {State} from '../../state/state.ts';
import {windowAround} from '../layout.ts';
import {blank, cut, fit, type Line, span, spread, wrap} from '../text.ts';
import type {Look, Tone} from '../theme.ts';

export const conditionTitles: Readonly<Record<ConditionId, string>> = {
	'fast-green': 'fast tests',
	staged: 'staged',
	'e2e-green': 'E2E',
	'smoke-green': 'smoke',
	'fast-forward': 'fast-forward',
	unlocked: 'unlocked',
	'not-frozen': 'not frozen',
	'not-pinned': 'not pinned',
	'production-healthy': 'healthy',
	'sign-offs': 'sign-offs',
	approvals: 'approvals',
};

const markOf = ({met}: Condition, look: Look): {text: string; tone: Tone} => look.markOf(met === true ? 'passed' : met === false ? 'failed' : 'unknown');

const verdict = (state: State, look: Look): Line => {
	const candidate = selectedCandidate(state);
	if (!candidate) return blank;
	const {gate} = candidate;
	// Old knowledge opens nothing.
	if (gate.open && !isStale(state)) return [span(`${look.markOf('passed').text} open`, 'good', {bold: true})];
	return [span(`${look.markOf('failed').text} shut`, 'bad', {bold: true}), span(` ${gate.conditions.filter(condition => condition.met === true).length} of ${gate.conditions.length} met`, 'quiet')];
};

/** The first thing in the way: what is known to be wrong before what is unknown. */
const obstacle = (state: State): Condition | undefined => {
	const conditions = selectedCandidate(state)?.gate.conditions ?? [];
	return conditions.find(condition => condition.met === false) ?? conditions.find(condition => condition.met === 'unknown');
};

export const gateTitle = (state: State): Line => [span('Production gate', undefined, {bold: true}), span(` for ${short(selectedCandidate(state)?.sha ?? '')}`, 'quiet')];

/** One line: shut, how much is met, and what is in the way first. */
export const gateSummary = (state: State, look: Look, width: number): Line => {
	const first = obstacle(state);
	return spread([...verdict(state, look), span(first ? ` ${look.glyphs.separator} ${first.because}` : '', 'quiet')], [span('p shows all', 'quiet')], width, look.glyphs.ellipsis);
};

/** A row a condition, the reason cut to what fits; what is not met comes first when not all fit. */
export const gateRows = (state: State, look: Look, width: number, height: number): readonly Line[] => {
	const conditions = selectedCandidate(state)?.gate.conditions ?? [];
	const rank = (condition: Condition) => (condition.met === false ? 0 : condition.met === 'unknown' ? 1 : 2);
	const shown = conditions.length + 1 <= height ? conditions : [...conditions].sort((a, b) => rank(a) - rank(b)).slice(0, Math.max(0, height - 1));
	const room = Math.max(8, width - 16);
	const rows = (condition: Condition, isWhole: boolean): readonly Line[] => {
		const mark = markOf(condition, look);
		const tone = condition.met === false ? undefined : 'quiet';
		const [first = '', ...more] = isWhole ? wrap(condition.because, room) : [cut(condition.because, room)];
		return [[span(`${mark.text} `, mark.tone), span(fit(conditionTitles[condition.id], 14)), span(first, tone)], ...more.map((text): Line => [span(' '.repeat(16)), span(text, tone)])];
	};
	const whole = shown.flatMap(condition => rows(condition, true));
	return [verdict(state, look), ...(whole.length < height ? whole : shown.flatMap(condition => rows(condition, false)))].slice(0, height);
};

/** Everything, with what to do next: the detail view. */
export const gateDetail = (state: State, look: Look, width: number, height: number): readonly Line[] => {
	const conditions = selectedCandidate(state)?.gate.conditions ?? [];
	const cursor = Math.min(state.view.cursor, conditions.length - 1);
	const blocks = conditions.map((condition, index): readonly Line[] => {
		const mark = markOf(condition, look);
		const chosen = index === cursor;
		const lead: Line = [span(chosen ? look.glyphs.cursor : ' ', 'accent', {bold: true}), span(`${mark.text} `, mark.tone, {bold: true}), span(fit(conditionTitles[condition.id], 20), chosen ? 'accent' : undefined, {bold: true})];
		const because = wrap(condition.because, Math.max(10, width - 24));
		return [
			[...lead, span(because[0] ?? '', condition.met === false ? 'bad' : undefined)],
			...because.slice(1).map((text): Line => [span(' '.repeat(23)), span(text)]),
			...(condition.next ? wrap(condition.next, Math.max(10, width - 26)).map((text): Line => [span(`${' '.repeat(23)}${look.glyphs.arrow} `, 'accent'), span(text, 'accent')]) : []),
		];
	});
	const lines = [[...verdict(state, look), ...(isStale(state) ? [span('  stale data keeps it shut', 'wait')] : [])], blank, ...blocks.flat()];
	const cursorLine = 2 + blocks.slice(0, cursor).flat().length;
	const {start, end} = windowAround(lines.length, cursorLine, height);
	return lines.slice(start, end);
};
