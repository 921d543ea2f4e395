/** What a supervisor needs of the outside, so that its tests can stand in for GitHub, for probes and for time. */
import type {LockRecord} from '../../core/locks/lock.ts';
import type {Observation} from '../../core/releases/observation.ts';
import type {Operation} from '../../core/operations/operation.ts';
import type {EnvironmentSettings} from '../../core/settings/settings.ts';
import type {Clock, Refusal} from '../../world.ts';
import type {Journal} from '../journal/journal.ts';
import type {StatePaths} from '../files/paths.ts';
import type {OperationRequest} from '../request/request.ts';

export type RemoteAnswer =
	| {ok: true; oid: string}
	| {ok: false; kind: 'held' | 'lost' | 'unreachable' | 'not-permitted'; because: string; lock?: LockRecord | null};

/** The lock of all operators. Never throws for what GitHub or the network did. */
export type RemoteLocks = {
	take(record: LockRecord, signal: AbortSignal): Promise<RemoteAnswer>;
	renew(record: LockRecord, oid: string, signal: AbortSignal): Promise<RemoteAnswer>;
	release(environment: string, oid: string, signal: AbortSignal): Promise<RemoteAnswer | {ok: true}>;
	/** Where the lock with this id stands now; `oid: null`: it is not there. */
	find(
		environment: string,
		id: string,
		signal: AbortSignal,
	): Promise<{ok: true; oid: string | null} | Extract<RemoteAnswer, {ok: false}>>;
};

export type SealedLog = {bytes: number; sha256: string};

export type Surroundings = {
	openJournal(paths: StatePaths, now: () => number): Journal;
	/** The wall's. */
	clock: Clock;
	/** The supervisor's own. Of it a script is given what `core/settings/child-environment.ts` says. */
	env: Readonly<Record<string, string | undefined>>;
	/** Never throws for what the network does. */
	observe(environment: EnvironmentSettings, signal: AbortSignal): Promise<Observation>;
	/** Evidence for a commit, read anew; null: it is proven. Never throws for what GitHub did. */
	proveAgain(sha: string): Promise<Omit<Refusal, 'ok'> | null>;
	/** null: this world has no GitHub. */
	remoteLocks: RemoteLocks | null;
	/** Removes secrets from what goes into the journal. */
	mask(text: string): string;
	/** Writes the log again, masked, and removes the raw one. */
	seal(raw: string, sealed: string): Promise<SealedLog>;
	/** Puts what others are to know into the outbox, durably. */
	announce(what: 'started' | 'finished', operation: Operation, request: OperationRequest): Promise<void>;
	/** Tries to deliver what waits in the outbox, until the signal. */
	deliver(signal: AbortSignal): Promise<void>;
	/** For the supervisor's own log: what went wrong beside the operation. */
	say(text: string): void;
};
