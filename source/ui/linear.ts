/** The screen for ears: sentences in a fixed order, no boxes, no bars, no seconds that tick. */
import {age} from '../core/duration.ts';
import {short} from '../core/gate.ts';
import {type Tier, tierTitles} from '../core/pipeline.ts';
import {footerBindings, gateOf, paletteBindings} from '../state/keys.ts';
import {modeOf, selectedCandidate, selectedIndex, shownTiers, jobInView, tierInView} from '../state/select.ts';
import type {State} from '../state/state.ts';
import {connectionLine, trouble} from './panes/header.ts';
import {elapsedSeconds, stepText} from './panes/tiers.ts';
import {plainText} from './text.ts';
import {lookOf} from './theme.ts';

const look = lookOf({theme: 'mono', density: 'compact', symbols: 'ascii', motion: 'reduced'}, 'dark', 0);

/** Minutes only: a sentence that changes every second would be read every second. */
const time = (tier: Tier, now: number) => {
	const seconds = elapsedSeconds(tier, now);
	return seconds === null ? '' : tier.finishedAt === null ? `, for ${Math.floor(seconds / 60)} minutes of ${Math.round(tier.budgetSeconds / 60)}` : `, took ${Math.round(seconds / 60)} minutes`;
};

const tierSentence = (tier: Tier, now: number): string => {
	const failed = tier.jobs.filter(job => job.status === 'failed').map(job => job.name);
	const progress = tier.progress ? `, ${tier.progress.done} of ${tier.progress.total} tests${tier.progress.failed ? `, ${tier.progress.failed} failed` : ''}` : '';
	return `${tierTitles[tier.name]}: ${tier.status === 'none' ? 'not started' : tier.status}${time(tier, now)}${progress}${tier.because ? `, ${tier.because}` : failed.length > 0 ? `, failed: ${failed.join(', ')}` : ''}${tier.provenance === 'inferred' ? ', matched by time only' : ''}.`;
};

const board = (state: State): readonly string[] => {
	const candidate = selectedCandidate(state);
	const {snapshot} = state;
	if (!candidate || !snapshot) return ['No commit is known yet.'];
	const met = candidate.gate.conditions.filter(condition => condition.met === true).length;
	const first = candidate.gate.conditions.find(condition => condition.met === false) ?? candidate.gate.conditions.find(condition => condition.met === 'unknown');
	return [
		`Commit ${selectedIndex(state) + 1} of ${snapshot.candidates.length}: ${short(candidate.sha)}, ${candidate.message}, by ${candidate.author}.${candidate.liveOn.length > 0 ? ` Live on ${candidate.liveOn.join(' and ')}.` : ''}`,
		...shownTiers(state).map(tier => tierSentence(tier, state.now)),
		...snapshot.environments.map(({name, sha, deployedAt}) => `${name} runs ${sha === null ? 'an unknown release' : short(sha)}${deployedAt === null ? '' : `, for ${age(state.now - deployedAt)}`}.`),
		`Production gate: ${candidate.gate.open ? 'open' : 'shut'}, ${met} of ${candidate.gate.conditions.length} met${first ? `, ${first.because}` : ''}.`,
	];
};

const details = (state: State): readonly string[] => {
	const tier = tierInView(state);
	const job = jobInView(state);
	switch (modeOf(state)) {
		case 'tier': return tier ? [tierSentence(tier, state.now), ...tier.jobs.map(each => `${each.id === job?.id ? 'Chosen: ' : ''}${each.name}, ${each.status}${stepText(each) ? `, step ${stepText(each)}` : ''}.`)] : ['This commit has no such tier.'];
		case 'job': return job ? [`Job ${job.name}, ${job.status}.`, ...(job.steps ?? []).map(step => `Step ${step.number}, ${step.name}, ${step.status}.`), ...(job.annotations ?? []).map(note => `${note.level}: ${note.message}`)] : ['This job is gone.'];
		case 'gate': return (selectedCandidate(state)?.gate.conditions ?? []).map(condition => `${condition.id}: ${condition.met === true ? 'met' : condition.met === false ? 'not met' : 'unknown'}, ${condition.because}.${condition.next ? ` ${condition.next}` : ''}`);
		case 'events': return state.events.slice(-10).map(event => `${event.sha === null ? '' : `${short(event.sha)}: `}${event.text}.`);
		case 'palette': return state.view.overlay?.name === 'palette' ? [`Command: ${state.view.overlay.query}`, ...paletteBindings(state.view.overlay.query).slice(state.view.overlay.index, state.view.overlay.index + 3).map((binding, index) => `${index === 0 ? 'Chosen: ' : ''}${binding.help}.`)] : [];
		case 'search': return state.view.overlay?.name === 'search' ? [`Search: ${state.view.overlay.query}`] : [];
		default: return board(state);
	}
};

const keys = (state: State): string => `Keys: ${footerBindings(modeOf(state)).filter(binding => gateOf(binding, state).open).map(binding => `${binding.keys[0]} ${binding.label}`).join(', ')}.`;

export const linearLines = (state: State): readonly string[] => [
	`${state.repository}, ${plainText(connectionLine(state, look)).replace(/^\* /, '')}.`,
	...[trouble(state)].flatMap(found => (found ? [found.text] : [])),
	...details(state),
	...(state.toast ? [state.toast.text] : []),
	keys(state),
];
