/** Jobs, one a line or several, and how long things take. */
import {duration, elapsedSeconds} from '../../../core/text/duration.ts';
import type {Job, Step, Tier, Shard} from '../../../core/pipeline/pipeline.ts';
import {combined, isFinal} from '../../../core/pipeline/words.ts';
import {isStale, sortedJobs} from '../../../state/questions/select.ts';
import type {State} from '../../../state/model/state.ts';
import {cut, type Line, lineWidth, span, spread, widthOf} from '../../lines/text.ts';
import type {Look} from '../../lines/theme.ts';

/** Of a tier or job that is not over: until the data's time while that is old, for we do not know that it still runs. */
export const clockOf = (state: State): number =>
	state.snapshot && isStale(state) ? state.snapshot.fetchedAt : state.now;

/** How long it took; what never ran says so instead of `0s`. */
export const timeText = (thing: Pick<Job, 'status' | 'startedAt' | 'finishedAt'>, now: number): string => {
	const seconds = thing.status === 'skipped' ? null : elapsedSeconds(thing, now);
	return seconds === null ? (thing.status === 'passed' ? '' : thing.status) : duration(seconds);
};

/** What the shard that this job is has published: says more than its steps do. */
const shardOf = ({shards}: Tier, {id}: Job): Shard | undefined =>
	shards.find(({jobId, progress}) => jobId === id && progress !== null);

/** Where a running job is: the step's place among all and its name, or how many of its tests are done. */
const stepOf = (job: Job, shard?: Shard): {place: string; name: string} | null => {
	if (job.status === 'running' && shard?.progress)
		return {
			place: `${shard.progress.done}/${shard.progress.total}`,
			name: shard.progress.failed > 0 ? `${shard.progress.failed} failed` : 'tests',
		};
	if (job.status !== 'running' || !job.steps || job.steps.length === 0) return null;
	const done = job.steps.filter(step => isFinal(step.status)).length;
	const current = job.steps.find(step => step.status === 'running') ?? job.steps.find(step => !isFinal(step.status));
	return {place: `${Math.min(done + 1, job.steps.length)}/${job.steps.length}`, name: current?.name ?? ''};
};

/** `4/6 scripts/deploy.sh`. */
export const stepText = (job: Job): string | null => {
	const step = stepOf(job);
	return step && `${step.place} ${step.name}`.trim();
};

/** A step's name in fewer cells tells nothing. */
const stepNameAtLeast = 8;

/** Name, then where it is. One of the two is cut, never both. */
const jobText = (job: Job, width: number, look: Look, shard?: Shard): Line => {
	const tone = job.status === 'failed' ? 'bad' : undefined;
	const {ellipsis} = look.glyphs;
	const step = stepOf(job, shard);
	if (!step) return [span(cut(job.name, width, ellipsis), tone)];
	const room = width - step.place.length - 1;
	const left = room - widthOf(job.name) - 1;
	const name = left >= Math.min(stepNameAtLeast, widthOf(step.name)) ? ` ${cut(step.name, left, ellipsis)}` : '';
	return [
		span(cut(job.name, room, ellipsis), tone),
		span(` ${step.place}`, 'quiet'),
		span(name, shard?.progress?.failed ? 'bad' : 'quiet'),
	];
};

export const jobLine = (job: Job, now: number, width: number, look: Look, shard?: Shard): Line => {
	const mark = look.markOf(job.status);
	const time = timeText(job, now);
	return spread(
		[
			span(`${mark.text} `, mark.tone),
			...jobText(job, width - 2 - (time === '' ? 0 : time.length + 1), look, shard),
		],
		[span(time, 'quiet')],
		width,
		look.glyphs.ellipsis,
	);
};

const stepLine = (step: Step, now: number, width: number, look: Look): Line => {
	const mark = look.markOf(step.status);
	const time = step.startedAt === null ? '' : timeText(step, now);
	return spread(
		[
			span(`  ${mark.text} `, mark.tone),
			span(cut(step.name, width - 5 - time.length, look.glyphs.ellipsis), 'quiet'),
		],
		[span(time, 'quiet')],
		width,
		look.glyphs.ellipsis,
	);
};

const moreLine = (hidden: readonly Job[], look: Look): Line => {
	const counts = new Map<Job['status'], number>();
	for (const job of hidden) counts.set(job.status, (counts.get(job.status) ?? 0) + 1);
	const worst = combined(hidden.map(job => job.status));
	const each = [...counts].map(([status, count]) => `${count} ${status}`).join(', ');
	return [span(`${look.glyphs.down} ${hidden.length} more: ${each}`, worst === 'failed' ? 'bad' : 'quiet')];
};

const stepsOf = (job: Job): readonly Step[] => (job.status === 'running' ? (job.steps ?? []) : []);

/** Jobs that need attention first; in what room they leave, the steps of those that run. */
export const jobLines = (
	tier: Tier,
	now: number,
	{width, height}: {width: number; height: number},
	isWithSteps: boolean,
	look: Look,
): readonly Line[] => {
	const jobs = sortedJobs(tier);
	if (jobs.length > height)
		return height < 1
			? []
			: [
					...jobs.slice(0, height - 1).map(job => jobLine(job, now, width, look, shardOf(tier, job))),
					moreLine(jobs.slice(height - 1), look),
				];
	let spare = isWithSteps ? height - jobs.length : 0;
	return jobs.flatMap(job => {
		const steps = stepsOf(job);
		const isShown = steps.length <= spare;
		if (isShown) spare -= steps.length;
		return [
			jobLine(job, now, width, look, shardOf(tier, job)),
			...(isShown ? steps.map(step => stepLine(step, now, width, look)) : []),
		];
	});
};

/** Jobs on one line, as many as fit: `✔ lint 41s  ● unit (1, 2) 3/5`. */
export const jobChips = (tier: Tier, now: number, width: number, look: Look): Line => {
	const isAlone = tier.jobs.filter(job => job.status === 'running').length === 1;
	const {ellipsis} = look.glyphs;
	const chips = sortedJobs(tier).map((job): Line => {
		const mark = look.markOf(job.status);
		const step = stepOf(job, shardOf(tier, job));
		const time = job.startedAt === null && job.status !== 'skipped' ? '' : timeText(job, now);
		const detail = step ? `${step.place}${isAlone ? ` ${cut(step.name, 20, ellipsis)}` : ''}` : time;
		return [
			span(`${mark.text} `, mark.tone),
			span(cut(job.name, 24, ellipsis), job.status === 'failed' ? 'bad' : undefined),
			span(detail === '' ? '' : ` ${detail}`, 'quiet'),
			span('  '),
		];
	});
	const shown: Line[] = [];
	let left = width;
	for (const [index, chip] of chips.entries()) {
		const rest = chips.length - index;
		const cells = lineWidth(chip);
		if (cells > left - (rest > 1 ? 6 : 0)) return [...shown.flat(), span(`+${rest}`, 'quiet')];
		shown.push(chip);
		left -= cells;
	}
	return shown.flat();
};
