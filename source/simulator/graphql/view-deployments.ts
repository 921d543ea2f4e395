/** Deployments, their statuses and environments as GraphQL shows them. */
import type {GraphQLResolveInfo} from 'graphql';
import {type Paging, connection} from './connection.ts';
import {type Context, iso, upper} from '../calls/context.ts';
import {nodeId} from '../model/identity.ts';
import type {Deployment, DeploymentStatus, Environment} from '../model/model.ts';
import {isTeam, teamView} from '../calls/rest-shapes.ts';

/** GraphQL's own word: a deployment whose newest status is a success is ACTIVE. */
export const deploymentState = (deployment: Deployment): string => {
	const word = deployment.statuses.at(-1)?.state ?? 'pending';
	return word === 'success' ? 'ACTIVE' : word.toUpperCase();
};

export const payloadText = (payload: unknown): string | null =>
	payload === null || payload === undefined ? null : typeof payload === 'string' ? payload : JSON.stringify(payload);

export function deploymentView(context: Context, deployment: Deployment): object {
	const {state} = context;
	return {
		__typename: 'Deployment',
		id: nodeId('DE', deployment.id),
		databaseId: deployment.id,
		commitOid: deployment.sha,
		createdAt: iso(deployment.createdAt),
		updatedAt: iso(deployment.updatedAt),
		description: deployment.description,
		environment: deployment.environment,
		latestEnvironment: deployment.statuses.at(-1)?.environment ?? deployment.environment,
		originalEnvironment: deployment.environment,
		payload: payloadText(deployment.payload),
		state: deploymentState(deployment),
		task: deployment.task,
		creator: () => context.views.actor(context, deployment.creator),
		repository: () => context.views.repository(context),
		commit: () => context.views.commit(context, state.commits.get(deployment.sha)!),
		ref: () =>
			state.refs.has(`refs/heads/${deployment.ref}`)
				? context.views.ref(context, `refs/heads/${deployment.ref}`)
				: null,
		latestStatus: () =>
			deployment.statuses.length > 0 ? statusView(context, deployment, deployment.statuses.at(-1)!) : null,
		statuses: (args: Paging, _: unknown, info: GraphQLResolveInfo) =>
			connection(deployment.statuses.toReversed(), args, info, status => statusView(context, deployment, status)),
	};
}

export const statusView = (context: Context, deployment: Deployment, status: DeploymentStatus): object => ({
	__typename: 'DeploymentStatus',
	id: nodeId('DES', status.id),
	state: upper(status.state),
	description: status.description || null,
	environment: status.environment,
	environmentUrl: status.environmentUrl || null,
	logUrl: status.logUrl || null,
	createdAt: iso(status.createdAt),
	updatedAt: iso(status.createdAt),
	creator: () => context.views.actor(context, status.creator),
	deployment: () => context.views.deployment(context, deployment),
});

export type DeploymentArguments = Paging & {
	environments?: string[] | null;
	orderBy?: {direction: 'ASC' | 'DESC'} | null;
};

/** The default order is the oldest first, which is rarely what one wants. */
export function deploymentsConnection(
	context: Context,
	all: readonly Deployment[],
	args: DeploymentArguments,
	info: GraphQLResolveInfo,
): object {
	const wanted =
		args.environments && args.environments.length > 0
			? all.filter(({environment}) => args.environments!.includes(environment))
			: all;
	return connection(args.orderBy?.direction === 'DESC' ? wanted.toReversed() : wanted, args, info, deployment =>
		context.views.deployment(context, deployment),
	);
}

export function environmentView(context: Context, environment: Environment): object {
	const {state} = context;
	const rules = [
		...(environment.reviewers.length > 0
			? [{id: 1, type: 'REQUIRED_REVIEWERS', timeout: 0, reviewers: environment.reviewers}]
			: []),
		...(environment.waitMinutes > 0
			? [{id: 2, type: 'WAIT_TIMER', timeout: environment.waitMinutes, reviewers: []}]
			: []),
	];
	return {
		__typename: 'Environment',
		id: nodeId('EN', environment.name),
		databaseId: environment.id,
		name: environment.name,
		isPinned: false,
		pinnedPosition: null,
		latestCompletedDeployment: () => {
			const done = [...state.deployments.values()].findLast(
				deployment =>
					deployment.environment === environment.name &&
					['success', 'failure', 'error', 'inactive'].includes(deployment.statuses.at(-1)?.state ?? ''),
			);
			return done ? context.views.deployment(context, done) : null;
		},
		protectionRules: (args: Paging, _: unknown, info: GraphQLResolveInfo) =>
			connection(rules, args, info, rule => ({
				databaseId: environment.id + rule.id,
				type: rule.type,
				timeout: rule.timeout,
				preventSelfReview: false,
				reviewers: (inner: Paging, __: unknown, innerInfo: GraphQLResolveInfo) =>
					connection(rule.reviewers, inner, innerInfo, reviewer =>
						isTeam(reviewer)
							? teamView(context, reviewer)
							: context.views.actor(context, state.people.get(reviewer)!),
					),
			})),
	};
}
