/** Pull requests and the merge queue as GraphQL shows them. */
import type {GraphQLResolveInfo} from 'graphql';
import {type Paging, connection} from './connection.ts';
import {type Context, iso, isoOrNull} from '../calls/context.ts';
import {compare} from '../model/git.ts';
import {filesOf} from '../model/files.ts';
import {nodeId} from '../model/identity.ts';
import {positionOf, queueOf} from '../branches/merge-queue.ts';
import {personOf, repositoryUrl, type State} from '../model/model.ts';
import type {PullRequest, QueueEntry} from '../model/pull-model.ts';
import {missingFor} from '../branches/pulls.ts';
import {combinedState, latestStatuses, rollupJobs} from '../model/readings.ts';
import {ruleOf} from '../branches/rules.ts';

/** null: GitHub is working it out, or it is too late for the question. */
export const isMergeable = (state: State, pull: PullRequest): boolean | null =>
	pull.state === 'OPEN' && state.now >= pull.knownAt ? true : null;

const isRed = (state: State, sha: string): boolean => {
	const words = [
		...latestStatuses(state, sha).map(status => status.state),
		...rollupJobs(state, sha).map(job =>
			job.status === 'completed'
				? ['success', 'neutral', 'skipped'].includes(job.conclusion!)
					? 'success'
					: 'failure'
				: 'pending',
		),
	];
	return words.length > 0 && combinedState(words) !== 'success';
};

/** `UNSTABLE`: it may be merged, although something that nobody requires is not green. */
export function mergeState(state: State, pull: PullRequest): 'UNKNOWN' | 'DRAFT' | 'BLOCKED' | 'UNSTABLE' | 'CLEAN' {
	if (isMergeable(state, pull) === null) {
		return 'UNKNOWN';
	}
	return pull.isDraft
		? 'DRAFT'
		: missingFor(state, pull).length > 0
			? 'BLOCKED'
			: isRed(state, pull.headSha)
				? 'UNSTABLE'
				: 'CLEAN';
}

/** null: no review is asked for. */
function reviewDecision(state: State, pull: PullRequest): 'APPROVED' | 'REVIEW_REQUIRED' | null {
	const wanted = ruleOf(state, pull.base)?.pullRequest?.approvals ?? 0;
	return wanted === 0 ? null : pull.approvals.length >= wanted ? 'APPROVED' : 'REVIEW_REQUIRED';
}

/** The organisation that owns the repository. */
export const ownerView = ({repository, webUrl}: State): object => ({
	__typename: 'Organization',
	id: nodeId('U', repository.owner),
	login: repository.owner,
	name: repository.owner,
	url: `${webUrl}/${repository.owner}`,
});

export function entryView(context: Context, pull: PullRequest, entry: QueueEntry): object {
	const {state} = context;
	const seconds = ruleOf(state, pull.base)?.mergeQueue?.seconds ?? 0;
	return {
		__typename: 'MergeQueueEntry',
		id: nodeId('MQE', `${pull.number} ${entry.id}`),
		position: Math.max(1, positionOf(state, pull)),
		state: entry.state,
		enqueuedAt: iso(entry.enqueuedAt),
		jump: false,
		solo: false,
		estimatedTimeToMerge: Math.max(0, Math.ceil((entry.enqueuedAt - state.now) / 1000) + seconds),
		enqueuer: () => context.views.actor(context, entry.by),
		pullRequest: () => pullView(context, pull),
		mergeQueue: () => queueView(context, pull.base),
		headCommit: () => context.views.commit(context, state.commits.get(entry.headSha)!),
		baseCommit: () => context.views.commit(context, state.commits.get(entry.baseSha)!),
	};
}

/** null: the branch has no merge queue. */
export function queueView(context: Context, branch: string): object | null {
	const {state} = context;
	const rule = ruleOf(state, branch)?.mergeQueue;
	const url = `${repositoryUrl(state)}/queue/${branch}`;
	return rule
		? {
				__typename: 'MergeQueue',
				id: nodeId('MQ', branch),
				url,
				resourcePath: url.slice(state.webUrl.length),
				nextEntryEstimatedTimeToMerge: rule.seconds,
				repository: () => context.views.repository(context),
				entries: (args: Paging, _: unknown, info: GraphQLResolveInfo) =>
					connection(queueOf(state, branch), args, info, pull => entryView(context, pull, pull.entry!)),
				configuration: {
					checkResponseTimeout: 60,
					maximumEntriesToBuild: 5,
					maximumEntriesToMerge: 5,
					mergeMethod: (rule.method ?? 'merge').toUpperCase(),
					mergingStrategy: 'ALLGREEN',
					minimumEntriesToMerge: 1,
					minimumEntriesToMergeWaitTime: 5,
				},
			}
		: null;
}

/** Who has approved the present head: others do not review here. */
const reviewsOf = (context: Context, pull: PullRequest) => (args: Paging, _: unknown, info: GraphQLResolveInfo) =>
	connection(pull.approvals, args, info, login => ({
		__typename: 'PullRequestReview',
		id: nodeId('PRR', `${pull.number} ${login}`),
		state: 'APPROVED',
		body: '',
		authorAssociation: 'MEMBER',
		submittedAt: iso(pull.updatedAt),
		createdAt: iso(pull.updatedAt),
		updatedAt: iso(pull.updatedAt),
		reactionGroups: [],
		author: () => context.views.actor(context, personOf(context.state, login)),
		commit: () => context.views.commit(context, context.state.commits.get(pull.headSha)!),
		pullRequest: () => pullView(context, pull),
	}));

/** What people do with pull requests elsewhere, and nobody does here: labels, comments, projects. */
const talk = () => {
	const none = (args: Paging, _: unknown, info: GraphQLResolveInfo) => connection([], args, info, one => one);
	return {
		assignees: none,
		labels: none,
		comments: none,
		projectCards: none,
		projectItems: none,
		reviewRequests: none,
		closingIssuesReferences: none,
		reactionGroups: [],
		milestone: null,
	};
};

export function pullView(context: Context, pull: PullRequest): object {
	const {state} = context;
	const url = `${repositoryUrl(state)}/pull/${pull.number}`;
	const ref = (branch: string) => () =>
		state.refs.has(`refs/heads/${branch}`) ? context.views.ref(context, `refs/heads/${branch}`) : null;
	const {commits} = compare(state, pull.baseSha, pull.headSha);
	const files = filesOf(commits);
	return {
		__typename: 'PullRequest',
		id: nodeId('PR', pull.number),
		databaseId: pull.id,
		fullDatabaseId: String(pull.id),
		number: pull.number,
		title: pull.title,
		body: pull.body,
		state: pull.state,
		url,
		permalink: url,
		resourcePath: url.slice(state.webUrl.length),
		headRefName: pull.head,
		baseRefName: pull.base,
		headRefOid: pull.headSha,
		baseRefOid: pull.state === 'OPEN' ? (state.refs.get(`refs/heads/${pull.base}`) ?? pull.baseSha) : pull.baseSha,
		headRef: ref(pull.head),
		baseRef: ref(pull.base),
		repository: () => context.views.repository(context),
		headRepository: () => context.views.repository(context),
		headRepositoryOwner: () => ownerView(state),
		...talk(),
		reviews: reviewsOf(context, pull),
		latestReviews: reviewsOf(context, pull),
		isDraft: pull.isDraft,
		isCrossRepository: false,
		maintainerCanModify: false,
		locked: false,
		closed: pull.state !== 'OPEN',
		closedAt: isoOrNull(pull.closedAt),
		merged: pull.state === 'MERGED',
		mergedAt: isoOrNull(pull.mergedAt),
		mergedBy: () => pull.mergedBy && context.views.actor(context, pull.mergedBy),
		mergeable: isMergeable(state, pull) === null ? 'UNKNOWN' : 'MERGEABLE',
		mergeStateStatus: mergeState(state, pull),
		reviewDecision: reviewDecision(state, pull),
		canBeRebased: isMergeable(state, pull) === true,
		potentialMergeCommit: null,
		autoMergeRequest: null,
		mergeCommit: () =>
			pull.mergeSha === null ? null : context.views.commit(context, state.commits.get(pull.mergeSha)!),
		isInMergeQueue: pull.entry !== null,
		isMergeQueueEnabled: ruleOf(state, pull.base)?.mergeQueue !== undefined,
		mergeQueue: () => queueView(context, pull.base),
		mergeQueueEntry: () => pull.entry && entryView(context, pull, pull.entry),
		commits: (args: Paging, _: unknown, info: GraphQLResolveInfo) =>
			connection(commits, args, info, commit => ({
				__typename: 'PullRequestCommit',
				url: `${url}/commits/${commit.sha}`,
				commit: () => context.views.commit(context, commit),
			})),
		additions: files.reduce((sum, file) => sum + file.additions, 0),
		deletions: files.reduce((sum, file) => sum + file.deletions, 0),
		changedFiles: files.length,
		createdAt: iso(pull.createdAt),
		updatedAt: iso(pull.updatedAt),
		author: () => context.views.actor(context, pull.author),
		viewerDidAuthor: pull.author.login === context.viewer.login,
	};
}
