/**
Who promotes, as GitHub itself says it. Pure. A lock is a ref that anybody with write access can make, in anybody's name: the workflow's gate
believes neither a hotfix nor a broken glass from it alone. What GitHub attests is who started the run that deploys (`triggering_actor`) and
who posted a commit status (`creator`): both have to be the same person, and one who may.
*/
import {duration} from '../text/duration.ts';
import {breakableIds, short} from '../gate/gate.ts';
import {met, notMet, unknown, type Verdict} from '../pipeline/verdicts.ts';
import type {Condition, ConditionId} from '../pipeline/pipeline.ts';
import {isPerson} from '../gate/sign-offs.ts';
import type {PromotionSettings} from '../settings/settings.ts';

/** The run that asks the gate, as GitHub has it. `actor`: who started this very attempt; null: GitHub does not say. `isPerson`: an account of a person, by GitHub's word. */
export type AskingRun = {runId: number; event: string; actor: string | null; isPerson: boolean; url: string};
/** A word about a commit that GitHub files under the login of whoever posted it; milliseconds by GitHub's clock. */
export type AttestedWord = {by: string; text: string; at: number; isGiven: boolean};

/** A sign-off that counts, and whose it is. */
export type Signer = {name: string; by: string};

/** What the promotion claims that holds the lock, or whoever calls the gate. */
export type Claims = {hotfix: string | null; isGlassBroken: boolean};
/** The newest word of each kind by whoever promotes; null: there is none. */
export type AttestedWords = {hotfix: AttestedWord | null; glass: AttestedWord | null};

/** Someone pressed a button or pushed; what runs by itself (`schedule`, `workflow_run`) names whoever happened to come before. */
const startedBySomebody: ReadonlySet<string> = new Set([
	'push',
	'workflow_dispatch',
	'repository_dispatch',
	'deployment',
]);
/** Clocks of GitHub's machines differ a little. */
const toleranceMs = 60_000;

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
const isIn = (list: readonly string[], login: string): boolean => list.some(each => isSame(each, login));

/** Logins who may break the glass. Empty: nobody is named. */
export const glassBreakers = ({by, breakGlass}: Pick<PromotionSettings, 'by' | 'breakGlass'>): readonly string[] =>
	breakGlass.by.length > 0 ? breakGlass.by : by;

/** As a status' description: the conditions that are passed, and the reason. */
export const glassText = (passed: readonly ConditionId[], reason: string): string => `${passed.join(',')}: ${reason}`;

/** What such a description says. Conditions that nothing may pass, and texts without any, pass nothing. */
export const glassIn = (text: string): {passed: readonly ConditionId[]; reason: string} => {
	const [, ids, reason] = /^([a-z0-9-]{1,40}(?:,[a-z0-9-]{1,40}){0,20}): ([^]*)$/.exec(text) ?? [];
	return ids === undefined
		? {passed: [], reason: text}
		: {passed: breakableIds.filter(id => ids.split(',').includes(id)), reason: reason ?? ''};
};

/**
Whose word is looked for: who started the run. Where an app moved the branch (a merge queue does), nobody did: then the branch's own rules
have let the commit in, and the newest word of any person is looked at (null).
@returns undefined: the run speaks for nobody
*/
export const promoterOf = ({event, actor, isPerson: isAccount}: AskingRun): string | null | undefined => {
	if (!startedBySomebody.has(event) || actor === null) return undefined;
	if (isAccount && isPerson(actor)) return actor;
	return event === 'push' ? null : undefined;
};

export type AboutPromoter = {
	sha: string;
	settings: PromotionSettings;
	claims: Claims;
	/** A text: why the run is not known. */
	run: AskingRun | string;
	words: AttestedWords;
	/** Those that its gate rests on. */
	signers: readonly Signer[];
	/** GitHub's time, milliseconds. */
	now: number;
};

/** Whose sign-offs the gate's own condition rests on: each proof names the sign-off, and after a colon its note. */
export const signersIn = (conditions: readonly Condition[]): readonly Signer[] =>
	(conditions.find(({id}) => id === 'sign-offs')?.proofs ?? []).flatMap(({by, text = ''}) =>
		by === undefined ? [] : [{name: text.split(':', 1)[0]!, by}],
	);

const stands = (word: AttestedWord | null, {settings: {timeoutSeconds}, now}: AboutPromoter): word is AttestedWord =>
	word !== null &&
	word.isGiven &&
	word.at >= now - timeoutSeconds * 1000 - toleranceMs &&
	word.at <= now + toleranceMs;

/** No promotion takes longer, so an older word belongs to another one. */
const lackOf = (
	what: string,
	word: AttestedWord | null,
	who: string,
	{sha, settings: {timeoutSeconds}}: AboutPromoter,
): Verdict =>
	notMet(
		`${who} has not said on ${short(sha)} that ${what}${word === null ? '' : word.isGiven ? ` within the last ${duration(timeoutSeconds)}` : ', but taken it back'}`,
		"Start it with deployctl promote, which says so under the operator's own name: the lock alone proves nothing.",
	);

const mayNot = (who: string, what: string, list: readonly string[], key: string): Verdict =>
	notMet(
		list.length === 0 ? `nobody is named who may ${what}` : `${who} may not ${what}`,
		list.length === 0
			? `Name them in ${key} in deployctl.yml.`
			: `${list.slice(0, 3).join(' or ')} may: ${key} in deployctl.yml.`,
	);

/** A review by whoever is reviewed is none. */
const reviewVerdict = (
	who: string,
	{by, hotfix: {signOffs: wanted}}: PromotionSettings,
	signers: readonly Signer[],
): Verdict | null => {
	if (wanted.length === 0)
		return by.length > 0
			? null
			: notMet(
					'a hotfix that nobody else has to sign off, started by anybody who may write',
					'Name who may promote in promotion.by, or a sign-off in promotion.hotfix.signOffs.',
				);
	const own = signers.find(({name, by: signer}) => wanted.some(rule => rule.name === name) && isSame(signer, who));
	return own === undefined
		? null
		: notMet(
				`${own.name} was signed by ${own.by}, who promotes the hotfix`,
				`Let somebody else sign: deployctl sign-off ${own.name}.`,
				{by: own.by, text: own.name},
			);
};

/** `passed`: what the attested broken glass goes past. */
const hotfixVerdict = (who: string, passed: readonly ConditionId[], around: AboutPromoter): Verdict | null => {
	const {
		claims: {hotfix},
		words,
	} = around;
	if (hotfix === null) return null;
	if (!stands(words.hotfix, around) || words.hotfix.text !== hotfix)
		return lackOf(`it is a hotfix from ${hotfix}`, words.hotfix, who, around);
	return passed.includes('sign-offs') ? null : reviewVerdict(who, around.settings, around.signers);
};

const glassVerdict = (who: string, around: AboutPromoter): Verdict | null => {
	const {
		claims: {isGlassBroken},
		settings,
		words,
	} = around;
	const breakers = glassBreakers(settings);
	if (!isGlassBroken) return null;
	if (!isIn(breakers, who)) return mayNot(who, 'use break-glass', breakers, 'promotion.breakGlass.by');
	return stands(words.glass, around) ? null : lackOf('break-glass is used', words.glass, who, around);
};

/** Who did it, for whoever reads the answer. */
const promoted = (who: string, {run, claims: {hotfix, isGlassBroken}}: AboutPromoter): Verdict => {
	const what = [...(hotfix === null ? [] : ['as a hotfix']), ...(isGlassBroken ? ['with break-glass'] : [])].join(
		', ',
	);
	return met(`${who} promotes it${what === '' ? '' : `, ${what}`}: by the run and by GitHub's own record`, {
		by: who,
		...(typeof run !== 'string' && {url: run.url}),
	});
};

const named = (run: AskingRun, around: AboutPromoter): Verdict => {
	const {
		claims: {hotfix, isGlassBroken},
		settings: {by},
		words,
	} = around;
	const isUsual = hotfix === null && !isGlassBroken;
	const found = promoterOf(run);
	if (found === undefined)
		return notMet(
			`the run was started by ${run.actor ?? 'nobody that GitHub names'} (${run.event}), who can answer for nothing`,
			'Let a person start it: deployctl promote, or "Re-run all jobs".',
		);
	// An app moved the branch, whose own rules let the commit in: what passes the usual gate needs no person beside.
	if (found === null && isUsual)
		return met(`${run.actor} moved the branch: its own rules answer for it`, {by: run.actor!});
	const who = found ?? words.hotfix?.by ?? words.glass?.by ?? null;
	if (who === null)
		return notMet(
			`${run.actor} moved the branch, and nobody has said on ${short(around.sha)} that they promote it`,
			'Start it with deployctl promote.',
		);
	if (by.length > 0 && !isIn(by, who) && !(isGlassBroken && hotfix === null))
		return mayNot(who, 'promote', by, 'promotion.by');
	// Both words, if two are needed, come from one person.
	const foreign = [words.hotfix, words.glass].find(word => word !== null && !isSame(word.by, who));
	if (!isUsual && foreign)
		return notMet(
			`${who} promotes it, but the word on ${short(around.sha)} is ${foreign.by}'s`,
			'Start it with deployctl promote.',
		);
	const glass = glassVerdict(who, around);
	const passed = isGlassBroken && glass === null ? glassIn(words.glass!.text).passed : [];
	return glass ?? hotfixVerdict(who, passed, around) ?? promoted(who, around);
};

/** Whether anything has to be attributed at all: the usual gate without `promotion.by` asks for nobody. */
export const needsPromoter = ({hotfix, isGlassBroken}: Claims, {by}: Pick<PromotionSettings, 'by'>): boolean =>
	hotfix !== null || isGlassBroken || by.length > 0;

/** The condition `promoter` of the gate in the workflow. What is not known is unknown, and opens nothing. */
export const promoterVerdict = (around: AboutPromoter): Verdict =>
	typeof around.run === 'string'
		? unknown(
				`who promotes it is not known: ${around.run}`,
				'Ask it in the workflow that deploys: there GitHub says who started the run.',
			)
		: named(around.run, around);

/** Who would be refused by the workflow's gate is told before anything is begun. `login` null: not known, and nothing is said. */
export const promoterObstacle = (
	login: string | null,
	hotfix: string | null,
	isGlassBroken: boolean,
	settings: PromotionSettings,
	signers: readonly Signer[],
): {because: string; next: string} | null => {
	if (login === null) return null;
	const breakers = glassBreakers(settings);
	const isAsked = settings.strategy !== 'script';
	const glass =
		isGlassBroken && (breakers.length > 0 || isAsked) && !isIn(breakers, login)
			? mayNot(login, 'use break-glass', breakers, 'promotion.breakGlass.by')
			: null;
	const who =
		(hotfix !== null || !isGlassBroken) && settings.by.length > 0 && !isIn(settings.by, login)
			? mayNot(login, 'promote', settings.by, 'promotion.by')
			: null;
	const verdict = glass ?? who;
	const review =
		verdict === null && hotfix !== null && !isGlassBroken && isAsked
			? reviewVerdict(login, settings, signers)
			: null;
	const no = verdict ?? review;
	return no === null ? null : {because: no.because, next: no.next ?? ''};
};
