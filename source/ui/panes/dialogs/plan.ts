/** The plan: everything that the operator has to see before confirming. What is cut first, where there is no room, is the list of commits. */
import type {Plan} from '../../../core/plan/plan.ts';
import {plural} from '../../../core/text/plural.ts';
import type {Dialog, PlanDialog} from '../../../state/model/dialog.ts';
import type {State} from '../../../state/model/state.ts';
import {blank, joined, type Line, span} from '../../lines/text.ts';
import type {Look} from '../../lines/theme.ts';
import {refusalLines, typedLine} from './dialog-parts.ts';
import {
	blockedLines,
	commitRows,
	databaseFact,
	differenceLines,
	fact,
	fromToLine,
	healthFact,
	lockFact,
	said,
	timeFact,
	warningLines,
} from './plan-parts.ts';
import {promotionLines, promotionTitle} from './promotion.ts';

/** `adds 6 commits`, `removes 5 commits`; reverts are shouted. */
const commitsFact = ({coming, going}: Plan, look: Look): Line => {
	if (coming === null || going === null)
		return fact('commits', [span('not known: the history does not reach that far', 'wait')]);
	const reverts = [...coming, ...going].filter(({isRevert}) => isRevert);
	return fact('commits', [
		...joined(
			[
				coming.length > 0 || going.length === 0 ? [span(`adds ${plural(coming.length, 'commit')}`)] : [],
				going.length > 0 ? [span(`removes ${plural(going.length, 'commit')}`, 'wait', {bold: true})] : [],
			],
			span(', '),
		),
		...(reverts.length > 0
			? [
					span(
						`  ${look.glyphs.warn} REVERTS: ${reverts.map(({sha}) => sha.slice(0, 7)).join(', ')}`,
						'bad',
						{bold: true},
					),
				]
			: []),
	]);
};

/** From what is most urgent to what can be missed. */
const planLines = (plan: Plan, dialog: PlanDialog, state: State, width: number, look: Look): readonly Line[] => {
	const {warn} = look.glyphs;
	if (plan.promotion !== null) return promotionLines(plan, plan.promotion, dialog, state, width, look);
	return [
		fromToLine(plan, state, look),
		...said('$', plan.command.join(' '), 'strong', width, 2, look),
		...differenceLines(dialog, width, look),
		...blockedLines(plan, width, look),
		...(plan.insists
			? said(
					warn,
					`Forced: ${plan.offers.find(({release}) => release.id === plan.to?.release)?.because ?? 'it is not offered'}.`,
					'bad',
					width,
					2,
					look,
				)
			: []),
		...warningLines(plan, width, look),
		commitsFact(plan, look),
		databaseFact(plan),
		healthFact(plan, state, look),
		lockFact(plan),
		timeFact(plan, look),
		...((plan.coming?.length ?? 0) + (plan.going?.length ?? 0) > 0 ? [blank] : []),
		...commitRows('+', plan.coming, width, look),
		...commitRows('-', plan.going, width, look),
	];
};

/** What can still be done about a plan that is blocked. */
const blockedAskLines = ({promotion, canPassLock, passedLock}: Plan, width: number): readonly Line[] => {
	const key = (name: string) => span(name, 'accent', {bold: true});
	const ways: Line = [key('r'), span(' rebuilds the plan, ', 'quiet'), key('esc'), span(' closes.', 'quiet')];
	const lead = 'Nothing can be confirmed. ';
	const glass: Line = [key('X'), span(' overrides (break-glass): bypasses what is not met, with a reason.', 'quiet')];
	const past: Line = [key('L'), span(' goes past the lock, in an emergency: with a phrase.', 'quiet')];
	return [
		width < lead.length + 34 ? ways : [span(lead, 'quiet'), ...ways],
		...(promotion?.canBreakGlass === true && promotion.breakGlass === null ? [glass] : []),
		...(canPassLock === true && passedLock == null ? [past] : []),
	];
};

/** What is asked of the operator, at the lower end. */
const askLines = (plan: Plan | null, dialog: PlanDialog & Dialog, width: number, look: Look): readonly Line[] => {
	if (dialog.phase === 'planning' || plan === null) return [[span('Making the plan…', 'wait')]];
	if (dialog.phase === 'starting')
		return [[span(`${look.turningMarkOf('running').text} Taking the locks and starting…`, 'busy')]];
	if (dialog.phase === 'refused') return refusalLines(dialog.refusal, width, look);
	if (plan.blocked) return blockedAskLines(plan, width);
	const checking: Line = dialog.phase === 'checking' ? [span('  checking what has changed…', 'wait')] : [];
	if (plan.phrase === null)
		return [[span('Press '), span('y', 'accent', {bold: true}), span(` to ${verbs[plan.kind]}.`), ...checking]];
	return [
		[span('Type '), span(plan.phrase, 'accent', {bold: true}), span(' and press Enter.'), ...checking],
		typedLine(dialog.typed, plan.phrase, look),
	];
};

const nouns = {deploy: 'Deploy to', rollback: 'Roll back', promote: 'Promote to'} as const;
const verbs = {deploy: 'deploy', rollback: 'roll back', promote: 'promote'} as const;

const isBad = ({offers, to}: Plan): boolean => offers.some(({release}) => release.id === to?.release && release.isBad);

export const planTitle = (dialog: PlanDialog): Line => {
	const {wish, plan} = dialog;
	if (wish.kind === 'promote') return promotionTitle(dialog);
	const isStopping = wish.kind === 'rollback' && wish.stopping !== undefined;
	return [
		span(`${isStopping ? 'Stop and roll back' : nouns[plan?.kind ?? wish.kind]} `, 'accent', {bold: true}),
		span(wish.environment, wish.environment === 'production' ? 'danger' : 'accent', {bold: true}),
		...(plan?.insists
			? [span(` to a release that is ${isBad(plan) ? 'marked BAD' : 'not offered'}`, 'bad', {bold: true})]
			: []),
	];
};

/** What has no room is scrolled to; what is asked always has it. */
export const planBody = (
	dialog: PlanDialog & Dialog,
	state: State,
	look: Look,
	{width, height}: {width: number; height: number},
): readonly Line[] => {
	const ask = [
		...askLines(dialog.plan, dialog, width, look),
		...(dialog.note === null ? [] : [[span(dialog.note, 'wait')]]),
	];
	const room = Math.max(1, height - ask.length - 1);
	const lines = dialog.plan === null ? [] : planLines(dialog.plan, dialog, state, width, look);
	if (lines.length <= room) return [...lines, blank, ...ask];
	const from = Math.min(dialog.scroll, lines.length - room + 1);
	const rest = lines.length - room + 1 - from;
	const {up, down} = look.glyphs;
	return [
		...lines.slice(from, from + room - 1),
		[span(rest > 0 ? `${down} ${rest} more lines` : `${up} the end`, 'accent')],
		blank,
		...ask,
	];
};
