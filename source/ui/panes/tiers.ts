/** The tiers of the selected commit: as panes beside each other, or as a few lines each where it is narrow. */
import {duration, limit} from '../../core/duration.ts';
import {type Job, type Policy, type Tier, type TierName, tierTitles} from '../../core/pipeline.ts';
import {combined, isFinal, isMoving} from '../../core/words.ts';
import {sortedJobs, tierInView} from '../../state/select.ts';
import type {State} from '../../state/state.ts';
import {bar, pane} from '../layout.ts';
import {blank, cut, type Line, lineWidth, span, spread, wrap} from '../text.ts';
import type {Look, Tone} from '../theme.ts';

export const tierDigits: Readonly<Record<TierName, string>> = {fast: '1', deploy: '2', e2e: '3', smoke: '4'};
const policyWords: Readonly<Record<Policy, string>> = {blocking: 'blocks staging', automatic: 'automatic', informational: 'informs', optional: 'optional'};

/** Seconds that it has taken so far, or took; null before it started. */
export const elapsedSeconds = (thing: {startedAt: number | null; finishedAt: number | null}, now: number): number | null =>
	thing.startedAt === null ? null : Math.max(0, ((thing.finishedAt ?? now) - thing.startedAt) / 1000);

/** Of a tier or job that is not over: until the data's time while GitHub is silent, for we do not know that it still runs. */
export const clockOf = (state: State): number => (state.snapshot && (state.poll.failures > 0 || state.origin !== 'github') ? state.snapshot.fetchedAt : state.now);

const paceTone = (seconds: number, tier: Tier): Tone => (seconds > tier.alertAfterSeconds ? 'bad' : seconds > tier.budgetSeconds ? 'wait' : 'busy');

const statusSpans = (tier: Tier, look: Look): Line => {
	const mark = look.turningMarkOf(tier.status);
	const raw = tier.rawStatus ? ` (${tier.rawStatus.replaceAll('_', ' ')})` : '';
	return [span(`${mark.text} `, mark.tone, {bold: true}), span(`${tier.status === 'none' ? 'not started' : tier.status}${raw}`, mark.tone, {bold: tier.status !== 'none'})];
};

/** `3m12s of 5m`, with what is over the budget. */
const timeSpans = (tier: Tier, now: number): Line => {
	const seconds = elapsedSeconds(tier, now);
	if (seconds === null) {
		return tier.createdAt !== null && isMoving(tier.status) ? [span(`for ${duration((now - tier.createdAt) / 1000)}`, 'wait')] : [span(`budget ${limit(tier.budgetSeconds)}`, 'quiet')];
	}
	const over = seconds > tier.budgetSeconds;
	return [span(duration(seconds), over ? paceTone(seconds, tier) : undefined), span(over ? ` over ${limit(tier.budgetSeconds)}` : ` of ${limit(tier.budgetSeconds)}`, over ? paceTone(seconds, tier) : 'quiet')];
};

const barLine = (tier: Tier, usual: number | null, now: number, width: number, look: Look): Line => {
	const seconds = elapsedSeconds(tier, now) ?? 0;
	const tone: Tone = tier.status === 'running' ? paceTone(seconds, tier) : look.markOf(tier.status).tone;
	const scale = Math.max(tier.budgetSeconds, seconds, 1);
	const label = usual === null ? '' : ` usual ${duration(usual)}`;
	const room = width - label.length;
	return room < 8
		? bar(seconds / scale, width, look, tone, usual === null ? null : usual / scale)
		: [...bar(seconds / scale, room, look, tone, usual === null ? null : usual / scale), span(label, 'quiet')];
};

/** Where a running job is: `4/6 scripts/deploy.sh`. */
export const stepText = (job: Job): string | null => {
	if (job.status !== 'running' || !job.steps || job.steps.length === 0) return null;
	const done = job.steps.filter(step => isFinal(step.status)).length;
	const current = job.steps.find(step => step.status === 'running') ?? job.steps.find(step => !isFinal(step.status));
	return `${Math.min(done + 1, job.steps.length)}/${job.steps.length}${current ? ` ${current.name}` : ''}`;
};

export const jobLine = (job: Job, now: number, width: number, look: Look): Line => {
	const mark = look.markOf(job.status);
	const seconds = elapsedSeconds(job, now);
	const step = stepText(job);
	const time = seconds === null ? span(job.status === 'passed' ? '' : job.status, 'quiet') : span(duration(seconds), 'quiet');
	const name = step === null ? job.name : cut(job.name, Math.max(8, Math.floor(width * 0.5)));
	return spread([span(`${mark.text} `, mark.tone), span(name, job.status === 'failed' ? 'bad' : undefined), ...(step === null ? [] : [span(` ${step}`, 'quiet')])], [time], width, look.glyphs.ellipsis);
};

const moreLine = (hidden: readonly Job[], look: Look): Line => {
	const counts = new Map<Job['status'], number>();
	for (const job of hidden) counts.set(job.status, (counts.get(job.status) ?? 0) + 1);
	const worst = combined(hidden.map(job => job.status));
	return [span(`${look.glyphs.down} ${hidden.length} more: ${[...counts].map(([status, count]) => `${count} ${status}`).join(', ')}`, worst === 'failed' ? 'bad' : 'quiet')];
};

const jobLines = (tier: Tier, now: number, width: number, height: number, look: Look): readonly Line[] => {
	const jobs = sortedJobs(tier);
	if (jobs.length <= height) return jobs.map(job => jobLine(job, now, width, look));
	return height < 1 ? [] : [...jobs.slice(0, height - 1).map(job => jobLine(job, now, width, look)), moreLine(jobs.slice(height - 1), look)];
};

const progressLine = ({progress}: Tier, width: number, look: Look): readonly Line[] => {
	if (!progress) return [];
	const text: Line = [span(`${progress.done}/${progress.total} tests`), ...(progress.failed ? [span(` ${progress.failed} failed`, 'bad')] : [])];
	return [[...text, span(' '), ...bar(progress.done / progress.total, Math.max(0, width - lineWidth(text) - 1), look, progress.failed ? 'bad' : 'busy')]];
};

const doubtSpans = (tier: Tier): Line => (tier.provenance === 'inferred' ? [span('by time only?', 'wait')] : tier.attempt !== null && tier.attempt > 1 ? [span(`attempt ${tier.attempt}`, 'accent')] : [span(policyWords[tier.policy], 'quiet')]);

const tierTitle = (tier: Tier, chosen: boolean): Line => [span(`${tierDigits[tier.name]} `, chosen ? 'accent' : 'quiet', {bold: true}), span(tierTitles[tier.name], chosen ? 'accent' : undefined, {bold: true})];

const becauseLines = (tier: Tier, width: number): readonly Line[] => (tier.because === null ? [] : wrap(tier.because, width).slice(0, 2).map(text => [span(text, tier.status === 'failed' ? 'bad' : tier.status === 'none' ? 'quiet' : 'wait')]));

/** One tier as a box. */
export const tierPane = (state: State, tier: Tier, look: Look, width: number, height: number): readonly Line[] => {
	const chosen = tierInView(state)?.name === tier.name;
	const inner = width - 4;
	const now = tier.finishedAt ?? clockOf(state);
	const head: readonly Line[] = [
		spread(statusSpans(tier, look), timeSpans(tier, now), inner, look.glyphs.ellipsis),
		barLine(tier, state.snapshot?.medians[tier.name] ?? null, now, inner, look),
		...progressLine(tier, inner, look),
		...becauseLines(tier, inner),
	];
	const unread = tier.jobs.length === 0 && tier.jobsTotal > 0 ? [[span('jobs not read yet', 'quiet')]] : [];
	return pane({
		width,
		height,
		look,
		title: tierTitle(tier, chosen),
		right: doubtSpans(tier),
		tone: chosen ? 'accent' : 'quiet',
		lines: [...head, ...unread, ...jobLines(tier, now, inner, height - 2 - head.length, look)],
	});
};

/** Jobs on one line, as many as fit: `✔ lint 41s  ⠋ unit (1, 2) 3/5`. */
const jobChips = (tier: Tier, now: number, width: number, look: Look): Line => {
	const isAlone = tier.jobs.filter(job => job.status === 'running').length === 1;
	const chips = sortedJobs(tier).map((job): Line => {
		const mark = look.markOf(job.status);
		const seconds = elapsedSeconds(job, now);
		const step = stepText(job);
		return [span(`${mark.text} `, mark.tone), span(cut(job.name, 24), job.status === 'failed' ? 'bad' : undefined), span(step ? ` ${isAlone ? cut(step, 26) : step.split(' ')[0]}` : seconds === null ? '' : ` ${duration(seconds)}`, 'quiet'), span('  ')];
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

/** One tier as one to three lines, for narrow terminals. */
export const tierLines = (state: State, tier: Tier, look: Look, width: number, height: number): readonly Line[] => {
	const chosen = tierInView(state)?.name === tier.name;
	const now = tier.finishedAt ?? clockOf(state);
	const usual = state.snapshot?.medians[tier.name] ?? null;
	const name = tierTitles[tier.name].padEnd(11);
	const lead: Line = [span(chosen ? look.glyphs.cursor : ' ', 'accent', {bold: true}), ...tierTitle({...tier}, chosen).slice(0, 1), span(`${name} `, chosen ? 'accent' : undefined, {bold: true}), ...statusSpans(tier, look)];
	const time = timeSpans(tier, now);
	const pad = span(' '.repeat(Math.max(1, 27 - lineWidth(lead))));
	const barWidth = width - Math.max(27, lineWidth(lead) + 1) - 18;
	const timed: Line = [...time, span(' '.repeat(Math.max(1, 16 - lineWidth(time))))];
	const because = tier.because !== null && tier.status !== 'running' && tier.status !== 'passed';
	const tail: Line = because
		? [span(cut(` ${tier.because!}`, Math.max(0, width - 28 - (tier.startedAt === null ? 0 : 16))), tier.status === 'failed' ? 'bad' : 'quiet')]
		: tier.status === 'none' || barWidth < 10 ? [] : barLine(tier, usual, now, Math.min(barWidth, 50), look);
	const first = spread([...lead, pad, ...(tier.startedAt === null && because ? [] : timed), ...tail], tier.provenance === 'inferred' || (tier.attempt ?? 1) > 1 ? doubtSpans(tier) : [], width, look.glyphs.ellipsis);
	const indent = span('    ');
	const progress = progressLine(tier, Math.min(60, width - 6), look)[0];
	const chips = tier.jobs.length > 0 ? jobChips(tier, now, width - 6, look) : blank;
	return [first, ...(progress && height > 2 ? [[indent, ...progress]] : []), ...(lineWidth(chips) > 0 ? [[indent, ...chips]] : [])].slice(0, Math.max(1, height));
};
