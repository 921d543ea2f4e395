/** `deployctl logs --job …`: what jobs of GitHub wrote, as lines. Nothing of it steers a terminal; colours go to terminals only. */
import {once} from 'node:events';
import type {Writable} from 'node:stream';
import {duration} from '../../core/text/duration.ts';
import type {JobLog, LogAbsent, LoggedJob, LogRow} from '../../core/runs/job-log.ts';
import {
	type Job,
	type Snapshot,
	type Tier,
	type TierName,
	tierNames,
	tierTitles,
} from '../../core/pipeline/pipeline.ts';
import {jobTitle, numbersOf} from '../../core/pipeline/job-titles.ts';
import {isFinal} from '../../core/pipeline/words.ts';
import {type ExitCode, exitCodes, Failure, usageFailure} from '../../errors.ts';
import {loggedJob} from '../../state/model/job-log-state.ts';
import {ansiLine} from '../../ui/lines/screen-text.ts';
import {span} from '../../ui/lines/text.ts';
import type {Look} from '../../ui/lines/theme.ts';
import type {World} from '../../world.ts';
import {arrived, type Waiting} from './arrival.ts';
import type {Output} from '../desk/context.ts';
import {matching} from '../look/status.ts';
import {didYouMean, quoted} from '../table/values.ts';

export type JobLogFlags = {
	job: string | null;
	sha: string | null;
	tier: TierName | null;
	failed: boolean;
	errors: boolean;
	timestamps: boolean;
	follow: boolean;
	/** Only so many lines, the last ones; null: all. */ tail: number | null;
};
export type JobLogPrinting = {
	world: World;
	read(sha: string | null): Promise<Snapshot>;
	flags: JobLogFlags;
	stream: Writable;
	output: Output;
	/** null: no colours. */
	colours: Look['colours'];
	signal: AbortSignal;
};

type Found = {job: Job; tier: Tier};

const linesAtOnce = 1000;
const asksEveryMs = 10_000;
const nothingFolded = {all: false, except: []};
const around = {before: 0, folds: nothingFolded, isRevealed: false};

const jobsOf = (tier: Tier): readonly Found[] => tier.jobs.map(job => ({job, tier}));
const isTheOne =
	(text: string) =>
	({job}: Found) =>
		job.name === text || String(job.id) === text;

/** Tiers of a commit, those asked for; the newest commit that has jobs there where none is named. */
const tiersMeant = (snapshot: Snapshot, {sha, tier, job}: JobLogFlags): readonly Tier[] => {
	const names = tier === null ? tierNames : [tier];
	const ofCommits = (sha === null ? snapshot.candidates : [matching(snapshot, sha)]).map(({tiers}) =>
		names.flatMap(name => tiers[name] ?? []),
	);
	const hasJob = (tiers: readonly Tier[]) =>
		tiers.some(one => (job === null ? one.jobs.length > 0 : jobsOf(one).some(isTheOne(job))));
	return ofCommits.find(tiers => hasJob(tiers)) ?? ofCommits[0] ?? [];
};

/** Throws a `Failure` (usage) when no job is meant. An id that is none of the newest commits' is asked for all the same. */
const jobsMeant = (snapshot: Snapshot, flags: JobLogFlags): readonly LoggedJob[] => {
	const found = tiersMeant(snapshot, flags).flatMap(tier => jobsOf(tier));
	const all = found.map(({job}) => job);
	const logged = (list: readonly Found[]) =>
		list.map(({job, tier}) => ({...loggedJob(job, tier), name: jobTitle(job, all)}));
	if (flags.job === null) return logged(flags.failed ? found.filter(({job}) => job.status === 'failed') : found);
	// Two tiers may both count a job as theirs.
	const named = [...new Map(found.filter(isTheOne(flags.job)).map(one => [one.job.id, one])).values()];
	if (named.length > 1)
		throw usageFailure(
			`there are ${named.length} jobs ${quoted(flags.job)}.`,
			`name one by its number: ${numbersOf(named.map(({job}) => job))}`,
		);
	if (named.length > 0) return logged(named);
	if (/^\d{6,16}$/.test(flags.job))
		return [
			{
				id: Number(flags.job),
				attempt: null,
				name: `job ${flags.job}`,
				status: 'unknown',
				startedAt: null,
				finishedAt: null,
				steps: null,
			},
		];
	const names = [...new Set(found.map(({job}) => job.name))];
	throw usageFailure(
		`no job ${quoted(flags.job)}.${names.length === 0 ? '' : ` There is ${names.slice(0, 12).join(', ')}.${didYouMean(flags.job, names)}`}`,
		'deployctl status names the tiers; --sha and --tier say where to look',
	);
};

const words: Readonly<Partial<Record<LogRow['kind'], string>>> = {
	error: 'Error: ',
	warning: 'Warning: ',
	notice: 'Notice: ',
	debug: 'Debug: ',
};
const tones = {
	error: 'bad',
	warning: 'wait',
	notice: 'accent',
	command: 'accent',
	debug: 'quiet',
	group: 'strong',
} as const;

/** null: it is only a mark. */
const lineOf = (row: LogRow, {flags, colours}: JobLogPrinting): string | null => {
	if (row.kind === 'end') return null;
	const time = !flags.timestamps || row.at === null ? '' : `${new Date(row.at).toISOString()} `;
	const tone = row.kind === 'plain' ? undefined : tones[row.kind];
	const spans = row.spans.map(({text, style}) =>
		style ? {text, style} : span(text, tone, {bold: row.kind === 'group'}),
	);
	const parts = [span(time, 'quiet'), span(words[row.kind] ?? '', tone), ...spans];
	return colours === null ? parts.map(({text}) => text).join('') : ansiLine(parts, colours);
};

const writerTo =
	(stream: Writable) =>
	async (text: string): Promise<void> => {
		if (!stream.write(text)) await once(stream, 'drain');
	};

const lineCount = async (log: JobLog): Promise<number> => {
	const {standing} = await log.read({from: 0, error: 0, by: 0, after: 0, ...around});
	return 'lines' in standing ? standing.lines : 0;
};

/** What is printed of the log from a line on, in pieces. */
async function* linesFrom(log: JobLog, first: number, printing: JobLogPrinting): AsyncGenerator<readonly string[]> {
	for (let from = first; !printing.signal.aborted;) {
		const {rows} = await log.read({from, error: 0, by: 0, after: linesAtOnce, ...around});
		const fresh = rows.filter(({number}) => number >= from);
		if (fresh.length === 0) return;
		from = fresh.at(-1)!.number + 1;
		yield fresh.map(row => lineOf(row, printing)).filter(line => line !== null);
		if (from >= (await lineCount(log))) return;
	}
}

/** Marks of groups are no lines that anybody sees: it reaches further back until there are enough. */
const lastLines = async (log: JobLog, count: number, printing: JobLogPrinting): Promise<readonly string[]> => {
	const total = await lineCount(log);
	for (let reach = count; ; reach *= 2) {
		const from = Math.max(0, total - reach);
		const lines: string[] = [];
		for await (const some of linesFrom(log, from, printing)) lines.push(...some);
		if (lines.length >= count || from === 0) return lines.slice(-count);
	}
};

const printAll = async (log: JobLog, printing: JobLogPrinting) => {
	const write = writerTo(printing.stream);
	const {tail} = printing.flags;
	const pieces = tail === null ? linesFrom(log, 0, printing) : [await lastLines(log, tail, printing)];
	for await (const lines of pieces) await write(lines.map(line => `${line}\n`).join(''));
};

/** Only the lines that tell of errors, with their numbers. */
const printErrors = async (log: JobLog, printing: JobLogPrinting) => {
	const write = writerTo(printing.stream);
	const {tail} = printing.flags;
	let kept: readonly string[] = [];
	for (let from = -1; !printing.signal.aborted;) {
		const {first, rows} = await log.read({from, error: 1, by: 0, after: 0, ...around});
		const row = rows.find(({number}) => number === first);
		if (first === null || row === undefined) break;
		from = first;
		const line = `${first + 1}: ${lineOf(row, printing) ?? ''}\n`;
		if (tail === null) await write(line);
		else kept = [...kept, line].slice(-tail);
	}
	await write(kept.join(''));
};

const codeOf = ({why}: LogAbsent): ExitCode =>
	why === 'not-permitted' ? exitCodes.notPermitted : why === 'unreachable' ? exitCodes.unreachable : exitCodes.failed;

/** Other advice names keys of the screen. */
const advised: ReadonlySet<LogAbsent['why']> = new Set(['not-permitted', 'unreachable', 'soon']);

const printOne = async (
	job: LoggedJob,
	hasTitle: boolean,
	printing: JobLogPrinting,
	waiting: Waiting,
): Promise<ExitCode> => {
	const {world, output, stream, colours, flags} = printing;
	const log = world.jobLogs!.open(job);
	try {
		const missing = await arrived(log, job.name, waiting);
		const title = `==> ${job.name} (${job.status}${job.startedAt !== null && job.finishedAt !== null ? `, ${duration((job.finishedAt - job.startedAt) / 1000)}` : ''}) <==`;
		if (missing !== null) {
			const next = advised.has(missing.why) && missing.next !== null ? ` ${missing.next}` : '';
			output.error(`${job.name}: ${missing.because}${next}\n`);
			return codeOf(missing);
		}
		if (hasTitle)
			await writerTo(stream)(
				`${colours === null ? title : ansiLine([span(title, 'accent', {bold: true})], colours)}\n`,
			);
		await (flags.errors ? printErrors : printAll)(log, printing);
		return exitCodes.done;
	} finally {
		await log.close();
	}
};

const isOver = ({status}: LoggedJob) => isFinal(status) || status === 'unknown';

const endedBadly = ({status}: LoggedJob) => status === 'failed' || status === 'cancelled';

/** Once it has begun, following outlasts what passes. null: not read this time. */
const readOn = async ({read, flags, output}: JobLogPrinting, hasBegun: boolean): Promise<Snapshot | null> => {
	try {
		return await read(flags.sha);
	} catch (error) {
		if (!hasBegun || !(error instanceof Failure) || error.exitCode !== exitCodes.unreachable) throw error;
		output.error(`${error.message}${error.because === undefined ? '' : `: ${error.because}`} Trying again.\n`);
		return null;
	}
};

/** As `printJobLogs`, rejecting when interrupted. */
const printMeant = async (printing: JobLogPrinting): Promise<number> => {
	const {world, flags, output, signal} = printing;
	if (!world.jobLogs) throw new Failure('There are no logs of jobs here', {exitCode: exitCodes.failed});
	const waiting: Waiting = {wall: world.wall, signal, output, follows: flags.follow, isUsedUp: false};
	const printed = new Set<number>();
	let worst: ExitCode = exitCodes.done;
	for (let hasBegun = false; ; hasBegun = true) {
		const snapshot = await readOn(printing, hasBegun);
		const jobs = snapshot === null ? [] : jobsMeant(snapshot, flags);
		// With --failed the others are waited for: one of them may still fail.
		const all = snapshot === null || flags.job !== null ? jobs : jobsMeant(snapshot, {...flags, failed: false});
		const isEnd = snapshot !== null && (!flags.follow || all.every(job => isOver(job)));
		for (const job of jobs.filter(one => !printed.has(one.id) && (isOver(one) || isEnd))) {
			printed.add(job.id);
			const code = await printOne(job, flags.job === null || jobs.length > 1, printing, waiting);
			if (code !== exitCodes.done) worst = code;
			if (flags.follow && worst === exitCodes.done && endedBadly(job)) worst = exitCodes.failed;
		}
		signal.throwIfAborted();
		if (isEnd) break;
		await world.wall.after(asksEveryMs, signal);
	}
	if (printed.size > 0) return worst;
	const where = flags.tier === null ? 'of this commit' : `of ${tierTitles[flags.tier]}`;
	output.error(flags.failed ? `No job ${where} has failed.\n` : `There is no job ${where} yet.\n`);
	return flags.failed ? exitCodes.done : exitCodes.failed;
};

/** With --follow, 1 also when a job of them ended badly. 0 when every log that is meant was printed; what was missing is said on the error output. Throws a `Failure`. */
export const printJobLogs = async (printing: JobLogPrinting): Promise<number> => {
	try {
		return await printMeant(printing);
	} catch (error) {
		if (printing.signal.aborted && !(error instanceof Failure)) return exitCodes.interrupted;
		throw error;
	}
};
