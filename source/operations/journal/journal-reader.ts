/** Reads the journal, and reads on where it stopped: looking again costs only what was written since. */
import {open} from 'node:fs/promises';
import type {FileHandle} from 'node:fs/promises';
import type {JournalRecord} from '../../core/operations/journal.ts';
import {parseLine} from './journal-line.ts';

/** Bytes at a time: the event loop gets its turn in between. */
const chunkBytes = 1024 * 1024;

export type JournalReading = {
	/** What has been written since the last reading. */
	records: readonly JournalRecord[];
	/** The file is another one, or became shorter: these are all of its records, forget the earlier ones. */
	isFresh: boolean;
};

export type JournalReader = {
	/** Lines that are no records are passed over (`verify` finds them). Throws when the file is there and cannot be read. */
	read(): Promise<JournalReading>;
};

const openIfThere = async (path: string): Promise<FileHandle | null> => {
	try {
		return await open(path, 'r');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
		throw error;
	}
};

export const createJournalReader = (path: string): JournalReader => {
	let offset = 0;
	let inode: number | null = null;

	const readOn = async (file: FileHandle, until: number, records: JournalRecord[]) => {
		let rest: Buffer = Buffer.alloc(0);
		for (let at = offset; at < until;) {
			const {bytesRead, buffer} = await file.read(
				Buffer.allocUnsafe(Math.min(chunkBytes, until - at)),
				0,
				undefined,
				at,
			);
			if (bytesRead === 0) break;
			at += bytesRead;
			const bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
			const end = bytes.lastIndexOf(10) + 1;
			for (const line of end === 0 ? [] : bytes.toString('utf8', 0, end - 1).split('\n')) {
				const record = parseLine(line);
				if (record !== null) records.push(record);
			}
			// An unfinished line is left for the next time: somebody is writing it just now.
			rest = bytes.subarray(end);
			offset = at - rest.length;
		}
	};

	let turn: Promise<unknown> = Promise.resolve();
	const read = async (): Promise<JournalReading> => {
		const file = await openIfThere(path);
		if (file === null) {
			const isFresh = inode !== null;
			[offset, inode] = [0, null];
			return {records: [], isFresh};
		}
		try {
			const {size, ino} = await file.stat();
			const isFresh = inode === null || ino !== inode || size < offset;
			if (isFresh) offset = 0;
			inode = ino;
			const records: JournalRecord[] = [];
			await readOn(file, size, records);
			return {records, isFresh};
		} finally {
			await file.close();
		}
	};
	return {
		// One after the other: two readings at once would give the same records twice.
		read() {
			const next = turn.then(read);
			turn = next.catch(() => {});
			return next;
		},
	};
};
