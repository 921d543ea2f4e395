/** A test's line in TAP, and the diagnostics that may stand below it. Pure. */
import type {RawTest} from './collector.ts';

export type Point = {isFailed: boolean; isTodo: boolean; isSkipped: boolean; title: string; number: number | null};

export const unescaped = (text: string) => text.replaceAll(/\\([#\\])/g, '$1');
/** Behind `ok` is a blank or the end: `ok, warming up` is somebody's sentence. */
export const pointPattern = /^(not )?ok(?:[ \t]+(\d{1,9})(?![^ \t]))?(?:[ \t]+-(?![^ \t]))?(?:[ \t]+(?![ \t])([^]*))?$/;
// Signs may follow SKIP and TODO (`# Skipped: why`), no letters (`# skipping works`); without a blank behind the # only a colon:
// `#skip-link` is a part of a name.
const directivePattern = /(?:^|\s)#(?:\s+(skip(?:ped)?|todo)(?![\w-])|(skip(?:ped)?|todo):?(?!\S))/i;
const todoPattern = /(?:^|\s)#\s+todo:?(?!\S)/i;

/**
Whether a test that is not ok failed is never a matter of its name: many producers (bats) write a # of a name as it is, so a mark and a name
cannot be told apart. A failure with SKIP is one; with TODO it is one unless whoever calls knows that the producer escapes names.
*/
export const pointOf = ([, not, number, rest = '']: RegExpExecArray, allowTodo: boolean): Point => {
	const isNotOk = not !== undefined;
	const directive = directivePattern.exec(rest);
	const isTodo = isNotOk && todoPattern.test(rest);
	const isExcused = isTodo && allowTodo;
	return {
		isFailed: isNotOk && !isExcused,
		isTodo,
		isSkipped: isExcused || (!isNotOk && directive !== null),
		title: unescaped((directive !== null && !isNotOk ? rest.slice(0, directive.index) : rest).trim()),
		number: number === undefined ? null : Number(number),
	};
};

const unquoted = (text: string) => {
	const found = /^(['"])(.*)\1$/.exec(text.trim());
	return (found?.[2] ?? text.trim()).replaceAll('\\n', '\n');
};

/** `key: value`, and blocks with `|` and `>`: as much YAML as diagnostics need. */
export const valueIn = (lines: readonly string[], keys: readonly string[]): string | null => {
	for (const key of keys) {
		const at = lines.findIndex(line => line.trimStart().startsWith(`${key}:`));
		if (at === -1) continue;
		const line = lines[at]!;
		const indentation = line.length - line.trimStart().length;
		const value = line
			.trim()
			.slice(key.length + 1)
			.trim();
		if (!/^[|>][+-]?\d?$/.test(value)) {
			if (value !== '') return unquoted(value);
			continue;
		}
		const rest = lines.slice(at + 1);
		const end = rest.findIndex(next => next.trim() !== '' && next.length - next.trimStart().length <= indentation);
		return (end === -1 ? rest : rest.slice(0, end))
			.map(next => next.slice(indentation + 2))
			.join('\n')
			.trim();
	}
	return null;
};

export const withDiagnostics = (test: RawTest, yaml: readonly string[]): RawTest => {
	const place = valueIn(yaml, ['location', 'at', 'file']);
	const line = valueIn(yaml, ['line']);
	const location =
		place === null
			? test.location
			: `${place}${line !== null && /^\d+$/.test(line) && !/:\d+/.test(place) ? `:${line}` : ''}`.replace(
					/^(.*?:\d+):\d+$/,
					'$1',
				);
	const duration = Number(valueIn(yaml, ['duration_ms']) ?? Number.NaN);
	return {
		...test,
		location,
		durationMs: Number.isFinite(duration) ? duration : test.durationMs,
		error: test.error && {
			message: valueIn(yaml, ['error', 'message', 'diag']) ?? test.error.message,
			location: null,
		},
	};
};
