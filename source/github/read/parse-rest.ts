/** Answers of REST to facts. Pure; tolerates what older servers leave out, which the official types do not know. */
import type {components} from '@octokit/openapi-types';
import {awaitsApproval} from '../../core/evidence/approval.ts';
import type {
	CommitFact,
	DeploymentFact,
	EnvironmentRules,
	JobFact,
	RunFact,
	StatusFact,
	Origin,
	Annotation,
	Wait,
} from '../../core/github/facts.ts';
import {
	annotationLevel,
	atLeastSomebody,
	finishTime,
	firstLine,
	idOrNull,
	payload,
	startTime,
	stepsRead,
	textOrNull,
	time,
	word,
	wordOrNull,
} from '../failures/values.ts';

type Schemas = components['schemas'];
/** What the description promises, but nothing of it for certain. */
type Loose<Body> = {[Key in keyof Body]?: Body[Key] | null};

export function parseRun(run: Loose<Schemas['workflow-run']>): RunFact | null {
	const id = idOrNull(run.id);
	if (id === null) {
		return null;
	}

	const createdAt = time(run.created_at) ?? 0;
	return {
		id,
		suiteId: textOrNull(run.check_suite_node_id),
		// Some servers add the ref that the file was taken from.
		workflowPath: textOrNull(run.path?.split('@', 1)[0]),
		workflowName: run.name ?? '',
		event: run.event ?? '',
		headSha: run.head_sha ?? '',
		branch: textOrNull(run.head_branch),
		number: idOrNull(run.run_number),
		attempt: idOrNull(run.run_attempt),
		title: textOrNull(run.display_title),
		actor: textOrNull(run.triggering_actor?.login ?? run.actor?.login),
		startedBy: textOrNull(run.actor?.login),
		isFromFork: fromFork(run),
		status: word(run.status),
		conclusion: wordOrNull(run.conclusion),
		createdAt,
		startedAt: time(run.run_started_at),
		updatedAt: time(run.updated_at) ?? createdAt,
		url: run.html_url ?? '',
		jobs: null,
		jobsTotal: null,
		jobsAsOf: null,
		waits: [],
		...(awaitsApproval({status: run.status ?? '', conclusion: run.conclusion ?? null}) && {origin: originOf(run)}),
	};
}

/** By their numbers, which nobody can choose; null: the server did not say, or the fork is gone. */
const fromFork = (run: Loose<Schemas['workflow-run']>): boolean | null => {
	const [home, head] = [idOrNull(run.repository?.id), idOrNull(run.head_repository?.id)];
	return home === null || head === null ? null : home !== head;
};

const originOf = (run: Loose<Schemas['workflow-run']>): Origin => ({
	author: textOrNull(run.head_commit?.author?.name),
	repository: textOrNull(run.head_repository?.full_name),
});

export type ListedRuns = {runs: RunFact[]; total: number};
/** Without jobs, in GitHub's order. `total` is what the server has, beyond this page. */
export const parseRuns = (body: {
	total_count?: number;
	workflow_runs: ReadonlyArray<Schemas['workflow-run'] | null>;
}): ListedRuns => ({
	runs: body.workflow_runs.flatMap(run => (run && parseRun(run)) ?? []),
	total: body.total_count ?? 0,
});

export function parseJob(job: Loose<Schemas['job']>): JobFact | null {
	const id = idOrNull(job.id);
	const status = word(job.status);
	const conclusion = wordOrNull(job.conclusion);
	return id === null
		? null
		: {
				id,
				nodeId: textOrNull(job.node_id),
				name: job.name ?? '',
				attempt: idOrNull(job.run_attempt),
				status,
				conclusion,
				startedAt: startTime(status, job.started_at),
				finishedAt: finishTime(status, job.completed_at),
				url: textOrNull(job.html_url),
				steps: stepsRead(
					(job.steps ?? [])
						.map(step => {
							const stepStatus = word(step.status);
							return {
								number: step.number,
								name: step.name,
								status: stepStatus,
								conclusion: wordOrNull(step.conclusion),
								startedAt: startTime(stepStatus, step.started_at),
								finishedAt: finishTime(stepStatus, step.completed_at),
							};
						})
						.sort((a, b) => a.number - b.number),
					{status, conclusion},
				),
				annotations: null,
			};
}

export const parseAnnotations = (body: ReadonlyArray<Loose<Schemas['check-annotation']> | null>): Annotation[] =>
	body
		.filter(one => one !== null)
		.map(annotation => ({
			level: annotationLevel(annotation.annotation_level),
			path: annotation.path ?? '',
			line: annotation.start_line ?? null,
			title: textOrNull(annotation.title),
			message: annotation.message ?? '',
		}));

export const parseWaits = (body: ReadonlyArray<Loose<Schemas['pending-deployment']> | null>): Wait[] =>
	body
		.filter(one => one !== null)
		.map(pending => ({
			environment: pending.environment?.name ?? '',
			canApprove: pending.current_user_can_approve ?? false,
			waitMinutes: pending.wait_timer ?? 0,
			waitingSince: time(pending.wait_timer_started_at),
		}));

/** REST lists every status ever posted, newest first; GraphQL the newest of each context, which is what counts. */
export function parseStatuses(body: ReadonlyArray<Loose<Schemas['status']> | null>): StatusFact[] {
	const newest = new Map<string, StatusFact>();
	for (const status of body) {
		const context = status?.context ?? '';
		if (status && !newest.has(context)) {
			newest.set(context, {
				context,
				state: word(status.state),
				targetUrl: textOrNull(status.target_url),
				description: textOrNull(status.description),
				createdAt: time(status.created_at) ?? 0,
				creator: status.creator?.login ?? null,
			});
		}
	}

	return [...newest.values()].sort((a, b) => (a.context < b.context ? -1 : 1));
}

export type ListedCommit = CommitFact & {parent: string | null};
export const parseCommits = (body: ReadonlyArray<Loose<Schemas['commit']> | null>): ListedCommit[] =>
	body.flatMap(commit =>
		commit?.sha
			? [
					{
						sha: commit.sha,
						nodeId: textOrNull(commit.node_id),
						headline: firstLine(commit.commit?.message ?? ''),
						// Like GraphQL, where only people are linked: bots go by the name in the commit.
						author:
							(commit.author && 'login' in commit.author && commit.author.type === 'User'
								? commit.author.login
								: commit.commit?.author?.name) ?? '',
						committedAt: time(commit.commit?.committer?.date) ?? 0,
						url: commit.html_url ?? '',
						statuses: [],
						parent: commit.parents?.[0]?.sha ?? null,
					},
				]
			: [],
	);

type Latest = Loose<Schemas['deployment-status']>;
export type LatestStatus = Pick<DeploymentFact, 'state' | 'logUrl' | 'environmentUrl' | 'description' | 'reporter'>;

/** @param body newest first */
export const parseLatestStatus = (body: ReadonlyArray<Latest | null>): LatestStatus | null =>
	body[0]
		? {
				state: word(body[0].state),
				logUrl: textOrNull(body[0].log_url),
				environmentUrl: textOrNull(body[0].environment_url),
				description: textOrNull(body[0].description),
				reporter: body[0].creator?.login ?? null,
			}
		: null;

/** Without its status, which is another request: `PENDING` until then. */
export function parseDeployment(deployment: Loose<Schemas['deployment']>): DeploymentFact | null {
	const id = idOrNull(deployment.id);
	const createdAt = time(deployment.created_at) ?? 0;
	return id === null
		? null
		: {
				id,
				commitSha: deployment.sha ?? '',
				environment: deployment.environment ?? '',
				state: 'PENDING',
				payload: payload(deployment.payload),
				logUrl: null,
				environmentUrl: null,
				description: textOrNull(deployment.description),
				creator: deployment.creator?.login ?? null,
				createdAt,
				updatedAt: time(deployment.updated_at) ?? createdAt,
			};
}

/** GitHub's word for what the token may do here, from the flags that REST has instead. */
export function permissionOf(
	permissions: {admin?: boolean; maintain?: boolean; push?: boolean; triage?: boolean; pull?: boolean} | undefined,
): string | null {
	if (permissions === undefined) {
		return null;
	}

	const found = (
		[
			['admin', 'ADMIN'],
			['maintain', 'MAINTAIN'],
			['push', 'WRITE'],
			['triage', 'TRIAGE'],
			['pull', 'READ'],
		] as const
	).find(([flag]) => permissions[flag]);
	return found?.[1] ?? null;
}

type RulesBody = {
	protection_rules?: ReadonlyArray<{
		type?: string;
		wait_timer?: number;
		reviewers?: ReadonlyArray<{reviewer?: {login?: string; slug?: string}}>;
	}>;
};

/** Without such an environment (404) nothing is asked for. `owner`: teams are those of the repository's organisation. */
export const parseRules = (body: RulesBody | null, owner: string): EnvironmentRules => ({
	reviewers: atLeastSomebody(
		(body?.protection_rules ?? []).flatMap(({reviewers}) =>
			(reviewers ?? []).flatMap(
				({reviewer}) => reviewer?.login ?? (reviewer?.slug === undefined ? [] : `${owner}/${reviewer.slug}`),
			),
		),
		(body?.protection_rules ?? []).some(({type}) => type === 'required_reviewers'),
	),
	waitMinutes: Math.max(0, ...(body?.protection_rules ?? []).map(rule => rule.wait_timer ?? 0)),
});
