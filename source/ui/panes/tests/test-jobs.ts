/** Jobs of tests that publish nothing: where each is, how long it has taken, and how long it usually takes. */
import {duration, elapsedSeconds} from '../../../core/text/duration.ts';
import type {Job} from '../../../core/pipeline/pipeline.ts';
import {isFinal} from '../../../core/pipeline/words.ts';
import {sortedJobs} from '../../../state/questions/select.ts';
import {bar} from '../../lines/layout.ts';
import {cut, fit, fitRight, type Line, span, widthOf} from '../../lines/text.ts';
import type {Look, Tone} from '../../lines/theme.ts';
import {stepText, timeText} from '../board/jobs.ts';

export const approximately = (seconds: number): string =>
	seconds < 1 ? 'soon' : `~${duration(seconds < 60 ? Math.ceil(seconds / 5) * 5 : Math.round(seconds / 10) * 10)}`;

/** Cells: `name` with the mark and a blank after it. */
type Columns = {name: number; bar: number; step: number; usual: number; left: number};

const timeCells = 11;
const nameAtMost = 32;
const stepAtLeast = 12;
/** The eye loses its way from a name to a number in a line that is wider. */
const stepAtMost = 60;
const barAtMost = 24;
const barAtLeast = 8;

const columnsFor = (jobs: readonly Job[], width: number, hasUsual: boolean): Columns => {
	const isGoing = jobs.some(({status}) => !isFinal(status));
	const usual = hasUsual ? 8 : 0;
	const left = hasUsual && isGoing ? 8 : 0;
	const room = width - timeCells - usual - left;
	const name = Math.min(
		Math.max(7, ...jobs.map(job => widthOf(job.name))) + 4,
		nameAtMost,
		Math.max(8, room - (isGoing ? stepAtLeast : 0)),
	);
	const rest = room - name;
	const bars = !hasUsual || !isGoing ? 0 : Math.min(barAtMost, rest - 2 - (isGoing ? stepAtLeast + 12 : 0));
	const cells = bars < barAtLeast ? 0 : bars;
	return {
		name,
		bar: cells,
		step: isGoing ? Math.max(0, Math.min(stepAtMost, rest - (cells > 0 ? cells + 2 : 0))) : 0,
		usual,
		left,
	};
};

const headLine = ({name, bar: cells, step, usual, left}: Columns, width: number, look: Look): Line => [
	span(
		cut(
			`${fit('  job', name)}${cells > 0 ? ' '.repeat(cells + 2) : ''}${fit('step', step).slice(0, step)}${fitRight('time', timeCells)}${usual > 0 ? fitRight('usual', usual) : ''}${left > 0 ? fitRight('left', left) : ''}`,
			width,
			look.glyphs.ellipsis,
		),
		'quiet',
	),
];

const leftText = (job: Job, seconds: number | null, usual: number | null): string => {
	if (job.status !== 'running') return '';
	// Longer than usual: nobody knows.
	return usual === null || seconds === null || seconds > usual ? '?' : approximately(usual - seconds);
};

const row = (job: Job, usual: number | null, now: number, columns: Columns, look: Look): Line => {
	const mark = look.markOf(job.status);
	const {ellipsis} = look.glyphs;
	const seconds = job.status === 'skipped' ? null : elapsedSeconds(job, now);
	const isOver = job.status === 'running' && seconds !== null && usual !== null && seconds > usual * 1.25;
	const tone: Tone = job.status === 'running' ? (isOver ? 'wait' : 'busy') : (mark.tone ?? 'quiet');
	const share = seconds === null || usual === null || usual === 0 ? 0 : Math.min(1, seconds / usual);
	return [
		span(`${mark.text} `, mark.tone),
		span(
			fit(cut(job.name, columns.name - 3, ellipsis), columns.name - 2),
			job.status === 'failed' ? 'bad' : undefined,
		),
		...(columns.bar > 0
			? [
					...(usual === null || seconds === null
						? [span(' '.repeat(columns.bar))]
						: bar(share, columns.bar, look, tone)),
					span('  '),
				]
			: []),
		...(columns.step > 0 ? [span(fit(stepText(job) ?? '', columns.step, ellipsis), 'quiet' as const)] : []),
		span(fitRight(timeText(job, now), timeCells), isOver ? 'wait' : undefined),
		...(columns.usual > 0
			? [span(fitRight(usual === null ? '' : duration(usual), columns.usual), 'quiet' as const)]
			: []),
		...(columns.left > 0 ? [span(fitRight(leftText(job, seconds, usual), columns.left), 'quiet' as const)] : []),
	];
};

/** In the run's own order where all fit, else those that need attention first. */
export const testJobs = (
	tier: Parameters<typeof sortedJobs>[0],
	usualOf: (name: string) => number | null,
	now: number,
	{width, room}: {width: number; room: number},
	look: Look,
): readonly Line[] => {
	if (tier.jobs.length === 0) return [];
	const usual = new Map(tier.jobs.map(({name}) => [name, usualOf(name)]));
	const columns = columnsFor(
		tier.jobs,
		width,
		[...usual.values()].some(seconds => seconds !== null),
	);
	const isWhole = tier.jobs.length + 1 <= room;
	const shown = isWhole ? tier.jobs : sortedJobs(tier).slice(0, Math.max(1, room - 2));
	const hidden = tier.jobs.length - shown.length;
	return [
		headLine(columns, width, look),
		...shown.map(job => row(job, usual.get(job.name) ?? null, now, columns, look)),
		...(hidden > 0 ? [[span(`${look.glyphs.down} ${hidden} more jobs`, 'quiet' as const)]] : []),
	];
};
