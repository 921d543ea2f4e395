/** One operation: what it is, how long against usual, its steps, how it ended, and its log. */
import {age, dateTime, duration} from '../../../core/text/duration.ts';
import {nameOf} from '../../../core/releases/instances.ts';
import type {Operation, OperationStep} from '../../../core/operations/operation.ts';
import {sentence} from '../../../core/text/sanitise.ts';
import {operationInView} from '../../../state/questions/operation-select.ts';
import {noteOf} from '../../../state/view/operation-words.ts';
import type {State} from '../../../state/model/state.ts';
import {addressRows, operationRows, windowAround} from '../../../state/view/window.ts';
import {bar, rule, type Size} from '../../lines/layout.ts';
import {
	cut,
	fit,
	fitRight,
	hasAddress,
	type Line,
	lineWidth,
	type Span,
	span,
	spread,
	widthOf,
	wrap,
} from '../../lines/text.ts';
import type {Look, Tone} from '../../lines/theme.ts';
import {logLines, logTitle} from '../logs/log.ts';
import type {ReleaseRef} from '../../../core/releases/release-ref.ts';

const named = (ref: ReleaseRef | null): string => (ref === null ? 'unknown' : nameOf(ref));
/** A commit keeps its letters. */
const capital = (text: string): string =>
	/^[a-z]+[\s,.:;]/.test(text) && !/^[0-9a-f]{7,40}\b/.test(text)
		? text.slice(0, 1).toUpperCase() + text.slice(1)
		: text;
const kindWords = {deploy: 'Deploy to', rollback: 'Roll back', promote: 'Promote to'} as const;

/** The word with its symbol; what runs turns. */
export const outcomeSpans = ({outcome, exitCode, stop}: Operation, look: Look): Line => {
	const mark = outcome === 'running' ? look.turningMarkOf('running') : look.outcomeMarkOf(outcome);
	const word = outcome === 'running' && stop ? 'stopping' : outcome;
	return [
		span(`${mark.text} ${word}`, mark.tone, {bold: true}),
		span(exitCode === null ? '' : ` (exit ${exitCode})`, 'quiet'),
	];
};

/** `3f2a9c1 → 9b1c2d3`. */
export const fromToSpans = ({from, to}: Pick<Operation, 'from' | 'to'>, look: Look): Line => [
	span(named(from), 'quiet'),
	span(` ${look.glyphs.arrow} `, 'quiet'),
	span(named(to), undefined, {bold: true}),
];

const titleLine = (operation: Operation, state: State, look: Look, width: number): Line => {
	const environment = span(operation.environment, operation.environment === 'production' ? 'danger' : 'accent', {
		bold: true,
	});
	const what: Line = [
		span(` ${kindWords[operation.kind]} `, undefined, {bold: true}),
		environment,
		span('  '),
		...fromToSpans(operation, look),
	];
	const outcome: Line = [...outcomeSpans(operation, look), span(' ')];
	const room = width - lineWidth(what) - lineWidth(outcome) - 3;
	const by = `by ${operation.operator}`;
	const since = operation.finishedAt === null ? '' : `, ${age(state.wallNow - operation.finishedAt)} ago`;
	const whole = [`${by} on ${operation.host}${since}`, `${by}${since}`, by].find(text => widthOf(text) <= room) ?? '';
	return spread([...what, span(`  ${whole}`, 'quiet')], outcome, width, look.glyphs.ellipsis);
};

/** Time against what is usual; longer than nineteen of twenty is said. */
const timeLine = (operation: Operation, state: State, look: Look, width: number): Line => {
	const {usualSeconds, p95Seconds, startedAt, finishedAt, outcome} = operation;
	const seconds = Math.max(0, ((finishedAt ?? state.wallNow) - startedAt) / 1000);
	const isLong = outcome === 'running' && p95Seconds !== null && seconds > p95Seconds;
	const usual =
		usualSeconds === null
			? 'no previous run'
			: isLong
				? `longer than 19 of 20 (${duration(p95Seconds)})`
				: `median ${duration(usualSeconds)}`;
	const left: Line = [
		span(` ${duration(seconds)}`, isLong ? 'wait' : undefined, {bold: true}),
		span(` ${look.glyphs.separator} ${usual} `, isLong ? 'wait' : 'quiet'),
	];
	const notes = [
		...(operation.isLockedRemotely === false ? ['locked on this machine only'] : []),
		...(operation.unpublished > 0 ? [`${operation.unpublished} to be announced`] : []),
	];
	const right: Line = notes.length === 0 ? [] : [span(`${notes.join(', ')} `, 'wait')];
	if (usualSeconds === null) return spread(left, right, width, look.glyphs.ellipsis);
	const scale = Math.max(usualSeconds * 1.25, p95Seconds ?? 0, seconds);
	const tone: Tone = outcome === 'running' ? (isLong ? 'wait' : 'busy') : look.outcomeMarkOf(outcome).tone;
	const drawn = bar(
		seconds / scale,
		Math.max(0, Math.min(60, width - lineWidth(left) - lineWidth(right) - 2)),
		look,
		tone,
		usualSeconds / scale,
	);
	return spread([...left, ...drawn], right, width, look.glyphs.ellipsis);
};

/** In exactly so many rows: what would be longer is cut at its end. */
const inRows = (text: string, rows: number, width: number, look: Look): readonly string[] => {
	const lines = wrap(text, width);
	return lines.length <= rows
		? [...lines, ...Array.from({length: rows - lines.length}, () => '')]
		: [...lines.slice(0, rows - 1), cut(lines.slice(rows - 1).join(' '), width, look.glyphs.ellipsis)];
};

/** While it runs what it does; in the end one clear sentence and what next. */
const outcomeLines = (operation: Operation, rows: number, look: Look, width: number): readonly Line[] => {
	const room = width - 4;
	if (operation.outcome === 'running') {
		const unwatched = operation.isSupervised === false ? ' Nobody watches over it: it is being taken over.' : '';
		const stopping = operation.stop
			? `Being stopped by ${operation.stop.by}${operation.stop.thenRollBack ? ', then rolled back' : ''}. `
			: '';
		return [
			[
				span(
					` ${cut(`${stopping}${sentence(operation.because)}${unwatched}`, width - 2, look.glyphs.ellipsis)}`,
					operation.stop ? 'wait' : undefined,
				),
			],
		];
	}
	const {text, tone} = look.outcomeMarkOf(operation.outcome);
	const nextRows =
		operation.next === null
			? 0
			: Math.min(
					rows - 1,
					Math.min(
						hasAddress(operation.next) ? addressRows : 2,
						Math.ceil((operation.next.length + 12) / room),
					),
				);
	const said = inRows(capital(sentence(operation.because)), rows - nextRows, room, look).map((line, index): Line => [
		span(index === 0 ? ` ${text} ` : '   ', tone, {bold: true}),
		span(line, tone, {bold: true}),
	]);
	const next =
		nextRows === 0
			? []
			: inRows(capital(sentence(operation.next!)), nextRows, room, look).map((line, index): Line => [
					span(index === 0 ? ` ${look.glyphs.arrow} ` : '   ', 'accent'),
					span(line, 'accent'),
				]);
	return [...said, ...next];
};

const stepStatus = {running: 'running', passed: 'passed', failed: 'failed'} as const;

const stepLine = (
	step: OperationStep,
	columns: {name: number; host: number},
	now: number,
	width: number,
	look: Look,
): Line => {
	const mark = look.markOf(stepStatus[step.status]);
	const seconds = ((step.finishedAt ?? now) - step.startedAt) / 1000;
	const lead: readonly Span[] = [
		span(` ${mark.text} `, mark.tone),
		span(fit(step.name, columns.name, look.glyphs.ellipsis), step.status === 'failed' ? 'bad' : undefined, {
			bold: step.status === 'running',
		}),
		...(columns.host > 0 ? [span(` ${fit(step.host ?? '', columns.host, look.glyphs.ellipsis)}`, 'quiet')] : []),
		span(` ${fitRight(seconds < 9.95 ? `${seconds.toFixed(1)}s` : duration(seconds), 6)}`, 'quiet'),
	];
	const note = noteOf(step);
	return [
		...lead,
		span(
			note === null ? '' : `  ${cut(note, Math.max(0, width - lineWidth(lead) - 3), look.glyphs.ellipsis)}`,
			step.status === 'failed' ? 'bad' : 'quiet',
		),
	];
};

/** The last ones, with what fails or runs always in view. */
const stepLines = (
	{steps, scriptKind}: Operation,
	rows: number,
	now: number,
	width: number,
	look: Look,
): readonly Line[] => {
	if (steps.length === 0)
		return [
			[
				span(
					scriptKind === 'plain'
						? ' This script names no steps: its log tells what it does.'
						: ' No step has been named yet.',
					'quiet',
				),
			],
		];
	const columns = {
		name: Math.min(20, Math.max(8, ...steps.map(({name}) => widthOf(name)))),
		host: Math.min(18, Math.max(0, ...steps.map(({host}) => widthOf(host ?? '')))),
	};
	const told = steps.findLastIndex(({status}) => status === 'failed');
	const running = steps.findIndex(({status}) => status === 'running');
	const cursor =
		running !== -1
			? Math.min(steps.length - 1, running + Math.floor(rows / 2))
			: told !== -1
				? told
				: steps.length - 1;
	const {start, end} = windowAround(steps.length, cursor, rows);
	return steps.slice(start, end).map(step => stepLine(step, columns, now, width, look));
};

const stepsTitle = ({steps}: Operation): string => {
	const ended = steps.filter(({status}) => status !== 'running').length;
	return steps.length === 0 ? '' : ` ${ended}/${steps.length} done`;
};

export const operationView = (state: State, look: Look, {width, height}: Size): readonly Line[] => {
	const operation = operationInView(state);
	if (!operation)
		return [
			[
				span(
					state.operations.reading === null
						? ' Loading local history.'
						: ' This operation is not among the newest 200. esc goes back.',
					'wait',
				),
			],
		];
	const rows = operationRows(state);
	const strong = (text: string): Line => [span(text, undefined, {bold: true})];
	const id: Line = [
		span(
			lineWidth([span(operation.id)]) + 40 < width
				? `${operation.id} ${look.glyphs.separator} ${dateTime(operation.startedAt)}`
				: operation.id,
			'quiet',
		),
	];
	return [
		titleLine(operation, state, look, width),
		timeLine(operation, state, look, width),
		...outcomeLines(operation, rows.outcome, look, width),
		rule([...strong('Steps'), span(stepsTitle(operation), 'quiet')], id, width, look),
		...stepLines(operation, rows.steps, state.wallNow, width, look),
		rule(strong('Log'), logTitle(state, look), width, look),
		...logLines(state, look, {width, height: rows.log}),
	].slice(0, height);
};
