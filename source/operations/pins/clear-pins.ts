/** A person decides that what was rolled back may be shipped again. */
import {exitCodes, Failure} from '../../errors.ts';
import type {Clock, Done, Refusal} from '../../world.ts';
import {unpinItem} from '../outbox/deliver.ts';
import type {Journal} from '../journal/journal.ts';
import type {Pins} from './pins-known.ts';
import type {Post} from '../outbox/post.ts';

export type PinKeeper = {
	pins: Pins;
	post: Post;
	journal: Journal;
	clock: Clock;
	operator(): Promise<string>;
	hasRemote: boolean;
};

/** Of everybody, so they are asked first; and everybody is told, now or when GitHub answers again. */
const patienceMs = 4000;

const clear = async (
	{pins, post, journal, clock, operator, hasRemote}: PinKeeper,
	environment: string,
	reason: string,
): Promise<Done> => {
	const isKnown = (await pins.refresh({atMostMs: patienceMs})) && pins.isKnown();
	const held = pins.all().filter(pin => pin.environment === environment);
	if (held.length === 0 && pins.unreadable(environment) === null && isKnown)
		return {ok: true, note: 'nothing was pinned'};
	const by = await operator();
	await journal.append(
		held.map(({release, sha}) => ({
			type: 'unpinned',
			operation: null,
			environment,
			release,
			sha,
			by,
			because: reason,
		})),
	);
	pins.clear(environment);
	if (!hasRemote) return {ok: true};
	const item = unpinItem(environment, null, clock.now());
	await post.queue([item]);
	const left = await post.flush(patienceMs, item.row ?? undefined);
	if (left === null) await pins.refresh({atMostMs: patienceMs});
	return left === null ? {ok: true} : {ok: true, note: `on this machine; GitHub will be told later (${left})`};
};

export const clearPins = async (keeper: PinKeeper, environment: string, reason: string): Promise<Done | Refusal> => {
	try {
		return await clear(keeper, environment, reason);
	} catch (error) {
		const because =
			error instanceof Failure && error.because !== undefined
				? `${error.message}: ${error.because}`
				: (error as Error).message;
		return {
			ok: false,
			because,
			next: 'Make room on the disk, or look at the permissions of the state folder.',
			exitCode: exitCodes.failed,
		};
	}
};
