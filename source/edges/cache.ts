/** The last known facts of one repository on disk, so that the first frame shows something true. */
import {mkdir, readFile, rename, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {segment} from '../core/file-names.ts';
import type {Facts} from '../core/facts.ts';
import type {Cache} from '../world.ts';

/** Raised with every change of the `Facts` type. Another version's file is no cache either: what it means may have changed. */
const formatOf = (version: string) => `deployctl ${version} facts 2`;
/** A file larger than this was not written by us. Bytes. */
const largest = 32 * 1024 * 1024;

/** FNV-1a over UTF-16 units: tells a cut or damaged file from a whole one, nothing more. */
const checksum = (text: string): string => {
	let hash = 0x81_1c_9d_c5;
	for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01_00_01_93);
	return (hash >>> 0).toString(16).padStart(8, '0');
};

/** File names from host, owner and name; anything unusual in them is escaped, so that no name leaves the folder. */
export const cachePath = (directory: string, host: string, repository: string): string =>
	join(directory, 'facts', ...[host, ...repository.split('/')].map(segment)) + '.json';

/** Enough of a look to be sure that nothing falls over it: the rest is ours by version and checksum. */
const isFacts = (value: unknown): value is Facts => {
	const facts = value as Partial<Record<keyof Facts, unknown>> | null;
	return (
		typeof facts === 'object' &&
		facts !== null &&
		typeof facts.repository === 'string' &&
		typeof facts.refs === 'object' &&
		facts.refs !== null &&
		(['commits', 'runs', 'deployments', 'absentWorkflows'] as const).every(name => Array.isArray(facts[name]))
	);
};

const decode = (text: string, repository: string, format: string): {savedAt: number; facts: Facts} | null => {
	const newline = text.indexOf('\n');
	const body = text.slice(newline + 1);
	if (newline === -1 || text.slice(0, newline) !== `${format} ${checksum(body)}`) return null;
	const {savedAt, facts} = JSON.parse(body) as {savedAt: number; facts: unknown};
	return isFacts(facts) && facts.repository.toLowerCase() === repository.toLowerCase() && Number.isFinite(savedAt)
		? {savedAt, facts}
		: null;
};

/** `directory` is the platform's cache folder for this program. Steps and annotations are left out: they are read again when looked at. */
export const diskCache = (directory: string, host: string, repository: string, version: string): Cache => {
	const format = formatOf(version);
	const path = cachePath(directory, host, repository);
	return {
		async load() {
			try {
				const text = await readFile(path, 'utf8');
				return text.length > largest ? null : decode(text, repository, format);
			} catch {
				// Missing, unreadable, not JSON: there is no cache, and nothing is lost by that.
				return null;
			}
		},
		async save(facts, savedAt) {
			try {
				const slim = {
					...facts,
					runs: facts.runs.map(run => ({
						...run,
						jobs: run.jobs?.map(job => ({...job, steps: null, annotations: null})) ?? null,
					})),
				};
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
