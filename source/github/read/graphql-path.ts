/** Answers both questions over GraphQL, with REST beside it for what GraphQL lacks. */
import {commitsRead} from '../../core/polling/attention.ts';
import type {JobFact, Question, Reading, RunFact, Unread} from '../../core/github/facts.ts';
import {withJobList} from '../../core/github/listed-jobs.ts';
import type {Settings} from '../../core/settings/settings.ts';
import {limits} from '../queries/documents.ts';
import type * as generated from '../queries/documents.generated.ts';
import {readRules} from './environment-rules.ts';
import {needsRest} from '../failures/failures.ts';
import type {Graphql, Replied} from '../http/graphql.ts';
import {moreJobs, moreSuites, withWaits} from './graphql-pages.ts';
import {
	firstParents,
	goesOn,
	hasTeams,
	matched,
	mergeRuns,
	nodesOf,
	parseAnnotations,
	parseCommit,
	parseDeployments,
	parseJob,
	parseRefs,
	parseRules,
	parseSteps,
	parseSuite,
	parseWaits,
	statusesName,
} from './parse-graphql.ts';
import {mapLimited, type Rest} from '../http/rest.ts';
import type {RunDetails} from './run-details.ts';
import type {Tally} from '../http/tally.ts';
import {isAbsence, Trouble, type GraphqlError} from '../failures/trouble.ts';
import {createMemory} from './memory.ts';
import {stepsRead} from '../failures/values.ts';
import {isOfTier, type WorkflowIds} from './workflow-ids.ts';

export type ReadFacts = Reading['facts'];
/** null: this token or server needs the REST path. */
export type Path = {
	/** `commits`: so many of the staging branch, at most `limits.commits`. */
	overview(commits: number, tally: Tally): Promise<ReadFacts | null>;
	active(question: ActiveQuestion, tally: Tally): Promise<ReadFacts | null>;
};
export type ActiveQuestion = Extract<Question, {kind: 'active'}>;

const noCommit = '0'.repeat(40);

type Parts = {
	graphql: Graphql;
	rest: Rest;
	details: RunDetails;
	workflowIds: WorkflowIds;
	settings: Settings;
	repository: string;
};
type Suite = generated.SuiteBitsFragment;
type Workflows = generated.ActiveQuery['workflows'] | undefined;
type Waiting = generated.ActiveQuery['waiting'];
type AskedSuite = Exclude<
	NonNullable<NonNullable<generated.ActiveQuery['suites']>[number]>,
	Record<PropertyKey, never>
>;

const runsOf = (suites: readonly Suite[]): RunFact[] => suites.flatMap(suite => parseSuite(suite) ?? []);
const suitesOfWorkflows = (workflows: Workflows): Suite[] =>
	matched(workflows).flatMap(({runs}) => nodesOf(runs).map(({checkSuite}) => checkSuite));
const waitsOf = (waiting: Waiting) => new Map(matched(waiting).map(suite => [suite.id, parseWaits(suite)]));

type OverviewRepository = NonNullable<generated.OverviewQuery['repository']>;
const historyOf = ({staging}: OverviewRepository) =>
	staging?.target && 'history' in staging.target ? staging.target.history : null;
function commitsOf(read: OverviewRepository, wanted: number) {
	const history = historyOf(read);
	const listed = nodesOf(history).map(commit => ({
		...commit,
		sha: commit.oid,
		parent: nodesOf(commit.parents)[0]?.oid ?? null,
	}));
	// A commit that an error took away breaks the chain: then too many commits are better than too few.
	return listed.length < (history?.nodes?.length ?? 0) ? listed.slice(0, wanted) : firstParents(listed, wanted);
}

/** The branch's own history as far as it was read without a gap; undefined: not even its head. */
function trunkOf(read: OverviewRepository): string[] | undefined {
	const listed = nodesOf(historyOf(read)).map(({oid, parents}) => ({
		sha: oid,
		parent: nodesOf(parents)[0]?.oid ?? null,
	}));
	return listed.length === 0 || listed[0]?.sha !== read.staging?.target?.oid
		? undefined
		: firstParents(listed, listed.length).map(({sha}) => sha);
}

/** Whether an error took something below the repository away. What is not there was not taken. */
const lostBy =
	(errors: readonly GraphqlError[]) =>
	(value: unknown, ...path: string[]): boolean =>
		(value === null || value === undefined) &&
		errors.some(
			error =>
				!isAbsence(error) && (error.path ?? []).every((part, index) => part === ['repository', ...path][index]),
		);

/** By SHA, those whose statuses an error took away: null otherwise means that there are none. */
function withoutStatuses(
	commits: ReadonlyArray<{at: ReadonlyArray<string | number>; oid: string; status: unknown}>,
	{errors, headers}: Pick<Replied<unknown>, 'errors' | 'headers'>,
	tally: Tally,
) {
	const lost = new Map<string, Unread>();
	for (const {at, oid, status} of commits) {
		const path = ['repository', ...at, 'status'];
		const taking = status
			? []
			: errors.filter(
					error =>
						!isAbsence(error) &&
						error.path?.includes('status') &&
						path.every((part, index) => part === error.path![index]),
				);
		if (taking.length > 0) lost.set(oid, tally.missed(statusesName, {kind: 'errors', headers, errors: taking}));
	}
	return lost;
}

const identityOf = (read: OverviewRepository) => ({
	repository: read.nameWithOwner,
	url: read.url,
	defaultBranch: read.defaultBranchRef?.name ?? null,
	viewerPermission: read.viewerPermission,
});

export function createGraphqlPath({graphql, rest, details, workflowIds, settings, repository}: Parts): Path {
	const memory = createMemory(commitsRead.usual);
	const {branches} = settings;
	const [owner = '', name = ''] = repository.split('/');
	const others = settings.environments
		.map(environment => environment.name)
		.filter(one => one !== 'staging' && one !== 'production');
	const ofTier = isOfTier(settings);
	const common = {
		owner,
		name,
		stagingRef: `refs/heads/${branches.staging}`,
		stagingBranch: branches.staging,
		productionRef: `refs/heads/${branches.production}`,
	};

	/** What an error took away is left out: an overview replaces, and nothing is not the same as not read. */
	function whatWasRead(
		read: OverviewRepository,
		wanted: number,
		{errors, headers}: Pick<Replied<unknown>, 'errors' | 'headers'>,
		tally: Tally,
	): Partial<ReadFacts> {
		const isLost = lostBy(errors);
		const hasDeployments = !isLost(read.onStaging, 'onStaging') && !isLost(read.onProduction, 'onProduction');
		if (!hasDeployments) {
			tally.missed('deployments', {
				kind: 'errors',
				headers,
				errors: errors.filter(
					({path}) =>
						path === undefined || path.length === 1 || /^on(Staging|Production)$/.test(String(path[1])),
				),
			});
		}

		const listed = (historyOf(read)?.nodes ?? []).flatMap((commit, index) =>
			commit ? [{...commit, at: ['staging', 'target', 'history', 'nodes', index]}] : [],
		);
		const unread = withoutStatuses(listed, {errors, headers}, tally);
		const trunk = trunkOf(read);
		const commits = commitsOf(read, wanted);
		const deployments = [read.onStaging, read.onProduction, read.onOthers];
		return {
			...(!isLost(read.production, 'production') &&
				!isLost(read.staging, 'staging') && {refs: parseRefs(read, branches)}),
			...(!isLost(historyOf(read), 'staging', 'target', 'history') && {
				commits: commits.map(commit => parseCommit(commit, unread.get(commit.oid))),
				hasOlder: goesOn(commits),
			}),
			...(trunk && {trunk}),
			...(!isLost(read.productionEnvironment, 'productionEnvironment') && {
				productionRules: parseRules(read.productionEnvironment),
			}),
			...(hasDeployments && {deployments: parseDeployments(deployments)}),
		};
	}

	/** The reply, or null when this has to go over REST. */
	async function queryUnlessRefused<Reply extends {errors: readonly GraphqlError[]}>(
		query: Promise<Reply>,
	): Promise<Reply | null> {
		try {
			const reply = await query;
			return needsRest(reply.errors) ? null : reply;
		} catch (error) {
			if (error instanceof Trouble && error.evidence.kind === 'errors' && needsRest(error.evidence.errors)) {
				return null;
			}

			throw error;
		}
	}

	function forgetLostWorkflows(ids: readonly string[], errors: readonly GraphqlError[]) {
		for (const {path, type} of errors) {
			const id = path?.[0] === 'workflows' && type === 'NOT_FOUND' ? ids[Number(path[1])] : undefined;
			if (id !== undefined) {
				workflowIds.forget(id);
			}
		}
	}

	async function overview(wanted: number, tally: Tally): Promise<ReadFacts | null> {
		const workflows = await workflowIds.read(tally);
		const {waiting} = memory;
		const [reply] = await Promise.all([
			queryUnlessRefused(
				graphql.query(
					'overview',
					{
						...common,
						commits: Math.max(wanted, memory.commits),
						suites: memory.suites,
						staging: 'staging',
						production: 'production',
						others,
						hasOthers: others.length > 0,
						workflows,
						waiting,
						hasWaiting: waiting.length > 0,
					},
					tally,
				),
			),
			details.refresh(tally),
		]);
		if (reply === null) {
			return null;
		}

		const {
			data: {repository: read, workflows: runs, waiting: waits},
			errors,
			headers,
		} = reply;
		if (!read) {
			throw new Trouble({kind: 'errors', headers, errors});
		}

		forgetLostWorkflows(workflows, errors);
		const history = historyOf(read);
		const commits = commitsOf(read, wanted);
		// Merges hide commits in the history: then more of it is read.
		memory.commits =
			commits.length < commitsRead.usual && history?.pageInfo.hasNextPage ? limits.commits : memory.commits;
		memory.suites = Math.min(
			limits.suites,
			Math.max(memory.suites, ...commits.map(({checkSuites}) => checkSuites?.totalCount ?? 0)),
		);

		const suites = [
			...commits.flatMap(({checkSuites}) => nodesOf(checkSuites)),
			...(await moreSuites(graphql, commits, tally)),
			...suitesOfWorkflows(runs),
		];
		const filled = await details.fill(mergeRuns(runsOf(suites)), ofTier, tally);
		const whole = await withWaits(graphql, filled, waitsOf(waits), tally);
		memory.learn(whole, true);
		const named = hasTeams(read.productionEnvironment) ? await readRules(rest, repository, tally) : null;
		return {
			...identityOf(read),
			runs: whole,
			...whatWasRead(read, wanted, reply, tally),
			...(named && {productionRules: named}),
		};
	}

	function activeVariables(
		{suites, hotJobs, commits}: ActiveQuestion,
		workflows: string[],
	): generated.ActiveQueryVariables {
		// A job's steps can only be told within its run, so the runs of hot jobs are read along.
		const hot = hotJobs.slice(0, limits.hotJobs);
		const ids = [
			...suites.map(({suiteId, runId}) => suiteId ?? memory.suiteOfRun.get(runId)),
			...hot.map(({id}) => memory.homes.get(id)),
		];
		const suiteIds = [...new Set(ids.filter(id => id !== undefined))].slice(0, limits.activeSuites);
		const hotIds = [...new Set(hot.flatMap(({nodeId}) => nodeId ?? []))];
		return {
			...common,
			commitSuites: memory.suites,
			workflows,
			commit0: commits[0] ?? noCommit,
			commit1: commits[1] ?? noCommit,
			commit2: commits[2] ?? noCommit,
			hasCommit0: commits.length > 0,
			hasCommit1: commits.length > 1,
			hasCommit2: commits.length > 2,
			suites: suiteIds,
			hasSuites: suiteIds.length > 0,
			hot: hotIds,
			hasHot: hotIds.length > 0,
			waiting: memory.waiting,
			hasWaiting: memory.waiting.length > 0,
		};
	}

	async function withHotBits(
		job: JobFact,
		bits: generated.HotBitsFragment | undefined,
		tally: Tally,
	): Promise<JobFact> {
		if (bits === undefined) {
			return job;
		}

		const steps = parseSteps(bits);
		const isCut = (bits.steps?.totalCount ?? 0) > (steps?.length ?? 0);
		const all = isCut ? ((await details.stepsOf(job.id, tally)) ?? steps) : steps;
		// Annotations of a job that still runs are not all there yet: not read, rather than none.
		return {
			...job,
			steps: all && stepsRead(all, job),
			annotations: job.status === 'COMPLETED' ? parseAnnotations(bits) : null,
		};
	}

	async function withJobs(
		run: RunFact,
		suite: AskedSuite | undefined,
		hot: ReadonlyMap<string, generated.HotBitsFragment>,
		tally: Tally,
	): Promise<RunFact> {
		if (!suite?.checkRuns) {
			return run;
		}

		const {jobs, total} = await moreJobs(graphql, suite.id, suite.checkRuns, tally);
		const listed = withJobList(
			run,
			{jobs: jobs.flatMap(job => parseJob(job) ?? []), total},
			await details.firstJobs(run, tally),
		);
		return {
			...listed,
			jobs: await mapLimited(listed.jobs ?? [], 3, async job =>
				withHotBits(job, hot.get(job.nodeId ?? ''), tally),
			),
		};
	}

	async function active(question: ActiveQuestion, tally: Tally): Promise<ReadFacts | null> {
		const workflows = await workflowIds.read(tally);
		const reply = await queryUnlessRefused(graphql.query('active', activeVariables(question, workflows), tally));
		if (reply === null) {
			return null;
		}

		const {data, errors, headers} = reply;
		if (!data.repository) {
			throw new Trouble({kind: 'errors', headers, errors});
		}

		forgetLostWorkflows(workflows, errors);
		const {commit0, commit1, commit2, production, staging} = data.repository;
		const isLost = lostBy(errors);
		const commits = matched([commit0, commit1, commit2].map(commit => commit ?? null));
		const unread = withoutStatuses(
			Object.entries({commit0, commit1, commit2}).flatMap(([field, commit]) =>
				matched([commit ?? null]).map(one => ({...one, at: [field]})),
			),
			reply,
			tally,
		);
		const asked = new Map(matched(data.suites).map(suite => [suite.id, suite]));
		const hot = new Map(matched(data.hot).map(job => [job.id, job]));
		const suites = [
			...asked.values(),
			...commits.flatMap(({checkSuites}) => nodesOf(checkSuites)),
			...(await moreSuites(graphql, commits, tally)),
			...suitesOfWorkflows(data.workflows),
		];
		const filled = await details.fill(mergeRuns(runsOf(suites)), ofTier, tally);
		const runs = await mapLimited(filled, 3, async run => withJobs(run, asked.get(run.suiteId ?? ''), hot, tally));
		const whole = await withWaits(graphql, runs, waitsOf(data.waiting), tally);
		memory.learn(whole, false);
		return {
			...(!isLost(production, 'production') &&
				!isLost(staging, 'staging') && {refs: parseRefs(data.repository, branches)}),
			runs: whole,
			commits: commits.map(commit => parseCommit(commit, unread.get(commit.oid))),
			deployments: parseDeployments(commits.map(({deployments}) => deployments)),
		};
	}

	return {overview, active};
}
