/** Deployments, environments and commit statuses over REST, with the traps of creating them. */
import {createDeployment, postStatus, recordDeploymentStatus} from '../actions/contract.ts';
import {resolve} from '../model/git.ts';
import {iso} from '../calls/context.ts';
import {nodeId} from '../model/identity.ts';
import {type CommitStatus, type Deployment, personOf} from '../model/model.ts';
import {
	type Call,
	type Reply,
	type Route,
	message,
	notFound,
	page,
	textOf,
	unprocessable,
} from '../calls/rest-reply.ts';
import {
	deploymentShape,
	deploymentStatusShape,
	minimalRepository,
	repoApi,
	reviewerShape,
	statusShape,
	userShape,
} from '../calls/rest-shapes.ts';
import {combinedState, latestStatuses, rollupJobs} from '../model/readings.ts';

const base = '/repos/{owner}/{repo}';
const withDeployment =
	(answer: (call: Call, deployment: Deployment) => Reply) =>
	(call: Call): Reply => {
		const deployment = call.context.state.deployments.get(Number(call.params.deployment_id));
		return deployment ? answer(call, deployment) : notFound();
	};

function create(call: Call): Reply {
	const {context, body} = call;
	const state = context.simulation.state;
	const ref = textOf(body.ref);
	const sha = resolve(state, ref);
	if (!sha) {
		return unprocessable(`No ref found for: ${ref}`);
	}
	const head = state.refs.get(`refs/heads/${state.repository.defaultBranch}`)!;
	// The default is to merge the default branch first, and to answer without a deployment.
	if (body.auto_merge !== false && state.refs.has(`refs/heads/${ref}`) && sha !== head) {
		return {
			status: 202,
			body: {message: `Auto-merged ${state.repository.defaultBranch} into ${ref} on deployment.`},
		};
	}
	// The default is that every status and check must be green.
	const required = body.required_contexts as string[] | undefined;
	const statuses = latestStatuses(state, sha).filter(status => required?.includes(status.context) ?? true);
	const jobs = required ? [] : rollupJobs(state, sha);
	if (
		(required && required.some(name => !statuses.some(status => status.context === name))) ||
		statuses.some(status => status.state !== 'success') ||
		jobs.some(job => job.status !== 'completed' || !['success', 'skipped', 'neutral'].includes(job.conclusion!))
	) {
		return message(409, `Conflict: Commit status checks failed for ${ref}.`, {
			errors: [
				{
					contexts: [
						...statuses.map(status => ({context: status.context, state: status.state})),
						...jobs.map(job => ({context: job.name, state: job.conclusion ?? job.status})),
					],
					resource: 'Deployment',
					field: 'required_contexts',
					code: 'invalid',
				},
			],
		});
	}
	const environment = textOf(body.environment, 'production');
	const id = context.simulation.act(
		engine =>
			createDeployment(engine.state, {
				sha,
				ref,
				environment,
				payload: body.payload ?? '',
				creator: personOf(engine.state, context.viewer.login ?? ''),
				task: textOf(body.task, 'deploy'),
				description: (body.description as string | null | undefined) ?? null,
				transient: body.transient_environment === true,
				production: (body.production_environment as boolean | undefined) ?? environment === 'production',
			}).id,
	);
	return {status: 201, body: deploymentShape(context, state.deployments.get(id)!)};
}

const states = ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'];

const createStatus = withDeployment((call, deployment) => {
	const {context, body} = call;
	const word = textOf(body.state);
	if (!states.includes(word)) {
		return unprocessable('Validation Failed: state is not included in the list');
	}
	if (textOf(body.description).length > 140) {
		return unprocessable('Validation Failed: description is too long (maximum is 140 characters)');
	}
	const text = (name: string) => textOf(body[name]);
	context.simulation.act(engine =>
		recordDeploymentStatus(engine, deployment.id, context.viewer.login ?? '', {
			state: word,
			description: text('description'),
			logUrl: text('log_url') || text('target_url'),
			environmentUrl: text('environment_url'),
			autoInactive: (body.auto_inactive as boolean | undefined) ?? true,
		}),
	);
	const present = context.simulation.state.deployments.get(deployment.id)!;
	return {
		status: 201,
		body: deploymentStatusShape(
			context,
			present,
			present.statuses.findLast(status => status.state === word)!,
		),
	};
});

function createCommitStatus(call: Call): Reply {
	const {context, body} = call;
	const sha = call.params.sha!;
	const word = textOf(body.state) as CommitStatus['state'];
	if (!context.simulation.state.commits.has(sha)) {
		return unprocessable(`No commit found for SHA: ${sha}`);
	}
	if (!['error', 'failure', 'pending', 'success'].includes(word)) {
		return unprocessable('Validation Failed: state is not included in the list');
	}
	if (textOf(body.description).length > 140) {
		return unprocessable('Validation Failed: description is too long (maximum is 140 characters)');
	}
	const name = textOf(body.context, 'default');
	if ((context.simulation.state.statuses.get(sha) ?? []).filter(status => status.context === name).length >= 1000) {
		return unprocessable('Validation Failed: This SHA and context has reached the maximum number of statuses.');
	}
	const posted = context.simulation.act(engine =>
		postStatus(engine.state, {
			sha,
			context: name,
			state: word,
			description: (body.description as string | undefined) ?? null,
			targetUrl: (body.target_url as string | undefined) ?? null,
			creator: personOf(engine.state, context.viewer.login ?? ''),
		}),
	);
	return {status: 201, body: {...statusShape(context, posted), creator: userShape(context, posted.creator)}};
}

const withCommit =
	(answer: (call: Call, sha: string) => Reply) =>
	(call: Call): Reply => {
		const sha = resolve(call.context.state, call.params.ref!);
		return sha ? answer(call, sha) : unprocessable(`No commit found for SHA: ${call.params.ref}`);
	};

/** As reviews have it: without its rules. */
export function simpleEnvironment(call: Call, name: string): object {
	const environment = call.context.state.environments.get(name)!;
	const {state} = call.context;
	return {
		id: environment.id,
		node_id: nodeId('EN', name),
		name,
		url: `${repoApi(call.context)}/environments/${name}`,
		html_url: `${state.webUrl}/${state.repository.owner}/${state.repository.name}/deployments/activity_log?environments_filter=${name}`,
		created_at: iso(environment.createdAt),
		updated_at: iso(environment.createdAt),
	};
}

export function environmentShape(call: Call, name: string): object {
	const environment = call.context.state.environments.get(name)!;
	return {
		...simpleEnvironment(call, name),
		protection_rules: [
			...(environment.waitMinutes > 0
				? [
						{
							id: environment.id + 2,
							node_id: nodeId('EN', `${name} wait`),
							type: 'wait_timer',
							wait_timer: environment.waitMinutes,
						},
					]
				: []),
			...(environment.reviewers.length > 0
				? [
						{
							id: environment.id + 1,
							node_id: nodeId('EN', `${name} reviewers`),
							type: 'required_reviewers',
							prevent_self_review: false,
							reviewers: environment.reviewers.map(reviewer => reviewerShape(call.context, reviewer)),
						},
					]
				: []),
			...(environment.branches
				? [{id: environment.id + 3, node_id: nodeId('EN', `${name} branches`), type: 'branch_policy'}]
				: []),
		],
		deployment_branch_policy: environment.branches
			? {protected_branches: false, custom_branch_policies: true}
			: null,
	};
}

export const deploymentRoutes: readonly Route[] = [
	{
		method: 'GET',
		path: `${base}/deployments`,
		answer: call => {
			const wants = (name: string, value: string) => !call.query.get(name) || call.query.get(name) === value;
			const all = [...call.context.state.deployments.values()]
				.filter(
					one =>
						wants('sha', one.sha) &&
						wants('ref', one.ref) &&
						wants('task', one.task) &&
						wants('environment', one.environment),
				)
				.toReversed();
			return page(call, all, items => items.map(deployment => deploymentShape(call.context, deployment)));
		},
	},
	{method: 'POST', path: `${base}/deployments`, needs: 'write', answer: create},
	{
		method: 'GET',
		path: `${base}/deployments/{deployment_id}`,
		answer: withDeployment((call, deployment) => ({status: 200, body: deploymentShape(call.context, deployment)})),
	},
	{
		method: 'GET',
		path: `${base}/deployments/{deployment_id}/statuses`,
		answer: withDeployment((call, deployment) =>
			page(call, deployment.statuses.toReversed(), items =>
				items.map(status => deploymentStatusShape(call.context, deployment, status)),
			),
		),
	},
	{method: 'POST', path: `${base}/deployments/{deployment_id}/statuses`, needs: 'write', answer: createStatus},
	{
		method: 'GET',
		path: `${base}/environments`,
		answer: call =>
			page(call, [...call.context.state.environments.keys()], (items, total) => ({
				total_count: total,
				environments: items.map(name => environmentShape(call, name)),
			})),
	},
	{
		method: 'GET',
		path: `${base}/environments/{environment_name}`,
		answer: call =>
			call.context.state.environments.has(call.params.environment_name!)
				? {status: 200, body: environmentShape(call, call.params.environment_name!)}
				: notFound(),
	},
	{method: 'POST', path: `${base}/statuses/{sha}`, needs: 'write', answer: createCommitStatus},
	{
		method: 'GET',
		path: `${base}/commits/{ref}/statuses`,
		answer: withCommit((call, sha) =>
			page(call, (call.context.state.statuses.get(sha) ?? []).toReversed(), items =>
				items.map(status => ({
					...statusShape(call.context, status),
					creator: userShape(call.context, status.creator),
				})),
			),
		),
	},
	{
		method: 'GET',
		path: `${base}/commits/{ref}/status`,
		answer: withCommit((call, sha) => {
			const statuses = latestStatuses(call.context.state, sha);
			return page(call, statuses, (items, total) => ({
				state: combinedState(statuses.map(status => status.state)),
				statuses: items.map(status => statusShape(call.context, status)),
				sha,
				total_count: total,
				repository: minimalRepository(call.context),
				commit_url: `${repoApi(call.context)}/commits/${sha}`,
				url: `${repoApi(call.context)}/commits/${sha}/status`,
			}));
		}),
	},
];
