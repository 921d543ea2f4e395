/** At the end of an operation its raw output becomes the log that stays: masked, complete, readable by its owner alone. */
import {createHash} from 'node:crypto';
import {open, rename, rm} from 'node:fs/promises';
import {dirname} from 'node:path';
import {maskerOf} from '../../core/text/mask.ts';
import {syncDirectory} from '../files/durable-file.ts';

/** `sha256` (hexadecimal) and `bytes` are the sealed log's, for the journal. */
export type Sealing = {ok: true; bytes: number; sha256: string} | {ok: false; because: string};

const chunkBytes = 262_144;
// A piece without a secret is masked at a glance: small ones keep most of them so.
const pieceBytes = 32_768;

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error));
const isMissing = (error: unknown) => codeOf(error) === 'ENOENT';
const isFull = (error: unknown) => ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(error));

/** The file's content in pieces that are valid until the next one is asked for; nothing when there is no file. */
async function* chunksOf(path: string): AsyncGenerator<Buffer> {
	const buffer = Buffer.allocUnsafe(chunkBytes);
	const file = await open(path).catch((error: unknown) => {
		if (isMissing(error)) return null;
		throw error;
	});
	if (file === null) return;
	try {
		for (;;) {
			const {bytesRead} = await file.read(buffer, 0, chunkBytes, null);
			if (bytesRead === 0) return;
			yield buffer.subarray(0, bytesRead);
		}
	} finally {
		await file.close();
	}
}

const digestOf = async (path: string): Promise<Sealing & {ok: true}> => {
	const hash = createHash('sha256');
	let bytes = 0;
	for await (const chunk of chunksOf(path)) {
		hash.update(chunk);
		bytes += chunk.length;
	}
	return {ok: true, bytes, sha256: hash.digest('hex')};
};

/** Bytes are read as characters, one each: what is no UTF-8 stays what it is. */
const writeMasked = async (raw: string, part: string, secrets: readonly string[]): Promise<Sealing & {ok: true}> => {
	const hash = createHash('sha256');
	const masked = maskerOf(secrets).stream();
	// Whatever an earlier attempt left: never written over, so that a link in its place leads nowhere.
	await rm(part, {force: true});
	const file = await open(part, 'wx', 0o600);
	let bytes = 0;
	try {
		const put = async (text: string) => {
			const chunk = Buffer.from(text, 'latin1');
			hash.update(chunk);
			bytes += chunk.length;
			await file.appendFile(chunk);
		};
		for await (const chunk of chunksOf(raw)) {
			let safe = '';
			for (let at = 0; at < chunk.length; at += pieceBytes)
				safe += masked.write(chunk.toString('latin1', at, at + pieceBytes));
			await put(safe);
		}
		await put(masked.end());
		await file.sync();
	} finally {
		await file.close();
	}
	return {ok: true, bytes, sha256: hash.digest('hex')};
};

const exists = async (path: string) => {
	const file = await open(path).catch((error: unknown) => {
		if (isMissing(error)) return null;
		throw error;
	});
	await file?.close();
	return file !== null;
};

/**
Writes `raw` masked to `sealed` (0600) and then removes `raw`. Killed at any moment, the next call goes on: `sealed` appears only
when it is complete, and `raw` goes only after that. A `sealed` that is there already is believed: whoever wrote it knew the
secrets of its time. Without any output the sealed log is empty. Never throws; one caller at a time (the supervisor's mutex).
*/
export const sealLog = async ({
	raw,
	sealed,
	secrets,
}: {
	raw: string;
	sealed: string;
	secrets: readonly string[];
}): Promise<Sealing> => {
	const part = `${sealed}.part`;
	try {
		if (await exists(sealed)) {
			const result = await digestOf(sealed);
			await rm(part, {force: true});
			await rm(raw, {force: true});
			return result;
		}
		const result = await writeMasked(raw, part, secrets);
		await rename(part, sealed);
		syncDirectory(dirname(sealed));
		await rm(raw, {force: true});
		return result;
	} catch (error) {
		await rm(part, {force: true}).catch(() => {});
		const why = isFull(error) ? 'The disk is full' : `The log could not be written masked (${codeOf(error)})`;
		return {ok: false, because: `${why}: it stays as it is in ${raw}, which only its owner can read.`};
	}
};
