/** What an environment says of itself, as symbol and words. */
import {age} from '../../../core/text/duration.ts';
import type {Readiness} from '../../../core/releases/release.ts';
import {type Condition, conditionOf, reportedVersions, versionText} from '../../../state/questions/operation-select.ts';
import type {State} from '../../../state/model/state.ts';
import {type Line, type Span, span} from '../../lines/text.ts';
import type {Look, Tone} from '../../lines/theme.ts';

const words: Readonly<Record<Condition, {word: string; tone: Tone; mark: 'passed' | 'failed' | 'unknown' | 'warn'}>> = {
	silent: {word: '', tone: 'quiet', mark: 'unknown'},
	asking: {word: 'checking', tone: 'wait', mark: 'unknown'},
	blind: {word: 'blind', tone: 'wait', mark: 'unknown'},
	mixed: {word: 'MIXED', tone: 'bad', mark: 'warn'},
	flapping: {word: 'flapping', tone: 'wait', mark: 'warn'},
	unhealthy: {word: 'unhealthy', tone: 'bad', mark: 'failed'},
	healthy: {word: 'healthy', tone: 'good', mark: 'passed'},
	unknown: {word: 'health unknown', tone: 'wait', mark: 'unknown'},
};

export const conditionMark = (condition: Condition, look: Look): {text: string; tone: Tone} => {
	const {mark, tone} = words[condition];
	return {text: mark === 'warn' ? look.glyphs.warn : look.markOf(mark).text, tone};
};

/** Answers come every few seconds; only what is older than that says how old. */
const oldAfterMs = 15_000;

/** `2 of 3` where only some instances are healthy; nothing where there is one. */
const shareOf = (state: State, environment: string): string => {
	const instances = state.operations.observed[environment]?.latest?.instances ?? [];
	const healthy = instances.filter(({health}) => health === true).length;
	return instances.length < 2 || conditionOf(state, environment) === 'mixed' ? '' : ` ${healthy}/${instances.length}`;
};

const ageOf = (state: State, environment: string): string => {
	const readAt = state.operations.observed[environment]?.latest?.readAt;
	return readAt === undefined || state.wallNow - readAt < oldAfterMs ? '' : `, ${age(state.wallNow - readAt)} ago`;
};

/** `healthy 2/2`, `blind for 40s`. */
export const healthSpans = (state: State, environment: string): Line => {
	const condition = conditionOf(state, environment);
	const {word, tone} = words[condition];
	const told = state.operations.observed[environment]?.lastTold;
	if (condition === 'blind')
		return [
			span(word, tone, {bold: true}),
			span(told ? ` for ${age(state.wallNow - told.readAt)}` : ', nothing answers', tone),
		];
	return [
		span(`${word}${shareOf(state, environment)}`, tone, {bold: tone === 'bad'}),
		span(ageOf(state, environment), 'wait'),
	];
};

/** `3f2a9c1`, or both where there are two. */
export const versionSpans = (state: State, environment: string, look: Look): readonly Span[] => {
	const versions = reportedVersions(state, environment).map(versionText);
	return versions.length === 0
		? []
		: [
				span(
					versions.slice(0, 3).join(` ${look.glyphs.separator} `) +
						(versions.length > 3 ? look.glyphs.ellipsis : ''),
					undefined,
					{bold: true},
				),
			];
};

/** Said before it is needed. */
export const readinessSpans = (readiness: Readiness | null, look: Look): Line => {
	if (readiness === null) return [];
	if (readiness.ready === true && readiness.to.wasHealthy === 'unproven')
		return [
			span('rollback possible to ', 'quiet'),
			span(versionText(readiness.to.sha ?? readiness.to.id)),
			span(', unproven', 'wait'),
		];
	if (readiness.ready === true)
		return [
			span('rollback ready to ', 'quiet'),
			span(versionText(readiness.to.sha ?? readiness.to.id)),
			span(` ${look.markOf('passed').text}`, 'good'),
		];
	return readiness.ready === 'unknown'
		? [span(`rollback unknown: ${readiness.because}`, 'quiet')]
		: [span(`${look.markOf('failed').text} no rollback: ${readiness.because}`, 'wait')];
};
