/** The jobs of a run over REST, from all pages: those of the newest attempt, as far as GitHub lists them. */
import type {components} from '@octokit/openapi-types';
import type {JobFact, RunFact} from '../../core/github/facts.ts';
import type {JobList} from '../../core/github/listed-jobs.ts';
import {remember} from '../http/bounded.ts';
import {limits} from '../queries/documents.ts';
import {parseJob} from './parse-rest.ts';
import type {Rest} from '../http/rest.ts';
import type {Tally} from '../http/tally.ts';

type JobsBody = {total_count?: number; jobs: ReadonlyArray<components['schemas']['job'] | null>};
type Page = {jobs: JobFact[]; listed: number; total: number};
type Read = {value: Page | null};

const keptAtMost = 1000;
/** What a reading can do without must not hold it up. */
const patienceMs = 5000;

const parsePage = (body: JobsBody): Page => ({
	jobs: body.jobs.flatMap(job => (job && parseJob(job)) ?? []),
	listed: body.jobs.length,
	total: body.total_count ?? 0,
});

/**
@param soften what becomes of a page that fails; by default it throws. From null on nothing more is read.
@returns null: there is no such run, or its first page was not read
@throws {Trouble}
*/
export async function jobPages(
	rest: Rest,
	runId: number,
	tally: Tally,
	soften: (page: Promise<Read>) => Promise<Read | null> = async page => page,
): Promise<JobList | null> {
	const jobs: JobFact[] = [];
	let [listed, total] = [0, 0];
	for (let number = 1; number <= limits.pages; number++) {
		const page = (
			await soften(
				rest.find(
					`/actions/runs/${runId}/jobs?filter=latest&per_page=100${number === 1 ? '' : `&page=${number}`}`,
					parsePage,
					tally,
				),
			)
		)?.value;
		if (!page) {
			return number === 1 ? null : {jobs, total: Math.max(total, jobs.length + 1)};
		}

		jobs.push(...page.jobs);
		listed += page.listed;
		total = Math.max(total, page.total, listed);
		if (page.listed === 0 || listed >= page.total) {
			break;
		}
	}

	return {jobs, total};
}

export type FirstJobs = (run: RunFact, tally: Tally) => Promise<number | null>;

/** How many jobs a run that was repeated had at first: asked once, when it is over. null: it was not repeated, goes on, or nobody tells. */
export function createFirstJobs(rest: Rest): FirstJobs {
	const known = new Map<number, number>();
	return async ({id, attempt, status}, tally) => {
		if (attempt === null || attempt < 2 || status !== 'COMPLETED') {
			return null;
		}

		const before = known.get(id);
		const got =
			before === undefined
				? await tally.without(
						'jobs of the first attempt',
						rest.find(`/actions/runs/${id}/attempts/1/jobs?per_page=1`, parsePage, tally),
						patienceMs,
					)
				: null;
		return got?.value ? remember(known, id, got.value.total, keptAtMost) : (before ?? null);
	};
}
