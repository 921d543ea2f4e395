/** Reads a file of a checkout: what is not a regular file (a device that never ends, a pipe that nobody writes to) or too large is an error. */
import {constants} from 'node:fs';
import {open} from 'node:fs/promises';

const chunkBytes = 64 * 1024;

/** Rejects as `readFile` does, and for more than `atMost` bytes, whatever the file's size was said to be. */
export const readBounded = async (path: string, atMost: number): Promise<Buffer> => {
	// Without waiting for the other end of a pipe.
	const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
	try {
		const found = await file.stat();
		if (found.isDirectory())
			throw Object.assign(new Error('EISDIR: illegal operation on a directory, read'), {code: 'EISDIR'});
		if (!found.isFile()) throw new Error('it is not a regular file');
		const tooLarge = () => new Error(`it is larger than ${Math.floor(atMost / 1024)} kB`);
		if (found.size > atMost) throw tooLarge();
		const parts: Buffer[] = [];
		for (let size = 0; ;) {
			const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(chunkBytes, found.size - size + 1)));
			const {bytesRead} = await file.read(buffer, 0, buffer.length, null);
			if (bytesRead === 0) return Buffer.concat(parts);
			size += bytesRead;
			if (size > atMost) throw tooLarge();
			parts.push(buffer.subarray(0, bytesRead));
		}
	} finally {
		await file.close();
	}
};

/** The text of such a file; null: it is not there, or cannot be read. */
export const readTextBounded = async (path: string, atMost: number): Promise<string | null> =>
	readBounded(path, atMost).then(
		bytes => bytes.toString('utf8'),
		() => null,
	);
