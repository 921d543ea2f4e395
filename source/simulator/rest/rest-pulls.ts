/** Pull requests and the rules of branches over REST. The merge queue is not here: GitHub has it in GraphQL only. */
import {type Context, iso, isoOrNull} from '../calls/context.ts';
import {filesOf} from '../model/files.ts';
import {compare} from '../model/git.ts';
import {nodeId} from '../model/identity.ts';
import {personOf} from '../model/model.ts';
import type {MergeMethod, PullRequest} from '../model/pull-model.ts';
import {
	closePullNumbered,
	mergePullNumbered,
	openPull,
	pullNumbered,
	refuseMerge,
	refusePull,
} from '../branches/pulls.ts';
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
import {fullRepository} from './rest-repository.ts';
import {repoApi, userShape} from '../calls/rest-shapes.ts';
import {ruleShapes} from './rest-rules.ts';
import {isMergeable, mergeState} from '../graphql/view-pulls.ts';

const base = '/repos/{owner}/{repo}';
const one = `${base}/pulls/{pull_number}`;

const withPull =
	(answer: (call: Call, pull: PullRequest) => Reply) =>
	(call: Call): Reply => {
		const pull = pullNumbered(call.context.state, Number(call.params.pull_number));
		return pull ? answer(call, pull) : notFound();
	};

const endShape = (call: Call, branch: string, sha: string) => {
	const {owner} = call.context.state.repository;
	return {
		label: `${owner}:${branch}`,
		ref: branch,
		sha,
		user: userShape(call.context, {
			login: owner,
			name: owner,
			email: '',
			id: call.context.state.repository.ownerId,
		}),
		repo: fullRepository(call),
	};
};

function linksOf(
	context: Context,
	pull: PullRequest,
): {html: string; self: string; issue: string; others: Record<string, string>} {
	const api = repoApi(context);
	const {state} = context;
	const self = `${api}/pulls/${pull.number}`;
	const issue = `${api}/issues/${pull.number}`;
	return {
		self,
		issue,
		html: `${state.webUrl}/${state.repository.owner}/${state.repository.name}/pull/${pull.number}`,
		others: {
			comments: `${issue}/comments`,
			review_comments: `${self}/comments`,
			review_comment: `${api}/pulls/comments{/number}`,
			commits: `${self}/commits`,
			statuses: `${api}/statuses/${pull.headSha}`,
		},
	};
}

/** As lists have it. */
function pullShape(call: Call, pull: PullRequest): object {
	const {context} = call;
	const {html, self, issue, others} = linksOf(context, pull);
	return {
		url: self,
		id: pull.id,
		node_id: nodeId('PR', pull.number),
		html_url: html,
		diff_url: `${html}.diff`,
		patch_url: `${html}.patch`,
		issue_url: issue,
		number: pull.number,
		state: pull.state === 'OPEN' ? 'open' : 'closed',
		locked: false,
		title: pull.title,
		user: userShape(context, pull.author),
		body: pull.body === '' ? null : pull.body,
		created_at: iso(pull.createdAt),
		updated_at: iso(pull.updatedAt),
		closed_at: isoOrNull(pull.closedAt),
		merged_at: isoOrNull(pull.mergedAt),
		merge_commit_sha: pull.mergeSha,
		assignee: null,
		assignees: [],
		requested_reviewers: [],
		requested_teams: [],
		labels: [],
		milestone: null,
		draft: pull.isDraft,
		author_association: 'MEMBER',
		auto_merge: null,
		commits_url: others.commits,
		review_comments_url: others.review_comments,
		review_comment_url: others.review_comment,
		comments_url: others.comments,
		statuses_url: others.statuses,
		head: endShape(call, pull.head, pull.headSha),
		base: endShape(
			call,
			pull.base,
			pull.state === 'OPEN' ? (context.state.refs.get(`refs/heads/${pull.base}`) ?? pull.baseSha) : pull.baseSha,
		),
		_links: {
			self: {href: self},
			html: {href: html},
			issue: {href: issue},
			...Object.fromEntries(Object.entries(others).map(([name, href]) => [name, {href}])),
		},
	};
}

function fullPull(call: Call, pull: PullRequest): object {
	const {context} = call;
	const {commits} = compare(context.state, pull.baseSha, pull.headSha);
	const files = filesOf(commits);
	return {
		...pullShape(call, pull),
		merged: pull.state === 'MERGED',
		mergeable: isMergeable(context.state, pull),
		rebaseable: isMergeable(context.state, pull),
		mergeable_state: mergeState(context.state, pull).toLowerCase(),
		merged_by: pull.mergedBy && userShape(context, pull.mergedBy),
		comments: 0,
		review_comments: 0,
		maintainer_can_modify: false,
		commits: commits.length,
		additions: files.reduce((sum, file) => sum + file.additions, 0),
		deletions: files.reduce((sum, file) => sum + file.deletions, 0),
		changed_files: files.length,
	};
}

function list(call: Call): Reply {
	const {query, context} = call;
	const wants = (name: string, value: string, otherwise: string | null = null) =>
		[null, 'all', value].includes(query.get(name) ?? otherwise);
	const pulls = context.state.pulls.filter(
		pull =>
			wants('state', pull.state === 'OPEN' ? 'open' : 'closed', 'open') &&
			wants('head', `${context.state.repository.owner}:${pull.head}`) &&
			wants('base', pull.base),
	);
	return page(call, query.get('direction') === 'asc' ? pulls : pulls.toReversed(), items =>
		items.map(pull => pullShape(call, pull)),
	);
}

const invalid = (text: string): Reply =>
	message(422, 'Validation Failed', {errors: [{resource: 'PullRequest', code: 'custom', message: text}]});

function create(call: Call): Reply {
	const {
		context: {simulation, viewer},
		body,
	} = call;
	const wanted = {
		title: textOf(body.title),
		body: textOf(body.body),
		head: textOf(body.head).split(':').at(-1)!,
		base: textOf(body.base),
		isDraft: body.draft === true,
	};
	if (wanted.title === '') {
		return unprocessable('Invalid request.\n\n"title" wasn\'t supplied.');
	}
	const because = refusePull(simulation.state, wanted);
	if (because !== null) {
		return invalid(because);
	}
	const {number} = simulation.act(engine => openPull(engine, wanted, personOf(engine.state, viewer.login ?? '')));
	return {status: 201, body: fullPull(call, pullNumbered(simulation.state, number)!)};
}

const merge = withPull((call, {number}) => {
	const {
		context: {simulation, viewer},
		body,
	} = call;
	const refusal = refuseMerge(
		simulation.state,
		pullNumbered(simulation.state, number)!,
		typeof body.sha === 'string' ? body.sha : null,
	);
	if (refusal) {
		return message(refusal.kind === 'moved' ? 409 : 405, refusal.because);
	}
	const method =
		(['merge', 'squash', 'rebase'] as const).find(word => word === body.merge_method) ??
		('merge' satisfies MergeMethod);
	const words = {
		headline: typeof body.commit_title === 'string' ? body.commit_title : null,
		body: typeof body.commit_message === 'string' ? body.commit_message : null,
	};
	const sha = simulation.act(engine => mergePullNumbered(engine, number, viewer.login ?? '', {method, ...words}));
	return {status: 200, body: {sha, merged: true, message: 'Pull Request successfully merged'}};
});

/** Only to close: nothing else of a pull request is ever changed here. */
const update = withPull((call, {number}) => {
	const {simulation} = call.context;
	const pull = pullNumbered(simulation.state, number)!;
	if (call.body.state === 'closed' && pull.state === 'OPEN') {
		simulation.act(engine => closePullNumbered(engine, number));
	}
	return call.body.state === 'open' && pull.state !== 'OPEN'
		? invalid('state cannot be changed')
		: {status: 200, body: fullPull(call, pull)};
});

export const pullRoutes: readonly Route[] = [
	{method: 'GET', path: `${base}/pulls`, answer: list},
	{method: 'POST', path: `${base}/pulls`, needs: 'write', answer: create},
	{method: 'GET', path: one, answer: withPull((call, pull) => ({status: 200, body: fullPull(call, pull)}))},
	{method: 'PATCH', path: one, needs: 'write', answer: update},
	{method: 'PUT', path: `${one}/merge`, needs: 'write', answer: merge},
	// Rules of branches are all that is played here: none of them comes from a ruleset that has more to tell.
	{method: 'GET', path: `${base}/rulesets`, answer: call => page(call, [], items => items)},
	{
		method: 'GET',
		path: `${base}/rules/branches/{branch}`,
		answer: call => page(call, ruleShapes(call.context, call.params.branch!), items => items),
	},
];
