/** The production gate: in one word, in one line, as a list, and with every reason. */
import {isTrouble, isUnderWay, obstacleOf} from '../../../core/snapshot/answer.ts';
import {age} from '../../../core/text/duration.ts';
import {short} from '../../../core/gate/gate.ts';
import type {Answer, Candidate, Condition, ConditionId} from '../../../core/pipeline/pipeline.ts';
import {conditionTitles, provenAt, reasonOf, worstFirst} from '../../../state/view/condition-words.ts';
import {plural} from '../../../core/text/plural.ts';
import {isStale, selectedCandidate} from '../../../state/questions/select.ts';
import type {State} from '../../../state/model/state.ts';
import {reasonNow} from '../../../state/view/jobs-note.ts';
import {windowAround} from '../../../state/view/window.ts';
import {blank, cut, fit, fitRight, type Line, span, spread, wrap} from '../../lines/text.ts';
import type {Look, Tone} from '../../lines/theme.ts';
import {proofLines} from './proofs.ts';

/** What blocks, for a column; at most ten cells. */
const obstacleWords: Readonly<Record<ConditionId, string>> = {
	'fast-green': 'fast tests',
	staged: 'not staged',
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

/** The same where it is not known: a question, and no claim. */
const openWords: Readonly<Record<ConditionId, string>> = {
	...obstacleWords,
	staged: 'staging',
	'fast-forward': 'branch',
	unlocked: 'lock',
	'not-frozen': 'freeze',
	'not-pinned': 'pin',
	'production-healthy': 'health',
};

/** Red is for trouble; what is under way ends by itself. */
export const conditionMark = (
	condition: Condition,
	candidate: Candidate | null,
	look: Look,
): {text: string; tone: Tone} => {
	if (candidate !== null && isUnderWay(candidate, condition)) return {text: look.glyphs.ellipsis, tone: 'busy'};
	const {text, tone} = look.markOf(
		condition.met === true ? 'passed' : condition.met === false ? 'failed' : 'unknown',
	);
	return {
		text,
		tone: condition.met === false && candidate !== null && !isTrouble(candidate, condition) ? 'wait' : tone,
	};
};

/** Place among the candidates, newest first, of what production reports to run, else of the head of its branch; -1 where it is not among them. */
export const productionIndex = ({snapshot}: State): number =>
	snapshot?.production.behindBy ??
	snapshot?.candidates.findIndex(({sha}) => sha === snapshot.branches.production.sha) ??
	-1;

type Said = {mark: string; text: string; tone: Tone; isStrong?: boolean};

/** Each answer with its symbol: in a few words for the column, and in whole ones for the panel. Red is for trouble alone. */
const said = (state: State, candidate: Candidate, look: Look): {column: Said; panel: Said} => {
	const {answer, gate} = candidate;
	const obstacle = obstacleOf(gate);
	const isRed = obstacle !== null && isTrouble(candidate, obstacle);
	const words = obstacle === null ? 'unknown' : obstacleWords[obstacle.id];
	const [good, bad, unsure, {ellipsis}] = [
		look.markOf('passed').text,
		look.markOf('failed').text,
		look.markOf('unknown').text,
		look.glyphs,
	];
	const both = (text: string, tone: Tone, mark = '', panel = text): {column: Said; panel: Said} => ({
		column: {mark, text, tone},
		panel: {mark, text: panel, tone},
	});
	const table: Readonly<Record<Answer, () => {column: Said; panel: Said}>> = {
		'in-production': () => ({
			column: {mark: '', text: 'in prod', tone: 'quiet'},
			panel: {mark: good, text: 'in production', tone: 'good', isStrong: true},
		}),
		mixed: () => both('mixed', 'bad', look.glyphs.warn, 'production runs it on some instances only'),
		pinned: () => both('pinned', 'wait', look.glyphs.warn, 'pinned: blocked from redeploy'),
		older: () => both('older', 'quiet', '', 'older than production'),
		merged: () =>
			both('merged', 'quiet', '', `on ${state.snapshot?.branches.production.name ?? 'the branch'}, not deployed`),
		ready: () => ({
			column: {mark: good, text: 'ready', tone: 'good', isStrong: true},
			panel: {mark: good, text: 'ready', tone: 'good', isStrong: true},
		}),
		blocked: () => ({
			column: {mark: bad, text: words, tone: isRed ? 'bad' : 'quiet'},
			panel: {mark: bad, text: 'blocked', tone: isRed ? 'bad' : 'wait', isStrong: true},
		}),
		waiting: () => both(words, 'busy', ellipsis, 'waiting'),
		checking: () =>
			state.poll.failures > 0
				? both('unread', 'wait', unsure, 'could not be read')
				: both('checking', 'wait', unsure),
		unknown: () => both(obstacle === null ? 'unknown' : openWords[obstacle.id], 'wait', unsure, 'unknown'),
	};
	// Old knowledge makes nothing ready.
	return answer === 'ready' && isStale(state) ? both('old data', 'wait', unsure, 'old data') : table[answer]();
};

/** The answer for the column: `✔ ready`, `✖ not staged`, `… E2E`, `? checking`, `in prod`. */
export const gateWord = (state: State, candidate: Candidate, look: Look): Said & {whole: string} => {
	const {column} = said(state, candidate, look);
	return {...column, whole: `${column.mark}${column.mark === '' ? '' : ' '}${column.text}`};
};

const countText = ({gate: {conditions}}: Candidate): string =>
	`${conditions.filter(({met}) => met === true).length} of ${conditions.length} met`;

const verdict = (state: State, look: Look): Line => {
	const candidate = selectedCandidate(state);
	if (!candidate) return blank;
	const {mark, text, tone, isStrong} = said(state, candidate, look).panel;
	const isDone = candidate.answer === 'ready' || candidate.answer === 'in-production' || candidate.answer === 'older';
	return [
		span(`${mark}${mark === '' ? '' : ' '}${text}`, tone, {bold: isStrong === true || tone === 'bad'}),
		span(isDone ? '' : `  ${countText(candidate)}`, 'quiet'),
	];
};

export const gateTitle = (state: State): Line => [
	span('Production gate', undefined, {bold: true}),
	span(` for ${short(selectedCandidate(state)?.sha ?? '')}`, 'quiet'),
];

/** One line: the answer, how much is met, and what blocks first. */
export const gateSummary = (state: State, look: Look, width: number): Line => {
	const candidate = selectedCandidate(state);
	const isDone = candidate === null || candidate.answer === 'in-production' || candidate.answer === 'older';
	const first = isDone ? null : obstacleOf(candidate.gate);
	return spread(
		[...verdict(state, look), span(first ? ` ${look.glyphs.separator} ${reasonNow(state, first)}` : '', 'quiet')],
		[span('p shows all', 'quiet')],
		width,
		look.glyphs.ellipsis,
	);
};

/** The conditions that nobody looks at yet, in one sentence instead of a row each. */
const unreadLines = (conditions: readonly Condition[], width: number, look: Look): readonly Line[] => {
	if (conditions.length === 0) return [];
	const names = conditions.map(({id}) => conditionTitles[id]).join(', ');
	const {text, tone} = look.markOf('unknown');
	const sentence = `${plural(conditions.length, 'condition is', 'conditions are')} not read yet: ${names}`;
	return wrap(sentence, width - 2).map((part, index): Line => [
		span(index === 0 ? `${text} ` : '  ', tone),
		span(part, 'quiet'),
	]);
};

/** What to do about it, behind an arrow. */
const nextLines = ({next}: Condition, indent: string, width: number, look: Look): readonly Line[] => {
	const arrow = `${look.glyphs.arrow} `;
	return next === undefined
		? []
		: wrap(next, width - arrow.length).map((text, index): Line => [
				span(indent + (index === 0 ? arrow : ' '.repeat(arrow.length)), 'accent'),
				span(text, 'accent'),
			]);
};

/** From this width on, how old the evidence is stands at the end of a row. */
const agesFrom = 56;
const ageCells = 5;

const conditionRows = (
	condition: Condition,
	candidate: Candidate | null,
	width: number,
	{isWhole, isWithNext}: Detail,
	now: number,
	look: Look,
): readonly Line[] => {
	const mark = conditionMark(condition, candidate, look);
	const tone = condition.met === false ? undefined : 'quiet';
	const at = width >= agesFrom ? provenAt(condition) : null;
	const room = Math.max(8, width - 16 - (width >= agesFrom ? ageCells : 0));
	const reason = reasonOf(condition);
	const [first = '', ...more] = isWhole ? wrap(reason, room) : [cut(reason, room, look.glyphs.ellipsis)];
	const indent = ' '.repeat(16);
	return [
		[
			span(`${mark.text} `, mark.tone),
			span(fit(conditionTitles[condition.id], 14)),
			...(at === null
				? [span(first, tone)]
				: [span(fit(first, room), tone), span(fitRight(age(now - at), ageCells), 'quiet')]),
		],
		...more.map((text): Line => [span(indent), span(text, tone)]),
		...(isWithNext ? nextLines(condition, indent, room, look) : []),
	];
};

/** The most that fits is shown: reasons with what to do next, whole reasons, or a row each. */
type Detail = {isWhole: boolean; isWithNext: boolean};
const amounts: readonly Detail[] = [
	{isWhole: true, isWithNext: true},
	{isWhole: true, isWithNext: false},
	{isWhole: false, isWithNext: false},
];

/** A row a condition, the reason whole where there is room; what is not met comes first when not all fit. */
export const gateRows = (state: State, look: Look, width: number, height: number): readonly Line[] => {
	const candidate = selectedCandidate(state);
	const conditions = candidate?.gate.conditions ?? [];
	const unread = conditions.filter(({isUnread}) => isUnread === true);
	const together = unread.length > 1 ? unread : [];
	const others = conditions.filter(condition => !together.includes(condition));
	const end = unreadLines(together, width, look);
	const fitting = amounts
		.map(amount => others.flatMap(condition => conditionRows(condition, candidate, width, amount, state.now, look)))
		.find(rows => 1 + rows.length + end.length <= height);
	if (fitting) return [verdict(state, look), ...fitting, ...end];
	return [
		verdict(state, look),
		...worstFirst(others).flatMap(condition =>
			conditionRows(condition, candidate, width, amounts.at(-1)!, state.now, look),
		),
		...end,
	].slice(0, height);
};

type Block = {isChosen: boolean; isProven: boolean};

const conditionBlock = (
	condition: Condition,
	candidate: Candidate | null,
	{isChosen, isProven}: Block,
	now: number,
	width: number,
	look: Look,
): readonly Line[] => {
	const mark = conditionMark(condition, candidate, look);
	const room = Math.max(12, width - 24);
	const [first = '', ...more] = wrap(condition.because, room);
	const indent = ' '.repeat(23);
	return [
		[
			span(isChosen ? look.glyphs.cursor : ' ', 'accent', {bold: true}),
			span(`${mark.text} `, mark.tone, {bold: true}),
			span(fit(conditionTitles[condition.id], 20), isChosen ? 'accent' : undefined, {bold: true}),
			span(first, condition.met === false && mark.tone === 'bad' ? 'bad' : undefined),
		],
		...more.map((text): Line => [span(indent), span(text)]),
		...(isProven ? proofLines(condition, indent, room, now, look) : []),
		...nextLines(condition, indent, room, look),
	];
};

/** Everything, with what to do next: the detail view. Proofs of each where there is room, else of the chosen one. */
export const gateDetail = (state: State, look: Look, width: number, height: number): readonly Line[] => {
	const candidate = selectedCandidate(state);
	const conditions = candidate?.gate.conditions ?? [];
	const cursor = Math.min(state.view.cursor, conditions.length - 1);
	const made = (isProven: (index: number) => boolean) =>
		conditions.map((condition, index) =>
			conditionBlock(
				condition,
				candidate,
				{isChosen: index === cursor, isProven: isProven(index)},
				state.now,
				width,
				look,
			),
		);
	const all = made(() => true);
	const head = [
		[...verdict(state, look), ...(isStale(state) ? [span('  old data keeps it blocked', 'wait')] : [])],
		blank,
	];
	const blocks = head.length + all.flat().length <= height ? all : made(index => index === cursor);
	const lines = [...head, ...blocks.flat()];
	// The reasons take several lines, so that the window goes by lines, not by conditions.
	const cursorLine = cursor <= 0 ? 0 : head.length + blocks.slice(0, cursor).flat().length;
	const {start, end} = windowAround(lines.length, cursorLine, height, state.view.top);
	return lines.slice(start, end);
};
