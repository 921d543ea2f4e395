/**
A landing whose answer got lost. It may have happened, and as long as the request is under way somewhere it may still happen; sending it
again would make two of it, and waiting proves nothing. What decides is the lock. The write takes it from the object L to L', a child of L
that nobody else makes. Its supervisor renews it every 20 s, each time as a child of the object before, and none ever comes back. So as soon
as the lock is seen elsewhere than at L, the objects below it tell: with L' among them the write happened, branch and tag included; with L
and without L' it can never happen any more, because L' is no descendant of what stands there now. A lock that is gone, or another one,
ends it as well, but does not tell whether it happened before: then the branch is read, after the lock, and after that the tag.
*/
import {comparison} from '../branches/compare.ts';
import {headOf} from '../branches/branches.ts';
import {type Ground, type Landed, type Landing, type Sent, short, standing, tagOf} from './landing.ts';
import {lookFor, pause} from '../http/mutation.ts';
import {readCommit} from '../branches/refs.ts';
import type {Tally} from '../http/tally.ts';
import {Trouble} from '../failures/trouble.ts';

const patienceMs = 75_000;
const everyMs = 1000;
/** A replica may show the branch as it was although another has shown the newer lock: so many looks in a row, a second apart, decide. */
const looksAfterFence = 4;
/** In the time that is waited the lock is renewed a few times at the most. */
const renewalsAtMost = 12;

/** `open`: the lock is where it was. `happened`, `void`: its own past tells. `fenced`: it cannot happen any more; whether it did is not told by the lock. */
type Fence = 'open' | 'happened' | 'void' | 'fenced';
type Look = {fence: Fence; head: string | null; tag: string | null};

/** @param at where the lock stands; null: nowhere. @throws {Trouble} */
async function fenceAt(
	{connection: {rest}}: Ground,
	{lock, next}: Sent,
	at: string | null,
	tally: Tally,
): Promise<Fence> {
	let oid = at;
	for (let steps = 0; oid !== null && steps <= renewalsAtMost; steps += 1) {
		if (oid === next) {
			return 'happened';
		}

		if (oid === lock.oid) {
			return steps === 0 ? 'open' : 'void';
		}

		oid = (await readCommit(rest, oid, tally))?.parents[0] ?? null;
	}

	return 'fenced';
}

/** null: it could not be read. */
async function look(ground: Ground, {branch}: Landing, sent: Sent, tally: Tally): Promise<Look | null> {
	const {lock, tag} = sent;
	const folder = lock.name.slice('refs/'.length, lock.name.lastIndexOf('/'));
	try {
		const fence = await fenceAt(
			ground,
			sent,
			(await ground.refs.list(folder, tally)).get(lock.name) ?? null,
			tally,
		);
		const head = await headOf(ground.connection.rest, branch, tally);
		return {fence, head, tag: tag === null ? null : await tagOf(ground, tag, tally)};
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

const refused = async (
	ground: Ground,
	landing: Landing,
	head: string | null,
	because: string,
	tally: Tally,
): Promise<Landed> => {
	const {lockIs} = await standing(ground, landing, tally);
	return {
		how: 'refused',
		because: `${because} It did not happen: ${head === null ? `there is no branch ${landing.branch}` : `${landing.branch} is at ${short(head)}`}.`,
		head,
		lockIs,
		isRule: false,
	};
};

/** The fence has been passed: whatever is there now stays. */
async function decided(
	ground: Ground,
	landing: Landing,
	{tag}: Sent,
	head: string | null,
	because: string,
	tally: Tally,
): Promise<Landed> {
	const {branch, before, after} = landing;
	if (tag === null && head !== null && head !== before && (await holds(ground, after, head, tally)) !== false) {
		return {
			how: 'unknown',
			because: `${because} ${branch} is at ${short(head)} by now; whether it was at ${short(after)} in between is not known.`,
		};
	}

	return refused(ground, landing, head, because, tally);
}

/** What a look shows beyond doubt; null: nothing. */
async function seenIn(
	ground: Ground,
	landing: Landing,
	{tag}: Sent,
	seen: Look,
	because: string,
	tally: Tally,
): Promise<Landed | null> {
	const {before, after} = landing;
	// The lock moves with the branch or not at all; a branch that still seems to be where it was is a replica that lags.
	if ((seen.fence === 'happened' && (before === after || seen.head !== before)) || seen.tag === after) {
		return {how: 'landed', tag};
	}

	if (before !== after && seen.head === after) {
		const ours =
			tag === null
				? null
				: await lookFor(
						ground.connection,
						async () => ((await tagOf(ground, tag, tally)) === after ? tag : null),
						tally,
					);
		return {how: 'landed', tag: ours};
	}

	return seen.fence === 'void' ? refused(ground, landing, seen.head, because, tally) : null;
}

/** @param because why there is no answer, a sentence */
export async function settleLanding(
	ground: Ground,
	landing: Landing,
	sent: Sent,
	because: string,
	tally: Tally,
): Promise<Landed> {
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

		const answer = await seenIn(ground, landing, sent, seen, because, tally);
		if (answer !== null) {
			return answer;
		}

		isFenced ||= seen.fence === 'fenced';
		looks += isFenced ? 1 : 0;
		if (looks === looksAfterFence) {
			return decided(ground, landing, sent, seen.head, because, tally);
		}
	}

	return {how: 'unknown', because: `${because} It could not be found out whether ${landing.branch} was moved.`};
}
