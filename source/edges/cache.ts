/** The last known facts of one repository on disk, so that the first frame shows something true. */
import {join} from 'node:path';
import {segment} from '../core/text/file-names.ts';
import type {Facts} from '../core/github/facts.ts';
import type {Cache} from '../world.ts';
import {readChecked, writeChecked} from './checked-file.ts';

/** Raised with every change of the `Facts` type. Another version's file is no cache either: what it means may have changed. */
const formatOf = (version: string) => `deployctl ${version} facts 3`;
/** A file larger than this was not written by us. Bytes. */
const largest = 32 * 1024 * 1024;

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

const decode = (body: string, repository: string): {savedAt: number; facts: Facts} | null => {
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
				const body = await readChecked(path, format, largest);
				return body === null ? null : decode(body, repository);
			} catch {
				// Not JSON: there is no cache, and nothing is lost by that.
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
				await writeChecked(path, format, body);
				return {ok: true};
			} catch (error) {
				return {ok: false, because: (error as Error).message};
			}
		},
	};
};
