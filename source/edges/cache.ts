/** The last known facts of one repository on disk, so that the first frame shows something true. */
import {mkdir, readFile, rename, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {Facts} from '../core/facts.ts';
import type {Cache} from '../world.ts';

/** Raised with every change of the `Facts` type: an old file is no cache. */
const format = 'deployctl facts 1';
/** A file larger than this was not written by us. Bytes. */
const largest = 32 * 1024 * 1024;

/** FNV-1a over UTF-16 units: tells a cut or damaged file from a whole one, nothing more. */
const checksum = (text: string): string => {
	let hash = 0x81_1C_9D_C5;
	for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01_00_01_93);
	return (hash >>> 0).toString(16).padStart(8, '0');
};

/** File names from host, owner and name; anything unusual in them is escaped, so that no name leaves the folder. */
export const cachePath = (directory: string, host: string, repository: string): string =>
	join(directory, 'facts', ...[host, ...repository.split('/')].map(part => encodeURIComponent(part.toLowerCase()).replaceAll('.', '%2E'))) + '.json';

const decode = (text: string, repository: string): {savedAt: number; facts: Facts} | null => {
	const newline = text.indexOf('\n');
	const body = text.slice(newline + 1);
	if (newline === -1 || text.slice(0, newline) !== `${format} ${checksum(body)}`) return null;
	const {savedAt, facts} = JSON.parse(body) as {savedAt: number; facts: Facts};
	return facts.repository.toLowerCase() === repository.toLowerCase() && Number.isFinite(savedAt) ? {savedAt, facts} : null;
};

/** `directory` is the platform's cache folder for this program. Steps and annotations are left out: they are read again when looked at. */
export const diskCache = (directory: string, host: string, repository: string): Cache => {
	const path = cachePath(directory, host, repository);
	return {
		async load() {
			try {
				const text = await readFile(path, 'utf8');
				return text.length > largest ? null : decode(text, repository);
			} catch {
				// Missing, unreadable, not JSON: there is no cache, and nothing is lost by that.
				return null;
			}
		},
		async save(facts, savedAt) {
			try {
				const slim = {...facts, runs: facts.runs.map(run => ({...run, jobs: run.jobs?.map(job => ({...job, steps: null, annotations: null})) ?? null}))};
				const body = JSON.stringify({savedAt, facts: slim});
				await mkdir(dirname(path), {recursive: true, mode: 0o700});
				const temporary = `${path}.${process.pid}`;
				await writeFile(temporary, `${format} ${checksum(body)}\n${body}`, {mode: 0o600});
				await rename(temporary, path);
				return {ok: true};
			} catch (error) {
				return {ok: false, because: (error as Error).message};
			}
		},
	};
};
