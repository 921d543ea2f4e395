/** Suites, check runs, workflows and runs as GraphQL shows them. */
import type {GraphQLResolveInfo} from 'graphql';
import {type Paging, connection} from './connection.ts';
import {type Context, iso, isoOrNull, requireChecks, upper} from '../calls/context.ts';
import {nodeId} from '../model/identity.ts';
import type {App, Job, Run, Suite, Workflow} from '../model/model.ts';
import {jobUrl, latestAttempt, repositoryUrl, runUrl, workflowPath} from '../model/model.ts';
import {isTeam, teamView} from '../calls/rest-shapes.ts';
import {jobsOfSuite, pendingEnvironments, stepState} from '../model/readings.ts';
import {isRequiredFor} from '../branches/rules.ts';

type Filter = {
	filterBy?: {
		appId?: number;
		checkName?: string;
		checkType?: 'ALL' | 'LATEST';
		conclusions?: string[];
		status?: string;
		statuses?: string[];
	} | null;
};

export const appView = (context: Context, app: App) => ({
	__typename: 'App',
	id: nodeId('A', app.id),
	databaseId: app.id,
	slug: app.slug,
	name: app.name,
	description: null,
	clientId: null,
	createdAt: '2018-07-30T09:30:17Z',
	updatedAt: '2024-04-10T20:33:16Z',
	logoBackgroundColor: 'ffffff',
	logoUrl: `${context.state.webUrl}/${app.slug}.png`,
	url: `${context.state.webUrl}/apps/${app.slug}`,
});

export function suiteView(context: Context, suite: Suite): object {
	const {state} = context;
	requireChecks(context, 'suites');
	return {
		__typename: 'CheckSuite',
		id: nodeId('CS', suite.id),
		databaseId: suite.id,
		status: upper(suite.status),
		conclusion: upper(suite.conclusion),
		createdAt: iso(suite.createdAt),
		updatedAt: iso(suite.updatedAt),
		url: `${repositoryUrl(state)}/commit/${suite.sha}/checks?check_suite_id=${suite.id}`,
		resourcePath: `/${state.repository.owner}/${state.repository.name}/commit/${suite.sha}/checks?check_suite_id=${suite.id}`,
		app: () => appView(context, suite.app),
		branch: () =>
			suite.branch !== null && suite.isElsewhere !== true && state.refs.has(`refs/heads/${suite.branch}`)
				? context.views.ref(context, `refs/heads/${suite.branch}`)
				: null,
		commit: () => context.views.commit(context, state.commits.get(suite.sha)!),
		creator: null,
		push: null,
		repository: () => context.views.repository(context),
		workflowRun: () => (suite.run ? context.views.run(context, suite.run) : null),
		checkRuns: (args: Paging & Filter, _: unknown, info: GraphQLResolveInfo) => {
			requireChecks(context, 'runs');
			const filter = args.filterBy ?? {};
			const statuses = filter.statuses ?? (filter.status ? [filter.status] : null);
			// The schema does not tell the default of checkType; LATEST is what the web page shows.
			const jobs = jobsOfSuite(suite, filter.checkType ?? 'LATEST', context.lags).filter(
				job =>
					(filter.checkName === undefined || filter.checkName === (job.shown ?? job.name)) &&
					(!statuses || statuses.includes(upper(job.status)!)) &&
					(!filter.conclusions || filter.conclusions.includes(upper(job.conclusion) ?? '')) &&
					(filter.appId === undefined || filter.appId === suite.app.id),
			);
			return connection(jobs, args, info, job => context.views.job(context, job));
		},
	};
}

export function jobView(context: Context, job: Job): object {
	const {state} = context;
	const run = state.runs.get(job.runId)!;
	return {
		__typename: 'CheckRun',
		id: nodeId('CR', job.id),
		databaseId: job.id,
		name: job.shown ?? job.name,
		status: upper(job.status),
		conclusion: upper(job.conclusion),
		startedAt: isoOrNull(job.startedAt),
		completedAt: isoOrNull(job.completedAt),
		detailsUrl: jobUrl(state, job),
		permalink: `${repositoryUrl(state)}/runs/${job.id}`,
		url: jobUrl(state, job),
		resourcePath: jobUrl(state, job).slice(state.webUrl.length),
		externalId: `${job.runId}-${job.id}`,
		title: null,
		summary: null,
		text: null,
		isRequired: (of: object) => isRequiredFor(state, job.shown ?? job.name, of),
		checkSuite: () => context.views.suite(context, run.suite),
		repository: () => context.views.repository(context),
		deployment: () =>
			job.deploymentId === null
				? null
				: context.views.deployment(context, state.deployments.get(job.deploymentId)!),
		pendingDeploymentRequest: () =>
			job.status === 'waiting' && job.definition.environment !== undefined
				? requestView(context, run, job.definition.environment)
				: null,
		steps: (args: Paging & {number?: number}, _: unknown, info: GraphQLResolveInfo) =>
			connection(
				args.number === undefined ? job.steps : job.steps.filter(step => step.number === args.number),
				args,
				info,
				step => {
					const {status, conclusion, startedAt, completedAt} = stepState(step, state.now);
					return {
						__typename: 'CheckStep',
						number: step.number,
						name: step.name,
						status: upper(status),
						conclusion: upper(conclusion),
						startedAt: isoOrNull(startedAt),
						completedAt: isoOrNull(completedAt),
						externalId: null,
						secondsToCompletion: null,
					};
				},
			),
		annotations: (args: Paging, _: unknown, info: GraphQLResolveInfo) =>
			connection(job.annotations, args, info, annotation => ({
				annotationLevel: upper(annotation.level),
				path: annotation.path,
				message: annotation.message,
				title: annotation.title,
				rawDetails: null,
				databaseId: annotation.id,
				blobUrl: `${repositoryUrl(state)}/blob/${run.sha}/${annotation.path}`,
				location: {start: {line: annotation.line, column: null}, end: {line: annotation.line, column: null}},
			})),
	};
}

export const workflowView = (context: Context, workflow: Workflow): object => {
	const {state} = context;
	const url = `${repositoryUrl(state)}/actions/workflows/${workflow.definition.file}`;
	return {
		__typename: 'Workflow',
		id: nodeId('W', workflow.id),
		databaseId: workflow.id,
		name: workflow.definition.name,
		state: (workflow.state ?? 'active').toUpperCase(),
		url,
		resourcePath: url.slice(state.webUrl.length),
		createdAt: iso(workflow.createdAt),
		updatedAt: iso(workflow.createdAt),
		runs: (args: Paging & {orderBy?: {direction: 'ASC' | 'DESC'}}, _: unknown, info: GraphQLResolveInfo) =>
			connection(
				args.orderBy?.direction === 'ASC' ? workflow.runs : workflow.runs.toReversed(),
				args,
				info,
				run => context.views.run(context, run),
			),
	};
};

/** Mind what is missing: status, attempt, title and actor of a run are not in GraphQL. */
export function runView(context: Context, run: Run): object {
	const {state} = context;
	const fileUrl = `${repositoryUrl(state)}/blob/${run.sha}/${workflowPath(run)}`;
	return {
		__typename: 'WorkflowRun',
		id: nodeId('WFR', run.id),
		databaseId: run.id,
		event: run.event,
		runNumber: run.number,
		url: runUrl(state, run),
		resourcePath: runUrl(state, run).slice(state.webUrl.length),
		createdAt: iso(run.createdAt),
		updatedAt: iso(run.updatedAt),
		checkSuite: () => context.views.suite(context, run.suite),
		workflow: () => context.views.workflow(context, run.workflow),
		file: () => ({
			__typename: 'WorkflowRunFile',
			id: nodeId('WFF', run.id),
			path: workflowPath(run),
			repositoryFileUrl: fileUrl,
			repositoryName: repositoryUrl(state),
			resourcePath: fileUrl.slice(state.webUrl.length),
			url: fileUrl,
			viewerCanPushRepository: context.token !== 'read-only',
			viewerCanReadRepository: true,
			run: () => context.views.run(context, run),
		}),
		pendingDeploymentRequests: (args: Paging, _: unknown, info: GraphQLResolveInfo) =>
			connection(pendingEnvironments(run), args, info, name => requestView(context, run, name)),
		deploymentReviews: (args: Paging, _: unknown, info: GraphQLResolveInfo) =>
			connection(run.reviews, args, info, review => ({
				__typename: 'DeploymentReview',
				id: nodeId('DER', review.id),
				databaseId: review.id,
				comment: review.comment,
				state: upper(review.state),
				user: () => context.views.actor(context, review.by),
				environments: (inner: Paging, __: unknown, innerInfo: GraphQLResolveInfo) =>
					connection(review.environments, inner, innerInfo, name =>
						context.views.environment(context, state.environments.get(name)!),
					),
			})),
	};
}

function requestView(context: Context, run: Run, name: string): object {
	const environment = context.state.environments.get(name)!;
	const since = latestAttempt(run).jobs.find(job => job.definition.environment === name)?.createdAt ?? run.createdAt;
	return {
		currentUserCanApprove: environment.reviewers.includes(context.viewer.login ?? ''),
		waitTimer: environment.waitMinutes,
		waitTimerStartedAt: environment.waitMinutes > 0 ? iso(since) : null,
		environment: () => context.views.environment(context, environment),
		reviewers: (args: Paging, _: unknown, info: GraphQLResolveInfo) =>
			connection(environment.reviewers, args, info, reviewer =>
				isTeam(reviewer)
					? teamView(context, reviewer)
					: context.views.actor(context, context.state.people.get(reviewer)!),
			),
	};
}
