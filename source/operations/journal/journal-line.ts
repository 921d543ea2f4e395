/** One line of the journal: its canonical text, and the hash that binds it to the line before. */
import {createHash} from 'node:crypto';
import type {JournalRecord} from '../../core/operations/journal.ts';

/** What the first record follows. */
export const genesis = '0'.repeat(64);

/** JSON with sorted keys and without spaces: the same value is always the same text. */
export const canonical = (value: unknown): string => {
	if (Array.isArray(value))
		return `[${value.map(item => (item === undefined ? 'null' : canonical(item))).join(',')}]`;
	if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
	const entries = Object.entries(value)
		.filter(([, item]) => item !== undefined)
		.sort(([one], [other]) => (one < other ? -1 : 1));
	return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
};

export const hashOf = (previous: string, rest: Readonly<Record<string, unknown>>): string =>
	createHash('sha256').update(previous).update(canonical(rest)).digest('hex');

/** The record, whether its hash is right or not; null: no record. */
export const parseLine = (line: string): JournalRecord | null => {
	if (!line.startsWith('{')) return null;
	try {
		const record = JSON.parse(line) as Partial<Record<string, unknown>>;
		return Number.isSafeInteger(record['seq']) &&
			typeof record['hash'] === 'string' &&
			typeof record['previous'] === 'string' &&
			typeof record['type'] === 'string' &&
			typeof record['at'] === 'number'
			? (record as unknown as JournalRecord)
			: null;
	} catch {
		return null;
	}
};
