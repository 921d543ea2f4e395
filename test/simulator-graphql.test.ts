import assert from 'node:assert/strict';
import {test} from 'node:test';
import {documents} from '../source/github/queries/documents.ts';
import {scenarios} from '../source/simulator/scenarios/scenarios.ts';
import {repository, simulated} from './helpers/simulated.ts';

for (const scenario of scenarios.filter(({name}) => name !== 'fine-grained' && name !== 'outage')) {
	test(`each document of ours is answered without an error: ${scenario.name}`, () => {
		const simulator = simulated(scenario);
		const {owner, name} = scenario.repository;
		const {state} = simulator.simulation;
		const workflows = simulator
			.rest('GET', '/actions/workflows')
			.json.workflows.slice(0, 4)
			.map((one: {node_id: string}) => one.node_id) as string[];
		for (const minutes of [0, 3, 4, 20]) {
			simulator.move(minutes * 60_000);
			const refs = {
				owner,
				name,
				stagingRef: 'refs/heads/develop',
				stagingBranch: 'develop',
				productionRef: 'refs/heads/main',
			};
			const overview = simulator.graphql(documents.overview, {
				...refs,
				commits: 25,
				suites: 50,
				others: [],
				hasOthers: false,
				staging: 'staging',
				production: 'production',
				workflows,
				waiting: [],
				hasWaiting: false,
			});
			// An environment that is not there is null and an error, as on GitHub.
			assert.deepEqual(
				overview.errors?.map(({type, path}) => [type, path?.at(-1)]),
				state.environments.has('production') ? undefined : [['NOT_FOUND', 'productionEnvironment']],
			);
			const head = overview.data.repository.staging.target.history.nodes[0] as {
				id: string;
				oid: string;
				checkSuites: {nodes: Array<{id: string}>};
			};
			assert.equal(head.oid, simulator.simulation.truth(simulator.now()).branches.staging);
			const suites = head.checkSuites.nodes.map(({id}) => id).slice(0, 40);
			const hot = [...state.jobs.values()]
				.slice(-16)
				.map(job => simulator.rest('GET', `/actions/jobs/${job.id}`).json.node_id as string);
			const active = simulator.graphql(documents.active, {
				...refs,
				commit0: head.oid,
				commit1: head.oid,
				commit2: head.oid,
				hasCommit0: true,
				hasCommit1: false,
				hasCommit2: false,
				commitSuites: 50,
				suites,
				hasSuites: true,
				workflows,
				waiting: suites.slice(0, 10),
				hasWaiting: true,
				hot,
				hasHot: true,
			});
			assert.equal(active.errors, undefined);
			assert.equal(simulator.graphql(documents.commitSuites, {commits: [head.id]}).errors, undefined);
			for (const suite of suites.slice(0, 3)) {
				assert.equal(simulator.graphql(documents.suiteJobs, {suite}).errors, undefined);
			}
			assert.equal(simulator.graphql(documents.suiteWaits, {waiting: suites}).errors, undefined);
		}
	});
}

test('cursors lead through every page, once each', () => {
	const simulator = simulated('many-jobs');
	const oid = simulator.simulation.sha('autosave');
	const names: string[] = [];
	for (let after: string | null = null, more = true; more;) {
		// oxlint-disable-next-line typescript/no-explicit-any
		const {data}: {data: any} = simulator.graphql(
			`query Q($after: String) ${repository(`object(oid: "${oid}") { ... on Commit { checkSuites(first: 10, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { workflowRun { file { path } } checkRuns { totalCount } } edges { cursor } } } }`)}`,
			{after},
		);
		const {nodes, pageInfo} = data.repository.object.checkSuites;
		names.push(
			...nodes.map((node: {workflowRun: {file: {path: string}} | null}) => node.workflowRun?.file.path ?? 'app'),
		);
		({hasNextPage: more, endCursor: after} = pageInfo);
	}
	assert.equal(names.length, 40);
	assert.equal(new Set(names.filter(name => name !== 'app')).size, 38);
	const last = simulator.graphql(
		repository(
			`object(oid: "${oid}") { ... on Commit { checkSuites(last: 2) { pageInfo { hasPreviousPage hasNextPage } nodes { id } } } }`,
		),
	).data.repository.object.checkSuites;
	assert.deepEqual(last.pageInfo, {hasPreviousPage: true, hasNextPage: false});
	assert.equal(
		simulator.graphql(repository('deployments(first: 1, after: "rubbish") { nodes { id } }')).errors?.[0]?.type,
		'INVALID_CURSOR_ARGUMENTS',
	);
});

test('node(id) resolves what we keep ids of, and NOT_FOUND names its place', () => {
	const simulator = simulated();
	const run = [...simulator.simulation.state.runs.values()].at(-1)!;
	const rest = simulator.rest('GET', `/actions/runs/${run.id}`).json;
	const answer = simulator.graphql(
		'query Q($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on WorkflowRun { databaseId event } ... on CheckSuite { databaseId } } }',
		{ids: [rest.node_id, rest.check_suite_node_id, 'WFR_kwDOAAAA', 'nonsense']},
	);
	assert.deepEqual(answer.data.nodes.slice(0, 2), [
		{__typename: 'WorkflowRun', id: rest.node_id, databaseId: run.id, event: run.event},
		{__typename: 'CheckSuite', id: rest.check_suite_node_id, databaseId: run.suite.id},
	]);
	assert.deepEqual(answer.data.nodes.slice(2), [null, null]);
	assert.deepEqual(
		answer.errors?.map(error => [error.type, error.path]),
		[
			['NOT_FOUND', ['nodes', 2]],
			['NOT_FOUND', ['nodes', 3]],
		],
	);
	const missing = simulator.graphql(repository('id', {name: 'other'}));
	assert.equal(missing.raw.status, 200);
	assert.deepEqual(missing.data, {repository: null});
	assert.equal(missing.errors?.[0]?.type, 'NOT_FOUND');
	assert.match(missing.errors[0].message, /Could not resolve to a Repository with the name 'acme\/other'/);
});

test('ids are beyond 2^31', () => {
	const {state} = simulated().simulation;
	for (const id of [...state.runs.keys(), ...state.jobs.keys(), ...state.suites.keys()]) {
		assert.ok(id > 2 ** 31 && Number.isSafeInteger(id));
	}
});

test('what is not valid is refused with 200; what the simulator lacks is named, never null', () => {
	const simulator = simulated();
	const unknown = simulator.graphql(repository('nonsense'));
	assert.equal(unknown.raw.status, 200);
	assert.equal(unknown.errors?.[0]?.extensions?.code, 'undefinedField');
	assert.match(simulator.graphql('{ viewer {').errors![0]!.message, /Parse error/);
	assert.match(
		simulator.graphql(repository('stargazerCount')).errors![0]!.message,
		/The simulator has no Repository.stargazerCount/,
	);
	assert.match(
		simulator.graphql('query A { viewer { login } } query B { viewer { login } }').errors![0]!.message,
		/operation name/,
	);
	assert.equal(
		simulator.graphql('query A { viewer { login } } query B { viewer { id } }', {}, 'A').data.viewer.login,
		'mira-okafor',
	);
});

test('a fine-grained token: FORBIDDEN at the check runs with the rest of the data, and /actions over REST', () => {
	const simulator = simulated('fine-grained');
	const oid = simulator.simulation.sha('autosave');
	const text = repository(
		`object(oid: "${oid}") { ... on Commit { oid checkSuites(first: 3) { nodes { id checkRuns(first: 2) { nodes { id } } } } } }`,
	);
	const answer = simulator.graphql(text);
	assert.equal(answer.errors?.[0]?.type, 'FORBIDDEN');
	assert.deepEqual(answer.errors?.[0]?.path, ['repository', 'object', 'checkSuites', 'nodes', 0, 'checkRuns']);
	assert.equal(answer.data.repository.object.checkSuites.nodes[0].checkRuns, null);
	const stricter = simulator.as('sim_fine-grained-no-suites').graphql(text);
	assert.equal(stricter.data.repository.object.checkSuites, null);
	assert.equal(simulator.rest('GET', `/commits/${oid}/check-runs`).status, 403);
	const [run] = simulator.rest('GET', `/actions/runs?head_sha=${oid}`).json.workflow_runs;
	assert.equal(simulator.rest('GET', `/actions/runs/${run.id}/jobs`).status, 200);
});

test('tokens: unknown, read-only, without access', () => {
	const simulator = simulated();
	assert.equal(simulator.as('ghp_wrong').graphql('{ viewer { login } }').raw.status, 401);
	assert.equal(simulator.as('ghp_wrong').rest('GET', '').json.message, 'Bad credentials');
	assert.equal(simulator.as('sim_no-access').graphql(repository('id')).errors?.[0]?.type, 'NOT_FOUND');
	assert.equal(simulator.as('sim_no-access').rest('GET', '').status, 404);
	const reader = simulator.as('sim_read-only');
	assert.equal(reader.graphql(repository('viewerPermission')).data.repository.viewerPermission, 'READ');
	assert.equal(
		reader.rest('POST', '/git/refs', {ref: 'refs/x/y', sha: simulator.simulation.sha('autosave')}).status,
		403,
	);
});

test('the polled query is answered whole over the official schema', () => {
	const variables = {
		owner: 'acme',
		name: 'auto-author',
		stagingRef: 'refs/heads/develop',
		stagingBranch: 'develop',
		productionRef: 'refs/heads/main',
		commits: 25,
		suites: 50,
		others: [],
		hasOthers: false,
		staging: 'staging',
		production: 'production',
		workflows: [],
		waiting: [],
		hasWaiting: false,
	};
	const {data, errors} = simulated().graphql(documents.overview, variables);
	assert.equal(errors, undefined);
	assert.ok(data.repository.staging.target.history.nodes.length > 5);
	assert.deepEqual(data.repository.productionEnvironment.protectionRules.nodes, []);
});

test('pull requests and tags, as far as they exist', () => {
	const {data} = simulated('hotfix').graphql(
		repository(
			'pullRequests(first: 5, states: [OPEN]) { totalCount nodes { number title headRefName baseRefName author { login } } }',
		),
	);
	assert.deepEqual(data.repository.pullRequests.nodes, [
		{
			number: 1,
			title: 'Stop charging the card fee twice',
			headRefName: 'hotfix/card-fee',
			baseRefName: 'develop',
			author: {login: 'jonas-lindqvist'},
		},
	]);
	const tagged = simulated('quiet').graphql(
		repository('ref(qualifiedName: "refs/tags/v2.31.0") { name prefix target { oid } }'),
	).data.repository.ref;
	assert.deepEqual([tagged.name, tagged.prefix], ['v2.31.0', 'refs/tags/']);
});

test('an author without an account, and an author who is a bot', () => {
	const simulator = simulated('quiet');
	const authors = simulator
		.graphql(
			repository(
				'ref(qualifiedName: "develop") { target { ... on Commit { history(first: 20) { nodes { author { name user { login } } } } } } }',
			),
		)
		.data.repository.ref.target.history.nodes.map((one: {author: {name: string; user: unknown}}) => [
			one.author.name,
			one.author.user,
		]) as Array<[string, unknown]>;
	assert.ok(authors.some(([name, user]) => name === 'Contractor (left)' && user === null));
	assert.ok(authors.some(([name, user]) => name === 'renovate[bot]' && user === null));
	assert.equal(simulator.rest('GET', `/commits/${simulator.simulation.sha('fonts')}`).json.author, null);
});

test('a workflow that GitHub cannot read ends before it has a job', () => {
	const simulator = simulated('nasty');
	const [run] = simulator.rest('GET', '/actions/runs?status=startup_failure').json.workflow_runs;
	assert.equal(run.path, '.github/workflows/codeql.yml');
	const suite = simulator.graphql(
		'query Q($id: ID!) { node(id: $id) { ... on CheckSuite { status conclusion checkRuns { totalCount } } } }',
		{id: run.check_suite_node_id},
	).data.node;
	assert.deepEqual(suite, {status: 'COMPLETED', conclusion: 'STARTUP_FAILURE', checkRuns: {totalCount: 0}});
});
