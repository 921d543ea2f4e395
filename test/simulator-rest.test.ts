import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {Ajv} from 'ajv';
import addFormats from 'ajv-formats';
import {findRoute, routes} from '../source/simulator/rest/rest.ts';
import type {Scenario} from '../source/simulator/model/scenario.ts';
import {scenarioNamed, scenarios} from '../source/simulator/scenarios/scenarios.ts';
import {type Simulated, simulated} from './helpers/simulated.ts';

type Slice = {$id: string; responses: Record<string, object | null>; schemas: Record<string, object>};
const slice = JSON.parse(readFileSync(new URL('fixtures/github-rest-schema.json', import.meta.url), 'utf8')) as Slice;
const ajv = new Ajv({strict: false, allErrors: true});
addFormats.default(ajv);
// The addresses that GitHub gives to bots (`1+x[bot]@users.noreply.github.com`) are none by the letter of the standard.
ajv.addFormat('email', /^[^\s@]+@[^\s@]+$/);
// And the default of a deployment status's addresses is the empty string, which is not a URL.
ajv.addFormat('uri', text => text === '' || URL.canParse(text));
ajv.addSchema(slice);

/** Each answer is held to the official description of its operation and status. */
// oxlint-disable-next-line typescript/no-explicit-any
function valid(simulator: Simulated, method: string, path: string, body?: unknown): {status: number; json: any} {
	const answer = simulator.rest(method, path, body);
	const bare = path.split('?')[0]!;
	const found = findRoute(method, bare.startsWith('//') ? bare.slice(1) : `/repos/acme/x${bare}`);
	assert.ok(found, `${method} ${path}`);
	const key = `${method} ${found.route.path} ${answer.status}`;
	assert.ok(key in slice.responses, `${key} is not a documented answer`);
	const schema = slice.responses[key];
	if (schema) {
		const check = ajv.compile(schema);
		assert.ok(check(answer.json), `${key}: ${ajv.errorsText(check.errors?.slice(0, 5))}`);
	}
	return answer;
}

const withoutSecrets = (scenario: Scenario): Scenario => ({
	...scenario,
	tokens: [{token: 'sim_classic', kind: 'classic'}],
	faults: [],
});

/** Reads everything that there is about the newest commits, as any client would. */
function readAll(simulator: Simulated, seen: Set<string>): void {
	const get = (path: string) => {
		const bare = path.split('?')[0]!;
		const answer = valid(simulator, 'GET', path);
		if (answer.status === 200 || answer.status === 302) {
			seen.add(
				`GET ${findRoute('GET', bare.startsWith('//') ? bare.slice(1) : `/repos/acme/x${bare}`)!.route.path}`,
			);
		}
		return answer.json;
	};
	for (const path of [
		'',
		'/actions/workflows',
		'/actions/runs?per_page=100',
		'/deployments?per_page=100',
		'/environments',
		'/commits',
		'/compare/main...develop',
		'/branches/develop',
		'/git/ref/heads/main',
		'/git/matching-refs/heads/',
		'/rules/branches/main',
		'//user',
		'//',
		'/contents/.github/workflows',
		'/contents/.github/workflows/test-suite.yml?ref=develop',
		'/actions/secrets',
		'/actions/variables',
		'/actions/organization-secrets',
		'/actions/organization-variables',
		'/hooks',
		'/actions/permissions',
		'/rulesets?includes_parents=true',
	]) {
		get(path);
	}
	if (simulator.simulation.scenario.server.corePerHour !== null) {
		get('//rate_limit');
	}
	for (const {name} of simulator.simulation.scenario.environments) {
		for (const path of ['', '/secrets', '/variables', '/deployment-branch-policies']) {
			get(`/environments/${name}${path}`);
		}
	}
	for (const workflow of get('/actions/workflows').workflows.slice(0, 3)) {
		get(`/actions/workflows/${workflow.id}`);
		get(`/actions/workflows/${workflow.path.split('/').at(-1)}/runs`);
	}
	for (const run of get('/actions/runs?per_page=12').workflow_runs) {
		for (const path of [
			'',
			'/attempts/1',
			'/jobs',
			'/jobs?filter=all',
			'/attempts/1/jobs',
			'/pending_deployments',
			'/approvals',
			'/artifacts',
		]) {
			get(`/actions/runs/${run.id}${path}`);
		}
		if (run.status === 'completed') {
			get(`/actions/runs/${run.id}/logs`);
		}
	}
	for (const job of [...simulator.simulation.state.jobs.values()].slice(-6)) {
		for (const path of [`/actions/jobs/${job.id}`, `/check-runs/${job.id}`, `/check-runs/${job.id}/annotations`]) {
			get(path);
		}
		if (job.status === 'completed' && job.conclusion !== 'skipped') {
			get(`/actions/jobs/${job.id}/logs`);
		}
	}
	for (const {id} of get('/actions/artifacts?per_page=3').artifacts) {
		get(`/actions/artifacts/${id}`);
		get(`/actions/artifacts/${id}/zip`);
	}
	for (const {number} of get('/pulls?state=all&per_page=3')) {
		get(`/pulls/${number}`);
	}
	for (const {sha} of get('/commits?per_page=3')) {
		for (const path of ['', '/status', '/statuses', '/check-suites', '/check-runs']) {
			get(`/commits/${sha}${path}`);
		}
		get(`/git/commits/${sha}`);
		get(`/git/trees/${sha}`);
	}
	for (const {id} of get('/deployments?per_page=4')) {
		get(`/deployments/${id}`);
		get(`/deployments/${id}/statuses`);
	}
}

for (const scenario of scenarios) {
	test(`every answer is valid against the official description: ${scenario.name}`, () => {
		const simulator = simulated(withoutSecrets(scenario));
		const seen = new Set<string>();
		simulator.rest('POST', '/pulls', {title: 'Release', head: 'develop', base: 'main'});
		for (const minutes of [0, 3, 6]) {
			simulator.move(minutes * 60_000);
			readAll(simulator, seen);
		}
		if (scenario.name === 'release') {
			assert.deepEqual(
				routes
					.filter(route => route.method === 'GET')
					.map(route => `GET ${route.path}`)
					.filter(key => !seen.has(key)),
				[],
				'every route was tried',
			);
		}
	});
}

test('every write answers as documented', () => {
	const simulator = simulated('quiet');
	const sha = simulator.simulation.sha('comments');
	const done = (method: string, path: string, body: unknown, status: number) => {
		const answer = valid(simulator, method, path, body);
		assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.json)}`);
		return answer.json;
	};
	const deployment = done(
		'POST',
		'/deployments',
		{ref: sha, environment: 'production', auto_merge: false, required_contexts: [], payload: {deployctl: 1}},
		201,
	);
	done(
		'POST',
		`/deployments/${deployment.id}/statuses`,
		{state: 'success', log_url: 'https://x.example', description: 'live'},
		201,
	);
	assert.equal(simulator.rest('POST', `/deployments/${deployment.id}/statuses`, {state: 'waiting'}).status, 422);
	assert.equal(
		simulator.rest('POST', `/deployments/${deployment.id}/statuses`, {
			state: 'success',
			description: 'x'.repeat(141),
		}).status,
		422,
	);
	done(
		'POST',
		`/statuses/${sha}`,
		{state: 'success', context: 'x', description: 'y', target_url: 'https://x.example'},
		201,
	);
	assert.equal(simulator.rest('POST', `/statuses/${sha}`, {state: 'green'}).status, 422);
	const commit = done(
		'POST',
		'/git/commits',
		{message: 'lock', tree: '4b825dc642cb6eb9a060e54bf8d69288fbee4904', parents: [sha]},
		201,
	);
	done('POST', '/git/refs', {ref: 'refs/deployctl/locks/x', sha: commit.sha}, 201);
	done('PATCH', '/git/refs/deployctl/locks/x', {sha, force: true}, 200);
	done('DELETE', '/git/refs/deployctl/locks/x', undefined, 204);
	const details = done(
		'POST',
		'/actions/workflows/e2e-staging.yml/dispatches',
		{ref: 'develop', inputs: {sha}, return_run_details: true},
		200,
	);
	done('POST', '/actions/workflows/e2e-staging.yml/dispatches', {ref: 'develop', inputs: {sha}}, 204);
	assert.equal(simulator.rest('POST', '/actions/workflows/test-suite.yml/dispatches', {ref: 'develop'}).status, 422);
	assert.equal(simulator.rest('POST', '/actions/workflows/e2e-staging.yml/dispatches', {ref: 'nowhere'}).status, 422);
	const run = simulator.rest('GET', `/actions/runs/${details.workflow_run_id}`).json;
	assert.deepEqual(
		[run.event, run.display_title, run.actor.login, run.status],
		['workflow_dispatch', `E2E ${sha}`, 'mira-okafor', 'queued'],
	);
	assert.equal(simulator.rest('POST', `/actions/runs/${run.id}/rerun`).status, 403, 'it is still running');
	simulator.move(60_000);
	done('POST', `/actions/runs/${run.id}/cancel`, undefined, 202);
	assert.equal(simulator.rest('GET', `/actions/runs/${run.id}`).json.status, 'in_progress', 'accepted is not done');
	simulator.move(10_000);
	assert.equal(simulator.rest('GET', `/actions/runs/${run.id}`).json.conclusion, 'cancelled');
	done('POST', `/actions/runs/${run.id}/cancel`, undefined, 409);
	done('POST', `/actions/runs/${run.id}/rerun-failed-jobs`, undefined, 201);
	assert.equal(
		simulator.rest('GET', `/actions/runs/${run.id}`).json.run_attempt,
		1,
		'the new attempt shows a little later',
	);
	assert.equal(simulator.rest('POST', `/actions/runs/${run.id}/rerun`).status, 403, 'and cannot be asked for twice');
	simulator.move(1_200_000);
	assert.deepEqual(
		[
			simulator.rest('GET', `/actions/runs/${run.id}`).json.conclusion,
			simulator.rest('GET', `/actions/runs/${run.id}`).json.run_attempt,
		],
		['success', 2],
	);
	assert.equal(simulator.rest('POST', `/actions/runs/${run.id}/rerun-failed-jobs`).status, 403, 'nothing failed');
	done('POST', `/actions/runs/${run.id}/rerun`, undefined, 201);
	simulator.move(1_200_000);
	const shard = simulator
		.rest('GET', `/actions/runs/${run.id}/jobs`)
		.json.jobs.find((job: {name: string}) => job.name === 'e2e (2, 4)');
	done('POST', `/actions/jobs/${shard.id}/rerun`, undefined, 201);
	simulator.move(1_200_000);
	const attempts = simulator
		.rest('GET', `/actions/runs/${run.id}/jobs`)
		.json.jobs.map((job: {name: string; run_attempt: number}) => `${job.name} ${job.run_attempt}`)
		.toSorted();
	assert.deepEqual(attempts, [
		'e2e (1, 4) 3',
		'e2e (2, 4) 4',
		'e2e (3, 4) 3',
		'e2e (4, 4) 3',
		`report before ${sha} after ${sha} 4`,
	]);
	const pull = done('POST', '/pulls', {title: 'Release', head: 'develop', base: 'main'}, 201);
	done('POST', '/pulls', {title: 'Release', head: 'develop', base: 'main'}, 422);
	done('PUT', `/pulls/${pull.number}/merge`, {sha: simulator.simulation.sha('toolbar')}, 409);
	done('PATCH', `/pulls/${pull.number}`, {state: 'closed'}, 200);
	done('PUT', `/pulls/${pull.number}/merge`, {}, 405);
	done('POST', '/merges', {base: 'main', head: 'develop'}, 201);
	done('POST', '/merges', {base: 'main', head: 'develop'}, 204);
	done('POST', '/merges', {base: 'main', head: 'nowhere'}, 404);
	assert.equal(
		simulator.as('sim_read-only').rest('POST', '/merges', {base: 'main', head: 'develop'}).headers[
			'x-accepted-github-permissions'
		],
		'contents=write',
	);
});

test('a re-run of what is older than a month is refused; force ends what does not listen; inputs are looked at', () => {
	const simulator = simulated({
		...scenarioNamed('quiet'),
		workflows: scenarioNamed('quiet').workflows.map(workflow => ({
			...workflow,
			...(workflow.file === 'e2e-staging.yml' && {ignoresCancel: true}),
		})),
	});
	const sha = simulator.simulation.sha('comments');
	const dispatch = (inputs: object, file = 'e2e-staging.yml') =>
		simulator.rest('POST', `/actions/workflows/${file}/dispatches`, {
			ref: 'develop',
			inputs,
			return_run_details: true,
		});
	const {workflow_run_id: id} = dispatch({sha}).json;
	const run = () => simulator.rest('GET', `/actions/runs/${id}`).json;
	simulator.move(60_000);
	assert.equal(simulator.rest('POST', `/actions/runs/${id}/cancel`).status, 202);
	simulator.move(30_000);
	assert.equal(run().status, 'in_progress');
	assert.equal(simulator.rest('POST', `/actions/runs/${id}/force-cancel`).status, 202);
	simulator.move(2000);
	assert.equal(run().conclusion, 'cancelled');
	simulator.move(31 * 86_400_000);
	const late = simulator.rest('POST', `/actions/runs/${id}/rerun`);
	assert.deepEqual(
		[late.status, late.json.message],
		[403, 'Unable to retry this workflow run because it was created over a month ago'],
	);
	for (const [inputs, because, file] of [
		[{sha, colour: 'red'}, /Unexpected inputs provided: \["colour"\]/],
		[{sha, suite: 'some'}, /not in the list of allowed values/],
		[{}, /Required input 'sha' not provided/, 'smoke-tests.yml'],
		[Object.fromEntries(Array.from({length: 26}, (_, index) => [`input${index}`, 'x'])), /up to 25/],
	] as const) {
		const answer = dispatch(inputs, file);
		assert.equal(answer.status, 422);
		assert.match(answer.json.message, because);
	}
});

test('the traps of creating a deployment: it may merge instead, and asks for every check by default', () => {
	const simulator = simulated('red-e2e');
	const sha = simulator.simulation.sha('autosave');
	assert.equal(simulator.rest('POST', '/deployments', {ref: 'main', required_contexts: []}).status, 202);
	assert.equal(simulator.rest('POST', '/deployments', {ref: sha, auto_merge: false}).status, 409);
	assert.equal(simulator.rest('POST', '/deployments', {ref: 'nowhere', auto_merge: false}).status, 422);
});

test('a run cancelled between two jobs is no success, though nothing in it failed', () => {
	const simulator = simulated('quiet');
	const sha = simulator.simulation.sha('comments');
	const {workflow_run_id: id} = simulator.rest('POST', '/actions/workflows/e2e-staging.yml/dispatches', {
		ref: 'develop',
		inputs: {sha},
		return_run_details: true,
	}).json;
	const run = simulator.simulation.state.runs.get(id)!;
	while (!run.attempts[0]!.jobs.some(job => job.name === 'report')) {
		simulator.move(1000);
	}
	simulator.rest('POST', `/actions/runs/${id}/force-cancel`);
	simulator.move(1000);
	const status = simulator
		.rest('GET', `/commits/${sha}/status`)
		.json.statuses.find((one: {context: string}) => one.context === 'deployctl/e2e-staging');
	assert.deepEqual([status.state, status.description], ['error', 'cancelled']);
});

test('pages: Link leads on, per_page is cut at 100, filters count', () => {
	const simulator = simulated('many-jobs');
	const {runId} = simulator.simulation.truth(simulator.now()).commits[0]!.fast!;
	const first = simulator.rest('GET', `/actions/runs/${runId}/jobs?per_page=500`);
	assert.deepEqual([first.json.total_count, first.json.jobs.length], [130, 100]);
	const next = /<([^>]+)>; rel="next"/.exec(first.headers.link!)![1]!;
	const second = simulator.rest('GET', next.replace(/^.*auto-author/, ''));
	assert.equal(second.json.jobs.length, 30);
	assert.match(second.headers.link!, /rel="prev"/);
	assert.doesNotMatch(second.headers.link!, /rel="next"/);
	assert.equal(simulator.rest('GET', '/actions/runs?per_page=1').headers.link?.includes('rel="last"'), true);
	const runs = simulator.rest('GET', '/actions/runs?per_page=100&status=in_progress').json.workflow_runs as Array<{
		status: string;
	}>;
	assert.ok(runs.length > 0 && runs.every(run => run.status === 'in_progress'));
	assert.equal(simulator.rest('GET', '/actions/runs?created=>=2026-11-23T08:58:00Z').json.total_count, 38);
});

test('an unchanged answer is 304 and free; a changed one is not', () => {
	const simulator = simulated();
	const first = simulator.rest('GET', '/actions/runs');
	const used = simulator.budgetOf('sim_classic').look('core', simulator.now())!.used;
	const again = simulator.rest('GET', '/actions/runs', undefined, {'if-none-match': first.headers.etag!});
	assert.deepEqual([again.status, again.body, simulator.counters.notModified], [304, '', 1]);
	assert.equal(simulator.budgetOf('sim_classic').look('core', simulator.now())!.used, used);
	simulator.move(60_000);
	assert.equal(simulator.rest('GET', '/actions/runs', undefined, {'if-none-match': first.headers.etag!}).status, 200);
});

test('logs: 404 while the job runs, then an address for a minute', () => {
	const simulator = simulated();
	const running = [...simulator.simulation.state.jobs.values()].find(job => job.status === 'in_progress')!;
	assert.equal(simulator.rest('GET', `/actions/jobs/${running.id}/logs`).status, 404);
	simulator.move(240_000);
	const moved = simulator.rest('GET', `/actions/jobs/${running.id}/logs`);
	assert.equal(moved.status, 302);
	const fetchLog = () =>
		simulator.answer({method: 'GET', url: moved.headers.location!, headers: {}, body: ''}, 'http://127.0.0.1:1');
	assert.match(fetchLog().body, /\u001B\[32m✓/);
	simulator.move(61_000);
	assert.equal(fetchLog().status, 403);
});

test('an Enterprise Server knows no return_run_details', () => {
	const simulator = simulated('ghes');
	assert.equal(
		simulator.rest('POST', '/actions/workflows/e2e-staging.yml/dispatches', {
			ref: 'develop',
			return_run_details: true,
		}).status,
		204,
	);
	assert.ok(simulator.rest('GET', '').json.url.startsWith('http://127.0.0.1:1/api/v3/repos/'));
});

test('the default scenario is the first', () => {
	assert.equal(scenarios[0], scenarioNamed('release'));
	assert.throws(() => scenarioNamed('nonsense'), /there are release, quiet/);
});
