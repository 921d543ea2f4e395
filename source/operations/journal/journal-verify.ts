/** Checks the whole chain: every line as it was written, none missing, none added, none moved. */
import {createHash} from 'node:crypto';
import {createReadStream, statSync} from 'node:fs';
import type {JournalRecord} from '../../core/operations/journal.ts';
import {readWhole} from '../files/durable-file.ts';
import {canonical, genesis, hashOf, parseLine} from './journal-line.ts';
import {withMutex} from '../files/mutex.ts';
import type {StatePaths} from '../files/paths.ts';

/** `torn`: how many times a crash or a full disk cut a line off, each of them recorded. `line` counts from 1. */
export type Verification =
	| {ok: true; records: number; head: string; torn: number}
	| {ok: false; line: number; because: string};

type Chain = {
	line: number;
	seq: number;
	hash: string;
	records: number;
	torn: number;
	/** Lines that are no records, until the record that explains them. */ debris: Buffer[];
	firstDebris: number;
};

const problemOf = (chain: Chain, record: JournalRecord, text: string): string | null => {
	const {hash, ...rest} = record;
	if (record.seq > chain.seq + 1)
		return `${record.seq - chain.seq - 1} record(s) before it are missing: it is number ${record.seq} and follows number ${chain.seq}`;
	if (record.seq <= chain.seq)
		return `it is number ${record.seq} and follows number ${chain.seq}: it was inserted, repeated or moved`;
	if (record.previous !== chain.hash) return `it does not follow number ${chain.seq}: that one was replaced`;
	if (canonical(record) !== text || hashOf(record.previous, rest) !== hash)
		return 'it was changed after it was written';
	return null;
};

const explains = (record: JournalRecord, debris: Buffer): boolean =>
	record.type === 'torn-line' &&
	record.bytes === debris.length &&
	record.sha256 === createHash('sha256').update(debris).digest('hex');

/** Takes the next line in; a problem with its line, or null. */
const takeLine = (chain: Chain, bytes: Buffer): {line: number; because: string} | null => {
	chain.line++;
	const text = bytes.toString('utf8');
	const record = parseLine(text);
	if (record === null) {
		if (chain.debris.length === 0) chain.firstDebris = chain.line;
		chain.debris.push(bytes);
		return null;
	}
	const debris = Buffer.from(chain.debris.map(part => part.toString('latin1')).join('\n'), 'latin1');
	if (chain.debris.length > 0 && !explains(record, debris))
		return {line: chain.firstDebris, because: 'it is not a record, and no record says that it was torn'};
	if (chain.debris.length === 0 && record.type === 'torn-line')
		return {line: chain.line, because: 'the torn line that it speaks of is missing'};
	const because = problemOf(chain, record, text);
	if (because !== null) return {line: chain.line, because};
	Object.assign(chain, {
		seq: record.seq,
		hash: record.hash,
		records: chain.records + 1,
		torn: chain.torn + (record.type === 'torn-line' ? 1 : 0),
		debris: [],
	});
	return null;
};

const atTheEnd = (chain: Chain, head: string | null, unfinished: Buffer): Verification => {
	const line = chain.line + 1;
	if (chain.debris.length > 0)
		return {ok: false, line: chain.firstDebris, because: 'it is not a record, and no record says that it was torn'};
	if (unfinished.length > 0)
		return {
			ok: false,
			line,
			because: 'it is not finished: a crash or a full disk cut it off, and nothing has been written since',
		};
	if (head === null && chain.records === 0) return {ok: true, records: 0, head: genesis, torn: 0};
	const [, number, hash] = /^(\d+) ([0-9a-f]{64})/.exec(head ?? '') ?? [];
	const seq = Number(number ?? Number.NaN);
	if (Number.isNaN(seq))
		return {
			ok: false,
			line,
			because: 'journal.head is missing or unreadable: whether records were removed at the end cannot be told',
		};
	// Behind is possible: the process may have died between the two writes.
	if (seq > chain.seq) return {ok: false, line, because: `${seq - chain.seq} record(s) at the end are missing`};
	if (seq === chain.seq && hash !== chain.hash)
		return {ok: false, line: chain.line, because: 'it was replaced after it was written'};
	return {ok: true, records: chain.records, head: chain.hash, torn: chain.torn};
};

/** Length and head as they belong together: nobody is in the middle of writing. A state folder that cannot be written is nobody's to write to. */
const momentOf = async (paths: VerifiedPaths): Promise<{bytes: number | null; head: string | null}> => {
	const look = () => ({
		bytes: statSync(paths.journal, {throwIfNoEntry: false})?.size ?? null,
		head: readWhole(paths.journalHead),
	});
	try {
		return await withMutex(paths.journalMutex, look);
	} catch {
		return look();
	}
};

type VerifiedPaths = Pick<StatePaths, 'journal' | 'journalHead' | 'journalMutex'>;

/** Reads the whole file; throws when it is there and cannot be read. */
export const verifyJournal = async (paths: VerifiedPaths): Promise<Verification> => {
	const chain: Chain = {line: 0, seq: 0, hash: genesis, records: 0, torn: 0, debris: [], firstDebris: 0};
	const {bytes: size, head} = await momentOf(paths);
	if (size === null)
		return head === null || /^0+ /.test(head)
			? {ok: true, records: 0, head: genesis, torn: 0}
			: {ok: false, line: 1, because: 'the journal itself is missing'};
	let rest: Buffer = Buffer.alloc(0);
	for await (const chunk of size === 0
		? []
		: (createReadStream(paths.journal, {highWaterMark: 1024 * 1024, end: size - 1}) as AsyncIterable<Buffer>)) {
		const bytes = Buffer.concat([rest, chunk]);
		let start = 0;
		for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
			const problem = takeLine(chain, bytes.subarray(start, end));
			if (problem !== null) return {ok: false, ...problem};
			start = end + 1;
		}
		rest = Buffer.from(bytes.subarray(start));
	}
	return atTheEnd(chain, head, rest);
};
