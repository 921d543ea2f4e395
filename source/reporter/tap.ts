/** TAP 13 and 14 as it streams in: test points, subtests by indentation, diagnostics, the plan and what goes against it. Pure. */
import type {RawTest} from './collector.ts';

export type TapEvent =
	| {type: 'ended'; test: RawTest}
	/** What runs now, as far as a comment tells. */
	| {type: 'started'; title: string}
	| {type: 'expected'; total: number}
	| {type: 'bailed'; because: string};

export type TapReader = {
	/** Whole lines and parts of them. */
	write(piece: string): TapEvent[];
	/** Nothing has come for a moment: a failure waits no longer for its diagnostics. */
	settle(): TapEvent[];
	/** `wrong`: why the stream as a whole is no success; null: as far as the plan goes it is one. */
	end(): {events: TapEvent[]; wrong: string | null};
};

const lineAtMost = 10_000;
const diagnosticsAtMost = 64_000;
const levelsAtMost = 40;

type Level = {planned: number | null; points: number; /** Names of the levels above. */ name: string | null; hadChildren: boolean; childFailed: boolean};
type Pending = {test: RawTest; yaml: string[] | null; bytes: number; indentation: number};

const newLevel = (name: string | null): Level => ({planned: null, points: 0, name, hadChildren: false, childFailed: false});
const unescaped = (text: string) => text.replaceAll(/\\([#\\])/g, '$1');
const pointPattern = /^(not )?ok\b(?:[ \t]+(\d{1,9}))?(?:[ \t]*-)?[ \t]*(.*)$/;
const directivePattern = /(?:^|\s)#\s*(skip|todo)\b\S*\s*(.*)$/i;

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
		const value = line.trim().slice(key.length + 1).trim();
		if (!/^[|>][+-]?\d?$/.test(value)) {
			if (value !== '') return unquoted(value);
			continue;
		}
		const rest = lines.slice(at + 1);
		const end = rest.findIndex(next => next.trim() !== '' && next.length - next.trimStart().length <= indentation);
		return (end === -1 ? rest : rest.slice(0, end)).map(next => next.slice(indentation + 2)).join('\n').trim();
	}
	return null;
};

const withDiagnostics = (test: RawTest, yaml: readonly string[]): RawTest => {
	const place = valueIn(yaml, ['location', 'at', 'file']);
	const line = valueIn(yaml, ['line']);
	const location = place === null ? test.location : `${place}${line !== null && /^\d+$/.test(line) && !/:\d+/.test(place) ? `:${line}` : ''}`.replace(/^(.*?:\d+):\d+$/, '$1');
	const duration = Number(valueIn(yaml, ['duration_ms']) ?? Number.NaN);
	return {...test, location, durationMs: Number.isFinite(duration) ? duration : test.durationMs, error: test.error && {message: valueIn(yaml, ['error', 'message', 'diag']) ?? test.error.message, location: null}};
};

export const createTapReader = (): TapReader => {
	let held = '';
	const levels: Level[] = [newLevel(null)];
	let pending: Pending | null = null;
	/** By depth: what a `# Subtest` there says of the level below. */
	const comments = new Map<number, string>();
	let bailed: string | null = null;
	let count = 0;
	let failures = 0;
	let wrong: string | null = null;

	const flush = (): TapEvent[] => {
		if (pending === null) return [];
		const {test, yaml} = pending;
		pending = null;
		return [{type: 'ended', test: yaml === null ? test : withDiagnostics(test, yaml)}];
	};
	const blame = (text: string) => {
		wrong ??= text;
	};
	const finish = (level: Level) => {
		if (level.planned !== null && level.points !== level.planned) blame(`${level.points} of ${level.planned} planned tests were run`);
	};

	const point = (level: Level, depth: number, [, not, number, rest = '']: RegExpExecArray, children: Level | null): TapEvent[] => {
		level.points += 1;
		const directive = directivePattern.exec(rest);
		const title = unescaped((directive ? rest.slice(0, directive.index) : rest).trim()) || `test ${number ?? level.points}`;
		const word = directive?.[1]!.toLowerCase();
		const isFailed = not !== undefined && word !== 'todo' && word !== 'skip';
		if (isFailed) level.childFailed = true;
		if (children !== null && children.points > 0) {
			level.hadChildren = true;
			// Its tests have been counted; it counts itself only when it failed by itself.
			if (!isFailed || children.childFailed) return [];
		}
		count += 1;
		if (isFailed) failures += 1;
		const names = levels.slice(1, depth + 1).flatMap(({name}) => (name === null ? [] : [name]));
		const test: RawTest = {id: `tap ${count}`, location: names[0] ?? 'TAP', title: [...names, title].join(' › '), outcome: isFailed ? 'failed' : word === undefined ? 'passed' : 'skipped', durationMs: 0, tries: 1, error: isFailed ? {message: 'not ok', location: null} : null};
		pending = {test, yaml: null, bytes: 0, indentation: depth * 4};
		return [];
	};

	const line = (text: string): TapEvent[] => {
		const indentation = text.length - text.trimStart().length;
		const bare = text.trim();
		if (pending?.yaml) {
			if (bare === '...') return flush();
			pending.bytes += text.length;
			if (pending.bytes <= diagnosticsAtMost) pending.yaml.push(text);
			return [];
		}
		if (pending !== null && bare === '---') {
			pending.yaml = [];
			return [];
		}
		if (bare === '' || bailed !== null) return [];
		const before = flush();
		if (/^Bail out!/i.test(bare)) {
			bailed = bare.slice(9).trim();
			return [...before, {type: 'bailed', because: bailed}];
		}
		const subtest = /^# Subtest(?:: (.*))?$/.exec(bare);
		if (subtest) {
			const [, name] = subtest;
			if (name === undefined) return before;
			comments.set(indentation / 4, name);
			return [...before, {type: 'started', title: name}];
		}
		// Four spaces a level. What is indented in another way is no TAP but somebody's output.
		const depth = indentation / 4;
		if (!Number.isInteger(depth) || depth > Math.min(levels.length, levelsAtMost)) return before;
		const plan = /^1\.\.(\d{1,9})\b/.exec(bare);
		const found = pointPattern.exec(bare);
		if (!plan && !found) return before;
		if (depth === levels.length) levels.push(newLevel(comments.get(depth - 1) ?? null));
		const children = depth + 1 < levels.length ? levels[depth + 1]! : null;
		for (const closed of levels.splice(depth + 1)) finish(closed);
		const level = levels[depth]!;
		if (found) comments.delete(depth);
		if (plan) {
			level.planned = Number(plan[1]);
			return depth === 0 ? [...before, {type: 'expected', total: level.planned}] : before;
		}
		return [...before, ...point(level, depth, found!, children)];
	};

	return {
		write(piece) {
			held += piece;
			const lines = held.split('\n');
			held = lines.pop()!;
			// A line without end is output, not TAP.
			if (held.length > lineAtMost) held = held.slice(0, lineAtMost);
			return lines.flatMap(text => line(text.slice(0, lineAtMost).replace(/\r$/, '')));
		},
		settle: () => (pending !== null && pending.yaml === null ? flush() : []),
		end() {
			const events = [...(held === '' ? [] : line(held)), ...flush()];
			held = '';
			for (const level of levels.splice(1)) finish(level);
			const [top] = levels;
			finish(top!);
			if (bailed !== null) wrong = `it bailed out${bailed === '' ? '' : `: ${bailed}`}`;
			else if (top!.planned === null && wrong === null) wrong = count === 0 ? 'there was no TAP in it' : 'it ended without a plan';
			return {events, wrong: wrong ?? (failures > 0 ? `${failures} failed` : null)};
		},
	};
};
