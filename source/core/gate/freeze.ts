/** Freeze windows: local times of a time zone, within which nothing is promoted. */
import type {Freeze} from '../settings/settings.ts';

/** What a clock on the wall shows there, `2026-12-24T12:00:00`; summer time included, because the zone's own rules are asked. */
export const localTime = (at: number, timezone: string): string => {
	const parts = new Intl.DateTimeFormat('en-CA', {
		timeZone: timezone,
		hourCycle: 'h23',
		year: 'numeric',
		month: '2-digit',
		day: '2-digit',
		hour: '2-digit',
		minute: '2-digit',
		second: '2-digit',
	}).formatToParts(at);
	const part = (type: Intl.DateTimeFormatPartTypes) => parts.find(each => each.type === type)!.value;
	return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}`;
};

const seconds = (text: string) => text.padEnd(19, ':00');

/** Local times compare as their texts do. `from` is inside of the window, `until` is not. */
export const isFrozenBy = ({from, until, timezone}: Freeze, at: number): boolean => {
	const now = localTime(at, timezone);
	return seconds(from) <= now && now < seconds(until);
};

/** The window that holds now; of several the one that ends last by its own clock. */
export const activeFreeze = (freezes: readonly Freeze[], at: number): Freeze | null =>
	freezes
		.filter(freeze => isFrozenBy(freeze, at))
		.sort((a, b) => seconds(b.until).localeCompare(seconds(a.until)))[0] ?? null;

/** `frozen until 2027-01-02 08:00 (Europe/Berlin): holidays` */
export const freezeText = ({until, timezone, reason}: Freeze): string =>
	`frozen until ${until.slice(0, 16).replace('T', ' ')} (${timezone}): ${reason}`;
