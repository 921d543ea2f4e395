/** Finds out everything that a plan shows. Reads only; nothing here throws for what scripts, disks or networks do. */
import {createHash, randomBytes} from 'node:crypto';
import {dirname, relative} from 'node:path';
import {type Folded, usualDurations} from '../core/journal-fold.ts';
import type {LockState} from '../core/lock.ts';
import {isSameVersion, type Observation, overall} from '../core/observation.ts';
import type {Operation, ReleaseRef} from '../core/operation.ts';
import {offersOf} from '../core/offers.ts';
import type {Plan, PlanCommit, Wish} from '../core/plan.ts';
import {findRelease, type Ground, needsEvidence, type Obstacle, planOf, shownOf} from '../core/plan-of.ts';
import type {Migration, Offer, Release} from '../core/release.ts';
import type {EnvironmentSettings, Settings} from '../core/settings.ts';
import {exitCodes} from '../errors.ts';
import type {Clock} from '../world.ts';
import type {ProveAgain} from './evidence.ts';
import {commitsBetween, migrationsBetween, resolveCommit, scriptsThen} from './local-history.ts';
import {commandOf, findScript} from './script-kind.ts';

export type PlanSources = {
	settings: Settings;
	isReadOnly: boolean;
	/** The checkout, in which the paths of scripts begin. */
	directory: string;
	/** The wall's. */
	clock: Clock;
	folded(): Promise<Folded>;
	observe(environment: EnvironmentSettings): Promise<Observation>;
	lock(environment: string): Promise<LockState>;
	releases(environment: EnvironmentSettings, observation: Observation): Promise<readonly Release[]>;
	proveAgain: ProveAgain | null;
	journalProblem(): string | null;
};

/** Sortable by time: `20261124T020304Z-deploy-staging-1f9c`. */
export const newOperationId = (now: number, kind: string, environment: string): string =>
	`${new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${kind}-${environment.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, 40)}-${randomBytes(2).toString('hex')}`;

const runningOn = (folded: Folded, environment: string): Operation | null =>
	[...folded.operations.values()].findLast(({operation}) => operation.environment === environment && operation.outcome === 'running')?.operation ?? null;

const lastEnded = (folded: Folded, environment: string): Operation | undefined =>
	[...folded.operations.values()].findLast(({operation}) => operation.environment === environment && operation.finishedAt !== null)?.operation;

/** The commit in full, where anything knows it. */
const fullSha = (short: string, releases: readonly Release[], history: readonly PlanCommit[]): string | null => {
	const known = [...history.map(({sha}) => sha), ...releases.flatMap(({sha}) => (sha === null ? [] : [sha]))].filter(sha => sha.startsWith(short));
	return known.toSorted((a, b) => b.length - a.length)[0] ?? (/^[0-9a-f]{7,40}$/.test(short) ? short : null);
};

/** What is live: by the environment's own word, else by the script's, else by our journal's last. */
export const liveRef = (observation: Observation | null, releases: readonly Release[], folded: Folded, environment: string, history: readonly PlanCommit[] = []): ReleaseRef | null => {
	const version = observation === null ? null : overall(observation).version;
	const release = version === null ? releases.find(({isLive}) => isLive === true) : releases.find(({id, sha}) => isSameVersion(version, {release: id, sha}));
	if (release) return {release: release.id, sha: release.sha === null ? null : fullSha(release.sha, releases, history)};
	if (version !== null) return {release: version, sha: fullSha(version.toLowerCase(), releases, history)};
	const last = observation !== null && overall(observation).isMixed ? undefined : lastEnded(folded, environment);
	return last?.outcome === 'succeeded' ? last.to : last?.outcome === 'failed' || last?.outcome === 'rolled-back' ? last.from : null;
};

/** An interrupted operation left this release: the first to go back to. */
export const interruptedFrom = (folded: Folded, environment: string): string | null => {
	const last = lastEnded(folded, environment);
	return last?.outcome === 'interrupted' && last.kind !== 'rollback' ? last.from?.release ?? null : null;
};

type Target = {to: ReleaseRef | null; withoutTarget: Obstacle | null};
const without = (because: string, next: string, exitCode: number): Target => ({to: null, withoutTarget: {because, next, exitCode}});

const deployTarget = async (wish: Extract<Wish, {kind: 'deploy'}>, history: readonly PlanCommit[], directory: string): Promise<Target> => {
	const name = wish.sha?.toLowerCase() ?? history[0]?.sha ?? null;
	if (name === null) return without('no commit is named, and GitHub shows none', 'Name it: --sha SHA.', exitCodes.usage);
	const known = history.filter(({sha}) => sha.startsWith(name));
	if (known.length > 1) return without(`${name} is the beginning of ${known.length} commits`, 'Give more of it.', exitCodes.usage);
	const sha = known[0]?.sha ?? (/^[0-9a-f]{40}$/.test(name) ? name : await resolveCommit(directory, name));
	return sha === null ? without(`there is no commit ${name} here`, 'git fetch, or give the full SHA.', exitCodes.usage) : {to: {release: sha, sha}, withoutTarget: null};
};

const rollbackTarget = (wish: Extract<Wish, {kind: 'rollback'}>, offers: readonly Offer[], environment: string): Target => {
	const of = ({id, sha}: Release): Target => ({to: {release: id, sha}, withoutTarget: null});
	if (wish.release === null) {
		const found = offers.find(({isDefault}) => isDefault);
		if (found) return of(found.release);
		const why = offers.filter(({release}) => release.isLive !== true).slice(0, 3).map(({release, because}) => `${release.id}: ${because}`).join('; ');
		return without(`there is no release to roll ${environment} back to${why === '' ? '' : ` (${why})`}`, offers.some(({offered, canInsist}) => offered || canInsist) ? 'Pick one by name: --to RELEASE.' : 'Ship a fix forward.', exitCodes.refused);
	}
	const found = findRelease(offers.map(({release}) => release), wish.release);
	if (found === null) return without(`${environment} has no release ${wish.release}`, offers.length === 0 ? 'No release is known here.' : `It has ${offers.slice(0, 5).map(({release}) => release.id).join(', ')}.`, exitCodes.usage);
	return found === 'ambiguous' ? without(`${wish.release} is the beginning of several releases`, 'Give more of it.', exitCodes.usage) : of(found);
};

type Way = Pick<Ground, 'coming' | 'going'>;

/** Within GitHub's history, the way between two commits; else the local repository's. */
const wayBetween = async (from: ReleaseRef | null, to: ReleaseRef | null, history: readonly PlanCommit[], directory: string): Promise<Way> => {
	if (!from?.sha || !to?.sha) return {coming: null, going: null};
	const place = (sha: string) => history.findIndex(commit => commit.sha.startsWith(sha));
	const [old, fresh] = [place(from.sha), place(to.sha)];
	if (old !== -1 && fresh !== -1) return {coming: history.slice(fresh, Math.max(fresh, old)), going: history.slice(old, Math.max(old, fresh))};
	const [coming, going] = await Promise.all([commitsBetween(directory, from.sha, to.sha), commitsBetween(directory, to.sha, from.sha)]);
	return {coming, going};
};

const migrationOf = (wish: Wish, offers: readonly Offer[], to: ReleaseRef | null, files: readonly string[] | null): Migration => {
	if (wish.kind === 'deploy') return files !== null && files.length === 0 ? 'none' : 'unknown';
	const [live, target] = [offers.findIndex(({release}) => release.isLive === true), offers.findIndex(({release}) => release.id === to?.release)];
	const between = live === -1 || target <= live ? [] : offers.slice(live, target).map(({release}) => release.migration);
	return (['incompatible', 'unknown', 'compatible', 'none'] as const).find(kind => between.includes(kind)) ?? 'unknown';
};

const pinOn = (folded: Folded, environment: string, to: ReleaseRef | null) =>
	[...folded.pins.values()].find(pin => pin.environment === environment && to !== null && isSameVersion(pin.sha ?? pin.release, to)) ?? null;

const nothingSeen = (environment: string, clock: Clock): Observation => ({environment, readAt: clock.now(), instances: []});

const evidenceOf = async ({proveAgain}: PlanSources, wish: Wish, environment: EnvironmentSettings, to: ReleaseRef | null): Promise<Ground['evidence']> => {
	if (wish.kind !== 'deploy' || !needsEvidence(environment) || !to?.sha) return null;
	const refusal = proveAgain === null ? {because: 'no evidence can be read: this start has no GitHub', next: 'Sign in to GitHub.', exitCode: exitCodes.notPermitted} : await proveAgain(to.sha);
	return refusal === null ? {proven: true} : {proven: false, because: refusal.because, next: refusal.next, exitCode: refusal.exitCode};
};

const groundOf = async (sources: PlanSources, wish: Wish, environment: EnvironmentSettings | null, history: readonly PlanCommit[]): Promise<Ground> => {
	const {settings, isReadOnly, directory, clock} = sources;
	const id = newOperationId(clock.now(), wish.kind, wish.environment);
	const [folded, observation, lock] = await Promise.all([
		sources.folded(), environment === null ? nothingSeen(wish.environment, clock) : sources.observe(environment),
		environment === null ? {state: 'unknown' as const, because: 'no such environment'} : sources.lock(wish.environment),
	]);
	const releases = environment === null ? [] : await sources.releases(environment, observation);
	const from = liveRef(observation, releases, folded, wish.environment, history);
	const offers = wish.kind === 'rollback' ? offersOf(releases, {live: from, interruptedFrom: interruptedFrom(folded, wish.environment)}) : [];
	const {to, withoutTarget} = wish.kind === 'deploy' ? await deployTarget(wish, history, directory) : rollbackTarget(wish, offers, wish.environment);
	const own = wish.kind === 'deploy' ? environment?.deploy : environment?.rollback;
	const script = own === undefined ? null : findScript(directory, own);
	const [way, files, scripts, evidence] = await Promise.all([
		wayBetween(from, to, history, directory),
		from?.sha && to?.sha ? migrationsBetween(directory, from.sha, to.sha) : null,
		wish.kind === 'deploy' && to?.sha && script?.ok ? scriptsThen(directory, to.sha, relative(directory, dirname(script.path)) || '.') : {state: 'same' as const},
		environment === null ? null : evidenceOf(sources, wish, environment, to),
	]);
	return {
		id, wish, environment, settings, isReadOnly, directory, from, to, withoutTarget, ...way, migration: migrationOf(wish, offers, to, files), migrationFiles: files,
		script: script === null ? {because: 'there is no script', next: ''} : script.ok
			? {kind: script.kind, command: commandOf(wish.kind, script, own!, {environment: wish.environment, sha: to?.sha ?? null, release: wish.kind === 'rollback' ? to?.release ?? null : to?.sha ?? null, operation: id, insists: wish.kind === 'rollback' && wish.insist === true})}
			: {because: script.because, next: script.next},
		...usualDurations(folded, wish.kind, wish.environment), lock, observation, offers, running: runningOn(folded, wish.environment),
		pin: pinOn(folded, wish.environment, to), evidence, scripts, journalProblem: sources.journalProblem(),
	};
};

export const makePlan = async (sources: PlanSources, wish: Wish, history: readonly PlanCommit[]): Promise<Plan> => {
	const environment = sources.settings.environments.find(({name}) => name === wish.environment) ?? null;
	const plan = planOf(await groundOf(sources, wish, environment, history));
	return {...plan, hash: createHash('sha256').update(JSON.stringify(shownOf(plan))).digest('hex')};
};
