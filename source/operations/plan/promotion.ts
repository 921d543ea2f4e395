/** Finds out everything that the plan of a promotion shows. Reads only; nothing here throws for what GitHub, scripts, disks or networks do. */
import {usualDurations, type Folded} from '../../core/operations/journal-fold.ts';
import {aroundOf, lastEnded, liveRef, runningOn} from '../../core/plan/live.ts';
import {offersOf} from '../../core/releases/offers.ts';
import type {Plan, Wish} from '../../core/plan/plan.ts';
import {type PromotionFacts, type PromotionGround, promotionPlanOf} from '../../core/plan/promotion.ts';
import type {EnvironmentSettings, Settings} from '../../core/settings/settings.ts';
import {exitCodes} from '../../errors.ts';
import type {Promotions} from '../../github/promotions.ts';
import type {Judge, Judged} from '../judge/judge.ts';
import {scriptsThen} from '../readings/local-history.ts';
import {planHash} from '../request/plan-hash.ts';
import {newOperationId, type PlanSources} from './plan.ts';
import {releasesOf} from '../checkout/releases.ts';
import {commandOf, findScript, scriptPlace} from '../checkout/script-kind.ts';
import type {Obstacle} from '../../core/plan/ground.ts';

export type PromoteWish = Extract<Wish, {kind: 'promote'}>;

export type PromotionSources = PlanSources & {
	/** null: this world has no GitHub. */
	judge: Judge | null;
	promotions: (() => Promise<Promotions>) | null;
	/** How the promoter is called: program and arguments, before the operation's folder. */
	promoter: readonly string[];
	/** Login of whoever plans; null: GitHub has not said. */
	login(): Promise<string | null>;
	/** The folder of an operation. */
	folderOf(operation: string): string;
};

const needsPull = (names: string): Obstacle => ({
	because: `the rules of ${names} take pull requests only`,
	next: 'Set promotion.strategy to pull-request in deployctl.yml.',
	exitCode: exitCodes.refused,
});
const needsQueue = (names: string): Obstacle => ({
	because: `the rules of ${names} take what has gone through the merge queue only`,
	next: 'Set promotion.strategy to merge-queue in deployctl.yml.',
	exitCode: exitCodes.refused,
});

/** What the branch's rules will refuse is said before anything is begun. What cannot be read shows when it is tried. */
const ruleAgainst = async (
	{promotions}: PromotionSources,
	{promotion: {strategy}, branches: {production}}: Settings,
): Promise<Obstacle | null> => {
	if (promotions === null || strategy === 'merge-queue') return null;
	const answer = await promotions()
		.then(each => each.rules(production))
		.catch(() => null);
	const rules = answer?.ok === true ? answer.rules : null;
	if (rules === null) return null;
	// A workflow and a script move the branch in the end, which may stay behind: production is what counts.
	if (strategy === 'workflow' || strategy === 'script') return null;
	if (rules.mergeQueue) return needsQueue(production);
	return rules.pullRequest !== null && strategy === 'fast-forward' ? needsPull(production) : null;
};

const factsOf = (judged: Judged, rule: Obstacle | null): PromotionFacts => ({
	candidate: judged.candidate,
	branchAt: judged.way.productionAt,
	coming: judged.way.coming,
	staying: judged.way.staying,
	files: judged.way.files,
	rule,
});

const noGitHub: Obstacle = {
	because: 'no evidence can be read: this start has no GitHub',
	next: 'Sign in to GitHub.',
	exitCode: exitCodes.notPermitted,
};

/** What the strategy `script` runs, and whether it is the commit's own. */
const scriptOf = async (
	{directory, env}: PromotionSources,
	{deploy}: EnvironmentSettings,
	{environment}: PromoteWish,
	id: string,
	sha: string | null,
): Promise<Pick<PromotionGround, 'script' | 'scripts'>> => {
	const found = findScript(directory, deploy);
	if (!found.ok) return {script: {because: found.because, next: found.next}, scripts: {state: 'unknown'}};
	const command = commandOf('deploy', found, deploy, {environment, sha, release: sha, operation: id, insists: false});
	if (!command.ok) return {script: {because: command.because, next: command.next}, scripts: {state: 'unknown'}};
	return {
		script: {kind: found.kind, command: command.command},
		scripts:
			sha === null
				? {state: 'unknown'}
				: await scriptsThen({directory, env}, sha, scriptPlace(directory, found.path)),
	};
};

const releasesAround = (
	folded: Folded,
	listing: {releases: Parameters<typeof releasesOf>[0]},
	sources: PromotionSources,
	wish: PromoteWish,
	judged: Judged | null,
) => {
	const releases = releasesOf(listing.releases, wish.environment, {
		folded,
		pins: sources.pins.all(),
		observation: judged?.observation ?? null,
	});
	const from = liveRef(judged?.observation ?? null, releases, folded, wish.environment, judged?.way.coming ?? []);
	return {from, offers: offersOf(releases, aroundOf(folded, wish.environment, from))};
};

const listFreshMs = 60_000;

export const makePromotionPlan = async (sources: PromotionSources, wish: PromoteWish): Promise<Plan> => {
	const {settings, isReadOnly, directory, clock} = sources;
	const environment = settings.environments.find(({name}) => name === wish.environment) ?? null;
	const id = newOperationId(clock.now(), 'promote', wish.environment);
	const isPromotable = environment !== null && environment.name === 'production' && sources.judge !== null;
	const [folded, judged, listing, rule, operator] = await Promise.all([
		sources.folded(),
		isPromotable
			? sources.judge!({sha: wish.sha ?? 'newest-open', hotfix: wish.hotfix ?? null, isLanded: false})
			: null,
		environment === null
			? {releases: null, readAt: null, trouble: null}
			: sources.list(environment, clock.now() - listFreshMs, wish.agreed ?? null),
		ruleAgainst(sources, settings),
		sources.login(),
	]);
	const known = judged?.ok === true ? judged : null;
	const sha = known?.candidate.sha ?? null;
	const usesScript = settings.promotion.strategy === 'script' && environment !== null;
	const ground: PromotionGround = {
		id,
		wish,
		environment,
		settings,
		isReadOnly,
		directory,
		command: [...sources.promoter, sources.folderOf(id)],
		...(usesScript
			? await scriptOf(sources, environment, wish, id, sha)
			: {script: null, scripts: {state: 'same' as const}}),
		operator,
		found:
			known !== null
				? factsOf(known, rule)
				: judged === null
					? noGitHub
					: (judged as Exclude<typeof judged, Judged>),
		...releasesAround(folded, listing, sources, wish, known),
		rollbackTrouble: listing.trouble,
		lock: known?.lock ?? {state: 'unknown', because: 'it has not been asked'},
		observation: known?.observation ?? {environment: wish.environment, readAt: clock.now(), instances: []},
		running: runningOn(folded, wish.environment),
		last: lastEnded(folded, wish.environment),
		...usualDurations(folded, 'promote', wish.environment),
		journalProblem: sources.journalProblem(),
	};
	const plan = promotionPlanOf(ground);
	return {...plan, hash: planHash(plan)};
};
