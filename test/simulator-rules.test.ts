/** Rules of branches: told to everybody, and held against everybody. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Scenario} from '../source/simulator/model/scenario.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {type Simulated, repository, simulated} from './helpers/simulated.ts';

const zeros = '0'.repeat(40);
const asked = 'Repository rule violations found\n\nChanges must be made through a pull request.';
const ruled = (rules: Scenario['rules']): Scenario => ({...scenarioNamed('quiet'), rules});
const idOf = (simulator: Simulated): string => simulator.graphql(repository('id')).data.repository.id;
const main = (simulator: Simulated): string => simulator.simulation.state.refs.get('refs/heads/main')!;

/** Everything that a gate over GraphQL would ask in one go. */
const gateDocument = `
query PromotionGate($owner: String!, $name: String!, $oid: GitObjectID!, $e2eContext: String!, $prodRef: String! = "refs/heads/main", $devBranch: String! = "develop", $lockRef: String!) {
	rateLimit { cost remaining resetAt }
	repository(owner: $owner, name: $name) {
		id
		viewerPermission
		main: ref(qualifiedName: $prodRef) {
			id
			target { oid }
			compare(headRef: $devBranch) { status aheadBy behindBy }
			refUpdateRule { allowsForcePushes requiredStatusCheckContexts requiresLinearHistory requiresSignatures requiredApprovingReviewCount viewerCanPush }
			rules(first: 50) { nodes { type parameters { __typename ... on RequiredStatusChecksParameters { strictRequiredStatusChecksPolicy requiredStatusChecks { context integrationId } } ... on RequiredDeploymentsParameters { requiredDeploymentEnvironments } } } }
		}
		develop: ref(qualifiedName: $devBranch) { target { oid } }
		lock: ref(qualifiedName: $lockRef) { id target { oid ... on Commit { message author { name email date } } } }
		mergeQueue(branch: "main") { id entries(first: 5) { totalCount } }
		environment(name: "production") {
			id
			databaseId
			protectionRules(first: 10) { nodes { type timeout preventSelfReview reviewers(first: 10) { nodes { __typename ... on User { login } ... on Team { slug } } } } }
		}
		commit: object(oid: $oid) {
			... on Commit {
				oid
				status { context(name: $e2eContext) { state targetUrl description createdAt creator { login } } contexts { context state targetUrl } }
				statusCheckRollup { state contexts(first: 100) { totalCount checkRunCountsByState { state count } } }
				checkSuites(first: 50) { nodes { status conclusion workflowRun { databaseId event file { path } } } }
				deployments(first: 10, environments: ["staging"], orderBy: { field: CREATED_AT, direction: DESC }) { nodes { databaseId state commitOid latestStatus { state logUrl } } }
			}
		}
	}
}
`;

test('rules are told over both APIs, and are empty where there are none', () => {
	const simulator = simulated(
		ruled([
			{
				branch: 'main',
				pullRequest: {approvals: 2},
				mergeQueue: {seconds: 60, method: 'squash'},
				statusChecks: ['lint'],
			},
		]),
	);
	const {ref, mergeQueue} = simulator.graphql(
		repository(`
		mergeQueue(branch: "main") { id url entries(first: 5) { totalCount } configuration { mergeMethod } }
		ref(qualifiedName: "main") {
			refUpdateRule { pattern allowsForcePushes requiredStatusCheckContexts requiredApprovingReviewCount viewerCanPush }
			rules(first: 50) { nodes { id type parameters { __typename ... on PullRequestParameters { requiredApprovingReviewCount } ... on MergeQueueParameters { mergeMethod } ... on RequiredStatusChecksParameters { requiredStatusChecks { context integrationId } } } } }
		}`),
	).data.repository;
	assert.deepEqual(
		ref.rules.nodes.map((one: {type: string; parameters: object}) => [one.type, one.parameters]),
		[
			['PULL_REQUEST', {__typename: 'PullRequestParameters', requiredApprovingReviewCount: 2}],
			['MERGE_QUEUE', {__typename: 'MergeQueueParameters', mergeMethod: 'SQUASH'}],
			[
				'REQUIRED_STATUS_CHECKS',
				{
					__typename: 'RequiredStatusChecksParameters',
					requiredStatusChecks: [{context: 'lint', integrationId: null}],
				},
			],
		],
	);
	assert.deepEqual(ref.refUpdateRule, {
		pattern: 'main',
		allowsForcePushes: false,
		requiredStatusCheckContexts: ['lint'],
		requiredApprovingReviewCount: 2,
		viewerCanPush: false,
	});
	assert.deepEqual([mergeQueue.entries.totalCount, mergeQueue.configuration.mergeMethod], [0, 'SQUASH']);
	assert.deepEqual(
		simulator.rest('GET', '/rules/branches/main').json.map((one: {type: string}) => one.type),
		['pull_request', 'merge_queue', 'required_status_checks'],
	);
	assert.deepEqual(simulator.rest('GET', '/rules/branches/develop').json, []);
	assert.equal(simulator.rest('GET', '/branches/main').json.protected, true);
	const free = simulator.graphql(
		repository(
			'mergeQueue(branch: "develop") { id } ref(qualifiedName: "develop") { refUpdateRule { pattern } rules(first: 1) { totalCount } }',
		),
	).data.repository;
	assert.deepEqual(free, {mergeQueue: null, ref: {refUpdateRule: null, rules: {totalCount: 0}}});
});

test('the whole document of a gate is answered', () => {
	for (const name of ['protected', 'queue', 'production-approval']) {
		const simulator = simulated(name);
		const head = simulator.simulation.truth(simulator.now()).branches.staging;
		// It names teams.
		const answer = simulator.as('sim_classic:repo,read:org').graphql(gateDocument, {
			owner: 'acme',
			name: 'auto-author',
			oid: head,
			e2eContext: 'deployctl/e2e-staging',
			lockRef: 'refs/heads/deployctl/lock/production',
		});
		assert.equal(answer.errors, undefined);
		assert.equal(answer.data.repository.commit.status.context.state, 'SUCCESS');
		assert.equal(answer.data.repository.main.rules.nodes.length, name === 'production-approval' ? 0 : 1);
		assert.equal(answer.data.repository.mergeQueue === null, name !== 'queue');
	}
});

test('nobody pushes to a branch that wants pull requests, by any way; together with it nothing else moves', () => {
	const simulator = simulated('protected');
	const [before, green, id] = [main(simulator), simulator.simulation.sha('comments'), idOf(simulator)];
	const updates = (...refUpdates: object[]) =>
		simulator.graphql(
			'mutation M($id: ID!, $refUpdates: [RefUpdate!]!) { updateRefs(input: {repositoryId: $id, refUpdates: $refUpdates}) { clientMutationId } }',
			{id, refUpdates},
		);
	const tag = {name: 'refs/tags/deployctl/prod-1', beforeOid: zeros, afterOid: green};
	const refused = updates(tag, {name: 'refs/heads/main', beforeOid: before, afterOid: green});
	assert.deepEqual([refused.errors?.[0]?.type, refused.errors?.[0]?.message], ['UNPROCESSABLE', asked]);
	assert.equal(simulator.rest('GET', '/git/ref/tags/deployctl/prod-1').status, 404);
	assert.equal(
		updates(tag, {name: 'refs/heads/main', beforeOid: before, afterOid: before}).errors,
		undefined,
		'what stays where it is breaks no rule',
	);
	const ref = simulator.graphql(repository('ref(qualifiedName: "main") { id }')).data.repository.ref.id;
	assert.equal(
		simulator.graphql(
			'mutation M($ref: ID!, $oid: GitObjectID!) { updateRef(input: {refId: $ref, oid: $oid, force: true}) { ref { id } } }',
			{ref, oid: green},
		).errors?.[0]?.message,
		asked,
	);
	assert.equal(
		simulator.graphql('mutation M($ref: ID!) { deleteRef(input: {refId: $ref}) { clientMutationId } }', {ref})
			.errors?.[0]?.message,
		asked,
	);
	assert.equal(
		simulator.graphql(
			'mutation M($id: ID!) { mergeBranch(input: {repositoryId: $id, base: "main", head: "develop"}) { mergeCommit { oid } } }',
			{id},
		).errors?.[0]?.message,
		asked,
	);
	for (const [method, path, body] of [
		['PATCH', '/git/refs/heads/main', {sha: green, force: true}],
		['DELETE', '/git/refs/heads/main', undefined],
		['POST', '/merges', {base: 'main', head: 'develop'}],
	] as const) {
		const answer = simulator.rest(method, path, body);
		assert.deepEqual([answer.status, answer.json.message], [422, asked], method);
	}
	assert.equal(main(simulator), before);
	assert.equal(
		updates({name: 'refs/heads/develop', afterOid: simulator.simulation.sha('comments')}).errors,
		undefined,
	);
});

test('the queue refuses in its own words, and required checks are named', () => {
	const queued = simulated('queue');
	assert.equal(
		queued.rest('PATCH', '/git/refs/heads/main', {sha: queued.simulation.sha('fonts')}).json.message,
		'Repository rule violations found\n\nChanges must be made through the merge queue.',
	);
	const checked = simulated(ruled([{branch: 'main', statusChecks: ['lint', 'security']}]));
	const sha = checked.simulation.sha('comments');
	assert.equal(
		checked.rest('PATCH', '/git/refs/heads/main', {sha}).json.message,
		'Repository rule violations found\n\nRequired status check "security" is expected.',
	);
	checked.rest('POST', `/statuses/${sha}`, {state: 'success', context: 'security'});
	assert.equal(checked.rest('PATCH', '/git/refs/heads/main', {sha}).status, 200);
});
