/** A lock as text: the message of a commit on GitHub. One line for people, then the record as JSON. Pure. */
import type {LockedPromotion, LockRecord} from './lock.ts';
import {sanitise} from '../text/sanitise.ts';

/** Said by whoever takes over a lock from a silent holder. */
export type Break = {id: string; holder: string; by: string; reason: string};

const idPattern = /^[\w.-]{1,128}$/;
/** Longer texts are not ours. */
const longestMessage = 16_384;

const text = (value: unknown, limit: number): string | null =>
	typeof value === 'string' ? sanitise(value, limit) : null;
const time = (value: unknown): number | null =>
	typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;
const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const promotionFrom = (value: unknown): LockedPromotion | null => {
	if (!isObject(value) || typeof value['sha'] !== 'string' || !/^[0-9a-f]{40}$/.test(value['sha'])) return null;
	return {
		sha: value['sha'],
		hotfix: text(value['hotfix'], 200),
		breakGlass: text(value['breakGlass'], 300),
		passed: Array.isArray(value['passed']) ? value['passed'].flatMap(id => text(id, 40) ?? []) : [],
	};
};

/** The record in somebody's JSON, its texts made safe; null for what is none: then nobody knows what it means. */
export const lockFrom = (value: unknown, environment: string): LockRecord | null => {
	if (
		!isObject(value) ||
		value['environment'] !== environment ||
		typeof value['id'] !== 'string' ||
		!idPattern.test(value['id'])
	)
		return null;
	const {kind} = value;
	const [operator, host, reason, createdAt, leaseUntil] = [
		text(value['operator'], 100),
		text(value['host'], 100),
		text(value['reason'], 300),
		time(value['createdAt']),
		time(value['leaseUntil']),
	];
	if (
		(kind !== 'operation' && kind !== 'human') ||
		operator === null ||
		operator === '' ||
		host === null ||
		reason === null ||
		createdAt === null
	)
		return null;
	// Without a lease an operation's lock would never end; with one, a human's would.
	if ((kind === 'operation') !== (leaseUntil !== null) || (leaseUntil === null && value['leaseUntil'] !== null))
		return null;
	const operation = value['operation'] ?? null;
	if (operation !== null && (typeof operation !== 'string' || !idPattern.test(operation))) return null;
	return {
		id: value['id'],
		environment,
		kind,
		operation,
		operator,
		host,
		reason,
		createdAt,
		leaseUntil,
		phase: text(value['phase'], 100),
		...(value['promotion'] != null && {promotion: promotionFrom(value['promotion'])}),
	};
};

/** The JSON in a message that `messageOf` made; null when there is none, or one of a later version. */
export const recordIn = (message: string): Record<string, unknown> | null => {
	const line = message.length > longestMessage ? undefined : /^\{.*\}$/m.exec(message)?.[0];
	try {
		const value: unknown = line === undefined ? null : JSON.parse(line);
		return isObject(value) && value['deployctl'] === 1 ? value : null;
	} catch {
		return null;
	}
};

/** A sentence for people, and a record for us. */
export const messageOf = (sentence: string, record: Readonly<Record<string, unknown>>): string =>
	`${sanitise(sentence, 200)}\n\n${JSON.stringify({deployctl: 1, ...record})}\n`;

export const lockMessage = ({author: _, ...lock}: LockRecord, broken: Break | null = null): string =>
	messageOf(`${lock.environment} is locked by ${lock.operator}: ${lock.reason}`, {
		lock: {...lock, reason: sanitise(lock.reason)},
		...(broken && {broken: {...broken, reason: sanitise(broken.reason)}}),
	});

/** The move that takes a lock along: branch (short name), the commits it comes from and goes to, and the tag, short; null: none. */
export type LandingMark = {branch: string; before: string; after: string; tag: string | null};

/**
The same lock, with what moves it: a landing takes the lock one step further, and two landings never make the same object.
null: `message` is no record of ours.
*/
export const landingMessage = (message: string, landing: LandingMark): string | null => {
	const record = recordIn(message);
	return record === null ? null : messageOf(message.split('\n', 1)[0] ?? '', {...record, landing});
};

/** null: not readable, so nobody knows what it means, and it blocks. */
export const lockInMessage = (message: string, environment: string): LockRecord | null =>
	lockFrom(recordIn(message)?.['lock'], environment);

/** A lease is renewed every few seconds and lasts a minute and a half: what ends later than this from now is no lease of ours. Milliseconds. */
export const longestLeaseMs = 15 * 60_000;

/** Whoever may write can write any number: a lock that would hold for years is none that anybody has to wait for. `now`: wall time, milliseconds. */
export const isAbsurd = ({leaseUntil, createdAt}: LockRecord, now: number): boolean =>
	createdAt > now + longestLeaseMs || (leaseUntil !== null && leaseUntil > now + longestLeaseMs);
