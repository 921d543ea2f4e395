/**
THE table of what each command asks of a token. Documents and endpoints are named; what GitHub wants for each stands in
`core/github/needs.ts`. A test holds both: documents against the fields that they have, endpoints against what is really asked, and each
command with exactly this much and with one permission less. Printed into docs/tokens.md.
*/
import {endpointNeeds, type Permission, type Permissions, together} from '../core/github/needs.ts';
import {hasScope} from '../core/github/oauth-scopes.ts';
import type {documents, mutations} from './queries/documents.ts';

type DocumentName = keyof typeof documents | keyof typeof mutations;

/** Beyond the repository's metadata. What is polled over GraphQL is read over REST instead where checks may not be read. */
export const documentNeeds: Readonly<Record<DocumentName, Permissions>> = {
	overview: {contents: 'read', statuses: 'read', checks: 'read', actions: 'read', deployments: 'read'},
	active: {contents: 'read', statuses: 'read', checks: 'read', actions: 'read', deployments: 'read'},
	commitSuites: {checks: 'read', actions: 'read'},
	suiteJobs: {checks: 'read'},
	suiteWaits: {actions: 'read'},
	pull: {pull_requests: 'read'},
	openPulls: {pull_requests: 'read'},
	updateRefs: {contents: 'write'},
	createPullRequest: {pull_requests: 'write'},
	mergePullRequest: {contents: 'write'},
	enqueuePullRequest: {contents: 'write'},
	closePullRequest: {pull_requests: 'write'},
	approveDeployments: {deployments: 'write'},
	rejectDeployments: {deployments: 'write'},
};

/** One thing that is done with GitHub: its endpoints below the repository, and the documents that have no REST beside them. */
type Use = {endpoints: readonly string[]; documents?: readonly DocumentName[]};

const look = [
	'GET ',
	'GET /git/ref/{ref}',
	'GET /commits',
	'GET /compare/{basehead}',
	'GET /commits/{ref}/statuses',
	'GET /deployments',
	'GET /deployments/{deployment_id}/statuses',
	'GET /environments/{environment_name}',
	'GET /actions/runs',
	'GET /actions/runs/{run_id}',
	'GET /actions/runs/{run_id}/jobs',
	'GET /actions/runs/{run_id}/pending_deployments',
	'GET /actions/workflows/{workflow_id}',
	'GET /actions/workflows/{workflow_id}/runs',
	'GET /actions/jobs/{job_id}',
];
const lock = [
	'GET ',
	'GET /git/matching-refs/{ref}',
	'GET /git/commits/{commit_sha}',
	'GET /commits/{ref}',
	'POST /git/commits',
];

export const uses = {
	look: {endpoints: look},
	readLocks: {endpoints: ['GET /git/matching-refs/{ref}', 'GET /git/commits/{commit_sha}', 'GET /commits/{ref}']},
	lock: {endpoints: lock, documents: ['updateRefs']},
	record: {
		endpoints: [
			'GET /deployments',
			'GET /deployments/{deployment_id}/statuses',
			'POST /deployments',
			'POST /deployments/{deployment_id}/statuses',
		],
	},
	land: {
		endpoints: [
			...lock,
			'GET /git/ref/{ref}',
			'GET /rules/branches/{branch}',
			'GET /compare/{basehead}',
			'GET /commits',
		],
		documents: ['updateRefs'],
	},
	pull: {
		endpoints: ['GET ', 'GET /git/ref/{ref}', 'GET /git/matching-refs/{ref}'],
		documents: [
			'updateRefs',
			'pull',
			'openPulls',
			'createPullRequest',
			'mergePullRequest',
			'enqueuePullRequest',
			'closePullRequest',
		],
	},
	start: {
		endpoints: [
			'GET /actions/workflows/{workflow_id}/runs',
			'GET /git/ref/{ref}',
			'GET /contents/{path}',
			'POST /actions/workflows/{workflow_id}/dispatches',
		],
	},
	rerun: {
		endpoints: [
			'GET /actions/runs/{run_id}',
			'GET /actions/runs/{run_id}/jobs',
			'POST /actions/runs/{run_id}/rerun',
			'POST /actions/runs/{run_id}/rerun-failed-jobs',
			'POST /actions/jobs/{job_id}/rerun',
		],
	},
	cancel: {
		endpoints: [
			'GET /actions/runs/{run_id}',
			'GET /actions/runs/{run_id}/jobs',
			'POST /actions/runs/{run_id}/cancel',
			'POST /actions/runs/{run_id}/force-cancel',
		],
	},
	approveRun: {
		endpoints: [
			'GET /actions/runs/{run_id}',
			'GET /actions/runs/{run_id}/jobs',
			'POST /actions/runs/{run_id}/approve',
		],
	},
	review: {
		endpoints: [
			'GET /actions/runs/{run_id}',
			'GET /actions/runs/{run_id}/pending_deployments',
			'GET /actions/runs/{run_id}/approvals',
			'POST /actions/runs/{run_id}/pending_deployments',
		],
		documents: ['approveDeployments', 'rejectDeployments'],
	},
	sign: {endpoints: ['GET /commits/{ref}/statuses', 'POST /statuses/{sha}']},
	logs: {endpoints: ['GET /actions/jobs/{job_id}/logs']},
	tests: {
		endpoints: [
			'GET /commits/{ref}/statuses',
			'GET /actions/runs/{run_id}/artifacts',
			'GET /actions/artifacts/{artifact_id}/{archive_format}',
		],
	},
	report: {endpoints: ['POST /statuses/{sha}']},
	/** Each by itself: what may not be read is unknown, and the others still tell. */
	examine: {
		endpoints: [
			'GET ',
			'GET /branches/{branch}',
			'GET /contents/{path}',
			'GET /rules/branches/{branch}',
			'GET /rulesets',
			'GET /rulesets/{ruleset_id}',
			'GET /git/matching-refs/{ref}',
			'GET /actions/workflows',
			'GET /environments',
			'GET /environments/{environment_name}/deployment-branch-policies',
			'GET /actions/secrets',
			'GET /actions/organization-secrets',
			'GET /environments/{environment_name}/secrets',
			'GET /actions/variables',
			'GET /actions/organization-variables',
			'GET /environments/{environment_name}/variables',
			'GET /hooks',
			'GET /actions/permissions',
			'GET /commits/{ref}/check-runs',
		],
	},
	/** Two refs of its own come and go; the environment is asked for by name. */
	probe: {
		endpoints: [
			'GET ',
			'GET /git/matching-refs/{ref}',
			'GET /environments/{environment_name}',
			'GET /commits/{ref}',
			'POST /git/commits',
		],
		documents: ['updateRefs'],
	},
	mend: {
		endpoints: [
			'GET /environments/{environment_name}',
			'PUT /actions/workflows/{workflow_id}/enable',
			'PUT /environments/{environment_name}',
			'POST /environments/{environment_name}/deployment-branch-policies',
		],
	},
} as const satisfies Record<string, Use>;
export type UseName = keyof typeof uses;

/** `sometimes`: what only some of its ways need, and when. Commands that are not here ask GitHub nothing. */
export type CommandNeed = {
	commands: readonly string[];
	uses: readonly UseName[];
	sometimes?: ReadonlyArray<{uses?: readonly UseName[]; permissions?: Permissions; when: string}>;
	scopes: readonly string[];
};
const changesWorkflows = {
	permissions: {workflows: 'write'},
	when: 'it changes a file in `.github/workflows` (classic: the scope `workflow`)',
} as const;

export const commandNeeds: readonly CommandNeed[] = [
	{commands: ['deployctl', 'status', 'gate', 'watch'], uses: ['look', 'readLocks', 'tests'], scopes: ['repo']},
	{commands: ['logs'], uses: ['look', 'logs'], scopes: ['repo']},
	{commands: ['deploy', 'rollback', 'stop', 'attach'], uses: ['look', 'lock', 'record'], scopes: ['repo']},
	{commands: ['lock', 'unlock', 'unpin'], uses: ['lock'], scopes: ['repo']},
	{
		commands: ['promote'],
		uses: ['look', 'lock', 'record', 'land', 'cancel'],
		scopes: ['repo'],
		sometimes: [
			{uses: ['pull'], when: 'the branch takes nothing but pull requests'},
			{uses: ['start'], when: 'it is done by a workflow'},
			{uses: ['review'], when: 'you approve its deployment'},
			{uses: ['sign'], when: 'it is a hotfix, or break-glass is used'},
			changesWorkflows,
		],
	},
	{commands: ['sign-off'], uses: ['look', 'sign'], scopes: ['repo']},
	{commands: ['rerun', 'cancel'], uses: ['look', 'rerun', 'cancel'], scopes: ['repo']},
	{commands: ['approve'], uses: ['look', 'approveRun'], scopes: ['repo']},
	{commands: ['dispatch'], uses: ['look', 'start'], scopes: ['repo']},
	{commands: ['report'], uses: ['report'], scopes: ['repo:status']},
	{
		commands: ['doctor'],
		uses: ['look', 'readLocks'],
		scopes: ['repo'],
		sometimes: [
			{uses: ['examine'], when: 'it is to know all; what the token may not read is unknown'},
			{uses: ['probe'], when: '`--probe` tries out the lock'},
			{uses: ['mend'], when: '`--fix` repairs environments and workflows'},
		],
	},
];

/** The permissions of fine-grained tokens, Apps and workflows. */
export const needsOfUses = (names: readonly UseName[]): Permissions =>
	together(
		names.flatMap(name => {
			const use: Use = uses[name];
			return [
				...endpointNeeds
					.filter(
						({endpoints, permission}) =>
							permission !== 'metadata' &&
							permission !== 'checks' &&
							endpoints.some(one => use.endpoints.includes(one)),
					)
					.map(({permission, level}): Permissions => ({[permission]: level})),
				...(use.documents ?? []).map(document => documentNeeds[document]),
			];
		}),
	);

const named = (rows: readonly CommandNeed[]): string[] => rows.flatMap(({commands}) => commands);

/** Commands that a token without this permission (at any level) cannot do, in the order of the table. */
export const commandsWithout = (permission: Permission): readonly string[] =>
	named(commandNeeds.filter(({uses: names}) => needsOfUses(names)[permission] !== undefined));

/** Commands that a classic token with these scopes cannot do with a private repository, in the order of the table. */
export const commandsBeyond = (given: readonly string[]): readonly string[] =>
	named(commandNeeds.filter(({scopes}) => !hasScope(given, scopes)));
