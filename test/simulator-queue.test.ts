/** The merge queue: nothing passes it by, and what it merges is what was put into it. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {pushAs} from '../source/simulator/simulation/acts.ts';
import {repository, type Simulated, simulated} from './helpers/simulated.ts';

function open(simulator: Simulated, branch: string, sha: string): string {
	simulator.rest('POST', '/git/refs', {ref: `refs/heads/${branch}`, sha});
	return simulator.rest('POST', '/pulls', {title: 'Promote', head: branch, base: 'main'}).json.node_id as string;
}
const enqueue = (simulator: Simulated, id: string, head: string | null) =>
	simulator.graphql(
		'mutation M($id: ID!, $head: GitObjectID) { enqueuePullRequest(input: {pullRequestId: $id, expectedHeadOid: $head}) { mergeQueueEntry { id position state } } }',
		{id, head},
	);
const read = (simulator: Simulated, number = 1) =>
	simulator.graphql(
		repository(
			`pullRequest(number: ${number}) { state isInMergeQueue isMergeQueueEnabled mergeCommit { oid tree { oid } parents(first: 2) { totalCount } } mergeQueueEntry { position state } }`,
		),
	).data.repository.pullRequest;

test('an entry waits, is tested, is merged: by the simulated clock', () => {
	const simulator = simulated('queue');
	const sha = simulator.simulation.sha('fonts');
	const id = open(simulator, 'promote', sha);
	simulator.move(3000);
	const direct = simulator.graphql(
		'mutation M($id: ID!) { mergePullRequest(input: {pullRequestId: $id}) { clientMutationId } }',
		{id},
	);
	assert.deepEqual(
		[direct.errors?.[0]?.type, direct.errors?.[0]?.message],
		['UNPROCESSABLE', 'Repository rule violations found\n\nChanges must be made through the merge queue.'],
	);
	assert.equal(simulator.rest('PUT', '/pulls/1/merge').status, 405);
	assert.match(
		enqueue(simulator, id, simulator.simulation.sha('i18n')).errors![0]!.message,
		/^Head branch was modified/,
	);
	const {mergeQueueEntry} = enqueue(simulator, id, sha).data.enqueuePullRequest;
	assert.deepEqual([mergeQueueEntry.position, mergeQueueEntry.state], [1, 'QUEUED']);
	assert.ok(enqueue(simulator, id, sha).errors, 'it is in the queue already');
	const states = [10_000, 30_000, 45_000].map(move => {
		simulator.move(move);
		return read(simulator).mergeQueueEntry.state as string;
	});
	assert.deepEqual(states, ['AWAITING_CHECKS', 'AWAITING_CHECKS', 'MERGEABLE']);
	assert.equal(
		simulator.graphql(
			repository(
				'mergeQueue(branch: "main") { entries(first: 5) { nodes { state pullRequest { number } headCommit { oid } } } }',
			),
		).data.repository.mergeQueue.entries.nodes[0].headCommit.oid,
		sha,
	);
	simulator.move(5000);
	const merged = read(simulator);
	assert.deepEqual(
		[merged.state, merged.isInMergeQueue, merged.mergeQueueEntry, merged.mergeCommit.parents.totalCount],
		['MERGED', false, null, 2],
	);
	assert.equal(merged.mergeCommit.tree.oid, simulator.simulation.state.commits.get(sha)!.tree);
	assert.equal(simulator.simulation.state.refs.get('refs/heads/main'), merged.mergeCommit.oid);
	assert.equal(
		simulator.rest('GET', `/actions/runs?head_sha=${merged.mergeCommit.oid}&event=push`).json.total_count,
		2,
	);
});

test('an entry whose head moved is thrown out, and so is one that is taken back', () => {
	const simulator = simulated('queue');
	const sha = simulator.simulation.sha('fonts');
	const before = simulator.simulation.state.refs.get('refs/heads/main');
	const id = open(simulator, 'promote', sha);
	enqueue(simulator, id, sha);
	simulator.move(20_000);
	const head = simulator.simulation.act(engine => pushAs(engine, 'promote', [{message: 'One more'}], 'lena-fischer'));
	assert.deepEqual([read(simulator).state, read(simulator).mergeQueueEntry], ['OPEN', null]);
	simulator.move(120_000);
	assert.equal(simulator.simulation.state.refs.get('refs/heads/main'), before);
	assert.equal(enqueue(simulator, id, head).errors, undefined);
	const dequeue = () =>
		simulator.graphql(
			'mutation M($id: ID!) { dequeuePullRequest(input: {id: $id}) { mergeQueueEntry { id state } } }',
			{id},
		);
	assert.equal(dequeue().data.dequeuePullRequest.mergeQueueEntry.state, 'UNMERGEABLE');
	assert.equal(dequeue().errors?.[0]?.type, 'UNPROCESSABLE');
	simulator.move(120_000);
	assert.equal(simulator.simulation.state.refs.get('refs/heads/main'), before);
});

test('two entries are merged in their order; without a rule there is no queue', () => {
	const simulator = simulated('queue');
	const [first, second] = [
		open(simulator, 'one', simulator.simulation.sha('i18n')),
		open(simulator, 'two', simulator.simulation.sha('fonts')),
	];
	enqueue(simulator, first, null);
	simulator.move(5000);
	enqueue(simulator, second, null);
	assert.equal(read(simulator, 2).mergeQueueEntry.position, 2);
	simulator.move(86_000);
	assert.deepEqual(
		[read(simulator, 1).state, read(simulator, 2).state, read(simulator, 2).mergeQueueEntry.position],
		['MERGED', 'OPEN', 1],
	);
	simulator.move(6000);
	assert.equal(read(simulator, 2).state, 'MERGED');
	assert.equal(
		read(simulator, 2).mergeCommit.tree.oid,
		simulator.simulation.state.commits.get(simulator.simulation.sha('fonts'))!.tree,
	);
	const quiet = simulated('quiet');
	assert.match(
		enqueue(quiet, open(quiet, 'promote', quiet.simulation.sha('comments')), null).errors![0]!.message,
		/does not have a merge queue/,
	);
});
