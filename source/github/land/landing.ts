/** A landing, and what stands where it is to happen. */
import type {LockRecord} from '../../core/locks/lock.ts';
import {headOf, refsBeginning} from '../branches/branches.ts';
import type {Connection} from '../http/connection.ts';
import type {Found, RefRecords} from '../branches/ref-records.ts';
import type {Refs} from '../branches/refs.ts';
import type {Tally} from '../http/tally.ts';
import {Trouble} from '../failures/trouble.ts';

export type Landing = {
	/** The production branch, without `refs/heads/`. */
	branch: string;
	/** Where the branch was when it was decided. */
	before: string;
	/** The commit that it becomes, a descendant of `before`. */
	after: string;
	/** The promotion's own lock. */
	lock: {environment: string; id: string};
	/** Without `refs/tags/`, like `deployctl/prod-`. A number is added. */
	tagPrefix: string;
	makesTag: boolean;
};
/** It did not happen, for certain, and will not happen any more. */
export type NotLanded = {
	how: 'refused';
	because: string;
	/** The branch, read again; null: it is gone or could not be read. */
	head: string | null;
	lockIs: 'ours' | 'gone' | 'unknown';
	/** The branch's rules do not allow a direct push. */
	isRule: boolean;
};
export type Landed =
	| {how: 'landed'; /** Short name. null: none was wanted, or the branch got there without us. */ tag: string | null}
	| NotLanded
	/** The answer got lost, and it could not be found out within 75 s. */
	| {how: 'unknown'; because: string};

/** What one attempt names: where the lock stood, the object that it becomes, and the tag's short name; null: none is made. */
export type Sent = {lock: Found<LockRecord>; next: string; tag: string | null};
export type Ground = {connection: Connection; refs: Refs; locks: RefRecords<LockRecord>};

export const short = (sha: string): string => sha.slice(0, 7);

/** Where the lock with that id stands; null: nowhere. @throws {Trouble} */
export const lockOf = async (
	{locks}: Ground,
	{lock: {environment, id}}: Landing,
	tally: Tally,
): Promise<Found<LockRecord> | null> =>
	(await locks.read(tally)).find(one => one.environment === environment && one.record?.id === id) ?? null;

/** The commit that the tag of that short name is at; null: there is none. @throws {Trouble} */
export const tagOf = async ({connection: {rest}}: Ground, tag: string, tally: Tally): Promise<string | null> =>
	(await refsBeginning(rest, `tags/${tag}`, tally)).get(`refs/tags/${tag}`) ?? null;

/** As far as it can be read. */
export async function standing(
	ground: Ground,
	landing: Landing,
	tally: Tally,
): Promise<Pick<NotLanded, 'head' | 'lockIs'>> {
	const readable = async <Value, Otherwise>(
		reading: Promise<Value>,
		otherwise: Otherwise,
	): Promise<Value | Otherwise> =>
		reading.catch((error: unknown) => {
			if (error instanceof Trouble) {
				return otherwise;
			}

			throw error;
		});
	const lock = await readable(lockOf(ground, landing, tally), 'unknown' as const);
	return {
		head: await readable(headOf(ground.connection.rest, landing.branch, tally), null),
		lockIs: lock === 'unknown' ? lock : lock === null ? 'gone' : 'ours',
	};
}
