/** TAP 13 and 14 as it streams in: test points, subtests by indentation, diagnostics, the plan and what goes against it. Pure. */
import {escapes} from '../core/text/sanitise.ts';
import type {RawTest} from './collector.ts';
import {type Point, pointOf, pointPattern, unescaped, withDiagnostics} from './tap-point.ts';

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
	/**
	`wrong`: why the stream as a whole is no success; null: as far as the plan goes it is one. `reason`: why a plan of no test has none.
	`excused`: tests that failed and are marked TODO, where that is allowed; they are among the skipped ones.
	`marked`: failures that may be marked so, where it is not.
	*/
	end(): {events: TapEvent[]; wrong: string | null; reason: string | null; excused: number; marked: number};
};

const lineAtMost = 10_000;
const diagnosticsAtMost = 64_000;
const levelsAtMost = 40;

type Level = {
	planned: number | null;
	/** The plan came behind tests: none may follow. */
	isOver: boolean;
	points: number;
	numbers: Set<number>;
	/** Tests with a number that were run and not skipped. */
	ran: number;
	/** `ok` without a number: where the others have one, it may be what a program prints. */
	doubtful: number;
	/** Of the level, where a comment tells it. */
	name: string | null;
	/** A comment said that a subtest comes. */
	isAnnounced: boolean;
	childFailed: boolean;
};
type Pending = {
	test: RawTest;
	/** Lines, from its first to its last sign; null: none has begun. */ yaml: string[] | null;
	yamlIndentation: number;
	bytes: number;
	indentation: number;
};

const newLevel = (name: string | undefined): Level => ({
	planned: null,
	isOver: false,
	points: 0,
	numbers: new Set(),
	ran: 0,
	doubtful: 0,
	name: name ?? null,
	isAnnounced: name !== undefined,
	childFailed: false,
});
// `1..4 todo 3 2;` is how old Perl names those that are expected to fail.
const planPattern = /^1\.\.(\d{1,9})(?:[ \t]+todo(?:[ \t]+\d+)*;?)?(?:[ \t]*#([^]*)|[ \t]*)$/;
/** Some colour the words of TAP; a coloured `not ok` without a number is what a program prints. */
const withoutColours = (text: string): string => {
	const plain = text.replaceAll(escapes, '');
	return /^ *(?:(?:not )?ok[ \t]+\d|1\.\.\d|Bail out!)/i.test(plain) ? plain : text;
};

/** @param allowTodo `not ok … # TODO` is what TAP says that it is, no failure: only for producers that escape a # in names */
export const createTapReader = ({allowTodo = false}: {allowTodo?: boolean} = {}): TapReader => {
	let held = '';
	let isFirst = true;
	const levels: Level[] = [newLevel(undefined)];
	let pending: Pending | null = null;
	/** By depth: what a `# Subtest` there says of the level below. */
	const comments = new Map<number, string>();
	let bailed: string | null = null;
	let reason: string | null = null;
	let count = 0;
	let failures = 0;
	let excused = 0;
	let marked = 0;
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
	const finish = (level: Level, isTop: boolean) => {
		const {planned, points, numbers, isAnnounced, name} = level;
		const of = isTop ? '' : ` in the subtest${name === null || name === '' ? '' : ` ${name}`}`;
		const outside = planned === null ? undefined : [...numbers].find(number => number < 1 || number > planned);
		// Those with a number are all that was planned, and something of it ran.
		const isTalk = level.ran > 0 && level.doubtful > 0 && points - level.doubtful === planned;
		if (planned !== null && points !== planned && !isTalk)
			blame(`${points} of ${planned} planned tests were run${of}`);
		else if (outside !== undefined) blame(`test ${outside} is not in the plan 1..${planned}${of}`);
		else if (planned === null && isAnnounced && points > 0) blame(`it ended without a plan${of}`);
	};
	const close = (depth: number) => {
		for (const level of levels.splice(depth)) finish(level, false);
	};
	/** What is indented without a comment in front of it and without a plan is output that looks like tests. */
	const isSubtest = (level: Level | null): level is Level =>
		level !== null && (level.planned !== null || (level.isAnnounced && level.points > 0));

	const plan = (level: Level, total: number, text: string | undefined) => {
		if (level.planned !== null) blame('it has more than one plan');
		level.planned = total;
		level.isOver = level.points > 0;
		if (total === 0 && level === levels[0])
			reason = unescaped((text ?? '').replace(/^\s*skip\S*/i, '').trim()) || null;
	};
	const number = (level: Level, {number: given, isFailed, isSkipped}: Point) => {
		level.points += 1;
		const isDoubtful = given === null && !isFailed;
		if (isDoubtful) level.doubtful += 1;
		if (level.isOver && !(isDoubtful && level.ran > 0)) blame('tests came behind the plan at its end');
		if (given === null) return;
		if (!isSkipped) level.ran += 1;
		if (level.numbers.has(given)) blame(`there are two tests with the number ${given}`);
		level.numbers.add(given);
	};
	const point = (level: Level, depth: number, found: RegExpExecArray, children: Level | null) => {
		const made = pointOf(found, allowTodo);
		const {isFailed, isTodo} = made;
		number(level, made);
		if (isFailed) level.childFailed = true;
		const hasTests = isSubtest(children) && children.points > 0;
		// Its tests have been counted; it counts itself only when it failed by itself.
		if (hasTests && (!isFailed || children.childFailed)) return;
		count += 1;
		if (isFailed) failures += 1;
		if (isTodo) [marked, excused] = isFailed ? [marked + 1, excused] : [marked, excused + 1];
		const names = levels.slice(1, depth + 1).flatMap(({name}) => (name === null || name === '' ? [] : [name]));
		const title = [...names, made.title || `test ${made.number ?? level.points}`].join(' › ');
		// A subtest of no test did nothing.
		const isEmpty = isSubtest(children) && !hasTests;
		const test: RawTest = {
			id: `tap ${count}`,
			location: names[0] ?? 'TAP',
			title,
			outcome: isFailed ? 'failed' : made.isSkipped || isEmpty ? 'skipped' : 'passed',
			durationMs: 0,
			tries: 1,
			error: isFailed ? {message: 'not ok', location: null} : null,
		};
		pending = {test, yaml: null, yamlIndentation: 0, bytes: 0, indentation: depth * 4};
	};

	/** @returns null: the line is none of a test's diagnostics */
	const diagnostics = (text: string, indentation: number, bare: string): TapEvent[] | null => {
		if (pending === null) return null;
		if (pending.yaml === null) {
			// Deeper than its test; a line of dashes at the margin is output.
			if (bare !== '---' || indentation <= pending.indentation) return null;
			[pending.yaml, pending.yamlIndentation] = [[], indentation];
			return [];
		}
		// A block that was not closed ends where it is left: a test behind it is a test.
		if (bare !== '' && indentation < pending.yamlIndentation) return null;
		if (bare === '...' && indentation === pending.yamlIndentation) return flush();
		pending.bytes += text.length;
		if (pending.bytes <= diagnosticsAtMost) pending.yaml.push(text);
		return [];
	};
	const levelAt = (depth: number): Level => {
		while (levels.length <= depth) levels.push(newLevel(comments.get(levels.length - 1)));
		return levels[depth]!;
	};
	const structure = (depth: number, bare: string): TapEvent[] => {
		const planned = planPattern.exec(bare);
		const found = planned === null ? pointPattern.exec(bare) : null;
		if (bare === '}') close(depth + 1);
		if (planned === null && found === null) return [];
		const level = levelAt(depth);
		const children = levels[depth + 1] ?? null;
		close(depth + 1);
		if (planned !== null) {
			plan(level, Number(planned[1]), planned[2]);
			return depth === 0 ? [{type: 'expected', total: Number(planned[1])}] : [];
		}
		point(level, depth, found!, children);
		comments.delete(depth);
		return [];
	};
	const line = (given: string): TapEvent[] => {
		const text = withoutColours(given);
		const indentation = text.length - text.trimStart().length;
		const bare = text.trim();
		const within = diagnostics(text, indentation, bare);
		if (within !== null) return within;
		if (bare === '' || bailed !== null) return [];
		const before = flush();
		// Four spaces a level. What is indented in another way is no TAP but somebody's output.
		const depth = indentation / 4;
		if (!Number.isInteger(depth) || depth > levelsAtMost || !/^ *$/.test(text.slice(0, indentation))) return before;
		if (/^Bail out!/i.test(bare)) {
			bailed = bare.slice(9).trim();
			return [...before, {type: 'bailed', because: bailed}];
		}
		const subtest = /^# Subtest(?:: ([^]*))?$/.exec(bare);
		if (subtest) {
			const [, name] = subtest;
			comments.set(depth, name ?? '');
			return name === undefined ? before : [...before, {type: 'started', title: name}];
		}
		return [...before, ...structure(depth, bare)];
	};

	return {
		write(piece) {
			held += isFirst ? piece.replace(/^\uFEFF/, '') : piece;
			isFirst &&= piece === '';
			// A lone return begins a line anew; at the end of a piece it may be the half of an end.
			const lines = held.split(/\r\n|\n|\r(?!$)/);
			held = lines.pop()!;
			// A line without end is output, not TAP.
			if (held.length > lineAtMost) held = held.slice(0, lineAtMost);
			return lines.flatMap(text => line(text.slice(0, lineAtMost)));
		},
		settle: () => (pending !== null && pending.yaml === null ? flush() : []),
		end() {
			const events = [...(held === '' ? [] : line(held)), ...flush()];
			held = '';
			close(1);
			const top = levels[0]!;
			finish(top, true);
			if (bailed !== null) wrong = `it bailed out${bailed === '' ? '' : `: ${bailed}`}`;
			else if (top.planned === null && wrong === null)
				wrong = count === 0 ? 'there was no TAP in it' : 'it ended without a plan';
			const all = [...(wrong === null ? [] : [wrong]), ...(failures > 0 ? [`${failures} failed`] : [])];
			return {events, wrong: all.join(', and ') || null, reason, excused, marked};
		},
	};
};
