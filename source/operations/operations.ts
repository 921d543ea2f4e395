/** The World's operations: what screens and commands can see and want. Reads the disk, asks environments, starts supervisors; never acts itself. */
import {foldRecords, type Folded, nothingFolded, operationsIn, unsettled} from '../core/journal-fold.ts';
import {secretsFrom} from '../core/mask.ts';
import {offersOf, readinessOf} from '../core/offers.ts';
import type {Observation} from '../core/observation.ts';
import type {Operation} from '../core/operation.ts';
import type {Pin} from '../core/pin.ts';
import type {EnvironmentSettings, Settings} from '../core/settings.ts';
import {exitCodes} from '../errors.ts';
import type {GitHubEdge} from '../github/edge.ts';
import type {Clock, Operations, OperationsReading, Refusal} from '../world.ts';
import {beginOperation} from './begin-operation.ts';
import {breakItem, unpinItem} from './deliver.ts';
import type {ProveAgain} from './evidence.ts';
import {giveBackHumanLock, takeHumanLock} from './human-locks.ts';
import {createJournal} from './journal.ts';
import {createJournalReader} from './journal-reader.ts';
import {createRemoteKnowledge, lockNow} from './locks-now.ts';
import {openLog} from './log-file.ts';
import {isSupervised} from './machine-lock.ts';
import {changesIn} from './changes-in.ts';
import {observe} from './observe.ts';
import {queueItems, readOutbox} from './outbox.ts';
import {isOperationId, operationPaths, statePaths} from './paths.ts';
import {interruptedFrom, liveRef, makePlan} from './plan.ts';
import {reconcile, type SupervisorCommand} from './reconcile.ts';
import {listReleases, rememberedReleases, rememberReleases, releasesOf} from './releases.ts';
import {writeStop} from './request.ts';
import {isScriptAlive} from './runner.ts';
import {findScript} from './script-kind.ts';

export type OperationsOptions = {
	/** The platform's state folder of this program. */
	state: string;
	gitHubHost: string;
	/** Whether the person named that host: decides which token belongs to it. */
	isExplicit: boolean;
	/** OWNER/NAME */
	repository: string;
	/** The checkout, in which the paths of scripts begin. */
	directory: string;
	settings: Settings;
	/** Look only: enforced here, whatever the interface. */
	readOnly: boolean;
	/** Name of this machine, and of who is at it when GitHub cannot say. */
	host: string;
	user: string;
	/** The wall's. */
	clock: Clock;
	supervisor: SupervisorCommand;
	/** null: this world has no GitHub. Rejects with a `Failure` when there is no token. */
	gitHub: (() => Promise<GitHubEdge>) | null;
	proveAgain: ProveAgain | null;
	fetch?: typeof globalThis.fetch;
};

const operationsShown = 200;
const loginMs = 4000;
/** A lock on GitHub that was read so recently is not read again for a plan. */
const freshMs = 2000;
/** The list of releases costs a call of the script, perhaps over ssh. */
const releasesFreshMs = 60_000;

export const createOperations = (options: OperationsOptions): Operations => {
	const {settings, directory, clock, supervisor, readOnly, host} = options;
	const paths = statePaths(options.state, options.gitHubHost, options.repository);
	const journal = createJournal(paths, () => clock.now());
	const reader = createJournalReader(paths.journal);
	const changed = changesIn(paths, clock);
	const remote = createRemoteKnowledge(options.gitHub === null ? null : async () => (await options.gitHub!()).locks, clock);
	const observed = new Map<string, Observation>();
	let folded = nothingFolded;
	let problem: string | null = null;
	let remotePins: readonly Pin[] = [];
	let login: Promise<string | null> | null = null;

	const fold = async (): Promise<Folded> => {
		try {
			const {records, isFresh} = await reader.read();
			folded = foldRecords(isFresh ? nothingFolded : folded, records);
			problem = null;
		} catch (error) {
			problem = `${paths.journal} cannot be read: ${(error as Error).message}`;
		}
		return folded;
	};

	/** Login on GitHub; who cannot be asked now is asked again the next time, and acts under the name on this machine meanwhile. */
	const operator = async (): Promise<string> => {
		login ??= options.gitHub === null ? Promise.resolve(null) : options.gitHub().then(edge => edge.operatorName(AbortSignal.timeout(loginMs))).catch(() => null);
		const name = await login;
		if (name === null) login = null;
		return name ?? options.user;
	};

	const probe = async (environment: EnvironmentSettings, signal?: AbortSignal): Promise<Observation> => {
		const observation = await observe(environment, {clock, ...(options.fetch && {fetch: options.fetch})}, signal);
		observed.set(environment.name, observation);
		return observation;
	};

	const settingsOf = (name: string) => settings.environments.find(environment => environment.name === name);

	const listed = async (environment: EnvironmentSettings, atLeastSince: number, signal?: AbortSignal) => {
		const script = findScript(directory, environment.rollback);
		if (!script.ok || script.kind !== 'contract') return null;
		const remembered = rememberedReleases(paths, environment.name);
		if (remembered !== null && remembered.readAt >= atLeastSince) return remembered.releases;
		const answer = await listReleases(script.path, environment.name, {directory, env: supervisor.env, ...(signal && {signal})});
		if (answer.ok && !readOnly) {
			try {
				rememberReleases(paths, environment.name, {releases: answer.releases, readAt: clock.now()});
			} catch { /* A full disk: the next plan asks the script again. */ }
		}
		return answer.ok ? answer.releases : remembered?.releases ?? [];
	};

	/** Since the last operation has ended there, what the script said before is old. */
	const changedAt = (environment: string) => Math.max(0, ...[...folded.operations.values()].flatMap(({operation}) => (operation.environment === environment ? [operation.finishedAt ?? operation.startedAt] : [])));

	const withLife = (operation: Operation): Operation => {
		if (operation.outcome !== 'running') return operation;
		const files = operationPaths(paths, operation.id);
		try {
			const isWatched = isSupervised(files.directory);
			return isWatched || isScriptAlive(operation.id, files) ? {...operation, isSupervised: isWatched} : {
				...operation, isSupervised: false, outcome: 'interrupted', exitCode: exitCodes.needsHuman,
				because: 'Its supervisor is gone, and nothing of it runs any more; it has not been settled yet', next: readOnly ? 'A start without --read-only settles it.' : 'The next look settles it.',
			};
		} catch {
			return operation;
		}
	};

	const readiness = (environment: EnvironmentSettings): OperationsReading['readiness'][string] => {
		const script = findScript(directory, environment.rollback);
		if (!script.ok) return {ready: false, because: script.because, next: script.next};
		const remembered = script.kind === 'contract' ? rememberedReleases(paths, environment.name) : null;
		if (script.kind === 'contract' && remembered === null) return {ready: 'unknown', because: 'its releases have not been listed yet'};
		const observation = observed.get(environment.name) ?? null;
		const releases = releasesOf(remembered?.releases ?? null, folded, environment.name, observation);
		return readinessOf(offersOf(releases, {live: liveRef(observation, releases, folded, environment.name), interruptedFrom: interruptedFrom(folded, environment.name)}));
	};

	const outbox = (): OperationsReading['outbox'] => {
		try {
			const {waiting, oldestAt, because} = readOutbox(paths.outbox);
			return {waiting: waiting.length, oldestAt, because};
		} catch (error) {
			return {waiting: 0, oldestAt: null, because: (error as Error).message};
		}
	};

	const byEnvironment = <Value>(of: (environment: EnvironmentSettings) => Value) => Object.fromEntries(settings.environments.map(environment => [environment.name, of(environment)] as const));

	const pins = () => [...new Map([...remotePins.filter(pin => !isUnpinned(pin)), ...folded.pins.values()].map(pin => [`${pin.environment}\n${pin.release}`, pin] as const)).values()]
		.map(({environment, release, sha, by, at, because}) => ({environment, release, sha, by, at, because}));
	/** Cleared here, but GitHub has not been told yet. */
	const unpinned = new Map<string, number>();
	const isUnpinned = ({environment, at}: Pin) => (unpinned.get(environment) ?? 0) > at;

	const settle = async (): Promise<void> => {
		const orphans = unsettled(await fold());
		if (readOnly || orphans.length === 0) return;
		try {
			await reconcile(paths, supervisor, {known: orphans});
		} catch (error) {
			problem = (error as Error).message;
		}
		await fold();
	};

	const refused: Refusal = {ok: false, because: 'this is a read-only start: nothing may be changed from here', next: 'Start without --read-only, or remove readOnly from deployctl.yml.', exitCode: exitCodes.refused};
	const noEnvironment = (name: string): Refusal => ({ok: false, because: `there is no environment "${name}"`, next: `deployctl.yml knows ${settings.environments.map(environment => environment.name).join(', ')}.`, exitCode: exitCodes.usage});
	const keeper = {
		paths, journal, clock, host, operator, remote: options.gitHub === null ? null : async () => (await options.gitHub!()).locks,
		onBreak: async (broken: Parameters<typeof breakItem>[0]) => queueItems(paths.outbox, breakItem(broken, settings), {now: () => clock.now(), journal}),
	};
	const about = async <Answer>(environment: string, act: () => Promise<Answer>): Promise<Answer | Refusal> => (readOnly ? refused : settingsOf(environment) === undefined ? noEnvironment(environment) : act());
	const secrets = secretsFrom(supervisor.env);

	return {
		async read() {
			await settle();
			const locks = byEnvironment(({name}) => lockNow(paths, name, remote.known(), remote.hasRemote, clock.now()));
			return {operator: await operator(), operations: operationsIn(folded, operationsShown).map(withLife), locks, readiness: byEnvironment(readiness), pins: pins(), outbox: outbox(), problem};
		},
		async refresh(environments, signal) {
			await Promise.all([
				remote.refresh(),
				...environments.flatMap(name => { const found = settingsOf(name); return found ? [listed(found, Math.max(clock.now() - releasesFreshMs, changedAt(name)), signal)] : []; }),
				options.gitHub?.().then(async edge => { const answer = await edge.pins.read(AbortSignal.timeout(8000)); if (answer.ok) remotePins = answer.pins; }).catch(() => {}),
			]);
		},
		changed,
		observe: async (name, signal) => { const found = settingsOf(name); return found ? probe(found, signal) : {environment: name, readAt: clock.now(), instances: []}; },
		plan: (wish, history) => makePlan({
			settings, isReadOnly: readOnly, directory, clock, folded: fold, observe: probe, proveAgain: options.proveAgain,
			lock: async name => { await remote.refresh({freshMs}); return lockNow(paths, name, remote.known(), remote.hasRemote, clock.now()); },
			releases: async (environment, observation) => releasesOf(await listed(environment, clock.now() - freshMs), folded, environment.name, observation),
			journalProblem: () => problem,
		}, wish, history),
		async start(plan, confirmation) {
			if (readOnly) return refused;
			return beginOperation({paths, supervisor, clock, folded: fold, changed}, {
				plan, operator: await operator(), host, repository: options.repository, gitHubHost: options.gitHubHost, isExplicit: options.isExplicit, settings, confirmation, state: options.state,
			});
		},
		async stop(id, thenRollBack) {
			if (readOnly) return refused;
			const known = isOperationId(id) ? (await fold()).operations.get(id) : undefined;
			if (known === undefined) return {ok: false, because: `there is no operation ${id}`, next: 'deployctl operations lists them.', exitCode: exitCodes.usage};
			if (known.operation.outcome !== 'running') return {ok: false, because: `${id} has ended: ${known.operation.because}`, next: 'There is nothing to stop.', exitCode: exitCodes.refused};
			try {
				writeStop(operationPaths(paths, id), {by: await operator(), thenRollBack});
				await settle();
				return {ok: true};
			} catch (error) {
				return {ok: false, because: `the wish to stop could not be written: ${(error as Error).message}`, next: 'Make room on the disk.', exitCode: exitCodes.failed};
			}
		},
		lock: (environment, reason) => about(environment, () => takeHumanLock(keeper, environment, reason)),
		unlock: (environment, breaking) => about(environment, () => giveBackHumanLock(keeper, environment, breaking)),
		unpin: (environment, reason) => about(environment, async () => {
			const held = pins().filter(pin => pin.environment === environment);
			if (held.length === 0) return {ok: true, note: 'nothing was pinned'};
			const by = await operator();
			try {
				await journal.append(held.map(({release, sha}) => ({type: 'unpinned', operation: null, environment, release, sha, by, because: reason})));
				unpinned.set(environment, clock.now());
				if (options.gitHub !== null) await queueItems(paths.outbox, [unpinItem(environment, null, clock.now())], {now: () => clock.now(), journal});
				await fold();
				return {ok: true};
			} catch (error) {
				return {ok: false, because: (error as Error).message, next: 'Make room on the disk, or look at the permissions of the state folder.', exitCode: exitCodes.failed};
			}
		}),
		log: id => { const {raw, log} = operationPaths(paths, id); return openLog({raw, sealed: log}, {secrets}); },
	};
};
