/**
The World's `Operations` in memory, on a test's clock: plans with hashes, locks, one operation per environment, refusals, a log that
grows. What it refuses and why is what the real one refuses; nothing else is started. Tests tell it what happens outside.
*/
import {createHash} from 'node:crypto';
import {nameOf} from '../../source/core/releases/instances.ts';
import type {LockRecord, LockState} from '../../source/core/locks/lock.ts';
import type {InstanceReading, Observation} from '../../source/core/releases/observation.ts';
import type {Operation, OperationStep, Outcome} from '../../source/core/operations/operation.ts';
import type {Plan, PlanCommit, Wish, ScriptsQuestion} from '../../source/core/plan/plan.ts';
import type {Offer, Readiness, Release} from '../../source/core/releases/release.ts';
import type {
	Clock,
	Confirmation,
	Hotfix,
	OperationLog,
	Operations,
	OperationsReading,
	Refusal,
} from '../../source/world.ts';
import {fakePromotion, type Promoting} from './fake-promotion.ts';
import type {ReleaseRef} from '../../source/core/releases/release-ref.ts';

type Site = {
	version: string;
	health: boolean | 'unknown';
	instances: InstanceReading[] | null;
	lock: LockState;
	releases: Offer[];
	warnings: string[];
	blocked: Plan['blocked'];
	migration: Plan['migration'];
	/** Instead of what the history says. */ going: readonly PlanCommit[] | null;
	/** Scripts that are not run for a plan before the operator has agreed to them. */ asks?: ScriptsQuestion;
};
type Pin = OperationsReading['pins'][number];

export const operator = 'ada';
const free: LockState = {state: 'free'};
const verbs = {deploy: 'Deploying', rollback: 'Rolling back', promote: 'Promoting'} as const;
const exit = {failed: 1, refused: 3, locked: 6};

export const release = (id: string, more: Partial<Release> = {}): Release => ({
	id,
	sha: id,
	isLive: false,
	isPresent: true,
	wasHealthy: true,
	isBad: false,
	badBecause: null,
	migration: 'none',
	deployedAt: null,
	lastLiveAt: null,
	hosts: null,
	...more,
});
export const offer = (
	id: string,
	because: string,
	more: Partial<Omit<Offer, 'release'>> & {release?: Partial<Release>} = {},
): Offer => ({
	offered: false,
	isDefault: false,
	canInsist: false,
	because,
	...more,
	release: release(id, more.release),
});

export const fakeOperations = (clock: Clock) => {
	const sites = new Map<string, Site>();
	const operations: Operation[] = [];
	const logs = new Map<string, string[]>();
	const pins: Pin[] = [];
	const started: Array<{plan: Plan; confirmation: Confirmation}> = [];
	const calls: string[] = [];
	const promoting: Promoting = {other: {}, change: {}, evidenceFrom: clock.now()};
	let hotfixes: readonly Hotfix[] = [];
	const waiting = new Set<() => void>();
	let reading: Partial<OperationsReading> = {};
	let refusal: Refusal | null = null;
	let counter = 0;

	const site = (environment: string): Site => {
		const known = sites.get(environment) ?? {
			version: 'c'.repeat(40),
			health: true,
			instances: null,
			lock: free,
			releases: [],
			warnings: [],
			blocked: null,
			migration: 'none',
			going: null,
		};
		sites.set(environment, known);
		return known;
	};
	const touch = () => {
		for (const resolve of waiting) resolve();
	};
	const runningOn = (environment: string) =>
		operations.find(operation => operation.environment === environment && operation.outcome === 'running');
	const refuse = (because: string, next: string, exitCode: number): Refusal => ({ok: false, because, next, exitCode});

	const observe = (environment: string): Observation => {
		const {version, health, instances} = site(environment);
		return {
			environment,
			readAt: clock.now(),
			instances:
				instances ??
				[1, 2].map(number => ({
					instance: `web-${number}`,
					version,
					health,
					because: health === true ? '200' : '503',
					latencyMs: 12,
				})),
		};
	};

	const promotionOf = (wish: Extract<Wish, {kind: 'promote'}>, history: readonly PlanCommit[]) => {
		const {version, lock} = site(wish.environment);
		return fakePromotion(wish, promoting, {
			history,
			live: version,
			isLocked: lock.state !== 'free' || runningOn(wish.environment) !== undefined,
		});
	};

	/** What keeps the gate shut; a broken glass goes past it. */
	const shutBy = (wish: Extract<Wish, {kind: 'promote'}>): Plan['blocked'] => {
		const {conditions, canBreakGlass} = promotionOf(wish, []);
		const first = conditions.find(({met}) => met === false) ?? conditions.find(({met}) => met === 'unknown');
		return first === undefined || (wish.breakGlass !== undefined && canBreakGlass)
			? null
			: {because: first.because, next: first.next ?? 'wait', exitCode: exit.refused};
	};

	/** Why it cannot be done now. */
	const blockedBy = (wish: Wish): Plan['blocked'] => {
		const {lock, blocked, releases} = site(wish.environment);
		const running = runningOn(wish.environment);
		const isStopped = wish.kind === 'rollback' && running !== undefined && wish.stopping === running.id;
		if (blocked) return blocked;
		if (running && !isStopped)
			return {
				because: `${running.kind} by ${running.operator} is running`,
				next: 'A watches it',
				exitCode: exit.locked,
			};
		if (lock.state === 'held' && !isStopped)
			return {
				because: `locked by ${lock.lock.operator}: ${lock.lock.reason}`,
				next: `ask ${lock.lock.operator}`,
				exitCode: exit.locked,
			};
		if (wish.kind === 'promote') return shutBy(wish);
		if (wish.kind === 'deploy') return null;
		const wanted = releases.find(({release: {id}, isDefault}) =>
			wish.release === null ? isDefault : id === wish.release,
		);
		if (!wanted) return {because: 'no release to roll back to', next: 'deploy a fixed one', exitCode: exit.refused};
		return wanted.offered || (wish.insist && wanted.canInsist)
			? null
			: {because: wanted.because, next: 'choose another', exitCode: exit.refused};
	};

	const refOf = (id: string | null): ReleaseRef | null => (id === null ? null : {release: id, sha: id});

	const planOf = (wish: Wish, history: readonly PlanCommit[]): Plan => {
		const {environment} = wish;
		const {version, lock, warnings, migration, asks} = site(environment);
		const isUnlisted = asks !== undefined && asks.digest !== wish.agreed;
		const releases = isUnlisted ? [] : site(environment).releases;
		const target =
			wish.kind !== 'rollback'
				? wish.sha
				: (wish.release ?? releases.find(({isDefault}) => isDefault)?.release.id ?? null);
		const index = (id: string | null) => history.findIndex(({sha}) => sha === id);
		const [from, to] = [index(version), index(target)];
		const insists = wish.kind === 'rollback' && wish.insist === true;
		const script = `scripts/${wish.kind === 'rollback' ? 'rollback' : 'deploy'}.sh`;
		const running = runningOn(environment);
		const hotfix = hotfixes.find(({sha}) => sha === target);
		const breaking = wish.kind === 'promote' && wish.breakGlass !== undefined ? 'break glass ' : '';
		const content = {
			kind: wish.kind,
			environment,
			from: refOf(version),
			to: refOf(target),
			sha: target,
			scriptKind: 'contract' as const,
			command:
				wish.kind === 'promote'
					? []
					: [
							script,
							'--env',
							environment,
							...(wish.kind !== 'rollback'
								? ['--sha', target ?? '']
								: ['--to', target ?? '', ...(insists ? ['--force'] : [])]),
						],
			directory: '/srv/checkout',
			coming: hotfix
				? [{sha: hotfix.sha, message: hotfix.message, isRevert: false}]
				: from === -1 || to === -1
					? null
					: history.slice(to, Math.max(to, from)),
			going:
				site(environment).going ??
				(hotfix ? [] : from === -1 || to === -1 ? null : history.slice(from, Math.max(to, from))),
			migration,
			usualSeconds: 124,
			p95Seconds: 190,
			timeoutSeconds: 900,
			graceSeconds: 30,
			lock,
			warnings: [
				...(wish.kind === 'rollback' && running
					? [`${running.kind} ${running.id} runs: it is stopped first (TERM, 30 s, KILL)`]
					: []),
				...warnings,
			],
			blocked: blockedBy(wish),
			phrase:
				target === null
					? null
					: insists
						? `${environment} ${nameOf(refOf(target)!)} is bad`
						: environment === 'production'
							? `${breaking}production ${nameOf(refOf(target)!)}`
							: null,
			...(isUnlisted && {asks}),
			offers: wish.kind === 'rollback' ? releases : [],
			stopping: wish.kind === 'rollback' ? (wish.stopping ?? null) : null,
			insists,
			promotion: wish.kind === 'promote' ? promotionOf(wish, history) : null,
		};
		const observation = observe(environment);
		// What differs from one look to the next without meaning anything is left out.
		const seen = observation.instances.map(({instance, version: said, health}) => [instance, said, health]);
		const hash = createHash('sha256')
			.update(JSON.stringify([content, seen]))
			.digest('hex');
		return {
			...content,
			observation,
			hash,
			id: `20261123T${String(++counter).padStart(6, '0')}Z-${wish.kind}-${environment}-${hash.slice(0, 4)}`,
		};
	};

	const change = (id: string, to: Partial<Operation>) => {
		const index = operations.findIndex(operation => operation.id === id);
		operations[index] = {...operations[index]!, ...to};
		touch();
	};

	/** What began, as the journal would tell it. */
	const operationOf = (
		plan: Pick<Plan, 'id' | 'kind' | 'environment' | 'from' | 'to' | 'sha' | 'command'>,
		more: Partial<Operation> = {},
	): Operation => ({
		id: plan.id,
		kind: plan.kind,
		environment: plan.environment,
		from: plan.from,
		to: plan.to,
		sha: plan.sha,
		operator,
		host: 'laptop',
		startedAt: clock.now(),
		finishedAt: null,
		outcome: 'running',
		exitCode: null,
		because: `${verbs[plan.kind]} ${plan.to ? nameOf(plan.to) : ''}: taking the locks`,
		next: null,
		command: plan.command,
		scriptKind: 'contract',
		scriptExitCode: null,
		steps: [],
		usualSeconds: 124,
		p95Seconds: 190,
		stop: null,
		before: null,
		after: null,
		isSupervised: true,
		isLockedRemotely: true,
		unpublished: 0,
		...more,
	});
	const lockOf = (environment: string, more: Partial<LockRecord> = {}): LockRecord => ({
		id: `${environment}-lock-0001`,
		environment,
		kind: 'human',
		operation: null,
		operator,
		host: 'laptop',
		reason: 'audit',
		createdAt: clock.now(),
		leaseUntil: null,
		phase: null,
		...more,
	});
	const held = (lock: LockRecord, isStale = false): LockState => ({
		state: 'held',
		lock,
		where: 'both',
		isStale,
		silentSeconds: isStale ? 720 : null,
	});

	const begin = (operation: Operation) => {
		operations.unshift(operation);
		logs.set(operation.id, []);
		site(operation.environment).lock = held(
			lockOf(operation.environment, {
				id: `op-${operation.id}`,
				kind: 'operation',
				operation: operation.id,
				reason: operation.kind,
				leaseUntil: clock.now() + 60_000,
			}),
		);
		touch();
		return operation.id;
	};

	const logFor = (id: string): OperationLog => {
		const lines = () => logs.get(id) ?? [];
		const has = (text: string) => (line: string) => line.toLowerCase().includes(text.toLowerCase());
		return {
			grow: async () => ({
				lines: lines().length,
				bytes: lines().join('\n').length,
				isWhole: operations.find(operation => operation.id === id)?.outcome !== 'running',
			}),
			lines: async (from, count) => lines().slice(Math.max(0, from), from + count),
			find: async (text, from, direction) => {
				const at =
					direction === 1
						? lines().findIndex((line, index) => index >= from && has(text)(line))
						: lines().findLastIndex((line, index) => index <= from && has(text)(line));
				return at === -1 ? null : at;
			},
			count: async text => lines().filter(has(text)).length,
			close: async () => {
				calls.push(`close ${id}`);
			},
		};
	};

	const world: Operations = {
		read: async () => ({
			operator,
			operations: [...operations],
			locks: Object.fromEntries([...sites].map(([name, {lock}]) => [name, lock])),
			readiness: Object.fromEntries(
				[...sites].map(([name, {releases}]): [string, Readiness] => {
					const target = releases.find(({isDefault}) => isDefault);
					return [
						name,
						target
							? {ready: true, to: target.release}
							: {ready: false, because: 'no release was healthy there', next: 'deploy one'},
					];
				}),
			),
			pins: [...pins],
			outbox: {waiting: 0, oldestAt: null, because: null},
			problem: null,
			...reading,
		}),
		refresh: async environments => {
			calls.push(`refresh ${environments.join(' ')}`);
		},
		changed: async (atMostMs, signal) => {
			const {promise, resolve} = Promise.withResolvers<void>();
			const over = new AbortController();
			waiting.add(resolve);
			try {
				await Promise.race([
					promise,
					clock.after(atMostMs, AbortSignal.any([over.signal, ...(signal ? [signal] : [])])),
				]);
			} finally {
				waiting.delete(resolve);
				over.abort();
			}
		},
		observe: async environment => observe(environment),
		plan: async (wish, history) => {
			calls.push(`plan ${wish.kind} ${wish.environment}`);
			return planOf(wish, history);
		},
		start: async (plan, confirmation) => {
			if (refusal) return refusal;
			const wish: Wish =
				plan.promotion !== null
					? {
							kind: 'promote',
							environment: plan.environment,
							sha: plan.sha,
							...(plan.promotion.hotfix !== null && {hotfix: plan.promotion.hotfix}),
							...(plan.promotion.breakGlass && {breakGlass: plan.promotion.breakGlass.reason}),
						}
					: plan.kind === 'rollback'
						? {
								kind: 'rollback',
								environment: plan.environment,
								release: plan.to?.release ?? null,
								insist: plan.insists,
								...(plan.stopping && {stopping: plan.stopping}),
							}
						: {kind: 'deploy', environment: plan.environment, sha: plan.sha};
			const blocked = blockedBy(wish);
			if (blocked) return refuse(blocked.because, blocked.next, blocked.exitCode);
			if (plan.phrase !== null && confirmation.phrase !== plan.phrase)
				return refuse('the phrase was not typed', 'type it', exit.refused);
			started.push({plan, confirmation});
			if (plan.stopping)
				change(plan.stopping, {
					outcome: 'rolled-back',
					finishedAt: clock.now(),
					exitCode: 1,
					because: `Stopped by ${operator}`,
				});
			return {ok: true, id: begin(operationOf(plan))};
		},
		stop: async (id, thenRollBack) => {
			if (operations.find(operation => operation.id === id)?.outcome !== 'running')
				return refuse('it has ended already', 'nothing', exit.refused);
			calls.push(`stop ${id}`);
			change(id, {stop: {by: operator, at: clock.now(), thenRollBack}});
			return {ok: true};
		},
		lock: async (environment, reason) => {
			const {lock} = site(environment);
			if (lock.state === 'held') return refuse(`locked by ${lock.lock.operator}`, 'ask them', exit.locked);
			site(environment).lock = held(lockOf(environment, {reason}));
			touch();
			return {ok: true};
		},
		unlock: async (environment, breaking) => {
			const {lock} = site(environment);
			if (lock.state !== 'held') return {ok: true};
			if (breaking ? breaking.id !== lock.lock.id : lock.lock.operator !== operator)
				return refuse(`it is ${lock.lock.operator}'s lock`, 'b breaks it', exit.locked);
			if (breaking) calls.push(`break ${breaking.id}: ${breaking.reason}`);
			site(environment).lock = free;
			touch();
			return {ok: true};
		},
		unpin: async (environment, reason) => {
			calls.push(`unpin ${environment}: ${reason}`);
			pins.splice(0, pins.length, ...pins.filter(pin => pin.environment !== environment));
			touch();
			return {ok: true};
		},
		judge: async () => refuse('nothing is judged here', 'ask the plan', exit.refused),
		signOff: async ({sha, name, given, note}) => {
			if (refusal) return refusal;
			calls.push(`${given ? 'sign' : 'take back'} ${name} ${sha.slice(0, 7)}${note === null ? '' : `: ${note}`}`);
			return {ok: true};
		},
		review: async ({runId, environment, decision, comment}) => {
			if (refusal) return refusal;
			calls.push(`${decision} ${runId} ${environment}: ${comment}`);
			return {ok: true};
		},
		hotfixes: async () => refusal ?? {ok: true, branches: hotfixes},
		log: logFor,
	};

	return {
		world,
		started,
		calls,
		/** What the next plans of promotions say; change it, then `touch`. */
		promoting,
		hotfixed(branches: readonly Hotfix[]) {
			hotfixes = branches;
		},
		/** The environment as it is outside; change it, then `touch`. */
		site,
		touch,
		offers(environment: string, offers: readonly Offer[]) {
			site(environment).releases = [...offers];
			touch();
		},
		locked(environment: string, more: Partial<LockRecord> = {}, isStale = false) {
			site(environment).lock = held(lockOf(environment, more), isStale);
			touch();
		},
		unlocked(environment: string) {
			site(environment).lock = free;
			touch();
		},
		pinned(pin: Pin) {
			pins.push(pin);
			touch();
		},
		reads(more: Partial<OperationsReading>) {
			reading = more;
			touch();
		},
		refuses(to: Refusal | null) {
			refusal = to;
		},
		/** One that somebody began, here or before. */
		begins(more: Partial<Operation> & Pick<Operation, 'id' | 'kind' | 'environment'>) {
			return begin(
				operationOf(
					{
						from: refOf(site(more.environment).version),
						to: null,
						sha: null,
						command: [`scripts/${more.kind}.sh`],
						...more,
					},
					more,
				),
			);
		},
		/** History, newest last. */
		had(...past: ReadonlyArray<Partial<Operation> & Pick<Operation, 'id' | 'kind' | 'environment' | 'outcome'>>) {
			for (const more of past)
				operations.unshift(
					operationOf(
						{from: null, to: null, sha: null, command: [], ...more},
						{finishedAt: clock.now(), exitCode: 0, because: 'Done', ...more},
					),
				);
			touch();
		},
		steps(id: string, steps: readonly OperationStep[], because?: string) {
			change(id, {steps, ...(because && {because})});
		},
		prints(id: string, ...lines: readonly string[]) {
			logs.set(id, [...(logs.get(id) ?? []), ...lines]);
		},
		ends(id: string, outcome: Outcome, because: string, more: Partial<Operation> = {}) {
			const operation = operations.find(each => each.id === id)!;
			site(operation.environment).lock = free;
			change(id, {
				outcome,
				because,
				finishedAt: clock.now(),
				exitCode: outcome === 'succeeded' ? 0 : outcome === 'interrupted' ? 7 : exit.failed,
				...more,
			});
		},
		operations: () => operations,
	};
};

export type FakeOperations = ReturnType<typeof fakeOperations>;
