/**
What GraphQL lacks about a run: attempt, title, actor, start of the attempt. One REST list beside each overview (304 is
free), single runs where the list does not reach. A failure here never fails a reading.
*/
import type {components} from '@octokit/openapi-types';
import {awaitsApproval} from '../../core/evidence/approval.ts';
import type {RunFact, StepFact} from '../../core/github/facts.ts';
import {createFirstJobs, type FirstJobs} from './job-pages.ts';
import {parseJob, parseRun, parseRuns, type ListedRuns} from './parse-rest.ts';
import type {Clock} from '../../world.ts';
import {remember} from '../http/bounded.ts';
import {mapLimited, type Rest} from '../http/rest.ts';
import type {Tally} from '../http/tally.ts';

type RestRun = components['schemas']['workflow-run'];
type RestJob = components['schemas']['job'];
export type RunDetails = {
	/** Reads the newest runs of the repository. */
	refresh(tally: Tally): Promise<void>;
	/** Fills in what is known, after asking for what is missing or from before a re-run. At most `singlesAtMost` requests. */
	fill(runs: readonly RunFact[], isNeeded: (run: RunFact) => boolean, tally: Tally): Promise<RunFact[]>;
	firstJobs: FirstJobs;
	/** All steps of a job that has more than GraphQL tells at once; null: not read, which is noted. */
	stepsOf(jobId: number, tally: Tally): Promise<readonly StepFact[] | null>;
};

const runsPath = '/actions/runs?per_page=100';
const singlesAtMost = 8;
const keptAtMost = 1000;
/** After a failure: beside a question every second, asking again at once would only add to the trouble. */
const pauseMs = 60_000;
/** A slow REST must not hold up what GraphQL has answered. */
const patienceMs = 5000;

/** A run can only get a new attempt after it was completed, and then it changes. */
const isOlder = (known: RunFact, run: RunFact) =>
	known.status === 'COMPLETED' && (known.updatedAt < run.updatedAt || run.status !== 'COMPLETED');
const markOf = ({status, updatedAt}: RunFact) => `${status} ${updatedAt}`;

/** @param saw is given the list of the repository's newest runs, each time that it was read */
export function createRunDetails(rest: Rest, clock: Clock, saw: (list: ListedRuns) => void = () => {}): RunDetails {
	const known = new Map<number, RunFact>();
	/** For which state of a run it was asked for singly: once is enough, whatever REST says. */
	const askedFor = new Map<number, string>();
	let pausedUntil = Number.NEGATIVE_INFINITY;

	function isStale(run: RunFact) {
		const before = known.get(run.id);
		return (before === undefined || isOlder(before, run)) && askedFor.get(run.id) !== markOf(run);
	}

	function keep(runs: readonly RunFact[]) {
		for (const run of runs) {
			const before = known.get(run.id);
			remember(
				known,
				run.id,
				before !== undefined && before.updatedAt > run.updatedAt ? before : run,
				keptAtMost,
			);
		}
	}

	async function ask<Value>(promise: () => Promise<Value>, tally: Tally): Promise<Value | null> {
		if (clock.now() < pausedUntil) {
			return null;
		}

		const got = await tally.without('run attempts', promise(), patienceMs);
		pausedUntil = got === null ? clock.now() + pauseMs : pausedUntil;
		return got;
	}

	async function refresh(tally: Tally) {
		const got = await ask(async () => rest.get(runsPath, parseRuns, tally), tally);
		if (got !== null) {
			saw(got.value);
		}

		// Oldest first, so that the oldest are forgotten first.
		keep(got?.value.runs.toReversed() ?? []);
	}

	async function readSingle(run: RunFact, tally: Tally) {
		const got = await ask(
			async () => rest.find(`/actions/runs/${run.id}`, (body: RestRun) => parseRun(body), tally),
			tally,
		);
		if (got !== null) {
			remember(askedFor, run.id, markOf(run), keptAtMost);
			keep(got.value ? [got.value] : []);
		}
	}

	async function stepsOf(jobId: number, tally: Tally) {
		const got = await tally.without(
			`more steps of job ${jobId}`,
			rest.find(`/actions/jobs/${jobId}`, (body: RestJob) => parseJob(body), tally),
			patienceMs,
		);
		return got?.value?.steps ?? null;
	}

	async function fill(runs: readonly RunFact[], isNeeded: (run: RunFact) => boolean, tally: Tally) {
		const missing = () => runs.filter(run => isNeeded(run) && isStale(run));
		// Several at once come cheaper in the list, which is also newer than what it said beside the question.
		if (missing().length > 2) {
			await refresh(tally);
		}

		await mapLimited(missing().slice(0, singlesAtMost), 6, async run => readSingle(run, tally));
		return runs.map(run => {
			const details = known.get(run.id);
			if (details === undefined || (isOlder(details, run) && isStale(run))) {
				return run;
			}

			// REST lags behind a re-run: what it says of the attempt before is not said of this one.
			const isOfThis = !isOlder(details, run);
			return {
				...run,
				attempt: isOfThis ? details.attempt : null,
				startedAt: isOfThis ? details.startedAt : null,
				title: details.title,
				actor: details.actor,
				startedBy: details.startedBy ?? null,
				isFromFork: details.isFromFork ?? null,
				workflowPath: run.workflowPath ?? details.workflowPath,
				branch: run.branch ?? details.branch,
				...(isOfThis && awaitsApproval(run) && details.origin && {origin: details.origin}),
			};
		});
	}

	return {refresh, fill, stepsOf, firstJobs: createFirstJobs(rest)};
}
