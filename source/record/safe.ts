/** Text from outside, made safe before it reaches the disk: sanitised and masked, every string of a value. */
import {safeText} from '../core/text/safe-text.ts';

const longestText = 4000;
const textsKept = 20_000;
/** Deeper than anything of ours. */
const deepest = 16;
const commit = /^[0-9a-f]{7,40}$/;

/** The same object gives the same object: what has not changed is neither looked at again nor different. */
export const makeSafe = (secrets: readonly string[]): (<Value>(value: Value) => Value) => {
	const texts = new Map<string, string>();
	const known = new WeakMap<object, unknown>();

	const text = (raw: string): string => {
		if (commit.test(raw)) return raw;
		const found = texts.get(raw);
		if (found !== undefined) return found;
		const safe = safeText(raw, longestText, secrets);
		if (texts.size >= textsKept) texts.clear();
		texts.set(raw, safe);
		return safe;
	};

	const safe = (value: unknown, depth: number): unknown => {
		if (typeof value === 'string') return text(value);
		if (typeof value !== 'object' || value === null) return value;
		if (depth > deepest) return null;
		const found = known.get(value);
		if (found !== undefined) return found;
		const made = Array.isArray(value)
			? value.map(item => safe(item, depth + 1))
			: Object.fromEntries(
					Object.entries(value).flatMap(([key, item]) =>
						item === undefined ? [] : [[text(key), safe(item, depth + 1)] as const],
					),
				);
		known.set(value, made);
		return made;
	};

	return <Value>(value: Value) => safe(value, 0) as Value;
};
