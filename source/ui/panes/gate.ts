/** The production gate: in one word, in one line, as a list, and with every reason. */
import {short} from '../../core/gate.ts';
import type {Candidate, Condition, ConditionId} from '../../core/pipeline.ts';
import {conditionTitles, reasonOf, worstFirst} from '../../state/condition-words.ts';
import {commitsBehind, namesRunning, pinsOn, reportedVersions} from '../../state/operation-select.ts';
import {isStale, selectedCandidate} from '../../state/select.ts';
import type {State} from '../../state/state.ts';
import {windowAround} from '../../state/window.ts';
import {blank, cut, fit, type Line, span, spread, wrap} from '../text.ts';
import type {Look, Tone} from '../theme.ts';
import {proofLines} from './proofs.ts';

/** What is in the way, for a column; at most nine cells. */
const obstacleWords: Readonly<Record<ConditionId, string>> = {
	'fast-green': 'fast',
	staged: 'staged',
	'e2e-green': 'E2E',
	'smoke-green': 'smoke',
	'fast-forward': 'diverged',
	unlocked: 'locked',
	'not-frozen': 'frozen',
	'not-pinned': 'pinned',
	'production-healthy': 'unhealthy',
	'sign-offs': 'sign-offs',
	approvals: 'approvals',
	promoter: 'promoter',
};

const markOf = ({met}: Condition, look: Look): {text: string; tone: Tone} => look.markOf(met === true ? 'passed' : met === false ? 'failed' : 'unknown');

/** The first thing in the way: what is known to be wrong before what is unknown. */
const firstObstacle = ({gate: {conditions}}: Candidate): Condition | undefined => conditions.find(({met}) => met === false) ?? conditions.find(({met}) => met === 'unknown');

/** Place among the candidates, newest first, of what production reports to run, else of the head of its branch; -1 where it is not among them. */
export const productionIndex = (state: State): number => {
	const {snapshot} = state;
	return commitsBehind(state, 'production') ?? snapshot?.candidates.findIndex(({sha}) => sha === snapshot.branches.production.sha) ?? -1;
};

/** The gate in one word, or what is in the way; nothing is in the way of what production has had already. */
export const gateWord = (state: State, candidate: Candidate): {text: string; tone: Tone} => {
	const production = productionIndex(state);
	const index = state.snapshot!.candidates.indexOf(candidate);
	const {aheadBy} = state.snapshot!.branches.staging;
	if (namesRunning(state, candidate).includes('production')) return reportedVersions(state, 'production').length > 1 ? {text: 'mixed', tone: 'bad'} : {text: 'live', tone: 'quiet'};
	if (pinsOn(state, 'production').some(({sha}) => sha === candidate.sha)) return {text: 'pinned', tone: 'wait'};
	const isBelowHead = aheadBy !== null && index >= aheadBy;
	if (production === -1 ? isBelowHead : index >= production) return {text: 'past', tone: 'quiet'};
	// Newer than what production runs, and on its branch: after a rollback that has more.
	if (isBelowHead) return {text: 'merged', tone: 'quiet'};
	// Old knowledge opens nothing.
	if (candidate.gate.open) return isStale(state) ? {text: 'old data', tone: 'wait'} : {text: 'open', tone: 'good'};
	const obstacle = firstObstacle(candidate);
	return obstacle?.met === false ? {text: obstacleWords[obstacle.id], tone: 'quiet'} : {text: 'unknown', tone: 'wait'};
};

const verdict = (state: State, look: Look): Line => {
	const candidate = selectedCandidate(state);
	if (!candidate) return blank;
	const {gate} = candidate;
	if (gate.open && !isStale(state)) return [span(`${look.markOf('passed').text} open`, 'good', {bold: true})];
	return [span(`${look.markOf('failed').text} shut`, 'bad', {bold: true}), span(` ${gate.conditions.filter(condition => condition.met === true).length} of ${gate.conditions.length} met`, 'quiet')];
};

export const gateTitle = (state: State): Line => [span('Production gate', undefined, {bold: true}), span(` for ${short(selectedCandidate(state)?.sha ?? '')}`, 'quiet')];

/** One line: shut, how much is met, and what is in the way first. */
export const gateSummary = (state: State, look: Look, width: number): Line => {
	const candidate = selectedCandidate(state);
	const first = candidate ? firstObstacle(candidate) : undefined;
	return spread([...verdict(state, look), span(first ? ` ${look.glyphs.separator} ${first.because}` : '', 'quiet')], [span('p shows all', 'quiet')], width, look.glyphs.ellipsis);
};

const unreadEnd = /not read yet$/;

/** The conditions that nobody looks at yet, in one sentence instead of a row each. */
const unreadLines = (conditions: readonly Condition[], width: number, look: Look): readonly Line[] => {
	if (conditions.length === 0) return [];
	const names = conditions.map(({id}) => conditionTitles[id]).join(', ');
	const {text, tone} = look.markOf('unknown');
	const sentence = `${conditions.length} conditions are not read yet: ${names}`;
	return wrap(sentence, width - 2).map((part, index): Line => [span(index === 0 ? `${text} ` : '  ', tone), span(part, 'quiet')]);
};

/** What to do about it, behind an arrow. */
const nextLines = ({next}: Condition, indent: string, width: number, look: Look): readonly Line[] => {
	const arrow = `${look.glyphs.arrow} `;
	return next === undefined ? [] : wrap(next, width - arrow.length).map((text, index): Line => [span(indent + (index === 0 ? arrow : ' '.repeat(arrow.length)), 'accent'), span(text, 'accent')]);
};

const conditionRows = (condition: Condition, width: number, {isWhole, isWithNext}: Detail, look: Look): readonly Line[] => {
	const mark = markOf(condition, look);
	const tone = condition.met === false ? undefined : 'quiet';
	const room = Math.max(8, width - 16);
	const reason = reasonOf(condition);
	const [first = '', ...more] = isWhole ? wrap(reason, room) : [cut(reason, room, look.glyphs.ellipsis)];
	const indent = ' '.repeat(16);
	return [
		[span(`${mark.text} `, mark.tone), span(fit(conditionTitles[condition.id], 14)), span(first, tone)],
		...more.map((text): Line => [span(indent), span(text, tone)]),
		...(isWithNext ? nextLines(condition, indent, room, look) : []),
	];
};

/** The most that fits is shown: reasons with what to do next, whole reasons, or a row each. */
type Detail = {isWhole: boolean; isWithNext: boolean};
const amounts: readonly Detail[] = [{isWhole: true, isWithNext: true}, {isWhole: true, isWithNext: false}, {isWhole: false, isWithNext: false}];

/** A row a condition, the reason whole where there is room; what is not met comes first when not all fit. */
export const gateRows = (state: State, look: Look, width: number, height: number): readonly Line[] => {
	const conditions = selectedCandidate(state)?.gate.conditions ?? [];
	const unread = conditions.filter(({met, because}) => met === 'unknown' && unreadEnd.test(because));
	const together = unread.length > 1 ? unread : [];
	const others = conditions.filter(condition => !together.includes(condition));
	const end = unreadLines(together, width, look);
	const fitting = amounts.map(amount => others.flatMap(condition => conditionRows(condition, width, amount, look))).find(rows => 1 + rows.length + end.length <= height);
	if (fitting) return [verdict(state, look), ...fitting, ...end];
	return [verdict(state, look), ...worstFirst(others).flatMap(condition => conditionRows(condition, width, amounts[2]!, look)), ...end].slice(0, height);
};

type Block = {isChosen: boolean; isProven: boolean};

const conditionBlock = (condition: Condition, {isChosen, isProven}: Block, now: number, width: number, look: Look): readonly Line[] => {
	const mark = markOf(condition, look);
	const room = Math.max(12, width - 24);
	const [first = '', ...more] = wrap(condition.because, room);
	const indent = ' '.repeat(23);
	return [
		[
			span(isChosen ? look.glyphs.cursor : ' ', 'accent', {bold: true}), span(`${mark.text} `, mark.tone, {bold: true}),
			span(fit(conditionTitles[condition.id], 20), isChosen ? 'accent' : undefined, {bold: true}), span(first, condition.met === false ? 'bad' : undefined),
		],
		...more.map((text): Line => [span(indent), span(text)]),
		...(isProven ? proofLines(condition, indent, room, now, look) : []),
		...nextLines(condition, indent, room, look),
	];
};

/** Everything, with what to do next: the detail view. Proofs of each where there is room, else of the chosen one. */
export const gateDetail = (state: State, look: Look, width: number, height: number): readonly Line[] => {
	const conditions = selectedCandidate(state)?.gate.conditions ?? [];
	const cursor = Math.min(state.view.cursor, conditions.length - 1);
	const made = (isProven: (index: number) => boolean) => conditions.map((condition, index) => conditionBlock(condition, {isChosen: index === cursor, isProven: isProven(index)}, state.now, width, look));
	const all = made(() => true);
	const head = [[...verdict(state, look), ...(isStale(state) ? [span('  old data keeps it shut', 'wait')] : [])], blank];
	const blocks = head.length + all.flat().length <= height ? all : made(index => index === cursor);
	const lines = [...head, ...blocks.flat()];
	// The reasons take several lines, so that the window goes by lines, not by conditions.
	const cursorLine = cursor <= 0 ? 0 : head.length + blocks.slice(0, cursor).flat().length;
	const {start, end} = windowAround(lines.length, cursorLine, height, state.view.top);
	return lines.slice(start, end);
};
