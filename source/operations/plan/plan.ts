/** Finds out everything that a plan shows. Reads only; nothing here throws for what scripts, disks or networks do. */
import {randomBytes} from 'node:crypto';
import {scriptNeeds} from '../../core/settings/child-environment.ts';
import {type Folded, usualDurations} from '../../core/operations/journal-fold.ts';
import {aroundOf, lastEnded, liveRef, runningOn} from '../../core/plan/live.ts';
import type {LockState} from '../../core/locks/lock.ts';
import {isSameVersion, type Observation} from '../../core/releases/observation.ts';
import {offersOf} from '../../core/releases/offers.ts';
import type {Plan, PlanCommit, Wish} from '../../core/plan/plan.ts';
import {needsEvidence, planOf} from '../../core/plan/plan-of.ts';
import type {Migration, Offer} from '../../core/releases/release.ts';
import type {EnvironmentSettings, ScriptSettings, Settings} from '../../core/settings/settings.ts';
import {exitCodes} from '../../errors.ts';
import type {Clock} from '../../world.ts';
import type {ProveAgain} from '../readings/evidence.ts';
import {commitsBetween, type Git, migrationsBetween, scriptsThen} from '../readings/local-history.ts';
import type {Pins} from '../pins/pins-known.ts';
import {planHash} from '../request/plan-hash.ts';
import {deployTarget, namedCommit, rollbackTarget} from './target.ts';
import type {Listing} from '../checkout/listings.ts';
import {releasesOf} from '../checkout/releases.ts';
import {commandOf, findScript, type ScriptFound, scriptPlace} from '../checkout/script-kind.ts';
import {missedBy} from '../checkout/script-words.ts';
import type {ReleaseRef} from '../../core/releases/release-ref.ts';
import type {Ground} from '../../core/plan/ground.ts';

/** What is done by scripts alone. */
type PlainWish = Exclude<Wish, {kind: 'promote'}>;

export type PlanSources = {
	settings: Settings;
	isReadOnly: boolean;
	/** The checkout, in which the paths of scripts begin. */
	directory: string;
	/** The wall's. */
	clock: Clock;
	folded(): Promise<Folded>;
	observe(environment: EnvironmentSettings): Promise<Observation>;
	/** A rollback waits for GitHub no longer than it must. */
	lock(environment: string, atMostMs: number): Promise<LockState>;
	/** What the environment's own script lists; `atLeastSince`: older knowledge is asked for again, wall time, milliseconds. `agreed`: the scripts that may be run for it. */
	list(environment: EnvironmentSettings, atLeastSince: number, agreed: string | null): Promise<Listing>;
	/** Of all operators, as of the last question about the lock. */
	pins: Pick<Pins, 'all' | 'unreadable'>;
	/** What git runs in. */
	env: Readonly<Record<string, string | undefined>>;
	proveAgain: ProveAgain | null;
	journalProblem(): string | null;
};

/** Sortable by time: `20261124T020304Z-deploy-staging-1f9c`. */
export const newOperationId = (now: number, kind: string, environment: string): string =>
	`${new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${kind}-${environment.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, 40)}-${randomBytes(2).toString('hex')}`;

type Way = Pick<Ground, 'coming' | 'going'>;

/** Within GitHub's history, the way between two commits; else the local repository's. */
const wayBetween = async (
	from: ReleaseRef | null,
	to: ReleaseRef | null,
	history: readonly PlanCommit[],
	git: Git,
): Promise<Way> => {
	if (!from?.sha || !to?.sha) return {coming: null, going: null};
	const place = (sha: string) => history.findIndex(commit => commit.sha.startsWith(sha));
	const [old, fresh] = [place(from.sha), place(to.sha)];
	if (old !== -1 && fresh !== -1)
		return {coming: history.slice(fresh, Math.max(fresh, old)), going: history.slice(old, Math.max(old, fresh))};
	const [coming, going] = await Promise.all([
		commitsBetween(git, from.sha, to.sha),
		commitsBetween(git, to.sha, from.sha),
	]);
	return {coming, going};
};

const migrationOf = (
	wish: PlainWish,
	offers: readonly Offer[],
	to: ReleaseRef | null,
	files: readonly string[] | null,
): Migration => {
	if (wish.kind === 'deploy') return files !== null && files.length === 0 ? 'none' : 'unknown';
	const [live, target] = [
		offers.findIndex(({release}) => release.isLive === true),
		offers.findIndex(({release}) => release.id === to?.release),
	];
	const between =
		live === -1 || target <= live ? [] : offers.slice(live, target).map(({release}) => release.migration);
	return (
		(['incompatible', 'unknown', 'compatible', 'none'] as const).find(kind => between.includes(kind)) ?? 'unknown'
	);
};

const pinOn = ({pins}: PlanSources, environment: string, to: ReleaseRef | null): Ground['pin'] => {
	const unreadable = pins.unreadable(environment);
	const pin = pins
		.all()
		.find(each => each.environment === environment && to !== null && isSameVersion(each.sha ?? each.release, to));
	return pin ?? (unreadable === null ? null : {by: 'nobody knows by whom', because: unreadable});
};

const nothingSeen = (environment: string, clock: Clock): Observation => ({
	environment,
	readAt: clock.now(),
	instances: [],
});

const evidenceOf = async (
	{proveAgain}: PlanSources,
	wish: PlainWish,
	environment: EnvironmentSettings,
	to: ReleaseRef | null,
): Promise<Ground['evidence']> => {
	if (wish.kind !== 'deploy' || !needsEvidence(environment) || !to?.sha) return null;
	const refusal =
		proveAgain === null
			? {
					because: 'no evidence can be read: this start has no GitHub',
					next: 'Sign in to GitHub.',
					exitCode: exitCodes.notPermitted,
				}
			: await proveAgain(to.sha);
	return refusal === null
		? {proven: true}
		: {proven: false, because: refusal.because, next: refusal.next, exitCode: refusal.exitCode};
};

/** A deployment needs the list only to name what is live; a rollback chooses from it. */
const listFreshMs = {deploy: 60_000, rollback: 2000} as const;

const lockMs = {deploy: 8000, rollback: 3000} as const;

type Found = {folded: Folded; observation: Observation; lock: LockState; listing: Listing};

const findOut = async (sources: PlanSources, wish: PlainWish, environment: EnvironmentSettings): Promise<Found> => {
	const [folded, observation, lock, listing] = await Promise.all([
		sources.folded(),
		sources.observe(environment),
		sources.lock(wish.environment, lockMs[wish.kind]),
		sources.list(environment, sources.clock.now() - listFreshMs[wish.kind], wish.agreed ?? null),
	]);
	return {folded, observation, lock, listing};
};

const findNothing = async ({folded, clock}: PlanSources, {environment}: PlainWish): Promise<Found> => ({
	folded: await folded(),
	observation: nothingSeen(environment, clock),
	lock: {state: 'unknown', because: 'no such environment'},
	listing: {releases: null, readAt: null, trouble: null},
});

const callOf = (wish: PlainWish, id: string, to: ReleaseRef | null) => ({
	environment: wish.environment,
	sha: to?.sha ?? null,
	release: to?.release ?? null,
	operation: id,
	insists: wish.kind === 'rollback' && wish.insist === true,
});

const scriptOf = (
	wish: PlainWish,
	found: ScriptFound | null,
	own: ScriptSettings | undefined,
	id: string,
	to: ReleaseRef | null,
): Ground['script'] => {
	if (found === null || own === undefined) return {because: 'there is no script', next: ''};
	if (!found.ok) return {because: found.because, next: found.next};
	const command = commandOf(wish.kind, found, own, callOf(wish, id, to));
	// Without a target that is what is in the way.
	return command.ok || to === null
		? {kind: found.kind, command: command.ok ? command.command : []}
		: {because: command.because, next: command.next};
};

const groundOf = async (
	sources: PlanSources,
	wish: PlainWish,
	environment: EnvironmentSettings | null,
	history: readonly PlanCommit[],
): Promise<Ground> => {
	const {settings, isReadOnly, directory, clock, env} = sources;
	const id = newOperationId(clock.now(), wish.kind, wish.environment);
	const git = {directory, env};
	const {folded, observation, lock, listing} =
		environment === null ? await findNothing(sources, wish) : await findOut(sources, wish, environment);
	const own = wish.kind === 'deploy' ? environment?.deploy : environment?.rollback;
	const script = own === undefined ? null : findScript(directory, own);
	const kind = script?.ok ? script.kind : null;
	const known = releasesOf(listing.releases, wish.environment, {folded, pins: sources.pins.all(), observation});
	const releases = [...known, ...(await namedCommit(wish, kind, known, git))];
	const from = liveRef(observation, releases, folded, wish.environment, history);
	const isScriptsChoice =
		wish.kind === 'rollback' &&
		wish.release === null &&
		kind === 'contract' &&
		own?.arguments === null &&
		listing.trouble !== null &&
		listing.readAt === null;
	const offers =
		wish.kind === 'deploy' || isScriptsChoice ? [] : offersOf(releases, aroundOf(folded, wish.environment, from));
	const {to, withoutTarget} =
		wish.kind === 'deploy'
			? await deployTarget(wish, history, git)
			: isScriptsChoice
				? {to: null, withoutTarget: null}
				: rollbackTarget(wish, offers, wish.environment);
	const [way, files, scripts, evidence] = await Promise.all([
		wayBetween(from, to, history, git),
		from?.sha && to?.sha ? migrationsBetween(git, from.sha, to.sha) : null,
		wish.kind === 'deploy' && to?.sha && script?.ok
			? scriptsThen(git, to.sha, scriptPlace(directory, script.path))
			: {state: 'same' as const},
		environment === null ? null : evidenceOf(sources, wish, environment, to),
	]);
	return {
		id,
		wish,
		environment,
		settings,
		isReadOnly,
		directory,
		from,
		to,
		withoutTarget,
		isScriptsChoice,
		listing,
		...way,
		migration: migrationOf(wish, offers, to, files),
		migrationFiles: files,
		script: scriptOf(wish, script, own, id, to),
		...usualDurations(folded, wish.kind, wish.environment),
		lock,
		observation,
		offers,
		running: runningOn(folded, wish.environment),
		last: lastEnded(folded, wish.environment),
		pin: pinOn(sources, wish.environment, to),
		evidence,
		scripts,
		journalProblem: sources.journalProblem(),
		missed: script?.ok
			? missedBy(script.path, directory, env, scriptNeeds(settings, wish.environment, wish.kind))
			: [],
	};
};

export const makePlan = async (
	sources: PlanSources,
	wish: PlainWish,
	history: readonly PlanCommit[],
): Promise<Plan> => {
	const environment = sources.settings.environments.find(({name}) => name === wish.environment) ?? null;
	const plan = planOf(await groundOf(sources, wish, environment, history));
	return {...plan, hash: planHash(plan)};
};
