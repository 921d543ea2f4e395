/** The repository itself, who is asking, and what is left to spend. */
import {iso, viewerPermission} from '../calls/context.ts';
import type {Bucket} from '../limits/budget.ts';
import type {Call, Route} from '../calls/rest-reply.ts';
import {notFound} from '../calls/rest-reply.ts';
import {minimalRepository, userShape} from '../calls/rest-shapes.ts';

export function fullRepository(call: Call): object {
	const {state, token} = call.context;
	const {repository, webUrl} = state;
	const path = `${repository.owner}/${repository.name}`;
	const host = new URL(webUrl).host;
	const admin = viewerPermission(token) === 'ADMIN';
	return {
		...minimalRepository(call.context),
		git_url: `git://${host}/${path}.git`,
		ssh_url: `git@${host}:${path}.git`,
		clone_url: `${webUrl}/${path}.git`,
		svn_url: `${webUrl}/${path}`,
		mirror_url: null,
		homepage: null,
		language: 'TypeScript',
		forks_count: 0,
		stargazers_count: 3,
		watchers_count: 3,
		size: 48_211,
		default_branch: repository.defaultBranch,
		open_issues_count: 0,
		has_issues: true,
		has_projects: true,
		has_wiki: false,
		has_pages: false,
		has_downloads: true,
		has_discussions: false,
		archived: false,
		disabled: false,
		visibility: repository.isPrivate ? 'private' : 'public',
		pushed_at: iso(repository.pushedAt),
		created_at: iso(repository.createdAt),
		updated_at: iso(repository.pushedAt),
		subscribers_count: 6,
		network_count: 0,
		license: null,
		forks: 0,
		open_issues: 0,
		watchers: 3,
		permissions: {admin, maintain: admin, push: admin, triage: admin, pull: true},
	};
}

/** What `/rate_limit` tells: every resource, even those we never touch. */
export const rateShape = (bucket: Bucket): object => ({
	limit: bucket.limit,
	remaining: bucket.remaining,
	reset: Math.floor(bucket.resetAt / 1000),
	used: bucket.used,
});

/** Where everything begins, as templates by name. */
const rootPaths: Readonly<Record<string, string>> = {
	current_user: '/user',
	current_user_repositories: '/user/repos{?type,page,per_page,sort}',
	authorizations: '/authorizations',
	code_search: '/search/code?q={query}{&page,per_page,sort,order}',
	commit_search: '/search/commits?q={query}{&page,per_page,sort,order}',
	emails: '/user/emails',
	emojis: '/emojis',
	events: '/events',
	feeds: '/feeds',
	followers: '/user/followers',
	following: '/user/following{/target}',
	gists: '/gists{/gist_id}',
	hub: '/hub',
	issue_search: '/search/issues?q={query}{&page,per_page,sort,order}',
	issues: '/issues',
	keys: '/user/keys',
	label_search: '/search/labels?q={query}&repository_id={repository_id}{&page,per_page}',
	notifications: '/notifications',
	organization: '/orgs/{org}',
	organization_repositories: '/orgs/{org}/repos{?type,page,per_page,sort}',
	organization_teams: '/orgs/{org}/teams',
	public_gists: '/gists/public',
	rate_limit: '/rate_limit',
	repository: '/repos/{owner}/{repo}',
	repository_search: '/search/repositories?q={query}{&page,per_page,sort,order}',
	starred: '/user/starred{/owner}{/repo}',
	starred_gists: '/gists/starred',
	user: '/users/{user}',
	user_organizations: '/user/orgs',
	user_repositories: '/users/{user}/repos{?type,page,per_page,sort}',
	user_search: '/search/users?q={query}{&page,per_page,sort,order}',
};

export const repositoryRoutes: readonly Route[] = [
	{
		method: 'GET',
		path: '/',
		answer: ({context}) => ({
			status: 200,
			body: {
				...Object.fromEntries(
					Object.entries(rootPaths).map(([name, path]) => [`${name}_url`, `${context.apiUrl}${path}`]),
				),
				current_user_authorizations_html_url: `${context.state.webUrl}/settings/connections/applications{/client_id}`,
			},
		}),
	},
	{method: 'GET', path: '/repos/{owner}/{repo}', answer: call => ({status: 200, body: fullRepository(call)})},
	{
		method: 'GET',
		path: '/user',
		answer: call => {
			const {viewer} = call.context;
			return {
				status: 200,
				body: {
					...userShape(call.context, viewer),
					name: viewer.name,
					company: null,
					blog: '',
					location: null,
					email: viewer.email,
					hireable: null,
					bio: null,
					public_repos: 4,
					public_gists: 0,
					followers: 12,
					following: 9,
					created_at: '2015-04-01T08:00:00Z',
					updated_at: '2026-01-05T08:00:00Z',
					private_gists: 0,
					total_private_repos: 2,
					owned_private_repos: 2,
					disk_usage: 0,
					collaborators: 0,
					two_factor_authentication: true,
				},
			};
		},
	},
	{
		method: 'GET',
		path: '/rate_limit',
		answer: call =>
			call.context.rates
				? {
						status: 200,
						body: {
							resources: {
								core: rateShape(call.context.rates.core),
								graphql: rateShape(call.context.rates.graphql),
								search: {
									limit: 30,
									remaining: 30,
									reset: Math.floor(call.context.state.now / 1000) + 60,
									used: 0,
								},
							},
							rate: rateShape(call.context.rates.core),
						},
					}
				: notFound(),
	},
];
