/** Where GitHub files things, and why that is not what they are about. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {scenarios} from '../source/simulator/scenarios/scenarios.ts';
import {allStatuses, repository, simulated} from './helpers/simulated.ts';

const minute = 60_000;

test('push runs sit on their commit; workflow_run and dispatched runs on whatever the default branch had then', () => {
	const simulator = simulated('second-push');
	simulator.move(30 * minute);
	const first = simulator.simulation.sha('first');
	const second = simulator.simulation.sha('second');
	const {commits} = simulator.simulation.truth(simulator.now());
	const about = commits.find(({sha}) => sha === first)!;
	assert.deepEqual([about.fast?.event, about.fast?.sitsOn], ['push', first]);
	assert.deepEqual([about.deploy?.event, about.deploy?.sitsOn], ['workflow_run', second]);
	assert.deepEqual(
		[about.e2e?.event, about.e2e?.sitsOn, about.e2e?.conclusion],
		['workflow_dispatch', second, 'failure'],
	);
	// What a naive reader takes for the second commit's E2E contains the first one's red run.
	const onSecond = simulator.rest('GET', `/actions/runs?head_sha=${second}&event=workflow_dispatch`).json
		.workflow_runs as Array<{path: string; conclusion: string; display_title: string}>;
	assert.deepEqual(
		onSecond
			.filter(run => run.path.endsWith('e2e-staging.yml'))
			.map(run => run.conclusion)
			.toSorted(),
		['failure', 'success'],
	);
	assert.ok(onSecond.some(run => run.display_title === `E2E ${first}`));
	assert.equal(
		simulator
			.rest('GET', `/actions/runs?head_sha=${first}`)
			.json.workflow_runs.filter((run: {event: string}) => run.event !== 'push').length,
		0,
	);
});

test('the contract: status and deployment on the real commit lead to run and attempt', () => {
	const simulator = simulated('second-push');
	simulator.move(30 * minute);
	const first = simulator.simulation.sha('first');
	const {deploy, e2e} = simulator.simulation.truth(simulator.now()).commits.find(({sha}) => sha === first)!;
	const {object} = simulator.graphql(
		repository(
			`object(oid: "${first}") { ... on Commit { status { state context(name: "deployctl/e2e-staging") { state targetUrl description creator { __typename login } } } deployments(first: 5) { nodes { environment payload state latestStatus { state logUrl } } } } }`,
		),
	).data.repository;
	assert.deepEqual(object.status.context, {
		state: 'FAILURE',
		targetUrl: `https://github.com/acme/auto-author/actions/runs/${e2e!.runId}/attempts/1`,
		description: '120/120 tests, 2 failed',
		creator: {__typename: 'Bot', login: 'github-actions'},
	});
	assert.deepEqual(JSON.parse(object.deployments.nodes[0].payload), {
		deployctl: 1,
		sha: first,
		run_id: deploy!.runId,
		run_attempt: 1,
	});
	assert.deepEqual(
		[object.deployments.nodes[0].environment, object.deployments.nodes[0].state],
		['staging', 'INACTIVE'],
	);
	assert.match(object.deployments.nodes[0].latestStatus.state, /INACTIVE/);
});

const contexts = {
	deploy: 'deployctl/deploy-staging',
	e2e: 'deployctl/e2e-staging',
	smoke: 'deployctl/smoke-tests',
} as const;
for (const scenario of scenarios.filter(
	({name}) => name !== 'chained' && name !== 'classic-mistakes' && name !== 'empty',
)) {
	test(`what workflows publish agrees with the truth at any time: ${scenario.name}`, () => {
		const simulator = simulated({...scenario, faults: []});
		for (let step = 0; step < 12; step += 1) {
			simulator.move(step * 37_000);
			const truth = simulator.simulation.truth(simulator.now());
			for (const commit of truth.commits.slice(0, 6)) {
				const statuses = allStatuses(simulator, commit.sha);
				for (const tier of ['deploy', 'e2e', 'smoke'] as const) {
					const posted = statuses.find(
						status => status.context === contexts[tier] && status.creator.login === 'github-actions[bot]',
					);
					const run = commit[tier];
					if (posted && run?.status === 'completed') {
						assert.ok(posted.target_url.endsWith(`/actions/runs/${run.runId}/attempts/${run.attempt}`));
						assert.equal(posted.state === 'success', run.conclusion === 'success');
					}
					assert.ok(
						posted ||
							!run ||
							run.status !== 'completed' ||
							run.conclusion === 'cancelled' ||
							run.conclusion === 'startup_failure',
					);
				}
			}
			const live = simulator.graphql(
				repository(
					'deployments(environments: ["staging"], first: 10, orderBy: {field: CREATED_AT, direction: DESC}) { nodes { commitOid state payload } }',
				),
			).data.repository.deployments.nodes as Array<{commitOid: string; state: string; payload: string}>;
			const active = live.find(
				deployment => deployment.state === 'ACTIVE' && JSON.parse(deployment.payload).deployctl === 1,
			);
			assert.equal(active?.commitOid ?? null, truth.environments.staging ?? null);
		}
	});
}

test('progress is published while the tests run', () => {
	const simulator = simulated('red-e2e');
	const sha = simulator.simulation.sha('autosave');
	const descriptions = new Set<string>();
	for (let step = 0; step < 40; step += 1) {
		simulator.move(15_000);
		const status = simulator
			.rest('GET', `/commits/${sha}/status`)
			.json.statuses.find((one: {context: string}) => one.context === 'deployctl/e2e-staging');
		descriptions.add(`${status.state} ${status.description}`);
	}
	assert.ok([...descriptions].filter(text => /^pending \d+\/120 tests, \d+ failed$/.test(text)).length > 15);
	assert.ok(descriptions.has('failure 120/120 tests, 5 failed'));
});

test('the rollup leaves dispatched and workflow_run jobs out, even on the same commit', () => {
	const simulator = simulated('red-e2e');
	simulator.move(20 * minute);
	const sha = simulator.simulation.sha('autosave');
	const {object} = simulator.graphql(
		repository(
			`object(oid: "${sha}") { ... on Commit { statusCheckRollup { state contexts(first: 100) { checkRunCount nodes { __typename ... on CheckRun { name } } } } checkSuites(first: 50) { nodes { workflowRun { event } checkRuns { totalCount } } } } }`,
		),
	).data.repository;
	const names = object.statusCheckRollup.contexts.nodes
		.filter((one: {__typename: string}) => one.__typename === 'CheckRun')
		.map((one: {name: string}) => one.name) as string[];
	assert.ok(names.includes('lint') && !names.some(name => name.startsWith('e2e')));
	assert.ok(
		object.checkSuites.nodes.some(
			(suite: {workflowRun: {event: string} | null}) => suite.workflowRun?.event === 'workflow_dispatch',
		),
	);
	assert.ok(
		object.checkSuites.nodes.some(
			(suite: {workflowRun: unknown; checkRuns: {totalCount: number}}) =>
				suite.workflowRun === null && suite.checkRuns.totalCount === 0,
		),
		'apps that never report',
	);
});

test('re-run of failed jobs: same run and suite, attempt 2, new ids for what is repeated only', () => {
	const simulator = simulated('flaky');
	simulator.move(30 * minute);
	const {e2e, sha} = simulator.simulation.truth(simulator.now()).commits[0]!;
	const report = `report before ${sha} after ${sha}`;
	assert.deepEqual([e2e!.attempt, e2e!.conclusion], [2, 'success']);
	const run = simulator.rest('GET', `/actions/runs/${e2e!.runId}`).json;
	assert.equal(run.run_attempt, 2);
	assert.equal(run.triggering_actor.login, 'jonas-lindqvist');
	assert.equal(run.actor.login, 'github-actions[bot]');
	assert.ok(run.run_started_at > run.created_at);
	assert.equal(simulator.rest('GET', `/actions/runs/${run.id}/attempts/1`).json.conclusion, 'failure');
	const names = (path: string) =>
		Object.fromEntries(
			simulator
				.rest('GET', `/actions/runs/${run.id}${path}`)
				.json.jobs.map((job: {name: string; id: number; run_attempt: number}) => [
					job.name,
					[job.id, job.run_attempt],
				]),
		) as Record<string, [number, number]>;
	const before = names('/attempts/1/jobs');
	const after = names('/jobs');
	assert.deepEqual(Object.keys(after).toSorted(), ['e2e (1, 4)', 'e2e (2, 4)', 'e2e (3, 4)', 'e2e (4, 4)', report]);
	assert.deepEqual(after['e2e (1, 4)'], before['e2e (1, 4)']);
	assert.notDeepEqual(after['e2e (3, 4)'], before['e2e (3, 4)']);
	assert.deepEqual([after['e2e (3, 4)']?.[1], after[report]?.[1]], [2, 2]);
	assert.equal(simulator.rest('GET', `/actions/runs/${run.id}/jobs?filter=all`).json.total_count, 7);
	const suite = simulator.graphql(
		'query Q($id: ID!) { node(id: $id) { ... on CheckSuite { all: checkRuns(filterBy: {checkType: ALL}) { totalCount } latest: checkRuns(filterBy: {checkType: LATEST}) { totalCount } red: checkRuns(filterBy: {checkType: ALL, conclusions: [FAILURE]}) { totalCount } } } }',
		{id: run.check_suite_node_id},
	).data.node;
	assert.deepEqual(suite, {all: {totalCount: 7}, latest: {totalCount: 5}, red: {totalCount: 1}});
});

test('a newer pending deployment supersedes an older pending one, which ends without jobs or status', () => {
	const simulator = simulated('quiet');
	const toolbar = simulator.simulation.sha('toolbar');
	const {deploy} = simulator.simulation.truth(simulator.now()).commits.find(({sha}) => sha === toolbar)!;
	assert.equal(deploy?.conclusion, 'cancelled');
	assert.equal(simulator.rest('GET', `/actions/runs/${deploy.runId}/jobs`).json.total_count, 0);
	assert.equal(simulator.rest('GET', `/commits/${toolbar}/status`).json.total_count, 0);
});

test('a red parent leaves a skipped run behind on the default branch', () => {
	const simulator = simulated('fast-fails');
	simulator.move(10 * minute);
	const skipped = simulator.rest('GET', '/actions/runs?status=skipped').json.workflow_runs as Array<{
		event: string;
		path: string;
	}>;
	assert.deepEqual(
		skipped.map(run => [run.event, run.path]),
		[['workflow_run', '.github/workflows/deploy-staging.yml']],
	);
	assert.equal(simulator.simulation.truth(simulator.now()).commits[0]?.deploy, null);
});

test('a fast-forward of production starts a push run on the same commit, on another branch', () => {
	const simulator = simulated('quiet');
	const sha = simulator.simulation.sha('comments');
	assert.equal(simulator.rest('PATCH', '/git/refs/heads/main', {sha}).status, 200);
	simulator.move(5 * minute);
	const runs = simulator.rest('GET', `/actions/runs?head_sha=${sha}&branch=main`).json.workflow_runs as Array<{
		path: string;
		head_branch: string;
	}>;
	assert.ok(runs.some(run => run.path.endsWith('deploy-production.yml') && run.head_branch === 'main'));
	assert.equal(simulator.simulation.truth(simulator.now()).environments.production, sha);
	assert.equal(simulator.simulation.truth(simulator.now()).aheadBy, 0);
});

test('chained: nothing but time relates deployment and E2E to a commit, and they sit on another branch', () => {
	const simulator = simulated('chained');
	simulator.move(20 * minute);
	const truth = simulator.simulation.truth(simulator.now());
	assert.ok(
		truth.commits
			.slice(0, 4)
			.every(
				commit => commit.deploy!.sitsOn === truth.branches.production && commit.e2e!.event === 'workflow_run',
			),
	);
	assert.equal(simulator.rest('GET', '/deployments').json.length, 0);
	assert.equal(simulator.rest('GET', `/commits/${truth.commits[0]!.sha}/statuses`).json.length, 0);
	assert.ok(
		simulator
			.rest('GET', '/actions/runs')
			.json.workflow_runs.every(
				(run: {event: string; display_title: string}) =>
					run.event === 'push' || !/[0-9a-f]{40}/.test(run.display_title),
			),
	);
});

test('approval: the run waits, the automatic deployment is filed by GitHub, and a reviewer decides', () => {
	const simulator = simulated('approval');
	simulator.move(5 * minute);
	const {deploy} = simulator.simulation.truth(simulator.now()).commits[0]!;
	assert.equal(deploy?.status, 'waiting');
	const run = simulator.rest('GET', `/actions/runs/${deploy.runId}`).json;
	const read = () =>
		simulator.graphql(
			'query Q($id: ID!) { node(id: $id) { ... on WorkflowRun { checkSuite { status } pendingDeploymentRequests(first: 5) { nodes { currentUserCanApprove waitTimer environment { id name } reviewers(first: 5) { nodes { __typename ... on User { login } } } } } deploymentReviews(first: 5) { nodes { state comment } } } } }',
			{id: run.node_id},
		).data.node;
	const [request] = read().pendingDeploymentRequests.nodes;
	assert.deepEqual(
		[request.environment.name, request.currentUserCanApprove, request.reviewers.nodes.length],
		['staging', true, 2],
	);
	const approve = `mutation M($id: ID!, $environments: [ID!]!) { approveDeployments(input: {workflowRunId: $id, environmentIds: $environments, comment: "go"}) { deployments { environment state } } }`;
	const approved = simulator.graphql(approve, {id: run.node_id, environments: [request.environment.id]});
	assert.equal(approved.errors, undefined);
	assert.equal(approved.data.approveDeployments.deployments[0].environment, 'staging');
	assert.equal(
		simulator.graphql(approve, {id: run.node_id, environments: [request.environment.id]}).errors?.[0]?.type,
		'UNPROCESSABLE',
	);
	assert.deepEqual(read().deploymentReviews.nodes, [{state: 'APPROVED', comment: 'go'}]);
	simulator.move(4 * minute);
	assert.equal(simulator.simulation.truth(simulator.now()).commits[0]?.deploy?.conclusion, 'success');
});

test('a rejected deployment is a failed run', () => {
	const simulator = simulated('approval');
	simulator.move(5 * minute);
	const {runId} = simulator.simulation.truth(simulator.now()).commits[0]!.deploy!;
	const [pending] = simulator.rest('GET', `/actions/runs/${runId}/pending_deployments`).json;
	assert.equal(
		simulator.rest('POST', `/actions/runs/${runId}/pending_deployments`, {
			environment_ids: [pending.environment.id],
			state: 'rejected',
			comment: 'no',
		}).status,
		200,
	);
	assert.equal(simulator.rest('GET', `/actions/runs/${runId}`).json.conclusion, 'failure');
});

test('hotfix: main has what develop lacks', () => {
	const {simulation, now, graphql} = simulated('hotfix');
	assert.deepEqual([simulation.truth(now()).aheadBy, simulation.truth(now()).behindBy], [3, 1]);
	assert.deepEqual(
		graphql(
			repository(
				'ref(qualifiedName: "refs/heads/main") { compare(headRef: "develop") { status aheadBy behindBy commits(first: 2) { totalCount nodes { messageHeadline } } } }',
			),
		).data.repository.ref.compare.status,
		'DIVERGED',
	);
});
