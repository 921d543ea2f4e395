/** Refs are the lock and the promotion: all or nothing, and only from where they are believed to be. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {type Simulated, repository, simulated} from './helpers/simulated.ts';

const zeros = '0'.repeat(40);
const mutation =
	'mutation M($repositoryId: ID!, $refUpdates: [RefUpdate!]!) { updateRefs(input: {repositoryId: $repositoryId, refUpdates: $refUpdates}) { clientMutationId } }';
type Update = {name: string; beforeOid?: string; afterOid: string; force?: boolean};

const update = (simulator: Simulated, ...refUpdates: Update[]) =>
	simulator.graphql(mutation, {repositoryId: simulator.graphql(repository('id')).data.repository.id, refUpdates});
const at = (simulator: Simulated, name: string): string | null =>
	simulator.rest('GET', `/git/ref/${name.slice('refs/'.length)}`).json.object?.sha ?? null;
const lockCommit = (simulator: Simulated, message: string): string =>
	simulator.rest('POST', '/git/commits', {message, tree: '4b825dc642cb6eb9a060e54bf8d69288fbee4904', parents: []})
		.json.sha;
const lock = 'refs/deployctl/locks/production';

test('updateRefs is all or nothing', () => {
	const simulator = simulated('quiet');
	const main = at(simulator, 'refs/heads/main')!;
	const green = simulator.simulation.sha('comments');
	const tag = 'refs/tags/deployctl/prod-12';
	const refused = update(
		simulator,
		{name: 'refs/heads/main', beforeOid: main, afterOid: green},
		{name: lock, beforeOid: green, afterOid: green},
		{name: tag, beforeOid: zeros, afterOid: green},
	);
	assert.equal(refused.data.updateRefs, null);
	assert.equal(refused.errors?.[0]?.type, 'STALE_DATA');
	assert.deepEqual([at(simulator, 'refs/heads/main'), at(simulator, tag)], [main, null]);
	const mine = lockCommit(simulator, '{"operator":"mira"}');
	assert.equal(update(simulator, {name: lock, beforeOid: zeros, afterOid: mine}).errors, undefined);
	assert.equal(
		update(
			simulator,
			{name: 'refs/heads/main', beforeOid: main, afterOid: green},
			{name: lock, beforeOid: mine, afterOid: mine},
			{name: tag, beforeOid: zeros, afterOid: green},
		).errors,
		undefined,
	);
	assert.deepEqual([at(simulator, 'refs/heads/main'), at(simulator, tag), at(simulator, lock)], [green, green, mine]);
});

test('of two who create a lock, one wins; only the owner can release it', () => {
	const simulator = simulated('quiet');
	const mine = lockCommit(simulator, 'one');
	const theirs = lockCommit(simulator, 'two');
	assert.equal(update(simulator, {name: lock, beforeOid: zeros, afterOid: mine}).errors, undefined);
	assert.match(
		update(simulator, {name: lock, beforeOid: zeros, afterOid: theirs}).errors![0]!.message,
		/already exists/,
	);
	assert.ok(update(simulator, {name: lock, beforeOid: theirs, afterOid: zeros}).errors);
	assert.equal(at(simulator, lock), mine);
	assert.equal(update(simulator, {name: lock, beforeOid: mine, afterOid: zeros}).errors, undefined);
	assert.equal(at(simulator, lock), null);
});

test('without force only a fast-forward; no unknown objects, no bad names, not the same ref twice', () => {
	const simulator = simulated('quiet');
	const [old, green] = [simulator.simulation.sha('i18n'), simulator.simulation.sha('comments')];
	assert.match(update(simulator, {name: 'refs/heads/main', afterOid: old}).errors![0]!.message, /not a fast forward/);
	assert.equal(update(simulator, {name: 'refs/heads/main', afterOid: old, force: true}).errors, undefined);
	assert.ok(update(simulator, {name: 'refs/heads/main', afterOid: 'f'.repeat(40)}).errors);
	assert.ok(update(simulator, {name: 'heads/x', afterOid: green}).errors);
	assert.ok(update(simulator, {name: 'refs/heads/a..b', afterOid: green}).errors);
	assert.ok(
		update(simulator, {name: 'refs/heads/x', afterOid: green}, {name: 'refs/heads/x', afterOid: green}).errors,
	);
	assert.ok(
		update(simulator, {name: 'refs/heads/develop', afterOid: zeros}).errors,
		'the default branch cannot be deleted',
	);
});

test('a lock in a custom namespace is invisible to GraphQL ref(), and found by REST with a prefix', () => {
	const simulator = simulated('quiet');
	const sha = lockCommit(simulator, '{"operator":"mira"}');
	assert.equal(simulator.rest('POST', '/git/refs', {ref: lock, sha}).status, 201);
	simulator.rest('POST', '/git/refs', {ref: `${lock}-eu`, sha});
	assert.equal(simulator.graphql(repository(`ref(qualifiedName: "${lock}") { id }`)).data.repository.ref, null);
	assert.deepEqual(
		simulator
			.rest('GET', '/git/matching-refs/deployctl/locks/production')
			.json.map((one: {ref: string}) => one.ref),
		[lock, `${lock}-eu`],
	);
	assert.equal(
		simulator.graphql(repository(`object(oid: "${sha}") { ... on Commit { message } }`)).data.repository.object
			.message,
		'{"operator":"mira"}',
	);
	assert.equal(
		simulator.rest('GET', '/commits').json.some((one: {sha: string}) => one.sha === sha),
		false,
	);
});

test('REST: 422 for what exists, is unknown or is no fast-forward; deleting is not conditional', () => {
	const simulator = simulated('quiet');
	const sha = simulator.simulation.sha('comments');
	assert.equal(
		simulator.rest('POST', '/git/refs', {ref: 'refs/heads/main', sha}).json.message,
		'Reference already exists',
	);
	assert.equal(simulator.rest('POST', '/git/refs', {ref: 'main', sha}).status, 422);
	assert.equal(simulator.rest('POST', '/git/refs', {ref: 'refs/heads/new', sha: 'f'.repeat(40)}).status, 422);
	assert.equal(
		simulator.rest('PATCH', '/git/refs/heads/develop', {sha: simulator.simulation.sha('i18n')}).json.message,
		'Update is not a fast forward',
	);
	assert.equal(simulator.rest('PATCH', '/git/refs/heads/none', {sha}).status, 422);
	assert.equal(simulator.rest('POST', '/git/refs', {ref: 'refs/tags/v1', sha}).status, 201);
	assert.equal(simulator.rest('DELETE', '/git/refs/tags/v1').status, 204);
	assert.equal(simulator.rest('DELETE', '/git/refs/tags/v1').status, 422);
});

test('createRef, updateRef, deleteRef and mergeBranch', () => {
	const simulator = simulated('quiet');
	const {id} = simulator.graphql(repository('id')).data.repository;
	const oid = simulator.simulation.sha('comments');
	const created = simulator.graphql(
		'mutation M($id: ID!, $oid: GitObjectID!) { createRef(input: {repositoryId: $id, name: "refs/heads/lock", oid: $oid}) { ref { id name prefix target { oid } } } }',
		{id, oid},
	).data.createRef.ref;
	assert.deepEqual([created.name, created.prefix, created.target.oid], ['lock', 'refs/heads/', oid]);
	assert.match(
		simulator.graphql(
			'mutation M($id: ID!, $oid: GitObjectID!) { createRef(input: {repositoryId: $id, name: "refs/heads/lock", oid: $oid}) { ref { id } } }',
			{id, oid},
		).errors![0]!.message,
		/already exists/,
	);
	const main = simulator.graphql(repository('ref(qualifiedName: "refs/heads/main") { id }')).data.repository.ref.id;
	assert.equal(
		simulator.graphql(
			'mutation M($id: ID!, $oid: GitObjectID!) { updateRef(input: {refId: $id, oid: $oid}) { ref { target { oid } } } }',
			{id: main, oid},
		).data.updateRef.ref.target.oid,
		oid,
	);
	assert.equal(
		simulator.graphql('mutation M($id: ID!) { deleteRef(input: {refId: $id}) { clientMutationId } }', {
			id: created.id,
		}).errors,
		undefined,
	);
	assert.equal(
		simulator.graphql('mutation M($id: ID!) { deleteRef(input: {refId: $id}) { clientMutationId } }', {
			id: created.id,
		}).errors?.[0]?.type,
		'NOT_FOUND',
	);
	const hotfix = simulated('hotfix');
	const merged = hotfix.graphql(
		'mutation M($id: ID!) { mergeBranch(input: {repositoryId: $id, base: "main", head: "develop"}) { mergeCommit { oid parents(first: 2) { totalCount } } } }',
		{id: hotfix.graphql(repository('id')).data.repository.id},
	).data.mergeBranch.mergeCommit;
	assert.equal(merged.parents.totalCount, 2);
	assert.equal(at(hotfix, 'refs/heads/main'), merged.oid);
	assert.equal(hotfix.simulation.truth(hotfix.now()).aheadBy, 0);
});

test('a write is seen by the next read, and by nobody who may not write', () => {
	const simulator = simulated('quiet');
	const sha = simulator.simulation.sha('comments');
	const refused = simulator.as('sim_read-only').graphql(mutation, {
		repositoryId: simulator.graphql(repository('id')).data.repository.id,
		refUpdates: [{name: 'refs/heads/main', afterOid: sha}],
	});
	assert.equal(refused.errors?.[0]?.type, 'FORBIDDEN');
	assert.equal(update(simulator, {name: 'refs/heads/main', afterOid: sha}).errors, undefined);
	assert.equal(
		simulator.graphql(repository('ref(qualifiedName: "main") { target { oid } }')).data.repository.ref.target.oid,
		sha,
	);
});

test('deployments by GraphQL: payload, state, and predecessors, which become inactive except in production', () => {
	const simulator = simulated('quiet');
	const {id, ref} = simulator.graphql(repository('id ref(qualifiedName: "develop") { id }')).data.repository;
	const deploy = (environment: string) =>
		simulator.graphql(
			'mutation M($id: ID!, $ref: ID!, $environment: String!) { createDeployment(input: {repositoryId: $id, refId: $ref, environment: $environment, autoMerge: false, requiredContexts: [], payload: "{\\"deployctl\\":1}"}) { autoMerged deployment { id databaseId commitOid state payload } } }',
			{id, ref: ref.id, environment},
		).data.createDeployment.deployment;
	const deployment = deploy('production');
	assert.deepEqual([deployment.state, JSON.parse(deployment.payload)], ['PENDING', {deployctl: 1}]);
	const succeed = ({id: one}: {id: string}) =>
		simulator.graphql(
			'mutation M($id: ID!) { createDeploymentStatus(input: {deploymentId: $id, state: SUCCESS, logUrl: "https://x.example/1"}) { deploymentStatus { state logUrl deployment { state } } } }',
			{id: one},
		).data.createDeploymentStatus.deploymentStatus;
	assert.deepEqual(succeed(deployment), {
		state: 'SUCCESS',
		logUrl: 'https://x.example/1',
		deployment: {state: 'ACTIVE'},
	});
	succeed(deploy('staging'));
	const states = (environment: string) =>
		simulator
			.graphql(
				repository(
					`deployments(first: 3, environments: ["${environment}"], orderBy: {field: CREATED_AT, direction: DESC}) { nodes { state } }`,
				),
			)
			.data.repository.deployments.nodes.map((one: {state: string}) => one.state);
	assert.deepEqual(states('production'), ['ACTIVE', 'ACTIVE', 'ACTIVE']);
	assert.deepEqual(states('staging'), ['ACTIVE', 'INACTIVE', 'INACTIVE']);
	assert.equal(simulator.simulation.truth(simulator.now()).environments.production, deployment.commitOid);
});
