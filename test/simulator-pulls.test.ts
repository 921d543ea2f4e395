/** Pull requests: what may be opened, what stands in the way of a merge, and what the three ways of merging leave behind. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {approvePull, moveRef, pushAs} from '../source/simulator/simulation/acts.ts';
import {actionsBot} from '../source/simulator/model/model.ts';
import type {Scenario} from '../source/simulator/model/scenario.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {type Simulated, repository, simulated} from './helpers/simulated.ts';

const ruled = (approvals: number): Scenario => ({
	...scenarioNamed('quiet'),
	rules: [{branch: 'main', pullRequest: {approvals}}],
});
const branch = 'deployctl/promote';
const fields =
	'id number url state isDraft merged mergedAt headRefOid headRefName baseRefName mergeable mergeStateStatus reviewDecision mergeCommit { oid tree { oid } parents(first: 2) { nodes { oid } } } mergeQueueEntry { id position state } potentialMergeCommit { oid }';
const read = (simulator: Simulated, number = 1) =>
	simulator.graphql(repository(`pullRequest(number: ${number}) { ${fields} }`)).data.repository.pullRequest;

/** A branch at the commit, and a pull request from it. */
function open(simulator: Simulated, alias = 'comments') {
	simulator.rest('POST', '/git/refs', {ref: `refs/heads/${branch}`, sha: simulator.simulation.sha(alias)});
	const {id} = simulator.graphql(repository('id')).data.repository;
	return simulator.graphql(
		`mutation M($id: ID!) { createPullRequest(input: {repositoryId: $id, baseRefName: "main", headRefName: "${branch}", title: "Promote", body: "proof"}) { pullRequest { ${fields} } } }`,
		{id},
	);
}
const merge = (simulator: Simulated, id: string, expectedHeadOid: string | null, mergeMethod = 'MERGE') =>
	simulator.graphql(
		`mutation M($id: ID!, $head: GitObjectID, $method: PullRequestMergeMethod) { mergePullRequest(input: {pullRequestId: $id, expectedHeadOid: $head, mergeMethod: $method}) { pullRequest { ${fields} } } }`,
		{id, head: expectedHeadOid, method: mergeMethod},
	);

test('opened: GitHub thinks about it first; then it is found by number, by branches and by id', () => {
	const simulator = simulated('quiet');
	const {pullRequest} = open(simulator).data.createPullRequest;
	const sha = simulator.simulation.sha('comments');
	assert.deepEqual(
		[
			pullRequest.number,
			pullRequest.state,
			pullRequest.headRefOid,
			pullRequest.mergeable,
			pullRequest.mergeStateStatus,
		],
		[1, 'OPEN', sha, 'UNKNOWN', 'UNKNOWN'],
	);
	simulator.move(3000);
	const again = read(simulator);
	assert.deepEqual(
		[
			again.mergeable,
			again.mergeStateStatus,
			again.reviewDecision,
			again.mergeCommit,
			again.mergeQueueEntry,
			again.potentialMergeCommit,
		],
		['MERGEABLE', 'CLEAN', null, null, null, null],
	);
	const found = simulator.graphql(
		`query Q($id: ID!) { node(id: $id) { __typename ... on PullRequest { number } } repository(owner: "acme", name: "auto-author") { pullRequests(headRefName: "${branch}", baseRefName: "main", states: [OPEN], first: 1) { totalCount nodes { number } } none: pullRequests(states: [MERGED], first: 1) { totalCount } } }`,
		{id: pullRequest.id},
	).data;
	assert.deepEqual(found, {
		node: {__typename: 'PullRequest', number: 1},
		repository: {pullRequests: {totalCount: 1, nodes: [{number: 1}]}, none: {totalCount: 0}},
	});
	assert.equal(simulator.rest('GET', `/pulls?head=acme:${branch}&base=main`).json.length, 1);
	assert.equal(simulator.rest('GET', '/pulls/1').json.mergeable_state, 'clean');
	assert.equal(simulator.rest('GET', '/pulls/9').status, 404);
});

test('refused: nothing to merge, no such branch, twice the same, no right to write', () => {
	const simulator = simulated('quiet');
	assert.equal(open(simulator, 'cache-fix').errors?.[0]?.message, `No commits between main and ${branch}`);
	const body = (head: string, base = 'main') => ({title: 'x', head, base});
	assert.match(simulator.rest('POST', '/pulls', body(branch)).json.errors[0].message, /^No commits between/);
	assert.match(simulator.rest('POST', '/pulls', body('nowhere')).json.errors[0].message, /^Head sha/);
	assert.match(simulator.rest('POST', '/pulls', body('develop', 'nowhere')).json.errors[0].message, /^Base sha/);
	assert.equal(simulator.rest('POST', '/pulls', body('acme:develop')).status, 201);
	assert.equal(
		simulator.rest('POST', '/pulls', body('develop')).json.errors[0].message,
		'A pull request already exists for acme:develop.',
	);
	const refused = simulator.as('sim_read-only').rest('POST', '/pulls', body('develop'));
	assert.deepEqual([refused.status, refused.headers['x-accepted-github-permissions']], [403, 'pull_requests=write']);
	assert.equal(open(simulator.as('sim_read-only')).errors?.[0]?.type, 'FORBIDDEN');
});

test('a head other than the expected one is refused by both APIs', () => {
	const simulator = simulated('quiet');
	const {id} = open(simulator).data.createPullRequest.pullRequest;
	const wrong = simulator.simulation.sha('toolbar');
	const refused = merge(simulator, id, wrong);
	assert.deepEqual(
		[refused.errors?.[0]?.type, refused.errors?.[0]?.message],
		['UNPROCESSABLE', 'Head branch was modified. Review and try the merge again.'],
	);
	assert.equal(simulator.rest('PUT', '/pulls/1/merge', {sha: wrong}).status, 409);
	assert.equal(read(simulator).state, 'OPEN');
});

for (const method of ['MERGE', 'SQUASH', 'REBASE'] as const) {
	test(`merged by ${method.toLowerCase()}: another commit with the same files, and a push`, () => {
		const simulator = simulated('quiet');
		const {state} = simulator.simulation;
		const {id} = open(simulator).data.createPullRequest.pullRequest;
		const [head, base] = [simulator.simulation.sha('comments'), state.refs.get('refs/heads/main')!];
		const merged = merge(simulator, id, head, method).data.mergePullRequest.pullRequest;
		const parents = merged.mergeCommit.parents.nodes.map(({oid}: {oid: string}) => oid) as string[];
		assert.deepEqual(
			[merged.state, merged.merged, merged.headRefOid, merged.mergeable],
			['MERGED', true, head, 'UNKNOWN'],
		);
		assert.equal(merged.mergeCommit.tree.oid, state.commits.get(head)!.tree);
		assert.notEqual(merged.mergeCommit.oid, head);
		if (method === 'REBASE') {
			assert.equal(parents.length, 1);
			assert.equal(state.commits.get(merged.mergeCommit.oid)!.message, state.commits.get(head)!.message);
		} else {
			assert.deepEqual(parents, method === 'MERGE' ? [base, head] : [base]);
		}
		assert.equal(state.refs.get('refs/heads/main'), merged.mergeCommit.oid);
		simulator.move(1000);
		assert.equal(
			simulator.rest('GET', `/actions/runs?head_sha=${merged.mergeCommit.oid}&event=push`).json.total_count,
			2,
			'production and code scanning',
		);
		assert.equal(merge(simulator, id, head, method).errors?.[0]?.message, 'Pull Request is not mergeable');
		assert.equal(simulator.rest('GET', '/pulls/1').json.merge_commit_sha, merged.mergeCommit.oid);
	});
}

test('approvals: blocked without them, and a push to the head takes them away', () => {
	const simulator = simulated(ruled(1));
	const {simulation} = simulator;
	const {id} = open(simulator).data.createPullRequest.pullRequest;
	simulator.move(3000);
	assert.deepEqual(
		[read(simulator).mergeStateStatus, read(simulator).reviewDecision],
		['BLOCKED', 'REVIEW_REQUIRED'],
	);
	const words =
		'Repository rule violations found\n\nAt least 1 approving review is required by reviewers with write access.';
	assert.equal(merge(simulator, id, simulation.sha('comments')).errors?.[0]?.message, words);
	assert.deepEqual(
		[simulator.rest('PUT', '/pulls/1/merge', {}).status, simulator.rest('PUT', '/pulls/1/merge', {}).json.message],
		[405, words],
	);
	assert.equal(
		simulation.act(engine => approvePull(engine.state, 1, 'mira-okafor')),
		false,
		'nobody approves his own',
	);
	assert.equal(
		simulation.act(engine => approvePull(engine.state, 1, 'lena-fischer')),
		true,
	);
	simulator.move(3000);
	assert.deepEqual([read(simulator).mergeStateStatus, read(simulator).reviewDecision], ['CLEAN', 'APPROVED']);
	const pushed = simulation.act(engine => pushAs(engine, branch, [{message: 'One more'}], 'lena-fischer'));
	simulator.move(3000);
	assert.deepEqual(
		[read(simulator).headRefOid, read(simulator).reviewDecision, simulation.state.pulls[0]!.approvals],
		[pushed, 'REVIEW_REQUIRED', []],
	);
	simulation.act(engine => approvePull(engine.state, 1, 'lena-fischer'));
	assert.ok(merge(simulator, id, simulation.sha('comments')).errors, 'the old head is gone');
	assert.equal(merge(simulator, id, pushed).errors, undefined);
});

test('in the demo somebody approves after a while, and again after a push', () => {
	const simulator = simulated('protected');
	open(simulator);
	simulator.move(39_000);
	assert.equal(read(simulator).reviewDecision, 'REVIEW_REQUIRED');
	simulator.move(4000);
	assert.deepEqual([read(simulator).reviewDecision, read(simulator).mergeStateStatus], ['APPROVED', 'CLEAN']);
	simulator.simulation.act(engine => pushAs(engine, branch, [{message: 'One more'}], 'mira-okafor'));
	assert.equal(read(simulator).reviewDecision, 'REVIEW_REQUIRED');
	simulator.move(41_000);
	assert.equal(read(simulator).reviewDecision, 'APPROVED');
});

test('closed by hand, or because its branch is gone; merged because its commits came by another way', () => {
	const simulator = simulated('quiet');
	const {id} = open(simulator).data.createPullRequest.pullRequest;
	const close = () =>
		simulator.graphql(
			'mutation M($id: ID!) { closePullRequest(input: {pullRequestId: $id}) { pullRequest { state } } }',
			{id},
		);
	assert.equal(close().data.closePullRequest.pullRequest.state, 'CLOSED');
	assert.equal(close().data.closePullRequest.pullRequest.state, 'CLOSED');
	assert.ok(merge(simulator, id, null).errors);
	open(simulator);
	simulator.rest('DELETE', `/git/refs/heads/${branch}`);
	assert.equal(read(simulator, 2).state, 'CLOSED');
	open(simulator);
	simulator.simulation.act(engine =>
		moveRef(engine, 'refs/heads/main', engine.state.refs.get('refs/heads/develop')!, actionsBot),
	);
	assert.deepEqual(
		[read(simulator, 3).state, read(simulator, 3).mergeCommit.oid],
		['MERGED', simulator.simulation.sha('comments')],
	);
	assert.equal(
		simulator.graphql(
			`mutation M { closePullRequest(input: {pullRequestId: "${read(simulator, 3).id}"}) { clientMutationId } }`,
		).errors?.[0]?.type,
		'UNPROCESSABLE',
	);
});

test('what nobody requires may be red: unstable, and it can be merged all the same', () => {
	const simulator = simulated('quiet');
	const {id} = open(simulator).data.createPullRequest.pullRequest;
	simulator.rest('POST', `/statuses/${simulator.simulation.sha('comments')}`, {
		state: 'failure',
		context: 'spelling',
	});
	simulator.move(3000);
	assert.equal(read(simulator).mergeStateStatus, 'UNSTABLE');
	assert.equal(merge(simulator, id, null).errors, undefined);
});
