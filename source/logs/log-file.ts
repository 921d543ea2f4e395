/** A log as a window, while it is written and after: what is kept in memory is where lines begin, never the lines. */
import {maskerOf, type Masker} from '../core/text/mask.ts';
import type {KeyBlock} from '../core/text/mask-shapes.ts';
import type {OperationLog} from '../world.ts';
import {showLine} from './log-line.ts';
import {countLines, findLine} from './log-search.ts';
import {closeUnused, openSource, rawLines, takeIn, type LogSource} from './log-source.ts';

export type LogPaths = {raw: string; sealed: string};

/** `completeLines`: without what stands after the last line end, which is still being written. */
export type LogFile = Omit<OperationLog, 'grow'> & {
	grow(): Promise<{lines: number; bytes: number; isWhole: boolean; completeLines: number}>;
};

const shownLines = async (
	source: LogSource,
	from: number,
	count: number,
	masker: Masker,
): Promise<readonly string[]> => {
	const {index} = source;
	const bytes = index.bytes();
	const until = Math.min(from + count, index.lines());
	const shown: string[] = [];
	if (from >= until || from < 0) return shown;
	// From one place further up: these lines may stand within a private key.
	let number = Math.max(0, index.placeOfLine(from) - 1);
	let block: KeyBlock = null;
	for (let {line} = index.place(number); line < until && number < index.places(); number++) {
		for await (const raw of rawLines(source, number, bytes)) {
			if (line >= until) break;
			if (line >= from || block !== null || raw.head.includes('PRIVATE KEY')) {
				const next = showLine(raw, masker, block);
				block = next.block;
				if (line >= from) shown.push(next.text);
			}
			line++;
		}
	}
	return shown;
};

/**
The log of one operation: `raw` while it runs, `sealed` once that is there. A line keeps its number across the change; no file yet
is a log without lines. Lines are shown masked and sanitised, cut after 10,000 characters with a mark that says how much is cut.
`find` and `count` reject when aborted.
*/
export const openLog = ({raw, sealed}: LogPaths, {secrets}: {secrets: readonly string[]}): LogFile => {
	const masker = maskerOf(secrets);
	let source: LogSource | null = null;
	let growing: Promise<void> | null = null;
	let isClosed = false;

	const replaceWith = async (next: LogSource | null) => {
		const old = source;
		source = isClosed ? null : next;
		for (const unused of [old, isClosed ? next : null]) {
			if (unused === null) continue;
			unused.isRetired = true;
			await closeUnused(unused);
		}
	};

	/** What is shown stays what it was until all of the other file has been taken in. */
	const takeOver = async (path: string, isSealed: boolean) => {
		const next = await openSource(path, isSealed);
		if (next === null) return false;
		await takeIn(next);
		await replaceWith(next);
		return true;
	};

	const advance = async () => {
		if (source?.isSealed !== true && (await takeOver(sealed, true))) return;
		if (source === null) {
			await takeOver(raw, false);
		} else if (!(await takeIn(source))) {
			await takeOver(source.path, source.isSealed);
		}
	};

	const reading = async <Result>(nothing: Result, read: (source: LogSource) => Promise<Result>): Promise<Result> => {
		const current = source;
		if (current === null) return nothing;
		current.readers++;
		try {
			return await read(current);
		} finally {
			current.readers--;
			await closeUnused(current);
		}
	};

	return {
		async grow() {
			growing ??= (isClosed ? Promise.resolve() : advance()).finally(() => {
				growing = null;
			});
			await growing;
			const index = source?.index;
			return {
				lines: index?.lines() ?? 0,
				completeLines: index?.completeLines() ?? 0,
				bytes: index?.bytes() ?? 0,
				isWhole: source?.isSealed ?? false,
			};
		},
		lines: (from, count) => reading<readonly string[]>([], current => shownLines(current, from, count, masker)),
		find: (text, from, direction, signal) =>
			reading<number | null>(null, current => findLine(current, masker, {text, from, direction, signal})),
		count: (text, signal) => reading(0, current => countLines(current, masker, {text, signal})),
		async close() {
			isClosed = true;
			await growing;
			await replaceWith(null);
		},
	};
};
