/** The plan of a promotion, from everything that was found out. Pure; what blocks is named in the order in which one would mend it. */
import {overall, type Observation} from '../releases/observation.ts';
import {unproven} from '../releases/offers.ts';
import {promoterObstacle, signersIn} from '../snapshot/attribution.ts';
import {exitCodes} from '../exit-codes.ts';
import {globMatches, isMigration} from '../text/glob.ts';
import type {LockState} from '../locks/lock.ts';
import type {Offer} from '../releases/release.ts';
import type {Operation, ScriptKind} from '../operations/operation.ts';
import type {Candidate, Condition} from '../pipeline/pipeline.ts';
import type {Plan, PlanCommit, Wish} from './plan.ts';
import {listed} from '../releases/words.ts';
import {canBreakGlass, obstacleIn, passedBy, stepsOf} from './promotion-words.ts';
import type {EnvironmentSettings, Settings} from '../settings/settings.ts';
import type {ReleaseRef} from '../releases/release-ref.ts';
import type {Obstacle} from './ground.ts';

type PromoteWish = Extract<Wish, {kind: 'promote'}>;

/** What GitHub said about the commit. */
export type PromotionFacts = {
	candidate: Candidate;
	/** Head of the production branch. */
	branchAt: string | null;
	coming: readonly PlanCommit[] | null;
	staying: readonly PlanCommit[] | null;
	files: readonly string[] | null;
	/** The branch's rules do not allow what the strategy does; null: nothing is known against it. */
	rule: Obstacle | null;
};

export type PromotionGround = {
	id: string;
	wish: PromoteWish;
	environment: EnvironmentSettings | null;
	settings: Settings;
	isReadOnly: boolean;
	directory: string;
	/** How our own program is called to do it. */
	command: readonly string[];
	/** Of the strategy `script`: what it runs; null for the others. */
	script: {kind: ScriptKind; command: readonly string[]} | Obstacle | null;
	/** Of the strategy `script`: whether the scripts are those of the commit. */
	scripts: {state: 'same' | 'unknown'} | {state: 'differs'; files: readonly string[]};
	found: PromotionFacts | Obstacle;
	/** Login of whoever plans it; null: GitHub has not said. */
	operator: string | null;
	from: ReleaseRef | null;
	lock: LockState;
	observation: Observation;
	offers: readonly Offer[];
	rollbackTrouble: string | null;
	running: Operation | null;
	last: Operation | null;
	usualSeconds: number | null;
	p95Seconds: number | null;
	journalProblem: string | null;
};

type No = NonNullable<Plan['blocked']>;
const no = (because: string, next: string, exitCode: number): No => ({because, next, exitCode});
const isFound = (found: PromotionGround['found']): found is PromotionFacts => 'candidate' in found;

/** The lock has an exit code of its own: whoever waits for it may try again. */
const exitCodeOf = ({id, met}: Condition): number =>
	id === 'unlocked' && met === false ? exitCodes.locked : exitCodes.refused;

const shut = (sha: string, condition: Condition): No =>
	no(
		`the gate is blocked for ${sha.slice(0, 7)}: ${condition.because}`,
		condition.next ?? 'deployctl gate shows every condition.',
		exitCodeOf(condition),
	);

const scriptObstacle = ({script, scripts, settings}: PromotionGround): No | null => {
	if (script !== null && 'because' in script)
		return no(script.because, script.next, script.exitCode ?? exitCodes.usage);
	if (script === null || scripts.state !== 'differs' || settings.allowChangedScripts) return null;
	return no(
		`the scripts here are not those of that commit: ${listed(scripts.files)}`,
		'Check that commit out, or set allowChangedScripts in deployctl.yml.',
		exitCodes.refused,
	);
};

const blockedBy = (ground: PromotionGround): No | null => {
	const {wish, environment, isReadOnly, settings, journalProblem, running, found} = ground;
	if (environment === null || environment.name !== 'production')
		return no(
			`${wish.environment} is not where commits are promoted to`,
			'Only production is: deployctl deploy ENV brings a commit to another environment.',
			exitCodes.usage,
		);
	if (isReadOnly)
		return no(
			'this is a read-only start: nothing may be changed from here',
			'Start without --read-only, or remove readOnly from deployctl.yml.',
			exitCodes.refused,
		);
	if (journalProblem !== null)
		return no(
			`no journal, no action: ${journalProblem}`,
			'Make room on the disk, or look at the permissions of the state folder.',
			exitCodes.failed,
		);
	if (wish.breakGlass !== undefined && wish.breakGlass.trim() === '')
		return no('a break-glass needs a reason', 'Say why: everybody will see it.', exitCodes.usage);
	if (running !== null)
		return no(
			`${running.kind === 'deploy' ? 'a deployment' : `a ${running.kind === 'promote' ? 'promotion' : running.kind}`} of ${environment.name} is running already, by ${running.operator}`,
			`deployctl attach ${running.id} shows it.`,
			exitCodes.locked,
		);
	if (!isFound(found)) return no(found.because, found.next, found.exitCode ?? exitCodes.refused);
	const obstacle = obstacleIn(
		found.candidate.gate.conditions,
		wish.breakGlass === undefined ? [] : passedBy(found.candidate.gate.conditions),
	);
	if (obstacle !== null) return shut(found.candidate.sha, obstacle);
	if (wish.breakGlass !== undefined && found.candidate.gate.open)
		return no('the gate is ready: no break-glass is needed', 'Promote it without break-glass.', exitCodes.refused);
	const who = promoterObstacle(
		ground.operator,
		wish.hotfix ?? null,
		wish.breakGlass !== undefined,
		settings.promotion,
		signersIn(found.candidate.gate.conditions),
	);
	if (who !== null) return no(who.because, who.next, exitCodes.refused);
	if (found.rule !== null) return no(found.rule.because, found.rule.next, found.rule.exitCode ?? exitCodes.refused);
	return (
		scriptObstacle(ground) ??
		(settings.promotion.soakSeconds >= settings.promotion.timeoutSeconds
			? no(
					'the soak takes longer than the whole promotion may',
					'Set promotion.timeout in deployctl.yml to more.',
					exitCodes.usage,
				)
			: null)
	);
};

const reverts = (commits: readonly PlanCommit[] | null) => (commits ?? []).filter(({isRevert}) => isRevert);

const warningsOf = (
	{wish, environment, observation, last, scripts, script, settings}: PromotionGround,
	found: PromotionFacts | null,
): readonly string[] => {
	const {health, isMixed} = overall(observation);
	const migrations = (found?.files ?? []).filter(isMigration);
	return [
		...reverts(found?.staying ?? null).map(
			({sha, message}) => `a REVERT stays behind: ${sha.slice(0, 7)} ${message}`,
		),
		...reverts(found?.coming ?? null).map(({sha, message}) => `a REVERT goes along: ${sha.slice(0, 7)} ${message}`),
		...(isMixed ? ['production is MIXED: its instances run different releases'] : []),
		...(health === false ? ['production is unhealthy now: a rollback may be what it needs'] : []),
		...(environment?.version.length === 0
			? ['nothing tells what production runs: set environments.production.version in deployctl.yml']
			: []),
		...(last?.outcome === 'interrupted' ? [`the last operation was interrupted: ${last.because}`] : []),
		...(migrations.length > 0 ? [`database changes go along: ${listed(migrations)}`] : []),
		...(found !== null && found.files === null
			? ['GitHub does not tell all changed files: database and configuration changes may be among them']
			: []),
		...(script !== null && scripts.state === 'unknown'
			? ['whether the scripts here are those of that commit is not known']
			: []),
		...(script !== null && scripts.state === 'differs' && settings.allowChangedScripts
			? [`the scripts here are not those of that commit: ${listed(scripts.files)}`]
			: []),
		...(wish.hotfix === undefined
			? []
			: [
					`a hotfix goes past staging and E2E; merge ${settings.branches.production} back into ${settings.branches.staging} afterwards`,
				]),
	];
};

/** What is live now is what a rollback of this promotion goes back to, when it is known to have been good; else the newest before it that is. */
const wayBack = ({
	offers,
	from,
	rollbackTrouble,
}: PromotionGround): Pick<NonNullable<Plan['promotion']>, 'rollbackTo' | 'rollbackBecause'> => {
	const target = offers.find(({isDefault}) => isDefault)?.release;
	const live = offers.find(
		({release: {isLive, isBad, wasHealthy}}) =>
			isLive === true && !isBad && (wasHealthy === true || wasHealthy === 'unproven'),
	)?.release;
	const chosen = [live, target].find(release => release?.wasHealthy === true) ?? live ?? target;
	if (chosen === undefined)
		return {rollbackTo: null, rollbackBecause: rollbackTrouble ?? 'no release is known that was healthy before'};
	return {
		rollbackTo: chosen === live ? from : {release: chosen.id, sha: chosen.sha},
		rollbackBecause: rollbackTrouble ?? (chosen.wasHealthy === true ? '' : unproven),
	};
};

const promotionOf = (ground: PromotionGround, found: PromotionFacts | null): NonNullable<Plan['promotion']> => {
	const {wish, settings, script} = ground;
	const {
		promotion,
		branches: {production},
	} = settings;
	const conditions = found?.candidate.gate.conditions ?? [];
	const sha = found?.candidate.sha ?? wish.sha ?? '';
	return {
		strategy: promotion.strategy,
		branch: production,
		branchAt: found?.branchAt ?? null,
		hotfix: wish.hotfix ?? null,
		breakGlass:
			wish.breakGlass === undefined ? null : {reason: wish.breakGlass.trim(), conditions: passedBy(conditions)},
		canBreakGlass: canBreakGlass(conditions),
		conditions,
		staying: found?.staying ?? null,
		configuration:
			found?.files?.filter(file => promotion.configuration.some(glob => globMatches(glob, file))) ?? null,
		migrations: found?.files?.filter(file => isMigration(file)) ?? null,
		...wayBack(ground),
		steps: stepsOf({
			sha,
			branch: production,
			branchAt: found?.branchAt ?? null,
			settings: promotion,
			script: script !== null && 'command' in script ? (script.command[0] ?? '') : 'scripts/deploy.sh',
		}),
		soakSeconds: promotion.soakSeconds,
		evidenceAt: found?.candidate.tiers.e2e.finishedAt ?? null,
	};
};

const phraseOf = ({wish}: PromotionGround, sha: string): string =>
	`${wish.breakGlass === undefined ? '' : 'break glass '}${wish.environment} ${sha.slice(0, 7)}`;

/** Everything but the hash. */
export const promotionPlanOf = (ground: PromotionGround): Omit<Plan, 'hash'> => {
	const {id, wish, environment, settings, command, directory, from, lock, observation, usualSeconds, p95Seconds} =
		ground;
	const found = isFound(ground.found) ? ground.found : null;
	const sha = found?.candidate.sha ?? null;
	return {
		id,
		kind: 'promote',
		environment: wish.environment,
		from,
		to: sha === null ? null : {release: sha, sha},
		sha,
		scriptKind: 'contract',
		command,
		directory,
		coming: found?.coming ?? null,
		going: [],
		migration: found?.files?.some(isMigration) === false ? 'none' : 'unknown',
		usualSeconds,
		p95Seconds,
		timeoutSeconds: settings.promotion.timeoutSeconds,
		graceSeconds: environment?.deploy.graceSeconds ?? 30,
		lock,
		observation,
		warnings: warningsOf(ground, found),
		blocked: blockedBy(ground),
		phrase: sha === null ? null : phraseOf(ground, sha),
		offers: [],
		stopping: null,
		insists: false,
		promotion: promotionOf(ground, found),
	};
};
