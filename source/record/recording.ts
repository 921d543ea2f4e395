/** A file that is played: read once from its beginning, held as lines, folded up to any moment from the last whole picture before it. */
import {open} from 'node:fs/promises';
import type {Change} from '../core/snapshot/changes.ts';
import {correlate} from '../core/snapshot/correlate.ts';
import type {RecordEntry, RecordHead, Seen} from '../core/history/record.ts';
import {entryFrom, versionIn} from '../core/history/record-entry.ts';
import {patched} from '../core/history/record-patch.ts';
import {isSeen} from '../core/history/record-seen.ts';
import type {ReplayFrame} from '../core/history/replay.ts';
import {exitCodes, Failure, usageFailure} from '../errors.ts';
import {linesOf} from './read.ts';

/** What one recording may hold in memory: more than a day at a poll a second. Bytes, unpacked. */
const largest = 192 * 1024 * 1024;
const eventsKept = 300;

/** `line` is null where it is lost. */
type Kept = {at: number; wall: number; kind: RecordEntry['kind']; n: number; line: string};

export type Recording = {
	head: RecordHead;
	from: number;
	until: number;
	damaged: number;
	changes: readonly Change[];
	wallAt(at: number): number;
	frame(at: number): ReplayFrame;
};

const reasons: Readonly<Record<string, string>> = {
	ENOENT: 'there is no such file',
	EISDIR: 'it is a folder',
	EACCES: 'it may not be read',
	EPERM: 'it may not be read',
};

const failed = (path: string, error: unknown): Failure => {
	if (error instanceof Failure) return error;
	if (error instanceof RangeError)
		return usageFailure(
			`${path} is too large to be played: more than ${largest / 1024 / 1024} MB of recording`,
			'export a shorter time with deployctl timeline --since … --until … --export FILE',
		);
	const {code = '', message} = error as NodeJS.ErrnoException;
	return new Failure(`${path} cannot be played`, {
		because: reasons[code] ?? message,
		next: 'deployctl replay lists what is recorded',
		exitCode: exitCodes.usage,
	});
};

const isPacked = async (path: string): Promise<boolean> => {
	const file = await open(path, 'r');
	try {
		const {bytesRead, buffer} = await file.read(Buffer.alloc(2), 0, 2, 0);
		return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
	} finally {
		await file.close();
	}
};

const headOf = (path: string, line: string | null): RecordHead => {
	const entry = line === null ? null : entryFrom(line);
	if (entry?.kind === 'head') return entry.head;
	const version = line === null ? null : versionIn(line);
	if (version !== null && version > 1)
		throw usageFailure(`${path} was recorded by a newer deployctl (format ${version})`, 'update deployctl');
	throw usageFailure(`${path} is not a recording of deployctl`, 'deployctl timeline --export FILE makes one');
};

const read = async (
	path: string,
): Promise<{head: RecordHead; kept: Kept[]; changes: Array<{index: number; change: Change}>; damaged: number}> => {
	let head: RecordHead | null = null;
	let damaged = 0;
	const kept: Kept[] = [];
	const changes: Array<{index: number; change: Change}> = [];
	for await (const line of linesOf(path, {isPacked: await isPacked(path), bytesAtMost: largest})) {
		if (head === null) {
			head = headOf(path, line);
			continue;
		}
		const entry = line === null ? null : entryFrom(line);
		if (entry === null || line === null) {
			damaged++;
			continue;
		}
		if (entry.kind === 'change') changes.push({index: kept.length, change: entry.change});
		kept.push({
			at: entry.at,
			wall: entry.wall,
			kind: entry.kind,
			n: entry.n,
			line: entry.kind === 'key' || entry.kind === 'seen' ? line : '',
		});
	}
	if (head === null) throw usageFailure(`${path} is empty`, 'deployctl replay lists what is recorded');
	if (!kept.some(({kind}) => kind === 'key'))
		throw usageFailure(
			`${path} shows nothing: there is no whole picture in it`,
			'deployctl replay lists what is recorded',
		);
	// As it was written is as it was, also where GitHub's first answer told that this machine's clock was ahead.
	for (let index = kept.length - 2; index >= 0; index--)
		kept[index]!.at = Math.min(kept[index]!.at, kept[index + 1]!.at);
	return {head, kept, changes, damaged};
};

const isPicture = ({kind}: Kept): boolean => kind === 'key' || kind === 'seen';

/** Drawn once to be sure: what a stranger has put together must not fall over on the screen. */
const isDrawable = (seen: Seen, {settings}: RecordHead): boolean => {
	try {
		if (seen.facts !== null) correlate(seen.facts, settings, seen.readAt ?? 0, seen.rate);
		return true;
	} catch {
		return false;
	}
};

/** Throws a `Failure` (usage) for what cannot be played. */
export const openRecording = async (path: string): Promise<Recording> => {
	const {head, kept, changes, damaged} = await read(path).catch((error: unknown) => {
		throw failed(path, error);
	});
	/** Number of entries up to that moment. */
	const countAt = (at: number): number => {
		let [low, high] = [0, kept.length];
		while (low < high) {
			const middle = (low + high) >> 1;
			if (kept[middle]!.at <= at) low = middle + 1;
			else high = middle;
		}
		return low;
	};

	/** Where the fold stands: after so many entries. */
	let folded: {count: number; seen: Seen | null; n: number; isDamaged: boolean} = {
		count: 0,
		seen: null,
		n: 0,
		isDamaged: false,
	};
	const take = ({kind, line, n}: Kept): void => {
		const isNext = n === folded.n + 1;
		folded.n = n;
		if (kind === 'key') {
			const entry = entryFrom(line);
			folded.seen = entry?.kind === 'key' ? entry.seen : null;
			folded.isDamaged = false;
		} else if (!isNext) {
			// A line is lost: what the next ones change is not there. The next whole picture mends it.
			folded.isDamaged = true;
		} else if (kind === 'seen' && !folded.isDamaged && folded.seen !== null) {
			try {
				const entry = entryFrom(line);
				if (entry?.kind === 'seen') folded.seen = patched(folded.seen, entry.patch) as Seen;
			} catch {
				folded.isDamaged = true;
			}
		}
	};
	const foldTo = (count: number): void => {
		if (count < folded.count) {
			const key = kept.findLastIndex((entry, index) => index < count && entry.kind === 'key');
			folded = {count: Math.max(0, key), seen: null, n: 0, isDamaged: false};
		}
		while (folded.count < count) take(kept[folded.count++]!);
	};

	let checked: {seen: Seen | null; isGood: boolean} = {seen: null, isGood: true};
	const good = (seen: Seen | null): Seen | null => {
		if (seen === null) return null;
		if (checked.seen !== seen) checked = {seen, isGood: isSeen(seen) && isDrawable(seen, head)};
		return checked.isGood ? seen : null;
	};

	const wallAt = (at: number): number => {
		const last = kept[Math.max(0, countAt(at) - 1)]!;
		return Math.round(last.wall + (at - last.at) / (head.demo?.speed ?? 1));
	};

	const told = kept.flatMap(({kind, at}) =>
		isPicture({kind} as Kept) || kind === 'end' || kind === 'head' ? [] : [at],
	);
	return {
		head,
		from: kept[0]!.at,
		until: kept.at(-1)!.at,
		damaged,
		changes: changes.map(({change}) => change),
		wallAt,
		frame(at) {
			const count = countAt(at);
			foldTo(count);
			const shown = changes.findLastIndex(({index}) => index < count) + 1;
			const seen = good(folded.seen);
			const next = kept[count];
			return {
				at,
				wall: wallAt(at),
				seen,
				changes: changes.slice(Math.max(0, shown - eventsKept), shown).map(({change}) => change),
				nextAt: next?.at ?? null,
				eventBefore: told.findLast(each => each < at) ?? null,
				eventAfter: told.find(each => each > at) ?? null,
				isDamaged: folded.isDamaged || (folded.seen !== null && seen === null),
			};
		},
	};
};
