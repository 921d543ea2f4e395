/**
A zip as GitHub's artifacts are: deflated, and written without looking back, so that the header in front of a file does not know its size.
Who reads one has to go by the directory at its end.
*/
import {crc32, deflateRawSync} from 'node:zlib';

const record = (signature: number, ...fields: ReadonlyArray<readonly [bytes: 2 | 4, value: number]>): Buffer => {
	const buffer = Buffer.alloc(4 + fields.reduce((sum, [bytes]) => sum + bytes, 0));
	buffer.writeUInt32LE(signature, 0);
	let at = 4;
	for (const [bytes, value] of fields) {
		buffer.writeUIntLE(value, at, bytes);
		at += bytes;
	}
	return buffer;
};

/** Sizes follow after the data; names are UTF-8. */
const flags = 0x08_08;
const deflated = 8;
// 1 January 1980: the oldest that the format knows.
const date = 0x00_21;

/** Text files by name. */
export function zipOf(files: Readonly<Record<string, string>>): Uint8Array {
	const parts: Buffer[] = [];
	const directory: Buffer[] = [];
	let offset = 0;
	for (const [name, text] of Object.entries(files)) {
		const [data, title] = [Buffer.from(text), Buffer.from(name)];
		const packed = deflateRawSync(data);
		const sum = crc32(data);
		const local = record(
			0x04_03_4b_50,
			[2, 20],
			[2, flags],
			[2, deflated],
			[2, 0],
			[2, date],
			[4, 0],
			[4, 0],
			[4, 0],
			[2, title.length],
			[2, 0],
		);
		const after = record(0x08_07_4b_50, [4, sum], [4, packed.length], [4, data.length]);
		parts.push(local, title, packed, after);
		directory.push(
			record(
				0x02_01_4b_50,
				[2, 20],
				[2, 20],
				[2, flags],
				[2, deflated],
				[2, 0],
				[2, date],
				[4, sum],
				[4, packed.length],
				[4, data.length],
				[2, title.length],
				[2, 0],
				[2, 0],
				[2, 0],
				[2, 0],
				[4, 0],
				[4, offset],
			),
			title,
		);
		offset += local.length + title.length + packed.length + after.length;
	}
	const size = directory.reduce((sum, {length}) => sum + length, 0);
	const count = Object.keys(files).length;
	return Buffer.concat([
		...parts,
		...directory,
		record(0x06_05_4b_50, [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, offset], [2, 0]),
	]);
}
