/** Pins for everybody: `refs/deployctl/pins/ENVIRONMENT`, all pins of one environment in one commit, changed by compare-and-swap. */
import {isSamePin, type Pin, pinsInMessage, pinsMessage} from '../../core/locks/pin.ts';
import {attempt, type Connection, unwritten, type Unwritten} from '../http/connection.ts';
import {createRefRecords, type Found, type Moved} from './ref-records.ts';
import {createRefs} from './refs.ts';
import type {Tally} from '../http/tally.ts';

/** Something is there that we cannot read: nobody knows what it pins, so it blocks, and nothing is put over it. */
export type Ambiguous = {ok: false; kind: 'ambiguous'; because: string; next: string};
export type RemotePins = {
	/** `unreadable`: environments about which nobody knows what is pinned. */
	read(
		signal?: AbortSignal,
	): Promise<
		{ok: true; pins: readonly Pin[]; unreadable: ReadonlyArray<{environment: string; oid: string}>} | Unwritten
	>;
	/** Again is once: a release is pinned or it is not. */
	put(pin: Pin, signal?: AbortSignal): Promise<{ok: true} | Ambiguous | Unwritten>;
	/** `release` null: all pins of the environment, also those that cannot be read. What is gone already is done. */
	clear(
		environment: string,
		release: string | null,
		signal?: AbortSignal,
	): Promise<{ok: true} | Ambiguous | Unwritten>;
};

const attempts = 4;

export function remotePins(connection: Connection): RemotePins {
	const {clock, circumstances} = connection;
	const refs = createRefs(connection);
	const records = createRefRecords<Pin[]>({
		refs,
		clock,
		circumstances,
		folders: {own: 'pins', branch: 'pin'},
		parse: pinsInMessage,
	});
	const find = async (environment: string, tally: Tally) =>
		(await records.read(tally)).filter(one => one.environment === environment);
	const ambiguous = ({environment, name, oid}: Found<Pin[]>): Ambiguous => ({
		ok: false,
		kind: 'ambiguous',
		because: `the pins of ${environment} cannot be read at ${name}`,
		next: `Look at commit ${oid}; clearing all pins of ${environment} removes it.`,
	});

	/** Reads, changes and writes, again when somebody else was faster: what is done already is found by the next reading. */
	async function change(
		environment: string,
		tally: Tally,
		step: (found: ReadonlyArray<Found<Pin[]>>) => Promise<Moved<Pin[]> | Ambiguous | null>,
	): Promise<{ok: true} | Ambiguous | Unwritten> {
		for (let count = 1; ; count += 1) {
			const moved = await step(await find(environment, tally));
			if (moved === null) {
				return {ok: true};
			}

			if ('ok' in moved) {
				return moved;
			}

			if (moved.how !== 'done' && count === attempts) {
				return unwritten(moved.trouble, circumstances());
			}
		}
	}

	const put = async (pin: Pin, tally: Tally) =>
		change(pin.environment, tally, async found => {
			const unreadable = found.find(({record}) => record === null);
			if (unreadable !== undefined) {
				return ambiguous(unreadable);
			}

			if (found.some(({record}) => record!.some(one => isSamePin(one, pin)))) {
				return null;
			}

			const [current] = found;
			const oid = await refs.commit(
				pinsMessage(pin.environment, [...(current?.record ?? []), pin]),
				current?.oid ?? null,
				tally,
			);
			return current === undefined
				? records.create(pin.environment, oid, tally)
				: records.replace(pin.environment, current.oid, oid, tally);
		});

	const clear = async (environment: string, release: string | null, tally: Tally) =>
		change(environment, tally, async found => {
			const unreadable = found.find(({record}) => record === null);
			if (release !== null && unreadable !== undefined) {
				return ambiguous(unreadable);
			}

			const current = found.find(({record}) => release === null || record!.some(pin => pin.release === release));
			if (current === undefined) {
				return null;
			}

			const left = release === null ? [] : current.record!.filter(pin => pin.release !== release);
			return records.replace(
				environment,
				current.oid,
				left.length === 0 ? null : await refs.commit(pinsMessage(environment, left), current.oid, tally),
				tally,
			);
		});

	const within = async <Result>(signal: AbortSignal | undefined, act: (tally: Tally) => Promise<Result>) =>
		attempt(connection, async () => act(connection.tally(signal)), signal);
	return {
		read: async signal =>
			within(signal, async tally => {
				const all = await records.read(tally);
				return {
					ok: true as const,
					pins: all.flatMap(({record}) => record ?? []),
					unreadable: all
						.filter(({record}) => record === null)
						.map(({environment, oid}) => ({environment, oid})),
				};
			}),
		put: async (pin, signal) => within(signal, async tally => put(pin, tally)),
		clear: async (environment, release, signal) =>
			within(signal, async tally => clear(environment, release, tally)),
	};
}
