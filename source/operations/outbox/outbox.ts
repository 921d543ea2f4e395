/**
What others are to be told and could not be yet: one small file each, which survives crashes and full networks. Delivery is at least once:
an item that was taken in the very moment in which its sender died is sent again, under the same id, by which the receiver knows it.
*/
import {readdirSync, renameSync, rmSync, statSync} from 'node:fs';
import {join} from 'node:path';
import type {Delivery} from '../../core/operations/delivery.ts';
import {Failure} from '../../errors.ts';
import {makeDirectory, readJson, readWhole, syncDirectory, writeWhole} from '../files/durable-file.ts';
import type {Journal} from '../journal/journal.ts';
import {takeMutex} from '../files/mutex.ts';
import {plural} from '../../core/text/plural.ts';

export type OutboxItem = {
	/** The same for the same thing, whoever queues it and however often. */
	id: string;
	kind: 'deployment-record' | 'pin' | 'announcement';
	operation: string | null;
	/** For people: "record of the deployment". */
	what: string;
	/** Items of one row go one after another, and none passes one that is stuck; null: order does not matter. */
	row: string | null;
	body: unknown;
};
/** Wall time, milliseconds. `isDelivered`: it was taken, and only the clearing away is left. */
export type WaitingItem = OutboxItem & {
	queuedAt: number;
	attempts: number;
	nextAt: number;
	because: string | null;
	isDelivered: boolean;
};
export type Outbox = {
	waiting: readonly WaitingItem[];
	oldestAt: number | null;
	/** Why the oldest is still here, or what could not be read. */ because: string | null;
};

export const patienceMs = 24 * 60 * 60_000;
const idPattern = /^[A-Za-z0-9][\w.-]{0,220}$/;
const pathOf = (directory: string, id: string) => join(directory, `${id}.json`);

/** Safely on the disk when it returns, or throws what the disk says. An item that waits already is left as it is: false. */
export const queueItem = (directory: string, item: OutboxItem, now: number): boolean => {
	if (!idPattern.test(item.id)) throw new TypeError(`${item.id} cannot be the name of a file`);
	makeDirectory(directory);
	if (readWhole(pathOf(directory, item.id)) !== null) return false;
	const waiting: WaitingItem = {...item, queuedAt: now, attempts: 0, nextAt: now, because: null, isDelivered: false};
	writeWhole(pathOf(directory, item.id), JSON.stringify(waiting));
	return true;
};

/** Queues them and says so in the journal. Throws what the disk says. */
export const queueItems = async (
	directory: string,
	items: readonly OutboxItem[],
	{now, journal}: Pick<FlushOptions, 'now' | 'journal'>,
): Promise<void> => {
	const fresh = items.filter(item => queueItem(directory, item, now()));
	await journal.append(fresh.map(({id, operation, what}) => ({type: 'queued', operation, item: id, what})));
};

const namesIn = (directory: string): string[] => {
	try {
		return readdirSync(directory);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
		throw error;
	}
};

const isNumber = (value: unknown) => typeof value === 'number' && Number.isFinite(value);
const itemIn = (directory: string, name: string): WaitingItem | null => {
	const item = readJson(join(directory, name));
	const isWhole =
		item !== null &&
		`${String(item['id'])}.json` === name &&
		typeof item['kind'] === 'string' &&
		[item['queuedAt'], item['attempts'], item['nextAt']].every(isNumber);
	return isWhole ? (item as WaitingItem) : null;
};

const list = (directory: string): {items: WaitingItem[]; unreadable: string[]} => {
	const [items, unreadable]: [WaitingItem[], string[]] = [[], []];
	for (const name of namesIn(directory).filter(name => name.endsWith('.json'))) {
		const item = itemIn(directory, name);
		// Another process may just have delivered it.
		if (item === null && readWhole(join(directory, name)) !== null) unreadable.push(name);
		if (item !== null) items.push(item);
	}
	return {items: items.sort((a, b) => a.queuedAt - b.queuedAt || (a.id < b.id ? -1 : 1)), unreadable};
};

/** Throws what the disk says. */
export const readOutbox = (directory: string): Outbox => {
	const {items, unreadable} = list(directory);
	const waiting = items.filter(({isDelivered}) => !isDelivered);
	const aside = unreadable.length + namesIn(directory).filter(name => name.endsWith('.unreadable')).length;
	const failing = waiting.find(({because}) => because !== null);
	return {
		waiting,
		oldestAt: waiting[0]?.queuedAt ?? null,
		because: failing?.because ?? (aside === 0 ? null : `${plural(aside, 'file')} in ${directory} cannot be read`),
	};
};

const backOffMs = (attempts: number): number => Math.min(15 * 60_000, 5000 * 2 ** (attempts - 1));
/** A clock that went back must not keep an item for ever. */
const isDue = ({nextAt, isDelivered}: WaitingItem, now: number): boolean =>
	isDelivered || nextAt <= now || nextAt > now + patienceMs;

export type Deliver = (item: WaitingItem, signal: AbortSignal) => Promise<Delivery>;
export type FlushOptions = {
	now: () => number;
	signal: AbortSignal;
	journal: Pick<Journal, 'append'>;
	/** How long to wait for another process that is at it. */ waitMs?: number;
};
/** `nextAt`: when it is worth trying again; null: nothing waits. `isBusy`: another process is at it, and delivers everything that is due. */
export type Flushed = {
	delivered: number;
	givenUp: number;
	waiting: number;
	nextAt: number | null;
	isBusy: boolean;
	because: string | null;
};

type Flush = FlushOptions & {directory: string; deliver: Deliver; counts: {delivered: number; givenUp: number}};

const save = ({directory}: Flush, item: WaitingItem): WaitingItem => {
	writeWhole(pathOf(directory, item.id), JSON.stringify(item));
	return item;
};
const remove = ({directory}: Flush, {id}: WaitingItem): void => {
	rmSync(pathOf(directory, id), {force: true});
	syncDirectory(directory);
};

/** The journal first: a file that is left over is only cleared away again. */
const conclude = async (flush: Flush, item: WaitingItem): Promise<void> => {
	const {id, operation, what} = item;
	await flush.journal.append([{type: 'published', operation, item: id, what}]);
	remove(flush, item);
	flush.counts.delivered += 1;
};
const giveUp = async (flush: Flush, item: WaitingItem, because: string): Promise<void> => {
	await flush.journal.append([{type: 'given-up', operation: item.operation, item: item.id, because}]);
	remove(flush, item);
	flush.counts.givenUp += 1;
};

const tryDelivery = async ({deliver, signal}: Flush, item: WaitingItem): Promise<Delivery | null> => {
	try {
		return await deliver(item, signal);
	} catch (error) {
		const because =
			error instanceof Failure && error.because !== undefined
				? `${error.message}: ${error.because}`
				: (error as Error).message;
		return signal.aborted ? null : {ok: false, because, retryAt: null, isFinal: false};
	}
};

/** Whether it is gone from here. */
const attend = async (flush: Flush, item: WaitingItem): Promise<boolean> => {
	if (item.isDelivered) {
		await conclude(flush, item);
		return true;
	}
	const startedAt = flush.now();
	if (item.attempts > 0 && startedAt - item.queuedAt > patienceMs) {
		await giveUp(flush, item, `${item.what} could not be delivered within 24 h: ${item.because ?? 'no answer'}`);
		return true;
	}
	// Before it is tried: a delivery that kills its process must not be tried again at once.
	const tried = save(flush, {...item, attempts: item.attempts + 1, nextAt: startedAt + backOffMs(item.attempts + 1)});
	const delivery = await tryDelivery(flush, tried);
	if (delivery === null) return false;
	if (delivery.ok) {
		await conclude(flush, save(flush, {...tried, isDelivered: true}));
		return true;
	}
	if (delivery.isFinal) {
		await giveUp(flush, tried, delivery.because);
		return true;
	}
	save(flush, {
		...tried,
		because: delivery.because,
		nextAt: Math.max(flush.now() + backOffMs(tried.attempts), delivery.retryAt ?? 0),
	});
	return false;
};

/** Never lost: a person may still make sense of it. Temporary files of writers that died are. */
const tidy = ({directory, now}: Flush): void => {
	for (const name of list(directory).unreadable)
		renameSync(join(directory, name), join(directory, `${name}.unreadable`));
	for (const name of namesIn(directory).filter(name => /\.json\.\d+\.\d+$/.test(name))) {
		const path = join(directory, name);
		if (now() - (statSync(path, {throwIfNoEntry: false})?.mtimeMs ?? 0) > patienceMs) rmSync(path, {force: true});
	}
};

const runRow = async (flush: Flush, items: readonly WaitingItem[]): Promise<void> => {
	for (const item of items) {
		if (flush.signal.aborted) return;
		const isStuck = item.row !== null;
		if (!isDue(item, flush.now()) || !(await attend(flush, item))) {
			if (isStuck) return;
		}
	}
};

/** Until nothing new is due: what others queue meanwhile is taken along. */
const flushAll = async (flush: Flush): Promise<string | null> => {
	const seen = new Set<string>();
	try {
		tidy(flush);
		for (;;) {
			const items = list(flush.directory).items.filter(({id}) => !seen.has(id));
			if (items.length === 0 || flush.signal.aborted) return null;
			for (const {id} of items) seen.add(id);
			await Promise.all(
				[...Map.groupBy(items, ({row, kind}) => row ?? kind).values()].map(async row => runRow(flush, row)),
			);
		}
	} catch (error) {
		return (error as Error).message;
	}
};

/**
Delivers what is due, once each, and gives up what was tried for 24 hours. One process at a time does it for all; the kernel frees its
place when it dies. Throws only when the disk cannot even be read.
*/
export const flushOutbox = async (directory: string, deliver: Deliver, options: FlushOptions): Promise<Flushed> => {
	const summary = (isBusy: boolean, counts = {delivered: 0, givenUp: 0}, problem: string | null = null): Flushed => {
		const {waiting, because} = readOutbox(directory);
		return {
			...counts,
			waiting: waiting.length,
			nextAt: waiting.length === 0 ? null : Math.min(...waiting.map(({nextAt}) => nextAt)),
			isBusy,
			because: problem ?? because,
		};
	};
	if (namesIn(directory).length === 0) return summary(false);
	const mutex = await takeMutex(`${directory}.mutex`, options.waitMs ?? 1000);
	if (mutex === null) return summary(true);
	const counts = {delivered: 0, givenUp: 0};
	try {
		const problem = await flushAll({...options, directory, deliver, counts});
		return summary(false, counts, problem);
	} finally {
		mutex.release();
	}
};
