/** What only some tokens may ask: names of secrets and variables, webhooks, Actions' own switches, and how environments are guarded. */
import {iso, viewerPermission} from '../calls/context.ts';
import {type Names, defaultAdministration} from '../model/administration.ts';
import {nodeId, sha1} from '../model/identity.ts';
import {nextId} from '../model/model.ts';
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
import {environmentShape} from './rest-deployments.ts';
import {repoApi} from '../calls/rest-shapes.ts';

const base = '/repos/{owner}/{repo}';
const administrationOf = ({context}: Call) => context.scenario.administration ?? defaultAdministration;

/** Classic tokens with the scope `repo` may what their owner may; fine-grained ones have a permission for each, which ours lack. */
const permitted =
	(permission: string, answer: (call: Call) => Reply) =>
	(call: Call): Reply =>
		call.context.token === 'classic' || call.context.token === 'granted'
			? answer(call)
			: {
					...message(403, 'Resource not accessible by personal access token'),
					headers: {'x-accepted-github-permissions': permission},
				};

const inEnvironment =
	(answer: (call: Call, name: string) => Reply) =>
	(call: Call): Reply => {
		const name = call.params.environment_name!;
		return call.context.state.environments.has(name) ? answer(call, name) : notFound();
	};

const namesRoute = (
	kind: 'secrets' | 'variables',
	path: string,
	permission: string,
	namesOf: (names: Names, call: Call) => readonly string[],
): Route => ({
	method: 'GET',
	path: `${base}${path}`,
	answer: permitted(permission, call =>
		call.params.environment_name !== undefined && !call.context.state.environments.has(call.params.environment_name)
			? notFound()
			: page(call, namesOf(administrationOf(call)[kind] ?? {}, call), (items, total) => {
					const at = iso(call.context.state.repository.createdAt);
					return {
						total_count: total,
						[kind]: items.map(name => ({
							name,
							created_at: at,
							updated_at: at,
							...(kind === 'variables' ? {value: `value of ${name}`} : {}),
						})),
					};
				}),
	),
});

const ofEnvironment = (names: Names, {params}: Call) => names.environments?.[params.environment_name!] ?? [];

const hooks = permitted('repository_hooks=read', call =>
	page(call, administrationOf(call).hooks ?? [], items =>
		items.map(({url, events, active = true, lastResponse = null}) => {
			const id = Number.parseInt(sha1(url).slice(0, 7), 16);
			const self = `${repoApi(call.context)}/hooks/${id}`;
			const at = iso(call.context.state.repository.createdAt);
			return {
				type: 'Repository',
				id,
				name: 'web',
				active,
				events,
				config: {url, content_type: 'json', insecure_ssl: '0'},
				updated_at: at,
				created_at: at,
				url: self,
				test_url: `${self}/test`,
				ping_url: `${self}/pings`,
				deliveries_url: `${self}/deliveries`,
				last_response:
					lastResponse === null
						? {code: null, status: 'unused', message: null}
						: {
								code: lastResponse.code,
								status: lastResponse.code < 300 ? 'active' : 'failure',
								message: lastResponse.message,
							},
			};
		}),
	),
);

/** GitHub answers 404 where an administrator is needed and the token's owner is none. */
const administrators =
	(answer: (call: Call) => Reply) =>
	(call: Call): Reply =>
		viewerPermission(call.context.token) === 'ADMIN' ? permitted('administration=write', answer)(call) : notFound();

const switched =
	(state: 'active' | 'disabled_manually') =>
	(call: Call): Reply => {
		const wanted = call.params.workflow_id;
		const found = call.context.simulation.state.workflows.find(
			({id, definition}) => String(id) === wanted || definition.file === wanted,
		);
		if (!found) {
			return notFound();
		}
		call.context.simulation.act(engine => {
			engine.state.workflows.find(({id}) => id === found.id)!.state = state;
		});
		return {status: 204};
	};

const policies = inEnvironment((call, name) =>
	page(call, call.context.state.environments.get(name)!.branches ?? [], (items, total) => ({
		total_count: total,
		branch_policies: items.map(branch => policyShape(branch, name)),
	})),
);
const policyShape = (branch: string, environment: string) => ({
	id: Number.parseInt(sha1(`${environment} ${branch}`).slice(0, 7), 16),
	node_id: nodeId('EN', `${environment} ${branch}`),
	name: branch,
	type: 'branch',
});

const addPolicy = inEnvironment((call, name) => {
	const branch = textOf(call.body.name);
	if (call.context.simulation.state.environments.get(name)?.branches === undefined || branch === '') {
		return notFound();
	}
	call.context.simulation.act(engine => {
		const environment = engine.state.environments.get(name)!;
		environment.branches = [...new Set([...(environment.branches ?? []), branch])];
	});
	return {status: 200, body: policyShape(branch, name)};
});

function putEnvironment(call: Call): Reply {
	const name = call.params.environment_name!;
	const policy = call.body.deployment_branch_policy as
		| {protected_branches?: boolean; custom_branch_policies?: boolean}
		| null
		| undefined;
	if (policy && policy.protected_branches === policy.custom_branch_policies) {
		return unprocessable(
			'Validation Failed: protected_branches and custom_branch_policies cannot have the same value',
		);
	}
	const wanted = (call.body.reviewers ?? []) as ReadonlyArray<{id: number}>;
	call.context.simulation.act(engine => {
		const {state} = engine;
		const known = state.environments.get(name);
		const reviewers = [...state.people.values()]
			.filter(person => wanted.some(({id}) => id === person.id))
			.map(person => person.login ?? '');
		state.environments.set(name, {
			id: known?.id ?? nextId(state, 'environment'),
			name,
			url: known?.url ?? `https://${name}.auto-author.example`,
			createdAt: known?.createdAt ?? state.now,
			reviewers,
			waitMinutes: Number(call.body.wait_timer ?? 0),
			...(policy?.custom_branch_policies ? {branches: known?.branches ?? []} : {}),
		});
	});
	return {
		status: 200,
		body: environmentShape({...call, context: {...call.context, state: call.context.simulation.state}}, name),
	};
}

export const adminRoutes: readonly Route[] = [
	namesRoute('secrets', '/actions/secrets', 'secrets=read', names => names.repository ?? []),
	namesRoute('secrets', '/actions/organization-secrets', 'secrets=read', names => names.organization ?? []),
	namesRoute('secrets', '/environments/{environment_name}/secrets', 'environments=read', ofEnvironment),
	namesRoute('variables', '/actions/variables', 'actions_variables=read', names => names.repository ?? []),
	namesRoute(
		'variables',
		'/actions/organization-variables',
		'actions_variables=read',
		names => names.organization ?? [],
	),
	namesRoute('variables', '/environments/{environment_name}/variables', 'environments=read', ofEnvironment),
	{method: 'GET', path: `${base}/hooks`, answer: hooks},
	{
		method: 'GET',
		path: `${base}/actions/permissions`,
		answer: administrators(call => ({
			status: 200,
			body:
				(administrationOf(call).actionsEnabled ?? true)
					? {enabled: true, allowed_actions: 'all'}
					: {enabled: false},
		})),
	},
	{method: 'PUT', path: `${base}/actions/workflows/{workflow_id}/enable`, needs: 'write', answer: switched('active')},
	{
		method: 'PUT',
		path: `${base}/actions/workflows/{workflow_id}/disable`,
		needs: 'write',
		answer: switched('disabled_manually'),
	},
	{method: 'GET', path: `${base}/environments/{environment_name}/deployment-branch-policies`, answer: policies},
	{
		method: 'POST',
		path: `${base}/environments/{environment_name}/deployment-branch-policies`,
		answer: administrators(addPolicy),
	},
	{method: 'PUT', path: `${base}/environments/{environment_name}`, answer: administrators(putEnvironment)},
];
