/**
What GraphQL lacks about a run: attempt, title, actor, start of the attempt. One REST list beside each overview (304 is
free), single runs where the list does not reach. A failure here never fails a reading.
*/
import type {components} from '@octokit/openapi-types';
import type {RunFact} from '../core/facts.ts';
import {parseRun, parseRuns} from './parse-rest.ts';
import {mapLimited, type Rest} from './rest.ts';
import type {Tally} from './tally.ts';

type RestRun = components['schemas']['workflow-run'];
export type RunDetails = {
	/** Reads the newest runs of the repository. */
	refresh(tally: Tally): Promise<void>;
	/** Fills in what is known, after asking for what is missing or from before a re-run. At most `singlesAtMost` requests. */
	fill(runs: readonly RunFact[], isNeeded: (run: RunFact) => boolean, tally: Tally): Promise<RunFact[]>;
};

const runsPath = '/actions/runs?per_page=100';
const singlesAtMost = 8;
const keptAtMost = 1000;

/** A run can only get a new attempt after it was completed, and then it changes. */
const isStale = (known: RunFact | undefined, run: RunFact) =>
	known === undefined || (known.status === 'COMPLETED' && (known.updatedAt < run.updatedAt || run.status !== 'COMPLETED'));

export function createRunDetails(rest: Rest): RunDetails {
	const known = new Map<number, RunFact>();

	function keep(runs: readonly RunFact[]) {
		for (const run of runs) {
			const before = known.get(run.id);
			known.delete(run.id);
			known.set(run.id, before !== undefined && before.updatedAt > run.updatedAt ? before : run);
		}

		for (const id of known.keys()) {
			if (known.size <= keptAtMost) {
				break;
			}

			known.delete(id);
		}
	}

	async function refresh(tally: Tally) {
		const got = await tally.without('run attempts', rest.get(runsPath, parseRuns, tally));
		// Oldest first, so that the oldest are forgotten first.
		keep(got?.value.runs.toReversed() ?? []);
	}

	async function readSingle(id: number, tally: Tally) {
		const got = await tally.without('run attempts', rest.find(`/actions/runs/${id}`, (body: RestRun) => parseRun(body), tally));
		keep(got?.value ? [got.value] : []);
	}

	async function fill(runs: readonly RunFact[], isNeeded: (run: RunFact) => boolean, tally: Tally) {
		const missing = () => runs.filter((run) => isNeeded(run) && isStale(known.get(run.id), run));
		// Several at once come cheaper in the list, which is also newer than what it said beside the question.
		if (missing().length > 2) {
			await refresh(tally);
		}

		await mapLimited(missing().slice(0, singlesAtMost), 6, async (run) => readSingle(run.id, tally));
		return runs.map((run) => {
			const details = known.get(run.id);
			return details === undefined || isStale(details, run)
				? run
				: {...run, attempt: details.attempt, title: details.title, actor: details.actor, startedAt: details.startedAt, workflowPath: run.workflowPath ?? details.workflowPath, branch: run.branch ?? details.branch};
		});
	}

	return {refresh, fill};
}
