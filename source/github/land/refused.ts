/** Why GitHub refused a landing: what stands there now says more than its words, which are documented nowhere. */
import {headOf, readRules} from '../branches/branches.ts';
import {type Ground, type Landing, lockOf, type NotLanded, type Sent, short, standing, tagOf} from './landing.ts';
import {lookFor, reasonOf} from '../http/mutation.ts';
import {aboutRules} from '../failures/refusals.ts';
import type {Tally} from '../http/tally.ts';
import type {Trouble} from '../failures/trouble.ts';

/** Words: worth another attempt, because it has nothing to do with the branch. */
export type Explained = NotLanded | 'lock-renewed' | 'tag-taken' | 'stale';

export const isAboutRules = (reason: string): boolean => aboutRules.test(reason);

/** null: what was sent should have been possible by what can be seen. @throws {Trouble} */
async function cause(
	ground: Ground,
	landing: Landing,
	sent: Sent,
	reason: string,
	tally: Tally,
): Promise<Explained | null> {
	const {
		branch,
		before,
		lock: {environment},
	} = landing;
	const head = await headOf(ground.connection.rest, branch, tally);
	const lock = await lockOf(ground, landing, tally);
	const refused = (because: string, isRule = false): NotLanded => ({
		how: 'refused',
		because,
		head,
		lockIs: lock === null ? 'gone' : 'ours',
		isRule,
	});
	if (head !== before) {
		return refused(
			head === null
				? `there is no branch ${branch} any more`
				: `${branch} is at ${short(head)} by now, not at ${short(before)}`,
		);
	}

	if (lock === null) {
		return refused(`the lock on ${environment} is gone`);
	}

	if (isAboutRules(reason)) {
		return refused(reason, true);
	}

	return lock.oid === sent.lock.oid
		? sent.tag !== null && (await tagOf(ground, sent.tag, tally)) !== null
			? 'tag-taken'
			: null
		: 'lock-renewed';
}

/** Never throws for what GitHub or the network did: that it was refused is certain already. */
export async function explain(
	ground: Ground,
	landing: Landing,
	sent: Sent,
	trouble: Trouble,
	tally: Tally,
): Promise<Explained> {
	const {connection} = ground;
	const {evidence} = trouble;
	const reason = reasonOf(trouble, connection.circumstances());
	let first: NotLanded | null = null;
	// A replica may still show what was before, a lock that is not there yet included: what ends the landing is seen twice.
	const seen = await lookFor(
		connection,
		async () => {
			const now = await cause(ground, landing, sent, reason, tally);
			if (now === null || typeof now === 'string' || now.isRule || now.because === first?.because) {
				return now;
			}

			first = now;
			return null;
		},
		tally,
	);
	if (seen !== null) {
		return seen;
	}

	const errors = evidence.kind === 'errors' ? evidence.errors : [];
	if (sent.tag !== null && errors.some(({message}) => message.includes(sent.tag!) && /exist/i.test(message))) {
		return 'tag-taken';
	}

	if (errors.some(({type}) => type === 'STALE_DATA')) {
		return 'stale';
	}

	const now = await standing(ground, landing, tally);
	const rules = await lookFor(connection, async () => readRules(connection.rest, landing.branch, tally), tally, [0]);
	const hasRules =
		rules !== null && (rules.pullRequest !== null || rules.mergeQueue || rules.names.includes('update'));
	return {
		how: 'refused',
		because: reason,
		...now,
		isRule: isAboutRules(reason) || (hasRules && now.lockIs === 'ours' && now.head === landing.before),
	};
}
