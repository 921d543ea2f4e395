/** From everything that was found out to the plan that the operator sees. Pure; what blocks is named in the order in which one would mend it. */
import {exitCodes} from '../exit-codes.ts';
import {holderOf, passable} from '../locks/lock.ts';
import {overall} from '../releases/observation.ts';
import type {Operation, PassedLock} from '../operations/operation.ts';
import type {Plan} from './plan.ts';
import {listed, shortOf} from '../releases/words.ts';
import {warningsOf} from './warnings.ts';
import type {Offer, Release} from '../releases/release.ts';
import type {EnvironmentSettings} from '../settings/settings.ts';
import type {ReleaseRef} from '../releases/release-ref.ts';
import type {Ground} from './ground.ts';

type No = NonNullable<Plan['blocked']>;

const no = (because: string, next: string, exitCode: number): No => ({because, next, exitCode});
const targetOffer = ({offers, to}: Ground): Offer | undefined => offers.find(({release}) => release.id === to?.release);
const insists = ({wish}: Ground) => wish.kind === 'rollback' && wish.insist === true;

/** What a rollback may go past; null: nothing stands there, or it is not to be passed. */
const passableLock = ({wish, lock, running}: Ground): PassedLock | null => {
	const found = wish.kind === 'rollback' ? passable(lock) : null;
	return found === null || (lock.state === 'held' && running !== null && lock.lock.operation === running.id)
		? null
		: found;
};
const passedLock = (ground: Ground): PassedLock | null =>
	ground.wish.kind === 'rollback' && ground.wish.pastLock === true ? passableLock(ground) : null;

/** What has to be typed: for a protected environment, and wherever it is for a target that is not offered. */
export const phraseOf = (ground: Ground): string | null => {
	const {environment, to, isScriptsChoice} = ground;
	if (environment === null || (to === null && !isScriptsChoice)) return null;
	const past = passedLock(ground);
	const name = `${environment.name} ${to === null ? 'rollback' : shortOf(to)}`;
	const offer = targetOffer(ground);
	const insisted =
		insists(ground) && offer?.offered === false ? `${name} ${offer.release.isBad ? 'is bad' : 'anyway'}` : null;
	if (past !== null) return `${insisted ?? name} past lock ${past.lock.slice(0, 10)}`;
	return insisted ?? (environment.isProtected ? name : null);
};

/** The way that is always left to a rollback. */
const wayPast = (ground: Ground): string =>
	passableLock(ground) === null ? '' : ' In an emergency a rollback may go past it: --past-lock.';

const lockObstacle = (ground: Ground): No | null => {
	const {lock, wish, running, environment} = ground;
	const name = environment!.name;
	if (passedLock(ground) !== null) return null;
	switch (lock.state) {
		case 'free':
			return null;
		// The rollback's own supervisor takes the lock over once it has stopped the operation that holds it.
		case 'held': {
			const {host, reason, kind, id, operation} = lock.lock;
			if (running !== null && operation === running.id) return null;
			if (lock.isStale && lock.where === 'machine') return null;
			const wayOut =
				kind === 'human' || lock.isStale
					? `deployctl unlock ${name} --break ${id} -m REASON removes it, if you are sure.`
					: `Wait until it has ended${operation === null ? '' : `; deployctl attach ${operation} shows it`}.`;
			return no(
				`${name} is locked by ${holderOf(lock.lock)} on ${host}: ${reason}${lock.isStale ? ' (its holder is silent)' : ''}`,
				`${wayOut}${wayPast(ground)}`,
				exitCodes.locked,
			);
		}
		case 'ambiguous':
			return no(
				`the lock of ${name} cannot be read: ${lock.because}`,
				`deployctl unlock ${name} --break ID -m REASON removes it.${wayPast(ground)}`,
				exitCodes.locked,
			);
		// A rollback must work while GitHub does not; a deployment can wait.
		case 'unknown':
			return wish.kind === 'rollback'
				? null
				: no(
						`whether somebody else is at ${name} is not known: ${lock.because}`,
						'Try again when GitHub answers; a rollback works without it.',
						exitCodes.unreachable,
					);
	}
};

const notToBeShipped = (
	{pin, evidence, scripts, settings}: Ground,
	environment: EnvironmentSettings,
	to: ReleaseRef,
): No | null => {
	if (pin !== null)
		return no(
			`${shortOf(to)} is pinned out of ${environment.name}: ${pin.because} (${pin.by})`,
			`deployctl unpin ${environment.name} -m REASON lets it be shipped again.`,
			exitCodes.refused,
		);
	if (evidence?.proven === false) return no(evidence.because, evidence.next, evidence.exitCode ?? exitCodes.refused);
	if (scripts.state === 'differs' && environment.isProtected && !settings.allowChangedScripts)
		return no(
			`the scripts here are not those of ${shortOf(to)}: ${listed(scripts.files)}`,
			'Check that commit out, or set allowChangedScripts in deployctl.yml.',
			exitCodes.refused,
		);
	return null;
};

const notOffered = (ground: Ground, to: ReleaseRef): No | null => {
	const offer = targetOffer(ground);
	if (offer === undefined || offer.offered || (insists(ground) && offer.canInsist)) return null;
	return no(
		`${shortOf(to)} is not offered: ${offer.because}`,
		offer.canInsist ? 'Force it, with its own phrase, or pick another one.' : 'Pick another release.',
		exitCodes.refused,
	);
};

/** A deployment is stopped for a rollback; a rollback is stopped for another one only by name: the key was pressed twice. */
const mayStop = (wish: Ground['wish'], running: Operation): boolean =>
	wish.kind === 'rollback' && (running.kind !== 'rollback' || wish.stopping === running.id);

const blockedBy = (ground: Ground): No | null => {
	const {
		wish,
		environment,
		isReadOnly,
		script,
		to,
		withoutTarget,
		isScriptsChoice,
		running,
		settings,
		journalProblem,
	} = ground;
	if (environment === null)
		return no(
			`there is no environment "${wish.environment}"`,
			`deployctl.yml knows ${settings.environments.map(({name}) => name).join(', ')}.`,
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
	if ('because' in script) return no(script.because, script.next, script.exitCode ?? exitCodes.usage);
	if (running !== null && !mayStop(wish, running))
		return no(
			`${running.kind === 'rollback' ? 'a rollback' : 'a deployment'} of ${environment.name} is running already, by ${running.operator}`,
			`deployctl attach ${running.id} shows it.`,
			exitCodes.locked,
		);
	if (to === null && !isScriptsChoice)
		return no(
			withoutTarget?.because ?? 'there is nothing to go to',
			withoutTarget?.next ?? 'Name it.',
			withoutTarget?.exitCode ?? exitCodes.refused,
		);
	const locked = lockObstacle(ground);
	if (locked !== null) return locked;
	return to === null
		? null
		: wish.kind === 'rollback'
			? notOffered(ground, to)
			: notToBeShipped(ground, environment, to);
};

/** Everything but the hash. */
export const planOf = (ground: Ground): Omit<Plan, 'hash'> => {
	const {
		id,
		wish,
		environment,
		script,
		directory,
		from,
		to,
		coming,
		going,
		migration,
		usualSeconds,
		p95Seconds,
		lock,
		observation,
		offers,
		running,
	} = ground;
	const own = wish.kind === 'deploy' ? environment?.deploy : environment?.rollback;
	return {
		id,
		kind: wish.kind,
		environment: wish.environment,
		from,
		to,
		sha: to?.sha ?? null,
		scriptKind: 'because' in script ? 'plain' : script.kind,
		command: 'because' in script ? [] : script.command,
		directory,
		coming,
		going,
		migration,
		usualSeconds,
		p95Seconds,
		timeoutSeconds: own?.timeoutSeconds ?? 0,
		graceSeconds: own?.graceSeconds ?? 0,
		lock,
		observation,
		warnings: warningsOf(ground),
		blocked: blockedBy(ground),
		phrase: phraseOf(ground),
		offers,
		...(ground.listing.question !== undefined && {asks: ground.listing.question}),
		stopping: wish.kind === 'rollback' ? (running?.id ?? null) : null,
		insists: insists(ground),
		promotion: null,
		...(passableLock(ground) !== null && {canPassLock: true, passedLock: passedLock(ground)}),
	};
};

/** Reasons may have ages in them: what they rest on stands for them. */
const shownOfPromotion = ({
	strategy,
	branch,
	branchAt,
	hotfix,
	breakGlass,
	conditions,
	staying,
	configuration,
	migrations,
	rollbackTo,
	steps,
	soakSeconds,
}: NonNullable<Plan['promotion']>): unknown => [
	strategy,
	branch,
	branchAt,
	hotfix,
	breakGlass,
	conditions.map(({id, met, proofs = []}) => [
		id,
		met,
		proofs.map(({runId, attempt, by, sha}) => [runId, attempt, by, sha]),
	]),
	staying?.map(({sha}) => sha),
	configuration,
	migrations,
	rollbackTo?.release,
	steps,
	soakSeconds,
];

/** What the operator has seen, without what changes by itself: ids, times, ages. */
export const shownOf = (plan: Omit<Plan, 'hash'>): unknown => {
	const {
		kind,
		environment,
		from,
		to,
		sha,
		scriptKind,
		command,
		id,
		coming,
		going,
		migration,
		lock,
		observation,
		warnings,
		blocked,
		phrase,
		offers,
		stopping,
		promotion,
		passedLock: past,
	} = plan;
	return [
		kind,
		environment,
		from,
		to,
		sha,
		scriptKind,
		command.map(part => part.replaceAll(id, 'ID')),
		coming?.map(commit => commit.sha),
		going?.map(commit => commit.sha),
		migration,
		lock.state === 'held' ? [lock.lock.id, lock.isStale] : lock.state,
		overall(observation),
		observation.instances.map(({instance, version, health}) => [instance, version, health]),
		warnings,
		blocked?.because,
		phrase,
		offers.map(({release, offered, isDefault}) => [release.id, offered, isDefault]),
		stopping,
		promotion && shownOfPromotion(promotion),
		...(past == null ? [] : [past]),
	];
};

/** Whether the release that a wish names can be found among the releases: by id, by its whole commit, or by the beginning of either. */
export const findRelease = (releases: readonly Release[], name: string): Release | 'ambiguous' | null => {
	const exact = releases.find(({id, sha}) => id === name || sha === name);
	const found = exact
		? [exact]
		: releases.filter(
				({id, sha}) =>
					id.startsWith(name) ||
					sha?.startsWith(name) ||
					(/^[0-9a-f]{7,40}$/.test(name) && id.endsWith(`-${name}`)),
			);
	return found.length === 1 ? found[0]! : found.length === 0 ? null : 'ambiguous';
};

export const needsEvidence = ({name}: EnvironmentSettings): boolean => name === 'production';
