/** Objects as the REST API spells them. Complete enough for the official description, which is stricter than any client. */
import {type Context, iso, isoOrNull} from './context.ts';
import type {ChangedFile} from '../model/files.ts';
import {nodeId, sha1} from '../model/identity.ts';
import {
	type Attempt,
	type Commit,
	type CommitStatus,
	type Deployment,
	type DeploymentStatus,
	type Job,
	type Run,
	type Suite,
	type Workflow,
	jobUrl,
	personOf,
	repositoryUrl,
	runUrl,
	workflowPath,
} from '../model/model.ts';
import {labelsOf} from '../actions/jobs.ts';
import {jobsOfSuite, stepState, toldAttempt} from '../model/readings.ts';
import type {Person} from '../model/person.ts';

export const repoApi = (context: Context) =>
	`${context.apiUrl}/repos/${context.state.repository.owner}/${context.state.repository.name}`;

export function userShape(context: Context, person: Person): object {
	const login = person.login ?? 'ghost';
	const url = `${context.apiUrl}/users/${encodeURIComponent(login)}`;
	return {
		login,
		id: person.id,
		node_id: nodeId(person.bot ? 'BOT' : 'U', login),
		avatar_url: `${context.state.webUrl}/${encodeURIComponent(login)}.png`,
		gravatar_id: '',
		url,
		html_url: `${context.state.webUrl}/${person.bot ? `apps/${login.replace('[bot]', '')}` : login}`,
		followers_url: `${url}/followers`,
		following_url: `${url}/following{/other_user}`,
		gists_url: `${url}/gists{/gist_id}`,
		starred_url: `${url}/starred{/owner}{/repo}`,
		subscriptions_url: `${url}/subscriptions`,
		organizations_url: `${url}/orgs`,
		repos_url: `${url}/repos`,
		events_url: `${url}/events{/privacy}`,
		received_events_url: `${url}/received_events`,
		type: person.bot ? 'Bot' : 'User',
		site_admin: false,
	};
}

/** `acme/justice-league` is a team, everything else a person's login. */
export const isTeam = (reviewer: string): boolean => reviewer.includes('/');
const teamId = (reviewer: string): number => Number.parseInt(sha1(reviewer).slice(0, 7), 16);

export function reviewerShape(context: Context, reviewer: string): object {
	if (!isTeam(reviewer)) {
		return {type: 'User', reviewer: userShape(context, personOf(context.state, reviewer))};
	}
	const [owner, slug] = reviewer.split('/') as [string, string];
	const url = `${context.apiUrl}/teams/${teamId(reviewer)}`;
	return {
		type: 'Team',
		reviewer: {
			id: teamId(reviewer),
			node_id: nodeId('U', reviewer),
			url,
			html_url: `${context.state.webUrl}/orgs/${owner}/teams/${slug}`,
			name: slug,
			slug,
			description: null,
			privacy: 'closed',
			notification_setting: 'notifications_enabled',
			permission: 'push',
			members_url: `${url}/members{/member}`,
			repositories_url: `${url}/repos`,
			parent: null,
		},
	};
}

/** The same for GraphQL. */
export const teamView = (context: Context, reviewer: string): object => ({
	__typename: 'Team',
	id: nodeId('U', reviewer),
	databaseId: teamId(reviewer),
	name: reviewer.split('/')[1],
	slug: reviewer.split('/')[1],
	combinedSlug: reviewer,
	url: `${context.state.webUrl}/orgs/${reviewer.replace('/', '/teams/')}`,
});

const repositoryIdOf = (fullName: string): number => Number.parseInt(sha1(fullName).slice(0, 7), 16);

/** Where its code comes from. */
function headRepository(context: Context, run: Run): Record<string, unknown> {
	const fork = run.fork ?? context.state.plans.get(run.about)?.fork;
	const own = minimalRepository(context);
	return fork === undefined
		? own
		: {
				...own,
				id: 1 + repositoryIdOf(fork),
				name: fork.split('/')[1],
				full_name: fork,
				html_url: `${context.state.webUrl}/${fork}`,
				fork: true,
			};
}

export function minimalRepository(context: Context): Record<string, unknown> {
	const {repository, webUrl} = context.state;
	const url = repoApi(context);
	const owner: Person = {login: repository.owner, name: repository.owner, email: '', id: repository.ownerId};
	const links = {
		archive: '/{archive_format}{/ref}',
		assignees: '/assignees{/user}',
		blobs: '/git/blobs{/sha}',
		branches: '/branches{/branch}',
		collaborators: '/collaborators{/collaborator}',
		comments: '/comments{/number}',
		commits: '/commits{/sha}',
		compare: '/compare/{base}...{head}',
		contents: '/contents/{+path}',
		contributors: '/contributors',
		deployments: '/deployments',
		downloads: '/downloads',
		events: '/events',
		forks: '/forks',
		git_commits: '/git/commits{/sha}',
		git_refs: '/git/refs{/sha}',
		git_tags: '/git/tags{/sha}',
		issue_comment: '/issues/comments{/number}',
		issue_events: '/issues/events{/number}',
		issues: '/issues{/number}',
		keys: '/keys{/key_id}',
		labels: '/labels{/name}',
		languages: '/languages',
		merges: '/merges',
		milestones: '/milestones{/number}',
		notifications: '/notifications{?since,all,participating}',
		pulls: '/pulls{/number}',
		releases: '/releases{/id}',
		stargazers: '/stargazers',
		statuses: '/statuses/{sha}',
		subscribers: '/subscribers',
		subscription: '/subscription',
		tags: '/tags',
		teams: '/teams',
		trees: '/git/trees{/sha}',
		hooks: '/hooks',
	};
	return {
		id: repository.id,
		node_id: nodeId('R', repository.id),
		name: repository.name,
		full_name: `${repository.owner}/${repository.name}`,
		private: repository.isPrivate,
		owner: {...userShape(context, owner), type: 'Organization'},
		html_url: `${webUrl}/${repository.owner}/${repository.name}`,
		description: repository.description,
		fork: false,
		url,
		...Object.fromEntries(Object.entries(links).map(([name, path]) => [`${name}_url`, `${url}${path}`])),
	};
}

export const workflowShape = (context: Context, workflow: Workflow) => ({
	id: workflow.id,
	node_id: nodeId('W', workflow.id),
	name: workflow.definition.name,
	path: `.github/workflows/${workflow.definition.file}`,
	state: workflow.state ?? 'active',
	created_at: iso(workflow.createdAt),
	updated_at: iso(workflow.createdAt),
	url: `${repoApi(context)}/actions/workflows/${workflow.id}`,
	html_url: `${repositoryUrl(context.state)}/blob/${context.state.repository.defaultBranch}/.github/workflows/${workflow.definition.file}`,
	badge_url: `${repositoryUrl(context.state)}/workflows/${encodeURIComponent(workflow.definition.name)}/badge.svg`,
});

export function runShape(context: Context, run: Run, attempt: Attempt = toldAttempt(run, context.lags)): object {
	const {state} = context;
	const api = repoApi(context);
	const url = `${api}/actions/runs/${run.id}`;
	const commit = state.commits.get(run.sha)!;
	const person = {name: commit.author.name, email: commit.author.email};
	return {
		id: run.id,
		name: run.workflow.definition.name,
		node_id: nodeId('WFR', run.id),
		check_suite_id: run.suite.id,
		check_suite_node_id: nodeId('CS', run.suite.id),
		head_branch: run.branch,
		head_sha: run.sha,
		path: workflowPath(run),
		display_title: run.title,
		run_number: run.number,
		event: run.event,
		status: attempt.status,
		conclusion: attempt.conclusion,
		workflow_id: run.workflow.id,
		url,
		html_url:
			attempt.number === run.attempts.length
				? runUrl(state, run)
				: `${runUrl(state, run)}/attempts/${attempt.number}`,
		pull_requests: [],
		created_at: iso(run.createdAt),
		updated_at: iso(attempt.updatedAt),
		actor: userShape(context, run.actor),
		run_attempt: attempt.number,
		referenced_workflows: [],
		run_started_at: iso(attempt.startedAt),
		triggering_actor: userShape(context, attempt.actor),
		jobs_url: `${url}/jobs`,
		logs_url: `${url}/logs`,
		check_suite_url: `${api}/check-suites/${run.suite.id}`,
		artifacts_url: `${url}/artifacts`,
		cancel_url: `${url}/cancel`,
		rerun_url: `${url}/rerun`,
		previous_attempt_url: attempt.number > 1 ? `${url}/attempts/${attempt.number - 1}` : null,
		workflow_url: `${api}/actions/workflows/${run.workflow.id}`,
		head_commit: {
			id: commit.sha,
			tree_id: commit.tree,
			message: commit.message,
			timestamp: iso(commit.committedAt),
			author: person,
			committer: person,
		},
		repository: minimalRepository(context),
		head_repository: headRepository(context, run),
	};
}

export function jobShape(context: Context, job: Job): object {
	const {state} = context;
	const api = repoApi(context);
	const run = state.runs.get(job.runId)!;
	return {
		id: job.id,
		run_id: job.runId,
		workflow_name: run.workflow.definition.name,
		head_branch: run.branch,
		run_url: `${api}/actions/runs/${job.runId}`,
		run_attempt: job.attempt,
		node_id: nodeId('CR', job.id),
		head_sha: run.sha,
		url: `${api}/actions/jobs/${job.id}`,
		html_url: jobUrl(state, job),
		status: job.status,
		conclusion: job.conclusion,
		created_at: iso(job.createdAt),
		started_at: iso(job.startedAt ?? job.createdAt),
		completed_at: isoOrNull(job.completedAt),
		name: job.shown ?? job.name,
		steps: job.steps.map(step => {
			const {status, conclusion, startedAt, completedAt} = stepState(step, state.now);
			return {
				name: step.name,
				status,
				conclusion,
				number: step.number,
				started_at: isoOrNull(startedAt),
				completed_at: isoOrNull(completedAt),
			};
		}),
		check_run_url: `${api}/check-runs/${job.id}`,
		labels: labelsOf(job),
		runner_id: job.runner === null ? null : (job.id % 900) + 1,
		runner_name: job.runner,
		runner_group_id: job.runner === null ? null : 0,
		runner_group_name: job.runner === null ? null : 'GitHub Actions',
	};
}

export function checkRunShape(context: Context, job: Job): object {
	const api = repoApi(context);
	const run = context.state.runs.get(job.runId)!;
	return {
		id: job.id,
		name: job.shown ?? job.name,
		node_id: nodeId('CR', job.id),
		head_sha: run.sha,
		external_id: `${job.runId}-${job.id}`,
		url: `${api}/check-runs/${job.id}`,
		html_url: jobUrl(context.state, job),
		details_url: jobUrl(context.state, job),
		status: job.status,
		conclusion: job.conclusion,
		started_at: isoOrNull(job.startedAt ?? job.createdAt),
		completed_at: isoOrNull(job.completedAt),
		output: {
			title: null,
			summary: null,
			text: null,
			annotations_count: job.annotations.length,
			annotations_url: `${api}/check-runs/${job.id}/annotations`,
		},
		check_suite: {id: run.suite.id},
		app: appShape(context, run.suite),
		pull_requests: [],
	};
}

const appShape = (context: Context, {app}: Suite) => ({
	id: app.id,
	slug: app.slug,
	node_id: nodeId('A', app.id),
	client_id: 'Iv1.0000000000000000',
	owner: userShape(context, {login: 'github', name: 'GitHub', email: '', id: 9919}),
	name: app.name,
	description: '',
	external_url: `https://${app.slug}.example`,
	html_url: `${context.state.webUrl}/apps/${app.slug}`,
	created_at: '2018-07-30T09:30:17Z',
	updated_at: '2024-04-10T20:33:16Z',
	permissions: {checks: 'write', metadata: 'read'},
	events: ['check_run'],
});

export function suiteShape(context: Context, suite: Suite): object {
	const api = repoApi(context);
	const commit = context.state.commits.get(suite.sha)!;
	const person = {name: commit.author.name, email: commit.author.email};
	return {
		id: suite.id,
		node_id: nodeId('CS', suite.id),
		head_branch: suite.branch,
		head_sha: suite.sha,
		status: suite.status,
		conclusion: suite.conclusion,
		url: `${api}/check-suites/${suite.id}`,
		before: null,
		after: suite.sha,
		pull_requests: [],
		app: appShape(context, suite),
		repository: minimalRepository(context),
		created_at: iso(suite.createdAt),
		updated_at: iso(suite.updatedAt),
		head_commit: {
			id: commit.sha,
			tree_id: commit.tree,
			message: commit.message,
			timestamp: iso(commit.committedAt),
			author: person,
			committer: person,
		},
		latest_check_runs_count: jobsOfSuite(suite, 'LATEST').length,
		check_runs_url: `${api}/check-suites/${suite.id}/check-runs`,
	};
}

export function commitShape(context: Context, commit: Commit): object {
	const api = repoApi(context);
	const by = {name: commit.author.name, email: commit.author.email, date: iso(commit.committedAt)};
	const user = commit.author.login === null ? null : userShape(context, commit.author);
	return {
		sha: commit.sha,
		node_id: nodeId('C', commit.sha),
		url: `${api}/commits/${commit.sha}`,
		html_url: `${repositoryUrl(context.state)}/commit/${commit.sha}`,
		comments_url: `${api}/commits/${commit.sha}/comments`,
		commit: {
			url: `${api}/git/commits/${commit.sha}`,
			author: by,
			committer: by,
			message: commit.message,
			comment_count: 0,
			tree: {sha: commit.tree, url: `${api}/git/trees/${commit.tree}`},
			verification: unsigned,
		},
		author: user,
		committer: user,
		parents: parentsShape(context, commit),
	};
}

const unsigned = {verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null};
const parentsShape = (context: Context, commit: Commit) =>
	commit.parents.map(sha => ({
		sha,
		url: `${repoApi(context)}/commits/${sha}`,
		html_url: `${repositoryUrl(context.state)}/commit/${sha}`,
	}));

export function gitCommitShape(context: Context, commit: Commit): object {
	const by = {name: commit.author.name, email: commit.author.email, date: iso(commit.committedAt)};
	const api = repoApi(context);
	return {
		sha: commit.sha,
		node_id: nodeId('C', commit.sha),
		url: `${api}/git/commits/${commit.sha}`,
		html_url: `${repositoryUrl(context.state)}/commit/${commit.sha}`,
		author: by,
		committer: by,
		message: commit.message,
		tree: {sha: commit.tree, url: `${api}/git/trees/${commit.tree}`},
		parents: parentsShape(context, commit),
		verification: unsigned,
	};
}

const encodePath = (path: string) => path.split('/').map(encodeURIComponent).join('/');

/** @param at the commit whose version of the file the addresses show */
export const fileShape = (context: Context, at: string, file: ChangedFile) => ({
	sha: file.blob,
	filename: file.path,
	status: file.status,
	additions: file.additions,
	deletions: file.deletions,
	changes: file.additions + file.deletions,
	blob_url: `${repositoryUrl(context.state)}/blob/${at}/${encodePath(file.path)}`,
	raw_url: `${repositoryUrl(context.state)}/raw/${at}/${encodePath(file.path)}`,
	contents_url: `${repoApi(context)}/contents/${encodePath(file.path)}?ref=${at}`,
});

export const refShape = (context: Context, name: string, sha: string) => ({
	ref: name,
	node_id: nodeId('REF', name),
	url: `${repoApi(context)}/git/${encodeURI(name)}`,
	object: {type: 'commit', sha, url: `${repoApi(context)}/git/commits/${sha}`},
});

export const statusShape = (context: Context, status: CommitStatus) => ({
	url: `${repoApi(context)}/statuses/${status.sha}`,
	avatar_url: `${context.state.webUrl}/${encodeURIComponent(status.creator.login ?? 'ghost')}.png`,
	id: status.id,
	node_id: nodeId('SC', status.id),
	state: status.state,
	description: status.description,
	target_url: status.targetUrl,
	context: status.context,
	created_at: iso(status.createdAt),
	updated_at: iso(status.createdAt),
});

export const deploymentShape = (context: Context, deployment: Deployment) => {
	const url = `${repoApi(context)}/deployments/${deployment.id}`;
	return {
		url,
		id: deployment.id,
		node_id: nodeId('DE', deployment.id),
		sha: deployment.sha,
		ref: deployment.ref,
		task: deployment.task,
		payload: deployment.payload ?? {},
		original_environment: deployment.environment,
		environment: deployment.environment,
		description: deployment.description,
		creator: userShape(context, deployment.creator),
		created_at: iso(deployment.createdAt),
		updated_at: iso(deployment.updatedAt),
		statuses_url: `${url}/statuses`,
		repository_url: repoApi(context),
		transient_environment: deployment.transient,
		production_environment: deployment.production,
	};
};

/** GraphQL has a state `WAITING`; the list of REST's states does not. */
export const deploymentStatusShape = (context: Context, deployment: Deployment, status: DeploymentStatus) => {
	const url = `${repoApi(context)}/deployments/${deployment.id}`;
	return {
		url: `${url}/statuses/${status.id}`,
		id: status.id,
		node_id: nodeId('DES', status.id),
		state: status.state === 'waiting' ? 'pending' : status.state,
		creator: userShape(context, status.creator),
		description: status.description,
		environment: status.environment,
		target_url: status.logUrl,
		created_at: iso(status.createdAt),
		updated_at: iso(status.createdAt),
		deployment_url: url,
		repository_url: repoApi(context),
		environment_url: status.environmentUrl,
		log_url: status.logUrl,
	};
};
