/** Dialogs about sign-offs, approvals, hotfixes and broken glass: what they say. */
import {age} from '../../../core/text/duration.ts';
import {tierTitles} from '../../../core/pipeline/pipeline.ts';
import {conditionTitles} from '../../../state/view/condition-words.ts';
import {
	type AskDialog,
	type HotfixDialog,
	type ReasonDialog,
	type ReviewDialog,
	reviewPhrase,
	type SignOffDialog,
} from '../../../state/model/dialog.ts';
import {isStillHeld} from '../../../state/promotions/release-select.ts';
import type {State} from '../../../state/model/state.ts';
import {windowAround} from '../../../state/view/window.ts';
import type {Size} from '../../lines/layout.ts';
import {blank, cut, fit, fitRight, type Line, span, widthOf, wrap} from '../../lines/text.ts';
import type {Look, Tone} from '../../lines/theme.ts';
import {busyOr, cursor, pressLine, textLine, typedLine} from './dialog-parts.ts';

const said = (text: string, width: number, tone: Tone = 'quiet'): readonly Line[] =>
	wrap(text, width).map((part): Line => [span(part, tone)]);
const commitLine = (sha: string, state: State, look: Look, width: number): Line => [
	span(`${sha.slice(0, 7)} `, 'accent', {bold: true}),
	span(
		cut(
			state.snapshot?.candidates.find(candidate => candidate.sha === sha)?.message ?? '',
			width - 9,
			look.glyphs.ellipsis,
		),
	),
];
/** GitHub's times are told by GitHub's clock. */
const since = (at: number | null, {now}: State): string => (at === null ? '' : `, ${age(now - at)} ago`);

export const signOffLines = (dialog: SignOffDialog, state: State, look: Look, width: number): readonly Line[] => {
	const chosen = dialog.choices.find(({name}) => name === dialog.chosen);
	const cells = Math.min(24, Math.max(...dialog.choices.map(({name}) => widthOf(name)))) + 2;
	return [
		commitLine(dialog.sha, state, look, width),
		blank,
		...dialog.choices.map(({name, by, given}): Line => {
			const mark = look.markOf(given === null ? 'waiting' : 'passed');
			const who = by.length === 0 ? '' : `, ${by.join(' or ')} can give it`;
			const text =
				given === null
					? `not given${who}`
					: `given${given.by === null ? '' : ` by ${given.by}`}${since(given.at, state)}`;
			return [
				cursor(name === dialog.chosen, look),
				span(`${mark.text} `, mark.tone),
				span(fit(name, cells, look.glyphs.ellipsis), undefined, {bold: name === dialog.chosen}),
				span(text, given === null ? 'wait' : 'quiet'),
			];
		}),
		blank,
		[span(chosen?.given ? 'Enter asks whether to take it back.' : 'Enter asks for a note, and gives it.', 'quiet')],
	];
};

/** Widest that a branch is shown beside its commit's message. */
const branchCells = 26;

export const hotfixLines = (dialog: HotfixDialog, state: State, look: Look, {width, height}: Size): readonly Line[] => {
	const {branches} = dialog;
	if (branches === null) return [[span('Reading the branches…', 'wait')]];
	if (dialog.refusal !== null) return [];
	const cells = Math.min(branchCells, Math.max(...branches.map(({branch}) => widthOf(branch))));
	const at = branches.findIndex(({branch}) => branch === dialog.chosen);
	const {start, end} = windowAround(branches.length, at, Math.max(1, height - 6));
	const author = width < 70 ? 0 : 12;
	const rows = branches
		.slice(start, end)
		.map(({branch, sha, message, author: by, at: committedAt}): Line => [
			cursor(branch === dialog.chosen, look),
			span(fit(branch, cells, look.glyphs.ellipsis), undefined, {bold: branch === dialog.chosen}),
			span(`  ${sha.slice(0, 7)} `, 'accent'),
			span(fit(message, Math.max(0, width - cells - author - 17), look.glyphs.ellipsis), 'quiet'),
			span(author === 0 ? '' : ` ${fit(by, author - 1, look.glyphs.ellipsis)}`, 'quiet'),
			span(fitRight(age(state.now - committedAt), 5), 'quiet'),
		]);
	const chosen = branches[at];
	return [
		...rows,
		blank,
		...(chosen
			? [[span(cut(chosen.message, width, look.glyphs.ellipsis)), span(`, ${chosen.author}`, 'quiet')] as Line]
			: []),
		...said('A hotfix goes past staging and E2E, on its fast tests and a review.', width).slice(0, 2),
	];
};

export const breakGlassLines = (
	dialog: Extract<ReasonDialog, {what: 'break-glass'}>,
	look: Look,
	width: number,
): readonly Line[] => {
	const passed = dialog.passed.map(id => conditionTitles[id]).join(', ');
	return [
		...wrap(`It goes past what is not met: ${passed}.`, width - 2).map((text, index): Line => [
			span(`${index === 0 ? look.glyphs.warn : ' '} ${text}`, 'bad', {bold: true}),
		]),
		...said(
			'Nothing is done yet: the plan is rebuilt and needs its own confirmation phrase. The reason is recorded and announced. The lock is never passed.',
			width,
		),
		blank,
		[span('Why, in a few words:')],
		textLine(dialog.reason, true),
	];
};

export const signLines = (
	dialog: Extract<ReasonDialog, {what: 'sign-off'}>,
	state: State,
	look: Look,
	width: number,
): readonly Line[] => [
	commitLine(dialog.sha, state, look, width),
	...said('You sign for this commit alone, with your name; everybody sees it.', width),
	blank,
	...busyOr(
		dialog.phase,
		[[span('A note, if there is something to say; Enter signs:')], textLine(dialog.reason, true)],
		look,
	),
];

export const takeBackLines = (
	dialog: Extract<AskDialog, {what: 'take-back'}>,
	state: State,
	look: Look,
	width: number,
): readonly Line[] => [
	commitLine(dialog.sha, state, look, width),
	...said(
		`${dialog.signOff} was given${dialog.given.by === null ? '' : ` by ${dialog.given.by}`}${since(dialog.given.at, state)}. Without it the production gate is blocked until somebody signs again.`,
		width,
	),
	blank,
	...busyOr(dialog.phase, [pressLine('y', 'take it back')], look),
];

/** What the run is about, as far as it was read. */
const subjectLines = ({runId}: ReviewDialog, state: State, look: Look, width: number): readonly Line[] => {
	const candidate = state.snapshot?.candidates.find(({tiers}) =>
		Object.values(tiers).some(tier => tier.runId === runId),
	);
	const tier = candidate && Object.values(candidate.tiers).find(each => each.runId === runId);
	const run = state.facts?.runs.find(({id}) => id === runId);
	const what = tier ? tierTitles[tier.name] : (run?.workflowName ?? '');
	const sha = candidate?.sha ?? run?.headSha ?? null;
	return [
		[span(fit('run', 10), 'quiet'), span(`${what === '' ? '' : `${what}, `}${runId}`, undefined, {bold: true})],
		...(sha === null ? [] : [[span(fit('commit', 10), 'quiet'), ...commitLine(sha, state, look, width - 10)]]),
	];
};

export const reviewLines = (dialog: ReviewDialog, state: State, look: Look, width: number): readonly Line[] => {
	const {environment, waitingSince, isTyped, typed, phase} = dialog;
	const tone = environment === 'production' ? 'danger' : 'accent';
	const ask: readonly Line[] = isTyped
		? [
				[span('Type '), span(`approve ${environment}`, 'accent', {bold: true}), span(' and press Enter.')],
				[
					span('Or '),
					span(`refuse ${environment}`, 'accent', {bold: true}),
					span(': the run ends, nothing is deployed by it.', 'quiet'),
				],
				typedLine(typed, reviewPhrase(dialog), look),
			]
		: [
				pressLine('y', 'approve: the run goes on'),
				pressLine('n', 'refuse: the run ends, nothing is deployed by it'),
			];
	return [
		...subjectLines(dialog, state, look, width),
		[
			span(fit('waits for', 10), 'quiet'),
			span(environment, tone, {bold: true}),
			span(waitingSince === null ? '' : `, for ${age(state.now - waitingSince)}`, 'quiet'),
		],
		blank,
		...(phase === 'ready' && isStillHeld(state, dialog.runId, environment) === false
			? [[span('It waits no longer: somebody else has answered, or it has ended. esc closes.', 'wait')] as Line]
			: busyOr(phase, ask, look)),
	];
};
