/**
Reads one file out of a zip in memory: GitHub gives artifacts in no other form. Strict: what is encrypted, split, of another method, larger
than allowed or damaged is refused, so that an archive can neither fill the memory nor be read as something that it is not.
*/
import {crc32, inflateRaw} from 'node:zlib';

export type Unzipped = {ok: true; bytes: Buffer} | {ok: false; because: string};
type Entry = {flags: number; method: number; crc: number; packed: number; size: number; at: number};

const signatures = {local: 0x04_03_4b_50, central: 0x02_01_4b_50, end: 0x06_05_4b_50};
const endBytes = 22;
const commentAtMost = 0xff_ff;
const centralBytes = 46;
const localBytes = 30;
const entriesAtMost = 1000;
const encrypted = 0x01;

const refused = (because: string): {ok: false; because: string} => ({ok: false, because});

/** The end record is the last thing, but for a comment. -1: there is none. */
const endOf = (zip: Buffer): number => {
	for (let at = zip.length - endBytes; at >= Math.max(0, zip.length - endBytes - commentAtMost); at--) {
		if (zip.readUInt32LE(at) === signatures.end && at + endBytes + zip.readUInt16LE(at + 20) === zip.length)
			return at;
	}
	return -1;
};

/** Sizes stand in the central directory: those beside the data are zero when the archive was written as a stream. null: no such file; a sentence: damaged. */
const find = (zip: Buffer, name: string): Entry | null | string => {
	const end = endOf(zip);
	if (end === -1) return 'it is not a zip file, or it is cut off';
	const [count, size, start] = [zip.readUInt16LE(end + 10), zip.readUInt32LE(end + 12), zip.readUInt32LE(end + 16)];
	if (zip.readUInt16LE(end + 4) !== 0 || count > entriesAtMost || start + size > end)
		return 'its directory is damaged';
	for (let at = start, index = 0; index < count; index++) {
		if (at + centralBytes > end || zip.readUInt32LE(at) !== signatures.central) return 'its directory is damaged';
		const [nameBytes, extraBytes, commentBytes] = [
			zip.readUInt16LE(at + 28),
			zip.readUInt16LE(at + 30),
			zip.readUInt16LE(at + 32),
		];
		const next = at + centralBytes + nameBytes + extraBytes + commentBytes;
		if (next > end) return 'its directory is damaged';
		if (zip.toString('utf8', at + centralBytes, at + centralBytes + nameBytes) === name) {
			return {
				flags: zip.readUInt16LE(at + 8),
				method: zip.readUInt16LE(at + 10),
				crc: zip.readUInt32LE(at + 16),
				packed: zip.readUInt32LE(at + 20),
				size: zip.readUInt32LE(at + 24),
				at: zip.readUInt32LE(at + 42),
			};
		}
		at = next;
	}
	return null;
};

const inflated = async (packed: Buffer, size: number): Promise<Buffer | null> =>
	new Promise(resolve => {
		// One byte more would already be more than it says.
		inflateRaw(packed, {maxOutputLength: Math.max(1, size)}, (error, bytes) => resolve(error ? null : bytes));
	});

/** `name`: the file's whole path in the archive. `sizeAtMost`: bytes, unpacked. */
export const unzipped = async (zip: Buffer, name: string, sizeAtMost: number): Promise<Unzipped> => {
	const entry = find(zip, name);
	if (entry === null) return refused(`there is no ${name} in it`);
	if (typeof entry === 'string') return refused(entry);
	if ((entry.flags & encrypted) !== 0) return refused('it is encrypted');
	if (entry.size > sizeAtMost) return refused(`${name} is larger than ${Math.floor(sizeAtMost / 2 ** 20)} MB`);
	if (entry.at + localBytes > zip.length || zip.readUInt32LE(entry.at) !== signatures.local)
		return refused('its directory is damaged');
	const from = entry.at + localBytes + zip.readUInt16LE(entry.at + 26) + zip.readUInt16LE(entry.at + 28);
	if (from + entry.packed > zip.length) return refused('it is cut off');
	const packed = zip.subarray(from, from + entry.packed);
	if (entry.method !== 0 && entry.method !== 8) return refused('it is packed by a method that is not used by GitHub');
	const bytes = entry.method === 0 ? packed : await inflated(packed, entry.size);
	return bytes === null || bytes.length !== entry.size || crc32(bytes) !== entry.crc
		? refused('it is damaged')
		: {ok: true, bytes};
};
