/** The plan: everything that the operator has to see before confirming. What is cut first, where there is no room, is the list of commits. */
import {age, duration, limit} from '../../core/duration.ts';
import {nameOf} from '../../core/instances.ts';
import {overall} from '../../core/observation.ts';
import type {Plan, PlanCommit} from '../../core/plan.ts';
import {sentence} from '../../core/sanitise.ts';
import type {Dialog, PlanDialog} from '../../state/dialog.ts';
import {versionText} from '../../state/operation-select.ts';
import {lockText} from '../../state/plan-differences.ts';
import type {State} from '../../state/state.ts';
import {blank, cut, fit, type Line, span, wrap} from '../text.ts';
import type {Look, Tone} from '../theme.ts';
import {refusalLines, typedLine} from './dialog-parts.ts';

const fact = (name: string, value: Line): Line => [span(fit(name, 10), 'quiet'), ...value];

/** A text over several lines, with a symbol before the first. */
const said = (mark: string, text: string, tone: Tone, width: number, atMost: number, look: Look): readonly Line[] => {
	const lines = wrap(text, width - 2);
	const shown = lines.length <= atMost ? lines : [...lines.slice(0, atMost - 1), cut(lines.slice(atMost - 1).join(' '), width - 2, look.glyphs.ellipsis)];
	return shown.map((part, index): Line => [span(index === 0 ? `${mark} ` : '  ', tone, {bold: true}), span(part, tone)]);
};

/** `6 come, none goes`; reverts are shouted. */
const commitsFact = ({coming, going}: Plan, look: Look): Line => {
	if (coming === null || going === null) return fact('commits', [span('not known: the history does not reach that far', 'wait')]);
	const reverts = [...coming, ...going].filter(({isRevert}) => isRevert);
	return fact('commits', [
		span(coming.length === 0 ? 'none comes' : coming.length === 1 ? '1 comes' : `${coming.length} come`), span(', '),
		span(going.length === 0 ? 'none goes' : going.length === 1 ? '1 GOES' : `${going.length} GO`, going.length > 0 ? 'wait' : undefined, {bold: going.length > 0}),
		...(reverts.length > 0 ? [span(`  ${look.glyphs.warn} REVERTS: ${reverts.map(({sha}) => sha.slice(0, 7)).join(', ')}`, 'bad', {bold: true})] : []),
	]);
};

const migrations: Readonly<Record<Plan['migration'], {text: string; tone: Tone | undefined}>> = {
	none: {text: 'no migration', tone: undefined},
	compatible: {text: 'migrations that the release before can live with', tone: undefined},
	incompatible: {text: 'MIGRATIONS THAT CANNOT BE UNDONE: no automatic way back', tone: 'bad'},
	unknown: {text: 'migrations not known', tone: 'wait'},
};

/** The plan is made again when what is reported changes: until then the newest answer stands for the plan's own. */
const askedAt = ({observation, environment}: Plan, {operations: {observed}}: State): number => Math.max(observation.readAt, observed[environment]?.latest?.readAt ?? 0);

const healthFact = (plan: Plan, state: State, look: Look): Line => {
	const {observation} = plan;
	const askedMs = state.wallNow - askedAt(plan, state);
	const {version, isMixed, health} = overall(observation);
	if (observation.instances.length === 0) return fact('now', [span('has no addresses to ask', 'quiet')]);
	const mark = look.markOf(health === true ? 'passed' : health === false ? 'failed' : 'unknown');
	const what = isMixed ? 'MIXED versions' : version === null ? 'version unknown' : versionText(version);
	const healthy = observation.instances.filter(instance => instance.health === true).length;
	const word = health === true ? 'healthy' : health === false ? 'unhealthy' : 'health unknown';
	return fact('now', [span(`${mark.text} `, mark.tone), span(`${what}, ${word} (${healthy} of ${observation.instances.length})`, isMixed ? 'bad' : undefined), span(`, asked ${askedMs < 2000 ? 'just now' : `${age(askedMs)} ago`}`, 'quiet')]);
};

const timeFact = ({usualSeconds, p95Seconds, timeoutSeconds}: Plan): Line => {
	const usual = usualSeconds === null ? 'not known yet' : `usually ${duration(usualSeconds)}${p95Seconds === null ? '' : `, 19 of 20 within ${duration(p95Seconds)}`}`;
	return fact('takes', [span(usual), span(`, stopped after ${limit(timeoutSeconds)}`, 'quiet')]);
};

const lockTone = ({lock}: Plan): Tone | undefined => (lock.state === 'free' ? undefined : lock.state === 'unknown' ? 'wait' : 'bad');

/** With a plus what comes, with a minus what goes. */
const commitRows = (sign: '+' | '-', commits: readonly PlanCommit[] | null, width: number, look: Look): readonly Line[] => (commits ?? []).map(({sha, message, isRevert}): Line => [
	span(`${sign} `, sign === '+' ? 'good' : 'bad', {bold: true}), span(`${sha.slice(0, 7)} `, 'accent'),
	span(isRevert ? 'REVERT ' : '', 'bad', {bold: true}), span(cut(message, width - 10 - (isRevert ? 7 : 0), look.glyphs.ellipsis), isRevert ? 'bad' : undefined),
]);

const subject = (plan: Plan, state: State): string => state.snapshot?.candidates.find(({sha}) => sha === (plan.to?.sha ?? plan.sha))?.message ?? '';

/** From what is most urgent to what can be missed. */
const planLines = (plan: Plan, dialog: PlanDialog, state: State, width: number, look: Look): readonly Line[] => {
	const {warn, arrow} = look.glyphs;
	return [
		[span(plan.from === null ? 'unknown' : nameOf(plan.from)), span(` ${arrow} `, 'quiet'), span(plan.to === null ? 'unknown' : nameOf(plan.to), 'accent', {bold: true}), span(`  ${subject(plan, state)}`, 'quiet')],
		...said('$', plan.command.join(' '), 'strong', width, 2, look),
		...dialog.differences.flatMap(text => said(warn, `Changed while you looked: ${text}`, 'wait', width, 2, look)),
		...(plan.blocked ? [...said(look.markOf('failed').text, `Blocked: ${sentence(plan.blocked.because)}`, 'bad', width, 3, look), ...said(arrow, sentence(plan.blocked.next), 'accent', width, 2, look)] : []),
		...(plan.insists ? said(warn, `You insist: ${plan.offers.find(({release}) => release.id === plan.to?.release)?.because ?? 'it is not offered'}.`, 'bad', width, 2, look) : []),
		...plan.warnings.flatMap(text => said(warn, sentence(text), 'wait', width, 2, look)),
		commitsFact(plan, look),
		fact('database', [span(migrations[plan.migration].text, migrations[plan.migration].tone, {bold: plan.migration === 'incompatible'})]),
		healthFact(plan, state, look),
		fact('lock', [span(lockText(plan.lock), lockTone(plan))]),
		timeFact(plan),
		...((plan.coming?.length ?? 0) + (plan.going?.length ?? 0) > 0 ? [blank] : []),
		...commitRows('+', plan.coming, width, look),
		...commitRows('-', plan.going, width, look),
	];
};

/** What is asked of the operator, at the lower end. */
const askLines = (plan: Plan | null, dialog: PlanDialog & Dialog, width: number, look: Look): readonly Line[] => {
	if (dialog.phase === 'planning' || plan === null) return [[span('Making the plan…', 'wait')]];
	if (dialog.phase === 'starting') return [[span(`${look.turningMarkOf('running').text} Taking the locks and starting…`, 'busy')]];
	if (dialog.phase === 'refused') return refusalLines(dialog.refusal, width, look);
	if (plan.blocked) return [[span('Nothing can be confirmed. ', 'quiet'), span('r', 'accent', {bold: true}), span(' makes the plan anew, ', 'quiet'), span('esc', 'accent', {bold: true}), span(' closes.', 'quiet')]];
	const checking: Line = dialog.phase === 'checking' ? [span('  checking what has changed…', 'wait')] : [];
	if (plan.phrase === null) return [[span('Press '), span('y', 'accent', {bold: true}), span(plan.kind === 'rollback' ? ' to roll back.' : ' to deploy.'), ...checking]];
	return [
		[span('Type '), span(plan.phrase, 'accent', {bold: true}), span(' and press Enter.'), ...checking],
		typedLine(dialog.typed, plan.phrase, look),
	];
};

const nouns = {deploy: 'Deploy to', rollback: 'Roll back', promote: 'Promote to'} as const;

const isBad = ({offers, to}: Plan): boolean => offers.some(({release}) => release.id === to?.release && release.isBad);

export const planTitle = ({wish, plan}: PlanDialog): Line => {
	const isStopping = wish.kind === 'rollback' && wish.stopping !== undefined;
	return [
		span(`${isStopping ? 'Stop and roll back' : nouns[plan?.kind ?? wish.kind]} `, 'accent', {bold: true}), span(wish.environment, wish.environment === 'production' ? 'danger' : 'accent', {bold: true}),
		...(plan?.insists ? [span(` to a release that is ${isBad(plan) ? 'marked BAD' : 'not offered'}`, 'bad', {bold: true})] : []),
	];
};

/** What has no room is scrolled to; what is asked always has it. */
export const planBody = (dialog: PlanDialog & Dialog, state: State, look: Look, {width, height}: {width: number; height: number}): readonly Line[] => {
	const ask = [...askLines(dialog.plan, dialog, width, look), ...(dialog.note === null ? [] : [[span(dialog.note, 'wait')]])];
	const room = Math.max(1, height - ask.length - 1);
	const lines = dialog.plan === null ? [] : planLines(dialog.plan, dialog, state, width, look);
	if (lines.length <= room) return [...lines, blank, ...ask];
	const from = Math.min(dialog.scroll, lines.length - room + 1);
	const rest = lines.length - room + 1 - from;
	const {up, down} = look.glyphs;
	return [...lines.slice(from, from + room - 1), [span(rest > 0 ? `${down} ${rest} more lines` : `${up} the end`, 'accent')], blank, ...ask];
};
