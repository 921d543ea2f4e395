/**
One record an environment, as the message of a commit that a ref points at: `refs/deployctl/FOLDER/ENVIRONMENT`, or where a server takes
nothing but branches `refs/heads/deployctl/BRANCH/ENVIRONMENT`. Both are always read. A write whose answer got lost is never sent again
blindly: what is there says whether it happened.
*/
import type {Clock} from '../../world.ts';
import type {LockAuthor} from '../../core/locks/lock.ts';
import {remember} from '../http/bounded.ts';
import {classify} from '../failures/failures.ts';
import {type Refs, zeros} from './refs.ts';
import type {Tally} from '../http/tally.ts';
import {Trouble} from '../failures/trouble.ts';
import type {Circumstances} from '../failures/circumstances.ts';

export type Found<Record> = {
	environment: string;
	name: string;
	oid: string;
	/** null: unreadable, and it blocks. */ record: Record | null;
	/** Whom GitHub names as the author of the commit; null: not read. */ author: LockAuthor | null;
};
export type RefRecords<Record> = {
	/** @throws {Trouble} */
	read(tally: Tally): Promise<ReadonlyArray<Found<Record>>>;
	/** Only if nothing is there. @throws {Trouble} when GitHub did not even look at it */
	create(environment: string, oid: string, tally: Tally): Promise<Moved<Record>>;
	/** `after` null: removes it. Only if it still is at `before`. */
	replace(environment: string, before: string, after: string | null, tally: Tally): Promise<Moved<Record>>;
};
/**
`refused`: GitHub said no. `unknown`: no answer, and it has not been seen to happen; it still may. `found`: what stands there for this
environment instead; null: that could not be read either.
*/
export type NotMoved<Record> = {
	how: 'refused' | 'unknown';
	trouble: Trouble;
	found: ReadonlyArray<Found<Record>> | null;
};
export type Moved<Record> = {how: 'done'; name: string} | NotMoved<Record>;

/** As one part of a ref's name, which may hold neither slashes nor dots in bad places; `=` needs no escape in an address. */
export const encodeName = (name: string): string =>
	Array.from(new TextEncoder().encode(name), byte => {
		const character = String.fromCharCode(byte);
		return /[A-Za-z0-9_-]/.test(character) ? character : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
	}).join('');

/** null for what `encodeName` did not make. */
export const decodeName = (text: string): string | null => {
	try {
		const name = decodeURIComponent(text.replaceAll('=', '%'));
		return encodeName(name) === text ? name : null;
	} catch {
		return null;
	}
};

/** A replica may lag behind what was just written: looked at again, after so many milliseconds each. */
const looksAfterMs = {refused: [0, 400], unknown: [0, 250, 1000]} as const;
const rememberedAtMost = 200;

/** GitHub did not carry it out: who asks, or how often, is the reason. */
const certain = new Set(['unauthorised', 'not-found', 'rate-limited', 'secondary-limit']);

const isRefusal = ({evidence}: Trouble): boolean =>
	(evidence.kind === 'errors' &&
		!evidence.errors.some(({message}) => /something went wrong|timeout/i.test(message))) ||
	(evidence.kind === 'http' && evidence.status >= 400 && evidence.status < 500);

type Options<Record> = {
	refs: Refs;
	clock: Clock;
	circumstances: () => Circumstances;
	folders: {own: string; branch: string};
	/** null: not readable. */
	parse: (message: string, environment: string) => Record | null;
};

export function createRefRecords<Record>({
	refs,
	clock,
	circumstances,
	folders: {own, branch},
	parse,
}: Options<Record>): RefRecords<Record> {
	const folders = [`deployctl/${own}`, `heads/deployctl/${branch}`] as const;
	/** Where an object of ours was put, or would be: the newest attempt counts. */
	const places = new Map<string, string>();
	/** What this server takes; null: not known yet. */
	let form: 'own' | 'branch' | null = null;

	async function readFolder(folder: string, tally: Tally): Promise<Array<Found<Record>>> {
		const listed = [...(await refs.list(folder, tally))].filter(([name]) => name.startsWith(`refs/${folder}/`));
		return Promise.all(
			listed.map(async ([name, oid]) => {
				const text = name.slice(`refs/${folder}/`.length);
				const environment = decodeName(text);
				const found = environment === null ? null : await refs.authored(oid, tally);
				return {
					environment: environment ?? text,
					name,
					oid,
					author: found?.author ?? null,
					record: environment === null || found === null ? null : parse(found.message, environment),
				};
			}),
		);
	}

	const read = async (tally: Tally) =>
		(await Promise.all(folders.map(async folder => readFolder(folder, tally)))).flat();

	/** What came of a write that was not plainly answered. */
	async function settle(
		how: 'refused' | 'unknown',
		trouble: Trouble,
		{name, before, after}: {name: string; before: string; after: string},
		environment: string,
		tally: Tally,
	): Promise<Moved<Record>> {
		let found: ReadonlyArray<Found<Record>> | null = null;
		for (const pauseMs of looksAfterMs[how]) {
			if (pauseMs > 0) {
				await clock.after(pauseMs, tally.signal);
			}

			try {
				found = await read(tally);
			} catch (error) {
				if (!(error instanceof Trouble)) {
					throw error;
				}

				continue;
			}

			const current = found.find(one => one.name === name)?.oid ?? zeros;
			if (current === after) {
				return {how: 'done', name};
			}

			// Refused, and there is the reason; without an answer it may be an older state of things.
			if (how === 'refused' && current !== before) {
				break;
			}
		}

		return {how, trouble, found: found?.filter(one => one.environment === environment) ?? null};
	}

	async function move(
		name: string,
		before: string,
		after: string,
		environment: string,
		tally: Tally,
	): Promise<Moved<Record>> {
		if (after !== zeros) {
			remember(places, after, name, rememberedAtMost);
		}

		try {
			await refs.swap(name, before, after, tally);
		} catch (error) {
			if (!(error instanceof Trouble) || certain.has(classify(error.evidence, circumstances()).kind)) {
				throw error;
			}

			const moved = await settle(
				isRefusal(error) ? 'refused' : 'unknown',
				error,
				{name, before, after},
				environment,
				tally,
			);
			if (moved.how !== 'done') {
				return moved;
			}
		}

		return {how: 'done', name};
	}

	async function create(environment: string, oid: string, tally: Tally): Promise<Moved<Record>> {
		const name = (folder: string) => `refs/${folder}/${encodeName(environment)}`;
		const [ownName, branchName] = [name(folders[0]), name(folders[1])];
		// Refused although nothing is there: it was just given back (once more), or such names are refused (as a branch).
		const attempts = form === null ? [ownName, branchName] : form === 'branch' ? [branchName] : [ownName];
		let moved = await move(attempts[0]!, zeros, oid, environment, tally);
		for (const attempt of attempts) {
			if (moved.how !== 'refused' || moved.found === null || moved.found.length > 0) {
				break;
			}

			moved = await move(attempt, zeros, oid, environment, tally);
			form = moved.how === 'done' ? (attempt === branchName ? 'branch' : 'own') : form;
		}

		form ??= moved.how === 'done' ? 'own' : null;
		return moved;
	}

	async function replace(
		environment: string,
		before: string,
		after: string | null,
		tally: Tally,
	): Promise<Moved<Record>> {
		const known = places.get(before) ?? (await read(tally)).find(({oid}) => oid === before)?.name;
		return move(
			known ?? `refs/${folders[form === 'branch' ? 1 : 0]}/${encodeName(environment)}`,
			before,
			after ?? zeros,
			environment,
			tally,
		);
	}

	return {read, create, replace};
}
