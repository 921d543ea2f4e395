/**
The lock across operators: a ref of the repository whose commit says who holds it. Creating the ref is the claim; it is renewed, taken over
and given back by compare-and-swap only, so that nobody ever removes the lock of a successor. Nothing here throws for what GitHub or the
network does, nor when the signal's time is up; only an abort by hand is thrown.
*/
import {type Break, isAbsurd, lockInMessage, lockMessage} from '../../core/locks/lock-text.ts';
import {holderOf, type LockAuthor, type LockRecord} from '../../core/locks/lock.ts';
import {
	attempt,
	type Connection,
	type ConnectionOptions,
	createConnection,
	unwritten,
	type Unwritten,
} from '../http/connection.ts';
import {createRefRecords, type Found, type NotMoved, type RefRecords} from './ref-records.ts';
import {createRefs, type Refs} from './refs.ts';
import type {Tally} from '../http/tally.ts';

/** `lock` null: unreadable, or two at once; it blocks, and `because` says it. */
export type RemoteLock = {
	environment: string;
	oid: string;
	lock: LockRecord | null;
	because: string | null;
	/** Whom GitHub names as the author of what stands there; absent: not read. */ author?: LockAuthor | null;
};
export type Held = {ok: false; kind: 'held'; lock: LockRecord | null; oid: string; because: string; next: string};
/** It is somebody else's by now, or gone. */
export type Lost = {ok: false; kind: 'lost'; because: string; next: string};
export type Taken = {ok: true; oid: string};

export type RemoteLocks = {
	/** By environment. */
	read(signal?: AbortSignal): Promise<{ok: true; locks: Readonly<Record<string, RemoteLock>>} | Unwritten>;
	/** Where the lock with this id stands; null: nowhere. */
	find(environment: string, id: string, signal?: AbortSignal): Promise<{ok: true; oid: string | null} | Unwritten>;
	/** A lock with the same id is ours already. */
	take(record: LockRecord, signal?: AbortSignal): Promise<Taken | Held | Unwritten>;
	/** Writes the record anew (lease, phase) over `oid`; the answer's `oid` is the one to go on with. */
	renew(record: LockRecord, oid: string, signal?: AbortSignal): Promise<Taken | Lost | Unwritten>;
	/** Also breaks a lock that is named by its object. What is gone already is done. */
	release(environment: string, oid: string, signal?: AbortSignal): Promise<{ok: true} | Lost | Unwritten>;
	/** Takes over the lock of an operation whose holder has been silent beyond its lease; the reason is written down with it. */
	steal(
		record: LockRecord,
		oid: string,
		why: {by: string; reason: string},
		signal?: AbortSignal,
	): Promise<Taken | Held | Lost | Unwritten>;
};

/** Clocks of two machines differ: a lease counts as run out only this much later. */
export const leaseGraceMs = 15_000;

/** Also a record that claims to hold for years. */
const unreadableAt = ({name, author}: Found<LockRecord>): string =>
	`something unreadable stands at ${name}${author?.login == null ? '' : `, written by ${author.login} as GitHub has it`}`;

const otherwise = (found: Found<LockRecord>): Held =>
	found.record === null
		? {
				ok: false,
				kind: 'held',
				lock: null,
				oid: found.oid,
				because: unreadableAt(found),
				next: `Look at commit ${found.oid}; unlocking with --break ${found.oid} removes it.`,
			}
		: {
				ok: false,
				kind: 'held',
				lock: found.record,
				oid: found.oid,
				because: `${found.environment} is locked by ${holderOf({...found.record, author: found.author})} (${found.record.host}): ${found.record.reason}`,
				next:
					found.record.kind === 'human'
						? `Ask ${found.record.operator}.`
						: 'Wait until that operation has ended.',
			};

const lost = (environment: string, found: Found<LockRecord> | undefined): Lost => ({
	ok: false,
	kind: 'lost',
	because:
		found === undefined
			? `the lock on ${environment} is gone`
			: `the lock on ${environment} is ${found.record === null ? "somebody else's" : `held by ${found.record.operator} now: ${found.record.reason}`}`,
	next: 'See who took it, and what the environment runs.',
});

const byEnvironment = (all: ReadonlyArray<Found<LockRecord>>): Record<string, RemoteLock> => {
	const locks: Record<string, RemoteLock> = {};
	for (const found of all) {
		const {environment, oid, record, author} = found;
		const isSecond = locks[environment] !== undefined;
		locks[environment] = {
			environment,
			oid,
			lock: isSecond || record === null ? null : {...record, author},
			because: isSecond ? 'two locks stand at once' : record === null ? unreadableAt(found) : null,
			author,
		};
	}

	return locks;
};

/** Where locks stand, in either form. */
export const lockRecords = ({clock, circumstances, transport}: Connection, refs: Refs): RefRecords<LockRecord> =>
	createRefRecords<LockRecord>({
		refs,
		clock,
		circumstances,
		folders: {own: 'locks', branch: 'lock'},
		parse(message, environment) {
			const lock = lockInMessage(message, environment);
			// By the later of both clocks: one that is wrong makes nobody's lock absurd.
			return lock === null || isAbsurd(lock, clock.now() + Math.max(0, transport.skewMs() ?? 0)) ? null : lock;
		},
	});

export const createRemoteLocks = (options: ConnectionOptions): RemoteLocks => remoteLocks(createConnection(options));

export function remoteLocks(connection: Connection): RemoteLocks {
	const {clock, circumstances, transport} = connection;
	const refs = createRefs(connection);
	const records = lockRecords(connection, refs);
	const within = async <Result>(signal: AbortSignal | undefined, act: (tally: Tally) => Promise<Result>) =>
		attempt(connection, async () => act(connection.tally(signal)), signal);
	const notDone = ({how, trouble}: NotMoved<LockRecord>, mayHold: string): Unwritten => {
		const result = unwritten(trouble, circumstances());
		return how === 'unknown' || result.kind === 'unreachable'
			? {...result, mayHold}
			: {...result, because: `GitHub refuses to write the lock: ${result.because}`};
	};
	const find = async (environment: string, tally: Tally) =>
		(await records.read(tally)).filter(one => one.environment === environment);

	/** A server that changed its habits may have left a lock in the other form: then ours is given back. */
	async function confirmed(
		record: LockRecord,
		{oid, name}: {oid: string; name: string},
		tally: Tally,
	): Promise<Taken | Held> {
		const all = await attempt(connection, async () => find(record.environment, tally), tally.signal);
		// GitHub has just confirmed the claim itself; that it cannot be read now takes nothing away.
		const foreign = Array.isArray(all)
			? all.find(one => one.name !== name && one.record?.id !== record.id)
			: undefined;
		if (foreign === undefined) {
			return {ok: true, oid};
		}

		await records.replace(record.environment, oid, null, tally);
		return otherwise(foreign);
	}

	async function take(record: LockRecord, tally: Tally): Promise<Taken | Held | Unwritten> {
		const oid = await refs.commit(lockMessage(record), null, tally);
		const moved = await records.create(record.environment, oid, tally);
		if (moved.how === 'done') {
			return confirmed(record, {oid, name: moved.name}, tally);
		}

		const mine = moved.found?.find(one => one.record?.id === record.id);
		if (mine !== undefined) {
			return {ok: true, oid: mine.oid};
		}

		const other = moved.found?.[0];
		return other === undefined ? notDone(moved, oid) : otherwise(other);
	}

	/** Over what is ours by its id, wherever it stands: an earlier renewal may have happened although its answer was lost. */
	async function overwrite(
		record: LockRecord,
		oid: string,
		message: string,
		tally: Tally,
		isSecond = false,
	): Promise<Taken | Lost | Unwritten> {
		const next = await refs.commit(message, oid, tally);
		const moved = await records.replace(record.environment, oid, next, tally);
		if (moved.how === 'done') {
			return {ok: true, oid: next};
		}

		const mine = moved.found?.find(one => one.record?.id === record.id);
		if (mine !== undefined && mine.oid !== oid && !isSecond) {
			return overwrite(record, mine.oid, message, tally, true);
		}

		const isUndecided = moved.found === null || mine !== undefined || moved.found.some(one => one.oid === oid);
		return isUndecided ? notDone(moved, next) : lost(record.environment, moved.found?.[0]);
	}

	async function release(
		environment: string,
		oid: string,
		tally: Tally,
		isSecond = false,
	): Promise<{ok: true} | Lost | Unwritten> {
		const moved = await records.replace(environment, oid, null, tally);
		if (moved.how === 'done') {
			return {ok: true};
		}

		const current = moved.found?.[0];
		if (current === undefined || current.oid === oid) {
			return notDone(moved, oid);
		}

		// Ours under another object: a renewal whose answer was lost.
		const message = await refs.message(oid, tally);
		const id = message === null ? null : (lockInMessage(message, environment)?.id ?? null);
		return id !== null && current.record?.id === id && !isSecond
			? release(environment, current.oid, tally, true)
			: lost(environment, current);
	}

	async function steal(
		record: LockRecord,
		oid: string,
		{by, reason}: {by: string; reason: string},
		tally: Tally,
	): Promise<Taken | Held | Lost | Unwritten> {
		const all = await find(record.environment, tally);
		const current = all.find(one => one.oid === oid);
		if (current === undefined) {
			return lost(record.environment, all[0]);
		}

		const {record: holder} = current;
		// By our clock and by GitHub's: one that is wrong must not break a lock that is alive.
		const now = Math.min(clock.now(), clock.now() + (transport.skewMs() ?? 0));
		if (holder === null || holder.leaseUntil === null || now < holder.leaseUntil + leaseGraceMs) {
			return otherwise(current);
		}

		const broken: Break = {id: holder.id, holder: holder.operator, by, reason};
		return overwrite(record, oid, lockMessage(record, broken), tally, true);
	}

	return {
		read: async signal =>
			within(signal, async tally => ({ok: true as const, locks: byEnvironment(await records.read(tally))})),
		find: async (environment, id, signal) =>
			within(signal, async tally => ({
				ok: true as const,
				oid: (await find(environment, tally)).find(({record}) => record?.id === id)?.oid ?? null,
			})),
		take: async (record, signal) => within(signal, async tally => take(record, tally)),
		renew: async (record, oid, signal) =>
			within(signal, async tally => overwrite(record, oid, lockMessage(record), tally)),
		release: async (environment, oid, signal) => within(signal, async tally => release(environment, oid, tally)),
		steal: async (record, oid, why, signal) => within(signal, async tally => steal(record, oid, why, tally)),
	};
}
