/** What every plan says, whatever it does: facts in a column, texts with a mark, commits with a sign. */
import {age, duration, limit} from '../../../core/text/duration.ts';
import {nameOf} from '../../../core/releases/instances.ts';
import {overall} from '../../../core/releases/observation.ts';
import type {Plan, PlanCommit} from '../../../core/plan/plan.ts';
import {plural} from '../../../core/text/plural.ts';
import {listed} from '../../../core/releases/words.ts';
import {sentence} from '../../../core/text/sanitise.ts';
import type {PlanDialog} from '../../../state/model/dialog.ts';
import {versionText} from '../../../state/questions/operation-select.ts';
import {lockText} from '../../../state/dialogs/plan-differences.ts';
import type {State} from '../../../state/model/state.ts';
import {cut, fit, type Line, span, wrapAtMost} from '../../lines/text.ts';
import type {Look, Tone} from '../../lines/theme.ts';

export const fact = (name: string, value: Line): Line => [span(fit(name, 10), 'quiet'), ...value];

/** A text over several lines, with a symbol before the first. */
export const said = (
	mark: string,
	text: string,
	tone: Tone,
	width: number,
	atMost: number,
	look: Look,
): readonly Line[] => {
	return wrapAtMost(text, width - 2, atMost, look.glyphs.ellipsis).map((part, index): Line => [
		span(index === 0 ? `${mark} ` : '  ', tone, {bold: true}),
		span(part, tone),
	]);
};

const migrations: Readonly<Record<Plan['migration'], {text: string; tone: Tone | undefined}>> = {
	none: {text: 'no migration', tone: undefined},
	compatible: {text: 'migrations that the release before can live with', tone: undefined},
	incompatible: {text: 'MIGRATIONS THAT CANNOT BE UNDONE: no automatic way back', tone: 'bad'},
	unknown: {text: 'migrations not known', tone: 'wait'},
};

/** GitHub shows which files change, not whether what they do can be undone. */
const changedDatabase = (files: readonly string[]): Line =>
	fact('database', [
		span(`${plural(files.length, 'migration')}: ${listed(files)}`, 'wait'),
		span('  whether it can be undone is not known', 'quiet'),
	]);

const otherDatabase = (migration: Plan['migration']): Line =>
	fact('database', [
		span(migrations[migration].text, migrations[migration].tone, {bold: migration === 'incompatible'}),
	]);

export const databaseFact = ({migration, promotion}: Plan): Line =>
	promotion?.migrations != null && promotion.migrations.length > 0
		? changedDatabase(promotion.migrations)
		: otherDatabase(migration);

/** The plan is made again when what is reported changes: until then the newest answer stands for the plan's own. */
const askedAt = ({observation, environment}: Plan, {operations: {observed}}: State): number =>
	Math.max(observation.readAt, observed[environment]?.latest?.readAt ?? 0);

export const healthFact = (plan: Plan, state: State, look: Look): Line => {
	const {observation} = plan;
	const askedMs = state.wallNow - askedAt(plan, state);
	const {version, isMixed, health} = overall(observation);
	if (observation.instances.length === 0) return fact('now', [span('has no addresses to ask', 'quiet')]);
	const mark = look.markOf(health === true ? 'passed' : health === false ? 'failed' : 'unknown');
	const what = isMixed ? 'MIXED versions' : version === null ? 'version unknown' : versionText(version);
	const healthy = observation.instances.filter(instance => instance.health === true).length;
	const word = health === true ? 'healthy' : health === false ? 'unhealthy' : 'health unknown';
	return fact('now', [
		span(`${mark.text} `, mark.tone),
		span(`${what}, ${word} (${healthy} of ${observation.instances.length})`, isMixed ? 'bad' : undefined),
		span(`, asked ${askedMs < 2000 ? 'just now' : `${age(askedMs)} ago`}`, 'quiet'),
	]);
};

export const timeFact = ({usualSeconds, p95Seconds, timeoutSeconds}: Plan, look: Look): Line => {
	const usual =
		usualSeconds === null
			? 'unknown'
			: `median ${duration(usualSeconds)}${p95Seconds === null ? '' : `, 19 of 20 within ${duration(p95Seconds)}`}`;
	return fact('ETA', [span(usual), span(` ${look.glyphs.separator} timeout ${limit(timeoutSeconds)}`, 'quiet')]);
};

export const lockFact = ({lock}: Plan): Line =>
	fact('lock', [span(lockText(lock), lock.state === 'free' ? undefined : lock.state === 'unknown' ? 'wait' : 'bad')]);

const signTones = {'+': 'good', '-': 'bad', '·': 'quiet'} as const;

/** With a plus what comes, with a minus what goes, with a dot what stays where it is. */
export const commitRows = (
	sign: keyof typeof signTones,
	commits: readonly PlanCommit[] | null,
	width: number,
	look: Look,
): readonly Line[] =>
	(commits ?? []).map(({sha, message, isRevert}): Line => [
		span(`${sign === '·' ? look.glyphs.separator : sign} `, signTones[sign], {bold: true}),
		span(`${sha.slice(0, 7)} `, 'accent'),
		span(isRevert ? 'REVERT ' : '', 'bad', {bold: true}),
		span(cut(message, width - 10 - (isRevert ? 7 : 0), look.glyphs.ellipsis), isRevert ? 'bad' : undefined),
	]);

/** Of a hotfix only the plan itself knows the message. */
const subject = (plan: Plan, state: State): string => {
	const wanted = plan.to?.sha ?? plan.sha;
	return (
		[...(state.snapshot?.candidates ?? []), ...(plan.coming ?? [])].find(({sha}) => sha === wanted)?.message ?? ''
	);
};

/** `3f2a9c1 → 9b1c2d3  The message`. */
export const fromToLine = (plan: Plan, state: State, look: Look): Line => [
	span(plan.from === null ? 'unknown' : nameOf(plan.from)),
	span(` ${look.glyphs.arrow} `, 'quiet'),
	span(plan.to === null ? 'unknown' : nameOf(plan.to), 'accent', {bold: true}),
	span(`  ${subject(plan, state)}`, 'quiet'),
];

export const differenceLines = ({differences}: PlanDialog, width: number, look: Look): readonly Line[] =>
	differences.flatMap(text => said(look.glyphs.warn, `Changed while you looked: ${text}`, 'wait', width, 2, look));

export const blockedLines = ({blocked}: Plan, width: number, look: Look): readonly Line[] =>
	blocked === null
		? []
		: [
				...said(look.markOf('failed').text, `Blocked: ${sentence(blocked.because)}`, 'bad', width, 3, look),
				...said(look.glyphs.arrow, sentence(blocked.next), 'accent', width, 2, look),
			];

export const warningLines = ({warnings}: Pick<Plan, 'warnings'>, width: number, look: Look): readonly Line[] =>
	warnings.flatMap(text => said(look.glyphs.warn, sentence(text), 'wait', width, 2, look));
