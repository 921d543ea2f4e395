/** Promotions, sign-offs, approvals and hotfixes for ears: sentences that say the same as their dialogs. */
import {limit} from '../../core/text/duration.ts';
import {nameOf} from '../../core/releases/instances.ts';
import type {Plan, PlanCommit, PlanPromotion} from '../../core/plan/plan.ts';
import {sentence} from '../../core/text/sanitise.ts';
import {conditionTitles, worstFirst} from '../../state/view/condition-words.ts';
import {
	type AskDialog,
	type HotfixDialog,
	type ReasonDialog,
	type ReviewDialog,
	reviewPhrase,
	type SignOffDialog,
} from '../../state/model/dialog.ts';
import {plural} from '../../core/text/plural.ts';

const short = (sha: string | null): string => sha?.slice(0, 7) ?? 'unknown';

const revertSentences = (where: string, commits: readonly PlanCommit[] | null): readonly string[] =>
	(commits ?? [])
		.filter(({isRevert}) => isRevert)
		.map(({sha, message}) => `Attention, a revert ${where}: ${short(sha)}, ${sentence(message)}`);

const stayingSentence = ({staying}: PlanPromotion): string => {
	if (staying === null) return 'What it leaves out is not known.';
	return staying.length === 0
		? 'It leaves out no newer commit.'
		: `Newer commits left out: ${staying.length}, the newest ${short(staying[0]!.sha)}, ${sentence(staying[0]!.message)}`;
};

/** The most urgent first, as on the screen. */
export const promotionSentences = (plan: Plan, promotion: PlanPromotion): readonly string[] => {
	const {
		branch,
		branchAt,
		strategy,
		hotfix,
		breakGlass,
		conditions,
		configuration,
		rollbackTo,
		rollbackBecause,
		steps,
		soakSeconds,
	} = promotion;
	return [
		`Branch ${branch} from ${short(branchAt)} to ${short(plan.sha)}, by ${strategy}.`,
		...(hotfix === null ? [] : [`Attention, hotfix from ${hotfix}: it bypasses staging and E2E.`]),
		...(breakGlass === null
			? []
			: [
					`Attention, break-glass: it bypasses ${breakGlass.conditions.map(id => conditionTitles[id]).join(', ')}, because ${sentence(breakGlass.reason)}`,
				]),
		...revertSentences('left out', promotion.staying),
		...revertSentences('added', plan.coming),
		...revertSentences('removed', plan.going),
		conditions.length === 0
			? 'The evidence could not be read.'
			: `Evidence: ${conditions.filter(({met}) => met === true).length} of ${conditions.length} conditions met.`,
		...worstFirst(conditions).map(
			({id, met, because}) =>
				`${conditionTitles[id]}: ${met === true ? 'met' : met === false ? 'not met' : 'unknown'}, ${sentence(because)}`,
		),
		stayingSentence(promotion),
		configuration === null
			? 'Which configuration differs is not known.'
			: configuration.length === 0
				? 'No configuration file differs.'
				: `Configuration that differs: ${configuration.join(', ')}.`,
		rollbackTo === null
			? `No rollback is ready: ${sentence(rollbackBecause)}`
			: `Rollback is ready, to ${nameOf(rollbackTo)}${rollbackBecause === '' ? '' : `, ${rollbackBecause}`}.`,
		`It has to be healthy for ${limit(soakSeconds)} before it counts as good.`,
		...steps.map((step, index) => `Step ${index + 1}: ${sentence(step)}`),
		...(promotion.canBreakGlass && breakGlass === null ? ['X overrides (break-glass).'] : []),
	];
};

export const signOffSentences = ({sha, chosen, choices}: SignOffDialog): readonly string[] => {
	const row = choices.find(({name}) => name === chosen);
	return [
		`Sign off ${short(sha)}: which? ${choices.length} sign-offs, ${choices.filter(({given}) => given !== null).length} given.`,
		...(row
			? [
					`Chosen: ${row.name}, ${row.given === null ? 'not given' : `given${row.given.by === null ? '' : ` by ${row.given.by}`}`}.`,
				]
			: []),
	];
};

export const hotfixSentences = ({branches, chosen}: HotfixDialog): readonly string[] => {
	const row = branches?.find(({branch}) => branch === chosen);
	return [
		`Hotfix to production: which branch? ${branches === null ? 'Reading them' : plural(branches.length, 'branch', 'branches')}.`,
		...(row ? [`Chosen: ${row.branch}, ${short(row.sha)}, by ${row.author}: ${sentence(row.message)}`] : []),
	];
};

export const reviewSentences = (dialog: ReviewDialog): readonly string[] => [
	`Run ${dialog.runId} waits for the approval of ${dialog.environment}.`,
	dialog.isTyped
		? `Type approve ${dialog.environment} or refuse ${dialog.environment}, then Enter. Typed: ${dialog.typed === '' ? 'nothing' : dialog.typed}${dialog.typed === reviewPhrase(dialog) ? ', complete' : ''}.`
		: 'y approves, n refuses.',
];

export const reasonSentence = (dialog: ReasonDialog): string => {
	switch (dialog.what) {
		case 'lock':
			return `Lock ${dialog.environment}. Why: ${dialog.reason}`;
		case 'unpin':
			return `Unpin on ${dialog.environment}. Why: ${dialog.reason}`;
		case 'break-glass':
			return `Break-glass: promote ${short(dialog.wish.sha)} past ${dialog.passed.map(id => conditionTitles[id]).join(', ')}. Nothing is done yet. Why: ${dialog.reason}`;
		case 'sign-off':
			return `Sign off ${dialog.signOff} for ${short(dialog.sha)}. Enter signs. Note: ${dialog.reason}`;
	}
};

export const takeBackSentence = ({signOff, sha, given}: Extract<AskDialog, {what: 'take-back'}>): string =>
	`Take back the sign-off ${signOff} for ${short(sha)}${given.by === null ? '' : `, given by ${given.by}`}? y does.`;
