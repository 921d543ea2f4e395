/** Durations as people write them in `deployctl.yml`: `5m`, `90s`, `1h30m`. */

/** The same rule for editors (JSON Schema) and for us. Five digits are enough for weeks and far from overflowing. */
export const durationPattern = '^(?=\\d)(\\d{1,5}h)?(\\d{1,5}m)?(\\d{1,5}s)?$';
const duration = /^(?=\d)(?:(\d{1,5})h)?(?:(\d{1,5})m)?(?:(\d{1,5})s)?$/;

/** Seconds; null when the text is no duration. `0s` is one: whether zero makes sense is the caller's question. */
export const durationSeconds = (text: string): number | null => {
	const match = duration.exec(text);
	if (match === null) {
		return null;
	}

	const [, hours = '0', minutes = '0', seconds = '0'] = match;
	return (Number(hours) * 3600) + (Number(minutes) * 60) + Number(seconds);
};

/** The shortest text that `durationSeconds` reads back as the same number of whole seconds. */
export const durationText = (seconds: number): string => {
	const parts = [[Math.floor(seconds / 3600), 'h'], [Math.floor(seconds / 60) % 60, 'm'], [seconds % 60, 's']] as const;
	return parts.filter(([count]) => count > 0).map(([count, unit]) => `${count}${unit}`).join('') || '0s';
};
