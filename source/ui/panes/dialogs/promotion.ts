/** The plan of a promotion: the move, what is in its way, the evidence that it goes on, the commits, and what will be done. */
import {age, limit} from '../../../core/text/duration.ts';
import {nameOf} from '../../../core/releases/instances.ts';
import type {Candidate, Condition} from '../../../core/pipeline/pipeline.ts';
import type {Plan, PlanCommit, PlanPromotion} from '../../../core/plan/plan.ts';
import {plural} from '../../../core/text/plural.ts';
import type {Settings} from '../../../core/settings/settings.ts';
import {conditionTitles, provenAt, reasonOf, worstFirst} from '../../../state/view/condition-words.ts';
import type {PlanDialog} from '../../../state/model/dialog.ts';
import type {State} from '../../../state/model/state.ts';
import {conditionMark} from '../board/gate.ts';
import {blank, cut, fit, fitRight, type Line, span, wrap} from '../../lines/text.ts';
import type {Look, Tone} from '../../lines/theme.ts';
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

const short = (sha: string | null): string => sha?.slice(0, 7) ?? 'unknown';

const strategyWords = ({strategy}: PlanPromotion, {promotion, environments}: Settings): string => {
	switch (strategy) {
		case 'fast-forward':
			return 'fast-forward';
		case 'pull-request':
			return 'by a pull request';
		case 'merge-queue':
			return 'by the merge queue';
		case 'workflow':
			return `by the workflow ${promotion.workflow}`;
		case 'script':
			return `by the script ${environments.find(({name}) => name === 'production')?.deploy.path ?? 'scripts/deploy.sh'}`;
	}
};

/** `main 1a2b3c4 → 3f2a9c1, fast-forward`. */
const branchLine = (plan: Plan, promotion: PlanPromotion, {settings}: State, look: Look): Line => [
	span(`${promotion.branch} `, undefined, {bold: true}),
	span(short(promotion.branchAt), promotion.branchAt === null ? 'wait' : undefined),
	span(` ${look.glyphs.arrow} `, 'quiet'),
	span(short(plan.sha)),
	span(`, ${strategyWords(promotion, settings)}`),
];

/** What is unusual about it, before anything else that could be read. */
const bannerLines = ({hotfix, breakGlass}: PlanPromotion, width: number, look: Look): readonly Line[] => {
	const {warn} = look.glyphs;
	const passed = breakGlass?.conditions.map(id => conditionTitles[id]).join(', ') ?? '';
	return [
		...(hotfix === null ? [] : said(warn, `HOTFIX ${hotfix}: bypasses staging and E2E.`, 'bad', width, 2, look)),
		...(breakGlass === null
			? []
			: [
					...said(
						warn,
						passed === '' ? 'BREAK-GLASS: it bypasses nothing now.' : `BREAK-GLASS: bypasses ${passed}.`,
						'bad',
						width,
						3,
						look,
					),
					...said(' ', `Because: ${breakGlass.reason} (recorded and announced)`, 'bad', width, 3, look),
				]),
	];
};

/** More reverts than these are counted. */
const revertsNamed = 3;

const revertLines = (
	where: string,
	commits: readonly PlanCommit[] | null,
	width: number,
	look: Look,
): readonly Line[] => {
	const reverts = (commits ?? []).filter(({isRevert}) => isRevert);
	const lead = `REVERT ${where}: `;
	return [
		...reverts
			.slice(0, revertsNamed)
			.map(({sha, message}): Line => [
				span(`${look.glyphs.warn} ${lead}`, 'bad', {bold: true}),
				span(`${short(sha)} `, 'accent', {bold: true}),
				span(cut(message, Math.max(8, width - lead.length - 10), look.glyphs.ellipsis), 'bad', {bold: true}),
			]),
		...(reverts.length > revertsNamed
			? [[span(`  and ${reverts.length - revertsNamed} more REVERTS`, 'bad', {bold: true})] as Line]
			: []),
	];
};

/** What is shouted above needs no warning of its own. */
const withoutShouted = (plan: Plan, {staying}: PlanPromotion): Pick<Plan, 'warnings'> => {
	const reverts = [...(staying ?? []), ...(plan.coming ?? []), ...(plan.going ?? [])]
		.filter(({isRevert}) => isRevert)
		.map(({sha}) => short(sha));
	return {
		warnings: plan.warnings.filter(text => !(/\brevert\b/i.test(text) && reverts.some(sha => text.includes(sha)))),
	};
};

const titleCells = 14;
const ageCells = 5;

type Evidence = {
	promotion: PlanPromotion;
	/** Of the plan's commit, on the screen; null: it is not there. */
	candidate: Candidate | null;
	now: number;
};

/** One line each; two where it is not met and the reason does not fit. */
const evidenceRow = (
	condition: Condition,
	{promotion, candidate, now}: Evidence,
	width: number,
	look: Look,
): readonly Line[] => {
	const {id, met} = condition;
	const mark = conditionMark(condition, candidate, look);
	const tone = met === true ? undefined : mark.tone;
	const room = Math.max(8, width - 2 - titleCells - ageCells);
	const at = (id === 'e2e-green' && met === true ? promotion.evidenceAt : null) ?? provenAt(condition);
	const reason = reasonOf(condition);
	const [first = '', ...more] = met === true ? [cut(reason, room, look.glyphs.ellipsis)] : wrap(reason, room);
	return [
		[
			span(`${mark.text} `, mark.tone, {bold: met !== true}),
			span(fit(conditionTitles[id], titleCells), tone, {bold: met !== true}),
			span(fit(first, room, look.glyphs.ellipsis), met === true ? 'quiet' : tone),
			span(at === null ? '' : fitRight(age(now - at), ageCells), 'quiet'),
		],
		...(more.length === 0
			? []
			: [
					[
						span(' '.repeat(2 + titleCells)),
						span(cut(more.join(' '), room, look.glyphs.ellipsis), tone),
					] as Line,
				]),
	];
};

/** What is not met, one row each; what is met is one word of the first line, and in rows at the end. */
const evidenceLines = (evidence: Evidence, width: number, look: Look): readonly Line[] => {
	const {
		promotion: {conditions, evidenceAt},
		now,
	} = evidence;
	if (conditions.length === 0) return [fact('evidence', [span('could not be read', 'wait', {bold: true})])];
	const met = conditions.filter(condition => condition.met === true).length;
	const isRested =
		evidenceAt !== null && conditions.some(condition => condition.id === 'e2e-green' && condition.met === true);
	return [
		fact('evidence', [
			span(`${met} of ${conditions.length} conditions met`, met === conditions.length ? 'good' : 'bad', {
				bold: true,
			}),
			span(isRested ? `, E2E ended ${age(now - evidenceAt)} ago` : '', 'quiet'),
		]),
		...worstFirst(conditions)
			.filter(({met: isMet}) => isMet !== true)
			.flatMap(condition => evidenceRow(condition, evidence, width, look)),
	];
};

/** What each condition that is met rests on, and since when. */
const metLines = (evidence: Evidence, width: number, look: Look): readonly Line[] => {
	const rows = evidence.promotion.conditions
		.filter(({met}) => met === true)
		.flatMap(condition => evidenceRow(condition, evidence, width, look));
	return rows.length === 0 ? [] : [blank, [span('Conditions met', undefined, {bold: true})], ...rows];
};

/** A fact that may take several lines. */
const longFact = (name: string, text: string, tone: Tone | undefined, width: number): readonly Line[] =>
	wrap(text, width - 10).map((part, index) => fact(index === 0 ? name : '', [span(part, tone)]));

const commitsFact = ({coming, going}: Plan, {staying}: PlanPromotion): Line => {
	if (coming === null || going === null)
		return fact('commits', [span('not known: the history does not reach that far', 'wait')]);
	return fact('commits', [
		span(`adds ${plural(coming.length, 'commit')} to production`),
		...(going.length > 0
			? [span(', '), span(`REMOVES ${plural(going.length, 'commit')}`, 'bad' as const, {bold: true})]
			: []),
		span(
			staying === null
				? '; what it leaves out is not known'
				: staying.length > 0
					? `; ${plural(staying.length, 'newer commit')} left out`
					: '',
			'wait',
		),
	]);
};

const configurationLines = ({configuration}: PlanPromotion, width: number): readonly Line[] => {
	if (configuration === null) return [fact('config', [span('what differs is not known', 'wait')])];
	if (configuration.length === 0) return [fact('config', [span('no configuration file differs')])];
	return longFact(
		'config',
		`${plural(configuration.length, 'file differs', 'files differ')}: ${configuration.join(', ')}`,
		'wait',
		width,
	);
};

const rollbackLines = ({rollbackTo, rollbackBecause}: PlanPromotion, width: number, look: Look): readonly Line[] =>
	rollbackTo === null
		? longFact('rollback', `${look.markOf('failed').text} none is ready: ${rollbackBecause}`, 'wait', width)
		: [
				fact('rollback', [
					span(`${look.markOf('passed').text} `, 'good'),
					span(`ready, to ${nameOf(rollbackTo)}`),
					span(rollbackBecause === '' ? '' : `, ${rollbackBecause}`, 'quiet'),
				]),
			];

const listLines = (
	title: string,
	sign: '+' | '-' | '·',
	commits: readonly PlanCommit[] | null,
	width: number,
	look: Look,
): readonly Line[] =>
	(commits ?? []).length === 0
		? []
		: [blank, [span(title, undefined, {bold: true})], ...commitRows(sign, commits, width, look)];

/** What may make somebody stop is read before the evidence, the rest after it; what is met comes last. */
const changeFacts = (
	plan: Plan,
	promotion: PlanPromotion,
	width: number,
	look: Look,
): ReadonlyArray<{isUrgent: boolean; lines: readonly Line[]}> => [
	{isUrgent: (plan.going?.length ?? 0) > 0, lines: [commitsFact(plan, promotion)]},
	{isUrgent: plan.migration === 'incompatible', lines: [databaseFact(plan)]},
	{isUrgent: false, lines: configurationLines(promotion, width)},
	{isUrgent: promotion.rollbackTo === null, lines: rollbackLines(promotion, width, look)},
];

/** From what is most urgent to what can be missed. */
export const promotionLines = (
	plan: Plan,
	promotion: PlanPromotion,
	dialog: PlanDialog,
	state: State,
	width: number,
	look: Look,
): readonly Line[] => {
	const facts = changeFacts(plan, promotion, width, look);
	const candidate = state.snapshot?.candidates.find(({sha}) => sha === plan.sha) ?? null;
	const evidence = {promotion, candidate, now: state.now};
	const factsThat = (wanted: boolean) =>
		facts.filter(({isUrgent}) => isUrgent === wanted).flatMap(({lines}) => lines);
	return [
		fromToLine(plan, state, look),
		branchLine(plan, promotion, state, look),
		...blockedLines(plan, width, look),
		...differenceLines(dialog, width, look),
		...bannerLines(promotion, width, look),
		...revertLines('left out', promotion.staying, width, look),
		...revertLines('added', plan.coming, width, look),
		...revertLines('removed', plan.going, width, look),
		...warningLines(withoutShouted(plan, promotion), width, look),
		...factsThat(true),
		...evidenceLines(evidence, width, look),
		...factsThat(false),
		...listLines('Added to production', '+', plan.coming, width, look),
		...listLines('Removed from production', '-', plan.going, width, look),
		...((plan.coming?.length ?? 0) + (plan.going?.length ?? 0) > 0 ? [blank] : []),
		healthFact(plan, state, look),
		lockFact(plan),
		timeFact(plan, look),
		fact('soak', [
			span(
				promotion.soakSeconds === 0
					? 'none: it counts as good as soon as it is healthy'
					: `healthy for ${limit(promotion.soakSeconds)} before it counts as good`,
			),
		]),
		...promotion.steps.flatMap((step, index) =>
			longFact(index === 0 ? 'steps' : '', `${index + 1} ${step}`, undefined, width),
		),
		...listLines('Left out, newer', '·', promotion.staying, width, look),
		...metLines(evidence, width, look),
	];
};

export const promotionTitle = ({wish, plan}: PlanDialog): Line => {
	const isBroken = plan?.promotion?.breakGlass != null || (wish.kind === 'promote' && wish.breakGlass !== undefined);
	const isHotfix = wish.kind === 'promote' && wish.hotfix !== undefined;
	const what = isHotfix ? 'Hotfix to ' : 'Promote to ';
	return [
		...(isBroken ? [span('Break-glass: ', 'bad', {bold: true})] : []),
		span(isBroken ? what.toLowerCase() : what, 'accent', {bold: true}),
		span(wish.environment, 'danger', {bold: true}),
	];
};
