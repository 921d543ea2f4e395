/** The journal's records, told as operations, locks, marks and releases. Pure and incremental: earlier states stay as they were. */
import type {JournalEvent, JournalRecord} from './journal.ts';
import type {Operation, OperationStep} from './operation.ts';
import {nameOf} from '../releases/instances.ts';
import {isSameVersion} from '../releases/observation.ts';
import {compareVersion} from '../releases/version.ts';
import type {ReleaseRef} from '../releases/release-ref.ts';

export type Mark = {
	environment: string;
	release: string;
	sha: string | null;
	by: string;
	at: number;
	because: string;
	operation: string | null;
};
/** A release that was put live here: `deployedAt` first, `validatedAt` last. `isProven`: it was seen to be what ran. Wall time, milliseconds. */
export type KnownRelease = {
	environment: string;
	release: string;
	sha: string | null;
	deployedAt: number;
	validatedAt: number;
	operation: string;
	isProven: boolean;
};
export type HumanLock = {environment: string; lock: string; by: string; reason: string; at: number};

/** How far an operation came, for whoever takes it over. */
export type Trail = {
	stage: 'requested' | 'locked' | 'starting' | 'spawned' | 'script-ended' | 'finished';
	lock: string | null;
	/** Released on this machine. */
	isUnlocked: boolean;
	/** The lock on GitHub may still be ours. */
	owesRelease: boolean;
	scriptEnd: Extract<JournalEvent, {type: 'script-ended'}> | null;
	startedAt: number | null;
	timedOut: boolean;
	wasKilled: boolean;
};

export type Followed = {operation: Operation; trail: Trail};

export type Folded = {
	/** By id, in the order of their requests. */
	operations: ReadonlyMap<string, Followed>;
	/** By environment. */
	humanLocks: ReadonlyMap<string, HumanLock>;
	/** By environment and release. */
	pins: ReadonlyMap<string, Mark>;
	bad: ReadonlyMap<string, Mark>;
	known: ReadonlyMap<string, KnownRelease>;
	/** Items of the outbox that wait, each with its operation. */
	waiting: ReadonlyMap<string, {operation: string | null; at: number; what: string}>;
};

export const nothingFolded: Folded = {
	operations: new Map(),
	humanLocks: new Map(),
	pins: new Map(),
	bad: new Map(),
	known: new Map(),
	waiting: new Map(),
};

type Draft = {
	-readonly [Name in keyof Folded]: Folded[Name] extends ReadonlyMap<string, infer Value>
		? Map<string, Value>
		: never;
};
type Of<Type extends JournalEvent['type']> = Extract<JournalEvent, {type: Type}> & {at: number};

const keyOf = ({environment, release}: {environment: string; release: string}): string => `${environment}\n${release}`;
const verbs = {deploy: 'Deploying', rollback: 'Rolling back to', promote: 'Promoting'} as const;

const doing = ({kind, to, environment}: Pick<Operation, 'kind' | 'to' | 'environment'>, what: string): string =>
	`${verbs[kind]} ${to === null ? 'the release before' : nameOf(to)}${kind === 'rollback' ? ` on ${environment}` : ` to ${environment}`}: ${what}`;

const requested = (event: Of<'requested'>): Followed => ({
	operation: {
		id: event.operation,
		kind: event.kind,
		environment: event.environment,
		from: event.from,
		to: event.to,
		sha: event.sha,
		operator: event.operator,
		host: event.host,
		startedAt: event.at,
		finishedAt: null,
		outcome: 'running',
		exitCode: null,
		because: doing(event, 'taking the locks'),
		next: null,
		command: event.command,
		scriptKind: event.scriptKind,
		scriptExitCode: null,
		steps: [],
		usualSeconds: event.usualSeconds,
		p95Seconds: event.p95Seconds,
		stop: null,
		before: null,
		after: null,
		isSupervised: null,
		isLockedRemotely: null,
		unpublished: 0,
		...(event.promotion && {promotion: event.promotion}),
		...(event.passedLock && {passedLock: event.passedLock}),
	},
	trail: {
		stage: 'requested',
		lock: null,
		isUnlocked: false,
		owesRelease: false,
		scriptEnd: null,
		startedAt: null,
		timedOut: false,
		wasKilled: false,
	},
});

/** A step that begins again while it runs only has something to say. */
const withStep = (
	steps: readonly OperationStep[],
	{type, step, host, note, at}: Of<'step-began' | 'step-passed' | 'step-failed'>,
): readonly OperationStep[] => {
	const index = steps.findLastIndex(
		known => known.name === step && known.host === host && known.status === 'running',
	);
	const known = steps[index];
	if (type === 'step-began') {
		return known === undefined
			? [...steps, {name: step, host, status: 'running', startedAt: at, finishedAt: null, note}]
			: steps.with(index, {...known, note: note ?? known.note});
	}
	const ended = {
		name: step,
		host,
		status: type === 'step-passed' ? ('passed' as const) : ('failed' as const),
		startedAt: known?.startedAt ?? at,
		finishedAt: at,
		note: note ?? known?.note ?? null,
	};
	return known === undefined ? [...steps, ended] : steps.with(index, ended);
};

/** Steps that nobody ended are over when the operation is; whether they passed is only known of a success. */
const endSteps = (steps: readonly OperationStep[], event: Of<'finished'>): readonly OperationStep[] =>
	steps.map(step =>
		step.status === 'running'
			? {
					...step,
					status: event.outcome === 'succeeded' ? ('passed' as const) : ('failed' as const),
					finishedAt: event.at,
				}
			: step,
	);

const change = ({operation, trail}: Followed, to: Partial<Operation>, on: Partial<Trail> = {}): Followed => ({
	operation: {...operation, ...to},
	trail: {...trail, ...on},
});

type OfOperation = Exclude<
	JournalEvent,
	{
		type:
			| 'requested'
			| 'queued'
			| 'published'
			| 'given-up'
			| 'marked-bad'
			| 'pinned'
			| 'unpinned'
			| 'human-lock-taken'
			| 'human-lock-released'
			| 'lock-broken'
			| 'run-asked'
			| 'run-answered'
			| 'signed-off'
			| 'reviewed'
			| 'torn-line';
	}
> & {at: number};

const follow = (known: Followed, event: OfOperation): Followed => {
	const {operation} = known;
	switch (event.type) {
		case 'locked':
			return change(
				known,
				{
					isLockedRemotely: event.remote === 'taken' ? true : event.remote === 'unreachable' ? false : null,
					because: doing(operation, 'looking at what is live'),
				},
				{stage: 'locked', lock: event.lock, owesRelease: event.remote === 'taken'},
			);
		case 'observed':
			return change(known, event.when === 'before' ? {before: event.instances} : {after: event.instances});
		case 'starting':
			return change(
				known,
				{because: doing(operation, 'starting the script')},
				{stage: 'starting', startedAt: event.at},
			);
		case 'spawned':
			return change(
				known,
				{because: doing(operation, 'the script runs')},
				{stage: 'spawned', startedAt: event.at},
			);
		case 'step-began':
		case 'step-passed':
		case 'step-failed': {
			const steps = withStep(operation.steps, event);
			const now =
				event.type === 'step-began' ? event.step : steps.findLast(({status}) => status === 'running')?.name;
			return change(known, {
				steps,
				...(operation.outcome === 'running' && now !== undefined && {because: doing(operation, now)}),
			});
		}
		case 'stop-requested':
			return change(known, {
				stop: {by: event.by, at: event.at, thenRollBack: event.thenRollBack},
				because: `Being stopped by ${event.by}`,
			});
		case 'signalled':
			return change(
				known,
				{},
				{
					timedOut: known.trail.timedOut || event.because === 'timed out',
					wasKilled: known.trail.wasKilled || event.signal === 'SIGKILL',
				},
			);
		case 'script-ended':
			return change(
				known,
				{
					scriptExitCode: event.exitCode,
					because: doing(operation, 'the script ended, looking at what is live'),
				},
				{stage: 'script-ended', scriptEnd: event},
			);
		case 'finished':
			return change(
				known,
				{
					finishedAt: event.at,
					outcome: event.outcome,
					exitCode: event.exitCode,
					because: event.because,
					next: event.next,
					steps: endSteps(operation.steps, event),
				},
				{stage: 'finished'},
			);
		case 'unlocked':
			return change(known, {}, {lock: event.lock, isUnlocked: true, owesRelease: event.because !== null});
		case 'adopted':
			return known;
	}
};

const isFullSha = (text: string) => /^[0-9a-f]{40}$/.test(text);

/** Its script has done its work and what answers is well, but whether that is this release nobody could tell. */
export const isDoneByWord = ({operation: {kind, outcome, scriptExitCode, to, after, stop}, trail}: Followed): boolean =>
	outcome === 'interrupted' &&
	kind !== 'promote' &&
	scriptExitCode === 0 &&
	to !== null &&
	stop === null &&
	!trail.timedOut &&
	!trail.wasKilled &&
	after !== null &&
	after.length > 0 &&
	after.every(
		({version, health, latencyMs}) =>
			latencyMs !== null && health !== false && (version === null || compareVersion(version, to) !== 'different'),
	);

/** A deployment, promotion or rollback that succeeded has shown that its release is healthy; one that returned has shown it of the one before. */
const learn = (draft: Draft, followed: Followed, {at, live}: Of<'finished'>): void => {
	const {operation} = followed;
	// A merge has a commit of its own, with the same files.
	const to =
		operation.kind === 'promote' && live !== null && isFullSha(live) ? {release: live, sha: live} : operation.to;
	const isProven = operation.outcome !== 'interrupted';
	const validated: ReleaseRef | null =
		operation.outcome === 'succeeded' || isDoneByWord(followed)
			? to
			: operation.outcome === 'rolled-back'
				? operation.from
				: null;
	if (validated === null) return;
	const {environment} = operation;
	const key = keyOf({environment, ...validated});
	const earlier = draft.known.get(key);
	draft.known.set(key, {
		environment,
		release: validated.release,
		sha: validated.sha ?? earlier?.sha ?? null,
		deployedAt: earlier?.deployedAt ?? at,
		validatedAt: at,
		operation: earlier?.operation ?? operation.id,
		isProven: isProven || earlier?.isProven === true,
	});
	// Shipped again, and healthy this time.
	// A deployment knows only its commit, a mark may carry the id of a release of it.
	if (operation.outcome !== 'succeeded' || operation.kind === 'rollback') return;
	for (const [known, mark] of draft.bad)
		if (mark.environment === environment && isSameVersion(mark.sha ?? mark.release, validated))
			draft.bad.delete(known);
};

const count = (draft: Draft, operation: string | null, by: number): void => {
	const known = operation === null ? undefined : draft.operations.get(operation);
	if (known !== undefined)
		draft.operations.set(operation!, change(known, {unpublished: Math.max(0, known.operation.unpublished + by)}));
};

const take = (draft: Draft, event: JournalRecord): void => {
	switch (event.type) {
		case 'requested':
			draft.operations.set(event.operation, requested(event));
			return;
		case 'human-lock-taken':
			draft.humanLocks.set(event.environment, {
				environment: event.environment,
				lock: event.lock,
				by: event.by,
				reason: event.reason,
				at: event.at,
			});
			return;
		case 'human-lock-released':
		case 'lock-broken':
			if (draft.humanLocks.get(event.environment)?.lock === event.lock)
				draft.humanLocks.delete(event.environment);
			return;
		case 'marked-bad':
		case 'pinned': {
			const {environment, release, sha, by, at, because, operation} = event;
			draft[event.type === 'pinned' ? 'pins' : 'bad'].set(keyOf(event), {
				environment,
				release,
				sha,
				by,
				at,
				because,
				operation,
			});
			return;
		}
		case 'unpinned':
			draft.pins.delete(keyOf(event));
			return;
		case 'queued':
			draft.waiting.set(event.item, {operation: event.operation, at: event.at, what: event.what});
			count(draft, event.operation, 1);
			return;
		case 'published':
		case 'given-up':
			if (draft.waiting.delete(event.item)) count(draft, event.operation, -1);
			return;
		case 'run-asked':
		case 'run-answered':
		case 'signed-off':
		case 'reviewed':
		case 'torn-line':
			return;
		default: {
			const known = draft.operations.get(event.operation);
			// A journal whose beginning is gone, or a record type of a later version: nothing to tell.
			const followed = known === undefined ? undefined : (follow(known, event) as Followed | undefined);
			if (followed === undefined) return;
			draft.operations.set(event.operation, followed);
			if (event.type === 'finished') learn(draft, followed, event);
		}
	}
};

/** What is known after these records as well. */
export const foldRecords = (earlier: Folded, records: readonly JournalRecord[]): Folded => {
	if (records.length === 0) return earlier;
	const draft: Draft = {
		operations: new Map(earlier.operations),
		humanLocks: new Map(earlier.humanLocks),
		pins: new Map(earlier.pins),
		bad: new Map(earlier.bad),
		known: new Map(earlier.known),
		waiting: new Map(earlier.waiting),
	};
	for (const record of records) take(draft, record);
	return draft;
};

/** Newest first. `isSupervised` is null: that is not in the journal. */
export const operationsIn = ({operations}: Folded, atMost = Infinity): Operation[] =>
	[...operations.values()]
		.slice(-Math.min(atMost, operations.size))
		.toReversed()
		.map(({operation}) => operation);

/** Releases of an environment that were live, the last one first. */
export const knownReleases = ({known}: Folded, environment: string): KnownRelease[] =>
	[...known.values()]
		.filter(release => release.environment === environment)
		.sort((one, other) => other.validatedAt - one.validatedAt);

/** Operations that somebody has to settle, should their supervisors be dead: without an outcome, or with a lock that was not given back. */
export const unsettled = ({operations}: Folded): Followed[] =>
	[...operations.values()].filter(
		({operation, trail}) =>
			operation.outcome === 'running' || (trail.lock !== null && (!trail.isUnlocked || trail.owesRelease)),
	);

/** How long operations of this kind usually take here, seconds: of the last fifty that succeeded; null with fewer than two. */
export const usualDurations = (
	{operations}: Folded,
	kind: Operation['kind'],
	environment: string,
): {usualSeconds: number | null; p95Seconds: number | null} => {
	const took = [...operations.values()]
		.flatMap(({operation}) =>
			operation.kind === kind &&
			operation.environment === environment &&
			operation.outcome === 'succeeded' &&
			operation.finishedAt !== null
				? [(operation.finishedAt - operation.startedAt) / 1000]
				: [],
		)
		.slice(-50)
		.sort((one, other) => one - other);
	if (took.length < 2) return {usualSeconds: null, p95Seconds: null};
	const middle = Math.floor(took.length / 2);
	return {
		usualSeconds: took.length % 2 === 1 ? took[middle]! : (took[middle - 1]! + took[middle]!) / 2,
		p95Seconds: took[Math.ceil(took.length * 0.95) - 1]!,
	};
};
