/** Reads files of the record, packed or not, line by line: memory stays bounded, damaged lines are passed over and counted. */
import {createReadStream} from 'node:fs';
import {createGunzip} from 'node:zlib';
import type {RecordEntry} from '../core/history/record.ts';
import {entryFrom} from '../core/history/record-entry.ts';

/** No line of ours is longer: a whole picture of a large repository has a few MB. Bytes. */
const longestLine = 32 * 1024 * 1024;

/** Lines without their ends; one that is too long comes as null. The last, without an end, is cut off: it comes as null, too, when it is no whole entry. */
export async function* linesOf(
	path: string,
	{isPacked = path.endsWith('.gz'), bytesAtMost = Infinity} = {},
): AsyncGenerator<string | null> {
	const raw = createReadStream(path);
	const stream = isPacked ? raw.pipe(createGunzip()) : raw;
	// Errors of the file do not pass through a pipe.
	if (stream !== raw) raw.on('error', error => stream.destroy(error));
	let parts: Buffer[] = [];
	let length = 0;
	let total = 0;
	let isTooLong = false;
	const taken = () => {
		const line = isTooLong ? null : Buffer.concat(parts).toString('utf8');
		[parts, length, isTooLong] = [[], 0, false];
		return line;
	};
	const keep = (part: Buffer) => {
		length += part.length;
		if (length > longestLine) [isTooLong, parts] = [true, []];
		else if (!isTooLong) parts.push(part);
	};
	try {
		for await (const chunk of stream as AsyncIterable<Buffer>) {
			total += chunk.length;
			if (total > bytesAtMost) throw new RangeError('the file is too large');
			let from = 0;
			for (let end = chunk.indexOf(10, from); end !== -1; end = chunk.indexOf(10, from)) {
				keep(chunk.subarray(from, end));
				from = end + 1;
				yield taken();
			}
			if (from < chunk.length) keep(chunk.subarray(from));
		}
		if (length > 0) yield taken();
	} catch (error) {
		// A packed file that is cut off: what came before is good.
		const {code} = error as NodeJS.ErrnoException;
		if (code !== 'Z_BUF_ERROR' && code !== 'Z_DATA_ERROR') throw error;
		yield null;
	} finally {
		raw.destroy();
		stream.destroy();
	}
}

/** Kinds that only a replay needs: not even parsed for a timeline. The time at their front is enough to know that somebody watched. */
const picture = /^\{"v":1,"n":(\d{1,9}),"at":(\d{1,15}),"wall":(\d{1,15}),"kind":"(?:key|seen)"/;

/** `isTold`: without pictures, which come as `mark` with their times alone. */
export async function* entriesOf(
	path: string,
	count: {damaged: number},
	isTold: boolean,
): AsyncGenerator<RecordEntry | {kind: 'mark'; at: number; wall: number}> {
	for await (const line of linesOf(path)) {
		const found = isTold && line !== null ? picture.exec(line.slice(0, 120)) : null;
		if (found !== null) {
			yield {kind: 'mark', at: Number(found[2]), wall: Number(found[3])};
			continue;
		}
		const entry = line === null ? null : entryFrom(line);
		if (entry === null) count.damaged++;
		else yield entry;
	}
}
