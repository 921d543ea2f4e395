/**
Runs that bring a commit to production: started by us, or by the push of a landing. Lists are read without GitHub's filters and filtered
here: the filtered ones come from a search index that lags behind.
*/
import type {components} from '@octokit/openapi-types';
import type {AskingRun} from '../../core/snapshot/attribution.ts';
import {awaitsApproval} from '../../core/evidence/approval.ts';
import type {JobFact, RunFact, Origin} from '../../core/github/facts.ts';
import {withJobList} from '../../core/github/listed-jobs.ts';
import type {Status} from '../../core/pipeline/pipeline.ts';
import {claimsDispatch, claimsPush, trustOfProductionRun, type WantedRun} from '../../core/evidence/production-run.ts';
import {sanitise} from '../../core/text/sanitise.ts';
import {isFinal, runWord} from '../../core/pipeline/words.ts';
import {headOf, type Refused} from '../branches/branches.ts';
import {asking, type Connection, needing, type Unwritten} from '../http/connection.ts';
import {type Dispatched, dispatch, type DispatchWanted} from './dispatch.ts';
import {classify} from '../failures/failures.ts';
import {createFirstJobs, type FirstJobs, jobPages} from '../read/job-pages.ts';
import {fateOf, reasonOf} from '../http/mutation.ts';
import {firstParents} from '../read/parse-graphql.ts';
import {parseCommits, parseRun, parseRuns} from '../read/parse-rest.ts';
import {waiting} from '../read/pending.ts';
import type {Rest} from '../http/rest.ts';
import type {Tally} from '../http/tally.ts';
import {Trouble} from '../failures/trouble.ts';
import {inPath, newestFirst} from '../failures/values.ts';

type Schemas = components['schemas'];

export type ProductionJob = {
	id: number;
	name: string;
	status: Status;
	/** GitHub's own word, where ours loses something. */ rawStatus?: string;
	startedAt: number | null;
	finishedAt: number | null;
	url: string | null;
};
export type ProductionRun = {
	id: number;
	attempt: number | null;
	status: Status;
	/** GitHub's own word, lower case; null: it has not ended. */
	conclusion: string | null;
	url: string;
	title: string | null;
	headSha: string;
	/** Of its workflow file: `.github/workflows/…`. */
	path: string | null;
	event: string;
	/** Of the newest attempt. */
	jobs: readonly ProductionJob[];
	/** How many it has; more than `jobs`: not all of them are listed. */
	jobsTotal: number;
	/** Environments that it waits for. */
	waits: ReadonlyArray<{environment: string; canApprove: boolean}>;
	/** It does not begin before somebody has approved it; whose code it is. */
	isHeldBack: boolean;
	actor: string | null;
	origin: Origin | null;
};
/** `doubt`: why a run that is called so was not taken; absent: there is none. */
export type Found = {ok: true; runId: number | null; doubt?: string};
export type ProductionRuns = {
	dispatch(wanted: DispatchWanted, signal?: AbortSignal): Promise<Dispatched | Refused | Unwritten>;
	/** The newest run that was dispatched on that branch and names the commit. `since`: GitHub's clock, milliseconds, as `dispatch` gives it. */
	findDispatched(
		wanted: {workflow: string; sha: string; branch: string; since: number},
		signal?: AbortSignal,
	): Promise<Found | Unwritten>;
	/** The run that a push of that commit to that branch started since then, GitHub's clock, milliseconds. `headSha`: what the branch was moved to. `isAbsent`: there is no such workflow. */
	productionRun(
		wanted: {workflow: string; headSha: string; branch: string; since: number},
		signal?: AbortSignal,
	): Promise<(Found & {isAbsent?: true}) | Unwritten>;
	/** `run` null: there is none. */
	run(id: number, signal?: AbortSignal): Promise<{ok: true; run: ProductionRun | null} | Unwritten>;
	/** Who started that very attempt of a run, by GitHub's record of it; `run` null: GitHub shows none. */
	asking(
		wanted: {runId: number; attempt: number},
		signal?: AbortSignal,
	): Promise<{ok: true; run: AskingRun | null} | Unwritten>;
	/** Asks for it; the run's state says when it is done. Refused: it has ended. */
	cancelRun(id: number, signal?: AbortSignal): Promise<{ok: true} | Refused | Unwritten>;
	/** Now, by GitHub's clock (whole seconds), milliseconds; null: it has not answered yet. */
	gitHubNow(): number | null;
};

/** GitHub tells whole seconds. */
const isSince = (at: number, since: number): boolean => at >= Math.floor(since / 1000) * 1000;

/** Runs since then that claim to be it, newest first; null: there is no such workflow. @throws {Trouble} */
async function claiming(
	rest: Rest,
	workflow: string,
	since: number,
	claims: (run: RunFact) => boolean,
	tally: Tally,
): Promise<readonly RunFact[] | null> {
	const {value} = await rest.find(
		`/actions/workflows/${encodeURIComponent(workflow)}/runs?per_page=100`,
		parseRuns,
		tally,
	);
	return value === null
		? null
		: value.runs.filter(run => claims(run) && isSince(run.createdAt, since)).sort(newestFirst);
}

/** The branch's own commits by first parents, newest first, as far as they are needed to find those; null: there is no such branch. @throws {Trouble} */
async function historyOf(
	rest: Rest,
	branch: string,
	shas: readonly string[],
	tally: Tally,
): Promise<readonly string[] | null> {
	const head = await headOf(rest, branch, tally);
	if (head === null || shas.every(sha => sha === head)) {
		return head === null ? null : [head];
	}

	const {value} = await rest.find(`/commits?sha=${head}&per_page=100`, parseCommits, tally);
	return value === null ? null : firstParents(value, value.length).map(({sha}) => sha);
}

/** The newest of them that is what it claims to be. */
function judged(runs: readonly RunFact[], wanted: WantedRun): {trusted: readonly RunFact[]; doubt: {doubt?: string}} {
	const each = runs.map(run => ({run, trust: trustOfProductionRun(run, wanted)}));
	const [doubtful] = each.flatMap(({run, trust}) =>
		trust.trusted === true ? [] : [`run ${run.id} is called so, but ${trust.because}`],
	);
	return {
		trusted: each.filter(({trust}) => trust.trusted === true).map(({run}) => run),
		doubt: doubtful === undefined ? {} : {doubt: sanitise(doubtful, 300)},
	};
}

async function dispatchedRun(
	rest: Rest,
	{workflow, sha, branch, since}: Parameters<ProductionRuns['findDispatched']>[0],
	tally: Tally,
): Promise<Found> {
	const runs = (await claiming(rest, workflow, since, run => claimsDispatch(run, sha), tally)) ?? [];
	if (runs.length === 0) {
		return {ok: true, runId: null};
	}

	const history = await historyOf(
		rest,
		branch,
		runs.map(({headSha}) => headSha),
		tally,
	);
	const {
		trusted: [newest],
		doubt,
	} = judged(runs, {workflow, branch, sha, history});
	return newest ? {ok: true, runId: newest.id} : {ok: true, runId: null, ...doubt};
}

/** A tag may be called like the branch, and what its push starts looks the same but for that. */
async function pushedRun(
	rest: Rest,
	{workflow, headSha, branch, since}: Parameters<ProductionRuns['productionRun']>[0],
	tally: Tally,
): Promise<Found & {isAbsent?: true}> {
	const runs = await claiming(rest, workflow, since, run => claimsPush(run, headSha), tally);
	if (runs === null) {
		return {ok: true, runId: null, isAbsent: true};
	}

	const {
		trusted: [newest, ...others],
		doubt,
	} = judged(runs, {workflow, branch, sha: headSha, history: [headSha]});
	if (!newest) {
		return {ok: true, runId: null, ...doubt};
	}

	if (others.length > 0) {
		return {ok: true, runId: null, doubt: `${others.length + 1} runs look like the push's own`};
	}

	const {value: tag} = await rest.find(`/git/ref/tags/${inPath(branch)}`, () => true, tally);
	return tag === null
		? {ok: true, runId: newest.id}
		: {
				ok: true,
				runId: null,
				doubt: sanitise(`a tag is called ${branch}, and run ${newest.id} may be its own`, 300),
			};
}

/** @throws {Trouble} */
async function jobsOf(rest: Rest, run: RunFact, firstJobs: FirstJobs, tally: Tally): Promise<RunFact> {
	return withJobList(run, (await jobPages(rest, run.id, tally)) ?? {jobs: [], total: 0}, await firstJobs(run, tally));
}

const productionJob = (job: JobFact): ProductionJob => ({
	id: job.id,
	name: sanitise(job.name, 200),
	...runWord(job.status, job.conclusion),
	startedAt: job.startedAt,
	finishedAt: job.finishedAt,
	url: job.url,
});

/** A token that may not read them has nothing to approve. */
async function waitsOf(rest: Rest, id: number, tally: Tally): Promise<ProductionRun['waits']> {
	try {
		return (await waiting(rest, id, tally)).map(({environment, canApprove}) => ({environment, canApprove}));
	} catch (error) {
		if (
			error instanceof Trouble &&
			error.evidence.kind === 'http' &&
			error.evidence.status === 403 &&
			/not accessible/i.test(error.evidence.body)
		) {
			return [];
		}

		throw error;
	}
}

/** Nothing stands in for an actor that GitHub does not name: `actor` of the first attempt least of all. */
const askingRun = ({id, event, html_url: url, triggering_actor: actor}: Schemas['workflow-run']): AskingRun => ({
	runId: Number(id),
	event,
	actor: typeof actor?.login === 'string' ? sanitise(actor.login, 100) : null,
	isPerson: actor?.type === 'User',
	url,
});

async function read(rest: Rest, id: number, firstJobs: FirstJobs, tally: Tally): Promise<ProductionRun | null> {
	const {value} = await rest.find(`/actions/runs/${id}`, (body: Schemas['workflow-run']) => parseRun(body), tally);
	if (value === null) {
		return null;
	}

	const run = await jobsOf(rest, value, firstJobs, tally);
	const {status} = runWord(run.status, run.conclusion);
	const jobs = (run.jobs ?? []).map(job => productionJob(job));
	const mayWait = !isFinal(status) && (status === 'waiting' || jobs.some(job => job.status === 'waiting'));
	return {
		id,
		attempt: run.attempt,
		status,
		conclusion: run.conclusion?.toLowerCase() ?? null,
		url: value.url,
		title: value.title === null ? null : sanitise(value.title, 200),
		headSha: value.headSha,
		path: value.workflowPath,
		event: value.event,
		jobs,
		jobsTotal: run.jobsTotal ?? jobs.length,
		waits: mayWait ? await waitsOf(rest, id, tally) : [],
		isHeldBack: awaitsApproval(run),
		actor: run.actor,
		origin: run.origin ?? null,
	};
}

export function productionRuns(original: Connection): ProductionRuns {
	const connection = needing(
		original,
		'write access to Actions of the repository (classic tokens: the scope "repo")',
	);
	const {rest, circumstances, transport, clock} = connection;
	const firstJobs = createFirstJobs(rest);

	async function cancel(id: number, tally: Tally): Promise<{ok: true} | Refused> {
		try {
			await rest.post(`/actions/runs/${id}/cancel`, {}, () => true, tally);
			return {ok: true};
		} catch (error) {
			// A missing scope also comes as 404.
			const isMissing =
				error instanceof Trouble && classify(error.evidence, circumstances()).kind === 'not-found';
			if (error instanceof Trouble && (isMissing || fateOf(error, circumstances()) === 'refused')) {
				return {
					ok: false,
					kind: 'refused',
					because: isMissing ? `there is no run ${id}` : reasonOf(error, circumstances()),
					next: `Look at run ${id}.`,
				};
			}

			throw error;
		}
	}

	return {
		dispatch: async (wanted, signal) => dispatch(connection, wanted, signal),
		findDispatched: async (wanted, signal) =>
			asking(connection, signal, async tally => dispatchedRun(rest, wanted, tally)),
		productionRun: async (wanted, signal) =>
			asking(connection, signal, async tally => pushedRun(rest, wanted, tally)),
		run: async (id, signal) =>
			asking(connection, signal, async tally => ({
				ok: true as const,
				run: await read(rest, id, firstJobs, tally),
			})),
		asking: async ({runId, attempt}, signal) =>
			asking(connection, signal, async tally => ({
				ok: true as const,
				run: (
					await rest.find(
						`/actions/runs/${runId}/attempts/${attempt}`,
						(body: Schemas['workflow-run']) => askingRun(body),
						tally,
					)
				).value,
			})),
		cancelRun: async (id, signal) => asking(connection, signal, async tally => cancel(id, tally)),
		gitHubNow() {
			const skewMs = transport.skewMs();
			return skewMs === null ? null : clock.now() + skewMs;
		},
	};
}
