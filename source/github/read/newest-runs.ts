/** All runs of a workflow since a moment: from the list of the newest that is read anyway, else one request for each workflow. */
import type {Facts, Reading, RunFact, Since} from '../../core/github/facts.ts';
import {coverageOf} from '../../core/evidence/newest.ts';
import {workflowFile} from '../../core/github/run-url.ts';
import type {Clock} from '../../world.ts';
import {parseRuns, type ListedRuns} from './parse-rest.ts';
import {mapLimited, type Rest} from '../http/rest.ts';
import type {Tally} from '../http/tally.ts';

/** A server that does not say how many there are says 0. */
const isWhole = ({runs, total}: ListedRuns) => total <= runs.length && (total > 0 || runs.length === 0);
/** Runs of the same second may be cut off. */
const reachesTo = ({runs}: ListedRuns, since: number) => runs.some(({createdAt}) => createdAt < since);

/** Longer than REST is left alone after a failure (`run-details.ts`). */
const keptForMs = 120_000;

export function createNewestRuns(rest: Rest, clock: Pick<Clock, 'now'>) {
	let newest: ListedRuns | null = null;
	let sawAt = Number.NEGATIVE_INFINITY;

	/** null: not all of them could be read. GitHub tells whole seconds. */
	async function runsOf(file: string, since: number, tally: Tally): Promise<readonly RunFact[] | null> {
		if (newest !== null && (isWhole(newest) || reachesTo(newest, since))) {
			return newest.runs.filter(run => workflowFile(run.workflowPath) === file && run.createdAt >= since);
		}

		const from = encodeURIComponent(`>=${new Date(since).toISOString().replace(/\.\d+Z$/, 'Z')}`);
		const path = `/actions/workflows/${encodeURIComponent(file)}/runs?created=${from}&per_page=100`;
		const read = await tally.without('later runs', rest.find(path, parseRuns, tally));
		return read?.value && isWhole(read.value) ? read.value.runs : null;
	}

	return {
		/** The newest runs of the repository, of all workflows, as they were read last. */
		saw(list: ListedRuns) {
			newest = list;
			sawAt = clock.now();
		},
		/** What is read from here on is newer. */
		forget() {
			newest = null;
		},
		/** What the newest runs tell of the commits that an overview has read, for nothing. */
		covering(
			{commits, runs}: Pick<Reading['facts'], 'commits' | 'runs'>,
			files: readonly string[],
		): Pick<Facts, 'runs' | 'runsSince' | 'unnamedSince'> {
			if (newest === null || commits === undefined) {
				// What was left out of one answer stays as it was known; not for long.
				return {runs: [], ...(clock.now() - sawAt > keptForMs && {runsSince: {}, unnamedSince: {}})};
			}

			return coverageOf(
				{runs: newest.runs, isWhole: isWhole(newest)},
				files,
				commits.map(({sha}) => sha),
				runs,
			);
		},
		/** `runsSince` has the workflows of which all were read. */
		async read(since: Since, tally: Tally): Promise<Pick<Facts, 'runs' | 'runsSince'>> {
			const read = await mapLimited(Object.entries(since), 4, async ([file, from]) => ({
				file,
				from,
				runs: await runsOf(file, from, tally),
			}));
			const whole = read.filter(({runs}) => runs !== null);
			return {
				runs: whole.flatMap(({runs}) => runs ?? []),
				runsSince: Object.fromEntries(whole.map(({file, from}) => [file, from])),
			};
		},
	};
}
