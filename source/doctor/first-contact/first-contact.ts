/**
Asks one real GitHub for what we take for granted and nobody has written down: writes a few objects of its own, looks, and takes all of it
back. Nothing of the repository is touched: two refs below `refs/deployctl/probe/` come and go, and commits that no branch shows stay behind
as garbage that git collects. Each thing is found out by reading what is there afterwards, never by an answer alone.
*/
import type {Connection} from '../../github/http/connection.ts';
import {mutate, pause} from '../../github/http/mutation.ts';
import {emptyTree, type RefChange, zeros} from '../../github/branches/refs.ts';
import type {Tally} from '../../github/http/tally.ts';
import type {Contact, ContactId, Outcome, Told} from './model.ts';
import {type Answered, answered, environmentSaid, repositoryHead} from './reads.ts';

const folder = 'deployctl/probe';
/** GitHub asks for a second between writes. */
const betweenWritesMs = 1000;
/** A replica may still show what was before a write. */
const looksAfterMs = [0, 500, 1500] as const;
/** What an earlier probe left, and no other one is in the middle of. */
const abandonedAfterMs = 10 * 60_000;
const undoWithinMs = 30_000;

type Repository = {nodeId: string; defaultTree: () => Promise<string>};
type Hand = {
	connection: Connection;
	tally: Tally;
	repository: Repository;
	told: Told[];
	/** Full names of the two refs. */
	names: readonly [string, string];
};
const tell = ({told}: Hand, id: ContactId, outcome: Outcome, said: string | null): void => {
	told.push({id, outcome, said});
};

/** With what helps: a refusal is most often about the token. */
const refusalOf = ({because, next}: Extract<Answered<unknown>, {ok: false}>): string =>
	next === null ? because : `${because} ${next}`;

const commitOn = async ({connection: {rest}, tally}: Hand, tree: string, parent: string | null): Promise<string> =>
	rest.post(
		'/git/commits',
		{message: 'deployctl: first contact, may be thrown away\n', tree, parents: parent === null ? [] : [parent]},
		({sha}: {sha: string}) => sha,
		tally,
	);

const write = async ({connection, tally, repository: {nodeId}}: Hand, changes: readonly RefChange[]): Promise<void> => {
	await mutate(
		connection.graphql,
		'updateRefs',
		{
			repositoryId: nodeId,
			refUpdates: changes.map(({name, before, after}) => ({
				name,
				beforeOid: before,
				afterOid: after,
				force: false,
			})),
		},
		tally,
	);
};

type Listed = {ref: string; object: {sha: string}};
const refsThere = async ({
	connection: {rest},
	tally,
}: Pick<Hand, 'connection' | 'tally'>): Promise<ReadonlyMap<string, string>> =>
	(
		await rest.get(
			`/git/matching-refs/${folder}/`,
			(refs: Listed[]) => new Map(refs.map(({ref, object}) => [ref, object.sha])),
			tally,
		)
	).value;

/** Where both refs are; looked at again while it is not what is expected, because replicas lag. */
async function standing(
	hand: Hand,
	expected: readonly [string, string],
): Promise<Answered<readonly [string | null, string | null]>> {
	return answered(hand, async () => {
		let seen: readonly [string | null, string | null] = [null, null];
		for (const pauseMs of looksAfterMs) {
			await pause(hand.connection, pauseMs, hand.tally);
			const there = await refsThere(hand);
			seen = [there.get(hand.names[0]) ?? null, there.get(hand.names[1]) ?? null];
			if (seen[0] === expected[0] && seen[1] === expected[1]) {
				return seen;
			}
		}

		return seen;
	});
}

/** A chain of three commits. null: none can be made, which has been told. */
async function commits(hand: Hand): Promise<readonly [string, string, string] | null> {
	const first = await answered(hand, async () => commitOn(hand, emptyTree, null));
	tell(
		hand,
		'empty-tree',
		first.ok ? 'as-expected' : first.isCertain ? 'otherwise' : 'unknown',
		first.ok ? null : first.because,
	);
	const chain = await answered(hand, async () => {
		const tree = first.ok ? emptyTree : await hand.repository.defaultTree();
		const one = first.ok ? first.value : await commitOn(hand, tree, null);
		const two = await commitOn(hand, tree, one);
		return [one, two, await commitOn(hand, tree, two)] as const;
	});
	if (!chain.ok) {
		tell(hand, 'own-refs', chain.isCertain ? 'otherwise' : 'unknown', refusalOf(chain));
		return null;
	}

	return chain.value;
}

/** A write that has to be refused as a whole. `true`: both refs are where they were, for certain. */
async function refused(
	hand: Hand,
	id: ContactId,
	at: readonly [string, string],
	changes: readonly RefChange[],
): Promise<boolean> {
	await pause(hand.connection, betweenWritesMs, hand.tally);
	const written = await answered(hand, async () => write(hand, changes));
	const there = await standing(hand, at);
	if (!there.ok) {
		tell(hand, id, 'unknown', there.because);
		return false;
	}

	const isUnmoved = there.value[0] === at[0] && there.value[1] === at[1];
	const said = written.ok ? 'it was accepted' : written.because;
	if (!isUnmoved) {
		tell(
			hand,
			id,
			'otherwise',
			`${said}; moved: ${hand.names.filter((_, index) => there.value[index] !== at[index]).length} of 2`,
		);
		return false;
	}

	// Accepted without a word and without a move: nothing was lost, but the answer cannot be relied on.
	tell(
		hand,
		id,
		written.ok ? 'otherwise' : written.isCertain ? 'as-expected' : 'unknown',
		written.ok ? 'it was accepted, and nothing moved' : said,
	);
	return true;
}

/** The move that a promotion makes: both at once. */
async function landed(hand: Hand, to: readonly [string, string], changes: readonly RefChange[]): Promise<void> {
	await pause(hand.connection, betweenWritesMs, hand.tally);
	const written = await answered(hand, async () => write(hand, changes));
	const there = await standing(hand, to);
	const isThere = there.ok && there.value[0] === to[0] && there.value[1] === to[1];
	tell(
		hand,
		'landing',
		written.ok && isThere
			? 'as-expected'
			: written.ok && there.ok
				? 'otherwise'
				: !written.ok && written.isCertain
					? 'otherwise'
					: 'unknown',
		written.ok ? null : written.because,
	);
}

async function fence(hand: Hand, [one, two, three]: readonly [string, string, string]): Promise<void> {
	const [left, right] = hand.names;
	const made = await answered(hand, async () =>
		write(hand, [
			{name: left, before: zeros, after: one},
			{name: right, before: zeros, after: two},
		]),
	);
	const there = await standing(hand, [one, two]);
	const isMade = there.ok && there.value[0] === one && there.value[1] === two;
	tell(
		hand,
		'own-refs',
		isMade ? 'as-expected' : !made.ok && made.isCertain ? 'otherwise' : 'unknown',
		made.ok ? (there.ok ? null : there.because) : refusalOf(made),
	);
	if (!isMade) {
		return;
	}

	const forward: RefChange = {name: left, before: one, after: two};
	// `right` is at `two`: what is said of it is wrong, and without a look at it would be a plain fast-forward.
	const isUnmoved =
		(await refused(hand, 'fence-moving', [one, two], [forward, {name: right, before: one, after: three}])) &&
		(await refused(hand, 'fence-staying', [one, two], [forward, {name: right, before: one, after: one}]));
	if (isUnmoved) {
		await landed(hand, [two, three], [forward, {name: right, before: two, after: three}]);
	}
}

type Removed = {left: readonly string[]; because: string | null; abandoned: number};

/** Takes back whatever of ours is there by now, also of an answer that got lost, and of a probe that was killed long ago. */
async function undone(hand: Hand): Promise<Removed> {
	const {connection} = hand;
	const later: Hand = {...hand, tally: connection.tally(AbortSignal.timeout(undoWithinMs))};
	const isOurs = (name: string) => hand.names.includes(name);
	const isAbandoned = (name: string) =>
		!isOurs(name) &&
		connection.clock.now() - Number(/\/(\d{13})-[^/]*$/.exec(name)?.[1] ?? Number.NaN) > abandonedAfterMs;
	let abandoned = 0;
	let removal: Answered<unknown> = {ok: true, value: null};
	for (const pauseMs of [...looksAfterMs, ...looksAfterMs]) {
		await pause(connection, pauseMs, later.tally);
		removal = await answered(later, async () => {
			const there = [...(await refsThere(later))].filter(([name]) => isOurs(name) || isAbandoned(name));
			abandoned = Math.max(abandoned, there.filter(([name]) => isAbandoned(name)).length);
			return (
				there.length > 0 &&
				write(
					later,
					there.map(([name, oid]) => ({name, before: oid, after: zeros})),
				)
			);
		});
		// `false`: there is nothing to take back. After a removal it is looked once more.
		if (removal.ok && removal.value === false) {
			break;
		}
	}

	const rest = await answered(later, async () => refsThere(later));
	return {
		left: rest.ok ? [...rest.value.keys()].filter(name => isOurs(name)) : hand.names,
		abandoned,
		because: rest.ok ? (removal.ok ? null : removal.because) : rest.because,
	};
}

export type ContactOptions = {
	connection: Connection;
	/** As GitHub knows them. */ environments: readonly string[];
	/** Makes the names of this probe its own: letters and digits. */ nonce: string;
	signal: AbortSignal;
};

/** @throws {Trouble} when the repository itself cannot be read: nothing was written then; the signal's reason, after all was taken back */
export async function firstContact({connection, environments, nonce, signal}: ContactOptions): Promise<Contact> {
	const {clock} = connection;
	const startedAt = clock.now();
	const tally = connection.tally(signal);
	const {
		value: {nodeId, defaultBranch, permissions},
		headers,
	} = await repositoryHead({connection, tally});
	const defaultTree = async (): Promise<string> =>
		(
			await connection.rest.get(
				`/commits/${encodeURIComponent(defaultBranch)}`,
				({commit}: {commit: {tree: {sha: string}}}) => commit.tree.sha,
				tally,
			)
		).value;
	const name = (side: string) => `refs/${folder}/${startedAt}-${nonce}-${side}`;
	const hand: Hand = {connection, tally, repository: {nodeId, defaultTree}, told: [], names: [name('a'), name('b')]};
	let removed: Removed;
	try {
		const chain = await commits(hand);
		if (chain !== null) {
			await fence(hand, chain);
		}
	} finally {
		removed = await undone(hand);
	}

	tell(
		hand,
		'undone',
		removed.left.length === 0 ? 'as-expected' : removed.because === null ? 'otherwise' : 'unknown',
		removed.because,
	);
	const asked = [];
	for (const one of environments) {
		asked.push(await environmentSaid({connection, tally}, one));
	}

	return {
		serverVersion: headers['x-github-enterprise-version'] ?? null,
		apiVersion: headers['x-github-api-version-selected'] ?? null,
		scopes:
			headers['x-oauth-scopes'] === undefined
				? null
				: headers['x-oauth-scopes']
						.split(',')
						.map(scope => scope.trim())
						.filter(scope => scope !== ''),
		permissions,
		told: hand.told,
		environments: asked,
		left: removed.left,
		abandoned: removed.abandoned,
		skewMs: connection.transport.skewMs(),
		requests: tally.requests,
		tookMs: clock.now() - startedAt,
	};
}
