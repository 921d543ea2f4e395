/** Freeze windows: times that do not exist, that are the wrong way round, and timezones that nobody knows. */
import {nearest} from '../../core/text/nearest.ts';
import {at} from './finding.ts';
import type {Finding, Rule} from './finding.ts';
import {shown} from './problem.ts';
import type {RawFreeze} from './settings-from.ts';

/** Whether a local time exists in the calendar (2026-02-30 does not). */
const exists = (localTime: string): boolean => {
	const time = new Date(`${localTime}Z`);
	return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(localTime.slice(0, 16));
};

const isTimezone = (name: string): boolean => {
	try {
		return new Intl.DateTimeFormat('en', {timeZone: name}).format(0) !== '';
	} catch {
		return false;
	}
};

const window = ({from, until, timezone}: RawFreeze, pointer: string): Finding[] => {
	const missing = (
		[
			['from', from],
			['until', until],
		] as const
	)
		.filter(([, time]) => time !== undefined && !exists(time))
		.map(([key, time]) =>
			at(
				`${pointer}/${key}`,
				`is ${shown(time)}, which is not in the calendar. Expected a local time such as 2026-12-24T12:00.`,
			),
		);
	const findings = [...missing];
	// Both are local times of one timezone, so their texts compare as the times do, once both have seconds.
	if (
		missing.length === 0 &&
		from !== undefined &&
		until !== undefined &&
		from.padEnd(19, ':00') >= until.padEnd(19, ':00')
	) {
		findings.push(
			at(`${pointer}/until`, `is ${shown(until)}, not after from (${shown(from)}). Expected a later time.`),
		);
	}

	if (timezone !== undefined && !isTimezone(timezone)) {
		const meant = nearest(timezone, [...Intl.supportedValuesOf('timeZone'), 'UTC']);
		findings.push(
			at(
				`${pointer}/timezone`,
				`is ${shown(timezone)}. Expected the name of a timezone such as Europe/Berlin or UTC.${meant === null ? '' : ` Did you mean "${meant}"?`}`,
			),
		);
	}

	return findings;
};

export const freezeFindings: Rule = raw =>
	(raw.promotion?.freeze ?? []).flatMap((freeze, index) =>
		freeze === undefined ? [] : window(freeze, `/promotion/freeze/${index}`),
	);
