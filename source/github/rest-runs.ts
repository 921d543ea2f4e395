/** Runs, jobs, annotations and approvals over REST; Actions: read is enough for all but annotations. */
import type {components} from '@octokit/openapi-types';
import type {JobFact, RunFact} from '../core/facts.ts';
import type {Annotation, Wait} from '../core/pipeline.ts';
import {remember} from './bounded.ts';
import {limits} from './documents.ts';
import {parseAnnotations, parseJob, parseRun, parseRuns, parseWaits, type ListedRuns} from './parse-rest.ts';
import {mapLimited, type Rest} from './rest.ts';
import type {Tally} from './tally.ts';
import {Trouble} from './trouble.ts';
import {newestAttempt} from './values.ts';

type Schemas = components['schemas'];
type JobsBody = {total_count?: number; jobs: ReadonlyArray<Schemas['job'] | null>};

const atATime = 6;
const annotationsShown = 20;
const keptAtMost = 500;
const parseJobs = (body: JobsBody) => ({jobs: body.jobs.flatMap((job) => (job && parseJob(job)) ?? []), total: body.total_count ?? 0});

export function createRestRuns(rest: Rest) {
	const jobsKnown = new Map<number, RunFact>();
	const annotationsKnown = new Map<number, Annotation[]>();
	const homes = new Map<number, number>();

	/**
	@param query below `/actions`, like `/runs?per_page=100`
	@throws {Trouble} when it cannot be read: without runs, tiers would look as if they had not started
	*/
	async function list(query: string, tally: Tally): Promise<ListedRuns & {isNew: boolean}> {
		const {value, isNew} = await rest.find(`/actions${query}`, parseRuns, tally);
		return {runs: value?.runs ?? [], total: value?.total ?? 0, isNew};
	}

	async function single(id: number, tally: Tally): Promise<RunFact | null> {
		const got = await tally.without('run', rest.find(`/actions/runs/${id}`, (body: Schemas['workflow-run']) => parseRun(body), tally));
		return got?.value ?? null;
	}

	async function pagesOfJobs(runId: number, tally: Tally): Promise<{jobs: JobFact[]; total: number} | null> {
		const jobs: JobFact[] = [];
		for (let page = 1; page <= limits.pages; page++) {
			const got = await tally.without('jobs', rest.find(`/actions/runs/${runId}/jobs?filter=latest&per_page=100${page === 1 ? '' : `&page=${page}`}`, parseJobs, tally));
			if (!got?.value) {
				return page === 1 ? null : {jobs, total: jobs.length + 1};
			}

			jobs.push(...got.value.jobs);
			if (got.value.jobs.length === 0 || jobs.length >= got.value.total) {
				break;
			}
		}

		return {jobs, total: jobs.length};
	}

	async function annotationsOf(job: JobFact, tally: Tally): Promise<Annotation[] | null> {
		if (job.status !== 'COMPLETED') {
			return null;
		}

		const known = annotationsKnown.get(job.id);
		if (known !== undefined) {
			return known;
		}

		const read = await tally.without('annotations', rest.find(`/check-runs/${job.id}/annotations?per_page=${annotationsShown}`, parseAnnotations, tally).catch((error: unknown) => {
			// Fine-grained tokens cannot have the permission. Saying "none" stops the asking.
			if (error instanceof Trouble && error.evidence.kind === 'http' && error.evidence.status === 403 && /not accessible/i.test(error.evidence.body)) {
				tally.partial.add('annotations: this token may not read them (they need the Checks permission)');
				return {value: []};
			}

			throw error;
		}));
		const annotations = read === null ? null : read.value ?? [];
		if (annotations !== null) {
			remember(annotationsKnown, job.id, annotations, keptAtMost);
		}

		return annotations;
	}

	/** Jobs of a completed run are read once for each attempt. */
	async function withJobs(run: RunFact, hotJobs: ReadonlySet<number>, tally: Tally): Promise<RunFact> {
		const known = jobsKnown.get(run.id);
		const isSame = known !== undefined && run.status === 'COMPLETED' && known.status === 'COMPLETED' && known.updatedAt === run.updatedAt && known.attempt === run.attempt;
		const read = isSame ? {jobs: known.jobs ?? [], total: known.jobsTotal ?? 0} : await pagesOfJobs(run.id, tally);
		if (read === null) {
			return run;
		}

		const newest = newestAttempt(read.jobs, run.attempt);
		const jobs = await mapLimited(newest, atATime, async (job) => hotJobs.has(job.id) ? {...job, annotations: await annotationsOf(job, tally)} : job);
		const whole: RunFact = {...run, jobs, jobsTotal: Math.max(jobs.length, read.total - read.jobs.length + jobs.length), jobsAsOf: run.updatedAt};
		remember(jobsKnown, run.id, whole, keptAtMost);
		for (const job of jobs) {
			remember(homes, job.id, run.id, 10 * keptAtMost);
		}

		return whole;
	}

	/** The run that a job belongs to. */
	async function homeOf(jobId: number, tally: Tally): Promise<number | null> {
		const known = homes.get(jobId);
		if (known !== undefined) {
			return known;
		}

		const got = await tally.without('job', rest.find(`/actions/jobs/${jobId}`, (body: Partial<Schemas['job']>) => Number(body.run_id ?? 0), tally));
		return got?.value ?? null;
	}

	async function withWaits(run: RunFact, tally: Tally): Promise<RunFact> {
		const mayWait = run.status === 'WAITING' || (run.status !== 'COMPLETED' && (run.jobs ?? []).some(({status}) => status === 'WAITING'));
		const got = mayWait ? await tally.without('pending approvals', rest.find<ReadonlyArray<Schemas['pending-deployment']>, Wait[]>(`/actions/runs/${run.id}/pending_deployments`, parseWaits, tally)) : null;
		return {...run, waits: got?.value ?? []};
	}

	return {list, single, withJobs, homeOf, withWaits};
}
