/** The tiers of the selected commit as boxes beside each other, and what their lines have in common with the narrow board. */
import {doubtOf} from '../../../core/pipeline/doubt.ts';
import {duration, limit, elapsedSeconds} from '../../../core/text/duration.ts';
import {firstError} from '../../../core/pipeline/first-error.ts';
import {type Policy, type Tier, type TierName, tierTitles} from '../../../core/pipeline/pipeline.ts';
import {shardTotals} from '../../../core/evidence/shards.ts';
import {letsNextBegin} from '../../../core/evidence/tier.ts';
import {isFinal, isMoving} from '../../../core/pipeline/words.ts';
import {jobsNote} from '../../../state/view/jobs-note.ts';
import {tierInView} from '../../../state/questions/select.ts';
import type {State} from '../../../state/model/state.ts';
import {failingOf} from '../../../state/tests/test-select.ts';
import {bar, pane, type Size} from '../../lines/layout.ts';
import {cut, type Line, lineWidth, span, spread, wrap} from '../../lines/text.ts';
import type {Look, Tone} from '../../lines/theme.ts';
import {clockOf, jobLines} from './jobs.ts';

const tierDigits: Readonly<Record<TierName, string>> = {fast: '1', deploy: '2', e2e: '3', smoke: '4'};
const policyWords: Readonly<Record<Policy, string>> = {
	blocking: 'required',
	automatic: 'auto-deploy',
	informational: 'non-blocking',
	optional: 'optional',
};

const paceTone = (seconds: number, tier: Tier): Tone =>
	seconds > tier.alertAfterSeconds ? 'bad' : seconds > tier.budgetSeconds ? 'wait' : 'busy';

/** A job of a tier that is over does not go on, even where its end has not been read yet. */
export const tierClock = (state: State, tier: Tier): number => tier.finishedAt ?? clockOf(state);

export const usualSeconds = ({snapshot}: State, tier: Tier): number | null => snapshot?.medians[tier.name] ?? null;

export const statusSpans = (tier: Tier, look: Look): Line => {
	const mark = look.turningMarkOf(tier.status);
	// What is not what GitHub says has its reason beside it.
	const raw = tier.rawStatus && !letsNextBegin(tier) ? ` (${tier.rawStatus.replaceAll('_', ' ')})` : '';
	return [
		span(`${mark.text} `, mark.tone, {bold: true}),
		span(`${tier.status === 'none' ? 'not started' : tier.status}${raw}`, mark.tone, {
			bold: tier.status !== 'none',
		}),
	];
};

/** `3m12s of 5m`, or `6m02s (budget 5m)` where that is over it; the second part is the first to go. */
export const timeSpans = (tier: Tier, now: number): {time: Line; of: Line} => {
	const seconds = elapsedSeconds(tier, now);
	if (seconds === null)
		return {
			time:
				tier.createdAt !== null && isMoving(tier.status)
					? [span(`for ${duration((now - tier.createdAt) / 1000)}`, 'wait')]
					: [],
			of: [],
		};
	const over = seconds > tier.budgetSeconds ? paceTone(seconds, tier) : undefined;
	return {
		time: [span(duration(seconds), over)],
		of: [
			span(over ? ` (budget ${limit(tier.budgetSeconds)})` : ` of ${limit(tier.budgetSeconds)}`, over ?? 'quiet'),
		],
	};
};

/** What is to be expected of a tier that has not started: a bar would look like progress. */
export const expectation = (tier: Tier, usual: number | null): Line => [
	span(`${usual === null ? '' : `median ${duration(usual)}, `}budget ${limit(tier.budgetSeconds)}`, 'quiet'),
];

/** Time against budget, with a mark at what is usual, and what the label says. */
export const barLine = (
	tier: Tier,
	usual: number | null,
	now: number,
	width: number,
	label: Line,
	look: Look,
): Line => {
	const seconds = elapsedSeconds(tier, now) ?? 0;
	const tone: Tone = tier.status === 'running' ? paceTone(seconds, tier) : look.markOf(tier.status).tone;
	const scale = Math.max(tier.budgetSeconds, seconds, 1);
	const cells = lineWidth(label) === 0 ? width : width - lineWidth(label) - 1;
	const drawn = bar(seconds / scale, cells < 8 ? width : cells, look, tone, usual === null ? null : usual / scale);
	return cells < 8 || lineWidth(label) === 0 ? drawn : [...drawn, span(' '), ...label];
};

export const usualLabel = (usual: number | null): Line =>
	usual === null ? [] : [span(`median ${duration(usual)}`, 'quiet')];

const flakySpans = ({shards}: Tier): Line => {
	const flaky = shardTotals(shards)?.flaky ?? 0;
	return flaky > 0 ? [span(` ${flaky} flaky`, 'wait')] : [];
};

export const progressText = (tier: Tier): Line => {
	const {progress} = tier;
	return progress
		? [
				span(`${progress.done}/${progress.total} tests`),
				...(progress.failed ? [span(` ${progress.failed} failed`, 'bad')] : []),
				...flakySpans(tier),
			]
		: [];
};

/** When it is over: what its shards have told, where that is not simply green. */
export const outcomeText = (tier: Tier): Line => {
	const totals = isFinal(tier.status) ? shardTotals(tier.shards) : null;
	if (totals === null || totals.failed + totals.flaky === 0) return [];
	return [
		...(totals.failed > 0 ? [span(`${totals.failed} of ${totals.total} tests failed`, 'bad' as const)] : []),
		...(totals.flaky > 0 ? [span(`${totals.failed > 0 ? ', ' : ''}${totals.flaky} flaky`, 'wait' as const)] : []),
	];
};

/** The first failing test by its name; empty while none is known by name. */
export const firstFailing = (state: State, tier: Tier): {title: string; more: number} | null => {
	const failing = failingOf(state, tier).filter(({kind}) => kind === 'test');
	const [first] = failing;
	return first ? {title: first.title, more: failing.length - 1} : null;
};

const failingLines = (state: State, tier: Tier, inner: number, look: Look): readonly Line[] => {
	const first = firstFailing(state, tier);
	const outcome = outcomeText(tier);
	const rest = first && first.more > 0 ? ` +${first.more}` : '';
	return [
		...(lineWidth(outcome) > 0 ? [outcome] : []),
		...(first
			? [
					[
						span(`${look.markOf('failed').text} `, 'bad' as const),
						span(cut(first.title, inner - 2 - rest.length, look.glyphs.ellipsis)),
						span(rest, 'quiet' as const),
					],
				]
			: []),
	];
};

export const progressLine = (tier: Tier, width: number, look: Look): readonly Line[] => {
	const {progress} = tier;
	const text = progressText(tier);
	return progress
		? [
				[
					...text,
					span(' '),
					...bar(
						progress.done / progress.total,
						Math.max(0, width - lineWidth(text) - 1),
						look,
						progress.failed ? 'bad' : 'busy',
					),
				],
			]
		: [];
};

export const doubtSpans = (tier: Tier): Line => {
	const doubt = doubtOf(tier);
	if (doubt !== null) return [span(doubt.short, 'wait')];
	return tier.attempt !== null && tier.attempt > 1
		? [span(`attempt ${tier.attempt}`, 'accent')]
		: [span(policyWords[tier.policy], 'quiet')];
};

export const tierTitle = (tier: Tier, isChosen: boolean): Line => [
	span(`${tierDigits[tier.name]} `, isChosen ? 'accent' : 'quiet', {bold: true}),
	span(tierTitles[tier.name], isChosen ? 'accent' : undefined, {bold: true}),
];

const becauseLines = (tier: Tier, width: number): readonly Line[] =>
	tier.because === null
		? []
		: wrap(tier.because, width)
				.slice(0, 2)
				.map(text => [
					span(text, tier.status === 'failed' ? 'bad' : tier.status === 'none' ? 'quiet' : 'wait'),
				]);

/** Why it is red, whole where three lines are enough. */
const errorLines = (tier: Tier, inner: number, look: Look): readonly Line[] => {
	const error = firstError(tier);
	if (error === null) return [];
	const lines = wrap(`${error.reason}${error.where === '' ? '' : ` (${error.where})`}`, inner - 2);
	const shown =
		lines.length <= 3
			? lines
			: [...lines.slice(0, 2), cut(lines.slice(2).join(' '), inner - 2, look.glyphs.ellipsis)];
	return shown.map((text, index): Line => [
		span(index === 0 ? `${look.glyphs.arrow} ` : '  ', 'bad'),
		span(text, 'bad'),
	]);
};

const noteLines = (state: State, tier: Tier, inner: number): readonly Line[] => {
	const note = jobsNote(state, tier);
	return note === null || note.kind === 'not-started' || (note.kind === 'none' && tier.because !== null)
		? []
		: wrap(note.text, inner)
				.slice(0, 3)
				.map(text => [span(text, 'quiet' as const)]);
};

/** What stands above the jobs in a box: state and time, bar, progress, reason. */
const headLines = (state: State, tier: Tier, look: Look, inner: number): readonly Line[] => {
	const now = tierClock(state, tier);
	const usual = usualSeconds(state, tier);
	const status = statusSpans(tier, look);
	const {time, of} = timeSpans(tier, now);
	const isWhole = lineWidth(status) + lineWidth(time) + lineWidth(of) < inner;
	return [
		spread(status, isWhole ? [...time, ...of] : time, inner, look.glyphs.ellipsis),
		tier.startedAt === null ? expectation(tier, usual) : barLine(tier, usual, now, inner, usualLabel(usual), look),
		...progressLine(tier, inner, look),
		...failingLines(state, tier, inner, look),
		...becauseLines(tier, inner),
		...errorLines(tier, inner, look),
		...noteLines(state, tier, inner),
	];
};

const isChosen = (state: State, tier: Tier): boolean => tierInView(state)?.name === tier.name;

/** Rows that a tier's box wants inside: all its jobs, or what it would fill of a room with steps of the chosen tier as well. */
export const tierRows = (state: State, tier: Tier, look: Look, inner: number, room: number | null): number => {
	const head = headLines(state, tier, look, inner).length;
	return (
		head +
		(room === null
			? tier.jobs.length
			: jobLines(tier, tierClock(state, tier), {width: inner, height: room - head}, isChosen(state, tier), look)
					.length)
	);
};

/** One tier as a box. */
export const tierPane = (state: State, tier: Tier, look: Look, {width, height}: Size): readonly Line[] => {
	const chosen = isChosen(state, tier);
	const inner = width - 4;
	const head = headLines(state, tier, look, inner);
	return pane({
		width,
		height,
		look,
		title: tierTitle(tier, chosen),
		right: doubtSpans(tier),
		tone: chosen ? 'accent' : 'quiet',
		lines: [
			...head,
			...jobLines(tier, tierClock(state, tier), {width: inner, height: height - 2 - head.length}, chosen, look),
		],
	});
};
