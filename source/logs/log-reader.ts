/** Reads lines of a GitHub log by their numbers, and finds which lines a window shows while groups are folded. */
import type {Folds, LogRow, WindowWanted} from '../core/runs/job-log.ts';
import type {Masker} from '../core/text/mask.ts';
import type {KeyBlock} from '../core/text/mask-shapes.ts';
import {showGitHubLine, type ShownLine} from './github-line.ts';
import type {LogMarks} from './log-marks.ts';
import {rawLines, type LogSource} from './log-source.ts';

/** Which lines are shown: all but those within a folded group. */
export const shownLines = (marks: LogMarks, lines: number, {all, except}: Folds) => {
	const differs = new Set(except);
	const isFolded = (start: number) => differs.has(start) !== all;
	/** The line itself, or the first one of the folded group that hides it. */
	const shownAt = (line: number): number => {
		const index = marks.groupOf(line, lines);
		if (index === -1) return line;
		const {start} = marks.group(index, lines);
		return isFolded(start) ? start : line;
	};
	const after = (line: number): number | null => {
		const index = marks.groupOf(line, lines);
		const group = index === -1 ? null : marks.group(index, lines);
		const next = group !== null && isFolded(group.start) ? group.end : line + 1;
		return next < lines ? next : null;
	};
	const before = (line: number): number | null => (line <= 0 ? null : shownAt(line - 1));
	const step = (line: number, by: number): number => {
		let at = line;
		for (let left = Math.abs(by); left > 0; left--) {
			const next = by > 0 ? after(at) : before(at);
			if (next === null) break;
			at = next;
		}
		return at;
	};
	return {
		isFolded,
		shownAt,
		step,
		/** Numbers of the lines of a window, in order, and the one that it is about. */
		window(from: number, {by, before: above, after: below}: WindowWanted): {first: number; numbers: number[]} {
			if (lines === 0) return {first: 0, numbers: []};
			const first = step(shownAt(Math.max(0, Math.min(from, lines - 1))), by);
			const numbers = [step(first, -above)];
			for (let next = after(numbers[0]!); next !== null && next <= first; next = after(next)) numbers.push(next);
			for (let next = after(first), left = below; next !== null && left > 0; next = after(next), left--)
				numbers.push(next);
			return {first, numbers};
		},
	};
};

/** The lines with these numbers, which rise; each place of the log is read once. */
export const readLines = async (
	source: LogSource,
	masker: Masker,
	numbers: readonly number[],
): Promise<Map<number, ShownLine>> => {
	const {index} = source;
	const bytes = index.bytes();
	const result = new Map<number, ShownLine>();
	const wanted = new Set(numbers);
	let place = -1;
	for (const number of numbers) {
		if (result.has(number)) continue;
		const own = index.placeOfLine(number);
		let block: KeyBlock = null;
		// From one place further up: these lines may stand within a private key.
		for (place = Math.max(place + 1, own - 1, 0); place <= own; place++) {
			let {line} = index.place(place);
			for await (const raw of rawLines(source, place, bytes)) {
				if (wanted.has(line) || block !== null || raw.head.includes('PRIVATE KEY')) {
					const shown = showGitHubLine(raw, masker, block);
					block = shown.block;
					if (wanted.has(line)) result.set(line, shown);
				}
				line++;
			}
		}
		place = own;
	}
	return result;
};

/** The folds with the group that hides the line unfolded. */
const revealing = (marks: LogMarks, lines: number, line: number, folds: Folds): Folds => {
	const shown = shownLines(marks, lines, folds).shownAt(line);
	if (shown === line) return folds;
	return {
		...folds,
		except: folds.except.includes(shown) ? folds.except.filter(start => start !== shown) : [...folds.except, shown],
	};
};

/** `from` null: there is no such line; the window is the beginning then. */
export const readWindow = async (
	source: LogSource,
	marks: LogMarks,
	masker: Masker,
	from: number | null,
	wanted: WindowWanted,
): Promise<{first: number | null; rows: LogRow[]; folds: Folds}> => {
	const lines = source.index.lines();
	const folds = wanted.isRevealed && from !== null ? revealing(marks, lines, from, wanted.folds) : wanted.folds;
	const shown = shownLines(marks, lines, folds);
	const {first, numbers} = shown.window(from ?? 0, wanted);
	const read = await readLines(source, masker, numbers);
	const rows = numbers.map((number): LogRow => {
		const line = read.get(number);
		const index = marks.groupOf(number, lines);
		const group = index === -1 ? null : marks.group(index, lines);
		const isFirst = group?.start === number;
		return {
			number,
			at: line?.at ?? null,
			kind: line?.kind ?? 'plain',
			spans: line?.spans ?? [],
			group: isFirst
				? {
						lines: Math.max(0, group.end - group.start - 1 - (group.isClosed ? 1 : 0)),
						isFolded: shown.isFolded(number),
					}
				: null,
			isInGroup: group !== null && !isFirst,
			looksWrong: marks.looksWrong(number),
		};
	});
	return {first: from === null ? null : first, rows, folds};
};
