/** The World's operations: what screens and commands can see and want. Reads the disk, asks environments, starts supervisors; never acts itself. */
import {foldRecords, type Folded, nothingFolded, operationsIn, unsettled} from '../core/operations/journal-fold.ts';
import {aroundOf, liveRef, newestObservation} from '../core/plan/live.ts';
import {secretsFrom} from '../core/text/mask.ts';
import {offersOf, readinessOf} from '../core/releases/offers.ts';
import {type Observation, overall} from '../core/releases/observation.ts';
import type {Operation} from '../core/operations/operation.ts';
import {safeText} from '../core/text/safe-text.ts';
import type {EnvironmentSettings} from '../core/settings/settings.ts';
import {compareVersion} from '../core/releases/version.ts';
import {exitCodes} from '../errors.ts';
import type {RemoteLocks} from '../github/branches/locks.ts';
import type {Operations, OperationsReading, Refusal} from '../world.ts';
import {beginOperation} from './request/begin-operation.ts';
import {breakItem} from './outbox/deliver.ts';
import {giveBackHumanLock, takeHumanLock} from './locks/human-locks.ts';
import {createJournal} from './journal/journal.ts';
import {createJournalReader} from './journal/journal-reader.ts';
import type {LockRecord} from '../core/locks/lock.ts';
import {createKnowledge} from './readings/knowledge.ts';
import {lockNow, type RemoteKnowledge} from './supervisor/locks-now.ts';
import {openLog} from '../logs/log-file.ts';
import {isSupervised} from './locks/machine-lock.ts';
import {changesIn} from './journal/changes-in.ts';
import {observe} from './readings/observe.ts';
import {type Outbox, readOutbox} from './outbox/outbox.ts';
import {isOperationId, operationPaths, statePaths} from './files/paths.ts';
import {clearPins} from './pins/clear-pins.ts';
import {createPins} from './pins/pins-known.ts';
import {createPost} from './outbox/post.ts';
import {createListings} from './checkout/listings.ts';
import {createOperatorName} from './operator-name.ts';
import {productionJudge} from './production-judge.ts';
import type {OperationsOptions} from './options.ts';
import {createOnGitHub} from './on-github.ts';
import {makePlan, type PlanSources} from './plan/plan.ts';
import {makePromotionPlan} from './plan/promotion.ts';
import {reconcile} from './locks/reconcile.ts';
import {releasesOf} from './checkout/releases.ts';
import {writeStop} from './request/request.ts';
import {isScriptAlive} from './script/runner.ts';
import {createScriptTrust} from './checkout/script-trust.ts';
import {findScript} from './checkout/script-kind.ts';

const operationsShown = 200;
/** A lock on GitHub that was read so recently is not read again for a plan. */
const freshMs = 2000;
/** The list of releases costs a call of the script, perhaps over ssh. */
const releasesFreshMs = 60_000;
const deliverMs = 10_000;
const afterMs = 3000;

export const createOperations = (options: OperationsOptions): Operations => {
	const {settings, directory, clock, supervisor, readOnly, host} = options;
	const paths = statePaths(options.state, options.gitHubHost, options.repository);
	const journal = createJournal(paths, () => clock.now());
	const reader = createJournalReader(paths.journal);
	const {mark, changed} = changesIn(paths, clock);
	const {gitHub} = options;
	const locks = gitHub === null ? null : async () => (await gitHub()).locks;
	const remote = createKnowledge<Extract<Awaited<ReturnType<RemoteLocks['read']>>, {ok: true}>>(
		locks === null ? null : async signal => (await locks()).read(signal),
		clock,
	);
	const operator = createOperatorName(options.gitHub, options.user, clock);
	const trust =
		options.trustsScripts === true
			? null
			: (options.scriptTrust ?? createScriptTrust({paths, git: {directory, env: supervisor.env}, settings}));
	const listings = createListings({paths, directory, env: supervisor.env, settings, clock, trust, readOnly});
	const observed = new Map<string, Observation>();
	let folded = nothingFolded;
	let problem: string | null = null;
	const secrets = secretsFrom(supervisor.env);
	const post = createPost({
		paths,
		journal,
		settings,
		repository: options.repository,
		gitHub,
		env: supervisor.env,
		secrets,
		clock,
		...(options.fetch && {fetch: options.fetch}),
	});
	const pins = createPins({
		remote: gitHub === null ? null : async () => (await gitHub()).pins,
		folded: () => folded,
		waiting: () => waiting().waiting,
		clock,
	});

	const fold = async (): Promise<Folded> => {
		try {
			mark();
			const {records, isFresh} = await reader.read();
			folded = foldRecords(isFresh ? nothingFolded : folded, records);
			problem = null;
		} catch (error) {
			problem = `${paths.journal} cannot be read: ${(error as Error).message}`;
		}
		return folded;
	};

	const probe = async (environment: EnvironmentSettings, signal?: AbortSignal): Promise<Observation> => {
		const observation = await observe(environment, {clock, ...(options.fetch && {fetch: options.fetch})}, signal);
		observed.set(environment.name, observation);
		return observation;
	};

	const settingsOf = (name: string) => settings.environments.find(environment => environment.name === name);

	/** Since the last operation has ended there, what the script said before is old. */
	const changedAt = (environment: string) =>
		Math.max(
			0,
			...[...folded.operations.values()].flatMap(({operation}) =>
				operation.environment === environment ? [operation.finishedAt ?? operation.startedAt] : [],
			),
		);

	/** Something else is live than the list says: somebody has deployed, past us perhaps. */
	const isOvertaken = (environment: EnvironmentSettings): boolean => {
		const seen = observed.get(environment.name);
		const version = seen === undefined ? null : overall(seen).version;
		const live = listings.remembered(environment)?.releases?.find(({isLive}) => isLive === true);
		return (
			version !== null &&
			live !== undefined &&
			compareVersion(version, {release: live.id, sha: live.sha}) === 'different'
		);
	};

	/** Opening a screen in a checkout must not run what lies in it: only once somebody has planned or operated from here are its lists kept fresh. */
	const mayList = (environment: EnvironmentSettings) =>
		options.trustsScripts === true ||
		folded.operations.size > 0 ||
		listings.remembered(environment)?.readAt != null;

	const withLife = (operation: Operation): Operation => {
		if (operation.outcome !== 'running') return operation;
		const files = operationPaths(paths, operation.id);
		try {
			const isWatched = isSupervised(files.directory);
			return isWatched || isScriptAlive(operation.id, files)
				? {...operation, isSupervised: isWatched}
				: {
						...operation,
						isSupervised: false,
						outcome: 'interrupted',
						exitCode: exitCodes.needsHuman,
						because: 'Its supervisor is gone, and nothing of it runs any more; it has not been settled yet',
						next: readOnly ? 'A start without --read-only settles it.' : 'The next look settles it.',
					};
		} catch {
			return operation;
		}
	};

	const readiness = (environment: EnvironmentSettings): OperationsReading['readiness'][string] => {
		const script = findScript(directory, environment.rollback);
		if (!script.ok) return {ready: false, because: script.because, next: script.next};
		const remembered = listings.remembered(environment);
		if (remembered === null)
			return {ready: 'unknown', because: 'its releases have not been listed yet: planning a rollback does that'};
		const observation = newestObservation(observed.get(environment.name) ?? null, folded, environment.name);
		const releases = releasesOf(remembered.releases, environment.name, {folded, pins: pins.all(), observation});
		return readinessOf(
			offersOf(
				releases,
				aroundOf(folded, environment.name, liveRef(observation, releases, folded, environment.name)),
			),
		);
	};

	const waiting = (): Outbox => {
		try {
			return readOutbox(paths.outbox);
		} catch (error) {
			return {waiting: [], oldestAt: null, because: (error as Error).message};
		}
	};
	const outbox = (): OperationsReading['outbox'] => {
		const {waiting: items, oldestAt, because} = waiting();
		return {waiting: items.length, oldestAt, because};
	};

	const byEnvironment = <Value>(of: (environment: EnvironmentSettings) => Value) =>
		Object.fromEntries(settings.environments.map(environment => [environment.name, of(environment)] as const));

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

	/** An operation that has its outcome gives its locks back within an instant; one that could not reach GitHub for that still owes it. */
	const isGivenBack = (lock: LockRecord) => {
		const known = lock.operation === null ? undefined : folded.operations.get(lock.operation);
		return (
			known !== undefined &&
			known.operation.finishedAt !== null &&
			!(known.trail.isUnlocked && known.trail.owesRelease)
		);
	};
	const silent = (): RemoteKnowledge => ({
		readAt: clock.now(),
		answer: {ok: false, because: 'GitHub does not answer'},
	});
	const lockOf = (name: string, isAnswered = true) =>
		lockNow(name, {
			paths,
			known: isAnswered ? remote.known() : silent(),
			hasRemote: remote.hasRemote,
			isGivenBack,
			now: clock.now(),
		});

	const refused: Refusal = {
		ok: false,
		because: 'this is a read-only start: nothing may be changed from here',
		next: 'Start without --read-only, or remove readOnly from deployctl.yml.',
		exitCode: exitCodes.refused,
	};
	const noEnvironment = (name: string): Refusal => ({
		ok: false,
		because: `there is no environment "${name}"`,
		next: `deployctl.yml knows ${settings.environments.map(environment => environment.name).join(', ')}.`,
		exitCode: exitCodes.usage,
	});
	const keeper = {
		paths,
		journal,
		clock,
		host,
		user: options.user,
		operator: () => operator.ask(),
		remote: locks,
		onBreak: async (broken: Parameters<typeof breakItem>[0]) => post.queue(breakItem(broken, settings)),
	};
	const about = async <Answer>(environment: string, act: () => Promise<Answer>): Promise<Answer | Refusal> =>
		readOnly ? refused : settingsOf(environment) === undefined ? noEnvironment(environment) : act();
	/** What was just done is seen by the next reading. */
	const afterwards = async <Answer>(answer: Answer): Promise<Answer> => {
		await Promise.all([remote.refresh({atMostMs: afterMs}), post.flush(afterMs)]);
		return answer;
	};

	const lockAndPins = async (name: string, atMostMs: number, youngerThanMs = freshMs) => {
		const wanted = {freshMs: youngerThanMs, atMostMs};
		const [isAnswered] = await Promise.all([remote.refresh(wanted), pins.refresh(wanted)]);
		return lockOf(name, isAnswered);
	};
	const sources: PlanSources = {
		settings,
		isReadOnly: readOnly,
		directory,
		clock,
		folded: fold,
		observe: probe,
		proveAgain: options.proveAgain,
		lock: lockAndPins,
		list: (environment, atLeastSince, agreed) =>
			listings.list(environment, Math.max(atLeastSince, changedAt(environment.name)), {agreed}),
		pins,
		env: supervisor.env,
		journalProblem: () => problem,
	};
	const promotions = gitHub === null ? null : async () => (await gitHub()).promotions;
	const judge = productionJudge({
		...options,
		promotions,
		lock: (name, atMostMs) => lockAndPins(name, atMostMs, 0),
		pins,
		observe: probe,
		folded: fold,
	});

	return {
		async read() {
			await settle();
			const locks = byEnvironment(({name}) => lockOf(name));
			return {
				operator: operator.known(),
				operations: operationsIn(folded, operationsShown).map(withLife),
				locks,
				readiness: byEnvironment(readiness),
				pins: pins.all(),
				outbox: outbox(),
				problem,
			};
		},
		async refresh(environments, signal) {
			await Promise.all([
				remote.refresh(),
				operator.ask(),
				...environments.flatMap(name => {
					const found = settingsOf(name);
					return found && mayList(found)
						? [
								listings.list(
									found,
									isOvertaken(found)
										? clock.now()
										: Math.max(clock.now() - releasesFreshMs, changedAt(name)),
									{signal},
								),
							]
						: [];
				}),
				pins.refresh(),
				...(readOnly || gitHub === null ? [] : [post.flush(deliverMs)]),
			]);
		},
		changed,
		observe: async (name, signal) => {
			const found = settingsOf(name);
			return found ? probe(found, signal) : {environment: name, readAt: clock.now(), instances: []};
		},
		plan: (wish, history) =>
			wish.kind === 'promote'
				? makePromotionPlan(
						{
							...sources,
							judge,
							promotions,
							promoter: options.promoter ?? [],
							folderOf: id => operationPaths(paths, id).directory,
							login: () => operator.login(),
						},
						wish,
					)
				: makePlan(sources, wish, history),
		judge: async question =>
			judge === null
				? {
						ok: false,
						because: 'no evidence can be read: this start has no GitHub',
						next: 'Sign in to GitHub.',
						exitCode: exitCodes.notPermitted,
					}
				: judge(question),
		...createOnGitHub({
			gitHub,
			isReadOnly: readOnly,
			settings,
			operator: () => operator.ask(),
			write: event => journal.append([event]),
			safe: text => safeText(text, 500, secrets),
		}),
		async start(plan, confirmation) {
			if (readOnly) return refused;
			return beginOperation(
				{paths, supervisor, clock, folded: fold, changed},
				{
					plan,
					operator: await operator.ask(),
					host,
					repository: options.repository,
					gitHubHost: options.gitHubHost,
					isExplicit: options.isExplicit,
					settings,
					confirmation,
					state: options.state,
				},
			);
		},
		async stop(id, thenRollBack) {
			if (readOnly) return refused;
			const known = isOperationId(id) ? (await fold()).operations.get(id) : undefined;
			if (known === undefined)
				return {
					ok: false,
					because: `there is no operation ${id}`,
					next: 'deployctl operations lists them.',
					exitCode: exitCodes.usage,
				};
			if (known.operation.outcome !== 'running')
				return {
					ok: false,
					because: `${id} has ended: ${known.operation.because}`,
					next: 'There is nothing to stop.',
					exitCode: exitCodes.refused,
				};
			try {
				writeStop(operationPaths(paths, id), {by: await operator.ask(), thenRollBack});
				await settle();
				return {ok: true};
			} catch (error) {
				return {
					ok: false,
					because: `the wish to stop could not be written: ${(error as Error).message}`,
					next: 'Make room on the disk.',
					exitCode: exitCodes.failed,
				};
			}
		},
		lock: (environment, reason) =>
			about(environment, async () => afterwards(await takeHumanLock(keeper, environment, reason))),
		unlock: (environment, breaking) =>
			about(environment, async () => afterwards(await giveBackHumanLock(keeper, environment, breaking))),
		unpin: (environment, reason) =>
			about(environment, async () => {
				const answer = await clearPins(
					{pins, post, journal, clock, operator: () => operator.ask(), hasRemote: gitHub !== null},
					environment,
					reason,
				);
				await fold();
				return answer;
			}),
		log: id => {
			const {raw, log} = operationPaths(paths, id);
			return openLog({raw, sealed: log}, {secrets});
		},
	};
};
