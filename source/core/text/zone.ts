/** Times of day and dates in a time zone that somebody names, for what is handed to people elsewhere. */

/** null: this machine's. */
export type Zone = string | null;

export type ZonedClock = {
	/** `14:02:31`. */
	time(at: number): string;
	/** `2026-11-23`. */
	date(at: number): string;
	/** How the zone is named beside the times: `UTC`, `Europe/Berlin`, or the distance from UTC of this machine. */
	name: string;
	/** The moment of a wall-clock time there; null where there is none. */
	moment(text: string): number | null;
};

export const isZone = (name: string): boolean => {
	try {
		return new Intl.DateTimeFormat('en-CA', {timeZone: name}).resolvedOptions().timeZone !== '';
	} catch {
		return false;
	}
};

const written = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d))?)?$/;

/** The zone has to exist. */
export const zonedClock = (zone: Zone): ZonedClock => {
	const format = new Intl.DateTimeFormat('en-CA', {
		timeZone: zone ?? undefined,
		year: 'numeric',
		month: '2-digit',
		day: '2-digit',
		hour: '2-digit',
		minute: '2-digit',
		second: '2-digit',
		hourCycle: 'h23',
	});
	const parts = (at: number) => Object.fromEntries(format.formatToParts(at).map(({type, value}) => [type, value]));
	const date = (at: number) => {
		const {year, month, day} = parts(at);
		return `${year}-${month}-${day}`;
	};
	const time = (at: number) => {
		const {hour, minute, second} = parts(at);
		return `${hour}:${minute}:${second}`;
	};
	return {
		date,
		time,
		name: zone ?? format.resolvedOptions().timeZone,
		moment(text) {
			const match = written.exec(text);
			if (match === null) return null;
			const [, day, hours = '00:00', second = '00'] = match;
			const wanted = `${day}T${hours}:${second}`;
			const asUtc = Date.parse(`${wanted}Z`);
			if (Number.isNaN(asUtc)) return null;
			// The distance from UTC at about that time, and again at what it leads to: it may change in between.
			const offset = (at: number) => Date.parse(`${date(at)}T${time(at)}Z`) - at;
			const near = asUtc - offset(asUtc);
			const found = asUtc - offset(near);
			return `${date(found)}T${time(found)}` === wanted ? found : near;
		},
	};
};
