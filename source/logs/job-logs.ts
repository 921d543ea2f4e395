/** Logs of jobs: asked for, again where GitHub has not filed them yet, and read from the disk while they come. */
import {
	absenceOf,
	absent,
	askedForAgain,
	isAllThere,
	isCaseSensitive,
	type JobLog,
	type JobLogs,
	type LogComing,
	type LogFetch,
	type LogFetched,
	type LoggedJob,
	type LogReading,
	type LogStanding,
	type WindowWanted,
} from '../core/runs/job-log.ts';
import {maskerOf} from '../core/text/mask.ts';
import type {Clock} from '../world.ts';
import {textOf} from './github-line.ts';
import {createLogMarks} from './log-marks.ts';
import {readLines, readWindow} from './log-reader.ts';
import {countLines, findLine} from './log-search.ts';
import {closeUnused, openSource, takeIn, type LogSource} from './log-source.ts';

export type JobLogsOptions = {
	fetch: LogFetch;
	/** Taken out of what is shown. */
	secrets: readonly string[];
	/** The wall's. */
	clock: Clock;
};

/** Taking in goes on for so long before keys and frames get their turn. */
const turnMs = 8;
/** GitHub files a log within seconds; after these pauses it is not asked again by itself. Milliseconds. */
const pausesMs = [1000, 2000, 3000, 5000, 8000, 13_000, 21_000, 34_000, 60_000];
/** What is said last of a failed step says nothing of why. */
const endOfStep = /^Process completed with exit code \d+\.?$/;
const errorsLookedAt = 40;

const openJobLog = (job: LoggedJob, {fetch, secrets, clock}: JobLogsOptions): JobLog => {
	const masker = maskerOf(secrets);
	const stop = new AbortController();
	let source: LogSource | null = null;
	let coming: LogComing | null = null;
	let fetched: LogFetched | null = absenceOf(job);
	let growing: Promise<void> | null = null;
	let asking: Promise<void> | null = null;

	const retryOf = (found: LogFetched, tries: number): LogFetched => {
		if (found.kind !== 'absent' || !(found.why === 'soon' || found.why === 'unreachable')) return found;
		const pause = pausesMs[tries];
		// Only here is it known that it is asked for again.
		if (pause !== undefined)
			return {
				...found,
				next: found.next ?? askedForAgain,
				retryAt: Math.max(found.retryAt ?? 0, clock.now() + pause),
			};
		return found.why === 'soon'
			? absent('gone', 'GitHub has no log of this job, also minutes after its end.', 'r asks again.')
			: {...found, retryAt: null, next: 'r asks again.'};
	};

	const ask = async () => {
		for (let tries = 0; !stop.signal.aborted; tries++) {
			coming = null;
			const found = retryOf(
				await fetch(job, stop.signal, log => {
					coming = log;
				}),
				tries,
			);
			fetched = found;
			if (found.kind === 'there' || found.retryAt === null) return;
			await clock.after(Math.max(0, found.retryAt - clock.now()), stop.signal);
			fetched = null;
		}
	};
	const begin = () => {
		if (fetched !== null && fetched.kind === 'absent' && absenceOf(job) !== null) return;
		asking ??= ask()
			.catch((error: unknown) => {
				// Aborted: nobody looks any more.
				if (!stop.signal.aborted)
					fetched = absent(
						'disk',
						`The log could not be kept on this machine: ${(error as Error).message}`,
						'r asks again.',
					);
			})
			.finally(() => {
				asking = null;
			});
	};
	if (fetched === null) begin();

	const replaceWith = async (next: LogSource | null) => {
		const old = source;
		source = next;
		if (old === null) return;
		old.isRetired = true;
		await closeUnused(old);
	};

	const advance = async () => {
		const isFetched = fetched?.kind === 'there';
		const path = fetched?.kind === 'there' ? fetched.path : coming?.path;
		if (source === null && path !== undefined) {
			await replaceWith(await openSource(path, false, createLogMarks()));
			// What still came may have got its last name just now: that is looked for the next time.
			if (source === null && isFetched)
				fetched = absent('disk', "The log was removed from this machine's cache.", 'r reads it again.');
		}
		if (source !== null && !(await takeIn(source, turnMs))) await replaceWith(null);
	};
	const grow = async () => {
		growing ??= (stop.signal.aborted ? Promise.resolve() : advance()).finally(() => {
			growing = null;
		});
		await growing;
	};

	const standing = (): LogStanding => {
		const [indexed, lines] = [source?.index.bytes() ?? 0, source?.index.lines() ?? 0];
		if (fetched?.kind === 'there') {
			return fetched.bytes === 0
				? absent('empty', 'The log is empty: the job wrote nothing.')
				: {kind: 'there', bytes: Math.max(fetched.bytes, indexed), indexed, lines};
		}
		if (fetched !== null) return fetched;
		return coming === null
			? {kind: 'asking'}
			: {kind: 'coming', bytes: coming.bytes, total: coming.total, indexed, lines};
	};

	/** Keeps the file open for as long as it is read. */
	const reading = async <Result>(nothing: Result, act: (source: LogSource) => Promise<Result>): Promise<Result> => {
		const current = source;
		if (current === null) return nothing;
		current.readers++;
		try {
			return await act(current);
		} finally {
			current.readers--;
			await closeUnused(current);
		}
	};

	const firstError = async (current: LogSource): Promise<number | null> => {
		const marks = current.marks!;
		const marked = marks.first('error', errorsLookedAt);
		const lines = await readLines(current, masker, marked);
		const telling = marked.find(number => !endOfStep.test(textOf(lines.get(number)?.spans ?? []).trim()));
		// What looks wrong shortly before the first mark is what it is about; a mark of its own says it best.
		return telling ?? marks.first('wrong', 1)[0] ?? marked[0] ?? null;
	};

	/** The failure is looked for when all is here: what comes first may come last. */
	const lineOf = async (current: LogSource, {from, error}: WindowWanted): Promise<number | null> => {
		const last = Math.max(0, current.index.lines() - 1);
		if (from === 'first-error') return isAllThere(standing()) ? firstError(current) : null;
		const line = from === 'end' ? last : from;
		return error === 0 ? line : current.marks!.next(line + error, error);
	};

	const log: JobLog = {
		async read(wanted: WindowWanted): Promise<LogReading> {
			try {
				await grow();
				const nothing: LogReading = {standing: standing(), first: null, rows: [], folds: wanted.folds};
				return await reading<LogReading>(nothing, async current => ({
					...nothing,
					...(await readWindow(current, current.marks!, masker, await lineOf(current, wanted), wanted)),
				}));
			} catch (error) {
				// The disk's trouble is a log that is not there, never the end of the screen.
				const because = `The log cannot be read from this machine's disk: ${error instanceof Error ? error.message : String(error)}`;
				return {
					standing: absent('disk', because, 'r reads it again.'),
					first: null,
					rows: [],
					folds: wanted.folds,
				};
			}
		},
		find: ({text, from, direction}, signal) =>
			reading<number | null>(null, async current => {
				const wanted = {text, isCaseSensitive: isCaseSensitive(text), direction, signal};
				const lines = current.index.lines();
				const found = from >= 0 && from < lines ? await findLine(current, masker, {...wanted, from}) : null;
				return (
					found ?? findLine(current, masker, {...wanted, from: direction === 1 ? 0 : Math.max(0, lines - 1)})
				);
			}),
		tally: (text, line, told, signal) =>
			reading<void>(undefined, async current => {
				let latest: number | null = null;
				const count = await countLines(
					current,
					masker,
					{text, isCaseSensitive: isCaseSensitive(text), signal},
					{
						line,
						told: (soFar, ordinal) => {
							latest = ordinal;
							told({count: soFar, ordinal, isWhole: false});
						},
					},
				);
				told({count, ordinal: latest, isWhole: true});
			}),
		retry: () => {
			if (fetched?.kind === 'there' || absenceOf(job) !== null) return;
			fetched = null;
			begin();
		},
		async close() {
			stop.abort();
			await growing?.catch(() => {});
			await replaceWith(null);
		},
	};
	return log;
};

export const createJobLogs = (options: JobLogsOptions): JobLogs => ({open: job => openJobLog(job, options)});
