/**
The fast-forward of the production branch: one atomic write that moves the branch from where it was decided to the commit, and takes our
lock one step along, from the object at which it stands to a child of that object. All of it happens or nothing. A lock that is somebody
else's by now stops it twice over: it does not stand at the object that is named, and ours would be no fast-forward of it. So it does not
rest on how a server treats an entry that stays where it is. It is sent once; again only after GitHub has refused it for something that
has nothing to do with the branch: the lock was renewed in between (its supervisor does that every 20 s, under the same id), or somebody
took the tag's number.
*/
import {headOf, refsBeginning} from '../branches/branches.ts';
import {landingMessage} from '../../core/locks/lock-text.ts';
import {asking, type Connection, type Unwritten} from '../http/connection.ts';
import {explain, isAboutRules} from './refused.ts';
import {settleLanding} from './settle.ts';
import {type Ground, type Landed, type Landing, lockOf, type NotLanded, type Sent, standing} from './landing.ts';
import {lockRecords} from '../branches/locks.ts';
import {fateOf, pause, reasonOf} from '../http/mutation.ts';
import {createRefs, type RefChange, zeros} from '../branches/refs.ts';
import type {Tally} from '../http/tally.ts';
import {Trouble} from '../failures/trouble.ts';

export type Landings = {
	/** Fast-forwards the branch. Unwritten: it is certain that GitHub did not look at it. */
	land(landing: Landing, signal?: AbortSignal): Promise<Landed | Unwritten>;
};

const attempts = 4;
/** Between two writes GitHub wants a second; the replicas that are read for the next one catch up meanwhile. */
const pauseMs = 1000;
/** A lock that was only just taken may not show everywhere yet. */
const looksForLockMs = [0, 500, 1500];

/** One more than the highest number there is. @throws {Trouble} */
async function nextTag(
	{connection: {rest}}: Ground,
	{tagPrefix, makesTag}: Landing,
	taken: number,
	tally: Tally,
): Promise<string | null> {
	if (!makesTag) {
		return null;
	}

	const numbers = [...(await refsBeginning(rest, `tags/${tagPrefix}`, tally)).keys()].map(name =>
		name.slice(`refs/tags/${tagPrefix}`.length),
	);
	return `${tagPrefix}${Math.max(taken, ...numbers.filter(text => /^(?:0|[1-9]\d{0,14})$/.test(text)).map(Number)) + 1}`;
}

/** The lock's next object: a commit on top of the one at which it stands, which no ref shows yet. null: the lock cannot be read. @throws {Trouble} */
async function step(
	{refs}: Ground,
	{branch, before, after}: Landing,
	oid: string,
	tag: string | null,
	tally: Tally,
): Promise<string | null> {
	const message = await refs.message(oid, tally);
	const next = message === null ? null : landingMessage(message, {branch, before, after, tag});
	return next === null ? null : refs.commit(next, oid, tally);
}

/** Finds the lock and a number for the tag, and makes the lock's next object. @throws {Trouble} */
async function prepared(ground: Ground, landing: Landing, taken: number, tally: Tally): Promise<Sent | NotLanded> {
	const {connection} = ground;
	for (const waitMs of looksForLockMs) {
		await pause(connection, waitMs, tally);
		const lock = await lockOf(ground, landing, tally);
		if (lock !== null) {
			const tag = await nextTag(ground, landing, taken, tally);
			const next = await step(ground, landing, lock.oid, tag, tally);
			if (next !== null) {
				return {lock, next, tag};
			}
		}
	}

	return {
		how: 'refused',
		because: `the lock on ${landing.lock.environment} is gone`,
		head: await headOf(connection.rest, landing.branch, tally),
		lockIs: 'gone',
		isRule: false,
	};
}

/** A branch that is there already is not named: how a server treats an entry that stays where it is is not known. */
const changesOf = ({branch, before, after}: Landing, {lock, next, tag}: Sent): RefChange[] => [
	...(before === after ? [] : [{name: `refs/heads/${branch}`, before, after}]),
	{name: lock.name, before: lock.oid, after: next},
	...(tag === null ? [] : [{name: `refs/tags/${tag}`, before: zeros, after}]),
];

/** `isOpen`: a write was sent, and nobody knows yet what came of it. */
type Flight = {isOpen: boolean};
type Tried = Landed | {how: 'again'; because: string; isTagTaken: boolean};

/** One attempt. @throws {Trouble} when GitHub did not look at it */
async function attemptLanding(
	ground: Ground,
	landing: Landing,
	sent: Sent,
	flight: Flight,
	tally: Tally,
): Promise<Tried> {
	const write = await ground.refs.writer(tally);
	try {
		flight.isOpen = true;
		await write(changesOf(landing, sent));
		return {how: 'landed', tag: sent.tag};
	} catch (error) {
		if (!(error instanceof Trouble)) {
			throw error;
		}

		const at = ground.connection.circumstances();
		const [fate, because] = [fateOf(error, at), reasonOf(error, at)];
		if (fate === 'unknown') {
			return settleLanding(ground, landing, sent, because, tally);
		}

		flight.isOpen = false;
		if (fate === 'unheard' && !isAboutRules(because)) {
			throw error;
		}

		const explained = await explain(ground, landing, sent, error, tally);
		return typeof explained === 'object'
			? explained
			: {how: 'again', because, isTagTaken: explained === 'tag-taken'};
	}
}

async function land(ground: Ground, landing: Landing, flight: Flight, tally: Tally): Promise<Landed> {
	let because = '';
	for (let count = 1, taken = 0; count <= attempts; count += 1) {
		await pause(ground.connection, count === 1 ? 0 : pauseMs, tally);
		const sent = await prepared(ground, landing, taken, tally);
		const tried = 'how' in sent ? sent : await attemptLanding(ground, landing, sent, flight, tally);
		if (tried.how !== 'again') {
			return tried;
		}

		because = tried.because;
		taken = tried.isTagTaken && 'tag' in sent ? Number(sent.tag?.slice(landing.tagPrefix.length)) : taken;
	}

	return {how: 'refused', because, ...(await standing(ground, landing, tally)), isRule: false};
}

export function landings(connection: Connection): Landings {
	const refs = createRefs(connection);
	const ground: Ground = {connection, refs, locks: lockRecords(connection, refs)};
	return {
		async land(landing, signal) {
			const flight: Flight = {isOpen: false};
			const result = await asking(connection, signal, async tally => land(ground, landing, flight, tally));
			// The signal's time was up with a write under way.
			return 'ok' in result && flight.isOpen ? {how: 'unknown', because: result.because} : result;
		},
	};
}
