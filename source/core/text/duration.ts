/** Durations and ages as people say them. */

/** `3m12s`, `45s`, `1h02m`: as short as it can be read. */
export const duration = (seconds: number): string => {
	const whole = Math.max(0, Math.round(seconds));
	const pad = (value: number) => String(value).padStart(2, '0');
	if (whole < 60) return `${whole}s`;
	if (whole < 3600) return `${Math.floor(whole / 60)}m${pad(whole % 60)}s`;
	if (whole < 86_400) return `${Math.floor(whole / 3600)}h${pad(Math.floor((whole % 3600) / 60))}m`;
	return `${Math.floor(whole / 86_400)}d${pad(Math.floor((whole % 86_400) / 3600))}h`;
};

/** A limit, as people set it: `5m`, `90s`, `1h30m`; no zeros behind. */
export const limit = (seconds: number): string =>
	duration(seconds)
		.replace(/(?<=m)00s$/, '')
		.replace(/(?<=h)00m$/, '');

/** `now`, `45s`, `12m`, `3h`, `2d`: one unit, for ages. Milliseconds in. */
export const age = (milliseconds: number): string => {
	const seconds = Math.max(0, Math.floor(milliseconds / 1000));
	if (seconds < 60) return `${seconds}s`;
	if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
	if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
	return `${Math.floor(seconds / 86_400)}d`;
};

const pad = (value: number) => String(value).padStart(2, '0');

/** Local time of day, `14:02:31`. */
export const clockTime = (at: number): string => {
	const date = new Date(at);
	return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
};

/** Local date and time, `2026-11-23 14:02:31`: sorts and greps. */
export const dateTime = (at: number): string => {
	const date = new Date(at);
	return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${clockTime(at)}`;
};

/** `14:02` of today, else `2026-11-22 14:02`. */
export const asOf = (at: number, now: number): string => {
	const text = dateTime(at).slice(0, 16);
	return text.slice(0, 10) === dateTime(now).slice(0, 10) ? text.slice(11) : text;
};

/** The same rule for editors (JSON Schema) and for us. Five digits are enough for weeks and far from overflowing. */
export const durationPattern = '^(?=\\d)(\\d{1,5}h)?(\\d{1,5}m)?(\\d{1,5}s)?$';
const written = /^(?=\d)(?:(\d{1,5})h)?(?:(\d{1,5})m)?(?:(\d{1,5})s)?$/;

/** Seconds; null when the text is no duration. `0s` is one: whether zero makes sense is the caller's question. */
export const durationSeconds = (text: string): number | null => {
	const match = written.exec(text);
	if (match === null) {
		return null;
	}

	const [, hours = '0', minutes = '0', seconds = '0'] = match;
	return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
};

/** As `durationSeconds`, with days before the hours: how far back one looks is longer than any limit that one sets. */
export const spanSeconds = (text: string): number | null => {
	const [, days = '', rest = ''] = /^(?:(\d{1,4})d)?(.*)$/s.exec(text) ?? [];
	if (days === '') return durationSeconds(text);
	const seconds = rest === '' ? 0 : durationSeconds(rest);
	return seconds === null ? null : Number(days) * 86_400 + seconds;
};

/** The shortest text that `durationSeconds` reads back as the same number of whole seconds. */
export const durationText = (seconds: number): string => {
	const parts = [
		[Math.floor(seconds / 3600), 'h'],
		[Math.floor(seconds / 60) % 60, 'm'],
		[seconds % 60, 's'],
	] as const;
	return (
		parts
			.filter(([count]) => count > 0)
			.map(([count, unit]) => `${count}${unit}`)
			.join('') || '0s'
	);
};

/** Seconds that it has taken until `now`, or took; null before it started. Times in milliseconds since the epoch. */
export const elapsedSeconds = (
	thing: {startedAt: number | null; finishedAt: number | null},
	now: number,
): number | null =>
	thing.startedAt === null ? null : Math.max(0, ((thing.finishedAt ?? now) - thing.startedAt) / 1000);
