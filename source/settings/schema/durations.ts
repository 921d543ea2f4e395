/** Durations as `deployctl.yml` writes them: those of the command line, and days before them (`7d`, `1d12h`), which only settings need. */
import {durationPattern, durationSeconds, durationText} from '../../core/text/duration.ts';

const daySeconds = 24 * 60 * 60;

/** The same rule for editors (JSON Schema) and for us. */
export const settingPattern = durationPattern.replace('^(?=\\d)', '^(?=\\d)(\\d{1,3}d)?');
const written = /^(?:(\d{1,3})d)?(.*)$/s;

/** Seconds; null when the text is no duration. `0s` and `0d` are some: whether zero makes sense is the caller's question. */
export const settingSeconds = (text: string): number | null => {
	const [, days, rest = ''] = written.exec(text) ?? [];
	const seconds = days !== undefined && rest === '' ? 0 : durationSeconds(rest);
	return seconds === null ? null : Number(days ?? 0) * daySeconds + seconds;
};

/** The shortest text that `settingSeconds` reads back as the same number of whole seconds; days only where nothing is left over. */
export const settingText = (seconds: number): string => {
	const days = seconds / daySeconds;
	return Number.isInteger(days) && days >= 1 && days <= 999 ? `${days}d` : durationText(seconds);
};
