/**
What GitHub asks of a token, endpoint by endpoint and field by field: facts, which the program, its simulator and its documents share.
Permissions are those of fine-grained tokens, GitHub Apps and the token of a workflow, in the spelling of x-accepted-github-permissions
(docs.github.com, "Permissions required for fine-grained personal access tokens"); scopes those of classic tokens and OAuth apps. Of a
private repository: a public one shows more to everybody.

Source: github/docs, `src/github-apps/data/fpt-2022-11-28/fine-grained-pat-permissions.json` (commit 6e50491), which that page is made of,
with these remarks. Reviewing pending deployments stands there under Actions, Checks and Deployments with "read" each, while what the
endpoint does is described as a write: Deployments: write is what surely suffices. Secrets and variables of an environment stand under
Environments and once more under Secrets and Variables. Writing a ref (createRef, updateRef, updateRefs) is Contents: write, and Workflows:
write on top where the commits change a workflow. Checks are listed for fine-grained tokens, too, but cannot be chosen when one is made.
*/
import {hasScope} from './oauth-scopes.ts';

export const permissionTitles = {
	metadata: 'Metadata',
	actions: 'Actions',
	contents: 'Contents',
	statuses: 'Commit statuses',
	deployments: 'Deployments',
	pull_requests: 'Pull requests',
	workflows: 'Workflows',
	checks: 'Checks',
	environments: 'Environments',
	secrets: 'Secrets',
	actions_variables: 'Variables',
	repository_hooks: 'Webhooks',
	administration: 'Administration',
} as const;
export type Permission = keyof typeof permissionTitles;
export type Level = 'read' | 'write';
export type Permissions = Readonly<Partial<Record<Permission, Level>>>;

/** What a token has. null: it is not of that sort. */
export type Grants = {
	scopes: readonly string[] | null;
	permissions: Permissions | null;
	/** Fine-grained tokens may never read checks. */ isFineGrained: boolean;
};

type Need = {permission: Permission; level: Level; /** Any one of them. */ scopes: readonly string[]};
const need = (permission: Permission, level: Level, ...scopes: string[]): Need => ({
	permission,
	level,
	scopes: scopes.length === 0 ? ['repo'] : scopes,
});

/** Endpoints below `/repos/{owner}/{repo}`, as the official description spells them. */
export const endpointNeeds: ReadonlyArray<Need & {endpoints: readonly string[]}> = [
	{
		...need('metadata', 'read'),
		endpoints: ['GET ', 'GET /rules/branches/{branch}', 'GET /rulesets', 'GET /rulesets/{ruleset_id}'],
	},
	{
		...need('actions', 'read'),
		endpoints: [
			'GET /actions/runs',
			'GET /actions/runs/{run_id}',
			'GET /actions/runs/{run_id}/jobs',
			'GET /actions/runs/{run_id}/attempts/{attempt_number}',
			'GET /actions/runs/{run_id}/attempts/{attempt_number}/jobs',
			'GET /actions/runs/{run_id}/pending_deployments',
			'GET /actions/runs/{run_id}/approvals',
			'GET /actions/runs/{run_id}/artifacts',
			'GET /actions/artifacts/{artifact_id}/{archive_format}',
			'GET /actions/jobs/{job_id}',
			'GET /actions/jobs/{job_id}/logs',
			'GET /actions/workflows',
			'GET /actions/workflows/{workflow_id}',
			'GET /actions/workflows/{workflow_id}/runs',
			'GET /environments',
			'GET /environments/{environment_name}',
			'GET /environments/{environment_name}/deployment-branch-policies',
		],
	},
	{
		...need('actions', 'write'),
		endpoints: [
			'POST /actions/workflows/{workflow_id}/dispatches',
			'POST /actions/runs/{run_id}/rerun',
			'POST /actions/runs/{run_id}/rerun-failed-jobs',
			'POST /actions/jobs/{job_id}/rerun',
			'POST /actions/runs/{run_id}/cancel',
			'POST /actions/runs/{run_id}/force-cancel',
			'POST /actions/runs/{run_id}/approve',
			'PUT /actions/workflows/{workflow_id}/enable',
		],
	},
	{
		...need('contents', 'read'),
		endpoints: [
			'GET /commits',
			'GET /commits/{ref}',
			'GET /compare/{basehead}',
			'GET /branches/{branch}',
			'GET /git/ref/{ref}',
			'GET /git/matching-refs/{ref}',
			'GET /git/commits/{commit_sha}',
			'GET /git/trees/{tree_sha}',
			'GET /contents/{path}',
		],
	},
	{...need('contents', 'write'), endpoints: ['POST /git/commits']},
	{
		...need('statuses', 'read', 'repo:status', 'repo'),
		endpoints: ['GET /commits/{ref}/status', 'GET /commits/{ref}/statuses'],
	},
	{...need('statuses', 'write', 'repo:status', 'repo'), endpoints: ['POST /statuses/{sha}']},
	{
		...need('deployments', 'read', 'repo_deployment', 'repo'),
		endpoints: ['GET /deployments', 'GET /deployments/{deployment_id}/statuses'],
	},
	{
		...need('deployments', 'write', 'repo_deployment', 'repo'),
		endpoints: ['POST /deployments', 'POST /deployments/{deployment_id}/statuses'],
	},
	{...need('deployments', 'write'), endpoints: ['POST /actions/runs/{run_id}/pending_deployments']},
	{
		...need('checks', 'read'),
		endpoints: ['GET /check-runs/{check_run_id}/annotations', 'GET /commits/{ref}/check-runs'],
	},
	{...need('secrets', 'read'), endpoints: ['GET /actions/secrets', 'GET /actions/organization-secrets']},
	{
		...need('actions_variables', 'read'),
		endpoints: ['GET /actions/variables', 'GET /actions/organization-variables'],
	},
	{
		...need('environments', 'read'),
		endpoints: ['GET /environments/{environment_name}/secrets', 'GET /environments/{environment_name}/variables'],
	},
	{...need('repository_hooks', 'read', 'read:repo_hook', 'repo'), endpoints: ['GET /hooks']},
	{...need('administration', 'read'), endpoints: ['GET /actions/permissions']},
	{
		...need('administration', 'write'),
		endpoints: [
			'PUT /environments/{environment_name}',
			'POST /environments/{environment_name}/deployment-branch-policies',
		],
	},
];

/** Fields of GraphQL that ask for more than the repository's metadata. */
export const fieldNeeds: Readonly<Record<string, Need>> = {
	'Repository.ref': need('contents', 'read'),
	'Repository.object': need('contents', 'read'),
	'Repository.environment': need('actions', 'read'),
	'Repository.deployments': need('deployments', 'read'),
	'Repository.pullRequest': need('pull_requests', 'read'),
	'Repository.pullRequests': need('pull_requests', 'read'),
	'Commit.status': need('statuses', 'read'),
	'Commit.deployments': need('deployments', 'read'),
	'Commit.checkSuites': need('checks', 'read'),
	'CheckSuite.checkRuns': need('checks', 'read'),
	'CheckSuite.workflowRun': need('actions', 'read'),
	'CheckRun.steps': need('checks', 'read'),
	'CheckRun.annotations': need('checks', 'read'),
	'Workflow.runs': need('actions', 'read'),
	'Mutation.updateRefs': need('contents', 'write'),
	'Mutation.createPullRequest': need('pull_requests', 'write'),
	'Mutation.closePullRequest': need('pull_requests', 'write'),
	'Mutation.mergePullRequest': need('contents', 'write'),
	'Mutation.enqueuePullRequest': need('contents', 'write'),
	'Mutation.approveDeployments': need('deployments', 'write'),
	'Mutation.rejectDeployments': need('deployments', 'write'),
};

/** Types whose fields a classic token without one of these scopes may not ask for: the whole document is refused. */
export const typeScopes: Readonly<Record<string, readonly string[]>> = {Team: ['read:org', 'read:discussion']};

export const needOf = (method: string, path: string): Need | undefined =>
	endpointNeeds.find(({endpoints}) => endpoints.includes(`${method} ${path}`));

export const isEnough = (has: Permissions, {permission, level}: Pick<Need, 'permission' | 'level'>): boolean =>
	permission === 'metadata' || has[permission] === 'write' || (level === 'read' && has[permission] === 'read');

/** Whether the token may; what it has none of is not asked for. */
export const mayDo = ({scopes, permissions, isFineGrained}: Grants, wanted: Need): boolean =>
	(scopes === null || hasScope(scopes, wanted.scopes)) &&
	(permissions === null || (isEnough(permissions, wanted) && !(isFineGrained && wanted.permission === 'checks')));

/** Both together: of each permission the higher level. */
export const together = (all: readonly Permissions[]): Permissions => {
	const sum: Partial<Record<Permission, Level>> = {};
	for (const [permission, level] of all.flatMap(one => Object.entries(one) as Array<[Permission, Level]>)) {
		sum[permission] = sum[permission] === 'write' ? 'write' : level;
	}
	return sum;
};
