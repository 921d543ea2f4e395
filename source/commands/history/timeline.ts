/** `deployctl timeline`: out of record and journal, in one order. From the disk alone. */
import {resolve} from 'node:path';
import type {JournalRecord} from '../../core/operations/journal.ts';
import {spanSeconds} from '../../core/text/duration.ts';
import {isTrouble, timelineItems, timelineOf} from '../../core/history/timeline.ts';
import {clockOf, type TimelineSource} from '../../core/history/timeline-source.ts';
import {isZone, zonedClock} from '../../core/text/zone.ts';
import {exitCodes, usageFailure} from '../../errors.ts';
import {createJournalReader} from '../../operations/journal/journal-reader.ts';
import type {StatePaths} from '../../operations/files/paths.ts';
import {exportRecording} from '../../record/export.ts';
import {recordDirectory} from '../../record/files.ts';
import {readHistory} from '../../record/history.ts';
import {printJson} from '../desk/desk.ts';
import type {Output} from '../desk/context.ts';
import {timelineMarkdown} from './timeline-markdown.ts';
import {timelineText} from './timeline-text.ts';
import {quoted} from '../table/values.ts';
import {momentOf} from './when.ts';

export type TimelineOptions = {
	since: string | null;
	until: string | null;
	sha: string | null;
	environment: string | null;
	markdown: boolean;
	json: boolean;
	utc: boolean;
	timezone: string | null;
	export: string | null;
};

export type TimelinePlace = {
	paths: StatePaths;
	repository: string;
	host: string;
	now: number;
	columns: number;
	directory: string;
	/** Values that must not reach a file. */ secrets: readonly string[];
};

/** Neither a damaged journal nor a damaged record keeps the other from being told. */
export const readSource = async (paths: StatePaths, since = 0): Promise<TimelineSource> => {
	const history = await readHistory(recordDirectory(paths.directory), since);
	let journal: readonly JournalRecord[] = [];
	let journalProblem: string | null = null;
	try {
		({records: journal} = await createJournalReader(paths.journal).read());
	} catch (error) {
		journalProblem = (error as Error).message;
	}
	return {history, journal, journalProblem};
};

const zoneOf = ({utc, timezone}: TimelineOptions): string | null => {
	if (timezone === null) return utc ? 'UTC' : null;
	if (utc && timezone !== 'UTC') throw usageFailure('--utc and --timezone exclude each other.');
	if (!isZone(timezone))
		throw usageFailure(`--timezone is ${quoted(timezone)}. Expected a name such as Europe/Berlin or UTC.`);
	return timezone;
};

/** The newest moment that anything tells of: in a demo time is another, and a record that is read elsewhere is older. */
const nowOf = ({history}: TimelineSource, now: number): number =>
	history.demo === null ? now : Math.max(0, ...history.coverage.map(({until}) => until));

const dayMs = 86_400_000;

/** No more of the record than the window needs, with a day for clocks that differ: two weeks of it take seconds to read. Without --since the last two days, and all of it where they know of no incident. */
const sourceFor = async ({paths, now}: TimelinePlace, {since}: TimelineOptions): Promise<TimelineSource> => {
	const span = since === null ? null : spanSeconds(since);
	if (since !== null) return readSource(paths, span === null ? 0 : now - span * 1000 - dayMs);
	const recent = await readSource(paths, now - 2 * dayMs);
	return timelineItems(recent).some(isTrouble) ? recent : readSource(paths);
};

/** What happened up to the end is seen a little later. */
const seenLateMs = 60_000;

/** Resolves with 0. Throws a `Failure` (usage) for a window that is none. */
export const runTimeline = async (place: TimelinePlace, options: TimelineOptions, output: Output): Promise<number> => {
	const zone = zonedClock(zoneOf(options));
	if (options.markdown && options.json) throw usageFailure('--markdown and --json exclude each other.');
	const source = await sourceFor(place, options);
	const now = nowOf(source, place.now);
	const when = {now, zone, journal: source.journal, clock: clockOf(source.history)};
	const from = options.since === null ? null : momentOf(options.since, 'since', when);
	const until = options.until === null ? null : momentOf(options.until, 'until', when);
	if (from !== null && from >= (until ?? now))
		throw usageFailure(
			'The window ends before it begins.',
			'the time of --since has to come before that of --until',
		);
	const timeline = timelineOf(
		source,
		{from, until, why: null},
		{sha: options.sha, environment: options.environment},
		now,
	);
	if (options.export !== null) {
		const {bytes} = await exportRecording(
			recordDirectory(place.paths.directory),
			{from: timeline.from, until: timeline.until + seenLateMs},
			resolve(place.directory, options.export),
			place.secrets,
		);
		output.write(
			`${options.export}: ${zone.date(timeline.from)} ${zone.time(timeline.from)} to ${zone.time(timeline.until)} ${zone.name}, ${Math.ceil(bytes / 1024)} KB. deployctl replay plays it.\n`,
		);
		return exitCodes.done;
	}
	const address = `https://${place.host}/${place.repository}`;
	if (options.json)
		printJson(output, {
			repository: place.repository,
			from: timeline.from,
			until: timeline.until,
			why: timeline.why,
			head: timeline.head,
			items: timeline.items,
			unknowns: timeline.unknowns,
		});
	else
		output.write(
			options.markdown
				? timelineMarkdown(timeline, place.repository, address, zone)
				: timelineText(timeline, place.repository, zone, place.columns),
		);
	return exitCodes.done;
};
