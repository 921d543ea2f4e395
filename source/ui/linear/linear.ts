/** The screen for screen readers: sentences in a fixed order, no boxes, no bars, nothing that ticks. */
import {olderNote} from '../../state/view/older-note.ts';
import {namesRunning} from '../../state/questions/operation-select.ts';
import {doubtOf} from '../../core/pipeline/doubt.ts';
import {obstacleOf} from '../../core/snapshot/answer.ts';
import {asOf, dateTime, elapsedSeconds} from '../../core/text/duration.ts';
import {short} from '../../core/gate/gate.ts';
import {
	type Candidate,
	type Condition,
	type Environment,
	type Job,
	type Tier,
	tierTitles,
} from '../../core/pipeline/pipeline.ts';
import {plural} from '../../core/text/plural.ts';
import {askedAgain, passes} from '../../core/polling/read-kinds.ts';
import {sentence} from '../../core/text/sanitise.ts';
import {answerWords, conditionTitles} from '../../state/view/condition-words.ts';
import {footerBindings, footerTextOf, gateOf, helpRows, paletteBindings} from '../../state/keys/keys.ts';
import {
	freshnessOf,
	goneSha,
	isStale,
	jobInView,
	modeOf,
	selectedCandidate,
	selectedIndex,
	shownTiers,
	tierInView,
	wayOut,
	wayOutKeys,
} from '../../state/questions/select.ts';
import type {State} from '../../state/model/state.ts';
import {listRows} from '../../state/view/window.ts';
import {
	dialogLines,
	environmentSentences,
	noticeSentences,
	operationListSentences,
	operationSentences,
} from './operations.ts';
import {failingSentences, testSentences} from './tests.ts';
import {jobLogSentences} from '../panes/logs/job-log.ts';
import {clockOf, stepText} from '../panes/board/jobs.ts';
import {tierClock} from '../panes/board/tiers.ts';

/** Without what ticks: "synced 3s ago" would be read every second. */
const connection = (state: State): string => {
	const {poll, snapshot, now, wallNow} = state;
	const data = snapshot ? `data as of ${asOf(snapshot.fetchedAt, now)}` : 'no data yet';
	switch (freshnessOf(state)) {
		case 'live':
			return 'synced';
		case 'slowed':
			return 'asking less often';
		case 'paused':
			return `paused until ${asOf(poll.nextAtWall, wallNow)}, ${data}`;
		case 'failing':
			return `GitHub does not answer, ${data}`;
		default:
			return `asking GitHub, ${data}`;
	}
};

/** What is wrong and what to do, without the age that the screen shows with it. */
const trouble = (state: State): readonly string[] => {
	const {poll} = state;
	if (poll.failure && poll.failures > 0)
		return [
			poll.failure.because,
			poll.failure.next ?? (passes(poll.failure.kind) ? askedAgain : 'R asks again now.'),
			...(wayOut(state) === null ? [] : [wayOutKeys]),
		].map(text => sentence(text));
	if (poll.partial.length > 0) return [`GitHub left something out: ${sentence(poll.partial[0]!)}`];
	return poll.because === null ? [] : [`Asking less often: ${sentence(poll.because)}`];
};

/** Minutes only: a sentence that changes every second would be read every second. */
const time = (tier: Tier, now: number): string => {
	const seconds = elapsedSeconds(tier, now);
	if (seconds === null) return '';
	return tier.finishedAt === null
		? `, for ${plural(Math.floor(seconds / 60), 'minute')} of ${Math.round(tier.budgetSeconds / 60)}`
		: `, took ${plural(Math.round(seconds / 60), 'minute')}`;
};

/** In steps of a tenth, for the same reason. */
const progressOf = ({progress}: Tier): string =>
	progress
		? `, ${Math.floor((progress.done / progress.total) * 10) * 10}% of ${progress.total} tests done${progress.failed ? `, ${progress.failed} failed` : ''}`
		: '';

const minutesAndUp = (milliseconds: number): string => {
	const minutes = Math.floor(milliseconds / 60_000);
	const [count, unit] =
		minutes < 60
			? [minutes, 'minute']
			: minutes < 2880
				? [Math.floor(minutes / 60), 'hour']
				: [Math.floor(minutes / 1440), 'day'];
	return minutes < 1 ? 'less than a minute' : plural(count, unit);
};

const reasonOf = (tier: Tier): string => {
	const failed = tier.jobs.filter(job => job.status === 'failed').map(job => job.name);
	return tier.because ? `, ${tier.because}` : failed.length > 0 ? `, failed: ${failed.join(', ')}` : '';
};

const tierSentence = (tier: Tier, now: number): string => {
	const status = tier.status === 'none' ? 'not started' : tier.status;
	const doubt = doubtOf(tier) === null ? '' : `, ${doubtOf(tier)!.sentence}`;
	return `${tierTitles[tier.name]}: ${status}${time(tier, now)}${progressOf(tier)}${reasonOf(tier)}${doubt}.`;
};

const commitSentence = (state: State, candidate: Candidate): string => {
	const mode = state.view.selectedSha === null ? 'following the active release' : 'chosen';
	const running = namesRunning(state, candidate);
	const note = olderNote(state);
	const isLast = note !== null && candidate.sha === state.snapshot!.candidates.at(-1)?.sha;
	const live = running.length > 0 ? ` Runs on ${running.join(' and ')}.` : '';
	return `Commit ${selectedIndex(state) + 1} of ${state.snapshot!.candidates.length}, ${mode}: ${short(candidate.sha)}, ${candidate.message}, by ${candidate.author || '(unknown)'}.${live}${isLast ? ` Below it: ${note}.` : ''}`;
};

const environmentSentence = ({name, sha, deployedAt}: Environment, now: number): string =>
	`${name} runs ${sha === null ? 'an unknown release' : short(sha)}${deployedAt === null ? '' : `, for ${minutesAndUp(now - deployedAt)}`}.`;

const board = (state: State): readonly string[] => {
	const candidate = selectedCandidate(state);
	const {snapshot} = state;
	if (!candidate || !snapshot) return ['No commit is known yet.'];
	const {conditions} = candidate.gate;
	const first = obstacleOf(candidate.gate);
	const isDone = candidate.answer === 'in-production' || candidate.answer === 'older';
	const verdict =
		candidate.answer === 'ready' && isStale(state) ? 'blocked, the data is old' : answerWords[candidate.answer];
	return [
		commitSentence(state, candidate),
		...shownTiers(state).flatMap(tier => [
			tierSentence(tier, tierClock(state, tier)),
			...failingSentences(state, tier),
		]),
		...snapshot.environments.flatMap(environment => [
			environmentSentence(environment, clockOf(state)),
			...environmentSentences(state, environment.name),
		]),
		`Production gate: ${verdict}, ${conditions.filter(condition => condition.met === true).length} of ${conditions.length} met${first && !isDone ? `, ${first.because}` : ''}.`,
	];
};

const jobSentence = (job: Job, chosen: boolean): string =>
	`${chosen ? 'Chosen: ' : ''}${job.name}, ${job.status}${stepText(job) ? `, step ${stepText(job)}` : ''}.`;

const jobLines = (job: Job | null): readonly string[] =>
	job === null
		? ['This job is gone.']
		: [
				`Job ${job.name}, ${job.status}.`,
				...(job.steps ?? []).map(step => `Step ${step.number}, ${step.name}, ${step.status}.`),
				...(job.annotations ?? []).map(note => `${note.level}: ${note.message}`),
			];

const conditionSentence = ({id, met, because, next}: Condition): string =>
	`${conditionTitles[id]}: ${met === true ? 'met' : met === false ? 'not met' : 'unknown'}, ${because}.${next ? ` ${next}` : ''}`;

const help = (state: State): readonly string[] => {
	const offset = state.view.overlay?.name === 'help' ? state.view.overlay.cursor : 0;
	return helpRows()
		.slice(offset, offset + listRows(state))
		.map(row => ('group' in row ? `${row.group}:` : `${row.binding.keys.join(' or ')}: ${row.binding.help}.`));
};

const palette = ({view: {overlay}}: State): readonly string[] =>
	overlay?.name !== 'palette'
		? []
		: [
				`Command: ${overlay.query}`,
				...paletteBindings(overlay.query)
					.slice(overlay.index, overlay.index + 3)
					.map((binding, index) => `${index === 0 ? 'Chosen: ' : ''}${binding.help}.`),
			];

const details = (state: State): readonly string[] => {
	const tier = tierInView(state);
	const job = jobInView(state);
	switch (modeOf(state)) {
		case 'tier':
			return tier
				? [
						tierSentence(tier, tierClock(state, tier)),
						...tier.jobs.map(each => jobSentence(each, each.id === job?.id)),
					]
				: ['This commit has no such tier.'];
		case 'job':
			return jobLines(job);
		case 'tests':
			return testSentences(state);
		case 'job-log':
			return jobLogSentences(state);
		case 'gate':
			return (selectedCandidate(state)?.gate.conditions ?? []).map(condition => conditionSentence(condition));
		case 'events':
			return state.events
				.slice(-10)
				.map(event => `${event.sha === null ? '' : `${short(event.sha)}: `}${event.text}.`);
		case 'operations':
			return operationListSentences(state);
		case 'operation':
			return operationSentences(state);
		case 'help':
			return help(state);
		case 'palette':
			return palette(state);
		case 'search':
			return state.view.overlay?.name === 'search' ? [`Search: ${state.view.overlay.query}`] : [];
		default:
			return board(state);
	}
};

const gone = (state: State): readonly string[] => {
	const sha = goneSha(state);
	return sha === null ? [] : [`${short(sha)} is no longer among the newest commits.`];
};

const keys = (state: State): string =>
	`Keys: ${footerBindings(state)
		.filter(binding => gateOf(binding, state).open)
		.map(binding => {
			const {key, label} = footerTextOf(binding, state);
			return `${key} ${label}`;
		})
		.join(', ')}.`;

/** Before anything else: this is not now. */
const replaySentences = ({replay, now}: State): readonly string[] => {
	if (replay === null) return [];
	const how = replay.isEnded ? 'end of the recording' : replay.isPaused ? 'paused' : `${replay.speed} times as fast`;
	return [`Replay of ${dateTime(now).slice(0, 16)}, ${how}${replay.frame?.isDamaged ? ', damaged here' : ''}.`];
};

export const linearLines = (state: State): readonly string[] => [
	...replaySentences(state),
	`${state.repository}, ${connection(state)}.`,
	...trouble(state),
	...noticeSentences(state),
	...gone(state),
	...(state.dialog ? dialogLines(state, state.dialog) : details(state)),
	...(state.toast ? [state.toast.text] : []),
	keys(state),
];
