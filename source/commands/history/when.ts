/** A moment as somebody writes it: how long ago, a time, or an operation. */
import {spanSeconds} from '../../core/text/duration.ts';
import type {JournalRecord} from '../../core/operations/journal.ts';
import type {ZonedClock} from '../../core/text/zone.ts';
import {usageFailure} from '../../errors.ts';
import {quoted} from '../table/values.ts';

export type When = {
	/** The newest moment that is known, GitHub's time: `2h` is counted back from it. */
	now: number;
	zone: ZonedClock;
	journal: readonly JournalRecord[];
	/** Wall time, which the journal has, as GitHub's. */
	clock(wall: number): number;
};

/** Around an operation, so that what led to it is seen. Milliseconds. */
const aroundMs = 60_000;

const momentsOf = (text: string, {journal, clock}: When): {from: number; until: number} | null => {
	const ids = [...new Set(journal.flatMap(record => (record.type === 'requested' ? [record.operation] : [])))];
	const found = ids.filter(id => id === text || id.startsWith(text) || id.endsWith(`-${text}`));
	if (found.length > 1 && !ids.includes(text))
		throw usageFailure(`${quoted(text)} is ambiguous: ${found.slice(0, 5).join(', ')}.`, 'give more of it');
	const id = ids.includes(text) ? text : found[0];
	const times = journal.filter(record => 'operation' in record && record.operation === id).map(({at}) => clock(at));
	return id === undefined || times.length === 0
		? null
		: {from: times[0]! - aroundMs, until: times.at(-1)! + aroundMs};
};

/** Throws a `Failure` (usage) for what is none of these. */
export const momentOf = (text: string, flag: 'since' | 'until', when: When): number => {
	const seconds = spanSeconds(text);
	if (seconds !== null) return when.now - seconds * 1000;
	const local = when.zone.moment(text);
	if (local !== null) return local;
	if (/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)))
		return Date.parse(text);
	const operation = text.length >= 4 ? momentsOf(text, when) : null;
	if (operation !== null) return flag === 'since' ? operation.from : operation.until;
	throw usageFailure(
		`--${flag} is ${quoted(text)}. Expected how long ago (2h, 1d12h), a time (2026-11-26T10:00) or the id of an operation.`,
		'deployctl operations lists them',
	);
};
