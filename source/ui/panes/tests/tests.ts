/** Tests of a tier: its shards with what they publish, below them what fails; without a reporter its jobs, and why there is no more. */
import {duration, elapsedSeconds} from '../../../core/text/duration.ts';
import {type Status, type Tier, tierTitles, type Shard} from '../../../core/pipeline/pipeline.ts';
import {secondsLeft, shardTotals, tierSecondsLeft} from '../../../core/evidence/shards.ts';
import {combined, isFinal, isMoving} from '../../../core/pipeline/words.ts';
import {selectedCandidate, tierInView} from '../../../state/questions/select.ts';
import type {State} from '../../../state/model/state.ts';
import {
	chosenFailure,
	type Failing,
	failuresInView,
	isPublishing,
	testsOf,
	unnamedOf,
	usualOfJobs,
} from '../../../state/tests/test-select.ts';
import {bar} from '../../lines/layout.ts';
import {blank, cut, fit, fitRight, type Line, lineWidth, span, spread, widthOf, wrap} from '../../lines/text.ts';
import type {Look, Tone} from '../../lines/theme.ts';
import {failureList, hiddenSpans, listAtMost} from './failing-tests.ts';
import {approximately, testJobs} from './test-jobs.ts';
import {tierClock, usualSeconds} from '../board/tiers.ts';

/** `98/120, 3 failed, 1 flaky`: what all shards say together. */
export const totalsSpans = (tier: Tier): Line => {
	const totals = shardTotals(tier.shards);
	if (totals === null) return [];
	return [
		span(`${totals.done}/${totals.total}`),
		...(totals.failed > 0 ? [span(`, ${totals.failed} failed`, 'bad' as const)] : []),
		...(totals.flaky > 0 ? [span(`, ${totals.flaky} flaky`, 'wait' as const)] : []),
		...(totals.skipped > 0 ? [span(`, ${totals.skipped} skipped`, 'quiet' as const)] : []),
		...(totals.published < totals.shards
			? [span(`, from ${totals.published} of ${totals.shards} shards`, 'quiet' as const)]
			: []),
	];
};

/** `4m43s, usual 8m07s`: all there is to measure by where no test is published. */
const elapsedSpans = (tier: Tier, usual: number | null, now: number): Line => {
	const seconds = elapsedSeconds(tier, now);
	if (seconds === null || tier.status === 'none' || tier.status === 'skipped') return [];
	return [
		span(`  ${duration(seconds)}`),
		...(usual === null ? [] : [span(`, median ${duration(usual)}`, 'quiet' as const)]),
	];
};

export const testsTitle = (state: State, look: Look): Line => {
	const tier = tierInView(state);
	if (!tier) return [span('Tests', undefined, {bold: true})];
	const mark = look.turningMarkOf(tier.status);
	const left = tierSecondsLeft(tier.shards, tierClock(state, tier));
	const totals = totalsSpans(tier);
	return [
		span(`${tierTitles[tier.name]} tests`, 'accent', {bold: true}),
		span(` ${mark.text} ${tier.status === 'none' ? 'not started' : tier.status}`, mark.tone, {bold: true}),
		...(totals.length > 0 ? [span('  '), ...totals] : []),
		...(totals.length > 0 ? [] : elapsedSpans(tier, usualSeconds(state, tier), tierClock(state, tier))),
		...(left === null ? [] : [span(`, ${approximately(left)}${left < 1 ? '' : ' left'}`, 'quiet')]),
		...((tier.attempt ?? 1) > 1 ? [span(`  attempt ${tier.attempt}`, 'accent')] : []),
	];
};

/** `hasLeft`: something still runs, or is to come. */
type Columns = {bar: number; hasPassed: boolean; hasUsual: boolean; hasLeft: boolean; current: number};

/** Cells of everything but bar, passed, usual and the current test. */
const narrowest = 45;
const currentAtLeast = 28;

const columnsFor = (width: number, shards: readonly Shard[]): Columns => {
	const hasLeft = shards.some(({status}) => !isFinal(status));
	const hasPassed = width >= narrowest + 8;
	const hasUsual = width >= narrowest + 8 + 8;
	const rest = width - narrowest - (hasPassed ? 8 : 0) - (hasUsual ? 8 : 0);
	const current = hasLeft && rest >= 16 + currentAtLeast + 2 ? Math.min(90, rest - 18 - 2) : 0;
	return {
		bar: Math.max(0, Math.min(24, rest - (current > 0 ? current + 2 : 0) - 2)),
		hasPassed,
		hasUsual,
		hasLeft,
		current,
	};
};

const barCells = (cells: number): number => (cells < 6 ? 0 : cells);

const shardHead = (columns: Columns, width: number, look: Look): Line => {
	const {bar: cells, hasPassed, hasUsual, hasLeft, current} = columns;
	const text = `${fit('  shard', 9)}${barCells(cells) > 0 ? ' '.repeat(cells + 2) : ''}${fitRight('done', 7)}${hasPassed ? fitRight('passed', 8) : ''}${fitRight('failed', 7)}${fitRight('flaky', 6)}${fitRight('time', 8)}${hasUsual ? fitRight('usual', 8) : ''}${hasLeft ? fitRight('left', 8) : ''}${current > 0 ? '  now' : ''}`;
	return [span(cut(text, width, look.glyphs.ellipsis), 'quiet')];
};

/** Zeros recede, so that the eye finds what is not zero. */
const count = (value: number, cells: number, look: Look, tone?: Tone): Line => [
	span(fitRight(value === 0 ? look.glyphs.separator : String(value), cells), value === 0 ? 'quiet' : tone),
];

const silence = ({status}: Shard, attempt: number): string => {
	if (isFinal(status) && attempt > 1) return 'not run again';
	switch (status) {
		case 'none':
			return 'no word of it yet';
		case 'queued':
			return 'waits for a runner';
		case 'waiting':
			return 'waits';
		case 'running':
			return 'has published nothing yet';
		case 'skipped':
			return 'skipped';
		default:
			return 'published nothing';
	}
};

/** Where the whole does not fit, its title says more than its file. */
const currentText = (current: string, cells: number, look: Look): string =>
	widthOf(current) <= cells
		? current
		: cut(
				current.includes(' › ') ? current.slice(current.indexOf(' › ') + 3) : current,
				cells,
				look.glyphs.ellipsis,
			);

const shardLine = (shard: Shard, attempt: number, columns: Columns, now: number, width: number, look: Look): Line => {
	const mark = look.markOf(shard.status);
	const {progress} = shard;
	const seconds = shard.status === 'skipped' ? null : elapsedSeconds(shard, now);
	const left = secondsLeft(shard, now);
	const {ellipsis} = look.glyphs;
	const cells = barCells(columns.bar);
	const lead: Line = [
		span(`${mark.text} `, mark.tone),
		span(fit(`${shard.index}/${shard.total}`, 7), shard.status === 'failed' ? 'bad' : undefined),
	];
	const over =
		seconds !== null &&
		shard.medianSeconds !== null &&
		seconds > shard.medianSeconds * 1.25 &&
		shard.status === 'running';
	const timed: Line = [
		span(fitRight(seconds === null ? '' : duration(seconds), 8), over ? 'wait' : undefined),
		...(columns.hasUsual
			? [span(fitRight(shard.medianSeconds === null ? '' : duration(shard.medianSeconds), 8), 'quiet')]
			: []),
		...(columns.hasLeft
			? [
					span(
						fitRight(left === null ? (shard.status === 'running' ? '?' : '') : approximately(left), 8),
						'quiet' as const,
					),
				]
			: []),
	];
	const middle = (cells > 0 ? cells + 2 : 0) + 7 + (columns.hasPassed ? 8 : 0) + 7 + 6;
	if (progress === null) return [...lead, span(fit(silence(shard, attempt), middle, ellipsis), 'quiet'), ...timed];
	const passed = progress.done - progress.failed - progress.flaky - progress.skipped;
	const tone: Tone = progress.failed > 0 ? 'bad' : isFinal(shard.status) ? mark.tone : 'busy';
	const current =
		columns.current > 0 && shard.status === 'running' && progress.current !== null
			? [span('  '), span(currentText(progress.current, columns.current, look), 'quiet')]
			: [];
	return [
		...lead,
		...(cells > 0
			? [...bar(progress.total === 0 ? 0 : progress.done / progress.total, cells, look, tone), span('  ')]
			: []),
		span(fitRight(`${progress.done}/${progress.total}`, 7)),
		...(columns.hasPassed ? count(passed, 8, look) : []),
		...count(progress.failed, 7, look, 'bad'),
		...count(progress.flaky, 6, look, 'wait'),
		...timed,
		...current,
	].reduce<Line>((line, part) => (lineWidth(line) + widthOf(part.text) <= width ? [...line, part] : line), []);
};

const nowLine = (shard: Shard, width: number, look: Look): readonly Line[] =>
	shard.status === 'running' && shard.progress?.current
		? [[span(' '.repeat(9)), span(`now ${currentText(shard.progress.current, width - 13, look)}`, 'quiet')]]
		: [];

const urgency: Readonly<Partial<Record<Status, number>>> = {
	failed: 0,
	running: 1,
	waiting: 2,
	unknown: 3,
	queued: 4,
	cancelled: 5,
};

const hiddenLine = (hidden: readonly Shard[], look: Look): Line => {
	const counts = new Map<Status, number>();
	for (const {status} of hidden) counts.set(status, (counts.get(status) ?? 0) + 1);
	return [
		span(
			`${look.glyphs.down} ${hidden.length} more: ${[...counts].map(([status, number]) => `${number} ${status}`).join(', ')}`,
			combined(hidden.map(({status}) => status)) === 'failed' ? 'bad' : 'quiet',
		),
	];
};

/** All in order where they fit, with what runs now below each where there is room; else those that need attention first. */
const shardLines = (tier: Tier, now: number, width: number, room: number, look: Look): readonly Line[] => {
	const columns = columnsFor(width, tier.shards);
	const head = shardHead(columns, width, look);
	const line = (shard: Shard) => shardLine(shard, tier.attempt ?? 1, columns, now, width, look);
	const {shards} = tier;
	if (shards.length + 1 > room) {
		const sorted = shards.toSorted(
			(a, b) => (urgency[a.status] ?? 9) - (urgency[b.status] ?? 9) || a.index - b.index,
		);
		const shown = Math.max(1, room - 2);
		return [head, ...sorted.slice(0, shown).map(line), hiddenLine(sorted.slice(shown), look)];
	}
	const below = columns.current > 0 ? [] : shards.flatMap(shard => nowLine(shard, width, look));
	return [
		head,
		...shards.flatMap(shard => [
			line(shard),
			...(shards.length + 1 + below.length <= room && columns.current === 0 ? nowLine(shard, width, look) : []),
		]),
	];
};

const countText = (failures: readonly Failing[]): string => {
	const count = (...kinds: ReadonlyArray<Failing['kind']>) =>
		failures.filter(({kind}) => kinds.includes(kind)).length;
	const [failed, before, flaky] = [count('test', 'job'), count('before'), count('flaky')];
	return [
		...(failed > 0 ? [`${failed} failing`] : []),
		...(before > 0 ? [`${before} failed in an earlier attempt`] : []),
		...(flaky > 0 ? [`${flaky} flaky`] : []),
	].join(', ');
};

/** What there is to say where nothing is listed. */
const calm = (tier: Tier): string => {
	const totals = shardTotals(tier.shards);
	if (tier.status === 'none') return tier.because ?? 'This tier has not started for this commit.';
	if (totals !== null && totals.failed > 0) return '';
	if (isMoving(tier.status)) return totals === null ? '' : 'No test has failed so far.';
	if (tier.status === 'passed') return totals === null ? 'Every job passed.' : 'No test failed.';
	return tier.because ?? '';
};

const unnamedLines = (tier: Tier, failures: readonly Failing[]): readonly Line[] => {
	const missing = tier.shards.flatMap(shard => {
		const number = unnamedOf(shard, failures);
		return number === 0 ? [] : [`${number} of shard ${shard.index}`];
	});
	return missing.length === 0
		? []
		: [[span(`More failed whose names are not known yet: ${missing.join(', ')}.`, 'wait')]];
};

const withoutReporter =
	'GitHub gives no log and no list of tests of a job that runs. deployctl/playwright-reporter publishes both: docs/e2e-reporter.md';

/** Below the list: what is missing, and why. */
const footLines = (state: State, tier: Tier, failures: readonly Failing[], width: number): readonly Line[] => {
	const known = testsOf(state, tier);
	const lines: Line[] = [...unnamedLines(tier, failures)];
	if (known?.isLiveCut)
		lines.push([span('GitHub keeps more statuses than were read: there may be more failures.', 'wait')]);
	if (tier.runId !== null && tier.attempt === null)
		lines.push([span('Its attempt is not known yet, so nobody can say which statuses are of it.', 'wait')]);
	const unread = state.facts?.commits.find(({sha}) => sha === selectedCandidate(state)?.sha)?.statusesUnread;
	if (unread)
		return [
			...lines,
			...wrap(
				`What its shards publish has not been read: ${unread.because}${unread.next === null ? '' : ` ${unread.next}`}`,
				width,
			).map((text): Line => [span(text, 'wait')]),
		];
	if (tier.shards.length === 0 && tier.status !== 'none' && tier.attempt !== null)
		lines.push(
			...wrap(
				isPublishing(state, tier)
					? `Its shards have published nothing${isFinal(tier.status) ? '' : ' yet'}${tier.attempt > 1 ? ` in attempt ${tier.attempt}` : ''}.`
					: withoutReporter,
				width,
			).map((text): Line => [span(text, 'quiet')]),
		);
	if (state.tests.problem !== null && (tier.shards.length > 0 || failures.length > 0))
		lines.push([span(state.tests.problem, 'wait')]);
	return lines;
};

export const testsDetail = (state: State, look: Look, width: number, height: number): readonly Line[] => {
	const tier = tierInView(state);
	if (!tier) return [[span('This commit has no such tier.', 'quiet')]];
	const now = tierClock(state, tier);
	const failures = failuresInView(state);
	const foot = footLines(state, tier, failures, width);
	const roomAbove = Math.max(3, Math.floor((height - foot.length) * (failures.length > 0 ? 0.5 : 0.8)));
	const above =
		tier.shards.length > 0
			? shardLines(tier, now, width, roomAbove, look)
			: testJobs(tier, usualOfJobs(state, tier), now, {width, room: roomAbove}, look);
	const gap: readonly Line[] = above.length > 0 ? [blank] : [];
	const calmText = failures.length === 0 ? calm(tier) : '';
	const head: readonly Line[] =
		failures.length > 0
			? [blank]
			: calmText === ''
				? []
				: [[span(calmText, tier.status === 'passed' ? 'good' : 'quiet')]];
	const room = Math.max(
		2,
		height - above.length - gap.length - head.length - (foot.length > 0 ? foot.length + 1 : 0),
	);
	const {
		lines: list,
		before,
		after,
	} = failureList(failures, chosenFailure(state), Math.min(width, listAtMost), room, look);
	const title =
		failures.length > 0
			? [
					spread(
						[span(countText(failures), undefined, {bold: true})],
						hiddenSpans(before, after, look),
						Math.min(width, listAtMost),
						look.glyphs.ellipsis,
					),
				]
			: head;
	return [
		...above,
		...gap,
		...title,
		...list,
		...(foot.length > 0 ? [...(head.length + list.length > 0 ? [blank] : []), ...foot] : []),
	];
};
