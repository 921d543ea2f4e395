/** Octokit, with the plugins that most programs use, takes the simulator for github.com: it follows pages and redirects, and waits as limits say, by GitHub's rules alone. */
import assert from 'node:assert/strict';
import {test, type TestContext} from 'node:test';
import {graphql} from '@octokit/graphql';
import {paginateGraphQL} from '@octokit/plugin-paginate-graphql';
import {retry} from '@octokit/plugin-retry';
import {throttling} from '@octokit/plugin-throttling';
import {Octokit} from '@octokit/rest';
import {scenarioNamed} from '../source/simulator/scenarios/scenarios.ts';
import {startSimulator} from '../source/simulator/server.ts';

const Client = Octokit.plugin(retry, throttling, paginateGraphQL);
const here = {owner: 'acme', repo: 'auto-author'};
const silent = {debug() {}, info() {}, warn() {}, error() {}};

const begin = async (t: TestContext, name = 'quiet', auth = 'sim_classic') => {
	let now = Date.parse(scenarioNamed(name).startsAt);
	const simulator = await startSimulator({scenario: name, clock: {now: () => now}});
	t.after(async () => simulator.close());
	const sent: Array<{url: string; isAuthorised: boolean}> = [];
	const limits: string[] = [];
	const limited = (kind: string) => (after: number, _: object, __: object, tries: number) => {
		limits.push(`${kind} ${after} s`);
		return tries < 1;
	};
	const client = new Client({
		auth,
		baseUrl: simulator.restUrl,
		log: silent,
		retry: {retryAfterBaseValue: 1},
		throttle: {
			onRateLimit: limited('primary'),
			onSecondaryRateLimit: limited('secondary'),
			retryAfterBaseValue: 1,
			fallbackSecondaryRateRetryAfter: 1,
		},
		request: {
			fetch: async (url: string, init: RequestInit) => {
				sent.push({url, isAuthorised: new Headers(init.headers).has('authorization')});
				return fetch(url, init);
			},
		},
	});
	return {
		simulator,
		state: simulator.simulation.state,
		client,
		sent,
		limits,
		move(seconds: number) {
			now += seconds * 1000;
			simulator.simulation.advanceTo(now);
		},
	};
};

test('octokit: who it is, and every page of a list, at the address that it knows', async t => {
	const {client, simulator, state, sent} = await begin(t, 'many-jobs');
	assert.equal((await client.rest.users.getAuthenticated()).data.login, 'mira-okafor');
	const {runId} = simulator.simulation.truth(state.now).commits[0]!.fast!;
	const jobs = await client.paginate(client.rest.actions.listJobsForWorkflowRun, {
		...here,
		run_id: runId,
		per_page: 50,
	});
	assert.equal(new Set(jobs.map(({id}) => id)).size, 130);
	assert.ok(sent.length === 4 && sent.every(({url}) => url.startsWith(simulator.url)));
});

test('octokit: pages of GraphQL; what does not exist is an error beside the rest of the data', async t => {
	const {client, state, simulator} = await begin(t);
	const {repository} = await client.graphql.paginate<{repository: {refs: {nodes: Array<{name: string}>}}}>(
		'query pages($cursor: String) {repository(owner: "acme", name: "auto-author") {refs(refPrefix: "refs/heads/", first: 1, after: $cursor) {nodes {name} pageInfo {hasNextPage endCursor}}}}',
	);
	assert.deepEqual(
		repository.refs.nodes.map(({name}) => `refs/heads/${name}`),
		[...state.refs.keys()].filter(name => name.startsWith('refs/heads/')).toSorted(),
	);
	const plain = graphql.defaults({baseUrl: simulator.restUrl, headers: {authorization: 'bearer sim_classic'}});
	await assert.rejects(
		plain('{repository(owner: "acme", name: "auto-author") {name pullRequest(number: 99) {id}}}'),
		(error: Error & {data?: unknown; errors?: Array<{type: string}>}) => {
			assert.deepEqual(
				[error.data, error.errors?.map(({type}) => type)],
				[{repository: {name: 'auto-author', pullRequest: null}}, ['NOT_FOUND']],
			);
			return true;
		},
	);
});

test('octokit: logs and artifacts, by redirects to where they lie', async t => {
	const {client, simulator, state} = await begin(t);
	const run = [...state.runs.values()].findLast(one => one.workflow.definition.file === 'test-suite.yml')!;
	const [job] = run.attempts[0]!.jobs;
	const log = await client.rest.actions.downloadJobLogsForWorkflowRun({...here, job_id: job!.id});
	assert.deepEqual(
		[new URL(log.url).origin, /Current runner version/.test(String(log.data))],
		[simulator.storageUrl, true],
	);
	await fetch(`${simulator.storageUrl}/_artifacts/${run.id}/coverage?file=a.txt`, {method: 'POST', body: 'text'});
	const {
		data: {
			artifacts: [artifact],
		},
	} = await client.rest.actions.listWorkflowRunArtifacts({...here, run_id: run.id});
	const file = await client.rest.actions.downloadArtifact({
		...here,
		artifact_id: artifact!.id,
		archive_format: 'zip',
	});
	assert.deepEqual(
		[
			new URL(file.url).origin,
			Buffer.from(file.data as ArrayBuffer)
				.subarray(0, 2)
				.toString(),
		],
		[simulator.storageUrl, 'PK'],
	);
	const all = await client.rest.actions.downloadWorkflowRunLogs({...here, run_id: run.id});
	assert.equal(
		Buffer.from(all.data as ArrayBuffer)
			.subarray(0, 2)
			.toString(),
		'PK',
	);
});

test('octokit: dispatch with details, cancel, re-run, review; refused with status and words', async t => {
	const {client, simulator, state, move} = await begin(t, 'approval');
	const sha = state.refs.get('refs/heads/develop')!;
	const dispatched = await client.request('POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches', {
		...here,
		workflow_id: 'e2e-staging.yml',
		ref: 'develop',
		inputs: {sha},
		return_run_details: true,
	});
	const id = (dispatched.data as {workflow_run_id: number}).workflow_run_id;
	assert.equal((await client.rest.actions.cancelWorkflowRun({...here, run_id: id})).status, 202);
	move(60);
	assert.equal((await client.rest.actions.getWorkflowRun({...here, run_id: id})).data.conclusion, 'cancelled');
	await assert.rejects(client.rest.actions.cancelWorkflowRun({...here, run_id: id}), {status: 409});
	assert.equal((await client.rest.actions.reRunWorkflowFailedJobs({...here, run_id: id})).status, 201);
	move(8 * 60);
	const waiting = [...state.runs.values()].findLast(run => run.status === 'waiting')!;
	const {
		data: [asked],
	} = await client.rest.actions.getPendingDeploymentsForRun({...here, run_id: waiting.id});
	await client.rest.actions.reviewPendingDeploymentsForRun({
		...here,
		run_id: waiting.id,
		environment_ids: [asked!.environment.id!],
		state: 'approved',
		comment: 'fine',
	});
	const {data: approvals} = await client.rest.actions.getReviewsForRun({...here, run_id: waiting.id});
	assert.deepEqual(
		approvals.map(({state: word, user}) => [word, user.login]),
		[['approved', 'mira-okafor']],
	);
	const other = new Client({
		auth: 'sim_read-only',
		baseUrl: simulator.restUrl,
		log: silent,
		throttle: {enabled: false},
	});
	await assert.rejects(other.rest.actions.reRunWorkflow({...here, run_id: id}), {
		status: 403,
		message: /Resource not accessible/,
	});
});

test('octokit: statuses, deployments, refs and pull requests as workflows and robots make them', async t => {
	const {client, state} = await begin(t);
	const sha = state.refs.get('refs/heads/develop')!;
	await client.rest.repos.createCommitStatus({
		...here,
		sha,
		state: 'success',
		context: 'qa',
		description: 'looked at',
	});
	assert.equal(
		(await client.rest.repos.getCombinedStatusForRef({...here, ref: sha})).data.statuses.find(
			({context}) => context === 'qa',
		)?.state,
		'success',
	);
	const {data: made} = await client.rest.repos.createDeployment({
		...here,
		ref: sha,
		environment: 'staging',
		auto_merge: false,
		required_contexts: [],
	});
	assert.ok('id' in made);
	await client.rest.repos.createDeploymentStatus({...here, deployment_id: made.id, state: 'success'});
	await client.rest.git.createRef({...here, ref: 'refs/tags/v1', sha});
	await assert.rejects(client.rest.git.createRef({...here, ref: 'refs/tags/v1', sha}), {
		status: 422,
		message: /Reference already exists/,
	});
	const {data: pull} = await client.rest.pulls.create({...here, title: 'Release', head: 'develop', base: 'main'});
	assert.equal((await client.rest.pulls.merge({...here, pull_number: pull.number, sha})).data.merged, true);
});

test('octokit: an unchanged answer is a 304 with the same token only', async t => {
	const {client, simulator} = await begin(t);
	const {
		headers: {etag},
	} = await client.rest.repos.getBranch({...here, branch: 'main'});
	await assert.rejects(client.rest.repos.getBranch({...here, branch: 'main', headers: {'if-none-match': etag}}), {
		status: 304,
	});
	const other = new Client({
		auth: 'sim_fine-grained',
		baseUrl: simulator.restUrl,
		log: silent,
		throttle: {enabled: false},
	});
	assert.equal(
		(await other.rest.repos.getBranch({...here, branch: 'main', headers: {'if-none-match': etag}})).status,
		200,
	);
});

test('octokit: limits and a bad gateway are waited out as the answers say', async t => {
	const {client, simulator, limits} = await begin(t);
	const get = async () => (await client.rest.repos.get(here)).status;
	simulator.faults.next({kind: 'bad-gateway-html'});
	assert.equal(await get(), 200);
	simulator.faults.next({kind: 'secondary-limit', status: 403, retryAfterSeconds: 1});
	assert.equal(await get(), 200);
	simulator.faults.next({kind: 'secondary-limit', status: 429, retryAfterSeconds: 2});
	assert.equal(await get(), 200);
	// A 429 is the other plugin's: it tries again without asking.
	assert.deepEqual(limits, ['secondary 1 s']);
});
