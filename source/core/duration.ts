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
export const limit = (seconds: number): string => duration(seconds).replace(/(?<=m)00s$/, '').replace(/(?<=h)00m$/, '');

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
