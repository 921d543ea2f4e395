import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Kind, parse, type OperationDefinitionNode} from 'graphql';
import {costOf} from '../source/simulator/limits/limits.ts';
import {loadSchema} from '../source/simulator/graphql/schema.ts';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {repository, simulated} from './helpers/simulated.ts';

const cost = (text: string, variables = {}) => {
	const document = parse(text);
	return costOf(
		loadSchema(),
		document,
		document.definitions.find((one): one is OperationDefinitionNode => one.kind === Kind.OPERATION_DEFINITION)!,
		variables,
	);
};

test('the two published examples of the cost formula', () => {
	assert.deepEqual(
		cost(
			'{ viewer { repositories(first: 100) { nodes { issues(first: 50) { nodes { labels(first: 60) { nodes { id } } } } } } } }',
		),
		{requests: 5101, points: 51, nodes: 100 + 5000 + 300_000},
	);
	assert.equal(
		cost(`{ viewer {
		repositories(first: 50) { nodes {
			pullRequests(first: 20) { nodes { comments(first: 10) { nodes { id } } } }
			issues(first: 20) { nodes { comments(first: 10) { nodes { id } } } }
		} }
		followers(first: 10) { nodes { login } }
	} }`).nodes,
		22_060,
	);
});

test('fragments, variables with defaults, @include and nodes(ids:) count', () => {
	const text = `query Q($n: Int = 7, $deep: Boolean!, $ids: [ID!]!) {
		repository(owner: "a", name: "b") { deployments(first: $n) { nodes { statuses(first: 3) @include(if: $deep) { totalCount } } } }
		nodes(ids: $ids) { ...Suite }
	}
	fragment Suite on CheckSuite { checkRuns(first: 10) { nodes { id } } }`;
	assert.deepEqual(cost(text, {deep: false, ids: ['a', 'b']}), {requests: 3, points: 1, nodes: 7 + 20});
	assert.deepEqual(cost(text, {deep: true, ids: ['a'], n: 50}), {
		requests: 1 + 50 + 1,
		points: 1,
		nodes: 50 + 150 + 10,
	});
});

test('a connection with nodes needs first or last, from 1 to 100; totalCount alone does not', () => {
	const {graphql} = simulated();
	const none = graphql(repository('deployments { nodes { id } }'));
	assert.equal(none.raw.status, 200);
	assert.equal(none.errors?.[0]?.type, 'MISSING_PAGINATION_BOUNDARIES');
	assert.deepEqual(none.errors?.[0]?.path, ['repository', 'deployments']);
	assert.match(
		none.errors[0].message,
		/You must provide a `first` or `last` value to properly paginate the `deployments` connection/,
	);
	assert.equal(
		graphql(repository('deployments(first: 101) { nodes { id } }')).errors?.[0]?.type,
		'EXCESSIVE_PAGINATION',
	);
	assert.ok(graphql(repository('deployments(first: 0) { nodes { id } }')).errors);
	assert.ok(graphql(repository('deployments(last: -1) { nodes { id } }')).errors);
	const total = graphql(repository('deployments { totalCount }'));
	assert.equal(total.errors, undefined);
	assert.ok(total.data.repository.deployments.totalCount > 10);
});

test('more than 500,000 nodes are refused before anything is executed, and cost nothing', () => {
	const simulator = simulated();
	const answer = simulator.graphql(
		repository(
			'defaultBranchRef { target { ... on Commit { history(first: 100) { nodes { checkSuites(first: 100) { nodes { checkRuns(first: 100) { nodes { id } } } } } } } } }',
		),
	);
	assert.equal(answer.raw.status, 200);
	assert.equal(answer.data, undefined);
	assert.match(answer.errors![0]!.message, /1,010,100 possible nodes which exceeds the maximum limit of 500,000/);
	assert.equal(simulator.counters.points, 0);
});

test('points are charged, told in headers and in rateLimit alike, and come back after an hour', () => {
	const simulator = simulated();
	const text = `{ rateLimit { cost limit remaining used resetAt nodeCount } ${repository('ref(qualifiedName: "develop") { target { ... on Commit { history(first: 15) { nodes { checkSuites(first: 20) { nodes { id } } } } } } }').slice(1)}`;
	const first = simulator.graphql(text);
	assert.deepEqual(first.data.rateLimit, {
		cost: 1,
		limit: 5000,
		remaining: 4999,
		used: 1,
		resetAt: '2026-11-23T10:00:00Z',
		nodeCount: 315,
	});
	assert.equal(first.raw.headers['x-ratelimit-remaining'], '4999');
	assert.equal(first.raw.headers['x-ratelimit-resource'], 'graphql');
	assert.equal(first.raw.headers['x-ratelimit-reset'], String(Date.parse('2026-11-23T10:00:00Z') / 1000));
	assert.equal(first.raw.headers.date, 'Mon, 23 Nov 2026 09:00:00 GMT');
	assert.match(first.raw.headers['x-github-request-id']!, /^[\dA-F]{4}:/);
	simulator.move(3_600_000);
	assert.equal(simulator.graphql(text).data.rateLimit.remaining, 4999);
});

test('without points left: 200 and RATE_LIMITED; REST has a budget of its own, and answers 403', () => {
	const data = scenarioNamed('quiet');
	const simulator = simulated({...data, server: {...data.server, pointsPerHour: 2, corePerHour: 2}});
	const ask = () => simulator.graphql('{ viewer { login } }');
	ask();
	assert.equal(ask().raw.headers['x-ratelimit-remaining'], '0');
	const limited = ask();
	assert.equal(limited.raw.status, 200);
	assert.equal(limited.errors?.[0]?.type, 'RATE_LIMITED');
	assert.equal(limited.data, undefined);
	assert.equal(simulator.rest('GET', '').status, 200);
	assert.equal(simulator.rest('GET', '').headers['x-ratelimit-resource'], 'core');
	const refused = simulator.rest('GET', '');
	assert.equal(refused.status, 403);
	assert.equal(refused.headers['x-ratelimit-remaining'], '0');
	assert.equal(simulator.rest('GET', '//rate_limit').json.rate.remaining, 0);
	assert.equal(simulator.as('sim_read-only').rest('GET', '').status, 200, 'another token has its own budget');
});

test('secondary limit: 2,000 points or 900 REST requests a minute, with retry-after', () => {
	const simulator = simulated('quiet');
	for (let count = 0; count < 900; count += 1) {
		assert.equal(simulator.rest('GET', '//rate_limit').status, 200);
	}
	const refused = simulator.rest('GET', '//rate_limit');
	assert.equal(refused.status, 403);
	assert.match(refused.json.message, /secondary rate limit/);
	assert.equal(refused.headers['retry-after'], '60');
	simulator.move(60_000);
	assert.equal(simulator.rest('GET', '//rate_limit').status, 200);
});

test('others with the same account spend too', () => {
	const simulator = simulated('quiet');
	simulator.budgetOf('sim_classic').foreign('graphql', 4990, simulator.now());
	assert.equal(simulator.graphql('{ rateLimit { remaining } }').data.rateLimit.remaining, 9);
});

test('an Enterprise Server has no limits and no headers, and lacks fields', () => {
	const simulator = simulated('ghes');
	const answer = simulator.graphql('{ rateLimit { remaining } viewer { login } }');
	assert.equal(answer.data.rateLimit, null);
	assert.equal(answer.raw.headers['x-ratelimit-remaining'], undefined);
	assert.equal(simulator.rest('GET', '//rate_limit').status, 404);
	const unknown = simulator.graphql(repository('environment(name: "staging") { isPinned }'));
	assert.equal(unknown.data, undefined);
	assert.deepEqual(unknown.errors?.[0]?.extensions, {
		code: 'undefinedField',
		typeName: 'Environment',
		fieldName: 'isPinned',
	});
	assert.deepEqual(
		simulated()
			.graphql('{ __type(name: "WorkflowRun") { fields { name } } }')
			.data.__type.fields.some((field: {name: string}) => field.name === 'file'),
		true,
	);
	assert.equal(
		simulator.answer(
			{
				method: 'GET',
				url: '/repos/acme/auto-author',
				headers: {authorization: 'bearer sim_classic', 'user-agent': 'test'},
				body: '',
			},
			'http://127.0.0.1:1',
		).status,
		404,
		'the API is below /api/v3',
	);
});
