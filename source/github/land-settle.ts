/**
A landing whose answer got lost. It may have happened, and as long as the request is under way somewhere it may still happen; sending it
again would make two of it, and waiting proves nothing. What decides is the lock. The write names the object L at which the lock stood, and
is carried out only while the lock is at L. Its supervisor renews it every 20 s, each time as a new object, and none ever comes back. So as
soon as the lock is seen anywhere else than at L, or gone, the lost write can never succeed any more: it has moved the branch by then or
never will, and a reading of the branch that begins after that is the answer. Hence the order: lock first, then branch, then tag.
*/
import {comparison} from './compare.ts';
import {headOf} from './branches.ts';
import {type Ground, type Landed, type Landing, type Sent, short, standing, tagOf} from './landing.ts';
import {lookFor, pause} from './mutation.ts';
import type {Tally} from './tally.ts';
import {Trouble} from './trouble.ts';

const patienceMs = 75_000;
const everyMs = 1000;
/** A replica may show the branch as it was although another has shown the newer lock: so many looks in a row, a second apart, decide. */
const looksAfterFence = 4;

type Look = {isFenced: boolean; head: string | null; tag: string | null};

/** null: it could not be read. */
async function look(ground: Ground, {branch}: Landing, {lock, tag}: Sent, tally: Tally): Promise<Look | null> {
	const folder = lock.name.slice('refs/'.length, lock.name.lastIndexOf('/'));
	try {
		const isFenced = (await ground.refs.list(folder, tally)).get(lock.name) !== lock.oid;
		const head = await headOf(ground.connection.rest, branch, tally);
		return {isFenced, head, tag: tag === null ? null : await tagOf(ground, tag, tally)};
	} catch (error) {
		if (error instanceof Trouble) {
			return null;
		}

		throw error;
	}
}

/** The branch is neither where it was nor where it was to be, and no tag tells: somebody has moved it since, maybe from there. */
async function holds({connection}: Ground, sha: string, head: string, tally: Tally): Promise<boolean | null> {
	const compared = await lookFor(connection, async () => comparison(connection.rest, sha, head, tally), tally, [0]);
	return compared === null ? null : compared.behindBy === 0;
}

/** The fence has been passed: whatever is there now stays. */
async function decided(ground: Ground, landing: Landing, {tag}: Sent, head: string | null, because: string, tally: Tally): Promise<Landed> {
	const {branch, before, after} = landing;
	if (tag === null && head !== null && head !== before && await holds(ground, after, head, tally) !== false) {
		return {how: 'unknown', because: `${because} ${branch} is at ${short(head)} by now; whether it was at ${short(after)} in between is not known.`};
	}

	const {lockIs} = await standing(ground, landing, tally);
	return {how: 'refused', because: `${because} It did not happen: ${head === null ? `there is no branch ${branch}` : `${branch} is at ${short(head)}`}.`, head, lockIs, isRule: false};
}

/** @param because why there is no answer, a sentence */
export async function settleLanding(ground: Ground, landing: Landing, sent: Sent, because: string, tally: Tally): Promise<Landed> {
	const {clock} = ground.connection;
	const until = clock.now() + patienceMs;
	let isFenced = false;
	let looks = 0;
	for (let pauseMs = 0; clock.now() + pauseMs <= until; pauseMs = everyMs) {
		await pause(ground.connection, pauseMs, tally);
		const seen = await look(ground, landing, sent, tally);
		if (seen === null) {
			continue;
		}

		if (seen.tag === landing.after) {
			return {how: 'landed', tag: sent.tag};
		}

		if (seen.head === landing.after) {
			const {tag} = sent;
			const ours = tag === null ? null : await lookFor(ground.connection, async () => await tagOf(ground, tag, tally) === landing.after ? tag : null, tally);
			return {how: 'landed', tag: ours};
		}

		isFenced ||= seen.isFenced;
		looks += isFenced ? 1 : 0;
		if (looks === looksAfterFence) {
			return decided(ground, landing, sent, seen.head, because, tally);
		}
	}

	return {how: 'unknown', because: `${because} It could not be found out whether ${landing.branch} was moved.`};
}
