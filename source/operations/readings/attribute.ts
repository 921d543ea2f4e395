/** Asks GitHub who promotes, for the gate in the workflow. What a lock claims is never enough by itself. */
import {
	type AboutPromoter,
	type AskingRun,
	type AttestedWords,
	type Claims,
	glassIn,
	promoterOf,
	promoterVerdict,
	signersIn,
} from '../../core/snapshot/attribution.ts';
import type {Condition} from '../../core/pipeline/pipeline.ts';
import type {PromotionSettings} from '../../core/settings/settings.ts';
import type {Unwritten} from '../../github/http/connection.ts';
import type {Promotions} from '../../github/promotions.ts';
import type {BrokenGlass} from '../../github/people/sign-offs.ts';
import type {Refusal, RunningWorkflow} from '../../world.ts';
import {refusalOf} from './refusals.ts';

export type Glass = BrokenGlass & {passed: readonly string[]};
export type Attributed = {ok: true; condition: Condition; /** null: none that counts. */ glass: Glass | null};
export type ToAttribute = {
	sha: string;
	claims: Claims;
	settings: PromotionSettings;
	/** Of its gate. */
	conditions: readonly Condition[];
	run: RunningWorkflow | null;
	/** By our own clock, milliseconds: only where GitHub has not said its own. */
	now: number;
};

const noRun = 'no run of GitHub Actions asks';

/** A text: why it is not known. The runner and the API have to say the same, so neither an old attempt nor a borrowed number counts. */
const runOf = async (promotions: Promotions, run: RunningWorkflow | null): Promise<AskingRun | string | Unwritten> => {
	if (run === null) return noRun;
	const answer = await promotions.asking(run);
	if (!answer.ok) return answer;
	if (answer.run === null) return `GitHub shows no attempt ${run.attempt} of run ${run.runId}`;
	return answer.run.actor === run.actor
		? answer.run
		: `the runner says that ${run.actor} started it, GitHub that ${answer.run.actor ?? 'nobody'} did`;
};

const wordsOf = async (
	promotions: Promotions,
	{sha, claims}: ToAttribute,
	by: string | null,
): Promise<AttestedWords | Unwritten> => {
	const none = {ok: true as const, word: null};
	const [hotfix, glass] = await Promise.all([
		claims.hotfix === null ? none : promotions.word({sha, kind: 'hotfix', by}),
		claims.isGlassBroken ? promotions.word({sha, kind: 'glass', by}) : none,
	]);
	return !hotfix.ok ? hotfix : !glass.ok ? glass : {hotfix: hotfix.word, glass: glass.word};
};

/** Never throws for what GitHub did. */
export const attribute = async (promotions: Promotions, wanted: ToAttribute): Promise<Attributed | Refusal> => {
	const because = 'who promotes it could not be read';
	const run = await runOf(promotions, wanted.run);
	if (typeof run !== 'string' && 'ok' in run) return refusalOf(run, because);
	const who = typeof run === 'string' ? undefined : promoterOf(run);
	const words = who === undefined ? {hotfix: null, glass: null} : await wordsOf(promotions, wanted, who);
	if ('ok' in words) return refusalOf(words, because);
	const {sha, settings, claims, conditions} = wanted;
	const around: AboutPromoter = {
		sha,
		settings,
		claims,
		run,
		words,
		signers: signersIn(conditions),
		now: promotions.gitHubNow() ?? wanted.now,
	};
	const condition: Condition = {id: 'promoter', ...promoterVerdict(around)};
	return {
		ok: true,
		condition,
		glass:
			condition.met === true && claims.isGlassBroken && words.glass !== null
				? {by: words.glass.by, ...glassIn(words.glass.text)}
				: null,
	};
};
