/** Detail views: a tier with its jobs, a job with its steps and annotations, and the events. */
import type {Change} from '../../../core/snapshot/changes.ts';
import {doubtOf} from '../../../core/pipeline/doubt.ts';
import {age, clockTime, duration, limit, elapsedSeconds} from '../../../core/text/duration.ts';
import {short} from '../../../core/gate/gate.ts';
import {plural} from '../../../core/text/plural.ts';
import {capitalised, sentence} from '../../../core/text/sanitise.ts';
import {type Job, type Step, type Tier, tierTitles} from '../../../core/pipeline/pipeline.ts';
import {jobsNote} from '../../../state/view/jobs-note.ts';
import {jobInView, tierInView} from '../../../state/questions/select.ts';
import type {State} from '../../../state/model/state.ts';
import {windowAround} from '../../../state/view/window.ts';
import {bar} from '../../lines/layout.ts';
import {blank, cut, fit, fitRight, type Line, span, spread, widthOf, wrap} from '../../lines/text.ts';
import type {Look, Tone} from '../../lines/theme.ts';
import {clockOf, jobLine, stepText, timeText} from './jobs.ts';
import {tierClock} from './tiers.ts';
import type {Annotation} from '../../../core/github/facts.ts';

const known: Readonly<Record<string, string>> = {
	commit: 'the run is on this commit',
	status: "named by the workflow's commit status",
	deployment: 'named by the deployment',
	name: "the run's name holds this commit's SHA",
	inferred: 'matched by time only, which proves nothing',
};

const fact = (name: string, value: string, tone?: Tone): Line => [span(fit(name, 11), 'quiet'), span(value, tone)];
/** `09:03:17 to 09:11:40`, with an open end while it runs. */
const fromTo = ({startedAt, finishedAt}: {startedAt: number | null; finishedAt: number | null}): string =>
	`${startedAt === null ? '' : clockTime(startedAt)} ${finishedAt === null ? '' : `to ${clockTime(finishedAt)}`}`;

const runFacts = (tier: Tier, now: number): readonly Line[] => {
	const seconds = elapsedSeconds(tier, now);
	// Of a re-run GitHub keeps the time of creation: that was no time in the queue.
	const queuedMs =
		tier.attempt === 1 && tier.createdAt !== null && tier.startedAt !== null ? tier.startedAt - tier.createdAt : 0;
	const queued = queuedMs > 2000 ? `, ${duration(queuedMs / 1000)} in the queue` : '';
	const time =
		seconds === null
			? `budget ${limit(tier.budgetSeconds)}, alert after ${limit(tier.alertAfterSeconds)}`
			: `${fromTo(tier)} ${duration(seconds)} of ${limit(tier.budgetSeconds)}${queued}`;
	return [
		fact('workflow', `${tier.workflow}${tier.event ? ` (${tier.event})` : ''}`),
		fact(
			'run',
			tier.runId === null ? 'none' : `${tier.runId}${tier.attempt === null ? '' : `, attempt ${tier.attempt}`}`,
		),
		fact(
			'matched',
			tier.provenance === null ? 'nothing yet' : known[tier.provenance]!,
			doubtOf(tier) === null ? undefined : 'wait',
		),
		fact('time', time, seconds !== null && seconds > tier.budgetSeconds ? 'wait' : undefined),
		...(tier.because === null ? [] : [fact('because', tier.because, tier.status === 'failed' ? 'bad' : 'wait')]),
	];
};

export const tierDetailTitle = (tier: Tier, look: Look): Line => {
	const mark = look.turningMarkOf(tier.status);
	return [
		span(tierTitles[tier.name], 'accent', {bold: true}),
		span(` ${mark.text} ${tier.status === 'none' ? 'not started' : tier.status}`, mark.tone, {bold: true}),
	];
};

/** With what the tier says itself, when it has not started. */
const emptyReason = (state: State, tier: Tier): string => {
	const note = jobsNote(state, tier);
	if (note?.kind === 'not-started') return tier.because === null ? 'This tier has not started for this commit.' : '';
	return note === null ? '' : sentence(capitalised(note.text));
};

/** Jobs in GitHub's order, with a bar that shows where each lay in the run. */
export const tierDetail = (state: State, look: Look, width: number, height: number): readonly Line[] => {
	const tier = tierInView(state);
	if (!tier) return [[span('This commit has no such tier.', 'quiet')]];
	const now = tierClock(state, tier);
	const facts = runFacts(tier, now);
	const chosen = jobInView(state);
	const cursor = Math.max(
		0,
		tier.jobs.findIndex(({id}) => id === chosen?.id),
	);
	const room = Math.max(1, height - facts.length - 1);
	const {start, end} = windowAround(tier.jobs.length, cursor, room, state.view.top);
	const rows = tier.jobs
		.slice(start, end)
		.map((job): Line => [
			span(job.id === chosen?.id ? `${look.glyphs.cursor} ` : '  ', 'accent', {bold: true}),
			...timelined(job, tier, now, width - 2, look),
		]);
	return [
		...facts,
		blank,
		...(rows.length > 0 ? rows : wrap(emptyReason(state, tier), width).map((text): Line => [span(text, 'quiet')])),
	];
};

const timelined = (job: Job, tier: Tier, now: number, width: number, look: Look): Line => {
	const lane = width >= 76 ? 28 : 0;
	const text = jobLine(job, now, width - lane - (lane > 0 ? 2 : 0), look);
	if (lane === 0 || job.startedAt === null || job.status === 'skipped' || tier.startedAt === null) return text;
	const whole = Math.max(1, (tier.finishedAt ?? now) - tier.startedAt);
	const from = Math.max(0, Math.min(lane - 1, Math.round(((job.startedAt - tier.startedAt) / whole) * lane)));
	const until = Math.max(
		from + 1,
		Math.min(lane, Math.round((((job.finishedAt ?? now) - tier.startedAt) / whole) * lane)),
	);
	return [
		...text,
		span('  '),
		span(' '.repeat(from)),
		span(look.glyphs.filled.repeat(until - from), look.markOf(job.status).tone),
	];
};

const stepRow = (step: Step, chosen: boolean, longest: number, now: number, width: number, look: Look): Line => {
	const mark = look.markOf(step.status);
	const seconds = step.status === 'skipped' ? null : elapsedSeconds(step, now);
	const lane = width >= 60 ? 16 : 0;
	const share = seconds === null ? 0 : seconds / Math.max(1, longest);
	return spread(
		[
			span(chosen ? `${look.glyphs.cursor} ` : '  ', 'accent', {bold: true}),
			span(`${fitRight(String(step.number), 2)} `, 'quiet'),
			span(`${mark.text} `, mark.tone),
			span(step.name, step.status === 'failed' ? 'bad' : undefined, {bold: chosen}),
		],
		[
			...(lane > 0 && seconds !== null
				? bar(share, lane, {...look, glyphs: {...look.glyphs, empty: ' '}}, mark.tone)
				: []),
			span(fitRight(timeText(step, now), 10), 'quiet'),
		],
		width,
		look.glyphs.ellipsis,
	);
};

const noteRow = (note: Annotation, chosen: boolean, width: number, look: Look): Line => {
	const tone: Tone = note.level === 'failure' ? 'bad' : note.level === 'warning' ? 'wait' : 'quiet';
	const where =
		note.path === '' || note.path === '.github' ? '' : `${note.path}${note.line === null ? '' : `:${note.line}`} `;
	const text = note.title === null ? note.message : `${note.message} (${note.title})`;
	return [
		span(chosen ? `${look.glyphs.cursor} ` : '  ', 'accent', {bold: true}),
		span(`${note.level === 'failure' ? look.markOf('failed').text : look.glyphs.warn} `, tone),
		span(where, 'accent'),
		span(cut(text, Math.max(10, width - 4), look.glyphs.ellipsis)),
	];
};

export const jobDetailTitle = (job: Job, tier: Tier, look: Look): Line => {
	const mark = look.turningMarkOf(job.status);
	const status = ` ${mark.text} ${job.status}${job.rawStatus ? ` (${job.rawStatus})` : ''}`;
	return [
		span(`${tierTitles[tier.name]} ${look.glyphs.cursor} `, 'quiet'),
		span(job.name, 'accent', {bold: true}),
		span(status, mark.tone, {bold: true}),
	];
};

/** Says plainly why there is no log here. */
const logHint = (job: Job): Line => [
	span(
		job.status === 'running'
			? 'GitHub has no API for the log of a running job; steps are live, v waits for it.'
			: 'v shows the log, o opens it in the browser.',
		'quiet',
	),
];

export const jobDetail = (state: State, look: Look, width: number, height: number): readonly Line[] => {
	const job = jobInView(state);
	if (!job) return [[span('This job is gone: the run was started again. esc goes back.', 'wait')]];
	const now = clockOf(state);
	const seconds = job.status === 'skipped' ? null : elapsedSeconds(job, now);
	const steps = job.steps ?? [];
	const notes = job.annotations ?? [];
	const longest = Math.max(1, ...steps.map(step => elapsedSeconds(step, now) ?? 0));
	const facts = [
		fact('time', seconds === null ? job.status : `${fromTo(job)} ${duration(seconds)}`),
		fact('step', stepText(job) ?? (job.steps === null ? 'not read yet' : plural(steps.length, 'step'))),
		logHint(job),
	];
	const cursor = Math.min(state.view.cursor, Math.max(0, steps.length + notes.length - 1));
	const rows = [
		...steps.map((step, index) => stepRow(step, index === cursor, longest, now, width, look)),
		...(notes.length > 0 ? [blank] : []),
		...notes.map((note, index) => noteRow(note, steps.length + index === cursor, width, look)),
	];
	const {start, end} = windowAround(
		rows.length,
		cursor >= steps.length ? cursor + 1 : cursor,
		Math.max(1, height - facts.length - 1),
		state.view.top,
	);
	return [...facts, blank, ...rows.slice(start, end)];
};

/** Where so much is free, events say which commit they are about, behind what they say themselves. */
const subjectsFrom = 120;
const eventTextCells = 48;

/** Of an event that does not name it itself, unless the one above it was about the same. */
const subjectOf = ({snapshot}: State, {sha, kind}: Change, above: Change | undefined): string =>
	sha === null || kind === 'commit' || above?.sha === sha
		? ''
		: (snapshot?.candidates.find(candidate => candidate.sha === sha)?.message ?? '');

const eventText = (event: Change, subject: string, width: number, look: Look): Line => {
	if (width < subjectsFrom || subject === '' || widthOf(event.text) > eventTextCells)
		return [span(cut(event.text, Math.max(8, width - 21), look.glyphs.ellipsis))];
	return [
		span(fit(event.text, eventTextCells)),
		span(`  ${cut(subject, width - 23 - eventTextCells, look.glyphs.ellipsis)}`, 'quiet'),
	];
};

/** Newest last, like a log. */
export const eventRows = (
	state: State,
	look: Look,
	width: number,
	height: number,
	cursor: number | null,
): readonly Line[] => {
	const {events} = state;
	if (events.length === 0) return [[span('Nothing has changed since the start.', 'quiet')]];
	const {start, end} = windowAround(
		events.length,
		cursor ?? events.length - 1,
		height,
		cursor === null ? events.length : state.view.top,
	);
	const shown = events.slice(start, end);
	return shown.map((event, index): Line => {
		const mark = look.markOf(event.status);
		const chosen = cursor !== null && start + index === cursor;
		return [
			span(chosen ? look.glyphs.cursor : ' ', 'accent', {bold: true}),
			span(`${clockTime(event.at)} `, 'quiet'),
			span(event.sha === null ? '' : `${short(event.sha)} `, 'accent'),
			span(`${mark.text} `, mark.tone),
			...eventText(event, subjectOf(state, event, shown[index - 1]), width, look),
		];
	});
};

/** When the last event was. */
export const eventsTitle = (state: State): Line => [
	span('Events', undefined, {bold: true}),
	span(state.events.length === 0 ? '' : ` last ${age(state.now - state.events.at(-1)!.at)} ago`, 'quiet'),
];
