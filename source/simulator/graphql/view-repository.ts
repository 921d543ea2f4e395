/** The repository, its refs, commits and people as GraphQL shows them. */
import type {GraphQLResolveInfo} from 'graphql';
import {type Paging, connection} from './connection.ts';
import {type Context, iso, requireChecks, upper, viewerPermission} from '../calls/context.ts';
import {compare, history, resolve, visibleRef} from '../model/git.ts';
import {nodeId} from '../model/identity.ts';
import {githubError} from '../limits/limits.ts';
import type {Commit, CommitStatus, State} from '../model/model.ts';
import {repositoryUrl} from '../model/model.ts';
import type {PullRequest} from '../model/pull-model.ts';
import {combinedState, latestStatuses, rollupJobs} from '../model/readings.ts';
import {isRequiredFor} from '../branches/rules.ts';
import {deploymentsConnection, type DeploymentArguments} from './view-deployments.ts';
import {ownerView, pullView, queueView} from './view-pulls.ts';
import {ruleFields} from './view-rules.ts';
import type {Person} from '../model/person.ts';

/** Deleted accounts appear as `ghost`. */
export const actorView = (context: Context, person: Person): object => {
	const login = person.login ?? 'ghost';
	const plain = login.replace('[bot]', '');
	const url = `${context.state.webUrl}/${person.bot ? `apps/${plain}` : plain}`;
	return {
		__typename: person.bot ? 'Bot' : 'User',
		id: nodeId(person.bot ? 'BOT' : 'U', login),
		databaseId: person.id,
		login: plain,
		name: person.name,
		email: person.bot ? '' : person.email,
		avatarUrl: `${context.state.webUrl}/${plain}.png`,
		url,
		resourcePath: url.slice(context.state.webUrl.length),
		createdAt: '2015-04-01T08:00:00Z',
		updatedAt: '2026-01-05T08:00:00Z',
	};
};

const gitActorView = (context: Context, person: Person, at: number) => ({
	name: person.name,
	email: person.email,
	date: iso(at),
	avatarUrl: `${context.state.webUrl}/${person.login ?? 'ghost'}.png`,
	user: () => (person.login === null || person.bot ? null : context.views.actor(context, person)),
});

const contextView = (context: Context, status: CommitStatus) => ({
	__typename: 'StatusContext',
	id: nodeId('SC', status.id),
	context: status.context,
	state: upper(status.state),
	description: status.description,
	targetUrl: status.targetUrl,
	createdAt: iso(status.createdAt),
	avatarUrl: null,
	isRequired: (of: object) => isRequiredFor(context.state, status.context, of),
	creator: () => context.views.actor(context, status.creator),
	commit: () => context.views.commit(context, context.state.commits.get(status.sha)!),
});

export function commitView(context: Context, commit: Commit): object {
	const {state} = context;
	const url = `${repositoryUrl(state)}/commit/${commit.sha}`;
	const path = url.slice(state.webUrl.length);
	const [first = '', ...rest] = commit.message.split('\n');
	return {
		__typename: 'Commit',
		id: nodeId('C', commit.sha),
		oid: commit.sha,
		abbreviatedOid: commit.sha.slice(0, 7),
		url,
		resourcePath: path,
		commitUrl: url,
		commitResourcePath: path,
		repository: () => context.views.repository(context),
		message: commit.message,
		messageHeadline: first,
		messageBody: rest.join('\n').trim(),
		committedDate: iso(commit.committedAt),
		authoredDate: iso(commit.committedAt),
		committedViaWeb: false,
		authoredByCommitter: true,
		author: () => gitActorView(context, commit.author, commit.committedAt),
		committer: () => gitActorView(context, commit.author, commit.committedAt),
		tree: () => ({
			__typename: 'Tree',
			id: nodeId('T', commit.tree),
			oid: commit.tree,
			abbreviatedOid: commit.tree.slice(0, 7),
			commitUrl: url,
			commitResourcePath: path,
			repository: () => context.views.repository(context),
		}),
		parents: (args: Paging, _: unknown, info: GraphQLResolveInfo) =>
			connection(commit.parents, args, info, sha => context.views.commit(context, state.commits.get(sha)!)),
		history: (args: Paging, _: unknown, info: GraphQLResolveInfo) =>
			connection(history(state, commit.sha), args, info, one => context.views.commit(context, one)),
		status: () => {
			const statuses = latestStatuses(state, commit.sha);
			return statuses.length === 0
				? null
				: {
						__typename: 'Status',
						id: nodeId('SE', commit.sha),
						state: upper(combinedState(statuses.map(status => status.state))),
						commit: () => context.views.commit(context, commit),
						contexts: () => statuses.map(status => contextView(context, status)),
						context: ({name}: {name: string}) =>
							statuses
								.filter(status => status.context === name)
								.map(status => contextView(context, status))[0] ?? null,
					};
		},
		statusCheckRollup: () => rollupView(context, commit),
		checkSuites: (
			args: Paging & {filterBy?: {appId?: number; checkName?: string} | null},
			_: unknown,
			info: GraphQLResolveInfo,
		) => {
			requireChecks(context, 'suites');
			const suites = (state.suitesBySha.get(commit.sha) ?? []).filter(
				suite =>
					(args.filterBy?.appId === undefined || args.filterBy.appId === suite.app.id) &&
					(args.filterBy?.checkName === undefined ||
						suite.run?.attempts.some(attempt =>
							attempt.jobs.some(job => job.name === args.filterBy!.checkName),
						)),
			);
			return connection(suites, args, info, suite => context.views.suite(context, suite));
		},
		deployments: (args: DeploymentArguments, _: unknown, info: GraphQLResolveInfo) =>
			deploymentsConnection(
				context,
				[...state.deployments.values()].filter(deployment => deployment.sha === commit.sha),
				args,
				info,
			),
		associatedPullRequests: (args: Paging, _: unknown, info: GraphQLResolveInfo) =>
			connection(
				state.pulls.filter(pull => pull.headSha === commit.sha),
				args,
				info,
				pull => pullView(context, pull),
			),
	};
}

const countBy = (words: readonly string[]) =>
	[...new Set(words)].map(state => ({state, count: words.filter(word => word === state).length}));

/** Lies as GitHub's does: dispatched and workflow_run jobs are left out. */
function rollupView(context: Context, commit: Commit): object | null {
	const jobs = rollupJobs(context.state, commit.sha);
	const statuses = latestStatuses(context.state, commit.sha);
	if (jobs.length + statuses.length === 0) {
		return null;
	}
	const words = [
		...jobs.map(job =>
			job.status === 'completed'
				? ['success', 'neutral', 'skipped'].includes(job.conclusion!)
					? 'success'
					: 'failure'
				: 'pending',
		),
		...statuses.map(status => status.state),
	];
	return {
		__typename: 'StatusCheckRollup',
		id: nodeId('SCR', commit.sha),
		state: upper(combinedState(words)),
		commit: () => context.views.commit(context, commit),
		contexts: (args: Paging, _: unknown, info: GraphQLResolveInfo) => {
			requireChecks(context, 'runs');
			return connection(
				[...jobs, ...statuses],
				args,
				info,
				one => ('context' in one ? contextView(context, one) : context.views.job(context, one)),
				{
					checkRunCount: jobs.length,
					statusContextCount: statuses.length,
					checkRunCountsByState: countBy(jobs.map(job => upper(job.conclusion ?? job.status)!)),
					statusContextCountsByState: countBy(statuses.map(status => upper(status.state)!)),
				},
			);
		},
	};
}

export function refView(context: Context, fullName: string): object {
	const {state} = context;
	const [, prefix, name] = /^(refs\/[^/]+\/)(.+)$/.exec(fullName) as unknown as [string, string, string];
	const sha = state.refs.get(fullName)!;
	return {
		__typename: 'Ref',
		id: nodeId('REF', fullName),
		name,
		prefix,
		target: () => context.views.commit(context, state.commits.get(sha)!),
		repository: () => context.views.repository(context),
		...ruleFields(context, prefix === 'refs/heads/' ? name : null),
		associatedPullRequests: (args: Paging, _: unknown, info: GraphQLResolveInfo) =>
			connection(
				state.pulls.filter(pull => `refs/heads/${pull.head}` === fullName),
				args,
				info,
				pull => pullView(context, pull),
			),
		compare: ({headRef}: {headRef: string}) => {
			const head = resolve(state, headRef);
			if (!head) {
				// The kind and the path are known; these words are ours.
				throw githubError('NOT_FOUND', `Could not resolve to a head ref with the name of '${headRef}'.`);
			}
			const result = compare(state, sha, head);
			return {
				__typename: 'Comparison',
				id: nodeId('CMP', `${sha}...${head}`),
				status: upper(result.status),
				aheadBy: result.aheadBy,
				behindBy: result.behindBy,
				baseTarget: () => context.views.commit(context, state.commits.get(sha)!),
				headTarget: () => context.views.commit(context, state.commits.get(head)!),
				commits: (args: Paging, _: unknown, info: GraphQLResolveInfo) =>
					connection(result.commits, args, info, commit => context.views.commit(context, commit), {
						authorCount: new Set(result.commits.map(commit => commit.author.email)).size,
					}),
			};
		},
	};
}

type PullArguments = Paging & {
	headRefName?: string | null;
	baseRefName?: string | null;
	states?: readonly string[] | null;
	orderBy?: {direction: 'ASC' | 'DESC'} | null;
};

function pullsAsked({pulls}: State, args: PullArguments): PullRequest[] {
	const found = pulls.filter(
		pull =>
			(!args.headRefName || args.headRefName === pull.head) &&
			(!args.baseRefName || args.baseRefName === pull.base) &&
			(!args.states || args.states.includes(pull.state)),
	);
	return args.orderBy?.direction === 'DESC' ? found.toReversed() : found;
}

export function repositoryView(context: Context): object {
	const {state} = context;
	const {repository} = state;
	const url = repositoryUrl(state);
	return {
		__typename: 'Repository',
		id: nodeId('R', repository.id),
		databaseId: repository.id,
		name: repository.name,
		nameWithOwner: `${repository.owner}/${repository.name}`,
		url,
		resourcePath: url.slice(state.webUrl.length),
		description: repository.description,
		isPrivate: repository.isPrivate,
		visibility: repository.isPrivate ? 'PRIVATE' : 'PUBLIC',
		isArchived: false,
		isDisabled: false,
		isEmpty: false,
		isFork: false,
		isLocked: false,
		createdAt: iso(repository.createdAt),
		updatedAt: iso(repository.pushedAt),
		pushedAt: iso(repository.pushedAt),
		viewerPermission: viewerPermission(context.token),
		viewerCanAdminister: context.token !== 'read-only',
		mergeQueue: ({branch}: {branch?: string | null}) => queueView(context, branch ?? repository.defaultBranch),
		mergeCommitAllowed: true,
		squashMergeAllowed: true,
		rebaseMergeAllowed: true,
		owner: () => ownerView(state),
		parent: null,
		hasIssuesEnabled: true,
		hasWikiEnabled: false,
		hasProjectsEnabled: true,
		hasDiscussionsEnabled: false,
		isTemplate: false,
		isMirror: false,
		defaultBranchRef: () => context.views.ref(context, `refs/heads/${repository.defaultBranch}`),
		ref: ({qualifiedName}: {qualifiedName: string}) => {
			const name = visibleRef(state, qualifiedName);
			return name ? context.views.ref(context, name) : null;
		},
		refs: (args: Paging & {refPrefix: string}, _: unknown, info: GraphQLResolveInfo) =>
			connection(
				[...state.refs.keys()]
					.filter(name => name.startsWith(args.refPrefix) && /^refs\/(heads|tags)\//.test(name))
					.toSorted(),
				args,
				info,
				name => context.views.ref(context, name),
			),
		object: ({oid, expression}: {oid?: string | null; expression?: string | null}) => {
			const commit = state.commits.get(oid ?? resolve(state, expression ?? '') ?? '');
			return commit ? context.views.commit(context, commit) : null;
		},
		deployments: (args: DeploymentArguments, _: unknown, info: GraphQLResolveInfo) =>
			deploymentsConnection(context, [...state.deployments.values()], args, info),
		environment: ({name}: {name: string}) => {
			const environment = state.environments.get(name);
			if (!environment) {
				// null at that path, and this beside it.
				throw githubError('NOT_FOUND', `Could not resolve to an Environment with the name ${name}.`);
			}
			return context.views.environment(context, environment);
		},
		environments: (args: Paging, _: unknown, info: GraphQLResolveInfo) =>
			connection([...state.environments.values()], args, info, one => context.views.environment(context, one)),
		pullRequest: ({number}: {number: number}) => {
			const pull = state.pulls.find(one => one.number === number);
			if (!pull) {
				throw githubError('NOT_FOUND', `Could not resolve to a PullRequest with the number of ${number}.`);
			}
			return pullView(context, pull);
		},
		pullRequests: (args: PullArguments, _: unknown, info: GraphQLResolveInfo) =>
			connection(pullsAsked(state, args), args, info, pull => pullView(context, pull)),
	};
}
