/** Runs, jobs, annotations and approvals over REST; Actions: read is enough for all but annotations. */
import type {components} from '@octokit/openapi-types';
import type {JobFact, RunFact, Annotation, Wait} from '../../core/github/facts.ts';
import {lacksJobs, withJobList} from '../../core/github/listed-jobs.ts';
import {remember} from '../http/bounded.ts';
import {createFirstJobs, jobPages} from './job-pages.ts';
import {parseAnnotations, parseRun, parseRuns, parseWaits, type ListedRuns} from './parse-rest.ts';
import {mapLimited, type Rest} from '../http/rest.ts';
import type {Tally} from '../http/tally.ts';
import {Trouble} from '../failures/trouble.ts';

type Schemas = components['schemas'];

const atATime = 6;
const annotationsShown = 20;
const keptAtMost = 500;

export function createRestRuns(rest: Rest) {
	const firstJobs = createFirstJobs(rest);
	const jobsKnown = new Map<number, RunFact>();
	/** By id and end: a job that is repeated may keep its id. */
	const annotationsKnown = new Map<string, Annotation[]>();
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
		const got = await tally.without(
			'run',
			rest.find(`/actions/runs/${id}`, (body: Schemas['workflow-run']) => parseRun(body), tally),
		);
		return got?.value ?? null;
	}

	async function annotationsOf(job: JobFact, tally: Tally): Promise<Annotation[] | null> {
		if (job.status !== 'COMPLETED') {
			return null;
		}

		const key = `${job.id} ${job.finishedAt}`;
		const known = annotationsKnown.get(key);
		if (known !== undefined) {
			return known;
		}

		const read = await tally.without(
			'annotations',
			rest
				.find(`/check-runs/${job.id}/annotations?per_page=${annotationsShown}`, parseAnnotations, tally)
				.catch((error: unknown) => {
					// Fine-grained tokens cannot have the permission. Saying "none" stops the asking.
					if (
						error instanceof Trouble &&
						error.evidence.kind === 'http' &&
						error.evidence.status === 403 &&
						/not accessible/i.test(error.evidence.body)
					) {
						tally.partial.add(
							'annotations: this token may not read them (they need the Checks permission)',
						);
						return {value: []};
					}

					throw error;
				}),
		);
		const annotations = read === null ? null : (read.value ?? []);
		if (annotations !== null) {
			remember(annotationsKnown, key, annotations, keptAtMost);
		}

		return annotations;
	}

	/** Jobs of a completed run are read once for each attempt, as soon as all of them are listed. */
	async function withJobs(run: RunFact, hotJobs: ReadonlySet<number>, tally: Tally): Promise<RunFact> {
		const known = jobsKnown.get(run.id);
		const isSame =
			known !== undefined &&
			!lacksJobs(known) &&
			run.status === 'COMPLETED' &&
			known.status === 'COMPLETED' &&
			known.updatedAt === run.updatedAt &&
			known.attempt === run.attempt;
		const read = isSame
			? {jobs: known.jobs ?? [], total: known.jobsTotal ?? 0}
			: await jobPages(rest, run.id, tally, async page => tally.without('jobs', page));
		if (read === null) {
			return run;
		}

		const listed = withJobList(run, read, isSame ? null : await firstJobs(run, tally));
		const jobs = await mapLimited(listed.jobs ?? [], atATime, async job =>
			hotJobs.has(job.id) ? {...job, annotations: await annotationsOf(job, tally)} : job,
		);
		const whole: RunFact = {...listed, jobs};
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

		const got = await tally.without(
			'job',
			rest.find(`/actions/jobs/${jobId}`, (body: Partial<Schemas['job']>) => Number(body.run_id ?? 0), tally),
		);
		return got?.value ?? null;
	}

	async function withWaits(run: RunFact, tally: Tally): Promise<RunFact> {
		const mayWait =
			run.status === 'WAITING' ||
			(run.status !== 'COMPLETED' && (run.jobs ?? []).some(({status}) => status === 'WAITING'));
		const got = mayWait
			? await tally.without(
					'pending approvals',
					rest.find<ReadonlyArray<Schemas['pending-deployment']>, Wait[]>(
						`/actions/runs/${run.id}/pending_deployments`,
						parseWaits,
						tally,
					),
				)
			: null;
		return {...run, waits: got?.value ?? []};
	}

	return {list, single, withJobs, homeOf, withWaits};
}
