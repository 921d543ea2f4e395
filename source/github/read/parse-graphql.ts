/** Answers of GraphQL to facts. Pure; null nodes are left out, unknown words kept. */
import type {
	CommitFact,
	DeploymentFact,
	EnvironmentRules,
	JobFact,
	RefFacts,
	RunFact,
	StepFact,
	Unread,
	Annotation,
	Wait,
} from '../../core/github/facts.ts';
import type * as generated from '../queries/documents.generated.ts';
import {
	annotationLevel,
	atLeastSomebody,
	finishTime,
	idOrNull,
	newestFirst,
	payload,
	startTime,
	textOrNull,
	time,
	word,
	wordOrNull,
} from '../failures/values.ts';

type Connection<Node> = {readonly nodes: ReadonlyArray<Node | null> | null} | null | undefined;
type Unmatched = Record<PropertyKey, never>;

export const nodesOf = <Node>(connection: Connection<Node>): Node[] =>
	(connection?.nodes ?? []).filter(node => node !== null && node !== undefined);

/** Of `nodes(ids:)`: those that were found and are of the type that was asked for. */
export const matched = <Node extends object>(
	nodes: ReadonlyArray<Node | Unmatched | null> | null | undefined,
): Node[] =>
	(nodes ?? []).filter((node): node is Node => node !== null && node !== undefined && Object.keys(node).length > 0);

/** `/o/n/actions/workflows/deploy.yml` to the path in the repository; GitHub's own workflows have a number there. */
function pathFromResource(resourcePath: string | undefined): string | null {
	const file = resourcePath?.split('/').at(-1) ?? '';
	return /\.ya?ml$/.test(file) ? `.github/workflows/${file}` : null;
}

/** As REST and the web page spell it: `github-actions[bot]`. */
const parseActor = (actor: {readonly __typename: string; readonly login: string} | null): string | null =>
	actor && (actor.__typename === 'Bot' && !actor.login.endsWith('[bot]') ? `${actor.login}[bot]` : actor.login);

/** null for suites of other apps, which have no run. */
export function parseSuite(suite: generated.SuiteBitsFragment): RunFact | null {
	const run = suite.workflowRun;
	const id = idOrNull(run?.databaseId);
	if (!run || id === null) {
		return null;
	}

	const createdAt = time(run.createdAt) ?? time(suite.createdAt) ?? 0;
	return {
		id,
		suiteId: suite.id,
		workflowPath: run.file?.path ?? pathFromResource(run.workflow?.resourcePath),
		workflowName: run.workflow?.name ?? '',
		event: run.event,
		headSha: suite.commit.oid,
		branch: suite.branch?.name ?? null,
		number: idOrNull(run.runNumber),
		attempt: null,
		title: null,
		actor: null,
		status: word(suite.status),
		conclusion: wordOrNull(suite.conclusion),
		createdAt,
		startedAt: null,
		updatedAt: time(run.updatedAt) ?? createdAt,
		url: run.url,
		jobs: null,
		jobsTotal: null,
		jobsAsOf: null,
		waits: [],
	};
}

export function parseJob(job: generated.JobBitsFragment): JobFact | null {
	const id = idOrNull(job.databaseId);
	const status = word(job.status);
	return id === null
		? null
		: {
				id,
				nodeId: job.id,
				name: job.name,
				attempt: null,
				status,
				conclusion: wordOrNull(job.conclusion),
				startedAt: startTime(status, job.startedAt),
				finishedAt: finishTime(status, job.completedAt),
				url: job.detailsUrl ?? job.permalink,
				steps: null,
				annotations: null,
			};
}

export const parseSteps = (hot: generated.HotBitsFragment): StepFact[] | null =>
	hot.steps &&
	nodesOf(hot.steps)
		.map(step => {
			const status = word(step.status);
			return {
				number: step.number,
				name: step.name,
				status,
				conclusion: wordOrNull(step.conclusion),
				startedAt: startTime(status, step.startedAt),
				finishedAt: finishTime(status, step.completedAt),
			};
		})
		.sort((a, b) => a.number - b.number);

export const parseAnnotations = (hot: generated.HotBitsFragment): Annotation[] | null =>
	hot.annotations &&
	nodesOf(hot.annotations).map(annotation => ({
		level: annotationLevel(annotation.annotationLevel),
		path: annotation.path,
		line: annotation.location?.start.line ?? null,
		title: textOrNull(annotation.title),
		message: annotation.message,
	}));

export const parseWaits = (suite: generated.WaitBitsFragment): Wait[] =>
	nodesOf(suite.workflowRun?.pendingDeploymentRequests).map(request => ({
		environment: request.environment.name,
		canApprove: request.currentUserCanApprove,
		waitMinutes: request.waitTimer,
		waitingSince: time(request.waitTimerStartedAt),
	}));

/** What a reading without them is said to lack. */
export const statusesName = 'commit statuses';

/** `unread`: why its statuses are not there; null: there is nothing wrong with them. */
export const parseCommit = (commit: generated.CommitBitsFragment, unread: Unread | null = null): CommitFact => ({
	...(unread && {statusesUnread: unread}),
	sha: commit.oid,
	nodeId: commit.id,
	headline: commit.messageHeadline,
	author: commit.author?.user?.login ?? commit.author?.name ?? '',
	committedAt: time(commit.committedDate) ?? 0,
	url: commit.url,
	statuses: (commit.status?.contexts ?? [])
		.map(status => ({
			context: status.context,
			state: word(status.state),
			targetUrl: textOrNull(status.targetUrl),
			description: textOrNull(status.description),
			createdAt: time(status.createdAt) ?? 0,
			creator: parseActor(status.creator),
		}))
		.sort((a, b) => (a.context < b.context ? -1 : 1)),
});

type ProductionEnvironment = NonNullable<generated.OverviewQuery['repository']>['productionEnvironment'];
const reviewersOf = (environment: ProductionEnvironment) =>
	nodesOf(environment?.protectionRules).flatMap(({reviewers}) => nodesOf(reviewers));
export const hasTeams = (environment: ProductionEnvironment): boolean =>
	reviewersOf(environment).some(({__typename}) => __typename === 'Team');

/** Without such an environment nothing is asked for. A team has no name here. */
export const parseRules = (environment: ProductionEnvironment): EnvironmentRules => {
	const rules = nodesOf(environment?.protectionRules);
	return {
		reviewers: atLeastSomebody(
			reviewersOf(environment).map(one => ('login' in one ? one.login : 'a team')),
			rules.some(({type}) => type === 'REQUIRED_REVIEWERS'),
		),
		waitMinutes: Math.max(0, ...rules.filter(({type}) => type === 'WAIT_TIMER').map(({timeout}) => timeout)),
	};
};

export function parseDeployment(deployment: generated.DeploymentBitsFragment): DeploymentFact | null {
	const id = idOrNull(deployment.databaseId);
	const latest = deployment.latestStatus;
	const createdAt = time(deployment.createdAt) ?? 0;
	return id === null
		? null
		: {
				id,
				commitSha: deployment.commitOid,
				environment: deployment.environment ?? '',
				// The status and not `Deployment.state`: REST has no other, and both paths must say the same.
				state: word(latest?.state ?? deployment.state),
				payload: payload(deployment.payload),
				logUrl: textOrNull(latest?.logUrl),
				environmentUrl: textOrNull(latest?.environmentUrl),
				description: textOrNull(latest?.description) ?? textOrNull(deployment.description),
				creator: parseActor(deployment.creator),
				reporter: parseActor(latest?.creator ?? null),
				createdAt,
				updatedAt: time(deployment.updatedAt) ?? createdAt,
			};
}

/** Each once, newest first. */
export const parseDeployments = (
	connections: ReadonlyArray<Connection<generated.DeploymentBitsFragment>>,
): DeploymentFact[] =>
	[
		...new Map(
			connections
				.flatMap(connection => nodesOf(connection))
				.flatMap(node => parseDeployment(node) ?? [])
				.map(one => [one.id, one]),
		).values(),
	].sort(newestFirst);

type Repository = NonNullable<generated.ActiveQuery['repository']>;
export const parseRefs = (
	repository: Pick<Repository, 'staging' | 'production'>,
	branches: {staging: string; production: string},
): RefFacts => ({
	staging: {name: branches.staging, sha: repository.staging?.target?.oid ?? null},
	production: {name: branches.production, sha: repository.production?.target?.oid ?? null},
	aheadBy: repository.production?.compare?.aheadBy ?? null,
	behindBy: repository.production?.compare?.behindBy ?? null,
});

/** The first-parent chain of a history that git lists by date: what was pushed to the branch, without what was merged into it. */
export function firstParents<Commit extends {sha: string; parent: string | null}>(
	history: readonly Commit[],
	count: number,
): Commit[] {
	const bySha = new Map(history.map(commit => [commit.sha, commit]));
	const chain: Commit[] = [];
	for (
		let commit = history[0];
		commit !== undefined && chain.length < count;
		commit = commit.parent === null ? undefined : bySha.get(commit.parent)
	) {
		chain.push(commit);
	}

	return chain;
}

/** Whether the branch goes on below these of its commits. */
export const goesOn = (commits: ReadonlyArray<{parent: string | null}>): boolean => commits.at(-1)?.parent != null;

/** Each run once: the one with jobs before the one without, else the newest. Newest first. */
export function mergeRuns(runs: readonly RunFact[]): RunFact[] {
	const byId = new Map<number, RunFact>();
	for (const run of runs) {
		const before = byId.get(run.id);
		if (before === undefined || (before.jobs === null && (run.jobs !== null || run.updatedAt > before.updatedAt))) {
			byId.set(run.id, run);
		}
	}

	return [...byId.values()].sort(newestFirst);
}
